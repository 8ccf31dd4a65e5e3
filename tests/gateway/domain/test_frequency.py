"""Original, replacement or void: restated from the life of a claim (what the payer has not adjudicated it does not have)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.domain.facts import Fact, Kind
from gateway.domain.frequency import decide_correction, decide_void, find_adjudicated, find_payer_claim_number
from tests.gateway.domain.samples import PAYER

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def facts_of(*steps: tuple[int, Kind, str]) -> list[Fact]:
    """Facts an hour apart: (attempt, kind, the payer's claim number that it names)."""
    return [make_fact(place, *step) for place, step in enumerate(steps)]


def make_fact(place: int, attempt: int, kind: Kind, number: str) -> Fact:
    data: dict[str, Any] = {"payer_claim_number": number} if number else {}
    at = START + timedelta(hours=place)
    return Fact(claim_id=1, kind=kind, attempt=attempt, occurred_at=at, source=f"test:{place}", data=data)


@pytest.mark.parametrize(
    "kind",
    [
        Kind.EDITS_FAILED, Kind.TA1_REJECTED, Kind.SYNTAX_REJECTED, Kind.CLEARINGHOUSE_REJECTED, Kind.PAYER_REJECTED,
        Kind.PAYER_ACCEPTED, Kind.STATUS_PENDING, Kind.PAYMENT_SUSPENDED,
    ],
)  # fmt: skip
def test_what_nobody_adjudicated_goes_out_as_a_new_original_though_a_number_is_known(kind: Kind) -> None:
    decision = decide_correction(facts_of((1, Kind.RECEIVED, ""), (1, kind, "ICN1")), PAYER, "ICN1")
    assert (decision.frequency, decision.payer_claim_number, decision.refusal) == ("1", "", "")


@pytest.mark.parametrize("kind", [Kind.PAID, Kind.PARTLY_PAID, Kind.DENIED])
def test_what_was_adjudicated_is_replaced_or_voided_under_the_payers_number(kind: Kind) -> None:
    facts = facts_of((1, Kind.RECEIVED, ""), (1, Kind.PAYER_ACCEPTED, "OLD"), (1, kind, "ICN1"))
    assert (decide_correction(facts, PAYER, "OTHER").frequency, decide_void(facts, PAYER, "OTHER").frequency) == ("7", "8")
    assert {each(facts, PAYER, "OTHER").payer_claim_number for each in (decide_correction, decide_void)} == {"ICN1"}


def test_a_replacement_that_was_rejected_is_sent_again_as_one_for_the_number_that_was_adjudicated() -> None:
    facts = facts_of((1, Kind.PAID, "ICN1"), (2, Kind.CORRECTED, ""), (2, Kind.PAYER_REJECTED, "ICN2"))
    assert decide_correction(facts, PAYER, "ICN2").payer_claim_number == "ICN1"
    assert find_payer_claim_number(facts, 2) == "ICN2"


def test_a_number_only_the_277ca_named_will_do_and_so_will_one_told_otherwise() -> None:
    assert decide_void(facts_of((1, Kind.PAYER_ACCEPTED, "ICN1"), (1, Kind.DENIED, "")), PAYER, "").payer_claim_number == "ICN1"
    assert decide_void(facts_of((1, Kind.DENIED, "")), PAYER, "ICN9").payer_claim_number == "ICN9"


def test_without_the_payers_number_nothing_is_sent_and_the_way_out_is_told() -> None:
    facts = facts_of((1, Kind.PAID, ""))
    for decision in (decide_correction(facts, PAYER, ""), decide_void(facts, PAYER, "")):
        assert "REF*F8" in decision.refusal
        assert "835" in decision.refusal


def test_a_payer_that_takes_neither_is_named() -> None:
    facts = facts_of((1, Kind.PAID, "ICN1"))
    payer = PAYER.model_copy(update={"takes_replacements": False, "takes_voids": False})
    assert "takes no replacements" in decide_correction(facts, payer, "").refusal
    assert "takes no voids" in decide_void(facts, payer, "").refusal


def test_a_held_answer_to_a_replacement_is_the_payers_word_unless_it_only_takes_money_back() -> None:
    facts = facts_of((1, Kind.PAID, "ICN1"), (2, Kind.CORRECTED, ""), (2, Kind.PAYER_ACCEPTED, "ICN2"))
    held = {status: make_held(status) for status in ("1", "4", "22")}
    assert {status: find_adjudicated([*facts, fact]) for status, fact in held.items()} == {"1": 2, "4": 2, "22": 1}
    assert decide_correction([*facts, held["22"], held["1"]], PAYER, "").payer_claim_number == "ICN3"
    assert find_adjudicated([held["1"]]) is None


def make_held(status: str) -> Fact:
    data = {"status": status, "payer_claim_number": "ICN1" if status == "22" else "ICN3"}
    source = f"held:{status}"
    return Fact(claim_id=1, kind=Kind.PAYMENT_SUSPENDED, attempt=2, occurred_at=START, source=source, data=data)
