"""What stands with a partner: the cutoff that ready claims will make, what would go, files on their way, answers awaited."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.clock import TurnedClock
from gateway.desk.partner_view import explain_waiting, tell_distance, view_partner, view_partners, view_payer
from gateway.errors import Refused
from gateway.pipeline.timetable import claim_cutoff
from payers.payer import LineOfBusiness
from tests.support.worlds import MERIDIAN, World, make_claims


@pytest.fixture
def world(fresh_engine: Engine, tmp_path: Path, clock: TurnedClock) -> World:
    """Cutoffs at 11:00 and 17:00 in New York; it is Monday 2 March 2026, 07:00 there."""
    world = World(fresh_engine, tmp_path / "archive", clock)
    world.change_table("timetable", cutoffs=("11:00", "17:00"), lead_minutes=15, poll_times=("08:00",))
    return world


def test_it_says_when_the_next_cutoff_is_and_what_would_go(world: World) -> None:
    world.take_in(*make_claims("A", "B"))
    world.run("scrub")
    view = view_partner(world.context, MERIDIAN)
    assert view.next_cutoff is not None
    assert view.next_cutoff.at == datetime(2026, 3, 2, 16, tzinfo=UTC)
    assert (view.next_cutoff.local, view.next_cutoff.distance) == ("Monday 2026-03-02 11:00 EST", "in 4 h")
    assert view.files_made is not None
    assert view.files_made.distance == "in 3 h 45 min"
    assert view.next_poll is not None
    assert view.next_poll.distance == "in 1 h"
    assert [(each.transaction, each.usage, each.claims, each.charge_cents) for each in view.waiting] == [("837P", "T", 2, 24001)]
    assert (view.link.state, view.open_files, view.awaited) == ("never tried", [], [])


def test_once_the_files_of_a_cutoff_are_made_the_next_one_is_told(world: World) -> None:
    world.clock.turn_to(datetime(2026, 3, 2, 15, 50, tzinfo=UTC))
    with claim_cutoff(world.context, world.profiles.partners[MERIDIAN]) as turn:
        assert turn is not None
    view = view_partner(world.context, MERIDIAN)
    assert view.next_cutoff is not None
    assert view.next_cutoff.local == "Monday 2026-03-02 17:00 EST"


def test_a_payer_that_tests_alone_has_its_claims_counted_under_its_own_usage(world: World) -> None:
    payers = {**world.profiles.payers}
    payers["blueharbor"] = payers["blueharbor"].model_copy(update={"usage": "P"})
    world.profiles = world.profiles.model_copy(update={"payers": payers})
    world.take_in(*make_claims("A"))
    world.run("scrub")
    assert [each.usage for each in view_partner(world.context, MERIDIAN).waiting] == ["P"]


def test_what_was_sent_awaits_its_answers(world: World) -> None:
    world.change_table("timetable", cutoffs=(), poll_times=())
    world.send(*make_claims("A"))
    view = view_partner(world.context, MERIDIAN)
    assert view.waiting == []
    assert "999" in [each.answer for each in view.awaited]
    assert view.last_sent is not None
    assert view.last_sent.distance == "now"
    assert view.next_cutoff is None


def test_every_partner_has_its_line(world: World) -> None:
    assert [view.id for view in view_partners(world.context)] == sorted(world.profiles.partners)


def test_a_payer_is_told_with_its_carrier_and_limits(world: World) -> None:
    world.take_in(*make_claims("A"))
    world.run("scrub")
    view = view_payer(world.context, "blueharbor")
    assert (view.carrier, view.original_days, view.ready_claims, view.ready_charge_cents) == ("meridian", 180, 1, 12000)
    assert {"837P", "replacements"} <= set(view.takes)
    assert view.lines_of_business == []


def test_a_payers_lines_of_business_are_told_by_their_names(world: World) -> None:
    line = LineOfBusiness(name="Medicare Advantage", payer_ids=("BHH02",), claim_filing_indicator="16")
    world.change_payer(lines_of_business=(line,))
    view = view_payer(world.context, "blueharbor")
    assert view.lines_of_business == ["Medicare Advantage (BHH02, filed as 16)"]


def test_who_is_not_there_is_refused_with_those_who_are(world: World) -> None:
    with pytest.raises(Refused, match="lakeside, meridian"):
        view_partner(world.context, "nobody")
    with pytest.raises(Refused, match="northstar"):
        view_payer(world.context, "nobody")


def test_claims_that_wait_for_a_cutoff_are_said_to(world: World) -> None:
    assert explain_waiting(world.context) == []
    world.take_in(*make_claims("A", "B"))
    world.run("scrub")
    assert explain_waiting(world.context) == [
        "2 claims wait for meridian's cutoff of Monday 2026-03-02 11:00 EST; their files are made in 3 h 45 min."
    ]


@pytest.mark.parametrize(
    ("distance", "said"),
    [
        (timedelta(hours=2, minutes=10, seconds=59), "in 2 h 10 min"),
        (timedelta(seconds=30), "now"),
        (timedelta(days=3, hours=4, minutes=5), "in 3 d 4 h"),
        (-timedelta(minutes=7), "7 min ago"),
        (timedelta(days=1), "in 1 d"),
    ],
)
def test_a_distance_is_told_in_two_units_at_most(distance: timedelta, said: str) -> None:
    assert tell_distance(distance) == said
