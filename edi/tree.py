"""Segments and a spec into loops and findings, loop by loop, so that a set of any size streams."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from edi.check import find_wrong_qualifier, make_finding
from edi.dictionary import SEGMENTS
from edi.findings import Finding
from edi.grammar import Grammar, RuleSet, definition_of, get_grammar
from edi.headers import get_element
from edi.interchange import TransactionSet
from edi.level_numbers import LevelNumbers, make_level_finding
from edi.lookahead import AHEAD_MAX, LOOKS_MAX, find_best
from edi.loops import Loop, Unit
from edi.plans import LoopPlan, Move, Place
from edi.spec import MANY, R, TransactionSpec

__all__ = ["Loop", "Unit", "read", "tags_of"]

_STRAYS_MAX = 1_000
_COUNTED_MAX = 256
_GAPS_KEPT = 64
_GAPS_LENGTH_MAX = 16


def read(spec: TransactionSpec, tset: TransactionSet) -> Iterator[Unit]:
    """Each loop named in spec.stream as it closes, the root last; findings and strays are added to the set as they are met.

    A streamed loop is not kept by its parent, nor is a closed loop that held streamed ones.
    """
    return _Reading(get_grammar(spec), tset).read_units()


def tags_of(spec: TransactionSpec, loop_id: str) -> tuple[str, ...]:
    """The tags whose texts the loops of this id have, in order; raises StopIteration where the spec has no such loop."""
    return next(plan.tags for plan in get_grammar(spec).plans if plan.id == loop_id)


class _Reading:
    """One set being read: the loops now open, innermost last."""

    def __init__(self, grammar: Grammar, tset: TransactionSet) -> None:
        self.grammar = grammar
        self.tset = tset
        self.rules: RuleSet = grammar.rules(tset.delimiters)
        self.delimiters = tset.delimiters
        self.component = tset.delimiters.component
        self.terminator = tset.delimiters.segment
        self.root = self._new_loop(grammar.root)
        self.stack = [self.root]
        self.plans = [grammar.root]
        self.position = 0
        self.levels = LevelNumbers()
        self.guesses: dict[int, tuple[str, ...]] = {}
        self.looks = 0

    def read_units(self) -> Iterator[Unit]:
        """The loop over all segments; whatever is not plain is left to the other methods.

        A loop whose own segments are as the spec has them is taken as one block of text, the next segment to be looked at
        is the one after it. Otherwise each segment is matched by itself, with the moves that lead on from the one before.
        """
        separator, terminator = self.tset.delimiters.element, self.tset.delimiters.segment
        key_index, blocks, matchers = self.grammar.key_index, self.rules.blocks, self.rules.matchers
        place: Place | None = self.grammar.root.trigger
        moves, base = self.grammar.root.trigger.moves, 1
        for run in self.tset.runs():
            text = terminator.join(run) + terminator
            index, offset, end = 0, 0, len(run)
            while index < end:
                raw = run[index]
                elements = raw.split(separator)
                tag = elements[0]
                try:
                    at = key_index[tag]
                    move = moves[f"{tag}*{elements[at]}" if at > 0 else tag if not at else self._composite_key(elements)]
                except (KeyError, IndexError):
                    self.position = base + index
                    place = place or self._take_apart(self.stack[-1])
                    moves = place.moves
                    found = self._find_move(place, elements, run[index + 1 : index + 1 + AHEAD_MAX])
                    if found is None or found.is_aside:
                        self._keep_aside(found, raw, elements)
                        index, offset = index + 1, offset + len(raw) + 1
                        continue
                    move = found
                if not move.is_inside:
                    self.position = base + index
                    if self.plans[-1].needs_more and len(self.stack[-1].raw) == 1 and self.stack[-1].raw[0] == raw:
                        # A loop's first segment twice on end, word for word, is one too many and begins no second loop.
                        place = self.plans[-1].trigger
                        self._keep(raw, elements, base + index, place)
                        moves, index, offset = place.moves, index + 1, offset + len(raw) + 1
                        continue
                    for _ in range(move.pops):
                        closed = self._close()
                        if closed is not None:
                            yield closed
                    self._enter(move, elements)
                    block = blocks[move.place.loop.number](text, offset) if move.opens else None
                    if block is not None:
                        index, offset = self._take_blocks(block, run, text, index, offset)
                        place, moves = None, self.plans[-1].exits
                        continue
                place = move.place
                probe = place.note_probes.get(len(elements))
                if not matchers[place.index](raw) or (probe is not None and "" in probe(elements)):
                    self.position = base + index
                    self._explain(place, elements)
                self._keep(raw, elements, base + index, place)
                moves = place.moves
                index, offset = index + 1, offset + len(raw) + 1
            base += end
        self.position = base - 1
        while self.stack:
            closed = self._close()
            if closed is not None:
                yield closed

    def _new_loop(self, plan: LoopPlan) -> Loop:
        return Loop(plan.id, (), (), [], (), [], 0, plan, self.delimiters)

    def _take_blocks(self, block: "re.Match[str]", run: list[str], text: str, index: int, offset: int) -> tuple[int, int]:
        """The innermost open loop's own segments at once, and what follows it likewise; where they end in the run and text."""
        stack, plans, end, base, blocks = self.stack, self.plans, self.terminator, self.position - index, self.rules.blocks
        loop, plan = stack[-1], plans[-1]
        following: re.Match[str] | None = block
        while following is not None:
            block = following
            past = index + text.count(end, offset, block.end(plan.width))
            loop.block, loop.raw, loop.first = block, run[index:past], base + index
            index, offset, following = past, block.end(), None
            if block.lastindex != plan.width:
                index = self._take_riders(block, run, text, index, base)
            if plans[-1].is_serial:
                return self._take_series(run, text, index, offset, base)
            for follower in plan.followers:
                following = blocks[follower.number](text, offset)
                if following is not None:
                    if plans[-1] is not plan:
                        # The last of the riders is over.
                        loop.loops.append(stack.pop())
                        plans.pop()
                    loop.inner[follower.trigger.index] = 1
                    loop, plan = Loop(follower.id, (), (), [], (), [], 0, follower, self.delimiters), follower
                    stack.append(loop)
                    plans.append(plan)
                    break
        return index, offset

    def _take_riders(self, block: "re.Match[str]", run: list[str], text: str, index: int, base: int) -> int:
        """The loops that ride with the innermost open one; the last of them stays open. Where they end in the run."""
        around = self.stack[-1]
        for plan, first, last in self.plans[-1].riders:
            start = block.start(first)
            if start < 0:
                continue
            past = index + text.count(self.terminator, start, block.end(last))
            raw = run[index:past]
            # In the order of the fields: by name this would take longer.
            loop = Loop(plan.id, (), (), [], (), raw, base + index, plan, self.delimiters, block, (), {}, first - 1)
            around.inner[plan.trigger.index] = 1
            around.loops.append(loop)
            index = past
            if last == block.lastindex:
                self.stack.append(around.loops.pop())
                self.plans.append(plan)
                break
        return index

    def _take_series(self, run: list[str], text: str, index: int, offset: int, base: int) -> tuple[int, int]:
        """The loops of one kind that follow the innermost open one without loops in them; where they end in the run and text."""
        plan, end, delimiters, around, loop = self.plans[-1], self.terminator, self.delimiters, self.stack[-2], self.stack[-1]
        take, before = self.rules.blocks[plan.number], around.inner[plan.trigger.index]
        count = before
        block = take(text, offset) if count < plan.most else None
        while block is not None:
            stop = block.end()
            past = index + text.count(end, offset, stop)
            around.loops.append(loop)
            loop = Loop(plan.id, (), (), [], (), run[index:past], base + index, plan, delimiters, block)
            index, offset, count = past, stop, count + 1
            block = take(text, offset) if count < plan.most else None
        if count > before:
            self.stack[-1], around.inner[plan.trigger.index] = loop, count
        return index, offset

    def _take_apart(self, loop: Loop) -> Place:
        """The place of the last segment of a loop that was taken as a block, now that it must be known segment by segment."""
        assert loop.plan is not None
        places = self.grammar.place_all(loop.plan, loop.segments, self.component)
        loop.shape = [place.index for place in places]
        loop.block = None
        return places[-1]

    def _keep(self, raw: str, elements: list[str], position: int, place: Place, pops: int = 0) -> None:
        """Let the innermost open loop, or one further out, have a segment."""
        loop = self.stack[-1 - pops]
        if loop.block is not None:
            self._take_apart(loop)
        if not loop.raw:
            loop.first, loop.shape = position, [*loop.shape]
        elif loop.placed or position != loop.first + len(loop.raw):
            loop.placed = [*loop.positions] if not loop.placed else loop.placed
            loop.placed.append(position)  # type: ignore[attr-defined]
        if not loop.raw:
            loop.known = [elements]
        elif len(loop.known) == len(loop.raw):
            loop.known.append(elements)  # type: ignore[attr-defined]
        loop.raw.append(raw)
        loop.shape.append(place.index)  # type: ignore[attr-defined]

    def _composite_key(self, elements: list[str]) -> str:
        return self.grammar.move_key(elements, self.component)

    def _find_move(self, origin: Place, elements: list[str], ahead: list[str]) -> Move | None:
        if self.position == 1:
            # The set's own first segment, whatever it says: the envelope found it to be ST.
            return Move(origin, 0, ())
        found = self.grammar.find_move(origin, elements, self.component)
        if found is None or found.is_late or found.skipped:
            usual = self._find_headless(origin, elements, found) or found or self._find_open_slot(origin, elements)
            return self._choose(origin, elements, usual, ahead)
        self.grammar.keep_exit(origin.loop, found, elements, self.component)
        return found

    def _choose(self, origin: Place, elements: list[str], usual: Move | None, ahead: list[str]) -> Move | None:
        """The usual reading of a segment out of place, unless another leaves less to tell of the segments after it."""
        if elements[0] not in self.grammar.tags or self.looks >= LOOKS_MAX or self.tset.is_full:
            return usual
        late = self.grammar.find_move(origin, elements, self.component)
        if usual and not usual.skipped and not usual.pops and (late is None or self._has_room(usual)):
            return usual
        self.looks += 1
        moves = self._list_readings(origin, elements, usual, late)
        following = [raw.split(self.tset.delimiters.element) for raw in ahead]
        chosen = find_best(self.grammar, origin, moves, following, self.component)
        if chosen is not usual:
            self.guesses.pop(self.position, None)
        return chosen

    def _list_readings(self, origin: Place, elements: list[str], usual: Move | None, late: Move | None) -> list[Move | None]:
        """The best first if nothing else tells them apart; a late segment needs to close nothing; None: nowhere."""
        headless = self.grammar.headless_moves(origin, elements, self.component)
        others = [move for move in headless if move is not usual and self._has_room(move)]
        if late is None or not late.is_late:
            return [usual, *others]
        if not late.pops:
            return [*others, usual]
        aside = late.set_aside()
        return [aside, usual, *others] if usual is late else [usual, aside, *others]

    def _find_headless(self, origin: Place, elements: list[str], late: Move | None) -> Move | None:
        """Into a loop whose first segment is missing, unless the segment merely stands too late in its own."""
        if elements[0] not in self.grammar.tags:
            return None
        if late and late.is_late and self._has_room(late) and (not late.pops or late.place.spec.usage == R):
            return None
        for move in self.grammar.headless_moves(origin, elements, self.component):
            plan = move.opens[0]
            is_needed = plan.spec.usage == R and plan.trigger.index not in self.stack[-1 - move.pops].inner
            if is_needed or (move.is_telling and self._has_room(move)):
                return move
        return None

    def _find_open_slot(self, origin: Place, elements: list[str]) -> Move | None:
        """For a wrong qualifier: the place of that tag with room left that fits best, one that must be filled before others."""
        tag = elements[0]
        if tag not in self.grammar.tags:
            return None
        free = [move for move in self.grammar.forward_moves(origin, tag) if self._has_room(move)]
        if not free or self.tset.is_full:
            return next(iter(free), None)
        found = min(free, key=lambda move: self._rank(move, elements))
        if tag in self.grammar.ambiguous:
            self.guesses[self.position] = _list_codes(move for move in free if move.pops == found.pops)
        return found

    def _rank(self, move: Move, elements: list[str]) -> tuple[int, bool, bool]:
        """How ill a segment fits where a move leads: its faults there, whether nothing is missing there, whether there is one."""
        has_one = self._count(move, self.stack[-1 - move.pops]) > 0
        return len(self.rules.find_faults(move.place, elements)), has_one or self._target(move).spec.usage != R, has_one

    def _target(self, move: Move) -> LoopPlan | Place:
        return move.opens[0] if move.opens else move.place

    def _has_room(self, move: Move) -> bool:
        return self._fits(move, self.stack[-1 - move.pops])

    def _fits(self, move: Move, loop: Loop) -> bool:
        """Whether the loop that a move leads to has room for one more of these."""
        repeat = self._target(move).spec.repeat
        return repeat == MANY or self._count(move, loop) < repeat

    def _count(self, move: Move, loop: Loop) -> int:
        """How many of these the loop that a move leads to has; in a loop absurdly long, among the first of its segments."""
        if move.opens:
            return loop.inner.get(move.opens[0].trigger.index, 0)
        if loop.block is not None:
            self._take_apart(loop)
        return loop.shape[:_COUNTED_MAX].count(move.place.index)

    def _keep_aside(self, late: Move | None, raw: str, elements: list[str]) -> None:
        """A late segment goes to the outer loop that it belongs to, and one that belongs nowhere to the strays."""
        if late is None:
            self._keep_stray(elements)
            return
        if self._has_room(late):
            self._add_segment_finding("7", "out of sequence", late.place.spec.tag, self.position, late.place.loop.id)
        self._explain(late.place, elements)
        self._keep(raw, elements, self.position, late.place, late.pops)

    def _keep_stray(self, elements: list[str]) -> None:
        tag = elements[0]
        known = tag in SEGMENTS
        message = "this segment may not stand here" if known else "no such segment"
        shown = tag if tag.isalnum() and tag.isascii() and len(tag) <= 3 else ""
        self._add_segment_finding("2" if known else "1", message, shown, self.position)
        self.tset.add_unread(self.position, shown)
        loop = self.stack[-1]
        if len(loop.strays) < _STRAYS_MAX:
            loop.strays = loop.strays or []
            loop.strays.append((self.position, elements))  # type: ignore[attr-defined]

    def _explain(self, place: Place, elements: list[str]) -> None:
        if self.tset.is_full:
            return
        definition = definition_of(place)
        if self.position in self.guesses:
            # Of a segment whose place is only guessed nothing is known but that its qualifier is none.
            key_index, codes = self.grammar.key_index[elements[0]], self.guesses[self.position]
            fault = find_wrong_qualifier(key_index, elements, self.component, codes)
            self.tset.add_finding(make_finding(fault, place.spec.tag, self.position, place.loop.id, definition))
            return
        for fault in self.rules.find_faults(place, elements):
            self.tset.add_finding(make_finding(fault, place.spec.tag, self.position, place.loop.id, definition))

    def _enter(self, move: Move, elements: list[str]) -> None:
        """Open the loops of a move, saying so where one lacks its first segment or occurs too often."""
        if move.is_late and self._fits(move, self.stack[-1]):
            # Where it is also one too many, that is said alone.
            self._add_segment_finding("7", "out of sequence", move.place.spec.tag, self.position, move.place.loop.id)
        if len(move.opens) == 1 and not move.skipped and not self.guesses:
            plan, inner, index = move.opens[0], self.stack[-1].inner, move.place.index
            count = inner[index] = inner.get(index, 0) + 1
            if count <= plan.most:
                self.stack.append(self._new_loop(plan))
                self.plans.append(plan)
                if plan.is_hl:
                    self._check_hl(elements, plan.id)
                return
            inner[index] = count - 1
        for number, plan in enumerate(move.opens):
            inner, trigger, repeat = self.stack[-1].inner, plan.trigger, plan.spec.repeat
            # A loop whose kind is only guessed takes no room from those whose kind is known.
            count = inner[trigger.index] = inner.get(trigger.index, 0) + (self.position not in self.guesses)
            if repeat != MANY and count > repeat:
                self._add_segment_finding("4", f"more than {repeat} of this loop", trigger.spec.tag, self.position, plan.id)
            loop = self._new_loop(plan)
            self.stack.append(loop)
            self.plans.append(plan)
            if number < move.skipped:
                self._add_segment_finding("3", "required segment missing", trigger.spec.tag, self.position, plan.id)
                loop.shape = [trigger.index]
                if plan.is_hl:
                    self.levels.miss(len(self.stack) - 1)
        if move.opens and move.opens[-1].is_hl and move.skipped < len(move.opens):
            self._check_hl(elements, move.place.loop.id)

    def _close(self) -> Unit | None:
        loop, plan = self.stack.pop(), self.plans.pop()
        if plan.is_simple and loop.block is not None:
            self.stack[-1].loops.append(loop)
            return None
        self.levels.close(len(self.stack))
        if loop.block is None:
            if (tuple(loop.shape), tuple(loop.inner)) not in plan.sound:
                self._judge(plan, loop)
        elif plan.needs_tail or not plan.needed <= loop.inner.keys():
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
        if loop.block is not None:
            self._take_apart(loop)
        find_gaps = _find_gaps if len(loop.shape) <= _GAPS_LENGTH_MAX else _find_gaps.__wrapped__
        positions, guesses = tuple(loop.positions), frozenset(self.guesses)
        for finding in find_gaps(plan, tuple(loop.shape), tuple(loop.inner), positions, (self.position, guesses)):
            self.tset.add_finding(finding)

    def _check_hl(self, elements: list[str], loop_id: str) -> None:
        """HL01 counts from 1 in the set; HL02 names the level around it."""
        number, parent = ([*elements, "", ""])[1:3]
        expected = self.levels.expect(number)
        if expected is not None:
            hint = f"the next level is number {expected}"
            self.tset.add_finding(make_level_finding(1, number, hint, position=self.position, loop=loop_id))
        depth = len(self.stack) - 2
        while depth and not self.plans[depth].is_hl:
            depth -= 1
        if depth and not self.levels.has_number(depth):
            return
        if parent != (get_element(self._first_segment(self.stack[depth]), 1) if depth else ""):
            hint = "the number of the level this one stands in"
            self.tset.add_finding(make_level_finding(2, parent, hint, position=self.position, loop=loop_id))

    def _first_segment(self, loop: Loop) -> list[str]:
        return loop.known[0] if loop.known else loop.raw[0].split(self.delimiters.element) if loop.raw else [""]

    def _check_hl_flag(self, plan: LoopPlan, loop: Loop) -> None:
        """HL04 says whether levels follow inside this one; that those the guide demands are missing is said already."""
        first = self._first_segment(loop)
        if first[0] != "HL":
            return
        given, follows = get_element(first, 4), not plan.hl_children.isdisjoint(loop.inner)
        if given in ("0", "1") and given != str(int(follows)) and not (plan.needs_levels and given == "1"):
            hint = "1 where levels follow inside this one, else 0"
            self.tset.add_finding(make_level_finding(4, given, hint, position=loop.positions[0], loop=plan.id))

    def _add_segment_finding(self, code: str, message: str, tag: str, position: int, loop: str | None = None) -> None:
        if self.tset.is_full:
            return
        loop = self.plans[-1].id if loop is None else loop
        self.tset.add_finding(Finding(code=code, level="segment", message=message, segment=tag, position=position, loop=loop))


@lru_cache(_GAPS_KEPT)
def _find_gaps(
    plan: LoopPlan, shape: tuple[int, ...], inner: tuple[int, ...], positions: tuple[int, ...], end: tuple[int, frozenset[int]]
) -> tuple[Finding, ...]:
    """What a loop of these places at these positions lacks or has too many of; `end`: the last position, and guessed ones.

    A broken file says the same again and again.
    """
    own = {item.index: item for item in plan.own}
    placed = [(own[index], position) for index, position in zip(shape, positions, strict=False)]
    last, guesses = end
    found = []
    for code, place, occurrence in plan.judge(shape, inner):
        if code == "5":
            # A loop opened by a segment that is not its first has a gap where that one should stand.
            known = [position for one, position in placed if one is place and position not in guesses]
            if known and len(known) <= occurrence:
                continue
            position = known[min(occurrence, len(known) - 1)] if known else last
            message = f"more than {occurrence} of this segment"
        else:
            order = place.order if place.loop is plan else place.loop.order
            position = max((position for one, position in placed if one.order < order), default=max(last - 1, 1))
            message = "required loop missing" if code == "I7" else "required segment missing"
        loop, tag = place.loop.id, place.spec.tag
        found.append(Finding(code=code, level="segment", message=message, segment=tag, position=position, loop=loop))
    return tuple(found)


def _list_codes(moves: Iterable[Move]) -> tuple[str, ...]:
    """The qualifiers of the places that these moves lead to."""
    return tuple(dict.fromkeys(code for move in moves for code in move.place.codes if code))
