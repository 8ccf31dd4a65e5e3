"""What no field of a document names: taken along when a loop is read, put back in its place when it is written."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest

from edi.claims.loop_fields import Segments
from edi.dictionary import SEGMENTS
from edi.documents import Carried, CarriedLoop
from edi.punctuation import COMPONENT, ELEMENT, REPETITION, compose, join
from edi.segments import Delimiters
from edi.tree import Loop

SEGMENT_ORDER = {
    "head": ("ST", "BHT", "REF"),
    "level": ("HL", "PRV", "SBR", "CUR", "PAT"),
    "party": ("NM1", "PRV", "N3", "N4", "DMG", "DTP", "REF", "PER"),
    "2300": (*("CLM", "DTP", "CL1", "DN1", "DN2", "PWK", "CN1", "AMT", "REF", "K3", "NTE", "CR1", "CR2", "CRC", "HI", "HCP"),),
    "2320": ("SBR", "CAS", "AMT", "OI", "MIA", "MOA"),
    "2400": (
        *("LX", "SV1", "SV2", "SV3", "TOO", "SV5", "PWK", "CR1", "CR3", "CRC", "DTP", "QTY", "MEA", "CN1", "REF", "AMT"),
        *("K3", "NTE", "PS1", "HCP"),
    ),
    "2410": ("LIN", "CTP", "REF"),
    "2430": ("SVD", "CAS", "DTP", "AMT"),
    "2440": ("LQ", "FRM"),
}
"""The order of the segments in the loops a document is made of, for the three 837s at once."""

_RANKS = {loop: {tag: place for place, tag in enumerate(tags)} for loop, tags in SEGMENT_ORDER.items()}
_COMPOSITES = {
    tag: tuple(place for place, element in enumerate(segment.elements, 1) if element.components)
    for tag, segment in SEGMENTS.items()
    if any(element.components for element in segment.elements)
}


_REPLACED = frozenset(("LX", "BHT"))
"""Segments of which there is one: what is carried of it stands for what fields say."""


class Carrier:
    """Makes what is carried of one set independent of the delimiters of its file."""

    def __init__(self, delimiters: Delimiters) -> None:
        self._component = delimiters.component
        self._repetition = delimiters.repetition

    def keep(self, place: str, segments: Segments, loops: Iterable[Loop] = ()) -> Carried | None:
        """The segments, in the order of the guide, and the loops; None where there are none."""
        carried_loops = tuple([self.keep_loop(loop) for loop in loops])
        if not segments and not carried_loops:
            return None
        ranks = _RANKS[place]
        ordered = sorted(segments, key=lambda segment: ranks.get(segment[0], len(ranks)))
        return Carried(segments=tuple(map(self.keep_segment, ordered)), loops=carried_loops)

    def keep_loop(self, loop: Loop) -> CarriedLoop:
        """A loop as it stands."""
        segments = tuple(map(self.keep_segment, loop.segments))
        return CarriedLoop(loop=loop.id, segments=segments, loops=tuple(map(self.keep_loop, loop.loops)))

    def keep_segment(self, segment: list[str]) -> tuple[str, ...]:
        """A segment with the separators inside its composites made independent of the file."""
        elements = list(segment)
        for place in _COMPOSITES.get(segment[0], ()):
            if place < len(elements):
                elements[place] = elements[place].replace(self._component, COMPONENT)
                if self._repetition:
                    elements[place] = elements[place].replace(self._repetition, REPETITION)
        while elements and not elements[-1]:
            elements.pop()
        return tuple(elements)


def find_surplus(segment: list[str], named: frozenset[int]) -> list[str] | None:
    """The segment with only the elements that no field names; None where there are none."""
    left = [element if place not in named else "" for place, element in enumerate(segment)]
    left[0] = segment[0]
    return left if any(left[1:]) else None


def put_in_order(place: str, segments: list[str], carried: Carried | None) -> list[str]:
    """The segments, and the carried ones among them, in the order of the guide."""
    both = list(segments)
    if carried is not None and carried.segments:
        for one in carried.segments:
            put_among(both, one)
    ranks = _RANKS[place]
    both.sort(key=lambda segment: ranks.get(segment.partition(ELEMENT)[0], len(ranks)))
    return both


def put_among(segments: list[str], carried: Sequence[str]) -> None:
    """A segment of its own, or the elements that fields do not name of one that is there."""
    tag = carried[0]
    for place, segment in enumerate(segments):
        elements = segment.split(ELEMENT)
        if elements[0] == tag and (tag in _REPLACED or _is_free(elements, carried)):
            merged = [*elements, *[""] * (len(carried) - len(elements))]
            for index, value in enumerate(carried):
                merged[index] = _merge(merged[index], value)
            segments[place] = join(*merged)
            return
    segments.append(join(*carried))


def _is_free(elements: Sequence[str], carried: Sequence[str]) -> bool:
    """Whether a segment has room for all these elements of another one."""
    pairs = zip(elements[1:], carried[1:], strict=False)
    return not any(mine and other and not other.startswith(COMPONENT) for mine, other in pairs)


def _merge(mine: str, carried: str) -> str:
    """An element with what is carried of it: all of it, or only the components that fields do not name."""
    if not carried.startswith(COMPONENT):
        return carried or mine
    pairs = zip_longest(mine.split(COMPONENT), carried.split(COMPONENT), fillvalue="")
    return compose(*[one or other for one, other in pairs])


def find_long(segment: list[str], place: int, count: int, component: str) -> list[str] | None:
    """The segment with only the components of one element beyond the first `count`; None where there are none."""
    parts = segment[place].split(component) if len(segment) > place else []
    return [segment[0], *[""] * (place - 1), component * count + component.join(parts[count:])] if any(parts[count:]) else None


def write_loop(loop: CarriedLoop) -> Iterator[str]:
    """The segments of a carried loop and of the loops in it."""
    for segment in loop.segments:
        yield join(*segment)
    for inner in loop.loops:
        yield from write_loop(inner)


def loops_of(carried: Carried | None, loop: str) -> list[CarriedLoop]:
    """The carried loops of this id."""
    return [one for one in carried.loops if one.loop == loop] if carried else []


def write_loops(carried: Carried | None, loop: str) -> Iterator[str]:
    """The segments of the carried loops of this id."""
    for one in loops_of(carried, loop):
        yield from write_loop(one)
