"""What each tier refuses before anyone adjudicates: faults it sees with its own eyes, and the refusals of everyday life."""

from collections.abc import Callable
from datetime import date
from random import Random

import msgspec

from edi.claims import Claim
from edi.values import is_valid_npi
from gateway.domain.claim_places import find_last_service
from gateway.sandbox.behaviour import Behaviour


class Rejection(msgspec.Struct, frozen=True):
    """Why a claim is refused, as STC says it: category, status code, entity; and a sentence for STC12."""

    category: str
    code: str
    entity: str = ""
    text: str = ""


CLEARINGHOUSE_REJECTIONS = (
    Rejection("A7", "500", "85", "BILLING PROVIDER POSTAL CODE NOT VALID"),
    Rejection("A7", "562", "82", "RENDERING PROVIDER NPI NOT ON FILE"),
    Rejection("A3", "116", "PR", "PAYER DOES NOT TAKE THIS KIND OF CLAIM"),
    Rejection("A6", "158", "IL", "SUBSCRIBER BIRTH DATE REQUIRED BY PAYER"),
    Rejection("A8", "187", "", "DATES OF SERVICE DO NOT AGREE"),
    Rejection("A7", "255", "", "DIAGNOSIS CODE NOT VALID FOR DATE OF SERVICE"),
)

PAYER_REJECTIONS = (
    Rejection("A3", "33", "IL", "SUBSCRIBER NOT FOUND"),
    Rejection("A7", "164", "IL", "MEMBER ID NOT VALID"),
    Rejection("A3", "97", "IL", "NOT ELIGIBLE ON DATE OF SERVICE"),
    Rejection("A3", "54", "", "DUPLICATE OF A CLAIM ALREADY RECEIVED"),
    Rejection("A7", "454", "", "PROCEDURE CODE NOT VALID FOR DATE OF SERVICE"),
    Rejection("A4", "35", "PR", "CLAIM NOT FOUND"),
)

NO_SUCH_PAYER = Rejection("A3", "116", "PR", "NO PAYER OF THIS ID IS REACHED FROM HERE")
NO_SUCH_CLAIM = Rejection("A3", "464", "PR", "NO CLAIM OF THIS PAYER CLAIM NUMBER")

_FAULTS: tuple[tuple[Rejection, Callable[[Claim, date], bool]], ...] = (
    (
        Rejection("A7", "562", "85", "BILLING PROVIDER NPI NOT VALID"),
        lambda claim, _today: not is_valid_npi(claim.billing_provider.id),
    ),
    (Rejection("A6", "164", "IL", "MEMBER ID MISSING"), lambda claim, _today: not claim.subscriber.id),
    (
        Rejection("A7", "178", "", "CHARGE IS NOT THE SUM OF ITS LINES"),
        lambda claim, _today: claim.charge_cents != sum(line.charge_cents for line in claim.lines),
    ),
    (
        Rejection("A7", "187", "", "DATE OF SERVICE IN THE FUTURE"),
        lambda claim, today: (last := find_last_service(claim)) is not None and last > today,
    ),
    (
        Rejection("A8", "477", "", "DIAGNOSIS POINTER POINTS NOWHERE"),
        lambda claim, _today: any(pointer > len(claim.diagnoses) for line in claim.lines for pointer in line.diagnosis_pointers),
    ),
)


def find_fault(claim: Claim, today: date) -> Rejection | None:
    """The first fault of `claim` that any clearinghouse would send back, or None. `today` is the partner's own day."""
    return next((rejection for rejection, is_faulty in _FAULTS if is_faulty(claim, today)), None)


def screen(claim: Claim, today: date, *, behaviour: Behaviour, seed: int) -> Rejection | None:
    """The clearinghouse's refusal of `claim`, for a fault or by the behaviour's rate; the same each time for a seed."""
    fault = find_fault(claim, today)
    if fault is not None:
        return fault
    draw = Random(f"clearinghouse {seed} {claim.patient_control_number} {claim.reference('D9')}")
    return draw.choice(CLEARINGHOUSE_REJECTIONS) if draw.randrange(1000) < behaviour.clearinghouse_rejection_per_mille else None


def admit(claim: Claim, *, behaviour: Behaviour, seed: int) -> Rejection | None:
    """The payer's refusal of `claim` by the behaviour's rate, or None where it goes into adjudication."""
    draw = Random(f"payer {seed} {claim.patient_control_number} {claim.reference('D9')}")
    return draw.choice(PAYER_REJECTIONS) if draw.randrange(1000) < behaviour.payer_rejection_per_mille else None
