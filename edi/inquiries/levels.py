"""Transactions made of hierarchical levels (270, 271, 276, 277): a head, then one document a level, as they stand in the set.

A level's document says what stands at that level, not what is around it; `walk` gives each level with those above it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from edi.claims import Document, Party
from edi.claims.loop_fields import element_of
from edi.inquiries.remainder import Content, LevelDocument, carry_rest, flatten, lay_out, normalise, normalise_segment
from edi.inquiries.segment_fields import date_text
from edi.interchange import TransactionSet
from edi.parts import Part
from edi.punctuation import join, punctuate
from edi.segments import Delimiters
from edi.spec import TransactionSpec
from edi.tree import Loop
from edi.tree import read as read_loops
from edi.values import find_date


class Head(LevelDocument, frozen=True, kw_only=True):
    """BHT: what the set is for (BHT02), its reference (BHT03), when it was made (the time as HHMM or longer), BHT06."""

    reference: str = ""
    created_date: date | None = None
    created_time: str = ""
    purpose: str = ""
    transaction_type: str = ""


class Level(LevelDocument, frozen=True, kw_only=True):
    """One HL: whom it stands for. `child_code` is HL04 where it is not what the order of the levels says."""

    level: str
    party: Party | None = None
    other_parties: tuple[Party, ...] = ()
    child_code: str | None = None


class LevelKind(NamedTuple):
    """A kind of level: the loop it is, HL03, and whether its HL04 is written."""

    loop: str
    name: str
    code: str
    is_flagged: bool = True


class LevelPlan(NamedTuple):
    """A transaction of levels: its kinds from the outermost in, and how a level's segments and its document become each other."""

    spec: TransactionSpec
    structure: str
    kinds: tuple[LevelKind, ...]
    head: type[Head]
    read_level: Callable[[str, Content], Level]
    level_segments: Callable[[Level], Iterable[str]]

    def read_parts(self, tset: TransactionSet) -> Iterator[Part]:
        """The head, then each level as soon as all it says has been read."""
        kinds = {kind.loop: kind for kind in self.kinds}
        told: tuple[Loop, ...] = ()
        is_headed = False
        for unit in read_loops(self.spec, tset):
            chain = (*unit.parents, unit.loop)
            if not is_headed:
                is_headed = True
                yield self._read_head(chain[0], tset.delimiters)
            levels = tuple(loop for loop in chain if loop.id in kinds)
            for place, loop in enumerate(levels):
                if not any(loop is known for known in told):
                    has_inner = place + 1 < len(levels)
                    yield self._read_part(kinds[loop.id], loop, tset.delimiters, has_inner=has_inner)
            told = levels or told

    def write_parts(
        self, documents: Iterable[Document], *, st_control_number: str, version: str, delimiters: Delimiters
    ) -> Iterator[str]:
        """ST to SE; raises ValueError where a level comes without the one around it, Unwritable where a value cannot be sent."""
        count = 1
        yield delimiters.element.join(("ST", self.spec.code, st_control_number, version)).rstrip(delimiters.element)
        numbers = _Numbers(self.kinds)
        for document, following in _with_next(documents):
            for segment in self._write_document(document, following, numbers, delimiters):
                count += 1
                yield segment
        yield delimiters.element.join(("SE", str(count + 1), st_control_number))

    def _read_head(self, root: Loop, delimiters: Delimiters) -> Part:
        own = Content("", [normalise_segment(segment, delimiters) for segment in root.segments])
        bht = own.find("BHT") or []
        head = self.head(
            purpose=element_of(bht, 2),
            reference=element_of(bht, 3),
            created_date=find_date(element_of(bht, 4)),
            created_time=element_of(bht, 5),
            transaction_type=element_of(bht, 6),
        )
        said = [segment for segment in own.segments if segment[0] not in ("ST", "SE")]
        return Part(carry_rest(head, self._head_segments(head), said), 1, len(said) + 1)

    def _head_segments(self, head: Head) -> list[str]:
        made = (date_text(head.created_date), head.created_time)
        return [join("BHT", self.structure, head.purpose, head.reference, *made, head.transaction_type)]

    def _read_part(self, kind: LevelKind, loop: Loop, delimiters: Delimiters, *, has_inner: bool) -> Part:
        own = normalise(loop, delimiters)
        level = self.read_level(kind.name, own)
        flag = element_of(own.find("HL") or [], 4)
        expected = ("1" if has_inner else "0") if kind.is_flagged else ""
        document: Level = level if flag == expected else msgspec.structs.replace(level, child_code=flag)
        said = [segment for segment in flatten(own) if segment[0] != "HL"]
        return Part(
            carry_rest(document, list(self.level_segments(document)), said), own.first_position, own.last_position
        )  # fmt: skip

    def _write_document(
        self, document: Document, following: Document | None, numbers: "_Numbers", delimiters: Delimiters
    ) -> list[str]:
        if isinstance(document, Head):
            return punctuate(lay_out(document, self._head_segments(document)), delimiters, document)
        assert isinstance(document, Level), "a head or a level of this transaction"
        segments = lay_out(document, list(self.level_segments(document)))
        next_name = following.level if isinstance(following, Level) else ""
        return punctuate([numbers.open(document, next_name), *segments], delimiters, document)


class _Numbers:
    """Numbers the levels of a set and says which stands in which."""

    def __init__(self, kinds: Sequence[LevelKind]) -> None:
        self._kinds = {kind.name: (depth, kind) for depth, kind in enumerate(kinds)}
        self._open: list[int] = []
        self._last = 0

    def open(self, level: Level, following: str) -> str:
        """The HL of a level; `following` is the kind of the next."""
        depth, kind = self._kinds[level.level]
        if depth > len(self._open):
            raise ValueError(f"a level of kind {level.level} stands in another, and that one did not come before it")
        self._last += 1
        parent = str(self._open[depth - 1]) if depth else ""
        self._open[depth:] = [self._last]
        flag = ""
        if level.child_code is not None:
            flag = level.child_code
        elif kind.is_flagged:
            flag = "1" if following and self._kinds[following][0] > depth else "0"
        return join("HL", str(self._last), parent, kind.code, flag)


def walk(documents: Iterable[Document], kinds: Sequence[LevelKind]) -> Iterator[tuple[Level, ...]]:
    """Each level with the levels around it, outermost first, itself last."""
    depths = {kind.name: depth for depth, kind in enumerate(kinds)}
    around: list[Level] = []
    for document in documents:
        if isinstance(document, Level):
            around[depths[document.level] :] = [document]
            yield tuple(around)


def _with_next(documents: Iterable[Document]) -> Iterator[tuple[Document, Document | None]]:
    iterator = iter(documents)
    current = next(iterator, None)
    while current is not None:
        following = next(iterator, None)
        yield current, following
        current = following
