"""What delivery, pickup and timetables remember; batch state renaming is called publishing."""

import sqlalchemy as sa
from alembic import op

from gateway.db.types import Id, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_timetables_and_links()
    _create_pickup()
    _add_columns()
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

    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index("ix_entry_account")

    with op.batch_alter_table("file", schema=None) as batch_op:
        batch_op.add_column(sa.Column("container_id", Id, nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_file_container_id"), "file", ["container_id"], ["id"])
        batch_op.create_index("ix_file_sha256", ["sha256"], unique=False)

    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.add_column(sa.Column("frequency", sa.Text(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("payer_claim_number", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.execute("UPDATE batch SET state = 'renaming' WHERE state = 'publishing'")
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
        batch_op.drop_index("ix_claim_state_partner")
        batch_op.create_index("ix_claim_state_partner", ["state", "partner"], unique=False)
        batch_op.drop_column("judged_by")
        batch_op.drop_column("frequency")
        batch_op.drop_column("guide")

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
