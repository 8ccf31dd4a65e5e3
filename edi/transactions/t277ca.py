"""277 Health Care Claim Acknowledgment (005010X214): each tier's word on each claim, as documents."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from edi.claims import Document, Party, Reference
from edi.findings import Finding
from edi.interchange import TransactionSet
from edi.loop_fields import element_of, first_position, trimmed
from edi.punctuation import compose, join, punctuate
from edi.segments import Delimiters
from edi.spec import MANY, R, S, SegmentSpec, loop, seg, transaction
from edi.tree import Loop
from edi.tree import read as read_loops
from edi.values import find_date, format_cents, format_date, format_date_range, format_quantity, parse_cents, parse_quantity

# fmt: off


def _total(qualifier: str, *tags: str) -> tuple[SegmentSpec, ...]:
    return tuple(seg(tag, S, e1=qualifier) for tag in tags)


def _status(*actions: str) -> SegmentSpec:
    return seg("STC", R, MANY, e3=actions)


_CLAIM = loop(
    "2000D", "Patient", S, MANY,
    seg("HL", R, e3="PT", required=(2,)),
    loop("2100D", "Patient Name", R, 1, seg("NM1", R, e1="QC", e2=("1", "2"))),
    loop(
        "2200D", "Claim Status", S, MANY,
        seg("TRN", R, e1="2"),
        _status("U", "WQ"),
        seg("REF", S, e1="1K"), seg("REF", S, e1="D9"), seg("REF", S, e1="BLT"), seg("REF", S, e1="EA"),
        seg("DTP", S, e1="472", e2=("D8", "RD8")),
        loop(
            "2220D", "Service Line Status", S, MANY,
            seg("SVC", R), _status("U", "WQ"), seg("REF", S, e1="FJ"), seg("REF", S, e1="XZ"),
            seg("DTP", S, e1="472", e2=("D8", "RD8")),
        ),
    ),
)

_PROVIDER = loop(
    "2000C", "Billing Provider", S, MANY,
    seg("HL", R, e3="19", e4=("0", "1"), required=(2,)),
    loop("2100C", "Billing Provider Name", R, 1, seg("NM1", R, e1="85", e2=("1", "2"), required=(8, 9))),
    loop(
        "2200C", "Billing Provider Status", S, 1,
        seg("TRN", R, e1="1"), seg("STC", S, MANY, e3=("U", "WQ")),
        seg("REF", S, 3, e1=("0B", "1G", "G2", "LU", "SY", "TJ")),
        *_total("QA", "QTY"), *_total("QC", "QTY"), *_total("YU", "AMT"), *_total("YY", "AMT"),
    ),
    _CLAIM,
)

SPEC = transaction(
    "277", "005010X214", "HN", "Health Care Claim Acknowledgment",
    seg("ST", R, e1="277"),
    seg("BHT", R, e1="0085", e2="08", e6="TH", required=(3, 4, 5)),
    loop(
        "2000A", "Information Source", R, MANY,
        seg("HL", R, e3="20", e4=("0", "1")),
        loop("2100A", "Information Source Name", R, 1, seg("NM1", R, e1=("AY", "PR"), required=(3, 8, 9))),
        loop(
            "2200A", "Transmission Receipt", R, 1,
            seg("TRN", R, e1="1"), seg("DTP", R, e1="050", e2="D8"), seg("DTP", R, e1="009", e2="D8"),
        ),
        loop(
            "2000B", "Information Receiver", R, MANY,
            seg("HL", R, e3="21", e4=("0", "1"), required=(2,)),
            loop("2100B", "Information Receiver Name", R, 1, seg("NM1", R, e1="41", e2=("1", "2"), required=(3, 8, 9))),
            loop(
                "2200B", "Receiver Status", R, 1,
                seg("TRN", R, e1="2"), _status("U", "WQ"),
                *_total("90", "QTY"), *_total("AA", "QTY"), *_total("YU", "AMT"), *_total("YY", "AMT"),
            ),
            _PROVIDER,
        ),
    ),
    seg("SE", R),
    accepted_versions=("005010X214",),
    stream=("2000D", "2000C", "2000B", "2000A"),
)
# fmt: on

StatusLevel = Literal["source", "receiver", "provider", "claim", "line"]


class Status(Document, frozen=True, kw_only=True):
    """One STC composite (STC01, STC10 or STC11): category, status code, entity."""

    category: str
    code: str
    entity: str = ""


class StatusInformation(Document, frozen=True, kw_only=True):
    """One STC: its composites, the day it took effect, WQ accept or U reject, the amount, free text."""

    statuses: tuple[Status, ...]
    effective_date: date | None = None
    action: str = ""
    charge_cents: int | None = None
    text: str = ""


class AcknowledgedUnit(Document, frozen=True, kw_only=True):
    """What one HL says about what it stands for: the whole batch (receiver), a billing provider, or one claim.

    `trace` is TRN02: BHT03 of our set at the receiver level, CLM01 at the claim level. Counts and amounts are QTY/AMT
    of the receiver and provider levels. `payer_claim_number` is REF*1K, `claim_trace` REF*D9. A line's `trace` is REF*FJ, its
    `procedure`, `charge_cents` and `quantity` are SVC01, 02 and 07.
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
    lines: tuple["AcknowledgedUnit", ...] = ()


class ClaimAcknowledgment(Document, frozen=True, kw_only=True):
    """What a 2000A says: who speaks below it (AY clearinghouse or PR payer, NM101 of 2100A), when, and the set's reference.

    `source.role` is '' where 2100A is missing: nobody is taken for the payer for want of a name.
    """

    reference: str
    created_date: date | None
    source: Party
    source_trace: str = ""
    received_date: date | None = None
    processed_date: date | None = None
    receiver: Party | None = None


_PARTS: dict[str, tuple[StatusLevel, str, str]] = {
    "2000B": ("receiver", "2100B", "2200B"),
    "2000C": ("provider", "2100C", "2200C"),
    "2000D": ("claim", "2100D", "2200D"),
}
_OUTER = {"receiver": ("source", "21", "provider"), "provider": ("receiver", "19", "claim"), "claim": ("provider", "PT", "")}
_NO_TRACE = "0"
"""What the guide has a billing provider's trace say where there is none."""

_COUNTS: dict[StatusLevel, tuple[str, str]] = {"receiver": ("90", "AA"), "provider": ("QA", "QC")}


def read(tset: TransactionSet) -> Iterator[ClaimAcknowledgment | AcknowledgedUnit]:
    """A head for each 2000A, each followed by its receivers, their providers and claims in the order they stand."""
    reader = _AcknowledgmentReader(tset)
    told: tuple[Loop, ...] = ()
    for unit in read_loops(SPEC, tset):
        levels = tuple(loop for loop in (*unit.parents, unit.loop) if loop.id in _PARTS or loop.id == "2000A")
        for level in levels:
            if any(level is known for known in told):
                continue
            if level.id == "2000A":
                yield reader.read_head(unit.parents[0] if unit.parents else unit.loop, level, levels)
            else:
                yield from reader.read_level(level)
        told = levels


class _AcknowledgmentReader:
    """Turns the levels of one 277CA into documents; an amount that is none becomes a finding and None."""

    def __init__(self, tset: TransactionSet) -> None:
        self._tset = tset
        self._component = tset.delimiters.component

    def read_head(self, root: Loop, source: Loop, levels: Sequence[Loop]) -> ClaimAcknowledgment:
        """BHT and one 2000A, with the name of the first receiver under it."""
        bht = root.find("BHT") or ["BHT"]
        receipt = source.child("2200A") or Loop("2200A")
        receiver = next((level.child("2100B") for level in levels if level.id == "2000B"), None)
        return ClaimAcknowledgment(
            reference=element_of(bht, 3),
            created_date=find_date(element_of(bht, 4)),
            source=_party(source.child("2100A"), ""),
            source_trace=element_of(receipt.find("TRN") or [], 2),
            received_date=find_date(element_of(receipt.find("DTP", "050") or [], 3)),
            processed_date=find_date(element_of(receipt.find("DTP", "009") or [], 3)),
            receiver=_party(receiver, "41") if receiver else None,
        )

    def read_level(self, level: Loop) -> Iterator[AcknowledgedUnit]:
        """What one HL says; a patient's has one unit for each claim (2200D), another level always one."""
        kind, name, status = _PARTS[level.id]
        party = _party(level.child(name), {"receiver": "41", "provider": "85"}.get(kind, "QC"))
        said = level.children(status)
        for status_loop in said or ([] if kind == "claim" else [level]):
            yield self._unit(kind, status_loop, party)

    def _unit(self, kind: StatusLevel, loop: Loop, party: Party) -> AcknowledgedUnit:
        accepted, rejected = _COUNTS.get(kind, ("", ""))
        references = _references(loop)
        first, last = _service_dates(loop)
        trace = element_of(loop.find("TRN") or [], 2)
        return AcknowledgedUnit(
            level=kind,
            position=first_position(loop),
            party=party,
            trace="" if kind == "provider" and trace == _NO_TRACE else trace,
            statuses=tuple(self._information(loop, segment) for segment in loop.all("STC")),
            payer_claim_number=references.pop("1K", "") if kind == "claim" else "",
            claim_trace=references.pop("D9", "") if kind == "claim" else "",
            references=tuple(Reference(qualifier=qualifier, value=value) for qualifier, value in references.items()),
            service_from=first,
            service_through=last,
            accepted_count=_count(loop.find("QTY", accepted)),
            rejected_count=_count(loop.find("QTY", rejected)),
            accepted_cents=self._cents(loop, loop.find("AMT", "YU"), 2),
            rejected_cents=self._cents(loop, loop.find("AMT", "YY"), 2),
            lines=tuple(self._line(child) for child in loop.children("2220D")),
        )

    def _line(self, loop: Loop) -> AcknowledgedUnit:
        svc = loop.find("SVC") or ["SVC"]
        procedure = [*element_of(svc, 1).split(self._component), "", ""]
        references = _references(loop)
        first, last = _service_dates(loop)
        return AcknowledgedUnit(
            level="line",
            position=first_position(loop),
            trace=references.pop("FJ", ""),
            statuses=tuple(self._information(loop, segment) for segment in loop.all("STC")),
            references=tuple(Reference(qualifier=qualifier, value=value) for qualifier, value in references.items()),
            service_from=first,
            service_through=last,
            procedure_qualifier=procedure[0],
            procedure=procedure[1],
            modifiers=trimmed(procedure[2:6]),
            charge_cents=self._cents(loop, svc, 2),
            quantity=_quantity(element_of(svc, 7)),
        )

    def _information(self, loop: Loop, segment: list[str]) -> StatusInformation:
        composites = [element_of(segment, place) for place in (1, 10, 11)]
        return StatusInformation(
            statuses=tuple(self._status(composite) for composite in composites if composite),
            effective_date=find_date(element_of(segment, 2)),
            action=element_of(segment, 3),
            charge_cents=self._cents(loop, segment, 4),
            text=element_of(segment, 12),
        )

    def _status(self, composite: str) -> Status:
        category, code, entity, *_ = [*composite.split(self._component), "", ""]
        return Status(category=category, code=code, entity=entity)

    def _cents(self, loop: Loop, segment: list[str] | None, place: int) -> int | None:
        if not segment:
            return None
        try:
            return parse_cents(element_of(segment, place))
        except ValueError:
            position = next(at for at, one in zip(loop.positions, loop.segments, strict=True) if one is segment)
            message = f"{segment[0]}{place:02} is not an amount in dollars and whole cents"
            finding = Finding(
                code="6", level="element", message=message, segment=segment[0], position=position, loop=loop.id, element=place
            )
            if all((known.position, known.element) != (position, place) for known in self._tset.findings):
                self._tset.add_finding(finding)
            return None


def _party(loop: Loop | None, role: str) -> Party:
    name = loop.find("NM1") if loop else None
    if not name:
        return Party(role=role)
    return Party(
        role=element_of(name, 1),
        is_person=element_of(name, 2) == "1",
        last_name=element_of(name, 3),
        first_name=element_of(name, 4),
        middle_name=element_of(name, 5),
        suffix=element_of(name, 7),
        id_qualifier=element_of(name, 8),
        id=element_of(name, 9),
    )


def _references(loop: Loop) -> dict[str, str]:
    return {segment[1]: element_of(segment, 2) for segment in loop.all("REF") if len(segment) > 1}


def _service_dates(loop: Loop) -> tuple[date | None, date | None]:
    segment = loop.find("DTP", "472") or []
    first, _, last = element_of(segment, 3).partition("-")
    return find_date(first), find_date(last)


def _quantity(text: str) -> Decimal | None:
    try:
        return parse_quantity(text)
    except ValueError:
        return None


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
    listed = list(units)
    segments = [join("ST", SPEC.code, st_control_number, SPEC.version)]
    created = format_date(head.created_date) if head.created_date else ""
    segments.append(join("BHT", "0085", "08", head.reference, created, "0000", "TH"))
    segments += [
        join("HL", "1", "", "20", "1" if listed else "0"),
        _name(head.source),
        join("TRN", "1", head.source_trace or head.reference),
        *(join("DTP", "050", "D8", format_date(day)) for day in (head.received_date,) if day),
        *(join("DTP", "009", "D8", format_date(day)) for day in (head.processed_date,) if day),
    ]
    written = punctuate(segments, delimiters, head)
    levels = _Levels()
    for place, unit in enumerate(listed):
        following = listed[place + 1].level if place + 1 < len(listed) else ""
        written += punctuate([levels.open(unit, following), *_unit_segments(unit)], delimiters, unit)
    written.append(delimiters.element.join(("SE", str(len(written) + 1), st_control_number)))
    return written


class _Levels:
    """Numbers the hierarchical levels and says which has others inside."""

    def __init__(self) -> None:
        self._last = 1
        self._numbers: dict[str, int] = {"source": 1}

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
        return join("HL", str(self._last), str(self._numbers[outer]), code, flag)


def _name(party: Party) -> str:
    kind = "1" if party.is_person else "2"
    names = (party.last_name, party.first_name, party.middle_name, "", party.suffix)
    return join("NM1", party.role, kind, *names, party.id_qualifier, party.id)


def _unit_segments(unit: AcknowledgedUnit) -> Iterator[str]:
    if unit.party:
        yield _name(unit.party)
    if unit.level == "provider" and (unit.trace or unit.statuses or any(_totals(unit))):
        yield join("TRN", "1", unit.trace or _NO_TRACE)
    elif unit.trace:
        yield join("TRN", "2", unit.trace)
    yield from map(_status_segment, unit.statuses)
    if unit.payer_claim_number:
        yield join("REF", "1K", unit.payer_claim_number)
    if unit.claim_trace:
        yield join("REF", "D9", unit.claim_trace)
    yield from (join("REF", reference.qualifier, reference.value) for reference in unit.references)
    yield from _totals(unit)
    yield from _service_date(unit)
    for line in unit.lines:
        procedure = compose(line.procedure_qualifier, line.procedure, *line.modifiers)
        charge = "" if line.charge_cents is None else format_cents(line.charge_cents)
        quantity = "" if line.quantity is None else format_quantity(line.quantity)
        yield join("SVC", procedure, charge, "", "", "", "", quantity)
        yield from map(_status_segment, line.statuses)
        if line.trace:
            yield join("REF", "FJ", line.trace)
        yield from (join("REF", reference.qualifier, reference.value) for reference in line.references)
        yield from _service_date(line)


def _status_segment(information: StatusInformation) -> str:
    composites = [compose(one.category, one.code, one.entity) for one in information.statuses]
    first, second, third = (*composites[:3], *("",) * (3 - len(composites)))
    effective = format_date(information.effective_date) if information.effective_date else ""
    charge = "" if information.charge_cents is None else format_cents(information.charge_cents)
    return join("STC", first, effective, information.action, charge, "", "", "", "", "", second, third, information.text)


def _totals(unit: AcknowledgedUnit) -> Iterator[str]:
    for qualifier, count in zip(_COUNTS.get(unit.level, ()), (unit.accepted_count, unit.rejected_count), strict=False):
        if count is not None:
            yield join("QTY", qualifier, str(count))
    for qualifier, cents in (("YU", unit.accepted_cents), ("YY", unit.rejected_cents)):
        if cents is not None:
            yield join("AMT", qualifier, format_cents(cents))


def _service_date(unit: AcknowledgedUnit) -> Iterator[str]:
    if unit.service_from and unit.service_through:
        yield join("DTP", "472", "RD8", format_date_range(unit.service_from, unit.service_through))
    elif unit.service_from:
        yield join("DTP", "472", "D8", format_date(unit.service_from))
