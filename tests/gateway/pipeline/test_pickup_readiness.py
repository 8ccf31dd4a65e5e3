"""No file is taken before it is whole, none that is whole is kept waiting, and what never becomes whole is told."""

import random
import shutil
from dataclasses import dataclass
from hashlib import sha256

import pytest

from gateway.desk.waiting_files import take
from gateway.desk.work_list import resolve
from gateway.domain.work import WorkKind
from gateway.errors import Refused, TransientError
from gateway.transport import RemoteFile
from tests.gateway.domain.test_wholeness import BLANK_SHAPES, WHOLE
from tests.support.statements import statements_of
from tests.support.wire import Wire
from tests.support.worlds import MERIDIAN, World

FOLDER = "answers"
SECONDS = 1_772_400_000
STALLS = 70


def whole(number: int, sets: int = 1) -> bytes:
    """An interchange of this control number, as long as one likes."""
    filler = "TA1*000000001*261120*1200*A*000~\n" * sets
    return WHOLE.replace("000000010", f"{number:09d}").replace("TA1*000000001*261120*1200*A*000~", filler).encode()


def kept(world: World) -> set[str]:
    return {row["name"] for row in world.rows("file")}


def states(world: World) -> dict[str, str]:
    return {row["name"]: row["state"] for row in world.rows("sighting")}


def ready_after(world: World, polls: int) -> None:
    world.change_table("pickup", ready_after_polls=polls)


class MuteWire(Wire):
    """A server that tells neither size nor time of a file, or one of them."""

    def __init__(self, *, tells_size: bool = False, tells_time: bool = False) -> None:
        super().__init__()
        self._tells_size = tells_size
        self._tells_time = tells_time

    def _describe(self, folder: str, name: str) -> RemoteFile:
        told = super()._describe(folder, name)
        size = told.size_bytes if self._tells_size else None
        return RemoteFile(told.name, size, told.modified_at if self._tells_time else None, told.readable)


@dataclass
class Stalling:
    """A file that is written in fits and starts: its bytes, and how many of them are there at each look."""

    name: str
    content: bytes
    there: list[int]

    @property
    def done_at(self) -> int:
        """The first look at which all of it is there."""
        return self.there.index(len(self.content))


def stall(number: int, chance: random.Random) -> Stalling:
    """Written over up to twelve looks, standing still in between as often as not, and broken off in one case of ten."""
    content = whole(number, sets=chance.randint(1, 40))
    there, size = [], 0
    for _ in range(chance.randint(1, 12)):
        if chance.random() < 0.5:
            size = min(len(content), size + chance.randint(0, len(content)))
        there.append(size)
    if chance.random() < 0.9:
        there.append(len(content))
    there += [there[-1]] * (20 - len(there))
    return Stalling(f"stall{number}.835", content, there)


@pytest.mark.parametrize("polls", [1, 2, 3])
def test_of_files_that_stall_none_is_taken_unfinished_and_none_that_is_whole_waits_longer(world: World, polls: int) -> None:
    """Seventy in each profile, 210 in all."""
    ready_after(world, polls)
    chance = random.Random(polls)
    files = [stall(number, chance) for number in range(1, STALLS + 1)]
    taken_at: dict[str, int] = {}
    for look in range(20):
        for each in files:
            if each.name not in taken_at and (look == 0 or each.there[look] != each.there[look - 1]):
                world.wire.put(FOLDER, each.name, each.content[: each.there[look]], SECONDS + look)
        world.run("pickup")
        for name in kept(world) - taken_at.keys():
            taken_at[name] = look
    finished = {each.name: each for each in files if each.there[-1] == len(each.content)}
    assert taken_at.keys() == finished.keys()
    assert {row["sha256"] for row in world.rows("file")} == {sha256(each.content).hexdigest() for each in finished.values()}
    assert all(taken_at[name] == each.done_at + polls - 1 for name, each in finished.items())
    assert set(states(world)) == {each.name for each in files} - finished.keys()


def test_the_servers_clock_may_be_wrong_by_26_hours_either_way(world: World) -> None:
    """53 files, all written now by clocks that differ: taken at the same look, whatever their times say."""
    ready_after(world, 2)
    for hours in range(-26, 27):
        there = int(world.clock.now().timestamp()) + hours * 3600
        world.wire.put(FOLDER, f"skew{hours}.835", whole(100 + hours), there)
    assert world.run("pickup") == {"pickup": 0}
    assert world.run("pickup") == {"pickup": 53}
    assert (world.rows("sighting"), world.work()) == ([], [])


@pytest.mark.parametrize("shape", BLANK_SHAPES)
def test_a_file_with_nothing_in_it_is_never_taken_for_an_answer_and_told_once(world: World, shape: str) -> None:
    world.wire.put(FOLDER, "a.835", BLANK_SHAPES[shape])
    for _ in range(3):
        assert world.run("pickup") == {"pickup": 0}
    assert (states(world), world.work()) == ({"a.835": "empty"}, [])
    world.turn(hours=5)
    world.run("pickup")
    world.run("pickup")
    assert world.work() == ["unfinished_file"]
    assert len(world.rows("work_item")) == 1
    world.wire.put(FOLDER, "a.835", whole(1), SECONDS + 9)
    assert world.run("pickup") == {"pickup": 1}
    assert (states(world), world.work(), world.broken()) == ({}, [], [])


def test_a_file_broken_off_is_fetched_again_only_when_it_changed(world: World) -> None:
    world.wire.put(FOLDER, "a.835", whole(1)[:130])
    for _ in range(4):
        assert world.run("pickup") == {"pickup": 0}
    assert [name for call, name in world.wire.calls if call.startswith("fetch")] == ["a.835"]
    assert (states(world), kept(world)) == ({"a.835": "broken_off"}, set())
    world.wire.put(FOLDER, "a.835", whole(1), SECONDS + 1)
    assert world.run("pickup") == {"pickup": 1}
    assert states(world) == {}


def test_a_file_that_grows_for_hours_is_told_and_taken_once_it_is_whole(world: World) -> None:
    ready_after(world, 2)
    content = whole(1, sets=100)
    for hour in range(1, 8):
        world.wire.put(FOLDER, "a.835", content[: 200 * hour], SECONDS + hour)
        world.run("pickup")
        assert world.work() == (["unfinished_file"] if hour > 4 else [])
        world.turn(hours=1)
    (sentence,) = world.sentences("unfinished_file")
    assert "still being written" in sentence
    world.wire.put(FOLDER, "a.835", content, SECONDS + 99)
    world.run("pickup")
    assert world.run("pickup") == {"pickup": 1}
    assert world.work() == []


def test_what_was_told_is_over_when_the_file_is_gone(world: World) -> None:
    world.wire.put(FOLDER, "a.835", b"ISA")
    world.run("pickup")
    world.turn(hours=5)
    world.run("pickup")
    assert world.work() == ["unfinished_file"]
    world.wire.folders[FOLDER].clear()
    world.run("pickup")
    assert (states(world), world.work(), world.broken()) == ({}, [], [])


def test_a_file_is_not_kept_while_it_is_being_written_under_its_own_name(world: World) -> None:
    """What comes is longer than what was listed a moment before: the rest is on its way."""
    world.wire.put(FOLDER, "a.835", whole(1))
    described = world.wire.list(FOLDER)
    world.wire.put(FOLDER, "a.835", whole(1) + whole(2), SECONDS + 1)
    lists = iter([described])
    usual = world.wire.list
    world.wire.list = lambda folder: next(lists, None) or usual(folder)  # type: ignore[method-assign]
    assert world.run("pickup") == {"pickup": 0}
    assert states(world) == {"a.835": "arriving"}
    assert world.run("pickup") == {"pickup": 1}
    assert [row["size_bytes"] for row in world.rows("file")] == [len(whole(1) + whole(2))]


@pytest.mark.parametrize(("tells_size", "tells_time"), [(False, False), (True, False), (False, True)])
def test_a_server_that_tells_too_little_is_asked_for_the_bytes_each_time(
    world: World, tells_size: bool, tells_time: bool
) -> None:
    world.wires.by_partner[MERIDIAN] = MuteWire(tells_size=tells_size, tells_time=tells_time)
    content = whole(1)
    world.wire.put(FOLDER, "a.835", bytes(len(content)))
    assert world.run("pickup") == {"pickup": 0}
    assert states(world) == {"a.835": "empty"}
    world.wire.put(FOLDER, "a.835", content[:140] + bytes(len(content) - 140))
    assert world.run("pickup") == {"pickup": 0}
    assert states(world) == {"a.835": "broken_off"}
    world.wire.put(FOLDER, "a.835", content)
    assert world.run("pickup") == {"pickup": 1}
    assert (states(world), world.wire.folders[FOLDER]) == ({}, {})


def test_a_file_that_vanished_between_listing_and_fetching_is_no_alarm(world: World) -> None:
    ready_after(world, 2)
    for name in ("a.835", "b.835"):
        world.wire.put(FOLDER, name, whole(ord(name[0])))
    world.run("pickup")
    del world.wire.folders[FOLDER]["a.835"]
    listed = RemoteFile("a.835", len(whole(ord("a"))), SECONDS)
    usual = world.wire.list
    world.wire.list = lambda folder: iter([listed, *usual(folder)])  # type: ignore[method-assign]
    world.wire.before["fetch a.835"] = [TransientError("it is no longer there")]
    assert world.run("pickup") == {"pickup": 1}
    assert (kept(world), states(world), world.work()) == ({"b.835"}, {}, [])


def test_a_file_the_server_fails_on_keeps_none_of_the_others_waiting_and_is_tried_again(world: World) -> None:
    for name in ("a.835", "b.835"):
        world.wire.put(FOLDER, name, whole(ord(name[0])))
    world.wire.before["fetch a.835"] = [TransientError("the server answered 4 (failure)")]
    assert world.run("pickup") == {"pickup": 1}
    assert (kept(world), states(world), world.work()) == ({"b.835"}, {"a.835": "refused"}, [])
    assert world.run("pickup") == {"pickup": 1}
    assert states(world) == {}


def test_the_same_name_used_a_hundred_times_with_other_bytes_is_a_hundred_files_more(world: World) -> None:
    """Also where size and server time are the same: nothing but the bytes tells them apart."""
    for number in range(100):
        world.wire.put(FOLDER, f"daily{number}.835", whole(1000 + number))
    assert world.run("pickup") == {"pickup": 100}
    for number in range(100):
        world.wire.put(FOLDER, f"daily{number}.835", whole(2000 + number))
    assert world.run("pickup") == {"pickup": 100}
    rows = world.rows("file")
    assert len({row["sha256"] for row in rows}) == len(rows) == 200
    assert len({row["name"] for row in rows}) == 100
    assert all(world.archive.verify(row["sha256"]) for row in rows)


def test_a_name_that_says_it_is_being_written_is_waited_for_and_told(world: World) -> None:
    world.wire.put(FOLDER, "a.835.part", whole(1))
    for _ in range(3):
        assert world.run("pickup") == {"pickup": 0}
    assert (states(world), world.work()) == ({"a.835.part": "arriving"}, [])
    world.turn(hours=5)
    world.run("pickup")
    assert world.work() == ["unfinished_file"]
    world.wire.folders[FOLDER]["a.835"] = world.wire.folders[FOLDER].pop("a.835.part")
    world.wire.times[FOLDER, "a.835"] = SECONDS
    assert world.run("pickup") == {"pickup": 1}
    assert (states(world), world.work()) == ({}, [])


def test_without_a_temporary_suffix_every_name_is_a_name(world: World) -> None:
    world.change_table("upload", mode="direct", suffix="")
    world.wire.put(FOLDER, "a.835", whole(1))
    assert world.run("pickup") == {"pickup": 1}


def test_a_server_that_lists_a_name_twice_has_it_looked_at_once(world: World) -> None:
    ready_after(world, 3)
    world.wire.put(FOLDER, "a.835", whole(1))
    usual = world.wire.list
    world.wire.list = lambda folder: iter([*usual(folder), *usual(folder)])  # type: ignore[method-assign]
    assert [world.run("pickup")["pickup"] for _ in range(3)] == [0, 0, 1]


def test_a_look_that_finds_nothing_new_writes_nothing_of_it(world: World) -> None:
    """Nor does what was told, decided on by a person, over, and told again."""
    for _ in range(2):
        world.wire.put(FOLDER, "a.835", b"ISA*")
        world.wire.put(FOLDER, "readme.txt", b"x")
        world.run("pickup")
        world.turn(hours=5)
        world.run("pickup")
        assert writes_of_a_look(world) == []
        for row in world.rows("work_item", state="open"):
            resolve(world.context, row["id"], actor="ann", reason="they know of it")
        assert writes_of_a_look(world) == []
        world.wire.folders[FOLDER].clear()
        world.run("pickup")
        assert writes_of_a_look(world) == []


def writes_of_a_look(world: World) -> list[str]:
    """What one look writes, but for how the connection is doing."""
    with statements_of(world.engine) as ran:
        world.run("pickup")
    return [sql for sql, _ in ran if not sql.startswith(("SELECT", "BEGIN", "PRAGMA")) and "partner_link" not in sql]


def test_an_archive_that_takes_nothing_more_stops_the_partner_and_blames_no_file(world: World) -> None:
    for name in ("a.835", "b.835"):
        world.wire.put(FOLDER, name, whole(ord(name[0])))
    shutil.move(world.archive_folder, world.archive_folder.with_name("away"))
    world.archive_folder.write_bytes(b"")
    assert world.run("pickup") == {"pickup": 0}
    assert (states(world), world.work(), len(world.wire.folders[FOLDER])) == ({}, ["transfer_failing"], 2)
    world.archive_folder.unlink()
    shutil.move(world.archive_folder.with_name("away"), world.archive_folder)
    assert world.run("pickup") == {"pickup": 2}
    assert (world.work(), world.broken()) == ([], [])


# What a person says.


def never_finished(world: World) -> World:
    world.wire.put(FOLDER, "a.835", whole(1)[:130])
    world.run("pickup")
    world.turn(hours=5)
    world.run("pickup")
    return world


def test_a_person_takes_a_file_as_it_is_and_ingest_says_what_is_broken(world: World) -> None:
    never_finished(world)
    take(world.context, MERIDIAN, "a.835", actor="ann", reason="they say no more will come")
    assert world.run("pickup") == {"pickup": 1}
    world.run("ingest")
    assert (states(world), [row["state"] for row in world.rows("file")]) == ({}, ["read"])
    assert world.work() == [WorkKind.UNREADABLE_FILE]
    (item,) = world.rows("work_item", kind="unfinished_file")
    assert (item["closed_by"], item["closed_reason"]) == ("ann", "they say no more will come")
    assert world.broken() == []


def test_a_person_cannot_take_what_is_not_there_or_may_still_come(world: World) -> None:
    world.wire.put(FOLDER, "a.835", b"ISA")
    world.run("pickup")
    for partner, name in ((MERIDIAN, "a.835"), (MERIDIAN, "b.835"), ("nobody", "a.835")):
        with pytest.raises(Refused):
            take(world.context, partner, name, actor="ann", reason="now")
