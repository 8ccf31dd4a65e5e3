"""A 999 or 277CA that is cut short, or decides nothing, moves no claim; a person is told."""

import pytest

from tests.support.worlds import World, blame, make_claims, say

THREE = ("A1", "A2", "A3")
UNMOVED = dict.fromkeys(THREE, "sent")


def sent(world: World) -> None:
    world.send(*make_claims(*THREE))
    world.turn(hours=1)


def without(content: bytes, *tags: bytes) -> bytes:
    """An answer without its segments of these tags."""
    return b"".join(part + b"~" for part in content.split(b"~")[:-1] if part.lstrip().split(b"*")[0] not in tags)


def replaced(content: bytes, sound: bytes, torn: bytes) -> bytes:
    assert sound in content
    return content.replace(sound, torn)


def nothing_moved(world: World) -> bool:
    world.turn(hours=1)
    world.run()
    return (world.states(), len(world.wire.published()), world.broken()) == (UNMOVED, 1, [])


@pytest.mark.parametrize("last", [b"IK3", b"CTX", b"AK2", b"IK5", b"AK9"])
def test_a_999_cut_off_rejects_nothing_and_sends_nothing_again(world: World, last: bytes) -> None:
    sent(world)
    whole = world.ack_999("R", blame(20, "A2"))
    end = whole.index(b"~", whole.index(last)) + 1
    world.hear(whole[:end])
    assert nothing_moved(world)
    assert "quarantined" in {row["state"] for row in world.rows("inbound_set")}
    assert set(world.work()) == {"unreadable_file"}


def test_a_999_whose_end_is_another_sets_is_set_aside(world: World) -> None:
    sent(world)
    world.hear(replaced(world.ack_999("R", blame(20, "A2")), b"*0001~\nGE", b"*9999~\nGE"))
    assert nothing_moved(world)
    assert world.work() == ["unreadable_file"]


def test_a_set_response_without_its_verdict_moves_no_claim_and_asks_a_person(world: World) -> None:
    sent(world)
    whole = without(world.ack_999("R", blame(20, "A2")), b"IK5")
    world.hear(whole)
    assert nothing_moved(world)
    assert "verdict missing" in world.sentences("anomaly")[0]


@pytest.mark.parametrize("verdict", ["P", "Z"])
def test_a_verdict_that_is_none_for_a_set_moves_no_claim_and_asks_a_person(world: World, verdict: str) -> None:
    sent(world)
    world.hear(replaced(world.ack_999("R", blame(20, "A2")), b"IK5*R", b"IK5*" + verdict.encode()))
    assert nothing_moved(world)
    assert f"verdict {verdict}" in world.sentences("anomaly")[0]


@pytest.mark.parametrize("verdict", ["P", "Z", ""])
def test_a_group_verdict_alone_that_does_not_decide_moves_no_claim_and_asks_a_person_once(world: World, verdict: str) -> None:
    world.change_table("batching", claims_per_set_max=1)
    sent(world)
    world.hear(replaced(world.ack_999("R", alone=True), b"AK9*R", b"AK9*" + verdict.encode()))
    assert nothing_moved(world)
    (sentence,) = world.sentences("anomaly")
    assert f"verdict {verdict or 'missing'}" in sentence


def test_a_277ca_cut_off_moves_no_claim(world: World) -> None:
    sent(world)
    whole = world.ack_277ca("PR", *(say(pcn, "A3") for pcn in THREE))
    world.hear(whole[: whole.index(b"SE*")])
    assert nothing_moved(world)
    assert set(world.work()) == {"unreadable_file"}


def test_a_277ca_whose_end_is_another_sets_is_set_aside(world: World) -> None:
    sent(world)
    world.hear(replaced(world.ack_277ca("PR", say("A1", "A3")), b"*0001~\nGE", b"*9999~\nGE"))
    assert nothing_moved(world)
    assert world.work() == ["unreadable_file"]
