"""What came back about what we sent: one row for each thing a TA1, 999, 277CA or 277 says."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from gateway.db.tables.metadata import metadata
from gateway.db.types import Id

acknowledgment = Table(
    "acknowledgment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("inbound_set_id", Id, ForeignKey("inbound_set.id"), nullable=False),
    Column("position", Integer, nullable=False, doc="segment in the set, ST = 1; 0 for a TA1"),
    Column("kind", Text, nullable=False, doc="TA1 | 999 group | 999 set | 277CA receiver | 277CA provider | 277CA claim"),
    Column("verdict", Text, nullable=False, doc="A, E, R … of TA104/AK901/IK501; WQ or U of STC03"),
    Column("codes", Text, nullable=False, server_default="", doc="note or status codes, space separated"),
    Column("reference", Text, nullable=False, doc="what it answers: ISA13, GS06, ST02, BHT03 or PCN as given"),
    Column("batch_id", Id, ForeignKey("batch.id"), doc="None: matches nothing of ours"),
    Column("claim_id", Id, ForeignKey("claim.id")),
    UniqueConstraint("inbound_set_id", "position"),
    Index("ix_acknowledgment_batch_id", "batch_id"),
    Index("ix_acknowledgment_claim_id", "claim_id"),
)
