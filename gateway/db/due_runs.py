"""The instants of partners' timetables that were acted on: whoever inserts the row acts, once, however many daemons there are."""

from datetime import datetime
from typing import Literal

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.db.engine import Connection, Row
from gateway.db.tables import claim, due_run, event
from gateway.domain.facts import Kind, State

DueKind = Literal["cutoff", "poll"]


def find_last(connection: Connection, kind: DueKind, partner: str) -> Row | None:
    """The latest instant of this partner that anybody acted on, as its row."""
    query = select(due_run).where(due_run.c.kind == kind, due_run.c.partner == partner)
    return connection.execute(query.order_by(due_run.c.due_at.desc()).limit(1)).mappings().one_or_none()


def claim_instant(
    connection: Connection, kind: DueKind, partner: str, due_at: datetime, *, now: datetime, done_at: datetime | None = None
) -> int | None:
    """Take this instant for ourselves: the row's id, or None where somebody took it before us."""
    row = {"kind": kind, "partner": partner, "due_at": due_at, "begun_at": now, "claimed_at": now, "done_at": done_at}
    try:
        with connection.begin_nested():
            return int(connection.execute(insert(due_run).values(row).returning(due_run.c.id)).scalar_one())
    except IntegrityError:
        return None


def take_over(connection: Connection, run: Row, *, now: datetime) -> bool:
    """Take an unfinished instant that was given back, or from one who died over it.

    False where somebody else was quicker, or it was done after all.
    """
    held = (due_run.c.id == run["id"], due_run.c.claimed_at == run["claimed_at"], due_run.c.done_at.is_(None))
    return connection.execute(update(due_run).where(*held).values(claimed_at=now)).rowcount == 1


def finish(connection: Connection, run_id: int, *, claimed_at: datetime | None, now: datetime) -> bool:
    """What this instant asked for is done; False where it was taken from us in the meantime."""
    held = (due_run.c.id == run_id, due_run.c.claimed_at == claimed_at)
    return connection.execute(update(due_run).where(*held).values(done_at=now)).rowcount == 1


def give_back(connection: Connection, run_id: int, *, claimed_at: datetime) -> None:
    """We failed over this instant, or could not do all it asks for: whoever comes next may have it at once."""
    held = (due_run.c.id == run_id, due_run.c.claimed_at == claimed_at, due_run.c.done_at.is_(None))
    connection.execute(update(due_run).where(*held).values(claimed_at=None))


def count_left_behind(connection: Connection, partner: str, cutoff_at: datetime, came_by: datetime) -> tuple[int, int]:
    """How many ready claims a cutoff should have taken, and their charges in cents.

    They came by then, and nothing but the edits happened to them since the cutoff: one that was corrected or released after it
    did not miss it.
    """
    since = select(event.c.id).where(
        event.c.claim_id == claim.c.id, event.c.recorded_at > cutoff_at, event.c.kind != str(Kind.EDITS_PASSED)
    )
    query = select(func.count(), func.coalesce(func.sum(claim.c.charge_cents), 0)).where(
        claim.c.state == str(State.READY), claim.c.partner == partner, claim.c.received_at <= came_by, ~since.exists()
    )
    count, cents = connection.execute(query).one()
    return int(count), int(cents)


def is_any_left(connection: Connection, partner: str, came_by: datetime, *states: State) -> bool:
    """Whether claims for this partner that came by then still are in one of these states."""
    query = select(claim.c.id).where(claim.c.state.in_(states), claim.c.partner == partner, claim.c.received_at <= came_by)
    return connection.execute(query.limit(1)).first() is not None
