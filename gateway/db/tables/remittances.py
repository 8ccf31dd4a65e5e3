"""What payers say they paid: remittances, their claim payments and provider adjustments, as documents with keys."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, Table, Text, UniqueConstraint

from gateway.db.tables.metadata import metadata
from gateway.db.types import Id, Instant

remittance = Table(
    "remittance",
    metadata,
    Column("id", Id, primary_key=True),
    Column("inbound_set_id", Id, ForeignKey("inbound_set.id"), nullable=False, unique=True),
    Column("file_id", Id, ForeignKey("file.id"), nullable=False),
    Column("identity", Text, nullable=False, doc="payer | TRN02 | BPR02 | BPR16 | payee: the same again is a duplicate"),
    Column("payer", Text, nullable=False, doc="payer profile id; '' where none matches"),
    Column("payer_name", Text, nullable=False),
    Column("practice", Text, nullable=False, doc="payee's NPI or id"),
    Column("trace_number", Text, nullable=False, doc="TRN02: check or EFT number"),
    Column("originator_id", Text, nullable=False, doc="TRN03"),
    Column("method", Text, nullable=False, doc="BPR04"),
    Column("amount_cents", Id, nullable=False, doc="BPR02"),
    Column("payment_date", Date),
    Column("received_at", Instant, nullable=False),
    Column("state", Text, nullable=False, doc="received → posted | unbalanced | duplicate; held → replaced"),
    Column("reason", Text, nullable=False, server_default="", doc="why it is held, with the arithmetic"),
    Column("released_by", Text, nullable=False, server_default="", doc="who said that it is no duplicate"),
    Column("document", Text, nullable=False, doc="edi Remittance as JSON"),
    Column("posted_at", Instant),
    Index("ix_remittance_identity", "identity"),
    Index("ix_remittance_state", "state"),
    Index("ix_remittance_file_id", "file_id"),
)

claim_payment = Table(
    "claim_payment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("remittance_id", Id, ForeignKey("remittance.id"), nullable=False),
    Column("position", Integer, nullable=False, doc="position of CLP in the set, ST = 1"),
    Column("pcn", Text, nullable=False, doc="CLP01 as given"),
    Column("payer_claim_number", Text, nullable=False),
    Column("status", Text, nullable=False, doc="CLP02"),
    Column("charge_cents", Id, nullable=False),
    Column("paid_cents", Id, nullable=False),
    Column("claim_id", Id, ForeignKey("claim.id")),
    Column("state", Text, nullable=False, doc="received → posted | suspended"),
    Column("reason", Text, nullable=False, server_default="", doc="why it is suspended"),
    Column("document", Text, nullable=False, doc="edi ClaimPayment as JSON"),
    UniqueConstraint("remittance_id", "position"),
    Index("ix_claim_payment_claim_id", "claim_id"),
    Index("ix_claim_payment_state", "state"),
)

provider_adjustment = Table(
    "provider_adjustment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("remittance_id", Id, ForeignKey("remittance.id"), nullable=False),
    Column("ordinal", Integer, nullable=False, doc="place among the remittance's PLB adjustments, from 1"),
    Column("position", Integer, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("amount_cents", Id, nullable=False, doc="positive takes money"),
    UniqueConstraint("remittance_id", "ordinal"),
)
