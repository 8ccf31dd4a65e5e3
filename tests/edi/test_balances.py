"""A remittance adds up to the cent or the sum that does not is shown."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.claims import Adjustment
from edi.remittances.balances import check_claim_payment, check_remittance
from edi.transactions.t835 import ClaimPayment, ServicePayment
from edi.values import format_money
from tests.gateway.domain.samples import adjust, make_paid_line, make_payment

cents = st.integers(min_value=-1_000_000, max_value=1_000_000)
adjustments = st.lists(
    st.builds(
        Adjustment,
        group=st.sampled_from(["CO", "PR", "OA", "PI"]),
        reason=st.sampled_from(["1", "2", "23", "45", "97", "253"]),
        amount_cents=cents,
    ),
    max_size=4,
).map(tuple)


@st.composite
def balanced_payments(draw: st.DrawFn) -> ClaimPayment:
    """Any payment whose sums come out, negative amounts and adjustments at claim level among them."""
    lines = []
    for taken in draw(st.lists(adjustments, max_size=5)):
        charge_cents = draw(cents)
        paid_cents = charge_cents - sum(adjustment.amount_cents for adjustment in taken)
        lines.append(make_paid_line(charge_cents, paid_cents, *taken))
    at_claim = draw(adjustments)
    charge_cents = sum(line.charge_cents for line in lines) if lines else draw(cents)
    taken_cents = sum(a.amount_cents for a in at_claim) + sum(a.amount_cents for line in lines for a in line.adjustments)
    return make_payment(*lines, charge_cents=charge_cents, paid_cents=charge_cents - taken_cents, adjustments=at_claim)


def test_a_paid_line_with_its_write_off_and_share_balances() -> None:
    line = make_paid_line(12000, 7000, adjust("CO 45", 3000), adjust("PR 2", 2000))
    assert check_claim_payment(make_payment(line)) == []


def test_the_arithmetic_of_a_line_that_does_not_balance_is_shown() -> None:
    payment = make_payment(make_paid_line(12000, 9500, adjust("CO 45", 3000)))
    line, claim = check_claim_payment(payment)
    assert (line.where, line.difference_cents, line.position) == ("line", 500, 12)
    assert line.arithmetic == "line 1: billed 120.00 − adjusted 30.00 = 90.00, but paid 95.00: 5.00 unexplained"
    assert (claim.where, claim.difference_cents) == ("claim", 500)


def test_a_claim_without_lines_is_balanced_at_claim_level() -> None:
    sound = make_payment(charge_cents=10000, paid_cents=8000, adjustments=(adjust("CO 45", 2000),))
    assert check_claim_payment(sound) == []
    [found] = check_claim_payment(msgspec.structs.replace(sound, paid_cents=7999))
    assert found.difference_cents == -1
    assert found.arithmetic == "billed 100.00 − adjusted 20.00 = 80.00, but paid 79.99: 0.01 unexplained"


def test_lines_must_add_up_to_the_charge_of_the_claim() -> None:
    payment = make_payment(make_paid_line(10000, 10000), charge_cents=12000, adjustments=(adjust("CO 45", 2000),))
    [charges, payments] = check_claim_payment(payment)
    assert charges.arithmetic == "lines billed 100.00 together, but the claim says billed 120.00: 20.00 unexplained"
    assert payments.arithmetic == (
        "lines paid 100.00 together − adjusted at claim level 20.00 = 80.00, but the claim says paid 100.00: 20.00 unexplained"
    )


def test_lines_must_add_up_to_the_payment_of_the_claim() -> None:
    payment = make_payment(make_paid_line(10000, 10000), paid_cents=9000)
    claim, lines = check_claim_payment(payment)
    assert claim.arithmetic == "billed 100.00 − adjusted 0.00 = 100.00, but paid 90.00: 10.00 unexplained"
    assert lines.arithmetic == "lines paid 100.00 together, but the claim says paid 90.00: 10.00 unexplained"


def test_two_errors_that_cancel_out_in_the_claim_are_still_found_in_the_lines() -> None:
    payment = make_payment(make_paid_line(10000, 10001), make_paid_line(10000, 9999))
    assert [(found.where, found.difference_cents) for found in check_claim_payment(payment)] == [("line", 1), ("line", -1)]


def test_a_reversal_is_taken_with_its_negative_amounts() -> None:
    line = make_paid_line(-12000, -7000, adjust("CO 45", -3000), adjust("PR 2", -2000))
    assert check_claim_payment(make_payment(line, status="22")) == []


@given(balanced_payments())
def test_a_balanced_payment_has_no_finding(payment: ClaimPayment) -> None:
    assert check_claim_payment(payment) == []


@given(balanced_payments(), st.data())
def test_one_cent_moved_anywhere_is_found(payment: ClaimPayment, data: st.DataObject) -> None:
    moved = data.draw(st.sampled_from(_move_one_cent(payment)))
    assert check_claim_payment(moved)


def _move_one_cent(payment: ClaimPayment) -> list[ClaimPayment]:
    """The payment with each of its amounts in turn one cent greater."""
    replace = msgspec.structs.replace
    moved = [replace(payment, charge_cents=payment.charge_cents + 1), replace(payment, paid_cents=payment.paid_cents + 1)]
    moved += [replace(payment, adjustments=taken) for taken in _move_in_adjustments(payment.adjustments)]
    for n, line in enumerate(payment.lines):
        for changed in _move_in_line(line):
            moved.append(replace(payment, lines=(*payment.lines[:n], changed, *payment.lines[n + 1 :])))
    return moved


def _move_in_line(line: ServicePayment) -> list[ServicePayment]:
    replace = msgspec.structs.replace
    moved = [replace(line, charge_cents=line.charge_cents + 1), replace(line, paid_cents=line.paid_cents + 1)]
    return moved + [replace(line, adjustments=taken) for taken in _move_in_adjustments(line.adjustments)]


def _move_in_adjustments(taken: tuple[Adjustment, ...]) -> list[tuple[Adjustment, ...]]:
    return [
        (*taken[:n], msgspec.structs.replace(adjustment, amount_cents=adjustment.amount_cents + 1), *taken[n + 1 :])
        for n, adjustment in enumerate(taken)
    ]


@pytest.mark.parametrize(
    ("amount_cents", "paid_cents", "provider_adjustment_cents"),
    [(50000, 50000, 0), (45000, 50000, 5000), (50100, 50000, -100), (0, 50000, 50000), (0, 0, 0)],
)
def test_claims_less_provider_adjustments_make_the_payment(
    amount_cents: int, paid_cents: int, provider_adjustment_cents: int
) -> None:
    assert check_remittance(amount_cents, paid_cents, provider_adjustment_cents) is None


def test_a_remittance_one_cent_off_shows_its_arithmetic() -> None:
    found = check_remittance(45001, 50000, 5000)
    assert found is not None
    assert (found.where, found.difference_cents, found.position) == ("remittance", 1, 0)
    assert found.arithmetic == (
        "claims paid 500.00 − provider adjustments 50.00 = 450.00, but the payment is 450.01: 0.01 unexplained"
    )


def test_a_provider_adjustment_of_the_wrong_sign_is_found() -> None:
    """A positive PLB takes money: adding it instead does not balance."""
    found = check_remittance(55000, 50000, 5000)
    assert found is not None
    assert found.difference_cents == 10000


@given(cents, cents, cents)
def test_a_remittance_balances_exactly_where_nothing_is_left_over(amount: int, paid: int, adjusted: int) -> None:
    found = check_remittance(amount, paid, adjusted)
    assert (found.difference_cents if found else 0) == amount - (paid - adjusted)


@pytest.mark.parametrize(("amount", "text"), [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (12000, "120.00"), (-12345, "-123.45")])
def test_money_is_written_with_its_cents_and_sign(amount: int, text: str) -> None:
    assert format_money(amount) == text
