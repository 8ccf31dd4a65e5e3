"""${message}."""

import sqlalchemy as sa
from alembic import op

% if down_revision is None:
from gateway.db.triggers import protect_tables
% endif
from gateway.db.types import Id, Instant

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}
% if down_revision is None:
    protect_tables(op.get_bind(), ("event", "journal", "entry", "claim_version"))
% endif


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
