"""How the levels (HL) of one set count themselves and name one another, and what is wrong with it."""

from edi.findings import Finding


class LevelNumbers:
    """HL01 counts the levels of a set from 1. A level whose HL is missing may have been counted or not, and has no number."""

    def __init__(self) -> None:
        self._count = 0
        self._missing = 0
        self._numberless: set[int] = set()

    def miss(self, depth: int) -> None:
        """The level opened at this depth lacks its HL."""
        self._missing += 1
        self._numberless.add(depth)

    def close(self, depth: int) -> None:
        """The loop opened at this depth is over."""
        if self._numberless:
            self._numberless.discard(depth)

    def has_number(self, depth: int) -> bool:
        """Whether the level opened at this depth has its HL."""
        return depth not in self._numberless

    def expect(self, number: str) -> int | None:
        """What HL01 should be where it is not this; the count goes on from what it is."""
        self._count += 1
        if number == str(self._count + self._missing):
            self._count += self._missing
        self._missing = 0
        if number == str(self._count):
            return None
        expected = self._count
        if number.isdecimal() and number.isascii() and len(number) <= 12:
            self._count = int(number)
        return expected


def make_level_finding(element: int, value: str, hint: str, *, position: int, loop: str) -> Finding:
    """An element of HL that the order of the levels contradicts."""
    return Finding(
        code="7",
        level="element",
        message=f"HL{element:02} is not what the order of the levels says: {hint}",
        segment="HL",
        position=position,
        loop=loop,
        element=element,
        value=value[:99],
    )
