"""A partner whose profile was taken away leaves nothing that nobody speaks of."""

import pytest

from gateway.desk import batch_commands
from payers.profile import Profiles
from tests.support.worlds import MERIDIAN, PROFILES, World, make_claim


def take_away(world: World, partner: str = MERIDIAN) -> None:
    """The partner's profile is gone, and its payers are carried by another."""
    change = {"partner": "lakeside", "second_route": None}
    payers = {key: payer.model_copy(update=change) for key, payer in world.profiles.payers.items()}
    partners = {key: each for key, each in world.profiles.partners.items() if key != partner}
    world.profiles = Profiles(partners=partners, payers=payers)


@pytest.fixture
def stranded(world: World) -> World:
    """A batch that was made, and whose partner no profile names any more."""
    world.take_in(make_claim("A1"))
    world.run("scrub", "batching")
    take_away(world)
    world.turn(hours=1)
    world.run("delivery")
    return world


def test_a_batch_whose_partner_has_no_profile_is_told_of_once(stranded: World) -> None:
    (sentence,) = stranded.sentences("partner_unknown")
    assert "was not sent, and no profile names meridian any more: 1 claims wait in it, 120.00" in sentence
    assert "`claimwire batches settle 1 --arrived` or `--lost`" in sentence
    stranded.turn(days=1)
    stranded.run("delivery")
    assert (stranded.work(), stranded.broken()) == (["partner_unknown"], [])


def test_the_profile_that_is_back_ends_it_and_the_batch_goes(stranded: World) -> None:
    stranded.profiles = PROFILES
    stranded.run("delivery")
    assert (stranded.states(), stranded.work(), stranded.broken()) == ({"A1": "sent"}, [], [])


def test_settled_as_lost_its_claims_go_their_present_way(stranded: World) -> None:
    batch_commands.settle_lost(stranded.context, 1, actor="ada", reason="never sent")
    stranded.run("delivery")
    assert (stranded.states(), stranded.work(), stranded.broken()) == ({"A1": "received"}, [], [])


def test_what_was_sent_still_deserves_its_answers(world: World) -> None:
    world.send(make_claim("A1"))
    take_away(world)
    world.turn(days=7)
    world.run("followup")
    assert any("have not had a 999" in sentence for sentence in world.sentences("missing_answer"))
    world.turn(days=40)
    world.run("followup")
    assert "overdue" in world.work()
    assert world.broken() == []
