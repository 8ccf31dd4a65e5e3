"""Queries over what is still to be done to partners' copies of files that we have: delete them, or move them away."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, func, insert, select, update

from gateway.db.engine import Connection
from gateway.db.files import keep_copy
from gateway.db.tables import file, remote_step
from gateway.domain.readiness import Shown

TRIES_MAX = 5
"""After so many tries a person is told; it goes on being tried."""


class Step(msgspec.Struct, frozen=True, gc=False):
    """What is to be done to one copy: the one of this name, size and server time."""

    id: int
    file_id: int
    name: str
    size_bytes: int | None
    modified_at: int | None
    action: str
    tries: int

    @property
    def shown(self) -> Shown:
        """The copy that was fetched, as the server showed it then."""
        return Shown(self.name, self.size_bytes, self.modified_at)


_COLUMNS = (
    remote_step.c.id, remote_step.c.file_id, remote_step.c.name, remote_step.c.size_bytes, remote_step.c.modified_at,
    remote_step.c.action, remote_step.c.tries,
)  # fmt: skip


def list_undone(connection: Connection, partner: str) -> dict[str, Step]:
    """What is still to be done at a partner, by the name of the copy."""
    query = select(*_COLUMNS).where(remote_step.c.partner == partner, remote_step.c.done_at.is_(None)).order_by(remote_step.c.id)
    return {row.name: Step(*row) for row in connection.execute(query)}


def count_stuck(connection: Connection, partner: str) -> tuple[int, str]:
    """How many steps at a partner have failed so often that a person is to know, and what the last of them failed with."""
    stuck = (remote_step.c.partner == partner, remote_step.c.done_at.is_(None), remote_step.c.tries >= TRIES_MAX)
    count, last = connection.execute(select(func.count(), func.max(remote_step.c.id)).where(*stuck)).one()
    error = connection.execute(select(remote_step.c.error).where(remote_step.c.id == last)).scalar_one_or_none()
    return count, error or ""


def begin_step(
    connection: Connection, partner: str, file_id: int, *, copy: tuple[str, int | None, int | None], action: str, now: datetime
) -> Step:
    """A step for a copy (name, size, server time) of a kept file; one that was done and undone itself is taken up again."""
    name, size_bytes, modified_at = copy
    again = (
        remote_step.c.partner == partner, remote_step.c.file_id == file_id, remote_step.c.name == name,
        _same(remote_step.c.size_bytes, size_bytes), _same(remote_step.c.modified_at, modified_at),
    )  # fmt: skip
    query = update(remote_step).where(*again).values(done_at=None, tries=remote_step.c.tries + 1, action=action)
    row = connection.execute(query.returning(*_COLUMNS)).first()
    if row is not None:
        return Step(*row)
    values = {
        "partner": partner, "file_id": file_id, "name": name, "size_bytes": size_bytes, "modified_at": modified_at,
        "action": action, "created_at": now,
    }  # fmt: skip
    return Step(*connection.execute(insert(remote_step).values(values).returning(*_COLUMNS)).one())


def finish_step(connection: Connection, step: Step, now: datetime, *, note: str = "") -> None:
    """It is done, or there is nothing left to do, which `note` says."""
    connection.execute(update(remote_step).where(remote_step.c.id == step.id).values(done_at=now, error=note))
    if not note:
        connection.execute(update(file).where(file.c.id == step.file_id, file.c.removed_at.is_(None)).values(removed_at=now))


def postpone_step(connection: Connection, step: Step, *, error: str, lasting: bool) -> None:
    """It failed; `lasting` where waiting will not mend it, so that a person is told at once."""
    tries = max(TRIES_MAX, step.tries + 1) if lasting else step.tries + 1
    connection.execute(update(remote_step).where(remote_step.c.id == step.id).values(tries=tries, error=error))


def leave_copies(connection: Connection, partner: str, steps: Sequence[Step], now: datetime, *, note: str) -> None:
    """Nothing is to be done any more to these copies: they are remembered as what lies there and is known."""
    for step in steps:
        keep_copy(
            connection, step.file_id, partner=partner, name=step.name, size_bytes=step.size_bytes, modified_at=step.modified_at
        )
        finish_step(connection, step, now, note=note)


def _same(column: ColumnElement[int | None], value: int | None) -> ColumnElement[bool]:
    return column.is_(None) if value is None else column == value
