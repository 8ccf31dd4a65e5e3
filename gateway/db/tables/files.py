"""Files that came or went, and what was in those that came. Their bytes lie in the archive, by SHA-256."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from gateway.db.tables.metadata import metadata
from gateway.db.types import Id, Instant

file = Table(
    "file",
    metadata,
    Column("id", Id, primary_key=True),
    Column("direction", Text, nullable=False, doc="intake | outbound | inbound"),
    Column("partner", Text, nullable=False, doc="partner id; '' for files a person imported"),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", Id, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False, doc="inbound: archived → read | unreadable | unpacked; others: archived"),
    Column("removed_at", Instant, doc="inbound: when the remote copy was removed"),
    Column("findings", Text, nullable=False, server_default="[]", doc="envelope findings, JSON"),
    Column("container_id", Id, ForeignKey("file.id"), doc="the zip or gzip that came and held this file"),
    UniqueConstraint("direction", "partner", "sha256"),
    Index("ix_file_state", "direction", "state"),
    Index("ix_file_sha256", "sha256"),
)

remote_copy = Table(
    "remote_copy",
    metadata,
    Column("id", Id, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("name", Text, nullable=False, doc="in the partner's pickup folder; the same bytes may lie there under several"),
    Column("size_bytes", Id, nullable=False),
    Column("modified_at", Id, nullable=False, doc="the server's own time, in whatever unit it tells it"),
    Column("file_id", Id, ForeignKey("file.id"), nullable=False, doc="what its bytes were when they were last fetched"),
    UniqueConstraint("partner", "name"),
)
"""What partners leave where it is after we fetched it, so that it is not fetched at every look."""

sighting = Table(
    "sighting",
    metadata,
    Column("id", Id, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("name", Text, nullable=False, doc="in the partner's pickup folder"),
    Column("size_bytes", Id, doc="at the last look; NULL where the server does not say"),
    Column("modified_at", Id, doc="at the last look, the server's own time"),
    Column("still_polls", Integer, nullable=False, doc="looks in a row at which size and time were these"),
    Column("first_seen_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False, doc="the last look that changed anything here"),
    Column("state", Text, nullable=False, doc="gateway.domain.readiness.SightingState: why it is not kept yet"),
    Column("error", Text, nullable=False, server_default=""),
    UniqueConstraint("partner", "name"),
)
"""What lies in pickup folders and is not ready: forgotten once it is kept, or gone."""

remote_step = Table(
    "remote_step",
    metadata,
    Column("id", Id, primary_key=True),
    Column("partner", Text, nullable=False),
    Column("file_id", Id, ForeignKey("file.id"), nullable=False),
    Column("name", Text, nullable=False, doc="of the partner's copy"),
    Column("size_bytes", Id, doc="of the copy that was fetched: another under its name is left alone"),
    Column("modified_at", Id, doc="the server's own time of that copy"),
    Column("action", Text, nullable=False, doc="delete | move"),
    Column("created_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("done_at", Instant),
    Column("error", Text, nullable=False, server_default=""),
    Index("ix_remote_step_partner_done_at", "partner", "done_at"),
)
"""What is still to be done to a partner's copy of a file that we have: retried until it is."""

inbound_interchange = Table(
    "inbound_interchange",
    metadata,
    Column("id", Id, primary_key=True),
    Column("file_id", Id, ForeignKey("file.id"), nullable=False),
    Column("ordinal", Integer, nullable=False, doc="place of the interchange in its file, from 1"),
    Column("isa_control_number", Id, nullable=False),
    Column("sender", Text, nullable=False, doc="qualifier:id"),
    Column("receiver", Text, nullable=False, doc="qualifier:id"),
    Column("usage", Text, nullable=False),
    Column("interchange_date", Date),
    UniqueConstraint("file_id", "ordinal"),
)

inbound_set = Table(
    "inbound_set",
    metadata,
    Column("id", Id, primary_key=True),
    Column("file_id", Id, ForeignKey("file.id"), nullable=False),
    Column("ordinal", Integer, nullable=False, doc="place of the set in its file, from 1; TA1s count down from -1"),
    Column("isa_control_number", Id, nullable=False),
    Column("gs_control_number", Id, nullable=False),
    Column("st_control_number", Text, nullable=False),
    Column("transaction", Text, nullable=False, doc="ST01, or TA1"),
    Column("version", Text, nullable=False),
    Column("segment_count", Integer, nullable=False),
    Column("state", Text, nullable=False, doc="read | quarantined | unsupported; reopened: set aside once, to be tried again"),
    Column("findings", Text, nullable=False, server_default="[]", doc="JSON list of findings, without values"),
    UniqueConstraint("file_id", "ordinal"),
)
