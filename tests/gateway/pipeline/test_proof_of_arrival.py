"""An answer proves that a batch arrived only where that can have left, and the answer speak of it: numbers come round again."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from gateway.db import tables
from gateway.db.engine import writing
from gateway.errors import TransientError, UnknownOutcome
from tests.support.worlds import MERIDIAN, World, make_claims, say

THREE = ("A1", "A2", "A3")
Answer = Callable[[World], bytes]


def batched(world: World) -> None:
    """Three claims in a batch that nobody has begun to send."""
    world.wires.refused[MERIDIAN] = TransientError("no answer")
    world.send(*make_claims(*THREE))


def tried(world: World) -> None:
    """The same, where the partner took not one byte."""
    world.wire.before["upload_part"] = [TransientError("the disk is full")]
    world.send(*make_claims(*THREE))


def dated(answer: bytes, day: str = "250310") -> bytes:
    """The answer as if written, and about what was written, on another day than 2 March 2026."""
    return answer.replace(b"*260302*", b"*%s*" % day.encode()).replace(b"*20260302*", b"*20%s*" % day.encode())


def go_on(world: World) -> None:
    world.wires.refused.clear()
    world.turn(hours=13)
    world.run("delivery")


def of_another_set(world: World) -> bytes:
    return world.respond(world.rows("batch")[0], "A", [("0999", "A", ())])


ANSWERS: dict[str, Answer] = {
    "TA1": lambda world: world.ta1(),
    "TA1 R": lambda world: world.ta1("R", "024"),
    "999": lambda world: world.ack_999(),
    "999 R": lambda world: world.ack_999("R"),
    "999 without AK2": lambda world: world.ack_999("R", alone=True),
    "999 of another set": of_another_set,
    "277CA": lambda world: world.ack_277ca("AY", say(level="receiver")),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_answer_speaks_of_a_batch_that_has_not_left(world: World, answer: Answer) -> None:
    batched(world)
    world.wires.refused.clear()
    world.turn(minutes=5)
    world.hear(answer(world))
    (batch,) = world.rows("batch")
    assert (batch["state"], batch["sent_at"], world.states()) == ("queued", None, dict.fromkeys(THREE, "batched"))
    assert any("batch 1" in sentence and "has not left" in sentence for sentence in world.sentences("unmatched_acknowledgment"))
    assert world.broken() == []
    go_on(world)
    assert (len(world.wire.published()), world.states(), world.broken()) == (1, dict.fromkeys(THREE, "sent"), [])


OLD = [key for key in ANSWERS if key != "277CA"]


@pytest.mark.parametrize("answer", [ANSWERS[key] for key in OLD], ids=OLD)
def test_no_old_answer_speaks_of_a_batch_whose_number_is_the_same(world: World, answer: Answer) -> None:
    tried(world)
    world.hear(dated(answer(world)))
    (batch,) = world.rows("batch")
    assert (batch["state"], batch["sent_at"], world.states()) == ("queued", None, dict.fromkeys(THREE, "batched"))
    assert world.work().count("unmatched_acknowledgment") == 1
    assert world.broken() == []
    go_on(world)
    assert (len(world.wire.published()), world.states(), world.broken()) == (1, dict.fromkeys(THREE, "sent"), [])


@pytest.mark.parametrize("answer", [ANSWERS[key] for key in OLD], ids=OLD)
def test_nor_of_one_that_is_sent(world: World, answer: Answer) -> None:
    world.send(*make_claims(*THREE))
    world.hear(dated(answer(world)))
    assert (world.rows("batch")[0]["state"], world.states()) == ("sent", dict.fromkeys(THREE, "sent"))
    assert world.work() == ["unmatched_acknowledgment"]
    assert world.broken() == []


def test_a_999_of_none_of_its_sets_says_so(world: World) -> None:
    world.send(*make_claims(*THREE))
    world.hear(of_another_set(world))
    assert world.rows("batch")[0]["state"] == "sent"
    (sentence,) = world.sentences("unmatched_acknowledgment")
    assert "none of the sets it names (AK2) is in batch 1" in sentence


@pytest.mark.parametrize(
    ("old", "new", "state"),
    [
        (b"*1200*A*000", b"*1200*A*000", "delivered"),
        (b"*1200*A*000", b"**A*000", "delivered"),
        (b"*1200*A*000", b"*120059*A*000", "delivered"),
        (b"*260302*1200*A*000", b"***A*000", "delivered"),
        (b"*1200*A*000", b"*0815*A*000", "sent"),
        (b"*260302*1200*A*000", b"*260301*1200*A*000", "sent"),
    ],
)
def test_a_ta1_repeats_the_date_and_time_of_our_header(world: World, old: bytes, new: bytes, state: str) -> None:
    """What it leaves out contradicts nothing."""
    world.send(*make_claims(*THREE))
    answer = world.ta1()
    assert answer.count(old) == 1
    world.hear(answer.replace(old, new))
    assert (world.rows("batch")[0]["state"], world.broken()) == (state, [])


@pytest.mark.parametrize("key", ["TA1", "999", "999 without AK2", "277CA"])
@pytest.mark.parametrize("stuck", ["unknown", "failed"])
def test_answers_prove_what_was_begun_and_never_seen_to_end(world: World, key: str, stuck: str) -> None:
    world.wire.after["publish"] = [UnknownOutcome("cut")]
    world.send(*make_claims(*THREE))
    with writing(world.engine) as connection:
        connection.execute(update(tables.batch).values(state=stuck))
    world.hear(ANSWERS[key](world))
    assert world.rows("batch")[0]["state"] == "delivered"
    assert world.broken() == []


# Whose clock it is.


@pytest.mark.parametrize("said", [b"*0800*", b"*1300*", b"*2359*"])
def test_the_partners_clock_does_not_say_when_we_sent(world: World, said: bytes) -> None:
    """Not before we began, nor later than now: deadlines run from it."""
    world.turn(minutes=30)
    world.wire.after["publish"] = [UnknownOutcome("cut")]
    world.send(*make_claims(*THREE))
    begun = world.clock.now()
    world.turn(minutes=10)
    world.hear(world.ack_999().replace(b"*1240*", said))
    (batch,) = world.rows("batch")
    assert begun <= batch["sent_at"] <= world.clock.now()
    (fact,) = [fact for fact in world.facts("A1") if fact.kind == "sent"]
    assert (fact.occurred_at, fact.data["overdue_at"][:10]) == (batch["sent_at"], "2026-04-01")


# What verify says.


@pytest.mark.parametrize("state", ["sent", "delivered", "rejected"])
def test_a_batch_that_never_left_and_is_called_sent_breaks_an_invariant(world: World, state: str) -> None:
    batched(world)
    with writing(world.engine) as connection:
        connection.execute(update(tables.batch).values(state=state))
    assert f"batch 1 is {state}, and neither did it leave nor did anybody say so" in world.broken()
