"""The work list: what needs a person, the most urgent first; and giving, putting away and closing its items."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from gateway.db import decisions, listings
from gateway.db.engine import Connection, Row, reading, writing
from gateway.desk.reasons import check_reason
from gateway.domain.work import GUIDANCE, WorkKind, priority
from gateway.errors import Refused
from gateway.pipeline.context import Context

NAME_MAX = 500


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that needs a person. `amount_cents` is the money at stake; the ids say what it is about."""

    id: int
    kind: str
    title: str
    state: str
    priority: int
    amount_cents: int
    sentence: str
    what_to_do: str
    owner: str
    partner: str
    opened_at: datetime
    due_at: datetime | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    closed_by: str
    closed_reason: str
    pcn: str
    claim_id: int | None
    batch_id: int | None
    file_id: int | None
    remittance_id: int | None
    claim_payment_id: int | None


_OF_ROW = tuple(name for name in Item.__struct_fields__ if name not in {"title", "priority", "what_to_do", "pcn"})


HELD_MONEY = frozenset(
    {
        WorkKind.SUSPENDED_PAYMENT,
        WorkKind.UNMATCHED_PAYMENT,
        WorkKind.UNBALANCED_REMITTANCE,
        WorkKind.DUPLICATE_REMITTANCE,
    }
)
"""What a person may not call done: the money would be on nobody's list (invariant 4)."""


def list_items(context: Context, *, kind: WorkKind | None, owner: str | None, closed_too: bool) -> list[Item]:
    """What is open, the greatest priority first; snoozed and done items, too, where `closed_too`."""
    now = context.clock.now()
    with reading(context.engine) as connection:
        rows = listings.list_work(connection, kind=kind.value if kind else None, owner=owner, closed_too=closed_too, now=now)
    return sorted((_item(row, now) for row in rows), key=lambda item: (-item.priority, item.id))


def get_item(context: Context, work_id: int) -> Item:
    """One item, whatever its state. Raises Refused where there is none."""
    with reading(context.engine) as connection:
        return _item(_get_row(connection, work_id), context.clock.now())


def assign(context: Context, work_id: int, owner: str) -> Item:
    """Give an item to someone; '' takes it back. Raises Refused where there is none or it is done."""
    if len(owner) > NAME_MAX:
        raise Refused(f"a name of at most {NAME_MAX} characters is needed")
    return _change(context, work_id, lambda connection: decisions.assign_item(connection, work_id, owner.strip()))


def snooze(context: Context, work_id: int, until: datetime) -> Item:
    """Put an item away until an instant to come. Raises Refused where there is none, it is done, or the instant is past."""
    if until <= context.clock.now():
        raise Refused(f"{until:%Y-%m-%d} is not in the future; to be done with an item, resolve it")
    return _change(context, work_id, lambda connection: decisions.snooze_item(connection, work_id, until))


def resolve(context: Context, work_id: int, *, actor: str, reason: str) -> Item:
    """Close an item with a reason: while its cause lasts it stays closed.

    Raises Refused where none is open, and for money that is held: that stays on the list until it is posted.
    """
    check_reason(reason)
    if get_item(context, work_id).kind in HELD_MONEY:
        raise Refused(
            f"work item {work_id} is about money that is held: it closes by itself once that is posted; snooze or assign it"
        )
    now = context.clock.now()
    return _change(
        context, work_id,
        lambda connection: decisions.resolve_item(connection, work_id, actor=actor, reason=reason.strip(), now=now),
    )  # fmt: skip


def _change(context: Context, work_id: int, decide: Callable[[Connection], bool]) -> Item:
    with writing(context.engine) as connection:
        changed = decide(connection)
        row = _get_row(connection, work_id)
        if not changed:
            raise Refused(f"work item {work_id} is done: {_tell_end(row)}")
        return _item(row, context.clock.now())


def _tell_end(row: Row) -> str:
    if not row["closed_by"]:
        return f"its cause went away by itself ({row['closed_reason']}). If it comes back, this item opens again"
    after = "While its cause lasts it stays closed; if that goes away and comes back, a new item tells of it"
    return f"{row['closed_by']} closed it ({row['closed_reason']}). {after}"


def _get_row(connection: Connection, work_id: int) -> Row:
    row = listings.find_work(connection, work_id)
    if row is None:
        raise Refused(f"there is no work item {work_id}; `work list` shows those that are open, `work list --all` every one")
    return row


def _item(row: Row, now: datetime) -> Item:
    guidance = GUIDANCE[WorkKind(row["kind"])]
    return Item(
        **{name: row[name] for name in _OF_ROW},
        title=guidance.title,
        what_to_do=guidance.what_to_do,
        priority=priority(row["amount_cents"], row["due_at"], now),
        pcn=row["pcn"] or "",
    )
