"""Whose payment is this? The ladder from the surest key to the weakest; what stays ambiguous is left to a person."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from edi.claims import Claim, ServiceLine
from edi.transactions.t835 import ClaimPayment, ServicePayment
from gateway.domain.control_numbers import normalise_pcn

KEPT_AT_LEAST = 12
"""A payer that cuts our number short keeps at least this many characters; what is shorter is not taken for a cut number."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A claim of ours that a payment could belong to, with the keys the ladder compares."""

    claim_id: int
    pcn: str
    source_pcn: str
    match_pcn: str
    payer_claim_number: str
    member_id: str
    service_from: date | None
    service_through: date | None
    charge_cents: int


Rung = Callable[[ClaimPayment, Candidate], bool]
LineKey = tuple[str, tuple[str, ...], date | None, int]


def match_payment(payment: ClaimPayment, candidates: Sequence[Candidate]) -> tuple[int | None, str]:
    """The claim a payment belongs to and the rung that says so, or None and why (domain.md 4, matching).

    Each rung may only narrow what the rungs above left open: several claims with one PCN are told apart by the payer's claim
    number, or by member, dates and charge. Where more than one is left at the end, none is taken.
    """
    left = list({candidate.claim_id: candidate for candidate in candidates}.values())
    shared = ""
    for name, fits in LADDER:
        fitting = [candidate for candidate in left if fits(payment, candidate)]
        if len(fitting) == 1:
            return fitting[0].claim_id, name
        if fitting:
            left, shared = fitting, shared or name
    if shared:
        return None, f"{len(left)} claims share its {shared}"
    return None, "no claim has its patient control number, its payer claim number, or its member, dates and charge"


def match_lines(payment: ClaimPayment, claim: Claim) -> list[str]:
    """For each service payment the control number (REF*6R) of the claim's line it pays, or '' to keep it at claim level.

    The echoed control number first; then, among the lines that no echo names, the code as billed (SVC06 where the payer changed
    it), modifiers, date and charge. Lines alike in all of these are not told apart.
    Payments that echo one number share its line.
    """
    echoed = _match_echoed(payment.lines, claim.lines)
    unnamed = [paid for paid, control in zip(payment.lines, echoed, strict=True) if not control]
    if not unnamed:
        return echoed
    open_lines = [line for line in claim.lines if line.control_number and line.control_number not in echoed]
    paid_keys = Counter(_paid_key(paid, payment) for paid in unnamed)
    billed_keys = Counter(_billed_key(line) for line in open_lines)
    controls = {_billed_key(line): line.control_number for line in open_lines}
    sure = {key: control for key, control in controls.items() if key[2] and paid_keys[key] == billed_keys[key] == 1}
    return [control or sure.get(_paid_key(paid, payment), "") for paid, control in zip(payment.lines, echoed, strict=True)]


def _match_echoed(paid_lines: Sequence[ServicePayment], lines: Sequence[ServiceLine]) -> list[str]:
    exact = {line.control_number for line in lines}
    normalised = {normalise_pcn(line.control_number): line.control_number for line in lines}
    if len(normalised) < len(exact):
        normalised = {}
    controls = []
    for paid in paid_lines:
        given = paid.line_control_number
        controls.append(given if given in exact else normalised.get(normalise_pcn(given), ""))
    return controls


def _paid_key(paid: ServicePayment, payment: ClaimPayment) -> LineKey:
    """What was billed, as the payer repeats it: SVC06 where the payer changed the code, else SVC01."""
    changed = bool(paid.submitted_procedure)
    procedure = paid.submitted_procedure if changed else paid.procedure
    modifiers = paid.submitted_modifiers if changed else paid.modifiers
    return (procedure, modifiers, paid.service_from or payment.service_from, paid.charge_cents)


def _billed_key(line: ServiceLine) -> LineKey:
    return (line.procedure, line.modifiers, line.service_from, line.charge_cents)


def _has_pcn(payment: ClaimPayment, candidate: Candidate) -> bool:
    """The number as we sent it; the PMS's own number only together with the charge, for it may not be what we sent."""
    given = payment.patient_control_number
    if not normalise_pcn(given):
        return False
    return given == candidate.pcn or (given == candidate.source_pcn and _has_charge(payment, candidate))


def _has_normalised_pcn(payment: ClaimPayment, candidate: Candidate) -> bool:
    given = normalise_pcn(payment.patient_control_number)
    if not given:
        return False
    return given == candidate.match_pcn or (len(given) >= KEPT_AT_LEAST and candidate.match_pcn.startswith(given))


def _has_payer_claim_number(payment: ClaimPayment, candidate: Candidate) -> bool:
    given = normalise_pcn(payment.payer_claim_number)
    return bool(given) and given == normalise_pcn(candidate.payer_claim_number)


def _has_member_dates_and_charge(payment: ClaimPayment, candidate: Candidate) -> bool:
    first, last = service_dates(payment)
    if not candidate.member_id or first is None or not _has_charge(payment, candidate):
        return False
    same_dates = first == candidate.service_from and last == (candidate.service_through or candidate.service_from)
    return same_dates and normalise_pcn(candidate.member_id) in member_ids(payment)


def service_dates(payment: ClaimPayment) -> tuple[date | None, date | None]:
    """First and last day of service: as the claim payment says, else from its lines."""
    starts = [line.service_from for line in payment.lines if line.service_from]
    ends = [line.service_through or line.service_from for line in payment.lines]
    first = payment.service_from or min(starts, default=None)
    last = payment.service_through or max((end for end in ends if end is not None), default=None)
    return first, last or first


def member_ids(payment: ClaimPayment) -> frozenset[str]:
    """The member ids a payment names for patient and subscriber, normalised."""
    parties = [party for party in (payment.patient, payment.subscriber) if party is not None]
    return frozenset(normalise_pcn(party.id) for party in parties) - {""}


def _has_charge(payment: ClaimPayment, candidate: Candidate) -> bool:
    return abs(payment.charge_cents) == candidate.charge_cents


LADDER: tuple[tuple[str, Rung], ...] = (
    ("pcn", _has_pcn),
    ("pcn normalised", _has_normalised_pcn),
    ("payer claim number", _has_payer_claim_number),
    ("member, dates and charge", _has_member_dates_and_charge),
)
"""The rungs from the surest to the weakest, each with what a person is told the match rests on."""
