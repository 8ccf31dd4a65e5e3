"""Member id patterns: a small part of regular expressions, in which no pattern can take long on any value."""

import re
from dataclasses import dataclass

VALUE_LENGTH_MAX = 80
"""Element 67 (NM109) holds at most this many characters."""

WAYS_MAX = 20_000
"""How many ways a pattern may have to fit one value. Two free repeats in a row stay below, three do not."""

_QUANTIFIER = re.compile(r"[?*+]|\{(?P<least>[0-9]{1,4})?(?P<comma>,(?P<most>[0-9]{1,4})?)?\}")
_CLASS = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]")


@dataclass(slots=True)
class _Reading:
    """Where the reading of a pattern stands."""

    pattern: str
    at: int = 0

    def take(self, wanted: str) -> bool:
        if not self.pattern.startswith(wanted, self.at):
            return False
        self.at += len(wanted)
        return True


def find_fault(pattern: str) -> str | None:
    """Why a member id pattern cannot be used, in plain words; None where it can.

    Bounds the number of ways to fit a value instead of looking for known bad shapes: a repeat of n to m times can be
    tried in m - n + 1 ways, parts in a row multiply, alternatives add, and a repeated group multiplies with itself.
    """
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return "should be a regular expression that compiles"
    reading = _Reading(pattern)
    ways = _count_alternatives(reading)
    if ways is None or reading.at < len(pattern):
        return (
            f"uses {pattern[reading.at : reading.at + 3]!r} at character {reading.at + 1}; only characters, classes [..], "
            "(?:..|..) and the repeats ? * + {n} {n,m} are allowed"
        )
    if ways > WAYS_MAX:
        return "could take very long on some member ids: avoid repeats inside repeats and several open repeats in a row"
    return None


def _count_alternatives(reading: _Reading) -> int | None:
    total = 0
    while True:
        ways = _count_sequence(reading)
        if ways is None:
            return None
        total += ways
        if not reading.take("|"):
            return total


def _count_sequence(reading: _Reading) -> int | None:
    total = 1
    while reading.at < len(reading.pattern) and reading.pattern[reading.at] not in "|)":
        ways = _count_atom(reading)
        if ways is None:
            return None
        total = min(total * _count_repeats(reading, ways), WAYS_MAX + 1)
    return total


def _count_atom(reading: _Reading) -> int | None:
    """One character, class or group; None at what is not allowed, with `at` on it."""
    start = reading.at
    if reading.take("(?:") or (reading.take("(") and not reading.pattern.startswith("?", reading.at)):
        ways = _count_alternatives(reading)
        return ways if reading.take(")") else None
    reading.at = start
    if found := _CLASS.match(reading.pattern, start):
        reading.at = found.end()
        return 1
    if re.compile(r"\\[^0-9A-Za-z]|\\[dDwWsS]").match(reading.pattern, start):
        reading.at += 2
        return 1
    if reading.pattern[start] in "\\([{?*+":
        return None
    reading.at += 1
    return 1


def _count_repeats(reading: _Reading, ways: int) -> int:
    found = _QUANTIFIER.match(reading.pattern, reading.at)
    if found is None:
        return ways
    reading.at = found.end()
    least, most = _read_bounds(found)
    most = min(most, VALUE_LENGTH_MAX)
    return max(most - least + 1, 1) * int(min(ways**most, WAYS_MAX + 1))


def _read_bounds(found: re.Match[str]) -> tuple[int, int]:
    if found[0] in "?*+":
        return int(found[0] == "+"), 1 if found[0] == "?" else VALUE_LENGTH_MAX
    least = int(found["least"] or 0)
    if not found["comma"]:
        return least, least
    return least, int(found["most"] or VALUE_LENGTH_MAX)
