"""Which days offices are open on: weekends, US federal holidays, a partner's own closing days."""

from datetime import date
from functools import lru_cache

from payers.partner import Timetable

SATURDAY = 5
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def is_business_day(day: date) -> bool:
    """Whether offices are open: Monday to Friday, not a US federal holiday nor the day one is observed on (5 USC 6103)."""
    return day.weekday() < SATURDAY and day not in federal_holidays(day.year)


@lru_cache(maxsize=64)
def federal_holidays(year: int) -> frozenset[date]:
    """The working days of this year on which a US federal holiday is observed: Saturday's on Friday, Sunday's on Monday."""
    from holidays import country_holidays  # noqa: PLC0415 a tenth of a second that most commands need not wait

    return frozenset(day for day in country_holidays("US", years=year) if day.year == year and day.weekday() < SATURDAY)


def has_cutoffs(timetable: Timetable, day: date) -> bool:
    """Whether the partner keeps its cutoffs on this day of its own calendar."""
    if WEEKDAYS[day.weekday()] not in timetable.days or day.isoformat() in timetable.closed_on:
        return False
    return timetable.holidays == "none" or day not in federal_holidays(day.year)
