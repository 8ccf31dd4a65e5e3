"""Claims: the row that caches a claim's standing, its versions, its submissions, and its facts."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from gateway.db.tables.metadata import metadata
from gateway.db.types import ByteText, Id, Instant

claim = Table(
    "claim",
    metadata,
    Column("id", Id, primary_key=True),
    Column("pcn", Text, nullable=False, doc="patient control number we send: CLM01"),
    Column("source_pcn", Text, nullable=False, doc="patient control number the claim came with"),
    Column("match_pcn", ByteText, nullable=False, doc="pcn normalised for matching"),
    Column("fingerprint", Text, nullable=False, doc="digest of the claim as it came: the same claim twice is one"),
    Column("service_digest", Text, nullable=False, doc="practice, member and services: equal for a duplicate claim"),
    Column("practice", Text, nullable=False, doc="NPI of the billing provider"),
    Column("payer", Text, nullable=False, doc="payer profile id; '' where no profile names its payer"),
    Column("partner", Text, nullable=False, doc="partner profile id; '' where no profile names its payer"),
    Column("member_id", Text, nullable=False),
    Column("service_from", Date),
    Column("service_through", Date),
    Column("filing_deadline", Date, doc="last day on which the payer takes it; NULL where no limit applies"),
    Column("charge_cents", Id, nullable=False),
    Column("version", Integer, nullable=False, doc="current claim_version"),
    Column("file_id", Id, ForeignKey("file.id"), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("payer_claim_number", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False, doc="cached fold of the facts; written by db/ledger.py alone"),
    Column("attempt", Integer, nullable=False, doc="cached fold"),
    Column("due_at", Instant, doc="cached fold: when the final answer is overdue"),
    UniqueConstraint("pcn"),
    UniqueConstraint("fingerprint"),
    Index("ix_claim_state_partner", "state", "partner"),
    Index("ix_claim_match_pcn", "match_pcn"),
    Index("ix_claim_source_pcn", "source_pcn"),
    Index("ix_claim_due_at", "due_at"),
    Index("ix_claim_filing_deadline", "filing_deadline"),
    Index("ix_claim_file_id", "file_id"),
    Index("ix_claim_member_id", "member_id"),
    Index("ix_claim_service_digest", "service_digest"),
    Index("ix_claim_payer_claim_number", "payer_claim_number"),
)

claim_version = Table(
    "claim_version",
    metadata,
    Column("id", Id, primary_key=True),
    Column("claim_id", Id, ForeignKey("claim.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", Text, nullable=False, doc="edi.claims.Claim as JSON; never edited in place"),
    Column("created_at", Instant, nullable=False),
    Column("actor", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    UniqueConstraint("claim_id", "version"),
)

submission = Table(
    "submission",
    metadata,
    Column("id", Id, primary_key=True),
    Column("claim_id", Id, ForeignKey("claim.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("batch_id", Id, ForeignKey("batch.id"), nullable=False),
    Column("st_control_number", Text, nullable=False),
    Column("trace", Text, nullable=False, doc="REF*D9, unique per attempt"),
    Column("first_position", Integer, nullable=False, doc="position of its CLM in the set, ST = 1"),
    Column("last_position", Integer, nullable=False, doc="position of its last segment in the set"),
    Column("charge_cents", Id, nullable=False),
    UniqueConstraint("claim_id", "attempt"),
    UniqueConstraint("trace"),
    UniqueConstraint("batch_id", "st_control_number", "first_position"),
)

event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("claim_id", Id, ForeignKey("claim.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("source", Text, nullable=False),
    Column("file_id", Id, ForeignKey("file.id")),
    Column("file_sha256", Text, nullable=False, server_default=""),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("actor", Text, nullable=False, server_default=""),
    Column("data", Text, nullable=False, server_default="{}"),
    UniqueConstraint("claim_id", "source"),
)
