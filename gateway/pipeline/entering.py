"""How every stage writes down what happened: the facts, the work they make, and the work they end."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

from gateway.db.engine import Connection, Row
from gateway.db.ledger import record
from gateway.db.settling import settle_claims
from gateway.db.work import WorkItem, raise_items
from gateway.domain.facts import Fact


def enter(connection: Connection, facts: Sequence[Fact], items: Sequence[WorkItem], now: datetime) -> int:
    """Record facts, open the items they give cause for, close those whose cause is gone; how many facts were new.

    Items are opened first: an answer that comes late may speak of what the claim has left behind already.
    """
    new = record(connection, facts, now)
    raise_items(connection, items, now)
    touched = {fact.claim_id for fact in facts} | {item.claim_id for item in items if item.claim_id is not None}
    settle_claims(connection, sorted(touched), now)
    return new


def filing_due(row: Row) -> datetime | None:
    """When work on a claim that is not with its payer is due: as its last day for filing begins, None where no limit applies.

    `row` holds the claim's `filing_deadline`.
    """
    last_day = row["filing_deadline"]
    return datetime.combine(last_day, time(0), UTC) if last_day else None
