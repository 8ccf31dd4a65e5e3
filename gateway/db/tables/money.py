"""The books: journals that sum to zero, and their entries. Rows are written once and never changed."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint

from gateway.db.tables.metadata import metadata
from gateway.db.types import Id, Instant

journal = Table(
    "journal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", Text, nullable=False, doc="what it posts, once: charge:<claim>:<version>, payment:<claim_payment>, plb:…"),
    Column("kind", Text, nullable=False, doc="charge | payment | suspense | provider_adjustment"),
    Column("practice", Text, nullable=False),
    Column("claim_id", Id, ForeignKey("claim.id")),
    Column("remittance_id", Id, ForeignKey("remittance.id")),
    Column("claim_payment_id", Id, ForeignKey("claim_payment.id")),
    Column("posted_at", Instant, nullable=False),
    UniqueConstraint("source"),
    Index("ix_journal_claim_id", "claim_id"),
    Index("ix_journal_remittance_id", "remittance_id"),
)

entry = Table(
    "entry",
    metadata,
    Column("id", Id, primary_key=True),
    Column("journal_id", Id, ForeignKey("journal.id"), nullable=False),
    Column("account", Text, nullable=False, doc="gateway.domain.accounts.Account"),
    Column("amount_cents", Id, nullable=False, doc="debit positive, credit negative"),
    Column("line_control_number", Text, nullable=False, server_default=""),
    Column("adjustment", Text, nullable=False, server_default="", doc="group and CARC, e.g. CO 45"),
    # None on account: it has few values, and SQLite would take it for the way to a claim's entries, through all of them.
    Index("ix_entry_journal_id", "journal_id"),
)
