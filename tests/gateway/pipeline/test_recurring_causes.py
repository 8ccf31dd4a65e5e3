"""A cause that was seen gone and comes back is told anew, also where a person closed the item of its earlier episode."""

from collections.abc import Callable

import pytest

from gateway.desk import work_list
from gateway.errors import PermanentError
from tests.support.worlds import MERIDIAN, World

FOLDER = "answers"


def begin_outage(world: World) -> None:
    world.wires.refused[MERIDIAN] = PermanentError("another host key")


def end_outage(world: World) -> None:
    world.wires.refused.clear()
    world.turn(hours=2)  # a door that was closed is not knocked at again at once


def leave_unsafe_name(world: World) -> None:
    world.wire.put(FOLDER, "a\\x00.999", b"x")
    world.wire.unreadable.add("a\\x00.999")


def leave_unexpected_name(world: World) -> None:
    world.wire.put(FOLDER, "readme.txt", b"x")


def clear_folder(world: World) -> None:
    world.wire.folders[FOLDER].clear()


EPISODES = [
    pytest.param(begin_outage, end_outage, "transfer_failing", id="the connection fails"),
    pytest.param(leave_unsafe_name, clear_folder, "unreadable_file", id="a name that cannot be asked for"),
    pytest.param(leave_unexpected_name, clear_folder, "unexpected_file", id="a name nobody asked for"),
]
Act = Callable[[World], None]


def resolve_all(world: World) -> None:
    for row in world.rows("work_item", state="open"):
        work_list.resolve(world.context, row["id"], actor="ann", reason="they know of it")


@pytest.mark.parametrize(("begin", "end", "kind"), EPISODES)
def test_the_item_of_an_episode_closes_by_itself_once_it_is_over(world: World, begin: Act, end: Act, kind: str) -> None:
    begin(world)
    world.run("pickup")
    assert world.work() == [kind]
    end(world)
    world.run("pickup")
    assert (world.work(), world.broken()) == ([], [])


@pytest.mark.parametrize(("begin", "end", "kind"), EPISODES)
def test_a_person_decides_on_one_episode_and_is_told_of_the_next(world: World, begin: Act, end: Act, kind: str) -> None:
    begin(world)
    world.run("pickup")
    resolve_all(world)
    world.run("pickup")
    assert world.work() == []
    for _ in range(2):
        end(world)
        world.run("pickup")
        world.turn(days=30)
        begin(world)
        world.run("pickup")
        world.run("pickup")
        assert world.work() == [kind]
        resolve_all(world)
    assert [(row["closed_by"], row["closed_reason"]) for row in world.rows("work_item")] == [("ann", "they know of it")] * 3
    assert world.broken() == []
