"""A file cut into files, each a complete interchange: by interchange, group, set, payment or claim; a piece at a time."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal, NamedTuple

from edi.headers import GroupHeader, write_gs, write_isa
from edi.interchange import Reader, TransactionSet
from edi.tools.claim_cutting import cut_claims
from edi.tools.json_lines import Complaint, complaints_of
from edi.transactions.ta1 import write_ta1

By = Literal["interchange", "group", "set", "payment", "claim"]
_SEGMENTS_A_CHUNK = 500
_NO_CLAIM = "has no claims to be cut into; --by set cuts these"
_SUM = "is a payment, the sum of all its claims (BPR02), so that no piece would balance; --by payment gives one file a payment"


class Piece(NamedTuple):
    """One new file: its name, made of control numbers and ordinals, and its bytes, to be read before the next piece."""

    name: str
    chunks: Iterator[bytes]


class _Place(NamedTuple):
    """Where a set stands in the file: the ordinals of its interchange and group, from 1, and what the group says."""

    interchange: int
    group: int
    header: GroupHeader


_Sets = Iterable[Iterable[str]]
"""Sets as raw segments, ST to the last before SE."""


class Splitter:
    """The pieces of a file; `complaints` are complete once `pieces` is exhausted: what is wrong in it, what no piece holds.

    Counts and trailers of each piece are made anew, and the levels of 837 sets numbered anew; control numbers stay.
    """

    def __init__(self, reader: Reader, by: By, *, claims_max: int = 1) -> None:
        self.complaints: list[Complaint] = []
        self._reader = reader
        self._by = by
        self._claims_max = claims_max
        self._passed = 0

    def pieces(self) -> Iterator[Piece]:
        """Each piece in the order of the file. Raises EdiError where the bytes are no X12, Unwritable for an odd ISA or GS."""
        if self._by == "interchange":
            for number, sets in groupby(self._reader, lambda _: len(self._reader.interchanges)):
                yield from self._bare_pieces(number - 1)
                self._passed = number
                yield Piece(f"{self._name(number)}.x12", self._envelope(number, self._all_groups(number, sets)))
        else:
            for place, sets in groupby(self._reader, self._place_of):
                yield from self._bare_pieces(place.interchange)
                yield from self._pieces_of_group(place, sets)
        yield from self._bare_pieces(len(self._reader.interchanges))
        self._complain_of_envelope()

    def _place_of(self, tset: TransactionSet) -> _Place:
        return _Place(len(self._reader.interchanges), len(self._reader.interchanges[-1].groups), tset.group)

    def _bare_pieces(self, last: int) -> Iterator[Piece]:
        """A piece for each interchange up to this one without sets, and for the TA1s of one whose sets stand apart."""
        for number in range(self._passed + 1, last + 1):
            self._passed = number
            if self._by == "interchange":
                yield Piece(f"{self._name(number)}.x12", self._envelope(number, self._all_groups(number, ())))
            elif self._reader.interchanges[number - 1].acknowledgments:
                yield Piece(f"{self._name(number)}-ta1.x12", self._envelope(number, ()))

    def _pieces_of_group(self, place: _Place, sets: Iterable[TransactionSet]) -> Iterator[Piece]:
        name = f"{self._name(place.interchange)}-g{place.group:03}-{place.header.gs_control_number}"
        if self._by == "group":
            yield Piece(f"{name}.x12", self._group_alone(place, (self._segments(tset) for tset in sets)))
            return
        for number, tset in enumerate(sets, 1):
            stem, suffix = f"{name}-s{number:05}-{_clean(tset.st_control_number)}", _clean(tset.code) or "x12"
            if self._by == "claim":
                yield from self._claim_pieces(place, tset, stem, suffix)
            elif self._by == "payment" and tset.code != "835":
                self._refuse(tset, "is no payment; --by set cuts these")
            else:
                yield Piece(f"{stem}.{suffix}", self._group_alone(place, [self._segments(tset)]))

    def _claim_pieces(self, place: _Place, tset: TransactionSet, stem: str, suffix: str) -> Iterator[Piece]:
        if tset.code != "837":
            self._refuse(tset, _SUM if tset.code == "835" else _NO_CLAIM)
            return
        number = 0
        for number, cut in enumerate(cut_claims(self._segments(tset), tset.delimiters.element, self._claims_max), 1):
            yield Piece(f"{stem}-c{number:06}.{suffix}", self._group_alone(place, [cut]))
        if not number:
            self._refuse(tset, "has no claims")

    def _segments(self, tset: TransactionSet) -> Iterator[str]:
        """A set's segments without its trailer; its findings are complaints afterwards."""
        trailer = f"SE{tset.delimiters.element}"
        for run in tset.runs():
            yield from (segment for segment in run if not segment.startswith(trailer))
        self.complaints += complaints_of(tset)

    def _all_groups(self, number: int, sets: Iterable[TransactionSet]) -> Iterator[tuple[GroupHeader, _Sets]]:
        """The groups of an interchange with their sets, those without any in their places."""
        groups = self._reader.interchanges[number - 1].groups
        passed = 0
        for place, inner in groupby(sets, self._place_of):
            yield from ((group.header, ()) for group in groups[passed : place.group - 1])
            passed = place.group
            yield place.header, (self._segments(tset) for tset in inner)
        yield from ((group.header, ()) for group in groups[passed:])

    def _group_alone(self, place: _Place, sets: _Sets) -> Iterator[bytes]:
        return self._envelope(place.interchange, [(place.header, sets)], with_acknowledgments=False)

    def _envelope(
        self, number: int, groups: Iterable[tuple[GroupHeader, _Sets]], *, with_acknowledgments: bool = True
    ) -> Iterator[bytes]:
        """The bytes of one piece, ISA to IEA."""
        interchange = self._reader.interchanges[number - 1]
        header, delimiters = interchange.header, interchange.header.delimiters
        end = delimiters.segment if delimiters.segment.isspace() else delimiters.segment + "\n"
        yield _encode([write_isa(header)], end)
        if with_acknowledgments:
            yield _encode([delimiters.element.join(write_ta1(one)) for one in interchange.acknowledgments], end)
        group_count = 0
        for group, sets in groups:
            group_count += 1
            yield _encode([write_gs(group, delimiters)], end)
            set_count = 0
            for segments in sets:
                set_count += 1
                yield from _write_set(segments, delimiters.element, end)
            yield _encode([delimiters.element.join(("GE", str(set_count), str(group.gs_control_number)))], end)
        yield _encode([delimiters.element.join(("IEA", str(group_count), f"{header.isa_control_number:09}"))], end)

    def _name(self, number: int) -> str:
        return f"{number:04}-{self._reader.interchanges[number - 1].header.isa_control_number:09}"

    def _refuse(self, tset: TransactionSet, why: str) -> None:
        for _ in self._segments(tset):
            pass
        message = f"this {tset.code or 'nameless'} set {why}"
        number = tset.st_control_number
        self.complaints.append(Complaint(message=message, set_ordinal=tset.ordinal, st_control_number=number, is_loss=True))

    def _complain_of_envelope(self) -> None:
        self.complaints += [Complaint(message=one.message, finding=one) for one in self._reader.findings]
        if self._reader.service_count:
            message = f"{self._reader.service_count} segments of interchange services (ISB, ISE, TA3) are in no piece"
            self.complaints.append(Complaint(message=message, is_loss=True))
        empty = sum(not group.set_count for one in self._reader.interchanges for group in one.groups)
        if empty and self._by != "interchange":
            self.complaints.append(Complaint(message=f"{empty} groups without sets are in no piece", is_wrong=False))


def _write_set(segments: Iterable[str], separator: str, end: str) -> Iterator[bytes]:
    kept: list[str] = []
    count, control_number = 0, ""
    for segment in segments:
        if not count:
            control_number = [*segment.split(separator), "", ""][2]
        count += 1
        kept.append(segment)
        if len(kept) == _SEGMENTS_A_CHUNK:
            yield _encode(kept, end)
            kept = []
    kept.append(separator.join(("SE", str(count + 1), control_number)))
    yield _encode(kept, end)


def _encode(segments: Iterable[str], end: str) -> bytes:
    return "".join([segment + end for segment in segments]).encode("latin-1")


def _clean(text: str) -> str:
    """A control number or a code as part of a file's name: letters and digits of ASCII, nine at most."""
    return "".join(each for each in text if each.isascii() and each.isalnum())[:9]
