"""A claim whose adjudicated attempt was replaced or voided stands where its last attempt stands, whatever else comes."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from gateway.domain.facts import Fact, Kind, State
from gateway.domain.lifecycle import fold

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def make_fact(hour: int, attempt: int, kind: Kind) -> Fact:
    at = START + timedelta(hours=hour)
    return Fact(claim_id=1, kind=kind, attempt=attempt, occurred_at=at, source=f"test:{hour}:{attempt}:{kind}")


ADJUDICATED = [make_fact(0, 1, Kind.RECEIVED), make_fact(1, 1, Kind.SENT), make_fact(2, 1, Kind.PAID)]


@pytest.mark.parametrize("begun_by", [Kind.CORRECTED, Kind.REOPENED], ids=["replacement", "void"])
@pytest.mark.parametrize(
    ("reached", "state"),
    [
        (Kind.EDITS_PASSED, State.READY), (Kind.SENT, State.SENT), (Kind.PAYER_ACCEPTED, State.ACCEPTED_BY_PAYER),
        (Kind.PAYER_REJECTED, State.REJECTED), (Kind.DENIED, State.DENIED),
    ],
)  # fmt: skip
def test_money_for_the_attempt_that_was_replaced_moves_nothing(begun_by: Kind, reached: Kind, state: State) -> None:
    facts = [*ADJUDICATED, make_fact(3, 2, begun_by), make_fact(4, 2, reached)]
    assert (fold(facts).state, fold(facts).attempt) == (state, 2)
    for late in (Kind.PAID, Kind.DENIED, Kind.PAYER_ACCEPTED, Kind.PAYER_REJECTED, Kind.SYNTAX_REJECTED):
        assert fold([*facts, make_fact(9, 1, late)]) == fold(facts)


def test_the_order_of_arrival_does_not_matter() -> None:
    facts = [ADJUDICATED[0], ADJUDICATED[2], make_fact(3, 2, Kind.CORRECTED), make_fact(4, 2, Kind.PAYER_REJECTED),
             make_fact(5, 1, Kind.PARTLY_PAID)]  # fmt: skip
    assert {(fold(given).state, fold(given).attempt) for given in permutations(facts)} == {(State.REJECTED, 2)}
