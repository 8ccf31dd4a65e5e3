"""Of several ways to read a segment that stands out of place: how ill each leaves the segments after it."""

from collections.abc import Sequence

from edi.grammar import Grammar, opening_tag
from edi.plans import LoopPlan, Move, Place
from edi.spec import R

AHEAD_MAX = 6
"""Segments looked at: as many as commonly follow the first segment of a loop."""
LOOKS_MAX = 200
"""Segments of one set for which it is done at all; in what is wrong more often than that, order is not to be found."""


def find_best(
    grammar: Grammar, origin: Place, moves: Sequence[Move | None], following: Sequence[list[str]], mark: str
) -> Move | None:
    """The move from `origin` after which least has to be told of the segments that follow; the first of equals.

    None among the moves: the segment belongs nowhere. `mark` separates components.
    """
    best, least = moves[0], -1
    for move in moves:
        cost = _weigh(grammar, origin, move, following, mark, limit=least)
        if least < 0 or cost < least:
            best, least = move, cost
        if not least:
            break
    return best


def _weigh(grammar: Grammar, origin: Place, first: Move | None, following: Sequence[list[str]], mark: str, *, limit: int) -> int:
    """How many segments after this move would be out of place themselves, or would leave out one that must be there."""
    place, cost = origin, 0
    if first is not None and not first.is_aside:
        place, cost = first.place, _count_passed(origin, first)
    for elements in following:
        move = grammar.find_move(place, elements, mark)
        if move is None or (move.is_late and move.pops):
            cost += 1
        else:
            is_again = move.place is place and (move.opens[0] if move.opens else place).spec.repeat == 1
            cost += 1 if move.is_late or is_again else move.skipped + _count_passed(place, move)
            place = move.place
        if 0 <= limit <= cost:
            break
    return cost


def _count_passed(place: Place, move: Move) -> int:
    """How many segments and loops that must be there a move passes over."""
    plan, position, passed = place.loop, place.order, 0
    for _ in range(move.pops):
        passed += _count_required(plan, position, len(plan.items))
        assert plan.parent is not None, "no move leads out of the set"
        position, plan = plan.order, plan.parent
    target = move.opens[0].order if move.opens else move.place.order
    return passed + _count_required(plan, position, target)


def _count_required(plan: LoopPlan, position: int, end: int) -> int:
    tag = opening_tag(plan.items[position])
    between = plan.items[position + 1 : end]
    return sum(item.spec.usage == R and opening_tag(item) != tag for item in between)
