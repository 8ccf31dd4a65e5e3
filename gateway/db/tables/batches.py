"""What goes out: batches, the sets in them, and the numbers they draw."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from gateway.db.tables.metadata import metadata
from gateway.db.types import Id, Instant

batch = Table(
    "batch",
    metadata,
    Column("id", Id, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("sender", Text, nullable=False, doc="ISA05:ISA06"),
    Column("receiver", Text, nullable=False, doc="ISA07:ISA08"),
    Column("usage", Text, nullable=False, doc="ISA15"),
    Column("transaction", Text, nullable=False, server_default="837P", doc="837P | 837I | 837D"),
    Column("practice", Text, nullable=False, server_default="", doc="NPI where the batch is one practice's alone"),
    Column("isa_control_number", Id, nullable=False),
    Column("gs_control_number", Id, nullable=False),
    Column("file_id", Id, ForeignKey("file.id"), nullable=False),
    Column("remote_name", Text, nullable=False),
    Column("claim_count", Integer, nullable=False, doc="claims of ours in it: 0 where another system made the file"),
    Column("charge_cents", Id, nullable=False),
    Column("state", Text, nullable=False, doc="queued → sending → publishing → sent | unknown → delivered | rejected | failed"),
    Column("created_at", Instant, nullable=False),
    Column("cutoff_at", Instant, doc="the partner's cutoff it was made for; NULL where the partner has none"),
    Column("sending_at", Instant, doc="when its last upload began, or a person said that it is there; NULL: it has not left"),
    Column("publishing_at", Instant, doc="when its last word was last about to be said; NULL: the partner cannot have it by us"),
    Column("sent_at", Instant),
    Column("next_try_at", Instant, doc="after a transient failure: not before"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("sender", "receiver", "usage", "isa_control_number"),
    UniqueConstraint("partner", "remote_name", "isa_control_number"),
    Index(
        "ix_batch_sender_gs_control_number",
        "sender",
        "gs_control_number",
        unique=True,
        sqlite_where=text("claim_count > 0"),
        postgresql_where=text("claim_count > 0"),
    ),
    Index("ix_batch_partner_gs_control_number", "partner", "gs_control_number"),
    Index("ix_batch_state", "state"),
    Index("ix_batch_file_id", "file_id"),
)

batch_set = Table(
    "batch_set",
    metadata,
    Column("id", Id, primary_key=True),
    Column("batch_id", Id, ForeignKey("batch.id"), nullable=False),
    Column("st_control_number", Text, nullable=False),
    Column("reference", Text, nullable=False, doc="BHT03, returned by the 277CA in 2200B TRN02"),
    Column("segment_count", Integer, nullable=False),
    Column("claim_count", Integer, nullable=False),
    Column("charge_cents", Id, nullable=False),
    UniqueConstraint("batch_id", "st_control_number"),
    UniqueConstraint("reference"),
)

partner_link = Table(
    "partner_link",
    metadata,
    Column("partner", Text, primary_key=True, doc="partner profile id"),
    Column("failures", Integer, nullable=False, doc="connections in a row that failed"),
    Column("next_try_at", Instant, doc="the circuit is open until then: nobody connects"),
    Column("failing_since", Instant, doc="the first failure of the row; NULL while it works"),
    Column("worked_at", Instant, doc="when a connection last did what it was for"),
    Column("error", Text, nullable=False, server_default=""),
)
"""How the connection to each partner has been doing: what keeps us from knocking at a closed door."""

due_run = Table(
    "due_run",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Text, nullable=False, doc="cutoff | poll"),
    Column("partner", Text, nullable=False),
    Column("due_at", Instant, nullable=False, doc="the instant of the partner's timetable"),
    Column("begun_at", Instant, nullable=False, doc="when somebody took it first"),
    Column("claimed_at", Instant, doc="since when somebody is at it; NULL: it was given back, and is to be tried again"),
    Column("done_at", Instant),
    UniqueConstraint("kind", "partner", "due_at"),
)
"""Each instant of a partner's timetable that was acted on: whoever inserts the row acts, once."""

control_number = Table(
    "control_number",
    metadata,
    Column("series", Text, primary_key=True, doc="e.g. isa:ZZ:SENDER:ZZ:RECEIVER, gs:SENDER, bht, pcn, trace"),
    Column("last", Id, nullable=False),
)
