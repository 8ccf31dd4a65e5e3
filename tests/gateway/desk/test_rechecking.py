"""Held claims looked at again: those that edits hold, once what they objected to is mended, and no others."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.clock import TurnedClock
from gateway.desk import claim_commands
from gateway.desk.claim_view import view_claim
from gateway.domain.facts import Kind
from gateway.errors import Refused
from gateway.pipeline import scrub
from payers.profile import Profiles
from tests.gateway.domain.samples import make_subscriber
from tests.support.worlds import PROFILES, World, make_claim

NEW_STYLE = "N-1"
"""A member id as Blue Harbor does not write them, by its sample profile."""


@pytest.fixture
def world(fresh_engine: Engine, tmp_path: Path, clock: TurnedClock) -> World:
    """Three claims held for their member id, and one that a person holds besides."""
    world = World(fresh_engine, tmp_path / "archive", clock)
    patients = [make_subscriber(id=NEW_STYLE, first_name=f"INVENTED{n}") for n in range(4)]
    world.take_in(*(make_claim(f"A{n}", subscriber=patient) for n, patient in enumerate(patients, 1)))
    claim_commands.hold(world.context, "A4", actor="ann", reason="the practice asked")
    world.run("scrub")
    assert set(world.states().values()) == {"held"}
    return world


def mend_profile(world: World) -> None:
    """Blue Harbor's profile knows the new member ids."""
    mended = PROFILES.payers["blueharbor"].model_copy(update={"member_id_pattern": "N-[0-9]", "member_id_example": NEW_STYLE})
    world.profiles = Profiles(partners=PROFILES.partners, payers={**PROFILES.payers, mended.id: mended})


def test_one_claim_is_checked_again_against_the_profile_of_now(world: World) -> None:
    mend_profile(world)
    world.turn(minutes=1)
    act = claim_commands.recheck(world.context, "A1", actor="ann", reason="member ids changed")
    assert (act.state, act.attempt) == ("received", 2)
    world.run("scrub")
    assert world.states() == {"A1": "ready", "A2": "held", "A3": "held", "A4": "held"}
    (fact,) = (fact for fact in world.facts("A1") if fact.kind is Kind.REOPENED)
    assert (fact.actor, fact.data["reason"]) == ("ann", "member ids changed")
    told = [step.text for step in view_claim(world.context, "A1").timeline]
    assert "To be checked again by the edits: member ids changed" in told


def test_all_that_edits_hold_are_checked_again_and_what_a_person_holds_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In chunks of two."""
    monkeypatch.setattr(claim_commands, "CHUNK", 2)
    mend_profile(world)
    world.turn(minutes=1)
    done = claim_commands.recheck_held(world.context, actor="ann", reason="member ids changed")
    assert (done.reopened, done.left) == (3, 1)
    world.run("scrub")
    assert world.states() == {"A1": "ready", "A2": "ready", "A3": "ready", "A4": "held"}
    assert world.work() == []
    assert world.broken() == []


def test_what_is_still_wrong_is_held_again_and_told_once(world: World) -> None:
    for minutes in (1, 2):
        world.turn(minutes=minutes)
        claim_commands.recheck_held(world.context, actor="ann", reason="perhaps now")
        scrub.run(world.context)
    assert set(world.states().values()) == {"held"}
    assert world.work() == ["edits_failed"] * 3
    assert {world.claim(pcn)["attempt"] for pcn in ("A1", "A2", "A3")} == {3}


def test_a_claim_that_a_person_holds_is_not_let_go_by_a_recheck(world: World) -> None:
    with pytest.raises(Refused, match="a person holds it"):
        claim_commands.recheck(world.context, "A4", actor="bob", reason="why not")
    assert world.states()["A4"] == "held"


def test_a_recheck_needs_a_reason(world: World) -> None:
    with pytest.raises(Refused, match="a reason is needed"):
        claim_commands.recheck_held(world.context, actor="ann", reason=" ")
