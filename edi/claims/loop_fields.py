"""Segments of a claim's loops into the values of its documents; what is no value there says why no claim can be read."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TypeVar

from edi.claims import Adjustment
from edi.findings import Finding
from edi.tree import Loop
from edi.values import find_date, parse_cents, parse_quantity

Segments = list[list[str]]
_T = TypeVar("_T")


class UnreadableClaimError(Exception):
    """No claim document can be built here; `finding` says which value is the cause."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def element_of(segment: list[str], place: int) -> str:
    """The element at this place, '' where the segment ends before it."""
    return segment[place] if len(segment) > place else ""


def last_position(loop: Loop) -> int:
    """Where the last segment of a loop and of the loops in it stands; 0 where it has none."""
    own = loop.placed[-1] if loop.placed else loop.first + len(loop.raw) - 1 if loop.raw else 0
    return max(own, last_position(loop.loops[-1])) if loop.loops else own


def first_position(loop: Loop) -> int:
    """Where the first segment of a loop stands, or of a loop in it where its own first is missing or came late."""
    own = loop.placed[0] if loop.placed else loop.first if loop.raw else 0
    inner = first_position(loop.loops[0]) if loop.loops else 0
    return min(own, inner) if own and inner else own or inner


def unreadable(loop: Loop, segment: list[str], place: int, what: str) -> UnreadableClaimError:
    """The error that an element is not what a claim needs there."""
    positions = (at for at, one in zip(loop.positions, loop.segments, strict=True) if one is segment)
    position = next(positions, first_position(loop))
    name = f"{segment[0]}{place:02}"
    finding = Finding(
        code="6" if element_of(segment, place) else "1",
        level="element",
        message=f"{name} is not {what}, so no claim can be read",
        segment=segment[0],
        position=position,
        loop=loop.id,
        element=place,
        value=element_of(segment, place),
    )
    return UnreadableClaimError(finding)


def parsed(loop: Loop, segment: list[str], place: int, parse: Callable[[str], _T | None], what: str) -> _T:
    """An element through `parse`; raises UnreadableClaimError where it is empty or parse raises ValueError."""
    try:
        value = parse(element_of(segment, place))
    except ValueError:
        raise unreadable(loop, segment, place, what) from None
    if value is None:
        raise unreadable(loop, segment, place, what)
    return value


def cents_of(loop: Loop, segment: list[str], place: int) -> int:
    """An amount in cents; raises UnreadableClaimError where it is none."""
    return parsed(loop, segment, place, parse_cents, "an amount in dollars and whole cents")


def quantity_of(loop: Loop, segment: list[str], place: int) -> Decimal:
    """A quantity; raises UnreadableClaimError where it is none."""
    return parsed(loop, segment, place, parse_quantity, "a quantity")


def day_of(text: str, qualifier: str = "D8") -> date | None:
    """A D8 date, None where it is another format or no date: then the segment is carried as it is."""
    return find_date(text) if qualifier == "D8" and len(text) == 8 else None


def amounts_of(loop: Loop, segments: Segments, qualifiers: tuple[str, ...], rest: Segments) -> list[int | None]:
    """The AMT of each qualifier in cents; the others go to `rest`."""
    found: list[int | None] = [None] * len(qualifiers)
    for segment in segments:
        qualifier = element_of(segment, 1)
        if qualifier in qualifiers and found[qualifiers.index(qualifier)] is None and len(segment) <= 3:
            found[qualifiers.index(qualifier)] = cents_of(loop, segment, 2)
        else:
            rest.append(segment)
    return found


def adjustments_of(loop: Loop, segments: Segments) -> tuple[Adjustment, ...]:
    """Every group/reason/amount of the CAS segments, in order."""
    adjustments = []
    for segment in segments:
        for place in range(2, len(segment), 3):
            if not any(segment[place : place + 3]):
                continue
            adjustments.append(
                Adjustment(
                    group=segment[1],
                    reason=segment[place],
                    amount_cents=cents_of(loop, segment, place + 1),
                    quantity=quantity_of(loop, segment, place + 2) if element_of(segment, place + 2) else None,
                )
            )
    return tuple(adjustments)


def no_line(loop: Loop) -> UnreadableClaimError:
    """The error that a claim has no service line, or a line no service."""
    segment = "LX" if loop.id == "2300" else "SV1"
    finding = Finding(
        code="3",
        level="segment",
        message=f"{segment} is missing in loop 2400, so no claim can be read: a claim has at least one service line",
        segment=segment,
        position=last_position(loop) + 1,
        loop="2400",
    )
    return UnreadableClaimError(finding)


def trimmed(values: list[str]) -> tuple[str, ...]:
    """The values without the empty ones at the end."""
    while values and not values[-1]:
        values = values[:-1]
    return tuple(values)
