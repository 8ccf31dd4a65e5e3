"""When a partner's cutoffs and poll times are: its own wall clock turned into instants, each of them once.

A time that the clock skips in spring is due at the first instant after the gap. A time that it shows twice in autumn is due
once, when it is shown first. Two times that fall on one instant are one.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.domain.business_days import has_cutoffs
from payers.partner import Partner, Timetable

A_DAY = timedelta(days=1)
LOOK_AHEAD_DAYS = 400
"""A timetable without a cutoff for so long has none."""


def next_cutoff(timetable: Timetable, now: datetime) -> datetime | None:
    """The first cutoff after `now`, aware UTC; None where the partner has none."""
    return _find_next(timetable, now, _cutoffs_of)


def next_poll(timetable: Timetable, now: datetime) -> datetime | None:
    """The first poll time after `now`, aware UTC; None where answers are looked for at any time."""
    return _find_next(timetable, now, _polls_of)


def cutoffs_between(timetable: Timetable, after: datetime, until: datetime) -> list[datetime]:
    """The cutoffs later than `after` and not later than `until`, in their order, aware UTC."""
    return _list_between(timetable, after, until, _cutoffs_of)


def polls_between(timetable: Timetable, after: datetime, until: datetime) -> list[datetime]:
    """The poll times later than `after` and not later than `until`, in their order, aware UTC."""
    return _list_between(timetable, after, until, _polls_of)


def lead_of(timetable: Timetable, cutoff_at: datetime) -> datetime:
    """From when on the files for a cutoff are made."""
    return cutoff_at - timedelta(minutes=timetable.lead_minutes)


def day_at(partner: Partner | None, instant: datetime) -> date:
    """Which day it is by the partner's own calendar, that of UTC where there is no partner: days of payers are counted by it."""
    return instant.astimezone(ZoneInfo(partner.timetable.time_zone) if partner else UTC).date()


def name_instant(timetable: Timetable, instant: datetime) -> str:
    """An instant as the partner's own clock shows it: Friday 2026-11-20 17:00 EST."""
    return f"{instant.astimezone(ZoneInfo(timetable.time_zone)):%A %Y-%m-%d %H:%M %Z}"


def resolve_wall_clock(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which the clocks of `zone` show `clock` (HH:MM) on `day`: the first of two, or the end of the gap."""
    wall = datetime.combine(day, time.fromisoformat(clock))
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Read with the offset from before the gap, the time lies after it; with the one from after the gap, before it.
    return _find_turn(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant, zone)


Instants = Callable[[Timetable, date, ZoneInfo], Iterator[datetime]]


def _cutoffs_of(timetable: Timetable, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    if timetable.cutoffs and has_cutoffs(timetable, day):
        yield from (resolve_wall_clock(day, clock, zone) for clock in timetable.cutoffs)


def _polls_of(timetable: Timetable, day: date, zone: ZoneInfo) -> Iterator[datetime]:
    """Answers come on days without cutoffs, too."""
    yield from (resolve_wall_clock(day, clock, zone) for clock in timetable.poll_times)


def _find_next(timetable: Timetable, now: datetime, instants: Instants) -> datetime | None:
    zone = ZoneInfo(timetable.time_zone)
    today = now.astimezone(zone).date()
    for ahead in range(-1, LOOK_AHEAD_DAYS):
        coming = [each for each in instants(timetable, today + ahead * A_DAY, zone) if each > now]
        if coming:
            return min(coming)
    return None


def _list_between(timetable: Timetable, after: datetime, until: datetime, instants: Instants) -> list[datetime]:
    zone = ZoneInfo(timetable.time_zone)
    day, last = after.astimezone(zone).date() - A_DAY, until.astimezone(zone).date() + A_DAY
    found: set[datetime] = set()
    while day <= last:
        found.update(each for each in instants(timetable, day, zone) if after < each <= until)
        day += A_DAY
    return sorted(found)


def _find_turn(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant between these two from which the zone's clocks go by their new offset."""
    new = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after
