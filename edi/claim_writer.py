"""Claims into segments of an 837P: the writing half of the claim document."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache

from edi.claim_reader import SEGMENT_ORDER
from edi.claims import (
    Address,
    Adjustment,
    Carried,
    CarriedLoop,
    Claim,
    Contact,
    Coverage,
    LineAdjudication,
    OtherPayer,
    Party,
    ServiceLine,
    Submission,
)
from edi.punctuation import ELEMENT, compose, join, punctuate
from edi.segments import Delimiters
from edi.values import format_cents, format_date, format_date_range, format_quantity

CLAIMS_PER_LEVEL_MAX = 100
"""How often 2300 may stand under one 2000B or 2000C."""

_CODES_PER_HI = 12
_ADJUSTMENTS_PER_CAS = 6
_RANKS = {loop: {tag: place for place, tag in enumerate(tags)} for loop, tags in SEGMENT_ORDER.items()}


def _in_order(place: str, segments: list[str], carried: Carried | None) -> list[str]:
    """The segments with the carried ones among them, in the order of the guide."""
    if carried is None or not carried.segments:
        return segments
    ranks = _RANKS[place]
    both = segments + [join(*segment) for segment in carried.segments]
    both.sort(key=lambda segment: ranks.get(segment.partition(ELEMENT)[0], len(ranks)))
    return both


def _carried_loop(loop: CarriedLoop) -> Iterator[str]:
    for segment in loop.segments:
        yield join(*segment)
    for inner in loop.loops:
        yield from _carried_loop(inner)


def _carried_in(carried: Carried | None, loop: str) -> Iterator[str]:
    """The segments of the carried loops of this id."""
    for one in carried.loops if carried else ():
        if one.loop == loop:
            yield from _carried_loop(one)


def _address(address: Address) -> Iterator[str]:
    if address.line1 or address.line2:
        yield join("N3", address.line1, address.line2)
    city = join("N4", address.city, address.state, address.postal_code, address.country, "", "", address.subdivision)
    if city != "N4":
        yield city


def _contact(contact: Contact) -> str:
    return join("PER", "IC", contact.name, *(part for number in contact.numbers for part in number))


@lru_cache(maxsize=4096)
def _party(party: Party, specialty: str = "PE") -> tuple[str, ...]:
    """NM1 and what follows it; `specialty` is PRV01 where the taxonomy stands here, '' where it stands elsewhere."""
    segments = [
        join(
            *("NM1", party.role, "1" if party.is_person else "2", party.last_name, party.first_name, party.middle_name, ""),
            *(party.suffix, party.id_qualifier, party.id),
        )
    ]
    if party.taxonomy and specialty:
        segments.append(join("PRV", specialty, "PXC", party.taxonomy))
    if party.address:
        segments += _address(party.address)
    if party.birth_date:
        segments.append(join("DMG", "D8", format_date(party.birth_date), party.gender))
    segments += [join("REF", one.qualifier, one.value, one.description) for one in party.references]
    segments += [_contact(contact) for contact in party.contacts]
    return tuple(_in_order("party", segments, party.carried))


def _adjustments(adjustments: Sequence[Adjustment]) -> Iterator[str]:
    """CAS segments: neighbours of one group share one, up to six."""
    start = 0
    while start < len(adjustments):
        end = start + 1
        group = adjustments[start].group
        while end < len(adjustments) and end - start < _ADJUSTMENTS_PER_CAS and adjustments[end].group == group:
            end += 1
        triplets = [
            (one.reason, format_cents(one.amount_cents), "" if one.quantity is None else format_quantity(one.quantity))
            for one in adjustments[start:end]
        ]
        yield join("CAS", group, *(part for triplet in triplets for part in triplet))
        start = end


def _claim_segments(claim: Claim) -> list[str]:
    place = compose(claim.place_of_service, claim.facility_qualifier, claim.frequency)
    causes = compose(*claim.related_causes, *("",) * (3 - len(claim.related_causes)), claim.related_state, claim.related_country)
    segments = [
        join(
            *("CLM", claim.patient_control_number, format_cents(claim.charge_cents), "", "", place, claim.provider_signature),
            *(claim.assignment, claim.benefits_assigned, claim.release_of_information, claim.patient_signature, causes),
            *(claim.special_program, "", "", "", "", "", "", "", claim.delay_reason),
        )
    ]
    segments += [join("DTP", qualifier, "D8", format_date(day)) for qualifier, day in claim.dates]
    if claim.patient_paid_cents is not None:
        segments.append(join("AMT", "F5", format_cents(claim.patient_paid_cents)))
    segments += [join("REF", one.qualifier, one.value, one.description) for one in claim.references]
    segments += [join("NTE", qualifier, text) for qualifier, text in claim.notes]
    codes = [compose(one.qualifier, one.code) for one in claim.diagnoses]
    for start in range(0, len(codes), _CODES_PER_HI):
        segments.append(join("HI", *codes[start : start + _CODES_PER_HI]))
    return _in_order("2300", segments, claim.carried)


def _other_payer(other: OtherPayer) -> Iterator[str]:
    segments = [
        join(
            *("SBR", other.responsibility, other.relationship, other.group_number, other.group_name, other.insurance_type),
            *("", "", "", other.claim_filing_indicator),
        )
    ]
    segments += _adjustments(other.adjustments)
    for qualifier, cents in (("D", other.paid_cents), ("A8", other.noncovered_cents), ("EAF", other.remaining_patient_cents)):
        if cents is not None:
            segments.append(join("AMT", qualifier, format_cents(cents)))
    coverage = join("OI", "", "", other.benefits_assigned, other.patient_signature, "", other.release_of_information)
    if coverage != "OI":
        segments.append(coverage)
    yield from _in_order("2320", segments, other.carried)
    if other.subscriber:
        yield from _party(other.subscriber)
    if other.payer:
        yield from _paying(other.payer, other.paid_date)
    for loop in other.carried.loops if other.carried else ():
        yield from _carried_loop(loop)


def _paying(payer: Party, paid_date: date | None) -> Sequence[str]:
    """2330B, with DTP*573 before its references."""
    segments = _party(payer)
    if paid_date is None:
        return segments
    first_after = next((place for place, one in enumerate(segments) if one[:3] in {"REF", "PER"}), len(segments))
    return (*segments[:first_after], join("DTP", "573", "D8", format_date(paid_date)), *segments[first_after:])


def _service_date(line: ServiceLine) -> str:
    assert line.service_from is not None
    if line.service_through is None:
        return join("DTP", "472", "D8", format_date(line.service_from))
    return join("DTP", "472", "RD8", format_date_range(line.service_from, line.service_through))


def _line(number: int, line: ServiceLine) -> Iterator[str]:
    modifiers = (*line.modifiers, *("",) * (4 - len(line.modifiers)))
    procedure = compose(line.procedure_qualifier, line.procedure, *modifiers, line.description)
    segments = [
        join("LX", str(number)),
        join(
            *("SV1", procedure, format_cents(line.charge_cents), line.unit, format_quantity(line.quantity)),
            *(line.place_of_service, "", compose(*map(str, line.diagnosis_pointers)), "", line.emergency, "", line.epsdt),
            *(line.family_planning, "", "", line.copay_exempt),
        ),
    ]
    if line.service_from:
        segments.append(_service_date(line))
    if line.control_number:
        segments.append(join("REF", "6R", line.control_number))
    segments += [join("REF", one.qualifier, one.value, one.description) for one in line.references]
    if line.note:
        segments.append(join("NTE", "ADD", line.note))
    yield from _in_order("2400", segments, line.carried)
    yield from _carried_in(line.carried, "2410")
    for provider in line.providers:
        yield from _party(provider)
    for adjudication in line.adjudications:
        yield from _adjudication(adjudication)
    yield from _carried_in(line.carried, "2440")


def _adjudication(decided: LineAdjudication) -> Iterator[str]:
    modifiers = (*decided.modifiers, *("",) * (4 - len(decided.modifiers)))
    procedure = compose(decided.procedure_qualifier, decided.procedure, *modifiers, decided.description)
    quantity = "" if decided.quantity is None else format_quantity(decided.quantity)
    yield join("SVD", decided.payer_id, format_cents(decided.paid_cents), procedure, "", quantity, decided.bundled_line)
    yield from _adjustments(decided.adjustments)
    if decided.paid_date:
        yield join("DTP", "573", "D8", format_date(decided.paid_date))
    if decided.remaining_patient_cents is not None:
        yield join("AMT", "EAF", format_cents(decided.remaining_patient_cents))


def _claim(claim: Claim) -> list[str]:
    segments = _claim_segments(claim)
    for provider in claim.providers:
        segments += _party(provider)
    for other in claim.other_payers:
        segments += _other_payer(other)
    for number, line in enumerate(claim.lines, 1):
        segments += _line(number, line)
    return segments


def _billing_level(number: int, claim: Claim) -> Iterator[str]:
    billing = claim.billing_provider
    yield join("HL", str(number), "", "20", "1")
    if billing.taxonomy:
        yield join("PRV", "BI", "PXC", billing.taxonomy)
    yield from _carried_in(billing.carried, "2000A")
    yield from _party(billing, "")
    if claim.pay_to:
        yield from _party(claim.pay_to)
    yield from _carried_in(billing.carried, "2010AC")


def _subscriber_level(number: int, parent: int, claim: Claim) -> Iterator[str]:
    coverage: Coverage = claim.coverage
    yield join("HL", str(number), str(parent), "22", "1" if claim.patient else "0")
    yield join(
        *("SBR", coverage.responsibility, "" if claim.patient else claim.relationship, coverage.group_number),
        *(coverage.group_name, coverage.insurance_type, "", "", "", coverage.claim_filing_indicator),
    )
    yield from _carried_in(claim.subscriber.carried, "2000B")
    yield from _party(claim.subscriber)
    yield from _party(claim.payer)


def _patient_level(number: int, parent: int, claim: Claim) -> Iterator[str]:
    assert claim.patient is not None
    yield join("HL", str(number), str(parent), "23", "0")
    told = [segment for loop in _loops_in(claim.patient.carried, "2000C") for segment in loop.segments]
    pat = next((segment for segment in told if segment[0] == "PAT"), ("PAT", ""))
    yield join("PAT", claim.relationship, *pat[2:])
    for segment in told:
        if segment is not pat:
            yield join(*segment)
    yield from _party(claim.patient)


def _loops_in(carried: Carried | None, loop: str) -> list[CarriedLoop]:
    return [one for one in carried.loops if one.loop == loop] if carried else []


class _Levels:
    """Numbers the hierarchical levels: neighbours with equal levels above them share those levels."""

    def __init__(self) -> None:
        self._last = 0
        self._claims = 0
        self._billing_number = 0
        self._subscriber_number = 0
        self._before: Claim | None = None

    def open(self, claim: Claim) -> list[str]:
        """The levels to open before this claim."""
        segments: list[str] = []
        before, self._before = self._before, claim
        same = before is not None and before.billing_provider == claim.billing_provider and before.pay_to == claim.pay_to
        if not same:
            self._billing_number = self._next()
            segments += _billing_level(self._billing_number, claim)
        same = same and before is not None and _is_same_coverage(before, claim)
        same_patient = same and before is not None and _is_same_patient(before, claim)
        self._claims += 1
        crowded = same_patient and self._claims > CLAIMS_PER_LEVEL_MAX
        if not same or (crowded and claim.patient is None):
            self._subscriber_number = self._next()
            segments += _subscriber_level(self._subscriber_number, self._billing_number, claim)
        if claim.patient and (not same_patient or crowded):
            segments += _patient_level(self._next(), self._subscriber_number, claim)
        if not same_patient or crowded:
            self._claims = 1
        return segments

    def _next(self) -> int:
        self._last += 1
        return self._last


def _is_same_coverage(before: Claim, claim: Claim) -> bool:
    return (
        before.subscriber == claim.subscriber
        and before.payer == claim.payer
        and before.coverage == claim.coverage
        and (before.patient is None) == (claim.patient is None)
        and (claim.patient is not None or before.relationship == claim.relationship)
    )


def _is_same_patient(before: Claim, claim: Claim) -> bool:
    return before.patient == claim.patient and before.relationship == claim.relationship


def _header(submission: Submission, st_control_number: str, version: str) -> list[str]:
    return [
        join("ST", "837", st_control_number, version),
        join(
            *("BHT", "0019", "00", submission.reference, format_date(submission.created_at)),
            *(_time(submission.created_at), submission.usage),
        ),
        *_party(submission.submitter),
        *_party(submission.receiver),
    ]


def _time(at: datetime) -> str:
    return f"{at:%H%M%S}" if at.second else f"{at:%H%M}"


def write_submission(submission: Submission, *, st_control_number: str, version: str, delimiters: Delimiters) -> list[str]:
    """ST to SE of one transaction set; raises Unwritable where a value cannot be written."""
    written = punctuate(_header(submission, st_control_number, version), delimiters, submission)
    levels = _Levels()
    for claim in submission.claims:
        written += punctuate(levels.open(claim) + _claim(claim), delimiters, claim)
    written.append(delimiters.element.join(("SE", str(len(written) + 1), st_control_number)))
    return written
