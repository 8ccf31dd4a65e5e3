"""The archive of raw bytes: every file that came or went, kept under its SHA-256, never edited, never overwritten."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from io import FileIO
from pathlib import Path

import msgspec

from gateway.crashpoint import crashpoint
from gateway.errors import PermanentError
from gateway.transport.failures import find_kind

CHUNK_BYTES = 256 * 1024
_UNFINISHED = ".unfinished-"
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Stored(msgspec.Struct, frozen=True):
    """Where kept bytes are found again: the SHA-256 in lower-case hex, and how many there are."""

    sha256: str
    size_bytes: int


class Archive:
    """A folder of kept bytes, `<aa>/<sha256>`; folders 0700, files 0600.

    What `store` returned is on the disk: file and folder were synced. Raises PermanentError where the disk refuses.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with _refusals("opening"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def store(self, chunks: Iterable[bytes]) -> Stored:
        """Keep these bytes, once however often they come. What `chunks` raises goes through, and nothing is kept."""
        with _refusals("storing"):
            descriptor, path = tempfile.mkstemp(prefix=_UNFINISHED, dir=self._folder)
        unfinished = Path(path)
        try:
            stored = _write_synced(descriptor, chunks)
            self._put_in_place(unfinished, stored)
        finally:
            unfinished.unlink(missing_ok=True)
        crashpoint("archive.synced")
        return stored

    def open(self, sha256: str) -> Iterator[bytes]:
        """The bytes kept under this hash, in chunks. Raises PermanentError: missing, or at the end, damaged."""
        digest = hashlib.sha256()
        with _refusals("reading"), self._path(sha256).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                yield chunk
        if digest.hexdigest() != sha256:
            raise PermanentError(f"archive: {sha256} is damaged: its bytes no longer have that hash; restore it from a backup")

    def read(self, sha256: str) -> bytes:
        """All bytes kept under this hash, checked. Raises PermanentError: missing or damaged."""
        return b"".join(self.open(sha256))

    def has(self, sha256: str) -> bool:
        """Whether something is kept under this hash; `verify` says whether it is whole."""
        return self._path(sha256).is_file()

    def verify(self, sha256: str) -> bool:
        """Whether the bytes are there and still have this hash."""
        if not self.has(sha256):
            return False
        digest = hashlib.sha256()
        with _refusals("checking"), self._path(sha256).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest() == sha256

    def remove_unfinished(self, before: datetime) -> int:
        """Delete what killed processes left half written and nobody has written to since then, and count it."""
        removed = 0
        with _refusals("removing"):
            for path in self._folder.glob(f"{_UNFINISHED}*"):
                with suppress(FileNotFoundError):  # its writer has just finished, or somebody else removed it
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        removed += 1
        return removed

    def _path(self, sha256: str) -> Path:
        assert _SHA256.fullmatch(sha256), "a SHA-256 in lower-case hex"
        return self._folder / sha256[:2] / sha256

    def _put_in_place(self, unfinished: Path, stored: Stored) -> None:
        final = self._path(stored.sha256)
        with _refusals("storing"):
            final.parent.mkdir(mode=0o700, exist_ok=True)
            if not final.exists():
                unfinished.rename(final)
            elif not self.verify(stored.sha256):
                raise PermanentError(f"archive: {stored.sha256} is kept already, but damaged; restore it from a backup")
            # Also where the file was there: the process that put it may have died before its folder was synced.
            _sync(final)
            _sync(final.parent)
            _sync(self._folder)


def _write_synced(descriptor: int, chunks: Iterable[bytes]) -> Stored:
    digest = hashlib.sha256()
    size_bytes = 0
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        for chunk in chunks:
            digest.update(chunk)
            size_bytes += len(chunk)
            _write_all(file, chunk)
        crashpoint("archive.written")
        with _refusals("storing"):
            os.fsync(file.fileno())
    return Stored(digest.hexdigest(), size_bytes)


def _write_all(file: FileIO, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        with _refusals("storing"):
            view = view[os.write(file.fileno(), view) :]


def _sync(path: Path) -> None:
    """Make bytes, or a folder's names, survive a power cut. Never retried: after a failure the kernel may have dropped them."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _refusals(doing: str) -> Iterator[None]:
    """Failures of the disk as TransientError or PermanentError; one the table does not name goes through as itself."""
    try:
        yield
    except OSError as error:
        kind = find_kind(error)
        if kind is None:
            raise
        raise kind(f"archive: {doing}: {type(error).__name__} {error.errno}: {error.strerror}") from error
