"""Nothing leaves under the verdict of a profile that has changed since."""

from typing import Any

import pytest

from gateway.domain.facts import Kind
from gateway.pipeline import batching
from payers.rules import Rule
from tests.support.worlds import World, make_claim, make_claims

NUMBERED: dict[str, Any] = {"rules": (Rule(id="a-rule", what="w", fix="f", require=("claim.prior_authorization",)),)}
ON_PAPER: dict[str, Any] = {"paper_only": True}


@pytest.mark.parametrize("change", [NUMBERED, ON_PAPER])
@pytest.mark.parametrize("stages", [("scrub", "batching", "delivery"), ("batching", "delivery")])
def test_ready_claims_are_asked_again_before_they_leave(world: World, change: dict[str, Any], stages: tuple[str, ...]) -> None:
    world.take_in(*make_claims("A1", "A2"))
    world.run("scrub")
    world.change_payer(**change)
    world.run(*stages)
    assert world.states() == {"A1": "held", "A2": "held"}
    assert world.work() == ["edits_failed", "edits_failed"]
    assert world.broken() == []


def test_a_change_that_they_meet_keeps_them_ready_and_they_leave(world: World) -> None:
    world.take_in(make_claim("A1"))
    world.run("scrub")
    world.change_payer(overdue_days=31)
    world.turn(minutes=1)
    world.run("batching", "delivery")
    assert world.states() == {"A1": "sent"}
    assert [fact.kind for fact in world.facts("A1")].count(Kind.EDITS_PASSED) == 2


def test_what_a_person_released_stays_released(world: World) -> None:
    world.take_in(make_claim("A1"))
    world.change_payer(**NUMBERED)
    world.run("scrub")
    world.turn(minutes=1)
    world.decide("A1", Kind.RELEASED_BY_PERSON)
    world.change_payer(**ON_PAPER)
    world.run("scrub", "batching", "delivery")
    assert world.states() == {"A1": "sent"}


def test_profiles_that_did_not_change_have_no_claim_judged_twice(world: World) -> None:
    world.take_in(*make_claims("A1", "A2"))
    world.run("scrub")
    facts = len(world.rows("event"))
    world.turn(hours=1)
    assert world.run("scrub") == {"scrub": 0}
    assert len(world.rows("event")) == facts


def test_a_profile_that_changes_while_a_batch_is_made_lets_nothing_out(world: World) -> None:
    """Judged by the old profile after batching looked: what it takes for its file is what today's profile judged."""
    world.take_in(make_claim("A1"))
    world.run("scrub")
    world.change_payer(**ON_PAPER)
    assert batching.assemble(world.context, world.profiles.partners["meridian"]) == 0
    assert world.states() == {"A1": "ready"}
