"""Whether a partner's timetable lets us act now: each cutoff makes batches once, each poll time looks for answers until one did.

What is due is computed from the profile and remembered in due_run; a daemon that was down finds what it missed when it is back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec
from structlog import get_logger

from gateway.db import due_runs
from gateway.db.engine import Connection, reading, writing
from gateway.db.work import WorkItem, raise_items
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


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """Leave to make a partner's batches now."""

    cutoff_at: datetime | None
    """The cutoff they are for, aware UTC; None where the partner has none."""
    run_id: int | None = None
    claimed_at: datetime | None = None


@contextmanager
def claim_cutoff(context: Context, partner: Partner) -> Iterator[Turn | None]:
    """Leave to make this partner's batches while the block runs, or None: its claims wait for a cutoff whose lead has not begun.

    A partner without cutoffs has leave at any time. A cutoff gives it once: it is done when the block ends well, free again at
    once where it raises, and after LEASE where we die in it. A cutoff that passed without us gives it at the next chance, with
    a work item where ready claims missed it; such batches are for the cutoff after.
    """
    turn = _find_turn(context, partner)
    done = False
    try:
        yield turn
        done = True
    finally:
        if turn is not None and turn.run_id is not None:
            _end_turn(context, turn.run_id, turn.claimed_at, done=done)


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
        if last is not None and last["done_at"] is None:
            if last["claimed_at"] > now - LEASE or not due_runs.take_over(connection, last, now=now):
                return None
            _log.info("cutoff.taken_over", partner=partner.id)
            late = last["due_at"] if last["due_at"] <= now else None
            return _begin_turn(connection, partner, last["due_at"], run_id=last["id"], missed_at=late, now=now)
        return _claim_newest(connection, partner, last["due_at"] if last else None, now)


def _claim_newest(connection: Connection, partner: Partner, last: datetime | None, now: datetime) -> Turn | None:
    """The newest cutoff whose lead has begun since the last one; those before it are over, and told where they left claims."""
    since = now - A_DAY if last is None else max(last, now - LOOK_BACK)
    began = cutoffs_between(partner.timetable, since, now + timedelta(minutes=partner.timetable.lead_minutes))
    late = [cutoff_at for cutoff_at in began if cutoff_at <= now]
    all_late = late == began
    left_behind = bool(late) and due_runs.count_left_behind(connection, partner.id, late[-1])[0] > 0
    if not began or (all_late and not left_behind and due_runs.has_unscrubbed(connection, partner.id, late[-1])):
        return None
    needless = all_late and not left_behind
    for cutoff_at in began if needless else began[:-1]:
        due_runs.claim_instant(connection, "cutoff", partner.id, cutoff_at, now=now, done_at=now)
    run_id = None if needless else due_runs.claim_instant(connection, "cutoff", partner.id, began[-1], now=now)
    if run_id is None:
        return None
    return _begin_turn(connection, partner, began[-1], run_id=run_id, missed_at=late[-1] if late else None, now=now)


def _begin_turn(
    connection: Connection, partner: Partner, cutoff_at: datetime, *, run_id: int, missed_at: datetime | None, now: datetime
) -> Turn:
    """The turn that a claimed cutoff gives; a person is told where claims missed this cutoff, or the last one before it."""
    aim = next_cutoff(partner.timetable, now) if cutoff_at <= now else cutoff_at
    count, cents = due_runs.count_left_behind(connection, partner.id, missed_at) if missed_at else (0, 0)
    if missed_at is not None and count:
        raise_items(connection, [_missed(partner, missed_at, aim, count, cents)], now)
        _log.warning("cutoff.missed", partner=partner.id, count=count)
    _log.info("cutoff.begun", partner=partner.id)
    return Turn(cutoff_at=aim, run_id=run_id, claimed_at=now)


def _end_turn(context: Context, run_id: int, claimed_at: datetime | None, *, done: bool) -> None:
    assert claimed_at is not None, "a turn of a cutoff was claimed"
    with writing(context.engine) as connection:
        if done:
            due_runs.finish(connection, run_id, claimed_at=claimed_at, now=context.clock.now())
        else:
            due_runs.give_back(connection, run_id, claimed_at=claimed_at)


def _missed(partner: Partner, cutoff_at: datetime, aim: datetime | None, count: int, cents: int) -> WorkItem:
    towards = f" for the cutoff of {name_instant(partner.timetable, aim)}" if aim else ""
    sentence = (
        f"The cutoff of {partner.id} on {name_instant(partner.timetable, cutoff_at)} passed and no file was made for it, though "
        f"{count} claims were ready. They go out at the next chance, which is now{towards}."
    )
    return WorkItem(
        kind=WorkKind.MISSED_CUTOFF, cause=f"cutoff:{partner.id}:{cutoff_at:%Y%m%dT%H%M%S}Z", sentence=sentence,
        partner=partner.id, amount_cents=cents,
    )  # fmt: skip
