"""Segments under construction: punctuated with U+E01C to U+E01F until the end, when the delimiters of the file come in.

Elements stand between U+E01D, repetitions between U+E01E and components between U+E01F, letters of Unicode's private area that
no file of single bytes can hold, so that what a value may not hold is found in one look at the finished text.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from edi.findings import Finding, Unwritable
from edi.segments import Delimiters

SEGMENT = "\ue01c"
ELEMENT = "\ue01d"
REPETITION = "\ue01e"
COMPONENT = "\ue01f"

_CONTROL = Finding(code="6", level="element", message="a value holds a letter that X12 cannot carry")
_SEPARATORS = re.compile(rb"\xee\x80[\x9c-\x9f]")


def join(*elements: str) -> str:
    """A segment, trailing empty elements left off."""
    return ELEMENT.join(elements).rstrip(ELEMENT)


def compose(*components: str) -> str:
    """A composite, trailing empty components left off."""
    return COMPONENT.join(components).rstrip(COMPONENT)


@lru_cache(maxsize=64)
def _forbidden(delimiters: Delimiters) -> re.Pattern[str]:
    """What no value may hold: the delimiters, control characters, and what one byte cannot say."""
    given = delimiters.element + delimiters.component + delimiters.repetition + delimiters.segment
    return re.compile(rf"[{re.escape(given)}\x00-\x1f\x7f-\x9f]|[^\x00-\xff\ue01c-\ue01f]")


def punctuate(segments: Sequence[str], delimiters: Delimiters, document: object, *, position: int = 0) -> list[str]:
    """The segments under these delimiters; raises Unwritable where a value holds what would be read as one of them.

    `document` is the one, or the list of those, they were made of. `position` is that of the first segment in its set, where
    it is known: the finding then says which segment it is.
    """
    text = SEGMENT.join(segments)
    wrong = _forbidden(delimiters).search(text)
    if wrong:
        raise Unwritable(_locate(text[: wrong.start()], position))
    if _SEPARATORS.search(msgspec.json.encode(document)) and _holds_separator(msgspec.to_builtins(document)):
        raise Unwritable(_CONTROL)
    text = text.replace(ELEMENT, delimiters.element).replace(COMPONENT, delimiters.component)
    return text.replace(REPETITION, delimiters.repetition).split(SEGMENT)


def _holds_separator(value: object, allowed: str = "") -> bool:
    """Whether a string holds one of the four separators, which carried segments alone may, and only two of them."""
    if isinstance(value, str):
        return any(separator in value for separator in (SEGMENT, ELEMENT, COMPONENT, REPETITION) if separator not in allowed)
    if isinstance(value, dict):
        inside = COMPONENT + REPETITION
        return any(_holds_separator(inner, inside if key == "carried" else allowed) for key, inner in value.items())
    return isinstance(value, list | tuple) and any(_holds_separator(inner, allowed) for inner in value)


def _locate(before: str, position: int) -> Finding:
    segment = before.rpartition(SEGMENT)[2]
    tag, _, elements = segment.partition(ELEMENT)
    place = elements.count(ELEMENT) + 1
    return Finding(
        code="6",
        level="element",
        message=f"{tag}{place:02} holds a delimiter, a control character or a letter that X12 cannot carry",
        segment=tag,
        position=position and position + before.count(SEGMENT),
        element=place,
    )
