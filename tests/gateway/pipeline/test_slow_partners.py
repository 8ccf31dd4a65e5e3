"""A partner that is slow without end has its turn like any other, and no more: what is left waits for the next."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from gateway.errors import TransientError
from tests.support.wire import Wire
from tests.support.worlds import MERIDIAN, World, make_claims

TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def slow(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Each file takes its partner ten minutes."""
    publish, fetch = Wire.publish, Wire.fetch

    def publish_slowly(wire: Wire, folder: str, name: str, content: bytes) -> None:
        world.clock.turn(TEN_MINUTES)
        publish(wire, folder, name, content)

    def fetch_slowly(wire: Wire, folder: str, name: str) -> Iterator[bytes]:
        world.clock.turn(TEN_MINUTES)
        return fetch(wire, folder, name)

    monkeypatch.setattr(Wire, "publish", publish_slowly)
    monkeypatch.setattr(Wire, "fetch", fetch_slowly)
    return world


def test_delivery_ends_between_two_files_and_goes_on_at_the_next_run(slow: World) -> None:
    slow.change_table("batching", claims_per_set_max=1, sets_per_interchange_max=1)
    slow.take_in(*make_claims("A1", "A2", "A3"))
    slow.run("scrub", "batching")
    assert slow.run("delivery") == {"delivery": 2}
    assert sorted(slow.states().values()) == ["batched", "sent", "sent"]
    assert [row["error"] for row in slow.rows("batch")] == ["", "", ""]
    assert slow.run("delivery") == {"delivery": 1}
    assert (sorted(slow.states().values()), slow.work(), slow.broken()) == (["sent", "sent", "sent"], [], [])


def test_pickup_ends_between_two_files_and_goes_on_at_the_next_run(slow: World) -> None:
    slow.change_table("pickup", ready_after_polls=1)
    for number in range(3):
        slow.leave(slow.interchange("FA", "005010X231A1"), f"answer{number}.999")
    assert slow.run("pickup") == {"pickup": 2}
    assert slow.run("pickup") == {"pickup": 1}
    assert (slow.wires[MERIDIAN].folders[slow.profiles.partners[MERIDIAN].pickup.folder], slow.work()) == ({}, [])


def fetched_by_a_run(world: World) -> list[str]:
    """The names that one run asks a partner for."""
    world.wire.calls.clear()
    world.run("pickup")
    return [name for call, name in world.wire.calls if call.startswith("fetch")]


def leave_untold(world: World, *names: str) -> None:
    """Answers that lie there without a time, and stay there."""
    world.change_table("pickup", ready_after_polls=1, after="leave")
    for name in names:
        world.wire.put("answers", name, name.encode(), None)


def test_where_all_are_fetched_anew_at_every_look_each_has_its_turn_and_a_new_one_is_first(slow: World) -> None:
    leave_untold(slow, "a.999", "b.999", "c.999", "d.999", "e.999")
    assert [fetched_by_a_run(slow) for _ in range(3)] == [["a.999", "b.999"], ["c.999", "d.999"], ["e.999", "a.999"]]
    leave_untold(slow, "z.999")
    assert fetched_by_a_run(slow) == ["z.999", "b.999"]
    assert {row["name"] for row in slow.rows("file")} == {"a.999", "b.999", "c.999", "d.999", "e.999", "z.999"}
    assert sorted(name for _ in range(3) for name in fetched_by_a_run(slow)) == [
        "a.999",
        "b.999",
        "c.999",
        "d.999",
        "e.999",
        "z.999",
    ]
    assert (slow.work(), slow.broken()) == ([], [])


def test_a_file_that_cannot_be_had_keeps_no_new_one_from_its_turn(slow: World) -> None:
    leave_untold(slow, "a.999", "b.999", "c.999")
    slow.wire.before["fetch a.999"] = [TransientError("the server answered 4 (failure)") for _ in range(9)]
    slow.wire.before["fetch b.999"] = [TransientError("the server answered 4 (failure)") for _ in range(9)]
    assert [fetched_by_a_run(slow) for _ in range(2)] == [["a.999", "b.999"], ["c.999", "a.999"]]


def test_what_waits_while_turn_after_turn_is_over_is_told_until_a_turn_is_enough(slow: World) -> None:
    names = [f"{number:02}.999" for number in range(60)]
    leave_untold(slow, *names)
    for _ in range(11):
        fetched_by_a_run(slow)
        assert slow.work() == []
    assert {row["error"] for row in slow.rows("sighting")} == {"it is ready, and its turn was over before it came"}
    fetched_by_a_run(slow)
    assert slow.work() == ["transfer_failing"]
    (sentence,) = slow.sentences("transfer_failing")
    assert "36 files in the pickup folder of meridian are ready" in sentence
    for name in names[1:]:
        del slow.wire.folders["answers"][name]
    slow.run("pickup")
    assert (slow.work(), slow.broken()) == ([], [])


def test_what_was_told_of_a_file_that_a_turn_does_not_reach_stands(slow: World) -> None:
    slow.change_table("pickup", ready_after_polls=1)
    slow.wire.put("answers", "a.999", b"x")
    slow.wire.before["fetch a.999"] = [ZeroDivisionError() for _ in range(3)]
    slow.run("pickup")
    (told,) = slow.rows("work_item")
    for number in range(3):
        slow.wire.put("answers", f"b{number}.999", b"%d" % number)
    assert fetched_by_a_run(slow) == ["b0.999", "b1.999"]
    assert [dict(row) for row in slow.rows("work_item")] == [dict(told)]


def test_a_slow_partner_s_connection_works(slow: World) -> None:
    slow.change_table("batching", claims_per_set_max=1, sets_per_interchange_max=1)
    slow.take_in(*make_claims("A1", "A2", "A3"))
    slow.run("scrub", "batching", "delivery")
    (link,) = slow.rows("partner_link")
    assert (link["failures"], link["error"]) == (0, "")
