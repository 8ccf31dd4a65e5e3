"""Queries over acknowledgments."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping, select

from gateway.db.engine import Connection, insert_many
from gateway.db.tables import acknowledgment, inbound_set


def insert_acknowledgments(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """What a set says, one row for each thing said; missing batch and claim mean that nothing of ours matches."""
    complete = [{"batch_id": None, "claim_id": None, "codes": "", **row} for row in rows]
    insert_many(connection, acknowledgment, complete)


def is_read(connection: Connection, batch_id: int) -> bool:
    """Whether a 999 or 277CA speaks of this batch: then what is in its interchange was read, whatever a TA1 says."""
    said = (acknowledgment.c.batch_id == batch_id, acknowledgment.c.claim_id.is_(None), acknowledgment.c.kind != "TA1")
    return connection.execute(select(acknowledgment.c.id).where(*said).limit(1)).first() is not None


def has_999(connection: Connection, batch_id: int) -> bool:
    """Whether a 999 was taken to answer this batch's group."""
    said = (acknowledgment.c.batch_id == batch_id, acknowledgment.c.kind == "999 group")
    return connection.execute(select(acknowledgment.c.id).where(*said).limit(1)).first() is not None


def list_of_batch(connection: Connection, batch_id: int) -> Sequence[RowMapping]:
    """Everything said about a batch and its sets, in the order it came, without what was said claim by claim."""
    query = (
        select(acknowledgment, inbound_set.c.file_id, inbound_set.c.transaction)
        .join(inbound_set, inbound_set.c.id == acknowledgment.c.inbound_set_id)
        .where(acknowledgment.c.batch_id == batch_id, acknowledgment.c.claim_id.is_(None))
        .order_by(acknowledgment.c.id)
    )
    return connection.execute(query).mappings().all()
