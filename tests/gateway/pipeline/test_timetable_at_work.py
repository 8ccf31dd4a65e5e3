"""The stages keep to the timetable: files are made for their cutoff or at the next chance, and looks keep their times."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.crashpoint import arm
from payers.partner import Timetable
from tests.support.worlds import MERIDIAN, World, make_claims

ELEVEN = datetime(2026, 3, 2, 16, tzinfo=UTC)
FIVE = datetime(2026, 3, 2, 22, tzinfo=UTC)


@pytest.fixture
def timed(world: World) -> World:
    """Cutoffs at 11:00 and 17:00 in New York with a lead of 15 minutes; it is Monday 07:00 there."""
    world.change_table("timetable", cutoffs=("11:00", "17:00"), lead_minutes=15)
    return world


def go_on(world: World) -> None:
    world.run("scrub", "batching", "delivery")


def test_claims_wait_for_the_lead_of_their_cutoff_and_leave_once(timed: World) -> None:
    first, *others = make_claims("A", "B", "C")
    timed.take_in(first)
    go_on(timed)
    assert timed.states() == {"A": "ready"}
    timed.clock.turn_to(ELEVEN.replace(hour=15, minute=45))
    go_on(timed)
    assert timed.states() == {"A": "sent"}
    assert [row["cutoff_at"] for row in timed.rows("batch")] == [ELEVEN]
    timed.take_in(*others, name="later.jsonl")
    timed.turn(minutes=5)
    go_on(timed)
    assert timed.states() == {"A": "sent", "B": "ready", "C": "ready"}
    timed.clock.turn_to(FIVE.replace(hour=21, minute=45))
    go_on(timed)
    assert set(timed.states().values()) == {"sent"}
    assert [row["cutoff_at"] for row in timed.rows("batch")] == [ELEVEN, FIVE]
    assert timed.work() == []
    assert timed.broken() == []


def test_what_was_not_made_in_time_goes_at_once_and_says_so(timed: World) -> None:
    timed.take_in(*make_claims("A"))
    go_on(timed)
    timed.clock.turn_to(ELEVEN.replace(hour=16, minute=30))
    go_on(timed)
    assert timed.states() == {"A": "sent"}
    assert [row["cutoff_at"] for row in timed.rows("batch")] == [FIVE]
    assert timed.work() == ["missed_cutoff"]
    assert timed.broken() == []


def test_what_was_made_in_time_and_did_not_arrive_says_so_once(timed: World) -> None:
    timed.take_in(*make_claims("A"))
    timed.run("scrub")
    timed.clock.turn_to(ELEVEN.replace(hour=15, minute=45))
    timed.run("batching")
    timed.clock.turn_to(ELEVEN.replace(hour=16, minute=30))
    timed.run("batching", "delivery")
    assert timed.states() == {"A": "sent"}
    missed = timed.rows("work_item", kind="missed_cutoff")
    assert len(missed) == 1, "told for the batch, and not for the cutoff again"
    assert timed.broken() == []


def test_an_error_over_a_cutoff_loses_it_not(timed: World) -> None:
    """The disk fails in the middle of batching; the next run makes the files of the same cutoff."""
    timed.take_in(*make_claims("A"))
    timed.run("scrub")
    timed.clock.turn_to(ELEVEN.replace(hour=15, minute=46))
    arm("batching.before_commit:eio")
    with pytest.raises(OSError, match="Input/output"):
        timed.run("batching")
    go_on(timed)
    assert timed.states() == {"A": "sent"}
    assert [row["cutoff_at"] for row in timed.rows("batch")] == [ELEVEN]
    assert timed.work() == []


LEAD = ELEVEN.replace(hour=15, minute=45)
"""From when on the files for eleven are made."""


def receive(world: World, pcn: str) -> None:
    """Claim A or B, which differ."""
    (claim,) = (each for each in make_claims("A", "B") if each.patient_control_number == pcn)
    world.take_in(claim, name=f"{pcn}.jsonl")


def files(world: World) -> list[tuple[int, datetime | None]]:
    """Claims and cutoff of every file."""
    return [(row["claim_count"], row["cutoff_at"]) for row in world.rows("batch")]


def test_what_the_edits_come_to_a_moment_after_the_lead_makes_the_cutoff(timed: World) -> None:
    receive(timed, "A")
    timed.clock.turn_to(LEAD)
    timed.run("batching")
    timed.turn(minutes=1)
    go_on(timed)
    assert (timed.states(), files(timed), timed.work()) == ({"A": "sent"}, [(1, ELEVEN)], [])
    (run,) = [row for row in timed.rows("due_run") if row["due_at"] == ELEVEN]
    assert (run["begun_at"], run["done_at"]) == (LEAD, timed.clock.now())


def test_what_came_after_the_lead_neither_goes_with_it_nor_keeps_the_cutoff_open(timed: World) -> None:
    receive(timed, "A")
    timed.clock.turn_to(LEAD)
    timed.run("batching")
    timed.turn(minutes=1)
    receive(timed, "B")
    go_on(timed)
    assert timed.states() == {"A": "sent", "B": "ready"}
    timed.turn(minutes=1)
    go_on(timed)
    timed.clock.turn_to(FIVE.replace(hour=21, minute=45))
    go_on(timed)
    assert (files(timed), timed.work()) == ([(1, ELEVEN), (1, FIVE)], [])


@pytest.mark.parametrize("minute", [50, 75])
def test_a_profile_mended_after_the_lead_still_makes_its_files_and_says_so_where_it_is_late(timed: World, minute: int) -> None:
    receive(timed, "A")
    timed.run("scrub")
    good = timed.profiles
    timed.change_table("submitter", name="BAD~NAME")
    for at in (LEAD, LEAD + timedelta(minutes=10)):
        timed.clock.turn_to(at)
        go_on(timed)
    assert (timed.states(), timed.work()) == ({"A": "ready"}, ["batch_unbuilt"])
    receive(timed, "B")
    timed.profiles = good
    timed.clock.turn_to(ELEVEN.replace(hour=15) + timedelta(minutes=minute + 6))
    go_on(timed)
    is_late = timed.clock.now() > ELEVEN
    assert (timed.states(), files(timed)) == ({"A": "sent", "B": "ready"}, [(1, FIVE if is_late else ELEVEN)])
    assert timed.work() == (["missed_cutoff"] if is_late else [])
    assert all("and 1 claims were ready" in each for each in timed.sentences("missed_cutoff"))
    timed.clock.turn_to(FIVE.replace(hour=21, minute=45))
    go_on(timed)
    assert set(timed.states().values()) == {"sent"}


def test_a_late_cutoff_is_tried_again_until_the_lead_of_the_next_and_told_once(timed: World) -> None:
    receive(timed, "A")
    timed.run("scrub")
    timed.change_table("submitter", name="BAD~NAME")
    timed.clock.turn_to(LEAD)
    while timed.clock.now() < FIVE:
        go_on(timed)
        timed.turn(minutes=20)
    assert timed.work() == ["batch_unbuilt", "missed_cutoff"]
    assert [row["done_at"] is not None for row in timed.rows("due_run")][-2:] == [True, False]
    assert timed.broken() == []


def test_a_claim_that_is_held_in_the_end_keeps_no_cutoff_open(timed: World) -> None:
    receive(timed, "A")
    timed.clock.turn_to(LEAD)
    timed.run("batching")
    timed.clock.turn_to(ELEVEN + timedelta(minutes=5))
    timed.run("batching")
    timed.change_payer("blueharbor", member_id_pattern="ZZZ")
    receive(timed, "B")
    go_on(timed)
    assert (timed.states(), timed.work()) == ({"A": "held", "B": "held"}, ["edits_failed", "edits_failed"])
    assert all(row["done_at"] is not None for row in timed.rows("due_run"))


def test_answers_are_fetched_at_their_times_only(timed: World) -> None:
    """Two looks find that a file stands still: the second comes a moment after the first, not at the next poll time."""
    timed.change_partner(timetable=Timetable(poll_times=("09:00", "19:30")))
    timed.run("pickup")
    timed.clock.turn_to(datetime(2026, 3, 2, 13, 59, tzinfo=UTC))
    pattern = timed.profiles.partners[MERIDIAN].pickup.patterns[0]
    answer = timed.interchange("FA", "005010X231A1")
    timed.leave(answer, pattern.replace("*", "answer"))
    timed.run("pickup")
    assert timed.rows("file", direction="inbound") == []
    timed.clock.turn_to(datetime(2026, 3, 2, 14, 0, 30, tzinfo=UTC))
    for _ in range(timed.profiles.partners[MERIDIAN].pickup.ready_after_polls):
        timed.run("pickup")
        timed.turn(minutes=1)
    assert len(timed.rows("file", direction="inbound")) == 1
    timed.leave(timed.interchange("FA", "005010X231A1"), pattern.replace("*", "other"))
    timed.run("pickup", "pickup")
    assert len(timed.rows("file", direction="inbound")) == 1, "this one waits for the evening"
