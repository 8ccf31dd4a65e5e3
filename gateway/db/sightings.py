"""Queries over what lies in pickup folders and is not kept yet, and over the work that pickup has put on the list."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, bindparam, delete, or_, select, update

from gateway.db.engine import Connection, chunks_of, insert_many
from gateway.db.tables import sighting, work_item
from gateway.db.types import Id
from gateway.domain.readiness import Sighting, SightingState
from gateway.domain.work import WorkKind

_ROWS = 5000
_IDS = 2000
_COLUMNS = (
    sighting.c.id, sighting.c.name, sighting.c.size_bytes, sighting.c.modified_at, sighting.c.still_polls,
    sighting.c.first_seen_at, sighting.c.state, sighting.c.error,
)  # fmt: skip


def list_sightings(connection: Connection, partner: str) -> dict[str, Sighting]:
    """What was waiting in a partner's folder at the last look, by name."""
    query = select(*_COLUMNS).where(sighting.c.partner == partner).execution_options(yield_per=_ROWS)
    return {row["name"]: _to_sighting(row) for row in connection.execute(query).mappings()}


def find_sighting(connection: Connection, partner: str, name: str) -> Sighting | None:
    """What waits under this name, or None."""
    query = select(*_COLUMNS).where(sighting.c.partner == partner, sighting.c.name == name)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _to_sighting(row)


def list_waiting(connection: Connection, *, partner: str | None, limit: int) -> Sequence[RowMapping]:
    """What waits at this partner or at all of them, longest first: columns of sighting, first_seen_at as `since`."""
    query = select(
        sighting.c.partner, sighting.c.name, sighting.c.state, sighting.c.first_seen_at.label("since"), sighting.c.size_bytes,
        sighting.c.error,
    ).order_by(sighting.c.first_seen_at, sighting.c.id)  # fmt: skip
    if partner is not None:
        query = query.where(sighting.c.partner == partner)
    return connection.execute(query.limit(limit)).mappings().all()


def keep_sightings(connection: Connection, partner: str, seen: Iterable[Sighting], now: datetime) -> None:
    """Remember these: new ones (id 0) and changed ones. What a person decided meanwhile of one that did not change stays."""
    for chunk in chunks_of(seen, _ROWS):
        insert_many(connection, sighting, [_to_row(one, partner, now) for one in chunk if not one.id])
        changed = [_to_update(one, now) for one in chunk if one.id]
        if changed:
            connection.execute(update(sighting).where(sighting.c.id == bindparam("row_id"), _not_decided()), changed)


def count_looks(connection: Connection, seen: Iterable[Sighting], now: datetime) -> None:
    """These stood still for another look, and are otherwise what they were."""
    by_count: dict[int, list[int]] = {}
    for one in seen:
        by_count.setdefault(one.still_polls, []).append(one.id)
    for still_polls, ids in by_count.items():
        for chunk in chunks_of(ids, _IDS):
            values = {"still_polls": still_polls, "last_seen_at": now}
            connection.execute(update(sighting).where(sighting.c.id.in_(chunk)).values(values))


def forget_sightings(connection: Connection, partner: str, names: Sequence[str]) -> None:
    """These were kept, or are gone."""
    for chunk in chunks_of(names):
        connection.execute(delete(sighting).where(sighting.c.partner == partner, sighting.c.name.in_(chunk)))


def take_sighting(connection: Connection, sighting_id: int, *, error: str, now: datetime) -> None:
    """A person wants this fetched at the next look, whatever is wrong with it; `error` says who and why."""
    values = {"state": SightingState.TAKEN.value, "error": error, "last_seen_at": now}
    connection.execute(update(sighting).where(sighting.c.id == sighting_id).values(values))


def list_told(connection: Connection, partner: str, causes: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str | None]:
    """What pickup has on the work list for a partner, by (kind, cause): the sentence, or None where a person closed the item.

    All of kind unfinished_file, and of the other kinds the `causes` given and what begins with them and a colon; decisions that
    are over are left out.
    """
    of_pickup = or_(
        work_item.c.kind == WorkKind.UNFINISHED_FILE.value,
        *(and_(work_item.c.kind == kind, _is_cause(cause)) for kind, cause in causes),
    )
    lasting = or_(work_item.c.state != "done", work_item.c.closed_by != "")
    query = select(work_item.c.kind, work_item.c.cause, work_item.c.state, work_item.c.sentence).where(
        work_item.c.partner == partner, of_pickup, lasting, work_item.c.cause.not_like("%@%")
    )
    return {(row.kind, row.cause): None if row.state == "done" else row.sentence for row in connection.execute(query)}


def _is_cause(cause: str) -> ColumnElement[bool]:
    return or_(work_item.c.cause == cause, work_item.c.cause.startswith(f"{cause}:", autoescape=True))


def _to_sighting(row: RowMapping) -> Sighting:
    return Sighting(
        row["name"], row["size_bytes"], row["modified_at"], still_polls=row["still_polls"], first_seen_at=row["first_seen_at"],
        state=SightingState(row["state"]), error=row["error"], id=row["id"],
    )  # fmt: skip


def _not_decided() -> ColumnElement[bool]:
    """A person's word on a copy, said while we were looking, holds for as long as that copy is what it was."""
    return or_(
        sighting.c.state != SightingState.TAKEN.value,
        sighting.c.size_bytes.is_distinct_from(bindparam("shown_bytes", type_=Id)),
        sighting.c.modified_at.is_distinct_from(bindparam("shown_at", type_=Id)),
    )


def _to_row(seen: Sighting, partner: str, now: datetime) -> dict[str, Any]:
    return {"partner": partner, "name": seen.name, "first_seen_at": seen.first_seen_at, **_values(seen, now)}


def _to_update(seen: Sighting, now: datetime) -> dict[str, Any]:
    return {"row_id": seen.id, "shown_bytes": seen.size_bytes, "shown_at": seen.modified_at, **_values(seen, now)}


def _values(seen: Sighting, now: datetime) -> dict[str, Any]:
    return {
        "size_bytes": seen.size_bytes, "modified_at": seen.modified_at, "still_polls": seen.still_polls,
        "state": seen.state.value, "error": seen.error, "last_seen_at": now,
    }  # fmt: skip
