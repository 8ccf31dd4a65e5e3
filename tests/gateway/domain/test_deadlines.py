"""Business days skip weekends and the federal holidays as observed; answers are due from the profile's days."""

from datetime import UTC, date, datetime, timedelta

import pytest

from gateway.domain.business_days import federal_holidays, is_business_day
from gateway.domain.deadlines import add_business_days, expected_answers
from payers.profile import Answers

OBSERVED = {
    2026: "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25",
    2027: "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
    2028: "01-17 02-21 05-29 06-19 07-04 09-04 10-09 11-10 11-23 12-25",
    2029: "01-01 01-15 02-19 05-28 06-19 07-04 09-03 10-08 11-12 11-22 12-25",
}
"""The published list of days on which federal offices are closed, by year."""


@pytest.mark.parametrize("year", sorted(OBSERVED))
def test_holidays_are_the_published_ones(year: int) -> None:
    assert sorted(day.strftime("%m-%d") for day in federal_holidays(year)) == OBSERVED[year].split()


def test_juneteenth_is_a_holiday_only_since_it_was_made_one() -> None:
    assert is_business_day(date(2020, 6, 19))
    assert not is_business_day(date(2021, 6, 18))
    assert not is_business_day(date(2026, 6, 19))


def test_a_year_has_as_many_business_days_as_weekdays_less_holidays() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(is_business_day(day) for day in days) == 261 - 11


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 16), 1, date(2026, 11, 17)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (date(2026, 11, 25), 1, date(2026, 11, 27)),
        (date(2026, 11, 25), 2, date(2026, 11, 30)),
        (date(2027, 12, 30), 1, date(2028, 1, 3)),
        (date(2026, 11, 16), 5, date(2026, 11, 23)),
        (date(2026, 11, 21), 0, date(2026, 11, 21)),
    ],
)
def test_business_days_step_over_weekends_and_holidays(day: date, count: int, expected: date) -> None:
    assert add_business_days(day, count) == expected


def test_a_deadline_in_the_past_is_a_bug() -> None:
    with pytest.raises(AssertionError):
        add_business_days(date(2026, 11, 16), -1)


SENT = datetime(2026, 11, 20, 18, 30, tzinfo=UTC)


def test_the_chain_of_answers_is_due_in_its_order() -> None:
    partner = Answers(
        ta1_business_days=1,
        ack_999_business_days=1,
        ack_277ca_clearinghouse_business_days=2,
        ack_277ca_payer_business_days=5,
    )
    assert [(answer.kind, answer.due_at.isoformat()) for answer in expected_answers(SENT, partner, None)] == [
        ("TA1", "2026-11-23T18:30:00+00:00"),
        ("999", "2026-11-23T18:30:00+00:00"),
        ("277CA clearinghouse", "2026-11-24T18:30:00+00:00"),
        ("277CA payer", "2026-11-30T18:30:00+00:00"),
    ]


def test_an_answer_that_is_never_sent_is_not_awaited() -> None:
    partner = Answers(ta1_business_days=None, ack_277ca_clearinghouse_business_days=None)
    assert [answer.kind for answer in expected_answers(SENT, partner, None)] == ["999", "277CA payer"]


def test_a_payer_overrides_only_what_its_profile_states() -> None:
    partner = Answers(ta1_business_days=1)
    payer = Answers(ack_277ca_payer_business_days=10)
    answers = {answer.kind: answer.due_at.date() for answer in expected_answers(SENT, partner, payer)}
    assert answers["TA1"] == date(2026, 11, 23)
    assert answers["277CA payer"] == date(2026, 12, 7)


def test_a_payers_277ca_due_sooner_than_the_clearinghouses_stands_before_it() -> None:
    partner = Answers(ack_277ca_clearinghouse_business_days=3, ack_277ca_payer_business_days=2)
    assert [answer.kind for answer in expected_answers(SENT, partner, None)] == ["999", "277CA payer", "277CA clearinghouse"]
