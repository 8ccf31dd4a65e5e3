"""Facts into state: the outcome of the greatest (attempt, stage, occurred_at, file, position), whatever the arrival order.

Three things stand above that order. A void ends a claim in every attempt. An attempt that was begun because nobody had taken
the one before (a set rejected for another claim, a batch taken for lost) counts only while nothing says that somebody did, or
once it has left; what lay in a file that was given up as lost has not. And what has not left is held while an earlier attempt
was taken and no person who knew of that let it go. So no claim goes out twice because two answers came in an unlucky order.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from gateway.domain.facts import Fact, Kind, State

STAGES: dict[Kind, tuple[int, State]] = {
    Kind.RECEIVED: (10, State.RECEIVED),
    Kind.REOPENED: (10, State.RECEIVED),
    Kind.REOPENED_AS_INNOCENT: (10, State.RECEIVED),
    Kind.REOPENED_AS_LOST: (10, State.RECEIVED),
    Kind.REOPENED_AS_UNRECEIVED: (10, State.RECEIVED),
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
"""Each kind's stage and the state it leads to. Kinds not here inform and never move a claim; a payment that is
held only keeps back what never left."""

BEGINNING, LEAVING = 10, 30
"""The stage at which an attempt begins, and that from which on it has left, or is about to."""

TAKEN = frozenset(
    {
        Kind.SYNTAX_ACCEPTED, Kind.CLEARINGHOUSE_ACCEPTED, Kind.PAYER_ACCEPTED, Kind.STATUS_PENDING, Kind.PAID,
        Kind.PARTLY_PAID, Kind.DENIED, Kind.PAYMENT_SUSPENDED,
    }
)  # fmt: skip
"""Kinds that say that somebody took the claim as it was sent in that attempt."""

ADJUDICATED = frozenset({Kind.PAID, Kind.PARTLY_PAID, Kind.DENIED})
"""Facts that say that the payer decided on the claim as it was sent in that attempt."""

_LET_GO_BY_PERSON = frozenset({Kind.CORRECTED, Kind.REOPENED, Kind.RELEASED_BY_PERSON})

_DECIDED = TAKEN | {Kind.CLEARINGHOUSE_REJECTED, Kind.PAYER_REJECTED}
DISPROVED_BY: dict[Kind, frozenset[Kind]] = {
    Kind.REOPENED_AS_INNOCENT: _DECIDED,
    Kind.REOPENED_AS_LOST: _DECIDED | {Kind.SENT, Kind.TA1_ACCEPTED},
    Kind.REOPENED_AS_UNRECEIVED: _DECIDED | {Kind.TA1_ACCEPTED},
}
"""Beginnings that rest on what was known of the attempt before, and the facts of that attempt that say otherwise."""

_BY_ITSELF = DISPROVED_BY.keys() | {Kind.EDITS_PASSED}
"""Facts by which a claim goes on without anybody's word, and the words of a person on whether it does."""
_WORDS = (Kind.HELD_BY_PERSON, Kind.RELEASED_BY_PERSON)

FINAL = frozenset({State.PAID, State.PARTLY_PAID, State.DENIED, State.VOIDED})
AWAITING_ANSWER = frozenset(
    {State.SENT, State.DELIVERED, State.ACCEPTED_BY_CLEARINGHOUSE, State.ACCEPTED_BY_PAYER, State.PENDING}
)


class Standing(msgspec.Struct, frozen=True, gc=False):
    """What a claim's facts add up to: state, the attempt it stands in, and the next deadline (None where none runs)."""

    state: State
    attempt: int
    due_at: datetime | None


def fold(facts: Iterable[Fact]) -> Standing:
    """The standing of one claim from all its facts, in any order; replays change nothing.

    `due_at` is the `due_at` that the deciding attempt's *sent* fact carries for the final answer, while one is awaited.
    """
    known = list(facts)
    undone = _disproved_attempts(known)
    moving = [fact for fact in known if fact.kind in STAGES and (fact.attempt not in undone or fact.kind is Kind.VOIDED)]
    assert moving, "a claim begins with a fact that gives it a state"
    deciding = max(moving, key=_rank)
    state = State.HELD if _is_kept_back(known, deciding) else STAGES[deciding.kind][1]
    return Standing(state, deciding.attempt, _due_at(state, deciding.attempt, moving))


def _is_kept_back(facts: Sequence[Fact], deciding: Fact) -> bool:
    """What would leave next does not: the partner or payer has it already, or a person held it, and nobody let it go since."""
    if _is_paid_unsent(facts, deciding) or _is_held_over(facts, deciding):
        return True
    if deciding.kind not in (Kind.EDITS_PASSED, Kind.RELEASED_BY_PERSON):
        return False
    taken = list_taken(facts, before=deciding.attempt)
    return any(not _is_let_go(facts, attempt, deciding.attempt) for attempt in taken)


def _is_paid_unsent(facts: Sequence[Fact], deciding: Fact) -> bool:
    """A payer decided on what never left from here: the edits alone do not let it go, a person may."""
    if deciding.kind is not Kind.EDITS_PASSED:
        return False
    return any(fact.kind is Kind.PAYMENT_SUSPENDED and fact.attempt == deciding.attempt for fact in facts)


def _is_held_over(facts: Sequence[Fact], deciding: Fact) -> bool:
    """What a person held stays held in an attempt that no person began: a claim in a file that was given up, say."""
    if deciding.kind not in _BY_ITSELF:
        return False
    begun = {fact.kind for fact in facts if fact.attempt == deciding.attempt and _is_beginning(fact)}
    words = (fact for fact in facts if fact.attempt == deciding.attempt - 1 and fact.kind in _WORDS)
    last = max(words, key=_rank, default=None)
    return begun <= DISPROVED_BY.keys() and last is not None and last.kind is Kind.HELD_BY_PERSON


def _is_beginning(fact: Fact) -> bool:
    return fact.kind in STAGES and STAGES[fact.kind][0] == BEGINNING


def list_taken(facts: Sequence[Fact], *, before: int) -> list[int]:
    """The attempts before this one that somebody took as they were sent; money that is held for one says so, too."""
    said = {fact.attempt for fact in facts if fact.attempt < before and fact.kind in TAKEN}
    paid = {fact.attempt for fact in facts if fact.kind is Kind.PAYMENT_SUSPENDED}
    return [each for each in sorted(said) if is_taken(facts, each) or (each in paid and _was_put_in_file(facts, each))]


def _is_let_go(facts: Sequence[Fact], taken: int, attempt: int) -> bool:
    """Whether a person who knew that the one attempt was taken let the other go: as 7 or 8 where the payer adjudicated it."""
    is_adjudicated = any(fact.attempt == taken and fact.kind in ADJUDICATED for fact in facts)
    acts = (fact for fact in facts if taken < fact.attempt <= attempt and fact.kind in _LET_GO_BY_PERSON)
    return any(taken in fact.data.get("taken", ()) and ("frequency" in fact.data or not is_adjudicated) for fact in acts)


def next_attempt(facts: Iterable[Fact]) -> int:
    """The number of a new attempt: beyond all there are facts of, so that it never mixes with one that was disproved."""
    return max(fact.attempt for fact in facts) + 1


def find_taken(facts: Iterable[Fact], attempt: int) -> Fact | None:
    """A fact that says that somebody took the claim in this attempt."""
    return next((fact for fact in facts if fact.attempt == attempt and fact.kind in TAKEN), None)


def is_taken(facts: Iterable[Fact], attempt: int) -> bool:
    """Whether what was said of this attempt, taken by itself, comes to that somebody took the claim: the last word counts."""
    said = [fact for fact in facts if fact.attempt == attempt and fact.kind in STAGES and fact.kind is not Kind.VOIDED]
    return bool(said) and max(said, key=_rank).kind in TAKEN


def find_disproof(facts: Sequence[Fact], beginning: Fact) -> Fact | None:
    """A fact that says that an attempt should never have begun; None where nothing does, or a person began it."""
    if beginning.kind not in DISPROVED_BY:
        return None
    before = beginning.attempt - 1
    against = DISPROVED_BY[beginning.kind]
    found = (fact for fact in facts if fact.attempt == before and (fact.kind in against or _is_guilty(fact)))
    return next(found, None) or _find_disproof_of_attempt(facts, before)


def _find_disproof_of_attempt(facts: Sequence[Fact], attempt: int) -> Fact | None:
    """An attempt falls with the last of its beginnings."""
    found = None
    for fact in facts:
        if fact.attempt == attempt and _is_beginning(fact):
            found = find_disproof(facts, fact)
            if found is None:
                return None
    return found


def _disproved_attempts(facts: Sequence[Fact]) -> frozenset[int]:
    begun = {fact.attempt for fact in facts if fact.kind in DISPROVED_BY}
    return frozenset(
        attempt for attempt in begun if not _has_left(facts, attempt) and _find_disproof_of_attempt(facts, attempt) is not None
    )


def _has_left(facts: Sequence[Fact], attempt: int) -> bool:
    """Whether it may have left: a file that nobody heard of and that was given up as lost did not."""
    said = _list_leaving(facts, attempt)
    is_given_up = any(fact.kind is Kind.REOPENED_AS_LOST and fact.attempt == attempt + 1 for fact in facts)
    return bool(said - {Kind.BATCHED}) or (bool(said) and not is_given_up)


def _was_put_in_file(facts: Sequence[Fact], attempt: int) -> bool:
    return bool(_list_leaving(facts, attempt))


def _list_leaving(facts: Sequence[Fact], attempt: int) -> set[Kind]:
    """What says of an attempt that it was put into a file, or what became of it there."""
    kinds = {fact.kind for fact in facts if fact.attempt == attempt and fact.kind in STAGES}
    return {kind for kind in kinds if STAGES[kind][0] >= LEAVING and kind is not Kind.VOIDED}


def may_leave(facts: Iterable[Fact], attempt: int) -> bool:
    """Whether a claim that lies in a file that has not left would still be put into one, for all that was said since."""
    standing = fold(fact for fact in facts if not (fact.attempt == attempt and fact.kind is Kind.BATCHED))
    return standing.state is State.READY and standing.attempt == attempt


def _is_guilty(fact: Fact) -> bool:
    """A 999 named this very claim as the cause: sent again as it is, it would be rejected again."""
    return fact.kind is Kind.SYNTAX_REJECTED and "error" in fact.data


def _rank(fact: Fact) -> tuple[bool, int, int, datetime, str, int, str]:
    voided = fact.kind is Kind.VOIDED
    return (voided, fact.attempt, STAGES[fact.kind][0], fact.occurred_at, fact.file_sha256, fact.position, fact.source)


def _due_at(state: State, attempt: int, facts: list[Fact]) -> datetime | None:
    if state not in AWAITING_ANSWER:
        return None
    sent = [fact for fact in facts if fact.kind is Kind.SENT and fact.attempt == attempt and "overdue_at" in fact.data]
    return min((datetime.fromisoformat(fact.data["overdue_at"]) for fact in sent), default=None)
