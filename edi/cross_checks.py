"""What no single element shows: sums that must come out, days in their order, check digits.

Findings of level `balance`; `code` is the name of the rule. On the way in they inform, on the way out they block.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from edi.claims import Claim, Document, LineAdjudication, OtherPayer, ServiceLine
from edi.findings import Finding
from edi.interchange import TransactionSet
from edi.parts import Part
from edi.remittances import ClaimPayment, ProviderAdjustment, Remittance
from edi.remittances.balances import check_claim_payment, check_remittance, sum_adjustments
from edi.segment_checks import SegmentChecks
from edi.transactions.t837p import SubmissionHead
from edi.transactions.t999 import GroupResponse
from edi.values import format_money

_REJECTED = ("M", "R", "W", "X")
"""IK501 of a set that was not taken in."""


class CrossChecks:
    """The rules across one set; made before the set is read, given each part as it comes, closed at the end."""

    def __init__(self, tset: TransactionSet) -> None:
        self._segments = SegmentChecks(tset)
        tset.watch(self._segments.look)
        self._money = _RemittanceSums()
        self._submitted: date | None = None

    def take(self, part: Part) -> list[Finding]:
        """What is wrong in this part, and in the segments read since the last."""
        return [*self._segments.take(), *self._check(part)]

    def close(self) -> list[Finding]:
        """What only the whole set shows."""
        return [*self._segments.take(), *self._money.close()]

    def _check(self, part: Part) -> Iterator[Finding]:
        document = part.document
        if isinstance(document, SubmissionHead):
            self._submitted = document.created_at.date() if document.created_at else None
        elif isinstance(document, Claim):
            yield from check_claim(document, position=part.first_position, submitted=self._submitted)
        elif isinstance(document, GroupResponse):
            yield from _check_counts(document, part.last_position)
        else:
            yield from self._money.take(document, part.first_position)


def check_claim(claim: Claim, *, position: int = 1, submitted: date | None = None) -> Iterator[Finding]:
    """Charges, coordination of benefits and days of one claim; `position` is that of its CLM, `submitted` the day of BHT04."""
    yield from _check_charges(claim, position)
    for other in claim.other_payers:
        yield from _check_coordination(claim, other, position)
    for number, line in enumerate(claim.lines, 1):
        yield from _check_line_dates(claim, line, number, position=position, submitted=submitted)
    yield from _check_claim_dates(claim, position)


def _check_charges(claim: Claim, position: int) -> Iterator[Finding]:
    total = sum(line.charge_cents for line in claim.lines)
    if total != claim.charge_cents:
        message = (
            f"CLM02 is {format_money(claim.charge_cents)} and the lines' charges make {format_money(total)}: they must be equal"
        )
        yield _finding("claim_charge", message, position, "CLM", 2)


def _check_coordination(claim: Claim, other: OtherPayer, position: int) -> Iterator[Finding]:
    """The other payer's payment follows from the charge and its adjustments (005010X222A1, section 1.4.1)."""
    payer_id = other.payer.id if other.payer else ""
    decided = [
        (number, line, [one for one in line.adjudications if one.payer_id == payer_id])
        for number, line in enumerate(claim.lines, 1)
    ]
    for number, line, decisions in decided:
        yield from _check_decisions(line, number, decisions, position)
    at_lines = sum(sum_adjustments(one.adjustments) for _, _, decisions in decided for one in decisions)
    adjusted = sum_adjustments(other.adjustments) + at_lines
    told = bool(other.adjustments) or any(decisions for _, _, decisions in decided)
    if other.paid_cents is None or not told or claim.charge_cents - adjusted == other.paid_cents:
        return
    message = (
        f"billed {format_money(claim.charge_cents)} − adjusted by payer {other.responsibility} {format_money(adjusted)} is "
        f"{format_money(claim.charge_cents - adjusted)}, but AMT*D says that it paid {format_money(other.paid_cents)}"
    )
    yield _finding("coordination_claim", message, position, "CLM", 2)


def _check_decisions(line: ServiceLine, number: int, decisions: Sequence[LineAdjudication], position: int) -> Iterator[Finding]:
    plain = [one for one in decisions if not one.bundled_line]
    if not plain:
        return
    paid = sum(one.paid_cents for one in plain)
    adjusted = sum(sum_adjustments(one.adjustments) for one in plain)
    if line.charge_cents - adjusted == paid:
        return
    message = (
        f"line {number}: billed {format_money(line.charge_cents)} − adjusted {format_money(adjusted)} is "
        f"{format_money(line.charge_cents - adjusted)}, but SVD02 says paid {format_money(paid)}"
    )
    yield _finding("coordination_line", message, position, "CLM", 2)


def _check_line_dates(
    claim: Claim, line: ServiceLine, number: int, *, position: int, submitted: date | None
) -> Iterator[Finding]:
    first = line.service_from
    if first is None:
        return
    last = line.service_through or first
    born = (claim.patient or claim.subscriber).birth_date
    if last < first:
        yield _dated("service_period", f"line {number}: the service ends before it begins", position)
    if born and first < born:
        yield _dated("service_before_birth", f"line {number}: the service is before the patient's birth date", position)
    if submitted and first > submitted:
        yield _dated("service_in_future", f"line {number}: the service is after the day this set was made (BHT04)", position)


def _check_claim_dates(claim: Claim, position: int) -> Iterator[Finding]:
    days = dict(claim.dates)
    last = max((line.service_through or line.service_from for line in claim.lines if line.service_from), default=None)
    admitted, discharged = days.get("435"), days.get("096")
    if admitted and discharged and discharged < admitted:
        yield _dated("discharge_before_admission", "the discharge (DTP*096) is before the admission (DTP*435)", position)
    for qualifier, what in (("431", "onset"), ("439", "accident")):
        day = days.get(qualifier)
        if day and last and day > last:
            yield _dated(f"{what}_after_service", f"the {what} (DTP*{qualifier}) is after the last service", position)


class _RemittanceSums:
    """The money of one 835 as it passes: claims paid and provider adjustments against BPR02."""

    def __init__(self) -> None:
        self._remittance: Remittance | None = None
        self._paid_cents = 0
        self._adjusted_cents = 0
        self._is_whole = True

    def take(self, document: Document | None, position: int) -> Iterator[Finding]:
        """Count what this part moves, and say where a claim payment does not come out."""
        if isinstance(document, Remittance):
            self._remittance = document
        elif isinstance(document, ProviderAdjustment):
            self._adjusted_cents += document.amount_cents
        elif isinstance(document, ClaimPayment):
            self._paid_cents += document.paid_cents
            for imbalance in check_claim_payment(document):
                yield _finding(f"{imbalance.where}_balance", imbalance.arithmetic, position, "CLP", 4, loop="2100")
        elif document is None:
            self._is_whole = False

    def close(self) -> Iterator[Finding]:
        """Whether the payment is what its claims and provider adjustments make."""
        if self._remittance is None or not self._is_whole:
            return
        imbalance = check_remittance(self._remittance.amount_cents, self._paid_cents, self._adjusted_cents)
        if imbalance:
            yield _finding("remittance_balance", imbalance.arithmetic, 2, "BPR", 2, loop="")


def _check_counts(response: GroupResponse, position: int) -> Iterator[Finding]:
    """What AK9 counts against the verdicts that are listed; one with errors noted (E) counts as either, one not listed as any."""
    received, told = response.received_count, response.accepted_count
    accepted = sum(one.verdict == "A" for one in response.sets)
    rejected = sum(one.verdict in _REJECTED for one in response.sets)
    if len(response.sets) > received:
        message = f"AK903 counts {received} sets and {len(response.sets)} are answered"
        yield _finding("acknowledged_sets", message, position, "AK9", 3, loop="")
    elif not accepted <= told <= received - rejected:
        message = f"AK904 counts {told} accepted sets of {received}; {accepted} are listed as accepted, {rejected} as rejected"
        yield _finding("acknowledged_sets", message, position, "AK9", 4, loop="")


def _dated(rule: str, message: str, position: int) -> Finding:
    return _finding(rule, message, position, "CLM", 0)


def _finding(rule: str, message: str, position: int, segment: str, element: int, *, loop: str = "2300") -> Finding:
    return Finding(code=rule, level="balance", message=message, segment=segment, position=position, loop=loop, element=element)
