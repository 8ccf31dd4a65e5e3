"""What the claim and the books say against a payment, each with its arithmetic; and what a denial leaves behind."""

import msgspec
import pytest

from edi.codes.adjustment import carc_action, carc_text
from edi.transactions.t835 import ClaimPayment
from gateway.domain.payment import Billed, contradict_billed, describe_denial, overdraw_reason, post_payment, suspend_reason
from tests.gateway.domain.samples import adjust, make_paid_line, make_payment

BILLED = Billed(charge_cents=10000, responsibility="P", open_cents=10000, paid_by={})
SOUND = make_payment(make_paid_line(10000, 6000, adjust("CO 45", 4000)))


def billed(**changes: object) -> Billed:
    return msgspec.structs.replace(BILLED, **changes)


def say(status: str, **changes: object) -> str:
    return contradict_billed(msgspec.structs.replace(SOUND, status=status), billed(**changes))


def test_a_payment_of_what_was_billed_and_is_open_is_not_held() -> None:
    assert contradict_billed(SOUND, BILLED) == ""


@pytest.mark.parametrize("status", ["1", "19", "4"])
@pytest.mark.parametrize("before", ["1", "19", "4"])
def test_a_second_decision_of_one_payer_is_held_and_names_the_first(status: str, before: str) -> None:
    assert "already settled by remittance 17" in say(status, paid_by={before: 17})


@pytest.mark.parametrize(("status", "before"), [("2", "1"), ("20", "19"), ("3", "1"), ("21", "2"), ("1", "2"), ("4", "3")])
def test_the_decisions_of_two_payers_are_never_both_posted(status: str, before: str) -> None:
    """The second one repeats the first one's part as OA 23: posted twice, the insurance would owe less than nothing."""
    said = say(status, paid_by={before: 17}, responsibility="S")
    assert "remittance 17" in said
    assert "twice" in said


@pytest.mark.parametrize("status", ["2", "3", "20", "21"])
def test_a_second_payers_decision_on_a_claim_billed_to_its_first_payer_waits_for_the_first(status: str) -> None:
    assert "first payer" in say(status)


@pytest.mark.parametrize(("status", "responsibility"), [("2", "S"), ("20", "S"), ("3", "T"), ("1", "S")])
def test_a_claim_billed_to_a_later_payer_has_its_first_payment_elsewhere(status: str, responsibility: str) -> None:
    assert say(status, responsibility=responsibility) == ""


@pytest.mark.parametrize(("charge_cents", "apart"), [(5000, "50.00"), (50000, "400.00"), (10001, "0.01"), (0, "100.00")])
def test_a_decision_on_another_charge_is_held_with_the_arithmetic(charge_cents: int, apart: str) -> None:
    payment = make_payment(make_paid_line(charge_cents, charge_cents))
    said = contradict_billed(payment, BILLED)
    assert said.endswith(f"we billed 100.00: {apart} apart.")


@pytest.mark.parametrize("status", ["1", "2", "4", "19"])
def test_negative_amounts_are_held_under_every_status_but_a_reversal(status: str) -> None:
    pays = make_payment(make_paid_line(10000, -6000, adjust("CO 45", 16000)), status=status)
    bills = make_payment(make_paid_line(-10000, 0, adjust("CO 45", -10000)), status=status)
    for payment in (pays, bills):
        assert "only a reversal" in suspend_reason(payment, claim_id=1, why_unmatched="pcn")


def draw(payment: ClaimPayment, open_cents: int) -> str:
    posting = post_payment(payment, contractual_carcs=frozenset({"45"}), line_controls=["L1"])
    return overdraw_reason(posting, billed(open_cents=open_cents))


def test_a_journal_that_would_leave_the_insurance_owing_less_than_nothing_is_held_with_the_arithmetic() -> None:
    assert draw(SOUND, 10000) == ""
    assert draw(SOUND, 9999) == "It would settle 100.00 of a claim of which 99.99 is open: 0.01 too much."
    assert draw(make_payment(make_paid_line(10000, 15000, adjust("CO 50", -5000))), 10000).endswith("50.00 too much.")


def test_a_denial_that_moves_nothing_never_overdraws() -> None:
    assert draw(make_payment(make_paid_line(10000, 0, adjust("CO 50", 10000)), status="4"), -5000) == ""


def denial(*adjustments: str, paid_cents: int = 0, status: str = "4") -> str:
    """The sentence on a payment of 100.00 billed with these adjustments, as "CO 50 60.00" without the point."""
    parts = [adjust(text.rsplit(" ", 1)[0], int(text.rsplit(" ", 1)[1])) for text in adjustments]
    payment = make_payment(make_paid_line(10000, paid_cents, *parts), status=status)
    return describe_denial(post_payment(payment, contractual_carcs=frozenset({"45"}), line_controls=["L1"]))


def test_what_stays_open_with_the_payer_is_said() -> None:
    said = denial("CO 50 10000")
    assert said.startswith(f"100.00 denied (CO 50: {carc_text('50')}). {carc_action('50')} It stays open with the payer; ")


def test_a_denial_put_on_the_patient_leaves_nothing_open_with_the_payer() -> None:
    said = denial("PR 204 10000")
    assert said.startswith(f"denied (PR 204: {carc_text('204')}), and 100.00 is put on the patient. ")
    assert "Nothing of it stays open with the payer" in said
    assert "0.00 denied" not in said


def test_a_denial_between_payer_and_patient_names_both_parts() -> None:
    said = denial("CO 50 6000", "PR 204 4000")
    assert said.startswith(f"60.00 denied (CO 50: {carc_text('50')}, PR 204: {carc_text('204')}). {carc_action('50')} ")
    assert "It stays open with the payer, and 40.00 is put on the patient; " in said


def test_an_unknown_reason_is_shown_as_itself_without_advice() -> None:
    assert denial("CO 9999 10000").startswith("100.00 denied (CO 9999: reason 9999). It stays open")


def test_a_denial_without_a_denied_amount_asks_for_its_reason() -> None:
    said = denial("CO 45 10000")
    assert "no code given" in said
    assert "0.00" not in said
    assert "stays open" not in said
