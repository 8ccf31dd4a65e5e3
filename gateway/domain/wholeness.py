"""Whether the bytes of a file that comes are all of it: what its own format says about where it ends."""

import struct
import zlib
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from itertools import chain
from typing import Literal

from edi.findings import EdiError
from edi.headers import get_element
from edi.segments import Run, read_segments
from gateway.domain.readiness import SightingState

Kind = Literal["x12", "zip", "gzip", "plain", "blank"]

BLANKS = b" \t\r\n\x0b\x0c\x1a\x00"
"""Bytes that say nothing: blanks, line ends, the old end-of-file mark, and what a disk holds before anything is written."""
BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
GZIP_START = b"\x1f\x8b"

_START_BYTES = 4
_ISA_BYTES_MAX = 512
_STARTS = (b"ISA*", ZIP_STARTS[0], GZIP_START)
_ZIP_END = b"PK\x05\x06"
_ZIP_END_BYTES = 22
_ZIP_TAIL_BYTES = _ZIP_END_BYTES + 0xFFFF
_ZIP_ELSEWHERE = 0xFFFFFFFF
_PIECE_BYTES = 64 * 1024
_UNPACKED_BYTES_MAX = 256 * 1024 * 1024


class NotWhole(Exception):
    """What came is not all of a file, or nothing: `state` says which, the message why. Nothing of its content is repeated."""

    def __init__(self, state: SightingState, why: str) -> None:
        super().__init__(why)
        self.state = state


class CheckedContent:
    """The chunks of a file, passed on as they come; iterating raises NotWhole behind the last where more must follow.

    X12 must end in an IEA that closes its last ISA; text behind it is for the reader to report. A zip must end in its
    directory, a gzip in its check sum. Anything else says nothing of its end and passes, unless it is blank. Damage that no
    further byte can mend is no reason to wait and passes, too. `kind` is known once all was passed on. `announced_bytes` is what
    a listing said a moment ago; `as_it_is` lets everything pass unlooked at, for a person said so.
    """

    def __init__(self, chunks: Iterable[bytes], *, as_it_is: bool = False, announced_bytes: int | None = None) -> None:
        self.kind: Kind = "plain"
        self.size_bytes = 0
        self._chunks = self._counted(chunks)
        self._as_it_is = as_it_is
        self._announced_bytes = announced_bytes

    def __iter__(self) -> Iterator[bytes]:
        start, text = yield from self._pass_start()
        self.kind = _find_kind(start, text)
        if self._as_it_is:
            yield from self._chunks
            return
        yield from self._pass_rest(text)
        if self._announced_bytes not in (None, self.size_bytes):
            raise NotWhole(SightingState.ARRIVING, f"{self._announced_bytes} bytes were listed and {self.size_bytes} came")

    def _pass_start(self) -> Generator[bytes, None, tuple[bytes, bytes]]:
        """The first chunks: returns the first bytes as they are, and all of them without what says nothing."""
        start, text = b"", b""
        for chunk in self._chunks:
            yield chunk
            start = (start + chunk)[: max(_START_BYTES, len(start))]
            text = _strip(text + chunk)
            if len(text) >= _START_BYTES:
                break
        return start, text

    def _pass_rest(self, text: bytes) -> Iterator[bytes]:
        if self.kind == "blank":
            raise NotWhole(SightingState.EMPTY, "nothing but blanks" if self.size_bytes else "no bytes at all")
        if self.kind == "x12":
            yield from self._pass_x12(text)
        elif self.kind == "zip":
            yield from self._pass_zip(text)
        elif self.kind == "gzip":
            yield from self._pass_gzip(text)
        else:
            yield from self._chunks
            if any(each.startswith(text) for each in _STARTS):
                raise NotWhole(SightingState.BROKEN_OFF, "it ends within its first bytes")

    def _counted(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.size_bytes += len(chunk)
            yield chunk

    def _pass_x12(self, start: bytes) -> Iterator[bytes]:
        pulled: deque[bytes] = deque()
        envelope = _Envelope()

        def pull() -> Iterator[bytes]:
            yield start
            for chunk in self._chunks:
                pulled.append(chunk)
                yield chunk
            envelope.ended = True

        tail = start[-_ISA_BYTES_MAX:]
        try:
            for run in read_segments(pull()):
                envelope.note(run)
                while pulled:
                    tail = (tail + pulled[0])[-_ISA_BYTES_MAX:]
                    yield pulled.popleft()
        except EdiError as error:
            envelope.error = str(error)
        for chunk in chain(pulled, self._chunks):
            tail = (tail + chunk)[-_ISA_BYTES_MAX:]
            yield chunk
        envelope.demand_end(tail)

    def _pass_zip(self, start: bytes) -> Iterator[bytes]:
        tail = start
        for chunk in self._chunks:
            yield chunk
            tail = (tail + chunk)[-_ZIP_TAIL_BYTES:]
        if not _ends_in_directory(tail, self.size_bytes):
            raise NotWhole(SightingState.BROKEN_OFF, "the zip file ends before its directory")

    def _pass_gzip(self, start: bytes) -> Iterator[bytes]:
        unpacking = _Unpacking()
        unpacking.note(start)
        for chunk in self._chunks:
            yield chunk
            unpacking.note(chunk)
        if not unpacking.is_whole:
            raise NotWhole(SightingState.BROKEN_OFF, "the gzip file ends before its check sum")


def _strip(text: bytes) -> bytes:
    for mark in BYTE_ORDER_MARKS:
        text = text.removeprefix(mark)
    return text.lstrip(BLANKS)


def _find_kind(start: bytes, text: bytes) -> Kind:
    if not text:
        return "blank"
    if start[:4] in ZIP_STARTS:
        return "zip"
    if start[:2] == GZIP_START:
        return "gzip"
    if text[:3] == b"ISA" and len(text) > 3 and not text[3:4].isalnum() and text[3:4] not in BLANKS:
        return "x12"
    return "plain"


class _Envelope:
    """Whether the last ISA of a stream was closed by its IEA."""

    def __init__(self) -> None:
        self.ended = False
        self.error = ""
        self._terminator = b"~"
        self._number: str | None = None
        self._is_open = False
        self._is_contradicted = False

    def note(self, run: Run) -> None:
        """Pass the segments of a run."""
        separator = run.delimiters.element
        self._terminator = run.delimiters.segment.encode("latin-1")
        if run.starts_interchange:
            # An ISA that holds its own terminator, or is wrapped at it, ends there: the reader reads it so, too.
            self._number = get_element(run.segments[0].split(separator), 13).strip()
            self._is_open, self._is_contradicted = True, False
        for segment in run.segments:
            if segment.startswith("IEA") and self._is_open:
                whole = run.terminated or segment is not run.segments[-1]
                self._close(segment.split(separator), whole=whole)

    def demand_end(self, tail: bytes) -> None:
        """Raise NotWhole where the stream, which ends in `tail`, has more to come."""
        # An ISA that cannot be read although bytes followed it stays so, whatever else comes.
        is_hopeless = self._number is None and not self.ended
        if is_hopeless or (self._number is not None and not self._is_open and not self._begins_again(tail)):
            return
        if self._is_contradicted:
            raise NotWhole(SightingState.BROKEN_OFF, "the IEA at its end is not that of its ISA (IEA02 and ISA13 differ)")
        if self.error:
            raise NotWhole(SightingState.BROKEN_OFF, f"it cannot be read to its IEA: {self.error}")
        raise NotWhole(SightingState.BROKEN_OFF, "it ends before the IEA that closes its last ISA")

    def _begins_again(self, tail: bytes) -> bool:
        """Whether the first bytes of another ISA are the last that came."""
        rest = tail[tail.rfind(self._terminator) + 1 :].lstrip(BLANKS)
        return bool(rest) and (b"ISA".startswith(rest) or (rest.startswith(b"ISA") and not rest[3:4].isalnum()))

    def _close(self, elements: list[str], *, whole: bool) -> None:
        if elements[0] != "IEA":
            return
        if not self._number:
            self._is_open = not whole  # an ISA without a number is closed by any IEA
            return
        number = get_element(elements, 2).strip()
        # Without a terminator a digit may be missing, so that 1 could be the beginning of 10.
        self._is_open = number != self._number and not (whole and _is_same_number(number, self._number))
        self._is_contradicted = self._is_open and whole


def _is_same_number(one: str, other: str) -> bool:
    return one.isdecimal() and other.isdecimal() and one.lstrip("0") == other.lstrip("0")


def _ends_in_directory(tail: bytes, size_bytes: int) -> bool:
    """Whether a zip's end record is there, whole, and right behind the directory it speaks of."""
    at = tail.rfind(_ZIP_END)
    if at < 0 or len(tail) - at < _ZIP_END_BYTES:
        return False
    directory_bytes, directory_at, comment_bytes = struct.unpack("<LLH", tail[at + 12 : at + _ZIP_END_BYTES])
    position = size_bytes - len(tail) + at
    is_placed = bool(directory_at == _ZIP_ELSEWHERE or directory_at + directory_bytes == position)
    return is_placed and bool(len(tail) - at >= _ZIP_END_BYTES + comment_bytes)


class _Unpacking:
    """Follows a gzip stream to its check sum, keeping nothing of it."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)
        self._is_given_up = False
        self._unpacked_bytes = 0

    @property
    def is_whole(self) -> bool:
        """Whether it ends where a member does; True as well where it is damaged or too large to be followed."""
        self._flush()
        return self._is_given_up or self._stream.eof

    def note(self, chunk: bytes) -> None:
        """Pass a chunk of the packed bytes."""
        try:
            while chunk and not self._is_given_up:
                chunk = self._unpack(chunk)
        except zlib.error:
            self._is_given_up = True

    def _flush(self) -> None:
        """What was taken in already may still be on its way out, and the end is behind it."""
        try:
            while not self._is_given_up and not self._stream.eof and self._stream.decompress(b"", _PIECE_BYTES):
                pass
        except zlib.error:
            self._is_given_up = True

    def _unpack(self, chunk: bytes) -> bytes:
        if self._stream.eof:
            if not chunk.startswith(GZIP_START):
                self._is_given_up = True
                return b""
            self._stream = zlib.decompressobj(wbits=31)
        self._unpacked_bytes += len(self._stream.decompress(chunk, _PIECE_BYTES))
        self._is_given_up = self._unpacked_bytes > _UNPACKED_BYTES_MAX
        return self._stream.unconsumed_tail or self._stream.unused_data
