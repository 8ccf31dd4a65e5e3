"""What a claim may hold to be kept at all: told where it is taken in, so that one claim stops neither its file nor a stage."""

import re
from collections.abc import Iterator

import msgspec

from edi.claims import Claim

NUMBER_LENGTH_MAX = 80
"""NM109 and the like are at most 80 characters; the tables' indexes take no more than about 2,000."""

AMOUNT_MAX_CENTS = 10**13
QUANTITY_DIGITS_MAX = 15
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
    if max(abs(cents) for cents in (claim.charge_cents, *(line.charge_cents for line in claim.lines))) > AMOUNT_MAX_CENTS:
        yield "an amount of over a hundred billion dollars; amounts are in cents"
    for line in claim.lines:
        if not line.quantity.is_finite() or abs(line.quantity.adjusted()) > QUANTITY_DIGITS_MAX:
            yield "a line's quantity is no ordinary number; one such as 1 or 2.5 is expected"
