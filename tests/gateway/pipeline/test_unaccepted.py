"""Paid without acceptance is odd: where the payer owes a 277CA, its absence is told once it is due, quietly."""

from datetime import UTC, datetime

import pytest

from tests.gateway.domain.samples import make_subscriber
from tests.gateway.pipeline.test_whole_way import paid_in_full
from tests.support.worlds import World, make_claim, make_claims, say

WORDS = "no 277CA"


def told(world: World, day: int) -> list[str]:
    """What the work list says of it on a day of March, at one in the afternoon."""
    world.clock.turn_to(datetime(2026, 3, day, 13, tzinfo=UTC))
    world.run("followup")
    assert world.broken() == []
    return [sentence for sentence in world.sentences("anomaly") if WORDS in sentence]


def test_a_claim_paid_without_acceptance_is_told_when_the_payers_277ca_is_due(world: World) -> None:
    """Sent on Monday 2 March; Blue Harbor's 277CA is due in five business days."""
    world.send(*make_claims("A1", "A2", "A3"))
    world.hear(world.pay(paid_in_full("A1"), paid_in_full("A2", 12001)))
    assert told(world, 6) == []
    (sentence,) = told(world, 9)
    assert sentence.startswith("2 of the claims to blueharbor in batch 1")
    assert told(world, 10) == [sentence]
    (item,) = (row for row in world.rows("work_item", kind="anomaly") if WORDS in row["sentence"])
    assert (item["amount_cents"], item["due_at"], item["batch_id"]) == (0, None, 1)


@pytest.mark.parametrize("tier", ["AY", "PR"])
def test_an_acceptance_that_comes_late_closes_it(world: World, tier: str) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(paid_in_full("A1")))
    assert len(told(world, 9)) == 1
    world.hear(world.ack_277ca(tier, say("A1", "A2")))
    assert told(world, 9) == []


def test_a_claim_accepted_before_it_was_paid_is_nothing_odd(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.ack_277ca("PR", say("A1", "A2")))
    world.hear(world.pay(paid_in_full("A1")))
    assert told(world, 20) == []


def test_it_stays_told_however_long_it_lasts(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(paid_in_full("A1")))
    assert len(told(world, 9)) == 1
    world.turn(days=400)
    world.run("followup")
    assert any(WORDS in sentence for sentence in world.sentences("anomaly"))


def test_where_the_payer_never_sends_one_nothing_is_missing(world: World) -> None:
    answers = world.profiles.partners["lakeside"].answers.model_copy(update={"ack_277ca_payer_business_days": None})
    world.change_partner("lakeside", answers=answers)
    world.send(make_claim("L1", payer="LAKESIDE", subscriber=make_subscriber(id="L00000035")))
    world.hear(world.pay(paid_in_full("L1"), originator_id="1000000033"), partner="lakeside")
    assert told(world, 20) == []
