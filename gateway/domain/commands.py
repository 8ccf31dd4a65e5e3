"""What a person may do to a claim: each command in each state is allowed, or refused with the reason and what to do instead."""

from enum import StrEnum

import msgspec

from gateway.domain.facts import Kind, State
from gateway.domain.lifecycle import AWAITING_ANSWER


class Command(StrEnum):
    """An act of a person on one claim."""

    HOLD = "hold"
    RELEASE = "release"
    CORRECT = "correct"
    RECHECK = "recheck"
    VOID = "void"


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """Allowed: the fact that the command makes, at the same attempt or the next. Refused: why, and what to do instead."""

    kind: Kind | None = None
    next_attempt: bool = False
    refusal: str = ""


_HOLD = Ruling(kind=Kind.HELD_BY_PERSON)
_RELEASE = Ruling(kind=Kind.RELEASED_BY_PERSON)
_SEND_AGAIN = Ruling(kind=Kind.REOPENED, next_attempt=True)
_CORRECT = Ruling(kind=Kind.CORRECTED, next_attempt=True)
_CHECK_AGAIN = Ruling(kind=Kind.REOPENED, next_attempt=True)
_REPLACE = Ruling(kind=Kind.CORRECTED, next_attempt=True)
_VOID = Ruling(kind=Kind.VOIDED)
_VOID_AT_PAYER = Ruling(kind=Kind.REOPENED, next_attempt=True)

_WAIT = "wait for the partner's answer; if it is rejected, correct it then"
_CHANGE = (
    "the payer has adjudicated it: correct it, and it goes out as a replacement (frequency 7) that names the payer's claim number"
)
_CANCEL = (
    "taking it back needs a void claim (frequency 8) that names the payer's claim number: wait until the payer has adjudicated "
    "it, then void it"
)
_GONE = "it is void for good; take the services in again as a new claim"
_TAKEN_BACK = (
    "the payer took it back: the reversal that answers its void claim is there, and nothing is left to change. To bill the "
    "services after all, take them in as a new claim under a number of its own"
)
_STUCK = "where `batches list` calls that batch unknown or failed, `batches settle` frees it"
_ADJUDICATED = (State.PAID, State.PARTLY_PAID, State.DENIED)


def _no(refusal: str) -> Ruling:
    return Ruling(refusal=refusal)


def _hold_rulings() -> dict[State, Ruling]:
    return {
        State.RECEIVED: _HOLD,
        State.READY: _HOLD,
        State.HELD: _no("it is held already; release, correct or void it"),
        State.BATCHED: _no(f"it is in a file that is about to leave, with other claims; {_WAIT}; {_STUCK}"),
        State.REJECTED: _no("a rejected claim goes nowhere by itself; correct it, release it to be sent again, or void it"),
        State.VOIDED: _no(f"nothing of it will leave: {_GONE}"),
        **dict.fromkeys(AWAITING_ANSWER, _no(f"the partner has it already; {_WAIT}")),
        **dict.fromkeys(_ADJUDICATED, _no("the payer has adjudicated it already; there is nothing left to keep back")),
    }


def _release_rulings() -> dict[State, Ruling]:
    return {
        State.HELD: _RELEASE,
        State.REJECTED: _SEND_AGAIN,
        State.RECEIVED: _no("it is not held: the edits look at it next"),
        State.READY: _no("it is not held: it goes into the next batch by itself"),
        State.BATCHED: _no(f"it is not held: it is on its way; {_STUCK}"),
        State.VOIDED: _no(_GONE),
        **dict.fromkeys(AWAITING_ANSWER, _no(f"it was sent, and sending it again would be a duplicate; {_WAIT}")),
        **dict.fromkeys(_ADJUDICATED, _no(f"sending it again would be a duplicate: {_CHANGE}")),
    }


def _correct_rulings() -> dict[State, Ruling]:
    return {
        **dict.fromkeys((State.RECEIVED, State.HELD, State.READY, State.REJECTED), _CORRECT),
        State.BATCHED: _no(f"it is in a file that is about to leave, and a second one would be a duplicate; {_WAIT}; {_STUCK}"),
        State.VOIDED: _no(_GONE),
        **dict.fromkeys(AWAITING_ANSWER, _no(f"it was sent, and a second one would be a duplicate; {_WAIT}")),
        **dict.fromkeys(_ADJUDICATED, _REPLACE),
    }


def _recheck_rulings() -> dict[State, Ruling]:
    return {
        State.HELD: _CHECK_AGAIN,
        State.RECEIVED: _no("the edits look at it next"),
        State.READY: _no("it passed the edits, or was released; it goes into the next batch by itself"),
        State.BATCHED: _no(f"it passed the edits and is on its way; {_STUCK}"),
        State.REJECTED: _no("it was rejected, not held by edits; correct it, or release it to be checked and sent again"),
        State.VOIDED: _no(_GONE),
        **dict.fromkeys(AWAITING_ANSWER, _no(f"it was sent; {_WAIT}")),
        **dict.fromkeys(_ADJUDICATED, _no(_CHANGE)),
    }


def _void_rulings() -> dict[State, Ruling]:
    return {
        **dict.fromkeys((State.RECEIVED, State.HELD, State.READY, State.REJECTED), _VOID),
        State.BATCHED: _no(f"it is in a file that is about to leave; {_CANCEL}; {_STUCK}"),
        State.VOIDED: _no("it is void already"),
        **dict.fromkeys(AWAITING_ANSWER, _no(f"it was sent; {_CANCEL}")),
        **dict.fromkeys(_ADJUDICATED, _VOID_AT_PAYER),
    }


RULINGS: dict[Command, dict[State, Ruling]] = {
    Command.HOLD: _hold_rulings(),
    Command.RELEASE: _release_rulings(),
    Command.CORRECT: _correct_rulings(),
    Command.RECHECK: _recheck_rulings(),
    Command.VOID: _void_rulings(),
}
"""Every command in every state (domain.md 2: before adjudication a claim is sent again as new, after it only as 7 or 8)."""


def rule_on(
    command: Command,
    state: State,
    *,
    is_adjudicated: bool = False,
    is_answered: bool = False,
    is_taken: bool = False,
    is_taken_back: bool = False,
) -> Ruling:
    """Whether a claim in this state takes this command, and what fact it makes; the refusal says what to do instead.

    `is_adjudicated`: the payer decided on it in an earlier attempt. Then it is not given up here alone, whatever state its
    replacement is in: the payer would keep what it has.
    `is_answered`: the payer decided on the very attempt it stands in, a replacement or void, though what it paid is held. Then
    there is nothing to wait for: it is changed and taken back like any that was adjudicated.
    `is_taken_back`: it is a void claim, and the reversal that answers it is there, though held. Nothing is left to be done.
    `is_taken`: somebody took an earlier attempt after all, and has not decided yet. It is not given up here alone either.
    """
    ruling = RULINGS[command][state]
    if is_taken_back and state in AWAITING_ANSWER:
        return _no(_TAKEN_BACK)
    if is_answered and state in AWAITING_ANSWER:
        return RULINGS[command][State.PAID]
    if ruling.kind is not Kind.VOIDED:
        return ruling
    if is_adjudicated:
        return _VOID_AT_PAYER
    return _no(f"an earlier sending of it was taken after all; {_CANCEL}") if is_taken else ruling
