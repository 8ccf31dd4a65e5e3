"""Silence becomes work at each deadline, in business days, and the work closes when the answer comes."""

from datetime import UTC, datetime

import pytest

from tests.gateway.domain.samples import make_subscriber
from tests.gateway.pipeline.test_whole_way import paid_in_full
from tests.support.worlds import World, make_claim, make_claims, say


def at(day: int, hour: int = 12, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


def missing(world: World, moment: datetime) -> list[str]:
    """What the work list says is missing at this moment."""
    world.clock.turn_to(moment)
    world.run("followup")
    assert world.broken() == []
    names = ("a TA1", "a 999", "a 277CA from the clearinghouse", "a 277CA from the payer")
    sentences = world.sentences("missing_answer")
    return [name for sentence in sentences for name in names if f"have not had {name}," in sentence]


def test_each_answer_is_missed_at_its_own_deadline_on_business_days(world: World) -> None:
    """Sent on Monday 2 March at noon: Meridian owes a 999 in one business day, its 277CA in two, the payer's in five."""
    world.send(make_claim("A1"))
    assert missing(world, at(3, 11)) == []
    assert missing(world, at(3)) == ["a 999"]
    assert missing(world, at(4)) == ["a 999", "a 277CA from the clearinghouse"]
    assert missing(world, at(8)) == ["a 999", "a 277CA from the clearinghouse"]
    assert missing(world, at(9, 13)) == ["a 999", "a 277CA from the clearinghouse", "a 277CA from the payer"]


def test_a_partner_that_sends_ta1s_owes_one_and_no_clearinghouse_answers_where_there_is_none(world: World) -> None:
    world.send(make_claim("L1", payer="LAKESIDE", subscriber=make_subscriber(id="L00000035")))
    assert missing(world, at(20)) == ["a TA1", "a 999", "a 277CA from the payer"]


def test_a_payer_with_days_of_its_own_has_them(world: World) -> None:
    world.send(make_claim("N1", payer="NSP77", subscriber=make_subscriber(id="00000024-01")))
    assert "a 277CA from the payer" not in missing(world, at(11, 13))
    assert "a 277CA from the payer" in missing(world, at(12, 13))


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        ("999", ["a 277CA from the clearinghouse", "a 277CA from the payer"]),
        ("AY", ["a 277CA from the payer"]),
        ("PR", []),
        ("835", []),
    ],
)
def test_an_answer_closes_what_it_makes_needless(world: World, answer: str, left: list[str]) -> None:
    world.send(make_claim("A1"))
    assert len(missing(world, at(16))) == 3
    world.hear(
        {
            "999": world.ack_999(), "AY": world.ack_277ca("AY", say("A1", "A2")), "PR": world.ack_277ca("PR", say("A1", "A2")),
            "835": world.pay(paid_in_full("A1")),
        }[answer]
    )  # fmt: skip
    assert missing(world, at(16)) == left


def test_one_item_counts_the_claims_of_a_batch_that_are_without_an_answer(world: World) -> None:
    world.send(*make_claims("A1", "A2", "A3"))
    world.hear(world.ack_999())
    world.hear(world.ack_277ca("AY", say("A1", "A2")))
    assert missing(world, at(5)) == ["a 277CA from the clearinghouse"]
    assert world.sentences("missing_answer")[0].startswith("2 of the claims")


def test_a_claim_is_overdue_after_its_payers_days_and_no_more_once_it_is_answered(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.ack_277ca("PR", say("A1", "A2")))
    world.clock.turn_to(at(1, 11, month=4))
    world.run("followup")
    assert world.work() == []
    world.clock.turn_to(at(1, 12, month=4))
    world.run("followup")
    assert world.work() == ["overdue"]
    assert "30 days" in world.sentences("overdue")[0]
    world.run("followup")
    assert len(world.rows("work_item", kind="overdue")) == 1
    world.hear(world.pay(paid_in_full("A1")))
    assert (world.work(), world.broken()) == ([], [])


def test_a_shorter_patience_of_a_payer_counts(world: World) -> None:
    world.send(make_claim("N1", payer="NSP77", subscriber=make_subscriber(id="00000024-01")))
    world.clock.turn_to(at(24))
    world.run("followup")
    assert "overdue" in world.work()


def test_a_rejected_claim_is_no_longer_awaited(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.ack_999("R"))
    assert missing(world, at(20)) == []
    world.clock.turn_to(at(20, month=5))
    world.run("followup")
    assert world.work() == ["rejected"]


def test_a_batch_that_never_left_is_not_called_unanswered(world: World) -> None:
    world.take_in(make_claim("A1"))
    world.run("scrub", "batching")
    assert missing(world, at(20)) == []
