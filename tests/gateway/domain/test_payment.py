"""What a claim payment posts: every cent once, to the right account, and denials left open."""

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.transactions.t835 import ClaimPayment
from gateway.domain.accounts import Account
from gateway.domain.facts import Kind
from gateway.domain.payment import (
    Posting,
    PostingEntry,
    post_charge,
    post_payment,
    post_provider_adjustment,
    post_suspense,
    suspend_reason,
)
from tests.edi.test_balances import balanced_payments
from tests.gateway.domain.samples import adjust, make_paid_line, make_payment

CONTRACT = frozenset({"45", "253"})


def post(payment: ClaimPayment) -> Posting:
    controls = [f"L{number}" for number, _ in enumerate(payment.lines, start=1)]
    return post_payment(payment, contractual_carcs=CONTRACT, line_controls=controls)


def balances(entries: Iterable[PostingEntry]) -> dict[str, int]:
    """Account to balance, accounts that come out even left away."""
    totals: Counter[str] = Counter()
    for entry in entries:
        totals[entry.account] += entry.amount_cents
    return {account: cents for account, cents in totals.items() if cents}


def test_cash_write_off_and_the_patients_share_leave_the_receivable() -> None:
    posting = post(make_payment(make_paid_line(12000, 7000, adjust("CO 45", 3000), adjust("PR 2", 2000))))
    assert posting.outcome is Kind.PAID
    assert posting.entries == (
        PostingEntry(Account.CASH_CLEARING, 7000, "L1"),
        PostingEntry(Account.CONTRACTUAL_ADJUSTMENT, 3000, "L1", "CO 45"),
        PostingEntry(Account.PATIENT_RECEIVABLE, 2000, "L1", "PR 2"),
        PostingEntry(Account.INSURANCE_RECEIVABLE, -12000, "L1"),
    )
    assert (posting.contractual_cents, posting.patient_cents, posting.denied_cents) == (3000, 2000, 0)
    assert (posting.reductions, posting.contradictions) == ((), ())


def test_sequestration_is_withheld_and_not_written_off() -> None:
    posting = post(make_payment(make_paid_line(10000, 7840, adjust("CO 45", 2000), adjust("CO 253", 160))))
    assert balances(posting.entries) == {
        "cash_clearing": 7840,
        "contractual_adjustment": 2000,
        "payer_withheld": 160,
        "insurance_receivable": -10000,
    }
    assert posting.contractual_cents == 2160
    assert posting.outcome is Kind.PAID


def test_sequestration_is_withheld_though_the_profile_does_not_list_it() -> None:
    payment = make_payment(make_paid_line(10000, 9840, adjust("CO 253", 160)))
    posting = post_payment(payment, contractual_carcs=frozenset({"45"}), line_controls=["L1"])
    assert balances(posting.entries)["payer_withheld"] == 160
    assert posting.denied_cents == 0


def test_a_denied_line_stays_open_and_makes_the_claim_partly_paid() -> None:
    posting = post(make_payment(make_paid_line(10000, 10000), make_paid_line(5000, 0, adjust("CO 97", 5000))))
    assert posting.outcome is Kind.PARTLY_PAID
    assert (posting.denied_cents, posting.denial_codes) == (5000, ("CO 97",))
    assert balances(posting.entries) == {"cash_clearing": 10000, "insurance_receivable": -10000}


def test_a_claim_denied_in_full_moves_nothing() -> None:
    posting = post(make_payment(make_paid_line(10000, 0, adjust("CO 29", 10000)), status="4"))
    assert posting.outcome is Kind.DENIED
    assert posting.entries == ()
    assert (posting.denied_cents, posting.denial_codes) == (10000, ("CO 29",))


def test_nothing_paid_with_a_denial_reason_is_denied_though_the_status_says_processed() -> None:
    posting = post(make_payment(make_paid_line(10000, 0, adjust("CO 45", 4000), adjust("CO 50", 6000)), status="1"))
    assert posting.outcome is Kind.DENIED
    assert posting.denied_cents == 6000
    assert balances(posting.entries) == {"contractual_adjustment": 4000, "insurance_receivable": -4000}


@pytest.mark.parametrize("share", ["PR 1", "PR 2", "PR 3"])
def test_nothing_paid_because_of_the_patients_share_is_paid_and_not_denied(share: str) -> None:
    posting = post(make_payment(make_paid_line(10000, 0, adjust("CO 45", 2000), adjust(share, 8000))))
    assert posting.outcome is Kind.PAID
    assert posting.denial_codes == ()
    assert balances(posting.entries)["patient_receivable"] == 8000


def test_what_is_not_covered_goes_to_the_patient_and_is_still_a_denial() -> None:
    posting = post(make_payment(make_paid_line(10000, 0, adjust("PR 204", 10000))))
    assert posting.outcome is Kind.DENIED
    assert posting.denial_codes == ("PR 204",)
    assert (posting.denied_cents, posting.patient_cents) == (0, 10000)


def test_a_part_not_covered_of_a_paid_line_is_the_patients_and_no_denial() -> None:
    posting = post(make_payment(make_paid_line(10000, 9000, adjust("PR 96", 1000))))
    assert posting.outcome is Kind.PAID
    assert posting.patient_cents == 1000


def test_the_prior_payers_part_goes_to_other_adjustments() -> None:
    posting = post(make_payment(make_paid_line(10000, 2000, adjust("OA 23", 8000)), status="2"))
    assert posting.outcome is Kind.PAID
    assert posting.other_cents == 8000
    assert balances(posting.entries) == {"cash_clearing": 2000, "other_adjustment": 8000, "insurance_receivable": -10000}


def test_what_the_payer_takes_on_its_own_initiative_stays_open_with_a_sentence() -> None:
    posting = post(make_payment(make_paid_line(10000, 9000, adjust("PI 94", 1000))))
    assert balances(posting.entries) == {"cash_clearing": 9000, "insurance_receivable": -9000}
    assert posting.patient_cents == 0
    assert posting.denied_cents == 0
    [sentence] = posting.reductions
    assert "10.00" in sentence
    assert "PI 94" in sentence


def test_a_group_without_a_rule_stays_open_with_a_sentence() -> None:
    posting = post(make_payment(make_paid_line(10000, 9000, adjust("CR 45", 1000))))
    assert balances(posting.entries) == {"cash_clearing": 9000, "insurance_receivable": -9000}
    assert "CR 45" in posting.contradictions[0]


def test_a_payment_without_lines_is_posted_at_claim_level() -> None:
    payment = make_payment(charge_cents=10000, paid_cents=8000, adjustments=(adjust("CO 45", 2000),))
    assert post(payment).entries == (
        PostingEntry(Account.CASH_CLEARING, 8000),
        PostingEntry(Account.CONTRACTUAL_ADJUSTMENT, 2000, "", "CO 45"),
        PostingEntry(Account.INSURANCE_RECEIVABLE, -10000),
    )


def test_an_adjustment_at_claim_level_beside_lines_is_taken_from_the_cash_of_the_claim() -> None:
    payment = make_payment(make_paid_line(10000, 10000), paid_cents=8500, adjustments=(adjust("PR 1", 1500),))
    posting = post(payment)
    assert balances(posting.entries) == {"cash_clearing": 8500, "patient_receivable": 1500, "insurance_receivable": -10000}


def test_lines_that_match_no_line_of_the_claim_are_posted_at_claim_level() -> None:
    payment = make_payment(make_paid_line(10000, 10000))
    posting = post_payment(payment, contractual_carcs=CONTRACT, line_controls=[""])
    assert {entry.line_control_number for entry in posting.entries} == {""}


def test_a_denial_that_the_amounts_contradict_is_said_to_a_person() -> None:
    paid = post(make_payment(make_paid_line(10000, 10000), status="4"))
    assert paid.outcome is Kind.PAID
    assert "status 4" in paid.contradictions[0]
    written_off = post(make_payment(make_paid_line(10000, 0, adjust("CO 45", 10000)), status="4"))
    assert written_off.outcome is Kind.DENIED
    assert "without a reason" in written_off.contradictions[0]


def test_negative_adjustments_are_posted_as_they_come() -> None:
    posting = post(make_payment(make_paid_line(10000, 10500, adjust("CO 45", -500))))
    assert balances(posting.entries) == {"cash_clearing": 10500, "contractual_adjustment": -500, "insurance_receivable": -10000}


def test_each_denial_code_is_told_once_in_the_order_of_the_payment() -> None:
    posting = post(
        make_payment(
            make_paid_line(1000, 0, adjust("CO 97", 1000)),
            make_paid_line(1000, 0, adjust("CO 16", 1000)),
            make_paid_line(1000, 0, adjust("CO 97", 1000)),
        )
    )
    assert posting.denial_codes == ("CO 97", "CO 16")
    assert posting.denied_cents == 3000


def test_posting_what_does_not_balance_is_a_bug() -> None:
    with pytest.raises(AssertionError):
        post(make_payment(make_paid_line(10000, 9999)))


@given(balanced_payments())
def test_entries_sum_to_zero_and_cash_is_what_was_paid(payment: ClaimPayment) -> None:
    posting = post(payment)
    totals = balances(posting.entries)
    assert sum(totals.values()) == 0
    assert totals.get("cash_clearing", 0) == payment.paid_cents
    assert all(entry.amount_cents for entry in posting.entries)


@given(balanced_payments())
def test_every_cent_of_the_charge_is_paid_adjusted_the_patients_or_left_open(payment: ClaimPayment) -> None:
    posting = post(payment)
    adjustments = [*payment.adjustments, *(a for line in payment.lines for a in line.adjustments)]
    payer_initiated = sum(a.amount_cents for a in adjustments if a.group == "PI")
    settled = payment.paid_cents + posting.contractual_cents + posting.patient_cents + posting.other_cents
    assert settled + posting.denied_cents + payer_initiated == payment.charge_cents
    assert balances(posting.entries).get("insurance_receivable", 0) == -settled


@given(balanced_payments())
def test_the_reversal_of_a_payment_posts_its_exact_opposite(payment: ClaimPayment) -> None:
    opposite = make_payment(
        *(
            make_paid_line(
                -line.charge_cents,
                -line.paid_cents,
                *(adjust(f"{a.group} {a.reason}", -a.amount_cents) for a in line.adjustments),
            )
            for line in payment.lines
        ),
        charge_cents=-payment.charge_cents,
        paid_cents=-payment.paid_cents,
        adjustments=tuple(adjust(f"{a.group} {a.reason}", -a.amount_cents) for a in payment.adjustments),
    )
    assert balances(post(opposite).entries) == {account: -cents for account, cents in balances(post(payment).entries).items()}


def hold(payment: ClaimPayment, *, claim_id: int | None = 1, why_unmatched: str = "pcn") -> str:
    return suspend_reason(payment, claim_id=claim_id, why_unmatched=why_unmatched)


SOUND = make_paid_line(10000, 10000)


@pytest.mark.parametrize("status", ["1", "2", "3", "4", "19", "20", "21"])
def test_a_matched_balanced_payment_of_a_known_status_is_not_held(status: str) -> None:
    assert hold(make_payment(SOUND, status=status)) == ""


@pytest.mark.parametrize(
    ("status", "words"),
    [("22", "reversal"), ("23", "not its claim"), ("25", "predetermination"), ("5", "not one"), ("", "(none)")],
)
def test_a_status_that_is_no_payment_of_a_claim_is_held(status: str, words: str) -> None:
    assert words in hold(make_payment(SOUND, status=status))


def test_an_unbalanced_payment_is_held_with_the_arithmetic() -> None:
    reason = hold(make_payment(make_paid_line(10000, 9000, adjust("CO 45", 500))))
    assert "billed 100.00 − adjusted 5.00 = 95.00, but paid 90.00: 5.00 unexplained" in reason


def test_an_unmatched_payment_is_held_with_the_reason() -> None:
    reason = hold(make_payment(SOUND), claim_id=None, why_unmatched="2 claims share its pcn")
    assert reason == "It matches no claim: 2 claims share its pcn."


def test_a_charge_is_owed_by_the_insurance() -> None:
    assert balances(post_charge(12000)) == {"insurance_receivable": 12000, "charges": -12000}


def test_suspended_cash_is_counted_and_owed() -> None:
    assert balances(post_suspense(7000)) == {"cash_clearing": 7000, "suspense": -7000}
    assert balances(post_suspense(-7000)) == {"cash_clearing": -7000, "suspense": 7000}
    assert post_suspense(0) == ()


def test_a_provider_adjustment_that_takes_money_lessens_the_cash() -> None:
    assert balances(post_provider_adjustment(500)) == {"provider_open_items": 500, "cash_clearing": -500}
    assert balances(post_provider_adjustment(-500)) == {"provider_open_items": -500, "cash_clearing": 500}


@given(st.lists(balanced_payments(), max_size=4), st.lists(st.integers(-10_000, 10_000), max_size=3))
def test_the_cash_of_a_remittance_is_its_claims_less_its_provider_adjustments(
    payments: list[ClaimPayment], provider_adjustments: list[int]
) -> None:
    """Whatever is posted and whatever is suspended: the cash entries add up to BPR02."""
    entries: list[PostingEntry] = []
    for number, payment in enumerate(payments):
        entries.extend(post(payment).entries if number % 2 else post_suspense(payment.paid_cents))
    for amount_cents in provider_adjustments:
        entries.extend(post_provider_adjustment(amount_cents))
    expected = sum(payment.paid_cents for payment in payments) - sum(provider_adjustments)
    assert balances(entries).get("cash_clearing", 0) == expected
