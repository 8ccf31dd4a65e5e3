"""What waits to leave again is held when an earlier attempt proves to have been taken: a claim is never paid for twice."""

import pytest

from gateway.desk import claim_commands
from gateway.desk.batch_preview import preview_batches
from gateway.errors import Refused
from tests.gateway.pipeline.test_replacements import SEND, change, last_sent, void
from tests.gateway.pipeline.test_whole_way import paid_in_full
from tests.support.worlds import World, make_claim, say


def reject(world: World) -> None:
    """A claim sent, and rejected by the payer."""
    world.send(make_claim("A1"))
    world.turn(hours=1)
    world.hear(world.ack_277ca("PR", say("A1", "A3", trace=trace(world))))
    world.turn(hours=1)


def release(world: World) -> None:
    world.turn(minutes=1)
    claim_commands.release(world.context, "A1", actor="ada", reason="the payer asks for it")
    world.turn(minutes=1)


def trace(world: World) -> str:
    return str(world.rows("submission")[0]["trace"])


def accept(world: World) -> None:
    """The payer says of the first attempt that it has it after all."""
    world.hear(world.ack_277ca("PR", say("A1", "A2", trace=trace(world))))


def begin_again(world: World, how: str) -> None:
    if how == "corrected":
        change(world, place_of_service="22")
    else:
        release(world)


def sendings(world: World) -> list[tuple[int, str]]:
    return [(row["attempt"], row["frequency"]) for row in world.rows("submission")]


@pytest.mark.parametrize("is_scrubbed", [True, False], ids=["after the edits", "before the edits"])
@pytest.mark.parametrize("how", ["corrected", "released"])
def test_what_was_paid_before_its_second_attempt_left_does_not_leave_as_an_original(
    world: World, how: str, is_scrubbed: bool
) -> None:
    reject(world)
    begin_again(world, how)
    if is_scrubbed:
        world.run("scrub")
    world.hear(world.pay(paid_in_full("A1")))
    world.turn(hours=1)
    world.run(*SEND)
    assert sendings(world) == [(1, "1")]
    assert (world.states(), world.work(), world.broken()) == ({"A1": "held"}, ["anomaly"], [])
    assert "does not leave as it is" in world.sentences("anomaly")[0]


@pytest.mark.parametrize("how", ["corrected", "released"])
def test_what_is_held_since_it_was_paid_leaves_as_a_replacement_once_a_person_says_so(world: World, how: str) -> None:
    reject(world)
    change(world, place_of_service="22")
    world.run("scrub")
    world.hear(world.pay(paid_in_full("A1")))
    if how == "corrected":
        change(world, place_of_service="12")
    else:
        release(world)
    world.run(*SEND)
    assert sendings(world)[1][1] == "7"
    assert (last_sent(world).frequency, last_sent(world).reference("F8")) == ("7", "ICN1")
    assert (world.states(), world.broken()) == ({"A1": "sent"}, [])


def test_a_release_that_was_given_before_the_money_came_does_not_let_it_go(world: World) -> None:
    """That word was given of what was known then."""
    reject(world)
    change(world, place_of_service="22")
    world.run("scrub")
    claim_commands.hold(world.context, "A1", actor="ada", reason="a second look")
    release(world)
    assert world.states() == {"A1": "ready"}
    world.hear(world.pay(paid_in_full("A1")))
    world.run(*SEND)
    assert (sendings(world), world.states(), world.broken()) == ([(1, "1")], {"A1": "held"}, [])


def test_a_late_acceptance_holds_what_waits_until_a_person_lets_it_go(world: World) -> None:
    reject(world)
    change(world, place_of_service="22")
    world.run("scrub")
    accept(world)
    world.run(*SEND)
    assert (world.states(), world.work(), sendings(world)) == ({"A1": "held"}, ["anomaly"], [(1, "1")])
    release(world)
    world.run(*SEND)
    assert (sendings(world), world.broken()) == ([(1, "1"), (2, "1")], [])


def test_money_that_comes_after_a_person_let_an_accepted_claim_go_holds_it_again(world: World) -> None:
    reject(world)
    change(world, place_of_service="22")
    world.run("scrub")
    accept(world)
    release(world)
    assert world.states() == {"A1": "ready"}
    world.hear(world.pay(paid_in_full("A1")))
    world.run(*SEND)
    assert (world.states(), sendings(world), world.broken()) == ({"A1": "held"}, [(1, "1")], [])


def test_money_that_is_held_holds_what_waits_too(world: World) -> None:
    reject(world)
    change(world, place_of_service="22")
    world.run("scrub")
    world.hear(world.pay(paid_in_full("A1", charge_cents=11000)))
    world.run(*SEND)
    assert (world.states(), sendings(world)) == ({"A1": "held"}, [(1, "1")])
    assert (world.work(), world.broken()) == (["anomaly", "suspended_payment"], [])


def test_what_the_payer_took_for_another_payers_claim_is_not_replaced_there(world: World) -> None:
    """Corrected to another payer, and paid by the first after all: only the first can take it back."""
    reject(world)
    change(world, payer=make_claim(payer="NSP77").payer)
    world.run("scrub")
    world.hear(world.pay(paid_in_full("A1")))
    assert world.states() == {"A1": "held"}
    with pytest.raises(Refused, match="goes to the payer that adjudicated it"):
        release(world)
    with pytest.raises(Refused, match="goes to the payer that adjudicated it"):
        change(world, place_of_service="12")
    void(world)
    world.run(*SEND)
    assert (sendings(world)[1][1], last_sent(world).payer.id) == ("8", "BHH01")
    assert world.broken() == []


def test_a_look_at_what_stays_says_why_it_is_held(world: World) -> None:
    reject(world)
    change(world, place_of_service="22")
    world.run("scrub")
    accept(world)
    (staying,) = preview_batches(world.context).staying
    assert "taken in an earlier attempt 1" in staying.why
