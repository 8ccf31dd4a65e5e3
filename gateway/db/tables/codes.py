"""Code lists that the operator imported: the file each came from, and its codes with their texts and the time they hold."""

from sqlalchemy import Column, Date, ForeignKey, Integer, Table, Text, UniqueConstraint

from gateway.db.tables.metadata import metadata
from gateway.db.types import Id, Instant

code_list = Table(
    "code_list",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, doc="a name of edi.codes.lists.LISTS"),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("code_count", Integer, nullable=False),
    UniqueConstraint("name"),
)

listed_code = Table(
    "listed_code",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code_list_id", Id, ForeignKey("code_list.id"), nullable=False),
    Column("code", Text, nullable=False),
    Column("position", Integer, nullable=False, doc="line of the file it stands on, from 1"),
    Column("text", Text, nullable=False),
    Column("valid_from", Date, doc="first day; none: from the beginning"),
    Column("valid_through", Date, doc="last day; none: for ever"),
    UniqueConstraint("code_list_id", "code", "position"),
)
"""One code for one stretch of time; a code that was changed stands there several times."""
