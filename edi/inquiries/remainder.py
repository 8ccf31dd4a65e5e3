"""What a document of a whole level has no field for: segments in one form whatever their file, and where they stood."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple, TypeVar

import msgspec

from edi.claims import Carried, Document
from edi.dictionary import SEGMENTS, Element
from edi.punctuation import COMPONENT, REPETITION, join
from edi.segments import Delimiters
from edi.tree import Loop
from edi.values import format_quantity, parse_quantity


class Remainder(Carried, frozen=True, kw_only=True):
    """Segments no field gives back, and how the document's segments stood when it was read.

    `order` counts the segments that the fields give from 0, and the carried ones from -1 downward. `given` is how many the
    fields gave; where they give another number now, the document was changed and the order says nothing any more.
    """

    order: tuple[int, ...] = ()
    given: int = 0


class LevelDocument(Document, frozen=True, kw_only=True):
    """A document that carries what its own fields do not say."""

    carried: Remainder | None = None


_D = TypeVar("_D", bound=LevelDocument)


class Content(msgspec.Struct):
    """A loop in its shortest form: its segments (lists of elements, tag first), where they stood, and its inner loops."""

    id: str = ""
    segments: list[list[str]] = []
    positions: list[int] = []
    loops: list["Content"] = []

    def find(self, tag: str, e1: str | None = None) -> list[str] | None:
        """The first segment of this tag (and first element), or None."""
        return next(iter(self.all(tag, e1)), None)

    def all(self, tag: str, e1: str | None = None) -> list[list[str]]:
        """Every segment of this tag (and first element)."""
        return [one for one in self.segments if one[0] == tag and (e1 is None or (len(one) > 1 and one[1] == e1))]

    def child(self, id: str) -> "Content | None":
        """The first inner loop of this id, or None."""
        return next((loop for loop in self.loops if loop.id == id), None)

    def children(self, id: str) -> "list[Content]":
        """Every inner loop of this id."""
        return [loop for loop in self.loops if loop.id == id]

    @property
    def first_position(self) -> int:
        """Where the first segment stands; 0 where there is none."""
        return min((position for position, _ in _placed(self)), default=0)

    @property
    def last_position(self) -> int:
        """Where the last segment stands; 0 where there is none."""
        return max((position for position, _ in _placed(self)), default=0)


class _Form(NamedTuple):
    """How an element is brought into its shortest form."""

    place: int
    is_number: bool
    components: tuple[bool, ...]
    repeats: bool


def normalise(loop: Loop, delimiters: Delimiters) -> Content:
    """The loop with each segment in its shortest form: numbers without needless zeros, nothing empty at an end.

    Components stand between U+E01F and repetitions between U+E01E, as in carried segments.
    """
    segments = [normalise_segment(segment, delimiters) for segment in loop.segments]
    return Content(loop.id, segments, list(loop.positions), [normalise(inner, delimiters) for inner in loop.loops])


def flatten(content: Content) -> list[list[str]]:
    """The segments of a loop and of the loops in it, in the order they stood."""
    placed = _placed(content)
    placed.sort(key=lambda one: one[0])
    return [segment for _, segment in placed]


def carry_rest(document: _D, given: Sequence[str], original: Sequence[Sequence[str]]) -> _D:
    """The document with whatever of the `original` segments its fields do not give back (`given`), and their order."""
    wanted = [join(*segment) for segment in original]
    if list(given) == wanted:
        return document
    free: defaultdict[str, list[int]] = defaultdict(list)
    for index in range(len(given) - 1, -1, -1):
        free[given[index]].append(index)
    order: list[int] = []
    rest: list[tuple[str, ...]] = []
    for text, segment in zip(wanted, original, strict=True):
        if free[text]:
            order.append(free[text].pop())
        else:
            rest.append(tuple(segment))
            order.append(-len(rest))
    carried = Remainder(segments=tuple(rest), order=tuple(order), given=len(given))
    return msgspec.structs.replace(document, carried=carried)


def lay_out(document: LevelDocument, given: Sequence[str]) -> list[str]:
    """The segments that the fields give with the carried ones among them; these come last where the document was changed."""
    carried = document.carried
    if carried is None:
        return list(given)
    rest = [join(*segment) for segment in carried.segments]
    if carried.given != len(given):
        return [*given, *rest]
    return [given[index] if index >= 0 else rest[-1 - index] for index in carried.order]


def _placed(content: Content) -> list[tuple[int, list[str]]]:
    placed = list(zip(content.positions, content.segments, strict=True))
    for inner in content.loops:
        placed += _placed(inner)
    return placed


def normalise_segment(segment: list[str], delimiters: Delimiters) -> list[str]:
    """One segment in its shortest form."""
    elements = list(segment)
    for form in _forms(segment[0]):
        if form.place < len(elements) and elements[form.place]:
            elements[form.place] = _normalise_element(elements[form.place], form, delimiters)
    while len(elements) > 1 and not elements[-1]:
        elements.pop()
    return elements


def _normalise_element(text: str, form: _Form, delimiters: Delimiters) -> str:
    repeats = text.split(delimiters.repetition) if form.repeats and delimiters.repetition else [text]
    return REPETITION.join(_normalise_repeat(repeat, form, delimiters) for repeat in repeats)


def _normalise_repeat(text: str, form: _Form, delimiters: Delimiters) -> str:
    if not form.components:
        return _shorten(text) if form.is_number else text
    parts = text.split(delimiters.component)
    numbers = (*form.components, *(False,) * len(parts))
    shortened = [_shorten(part) if is_number else part for part, is_number in zip(parts, numbers, strict=False)]
    return COMPONENT.join(shortened).rstrip(COMPONENT)


def _shorten(text: str) -> str:
    try:
        value = parse_quantity(text)
    except ValueError:
        return text
    return "" if value is None else format_quantity(value)


@cache
def _forms(tag: str) -> tuple[_Form, ...]:
    known = SEGMENTS[tag].elements if tag in SEGMENTS else ()
    forms = (
        _Form(place, _is_number(element), tuple(map(_is_number, element.components)), element.repeat > 1)
        for place, element in enumerate(known, 1)
    )
    return tuple(form for form in forms if form.is_number or form.components or form.repeats)


def _is_number(element: Element) -> bool:
    return element.type[:1] in ("R", "N")
