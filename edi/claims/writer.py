"""Claims into segments of an 837: the writing half of the claim document."""

from collections.abc import Iterator, Sequence
from datetime import date
from operator import attrgetter

from edi.claims import Carried, Claim, Coverage, OtherPayer, Party
from edi.claims.carrying import loops_of, put_in_order, write_loop, write_loops
from edi.claims.health_codes import write_codes
from edi.claims.line_writer import write_line
from edi.claims.party_writer import write_adjustments, write_party, write_reference
from edi.claims.segments import CLAIM_SHAPES, OTHER_PAYER_SHAPES, write_periods, write_shapes
from edi.punctuation import compose, join
from edi.values import format_cents, format_date, format_quantity

CLAIMS_PER_LEVEL_MAX = 100
"""How often 2300 may stand under one 2000B or 2000C."""

_PLAIN_DETAILS = ("periods", "moments", "amounts", "fixed_information", "carried")
_get_details = attrgetter(*[field for field, _, _ in CLAIM_SHAPES.values()], *_PLAIN_DETAILS)


def write_claim(claim: Claim) -> list[str]:
    """2300 and its loops."""
    segments = _write_claim_segments(claim)
    for provider in claim.providers:
        segments += write_party(provider)
    for other in claim.other_payers:
        segments += _write_other_payer(other)
    for number, line in enumerate(claim.lines, 1):
        segments += write_line(number, line, claim.guide)
    if claim.carried:
        for loop in claim.carried.loops:
            segments += write_loop(loop)
    return segments


def _write_claim_segments(claim: Claim) -> list[str]:
    place = compose(claim.place_of_service, claim.facility_qualifier, claim.frequency)
    causes = compose(*claim.related_causes, *("",) * (3 - len(claim.related_causes)), claim.related_state, claim.related_country)
    segments = [
        join(
            *("CLM", claim.patient_control_number, format_cents(claim.charge_cents), "", "", place, claim.provider_signature),
            *(claim.assignment, claim.benefits_assigned, claim.release_of_information, claim.patient_signature, causes),
            *(claim.special_program, "", "", "", "", "", "", claim.submission_reason, claim.delay_reason),
        )
    ]
    segments += [join("DTP", qualifier, "D8", format_date(day)) for qualifier, day in claim.dates]
    if claim.patient_paid_cents is not None:
        segments.append(join("AMT", "F5", format_cents(claim.patient_paid_cents)))
    segments += [write_reference(one) for one in claim.references]
    segments += [join("NTE", qualifier, text) for qualifier, text in claim.notes]
    segments += write_codes(claim)
    if any(_get_details(claim)):
        return put_in_order("2300", segments + _write_details(claim), claim.carried)
    return segments


def _write_details(claim: Claim) -> list[str]:
    """What only some claims say."""
    return [
        *write_shapes(claim, CLAIM_SHAPES),
        *write_periods(claim.periods, claim.moments),
        *[join("AMT", qualifier, format_cents(cents)) for qualifier, cents in claim.amounts],
        *[join("K3", text) for text in claim.fixed_information],
    ]


def _write_other_payer(other: OtherPayer) -> Iterator[str]:
    segments = [
        join(
            *("SBR", other.responsibility, other.relationship, other.group_number, other.group_name, other.insurance_type),
            *("", "", "", other.claim_filing_indicator),
        )
    ]
    segments += write_adjustments(other.adjustments)
    for qualifier, cents in (("D", other.paid_cents), ("A8", other.noncovered_cents), ("EAF", other.remaining_patient_cents)):
        if cents is not None:
            segments.append(join("AMT", qualifier, format_cents(cents)))
    coverage = join("OI", "", "", other.benefits_assigned, other.patient_signature, "", other.release_of_information)
    if coverage != "OI":
        segments.append(coverage)
    segments += write_shapes(other, OTHER_PAYER_SHAPES)
    yield from put_in_order("2320", segments, other.carried)
    if other.subscriber:
        yield from write_party(other.subscriber)
    if other.payer:
        yield from _write_other_payer_name(other.payer, other.paid_date)
    for provider in other.providers:
        yield from write_party(provider)
    for loop in other.carried.loops if other.carried else ():
        yield from write_loop(loop)


def _write_other_payer_name(payer: Party, paid_date: date | None) -> Sequence[str]:
    """2330B, with DTP*573 before its references."""
    segments = write_party(payer)
    if paid_date is None:
        return segments
    first_after = next((place for place, one in enumerate(segments) if one[:3] in {"REF", "PER"}), len(segments))
    return (*segments[:first_after], join("DTP", "573", "D8", format_date(paid_date)), *segments[first_after:])


def _write_billing_level(number: int, claim: Claim) -> list[str]:
    billing = claim.billing_provider
    segments = [join("HL", str(number), "", "20", "1")]
    if billing.taxonomy:
        segments.append(join("PRV", "BI", "PXC", billing.taxonomy))
    if claim.currency:
        segments.append(join("CUR", "85", claim.currency))
    _put_level(segments, billing, "2000A")
    segments += write_party(billing)
    if claim.pay_to:
        segments += write_party(claim.pay_to)
    if claim.pay_to_plan:
        segments += write_party(claim.pay_to_plan)
    segments += write_loops(billing.carried, "2010AC")
    return segments


def _write_subscriber_level(number: int, parent: int, claim: Claim, *, has_dependents: bool) -> list[str]:
    coverage: Coverage = claim.coverage
    segments = [
        join("HL", str(number), str(parent), "22", "1" if claim.patient or has_dependents else "0"),
        join(
            *("SBR", coverage.responsibility, "" if claim.patient else claim.relationship, coverage.group_number),
            *(coverage.group_name, coverage.insurance_type, "", "", "", coverage.claim_filing_indicator),
        ),
    ]
    condition = _write_condition("", claim.subscriber)
    if condition != "PAT":
        segments.append(condition)
    _put_level(segments, claim.subscriber, "2000B")
    segments += write_party(claim.subscriber)
    segments += write_party(claim.payer)
    return segments


def _write_patient_level(number: int, parent: int, claim: Claim) -> list[str]:
    assert claim.patient is not None
    segments = [join("HL", str(number), str(parent), "23", "0"), _write_condition(claim.relationship, claim.patient)]
    _put_level(segments, claim.patient, "2000C")
    segments += write_party(claim.patient)
    return segments


def _write_condition(relationship: str, party: Party) -> str:
    """PAT."""
    form, day = ("D8", format_date(party.death_date)) if party.death_date else ("", "")
    unit, weight = ("", "") if party.weight_pounds is None else ("01", format_quantity(party.weight_pounds))
    return join("PAT", relationship, "", "", "", form, day, unit, weight, party.pregnancy)


def _put_level(segments: list[str], party: Party, loop: str) -> None:
    """What the party carries of its hierarchical level."""
    for level in loops_of(party.carried, loop):
        told = [("PAT", "", *one[2:]) if loop == "2000C" and one[0] == "PAT" else one for one in level.segments]
        segments[:] = put_in_order("level", segments, Carried(segments=tuple(told)))
        for inner in level.loops:
            segments += write_loop(inner)


class LevelWriter:
    """Numbers the hierarchical levels: neighbours with equal levels above them share those levels."""

    def __init__(self) -> None:
        self._last = 0
        self._claims = 0
        self._billing_number = 0
        self._subscriber_number = 0
        self._before: Claim | None = None
        self._told = ""
        self._has_dependents = False

    def start(self, loop: str, *, has_dependents: bool) -> None:
        """Open this level before the next claim, also where it says what the one before says."""
        self._told = loop
        self._has_dependents = has_dependents

    def find_outermost(self, claim: Claim) -> str:
        """The outermost level that opens before this claim: 2000A, 2000B, 2000C or ''."""
        before = self._before
        if before is None or self._told == "2000A" or not _is_same_billing(before, claim):
            return "2000A"
        if self._told == "2000B" or not self._is_same_coverage(before, claim):
            return "2000B"
        is_crowded = self._claims >= CLAIMS_PER_LEVEL_MAX
        if is_crowded and claim.patient is None:
            return "2000B"
        if claim.patient and (is_crowded or self._told == "2000C" or not _is_same_patient(before, claim)):
            return "2000C"
        return ""

    def pass_over(self, claim: Claim) -> str:
        """Count this claim in, and say which level opens before it."""
        opens = self.find_outermost(claim)
        self.count_in(claim, opens)
        return opens

    def count_in(self, claim: Claim, opens: str) -> None:
        """Count in a claim before which this level opens."""
        self._claims = 1 if opens else self._claims + 1
        if opens in ("2000A", "2000B") and not self._told:
            self._has_dependents = False
        self._before, self._told = claim, ""

    def open(self, claim: Claim) -> list[str]:
        """The levels to open before this claim."""
        opens = self.pass_over(claim)
        segments: list[str] = []
        if opens == "2000A":
            self._billing_number = self._next()
            segments += _write_billing_level(self._billing_number, claim)
        if opens in ("2000A", "2000B"):
            self._subscriber_number = self._next()
            has_dependents = self._has_dependents
            segments += _write_subscriber_level(
                self._subscriber_number, self._billing_number, claim, has_dependents=has_dependents
            )
        if opens and claim.patient:
            segments += _write_patient_level(self._next(), self._subscriber_number, claim)
        return segments

    def _is_same_coverage(self, before: Claim, claim: Claim) -> bool:
        return (
            before.subscriber == claim.subscriber
            and before.payer == claim.payer
            and before.coverage == claim.coverage
            and ((before.patient is None) == (claim.patient is None) or (self._has_dependents and claim.patient is not None))
            and (claim.patient is not None or before.relationship == claim.relationship)
        )

    def _next(self) -> int:
        self._last += 1
        return self._last


def _is_same_billing(before: Claim, claim: Claim) -> bool:
    return (
        before.billing_provider == claim.billing_provider
        and before.pay_to == claim.pay_to
        and before.pay_to_plan == claim.pay_to_plan
        and before.currency == claim.currency
    )


def _is_same_patient(before: Claim, claim: Claim) -> bool:
    return before.patient == claim.patient and before.relationship == claim.relationship
