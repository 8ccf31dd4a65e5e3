"""A finding as a person reads it: how grave it is, where it stands in words, and its segment with the wrong part marked."""

from typing import Literal, NamedTuple

from edi.dictionary import SEGMENTS
from edi.findings import Finding, Level
from edi.segment_checks import ADVICE
from edi.segments import Delimiters
from edi.transactions.t999 import TOLERATED

Gravity = Literal["error", "warning"]

CODE_ELEMENTS: dict[Level, str] = {
    "interchange": "TA105", "group": "AK905", "set": "IK502", "segment": "IK304", "element": "IK403", "balance": "rule",
}  # fmt: skip
"""The element of the acknowledgment that carries the codes of each level; a balance has rules of ours instead."""

_GAP = frozenset(("3", "I7"))
"""Codes of IK304 for what is missing: the finding's position is that of the last segment before the gap."""


class Mark(NamedTuple):
    """A segment as it is shown: `text[start:end]` is what is wrong; an empty span stands where something is missing.

    `is_before_gap` says that the segment itself is right, and what is missing should come after it.
    """

    text: str
    start: int
    end: int
    is_before_gap: bool = False


def weigh(finding: Finding) -> Gravity:
    """A warning is what a 999 would accept with errors (something not used here stands there), or advice; else an error."""
    tolerated = {"segment": TOLERATED, "element": TOLERATED, "balance": ADVICE}.get(finding.level, frozenset())
    return "warning" if finding.code in tolerated else "error"


def tell_place(finding: Finding) -> str:
    """Where in its set or envelope a finding stands: "loop 2010AA, segment 9 NM1, element 3, component 2"."""
    parts = [f"loop {finding.loop}"] if finding.loop else []
    if finding.position and not is_before_gap(finding):
        parts.append(f"segment {finding.position} {finding.segment}".rstrip())
    elif finding.position:
        parts.append(f"after segment {finding.position}")
    elif finding.segment:
        parts.append(f"segment {finding.segment}")
    inside = {"element": finding.element, "repetition": finding.repeat, "component": finding.component}
    return ", ".join([*parts, *(f"{name} {number}" for name, number in inside.items() if number)])


def name_segment(tag: str) -> str:
    """What a segment is called, e.g. "Claim Information" for CLM; '' for one that is not known here."""
    return SEGMENTS[tag].name if tag in SEGMENTS else ""


def tell_code(finding: Finding) -> str:
    """The code in the acknowledgment's own terms: "IK403 7", "TA105 021", "rule round_trip"."""
    return f"{CODE_ELEMENTS[finding.level]} {finding.code}"


def is_before_gap(finding: Finding) -> bool:
    """Whether the finding's position is that of the segment before one that is missing."""
    return finding.level == "segment" and finding.code in _GAP


def mark_segment(raw: str, finding: Finding, delimiters: Delimiters) -> Mark:
    """The segment with the part that a finding is about: the element, repetition or component, else all of it."""
    tag = raw.split(delimiters.element, 1)[0]
    if is_before_gap(finding) or (finding.segment and tag != finding.segment):
        return Mark(raw, len(raw), len(raw), is_before_gap=True)
    if not finding.element:
        return Mark(raw, 0, len(raw))
    start, end = _find_part(raw, (0, len(raw)), finding.element, delimiters.element)
    if finding.repeat and delimiters.repetition:
        start, end = _find_part(raw, (start, end), finding.repeat - 1, delimiters.repetition)
    if finding.component:
        start, end = _find_part(raw, (start, end), finding.component - 1, delimiters.component)
    return Mark(raw, start, end)


def _find_part(text: str, span: tuple[int, int], index: int, separator: str) -> tuple[int, int]:
    """The span of the part number `index` (from 0) within a span; its end where there are fewer parts."""
    start, end = span
    for _ in range(index):
        found = text.find(separator, start, end)
        if found < 0:
            return end, end
        start = found + 1
    found = text.find(separator, start, end)
    return start, end if found < 0 else found


def narrow(mark: Mark, width: int) -> Mark:
    """The same mark in a text of at most `width` characters, with … where the segment was cut."""
    text, start, end, before_gap = mark
    if len(text) <= width:
        return mark
    room = max(width - 2, 1)
    first = max(min(start - room // 3, len(text) - room), 0)
    last = min(first + room, len(text))
    head, tail = "…" if first else "", "…" if last < len(text) else ""
    shift = len(head) - first
    return Mark(head + text[first:last] + tail, start + shift, min(end, last) + shift, before_gap)
