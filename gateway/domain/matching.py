"""Whose payment is this? The ladder from the surest key to the weakest; what stays ambiguous is left to a person."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from edi.claims import Claim, Party, ServiceLine
from edi.transactions.t835 import ClaimPayment, ServicePayment
from gateway.domain.bills import find_statement
from gateway.domain.control_numbers import normalise_pcn

KEPT_AT_LEAST = 12
"""A payer that cuts our number short keeps at least this many characters; what is shorter is not taken for a cut number."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A claim of ours that a payment could belong to, with the keys the ladder compares.

    `charge_cents` is the charge as last sent. `payer` is the profile of its payer, '' where none names it.
    """

    claim_id: int
    pcn: str
    source_pcn: str
    match_pcn: str
    payer_claim_number: str
    member_id: str
    service_from: date | None
    service_through: date | None
    charge_cents: int
    payer: str = ""


Rung = Callable[[ClaimPayment, Candidate], bool]
LineKey = tuple[str, tuple[str, ...], date | None, int]


def match_payment(payment: ClaimPayment, candidates: Sequence[Candidate], payer: str = "") -> tuple[int | None, str]:
    """The claim a payment belongs to and the rung that says so, or None and why (domain.md 4, matching).

    Each rung may only narrow what the rungs above left open: several claims with one PCN are told apart by the payer's claim
    number, or by member, dates and charge. Where more than one is left at the end, none is taken. `payer` is the profile of
    the remittance's payer, '' where none names it: only a number we sent finds a claim of another payer, for two payers may
    give one claim number, and member ids are alike. What it finds so is held (`contradict_parties`).
    """
    left = list({candidate.claim_id: candidate for candidate in candidates}.values())
    shared = ""
    for name, fits in LADDER:
        of_any = not payer or name in SENT_NUMBERS
        fitting = [candidate for candidate in left if (of_any or candidate.payer == payer) and fits(payment, candidate)]
        if len(fitting) == 1:
            return fitting[0].claim_id, name
        if fitting:
            left, shared = fitting, shared or name
    if shared:
        return None, f"{len(left)} claims share its {shared}"
    return None, "no claim has its patient control number, its payer claim number, or its member, dates and charge"


def is_payee(payee: Party, provider: Party) -> bool | None:
    """Whether a remittance pays this billing provider: by NPI, else by tax id; None where they have no id in common kind.

    An NPI that differs decides, whatever the tax id: the books are kept by practice, and practices may share a tax id.
    """
    if payee.id_qualifier == "XX" and payee.id and provider.id:
        return payee.id == provider.id
    paid = {reference.value for reference in payee.references if reference.qualifier == "TJ"}
    if payee.id_qualifier == "FI":
        paid.add(payee.id)
    own = {reference.value for reference in provider.references if reference.qualifier in ("EI", "SY")}
    if not (paid - {""} and own - {""}):
        return None
    return bool({normalise_pcn(each) for each in paid} & {normalise_pcn(each) for each in own} - {""})


def contradict_parties(*, payee: Party, provider: Party, payer: str, claim_payer: str) -> str:
    """Why a remittance is not for a claim of this billing provider and payer, as a sentence; '' where nothing says so.

    `payer` and `claim_payer` are profile ids, '' where no profile names them: what is not known contradicts nothing.
    """
    if is_payee(payee, provider) is False:
        return "It is paid to another practice than the one that billed the claim; find out whose account the money is in."
    if payer and claim_payer and payer != claim_payer:
        return (
            f"It comes from {payer}, but the claim was billed to {claim_payer}. If one pays for the other, list the id that "
            "the remittance shows among the remit_ids of both profiles; else ask the payer."
        )
    return ""


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
    statement = find_statement(claim)
    begun = statement.first if statement else None
    billed_keys = Counter(_billed_key(line, begun) for line in open_lines)
    controls = {_billed_key(line, begun): line.control_number for line in open_lines}
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


def _billed_key(line: ServiceLine, begun: date | None) -> LineKey:
    """A line of a bill without a code is paid by its revenue code (SVC01 NU), one without a day on the bill's first."""
    return (line.procedure or line.revenue_code, line.modifiers, line.service_from or begun, line.charge_cents)


def _has_pcn(payment: ClaimPayment, candidate: Candidate) -> bool:
    given = payment.patient_control_number
    return bool(normalise_pcn(given)) and given == candidate.pcn


def _has_normalised_pcn(payment: ClaimPayment, candidate: Candidate) -> bool:
    given = normalise_pcn(payment.patient_control_number)
    if not given:
        return False
    return given == candidate.match_pcn or (len(given) >= KEPT_AT_LEAST and candidate.match_pcn.startswith(given))


def _has_source_pcn(payment: ClaimPayment, candidate: Candidate) -> bool:
    """The PMS's own number, which we never sent: only together with the charge, and with the member or the dates of service.

    Another claim may have been billed under it elsewhere, and a practice bills the same charge many times a day.
    """
    given = payment.patient_control_number
    if not normalise_pcn(given) or given != candidate.source_pcn or not _has_charge(payment, candidate):
        return False
    return _has_member(payment, candidate) or _has_dates(payment, candidate)


def _has_payer_claim_number(payment: ClaimPayment, candidate: Candidate) -> bool:
    given = normalise_pcn(payment.payer_claim_number)
    return bool(given) and given == normalise_pcn(candidate.payer_claim_number)


def _has_member_dates_and_charge(payment: ClaimPayment, candidate: Candidate) -> bool:
    return _has_member(payment, candidate) and _has_dates(payment, candidate) and _has_charge(payment, candidate)


def _has_member(payment: ClaimPayment, candidate: Candidate) -> bool:
    return bool(candidate.member_id) and normalise_pcn(candidate.member_id) in member_ids(payment)


def _has_dates(payment: ClaimPayment, candidate: Candidate) -> bool:
    first, last = service_dates(payment)
    own_last = candidate.service_through or candidate.service_from
    return first is not None and (first, last) == (candidate.service_from, own_last)


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
    ("source pcn, charge and member or dates", _has_source_pcn),
    ("payer claim number", _has_payer_claim_number),
    ("member, dates and charge", _has_member_dates_and_charge),
)
"""The rungs from the surest to the weakest, each with what a person is told the match rests on."""

SENT_NUMBERS = frozenset({"pcn", "pcn normalised"})
"""The rungs that rest on the number we sent, which is unique across payers and practices."""
