"""The only place that asks what time it is."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time: aware, UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class TurnedClock:
    """A clock that stands until it is turned: for tests, and for the demo that lives weeks in seconds."""

    def __init__(self, start: datetime) -> None:
        assert start.tzinfo is not None, "instants are aware"
        self._now = start

    def now(self) -> datetime:
        return self._now

    def turn_to(self, instant: datetime) -> None:
        """Move forward to `instant`; never back."""
        self._now = max(self._now, instant)

    def turn(self, by: timedelta) -> None:
        """Move forward by `by`."""
        self.turn_to(self._now + by)
