"""What a claim may hold to be kept at all: told where it is taken in, so that one claim stops neither its file nor a stage."""

import re
from collections.abc import Iterator
from decimal import Decimal

import msgspec

from edi.claims import Adjustment, Claim, LineAdjudication

NUMBER_LENGTH_MAX = 80
"""NM109 and the like are at most 80 characters; the tables' indexes take no more than about 2,000."""

AMOUNT_MAX_CENTS = 10**13
QUANTITY_DIGITS_MAX = 15
POINTER_MAX = 99
_CONTROL = re.compile(rb"\\(?:u00[01]|[bfnrt])")
"""A control character, as JSON writes it. X12 cannot carry one, and PostgreSQL keeps no NUL."""


def find_obstacle(claim: Claim) -> str:
    """Why this claim cannot be kept, and what would be right; '' where it can. Whether it is a good claim is for the edits."""
    return next(_obstacles(claim), "")


def _obstacles(claim: Claim) -> Iterator[str]:
    if _CONTROL.search(msgspec.json.encode(claim).replace(rb"\\", b"")):
        yield "a control character (a line end, a tab, NUL) stands in its text, and X12 cannot carry one; take it out"
    numbers = {
        "patient_control_number": claim.patient_control_number, "payer.id": claim.payer.id, "subscriber.id": claim.subscriber.id,
        "billing_provider.id": claim.billing_provider.id,
    }  # fmt: skip
    for name, value in numbers.items():
        if len(value) > NUMBER_LENGTH_MAX:
            yield f"{name} has {len(value)} characters; at most {NUMBER_LENGTH_MAX} are expected"
    if any(abs(cents) > AMOUNT_MAX_CENTS for cents in _amounts(claim)):
        yield "an amount of over a hundred billion dollars; amounts are in cents"
    if not all(_is_ordinary(quantity) for quantity in _quantities(claim)):
        yield "a quantity is no ordinary number; one such as 1 or 2.5 is expected"
    if any(abs(pointer) > POINTER_MAX for line in claim.lines for pointer in line.diagnosis_pointers):
        yield "a diagnosis pointer is no ordinary number; diagnoses are counted from 1"


def _is_ordinary(quantity: Decimal) -> bool:
    return quantity.is_finite() and abs(quantity.adjusted()) <= QUANTITY_DIGITS_MAX


def _amounts(claim: Claim) -> Iterator[int]:
    yield claim.charge_cents
    yield claim.patient_paid_cents or 0
    yield from (cents for _, cents in claim.amounts)
    yield from (value.amount_cents for value in claim.values)
    for line in claim.lines:
        yield from (line.charge_cents, line.noncovered_cents or 0)
        yield from (cents for _, cents in line.amounts)
    for other in claim.other_payers:
        yield from (other.paid_cents or 0, other.remaining_patient_cents or 0, other.noncovered_cents or 0)
    for decided in _adjudications(claim):
        yield from (decided.paid_cents, decided.remaining_patient_cents or 0)
    for adjustment in _adjustments(claim):
        yield adjustment.amount_cents


def _quantities(claim: Claim) -> Iterator[Decimal]:
    yield from (line.quantity for line in claim.lines)
    yield from (line.rate for line in claim.lines if line.rate is not None)
    yield from (decided.quantity for decided in _adjudications(claim) if decided.quantity is not None)
    yield from (adjustment.quantity for adjustment in _adjustments(claim) if adjustment.quantity is not None)


def _adjudications(claim: Claim) -> Iterator[LineAdjudication]:
    return (decided for line in claim.lines for decided in line.adjudications)


def _adjustments(claim: Claim) -> Iterator[Adjustment]:
    yield from (adjustment for other in claim.other_payers for adjustment in other.adjustments)
    yield from (adjustment for decided in _adjudications(claim) for adjustment in decided.adjustments)
