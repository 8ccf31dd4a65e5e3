"""The values of a rule's conditions: texts, texts with * and ?, and ranges of codes."""

import re
from collections.abc import Callable, Sequence
from functools import cache

RANGE = re.compile(r"([A-Z0-9]{3,7})-([A-Z0-9]{3,7})")
_WILD = frozenset("*?")


def is_among(value: str, choice: Sequence[str]) -> bool:
    """Whether a text is one of the choice: the same, or fits one with * and ?."""
    return value in choice or any(fits(value) for fits in _list_wild(tuple(choice)))


def is_code_among(value: str, choice: Sequence[str]) -> bool:
    """Whether a code is one of the choice as any text may be, or lies in a range.

    A range compares as many characters as its ends have: S00-T88 holds S52501A. Between two numbers lie numbers only.
    """
    return is_among(value, choice) or any(_lies_in(ends, value) for ends in _list_ranges(tuple(choice)))


@cache
def _list_wild(choice: tuple[str, ...]) -> tuple[Callable[[str], object], ...]:
    """What tells whether a text fits, for each of the choice that has * or ?."""
    return tuple(_compile(each).fullmatch for each in choice if is_wild(each))


@cache
def _list_ranges(choice: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    return tuple(ends for each in choice if (ends := find_range(each)))


def _lies_in(ends: tuple[str, str], value: str) -> bool:
    first, last = ends
    beginning = value[: len(first)]
    is_number = beginning.isdecimal() or not (first + last).isdecimal()
    return len(beginning) == len(first) and is_number and first <= beginning <= last


def find_range(pattern: str) -> tuple[str, str] | None:
    """The ends of a range of codes; None for what is none."""
    found = RANGE.fullmatch(pattern)
    return (found[1], found[2]) if found and len(found[1]) == len(found[2]) else None


def is_wild(pattern: str) -> bool:
    """Whether it stands for many texts."""
    return not _WILD.isdisjoint(pattern)


def _compile(pattern: str) -> re.Pattern[str]:
    """Stars in a row are one: each adds a place to try, and three are the most that a value may have."""
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(sign, re.escape(sign)) for sign in re.sub(r"\*+", "*", pattern)), re.DOTALL)
