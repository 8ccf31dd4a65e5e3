"""X12 as JSON Lines and back: a line for each interchange, group, set and document, so that a file of any size streams.

Lines are objects of one key, which says what they are: interchange, acknowledgment (TA1), group, set, then the documents of
the set under the name of their type in snake case (submission_head, claim, remittance …). Trailers are implied. A set that is
not read here, or that is wanted so, stands as `segments`: lists of elements, tag first, ST to the last before SE.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec

from edi.catalogue import TRANSACTIONS, find_transaction, refuse
from edi.claims import Document
from edi.findings import Finding, Unwritable
from edi.headers import GroupHeader, InterchangeHeader, write_gs, write_isa
from edi.interchange import Reader, TransactionSet
from edi.parts import Transaction
from edi.segments import Delimiters
from edi.tools.repunctuation import carry_over, repunctuate
from edi.transactions.ta1 import InterchangeAcknowledgment, write_ta1

LINE_BYTES_MAX = 64 * 1024 * 1024
"""A longer line is not one of ours: the greatest claim is a hundredth of it."""
_SEGMENTS_A_LINE = 500
_T = TypeVar("_T")
_QUOTED = re.compile(r"'.*'", re.DOTALL)
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class SetLine(Document, frozen=True, kw_only=True):
    """What a `set` line says; `transaction` is its name in the catalogue, '' where it stands as segments.

    `version` is ST03, '' where the set leaves it to its group (GS08).
    """

    code: str
    st_control_number: str
    version: str = ""
    transaction: str = ""


class Complaint(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong in a file or is not in the JSON; `set_ordinal` 0 for the envelope, `is_loss` if it got lost."""

    message: str
    set_ordinal: int = 0
    st_control_number: str = ""
    finding: Finding | None = None
    is_wrong: bool = True
    is_loss: bool = False


class JsonLinesError(ValueError):
    """A line that cannot become X12; `line` counts from 1, and the message holds no value of it."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")
        self.line = line


def name_kind(document: type[Document]) -> str:
    """The key of a document's lines: its type in snake case."""
    return _CAPITAL.sub("_", document.__name__).lower()


class JsonLines:
    """The lines of a file of X12; `complaints` are complete once `lines` is exhausted.

    `as_segments` has every set stand as its segments, read or not: then nothing of any set can get lost.
    """

    def __init__(self, reader: Reader, *, as_segments: bool = False) -> None:
        self.complaints: list[Complaint] = []
        self._reader = reader
        self._as_segments = as_segments
        self._at = 0
        self._told_of_it = (False, 0, 0)
        self._findings_told = 0

    def lines(self) -> Iterator[bytes]:
        """One JSON document a line. Raises EdiError where the bytes cannot be read as X12."""
        for tset in self._reader:
            yield from self._envelope_lines()
            yield from self._set_lines(tset)
        yield from self._envelope_lines()
        if self._reader.service_count:
            message = f"{self._reader.service_count} segments of interchange services (ISB, ISE, TA3) are not in the JSON"
            self.complaints.append(Complaint(message=message, is_loss=True))

    def _envelope_lines(self) -> Iterator[bytes]:
        """What of the envelope was passed and not yet said: interchanges, their TA1s, their groups."""
        for interchange in self._reader.interchanges[self._at :]:
            is_begun, acknowledgments, groups = self._told_of_it
            if not is_begun:
                yield _encode("interchange", interchange.header)
            for acknowledgment in interchange.acknowledgments[acknowledgments:]:
                yield _encode("acknowledgment", acknowledgment)
            for group in interchange.groups[groups:]:
                yield _encode("group", group.header)
            is_last = interchange is self._reader.interchanges[-1]
            self._at += not is_last
            self._told_of_it = (is_last, len(interchange.acknowledgments), len(interchange.groups)) if is_last else (False, 0, 0)
        for finding in self._reader.findings[self._findings_told :]:
            self.complaints.append(Complaint(message=finding.message, finding=finding))
        self._findings_told = len(self._reader.findings)

    def _set_lines(self, tset: TransactionSet) -> Iterator[bytes]:
        transaction = find_transaction(tset)
        if transaction is None:
            self._complain(tset, f"{refuse(tset).message}; it is carried as its segments", is_loss=False)
        if transaction is None or self._as_segments:
            yield _encode("set", _say_set(tset))
            yield from _segment_lines(tset)
        else:
            yield from self._document_lines(tset, transaction)
        self.complaints += complaints_of(tset)

    def _document_lines(self, tset: TransactionSet, transaction: Transaction) -> Iterator[bytes]:
        yield _encode("set", _say_set(tset, transaction.name))
        for part in transaction.read_parts(tset):
            if part.document is None:
                where = f"segments {part.first_position} to {part.last_position}"
                self._complain(tset, f"{where} make no document and are not in the JSON", is_loss=True)
            else:
                yield _encode(name_kind(type(part.document)), part.document)
        if tset.unread:
            places = ", ".join(f"{position} {tag}".strip() for position, tag in tset.unread[:20])
            more = f" and {len(tset.unread) - 20} more" if len(tset.unread) > 20 else ""
            self._complain(tset, f"these segments fit nowhere and may not be in the JSON: {places}{more}", is_loss=True)

    def _complain(self, tset: TransactionSet, message: str, *, is_loss: bool) -> None:
        number = tset.st_control_number
        self.complaints.append(
            Complaint(message=message, set_ordinal=tset.ordinal, st_control_number=number, is_wrong=is_loss, is_loss=is_loss)
        )


def _say_set(tset: TransactionSet, transaction: str = "") -> SetLine:
    number = tset.st_control_number
    return SetLine(code=tset.code, version=tset.st_version, st_control_number=number, transaction=transaction)


def complaints_of(tset: TransactionSet) -> list[Complaint]:
    """The findings of a set that was read to its end, each with its set."""
    ordinal, number = tset.ordinal, tset.st_control_number
    return [Complaint(message=one.message, set_ordinal=ordinal, st_control_number=number, finding=one) for one in tset.findings]


def _segment_lines(tset: TransactionSet) -> Iterator[bytes]:
    """The set's segments without its trailer, some hundred a line."""
    separator = tset.delimiters.element
    kept: list[list[str]] = []
    for run in tset.runs():
        for segment in run:
            if segment.startswith(f"SE{separator}"):
                continue
            kept.append(segment.split(separator))
            if len(kept) == _SEGMENTS_A_LINE:
                yield _encode("segments", kept)
                kept = []
    if kept:
        yield _encode("segments", kept)


def _encode(kind: str, value: object) -> bytes:
    return b'{"%s":%s}\n' % (kind.encode(), msgspec.json.encode(value))


def write_x12(lines: Iterable[bytes], *, delimiters: Delimiters | None = None, line_end: str = "\n") -> Iterator[bytes]:
    """The X12 of JSON Lines, its trailers and counts made anew; `delimiters` None keeps those each interchange says.

    Raises JsonLinesError where a line is not what may stand there or holds what cannot be written.
    """
    cursor = _Cursor(lines)
    cursor.move()
    while cursor.kind == "interchange":
        yield from _Writing(cursor, delimiters, line_end).write_interchange()
    if cursor.kind:
        raise cursor.error(f"{cursor.kind!r} may not stand here: an interchange begins with its line, then group, set, documents")


class _Cursor:
    """The line now at hand: what it is, and its content still in JSON; `kind` is '' at the end."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = iter(lines)
        self.line = 0
        self.kind = ""
        self._content = msgspec.Raw()

    def move(self) -> None:
        """Go to the next line that is not blank."""
        for text in self._lines:
            self.line += 1
            if not text.strip():
                continue
            try:
                given = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
                raise self.error("no JSON object; every line must be one of its own") from error
            if len(given) != 1:
                raise self.error("an object of one key is expected, which says what the line is")
            ((self.kind, self._content),) = given.items()
            return
        self.kind = ""

    def read(self, type: type[_T]) -> _T:
        """The content of the line as this type; raises JsonLinesError where it is not."""
        try:
            return msgspec.json.decode(self._content, type=type)
        except UnicodeDecodeError as error:
            raise self.error("the line is not UTF-8") from error
        except RecursionError as error:
            raise self.error("loops within loops, deeper than any transaction has") from error
        except ValueError as error:  # msgspec's own, and what a struct refuses by itself, such as two equal delimiters
            raise self.error(f"this is no {self.kind}: {_QUOTED.sub('…', str(error))}") from error

    def error(self, message: str) -> JsonLinesError:
        """What is wrong with the line at hand."""
        return JsonLinesError(self.line, message)


class _Writing:
    """One interchange on its way from lines to bytes."""

    def __init__(self, cursor: _Cursor, delimiters: Delimiters | None, line_end: str) -> None:
        self._cursor = cursor
        self._header = cursor.read(InterchangeHeader)
        self._given = self._header.delimiters
        self._wanted = carry_over(delimiters, self._given) if delimiters else self._given
        self._end = self._wanted.segment + line_end

    def write_interchange(self) -> Iterator[bytes]:
        """ISA to IEA; the cursor is left at the line after it."""
        cursor = self._cursor
        yield self._envelope(lambda: write_isa(msgspec.structs.replace(self._header, delimiters=self._wanted)))
        cursor.move()
        while cursor.kind == "acknowledgment":
            elements = write_ta1(cursor.read(InterchangeAcknowledgment))
            yield self._encode([self._wanted.element.join(elements)])
            cursor.move()
        groups = 0
        while cursor.kind == "group":
            groups += 1
            yield from self._write_group()
        yield self._encode([self._wanted.element.join(("IEA", str(groups), f"{self._header.isa_control_number:09}"))])

    def _write_group(self) -> Iterator[bytes]:
        header = self._cursor.read(GroupHeader)
        yield self._envelope(lambda: write_gs(header, self._wanted))
        self._cursor.move()
        sets = 0
        while self._cursor.kind == "set":
            sets += 1
            yield from self._write_set()
        yield self._encode([self._wanted.element.join(("GE", str(sets), str(header.gs_control_number)))])

    def _write_set(self) -> Iterator[bytes]:
        line = self._cursor.read(SetLine)
        transaction = _BY_NAME.get(line.transaction)
        if line.transaction and transaction is None:
            raise self._cursor.error(f"no transaction of this name is written here; there are {', '.join(_BY_NAME)}")
        self._cursor.move()
        segments = self._take_segments(line) if transaction is None else self._write_documents(line, transaction)
        kept: list[str] = []
        try:
            for segment in segments:
                kept.append(segment)
                if len(kept) == _SEGMENTS_A_LINE:
                    yield self._encode(kept)
                    kept = []
        except Unwritable as error:
            raise self._cursor.error(f"here, or in the documents before it, {error.finding.message}") from error
        if kept:
            yield self._encode(kept)

    def _write_documents(self, line: SetLine, transaction: Transaction) -> Iterator[str]:
        try:
            yield from transaction.write_parts(
                self._take_documents(transaction),
                st_control_number=line.st_control_number,
                version=line.version,
                delimiters=self._wanted,
            )
        except Unwritable:
            raise
        except JsonLinesError:
            raise
        except (ValueError, LookupError, RecursionError) as error:
            raise self._cursor.error(f"the documents before it make no {transaction.name}: {error}") from error

    def _take_documents(self, transaction: Transaction) -> Iterator[Document]:
        kinds = {name_kind(one): one for one in transaction.documents}
        while self._cursor.kind in kinds:
            yield self._cursor.read(kinds[self._cursor.kind])
            self._cursor.move()

    def _take_segments(self, line: SetLine) -> Iterator[str]:
        count = 0
        while self._cursor.kind == "segments":
            for elements in self._cursor.read(list[list[str]]):
                count += 1
                yield repunctuate(self._given.element.join(elements), self._given, self._wanted)
            self._cursor.move()
        if not count:
            raise self._cursor.error("the set before it names no transaction and has no segments")
        yield self._wanted.element.join(("SE", str(count + 1), line.st_control_number))

    def _envelope(self, write: Callable[[], str]) -> bytes:
        try:
            return self._encode([write()])
        except Unwritable as error:
            raise self._cursor.error(error.finding.message) from error

    def _encode(self, segments: Sequence[str]) -> bytes:
        try:
            return "".join([segment + self._end for segment in segments]).encode("latin-1")
        except UnicodeEncodeError as error:
            raise self._cursor.error("here, or in the documents before it, stands a letter that X12 cannot carry") from error


_BY_NAME = {one.name: one for one in TRANSACTIONS}
