"""What each segment's elements are, once: number, type, length, and which belong together. Specs only narrow this."""

import msgspec


class Element(msgspec.Struct, frozen=True):
    """One element of a segment: X12 data element number, type (AN ID N0 N2 R DT TM), length, whether required.

    A composite has `components` and no type of its own. `repeat` is how often it may stand (1, or more with ISA11).
    """

    number: str
    type: str
    min: int
    max: int
    required: bool = False
    components: tuple["Element", ...] = ()
    repeat: int = 1


class Segment(msgspec.Struct, frozen=True):
    """A segment: its tag, what it is, its elements in order, and its relational notes such as "P0304" or "R0203"."""

    tag: str
    name: str
    elements: tuple[Element, ...]
    notes: tuple[str, ...] = ()


def element(text: str, *components: str) -> Element:
    """An element from its short form: "1035 AN 1/60", a trailing R where it is required, "x5" where it may repeat.

    A composite is written with its components: element("C003 R", "235 ID 2/2 R", "234 AN 1/48 R", …).
    """
    words = text.split()
    required = "R" in words[1:] if components else words[-1] == "R" or "R" in words[3:]
    repeat = next((int(word[1:]) for word in words[1:] if word[0] == "x" and word[1:].isdigit()), 1)
    if components:
        return Element(words[0], "", 0, 0, required, tuple(element(component) for component in components), repeat)
    low, high = words[2].split("/")
    return Element(words[0], words[1], int(low), int(high), required, (), repeat)


def segment(tag: str, name: str, *elements: str | Element, notes: tuple[str, ...] = ()) -> Segment:
    """A segment from the short forms of its elements."""
    return Segment(tag, name, tuple(element(item) if isinstance(item, str) else item for item in elements), notes)


_ALL = (
    segment("ST", "Transaction Set Header", "143 ID 3/3 R", "329 AN 4/9 R", "1705 AN 1/35"),
    segment("SE", "Transaction Set Trailer", "96 N0 1/10 R", "329 AN 4/9 R"),
)

SEGMENTS: dict[str, Segment] = {entry.tag: entry for entry in _ALL}
"""Every segment of the transactions read and written here, by tag."""
