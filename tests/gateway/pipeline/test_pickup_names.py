"""Files that are never fetched are named, and told anew when others come; what partners really call their files is fetched."""

import pytest

from gateway.desk import waiting_files, work_list
from gateway.errors import Refused
from gateway.transport import RemoteFile
from tests.support.wire import Wire
from tests.support.worlds import MERIDIAN, World

FOLDER = "answers"


def put_unsafe(world: World, *names: str) -> None:
    for name in names:
        world.wire.put(FOLDER, name, b"x")
        world.wire.unreadable.add(name)


def resolve_all(world: World) -> None:
    for row in world.rows("work_item"):
        if row["state"] != "done":
            work_list.resolve(world.context, row["id"], actor="ada", reason="seen")


def test_another_name_that_cannot_be_asked_for_is_told_after_the_first_was_resolved(world: World) -> None:
    put_unsafe(world, r"a\x00.ta1")
    world.run("pickup")
    (sentence,) = world.sentences("unreadable_file")
    assert r'(1): "a\x00.ta1". A name should be printable ASCII' in sentence
    resolve_all(world)
    world.run("pickup")
    assert world.work() == []
    put_unsafe(world, r"b\x00.ta1")
    world.run("pickup")
    (sentence,) = world.sentences("unreadable_file")
    assert r'(2): "a\x00.ta1", "b\x00.ta1". ' in sentence
    world.wire.folders[FOLDER].clear()
    world.run("pickup")
    assert (world.work(), world.rows("sighting"), world.broken()) == ([], [], [])


def test_other_files_that_no_pattern_asks_for_are_told_after_the_first_were_resolved(world: World) -> None:
    world.wire.put(FOLDER, "readme.txt", b"x")
    world.run("pickup")
    resolve_all(world)
    world.run("pickup")
    assert world.work() == []
    for name in ("remit.era", "b.era", "c.era"):
        world.wire.put(FOLDER, name, b"x")
    world.run("pickup")
    (sentence,) = world.sentences("unexpected_file")
    assert '"b.era", "c.era", "readme.txt" and 1 more. They were left' in sentence
    world.run("pickup")
    assert len(world.rows("work_item")) == 2


def test_a_name_that_cannot_be_asked_for_is_among_what_waits_and_cannot_be_taken(world: World) -> None:
    long = r"\xff" * 200
    put_unsafe(world, r"a\x00.ta1", long)
    world.run("pickup")
    waiting = waiting_files.list_waiting(world.context, limit=9)
    assert sorted((file.name[:9], file.state) for file in waiting) == [(r"\xff\xff\x"[:9], "unsafe"), (r"a\x00.ta1", "unsafe")]
    assert max(len(file.name) for file in waiting) == 60
    assert "its name cannot be asked for: it should be printable ASCII" in waiting[0].why
    world.turn(hours=48)
    world.run("pickup")
    with pytest.raises(Refused, match="its name cannot be asked for"):
        waiting_files.take(world.context, MERIDIAN, r"a\x00.ta1", actor="ada", reason="we need it")
    assert world.work() == ["unreadable_file"]
    assert len(world.sentences("unreadable_file")[0]) < 400


def test_a_name_that_can_be_asked_for_by_now_is_fetched(world: World) -> None:
    put_unsafe(world, "it's.ta1")
    world.run("pickup")
    world.wire.unreadable.clear()
    for _ in range(2):
        world.run("pickup")
    assert [row["name"] for row in world.rows("file")] == ["it's.ta1"]
    assert (world.work(), world.rows("sighting")) == ([], [])


def test_a_long_name_that_waits_is_short_in_its_sentence(world: World) -> None:
    name = "x" * 251 + ".ta1"
    world.wire.put(FOLDER, name, b"")
    world.run("pickup")
    world.turn(hours=48)
    world.run("pickup")
    (sentence,) = world.sentences("unfinished_file")
    assert name not in sentence
    assert "xxx.ta1 has been in the pickup folder" in sentence
    assert [file.name for file in waiting_files.list_waiting(world.context, limit=9)] == [name]


class LinkingWire(Wire):
    """A server with links among its files."""

    links = frozenset({"b.835", "stats.txt"})

    def _describe(self, folder: str, name: str) -> RemoteFile:
        told, is_plain = super()._describe(folder, name), name not in self.links
        return RemoteFile(told.name, told.size_bytes, told.modified_at, told.readable and is_plain, is_plain)


def test_what_is_no_plain_file_is_left_alone_and_told_with_what_nobody_asks_for(world: World) -> None:
    world.wires.by_partner[MERIDIAN] = LinkingWire()
    for name in ("a.835", "b.835", "readme.txt", "stats.txt"):
        world.wire.put(FOLDER, name, name.encode())
    assert [world.run("pickup")["pickup"] for _ in range(2)] == [1, 0]
    assert (world.work(), sorted(world.wire.folders[FOLDER])) == (["unexpected_file"] * 2, ["b.835", "readme.txt", "stats.txt"])
    (odd,) = [sentence for sentence in world.sentences("unexpected_file") if "no plain files" in sentence]
    assert '2 entries in its pickup folder that are links, pipes or devices and no plain files: "b.835", "stats.txt"' in odd
    assert (world.rows("sighting"), world.broken()) == ([], [])
    for name in LinkingWire.links:
        del world.wire.folders[FOLDER][name]
    world.run("pickup")
    assert world.work() == ["unexpected_file"]


def test_a_file_that_gives_way_to_a_link_waits_no_longer(world: World) -> None:
    world.change_table("pickup", ready_after_polls=2)
    world.wire.put(FOLDER, "b.835", b"x")
    world.run("pickup")
    there = world.wires.by_partner[MERIDIAN] = LinkingWire()
    there.put(FOLDER, "b.835", b"x")
    world.run("pickup")
    assert (world.rows("sighting"), world.work()) == ([], ["unexpected_file"])
