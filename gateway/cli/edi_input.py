"""What `claimwire edi` reads: files, stdin, gzip and zip, known by their first bytes, streamed, within limits."""

import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import BinaryIO

import typer

from gateway.pipeline.unpacking import CHUNK_BYTES, LIMITS, Input, InputRefused, Limits, is_packed, open_packed

__all__ = ["Input", "InputRefused", "Limits", "open_inputs", "open_one"]

_IN_MEMORY_BYTES = 16 * 1024 * 1024


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
    if is_packed(start):
        yield from open_packed(name, file, limits)
    else:
        yield Input(name, partial(_read_plain, name, file))


def _open_spool(name: str, spool: "_Kept", limits: Limits) -> Iterator[Input]:
    """What comes through a pipe: passed on as it comes and kept for a second look; an archive is fetched whole first."""
    start = spool.peek()
    if is_packed(start):
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
