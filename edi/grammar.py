"""A transaction's spec made ready to be walked: where each segment may go from each place, and what a whole loop must hold."""

import re
from collections.abc import Callable, Iterator, Sequence

import msgspec

from edi.check import Fault, Matcher, SegmentRule
from edi.dictionary import SEGMENTS, Segment
from edi.plans import LoopPlan, Move, Place, Rider
from edi.segments import Delimiters
from edi.spec import MANY, LoopSpec, R, SegmentSpec, TransactionSpec

__all__ = ["Block", "Grammar", "LoopPlan", "Move", "Place", "RuleSet", "definition_of", "get_grammar", "opening_tag"]

_RULE_SETS_MAX = 16
_MOVES_MAX = 4_096
_BLOCK_WORTH = 24
_FAULTY_MAX = 64

Block = Callable[[str, int], "re.Match[str] | None"]
"""From where in a text a whole loop's own segments are matched at once; None where they are not plain."""


class Grammar:
    """A compiled TransactionSpec; `key_index` says which element tells places of one tag apart (negative: its component 1)."""

    def __init__(self, spec: TransactionSpec) -> None:
        self.spec = spec
        self.places: list[Place] = []
        self._planned = 0
        self.root = self._plan_loop(spec.body, None, 0)
        self.tags = {place.spec.tag for place in self.places}
        self.key_index = {tag: self._find_key_index(tag) for tag in self.tags}
        for place in self.places:
            place.tell_by(abs(self.key_index[place.spec.tag]))
        codes = {tag: {(place.key_index, place.codes) for place in self.places if place.spec.tag == tag} for tag in self.tags}
        self.ambiguous = {tag for tag in self.tags if len(codes[tag]) > 1}
        self.by_tag = {tag: [place for place in self.places if place.spec.tag == tag] for tag in self.tags}
        self.qualifiers = {tag: {place.key_index for place in self.places if place.spec.tag == tag} for tag in self.tags}
        self.plans = list(self._plans(self.root))
        for plan in self.plans:
            plan.tags = tuple(dict.fromkeys(place.spec.tag for place in plan.own))
            plan.slots = {tag: slot for slot, tag in enumerate(plan.tags)}
            inner = [item for item in plan.items if isinstance(item, LoopPlan)]
            plan.needed = frozenset(item.trigger.index for item in inner if item.spec.usage == R)
            plan.is_streamed = plan.id in spec.stream
            plan.needs_more = not plan.is_streamed and bool(plan.needed or any(one.spec.usage == R for one in plan.own[1:]))
            plan.is_detached = any(inner.id in spec.stream for inner in self._plans(plan))
            first_inner = min((item.order for item in inner), default=len(plan.items))
            tail = [item for item in plan.own if item.order > first_inner and item.spec.tag != "SE"]
            plan.needs_tail = any(item.spec.usage == R for item in tail)
            plan.is_serial = self._is_serial(plan)
            plan.hl_children = frozenset(item.trigger.index for item in plan.items if isinstance(item, LoopPlan) and item.is_hl)
            plan.needs_levels = not plan.hl_children.isdisjoint(plan.needed)
            has_needs = plan.needed or plan.needs_tail
            plan.is_simple = not (plan.is_hl or plan.is_streamed or plan.is_detached or has_needs)
            plan.width = len(plan.runs())
        for plan in self.plans:
            self._let_ride(plan)
        self._rule_sets: dict[Delimiters, RuleSet] = {}

    def rules(self, delimiters: Delimiters) -> "RuleSet":
        """The rules of every place for these delimiters."""
        found = self._rule_sets.get(delimiters)
        if found is None:
            if len(self._rule_sets) >= _RULE_SETS_MAX:
                self._rule_sets.clear()
            found = self._rule_sets[delimiters] = RuleSet(self.places, self.plans, delimiters)
        return found

    def find_move(self, origin: Place, elements: Sequence[str], component: str) -> Move | None:
        """Where a segment that is allowed somewhere from here goes, kept for the next of its kind; None where nowhere."""
        tag = elements[0]
        if tag not in self.tags:
            return None
        key = self.move_key(elements, component)
        if key in origin.moves:
            return origin.moves[key]
        if key in origin.detours:
            return origin.detours[key]
        if key in origin.dead_ends:
            return None
        keys = self.keys_of(elements, component)
        if not self.accepts_somewhere(tag, keys):
            return None
        found = next((move for move in self._moves(origin, tag) if move.place.accepts(keys)), None)
        kept = origin.detours if found is not None and (found.is_late or found.skipped) else origin.moves
        if found is not None and len(kept) < _MOVES_MAX:
            kept[key] = found
        elif found is None and len(origin.dead_ends) < _MOVES_MAX:
            origin.dead_ends.add(key)
        return found

    def headless_moves(self, origin: Place, elements: Sequence[str], component: str) -> list[Move]:
        """Where a segment goes if the first segment of its loop is missing, nearest first.

        Only into a loop that has no other segment it must have before this one, and does not wait for one that must come first.
        """
        key = self.move_key(elements, component)
        found = origin.headless.get(key)
        if found is None:
            keys = self.keys_of(elements, component)
            if not self.accepts_somewhere(elements[0], keys):
                return []
            found = list(self._headless(origin, elements[0], keys))
            if len(origin.headless) < _MOVES_MAX:
                origin.headless[key] = found
        return found

    def _headless(self, origin: Place, tag: str, keys: dict[int, str]) -> Iterator[Move]:
        fitting = [place for place in self.places if place.spec.tag == tag and place.accepts(keys)]
        is_unique = len({place.loop.id for place in fitting}) == 1
        for plan, position, pops in self._levels(origin):
            for item in plan.items[position:]:
                if isinstance(item, Place) and item.spec.usage == R and item is not origin:
                    break
                if not isinstance(item, LoopPlan):
                    continue
                place = next((place for place in fitting if place.loop is item and not place.is_trigger), None)
                if place and not any(one.spec.usage == R for one in item.own if 0 < one.order < place.order):
                    move = Move(place, pops, (item,), is_headless=True)
                    move.is_telling = is_unique or item.is_hl
                    yield move

    def keys_of(self, elements: Sequence[str], component: str) -> dict[int, str]:
        """The possible qualifiers of a segment, by element."""
        return {index: self._key(elements, index, component) for index in self.qualifiers[elements[0]]}

    def accepts_somewhere(self, tag: str, keys: dict[int, str]) -> bool:
        """Whether the spec has any place at all for a segment with these qualifiers."""
        return any(place.accepts(keys) for place in self.by_tag[tag])

    def keep_exit(self, plan: LoopPlan, move: Move, elements: Sequence[str], component: str) -> None:
        """Remember a move that leads out of a loop, or into an inner one, from whichever of its own places it comes."""
        if move.is_inside or move.is_late or move.skipped or len(plan.exits) >= _MOVES_MAX:
            return
        keys = self.keys_of(elements, component)
        if not any(place.spec.tag == elements[0] and place.accepts(keys) for place in plan.own if not place.is_trigger):
            plan.exits[self.move_key(elements, component)] = move

    def place_all(self, plan: LoopPlan, segments: Sequence[Sequence[str]], component: str) -> list[Place]:
        """The places of a loop's own segments that a block took, in the order of the spec."""
        own, counts, order = plan.own, dict.fromkeys(range(len(plan.items)), 0), 0
        places: list[Place] = []
        for elements in segments:
            keys = self.keys_of(elements, component)
            fits = (one for one in own if one.order >= order and one.spec.tag == elements[0] and one.accepts(keys))
            place = next(one for one in fits if one.spec.repeat == MANY or counts[one.order] < one.spec.repeat)
            order = place.order
            counts[order] += 1
            places.append(place)
        return places

    def forward_moves(self, origin: Place, tag: str) -> list[Move]:
        """Every move to a place of this tag whatever its qualifier, nearest first, for a segment whose qualifier fits nowhere."""
        found = origin.forward.get(tag)
        if found is None:
            found = origin.forward[tag] = [move for move in self._nearby(origin, tag) if not move.is_late]
        return found

    def move_key(self, elements: Sequence[str], component: str) -> str:
        """What a place's moves are filed under."""
        index = self.key_index[elements[0]]
        return f"{elements[0]}*{self._key(elements, abs(index), component)}" if index else elements[0]

    def _moves(self, origin: Place, tag: str) -> Iterator[Move]:
        yield from self._nearby(origin, tag)
        yield from self._late(origin, tag)
        yield from self._implied(origin, tag)

    def _levels(self, origin: Place) -> Iterator[tuple[LoopPlan, int, int]]:
        """Each open loop from the innermost: the loop, where in it we are, and how many loops inside it are open."""
        plan: LoopPlan | None = origin.loop
        position, pops = origin.order, 0
        while plan is not None:
            yield plan, position, pops
            position, plan, pops = plan.order, plan.parent, pops + 1

    def _nearby(self, origin: Place, tag: str) -> Iterator[Move]:
        """Onward in each open loop, and anywhere in the run of neighbours of the same tag, which may come in any order."""
        for plan, position, pops in self._levels(origin):
            head, tail = _find_run(plan, position)
            here = plan.items[position]
            is_full = isinstance(here, Place) and here.spec.repeat == 1
            orders = [*range(position + is_full, tail), *range(head, position), *range(tail, len(plan.items))]
            yield from _moves_to(plan, [*orders, *([position] if is_full else [])], tag, pops)

    def _late(self, origin: Place, tag: str) -> Iterator[Move]:
        """Back to a place already passed in an open loop: the segment is out of sequence but says where it belongs."""
        for plan, position, pops in self._levels(origin):
            head, _ = _find_run(plan, position)
            for move in _moves_to(plan, range(head), tag, pops):
                if not move.opens or not pops:
                    yield Move(move.place, move.pops, move.opens, is_late=True)

    def _implied(self, origin: Place, tag: str) -> Iterator[Move]:
        """Into a loop whose outer loop was never opened."""
        for plan, position, pops in self._levels(origin):
            for item in plan.items[position:]:
                if isinstance(item, LoopPlan):
                    for opens in _paths_to(item, tag):
                        yield Move(opens[-1].trigger, pops, opens)

    def _let_ride(self, plan: LoopPlan) -> None:
        """Say which loops are taken together with this one; a loop that comes by the dozen is rather taken in series."""
        first, riders = plan.width + 1, []
        for rider in () if plan.is_serial else plan.find_riders():
            riders.append(Rider(rider, first, first + rider.width - 1))
            first += rider.width
        plan.riders = tuple(riders)
        plan.followers = () if plan.is_serial else plan.find_followers()

    def _is_serial(self, plan: LoopPlan) -> bool:
        """Whether the first segment of such a loop, after its own segments, can only open the next of the kind."""
        if plan.is_hl or plan.is_streamed or plan.is_detached or plan.needed or plan.needs_tail:
            return False
        if plan.spec.repeat == 1 or plan.parent is None:
            return False
        tags = [item.trigger.spec.tag if isinstance(item, LoopPlan) else item.spec.tag for item in plan.items[1:]]
        return plan.trigger.spec.tag not in tags

    def _plan_loop(self, spec: LoopSpec, parent: LoopPlan | None, order: int) -> LoopPlan:
        plan = LoopPlan(spec, parent, order, self._planned)
        self._planned += 1
        for number, item in enumerate(spec.items):
            if isinstance(item, SegmentSpec):
                place = Place(len(self.places), item, plan, number)
                if not number:
                    plan.trigger = place
                self.places.append(place)
                plan.items.append(place)
            else:
                plan.items.append(self._plan_loop(item, plan, number))
        return plan

    def _plans(self, plan: LoopPlan) -> Iterator[LoopPlan]:
        """In the order of their numbers."""
        yield plan
        for item in plan.items:
            if isinstance(item, LoopPlan):
                yield from self._plans(item)

    def _find_key_index(self, tag: str) -> int:
        indices = {place.key_index for place in self.places if place.spec.tag == tag and place.key_index}
        if not indices:
            return 0
        if len(indices) > 1:
            raise ValueError(f"places of {tag} in {self.spec.code} are told apart by different elements")
        index = indices.pop()
        definition = SEGMENTS.get(tag)
        is_composite = bool(definition and index <= len(definition.elements) and definition.elements[index - 1].components)
        return -index if is_composite else index

    def _key(self, elements: Sequence[str], index: int, component: str) -> str:
        value = elements[index] if index < len(elements) else ""
        return value.partition(component)[0] if self.key_index[elements[0]] < 0 else value


class RuleSet:
    """The rules of a grammar's places and loops for one set of delimiters, compiled as they are first needed."""

    def __init__(self, places: list[Place], plans: list[LoopPlan], delimiters: Delimiters) -> None:
        self.places = places
        self.plans = plans
        self.delimiters = delimiters
        self.matchers: list[Matcher] = [self._compile_later(index) for index in range(len(places))]
        self.blocks: list[Block] = [self._compile_block_later(number) for number in range(len(plans))]
        self._rules: dict[SegmentSpec, SegmentRule] = {}
        self._faults: dict[tuple[object, ...], list[Fault]] = {}

    def rule(self, place: Place) -> SegmentRule:
        """The rule of one place; places that allow the same share it."""
        key = msgspec.structs.replace(place.spec, usage=R, repeat=1)
        found = self._rules.get(key)
        if found is None:
            found = self._rules[key] = SegmentRule(place.spec, definition_of(place), self.delimiters)
        return found

    def find_faults(self, place: Place, elements: Sequence[str]) -> Sequence[Fault]:
        """Everything wrong with a segment in this place; what a broken file says again and again is not explained each time."""
        key = (place.index, *elements)
        found = self._faults.get(key)
        if found is None:
            found = self.rule(place).explain(elements)
            if len(self._faults) >= _FAULTY_MAX:
                self._faults.clear()
            self._faults[key] = found
        return found

    def block_pattern(self, plan: LoopPlan) -> str:
        """A loop's own segments before its inner loops, in the order of the spec, and the loops that ride with them.

        There is a group for each run of one tag. What it matches has no finding, whatever follows; "" where a segment is not in
        the dictionary.
        """
        pattern = self._own_pattern(plan)
        for rider in plan.riders if pattern else ():
            pattern += f"(?:{self._own_pattern(rider.plan) or '(?!)'}|)"
        return pattern

    def _own_pattern(self, plan: LoopPlan) -> str:
        pattern = ""
        for _, places in plan.runs():
            run = ""
            for place in places:
                plain = self.rule(place).plain_pattern()
                if not plain:
                    return ""
                least, most = int(place.spec.usage == R), "" if place.spec.repeat == MANY else place.spec.repeat
                if place.is_trigger or (least, most) == (1, 1):
                    run += plain
                else:
                    # What is left out is passed over fastest as the other one of two.
                    run += f"(?>{plain}|)" if (least, most) == (0, 1) else f"(?:{plain}){{{least},{most}}}+"
            pattern += f"({run})"
        return pattern

    def _compile_later(self, index: int) -> Matcher:
        def compile_and_match(text: str) -> object:
            self.matchers[index] = self.rule(self.places[index]).match
            return self.matchers[index](text)

        return compile_and_match

    def _compile_block_later(self, number: int) -> Block:
        """Segment by segment for the first loops of a kind: a pattern for all is worth its compilation only to many."""
        opened = 0

        def count(text: str, offset: int) -> "re.Match[str] | None":
            nonlocal opened
            opened += 1
            if opened < _BLOCK_WORTH:
                return None
            pattern = self.block_pattern(self.plans[number])
            self.blocks[number] = re.compile(pattern, re.ASCII).match if pattern else _match_nothing
            return self.blocks[number](text, offset)

        return count


def _match_nothing(_text: str, _offset: int) -> None:
    return None


def definition_of(place: Place) -> Segment | None:
    """What the dictionary says of the segment in this place."""
    return SEGMENTS.get(place.spec.tag)


def get_grammar(spec: TransactionSpec) -> Grammar:
    """The compiled form of a spec, made once. Specs are module constants: they are told apart by identity."""
    found = _GRAMMARS.get(id(spec))
    if found is None or found.spec is not spec:
        found = _GRAMMARS[id(spec)] = Grammar(spec)
    return found


_GRAMMARS: dict[int, Grammar] = {}


def opening_tag(item: Place | LoopPlan) -> str:
    """The tag of the segment that a place is for, or that opens a loop."""
    return item.trigger.spec.tag if isinstance(item, LoopPlan) else item.spec.tag


def _find_run(plan: LoopPlan, position: int) -> tuple[int, int]:
    """Where the neighbours that open with the same tag as the item at `position` begin and end."""
    tag = opening_tag(plan.items[position])
    head = tail = position
    while head > 0 and opening_tag(plan.items[head - 1]) == tag:
        head -= 1
    while tail < len(plan.items) and opening_tag(plan.items[tail]) == tag:
        tail += 1
    return head, tail


def _moves_to(plan: LoopPlan, orders: Sequence[int], tag: str, pops: int) -> Iterator[Move]:
    for order in orders:
        item = plan.items[order]
        if opening_tag(item) != tag:
            continue
        if isinstance(item, LoopPlan):
            yield Move(item.trigger, pops, (item,))
        elif not item.is_trigger:
            yield Move(item, pops, ())


def _paths_to(plan: LoopPlan, tag: str) -> Iterator[tuple[LoopPlan, ...]]:
    for item in plan.items:
        if isinstance(item, LoopPlan):
            if item.trigger.spec.tag == tag:
                yield (plan, item)
            for path in _paths_to(item, tag):
                yield (plan, *path)
