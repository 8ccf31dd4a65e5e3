"""Segments and a spec into loops and findings, loop by loop, so that a set of any size streams; and back into segments."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from edi.check import make_finding
from edi.dictionary import SEGMENTS
from edi.findings import Finding, Unwritable
from edi.grammar import Grammar, LoopPlan, Move, Place, RuleSet, definition_of, get_grammar
from edi.interchange import TransactionSet
from edi.segments import Delimiters
from edi.spec import MANY, R, TransactionSpec

_STRAYS_MAX = 1_000


class Loop(msgspec.Struct, gc=False):
    """One loop as it was read: its segments (lists of elements, tag first, composites raw), where they stood, its inner loops.

    `strays` are segments that came while it was open and belong nowhere, as (position, elements).
    """

    id: str
    segments: list[list[str]] = []
    positions: list[int] = []
    loops: list["Loop"] = []
    strays: list[tuple[int, list[str]]] = []
    shape: list[int] = []

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


def read(spec: TransactionSpec, tset: TransactionSet) -> Iterator[Unit]:
    """Each loop named in spec.stream as it closes, the root last; findings and strays are added to the set as they are met.

    A streamed loop is not kept by its parent, nor is a closed loop that held streamed ones.
    """
    return _Reading(get_grammar(spec), tset).read_units()


def write(spec: TransactionSpec, root: Loop, delimiters: Delimiters) -> list[str]:
    """The raw segments of a set in the order of the spec, strays after what their loop holds; SE is computed.

    Raises Unwritable where a value holds a delimiter or a character that cannot be sent, ValueError where the spec has no
    such loop or segment.
    """
    grammar = get_grammar(spec)
    segments: list[str] = []
    _Writing(grammar, grammar.rules(delimiters), segments).write_loop(grammar.root, root)
    start = root.find("ST")
    number = start[2] if start and len(start) > 2 else ""
    segments.append(delimiters.element.join(("SE", str(len(segments) + 1), number)))
    return segments


class _Reading:
    """One set being read: the loops now open, innermost last."""

    def __init__(self, grammar: Grammar, tset: TransactionSet) -> None:
        self.grammar = grammar
        self.tset = tset
        self.rules: RuleSet = grammar.rules(tset.delimiters)
        self.component = tset.delimiters.component
        self.root = Loop("")
        self.stack = [self.root]
        self.plans = [grammar.root]
        self.position = 0
        self.hl_number = 0

    def read_units(self) -> Iterator[Unit]:
        """The loop over all segments; whatever is not plain is left to the other methods."""
        separator, matchers = self.tset.delimiters.element, self.rules.matchers
        key_index, stack = self.grammar.key_index, self.stack
        place = self.grammar.root.trigger
        moves, position = place.moves, 0
        keep, keep_position, keep_place = self._keepers()
        for run in self.tset.runs():
            for raw in run:
                position += 1
                elements = raw.split(separator)
                tag = elements[0]
                try:
                    index = key_index[tag]
                    move = moves[f"{tag}*{elements[index]}" if index > 0 else tag if not index else self._composite_key(elements)]
                except (KeyError, IndexError):
                    self.position = position
                    found = self._find_move(place, elements)
                    if found is None:
                        self._keep_stray(elements)
                        continue
                    move = found
                place = move.place
                probe = place.note_probes.get(len(elements))
                if not matchers[place.index](raw) or (probe is not None and "" in probe(elements)):
                    self.position = position
                    self._explain(place, elements)
                if not move.is_inside:
                    self.position = position
                    for _ in range(move.pops):
                        closed = self._close()
                        if closed is not None:
                            yield closed
                    self._enter(move, elements)
                    keep, keep_position, keep_place = self._keepers()
                keep(elements)
                keep_position(position)
                keep_place(place.index)
                moves = place.moves
        self.position = position
        while stack:
            closed = self._close()
            if closed is not None:
                yield closed

    def _keepers(self) -> tuple[Callable[[list[str]], None], Callable[[int], None], Callable[[int], None]]:
        """How the innermost open loop takes a segment, its position and its place."""
        loop = self.stack[-1]
        return loop.segments.append, loop.positions.append, loop.shape.append

    def _composite_key(self, elements: list[str]) -> str:
        return self.grammar.move_key(elements, self.component)

    def _find_move(self, origin: Place, elements: list[str]) -> Move | None:
        if self.position == 1:
            # The set's own first segment, whatever it says: the envelope found it to be ST.
            return Move(origin, 0, ())
        found = self.grammar.find_move(origin, elements, self.component)
        return found or self._find_open_slot(origin, elements[0])

    def _find_open_slot(self, origin: Place, tag: str) -> Move | None:
        """For a wrong qualifier: the first place of that tag with room left, one that must be filled before others."""
        if tag not in self.grammar.tags:
            return None
        free = [move for move in self.grammar.forward_moves(origin, tag) if self._has_room(move)]
        needed = [move for move in free if (move.opens[0] if move.opens else move.place).spec.usage == R]
        return next(iter(needed or free), None)

    def _has_room(self, move: Move) -> bool:
        target = move.opens[0] if move.opens else move.place
        shape = self.stack[-1 - move.pops].shape
        count = shape.count(move.opens[0].trigger.index if move.opens else move.place.index)
        return target.spec.repeat == MANY or count < target.spec.repeat

    def _keep_stray(self, elements: list[str]) -> None:
        tag = elements[0]
        known = tag in SEGMENTS
        message = "this segment may not stand here" if known else "no such segment"
        shown = tag if tag.isalnum() and tag.isascii() and len(tag) <= 3 else ""
        self._add_segment_finding("2" if known else "1", message, shown, self.position)
        self.tset.add_unread(self.position, shown)
        if len(self.stack[-1].strays) < _STRAYS_MAX:
            self.stack[-1].strays.append((self.position, elements))

    def _explain(self, place: Place, elements: list[str]) -> None:
        if self.tset.is_full:
            return
        definition = definition_of(place)
        for fault in self.rules.rule(place).explain(elements):
            self.tset.add_finding(make_finding(fault, place.spec.tag, self.position, place.loop.id, definition))

    def _enter(self, move: Move, elements: list[str]) -> None:
        """Open the loops of a move, saying so where one lacks its first segment or occurs too often."""
        if move.is_late:
            self._add_segment_finding("7", "out of sequence", move.place.spec.tag, self.position, move.place.loop.id)
        for number, plan in enumerate(move.opens):
            index, repeat = plan.trigger.index, plan.spec.repeat
            shape = self.stack[-1].shape
            if repeat != MANY and shape.count(index) >= repeat:
                self._add_segment_finding("4", f"more than {repeat} of this loop", plan.trigger.spec.tag, self.position, plan.id)
            elif repeat != MANY or not shape or shape[-1] != index:
                shape.append(index)
            inner = Loop(plan.id)
            self.stack.append(inner)
            self.plans.append(plan)
            if number < move.skipped:
                self._add_segment_finding("3", "required segment missing", plan.trigger.spec.tag, self.position, plan.id)
                inner.shape.append(index)
        if move.opens and move.opens[-1].is_hl:
            self._check_hl(elements, move.place)

    def _close(self) -> Unit | None:
        loop, plan = self.stack.pop(), self.plans.pop()
        if tuple(loop.shape) not in plan.sound:
            self._judge(plan, loop)
        if plan.is_hl:
            self._check_hl_flag(plan, loop)
        if plan.is_streamed or not self.stack:
            return Unit(loop, tuple(self.stack))
        if not plan.is_detached:
            self.stack[-1].loops.append(loop)
        return None

    def _judge(self, plan: LoopPlan, loop: Loop) -> None:
        """Report what the closed loop lacks, after the last segment before the gap, and what it has too many of."""
        if self.tset.is_full:
            return
        own = {item.index: item.order for item in plan.items if isinstance(item, Place)}
        placed = list(zip([index for index in loop.shape if index in own], loop.positions, strict=False))
        for code, place, occurrence in plan.judge(loop.shape):
            tag, loop_id = place.spec.tag, place.loop.id
            if code == "5":
                # A loop opened by a segment that is not its first has a gap where that one should stand.
                own_positions = [position for index, position in placed if index == place.index]
                position = own_positions[min(occurrence, len(own_positions) - 1)] if own_positions else self.position
                self._add_segment_finding(code, f"more than {occurrence} of this segment", tag, position, loop_id)
                continue
            order = place.order if place.loop is plan else place.loop.order
            before = [position for index, position in placed if own[index] < order]
            what = "required loop missing" if code == "I7" else "required segment missing"
            self._add_segment_finding(code, what, tag, max(before, default=max(self.position - 1, 1)), loop_id)

    def _check_hl(self, elements: list[str], place: Place) -> None:
        """HL01 counts from 1 in the set; HL02 names the level around it."""
        number, parent = ([*elements, "", ""])[1:3]
        self.hl_number += 1
        if number != str(self.hl_number):
            self._add_hl_finding(place, 1, number, f"the next level is number {self.hl_number}")
            if number.isdecimal() and number.isascii() and len(number) <= 12:
                self.hl_number = int(number)
        outer = next((loop.segments[0] for loop in self.stack[-2::-1] if loop.segments and loop.segments[0][0] == "HL"), None)
        expected = ([*outer, ""])[1] if outer else ""
        if parent != expected:
            self._add_hl_finding(place, 2, parent, "the number of the level this one stands in")

    def _check_hl_flag(self, plan: LoopPlan, loop: Loop) -> None:
        """HL04 says whether levels follow inside this one."""
        if not loop.segments or loop.segments[0][0] != "HL":
            return
        expected = "1" if plan.hl_children.intersection(loop.shape) else "0"
        given = ([*loop.segments[0], "", "", "", ""])[4]
        if given in ("0", "1") and given != expected:
            self._add_hl_finding(plan.trigger, 4, given, "1 where levels follow inside this one, else 0", loop.positions[0])

    def _add_hl_finding(self, place: Place, element: int, value: str, hint: str, position: int = 0) -> None:
        self.tset.add_finding(
            Finding(
                code="7",
                level="element",
                message=f"HL{element:02} is not what the order of the levels says: {hint}",
                segment="HL",
                position=position or self.position,
                loop=place.loop.id,
                element=element,
                value=value[:99],
            )
        )

    def _add_segment_finding(self, code: str, message: str, tag: str, position: int, loop: str | None = None) -> None:
        loop = self.plans[-1].id if loop is None else loop
        self.tset.add_finding(Finding(code=code, level="segment", message=message, segment=tag, position=position, loop=loop))


class _Writing:
    """One set being written: loops in, raw segments out."""

    def __init__(self, grammar: Grammar, rules: RuleSet, segments: list[str]) -> None:
        self.grammar = grammar
        self.rules = rules
        self.segments = segments
        self.delimiters = rules.delimiters

    def write_loop(self, plan: LoopPlan, loop: Loop) -> None:
        """The loop's segments and inner loops in the order of the spec, then its strays."""
        items: list[tuple[int, int, Place | LoopPlan, list[str] | Loop]] = []
        for elements in loop.segments:
            place = self._find_place(plan, elements)
            if place.spec.tag != "SE":
                items.append((place.order, len(items), place, elements))
        for inner in loop.loops:
            child = next((item for item in plan.items if isinstance(item, LoopPlan) and item.id == inner.id), None)
            if child is None:
                raise ValueError(f"loop {plan.id or 'root'} of {self.grammar.spec.code} holds no loop {inner.id}")
            items.append((child.order, len(items), child, inner))
        items.sort(key=lambda item: item[:2])
        for _, _, target, content in items:
            if isinstance(target, LoopPlan):
                assert isinstance(content, Loop)
                self.write_loop(target, content)
            else:
                assert isinstance(content, list)
                self._write_segment(target, content)
        self.segments.extend(self.delimiters.element.join(elements) for _, elements in loop.strays)

    def _find_place(self, plan: LoopPlan, elements: list[str]) -> Place:
        """Where in this loop the segment goes: by qualifier, else by tag alone."""
        places = [item for item in plan.items if isinstance(item, Place) and item.spec.tag == elements[0]]
        if len(places) > 1:
            key = self.grammar.move_key(elements, self.delimiters.component).partition("*")[2]
            places = [place for place in places if place.accepts({place.key_index: key})] or places
        if not places:
            raise ValueError(f"loop {plan.id or 'root'} of {self.grammar.spec.code} holds no segment {elements[0]}")
        return places[0]

    def _write_segment(self, place: Place, elements: Sequence[str]) -> None:
        separator = self.delimiters.element
        text = separator.join(elements)
        if text.count(separator) != len(elements) - 1 or not self.rules.matchers[place.index](text):
            fault = self.rules.rule(place).find_unwritable(elements)
            if fault is not None:
                raise Unwritable(make_finding(fault, place.spec.tag, len(self.segments) + 1, place.loop.id, definition_of(place)))
        self.segments.append(text.rstrip(separator))
