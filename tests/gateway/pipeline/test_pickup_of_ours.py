"""A file that we sent is no answer: it stays where it lies, whatever the profile says of folders, and a person is told."""

import pytest

from gateway.desk.waiting_files import take
from gateway.errors import Refused
from tests.support.worlds import MERIDIAN, World, make_claim


def send_into_the_pickup_folder(world: World) -> str:
    """The name of a claim file that was sent, in a folder that is the pickup folder too."""
    world.change_table("pickup", folder="claims", patterns=("*",))
    world.change_table("upload", folder="claims")
    world.take_in(make_claim("A1"))
    world.run("scrub", "batching", "delivery")
    (name,) = world.wire.folders["claims"]
    return name


@pytest.mark.parametrize("after", ["delete", "move", "leave"])
def test_it_is_neither_deleted_nor_moved_nor_read(world: World, after: str) -> None:
    world.change_table("pickup", after=after, move_to="done" if after == "move" else "")
    name = send_into_the_pickup_folder(world)
    for _ in range(3):
        world.turn(hours=1)
        world.run("pickup", "ingest")
    assert list(world.wire.folders["claims"]) == [name]
    assert "inbound" not in {row["direction"] for row in world.rows("file")}
    (sentence,) = world.sentences("unexpected_file")
    assert name in sentence
    assert "which we sent" in sentence
    assert len([call for call, _ in world.wire.calls if call.startswith("fetch")]) == 1


def test_nobody_can_have_it_taken_either(world: World) -> None:
    name = send_into_the_pickup_folder(world)
    world.run("pickup")
    world.turn(days=1)
    with pytest.raises(Refused, match="no answer"):
        take(world.context, MERIDIAN, name, actor="ada", reason="it must be one")


def test_answers_beside_it_are_taken_and_the_item_closes_once_the_folders_are_told_apart(world: World) -> None:
    send_into_the_pickup_folder(world)
    world.wire.put("claims", "a.999", b"answer")
    world.run("pickup")
    world.turn(hours=1)
    world.run("pickup")
    assert [row["name"] for row in world.rows("file") if row["direction"] == "inbound"] == ["a.999"]
    assert world.sentences("unexpected_file")
    world.change_table("pickup", folder="answers")
    world.turn(hours=1)
    world.run("pickup")
    assert world.sentences("unexpected_file") == []


@pytest.mark.parametrize("after", ["delete", "move", "leave"])
def test_what_another_partner_was_sent_is_neither_taken_nor_removed_by_this_partners_pickup(world: World, after: str) -> None:
    name = send_into_the_pickup_folder(world)
    world.change_table("pickup", folder="answers")
    world.wires["lakeside"].put("claims", name, world.wire.folders["claims"][name])
    world.change_table("pickup", "lakeside", folder="claims", patterns=("*",), after=after)
    for _ in range(3):
        world.turn(hours=1)
        world.run("pickup", "ingest")
    assert list(world.wires["lakeside"].folders["claims"]) == [name]
    assert "inbound" not in {row["direction"] for row in world.rows("file")}
    (sentence,) = world.sentences("unexpected_file")
    assert "In the pickup folder of lakeside" in sentence
    assert "which we sent to meridian" in sentence
