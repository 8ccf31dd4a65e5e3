"""A file that waits to be delivered can be given up, since the partner cannot have it: its claims go out again another way."""

import pytest

from gateway.db.locks import exclusive
from gateway.desk import batch_commands
from gateway.desk.batch_commands import Settlement
from gateway.domain.facts import Kind
from gateway.errors import PermanentError, Refused, TransientError, UnknownOutcome
from payers.payer import SecondRoute
from tests.support.worlds import MERIDIAN, World, make_claims

FOLDER = "claims"
TWO = ("A1", "A2")


def batched(world: World) -> str:
    world.take_in(*make_claims(*TWO))
    world.run("scrub", "batching")
    return str(world.rows("batch")[0]["remote_name"])


def lost(world: World) -> Settlement:
    return batch_commands.settle_lost(world.context, 1, actor="ada", reason="the partner has been down for two weeks")


def state(world: World) -> str:
    return str(world.rows("batch")[0]["state"])


def test_a_partner_is_down_and_its_claims_go_by_the_second_route(world: World) -> None:
    batched(world)
    world.wires.refused[MERIDIAN] = TransientError("nobody answers")
    for _ in range(6):
        world.run("delivery")
        world.turn(hours=2)
    assert (state(world), world.work()) == ("queued", ["transfer_failing"])
    assert "`claimwire batches settle ID --lost`" in world.sentences("transfer_failing")[0]
    world.change_payer(second_route=SecondRoute(partner="lakeside"), route="second")
    settled = lost(world)
    assert (settled.state, settled.claim_count, world.states()) == ("failed", 2, dict.fromkeys(TWO, "received"))
    assert (world.facts("A1")[-1].kind, world.facts("A1")[-1].actor) == (Kind.REOPENED_AS_LOST, "ada")
    world.run()
    assert world.states() == dict.fromkeys(TWO, "sent")
    assert [(row["partner"], row["state"]) for row in world.rows("batch")] == [(MERIDIAN, "failed"), ("lakeside", "sent")]
    world.wires.refused.clear()
    world.turn(hours=2)
    world.run()
    assert world.wire.published() == []
    assert world.broken() == []


def test_a_file_that_is_refused_for_its_name_goes_again_under_another(world: World) -> None:
    world.change_table("upload", file_name="A&B{isa_control_number}.837")
    name = batched(world)
    world.wire.before["look"] = [PermanentError(f"{name} is no name we give to a file")]
    world.run("delivery")
    assert (state(world), world.work()) == ("queued", ["transfer_failing"])
    assert "`claimwire batches settle 1 --lost`" in world.sentences("transfer_failing")[0]
    world.change_table("upload", file_name="AB{isa_control_number}.837")
    lost(world)
    assert (world.work(), world.broken()) == ([], [])
    world.run()
    assert world.wire.published() == ["AB000000002.837"]
    assert (world.states(), world.broken()) == (dict.fromkeys(TWO, "sent"), [])


@pytest.mark.parametrize("was", ["unknown", "failed"])
def test_what_was_queued_again_by_a_person_is_not_lost_for_the_partner_may_have_it(world: World, was: str) -> None:
    name = batched(world)
    if was == "unknown":
        world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    else:
        world.wire.put(FOLDER, name, b"somebody else's")
    world.run("delivery")
    world.wire.folders[FOLDER].pop(name)
    assert state(world) == was
    batch_commands.resend(world.context, 1, actor="ada", reason="they lost it")
    world.wires.refused[MERIDIAN] = TransientError("nobody answers")
    world.run("delivery")
    before = (world.rows("batch"), world.rows("event"))
    with pytest.raises(Refused, match="queued once more by `batches resend`, and the partner may have it"):
        lost(world)
    assert (world.rows("batch"), world.rows("event")) == before


def test_what_is_being_sent_is_not_lost_and_nothing_that_waits_is_called_arrived_or_sent_twice(world: World) -> None:
    batched(world)
    with exclusive(world.engine, f"delivery-{MERIDIAN}") as ours:
        assert ours
        with pytest.raises(Refused, match="a delivery to meridian is running"):
            lost(world)
    for command in (batch_commands.settle_arrived, batch_commands.resend):
        with pytest.raises(Refused, match=r"it is on its way.*`claimwire batches settle 1 --lost`"):
            command(world.context, 1, actor="ada", reason="they say so")
    lost(world)
    with pytest.raises(Refused, match="it was settled already"):
        lost(world)
