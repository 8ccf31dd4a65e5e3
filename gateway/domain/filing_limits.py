"""The last day on which a payer takes a claim, and which of its limits that day comes of."""

from datetime import date, timedelta
from typing import Literal

import msgspec

from edi.claims import Claim
from gateway.domain.claim_places import find_first_service, find_last_covered
from gateway.domain.frequency import VOID
from gateway.domain.other_payers import has_decided, list_earlier
from payers.profile import Payer

FilingKind = Literal["original", "corrected", "secondary"]

CORRECTIONS = frozenset({"5", "6", "7"})


class FilingLimit(msgspec.Struct, frozen=True):
    """A limit of the payer's profile ([timely_filing]) as a day of the calendar."""

    kind: FilingKind
    last_day: date


def find_filing_limit(claim: Claim, payer: Payer | None) -> FilingLimit | None:
    """The limit that a claim falls under; None where none does.

    A replacement or late charge has its own limit from the first service. A void has none: it asks for no money.
    A claim that an earlier payer has decided on has its own from the day of that decision, and none where the profile says
    "never"; without the day it is filed as an original. A delay reason (CLM20) lifts every limit.
    """
    if payer is None or claim.delay_reason or claim.frequency == VOID:
        return None
    limits = payer.timely_filing
    first = _first_day(claim)
    if claim.frequency in CORRECTIONS:
        return _limit("corrected", first, limits.corrected_days)
    if any(has_decided(claim, other) for _, other in list_earlier(claim)):
        if limits.secondary_days is None:
            return None
        if (decided := _last_decision(claim)) is not None:
            return _limit("secondary", decided, limits.secondary_days)
    return _limit("original", first, limits.original_days)


def _first_day(claim: Claim) -> date | None:
    """The day that limits run from: the first service, of a hospital's bill the last of its statement."""
    return find_last_covered(claim) if claim.guide == "837I" else find_first_service(claim)


def _limit(kind: FilingKind, start: date | None, days: int | None) -> FilingLimit | None:
    return FilingLimit(kind, start + timedelta(days=days)) if start is not None and days is not None else None


def _last_decision(claim: Claim) -> date | None:
    """The latest day on which a payer before this one decided; None where none did, or none says when."""
    earlier = [other for _, other in list_earlier(claim)]
    days = [other.paid_date for other in earlier]
    names = {other.payer.id for other in earlier if other.payer}
    days += [decided.paid_date for line in claim.lines for decided in line.adjudications if decided.payer_id in names]
    return max((day for day in days if day is not None), default=None)
