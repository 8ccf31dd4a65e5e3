"""An instant in words, the same wherever one is told."""

from datetime import UTC, datetime


def tell_utc(instant: datetime) -> str:
    """To the minute: 2026-01-31 12:00 UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
