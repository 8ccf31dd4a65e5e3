"""Whether a partner's timetable lets us act now: each cutoff makes its batches once, each poll time is due until a look was had.

What is due is computed from the profile and remembered in due_run; a daemon that was down finds what it missed when it is back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec
from structlog import get_logger

from gateway.db import due_runs
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.work import WorkItem, raise_items
from gateway.domain.facts import State
from gateway.domain.timetable import cutoffs_between, name_instant, next_cutoff, polls_between
from gateway.domain.work import WorkKind
from gateway.pipeline.context import Context
from payers.profile import Partner

_log = get_logger(__name__)

LEASE = timedelta(minutes=2)
"""So long one who took a cutoff may take over it; then whoever comes next takes it from them."""

LOOK_BACK = timedelta(days=31)
"""A cutoff or poll time that passed longer ago is not caught up with."""

A_DAY = timedelta(days=1)
"""So far back the first look at a partner's cutoffs reaches."""


class Turn(msgspec.Struct, kw_only=True):
    """Leave to make a partner's batches now."""

    cutoff_at: datetime | None
    """The cutoff they are for, aware UTC; None where the partner has none."""
    run_id: int | None = None
    claimed_at: datetime | None = None
    came_by: datetime | None = None
    """Claims that came by then are what a cutoff's turn is for."""
    is_repeated: bool = False
    """It was given back: now it is for those alone, and what came later waits for the next cutoff."""
    is_over: bool = True
    """False where `note_left` finds that some of them are left: then it is given back."""

    @property
    def takes_until(self) -> datetime | None:
        """Nothing that came later goes in this turn; None: whatever is ready."""
        return self.came_by if self.is_repeated else None


class _Run(NamedTuple):
    """A cutoff that was taken for ourselves: anew, or after somebody gave it back or died over it."""

    id: int
    due_at: datetime
    begun_at: datetime
    is_repeated: bool


class _Missed(NamedTuple):
    """The last cutoff that passed, by when claims must have come to miss it, how many did, and their charges."""

    cutoff_at: datetime
    came_by: datetime
    claim_count: int
    charge_cents: int


@contextmanager
def claim_cutoff(context: Context, partner: Partner) -> Iterator[Turn | None]:
    """Leave to make this partner's batches while the block runs, or None: its claims wait for a cutoff whose lead has not begun.

    A partner without cutoffs has leave at any time. A cutoff gives it once: it is done when the block ends well and nothing that
    came before it began is left (`note_left`); else it is free again at once, and after LEASE where we die in it. A cutoff that
    passed without us gives it at the next chance, with a work item where ready claims missed it; such batches are for the
    cutoff after.
    """
    turn = _find_turn(context, partner)
    done = False
    try:
        yield turn
        done = turn is not None and turn.is_over
    finally:
        if turn is not None and turn.run_id is not None:
            _end_turn(context, turn.run_id, turn.claimed_at, done=done)


def note_left(context: Context, partner: Partner, turn: Turn) -> None:
    """Where claims of this turn are ready still, or wait for the edits, it is not over: it is tried again until they are gone."""
    if turn.came_by is not None:
        with reading(context.engine) as connection:
            left = due_runs.is_any_left(connection, partner.id, turn.came_by, State.READY, State.RECEIVED)
        turn.is_over = not left


def find_cutoff(connection: Connection, partner: Partner, now: datetime) -> datetime | None:
    """The cutoff whose files will take what is ready now: the next one, unless its files have been made; None without cutoffs."""
    last = due_runs.find_last(connection, "cutoff", partner.id)
    after = now if last is None or last["done_at"] is None else max(now, last["due_at"])
    return next_cutoff(partner.timetable, after)


def polling_is_due(context: Context, partner: Partner) -> bool:
    """Whether to look for this partner's answers now: always where it has no poll times.

    A poll time stays due until `note_polled`, so that a look that failed, or that found files still arriving, is repeated.
    """
    if context.at_once or not partner.timetable.poll_times:
        return True
    now = context.clock.now()
    with reading(context.engine) as connection:
        return bool(_polls_to_do(connection, partner, now))


def note_polled(context: Context, partner: Partner, begun_at: datetime) -> None:
    """A look that began at this instant saw all there was: the poll times up to then are done."""
    if not partner.timetable.poll_times:
        return
    now = context.clock.now()
    with writing(context.engine) as connection:
        for due_at in _polls_to_do(connection, partner, begun_at)[-1:]:
            due_runs.claim_instant(connection, "poll", partner.id, due_at, now=now, done_at=now)


def _polls_to_do(connection: Connection, partner: Partner, now: datetime) -> list[datetime]:
    last = due_runs.find_last(connection, "poll", partner.id)
    return polls_between(partner.timetable, last["due_at"] if last else now - LOOK_BACK, now)


def _find_turn(context: Context, partner: Partner) -> Turn | None:
    now = context.clock.now()
    if context.at_once or not partner.timetable.cutoffs:
        return Turn(cutoff_at=next_cutoff(partner.timetable, now))
    with writing(context.engine) as connection:
        last = due_runs.find_last(connection, "cutoff", partner.id)
        if last is not None and last["done_at"] is None and last["claimed_at"] is not None:
            if last["claimed_at"] > now - LEASE:
                return None
            _log.info("cutoff.taken_over", partner=partner.id)
        return _claim_newest(connection, partner, last, now)


def _claim_newest(connection: Connection, partner: Partner, last: Row | None, now: datetime) -> Turn | None:
    """The newest cutoff whose lead has begun since the last one that is done; those before it are over, and told where they
    left claims.
    """
    unfinished = last if last is not None and last["done_at"] is None else None
    since = now - A_DAY if last is None else max(last["due_at"], now - LOOK_BACK)
    began = cutoffs_between(partner.timetable, since, now + timedelta(minutes=partner.timetable.lead_minutes))
    if unfinished is not None:
        began = [unfinished["due_at"], *began]
    late = [cutoff_at for cutoff_at in began if cutoff_at <= now]
    missed = _find_missed(connection, partner, late[-1], unfinished) if late else None
    needless = missed is not None and late == began and not missed.claim_count
    if not began or (needless and missed and due_runs.is_any_left(connection, partner.id, missed.came_by, State.RECEIVED)):
        return None
    for cutoff_at in began if needless else began[:-1]:
        _pass_over(connection, partner, cutoff_at, unfinished, now)
    run = None if needless else _take(connection, partner, began[-1], unfinished, now)
    return _begin_turn(connection, partner, run, missed, now) if run else None


def _find_missed(connection: Connection, partner: Partner, cutoff_at: datetime, unfinished: Row | None) -> _Missed:
    """What missed this cutoff. Where its files were begun, that is what had come by then: the others are the next one's."""
    is_unfinished = unfinished is not None and unfinished["due_at"] == cutoff_at
    came_by = min(unfinished["begun_at"], cutoff_at) if unfinished is not None and is_unfinished else cutoff_at
    return _Missed(cutoff_at, came_by, *due_runs.count_left_behind(connection, partner.id, cutoff_at, came_by))


def _pass_over(connection: Connection, partner: Partner, cutoff_at: datetime, unfinished: Row | None, now: datetime) -> None:
    if unfinished is not None and unfinished["due_at"] == cutoff_at:
        due_runs.finish(connection, unfinished["id"], claimed_at=unfinished["claimed_at"], now=now)
    else:
        due_runs.claim_instant(connection, "cutoff", partner.id, cutoff_at, now=now, done_at=now)


def _take(connection: Connection, partner: Partner, cutoff_at: datetime, unfinished: Row | None, now: datetime) -> _Run | None:
    """The cutoff for ourselves; None where somebody was quicker."""
    if unfinished is not None and unfinished["due_at"] == cutoff_at:
        is_ours = due_runs.take_over(connection, unfinished, now=now)
        return _Run(unfinished["id"], cutoff_at, unfinished["begun_at"], is_repeated=True) if is_ours else None
    run_id = due_runs.claim_instant(connection, "cutoff", partner.id, cutoff_at, now=now)
    return None if run_id is None else _Run(run_id, cutoff_at, now, is_repeated=False)


def _begin_turn(connection: Connection, partner: Partner, run: _Run, missed: _Missed | None, now: datetime) -> Turn:
    """The turn that a cutoff gives; a person is told where claims missed this cutoff, or the last one before it."""
    aim = next_cutoff(partner.timetable, now) if run.due_at <= now else run.due_at
    if missed is not None and missed.claim_count and raise_items(connection, [_tell_missed(partner, missed, aim)], now):
        _log.warning("cutoff.missed", partner=partner.id, count=missed.claim_count)
    _log.info("cutoff.tried_again" if run.is_repeated else "cutoff.begun", partner=partner.id)
    came_by = min(run.begun_at, run.due_at)
    return Turn(cutoff_at=aim, run_id=run.id, claimed_at=now, came_by=came_by, is_repeated=run.is_repeated)


def _end_turn(context: Context, run_id: int, claimed_at: datetime | None, *, done: bool) -> None:
    assert claimed_at is not None, "a turn of a cutoff was claimed"
    with writing(context.engine) as connection:
        if done:
            due_runs.finish(connection, run_id, claimed_at=claimed_at, now=context.clock.now())
        else:
            due_runs.give_back(connection, run_id, claimed_at=claimed_at)


def _tell_missed(partner: Partner, missed: _Missed, aim: datetime | None) -> WorkItem:
    towards = f" for the cutoff of {name_instant(partner.timetable, aim)}" if aim else ""
    when = name_instant(partner.timetable, missed.cutoff_at)
    sentence = (
        f"The cutoff of {partner.id} on {when} passed, and {missed.claim_count} claims were ready that are in no file for it. "
        f"They go out at the next chance, which is now{towards}."
    )
    return WorkItem(
        kind=WorkKind.MISSED_CUTOFF, cause=f"cutoff:{partner.id}:{missed.cutoff_at:%Y%m%dT%H%M%S}Z", sentence=sentence,
        partner=partner.id, amount_cents=missed.charge_cents,
    )  # fmt: skip
