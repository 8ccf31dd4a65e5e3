"""All tables."""

import sqlalchemy as sa
from alembic import op

from gateway.db.triggers import protect_tables
from gateway.db.types import Id, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "control_number",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last", Id, nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_control_number")),
    )
    op.create_table(
        "file",
        sa.Column("id", Id, nullable=False),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", Id, nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.Column("findings", sa.Text(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("direction", "partner", "sha256", name=op.f("uq_file_direction_partner_sha256")),
    )
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.create_index("ix_file_state", ["direction", "state"], unique=False)

    op.create_table(
        "batch",
        sa.Column("id", Id, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("isa_control_number", Id, nullable=False),
        sa.Column("gs_control_number", Id, nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.Column("remote_name", sa.Text(), nullable=False),
        sa.Column("claim_count", sa.Integer(), nullable=False),
        sa.Column("charge_cents", Id, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("sending_at", Instant(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_batch_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("partner", "remote_name", name=op.f("uq_batch_partner_remote_name")),
        sa.UniqueConstraint("sender", "gs_control_number", name=op.f("uq_batch_sender_gs_control_number")),
        sa.UniqueConstraint(
            "sender", "receiver", "usage", "isa_control_number", name=op.f("uq_batch_sender_receiver_usage_isa_control_number")
        ),
    )
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.create_index("ix_batch_file_id", ["file_id"], unique=False)
        batch_op.create_index("ix_batch_state", ["state"], unique=False)

    op.create_table(
        "claim",
        sa.Column("id", Id, nullable=False),
        sa.Column("pcn", sa.Text(), nullable=False),
        sa.Column("source_pcn", sa.Text(), nullable=False),
        sa.Column("match_pcn", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("service_digest", sa.Text(), nullable=False),
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Text(), nullable=False),
        sa.Column("service_from", sa.Date(), nullable=True),
        sa.Column("service_through", sa.Date(), nullable=True),
        sa.Column("filing_deadline", sa.Date(), nullable=True),
        sa.Column("charge_cents", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("payer_claim_number", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_claim_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_claim_fingerprint")),
        sa.UniqueConstraint("pcn", name=op.f("uq_claim_pcn")),
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index("ix_claim_due_at", ["due_at"], unique=False)
        batch_op.create_index("ix_claim_file_id", ["file_id"], unique=False)
        batch_op.create_index("ix_claim_filing_deadline", ["filing_deadline"], unique=False)
        batch_op.create_index("ix_claim_match_pcn", ["match_pcn"], unique=False)
        batch_op.create_index("ix_claim_member_id", ["member_id"], unique=False)
        batch_op.create_index("ix_claim_payer_claim_number", ["payer_claim_number"], unique=False)
        batch_op.create_index("ix_claim_service_digest", ["service_digest"], unique=False)
        batch_op.create_index("ix_claim_source_pcn", ["source_pcn"], unique=False)
        batch_op.create_index("ix_claim_state_partner", ["state", "partner"], unique=False)

    op.create_table(
        "inbound_interchange",
        sa.Column("id", Id, nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("isa_control_number", Id, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("interchange_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_inbound_interchange_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_interchange")),
        sa.UniqueConstraint("file_id", "ordinal", name=op.f("uq_inbound_interchange_file_id_ordinal")),
    )
    op.create_table(
        "inbound_set",
        sa.Column("id", Id, nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("isa_control_number", Id, nullable=False),
        sa.Column("gs_control_number", Id, nullable=False),
        sa.Column("st_control_number", sa.Text(), nullable=False),
        sa.Column("transaction", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("segment_count", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("findings", sa.Text(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_inbound_set_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound_set")),
        sa.UniqueConstraint("file_id", "ordinal", name=op.f("uq_inbound_set_file_id_ordinal")),
    )
    op.create_table(
        "remote_copy",
        sa.Column("id", Id, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size_bytes", Id, nullable=False),
        sa.Column("modified_at", Id, nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_remote_copy_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_copy")),
        sa.UniqueConstraint("partner", "name", name=op.f("uq_remote_copy_partner_name")),
    )
    op.create_table(
        "acknowledgment",
        sa.Column("id", Id, nullable=False),
        sa.Column("inbound_set_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("codes", sa.Text(), server_default="", nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("batch_id", Id, nullable=True),
        sa.Column("claim_id", Id, nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_acknowledgment_batch_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_acknowledgment_claim_id")),
        sa.ForeignKeyConstraint(["inbound_set_id"], ["inbound_set.id"], name=op.f("fk_acknowledgment_inbound_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acknowledgment")),
        sa.UniqueConstraint("inbound_set_id", "position", name=op.f("uq_acknowledgment_inbound_set_id_position")),
    )
    with op.batch_alter_table("acknowledgment", schema=None) as batch_op:
        batch_op.create_index("ix_acknowledgment_batch_id", ["batch_id"], unique=False)
        batch_op.create_index("ix_acknowledgment_claim_id", ["claim_id"], unique=False)

    op.create_table(
        "batch_set",
        sa.Column("id", Id, nullable=False),
        sa.Column("batch_id", Id, nullable=False),
        sa.Column("st_control_number", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("segment_count", sa.Integer(), nullable=False),
        sa.Column("claim_count", sa.Integer(), nullable=False),
        sa.Column("charge_cents", Id, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_set_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_set")),
        sa.UniqueConstraint("batch_id", "st_control_number", name=op.f("uq_batch_set_batch_id_st_control_number")),
        sa.UniqueConstraint("reference", name=op.f("uq_batch_set_reference")),
    )
    op.create_table(
        "claim_version",
        sa.Column("id", Id, nullable=False),
        sa.Column("claim_id", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_version_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_version")),
        sa.UniqueConstraint("claim_id", "version", name=op.f("uq_claim_version_claim_id_version")),
    )
    op.create_table(
        "event",
        sa.Column("id", Id, nullable=False),
        sa.Column("claim_id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("occurred_at", Instant(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_id", Id, nullable=True),
        sa.Column("file_sha256", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_event_claim_id")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_event_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("claim_id", "source", name=op.f("uq_event_claim_id_source")),
    )
    op.create_table(
        "remittance",
        sa.Column("id", Id, nullable=False),
        sa.Column("inbound_set_id", Id, nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("trace_number", sa.Text(), nullable=False),
        sa.Column("originator_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("amount_cents", Id, nullable=False),
        sa.Column("payment_date", sa.Date(), nullable=True),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("released_by", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("posted_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_remittance_file_id")),
        sa.ForeignKeyConstraint(["inbound_set_id"], ["inbound_set.id"], name=op.f("fk_remittance_inbound_set_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittance")),
        sa.UniqueConstraint("inbound_set_id", name=op.f("uq_remittance_inbound_set_id")),
    )
    with op.batch_alter_table("remittance", schema=None) as batch_op:
        batch_op.create_index("ix_remittance_file_id", ["file_id"], unique=False)
        batch_op.create_index("ix_remittance_identity", ["identity"], unique=False)
        batch_op.create_index("ix_remittance_state", ["state"], unique=False)

    op.create_table(
        "submission",
        sa.Column("id", Id, nullable=False),
        sa.Column("claim_id", Id, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("batch_id", Id, nullable=False),
        sa.Column("st_control_number", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("payer", sa.Text(), nullable=False),
        sa.Column("billing_position", sa.Integer(), nullable=False),
        sa.Column("subscriber_position", sa.Integer(), nullable=False),
        sa.Column("patient_position", sa.Integer(), nullable=True),
        sa.Column("first_position", sa.Integer(), nullable=False),
        sa.Column("last_position", sa.Integer(), nullable=False),
        sa.Column("charge_cents", Id, nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_submission_batch_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_submission_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint(
            "batch_id",
            "st_control_number",
            "first_position",
            name=op.f("uq_submission_batch_id_st_control_number_first_position"),
        ),
        sa.UniqueConstraint("claim_id", "attempt", name=op.f("uq_submission_claim_id_attempt")),
        sa.UniqueConstraint("trace", name=op.f("uq_submission_trace")),
    )
    op.create_table(
        "claim_payment",
        sa.Column("id", Id, nullable=False),
        sa.Column("remittance_id", Id, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("pcn", sa.Text(), nullable=False),
        sa.Column("payer_claim_number", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("charge_cents", Id, nullable=False),
        sa.Column("paid_cents", Id, nullable=False),
        sa.Column("claim_id", Id, nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_payment_claim_id")),
        sa.ForeignKeyConstraint(["remittance_id"], ["remittance.id"], name=op.f("fk_claim_payment_remittance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_payment")),
        sa.UniqueConstraint("remittance_id", "position", name=op.f("uq_claim_payment_remittance_id_position")),
    )
    with op.batch_alter_table("claim_payment", schema=None) as batch_op:
        batch_op.create_index("ix_claim_payment_claim_id", ["claim_id"], unique=False)
        batch_op.create_index("ix_claim_payment_state", ["state"], unique=False)

    op.create_table(
        "provider_adjustment",
        sa.Column("id", Id, nullable=False),
        sa.Column("remittance_id", Id, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("amount_cents", Id, nullable=False),
        sa.ForeignKeyConstraint(["remittance_id"], ["remittance.id"], name=op.f("fk_provider_adjustment_remittance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_adjustment")),
        sa.UniqueConstraint("remittance_id", "ordinal", name=op.f("uq_provider_adjustment_remittance_id_ordinal")),
    )
    op.create_table(
        "journal",
        sa.Column("id", Id, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("practice", sa.Text(), nullable=False),
        sa.Column("claim_id", Id, nullable=True),
        sa.Column("remittance_id", Id, nullable=True),
        sa.Column("claim_payment_id", Id, nullable=True),
        sa.Column("posted_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_journal_claim_id")),
        sa.ForeignKeyConstraint(["claim_payment_id"], ["claim_payment.id"], name=op.f("fk_journal_claim_payment_id")),
        sa.ForeignKeyConstraint(["remittance_id"], ["remittance.id"], name=op.f("fk_journal_remittance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal")),
        sa.UniqueConstraint("source", name=op.f("uq_journal_source")),
    )
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.create_index("ix_journal_claim_id", ["claim_id"], unique=False)
        batch_op.create_index("ix_journal_remittance_id", ["remittance_id"], unique=False)

    op.create_table(
        "work_item",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("claim_id", Id, nullable=True),
        sa.Column("batch_id", Id, nullable=True),
        sa.Column("file_id", Id, nullable=True),
        sa.Column("remittance_id", Id, nullable=True),
        sa.Column("claim_payment_id", Id, nullable=True),
        sa.Column("partner", sa.Text(), server_default="", nullable=False),
        sa.Column("amount_cents", Id, server_default="0", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("snoozed_until", Instant(), nullable=True),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("closed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("closed_reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_work_item_batch_id")),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_work_item_claim_id")),
        sa.ForeignKeyConstraint(["claim_payment_id"], ["claim_payment.id"], name=op.f("fk_work_item_claim_payment_id")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_work_item_file_id")),
        sa.ForeignKeyConstraint(["remittance_id"], ["remittance.id"], name=op.f("fk_work_item_remittance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_item")),
        sa.UniqueConstraint("kind", "cause", name=op.f("uq_work_item_kind_cause")),
    )
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.create_index("ix_work_item_batch_id", ["batch_id"], unique=False)
        batch_op.create_index("ix_work_item_claim_id", ["claim_id"], unique=False)
        batch_op.create_index("ix_work_item_claim_payment_id", ["claim_payment_id"], unique=False)
        batch_op.create_index("ix_work_item_file_id", ["file_id"], unique=False)
        batch_op.create_index("ix_work_item_remittance_id", ["remittance_id"], unique=False)
        batch_op.create_index("ix_work_item_state", ["state"], unique=False)

    op.create_table(
        "entry",
        sa.Column("id", Id, nullable=False),
        sa.Column("journal_id", Id, nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("amount_cents", Id, nullable=False),
        sa.Column("line_control_number", sa.Text(), server_default="", nullable=False),
        sa.Column("adjustment", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["journal_id"], ["journal.id"], name=op.f("fk_entry_journal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index("ix_entry_account", ["account"], unique=False)
        batch_op.create_index("ix_entry_journal_id", ["journal_id"], unique=False)

    protect_tables(op.get_bind(), ("event", "journal", "entry", "claim_version"))


def downgrade() -> None:
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index("ix_entry_journal_id")
        batch_op.drop_index("ix_entry_account")

    op.drop_table("entry")
    with op.batch_alter_table("work_item", schema=None) as batch_op:
        batch_op.drop_index("ix_work_item_state")
        batch_op.drop_index("ix_work_item_remittance_id")
        batch_op.drop_index("ix_work_item_file_id")
        batch_op.drop_index("ix_work_item_claim_payment_id")
        batch_op.drop_index("ix_work_item_claim_id")
        batch_op.drop_index("ix_work_item_batch_id")

    op.drop_table("work_item")
    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_index("ix_journal_remittance_id")
        batch_op.drop_index("ix_journal_claim_id")

    op.drop_table("journal")
    op.drop_table("provider_adjustment")
    with op.batch_alter_table("claim_payment", schema=None) as batch_op:
        batch_op.drop_index("ix_claim_payment_state")
        batch_op.drop_index("ix_claim_payment_claim_id")

    op.drop_table("claim_payment")
    op.drop_table("submission")
    with op.batch_alter_table("remittance", schema=None) as batch_op:
        batch_op.drop_index("ix_remittance_state")
        batch_op.drop_index("ix_remittance_identity")
        batch_op.drop_index("ix_remittance_file_id")

    op.drop_table("remittance")
    op.drop_table("event")
    op.drop_table("claim_version")
    op.drop_table("batch_set")
    with op.batch_alter_table("acknowledgment", schema=None) as batch_op:
        batch_op.drop_index("ix_acknowledgment_claim_id")
        batch_op.drop_index("ix_acknowledgment_batch_id")

    op.drop_table("acknowledgment")
    op.drop_table("remote_copy")
    op.drop_table("inbound_set")
    op.drop_table("inbound_interchange")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index("ix_claim_state_partner")
        batch_op.drop_index("ix_claim_source_pcn")
        batch_op.drop_index("ix_claim_service_digest")
        batch_op.drop_index("ix_claim_payer_claim_number")
        batch_op.drop_index("ix_claim_member_id")
        batch_op.drop_index("ix_claim_match_pcn")
        batch_op.drop_index("ix_claim_filing_deadline")
        batch_op.drop_index("ix_claim_file_id")
        batch_op.drop_index("ix_claim_due_at")

    op.drop_table("claim")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index("ix_batch_state")
        batch_op.drop_index("ix_batch_file_id")

    op.drop_table("batch")
    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_index("ix_file_state")

    op.drop_table("file")
    op.drop_table("control_number")
