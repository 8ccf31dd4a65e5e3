"""Batches reach their partner exactly once, whatever breaks on the way; what cannot be known is looked for, and told."""

import pytest

from gateway.errors import PermanentError, TransientError, UnknownOutcome
from tests.gateway.domain.samples import make_subscriber
from tests.support.wire import Killed
from tests.support.worlds import MERIDIAN, World, make_claim

FOLDER = "claims"
LAKESIDE = make_subscriber(id="L00000035")


def prepare(world: World) -> str:
    """One claim in one batch that waits to be delivered; the name it will have."""
    world.take_in(make_claim("A1"))
    world.run("scrub", "batching")
    return str(world.rows("batch")[0]["remote_name"])


def batch_state(world: World) -> str:
    return str(world.rows("batch")[0]["state"])


def content_of(world: World) -> bytes:
    return world.archive.read(world.rows("file", direction="outbound")[0]["sha256"])


def test_a_batch_is_uploaded_once_and_its_claims_are_sent_with_a_deadline(world: World) -> None:
    name = prepare(world)
    assert world.run("delivery") == {"delivery": 1}
    assert world.run("delivery") == {"delivery": 0}
    assert world.wire.folders[FOLDER][name] == content_of(world)
    assert world.wire.published() == [name]
    assert (batch_state(world), world.states()) == ("sent", {"A1": "sent"})
    due_at = world.claim("A1")["due_at"]
    assert (due_at - world.clock.now()).days == 30
    assert (world.work(), world.broken()) == ([], [])


@pytest.mark.parametrize(
    ("when", "call"),
    [("before", "look"), ("before", "upload_part"), ("after", "upload_part"), ("before", "publish"), ("after", "publish")],
)
def test_killed_at_any_step_the_batch_is_there_once_after_the_next_run(world: World, when: str, call: str) -> None:
    name = prepare(world)
    getattr(world.wire, when)[call] = [Killed()]
    with pytest.raises(Killed):
        world.run("delivery")
    assert world.broken() == []
    world.run("delivery")
    assert (batch_state(world), world.states()) == ("sent", {"A1": "sent"})
    assert world.wire.published() == [name]
    assert world.wire.folders[FOLDER] == {name: content_of(world)}
    assert (world.work(), world.broken()) == ([], [])


@pytest.mark.parametrize("error", [TransientError("the link broke"), UnknownOutcome("the link broke after the last word")])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("call", ["upload_part", "publish"])
def test_a_link_that_breaks_at_any_step_delays_the_batch_and_never_doubles_it(
    world: World, when: str, call: str, error: Exception
) -> None:
    name = prepare(world)
    getattr(world.wire, when)[call] = [error]
    world.run("delivery")
    assert batch_state(world) != "sent"
    assert world.broken() == []
    world.turn(minutes=20)
    world.run("delivery")
    if call == "upload_part" and when == "before" and isinstance(error, UnknownOutcome):
        assert batch_state(world) == "unknown"
        assert world.wire.published() == []
    else:
        assert (batch_state(world), world.work()) == ("sent", [])
        assert world.wire.published() == [name]
    assert world.broken() == []


def test_a_file_of_that_name_with_our_bytes_counts_as_sent(world: World) -> None:
    name = prepare(world)
    world.wire.put(FOLDER, name, content_of(world))
    world.run("delivery")
    assert (batch_state(world), world.wire.published()) == ("sent", [])


@pytest.mark.parametrize("when", ["before the upload", "while it went on"])
def test_a_file_of_that_name_with_other_bytes_is_left_alone_and_told(world: World, when: str) -> None:
    name = prepare(world)
    if when == "while it went on":
        world.wire.before["publish"] = [Killed()]
        with pytest.raises(Killed):
            world.run("delivery")
    world.wire.put(FOLDER, name, b"somebody else's")
    world.run("delivery")
    assert batch_state(world) == "failed"
    assert world.wire.folders[FOLDER][name] == b"somebody else's"
    assert world.work() == ["batch_refused"]
    assert world.broken() == []


def lose_the_answer(world: World) -> str:
    """A batch whose rename was answered by nobody, and which the partner has taken away since."""
    name = prepare(world)
    world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    world.run("delivery")
    assert (batch_state(world), world.work()) == ("unknown", ["unknown_delivery"])
    return name


def test_an_unknown_delivery_is_settled_by_looking(world: World) -> None:
    name = lose_the_answer(world)
    assert world.run("delivery") == {"delivery": 0}, "not before a while has passed"
    world.turn(minutes=16)
    world.run("delivery")
    assert (batch_state(world), world.work(), world.wire.published()) == ("sent", [], [name])
    assert world.broken() == []


@pytest.mark.parametrize("answer", ["TA1", "999", "277CA"])
def test_an_unknown_delivery_that_was_taken_away_is_settled_by_an_answer(world: World, answer: str) -> None:
    name = lose_the_answer(world)
    world.wire.folders[FOLDER].pop(name)
    world.turn(minutes=16)
    world.run("delivery")
    assert (batch_state(world), world.work(), world.broken()) == ("unknown", ["unknown_delivery"], [])
    world.hear({"TA1": world.ta1(), "999": world.ack_999(), "277CA": world.ack_277ca("AY")}[answer])
    assert (batch_state(world), world.work()) == ("delivered", [])
    assert world.states() == {"A1": "sent" if answer == "277CA" else "delivered"}
    world.turn(hours=1)
    world.run("delivery")
    assert world.wire.published() == [name]
    assert world.broken() == []


def test_an_unknown_delivery_found_to_be_another_file_becomes_a_refused_batch(world: World) -> None:
    name = lose_the_answer(world)
    world.wire.put(FOLDER, name, b"somebody else's")
    world.turn(minutes=16)
    world.run("delivery")
    assert (batch_state(world), world.work(), world.broken()) == ("failed", ["batch_refused"], [])


def test_a_partner_out_of_reach_is_tried_later_and_later_then_told_then_forgotten_once_it_works(world: World) -> None:
    prepare(world)
    world.wires.refused[MERIDIAN] = TransientError("no answer")
    waits = []
    for _ in range(4):
        world.run("delivery")
        link = world.rows("partner_link")[0]
        waits.append(int((link["next_try_at"] - world.clock.now()).total_seconds() // 60))
        assert (batch_state(world), world.rows("batch")[0]["error"], world.run("delivery")) == (
            "queued",
            "no answer",
            {"delivery": 0},
        )
        world.clock.turn_to(link["next_try_at"])
        assert world.broken() == []
    assert waits == [2, 4, 8, 16]
    assert world.work() == ["transfer_failing"]
    world.wires.refused.clear()
    world.run("delivery")
    assert (batch_state(world), world.work(), world.broken()) == ("sent", [], [])


def test_a_refusal_is_told_at_once_and_stops_no_other_partner(world: World) -> None:
    world.take_in(make_claim("A1"), make_claim("L1", payer="LAKESIDE", subscriber=LAKESIDE))
    world.run("scrub", "batching")
    world.wires.refused["lakeside"] = PermanentError("another host key")
    world.run("delivery")
    assert world.states() == {"A1": "sent", "L1": "batched"}
    assert world.work() == ["transfer_failing"]
    assert "another host key" in world.sentences("transfer_failing")[0]
    assert world.broken() == []


def test_an_answer_that_overtakes_a_failing_look_leaves_no_item_behind(world: World) -> None:
    """The batch was read as unknown, answered meanwhile, and only then found missing: nothing is asked of a person."""
    name = lose_the_answer(world)
    world.wire.folders[FOLDER].pop(name)
    world.turn(minutes=16)
    answer = world.ack_999()
    looked = world.wire.look

    def answered_meanwhile(folder: str, name: str, content: bytes) -> object:
        world.hear(answer)
        return looked(folder, name, content)

    world.wire.look = answered_meanwhile  # type: ignore[method-assign, assignment]
    world.run("delivery")
    assert (batch_state(world), world.work(), world.broken()) == ("delivered", [], [])
