"""How every stage writes down what happened: the facts, the work they make, and the work they end."""

from collections.abc import Sequence
from datetime import datetime

from gateway.db.engine import Connection
from gateway.db.ledger import record
from gateway.db.settling import settle_claims
from gateway.db.work import WorkItem, raise_items
from gateway.domain.facts import Fact


def enter(connection: Connection, facts: Sequence[Fact], items: Sequence[WorkItem], now: datetime) -> int:
    """Record facts, close the items whose cause they end, open those they give cause for; how many facts were new."""
    new = record(connection, facts, now)
    settle_claims(connection, [fact.claim_id for fact in facts], now)
    raise_items(connection, items, now)
    return new
