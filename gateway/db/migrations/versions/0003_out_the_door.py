"""What delivery, pickup and timetables remember; batch state renaming is called publishing; claims are found by their patient."""

import json
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.db.types import Id, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DIGESTED_AT_ONCE = 1000


def upgrade() -> None:
    _create_timetables_and_links()
    _create_pickup()
    _add_columns()
    _digest_patients()
    op.execute("UPDATE batch SET state = 'publishing' WHERE state = 'renaming'")
    op.execute("UPDATE batch SET publishing_at = sending_at WHERE state IN ('publishing', 'unknown')")


def _create_timetables_and_links() -> None:
    op.create_table(
        "due_run",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("claimed_at", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_run")),
        sa.UniqueConstraint("kind", "partner", "due_at", name=op.f("uq_due_run_kind_partner_due_at")),
    )
    op.create_table(
        "partner_link",
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("worked_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("partner", name=op.f("pk_partner_link")),
    )


def _create_pickup() -> None:
    op.create_table(
        "sighting",
        sa.Column("id", Id, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size_bytes", Id, nullable=True),
        sa.Column("modified_at", Id, nullable=True),
        sa.Column("still_polls", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighting")),
        sa.UniqueConstraint("partner", "name", name=op.f("uq_sighting_partner_name")),
    )
    op.create_table(
        "remote_step",
        sa.Column("id", Id, nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size_bytes", Id, nullable=True),
        sa.Column("modified_at", Id, nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_remote_step_file_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_step")),
    )
    with op.batch_alter_table("remote_step", schema=None) as batch_op:
        batch_op.create_index("ix_remote_step_partner_done_at", ["partner", "done_at"], unique=False)


def _add_columns() -> None:
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.add_column(sa.Column("transaction", sa.Text(), server_default="837P", nullable=False))
        batch_op.add_column(sa.Column("practice", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("cutoff_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("publishing_at", Instant(), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_batch_partner_remote_name"), type_="unique")
        batch_op.create_unique_constraint(
            batch_op.f("uq_batch_partner_remote_name_isa_control_number"), ["partner", "remote_name", "isa_control_number"]
        )
        # A file that another system made may have a group number of ours: portals count from 1.
        batch_op.drop_constraint(batch_op.f("uq_batch_sender_gs_control_number"), type_="unique")
        batch_op.create_index("ix_batch_partner_gs_control_number", ["partner", "gs_control_number"], unique=False)
    op.create_index(
        "ix_batch_sender_gs_control_number",
        "batch",
        ["sender", "gs_control_number"],
        unique=True,
        sqlite_where=sa.text("claim_count > 0"),
        postgresql_where=sa.text("claim_count > 0"),
    )

    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.add_column(sa.Column("guide", sa.Text(), server_default="837P", nullable=False))
        batch_op.add_column(sa.Column("frequency", sa.Text(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("judged_by", sa.Text(), server_default="", nullable=False))
        batch_op.drop_index("ix_claim_state_partner")
        batch_op.create_index("ix_claim_state_partner", ["state", "partner", "guide", "filing_deadline", "id"], unique=False)
        batch_op.drop_index("ix_claim_service_digest")
        batch_op.alter_column("service_digest", new_column_name="patient_digest")

    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index("ix_entry_account")

    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("container_id", Id, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_file_container_id"), "file", ["container_id"], ["id"])
        batch_op.create_index("ix_file_sha256", ["sha256"], unique=False)

    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("frequency", sa.Text(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("payer_claim_number", sa.Text(), server_default="", nullable=False))


def _digest_patients() -> None:
    """Digest the patients of the claims that are there: practice and patient by their documents of today."""
    connection = op.get_bind()
    query = sa.text(
        "SELECT claim.id, document FROM claim JOIN claim_version ON claim_id = claim.id "
        "AND claim_version.version = claim.version WHERE claim.id > :after ORDER BY claim.id LIMIT :most"
    )
    change = sa.text("UPDATE claim SET patient_digest = :digest WHERE id = :claim_id")
    after = 0
    while rows := connection.execute(query, {"after": after, "most": DIGESTED_AT_ONCE}).all():
        given = [{"claim_id": claim_id, "digest": _digest_patient(json.loads(document))} for claim_id, document in rows]
        connection.execute(change, given)
        after = rows[-1][0]
    op.create_index("ix_claim_patient_digest", "claim", ["patient_digest"], unique=False)


def _digest_patient(document: dict[str, Any]) -> str:
    """As the gateway did when this was written; a later one has its own migration."""
    subscriber = document["subscriber"]
    patient = document.get("patient") or subscriber
    names = (patient.get("last_name", ""), patient.get("first_name", ""), patient.get("birth_date") or "")
    who = (document["billing_provider"].get("id", ""), subscriber.get("id", ""), *names)
    return sha256("\x1f".join(each.casefold() for each in who).encode()).hexdigest()


def downgrade() -> None:
    op.execute("UPDATE batch SET state = 'renaming' WHERE state = 'publishing'")
    # What the older gateway put there cannot be told from here; equal for two claims it would call them duplicates.
    op.execute("UPDATE claim SET patient_digest = fingerprint")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_column("payer_claim_number")
        batch_op.drop_column("frequency")

    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.drop_index("ix_file_sha256")
        batch_op.drop_constraint(batch_op.f("fk_file_container_id"), type_="foreignkey")
        batch_op.drop_column("container_id")

    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index("ix_entry_account", ["account"], unique=False)

    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index("ix_claim_patient_digest")
        batch_op.alter_column("patient_digest", new_column_name="service_digest")
        batch_op.drop_index("ix_claim_state_partner")
        batch_op.create_index("ix_claim_state_partner", ["state", "partner"], unique=False)
        batch_op.drop_column("judged_by")
        batch_op.drop_column("frequency")
        batch_op.drop_column("guide")
    op.create_index("ix_claim_service_digest", "claim", ["service_digest"], unique=False)

    op.drop_index("ix_batch_sender_gs_control_number", "batch")
    with op.batch_alter_table("batch", schema=None) as batch_op:
        batch_op.drop_index("ix_batch_partner_gs_control_number")
        batch_op.create_unique_constraint(batch_op.f("uq_batch_sender_gs_control_number"), ["sender", "gs_control_number"])
        batch_op.drop_constraint(batch_op.f("uq_batch_partner_remote_name_isa_control_number"), type_="unique")
        batch_op.create_unique_constraint(batch_op.f("uq_batch_partner_remote_name"), ["partner", "remote_name"])
        batch_op.drop_column("publishing_at")
        batch_op.drop_column("cutoff_at")
        batch_op.drop_column("practice")
        batch_op.drop_column("transaction")

    with op.batch_alter_table("remote_step", schema=None) as batch_op:
        batch_op.drop_index("ix_remote_step_partner_done_at")

    op.drop_table("remote_step")
    op.drop_table("sighting")
    op.drop_table("partner_link")
    op.drop_table("due_run")
