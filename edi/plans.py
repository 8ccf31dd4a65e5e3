"""A spec's places and loops as the grammar walks them: what each holds, and what is already known of where it leads."""

import sys
from collections.abc import Sequence
from itertools import groupby, takewhile
from typing import NamedTuple

from edi.check import find_note_probes
from edi.spec import MANY, LoopSpec, R, SegmentSpec

_SHAPE_LENGTH_MAX = 64
_SHAPES_MAX = 4_096


class Place:
    """One segment's place in the spec, with the moves that lead on from it (filled in as they are found)."""

    __slots__ = (
        "codes", "dead_ends", "detours", "forward", "headless", "index", "is_trigger", "key_index", "loop", "moves",
        "note_probes", "order", "spec",
    )  # fmt: skip

    def __init__(self, index: int, spec: SegmentSpec, loop: "LoopPlan", order: int) -> None:
        self.index = index
        self.spec = spec
        self.loop = loop
        self.order = order
        self.is_trigger = order == 0
        self.key_index = spec.qualifier
        self.codes = dict(spec.elements).get(self.key_index, ())
        self.note_probes = find_note_probes(spec.tag)
        self.moves: dict[str, Move] = {}
        self.detours: dict[str, Move] = {}
        self.headless: dict[str, list[Move]] = {}
        self.dead_ends: set[str] = set()
        self.forward: dict[str, list[Move]] = {}

    def tell_by(self, index: int) -> None:
        """Where the element that tells other places of this tag is not used here, its absence tells this one."""
        if not self.key_index and dict(self.spec.elements).get(index) == ("",):
            self.key_index, self.codes = index, ("",)

    def accepts(self, keys: dict[int, str]) -> bool:
        """Whether a segment of this tag belongs here by its qualifier; `keys` are its possible qualifiers by element."""
        return not self.key_index or keys.get(self.key_index, "") in self.codes

    def overlaps(self, other: "Place") -> bool:
        """Whether some segment could stand in both places."""
        if self.spec.tag != other.spec.tag:
            return False
        is_told = self.key_index and self.key_index == other.key_index
        return not is_told or not set(self.codes).isdisjoint(other.codes)


class LoopPlan:
    """One loop of the spec: its items in order, and the shapes (sequences of places) already found to be sound."""

    __slots__ = (
        "depth", "exits", "followers", "hl_children", "id", "is_detached", "is_hl", "is_serial", "is_simple", "is_streamed",
        "items", "most", "needed", "needs_levels", "needs_more", "needs_tail", "number", "order", "parent", "riders", "slots",
        "sound", "spec", "tags", "trigger", "unsound", "width",
    )  # fmt: skip

    def __init__(self, spec: LoopSpec, parent: "LoopPlan | None", order: int, number: int) -> None:
        self.spec = spec
        self.id = spec.id
        self.parent = parent
        self.order = order
        self.number = number
        self.depth: int = parent.depth + 1 if parent else 0
        self.items: list[Place | LoopPlan] = []
        self.trigger: Place
        self.most = spec.repeat if spec.repeat != MANY else sys.maxsize
        self.riders: tuple[Rider, ...] = ()
        self.followers: tuple[LoopPlan, ...] = ()
        self.width = 0
        self.needed: frozenset[int] = frozenset()
        self.tags: tuple[str, ...] = ()
        self.slots: dict[str, int] = {}
        self.exits: dict[str, Move] = {}
        self.sound: set[tuple[tuple[int, ...], tuple[int, ...]]] = set()
        self.unsound: dict[tuple[tuple[int, ...], tuple[int, ...]], list[tuple[str, Place, int]]] = {}
        self.is_streamed = False
        self.is_detached = False
        self.is_serial = False
        self.is_simple = False
        self.is_hl = spec.trigger.tag == "HL"
        self.hl_children: frozenset[int] = frozenset()
        self.needs_levels = False
        self.needs_more = False
        self.needs_tail = False

    @property
    def own(self) -> list[Place]:
        """The places of this loop's own segments, in order."""
        return [item for item in self.items if isinstance(item, Place)]

    @property
    def leading(self) -> list[Place]:
        """The places of this loop's own segments before the first loop in it."""
        return list(takewhile(lambda item: isinstance(item, Place), self.items))  # type: ignore[arg-type]

    def runs(self) -> list[tuple[str, list[Place]]]:
        """The leading places, neighbours of one tag together."""
        return [(tag, list(places)) for tag, places in groupby(self.leading, key=lambda place: place.spec.tag)]

    def find_riders(self) -> "tuple[LoopPlan, ...]":
        """The first inner loops, as far as they hold no loops themselves and their first segment alone tells each of them.

        Read in the order of the spec, once each at most, they may be taken together with the loop's own segments: whatever
        segment comes first in one of them could stand nowhere else.
        """
        before, found = self.leading, []
        for item in self.items[len(before) :]:
            if not isinstance(item, LoopPlan) or item.is_streamed or item.is_hl or len(item.own) < len(item.items):
                break
            if any(one.overlaps(item.trigger) for one in before):
                break
            found.append(item)
            before = [*before, *item.own]
        return tuple(found)

    def find_followers(self) -> "tuple[LoopPlan, ...]":
        """The inner loops that may come next after the riders, as far as their first segment alone tells each of them."""
        riders = [rider.plan for rider in self.riders]
        before, found = [*self.leading, *(place for rider in riders for place in rider.own)], []
        for item in self.items[len(self.leading) + len(riders) :]:
            first = item.trigger if isinstance(item, LoopPlan) else item
            if isinstance(item, LoopPlan):
                if item.is_hl or any(one.overlaps(first) for one in before):
                    break
                found.append(item)
            before.append(first)
        return tuple(found)

    def judge(self, shape: Sequence[int], inner: Sequence[int]) -> list[tuple[str, Place, int]]:
        """What is missing or too many in a loop of these own places and opened loops: (IK304 code, place, which occurrence)."""
        key = (tuple(shape), tuple(inner))
        if key in self.unsound:
            return self.unsound[key]
        problems: list[tuple[str, Place, int]] = []
        for item in self.items:
            if isinstance(item, LoopPlan):
                if item.spec.usage == R and item.trigger.index not in inner:
                    problems.append(("I7", item.trigger, 0))
                continue
            count = shape.count(item.index)
            if not count and item.spec.usage == R and item.spec.tag != "SE":
                problems.append(("3", item, 0))
            elif item.spec.repeat != MANY and count > item.spec.repeat:
                problems.append(("5", item, item.spec.repeat))
        if len(shape) <= _SHAPE_LENGTH_MAX and not problems and len(self.sound) < _SHAPES_MAX:
            self.sound.add(key)
        elif len(shape) <= _SHAPE_LENGTH_MAX and problems and len(self.unsound) < _SHAPES_MAX:
            self.unsound[key] = problems
        return problems


class Rider(NamedTuple):
    """A loop that is taken together with the one around it, and which groups of their common pattern are its own."""

    plan: LoopPlan
    first: int
    last: int


class Move:
    """How to get from one place to another: loops to close, loops to open; `skipped` of those lack their first segment.

    `is_telling`: the segment alone says that it stands in this loop, be it the first of its kind or another. `is_aside`: a late
    segment goes to the outer loop it belongs to, and the inner ones stay open around it.
    """

    __slots__ = ("is_aside", "is_inside", "is_late", "is_telling", "opens", "place", "pops", "skipped")

    def __init__(
        self, place: Place, pops: int, opens: tuple[LoopPlan, ...], *, is_late: bool = False, is_headless: bool = False
    ) -> None:
        self.place = place
        self.pops = pops
        self.opens = opens
        self.skipped = len(opens) if is_headless else max(len(opens) - 1, 0)
        self.is_late = is_late
        self.is_telling = False
        self.is_aside = False
        self.is_inside = not (pops or opens or is_late)

    def set_aside(self) -> "Move":
        """This move of a late segment without closing any loop."""
        move = Move(self.place, self.pops, self.opens, is_late=True)
        move.is_aside = True
        return move
