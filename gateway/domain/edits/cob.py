"""Edits on coordination of benefits: who pays in which order, who the other payers are, and when they decided."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from edi.claims import Claim
from gateway.domain.claim_places import find_first_service
from gateway.domain.edits.terms import WITHOUT_INSTITUTIONAL, Breach, Edit, EditContext
from gateway.domain.other_payers import find_place, has_decided, id_of, is_bypassed, list_earlier, list_line_decisions

MEDICARE = frozenset({"MA", "MB"})
MEDICARE_SECONDARY_REASONS = frozenset({"12", "13", "14", "15", "16", "41", "42", "43", "47"})
"""SBR05: why Medicare does not pay first."""


def _check_sequence(claim: Claim, context: EditContext) -> Iterator[Breach]:
    places = Counter([claim.coverage.responsibility, *(other.responsibility for other in claim.other_payers)])
    for place in sorted(place for place, count in places.items() if count > 1 and find_place(place) >= 0):
        yield Breach(
            f"Two payers of the claim have the same place in the order of payment ({place}).",
            "Give each payer its own place: P pays first, then S, then T.",
            "other_payers (2000B SBR01, 2320 SBR01)",
        )


def _check_order(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if find_place(claim.coverage.responsibility) > 0 and claim.other_payers and not any(list_earlier(claim)):
        yield Breach(
            "The payer billed is to pay after another one, and all others named come after it.",
            "Correct the order of the payers, or name the one that pays first.",
            "other_payers (2320 SBR01)",
        )


def _check_taken(claim: Claim, context: EditContext) -> Iterator[Breach]:
    is_later = find_place(claim.coverage.responsibility) > 0
    if context.payer is not None and not context.payer.takes_secondary and is_later:
        yield Breach(
            "This payer takes no claims after another payer's decision electronically.",
            "Print the claim and send it with the earlier payer's remittance.",
            "coverage.responsibility (2000B SBR01)",
        )


def _check_decision(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, other in list_earlier(claim):
        if not has_decided(claim, other) and not is_bypassed(claim, other):
            yield Breach(
                f"Other payer {i + 1} pays before the one billed, and nothing says what it decided.",
                "Give what it paid and took off, from its remittance; bill it first; or say that it covers none of it (AMT*A8).",
                f"other_payers[{i}] (2320 AMT*D, 2430 SVD)",
            )


def _check_paid_date(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, other in enumerate(claim.other_payers):
        if other.paid_date is not None or not has_decided(claim, other):
            continue
        dates = [decided.paid_date for _, decided in list_line_decisions(claim, other)]
        if not dates or None in dates:
            yield Breach(
                f"Other payer {i + 1} has decided, and the day of its decision is missing.",
                "Give the remittance's date on the claim, or on every line it decided on.",
                f"other_payers[{i}].paid_date (2330B DTP*573, 2430 DTP*573)",
            )


def _check_paid_date_twice(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, other in enumerate(claim.other_payers):
        if other.paid_date is not None and any(decided.paid_date for _, decided in list_line_decisions(claim, other)):
            yield Breach(
                f"The day of other payer {i + 1}'s decision stands on the claim and on its lines.",
                "Give it on the lines where they were decided on, else on the claim.",
                f"other_payers[{i}].paid_date (2330B DTP*573)",
            )


def _check_paid_date_order(claim: Claim, context: EditContext) -> Iterator[Breach]:
    first = find_first_service(claim) or date.min
    for i, other in enumerate(claim.other_payers):
        days = [other.paid_date, *(decided.paid_date for _, decided in list_line_decisions(claim, other))]
        if any(day is not None and not first <= day <= context.today for day in days):
            yield Breach(
                f"Other payer {i + 1} decided before the first service, or on a day to come.",
                "Give the date of its remittance.",
                f"other_payers[{i}].paid_date (2330B DTP*573, 2430 DTP*573)",
            )


def _check_subscriber(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, other in enumerate(claim.other_payers):
        if other.subscriber is None or not (other.subscriber.last_name and other.subscriber.id):
            yield Breach(
                f"The subscriber of other payer {i + 1} has no name or no member id.",
                "Give both as on the card of that coverage.",
                f"other_payers[{i}].subscriber (2330A NM1)",
            )


def _check_payer(claim: Claim, context: EditContext) -> Iterator[Breach]:
    counts = Counter(id_of(other) for other in claim.other_payers)
    for i, other in enumerate(claim.other_payers):
        if other.payer is None or not (other.payer.last_name and other.payer.id):
            yield Breach(
                f"Other payer {i + 1} has no name or no id.",
                "Give both; the lines it decided on name it by its id.",
                f"other_payers[{i}].payer (2330B NM1)",
            )
        elif counts[other.payer.id] > 1:
            yield Breach(
                f"Other payer {i + 1} has the id of another one.",
                "Give each an id of its own: what they decided on lines is told apart by it.",
                f"other_payers[{i}].payer.id (2330B NM109)",
            )


def _check_line_payer(claim: Claim, context: EditContext) -> Iterator[Breach]:
    known = {id_of(other) for other in claim.other_payers}
    for n, line in enumerate(claim.lines):
        for i, decided in enumerate(line.adjudications):
            if decided.payer_id not in known:
                yield Breach(
                    f"Line {n + 1} was decided on by a payer that the claim does not name.",
                    "Use the id that the other payer has in 2330B.",
                    f"lines[{n}].adjudications[{i}].payer_id (2430 SVD01)",
                    n + 1,
                )


def _check_medicare_reason(claim: Claim, context: EditContext) -> Iterator[Breach]:
    indicator = claim.coverage.claim_filing_indicator
    is_later = find_place(claim.coverage.responsibility) > 0
    if indicator in MEDICARE and is_later and claim.coverage.insurance_type not in MEDICARE_SECONDARY_REASONS:
        yield Breach(
            "Medicare pays after another payer, and the reason for that is missing or is none of Medicare's.",
            f"Give one of {', '.join(sorted(MEDICARE_SECONDARY_REASONS))}, as the patient's Medicare file has it.",
            "coverage.insurance_type (2000B SBR05)",
        )


def _check_later_decided(claim: Claim, context: EditContext) -> Iterator[Breach]:
    place = find_place(claim.coverage.responsibility)
    for i, other in enumerate(claim.other_payers):
        if 0 <= place < find_place(other.responsibility) and has_decided(claim, other):
            yield Breach(
                f"Other payer {i + 1} comes after the one billed, and has decided already.",
                "Correct the order of the payers: who has decided comes first.",
                f"other_payers[{i}].responsibility (2320 SBR01)",
            )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="cob-sequence",
        group="cob",
        severity="hold",
        what="No two payers of a claim have the same place in the order of payment.",
        why="Each payer works out its share from those before it; two first ones leave none.",
        fix="Give each payer its own place: P, then S, then T.",
        example="SBR01 is P in 2000B and in a 2320.",
        find_breaches=_check_sequence,
    ),
    Edit(
        id="cob-order",
        group="cob",
        severity="hold",
        what="A claim to a later payer names one that comes before it.",
        why="A second payer has nothing to go by without the first one's decision.",
        fix="Correct the order of the payers, or name the one that pays first.",
        example="SBR01 is S in 2000B, and the only 2320 says T.",
        find_breaches=_check_order,
    ),
    Edit(
        id="cob-not-taken",
        group="cob",
        severity="hold",
        what="A claim to a later payer goes electronically only where the payer's profile says that it takes such claims.",
        why="It would be refused, or decided as if nobody had paid before.",
        fix="Print the claim and send it with the earlier payer's remittance.",
        example="takes_secondary is false in the profile, and SBR01 is S.",
        find_breaches=_check_taken,
    ),
    Edit(
        id="cob-decision-missing",
        group="cob",
        severity="hold",
        what="Of every payer that comes before the one billed, the claim says what it decided, or that it covers none of it.",
        why="The later payer decides on what is left, and rejects a claim that does not say.",
        fix="Give what it paid and took off, from its remittance; or the whole charge as AMT*A8 where it would cover none.",
        example="A 2320 of the first payer with its name and nothing else.",
        find_breaches=_check_decision,
    ),
    Edit(
        id="cob-paid-date-missing",
        group="cob",
        severity="hold",
        what="The day of another payer's decision is given, on the claim or on each line it decided on.",
        why="Later payers count their filing limit from it and reject claims without it.",
        fix="Give the date of the remittance.",
        example="AMT*D and no DTP*573 anywhere.",
        find_breaches=_check_paid_date,
    ),
    Edit(
        id="cob-paid-date-twice",
        group="cob",
        severity="warn",
        what="The day of another payer's decision is given once, on the claim or on its lines.",
        why="The guide uses the one or the other.",
        fix="Leave it out on the claim where the lines have it.",
        example="DTP*573 in 2330B and in 2430.",
        find_breaches=_check_paid_date_twice,
    ),
    Edit(
        id="cob-paid-date-order",
        group="cob",
        severity="hold",
        what="Another payer decided after the first service and not in the future.",
        why="A day that cannot be is rejected.",
        fix="Give the date of the remittance.",
        example="DTP*573 a year before the service.",
        find_breaches=_check_paid_date_order,
    ),
    Edit(
        id="cob-other-subscriber",
        group="cob",
        severity="hold",
        what="The subscriber of another coverage has a name and a member id.",
        why="Without them nobody can look that coverage up.",
        fix="Give both as on the card.",
        example="2330A without NM109.",
        find_breaches=_check_subscriber,
    ),
    Edit(
        id="cob-other-payer",
        group="cob",
        severity="hold",
        what="Other payers have a name, and an id each its own.",
        why="What they decided on lines is told apart by the id.",
        fix="Give both.",
        example="Two 2330B with NM109 55555.",
        find_breaches=_check_payer,
    ),
    Edit(
        id="cob-line-payer",
        group="cob",
        severity="hold",
        what="Who decided on a line is one of the claim's other payers.",
        why="The decision cannot be put to anyone else.",
        fix="Use the id of 2330B.",
        example="SVD01 is 55555, and the only 2330B has 66666.",
        find_breaches=_check_line_payer,
    ),
    Edit(
        id="cob-medicare-reason",
        group="cob",
        severity="hold",
        what="A claim to Medicare after another payer says why Medicare does not pay first.",
        why="Medicare rejects it without SBR05, or with one that it does not know.",
        fix="Give the reason that the patient's Medicare file has.",
        example="SBR*S with MB in SBR09 and nothing in SBR05.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_medicare_reason,
    ),
    Edit(
        id="cob-later-decided",
        group="cob",
        severity="warn",
        what="A payer that comes after the one billed has not decided yet.",
        why="Most often the two were exchanged.",
        fix="Correct the order of the payers.",
        example="SBR01 is P in 2000B; the 2320 with S has AMT*D.",
        find_breaches=_check_later_decided,
    ),
)
"""The edits on other payers and their order."""
