"""The archive: kept once, kept whole, never changed, and not kept unless the disk says so."""

import errno
import hashlib
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.errors import PermanentError, TransientError
from gateway.transport.archive import Archive, Stored

CONTENT = b"ISA*00*" + bytes(range(256)) * 2000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return Archive(tmp_path / "archive")


def chunks(content: bytes = CONTENT) -> Iterator[bytes]:
    for start in range(0, len(content), 50_000):
        yield content[start : start + 50_000]


def files(tmp_path: Path) -> list[str]:
    root = tmp_path / "archive"
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


def test_bytes_are_kept_under_their_hash_and_read_back(tmp_path: Path, archive: Archive) -> None:
    assert archive.store(chunks()) == Stored(SHA256, len(CONTENT))
    assert files(tmp_path) == [f"{SHA256[:2]}/{SHA256}"]
    assert archive.read(SHA256) == CONTENT
    assert b"".join(archive.open(SHA256)) == CONTENT
    assert archive.has(SHA256)
    assert archive.verify(SHA256)


def test_an_empty_file_is_kept_too(archive: Archive) -> None:
    assert archive.read(archive.store([]).sha256) == b""


def test_identical_bytes_are_kept_once_and_the_file_is_not_touched(tmp_path: Path, archive: Archive) -> None:
    first = archive.store(chunks())
    path = tmp_path / "archive" / SHA256[:2] / SHA256
    before = path.stat()
    assert archive.store([CONTENT]) == first
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(files(tmp_path)) == 1


def test_only_the_owner_may_read(tmp_path: Path, archive: Archive) -> None:
    archive.store(chunks())
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "archive").rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in [tmp_path / "archive", tmp_path / "archive" / SHA256[:2]]}
    assert (modes, folders) == ({0o600}, {0o700})


def test_a_link_that_breaks_keeps_nothing(tmp_path: Path, archive: Archive) -> None:
    def broken() -> Iterator[bytes]:
        yield CONTENT[:1000]
        raise TransientError("the link broke")

    with pytest.raises(TransientError, match="the link broke"):
        archive.store(broken())
    assert files(tmp_path) == []


@pytest.mark.parametrize("change", [lambda b: b[:-1], lambda b: b + b"x", lambda b: bytes((b[0] ^ 1,)) + b[1:], lambda b: b""])
def test_damage_is_found_and_damaged_bytes_are_not_handed_out_as_good(
    tmp_path: Path, archive: Archive, change: Callable[[bytes], bytes]
) -> None:
    archive.store(chunks())
    (tmp_path / "archive" / SHA256[:2] / SHA256).write_bytes(change(CONTENT))
    assert not archive.verify(SHA256)
    for act in (archive.read, lambda sha256: list(archive.open(sha256)), lambda _: archive.store(chunks())):
        with pytest.raises(PermanentError, match="damaged"):
            act(SHA256)


def test_what_is_missing_is_named(archive: Archive) -> None:
    assert not archive.has(SHA256)
    assert not archive.verify(SHA256)
    with pytest.raises(PermanentError, match="reading"):
        archive.read(SHA256)


class FailingDisk:
    """Makes the nth call of os.write, os.fsync, Path.rename or Path.mkdir fail, counted over all of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        self.number = number
        self.fail_at = -1
        self.calls = 0
        for owner, call in ((os, "write"), (os, "fsync"), (Path, "rename"), (Path, "mkdir")):
            monkeypatch.setattr(owner, call, self._wrap(getattr(owner, call)))

    def _wrap(self, real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **named: object) -> object:
            self.calls += 1
            if self.calls == self.fail_at:
                raise OSError(self.number, os.strerror(self.number))
            return real(*args, **named)

        return call


def _store_failing(archive: Archive, disk: FailingDisk, call: int) -> bool:
    """Whether storing went through although that call would have failed; any error but PermanentError fails the test."""
    disk.calls, disk.fail_at = 0, call
    try:
        archive.store(chunks())
    except PermanentError:
        return False
    return True


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EROFS])
def test_every_call_of_the_disk_that_fails_surfaces_until_none_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: Archive, number: int
) -> None:
    """The first call fails, then the second …, until storing goes through untouched; no half file is ever at the end name."""
    disk = FailingDisk(monkeypatch, number)
    failed = 0
    while not _store_failing(archive, disk, failed + 1):
        failed += 1
        assert not archive.has(SHA256) or archive.verify(SHA256)
        assert [name for name in files(tmp_path) if "unfinished" in name] == []
    assert failed >= len(CONTENT) // 50_000 + 4
    assert archive.verify(SHA256)


def test_a_failed_fsync_means_not_stored_and_the_next_try_is_synced_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: Archive
) -> None:
    disk = FailingDisk(monkeypatch, errno.EIO)
    disk.fail_at = len(list(chunks())) + 1
    with pytest.raises(PermanentError):
        archive.store(chunks())
    assert files(tmp_path) == []


def test_a_failure_no_row_names_is_raised_as_itself(monkeypatch: pytest.MonkeyPatch, archive: Archive) -> None:
    FailingDisk(monkeypatch, errno.ENOTTY).fail_at = 1
    with pytest.raises(OSError, match="ioctl"):
        archive.store(chunks())


def test_a_short_write_is_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive: Archive) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, bytes(data[:777])))
    assert archive.store(chunks()).size_bytes == len(CONTENT)
    assert archive.verify(SHA256)


STORER = """
import sys
from pathlib import Path
from gateway.clock import SystemClock
from gateway.transport.archive import Archive
Archive(Path(sys.argv[1])).store([Path(sys.argv[2]).read_bytes()])
"""


@pytest.mark.parametrize(("crashpoint", "kept"), [("archive.written", False), ("archive.synced", True)])
def test_kill_9_leaves_the_bytes_whole_or_not_there(tmp_path: Path, crashpoint: str, kept: bool) -> None:
    (tmp_path / "content").write_bytes(CONTENT)
    command = [sys.executable, "-c", STORER, str(tmp_path / "archive"), str(tmp_path / "content")]
    killed = subprocess.run(command, env={**os.environ, "CLAIMWIRE_CRASHPOINT": crashpoint}, check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr.decode()
    archive = Archive(tmp_path / "archive")
    assert archive.verify(SHA256) is kept
    yesterday, tomorrow = (SystemClock().now() + timedelta(days=days) for days in (-1, 1))
    assert archive.remove_unfinished(yesterday) == 0, "somebody may be writing it"
    assert archive.remove_unfinished(tomorrow) == (0 if kept else 1)
    assert archive.store(chunks()).sha256 == SHA256
    assert len(files(tmp_path)) == 1


@pytest.mark.parametrize("sha256", ["../../etc/passwd", SHA256.upper(), SHA256[:-1], ""])
def test_nothing_but_a_hash_is_ever_a_path(archive: Archive, sha256: str) -> None:
    with pytest.raises(AssertionError):
        archive.has(sha256)
