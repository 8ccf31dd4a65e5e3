"""What needs a person: one row for each cause, open until the cause is gone or a person says why it may be closed."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint

from gateway.db.tables.metadata import metadata
from gateway.db.types import Id, Instant

work_item = Table(
    "work_item",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False, doc="gateway.domain.work.WorkKind"),
    Column("cause", Text, nullable=False, doc="kind-specific key, the same cause is the same item; with @id: decided and over"),
    Column("state", Text, nullable=False, doc="open | snoozed | done"),
    Column("sentence", Text, nullable=False, doc="what happened and what to do; no patient data"),
    Column("claim_id", Id, ForeignKey("claim.id")),
    Column("batch_id", Id, ForeignKey("batch.id")),
    Column("file_id", Id, ForeignKey("file.id")),
    Column("remittance_id", Id, ForeignKey("remittance.id")),
    Column("claim_payment_id", Id, ForeignKey("claim_payment.id")),
    Column("partner", Text, nullable=False, server_default=""),
    Column("amount_cents", Id, nullable=False, server_default="0", doc="money at stake"),
    Column("owner", Text, nullable=False, server_default=""),
    Column("opened_at", Instant, nullable=False),
    Column("due_at", Instant),
    Column("snoozed_until", Instant),
    Column("closed_at", Instant),
    Column("closed_by", Text, nullable=False, server_default="", doc="user, or '' where the cause went away by itself"),
    Column("closed_reason", Text, nullable=False, server_default=""),
    UniqueConstraint("kind", "cause"),
    Index("ix_work_item_state", "state"),
    Index("ix_work_item_claim_id", "claim_id"),
    Index("ix_work_item_batch_id", "batch_id"),
    Index("ix_work_item_file_id", "file_id"),
    Index("ix_work_item_remittance_id", "remittance_id"),
    Index("ix_work_item_claim_payment_id", "claim_payment_id"),
)
