"""An 837 set cut into sets of a few claims each, every claim with the levels it stands under, numbered anew."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_RANKS = {"20": 0, "22": 1, "23": 2}


@dataclass(eq=False)
class _Level:
    """One HL with the segments that follow it up to its first claim or inner level; without `hl` what stands before any."""

    rank: int
    hl: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)


def cut_claims(segments: Iterable[str], separator: str, claims_max: int) -> Iterator[list[str]]:
    """The segments of each new set, ST to the last before SE, of at most so many claims; of a set without claims nothing.

    Billing provider, subscriber and patient are repeated in each set that has a claim of theirs; HL01, HL02 and HL04 follow.
    """
    batch: list[tuple[tuple[_Level, ...], list[str]]] = []
    for levels, claim in _list_claims(segments, separator):
        if len(batch) == claims_max:
            yield _build(batch, separator)
            batch = []
        batch.append((levels, claim))
    if batch:
        yield _build(batch, separator)


def _list_claims(segments: Iterable[str], separator: str) -> Iterator[tuple[tuple[_Level, ...], list[str]]]:
    """Each claim's segments (2300 and what is in it) with the levels around it, the head of the set first among them."""
    levels = [_Level(-1)]
    claim: list[str] = []
    for segment in segments:
        tag = segment.partition(separator)[0]
        if tag in ("HL", "CLM", "SE") and claim:
            yield tuple(levels), claim
            claim = []
        if tag == "SE":
            return
        if tag == "HL":
            elements = segment.split(separator)
            rank = _RANKS.get(elements[3] if len(elements) > 3 else "", len(_RANKS))
            levels = [level for level in levels if level.rank < rank]
            levels.append(_Level(rank, elements))
        elif tag == "CLM" or claim:
            claim.append(segment)
        else:
            levels[-1].segments.append(segment)
    if claim:
        yield tuple(levels), claim


def _build(batch: list[tuple[tuple[_Level, ...], list[str]]], separator: str) -> list[str]:
    """One set of these claims, each level where its first claim stands."""
    built: list[str | list[str]] = []
    made: list[list[str]] = []
    open_levels: list[tuple[_Level, list[str]]] = []
    for levels, claim in batch:
        shared = sum(1 for one, (other, _) in zip(levels, open_levels, strict=False) if one is other)
        del open_levels[shared:]
        for level in levels[shared:]:
            outer = open_levels[-1][1] if open_levels else []
            hl = _number(level, outer, len(made) + 1) if level.hl else []
            if hl:
                made.append(hl)
                built.append(hl)
            open_levels.append((level, hl))
            built += level.segments
        built += claim
    return [separator.join(one) if isinstance(one, list) else one for one in built]


def _number(level: _Level, outer: list[str], number: int) -> list[str]:
    """The HL of a level under another, which is told that it has one inside."""
    if outer:
        outer[4] = "1"
    code = level.hl[3] if len(level.hl) > 3 else ""
    return ["HL", str(number), outer[1] if outer else "", code, "0", *level.hl[5:]]
