"""What people decide, each as one conditional update: it takes effect only where what was decided on is still so."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update

from gateway.db.engine import Connection
from gateway.db.tables import file, inbound_set, remittance, work_item

SET_ASIDE = ("quarantined", "unsupported")
"""States of a set of which nothing was taken in: no acknowledgment, remittance or fact refers to it."""


def assign_item(connection: Connection, work_id: int, owner: str) -> bool:
    """Give an item that is not done to someone ('' takes it back); whether it was."""
    return _change_item(connection, work_id, {"owner": owner})


def snooze_item(connection: Connection, work_id: int, until: datetime) -> bool:
    """Put an item that is not done away until an instant; whether it was."""
    return _change_item(connection, work_id, {"state": "snoozed", "snoozed_until": until})


def resolve_item(connection: Connection, work_id: int, *, actor: str, reason: str, now: datetime) -> bool:
    """Close an item that is not done, by a person and with a reason; whether it was."""
    assert actor, "a person resolves it"
    assert reason, "an item is closed with a reason"
    done = {"state": "done", "closed_at": now, "closed_by": actor, "closed_reason": reason, "snoozed_until": None}
    return _change_item(connection, work_id, done)


def release_remittance(connection: Connection, remittance_id: int, actor: str) -> bool:
    """Let posting decide again on a remittance held as a duplicate: `actor` says that it is none; whether it was held as one."""
    query = update(remittance).where(remittance.c.id == remittance_id, remittance.c.state == "duplicate")
    return connection.execute(query.values(state="received", reason="", released_by=actor)).rowcount == 1


def reopen_sets(connection: Connection, file_id: int) -> list[int]:
    """Let ingest try again the sets of a file that were set aside; their ordinals. Sets taken in are never touched."""
    aside = (inbound_set.c.file_id == file_id, inbound_set.c.state.in_(SET_ASIDE))
    ordinals = list(connection.execute(select(inbound_set.c.ordinal).where(*aside).order_by(inbound_set.c.ordinal)).scalars())
    connection.execute(update(inbound_set).where(*aside).values(state="reopened"))
    return ordinals


def reopen_file(connection: Connection, file_id: int) -> bool:
    """Let ingest look again at an inbound file that it is done with; whether there is one."""
    there: tuple[ColumnElement[bool], ...] = (
        file.c.id == file_id, file.c.direction == "inbound", file.c.state.in_(("read", "unreadable")),
    )  # fmt: skip
    return connection.execute(update(file).where(*there).values(state="archived")).rowcount == 1


def _change_item(connection: Connection, work_id: int, values: dict[str, Any]) -> bool:
    query = update(work_item).where(work_item.c.id == work_id, work_item.c.state != "done")
    return connection.execute(query.values(values)).rowcount == 1
