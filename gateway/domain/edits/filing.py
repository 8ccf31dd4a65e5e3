"""Edits on timely filing: whether the claim leaves within its payer's limit, whichever of them it falls under."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from edi.claims import Claim
from gateway.domain.deadlines import FILING_WARNING_DAYS
from gateway.domain.edits.terms import Breach, Edit, EditContext
from gateway.domain.filing_limits import CORRECTIONS, FilingKind, find_filing_limit


def _field(claim: Claim) -> str:
    """Where the day stands that the limit runs from."""
    return "periods (2300 DTP*434)" if claim.guide == "837I" else "lines (2400 DTP*472)"


def _find_passed(claim: Claim, context: EditContext, kind: FilingKind) -> Iterator[Breach]:
    limit = find_filing_limit(claim, context.payer)
    if limit is not None and limit.kind == kind and context.today > limit.last_day:
        yield Breach(
            f"The payer took this claim until {limit.last_day.isoformat()}; "
            f"that is {(context.today - limit.last_day).days} days ago.",
            "Give a delay reason (CLM20) where one holds, or write the claim off.",
            _field(claim),
        )


def _check_original(claim: Claim, context: EditContext) -> Iterator[Breach]:
    return _find_passed(claim, context, "original")


def _check_corrected(claim: Claim, context: EditContext) -> Iterable[Breach]:
    return _find_passed(claim, context, "corrected") if claim.frequency in CORRECTIONS else ()


def _check_secondary(claim: Claim, context: EditContext) -> Iterable[Breach]:
    return _find_passed(claim, context, "secondary") if claim.other_payers else ()


def _check_near(claim: Claim, context: EditContext) -> Iterator[Breach]:
    limit = find_filing_limit(claim, context.payer)
    if limit is not None and context.today <= limit.last_day <= context.today + timedelta(days=FILING_WARNING_DAYS):
        yield Breach(
            f"The payer takes this claim until {limit.last_day.isoformat()}: {(limit.last_day - context.today).days} days left.",
            "See that it leaves and is accepted before that day.",
            _field(claim),
        )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="timely-filing-passed",
        group="timely_filing",
        severity="hold",
        what="An original leaves within the payer's filing limit.",
        why="It would be denied for lateness, which the patient may not be billed for.",
        fix="Give a delay reason (CLM20) where one holds, or write the claim off.",
        example="A service of 1 March sent on 1 September to a payer that takes claims for 90 days.",
        find_breaches=_check_original,
    ),
    Edit(
        id="corrected-filing-passed",
        group="timely_filing",
        severity="hold",
        what="A replacement or late charge leaves within the payer's limit for corrected claims; a void has no limit.",
        why="It would be denied for lateness, and the first decision stands.",
        fix="Give a delay reason (CLM20) where one holds, or appeal.",
        example="A replacement 400 days after the service, where the profile gives 365.",
        find_breaches=_check_corrected,
    ),
    Edit(
        id="secondary-filing-passed",
        group="timely_filing",
        severity="hold",
        what="A claim after another payer leaves within the limit that runs from that payer's decision.",
        why="It would be denied for lateness, which the patient may not be billed for.",
        fix="Give a delay reason (CLM20) where one holds, or write the claim off.",
        example="The primary payer decided 100 days ago, and the profile gives 90.",
        find_breaches=_check_secondary,
    ),
    Edit(
        id="timely-filing-near",
        group="timely_filing",
        severity="warn",
        what="A claim leaves well before the payer's filing limit.",
        why="A rejection now may leave no time to send it again.",
        fix="See that the claim leaves and is accepted before its last day.",
        example="Three days left of the payer's 90.",
        find_breaches=_check_near,
    ),
)
"""The edits on timely filing."""
