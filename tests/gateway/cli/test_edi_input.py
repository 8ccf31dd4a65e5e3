"""Inputs are known by their bytes, streamed, read again when asked, and refused with what to do where they pass a limit."""

import gzip
import io
import os
import sys
import threading
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import pytest
import typer

from gateway.cli.edi_input import InputRefused, Limits, open_inputs

TEXT = b"ISA*00*~" * 1000
SMALL = Limits(member_bytes_max=5_000, total_bytes_max=7_000, members_max=3, ratio_max=10, free_bytes=2_000)


def read(*paths: Path | str, limits: Limits | None = None) -> dict[str, bytes]:
    with closing(open_inputs(paths, limits) if limits else open_inputs(paths)) as opened:
        return {one.name: b"".join(one.chunks()) for one in opened}


def make_zip(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_a_file_a_gzip_and_a_zip_give_the_same_bytes_whatever_they_are_called(tmp_path: Path) -> None:
    plain, packed = tmp_path / "claims.zip", tmp_path / "claims.txt"
    plain.write_bytes(TEXT)
    packed.write_bytes(gzip.compress(TEXT))
    archive = make_zip(tmp_path / "claims", {"a.837": TEXT, "folder/b.837": b"ISA"})
    assert read(plain, packed, archive) == {
        str(plain): TEXT, str(packed): TEXT, f"{archive}:a.837": TEXT, f"{archive}:folder/b.837": b"ISA",
    }  # fmt: skip


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_stdin_is_read_and_read_again(monkeypatch: pytest.MonkeyPatch, pack: object) -> None:
    pipe(monkeypatch, pack(TEXT))  # type: ignore[operator]
    for one in open_inputs(["-"]):
        assert (one.name, b"".join(one.chunks()), b"".join(one.chunks())) == ("stdin", TEXT, TEXT)


def test_a_pass_that_was_left_half_way_does_not_disturb_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = os.urandom(600_000)
    path = tmp_path / "long"
    path.write_bytes(long)
    pipe(monkeypatch, long)
    for one in open_inputs([path, "-"]):
        assert next(one.chunks())
        assert b"".join(one.chunks()) == long


def test_a_zip_through_stdin_gives_its_members(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pipe(monkeypatch, make_zip(tmp_path / "z", {"a": b"1", "b": b"2"}).read_bytes())
    assert read("-") == {"stdin:a": b"1", "stdin:b": b"2"}


def test_a_named_pipe_is_read_like_stdin(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(gzip.compress(TEXT),))
    writer.start()
    assert read(path) == {str(path): TEXT}
    writer.join()


def test_an_empty_file_is_an_input_of_no_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").write_bytes(b"")
    pipe(monkeypatch, b"")
    assert list(read(tmp_path / "empty", "-").values()) == [b"", b""]


def test_a_path_that_is_not_there_or_a_folder_is_wrong_usage_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"ISA")
    for wrong in (tmp_path / "missing", tmp_path):
        with pytest.raises(typer.BadParameter):
            next(open_inputs([tmp_path / "there", wrong]))


def refusal_of(path: Path, limits: Limits = SMALL) -> str:
    with pytest.raises(InputRefused) as refused:
        read(path, limits=limits)
    assert path.name in str(refused.value)
    return str(refused.value)


def test_what_unpacks_to_too_much_is_stopped(tmp_path: Path) -> None:
    random = os.urandom(6_000)
    assert "unpacks to more than" in refusal_of(make_zip(tmp_path / "member", {"a": random}))
    assert "unpacks to more than" in refusal_of(make_zip(tmp_path / "total", {"a": random[:4_000], "b": random[:4_000]}))
    (tmp_path / "gz").write_bytes(gzip.compress(random))
    assert "unpacks to more than" in refusal_of(tmp_path / "gz")


def test_a_directory_that_lies_about_sizes_is_not_believed(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "lie", {"a": os.urandom(6_000)}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    assert "damaged" in refusal_of(path)


def test_a_bomb_is_stopped_by_its_ratio_and_small_files_are_not(tmp_path: Path) -> None:
    assert "times its size" in refusal_of(make_zip(tmp_path / "bomb", {"a": b"0" * 4_000}))
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"0" * 4_000))
    assert "times its size" in refusal_of(tmp_path / "bomb.gz")
    assert read(make_zip(tmp_path / "small", {"a": b"0" * 1_999}), limits=SMALL)


def test_too_many_members_an_archive_within_and_no_member_are_refused(tmp_path: Path) -> None:
    assert "more than 3 files" in refusal_of(make_zip(tmp_path / "many", dict.fromkeys("abcd", b"1")))
    inner = make_zip(tmp_path / "inner", {"a": b"1"}).read_bytes()
    assert "within" in refusal_of(make_zip(tmp_path / "outer", {"inner.txt": inner}))
    (tmp_path / "outer.gz").write_bytes(gzip.compress(gzip.compress(b"1")))
    assert "within" in refusal_of(tmp_path / "outer.gz")
    assert "no file" in refusal_of(make_zip(tmp_path / "none", {}))


def test_encrypted_members_and_unknown_methods_are_refused(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "secret", {"a": b"1"})
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(content)
    assert "password" in refusal_of(path)
    assert "packed in a way" in refusal_of(make_zip(tmp_path / "lzma", {"a": b"1"}, zipfile.ZIP_LZMA))


@pytest.mark.parametrize("cut", [20, 60, -1])
def test_archives_cut_short_are_refused_by_name(tmp_path: Path, cut: int) -> None:
    zipped = make_zip(tmp_path / "cut.zip", {"a": os.urandom(500)})
    zipped.write_bytes(zipped.read_bytes()[:cut])
    packed = tmp_path / "cut.gz"
    packed.write_bytes(gzip.compress(os.urandom(500))[:cut])
    assert "again" in refusal_of(zipped)
    assert "again" in refusal_of(packed)


def test_every_damaged_byte_of_an_archive_ends_in_its_content_or_a_refusal(tmp_path: Path) -> None:
    content, seen = b"ISA*1~" * 5, set()
    for whole in (make_zip(tmp_path / "z", {"a": content}).read_bytes(), gzip.compress(content)):
        for at in range(len(whole)):
            broken = bytearray(whole)
            broken[at] ^= 0x41
            (tmp_path / "broken").write_bytes(broken)
            with suppress(InputRefused):
                seen |= {one in (content, broken) for one in read(tmp_path / "broken").values()}
    assert seen == {True}
