"""A cutoff lets batches be made once, at its lead or else at the next chance; a poll time lasts until it was met."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.db import due_runs
from gateway.db.engine import writing
from gateway.desk.claim_commands import hold, release
from gateway.domain.facts import Kind
from gateway.domain.timetable import cutoffs_between
from gateway.pipeline.context import Context
from gateway.pipeline.timetable import LEASE, claim_cutoff, note_left, note_polled, polling_is_due
from payers.partner import Days, Timetable
from payers.profile import Partner
from tests.support.worlds import MERIDIAN, World, make_claims

DAYLIGHT_SAVING_DAYS = [
    date(2026, 3, 8), date(2026, 11, 1), date(2027, 3, 14), date(2027, 11, 7),
    date(2028, 3, 12), date(2028, 11, 5), date(2029, 3, 11), date(2029, 11, 4),
]  # fmt: skip
NEW_YORK = ZoneInfo("America/New_York")
MONDAY = datetime(2026, 3, 2, tzinfo=NEW_YORK)


def at(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """An instant of Monday 2 March 2026, or so many days later, by New York's clock."""
    return (MONDAY + timedelta(days=days)).replace(hour=hour, minute=minute).astimezone(UTC)


def meridian(world: World) -> Partner:
    return world.profiles.partners[MERIDIAN]


def take_turn(world: World, context: Context | None = None) -> datetime | str | None:
    """The cutoff of the turn that there is now and that ends well; "wait" where there is none."""
    with claim_cutoff(context or world.context, meridian(world)) as turn:
        return "wait" if turn is None else turn.cutoff_at


def make_ready(world: World, *pcns: str) -> None:
    world.take_in(*make_claims(*pcns), name=f"{pcns[0]}.jsonl")
    world.run("scrub")


@pytest.fixture
def timed(world: World) -> World:
    """Cutoffs at 11:00 and 17:00 in New York with a lead of 15 minutes; it is Monday 07:00 there, and no claim has come yet."""
    world.change_table("timetable", cutoffs=("11:00", "17:00"), lead_minutes=15)
    return world


def test_a_partner_without_cutoffs_may_go_at_any_time(world: World) -> None:
    assert take_turn(world) is None
    assert take_turn(world) is None
    assert world.rows("due_run") == []


def test_a_cutoff_gives_one_turn_from_its_lead_on(timed: World) -> None:
    make_ready(timed, "A")
    taken = {}
    while timed.clock.now() < at(16, 40):
        turn = take_turn(timed)
        if turn != "wait":
            taken[timed.clock.now()] = turn
        timed.turn(minutes=5)
    assert taken == {at(10, 45): at(11)}
    assert [(row["due_at"], row["done_at"] is not None) for row in timed.rows("due_run")][-1] == (at(11), True)
    assert timed.work() == []


def test_claims_that_missed_a_cutoff_go_at_the_next_chance_and_a_person_is_told(timed: World) -> None:
    make_ready(timed, "A", "B")
    timed.clock.turn_to(at(11, 20))
    assert take_turn(timed) == at(17)
    assert timed.work() == ["missed_cutoff"]
    (sentence,) = timed.sentences("missed_cutoff")
    assert "meridian on Monday 2026-03-02 11:00 EST passed" in sentence
    assert "2 claims were ready" in sentence
    assert "for the cutoff of Monday 2026-03-02 17:00 EST" in sentence
    assert timed.rows("work_item")[0]["amount_cents"] == 24001
    assert take_turn(timed) == "wait"


def test_claims_that_the_edits_had_no_time_for_missed_it_as_well(timed: World) -> None:
    timed.take_in(*make_claims("A"))
    timed.clock.turn_to(at(11, 20))
    assert take_turn(timed) == "wait"
    timed.run("scrub")
    assert take_turn(timed) == at(17)
    assert timed.work() == ["missed_cutoff"]


def test_nothing_is_missed_where_nothing_was_ready(timed: World) -> None:
    timed.clock.turn_to(at(11, 20))
    make_ready(timed, "A")
    assert take_turn(timed) == "wait"
    assert timed.work() == []
    timed.clock.turn_to(at(16, 45))
    assert take_turn(timed) == at(17)


def test_a_claim_released_after_a_missed_cutoff_did_not_miss_it(timed: World) -> None:
    make_ready(timed, "A")
    timed.clock.turn_to(at(11, 20))
    with writing(timed.engine) as connection:
        assert due_runs.count_left_behind(connection, MERIDIAN, at(11), at(11)) == (1, 12000)
    hold(timed.context, timed.claim("A")["pcn"], actor="ann", reason="a question")
    release(timed.context, timed.claim("A")["pcn"], actor="ann", reason="answered")
    assert timed.claim("A")["state"] == "ready"
    with writing(timed.engine) as connection:
        assert due_runs.count_left_behind(connection, MERIDIAN, at(11), at(11)) == (0, 0)


def test_several_cutoffs_slept_through_are_accounted_for_once_each(timed: World) -> None:
    timed.clock.turn_to(at(10, 45))
    take_turn(timed)
    make_ready(timed, "A")
    timed.clock.turn_to(at(12, days=2))
    assert take_turn(timed) == at(17, days=2)
    due = [row["due_at"] for row in timed.rows("due_run", partner=MERIDIAN)]
    assert due == [at(11), at(17), at(11, days=1), at(17, days=1), at(11, days=2)]
    assert timed.work() == ["missed_cutoff"]
    assert take_turn(timed) == "wait"


def test_a_cutoff_slept_through_is_told_though_the_next_one_is_met(timed: World) -> None:
    make_ready(timed, "A")
    timed.clock.turn_to(at(16, 50))
    assert take_turn(timed) == at(17)
    assert "11:00" in timed.sentences("missed_cutoff")[0]


def test_who_fails_over_a_cutoff_may_try_again_at_once(timed: World) -> None:
    timed.clock.turn_to(at(10, 45))
    with pytest.raises(OSError, match="disk"), claim_cutoff(timed.context, meridian(timed)):
        raise OSError("disk full")
    assert take_turn(timed) == at(11)
    assert take_turn(timed) == "wait"


def test_a_cutoff_is_taken_from_one_who_died_over_it_and_from_nobody_else(timed: World) -> None:
    timed.clock.turn_to(at(10, 45))
    dead = claim_cutoff(timed.context, meridian(timed))
    assert dead.__enter__() is not None
    assert take_turn(timed) == "wait"
    timed.clock.turn(LEASE)
    assert take_turn(timed) == at(11)
    assert take_turn(timed) == "wait"
    late = timed.rows("due_run")[-1]["done_at"]
    timed.turn(minutes=1)
    dead.__exit__(None, None, None)
    assert timed.rows("due_run")[-1]["done_at"] == late, "who woke up too late changes nothing"


def test_claims_that_were_left_by_one_who_died_before_the_cutoff_are_told_to_have_missed_it(timed: World) -> None:
    make_ready(timed, "A")
    timed.clock.turn_to(at(10, 45))
    assert claim_cutoff(timed.context, meridian(timed)).__enter__() is not None
    timed.clock.turn_to(at(11, 30))
    assert take_turn(timed) == at(17)
    assert "11:00" in timed.sentences("missed_cutoff")[0]


def test_a_cutoff_whose_claims_could_not_all_go_is_tried_again_by_one_at_a_time(timed: World) -> None:
    make_ready(timed, "A")
    timed.clock.turn_to(at(10, 45))
    for is_repeated in (False, True):
        with claim_cutoff(timed.context, meridian(timed)) as turn:
            assert turn is not None
            assert (turn.cutoff_at, turn.is_repeated) == (at(11), is_repeated)
            note_left(timed.context, meridian(timed), turn)
            assert take_turn(timed) == "wait", "somebody is at it"
    timed.decide("A", Kind.HELD_BY_PERSON)
    with claim_cutoff(timed.context, meridian(timed)) as turn:
        assert turn is not None
        note_left(timed.context, meridian(timed), turn)
    assert take_turn(timed) == "wait"
    assert [row["due_at"] for row in timed.rows("due_run") if row["due_at"] >= at(11)] == [at(11)]


def test_a_person_need_not_wait_for_a_cutoff_and_uses_none_up(timed: World) -> None:
    hasty = replace(timed.context, at_once=True)
    assert take_turn(timed, hasty) == at(11)
    timed.clock.turn_to(at(10, 45))
    assert take_turn(timed) == at(11)


def test_each_partner_has_its_own_cutoffs(timed: World) -> None:
    other = next(partner for partner in timed.profiles.partners if partner != MERIDIAN)
    timed.change_table("timetable", other, cutoffs=("11:00",), time_zone="America/Chicago", lead_minutes=15)
    timed.clock.turn_to(at(10, 45))
    assert take_turn(timed) == at(11)
    with claim_cutoff(timed.context, timed.profiles.partners[other]) as turn:
        assert turn is None
    timed.clock.turn_to(at(11, 45))
    with claim_cutoff(timed.context, timed.profiles.partners[other]) as turn:
        assert turn is not None
        assert turn.cutoff_at == at(12)


@pytest.mark.parametrize("day", DAYLIGHT_SAVING_DAYS, ids=str)
def test_over_a_daylight_saving_day_every_half_hour_is_acted_on_exactly_once(world: World, day: date) -> None:
    """A look every 7 minutes, with outages of more than an hour between them."""
    half_hours = tuple(f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 30))
    every_day: Days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    timetable = Timetable(cutoffs=half_hours, lead_minutes=10, days=every_day, holidays="none")
    world.change_partner(timetable=timetable)
    begin = datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).astimezone(UTC)
    end = datetime(day.year, day.month, day.day, 23, 59, tzinfo=NEW_YORK).astimezone(UTC)
    world.clock.turn_to(begin - timedelta(hours=1))
    turns, looks = 0, 0
    while world.clock.now() <= end:
        turns += take_turn(world) != "wait"
        looks += 1
        world.turn(minutes=7 if looks % 37 else 95)
    expected = cutoffs_between(timetable, begin - timedelta(seconds=1), end)
    acted = [row["due_at"] for row in world.rows("due_run") if begin <= row["due_at"] <= end]
    assert acted == expected
    assert len(expected) == (46 if day.month == 3 else 48)
    assert turns > 30


def test_answers_are_looked_for_at_any_time_where_no_times_are_given(world: World) -> None:
    assert polling_is_due(world.context, meridian(world))
    note_polled(world.context, meridian(world), world.clock.now())
    assert polling_is_due(world.context, meridian(world))
    assert world.rows("due_run") == []


def test_a_poll_time_lasts_until_a_look_that_saw_everything(timed: World) -> None:
    timed.change_table("timetable", poll_times=("09:00", "19:30"))
    note_polled(timed.context, meridian(timed), timed.clock.now())
    assert not polling_is_due(timed.context, meridian(timed))
    timed.clock.turn_to(at(9, 3))
    assert polling_is_due(timed.context, meridian(timed))
    timed.turn(minutes=1)
    assert polling_is_due(timed.context, meridian(timed)), "the first look failed"
    note_polled(timed.context, meridian(timed), timed.clock.now())
    assert not polling_is_due(timed.context, meridian(timed))
    assert polling_is_due(replace(timed.context, at_once=True), meridian(timed))


def test_a_poll_time_that_came_while_we_looked_is_not_used_up(timed: World) -> None:
    timed.change_table("timetable", poll_times=("09:00",))
    begun_at = at(8, 59)
    timed.clock.turn_to(at(9, 1))
    note_polled(timed.context, meridian(timed), begun_at)
    assert polling_is_due(timed.context, meridian(timed))
