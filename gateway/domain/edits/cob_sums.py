"""Edits on what other payers decided: paid amounts and adjustments, to the cent.

The sums are those of X12's answers on the 837: the charge is what a payer paid and all it took off, on the claim and on its
lines (request 1294); where lines are decided, what it paid on the claim is what it paid on them less what it took off the claim.
"""

import re
from collections import Counter
from collections.abc import Iterator

from edi.claims import Adjustment, Claim
from edi.codes.adjustment import GROUPS
from edi.values import format_money
from gateway.domain.edits.terms import Breach, Edit, EditContext
from gateway.domain.other_payers import has_decided, list_earlier, list_line_decisions, sum_adjustments

REASON = re.compile(r"[1-9][0-9]{0,2}|[ABDPWY][0-9]{1,2}")
"""The form of a CARC: up to three digits, or one of these letters and one or two digits."""


def _adjustments(claim: Claim) -> Iterator[tuple[tuple[Adjustment, ...], str, int]]:
    """All groups of adjustments with their paths and their line (0: the claim)."""
    for i, other in enumerate(claim.other_payers):
        yield other.adjustments, f"other_payers[{i}].adjustments (2320 CAS)", 0
    for n, line in enumerate(claim.lines):
        for i, decided in enumerate(line.adjudications):
            yield decided.adjustments, f"lines[{n}].adjudications[{i}].adjustments (2430 CAS)", n + 1


def _where(line: int) -> str:
    return f"of line {line}" if line else "of the claim"


def _check_paid(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, other in enumerate(claim.other_payers):
        if other.paid_cents is None and has_decided(claim, other):
            yield Breach(
                f"Other payer {i + 1} has decided, and what it paid on the claim is missing.",
                "Give it, 0.00 where it paid nothing.",
                f"other_payers[{i}].paid_cents (2320 AMT*D)",
            )


def _check_paid_on_lines(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, other in enumerate(claim.other_payers):
        decided = list_line_decisions(claim, other)
        if other.paid_cents is None or not decided:
            continue
        due = sum(each.paid_cents for _, each in decided) - sum_adjustments(other.adjustments)
        if due != other.paid_cents:
            yield Breach(
                f"Other payer {i + 1} paid {format_money(other.paid_cents)} on the claim, and its lines less what it took off "
                f"the claim come to {format_money(due)}.",
                "Take the amounts over from the remittance once more: one of them is wrong or missing.",
                f"other_payers[{i}].paid_cents (2320 AMT*D, 2430 SVD02)",
            )


def _check_claim_balance(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, other in enumerate(claim.other_payers):
        if other.paid_cents is None:
            continue
        taken = sum_adjustments(other.adjustments) + sum(
            sum_adjustments(each.adjustments) for _, each in list_line_decisions(claim, other)
        )
        if other.paid_cents + taken != claim.charge_cents:
            yield Breach(
                f"What other payer {i + 1} paid and took off comes to {format_money(other.paid_cents + taken)}; "
                f"the claim's charge is {format_money(claim.charge_cents)}.",
                "Give all adjustments of its remittance, those of the claim in 2320 and those of the lines in 2430, each once.",
                f"other_payers[{i}] (2320 AMT*D, CAS)",
            )


def _check_line_balance(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if any(decided.bundled_line for decided in line.adjudications):
            continue  # what was decided together is balanced on the line that it was put in
        for payer_id in dict.fromkeys(decided.payer_id for decided in line.adjudications):
            own = [decided for decided in line.adjudications if decided.payer_id == payer_id]
            settled = sum(decided.paid_cents + sum_adjustments(decided.adjustments) for decided in own)
            if settled != line.charge_cents:
                yield Breach(
                    f"What an other payer paid on line {n + 1} and took off it comes to {format_money(settled)}; "
                    f"the line's charge is {format_money(line.charge_cents)}.",
                    "Give all adjustments of the line from the remittance.",
                    f"lines[{n}].adjudications (2430 SVD02, CAS)",
                    n + 1,
                )


def _check_groups(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for adjustments, path, line in _adjustments(claim):
        if any(adjustment.group not in GROUPS for adjustment in adjustments):
            message = f"An adjustment {_where(line)} is in no group there is."
            yield Breach(message, f"Use one of {', '.join(GROUPS)}, as the remittance has it.", path, line)


def _check_reasons(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for adjustments, path, line in _adjustments(claim):
        if any(not REASON.fullmatch(adjustment.reason) for adjustment in adjustments):
            message = f"The reason of an adjustment {_where(line)} does not have the form of a CARC."
            yield Breach(message, "Give the code that the remittance has: 45, 253, B7 …", path, line)


def _check_zero(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for adjustments, path, line in _adjustments(claim):
        if any(adjustment.amount_cents == 0 for adjustment in adjustments):
            yield Breach(f"An adjustment {_where(line)} is of 0.00.", "Leave it out: it takes nothing off.", path, line)


def _check_repeated(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for adjustments, path, line in _adjustments(claim):
        counts = Counter((adjustment.group, adjustment.reason) for adjustment in adjustments)
        if any(count > 1 for count in counts.values()):
            message = f"The same adjustment reason is given twice {_where(line)}, by one payer in one group."
            yield Breach(message, "Add the amounts up under one reason, or take the one out that came twice.", path, line)


def _check_remaining(claim: Claim, context: EditContext) -> Iterator[Breach]:
    fix = "Give what the patient still owes after that payer, from its remittance."
    for i, other in enumerate(claim.other_payers):
        if other.remaining_patient_cents is not None and not 0 <= other.remaining_patient_cents <= claim.charge_cents:
            message = f"What is left to the patient after other payer {i + 1} is below zero or above the charge."
            yield Breach(message, fix, f"other_payers[{i}].remaining_patient_cents (2320 AMT*EAF)")
    for n, line in enumerate(claim.lines):
        for i, decided in enumerate(line.adjudications):
            left = decided.remaining_patient_cents
            if left is not None and not 0 <= left <= line.charge_cents:
                message = f"What is left to the patient of line {n + 1} is below zero or above its charge."
                yield Breach(message, fix, f"lines[{n}].adjudications[{i}].remaining_patient_cents (2430 AMT*EAF)", n + 1)


def _check_nothing_left(claim: Claim, context: EditContext) -> Iterator[Breach]:
    paid = sum(other.paid_cents or 0 for _, other in list_earlier(claim))
    if claim.charge_cents > 0 and paid >= claim.charge_cents:
        yield Breach(
            "The earlier payers paid the whole charge: nothing is left to bill.",
            "Void the claim, or correct what they paid.",
            "other_payers (2320 AMT*D)",
        )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="cob-paid-missing",
        group="cob",
        severity="hold",
        what="A payer that has decided has the amount it paid on the claim, 0.00 where it paid nothing.",
        why="What it took off alone does not say what is left.",
        fix="Give AMT*D, 0.00 where nothing was paid.",
        example="A 2320 with CAS segments and without AMT*D.",
        find_breaches=_check_paid,
    ),
    Edit(
        id="cob-paid-lines",
        group="cob",
        severity="hold",
        what="What another payer paid on the claim is what it paid on its lines, less what it took off the claim.",
        why="Payers hold these sums against each other and reject what does not agree.",
        fix="Take the amounts over from the remittance once more.",
        example="AMT*D of 80.00, and 2430 lines paid with 50.00 and 20.00.",
        find_breaches=_check_paid_on_lines,
    ),
    Edit(
        id="cob-claim-balance",
        group="cob",
        severity="hold",
        what="What another payer paid and took off, on the claim and its lines, comes to the claim's charge.",
        why="A difference of a cent is rejected: part of the charge was not decided on.",
        fix="Give all adjustments of the remittance, each once.",
        example="A charge of 120.00, AMT*D of 80.00 and a CAS of 30.00.",
        find_breaches=_check_claim_balance,
    ),
    Edit(
        id="cob-line-balance",
        group="cob",
        severity="hold",
        what="What another payer paid on a line and took off it comes to the line's charge.",
        why="A difference of a cent is rejected.",
        fix="Give all adjustments of the line.",
        example="A line of 120.00 with an SVD of 80.00 and a CAS of 30.00.",
        find_breaches=_check_line_balance,
    ),
    Edit(
        id="cob-adjustment-group",
        group="cob",
        severity="hold",
        what="Adjustments are in a group there is.",
        why="The group says who bears the amount; another one is rejected.",
        fix="Use the group of the remittance: CO, CR, OA, PI or PR.",
        example="CAS01 is XX.",
        find_breaches=_check_groups,
    ),
    Edit(
        id="cob-adjustment-reason",
        group="cob",
        severity="hold",
        what="Adjustment reasons have the form of a CARC.",
        why="A number of the payer's own means nothing to the next one.",
        fix="Give the CARC of the remittance.",
        example="CAS02 is N290, which is a remark code.",
        find_breaches=_check_reasons,
    ),
    Edit(
        id="cob-adjustment-zero",
        group="cob",
        severity="warn",
        what="No adjustment is of 0.00.",
        why="It says nothing, and some payers reject it.",
        fix="Leave it out.",
        example="CAS*CO*45*0.",
        find_breaches=_check_zero,
    ),
    Edit(
        id="cob-adjustment-repeated",
        group="cob",
        severity="warn",
        what="A payer gives a reason once in a group, on the claim or on a line.",
        why="Twice is most often a remittance taken over twice.",
        fix="Add the amounts up, or take the second one out.",
        example="CAS*CO*45*30**45*30.",
        find_breaches=_check_repeated,
    ),
    Edit(
        id="cob-remaining",
        group="cob",
        severity="hold",
        what="What is left to the patient after another payer is no less than zero and no more than the charge.",
        why="It cannot be.",
        fix="Give what the remittance says the patient owes.",
        example="AMT*EAF of 500.00 on a claim of 120.00.",
        find_breaches=_check_remaining,
    ),
    Edit(
        id="cob-nothing-left",
        group="cob",
        severity="warn",
        what="Something is left to bill after the earlier payers.",
        why="A claim that is paid in full is work for nobody.",
        fix="Void the claim, or correct what they paid.",
        example="AMT*D is the claim's whole charge.",
        find_breaches=_check_nothing_left,
    ),
)
"""The edits on the money of other payers."""
