"""A stream of X12 with its patient data replaced: same structure, lengths, delimiters, line ends and money; same findings."""

import re
from collections.abc import Iterable, Iterator

from edi.dictionary import Element
from edi.segments import Delimiters, Run, read_segments
from edi.tools.mask_rules import (
    KEPT_REFERENCES,
    KEPT_ROLES,
    KEPT_SEGMENTS,
    OWN_QUALIFIERS,
    RESET,
    TAX_NUMBERS,
    Rule,
    find_elements,
    get_rule,
)
from edi.tools.pseudonyms import Pseudonyms
from edi.values import find_date

_BLANK = " \t\r\n\x1a\x00"
_BYTE_ORDER_MARK = "\xef\xbb\xbf"
_PIECE_BYTES = 64 * 1024
_CODE_LENGTH_MAX = 15
_WORD_LENGTH_MAX = 4
_CACHE_MAX = 100_000
_DAYS = re.compile(r"[0-9]+(-[0-9]+)?")
_NUMBER = re.compile(r"-?[0-9]*\.?[0-9]*")
_ELEMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{1,2}[0-9]{2}(-[0-9]{1,2})?|SITUATIONAL TRIGGER")
_TAG = re.compile(r"[A-Za-z0-9]{2,3}")


def mask(chunks: Iterable[bytes], pseudonyms: Pseudonyms) -> Iterator[bytes]:
    """The bytes of a masked copy, piece by piece. Raises EdiError where the bytes cannot be read as X12."""
    copy = _Copy(chunks)
    masker = Masker(pseudonyms)
    for run in read_segments(copy.pass_on()):
        lead = copy.take(run.offset)
        body = copy.take(run.offset + _length_of(run))
        yield (_keep_blank(lead) + _mask_run(run, body, masker)).encode("latin-1")
    yield _keep_blank(copy.take_rest()).encode("latin-1")


class _Copy:
    """The text of a stream that another reads, kept until it is taken, so that what stands between segments is not lost."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._kept: list[str] = []
        self._offset = 0

    def pass_on(self) -> Iterator[bytes]:
        """The chunks, each kept as it goes by, in pieces small enough to be worked on."""
        for chunk in self._chunks:
            for start in range(0, len(chunk), _PIECE_BYTES):
                piece = chunk[start : start + _PIECE_BYTES]
                self._kept.append(piece.decode("latin-1"))
                yield piece

    def take(self, end: int) -> str:
        """The text up to this offset of the stream."""
        count = end - self._offset
        kept = "".join(self._kept)
        taken, self._kept = kept[:count], [kept[count:]]
        self._offset += len(taken)
        return taken

    def take_rest(self) -> str:
        """What no segment was made of."""
        return self.take(self._offset + sum(map(len, self._kept)))


def _length_of(run: Run) -> int:
    separators = len(run.raw) if run.terminated else len(run.raw) - 1
    return sum(map(len, run.raw)) + separators * run.separator_length


def _keep_blank(text: str) -> str:
    """Line ends, blanks and a byte order mark; of anything else nobody knows what it says."""
    return text if not text.removeprefix(_BYTE_ORDER_MARK).strip(_BLANK) else ""


def _mask_run(run: Run, body: str, masker: "Masker") -> str:
    """The run's text with each segment masked where it stands."""
    if run.raw == run.segments:
        separator = body[len(run.raw[0]) :][: run.separator_length]
        masked = separator.join([masker.mask_segment(segment, run.delimiters) for segment in run.segments])
        return masked + body[len(masked) :]
    pieces: list[str] = []
    at = 0
    for raw, segment in zip(run.raw, run.segments, strict=True):
        start = at + raw.index(segment)
        pieces += (body[at:start], masker.mask_segment(segment, run.delimiters))
        at = min(at + len(raw) + run.separator_length, len(body))
        pieces.append(body[start + len(segment) : at])
    return "".join(pieces)


class Masker:
    """Masks segments one after another, knowing which party was named last."""

    def __init__(self, pseudonyms: Pseudonyms) -> None:
        self._pseudonyms = pseudonyms
        self._is_kept_party = False
        self._plans: dict[str, tuple[Element, ...]] = {}
        self._rules: dict[tuple[str, int], Rule] = {}
        self._masked: dict[tuple[str, int, str], str] = {}
        self._delimiters = Delimiters()

    def mask_segment(self, segment: str, delimiters: Delimiters) -> str:
        """The segment, tag first, under the same delimiters."""
        elements = segment.split(delimiters.element)
        tag = elements[0]
        if delimiters is not self._delimiters:
            self._delimiters = delimiters
            self._masked.clear()
        if tag == "ISA":
            return self._mask_isa(elements, delimiters)
        if tag in KEPT_SEGMENTS:
            return segment
        if tag == "GS" and len(elements) > 4:
            elements[4] = self._pseudonyms.shift_date(elements[4])
            return delimiters.element.join(elements)
        definitions = self._find_elements(tag)
        self._note_party(tag, elements)
        if not _TAG.fullmatch(tag):
            return self._pseudonyms.replace(segment)
        for index in range(1, len(elements)):
            if elements[index]:
                definition = definitions[index - 1] if index <= len(definitions) else None
                elements[index] = self._mask_element(elements, index, definition, delimiters)
        return delimiters.element.join(elements)

    def _note_party(self, tag: str, elements: list[str]) -> None:
        if tag in ("NM1", "N1"):
            self._is_kept_party = len(elements) > 1 and elements[1] in KEPT_ROLES
        elif tag in RESET or not self._find_elements(tag):
            # What is not known here may name somebody, so that an address after it is not of the party before.
            self._is_kept_party = False

    def _find_elements(self, tag: str) -> tuple[Element, ...]:
        found = self._plans.get(tag)
        if found is None:
            found = self._plans[tag] = find_elements(tag)
        return found

    def _mask_element(self, elements: list[str], index: int, definition: Element | None, delimiters: Delimiters) -> str:
        tag, value = elements[0], elements[index]
        rule = self._find_rule(tag, index, definition)
        if rule is Rule.PARTY:
            return value if self._is_kept_party else self._pseudonyms.replace(value)
        if rule is Rule.IDENTIFIER:
            return value if self._is_kept_number(elements[index - 1]) else self._pseudonyms.replace(value)
        if rule is Rule.REFERENCE:
            return self._mask_reference(elements[1], value, definition, delimiters)
        masked = self._masked.get((tag, index, value))
        if masked is None:
            masked = self._mask_alone(value, definition, rule, delimiters)
            if len(self._masked) < _CACHE_MAX:
                self._masked[tag, index, value] = masked
        return masked

    def _mask_alone(self, value: str, definition: Element | None, rule: Rule, delimiters: Delimiters) -> str:
        """An element whose rule asks for nothing around it."""
        if rule is Rule.KEEP and (definition is None or not definition.components):
            return self._keep(value, definition, delimiters)
        if rule is Rule.DATE:
            return self._move(value)
        if definition is None:
            return self._move(value) if find_date(value) else self._pseudonyms.replace(value)
        if definition.components or rule is Rule.CONTEXT:
            return self._mask_repeats(value, definition, rule, delimiters)
        return self._pseudonyms.replace(value)

    def _find_rule(self, tag: str, index: int, definition: Element | None) -> Rule:
        known = self._rules.get((tag, index))
        if known is None:
            known = self._rules[tag, index] = get_rule(tag, index, definition)
        return known

    def _is_kept_number(self, qualifier: str) -> bool:
        return qualifier == "XX" or (self._is_kept_party and qualifier not in OWN_QUALIFIERS)

    def _keep(self, value: str, definition: Element | None, delimiters: Delimiters) -> str:
        """The value, if it is what its definition says: what is no code, number or time may be anything."""
        repeats = value.split(delimiters.repetition) if delimiters.repetition else [value]
        if all(_is_as_defined(one, definition) for one in repeats):
            return value
        return self._pseudonyms.replace(value)

    def _move(self, value: str) -> str:
        """Each day of a date, a period or a point in time; what is none of these is masked as text."""
        if not _DAYS.fullmatch(value):
            return self._pseudonyms.replace(value)
        return "-".join(self._move_day(part) for part in value.split("-"))

    def _move_day(self, text: str) -> str:
        if len(text) in (10, 12, 14):
            return self._pseudonyms.shift_date(text[:8]) + text[8:]
        return self._pseudonyms.shift_date(text)

    def _mask_reference(self, qualifier: str, value: str, definition: Element | None, delimiters: Delimiters) -> str:
        if definition is None or not definition.components:
            is_kept = qualifier in KEPT_REFERENCES and (self._is_kept_party or qualifier not in TAX_NUMBERS)
            return value if is_kept else self._pseudonyms.replace(value)
        parts = value.split(delimiters.component)
        for place in range(1, len(parts), 2):
            if parts[place - 1] not in KEPT_REFERENCES:
                parts[place] = self._pseudonyms.replace(parts[place])
        for place in range(0, len(parts), 2):
            parts[place] = parts[place] if len(parts[place]) <= 3 else self._pseudonyms.replace(parts[place])
        return delimiters.component.join(parts)

    def _mask_repeats(self, value: str, definition: Element, rule: Rule, delimiters: Delimiters) -> str:
        repeats = value.split(delimiters.repetition) if delimiters.repetition else [value]
        masked = [self._mask_composite(one.split(delimiters.component), definition, rule) for one in repeats]
        return delimiters.repetition.join(delimiters.component.join(parts) for parts in masked)

    def _mask_composite(self, parts: list[str], definition: Element, rule: Rule) -> list[str]:
        if rule is Rule.CONTEXT:
            name = parts[0] if _ELEMENT_NAME.fullmatch(parts[0]) else self._pseudonyms.replace(parts[0])
            return [name, *map(self._pseudonyms.replace, parts[1:])]
        for place, part in enumerate(parts):
            known = definition.components[place] if place < len(definition.components) else None
            parts[place] = self._mask_component(part, known) if part else part
        return parts

    def _mask_component(self, value: str, definition: Element | None) -> str:
        rule = get_rule("", 0, definition)
        if rule is Rule.DATE:
            return self._move(value)
        if rule is Rule.KEEP and _is_as_defined(value, definition):
            return value
        return self._pseudonyms.replace(value)

    def _mask_isa(self, elements: list[str], delimiters: Delimiters) -> str:
        """ISA names no patient, but may hold a password; its date moves with the others."""
        for index in (2, 4, *range(17, len(elements))):
            elements[index : index + 1] = [self._pseudonyms.replace(one) for one in elements[index : index + 1]]
        elements[9:10] = [self._pseudonyms.shift_date(one) for one in elements[9:10]]
        return delimiters.element.join(elements)


def _is_as_defined(value: str, definition: Element | None) -> bool:
    if definition is None:
        return len(value) <= (_CODE_LENGTH_MAX if value.isdecimal() else _WORD_LENGTH_MAX)
    if definition.type[:1] in ("R", "N"):
        return _NUMBER.fullmatch(value) is not None and len(value) <= definition.max + 2
    if definition.type == "TM":
        return value.isascii() and value.isdecimal() and len(value) <= definition.max
    return len(value) <= definition.max
