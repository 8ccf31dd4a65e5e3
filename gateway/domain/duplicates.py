"""When two claims bill the same service, and when that is meant (domain.md 6: the payer denies the second, or pays it twice).

The same service is the same line to the same payer: day, procedure, modifiers, revenue code, tooth and who rendered it. Neither
charge nor quantity makes it another one, nor does what else stands in the claim.
"""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date
from hashlib import sha256
from typing import NamedTuple

from edi.claims import Claim, Guide, Party, ServiceLine
from gateway.domain.claim_places import RENDERING, SERVICE_SEGMENTS, list_claim_days
from payers.checks import normalise_id
from payers.profile import Profiles

REPEATED = frozenset({"59", "76", "77", "91", "XE", "XP", "XS", "XU"})
"""Modifiers that say of a line that the service was done again, or apart from another."""

NOT_BILLED = frozenset({"received", "held", "rejected", "voided"})
"""States of a claim that is not on its way to a payer, nor with one."""

BILLS_ANEW = frozenset({"0", "1", "2", "3", "4", "9"})
"""CLM05-3 of a bill that stands for itself; the others add to an earlier one, change it or take it back."""

DUPLICATE = "duplicate-claim"
"""The edit that finds them."""

FIX = (
    "Drop this claim if it bills that service again; to change what was billed, correct the other claim. Where the service "
    "really was done again, add modifier 76, 77, 91 or 59 to the line; release the claim where both are right as they are."
)
"""What to do about a duplicate."""

_NAMED = 3


class PatientClaim(NamedTuple):
    """What a claim's row says to find out whether others for its patient bill the same."""

    id: int
    pcn: str
    state: str
    version: int
    frequency: str
    patient_digest: str
    service_from: date | None
    service_through: date | None


class Twin(NamedTuple):
    """A claim that bills a service of the one in question, and the first such line of the latter, from 1.

    Line 0: the twin's document cannot be read, so that nobody knows what it bills.
    """

    claim_id: int
    pcn: str
    state: str
    line: int
    service: str


def digest_patient(claim: Claim) -> str:
    """A digest of the practice and the patient as the payer knows them: equal for all claims of one patient by one practice."""
    patient = claim.patient or claim.subscriber
    who = (claim.billing_provider.id, claim.subscriber.id, patient.last_name, patient.first_name, patient.birth_date or "")
    return sha256("\x1f".join(str(each).casefold() for each in who).encode()).hexdigest()


def list_rivals(claim: PatientClaim, others: Iterable[PatientClaim]) -> list[PatientClaim]:
    """Those of the patient's claims, of days that overlap, that go before this received or ready one: it may not bill the same.

    What is under way goes before what is ready, that before what no edit looked at; of two that are equal the earlier one goes.
    """
    if claim.frequency not in BILLS_ANEW:
        return []
    return [other for other in others if other.id != claim.id and _goes_before(other, claim) and _overlaps(other, claim)]


def _goes_before(other: PatientClaim, claim: PatientClaim) -> bool:
    if other.state == claim.state:
        return other.id < claim.id
    return other.state not in NOT_BILLED


def _overlaps(one: PatientClaim, other: PatientClaim) -> bool:
    """Whether a day of the one may be a day of the other: of claims without days nobody knows."""
    if one.service_from is None or one.service_through is None or other.service_from is None or other.service_through is None:
        return True
    return one.service_from <= other.service_through and other.service_from <= one.service_through


def find_same_line(claim: Claim, other: Claim, profiles: Profiles) -> int | None:
    """The place of the first line that bills a service which the other claim, of the same patient and practice, bills too.

    A line with a modifier that says so itself is a service of its own, in either claim.
    """
    if _name_payer(claim, profiles) != _name_payer(other, profiles) or claim.submission_reason != other.submission_reason:
        return None
    theirs = {_name_service(other, line) for line in other.lines if REPEATED.isdisjoint(line.modifiers)}
    for n, line in enumerate(claim.lines):
        if REPEATED.isdisjoint(line.modifiers) and _name_service(claim, line) in theirs:
            return n
    return None


def _name_payer(claim: Claim, profiles: Profiles) -> tuple[str, str]:
    """One payer under whichever of its ids; the profile that takes all others is not one."""
    payer = profiles.find_named_payer(claim.payer.id)
    return (payer.id, "") if payer is not None else ("", normalise_id(claim.payer.id))


def _name_service(claim: Claim, line: ServiceLine) -> Hashable:
    teeth = frozenset((tooth.numbering, tooth.tooth, frozenset(tooth.surfaces)) for tooth in line.teeth)
    return (
        _days_of(claim, line), line.procedure, frozenset(line.modifiers), line.revenue_code, frozenset(line.oral_cavity), teeth,
        _name_rendering(claim, line),
    )  # fmt: skip


def _days_of(claim: Claim, line: ServiceLine) -> tuple[date | None, date | None]:
    """First and last day of a line; those of the claim or the statement where it has none."""
    if line.service_from is not None:
        return line.service_from, line.service_through or line.service_from
    days = list_claim_days(claim)
    return min((period.first for period in days), default=None), max((period.last for period in days), default=None)


def _name_rendering(claim: Claim, line: ServiceLine) -> tuple[str, ...]:
    """Who did it: the line's rendering provider, else the claim's, else who bills."""
    found: Iterable[Party] = (party for party in (*line.providers, *claim.providers) if party.role == RENDERING)
    party = next(iter(found), claim.billing_provider)
    return (party.id,) if party.id else (party.last_name.casefold(), party.first_name.casefold())


def name_service(line: ServiceLine) -> str:
    """What a person calls the service of a line."""
    return line.procedure or f"revenue code {line.revenue_code}"


def tell_twins(twins: Sequence[Twin]) -> str:
    """What is said of the claims that bill a service of this one, without a full stop: which line it is, who, in what state."""
    first, more = twins[0], f" and {len(twins) - _NAMED} more" if len(twins) > _NAMED else ""
    named = ", ".join(f"{twin.pcn} ({twin.state.replace('_', ' ')})" for twin in twins[:_NAMED])
    if not first.line:
        return f"Another claim of this patient for these days cannot be read as it is kept, and may bill the same: {named}{more}"
    return f"Line {first.line} ({first.service}) is the same service by the same provider as in another claim: {named}{more}"


def locate_line(guide: Guide, line: int) -> str:
    """The document's path to a line's service, from 1, with its segment; 0: all lines."""
    return f"lines[{line - 1}].procedure (2400 {SERVICE_SEGMENTS[guide]})" if line else "lines"
