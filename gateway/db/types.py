"""Column types shared by all tables."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text, TypeDecorator

Id = BigInteger().with_variant(Integer, "sqlite")
"""64-bit keys and cents; SQLite numbers its rows only where the type is exactly INTEGER."""


ByteText = Text().with_variant(Text(collation="C"), "postgresql")
"""Text that sorts by its bytes on both databases, whatever language PostgreSQL was set up for: an index finds what begins so."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; naive values are refused on the way in, SQLite's are made aware on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert value.tzinfo is not None, "instants are aware"
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        assert isinstance(value, datetime)
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
