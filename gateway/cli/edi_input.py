"""What `claimwire edi` reads: files, stdin, gzip and zip, known by their first bytes, streamed, within limits."""

import gzip
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO, cast

import typer

from gateway.errors import Refused

CHUNK_BYTES = 256 * 1024
_IN_MEMORY_BYTES = 16 * 1024 * 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP = b"\x1f\x8b"
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_SIDE_FILES = "__MACOSX/"
_DAMAGED = (EOFError, OSError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error)
"""What gzip and zipfile raise at damage: a broken directory sends them to impossible places and versions as well."""


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
    """An input cannot be read, or may not: the message says which, why, and what to do instead."""


@dataclass(frozen=True)
class Input:
    """One file to read: how people call it, and its bytes from the start, every time they are asked for.

    To be read before the next input is asked for. Reading raises InputRefused where an archive is damaged or passes a limit.
    """

    name: str
    _open: Callable[[], Iterator[bytes]]

    def chunks(self) -> Iterator[bytes]:
        """The bytes, in pieces."""
        return self._open()


def open_inputs(paths: Sequence[Path | str], limits: Limits = LIMITS) -> Generator[Input, None, None]:
    """Each file that the paths stand for: `-` is stdin, a gzip file what is packed in it, a zip file each file in it.

    Raises typer.BadParameter where a path is missing or a folder. What cannot be opened is an input whose reading raises
    InputRefused, so that the others are read all the same.
    """
    for path in paths:
        if str(path) != "-" and not Path(path).exists():
            raise typer.BadParameter(f"{path} does not exist")
        if Path(path).is_dir():
            raise typer.BadParameter(f"{path} is a folder; name the files in it")
    for path in paths:
        try:
            yield from _open_path(path, limits)
        except InputRefused as refusal:
            yield Input(_name_of(path), partial(_refuse, refusal))


@contextmanager
def open_one(path: Path | str, limits: Limits = LIMITS) -> Iterator[Input]:
    """The one file that a path stands for; raises InputRefused, at the end, where an archive holds more of them."""
    with closing(open_inputs([path], limits)) as inputs:
        yield next(inputs)
        if next(inputs, None) is not None:
            raise InputRefused(f"{path} holds several files, and one is meant; unpack it and name that")


def _name_of(path: Path | str) -> str:
    return "stdin" if str(path) == "-" else str(path)


def _refuse(refusal: InputRefused) -> Iterator[bytes]:
    raise refusal


def _open_path(path: Path | str, limits: Limits) -> Iterator[Input]:
    name = _name_of(path)
    try:
        if str(path) != "-" and Path(path).is_file():
            with Path(path).open("rb") as file:
                yield from _open_file(name, file, limits)
            return
        stream = nullcontext(sys.stdin.buffer) if str(path) == "-" else Path(path).open("rb")  # noqa: SIM115 - on the next line
        with tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES) as kept, stream as source:
            yield from _open_spool(name, _Kept(source, kept), limits)
    except OSError as error:
        raise InputRefused(f"{name} cannot be read: {error.strerror or type(error).__name__}") from error


def _open_file(name: str, file: BinaryIO, limits: Limits) -> Iterator[Input]:
    start = file.read(4)
    if start in _ZIP:
        yield from _open_zip(name, file, limits)
    elif start[:2] == _GZIP:
        size = _size_of(file)
        yield Input(name, partial(_read_gzip, name, file, size, limits))
    else:
        yield Input(name, partial(_read_plain, name, file))


def _open_spool(name: str, spool: "_Kept", limits: Limits) -> Iterator[Input]:
    """What comes through a pipe: passed on as it comes and kept for a second look; an archive is fetched whole first."""
    start = spool.peek()
    if start in _ZIP or start[:2] == _GZIP:
        yield from _open_file(name, spool.take_all(), limits)
    else:
        yield Input(name, spool.chunks)


class _Kept:
    """A stream that can be read once, with what was read of it kept so that it can be read again."""

    def __init__(self, source: BinaryIO, kept: "tempfile.SpooledTemporaryFile[bytes]") -> None:
        self._source = source
        self._kept = kept
        self._size = 0

    def peek(self) -> bytes:
        """The first four bytes."""
        while self._size < 4 and self._fetch():
            pass
        self._kept.seek(0)
        return self._kept.read(4)

    def chunks(self) -> Iterator[bytes]:
        """Everything from the start: what is kept, then what still comes."""
        at = 0
        while True:
            if at >= self._size and not self._fetch():
                return
            self._kept.seek(at)
            chunk = self._kept.read(CHUNK_BYTES)
            at += len(chunk)
            yield chunk

    def take_all(self) -> BinaryIO:
        """The whole stream as a file, at its start."""
        while self._fetch():
            pass
        self._kept.seek(0)
        return self._kept  # type: ignore[return-value]  # it is one in all but its declared type

    def _fetch(self) -> bool:
        chunk = self._source.read(CHUNK_BYTES)
        self._kept.seek(self._size)
        self._kept.write(chunk)
        self._size += len(chunk)
        return bool(chunk)


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


def _read_plain(name: str, file: BinaryIO) -> Iterator[bytes]:
    at = 0
    while True:
        file.seek(at)
        try:
            chunk = file.read(CHUNK_BYTES)
        except OSError as error:
            raise InputRefused(f"{name} cannot be read: {error.strerror or type(error).__name__}") from error
        if not chunk:
            return
        at += len(chunk)
        yield chunk


def _read_gzip(name: str, file: BinaryIO, size: int, limits: Limits) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=cast(IO[bytes], _Place(file)), mode="rb") as unpacked:
        yield from _Meter(name, size, limits).pass_on(unpacked)


def _open_zip(name: str, file: BinaryIO, limits: Limits) -> Iterator[Input]:
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGED as error:
        raise InputRefused(f"{name} is no whole zip file; have it sent again") from error
    with archive:
        members = [one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith(_SIDE_FILES)]
        _check_members(name, members, limits)
        total = _Total(name, limits)
        for member in members:
            yield Input(f"{name}:{member.filename}", partial(_read_member, archive, member, total, limits))


def _check_members(name: str, members: Sequence[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse an archive for what its directory says, before anything of it is unpacked."""
    if not members:
        raise InputRefused(f"{name} holds no file")
    if len(members) > limits.members_max:
        raise InputRefused(f"{name} holds more than {limits.members_max:,} files; unpack it and name those you mean")
    for member in members:
        where = f"{name}:{member.filename}"
        if member.flag_bits & _ENCRYPTED:
            raise InputRefused(f"{where} is encrypted; unpack it with its password and name the file")
        if member.compress_type not in _METHODS:
            raise InputRefused(f"{where} is packed in a way that is not read here; unpack it and name the file")
        if member.file_size > limits.member_bytes_max:
            raise InputRefused(_tell_too_big(where, limits.member_bytes_max))
    if sum(member.file_size for member in members) > limits.total_bytes_max:
        raise InputRefused(_tell_too_big(name, limits.total_bytes_max))


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, total: "_Total", limits: Limits) -> Iterator[bytes]:
    meter = _Meter(f"{total.name}:{member.filename}", member.compress_size, limits)
    try:
        with archive.open(member) as unpacked:
            for chunk in meter.pass_on(unpacked):
                total.note(member.header_offset, meter.passed_bytes)
                yield chunk
    except _DAMAGED as error:
        raise InputRefused(f"{meter.name} is damaged; have the archive sent again") from error


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
            raise InputRefused(_tell_too_big(self.name, self.limits.total_bytes_max))


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
            if not self.passed_bytes and (chunk[:4] in _ZIP or chunk[:2] == _GZIP):
                raise InputRefused(f"{self.name} is an archive within an archive; unpack it and name the files")
            self.passed_bytes += len(chunk)
            if self.passed_bytes > self._limits.member_bytes_max:
                raise InputRefused(_tell_too_big(self.name, self._limits.member_bytes_max))
            if self.passed_bytes > self._ratio_bytes:
                raise InputRefused(
                    f"{self.name} unpacks to more than {self._limits.ratio_max} times its size, as no claim file does; "
                    "if it is sound, unpack it and name the file"
                )
            yield chunk

    def _read(self, unpacked: "IO[bytes] | gzip.GzipFile") -> Iterator[bytes]:
        try:
            while chunk := unpacked.read(CHUNK_BYTES):
                yield chunk
        except _DAMAGED as error:
            raise InputRefused(f"{self.name} is damaged or cut short; have it sent again") from error


def _tell_too_big(name: str, bytes_max: int) -> str:
    return f"{name} unpacks to more than {bytes_max / 1024**3:g} GiB; unpack it and name the files one by one"


def _size_of(file: BinaryIO) -> int:
    file.seek(0, 2)
    return file.tell()
