"""What a payer decides on a claim: pure, repeatable from a seed and the claim's own number, balanced to the cent."""

from collections.abc import Collection, Sequence
from datetime import date
from random import Random

import msgspec

from edi.claims import Adjustment, Claim, Party, ServiceLine
from edi.transactions.t835 import FILING_INDICATORS, ClaimPayment, ServicePayment
from gateway.domain.claim_places import find_first_service, find_last_service

_SECONDARY = {"P": "1", "S": "2", "T": "3"}
_CROSSED_OVER = "19"
_DENIED = "4"
_REVERSED = "22"
_MUTUALLY_DEFINED = "ZZ"
_REVENUE_CODE = "NU"
"""SVC01-1 of a line that was billed by its revenue code alone."""


class Denial(msgspec.Struct, frozen=True):
    """A way to pay nothing: group, CARC, and the remark codes that go with it."""

    group: str
    reason: str
    remarks: tuple[str, ...] = ()


CLAIM_DENIALS = (
    Denial("CO", "16", ("N290",)),
    Denial("CO", "29"),
    Denial("CO", "50", ("N115",)),
    Denial("CO", "197"),
    Denial("PR", "96", ("N130",)),
    Denial("PR", "204"),
)
LINE_DENIALS = (*CLAIM_DENIALS, Denial("CO", "97", ("M15",)))

_DENIAL_REASONS = {(denial.group, denial.reason) for denial in LINE_DENIALS}


class Decisions(msgspec.Struct, frozen=True):
    """How a payer decides, in claims (or lines) of a thousand."""

    claim_denial_per_mille: int = 60
    line_denial_per_mille: int = 40
    deductible_per_mille: int = 250
    coinsurance_per_mille: int = 450
    copay_per_mille: int = 300
    crossover_per_mille: int = 500


def adjudicate(
    claim: Claim, *, seed: int, payer_claim_number: str, received: date, decisions: Decisions | None = None
) -> ClaimPayment:
    """The payment (or denial) of `claim`, received on that day; the same claim and seed are decided the same way.

    Every line and the claim balance: billed less adjustments is paid. A claim whose lines do not add up to its charge
    is denied whole, without lines, as no line of it can be trusted.
    """
    rates = decisions or Decisions()
    draw = Random(f"adjudicate {seed} {claim.patient_control_number} {payer_claim_number}")
    if claim.charge_cents != sum(line.charge_cents for line in claim.lines):
        return _deny_unread(claim, payer_claim_number, received)
    denial = draw.choice(CLAIM_DENIALS) if draw.randrange(1000) < rates.claim_denial_per_mille else None
    lines = tuple(_deny_line(line, denial) for line in claim.lines) if denial else _decide_lines(claim, rates, draw)
    status = _DENIED if _are_all_denied(lines) else _choose_status(claim, rates, draw)
    return _describe_payment(claim, lines, status, payer_claim_number, received)


def reverse(payment: ClaimPayment) -> ClaimPayment:
    """The reversal (CLP02 22) of a payment: every amount with the other sign, everything else as it was."""
    lines = tuple(
        msgspec.structs.replace(
            line,
            charge_cents=-line.charge_cents,
            paid_cents=-line.paid_cents,
            allowed_cents=None,
            adjustments=_negate(line.adjustments),
        )
        for line in payment.lines
    )
    return msgspec.structs.replace(
        payment,
        status=_REVERSED,
        charge_cents=-payment.charge_cents,
        paid_cents=-payment.paid_cents,
        patient_responsibility_cents=None,
        coverage_amount_cents=None,
        crossover_carrier=None,
        adjustments=_negate(payment.adjustments),
        lines=lines,
    )


def is_denied(payment: ClaimPayment, contractual_carcs: Collection[str] = ("45", "253")) -> bool:
    """Whether the claim got nothing because of a denial: its status says so, or a line was refused for more than the contract.

    Nothing paid because it all went to the deductible is no denial.
    """
    if payment.paid_cents:
        return False
    reasons = {(each.group, each.reason) for line in payment.lines for each in line.adjustments}
    contractual = {("CO", carc) for carc in contractual_carcs}
    return payment.status == _DENIED or bool((reasons & _DENIAL_REASONS) - contractual)


def sum_patient_cents(payment: ClaimPayment) -> int:
    """What the payment leaves to the patient: its PR adjustments."""
    return _sum_group(payment.adjustments, "PR") + sum(_sum_group(line.adjustments, "PR") for line in payment.lines)


def sum_adjustment_cents(payment: ClaimPayment) -> int:
    """All adjustments of the claim and its lines."""
    own = sum(adjustment.amount_cents for adjustment in payment.adjustments)
    return own + sum(adjustment.amount_cents for line in payment.lines for adjustment in line.adjustments)


def _negate(adjustments: Sequence[Adjustment]) -> tuple[Adjustment, ...]:
    return tuple(msgspec.structs.replace(adjustment, amount_cents=-adjustment.amount_cents) for adjustment in adjustments)


def _sum_group(adjustments: Sequence[Adjustment], group: str) -> int:
    return sum(adjustment.amount_cents for adjustment in adjustments if adjustment.group == group)


def _are_all_denied(lines: Sequence[ServicePayment]) -> bool:
    """Whether every line is refused whole, which makes the claim a denied one."""
    return all(any((each.group, each.reason) in _DENIAL_REASONS for each in line.adjustments) for line in lines)


def _choose_status(claim: Claim, rates: Decisions, draw: Random) -> str:
    second = any(other.responsibility == "S" and other.payer is not None for other in claim.other_payers)
    if claim.coverage.responsibility == "P" and second and draw.randrange(1000) < rates.crossover_per_mille:
        return _CROSSED_OVER
    return _SECONDARY.get(claim.coverage.responsibility, "1")


def _decide_lines(claim: Claim, rates: Decisions, draw: Random) -> tuple[ServicePayment, ...]:
    """Line by line; the deductible and the copay of the claim are used up as the lines go by."""
    deductible = draw.choice((2500, 7500, 20000, 150000)) if draw.randrange(1000) < rates.deductible_per_mille else 0
    copay = draw.choice((1500, 2500, 4000)) if draw.randrange(1000) < rates.copay_per_mille else 0
    coinsurance = draw.choice((10, 20, 30)) if draw.randrange(1000) < rates.coinsurance_per_mille else 0
    allowed_percent = draw.randint(45, 90)
    decided = []
    for line in claim.lines:
        if draw.randrange(1000) < rates.line_denial_per_mille:
            decided.append(_deny_line(line, draw.choice(LINE_DENIALS)))
            continue
        allowed = _allow(line, allowed_percent)
        taken_deductible = min(deductible, allowed)
        taken_copay = min(copay, allowed - taken_deductible)
        taken_coinsurance = (allowed - taken_deductible - taken_copay) * coinsurance // 100
        deductible, copay = deductible - taken_deductible, copay - taken_copay
        taken = (("1", taken_deductible), ("3", taken_copay), ("2", taken_coinsurance))
        decided.append(_pay_line(line, claim, allowed, taken))
    return tuple(decided)


def _allow(line: ServiceLine, percent: int) -> int:
    """What the payer thinks the line is worth, before anyone's share; what an earlier payer settled is left out."""
    if line.charge_cents <= 0:
        return 0
    return max(0, line.charge_cents - _settled_before(line)) * percent // 100


def _settled_before(line: ServiceLine) -> int:
    """What earlier payers paid on the line or took off it for good; never more than was billed."""
    settled = sum(earlier.paid_cents + _sum_group(earlier.adjustments, "CO") for earlier in line.adjudications)
    return max(0, min(settled, line.charge_cents))


def _pay_line(line: ServiceLine, claim: Claim, allowed: int, shares: Sequence[tuple[str, int]]) -> ServicePayment:
    patient = [Adjustment(group="PR", reason=reason, amount_cents=cents) for reason, cents in shares if cents]
    paid = allowed - sum(adjustment.amount_cents for adjustment in patient)
    sequestered = paid * 2 // 100 if claim.coverage.claim_filing_indicator == "MB" else 0
    settled = _settled_before(line)
    own = (("CO", "45", line.charge_cents - settled - allowed), ("CO", "253", sequestered), ("OA", "23", settled))
    others = [Adjustment(group=group, reason=reason, amount_cents=cents) for group, reason, cents in own if cents]
    return _describe_line(line, paid - sequestered, tuple(others + patient), allowed_cents=allowed)


def _deny_line(line: ServiceLine, denial: Denial) -> ServicePayment:
    whole = Adjustment(group=denial.group, reason=denial.reason, amount_cents=line.charge_cents)
    return _describe_line(line, 0, (whole,) if line.charge_cents else (), remarks=denial.remarks)


def _describe_line(
    line: ServiceLine,
    paid_cents: int,
    adjustments: tuple[Adjustment, ...],
    *,
    allowed_cents: int | None = None,
    remarks: tuple[str, ...] = (),
) -> ServicePayment:
    is_coded = bool(line.procedure) or not line.revenue_code
    return ServicePayment(
        procedure=line.procedure if is_coded else line.revenue_code,
        procedure_qualifier=line.procedure_qualifier if is_coded else _REVENUE_CODE,
        revenue_code=line.revenue_code if is_coded else "",
        modifiers=line.modifiers,
        charge_cents=line.charge_cents,
        paid_cents=paid_cents,
        quantity=line.quantity,
        service_from=line.service_from,
        service_through=line.service_through if line.service_through != line.service_from else None,
        line_control_number=line.control_number,
        adjustments=adjustments,
        allowed_cents=allowed_cents or None,
        remarks=remarks,
    )


def _deny_unread(claim: Claim, payer_claim_number: str, received: date) -> ClaimPayment:
    denied = _describe_payment(claim, (), _DENIED, payer_claim_number, received)
    whole = Adjustment(group="CO", reason="16", amount_cents=claim.charge_cents)
    return msgspec.structs.replace(denied, adjustments=(whole,) if claim.charge_cents else (), remarks=("N290",))


def _describe_payment(
    claim: Claim, lines: tuple[ServicePayment, ...], status: str, payer_claim_number: str, received: date
) -> ClaimPayment:
    rendering = next((provider for provider in claim.providers if provider.role == "82"), None)
    carrier = next((other.payer for other in claim.other_payers if other.payer is not None), None)
    patient_cents = sum(_sum_group(line.adjustments, "PR") for line in lines)
    indicator = claim.coverage.claim_filing_indicator
    return ClaimPayment(
        patient_control_number=claim.patient_control_number,
        status=status,
        charge_cents=claim.charge_cents,
        paid_cents=sum(line.paid_cents for line in lines),
        position=0,
        patient_responsibility_cents=patient_cents or None,
        claim_filing_indicator=indicator if indicator in FILING_INDICATORS else _MUTUALLY_DEFINED,
        payer_claim_number=payer_claim_number,
        facility_code=claim.place_of_service,
        frequency=claim.frequency,
        patient=_name_patient(claim),
        subscriber=_name_person(claim.subscriber, "IL", claim.subscriber) if claim.patient is not None else None,
        rendering_provider=_name_person(rendering, "82", rendering) if rendering is not None else None,
        crossover_carrier=_name_person(carrier, "TT", carrier) if status == _CROSSED_OVER and carrier else None,
        service_from=find_first_service(claim),
        service_through=find_last_service(claim),
        received_date=received,
        coverage_amount_cents=sum(line.allowed_cents or 0 for line in lines) or None,
        lines=lines,
        drg=claim.diagnosis_group,
    )


def _name_patient(claim: Claim) -> Party:
    """The patient by name, with the member's id: a remittance has no birth date and no address."""
    return _name_person(claim.patient or claim.subscriber, "QC", claim.subscriber)


def _name_person(party: Party, role: str, numbered: Party) -> Party:
    return Party(
        role=role,
        is_person=party.is_person,
        last_name=party.last_name,
        first_name=party.first_name,
        middle_name=party.middle_name,
        id_qualifier=numbered.id_qualifier if numbered.id else "",
        id=numbered.id,
    )
