"""Bytes into raw segments: delimiters from each ISA, runs of segments of bounded size, exact offsets."""

import re
from collections.abc import Iterable, Iterator

import msgspec

from edi.findings import EdiError, Finding, Unwritable

SEGMENT_BYTES_MAX = 64 * 1024
"""A longer run without a terminator is not X12: the longest legal segment is a thirtieth of it."""

_PIECE_BYTES = 64 * 1024
_ISA_BYTES_MAX = 512
_BLANK = " \t\r\n"
_LINE_ENDS = "\r\n"
_BYTE_ORDER_MARK = "\xef\xbb\xbf"
_END_OF_TEXT = _BLANK + "\x1a"
_NO_REPETITION = re.compile(r"[A-Za-z0-9 ]")


class Delimiters(msgspec.Struct, frozen=True):
    """The four characters a file is punctuated with; `repetition` is '' where the version has none (ISA11 = 'U').

    Raises ValueError where two are the same or one is a letter, a digit or a space.
    """

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"

    def __post_init__(self) -> None:
        given = [self.element, self.component, self.segment] + ([self.repetition] if self.repetition else [])
        if any(len(character) != 1 or character.isalnum() or character == " " for character in given):
            raise ValueError("a delimiter is one character, not a letter, a digit or a space")
        if len(set(given)) != len(given):
            raise ValueError("the delimiters must differ from one another")


class Run(msgspec.Struct):
    """Segments that were read together, without terminators and the line ends around them.

    `offset` is where the first begins; `starts_interchange` says that the first is an ISA, whose delimiters these are;
    `terminated` is False where the stream ended within the last.
    """

    segments: list[str]
    raw: list[str]
    separator_length: int
    offset: int
    delimiters: Delimiters
    starts_interchange: bool = False
    terminated: bool = True
    known_index: int = 0
    known_length: int = 0

    def offset_at(self, index: int) -> int:
        """The byte offset of the segment's tag; worked out only when somebody asks, onward from where the last one asked."""
        if index < self.known_index:
            self.known_index, self.known_length = 0, 0
        passed = self.raw[self.known_index : index]
        self.known_length += sum(map(len, passed)) + len(passed) * self.separator_length
        self.known_index = index
        own = self.raw[index]
        return self.offset + self.known_length + len(own) - len(own.lstrip(_BLANK))


def compose(components: Iterable[str], delimiters: Delimiters) -> str:
    """A composite element of these components, trailing empty ones trimmed.

    Raises Unwritable where a component holds the component separator, which would make two of it.
    """
    values = list(components)
    for number, value in enumerate(values, 1):
        if delimiters.component in value:
            message = "a component holds the component separator"
            raise Unwritable(Finding(code="6", level="element", message=message, component=number, value=value[:99]))
    return delimiters.component.join(values).rstrip(delimiters.component)


def read_segments(chunks: Iterable[bytes]) -> Iterator[Run]:
    """The segments of a stream of interchanges, run by run; memory is bounded by one piece and one segment.

    Raises EdiError where the stream does not begin with an ISA, an ISA cannot be read, or no terminator comes in 64 KiB.
    """
    source = _Source(chunks)
    source.skip_lead()
    while source.fill():
        if _is_isa(source.text):
            source.read_isa()
        run = source.take_run()
        if run is not None:
            yield run


class _Source:
    """The unread text, where it begins in the stream, and the delimiters now in force."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.pieces = _decode_pieces(chunks)
        self.text = ""
        self.offset = 0
        self.ended = False
        self.delimiters = Delimiters()
        self.separator = "~"
        self.at_isa = False
        self.starved = False

    def more(self) -> bool:
        """Take one more piece; False at the end of the stream."""
        piece = next(self.pieces, None)
        if piece is None:
            self.ended = True
            return False
        self.text += piece
        return True

    def drop(self, count: int) -> None:
        self.text = self.text[count:]
        self.offset += count

    def skip_lead(self) -> None:
        """Pass a byte order mark and blank lines; anything else before ISA is not ours to read."""
        while len(self.text) < 4 and self.more():
            if self.offset == 0 and self.text.startswith(_BYTE_ORDER_MARK):
                self.drop(len(_BYTE_ORDER_MARK))
            if self.offset or not _BYTE_ORDER_MARK.startswith(self.text):
                self.drop(len(self.text) - len(self.text.lstrip(_BLANK)))
        if not self.text:
            raise EdiError("nothing but blanks", self.offset)
        if not _is_isa(self.text):
            raise EdiError("does not begin with an ISA segment", self.offset)

    def fill(self) -> bool:
        """Bring in text to work on, from the start of a segment; False when all of it has been handed over."""
        if (self.starved or len(self.text) < 4) and not self.ended:
            self.more()
        self.starved = False
        self.drop(len(self.text) - len(self.text.lstrip(_BLANK)))
        return not self.ended or bool(self.text.strip(_END_OF_TEXT))

    def read_isa(self) -> None:
        """Take the delimiters from the ISA at the head of the text, which may be of any width."""
        while not (match := _match_isa(self.text)):
            if len(self.text) > _ISA_BYTES_MAX:
                raise EdiError("ISA without sixteen elements", self.offset)
            if not self.more():
                raise EdiError("the stream ends within the ISA", self.offset + len(self.text))
        elements, terminator, line_end = match
        repetition = "" if _NO_REPETITION.match(elements[11]) else elements[11][:1]
        try:
            self.delimiters = Delimiters(self.text[3], elements[16], repetition, terminator)
        except ValueError as error:
            raise EdiError(f"ISA declares delimiters that cannot be: {error}", self.offset) from error
        self.separator = terminator + line_end
        self.at_isa = True

    def take_run(self) -> Run | None:
        """All whole segments of the text, up to the next ISA; the rest of the text at the end of the stream."""
        cut = self.text.rfind(self.delimiters.segment) + 1
        if cut == 0 and self.ended:
            return self.take_unterminated()
        if cut == 0:
            if len(self.text) > SEGMENT_BYTES_MAX:
                raise EdiError("no segment terminator in 64 KiB", self.offset)
            self.starved = True
            return None
        cut = self._find_next_isa(cut) or cut
        line_end = self.separator[1:]
        if line_end and self.text.startswith(line_end, cut):
            cut += len(line_end)
        return self.split(self.text[:cut])

    def _find_next_isa(self, end: int) -> int:
        """After which terminator another interchange begins; 0 where none does: no text is looked at for each of many."""
        if self.text.find("ISA", 1, end) < 0:
            return 0
        found = re.compile(re.escape(self.delimiters.segment) + r"(?=\s*ISA[^A-Za-z0-9\s])").search(self.text, 1, end)
        return found.end() if found else 0

    def split(self, body: str) -> Run | None:
        """One run of the body, which ends with a terminator; cut short where another ISA begins."""
        terminator, separator = self.delimiters.segment, self.separator
        raw = segments = body.split(separator)
        last = segments.pop()
        if last or not _is_uniform(body, terminator, separator, len(segments)):
            separator = terminator
            raw = _join_blank_lines(body.split(terminator)[:-1], terminator)
            segments = [segment.lstrip(_BLANK).rstrip(_LINE_ENDS) for segment in raw]
        end = _find_isa(segments) if body.find("ISA", 1) > 0 else 0
        if end:
            raw, segments = raw[:end], segments[:end]
        run = Run(segments, raw, len(separator), self.offset, self.delimiters, self.at_isa)
        self.drop(sum(map(len, raw)) + len(raw) * len(separator) if end else len(body))
        self.starved = not end
        if not raw:
            return None
        self.at_isa = False
        if len(raw[0]) > SEGMENT_BYTES_MAX:
            raise EdiError("no segment terminator in 64 KiB", run.offset)
        return run

    def take_unterminated(self) -> Run | None:
        """What is left when the stream ends within a segment."""
        rest, offset = self.text, self.offset
        self.drop(len(rest))
        if not rest.strip(_END_OF_TEXT):
            return None
        segment = rest.lstrip(_BLANK).rstrip(_END_OF_TEXT)
        run = Run([segment], [rest], 1, offset, self.delimiters, self.at_isa, terminated=False)
        self.at_isa = False
        return run


def _decode_pieces(chunks: Iterable[bytes]) -> Iterator[str]:
    """One character a byte, so that offsets are exact and nothing is lost; large chunks in pieces."""
    for chunk in chunks:
        for start in range(0, len(chunk), _PIECE_BYTES):
            yield chunk[start : start + _PIECE_BYTES].decode("latin-1")


def _is_isa(text: str) -> bool:
    return text.startswith("ISA") and len(text) > 3 and not text[3].isalnum() and text[3] not in _BLANK


def _find_isa(segments: list[str]) -> int:
    """The index of the first ISA after the first segment, or 0."""
    return next((index for index, segment in enumerate(segments) if index and segment[:3] == "ISA" and _is_isa(segment)), 0)


def _match_isa(text: str) -> tuple[list[str], str, str] | None:
    """The elements of an ISA, its terminator and the line end after it; None where the text is too short to tell."""
    elements = text[:_ISA_BYTES_MAX].split(text[3], 16)
    if len(elements) < 17 or len(elements[16]) < 2:
        return None
    tail = elements[16]
    line_end = re.match(r"[\r\n]*", tail[2:])
    assert line_end is not None
    return [*elements[:16], tail[0]], tail[1], line_end.group()


def _join_blank_lines(raw: list[str], terminator: str) -> list[str]:
    """Where the terminator is a line end, blank lines are no segments: each goes before the segment that follows it."""
    if terminator not in _LINE_ENDS:
        return raw
    joined: list[str] = []
    blank = ""
    for segment in raw:
        if segment.strip(_BLANK):
            joined.append(blank + segment)
            blank = ""
        else:
            blank += segment + terminator
    return joined


def _is_uniform(body: str, terminator: str, separator: str, segments: int) -> bool:
    """Whether each of the segments ends in the same separator and no line end or blank stands anywhere else around one.

    To look for one character is far cheaper than to look for two.
    """
    line_end = separator[1:]
    return (
        (not line_end or body.count(terminator) == segments)
        and all(
            body.count(other) == segments * line_end.count(other) if other in line_end else other not in body
            for other in _LINE_ENDS
            if other != terminator
        )
        and not any(blank in body and separator + blank in body for blank in " \t")
        and body[0] not in _BLANK
        and (terminator not in _LINE_ENDS or separator + terminator not in body)
    )
