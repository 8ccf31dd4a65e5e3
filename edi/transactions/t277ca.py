"""277 Health Care Claim Acknowledgment (005010X214): each tier's word on each claim, as documents."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from edi.claims import Document, Party, Reference
from edi.claims.loop_fields import element_of
from edi.claims.party_writer import write_name
from edi.findings import Finding
from edi.inquiries.remainder import Content, LevelDocument, carry_rest, flatten, lay_out, normalise, normalise_segment
from edi.inquiries.segment_fields import (
    Procedure,
    cents_text,
    date_text,
    find_cents,
    find_procedure,
    find_quantity,
    find_service_dates,
    quantity_text,
    read_name,
    read_references,
    write_procedure,
    write_references,
    write_service_dates,
)
from edi.inquiries.statuses import Status, StatusInformation, read_status, write_status
from edi.interchange import TransactionSet
from edi.parts import Part, Transaction
from edi.punctuation import join, punctuate
from edi.segments import Delimiters
from edi.spec import MANY, R, S, SegmentSpec, loop, seg, transaction
from edi.transactions.places import name, period, reference
from edi.tree import Loop
from edi.tree import read as read_loops
from edi.values import find_date, parse_cents

__all__ = ["SPEC", "TRANSACTION", "AcknowledgedUnit", "ClaimAcknowledgment", "Status", "StatusInformation", "read", "write"]

# fmt: off


def _totals_of(count: tuple[str, str]) -> tuple[SegmentSpec, ...]:
    accepted, rejected = count
    return (
        seg("QTY", S, e1=accepted, required=(2,), unused=(3, 4)), seg("QTY", S, e1=rejected, required=(2,), unused=(3, 4)),
        seg("AMT", S, e1="YU", unused=(3,)), seg("AMT", S, e1="YY", unused=(3,)),
    )


def _status(usage: str, *required: int, unused: tuple[int | str, ...] = (12,)) -> SegmentSpec:
    return seg("STC", usage, MANY, e3=("U", "WQ"), required=required, unused=(5, 6, 7, 8, 9, *unused))


_CLAIM = loop(
    "2000D", "Patient", S, MANY,
    seg("HL", R, e3="PT", required=(2,)),
    loop("2100D", "Patient Name", R, 1, name("QC", required=(), unused=(10,))),
    loop(
        "2200D", "Claim Status", S, MANY,
        seg("TRN", R, e1="2", unused=(3, 4)),
        _status(R, 2, 3, 4, unused=()),
        *map(reference, ("1K", "D9", "BLT", "EA")),
        period("472"),
        loop(
            "2220D", "Service Line Status", S, MANY,
            seg("SVC", R, e1=("AD", "ER", "HC", "HP", "IV", "N4", "NU", "WK"), unused=(3, 5, 6)),
            _status(R, 3, unused=(4, 12)), reference("FJ"), reference("XZ"), period("472"),
        ),
    ),
)

_PROVIDER = loop(
    "2000C", "Billing Provider", S, MANY,
    seg("HL", R, e3="19", e4=("0", "1"), required=(2, 4)),
    loop("2100C", "Billing Provider Name", R, 1, name("85", e8=("FI", "SV", "XX"), unused=(10,))),
    loop(
        "2200C", "Billing Provider Status", S, 1,
        seg("TRN", R, e1="1", unused=(3, 4)), _status(S, 3, 4),
        reference("0B", "1G", "G2", "LU", "SY", "TJ", repeat=3),
        *_totals_of(("QA", "QC")),
    ),
    _CLAIM,
)

SPEC = transaction(
    "277", "005010X214", "HN", "Health Care Claim Acknowledgment",
    seg("ST", R, e1="277", required=(3,)),
    seg("BHT", R, e1="0085", e2="08", e6="TH", required=(3, 4, 5)),
    loop(
        "2000A", "Information Source", R, MANY,
        seg("HL", R, e3="20", e4=("0", "1"), required=(4,), unused=(2,)),
        loop("2100A", "Information Source Name", R, 1, name("AY", "PR", required=(3, 8, 9), e8=("46", "FI", "PI", "XV"))),
        loop(
            "2200A", "Transmission Receipt", R, 1,
            seg("TRN", R, e1="1", unused=(3, 4)), seg("DTP", R, e1="050", e2="D8"), seg("DTP", R, e1="009", e2="D8"),
        ),
        loop(
            "2000B", "Information Receiver", R, MANY,
            seg("HL", R, e3="21", e4=("0", "1"), required=(2, 4)),
            loop("2100B", "Information Receiver Name", R, 1, name("41", required=(3, 8, 9), e8="46")),
            loop(
                "2200B", "Receiver Status", R, 1,
                seg("TRN", R, e1="2", unused=(3, 4)), _status(R, 2, 3, 4),
                *_totals_of(("90", "AA")),
            ),
            _PROVIDER,
        ),
    ),
    seg("SE", R),
    accepted_versions=("005010X214E1", "005010X214E2"),
    stream=("2000D", "2000C", "2000B", "2000A"),
)
# fmt: on

StatusLevel = Literal["source", "receiver", "provider", "claim", "line"]


class AcknowledgedUnit(LevelDocument, frozen=True, kw_only=True):
    """What one HL says about what it stands for: the whole batch (receiver), a billing provider, or one claim.

    `trace` is TRN02: BHT03 of our set at the receiver level, CLM01 at the claim level. Counts and amounts are QTY/AMT
    of the receiver and provider levels. `payer_claim_number` is REF*1K, `claim_trace` REF*D9. A line's `trace` is REF*FJ, its
    `procedure`, `charge_cents`, `revenue_code` and `quantity` are SVC01, 02, 04 and 07. `is_further` says that this is one more
    claim of the patient before it; `child_code` is HL04 where it is not what the order of the levels says.
    """

    level: StatusLevel
    position: int
    party: Party | None = None
    trace: str = ""
    statuses: tuple[StatusInformation, ...] = ()
    payer_claim_number: str = ""
    claim_trace: str = ""
    references: tuple[Reference, ...] = ()
    service_from: date | None = None
    service_through: date | None = None
    accepted_count: int | None = None
    rejected_count: int | None = None
    accepted_cents: int | None = None
    rejected_cents: int | None = None
    procedure_qualifier: str = ""
    procedure: str = ""
    modifiers: tuple[str, ...] = ()
    charge_cents: int | None = None
    quantity: Decimal | None = None
    revenue_code: str = ""
    is_further: bool = False
    child_code: str | None = None
    lines: tuple["AcknowledgedUnit", ...] = ()


class ClaimAcknowledgment(LevelDocument, frozen=True, kw_only=True):
    """What a 2000A says: who speaks below it (AY clearinghouse or PR payer, NM101 of 2100A), when, and the set's reference.

    `source.role` is '' where 2100A is missing: nobody is taken for the payer for want of a name. `is_further` says that another
    2000A of the same set came before it.
    """

    reference: str
    created_date: date | None
    source: Party
    source_trace: str = ""
    received_date: date | None = None
    processed_date: date | None = None
    receiver: Party | None = None
    created_time: str = "0000"
    is_further: bool = False
    child_code: str | None = None


_PARTS: dict[str, tuple[StatusLevel, str, str]] = {
    "2000B": ("receiver", "2100B", "2200B"),
    "2000C": ("provider", "2100C", "2200C"),
    "2000D": ("claim", "2100D", "2200D"),
}
_OUTER = {"receiver": ("source", "21", "provider"), "provider": ("receiver", "19", "claim"), "claim": ("provider", "PT", "")}
_NO_TRACE = "0"
"""What the guide has a billing provider's trace say where there is none."""

_COUNTS: dict[StatusLevel, tuple[str, str]] = {"receiver": ("90", "AA"), "provider": ("QA", "QC")}
_AMOUNT_PLACES = {"STC": 4, "AMT": 2, "SVC": 2}


def read(tset: TransactionSet) -> Iterator[ClaimAcknowledgment | AcknowledgedUnit]:
    """A head for each 2000A, each followed by its receivers, their providers and claims in the order they stand."""
    for part in read_parts(tset):
        document = part.document
        assert isinstance(document, ClaimAcknowledgment | AcknowledgedUnit)
        if isinstance(document, ClaimAcknowledgment) or document.position:
            yield document


def read_parts(tset: TransactionSet) -> Iterator[Part]:
    """The same with their places, and with patients of whom nothing is said, whose `position` is 0."""
    reader = _AcknowledgmentReader(tset)
    told: tuple[Loop, ...] = ()
    for unit in read_loops(SPEC, tset):
        chain = (*unit.parents, unit.loop)
        levels = tuple(loop for loop in chain if loop.id in _PARTS or loop.id == "2000A")
        for place, level in enumerate(levels):
            if any(level is known for known in told):
                continue
            has_inner = place + 1 < len(levels)
            if level.id == "2000A":
                receiver = next((one.child("2100B") for one in levels if one.id == "2000B"), None)
                yield reader.read_head(chain[0], level, receiver, has_inner=has_inner)
            else:
                yield from reader.read_level(level, has_inner=has_inner)
        told = levels or told


class _AcknowledgmentReader:
    """Turns the levels of one 277CA into documents; an amount that is none becomes a finding and None."""

    def __init__(self, tset: TransactionSet) -> None:
        self._tset = tset
        self._is_headed = False

    def read_head(self, root: Loop, source: Loop, receiver: Loop | None, *, has_inner: bool) -> Part:
        """BHT and one 2000A, with the name of the first receiver under it."""
        own = normalise(source, self._tset.delimiters)
        header = Content("", [normalise_segment(segment, self._tset.delimiters) for segment in root.segments])
        bht = header.find("BHT") or ["BHT"]
        receipt = own.child("2200A") or Content()
        document = ClaimAcknowledgment(
            reference=element_of(bht, 3),
            created_date=find_date(element_of(bht, 4)),
            created_time=element_of(bht, 5),
            source=_party(own.child("2100A"), ""),
            source_trace=element_of(receipt.find("TRN") or [], 2),
            received_date=find_date(element_of(receipt.find("DTP", "050") or [], 3)),
            processed_date=find_date(element_of(receipt.find("DTP", "009") or [], 3)),
            receiver=_party(normalise(receiver, self._tset.delimiters), "41") if receiver else None,
            is_further=self._is_headed,
            child_code=_child_code(own, "1" if has_inner else "0"),
        )
        said = [] if self._is_headed else [segment for segment in header.segments if segment[0] not in ("ST", "SE")]
        said += [segment for segment in flatten(own) if segment[0] != "HL"]
        first = own.first_position if self._is_headed else 1
        self._is_headed = True
        return Part(carry_rest(document, _head_segments(document), said), first, own.last_position)

    def read_level(self, level: Loop, *, has_inner: bool) -> Iterator[Part]:
        """What one HL says; a patient's has one unit for each claim (2200D), another level always one."""
        kind, _, status = _PARTS[level.id]
        self._report_amounts(level)
        own = normalise(level, self._tset.delimiters)
        flag = _child_code(own, "" if kind == "claim" else "1" if has_inner else "0")
        said = own.children(status)
        around = Content("", own.segments, own.positions, [loop for loop in own.loops if loop.id != status])
        for place, status_loop in enumerate(said or [Content() if kind == "claim" else own]):
            unit = msgspec.structs.replace(self._unit(kind, status_loop, own), is_further=place > 0, child_code=flag)
            content = Content(loops=[*([] if place else [around]), *said[place : place + 1]])
            segments = [segment for segment in flatten(content) if segment[0] != "HL"]
            yield Part(carry_rest(unit, list(_unit_segments(unit)), segments), content.first_position, content.last_position)

    def _unit(self, kind: StatusLevel, loop: Content, level: Content) -> AcknowledgedUnit:
        party = _party(level.child(_PARTS[level.id][1]), {"receiver": "41", "provider": "85"}.get(kind, "QC"))
        accepted, rejected = _COUNTS.get(kind, ("", ""))
        references = list(read_references(loop))
        first, last = find_service_dates(loop)
        trace = element_of(loop.find("TRN") or [], 2)
        return AcknowledgedUnit(
            level=kind,
            position=loop.first_position,
            party=party,
            trace="" if kind == "provider" and trace == _NO_TRACE else trace,
            statuses=tuple(map(read_status, loop.all("STC"))),
            payer_claim_number=_take(references, "1K") if kind == "claim" else "",
            claim_trace=_take(references, "D9") if kind == "claim" else "",
            references=tuple(references),
            service_from=first,
            service_through=last,
            accepted_count=_count(loop.find("QTY", accepted)),
            rejected_count=_count(loop.find("QTY", rejected)),
            accepted_cents=find_cents(element_of(loop.find("AMT", "YU") or [], 2)),
            rejected_cents=find_cents(element_of(loop.find("AMT", "YY") or [], 2)),
            lines=tuple(_line(child) for child in loop.children("2220D")),
        )

    def _report_amounts(self, loop: Loop) -> None:
        """A finding for each amount that is none, where the form of the segment was not found wrong already."""
        for position, segment in zip(loop.positions, loop.segments, strict=True):
            place = _AMOUNT_PLACES.get(segment[0], 0)
            if place and _is_no_amount(element_of(segment, place)):
                self._report(loop, segment, place, position)
        for inner in loop.loops:
            self._report_amounts(inner)

    def _report(self, loop: Loop, segment: list[str], place: int, position: int) -> None:
        message = f"{segment[0]}{place:02} is not an amount in dollars and whole cents"
        finding = Finding(
            code="6", level="element", message=message, segment=segment[0], position=position, loop=loop.id, element=place
        )
        if all((known.position, known.element) != (position, place) for known in self._tset.findings):
            self._tset.add_finding(finding)


def _is_no_amount(text: str) -> bool:
    try:
        parse_cents(text)
    except ValueError:
        return True
    return False


def _child_code(level: Content, expected: str) -> str | None:
    flag = element_of(level.find("HL") or [], 4)
    return None if flag == expected else flag


def _line(loop: Content) -> AcknowledgedUnit:
    svc = loop.find("SVC") or ["SVC"]
    procedure = find_procedure(element_of(svc, 1)) or Procedure(qualifier="", code="")
    references = list(read_references(loop))
    first, last = find_service_dates(loop)
    return AcknowledgedUnit(
        level="line",
        position=loop.first_position,
        trace=_take(references, "FJ"),
        statuses=tuple(map(read_status, loop.all("STC"))),
        references=tuple(references),
        service_from=first,
        service_through=last,
        procedure_qualifier=procedure.qualifier,
        procedure=procedure.code,
        modifiers=procedure.modifiers,
        revenue_code=element_of(svc, 4),
        charge_cents=find_cents(element_of(svc, 2)),
        quantity=find_quantity(element_of(svc, 7)),
    )


def _party(loop: Content | None, role: str) -> Party:
    segment = loop.find("NM1") if loop else None
    return read_name(segment) if segment else Party(role=role)


def _take(references: list[Reference], qualifier: str) -> str:
    """The value of the first reference with this qualifier, taken out of the list."""
    found = next((one for one in references if one.qualifier == qualifier), None)
    if found is None:
        return ""
    references.remove(found)
    return found.value


def _count(segment: list[str] | None) -> int | None:
    text = element_of(segment, 2) if segment else ""
    return int(text) if text.isascii() and text.isdecimal() else None


def write(
    head: ClaimAcknowledgment, units: Iterable[AcknowledgedUnit], *, st_control_number: str, delimiters: Delimiters
) -> list[str]:
    """The raw segments ST to SE, without terminators; units come as they are read: receiver, provider, its claims, provider …

    Raises ValueError where a claim has no provider before it or a provider no receiver, Unwritable where a value holds a
    delimiter.
    """
    documents = [head, *units]
    return list(write_parts(documents, st_control_number=st_control_number, version=SPEC.version, delimiters=delimiters))


def write_parts(documents: Iterable[Document], *, st_control_number: str, version: str, delimiters: Delimiters) -> Iterator[str]:
    """The same for any number of heads, each followed by its units, one after the other."""
    yield delimiters.element.join(("ST", SPEC.code, st_control_number, version)).rstrip(delimiters.element)
    count = 1
    levels = _Levels()
    iterator = iter(documents)
    current = next(iterator, None)
    while current is not None:
        following = next(iterator, None)
        for segment in punctuate(_document_segments(current, following, levels), delimiters, current):
            count += 1
            yield segment
        current = following
    yield delimiters.element.join(("SE", str(count + 1), st_control_number))


def _document_segments(document: Document, following: Document | None, levels: "_Levels") -> list[str]:
    is_unit = isinstance(following, AcknowledgedUnit)
    if isinstance(document, ClaimAcknowledgment):
        segments = lay_out(document, _head_segments(document))
        own_bht = 0 if document.is_further else 1
        return [*segments[:own_bht], levels.open_source(document, has_inner=is_unit), *segments[own_bht:]]
    assert isinstance(document, AcknowledgedUnit), "a head or a unit of a 277CA"
    segments = lay_out(document, list(_unit_segments(document)))
    if document.is_further:
        return segments
    return [levels.open(document, following.level if isinstance(following, AcknowledgedUnit) else ""), *segments]


def _head_segments(head: ClaimAcknowledgment) -> list[str]:
    bht = join("BHT", "0085", "08", head.reference, date_text(head.created_date), head.created_time, "TH")
    return [
        *([] if head.is_further else [bht]),
        write_name(head.source),
        join("TRN", "1", head.source_trace or head.reference),
        *(join("DTP", "050", "D8", date_text(day)) for day in (head.received_date,) if day),
        *(join("DTP", "009", "D8", date_text(day)) for day in (head.processed_date,) if day),
    ]


class _Levels:
    """Numbers the hierarchical levels and says which has others inside."""

    def __init__(self) -> None:
        self._last = 0
        self._numbers: dict[str, int] = {}

    def open_source(self, head: ClaimAcknowledgment, *, has_inner: bool) -> str:
        """The HL of a 2000A."""
        self._last += 1
        self._numbers = {"source": self._last}
        flag = ("1" if has_inner else "0") if head.child_code is None else head.child_code
        return join("HL", str(self._last), "", "20", flag)

    def open(self, unit: AcknowledgedUnit, following: str) -> str:
        """The HL of a unit; `following` is the level of the next."""
        outer, code, inner = _OUTER[unit.level]
        if outer not in self._numbers:
            raise ValueError(f"a {unit.level} stands under a {outer}, and none came before it")
        if unit.level == "receiver":
            self._numbers.pop("provider", None)
        self._last += 1
        self._numbers[unit.level] = self._last
        flag = "" if not inner else "1" if following == inner else "0"
        return join("HL", str(self._last), str(self._numbers[outer]), code, flag if unit.child_code is None else unit.child_code)


def _unit_segments(unit: AcknowledgedUnit) -> Iterator[str]:
    if unit.party and not unit.is_further:
        yield write_name(unit.party)
    if unit.level == "provider" and (unit.trace or unit.statuses or unit.references or any(_totals(unit))):
        yield join("TRN", "1", unit.trace or _NO_TRACE)
    elif unit.trace:
        yield join("TRN", "2", unit.trace)
    yield from map(write_status, unit.statuses)
    for qualifier, value in (("1K", unit.payer_claim_number), ("D9", unit.claim_trace)):
        if value:
            yield join("REF", qualifier, value)
    yield from write_references(unit.references)
    yield from _totals(unit)
    yield from write_service_dates(unit.service_from, unit.service_through)
    for line in unit.lines:
        yield from _line_segments(line)


def _line_segments(line: AcknowledgedUnit) -> Iterator[str]:
    procedure = Procedure(qualifier=line.procedure_qualifier, code=line.procedure, modifiers=line.modifiers)
    amounts = (cents_text(line.charge_cents), "", line.revenue_code, "", "", quantity_text(line.quantity))
    yield join("SVC", write_procedure(procedure), *amounts)
    yield from map(write_status, line.statuses)
    if line.trace:
        yield join("REF", "FJ", line.trace)
    yield from write_references(line.references)
    yield from write_service_dates(line.service_from, line.service_through)


def _totals(unit: AcknowledgedUnit) -> Iterator[str]:
    for qualifier, count in zip(_COUNTS.get(unit.level, ()), (unit.accepted_count, unit.rejected_count), strict=False):
        if count is not None:
            yield join("QTY", qualifier, str(count))
    for qualifier, cents in (("YU", unit.accepted_cents), ("YY", unit.rejected_cents)):
        if cents is not None:
            yield join("AMT", qualifier, cents_text(cents))


TRANSACTION = Transaction("277CA", SPEC, (ClaimAcknowledgment, AcknowledgedUnit), read_parts, write_parts)
"""A head for each 2000A, each followed by what is said of its receivers, their providers and claims."""
