"""The words a transaction is declared with: transaction, loop, seg, usage, repeat."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec

R = "R"
S = "S"
MANY = 0
Codes = str | tuple[str, ...]
_NO_CODES: Mapping[str, Codes] = MappingProxyType({})


class SegmentSpec(msgspec.Struct, frozen=True):
    """A place where a segment may stand: its tag, usage (R required, S situational) and how often (MANY = no limit).

    `elements` narrows the dictionary by position: a tuple of allowed codes for that element in this place. The first
    narrowed element of the first segment of a loop decides which loop a segment opens. Where the element is a composite
    the codes are those of its first component; `components` narrows the others, by element and component. `required` names
    elements, and `required_components` components, that the guide demands here though the dictionary does not; `situational`
    those that are narrowed and tell no place from another: unless `required` too, they may be left out. No value
    but "" (`e5=""`) means that the element is not used here.
    """

    tag: str
    usage: str
    repeat: int
    elements: tuple[tuple[int, tuple[str, ...]], ...] = ()
    required: tuple[int, ...] = ()
    components: tuple[tuple[int, int, tuple[str, ...]], ...] = ()
    required_components: tuple[tuple[int, int], ...] = ()
    situational: tuple[int, ...] = ()

    @property
    def qualifier(self) -> int:
        """The element that tells this place from others of the same tag; 0 where the tag alone does."""
        return next((index for index, codes in self.elements if codes != ("",) and index not in self.situational), 0)


class LoopSpec(msgspec.Struct, frozen=True):
    """A loop: opened by its first segment, holding segments and loops in order."""

    id: str
    name: str
    usage: str
    repeat: int
    items: tuple["SegmentSpec | LoopSpec", ...]

    @property
    def trigger(self) -> SegmentSpec:
        """The segment that opens this loop."""
        first = self.items[0]
        assert isinstance(first, SegmentSpec), f"loop {self.id} must begin with a segment"
        return first


class TransactionSpec(msgspec.Struct, frozen=True):
    """A whole transaction set: ST01, the guide it follows, other versions read as the same, GS01, and its body.

    `stream` names the loops handed over one by one as they close, so that memory is bounded by one of them.
    """

    code: str
    version: str
    functional_id: str
    name: str
    body: LoopSpec
    accepted_versions: tuple[str, ...] = ()
    stream: tuple[str, ...] = ()

    def loops(self) -> Iterator[LoopSpec]:
        """Every loop of the transaction, outermost first."""
        pending = [self.body]
        while pending:
            current = pending.pop()
            yield current
            pending.extend(item for item in current.items if isinstance(item, LoopSpec))


def seg(
    tag: str,
    usage: str = R,
    repeat: int = 1,
    *,
    required: tuple[int | str, ...] = (),
    unused: tuple[int | str, ...] = (),
    situational: tuple[int, ...] = (),
    codes: Mapping[str, Codes] = _NO_CODES,
    **elements: Codes,
) -> SegmentSpec:
    """A segment's place; `e1="85"` or `e3=("22", "23")` says which codes its elements may hold here.

    Components are written as in CLM05-3: `e5_3=("1", "7", "8")`, `required=(5, "5-3")`, `unused=("5-4",)`. `codes` holds
    more of the same, for a caller that makes the names.
    """
    named = (*elements.items(), *codes.items())
    narrowed = {key[1:].replace("_", "-"): (values,) if isinstance(values, str) else values for key, values in named}
    narrowed |= {str(number): ("",) for number in unused}
    needed = [str(number) for number in required]
    return SegmentSpec(
        tag,
        usage,
        repeat,
        tuple((int(key), codes) for key, codes in narrowed.items() if "-" not in key),
        tuple(int(key) for key in needed if "-" not in key),
        tuple((*_split_number(key), codes) for key, codes in narrowed.items() if "-" in key),
        tuple(_split_number(key) for key in needed if "-" in key),
        situational,
    )


def _split_number(text: str) -> tuple[int, int]:
    element, _, component = text.partition("-")
    return int(element), int(component)


def loop(id: str, name: str, usage: str, repeat: int, *items: SegmentSpec | LoopSpec) -> LoopSpec:
    """A loop named by its guide id, e.g. loop("2010AA", "Billing Provider Name", R, 1, seg("NM1", R, e1="85"), …)."""
    return LoopSpec(id, name, usage, repeat, items)


def transaction(
    code: str,
    version: str,
    functional_id: str,
    name: str,
    *items: SegmentSpec | LoopSpec,
    accepted_versions: tuple[str, ...] = (),
    stream: tuple[str, ...] = (),
) -> TransactionSpec:
    """A transaction set whose items begin with ST and end with SE."""
    body = LoopSpec("", name, R, 1, items)
    return TransactionSpec(code, version, functional_id, name, body, accepted_versions, stream)
