"""Facts into state: the outcome of the greatest (attempt, stage, occurred_at, file, position), whatever the arrival order."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from gateway.domain.facts import Fact, Kind, State

STAGES: dict[Kind, tuple[int, State]] = {
    Kind.RECEIVED: (10, State.RECEIVED),
    Kind.REOPENED: (10, State.RECEIVED),
    Kind.CORRECTED: (10, State.RECEIVED),
    Kind.EDITS_FAILED: (20, State.HELD),
    Kind.EDITS_PASSED: (20, State.READY),
    Kind.HELD_BY_PERSON: (20, State.HELD),
    Kind.RELEASED_BY_PERSON: (20, State.READY),
    Kind.BATCHED: (30, State.BATCHED),
    Kind.SENT: (40, State.SENT),
    Kind.TA1_ACCEPTED: (45, State.DELIVERED),
    Kind.TA1_REJECTED: (45, State.REJECTED),
    Kind.SYNTAX_ACCEPTED: (50, State.DELIVERED),
    Kind.SYNTAX_REJECTED: (50, State.REJECTED),
    Kind.CLEARINGHOUSE_ACCEPTED: (60, State.ACCEPTED_BY_CLEARINGHOUSE),
    Kind.CLEARINGHOUSE_REJECTED: (60, State.REJECTED),
    Kind.PAYER_ACCEPTED: (70, State.ACCEPTED_BY_PAYER),
    Kind.PAYER_REJECTED: (70, State.REJECTED),
    Kind.STATUS_PENDING: (75, State.PENDING),
    Kind.DENIED: (80, State.DENIED),
    Kind.PARTLY_PAID: (81, State.PARTLY_PAID),  # a denial cannot undo money that was posted, whatever their dates
    Kind.PAID: (81, State.PAID),
    Kind.VOIDED: (90, State.VOIDED),
}
"""Each kind's stage and the state it leads to. Kinds not here inform and never move a claim."""

FINAL = frozenset({State.PAID, State.PARTLY_PAID, State.DENIED, State.VOIDED})
AWAITING_ANSWER = frozenset(
    {State.SENT, State.DELIVERED, State.ACCEPTED_BY_CLEARINGHOUSE, State.ACCEPTED_BY_PAYER, State.PENDING}
)


class Standing(msgspec.Struct, frozen=True):
    """What a claim's facts add up to: state, the attempt it stands in, and the next deadline (None where none runs)."""

    state: State
    attempt: int
    due_at: datetime | None


def fold(facts: Iterable[Fact]) -> Standing:
    """The standing of one claim from all its facts, in any order; replays change nothing.

    `due_at` is the `due_at` that the deciding attempt's *sent* fact carries for the final answer, while one is awaited.
    """
    moving = [fact for fact in facts if fact.kind in STAGES]
    assert moving, "a claim begins with a fact that gives it a state"
    deciding = max(moving, key=_rank)
    state = STAGES[deciding.kind][1]
    return Standing(state, deciding.attempt, _due_at(state, deciding.attempt, moving))


def _rank(fact: Fact) -> tuple[int, int, datetime, str, int, str]:
    return (fact.attempt, STAGES[fact.kind][0], fact.occurred_at, fact.file_sha256, fact.position, fact.source)


def _due_at(state: State, attempt: int, facts: list[Fact]) -> datetime | None:
    if state not in AWAITING_ANSWER:
        return None
    sent = [fact for fact in facts if fact.kind is Kind.SENT and fact.attempt == attempt and "overdue_at" in fact.data]
    return min((datetime.fromisoformat(fact.data["overdue_at"]) for fact in sent), default=None)
