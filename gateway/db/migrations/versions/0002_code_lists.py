"""Code lists that the operator imported."""

import sqlalchemy as sa
from alembic import op

from gateway.db.types import Id, Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "code_list",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("imported_at", Instant(), nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.Column("code_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_list")),
        sa.UniqueConstraint("name", name=op.f("uq_code_list_name")),
    )
    op.create_table(
        "listed_code",
        sa.Column("id", Id, nullable=False),
        sa.Column("code_list_id", Id, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_through", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["code_list_id"], ["code_list.id"], name=op.f("fk_listed_code_code_list_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed_code")),
        sa.UniqueConstraint("code_list_id", "code", "position", name=op.f("uq_listed_code_code_list_id_code_position")),
    )


def downgrade() -> None:
    op.drop_table("listed_code")
    op.drop_table("code_list")
