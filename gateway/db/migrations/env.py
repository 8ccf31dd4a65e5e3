"""Alembic's entry: runs the migrations on the connection that `gateway.db.migrations` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import BigInteger

from gateway.db.migrations import is_other_default
from gateway.db.tables import metadata
from gateway.db.types import Instant


def render_type(kind: str, item: Any, _autogenerate: AutogenContext) -> str | Literal[False]:
    """Write the project's own column types by their names; False leaves the rest to alembic."""
    if kind == "type" and isinstance(item, Instant):
        return "Instant()"
    if kind == "type" and isinstance(item, BigInteger):
        return "Id"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
    compare_type=True,
    compare_server_default=is_other_default,
    render_item=render_type,
)
context.run_migrations()
