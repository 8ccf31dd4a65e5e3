"""A batch that was settled as lost proves to have arrived: what lies in another file by then does not leave a second time."""

from collections.abc import Callable

import pytest

from gateway.desk import batch_commands, claim_commands
from gateway.errors import Refused, UnknownOutcome
from tests.gateway.pipeline.test_replacements import change
from tests.gateway.pipeline.test_whole_way import paid_in_full
from tests.support.worlds import World, make_claim, make_claims, say

FOLDER = "claims"
Prove = Callable[[World], object]


def lose(world: World, *pcns: str) -> None:
    """The last word was said, nobody answered, the file is gone, and a person settles its batch as lost."""
    world.take_in(*make_claims(*(pcns or ("A1",))))
    world.run("scrub", "batching")
    world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    world.run("delivery")
    world.wire.folders[FOLDER].clear()
    world.turn(minutes=1)
    settle_lost(world, 1)


def settle_lost(world: World, batch_id: int) -> batch_commands.Settlement:
    settled = batch_commands.settle_lost(world.context, batch_id, actor="ada", reason="they have nothing of it")
    world.turn(minutes=1)
    return settled


def settle_arrived(world: World) -> batch_commands.Settlement:
    return batch_commands.settle_arrived(world.context, 1, actor="ada", reason="they found it")


def batch_again(world: World) -> None:
    world.run("scrub", "batching")
    world.turn(minutes=1)


def batch_states(world: World) -> list[str]:
    return [row["state"] for row in world.rows("batch")]


def where(world: World) -> dict[str, tuple[str, int]]:
    return {row["source_pcn"]: (row["state"], row["attempt"]) for row in world.rows("claim")}


def trace(world: World) -> str:
    return str(world.rows("submission", attempt=1)[0]["trace"])


PROOFS: dict[str, tuple[Prove, str]] = {
    "TA1": (lambda world: world.hear(world.ta1()), "delivered"),
    "999": (lambda world: world.hear(world.ack_999()), "delivered"),
    "277CA": (lambda world: world.hear(world.ack_277ca("AY", say("A1", "A2", trace=trace(world)))), "accepted_by_clearinghouse"),
    "835": (lambda world: world.hear(world.pay(paid_in_full("A1"))), "paid"),
}
proofs = pytest.mark.parametrize(("prove", "state"), PROOFS.values(), ids=PROOFS)


@proofs
def test_a_file_that_was_not_begun_is_stopped_before_it_leaves_and_a_person_frees_its_claims(
    world: World, prove: Prove, state: str
) -> None:
    lose(world)
    batch_again(world)
    prove(world)
    world.run("delivery", "followup")
    assert (len(world.wire.published()), batch_states(world)[1], world.states()) == (1, "failed", {"A1": "batched"})
    (sentence,) = world.sentences("batch_refused")
    assert "A1" in sentence
    assert "`claimwire batches settle 2 --lost`" in sentence
    assert world.broken() == []
    settled = settle_lost(world, 2)
    assert (settled.claim_count, settled.kept_count) == (0, 1)
    world.run()
    assert (where(world), len(world.wire.published())) == ({"A1": (state, 1)}, 1)
    assert (set(world.work()), world.broken()) == ({"anomaly"}, [])


@proofs
def test_a_file_given_up_before_the_proof_came_or_after_it_holds_no_claim(world: World, prove: Prove, state: str) -> None:
    lose(world)
    batch_again(world)
    settle_lost(world, 2)
    world.run("scrub")
    assert where(world) == {"A1": ("ready", 3)}
    prove(world)
    world.run()
    assert (where(world), len(world.wire.published()), world.broken()) == ({"A1": (state, 1)}, 1, [])
    with pytest.raises(Refused, match="settled already"):
        settle_lost(world, 2)


@pytest.mark.parametrize(("traced", "attempt"), [(True, 1), (False, 2)])
def test_the_other_claims_of_a_stopped_file_go_out_again(world: World, traced: bool, attempt: int) -> None:
    """An answer that names no attempt of ours is taken for one to the last; what it speaks of is not sent again either way."""
    lose(world, "A1", "A2")
    batch_again(world)
    world.hear(world.ack_277ca("AY", say("A1", "A2", trace=trace(world) if traced else ""), reference="NOT OURS"))
    world.run("delivery")
    assert (batch_states(world), len(world.wire.published())) == (["failed", "failed"], 1)
    settled = settle_lost(world, 2)
    assert (settled.claim_count, settled.kept_count) == (1, int(traced))
    world.run()
    assert where(world) == {"A1": ("accepted_by_clearinghouse", attempt), "A2": ("sent", 3)}
    assert world.broken() == []


def test_the_proof_that_comes_while_the_file_is_being_written_stops_it_before_the_last_word(world: World) -> None:
    lose(world)
    batch_again(world)
    upload_part, answer = world.wire.upload_part, world.ta1()

    def answered_meanwhile(folder: str, name: str, content: bytes) -> None:
        upload_part(folder, name, content)
        world.hear(answer)

    world.wire.upload_part = answered_meanwhile  # type: ignore[method-assign]
    world.run("delivery")
    assert (batch_states(world), len(world.wire.published()), world.broken()) == (["delivered", "failed"], 1, [])
    settle_lost(world, 2)
    assert where(world) == {"A1": ("delivered", 1)}


def test_a_person_hears_of_it_with_the_proof_and_can_give_the_second_file_up_before_its_delivery(world: World) -> None:
    lose(world)
    batch_again(world)
    world.hear(world.ta1())
    (sentence,) = world.sentences("anomaly")
    assert "Batch 1" in sentence
    assert "1 in batch 2" in sentence
    assert "`claimwire batches settle 2 --lost`" in sentence
    assert settle_lost(world, 2).kept_count == 1
    world.run()
    assert (where(world), len(world.wire.published()), world.broken()) == ({"A1": ("delivered", 1)}, 1, [])


def test_a_person_takes_lost_back_once_the_second_file_is_given_up(world: World) -> None:
    lose(world)
    batch_again(world)
    with pytest.raises(Refused, match=r"1 of its claims lie in batch 2 .* give it up first"):
        settle_arrived(world)
    settle_lost(world, 2)
    settle_arrived(world)
    world.run()
    assert (where(world), len(world.wire.published())) == ({"A1": ("sent", 1)}, 1)
    assert (world.sentences("batch_refused"), world.broken()) == ([], [])


def test_a_second_file_that_has_left_is_told_as_maybe_twice(world: World) -> None:
    lose(world)
    batch_again(world)
    world.run("delivery")
    world.hear(world.ack_999(batch=0))
    world.run("followup")
    assert (batch_states(world), where(world)) == (["delivered", "sent"], {"A1": ("sent", 2)})
    assert "may have it twice" in world.sentences("anomaly")[0]
    assert world.broken() == []


def test_a_stopped_file_is_not_sent_by_resending_it(world: World) -> None:
    lose(world)
    batch_again(world)
    world.hear(world.ack_999(batch=0))
    world.run("delivery")
    with pytest.raises(Refused, match="1 of its claims may not leave as they lie in it"):
        batch_commands.resend(world.context, 2, actor="ada", reason="they want it")
    assert batch_states(world) == ["delivered", "failed"]


@pytest.mark.parametrize("answer", ["277CA", "835"])
def test_a_corrected_claim_in_a_file_is_stopped_when_the_first_attempt_proves_to_have_been_taken(
    world: World, answer: str
) -> None:
    """And held once its file is given up, until a person who knows of it lets it go."""
    world.send(make_claim("A1"))
    world.turn(hours=1)
    world.hear(world.ack_277ca("PR", say("A1", "A3", trace=trace(world))))
    world.turn(hours=1)
    change(world, place_of_service="22")
    batch_again(world)
    said = {
        "277CA": lambda: world.ack_277ca("PR", say("A1", "A2", trace=trace(world))),
        "835": lambda: world.pay(paid_in_full("A1")),
    }
    world.hear(said[answer]())
    if answer == "277CA":
        assert "the next delivery stops it" in world.sentences("anomaly")[0]
    world.run("delivery")
    assert (batch_states(world)[1], len(world.wire.published()), world.broken()) == ("failed", 1, [])
    settle_lost(world, 2)
    world.run()
    assert (where(world), len(world.wire.published()), world.broken()) == ({"A1": ("held", 3)}, 1, [])
    claim_commands.release(world.context, "A1", actor="ada", reason="the payer asks for it")
    world.turn(minutes=1)
    world.run()
    assert (world.states(), len(world.wire.published()), world.broken()) == ({"A1": "sent"}, 2, [])
