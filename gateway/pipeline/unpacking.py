"""Takes zip and gzip files apart: streamed, within limits, and never trusting what a packed file says of itself."""

import gzip
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import IO, BinaryIO, cast

from gateway.domain.wholeness import GZIP_START, ZIP_STARTS
from gateway.errors import Refused

CHUNK_BYTES = 256 * 1024
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SIDE_FILES = "__MACOSX/"
_DAMAGED = (EOFError, OSError, OverflowError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)
"""What gzip and zipfile raise at damage: a broken directory sends them to impossible places and versions as well."""
_ENTRY_BYTES_MAX = 512
"""So much of a zip's directory a file needs at most on average: 46 bytes, its path, and what archivers add."""


@dataclass(frozen=True)
class Limits:
    """How much an archive may become: bytes of one member, bytes of all, files in it, times its packed size.

    The ratio is only asked once `free_bytes` came out of a member: what is small is no bomb, however well it was packed.
    """

    member_bytes_max: int = 2 * 1024**3
    total_bytes_max: int = 8 * 1024**3
    members_max: int = 10_000
    ratio_max: int = 200
    free_bytes: int = 16 * 1024**2


LIMITS = Limits()


class InputRefused(Refused):
    """An input cannot be read, or may not: `what` says which and why, the message also what to do instead."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(f"{what}; {advice}" if advice else what)
        self.what = what


@dataclass(frozen=True)
class Input:
    """One file to read: how people call it, and its bytes from the start, every time they are asked for.

    To be read before the next input is asked for. Reading raises InputRefused where an archive is damaged or passes a limit.
    """

    name: str
    open: Callable[[], Iterator[bytes]]

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces."""
        return self.open()


def is_packed(start: bytes) -> bool:
    """Whether a file that begins with these four bytes is a zip or a gzip file."""
    return start[:4] in ZIP_STARTS or start[:2] == GZIP_START


def open_packed(name: str, file: BinaryIO, limits: Limits = LIMITS) -> Iterator[Input]:
    """Each file in a zip or gzip file, which stays open meanwhile. Raises InputRefused where it may not, or cannot, be unpacked.

    A file in a zip is called `name:member`; the one in a gzip file as the gzip file is.
    """
    file.seek(0)
    if file.read(4) in ZIP_STARTS:
        yield from _open_zip(name, file, limits)
    else:
        size = _size_of(file)
        yield Input(name, partial(_read_gzip, name, file, size, limits))


class _Opening:
    """A zip file for as long as zipfile has not read its directory, which it does at once, for as much as the end record says."""

    def __init__(self, name: str, file: BinaryIO, limits: Limits) -> None:
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self.is_over = False
        self._file = file
        self._refusal = _too_many(name, limits)
        self._bytes_max = limits.members_max * _ENTRY_BYTES_MAX

    def read(self, size: int = -1) -> bytes:
        """The next bytes; raises InputRefused for a directory of more files than there may be, before it is read."""
        if size > self._bytes_max and not self.is_over:
            raise self._refusal
        return self._file.read(size)


class _Place:
    """A place of one's own in a file that others read at the same time."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes from here."""
        self._file.seek(self._at)
        content = self._file.read(size)
        self._at += len(content)
        return content


def _read_gzip(name: str, file: BinaryIO, size: int, limits: Limits) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=cast(IO[bytes], _Place(file)), mode="rb") as unpacked:
        yield from _Meter(name, size, limits).pass_on(unpacked)


def _open_zip(name: str, file: BinaryIO, limits: Limits) -> Iterator[Input]:
    opening = _Opening(name, file, limits)
    try:
        archive = zipfile.ZipFile(cast(IO[bytes], opening))
    except _DAMAGED as error:
        raise InputRefused(f"{name} is no whole zip file", "have it sent again") from error
    opening.is_over = True
    with archive:
        # By its name alone: is_dir() expects one.
        members = [
            one for one in archive.infolist() if not one.filename.endswith("/") and not one.filename.startswith(_SIDE_FILES)
        ]
        _check_members(name, members, limits)
        total = _Total(name, limits)
        for member in members:
            yield Input(f"{name}:{member.filename}", partial(_read_member, archive, member, total, limits))


def _check_members(name: str, members: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse an archive for what its directory says, before anything of it is unpacked."""
    if not members:
        raise InputRefused(f"{name} holds no file")
    if len(members) > limits.members_max:
        raise _too_many(name, limits)
    for member in members:
        where = f"{name}:{member.filename}"
        if member.flag_bits & _ENCRYPTED:
            raise InputRefused(f"{where} is encrypted", "unpack it with its password and name the file")
        if member.compress_type not in _METHODS:
            raise InputRefused(f"{where} is packed in a way that is not read here", "unpack it and name the file")
        if member.file_size > limits.member_bytes_max:
            raise _too_big(where, limits.member_bytes_max)
    if sum(member.file_size for member in members) > limits.total_bytes_max:
        raise _too_big(name, limits.total_bytes_max)


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, total: "_Total", limits: Limits) -> Iterator[bytes]:
    meter = _Meter(f"{total.name}:{member.filename}", member.compress_size, limits)
    try:
        with archive.open(member) as unpacked:
            for chunk in meter.pass_on(unpacked):
                total.note(member.header_offset, meter.passed_bytes)
                yield chunk
    except _DAMAGED as error:
        raise InputRefused(f"{meter.name} is damaged", "have the archive sent again") from error


@dataclass
class _Total:
    """What came out of all members of one archive; a member read twice counts once."""

    name: str
    limits: Limits
    passed: dict[int, int] = field(default_factory=dict)
    sum_bytes: int = 0

    def note(self, member: int, passed_bytes: int) -> None:
        """Count a member's bytes; raises InputRefused past the limit."""
        known = self.passed.get(member, 0)
        if passed_bytes > known:
            self.passed[member] = passed_bytes
            self.sum_bytes += passed_bytes - known
        if self.sum_bytes > self.limits.total_bytes_max:
            raise _too_big(self.name, self.limits.total_bytes_max)


class _Meter:
    """Counts what comes out of a packed file and stops it at the limits, whatever the file says of itself."""

    def __init__(self, name: str, packed_bytes: int, limits: Limits) -> None:
        self.name = name
        self.passed_bytes = 0
        self._limits = limits
        self._ratio_bytes = max(limits.ratio_max * packed_bytes, limits.free_bytes)

    def pass_on(self, unpacked: "IO[bytes] | gzip.GzipFile") -> Iterator[bytes]:
        """The chunks; raises InputRefused at a limit, at an archive within, and where the packing is damaged."""
        for chunk in self._read(unpacked):
            if not self.passed_bytes and is_packed(chunk[:4]):
                raise InputRefused(f"{self.name} is an archive within an archive", "unpack it and name the files")
            self.passed_bytes += len(chunk)
            if self.passed_bytes > self._limits.member_bytes_max:
                raise _too_big(self.name, self._limits.member_bytes_max)
            if self.passed_bytes > self._ratio_bytes:
                raise InputRefused(
                    f"{self.name} unpacks to more than {self._limits.ratio_max} times its size, as no claim file does",
                    "if it is sound, unpack it and name the file",
                )
            yield chunk

    def _read(self, unpacked: "IO[bytes] | gzip.GzipFile") -> Iterator[bytes]:
        try:
            while chunk := unpacked.read(CHUNK_BYTES):
                yield chunk
        except _DAMAGED as error:
            raise InputRefused(f"{self.name} is damaged or cut short", "have it sent again") from error


def _too_many(name: str, limits: Limits) -> InputRefused:
    return InputRefused(f"{name} holds more than {limits.members_max:,} files", "unpack it and name those you mean")


def _too_big(name: str, bytes_max: int) -> InputRefused:
    size = f"{bytes_max / 1024**3:g} GiB" if bytes_max >= 1024**3 else f"{bytes_max / 1024**2:g} MiB"
    return InputRefused(f"{name} unpacks to more than {size}", "unpack it and name the files one by one")


def _size_of(file: BinaryIO) -> int:
    file.seek(0, 2)
    return file.tell()
