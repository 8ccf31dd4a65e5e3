"""A partner's wall clock becomes instants: each cutoff once, on its business days, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.timetable import (
    cutoffs_between,
    day_at,
    lead_of,
    name_instant,
    next_cutoff,
    next_poll,
    polls_between,
    resolve_wall_clock,
)
from payers.partner import Days, Timetable
from payers.profile import SAMPLES, load

NEW_YORK = ZoneInfo("America/New_York")
EVERY_DAY: Days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HALF_HOURS = tuple(f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 30))
DAYLIGHT_SAVING_DAYS = [
    date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7),
    date(2028, 3, 12), date(2028, 11, 5), date(2029, 3, 11), date(2029, 11, 4),
]  # fmt: skip
ZONES = ["America/New_York", "America/Chicago", "America/Phoenix", "Pacific/Honolulu", "Australia/Sydney"]


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (date(2026, 3, 9), "17:00", utc(2026, 3, 9, 21)),
        (date(2026, 11, 20), "17:00", utc(2026, 11, 20, 22)),
        (date(2027, 3, 14), "01:59", utc(2027, 3, 14, 6, 59)),
        (date(2027, 3, 14), "02:00", utc(2027, 3, 14, 7)),
        (date(2027, 3, 14), "02:30", utc(2027, 3, 14, 7)),
        (date(2027, 3, 14), "02:59", utc(2027, 3, 14, 7)),
        (date(2027, 3, 14), "03:00", utc(2027, 3, 14, 7)),
        (date(2027, 11, 7), "00:59", utc(2027, 11, 7, 4, 59)),
        (date(2027, 11, 7), "01:30", utc(2027, 11, 7, 5, 30)),
        (date(2027, 11, 7), "02:00", utc(2027, 11, 7, 7)),
    ],
)
def test_a_time_skipped_is_the_end_of_the_gap_and_a_time_shown_twice_is_the_first(
    day: date, clock: str, expected: datetime
) -> None:
    assert resolve_wall_clock(day, clock, NEW_YORK) == expected


def test_a_gap_of_half_an_hour_ends_where_that_zone_says() -> None:
    """Lord Howe Island turns its clocks by thirty minutes, from 02:00 to 02:30."""
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    assert resolve_wall_clock(date(2026, 10, 4), "02:10", lord_howe) == utc(2026, 10, 3, 15, 30)


def test_cutoffs_are_on_business_days_only() -> None:
    """Thanksgiving, a weekend, and the day that the partner closes besides."""
    timetable = Timetable(cutoffs=("17:00",), closed_on=("2026-11-30",))
    between = cutoffs_between(timetable, utc(2026, 11, 25), utc(2026, 12, 2))
    assert [each.date().isoformat() for each in between] == ["2026-11-25", "2026-11-27", "2026-12-01"]


def test_a_partner_that_keeps_no_holidays_has_cutoffs_on_them() -> None:
    timetable = Timetable(cutoffs=("17:00",), holidays="none", days=("thu",))
    assert next_cutoff(timetable, utc(2026, 11, 24)) == utc(2026, 11, 26, 22)
    assert next_cutoff(Timetable(cutoffs=("17:00",), days=("thu",)), utc(2026, 11, 24)) == utc(2026, 12, 3, 22)


def test_the_next_cutoff_is_after_now() -> None:
    timetable = Timetable(cutoffs=("11:00", "17:00"))
    assert next_cutoff(timetable, utc(2026, 11, 20, 15, 59)) == utc(2026, 11, 20, 16)
    assert next_cutoff(timetable, utc(2026, 11, 20, 16)) == utc(2026, 11, 20, 22)
    assert next_cutoff(timetable, utc(2026, 11, 20, 22)) == utc(2026, 11, 23, 16)


def test_the_day_is_the_partners_own() -> None:
    """At 20:00 on Friday in Honolulu it is Saturday in UTC, and the cutoff is Friday's all the same."""
    timetable = Timetable(time_zone="Pacific/Honolulu", cutoffs=("20:00",))
    assert next_cutoff(timetable, utc(2026, 11, 20, 12)) == utc(2026, 11, 21, 6)
    assert next_cutoff(timetable, utc(2026, 11, 21, 6)) == utc(2026, 11, 24, 6)


def test_a_partner_without_cutoffs_has_none() -> None:
    assert next_cutoff(Timetable(), utc(2026, 11, 20)) is None
    assert cutoffs_between(Timetable(), utc(2026, 11, 20), utc(2026, 12, 20)) == []


def test_answers_are_looked_for_on_days_without_cutoffs_too() -> None:
    timetable = Timetable(poll_times=("07:00",))
    assert next_poll(timetable, utc(2026, 11, 21, 13)) == utc(2026, 11, 22, 12)
    assert polls_between(timetable, utc(2026, 11, 21), utc(2026, 11, 23)) == [utc(2026, 11, 21, 12), utc(2026, 11, 22, 12)]


def test_an_end_is_counted_once_between_two_stretches() -> None:
    timetable = Timetable(cutoffs=("17:00",))
    at = utc(2026, 11, 20, 22)
    assert cutoffs_between(timetable, at - timedelta(hours=1), at) == [at]
    assert cutoffs_between(timetable, at, at + timedelta(hours=1)) == []


def test_the_lead_begins_so_many_minutes_before() -> None:
    assert lead_of(Timetable(lead_minutes=45), utc(2026, 11, 20, 22)) == utc(2026, 11, 20, 21, 15)


def test_an_instant_is_told_by_the_partners_own_clock() -> None:
    assert name_instant(Timetable(), utc(2026, 11, 20, 22)) == "Friday 2026-11-20 17:00 EST"


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("day", DAYLIGHT_SAVING_DAYS, ids=str)
def test_every_half_hour_of_a_daylight_saving_day_is_due_exactly_once(day: date, zone: str) -> None:
    """The clock goes by steps of 7 minutes with outages of 95 between them; each stretch asks for what became due in it."""
    steps = [timedelta(minutes=95 if n % 41 == 0 else 7) for n in range(320)]
    at = [datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) - timedelta(hours=13)]
    for step in steps:
        at.append(at[-1] + step)
    for clock in HALF_HOURS:
        timetable = Timetable(time_zone=zone, cutoffs=(clock,), days=EVERY_DAY, holidays="none")
        due = [each for after, until in pairwise(at) for each in cutoffs_between(timetable, after, until)]
        on_the_day = [each for each in due if each.astimezone(ZoneInfo(zone)).date() == day]
        assert on_the_day == [resolve_wall_clock(day, clock, ZoneInfo(zone))], clock
        assert len(due) == len(set(due))


@pytest.mark.parametrize("day", DAYLIGHT_SAVING_DAYS, ids=str)
def test_all_half_hours_at_once_leave_no_hour_without_a_cutoff(day: date) -> None:
    """The two that fall into the gap of spring are due where it ends, together with the one that stands there."""
    timetable = Timetable(cutoffs=HALF_HOURS, days=EVERY_DAY, holidays="none")
    begin = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).astimezone(UTC)
    due = cutoffs_between(timetable, begin - timedelta(seconds=1), begin + timedelta(hours=22))
    gaps = {after - before for before, after in pairwise(due)}
    in_spring = day.month == 3
    assert gaps == {timedelta(minutes=30)} if in_spring else gaps == {timedelta(minutes=30), timedelta(minutes=90)}


@pytest.mark.parametrize(
    ("zone", "day"),
    [("America/New_York", 19), ("Pacific/Honolulu", 19), ("Pacific/Guam", 20), ("UTC", 20), (None, 20)],
)
def test_the_day_is_that_of_the_partners_own_calendar(zone: str | None, day: int) -> None:
    """At one in the morning by UTC it is still evening in New York. Without a partner the day is that of UTC."""
    partner = load(SAMPLES).partners["meridian"].model_copy(update={"timetable": Timetable(time_zone=zone)}) if zone else None
    assert day_at(partner, utc(2026, 8, 20, 1)) == date(2026, 8, day)
