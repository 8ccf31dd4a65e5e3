"""The sandbox payer's decisions: repeatable, balanced to the cent, and of every kind a biller meets."""

from collections import Counter
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from edi.claims import Adjustment, Claim, Coverage, LineAdjudication, Party, ServiceLine
from edi.transactions.t835 import ClaimPayment
from gateway.domain.facts import Kind
from gateway.domain.payment import post_payment
from gateway.sandbox.adjudication import Decisions, adjudicate, is_denied, reverse, sum_adjustment_cents, sum_patient_cents
from gateway.sandbox.invented import invent
from payers.payer import TimelyFiling
from payers.profile import Payer

RECEIVED = date(2026, 3, 2)
PAYER = Payer(
    id="blueharbor",
    name="Blue Harbor",
    partner="meridian",
    payer_ids=("60001",),
    claim_filing_indicator="MB",
    timely_filing=TimelyFiling(original_days=365),
)
NO_SHARES = Decisions(
    claim_denial_per_mille=0, line_denial_per_mille=0, deductible_per_mille=0, coinsurance_per_mille=0, copay_per_mille=0
)


def _claim(*lines: ServiceLine, charge_cents: int | None = None, responsibility: str = "P") -> Claim:
    return Claim(
        patient_control_number="TEST1",
        charge_cents=sum(line.charge_cents for line in lines) if charge_cents is None else charge_cents,
        billing_provider=Party(role="85", last_name="SAMPLE PRACTICE", id_qualifier="XX", id="1999999984"),
        subscriber=Party(role="IL", is_person=True, last_name="NONESUCH", first_name="TESSA", id_qualifier="MI", id="ZZ1"),
        payer=Party(role="PR", last_name="BLUE HARBOR", id_qualifier="PI", id="60001"),
        coverage=Coverage(responsibility=responsibility, claim_filing_indicator="CI"),
        lines=lines,
    )


def _line(charge_cents: int, control: str = "L1", **more: object) -> ServiceLine:
    line = ServiceLine(charge_cents=charge_cents, procedure="99213", control_number=control, service_from=date(2026, 2, 1))
    return msgspec.structs.replace(line, **more)


def _adjudicate(claim: Claim, decisions: Decisions | None = None, seed: int = 1) -> ClaimPayment:
    return adjudicate(claim, seed=seed, payer_claim_number="PCN1", received=RECEIVED, decisions=decisions)


def _assert_balanced(payment: ClaimPayment) -> None:
    for line in payment.lines:
        assert line.charge_cents - sum(a.amount_cents for a in line.adjustments) == line.paid_cents
    assert payment.charge_cents - sum_adjustment_cents(payment) == payment.paid_cents
    if payment.lines:
        assert sum(line.paid_cents for line in payment.lines) == payment.paid_cents
        assert sum(line.charge_cents for line in payment.lines) == payment.charge_cents


def _invented_payments(count: int = 1500) -> list[ClaimPayment]:
    sound = (made.claim for made in invent(count, seed=5, payers=(PAYER,), today=RECEIVED) if not made.defect)
    return [_adjudicate(claim) for claim in sound]


def test_every_line_and_claim_balances_and_so_does_its_reversal() -> None:
    for payment in _invented_payments():
        _assert_balanced(payment)
        _assert_balanced(reverse(payment))
        assert payment.paid_cents >= 0
        assert all(a.amount_cents > 0 for line in payment.lines for a in line.adjustments)


def test_a_reversal_takes_back_exactly_what_was_paid() -> None:
    payment = _adjudicate(_claim(_line(10000)), NO_SHARES)
    taken_back = reverse(payment)
    assert taken_back.status == "22"
    assert taken_back.paid_cents == -payment.paid_cents
    assert taken_back.payer_claim_number == payment.payer_claim_number
    assert [a.amount_cents for a in taken_back.lines[0].adjustments] == [-a.amount_cents for a in payment.lines[0].adjustments]


def test_every_usual_decision_occurs() -> None:
    payments = _invented_payments()
    reasons = Counter(f"{a.group} {a.reason}" for payment in payments for line in payment.lines for a in line.adjustments)
    assert {"CO 45", "CO 253", "PR 1", "PR 2", "PR 3", "CO 97", "CO 16", "CO 29", "CO 50", "CO 197", "PR 96", "PR 204"} <= set(
        reasons
    )
    statuses = Counter(payment.status for payment in payments)
    assert {"1", "4", "19"} <= set(statuses)
    assert any(
        p.status == "1" and p.paid_cents == 0 and any(a.reason == "1" for line in p.lines for a in line.adjustments)
        for p in payments
    )


def test_the_same_claim_and_seed_are_decided_the_same_way() -> None:
    claim = _claim(_line(10000), _line(2500, "L2"))
    assert _adjudicate(claim) == _adjudicate(claim)
    assert len({msgspec.json.encode(_adjudicate(claim, seed=seed)) for seed in range(20)}) > 10


def test_line_control_numbers_and_the_patients_share_are_reported() -> None:
    payment = _adjudicate(_claim(_line(10000), _line(2500, "L2")), msgspec.structs.replace(NO_SHARES, copay_per_mille=1000))
    assert [line.line_control_number for line in payment.lines] == ["L1", "L2"]
    assert payment.patient_responsibility_cents == sum_patient_cents(payment) > 0


def test_a_denied_claim_pays_nothing_under_status_4() -> None:
    payment = _adjudicate(_claim(_line(10000)), msgspec.structs.replace(NO_SHARES, claim_denial_per_mille=1000))
    assert (payment.status, payment.paid_cents) == ("4", 0)
    assert sum_adjustment_cents(payment) == 10000


def test_a_claim_whose_lines_do_not_add_up_is_denied_whole() -> None:
    payment = _adjudicate(_claim(_line(10000), charge_cents=11000))
    assert (payment.status, payment.lines) == ("4", ())
    assert payment.adjustments == (Adjustment(group="CO", reason="16", amount_cents=11000),)


def test_a_second_payer_pays_no_more_than_the_first_left() -> None:
    earlier = LineAdjudication(
        payer_id="99", paid_cents=6000, adjustments=(Adjustment(group="CO", reason="45", amount_cents=3000),)
    )
    payment = _adjudicate(_claim(_line(10000, adjudications=(earlier,)), responsibility="S"), NO_SHARES)
    assert payment.status == "2"
    assert 0 < payment.paid_cents <= 1000
    assert Adjustment(group="OA", reason="23", amount_cents=9000) in payment.lines[0].adjustments
    _assert_balanced(payment)


@pytest.mark.parametrize("charge_cents", [0, 1, 99, -500])
def test_odd_charges_balance_too(charge_cents: int) -> None:
    payment = _adjudicate(_claim(_line(charge_cents, quantity=Decimal(2))))
    _assert_balanced(payment)
    assert payment.paid_cents >= 0


def test_the_gateways_posting_calls_denied_what_the_sandbox_calls_denied() -> None:
    """The two books agree, for a payer whose contract bundles services (CARC 97) and for one whose does not."""
    outcomes: Counter[tuple[str, Kind]] = Counter()
    for contractual in (("45", "253"), ("45", "97", "253")):
        for payment in _invented_payments():
            controls = [line.line_control_number for line in payment.lines]
            posting = post_payment(payment, contractual_carcs=frozenset(contractual), line_controls=controls)
            assert (posting.outcome == Kind.DENIED) == is_denied(payment, contractual)
            assert posting.patient_cents == sum_patient_cents(payment)
            outcomes[payment.status, posting.outcome] += 1
    assert {Kind.PAID, Kind.PARTLY_PAID, Kind.DENIED} == {outcome for _, outcome in outcomes}


def test_a_claim_with_every_line_denied_has_status_4() -> None:
    payment = _adjudicate(_claim(_line(10000), _line(2500, "L2")), msgspec.structs.replace(NO_SHARES, line_denial_per_mille=1000))
    assert payment.status == "4"
    assert is_denied(payment)


def test_all_to_the_deductible_is_no_denial() -> None:
    payment = _adjudicate(_claim(_line(1000)), msgspec.structs.replace(NO_SHARES, deductible_per_mille=1000))
    assert (payment.paid_cents, payment.status, is_denied(payment)) == (0, "1", False)


def test_a_kind_of_plan_that_a_remittance_cannot_name_is_mutually_defined() -> None:
    """CI, as the claim says it, is no code of CLP06."""
    medicare = Coverage(responsibility="P", claim_filing_indicator="MB")
    assert _adjudicate(_claim(_line(10000))).claim_filing_indicator == "ZZ"
    assert _adjudicate(msgspec.structs.replace(_claim(_line(10000)), coverage=medicare)).claim_filing_indicator == "MB"
