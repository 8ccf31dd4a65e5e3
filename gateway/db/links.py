"""Queries over the connections to partners: how each has been doing, and until when nobody is to try."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from gateway.db.engine import Connection
from gateway.db.tables import partner_link


def find_link(connection: Connection, partner: str) -> RowMapping | None:
    """How the connection to a partner has been doing, columns of partner_link; None where there never was one."""
    return connection.execute(select(partner_link).where(partner_link.c.partner == partner)).mappings().one_or_none()


def claim_try(connection: Connection, partner: str, *, now: datetime, until: datetime) -> bool:
    """Take the one try at a connection that was failing: the circuit is open for all others until `until`. Whether it is ours.

    A connection that works needs no such try: True.
    """
    failing = (partner_link.c.partner == partner, partner_link.c.failures > 0)
    if connection.execute(select(partner_link.c.partner).where(*failing)).first() is None:
        return True
    query = update(partner_link).where(*failing, _is_closed(now)).values(next_try_at=until)
    return connection.execute(query).rowcount == 1


def note_success(connection: Connection, partner: str, now: datetime) -> bool:
    """The connection did what it was for; whether it had been failing."""
    failing: bool = lock_link(connection, partner)["failures"] > 0
    values = {"failures": 0, "next_try_at": None, "failing_since": None, "error": "", "worked_at": now}
    connection.execute(update(partner_link).where(partner_link.c.partner == partner).values(values))
    return failing


def note_failure(connection: Connection, partner: str, *, now: datetime, next_try_at: datetime, error: str) -> None:
    """The connection failed once more and is not to be tried before `next_try_at`. The caller has its row locked."""
    of_partner = partner_link.c.partner == partner
    values: dict[str, Any] = {"failures": partner_link.c.failures + 1, "next_try_at": next_try_at, "error": error}
    connection.execute(update(partner_link).where(of_partner).values(values))
    connection.execute(update(partner_link).where(of_partner, partner_link.c.failing_since.is_(None)).values(failing_since=now))


def lock_link(connection: Connection, partner: str) -> RowMapping:
    """The row of a partner, begun where there is none, and locked until the transaction ends."""
    query = select(partner_link).where(partner_link.c.partner == partner).with_for_update()
    found = connection.execute(query).mappings().one_or_none()
    if found is not None:
        return found
    try:
        with connection.begin_nested():
            connection.execute(insert(partner_link).values(partner=partner, failures=0))
    except IntegrityError:
        pass
    return connection.execute(query).mappings().one()


def _is_closed(now: datetime) -> ColumnElement[bool]:
    return or_(partner_link.c.next_try_at.is_(None), partner_link.c.next_try_at <= now)
