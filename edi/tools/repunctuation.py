"""Raw segments from one punctuation into another, without a spec: nothing is read into them, so nothing can be lost."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import msgspec

from edi.dictionary import SEGMENTS, Element
from edi.findings import Finding, Unwritable
from edi.segments import Delimiters, read_segments
from edi.values import format_quantity, parse_quantity


def rewrite(chunks: Iterable[bytes], *, delimiters: Delimiters | None = None, line_end: str = "\n") -> Iterator[bytes]:
    """A stream of X12 in its shortest form, segment by segment; `delimiters` None keeps those of each interchange.

    Raises EdiError where the bytes cannot be read as X12, Unwritable, with the offset, as `repunctuate` does.
    """
    for run in read_segments(chunks):
        wanted = carry_over(delimiters, run.delimiters) if delimiters else run.delimiters
        end = wanted.segment + line_end
        written: list[str] = []
        for index, segment in enumerate(run.segments):
            try:
                written.append(repunctuate(shorten(segment, run.delimiters), run.delimiters, wanted) + end)
            except Unwritable as error:
                raise Unwritable(msgspec.structs.replace(error.finding, offset=run.offset_at(index))) from error
        yield "".join(written).encode("latin-1")


def repunctuate(segment: str, given: Delimiters, wanted: Delimiters) -> str:
    """The same segment with other delimiters; an ISA tells of them in ISA11 and ISA16.

    Raises Unwritable where a value holds one of the wanted delimiters as a letter of its own.
    """
    if given == wanted:
        return segment
    if segment[:3] == "ISA":
        return _repunctuate_isa(segment, given, wanted)
    swaps, letters = _swaps(given, wanted)
    if letters and not letters.isdisjoint(segment):
        raise Unwritable(_locate(segment, given, letters))
    return segment.translate(swaps)


def carry_over(wanted: Delimiters, given: Delimiters) -> Delimiters:
    """The wanted delimiters for an interchange punctuated with the given ones: one without repetitions stays without."""
    if given.repetition:
        return wanted
    return Delimiters(wanted.element, wanted.component, "", wanted.segment)


def shorten(segment: str, delimiters: Delimiters) -> str:
    """The segment in its shortest form: numbers without needless zeros, no empty elements at the end."""
    if segment[:3] == "ISA":
        return segment
    elements = segment.split(delimiters.element)
    for index, element in _numeric_elements(elements[0]):
        if index < len(elements) and elements[index]:
            elements[index] = _shorten_element(elements[index], element, delimiters)
    trimmed = [element.rstrip(delimiters.component) for element in elements]
    return delimiters.element.join(trimmed).rstrip(delimiters.element)


def _repunctuate_isa(segment: str, given: Delimiters, wanted: Delimiters) -> str:
    elements = segment.split(given.element)
    held = set(wanted.element + wanted.segment)
    if any(not held.isdisjoint(element) for element in elements[:16]):
        raise Unwritable(Finding(code="022", level="interchange", message="a value of the ISA holds a delimiter", segment="ISA"))
    if given.repetition and len(elements) > 11:
        elements[11] = wanted.repetition
    if len(elements) > 16:
        elements[16] = wanted.component
    return wanted.element.join(elements)


@lru_cache(maxsize=64)
def _swaps(given: Delimiters, wanted: Delimiters) -> tuple[dict[int, str], frozenset[str]]:
    """The letters to exchange, and those of the wanted delimiters that may not stand in a value."""
    pairs = [(given.element, wanted.element), (given.component, wanted.component)]
    if given.repetition:
        pairs.append((given.repetition, wanted.repetition))
    old = {one for one, _ in pairs}
    letters = frozenset(wanted.element + wanted.component + wanted.repetition + wanted.segment) - old
    return {ord(one): other for one, other in pairs}, letters


def _locate(segment: str, given: Delimiters, letters: frozenset[str]) -> Finding:
    tag, _, _ = segment.partition(given.element)
    before = next(place for place, letter in enumerate(segment) if letter in letters)
    element = segment[:before].count(given.element)
    message = f"{tag}{element:02} holds one of the wanted delimiters as a letter of its value: choose another"
    return Finding(code="6", level="element", message=message, segment=tag, element=element)


@lru_cache(maxsize=512)
def _numeric_elements(tag: str) -> Sequence[tuple[int, Element]]:
    """The elements of a segment that are decimal numbers, or composites that hold one."""
    known = SEGMENTS.get(tag)
    elements = enumerate(known.elements, 1) if known else ()
    return [(index, one) for index, one in elements if one.type == "R" or any(part.type == "R" for part in one.components)]


def _shorten_element(text: str, element: Element, delimiters: Delimiters) -> str:
    if element.type == "R":
        return _shorten_number(text)
    if delimiters.repetition and delimiters.repetition in text:
        return text
    parts = text.split(delimiters.component)
    for index, part in enumerate(element.components[: len(parts)]):
        if part.type == "R" and parts[index]:
            parts[index] = _shorten_number(parts[index])
    return delimiters.component.join(parts)


def _shorten_number(text: str) -> str:
    try:
        value = parse_quantity(text)
    except ValueError:
        return text
    return text if value is None else format_quantity(value)
