"""A 999 that comes late, twice or against what others said sends nothing out again that somebody took or a person voided."""

from collections.abc import Callable
from itertools import permutations

import pytest

from gateway.desk import claim_commands
from gateway.domain.facts import Kind
from gateway.errors import Refused
from tests.gateway.pipeline.test_whole_way import paid_in_full
from tests.support.worlds import World, blame, make_claims, say

THREE = ("A1", "A2", "A3")


def sent(world: World) -> None:
    world.send(*make_claims(*THREE))
    world.turn(hours=1)


def blamed(world: World, pcn: str = "A2") -> bytes:
    return world.ack_999("R", blame(0, pcn))


def go_on(world: World) -> None:
    """Whatever the gateway does by itself."""
    world.turn(hours=1)
    world.run()


def published(world: World) -> int:
    return len(world.wire.published())


def test_a_rejection_after_acceptance_and_payment_sends_nothing_again_and_is_told(world: World) -> None:
    sent(world)
    world.hear(world.ack_277ca("PR", *(say(pcn, "A2") for pcn in THREE)))
    world.hear(world.pay(paid_in_full("A1")))
    world.hear(blamed(world))
    go_on(world)
    assert world.states() == {"A1": "paid", "A2": "accepted_by_payer", "A3": "accepted_by_payer"}
    assert published(world) == 1
    assert [row["claim_id"] for row in world.rows("work_item", kind="anomaly")] == [1, 3, 2]
    assert world.broken() == []


def test_a_999_that_rejects_what_an_earlier_one_accepted_leaves_the_innocent_rejected_and_is_told(world: World) -> None:
    sent(world)
    world.hear(world.ack_999())
    world.turn(hours=1)
    world.hear(blamed(world))
    go_on(world)
    assert world.states() == dict.fromkeys(THREE, "rejected")
    assert (published(world), world.work()) == (1, ["anomaly", "anomaly", "rejected"])
    assert all("not sent again by itself" in sentence for sentence in world.sentences("anomaly"))
    assert world.broken() == []


def test_what_turns_out_to_be_taken_before_it_left_again_is_kept_back_and_told(world: World) -> None:
    sent(world)
    world.hear(blamed(world))
    world.run("scrub")
    assert world.states() == {"A1": "ready", "A2": "rejected", "A3": "ready"}
    world.hear(world.ack_277ca("AY", say("A1", "A2")))
    go_on(world)
    assert world.states() == {"A1": "accepted_by_clearinghouse", "A2": "rejected", "A3": "sent"}
    assert [row["attempt"] for row in world.rows("claim")] == [1, 1, 2]
    (sentence,) = world.sentences("anomaly")
    assert "not sent again and is accepted by clearinghouse" in sentence
    assert world.broken() == []


def test_what_turns_out_to_be_taken_after_it_left_again_is_told(world: World) -> None:
    sent(world)
    world.hear(blamed(world))
    go_on(world)
    assert published(world) == 2
    world.hear(world.ack_277ca("AY", say("A1", "A2", trace=world.rows("submission", claim_id=1, attempt=1)[0]["trace"])))
    go_on(world)
    assert world.states() == {"A1": "sent", "A2": "rejected", "A3": "sent"}
    (sentence,) = world.sentences("anomaly")
    assert "may have it twice" in sentence
    assert world.broken() == []


def test_what_a_payer_rejected_meanwhile_is_corrected_as_an_attempt_of_its_own(world: World) -> None:
    """The reopened attempt was scrubbed and then undone; a person's release must not find its edits already passed."""
    sent(world)
    world.hear(blamed(world))
    world.run("scrub")
    world.hear(world.ack_277ca("AY", say("A1", "A7")))
    assert (world.claim("A1")["state"], world.claim("A1")["attempt"]) == ("rejected", 1)
    world.turn(hours=1)
    act = claim_commands.release(world.context, "A1", actor="ada", reason="the payer's mistake")
    assert (act.state, act.attempt) == ("received", 3)
    go_on(world)
    assert world.states() == {"A1": "sent", "A2": "rejected", "A3": "sent"}
    assert (world.work(), world.broken()) == (["rejected"], [])


def test_a_voided_claim_stays_void_whatever_a_999_says_later(world: World) -> None:
    sent(world)
    world.hear(world.ack_999("R"))
    world.turn(hours=1)
    claim_commands.void(world.context, "A1", actor="ada", reason="billed in error")
    world.hear(blamed(world))
    go_on(world)
    assert world.states() == {"A1": "voided", "A2": "rejected", "A3": "sent"}
    assert (world.work(), world.broken()) == (["rejected"], [])


def test_a_claim_voided_in_its_second_attempt_stays_void_when_the_first_turns_out_to_be_taken(world: World) -> None:
    sent(world)
    world.hear(blamed(world))
    world.turn(hours=1)
    claim_commands.void(world.context, "A1", actor="ada", reason="billed in error")
    world.hear(world.ack_277ca("PR", say("A1", "A2")))
    go_on(world)
    assert world.states()["A1"] == "voided"
    assert world.broken() == []


def test_the_same_rejection_in_other_bytes_changes_nothing(world: World) -> None:
    sent(world)
    world.hear(blamed(world))
    go_on(world)
    world.hear(blamed(world))
    go_on(world)
    assert world.states() == {"A1": "sent", "A2": "rejected", "A3": "sent"}
    assert (published(world), world.work(), world.broken()) == (2, ["rejected"], [])


def test_a_claim_that_one_999_names_is_not_innocent_in_the_next(world: World) -> None:
    sent(world)
    world.hear(blamed(world, "A1"))
    world.hear(blamed(world, "A2"))
    go_on(world)
    assert world.states() == {"A1": "rejected", "A2": "rejected", "A3": "sent"}
    assert world.broken() == []


def test_a_person_who_sent_it_again_is_not_overtaken_by_the_machine(world: World) -> None:
    sent(world)
    world.hear(world.ack_999("R"))
    world.turn(hours=1)
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.hear(blamed(world))
    go_on(world)
    assert [fact.attempt for fact in world.facts("A1") if fact.kind is Kind.BATCHED] == [1, 2]
    assert world.states() == {"A1": "sent", "A2": "rejected", "A3": "sent"}
    assert world.broken() == []


@pytest.mark.parametrize("command", ["release", "void"])
@pytest.mark.parametrize("answer", ["277CA", "999"])
def test_an_acceptance_after_a_person_sent_it_again_or_voided_it_is_told(world: World, command: str, answer: str) -> None:
    sent(world)
    trace = world.rows("submission", claim_id=1)[0]["trace"]
    world.hear(world.ack_277ca("PR", say("A1", "A3")) if answer == "277CA" else world.ack_999("R"))
    world.turn(hours=1)
    getattr(claim_commands, command)(world.context, "A1", actor="ada", reason="as agreed")
    go_on(world)
    before = world.states()["A1"]
    assert "anomaly" not in world.work()
    world.hear(world.ack_277ca("PR", say("A1", "A2", trace=trace)) if answer == "277CA" else world.ack_999())
    world.run("followup")
    assert (world.states()["A1"], before) == (before, {"release": "sent", "void": "voided"}[command])
    told = [sentence for sentence in world.sentences("anomaly") if "was taken in attempt 1 after all" in sentence]
    assert ("may have it twice" if command == "release" else "void here") in told[0]
    assert (len(told), world.broken()) == (1, [])


def test_what_a_rejected_attempt_was_told_on_the_way_is_no_acceptance(world: World) -> None:
    """Accepted by the clearinghouse, rejected by the payer, corrected: the clearinghouse's late copy contradicts nothing."""
    sent(world)
    world.hear(world.ack_277ca("PR", say("A1", "A3")))
    world.turn(hours=1)
    claim_commands.release(world.context, "A1", actor="ada", reason="as agreed")
    world.hear(world.ack_277ca("AY", say("A1", "A1")))
    world.hear(world.ack_999())
    go_on(world)
    assert (world.states()["A1"], world.work(), world.broken()) == ("sent", [], [])


@pytest.mark.parametrize("order", [*permutations(("TA1 R", "999", "277CA"))], ids=" then ".join)
def test_a_rejected_interchange_of_which_a_999_or_277ca_speaks_was_delivered(world: World, order: tuple[str, ...]) -> None:
    sent(world)
    written = {"TA1 R": world.ta1("R", "025"), "999": world.ack_999(), "277CA": world.ack_277ca("AY", say("A1", "A2"))}
    for answer in order:
        world.hear(written[answer])
    world.run("followup")
    assert world.rows("batch")[0]["state"] == "delivered"
    assert world.states() == {"A1": "accepted_by_clearinghouse", "A2": "delivered", "A3": "delivered"}
    assert (world.work(), world.broken()) == (["anomaly"] * 3, [])


def test_what_a_payer_paid_before_it_left_does_not_leave_by_itself(world: World) -> None:
    world.take_in(*make_claims("A1", "A2"))
    world.run("scrub")
    world.hear(world.pay(paid_in_full("A1")))
    assert world.states() == {"A1": "held", "A2": "ready"}
    go_on(world)
    assert (world.states(), world.work()) == ({"A1": "held", "A2": "sent"}, ["suspended_payment"])
    with pytest.raises(Refused, match="an answer or payment that came before it left holds it"):
        claim_commands.recheck(world.context, "A1", actor="ada", reason="again")
    claim_commands.release(world.context, "A1", actor="ada", reason="the payment was another's")
    go_on(world)
    assert (world.states(), world.broken()) == ({"A1": "sent", "A2": "sent"}, [])


def write_answers(world: World) -> dict[str, bytes]:
    """What may be said of A1, each at an instant of its own, so that they may arrive in any order."""
    writers: dict[str, Callable[[], bytes]] = {
        "999 R": lambda: blamed(world),
        "999 A": world.ack_999,
        "clearinghouse": lambda: world.ack_277ca("AY", say("A1", "A2")),
        "payer": lambda: world.ack_277ca("PR", say("A1", "A2")),
        "835": lambda: world.pay(paid_in_full("A1")),
    }
    written = {}
    for name, write in writers.items():
        world.turn(minutes=10)
        written[name] = write()
    return written


@pytest.mark.parametrize("order", [*permutations(("999 R", "999 A", "clearinghouse"))], ids=" then ".join)
def test_in_whatever_order_acknowledgments_arrive_a_claim_that_somebody_took_leaves_once(
    world: World, order: tuple[str, ...]
) -> None:
    arrive(world, order)
    assert world.states() == {"A1": "accepted_by_clearinghouse", "A2": "delivered", "A3": "delivered"}


@pytest.mark.parametrize("order", [*permutations(("999 R", "payer", "835"))], ids=" then ".join)
def test_in_whatever_order_the_payment_arrives_a_claim_that_was_paid_leaves_once(world: World, order: tuple[str, ...]) -> None:
    arrive(world, order)
    assert world.states()["A1"] == "paid"


def arrive(world: World, order: tuple[str, ...]) -> None:
    """The answers come in this order, and the claim is scrubbed whenever it could be; it leaves once for all that."""
    sent(world)
    written = write_answers(world)
    for answer in order:
        world.hear(written[answer])
        world.run("scrub")
    go_on(world)
    assert [fact.kind for fact in world.facts("A1")].count(Kind.BATCHED) == 1
    assert "anomaly" in world.work()
    assert world.broken() == []
