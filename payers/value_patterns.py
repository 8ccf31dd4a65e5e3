"""The values of a rule's conditions: texts, texts with * and ?, and ranges of codes."""

import re
from collections.abc import Callable, Sequence
from functools import cache, partial

RANGE = re.compile(r"([A-Z0-9]{3,7})-([A-Z0-9]{3,7})")
_WILD = frozenset("*?")


def is_among(value: str, choice: Sequence[str]) -> bool:
    """Whether a value is one of the choice: the same text, fits one with * and ?, or lies in a range of codes.

    A range compares as many characters as its ends have: S00-T88 holds S52501A. Between two numbers lie numbers only.
    """
    return value in choice or any(fits(value) for fits in _list_matchers(tuple(choice)))


@cache
def _list_matchers(choice: tuple[str, ...]) -> tuple[Callable[[str], object], ...]:
    """What tells whether a value fits, for each of the choice that stands for many values."""
    ranges = [ends for each in choice if (ends := find_range(each))]
    wild = [each for each in choice if not find_range(each) and not _WILD.isdisjoint(each)]
    return (*(partial(_lies_in, ends) for ends in ranges), *(_compile(each).fullmatch for each in wild))


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
    """Whether it stands for many values."""
    return not _WILD.isdisjoint(pattern) or find_range(pattern) is not None


def _compile(pattern: str) -> re.Pattern[str]:
    """Stars in a row are one: each adds a place to try, and three are the most that a value may have."""
    parts = {"*": ".*", "?": "."}
    return re.compile("".join(parts.get(sign, re.escape(sign)) for sign in re.sub(r"\*+", "*", pattern)), re.DOTALL)
