"""What comes packed is unpacked within limits, each file in it is one of its own, and what may not be is kept and told."""

import gzip
import io
import os
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from zlib import crc32

import pytest

from gateway.desk.file_view import replay
from gateway.errors import Refused
from gateway.pipeline.pickup_containers import LIMITS, unpack
from gateway.pipeline.unpacking import InputRefused, open_packed
from tests.support.wire import Killed
from tests.support.worlds import World

FOLDER = "answers"


def zipped(**members: bytes) -> bytes:
    return zipped_by(zipfile.ZIP_DEFLATED, members)


def zipped_by(method: int, members: Mapping[str, bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return kept.getvalue()


def encrypted() -> bytes:
    """A zip whose directory and header say that its one file is encrypted."""
    content = bytearray(zipped(a=b"secret"))
    content[6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def damaged() -> bytes:
    content = bytearray(zipped_by(zipfile.ZIP_STORED, {"a": b"x" * 500}))
    content[100] ^= 0xFF
    return bytes(content)


def listing(count: int, name: bytes = b"a", extra: bytes = b"", header_at: int = 0) -> bytes:
    """A zip whose directory names one file, which is there and holds `hello`, so many times."""
    header = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, crc32(b"hello"), 5, 5, len(name), 0) + name + b"hello"
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, crc32(b"hello"), 5, 5, len(name), len(extra), 0, 0, 0, 0, header_at
    ) + name + extra  # fmt: skip
    said = count & 0xFFFF
    return header + entry * count + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, said, said, len(entry) * count, len(header), 0)


def far_away() -> bytes:
    """A zip whose file begins at byte 2**64 - 1."""
    return listing(1, extra=struct.pack("<HHQ", 1, 8, 2**64 - 1), header_at=0xFFFFFFFF)


def names(world: World) -> dict[str, str]:
    return {row["name"]: row["state"] for row in world.rows("file")}


@pytest.fixture
def any_name(world: World) -> World:
    world.change_table("pickup", patterns=("*",))
    return world


def test_each_file_in_a_zip_is_a_file_of_its_own(any_name: World) -> None:
    any_name.wire.put(FOLDER, "d.zip", zipped(**{"a.835": b"one", "report.txt": b"two"}))
    assert any_name.run("pickup") == {"pickup": 3}
    assert names(any_name) == {"d.zip": "unpacked", "d.zip!a.835": "archived", "d.zip!report.txt": "archived"}
    container, *members = any_name.rows("file")
    assert {row["container_id"] for row in members} == {container["id"]}
    assert [any_name.archive.read(row["sha256"]) for row in members] == [b"one", b"two"]
    assert (any_name.wire.folders[FOLDER], any_name.broken()) == ({}, [])


def test_an_answer_in_a_gzip_file_is_taken_in(any_name: World) -> None:
    any_name.hear(gzip.compress(any_name.interchange("", "")), "a.835.gz")
    assert names(any_name) == {"a.835.gz": "unpacked", "a.835.gz!a.835": "read"}
    assert any_name.work() == []


def test_the_same_bytes_take_effect_once_however_they_come(any_name: World) -> None:
    any_name.wire.put(FOLDER, "a.835", b"one")
    any_name.run("pickup")
    first = zipped(**{"a.835": b"one", "b.835": b"two", "c.835": b"two"})
    any_name.wire.put(FOLDER, "first.zip", first)
    assert any_name.run("pickup") == {"pickup": 2}
    any_name.wire.put(FOLDER, "second.zip", zipped(**{"x.835": b"one", "y.835": b"two"}))
    any_name.wire.put(FOLDER, "again.zip", first)
    assert any_name.run("pickup") == {"pickup": 1}
    assert sum(state == "archived" for state in names(any_name).values()) == 2
    assert any_name.wire.folders[FOLDER] == {}


REFUSED = {
    "encrypted": (encrypted(), "encrypted"),
    "damaged": (damaged(), "damaged"),
    "nothing in it": (zipped(), "holds no file"),
    "zip in a zip": (zipped(a=zipped(b=b"x")), "an archive within an archive"),
    "gzip in a zip": (zipped(a=gzip.compress(b"x")), "an archive within an archive"),
    "gzip in a gzip": (gzip.compress(gzip.compress(b"x")), "an archive within an archive"),
    "a bomb": (zipped(a=bytes(20_000_000)), "100 times its size"),
    "a gzip bomb": (gzip.compress(bytes(20_000_000)), "100 times its size"),
    "a file beyond any disk": (far_away(), "damaged"),
    "too many entries": (listing(70_000), "more than 1,000 files"),
    "too many files": (zipped(**{f"{number}": b"" for number in range(1001)}), "more than 1,000 files"),
    "too much": (zipped(**{f"{n}": os.urandom(1000) + bytes(70_000_000) for n in range(3)}), "MiB"),
}


@pytest.mark.parametrize("which", REFUSED)
def test_what_may_not_be_unpacked_is_kept_and_told_and_nothing_of_it_counts(any_name: World, which: str) -> None:
    content, why = REFUSED[which]
    any_name.wire.put(FOLDER, "d.zip", content)
    assert any_name.run("pickup") == {"pickup": 1}
    assert names(any_name) == {"d.zip": "unreadable"}
    assert why in any_name.sentences("unreadable_file")[0]
    assert any_name.archive.read(any_name.rows("file")[0]["sha256"]) == content
    any_name.wire.put(FOLDER, "same.zip", content)
    assert any_name.run("pickup", "ingest")["pickup"] == 0
    assert (len(any_name.rows("file")), len(any_name.rows("work_item")), any_name.broken()) == (1, 1, [])


def test_a_file_without_a_name_is_a_file(any_name: World) -> None:
    any_name.wire.put(FOLDER, "d.zip", listing(1, name=b""))
    assert any_name.run("pickup") == {"pickup": 2}
    assert names(any_name) == {"d.zip": "unpacked", "d.zip!": "archived"}
    assert [any_name.archive.read(row["sha256"]) for row in any_name.rows("file")][1:] == [b"hello"]


def test_a_directory_of_more_files_than_there_may_be_is_refused_before_it_is_read() -> None:
    class Counting(io.BytesIO):
        count = 0

        def read(self, size: int | None = -1) -> bytes:
            content = super().read(size)
            self.count += len(content)
            return content

    file = Counting(listing(200_000))
    with pytest.raises(InputRefused, match="more than 1,000 files"):
        list(open_packed("d.zip", file, LIMITS))
    assert file.count < 100_000


def test_a_zip_cut_short_is_waited_for(any_name: World) -> None:
    content = zipped(a=b"one")
    any_name.wire.put(FOLDER, "d.zip", content[:-5])
    assert any_name.run("pickup") == {"pickup": 0}
    assert [row["state"] for row in any_name.rows("sighting")] == ["broken_off"]
    any_name.wire.put(FOLDER, "d.zip", content, 1_772_400_001)
    assert any_name.run("pickup") == {"pickup": 2}


def test_hostile_names_in_a_zip_are_names_and_no_paths(any_name: World) -> None:
    any_name.wire.put(FOLDER, "d.zip", zipped(**{"../../etc/cron.d/x": b"1", "a\x1b[2J\n": b"2", "n" * 900: b"3", "é": b"4"}))
    assert any_name.run("pickup") == {"pickup": 5}
    kept = list(names(any_name))
    assert kept[:3] == ["d.zip", "d.zip!../../etc/cron.d/x", "d.zip!a?[2J?"]
    assert all(name.isascii() and name.isprintable() and len(name) <= 255 for name in kept)


def test_killed_while_unpacking_nothing_of_it_is_there_and_then_all(any_name: World, monkeypatch: pytest.MonkeyPatch) -> None:
    any_name.wire.put(FOLDER, "d.zip", zipped(a=b"one", b=b"two"))

    def die(name: str) -> None:
        if name == "pickup.unpacked":
            raise Killed

    with monkeypatch.context() as dying:
        dying.setattr("gateway.pipeline.pickup_fetch.crashpoint", die)
        with pytest.raises(Killed):
            any_name.run("pickup")
    assert (names(any_name), list(any_name.wire.folders[FOLDER])) == ({}, ["d.zip"])
    assert any_name.run("pickup") == {"pickup": 3}
    assert len(names(any_name)) == 3


def test_a_refused_container_is_looked_at_again_and_refused_again_or_unpacked(
    any_name: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    any_name.wire.put(FOLDER, "d.zip", zipped(a=b"one", b=b"two"))
    with monkeypatch.context() as stricter:
        stricter.setattr("gateway.pipeline.pickup_fetch.unpack", partial(unpack, limits=replace(LIMITS, members_max=1)))
        any_name.run("pickup")
        assert names(any_name) == {"d.zip": "unreadable"}
        with pytest.raises(Refused, match="more than 1 files"):
            replay(any_name.context, any_name.rows("file")[0]["id"], actor="ann")
    replay(any_name.context, any_name.rows("file")[0]["id"], actor="ann")
    assert names(any_name) == {"d.zip": "unpacked", "d.zip!a": "archived", "d.zip!b": "archived"}
    assert (any_name.work(), any_name.broken()) == ([], [])
