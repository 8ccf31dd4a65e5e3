"""Once a payer's route is another, none of its claims leaves by the old partner, however many and whoever let them go."""

from datetime import timedelta

import pytest

from gateway.desk import batch_commands
from gateway.desk.batch_preview import preview_batches
from gateway.desk.claim_commands import hold, release
from gateway.pipeline import refusal
from gateway.pipeline.batching import list_groups
from payers.payer import SecondRoute
from tests.support.worlds import MERIDIAN, World, make_claims

FIVE = ("A", "B", "C", "D", "E")
WHO = {"actor": "ann", "reason": "asked"}


@pytest.fixture
def routed(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Both partners take the same claims; routes change for two of them in a transaction."""
    monkeypatch.setattr(refusal, "STRAYS_MAX", 2)
    world.change_partner("lakeside", versions=world.profiles.partners[MERIDIAN].versions)
    world.change_payer("blueharbor", second_route=SecondRoute(partner="lakeside", sent_payer_id="LS999"))
    world.take_in(*make_claims(*FIVE))
    world.run("scrub")
    return world


def carried(world: World) -> list[tuple[str, int]]:
    return [(row["partner"], row["claim_count"]) for row in world.rows("batch") if row["state"] != "failed"]


def sent_text(world: World) -> str:
    return "".join(world.archive.read(row["sha256"]).decode() for row in world.rows("file", direction="outbound"))


def test_all_that_is_ready_goes_by_the_new_partner_under_its_payer_id(routed: World) -> None:
    routed.change_payer("blueharbor", route="second")
    routed.run("batching")
    assert carried(routed) == [("lakeside", 5)]
    assert "*PI*LS999~" in sent_text(routed)
    assert "BHH01" not in sent_text(routed)
    assert routed.broken() == []


def test_what_a_person_released_goes_by_the_new_partner_too(routed: World) -> None:
    for act in (hold, release):
        routed.clock.turn(timedelta(minutes=1))
        for pcn in FIVE:
            act(routed.context, routed.claim(pcn)["pcn"], **WHO)
    routed.change_payer("blueharbor", route="second")
    routed.run("batching")
    assert carried(routed) == [("lakeside", 5)]


def test_a_file_that_was_given_up_goes_again_by_the_new_partner(routed: World) -> None:
    routed.run("batching")
    routed.change_payer("blueharbor", route="second")
    batch_commands.settle_lost(routed.context, 1, **WHO)
    routed.turn(minutes=10)
    routed.run("scrub", "batching")
    assert carried(routed) == [("lakeside", 5)]


def test_claims_whose_payer_is_gone_are_all_held(routed: World) -> None:
    routed.turn(minutes=1)
    routed.without_payers(*routed.profiles.payers)
    routed.run("batching")
    assert (set(routed.states().values()), routed.work()) == ({"held"}, ["edits_failed"] * 5)
    assert routed.broken() == []


def test_no_file_of_the_old_partner_has_room_for_them_before_they_are_routed_anew(routed: World) -> None:
    routed.change_payer("blueharbor", route="second")
    assert list_groups(routed.context, routed.profiles.partners[MERIDIAN]) == []
    (staying,) = preview_batches(routed.context, MERIDIAN).staying
    assert "routed by lakeside, at the next run" in staying.why
