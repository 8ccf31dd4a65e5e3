"""One file that we fail on, or that cannot be had, keeps no other waiting; a person is told, and what he says is done."""

import pytest

from gateway.desk.file_view import replay
from gateway.desk.waiting_files import take
from gateway.desk.work_list import resolve
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.pickup_containers import Unpacked
from tests.gateway.pipeline.test_pickup_containers import zipped
from tests.support.worlds import MERIDIAN, World

FOLDER = "answers"
FAILURE = "the server answered 4 (failure)"


def kept(world: World) -> list[str]:
    return [row["name"] for row in world.rows("file")]


def states(world: World) -> dict[str, str]:
    return {row["name"]: row["state"] for row in world.rows("sighting")}


def fail_on_unpacking(*_: object) -> Unpacked:
    raise IndexError("PASSWORD")


@pytest.fixture
def failing(world: World) -> World:
    """A gateway with a bug that a.zip brings to light, and b.835 behind it."""
    world.change_table("pickup", patterns=("*",))
    world.wire.put(FOLDER, "a.zip", zipped(x=b"one"))
    world.wire.put(FOLDER, "b.835", b"good")
    return world


def test_a_file_we_fail_on_stays_where_it_is_is_told_at_once_and_stops_no_other(
    failing: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.pipeline.pickup_fetch.unpack", fail_on_unpacking)
    assert [failing.run("pickup")["pickup"] for _ in range(3)] == [1, 0, 0]
    assert (kept(failing), states(failing), list(failing.wire.folders[FOLDER])) == (["b.835"], {"a.zip": "refused"}, ["a.zip"])
    (sentence,) = failing.sentences("unfinished_file")
    assert sentence.startswith("a.zip has been in the pickup folder of meridian")
    assert "claimwire failed on it, IndexError: report this as a bug" in sentence
    assert "PASSWORD" not in sentence
    assert (failing.work(), failing.broken()) == (["unfinished_file"], [])


def test_a_file_we_failed_on_is_taken_by_itself_once_we_no_longer_do(failing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr("gateway.pipeline.pickup_fetch.unpack", fail_on_unpacking)
        failing.run("pickup")
    assert failing.run("pickup") == {"pickup": 2}
    assert (kept(failing), failing.work()) == (["b.835", "a.zip", "a.zip!x"], [])
    assert (failing.wire.folders[FOLDER], failing.broken()) == ({}, [])


def test_a_file_we_fail_on_can_be_taken_at_once_and_is_unpacked_once_we_no_longer_fail(
    failing: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr("gateway.pipeline.pickup_fetch.unpack", fail_on_unpacking)
        failing.run("pickup")
        take(failing.context, MERIDIAN, "a.zip", actor="ann", reason="it is needed")
        assert failing.run("pickup") == {"pickup": 1}
        assert (kept(failing), failing.wire.folders[FOLDER]) == (["b.835", "a.zip"], {})
        assert failing.work() == ["unreadable_file"]
    replay(failing.context, failing.rows("file", name="a.zip")[0]["id"], actor="ann")
    assert (kept(failing), failing.work(), failing.broken()) == (["b.835", "a.zip", "a.zip!x"], [], [])


@pytest.mark.parametrize("error", [ZeroDivisionError("PASSWORD"), OSError(9999, "no such number"), AssertionError()])
def test_an_error_nobody_foresaw_on_the_way_is_told_of_its_file(world: World, error: Exception) -> None:
    for name in ("a.835", "b.835"):
        world.wire.put(FOLDER, name, name.encode())
    world.wire.before["fetch a.835"] = [error] * 2
    assert [world.run("pickup")["pickup"] for _ in range(2)] == [1, 0]
    assert (world.work(), list(world.wire.folders[FOLDER])) == (["unfinished_file"], ["a.835"])
    assert world.run("pickup") == {"pickup": 1}
    assert (world.work(), world.broken()) == ([], [])


# What a person took.


def take_a(world: World, name: str = "a.835") -> None:
    world.run("pickup")
    world.turn(hours=5)
    world.run("pickup")
    assert world.work() == ["unfinished_file"]
    take(world.context, MERIDIAN, name, actor="ann", reason="they say it is whole")
    assert world.work() == []


def test_what_a_person_took_is_fetched_although_its_name_says_that_it_is_being_written(world: World) -> None:
    world.wire.put(FOLDER, "a.835.part", b"one")
    take_a(world, "a.835.part")
    assert world.run("pickup") == {"pickup": 1}
    assert (kept(world), states(world), world.wire.folders[FOLDER]) == (["a.835.part"], {}, {})
    assert (world.work(), world.broken()) == ([], [])


@pytest.mark.parametrize("error", [TransientError, PermanentError])
def test_what_a_person_took_and_cannot_be_had_is_told_again_until_it_comes(world: World, error: type[Exception]) -> None:
    world.wire.put(FOLDER, "a.835", b"ISA")
    world.wire.before["fetch a.835"] = [error(FAILURE) for _ in range(5)]
    world.run("pickup")
    world.turn(hours=5)
    world.run("pickup")
    take(world.context, MERIDIAN, "a.835", actor="ann", reason="they say it is whole")
    for _ in range(3):
        world.run("pickup")
        assert [FAILURE in sentence for sentence in world.sentences("unfinished_file")] == [True]
    assert states(world) == {"a.835": "taken"}
    assert world.run("pickup") == {"pickup": 1}
    assert (kept(world), world.work(), world.broken()) == (["a.835"], [], [])


def test_what_a_person_decided_on_a_taken_file_that_cannot_be_had_stays_decided(world: World) -> None:
    world.wire.put(FOLDER, "a.835", b"ISA")
    take_a(world)
    world.wire.before["fetch a.835"] = [TransientError(FAILURE) for _ in range(3)]
    world.run("pickup")
    (item,) = world.rows("work_item", state="open")
    resolve(world.context, item["id"], actor="ann", reason="they look into it")
    world.run("pickup")
    assert world.work() == []
