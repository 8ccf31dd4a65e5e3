"""What partners leave is fetched, kept and committed before their copy goes; the same bytes take effect once."""

import pytest
from sqlalchemy import RowMapping

from gateway.errors import PermanentError
from tests.support.wire import Killed
from tests.support.worlds import MERIDIAN, World

FOLDER = "answers"


def left(world: World) -> list[str]:
    return sorted(world.wire.folders.get(FOLDER, {}))


def leave_copies(world: World) -> None:
    world.change_table("pickup", after="leave")


def test_a_file_is_kept_and_then_removed(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"first")
    assert world.run("pickup") == {"pickup": 1}
    (file,) = world.rows("file")
    assert (file["name"], file["size_bytes"], file["state"]) == ("a.999", 5, "archived")
    assert world.archive.read(file["sha256"]) == b"first"
    assert left(world) == []
    assert file["removed_at"] is not None


def test_the_same_bytes_under_another_name_are_one_file(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"same")
    world.wire.put(FOLDER, "b.999", b"same")
    assert world.run("pickup") == {"pickup": 1}
    assert [row["name"] for row in world.rows("file")] == ["a.999"]
    assert left(world) == []


def test_the_same_name_with_other_bytes_is_another_file(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"one")
    world.run("pickup")
    world.wire.put(FOLDER, "a.999", b"two")
    assert world.run("pickup") == {"pickup": 1}
    assert len(world.rows("file")) == 2


@pytest.mark.parametrize(("when", "call"), [("before", "fetch a.999"), ("after", "fetch a.999"), ("before", "remove")])
def test_killed_before_its_copy_was_kept_the_partners_copy_is_still_there(world: World, when: str, call: str) -> None:
    world.wire.put(FOLDER, "a.999", b"answer")
    getattr(world.wire, when)[call] = [Killed()]
    with pytest.raises(Killed):
        world.run("pickup")
    assert left(world) == ["a.999"]
    world.run("pickup")
    assert left(world) == []
    assert len(world.rows("file")) == 1


def test_nothing_is_removed_before_it_is_committed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.wire.put(FOLDER, "a.999", b"answer")
    rows_when_removed: list[RowMapping] = []
    remove = world.wire.remove

    def remember(folder: str, name: str) -> None:
        rows_when_removed.extend(world.rows("file"))
        remove(folder, name)

    monkeypatch.setattr(world.wire, "remove", remember)
    world.run("pickup")
    assert [row["name"] for row in rows_when_removed] == ["a.999"]


def test_where_copies_are_left_each_is_fetched_once_and_fetched_again_when_it_changes(world: World) -> None:
    leave_copies(world)
    world.wire.put(FOLDER, "a.999", b"one", modified_at=1)
    assert world.run("pickup") == {"pickup": 1}
    assert world.run("pickup") == {"pickup": 0}
    fetched = [call for call, _ in world.wire.calls if call.startswith("fetch")]
    assert fetched == ["fetch a.999"]
    world.wire.put(FOLDER, "a.999", b"new", modified_at=2)
    assert world.run("pickup") == {"pickup": 1}
    assert left(world) == ["a.999"]


def test_where_copies_are_left_the_same_bytes_under_two_names_are_no_news(world: World) -> None:
    leave_copies(world)
    world.wire.put(FOLDER, "a.999", b"same")
    world.wire.put(FOLDER, "b.999", b"same")
    assert world.run("pickup") == {"pickup": 1}
    assert world.run("pickup") == {"pickup": 0}


def test_names_of_no_concern_are_left_where_they_are(world: World) -> None:
    for name in ("readme.txt", "half.999.part"):
        world.wire.put(FOLDER, name, b"x")
    assert world.run("pickup") == {"pickup": 0}
    assert left(world) == ["half.999.part", "readme.txt"]


def test_a_name_that_cannot_be_asked_for_is_left_and_told(world: World) -> None:
    world.wire.put(FOLDER, "a\\x00.999", b"x")
    world.wire.unreadable.add("a\\x00.999")
    world.wire.put(FOLDER, "b.999", b"y")
    assert world.run("pickup") == {"pickup": 1}
    assert left(world) == ["a\\x00.999"]
    assert world.work() == ["unreadable_file"]
    assert world.broken() == []


def test_an_empty_file_is_not_taken_for_an_answer_and_told_after_a_while(world: World) -> None:
    world.wire.put(FOLDER, "empty.999", b"")
    assert world.run("pickup") == {"pickup": 0}
    assert (left(world), world.rows("file"), world.work()) == (["empty.999"], [], [])
    world.turn(hours=5)
    world.run("pickup")
    assert world.work() == ["unfinished_file"]
    assert world.broken() == []


def test_a_partner_out_of_reach_is_told_stops_no_other_and_is_forgotten_once_it_works(world: World) -> None:
    world.wires.refused[MERIDIAN] = PermanentError("another host key")
    world.wires["lakeside"].put("out", "l.999", b"x")
    assert world.run("pickup") == {"pickup": 1}
    assert world.work() == ["transfer_failing"]
    world.wires.refused.clear()
    world.turn(hours=2)
    world.run("pickup")
    assert world.work() == []
    assert world.broken() == []


def test_one_file_that_may_not_be_read_keeps_none_of_the_others_waiting(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"forbidden")
    world.wire.put(FOLDER, "b.999", b"allowed")
    world.wire.before["fetch a.999"] = [PermanentError("permission denied")]
    assert world.run("pickup") == {"pickup": 1}
    assert (left(world), world.work()) == (["a.999"], ["transfer_failing"])
    world.run("pickup")
    assert (left(world), world.work()) == ([], [])
