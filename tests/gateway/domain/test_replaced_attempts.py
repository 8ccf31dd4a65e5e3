"""A claim whose adjudicated attempt was replaced or voided stands where its last attempt stands, whatever else comes."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from gateway.domain.facts import Fact, Kind, State
from gateway.domain.lifecycle import fold

START = datetime(2026, 3, 2, 12, tzinfo=UTC)


def make_fact(hour: int, attempt: int, kind: Kind, **data: Any) -> Fact:
    at = START + timedelta(hours=hour)
    return Fact(claim_id=1, kind=kind, attempt=attempt, occurred_at=at, source=f"test:{hour}:{attempt}:{kind}", data=data)


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
    facts = [*ADJUDICATED, make_fact(3, 2, begun_by, frequency="7", taken=[1]), make_fact(4, 2, reached)]
    assert (fold(facts).state, fold(facts).attempt) == (state, 2)
    for late in (Kind.PAID, Kind.DENIED, Kind.PAYER_ACCEPTED, Kind.PAYER_REJECTED, Kind.SYNTAX_REJECTED):
        assert fold([*facts, make_fact(9, 1, late)]) == fold(facts)


def test_the_order_of_arrival_does_not_matter() -> None:
    facts = [ADJUDICATED[0], ADJUDICATED[2], make_fact(3, 2, Kind.CORRECTED), make_fact(4, 2, Kind.PAYER_REJECTED),
             make_fact(5, 1, Kind.PARTLY_PAID)]  # fmt: skip
    assert {(fold(given).state, fold(given).attempt) for given in permutations(facts)} == {(State.REJECTED, 2)}


REJECTED = [make_fact(0, 1, Kind.RECEIVED), make_fact(1, 1, Kind.SENT), make_fact(2, 1, Kind.CLEARINGHOUSE_REJECTED)]
AGAIN = [*REJECTED, make_fact(9, 2, Kind.CORRECTED), make_fact(10, 2, Kind.EDITS_PASSED)]


@pytest.mark.parametrize("hour", [3, 99], ids=["dated before", "dated after"])
@pytest.mark.parametrize("kind", [Kind.PAYER_ACCEPTED, Kind.PAID, Kind.DENIED, Kind.PAYMENT_SUSPENDED])
def test_what_was_begun_again_is_held_while_the_attempt_before_proves_to_have_been_taken(kind: Kind, hour: int) -> None:
    """A payer dates its decision as it likes: what a person knew is what his act says he knew."""
    facts = [*AGAIN, make_fact(hour, 1, kind)]
    assert {(fold(given).state, fold(given).attempt) for given in permutations(facts)} == {(State.HELD, 2)}


def test_an_acceptance_on_the_way_to_a_rejection_holds_nothing() -> None:
    facts = [*AGAIN, make_fact(2, 1, Kind.SYNTAX_ACCEPTED), make_fact(3, 1, Kind.CLEARINGHOUSE_ACCEPTED),
             make_fact(3, 1, Kind.PAYER_REJECTED)]  # fmt: skip
    assert fold(facts).state is State.READY


@pytest.mark.parametrize("reached", [Kind.BATCHED, Kind.SENT])
def test_what_has_left_is_not_held(reached: Kind) -> None:
    facts = [*AGAIN, make_fact(11, 2, reached), make_fact(12, 1, Kind.PAID)]
    assert fold(facts) == fold(facts[:-1])


@pytest.mark.parametrize(
    ("kind", "data", "state"),
    [
        (Kind.PAYER_ACCEPTED, {}, State.HELD),
        (Kind.PAYER_ACCEPTED, {"taken": [1]}, State.READY),
        (Kind.PAID, {"taken": [1]}, State.HELD),
        (Kind.PAID, {"taken": [1], "frequency": "7"}, State.READY),
    ],
    ids=["unknowing", "knowing", "an original though it was paid", "a replacement"],
)
def test_only_a_person_who_knew_of_it_lets_it_go(kind: Kind, data: dict[str, Any], state: State) -> None:
    facts = [*AGAIN, make_fact(12, 1, kind), make_fact(20, 2, Kind.RELEASED_BY_PERSON, **data)]
    assert {fold(given).state for given in permutations(facts)} == {state}


def test_a_replacement_is_held_when_the_one_before_it_proves_to_have_been_taken() -> None:
    """Begun as a replacement of the first attempt, it would be a second one beside the attempt that the payer took after all."""
    facts = [*ADJUDICATED, make_fact(3, 2, Kind.CORRECTED, frequency="7", taken=[1]), make_fact(4, 2, Kind.PAYER_REJECTED),
             make_fact(5, 3, Kind.REOPENED, frequency="7", taken=[1]), make_fact(6, 3, Kind.EDITS_PASSED)]  # fmt: skip
    assert fold(facts).state is State.READY
    assert fold([*facts, make_fact(7, 2, Kind.PAID)]).state is State.HELD
