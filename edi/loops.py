"""Loops as they were read: their segments, where these stood, and the loops in them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from edi.plans import LoopPlan
from edi.segments import Delimiters

_ANY = Delimiters()


class Loop(msgspec.Struct, gc=False):
    """One loop as it was read: its segments (lists of elements, tag first, composites raw), where they stood, its inner loops.

    `strays` are segments that came while it was open and belong nowhere, as (position, elements). The rest is the reader's:
    raw segments are split when somebody asks for them, and positions are listed only where they are not one after another.
    """

    id: str
    known: Sequence[list[str]] = ()
    placed: Sequence[int] = ()
    loops: list["Loop"] = []
    strays: Sequence[tuple[int, list[str]]] = ()
    raw: list[str] = []
    first: int = 0
    plan: LoopPlan | None = None
    delimiters: Delimiters = _ANY
    block: re.Match[str] | None = None
    shape: Sequence[int] = ()
    inner: dict[int, int] = {}
    group: int = 0

    @property
    def segments(self) -> Sequence[list[str]]:
        """The segments, each a list of elements with the tag first."""
        known = self.known
        if len(known) < len(self.raw):
            separator = self.delimiters.element
            known = self.known = [*known, *[raw.split(separator) for raw in self.raw[len(known) :]]]
        return known

    @property
    def positions(self) -> Sequence[int]:
        """Where the segments stood, counted from ST = 1."""
        return self.placed or range(self.first, self.first + len(self.raw))

    @property
    def end(self) -> int:
        """Where the last segment of this loop and of the loops in it stood; 0 where there is none."""
        own = self.placed[-1] if self.placed else self.first + len(self.raw) - 1
        return max(own, self.loops[-1].end) if self.loops else own

    @property
    def texts(self) -> tuple[str, ...]:
        """The raw segments of each tag of the loop in the order of the spec, each with its terminator; "" where there is none."""
        if self.block is not None:
            found, plan = self.block.groups(), self.plan
            assert plan is not None
            if plan.width == len(plan.tags):
                return found if len(found) == plan.width else found[self.group : self.group + plan.width]
        return self._gather_texts()

    def _gather_texts(self) -> tuple[str, ...]:
        assert self.plan is not None, "only a loop that was read has texts"
        slots, end = self.plan.slots, self.delimiters.segment
        texts: list[list[str]] = [[] for _ in slots]
        for raw, elements in zip(self.raw, self.segments, strict=True):
            if elements[0] in slots:
                texts[slots[elements[0]]].append(raw + end)
        return tuple(map("".join, texts))

    def find(self, tag: str, e1: str | None = None) -> list[str] | None:
        """The first segment of this tag (and first element), or None."""
        return next((s for s in self.segments if s[0] == tag and (e1 is None or (len(s) > 1 and s[1] == e1))), None)

    def all(self, tag: str, e1: str | None = None) -> list[list[str]]:
        """Every segment of this tag (and first element)."""
        return [s for s in self.segments if s[0] == tag and (e1 is None or (len(s) > 1 and s[1] == e1))]

    def child(self, id: str) -> "Loop | None":
        """The first inner loop of this id, or None."""
        return next((loop for loop in self.loops if loop.id == id), None)

    def children(self, id: str) -> "list[Loop]":
        """Every inner loop of this id."""
        return [loop for loop in self.loops if loop.id == id]


class Unit(NamedTuple):
    """A streamed loop as it closes, with the loops still open around it, outermost first."""

    loop: Loop
    parents: tuple[Loop, ...]
