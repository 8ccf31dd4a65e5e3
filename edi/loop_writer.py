"""Loops back into segments, in the order of the spec; the other way than tree.read."""

from collections.abc import Sequence

from edi.check import make_finding
from edi.findings import Unwritable
from edi.grammar import Grammar, LoopPlan, Place, RuleSet, definition_of, get_grammar
from edi.segments import Delimiters
from edi.spec import TransactionSpec
from edi.tree import Loop


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
