"""Totals over the whole gateway: claims by state, why they are held or rejected, and what the books say."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import and_, func, select

from gateway.db.engine import Connection
from gateway.db.tables import batch, claim, claim_payment, entry, event, file, journal, remittance, work_item
from gateway.domain.accounts import Account
from gateway.domain.facts import Kind

REJECTIONS = (Kind.TA1_REJECTED, Kind.SYNTAX_REJECTED, Kind.CLEARINGHOUSE_REJECTED, Kind.PAYER_REJECTED)


def claims_by_state(connection: Connection) -> dict[str, tuple[int, int]]:
    """(claims, charge in cents) by state."""
    query = select(claim.c.state, func.count(), func.sum(claim.c.charge_cents)).group_by(claim.c.state)
    return {state: (int(count), int(cents)) for state, count, cents in connection.execute(query)}


def claims_ever(connection: Connection, kind: Kind) -> int:
    """How many claims have a fact of this kind."""
    query = select(func.count(event.c.claim_id.distinct())).where(event.c.kind == kind.value)
    return int(connection.execute(query).scalar_one())


def hold_reasons(connection: Connection) -> list[tuple[str, str, int]]:
    """(edit, message, claims) for the claims held now, by the first finding that holds each, the most frequent first."""
    counted: Counter[tuple[str, str]] = Counter()
    for data in _deciding_data(connection, "held", (Kind.EDITS_FAILED,)):
        holds = [finding for finding in data.get("findings", []) if finding["severity"] == "hold"]
        if holds:
            counted[holds[0]["edit"], holds[0]["message"]] += 1
    return [(edit, message, count) for (edit, message), count in counted.most_common()]


def rejection_reasons(connection: Connection) -> list[tuple[str, str, int]]:
    """(fact kind, what it said, claims) for the claims rejected now, the most frequent first."""
    counted: Counter[tuple[str, str]] = Counter()
    for kind in REJECTIONS:
        for data in _deciding_data(connection, "rejected", (kind,)):
            said = data.get("text") or data.get("error") or data.get("note") or data.get("verdict") or ""
            counted[kind.value, " ".join(filter(None, (data.get("codes", ""), str(said))))] += 1
    return [(kind, said, count) for (kind, said), count in counted.most_common()]


def _deciding_data(connection: Connection, state: str, kinds: tuple[Kind, ...]) -> Iterator[dict[str, Any]]:
    query = (
        select(claim.c.id, event.c.data)
        .join(event, and_(event.c.claim_id == claim.c.id, event.c.attempt == claim.c.attempt))
        .where(claim.c.state == state, event.c.kind.in_([kind.value for kind in kinds]))
        .order_by(event.c.id)
    )
    last = {row.id: row.data for row in connection.execute(query)}
    for data in last.values():
        yield msgspec.json.decode(data, type=dict[str, Any])


def overdue(connection: Connection, now: datetime) -> tuple[int, int]:
    """(claims, charge in cents) whose final answer is overdue."""
    query = select(func.count(), func.coalesce(func.sum(claim.c.charge_cents), 0)).where(claim.c.due_at <= now)
    count, cents = connection.execute(query).one()
    return int(count), int(cents)


def balances(connection: Connection) -> dict[str, int]:
    """The balance of every account, in cents: debit positive."""
    query = select(entry.c.account, func.sum(entry.c.amount_cents)).group_by(entry.c.account)
    found = {account: int(cents) for account, cents in connection.execute(query)}
    return {account.value: found.get(account.value, 0) for account in Account}


def cash_by_kind(connection: Connection) -> dict[str, int]:
    """Cash entries by kind of journal, in cents: paid on claims, in suspense, at provider level."""
    query = (
        select(journal.c.kind, func.sum(entry.c.amount_cents))
        .join(entry, entry.c.journal_id == journal.c.id)
        .where(entry.c.account == Account.CASH_CLEARING.value)
        .group_by(journal.c.kind)
    )
    return {kind: int(cents) for kind, cents in connection.execute(query)}


def remittances_by_state(connection: Connection) -> dict[str, tuple[int, int]]:
    """(remittances, BPR02 in cents) by state."""
    query = select(remittance.c.state, func.count(), func.sum(remittance.c.amount_cents)).group_by(remittance.c.state)
    return {state: (int(count), int(cents)) for state, count, cents in connection.execute(query)}


def suspended_payments(connection: Connection) -> tuple[int, int]:
    """(claim payments, paid in cents) that are held."""
    query = select(func.count(), func.coalesce(func.sum(claim_payment.c.paid_cents), 0)).where(
        claim_payment.c.state == "suspended"
    )
    count, cents = connection.execute(query).one()
    return int(count), int(cents)


def batches_by_state(connection: Connection) -> dict[str, int]:
    """Batches by state."""
    query = select(batch.c.state, func.count()).group_by(batch.c.state)
    return {state: int(count) for state, count in connection.execute(query)}


def files_by_direction(connection: Connection) -> dict[str, int]:
    """Files by direction."""
    query = select(file.c.direction, func.count()).group_by(file.c.direction)
    return {direction: int(count) for direction, count in connection.execute(query)}


def open_work(connection: Connection) -> dict[str, tuple[int, int]]:
    """(items, money at stake in cents) by kind, of the items that are open."""
    query = (
        select(work_item.c.kind, func.count(), func.sum(work_item.c.amount_cents))
        .where(work_item.c.state != "done")
        .group_by(work_item.c.kind)
    )
    return {kind: (int(count), int(cents)) for kind, count, cents in connection.execute(query)}
