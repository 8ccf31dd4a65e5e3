"""The work list's rows: raised once for each cause, closed when the cause is gone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Text, cast, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from gateway.db.engine import chunks_of, insert_many
from gateway.db.tables import work_item

Key = tuple[str, str]


class WorkItem(msgspec.Struct, frozen=True):
    """Something that needs a person. The same kind and cause is the same item; the sentence holds no patient data."""

    kind: str
    cause: str
    sentence: str
    claim_id: int | None = None
    batch_id: int | None = None
    file_id: int | None = None
    remittance_id: int | None = None
    claim_payment_id: int | None = None
    partner: str = ""
    amount_cents: int = 0
    due_at: datetime | None = None


def raise_items(connection: Connection, items: Sequence[WorkItem], now: datetime) -> int:
    """Put these on the work list and return how many were not on it: new ones, and reopened ones.

    An item still open or snoozed has what it says refreshed. One that closed by itself opens again. One that a person
    closed stays closed: that decision holds for as long as this cause lasts (see `close_items`).
    """
    wanted = {(str(item.kind), item.cause): item for item in items}
    present = _find_present(connection, list(wanted))
    opened = _insert_items(connection, [item for key, item in wanted.items() if key not in present], now)
    for key, row in present.items():
        opened += _raise_again(connection, row, wanted[key], now)
    return opened


def close_items(connection: Connection, kind: str, causes: Sequence[str], *, reason: str, now: datetime, actor: str = "") -> int:
    """Close the items of `kind` with these causes that are not done yet, and return how many.

    `actor` is the person who closes them; empty where the cause went away by itself. In that case what a person had closed
    before is over, too: should the cause come back, that is another item, and the decision stands beside the old one.
    """
    assert reason, "an item is closed with a reason"
    if not actor:
        _end_episodes(connection, kind, causes)
    closing = {"state": "done", "closed_at": now, "closed_by": actor, "closed_reason": reason, "snoozed_until": None}
    closed = 0
    for chunk in chunks_of(causes):
        named = (work_item.c.kind == str(kind), work_item.c.cause.in_(chunk), work_item.c.state != "done")
        closed += connection.execute(update(work_item).where(*named).values(closing)).rowcount
    return closed


def was_ever_raised(connection: Connection, kinds: Sequence[str], cause: str) -> bool:
    """Whether there is, or was at any time, an item of one of these kinds with this cause: also one that is over."""
    of_cause = or_(work_item.c.cause == cause, work_item.c.cause.startswith(f"{cause}@", autoescape=True))
    query = select(work_item.c.id).where(work_item.c.kind.in_([str(kind) for kind in kinds]), of_cause).limit(1)
    return connection.execute(query).first() is not None


def list_causes(connection: Connection, kind: str) -> set[str]:
    """The causes of all items of this kind, open or done, but for those that are over."""
    query = select(work_item.c.cause).where(work_item.c.kind == str(kind), ~work_item.c.cause.contains("@"))
    return set(connection.execute(query).scalars())


def _end_episodes(connection: Connection, kind: str, causes: Sequence[str]) -> None:
    decided = (work_item.c.kind == str(kind), work_item.c.state == "done", work_item.c.closed_by != "")
    of_the_past = {"cause": work_item.c.cause + "@" + cast(work_item.c.id, Text)}
    for chunk in chunks_of(causes):
        connection.execute(update(work_item).where(*decided, work_item.c.cause.in_(chunk)).values(of_the_past))


def _find_present(connection: Connection, keys: Sequence[Key]) -> dict[Key, Row[Any]]:
    present: dict[Key, Row[Any]] = {}
    for kind in sorted({kind for kind, _ in keys}):
        for causes in chunks_of(cause for of_kind, cause in keys if of_kind == kind):
            query = select(work_item).where(work_item.c.kind == kind, work_item.c.cause.in_(causes)).with_for_update()
            present |= {(kind, row.cause): row for row in connection.execute(query)}
    return present


def _insert_items(connection: Connection, items: Sequence[WorkItem], now: datetime) -> int:
    rows = [{**_values_of(item), "state": "open", "opened_at": now} for item in items]
    try:
        with connection.begin_nested():
            insert_many(connection, work_item, rows)
    except IntegrityError:
        return sum(_insert_unless_present(connection, item, now) for item in items)
    return len(rows)


def _insert_unless_present(connection: Connection, item: WorkItem, now: datetime) -> int:
    key = (str(item.kind), item.cause)
    try:
        with connection.begin_nested():
            connection.execute(insert(work_item).values(**_values_of(item), state="open", opened_at=now))
    except IntegrityError:
        present = _find_present(connection, [key])
        if key not in present:
            raise
        return _raise_again(connection, present[key], item, now)
    return 1


def _raise_again(connection: Connection, row: Row[Any], item: WorkItem, now: datetime) -> int:
    """Refresh what the row says or reopen it; 1 if it was reopened."""
    by_itself = row.state == "done" and row.closed_by == ""
    if row.state == "done" and not by_itself:
        return 0
    said = _values_of(item)
    if by_itself:
        said |= {"state": "open", "opened_at": now, "closed_at": None, "closed_reason": "", "snoozed_until": None}
    if any(getattr(row, name) != value for name, value in said.items()):
        connection.execute(update(work_item).where(work_item.c.id == row.id).values(said))
    return int(by_itself)


def _values_of(item: WorkItem) -> dict[str, Any]:
    return {**msgspec.structs.asdict(item), "kind": str(item.kind)}
