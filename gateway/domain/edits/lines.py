"""Edits on each service line: code, modifiers, money, quantity, pointers and dates."""

import re
from collections.abc import Iterator

from edi.claims import Claim, ServiceLine
from gateway.domain.claim_places import list_service_days
from gateway.domain.edits.terms import PROFESSIONAL, WITHOUT_INSTITUTIONAL, Breach, Edit, EditContext

PROCEDURE_FORMS = {"HC": re.compile(r"[0-9]{4}[0-9A-Z]|[A-Z][0-9]{4}"), "AD": re.compile(r"D[0-9]{4}")}
"""CPT (five digits, or four and a letter) or HCPCS Level II (a letter and four digits); CDT (D and four digits)."""

PERFORMANCE = re.compile(r"[0-9]{4}F")
"""CPT Category II: it reports quality and is not paid."""

GIVEN_FREE = "SL"
"""The modifier of a vaccine that the state has given."""

MODIFIER = re.compile(r"[0-9A-Z]{2}")
MODIFIERS_MAX = 4
POINTERS_MAX = 4


def _numbered(claim: Claim) -> Iterator[tuple[int, str, ServiceLine]]:
    """Each line with its number from 1 and its path in the document."""
    for n, line in enumerate(claim.lines):
        yield n + 1, f"lines[{n}]", line


def _check_procedure(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in _numbered(claim):
        form = PROCEDURE_FORMS.get(line.procedure_qualifier)
        is_due = bool(line.procedure) or claim.guide != "837I"
        if is_due and (not line.procedure or (form and not form.fullmatch(line.procedure))):
            yield Breach(
                f"The procedure code of line {number} is missing or is not five characters of CPT, HCPCS or CDT form.",
                "Give five capital letters and digits as in the code book, without modifier or point.",
                f"{path}.procedure (2400 SV101-2)",
                number,
            )


def _check_modifiers(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in _numbered(claim):
        for i, modifier in enumerate(line.modifiers):
            if not MODIFIER.fullmatch(modifier):
                yield Breach(
                    f"Modifier {i + 1} of line {number} is not two capital letters or digits.",
                    "Correct it or leave it out.",
                    f"{path}.modifiers[{i}] (2400 SV101-{i + 3})",
                    number,
                )


def _check_modifier_count(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in _numbered(claim):
        if len(line.modifiers) > MODIFIERS_MAX:
            yield Breach(
                f"Line {number} has {len(line.modifiers)} modifiers; there is place for {MODIFIERS_MAX}.",
                "Keep the four that change payment, or use modifier 99 as the payer asks.",
                f"{path}.modifiers (2400 SV101-3)",
                number,
            )


def _check_modifier_twice(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in _numbered(claim):
        if len(set(line.modifiers)) < len(line.modifiers):
            message = f"Line {number} gives a modifier twice."
            yield Breach(message, "Give it once.", f"{path}.modifiers (2400 SV101-3)", number)


def _check_charge_negative(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.charge_cents < 0:
        yield Breach("The claim's charge is negative.", "Give what was charged.", "charge_cents (2300 CLM02)")
    for number, path, line in _numbered(claim):
        if line.charge_cents < 0:
            yield Breach(
                f"The charge of line {number} is negative.",
                "Give what was charged; to take a charge back, replace or void the earlier claim.",
                f"{path}.charge_cents (2400 SV102)",
                number,
            )


def _check_charge_zero(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in _numbered(claim):
        if line.charge_cents == 0 and not (PERFORMANCE.fullmatch(line.procedure) or GIVEN_FREE in line.modifiers):
            yield Breach(
                f"Line {number} charges nothing.",
                "Give the charge, unless there is none.",
                f"{path}.charge_cents (2400 SV102)",
                number,
            )


def _check_quantity(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in _numbered(claim):
        if not line.quantity > 0:
            message = f"The quantity of line {number} is not more than zero."
            yield Breach(message, "Give the units or minutes.", f"{path}.quantity (2400 SV104)", number)


def _check_pointers(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in _numbered(claim):
        if not line.diagnosis_pointers:
            yield Breach(
                f"Line {number} points at no diagnosis.",
                "Point it at the diagnosis it was done for.",
                f"{path}.diagnosis_pointers (2400 SV107)",
                number,
            )


def _check_pointer_range(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if not claim.diagnoses:
        return  # the missing diagnosis is the finding; what points at it follows from it
    for number, path, line in _numbered(claim):
        for i, pointer in enumerate(line.diagnosis_pointers):
            if not 1 <= pointer <= len(claim.diagnoses):
                yield Breach(
                    f"Line {number} points at diagnosis {pointer}, and the claim has {len(claim.diagnoses)}.",
                    "Point it at a diagnosis of the claim, or add the missing one.",
                    f"{path}.diagnosis_pointers[{i}] (2400 SV107-{i + 1})",
                    number,
                )


def _check_pointer_count(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in _numbered(claim):
        pointers = line.diagnosis_pointers
        if len(pointers) > POINTERS_MAX or len(set(pointers)) < len(pointers):
            yield Breach(
                f"Line {number} points at more than {POINTERS_MAX} diagnoses or at one twice.",
                "Keep the most important, each once.",
                f"{path}.diagnosis_pointers (2400 SV107)",
                number,
            )


def _check_service_date(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in _numbered(claim):
        if line.service_from is None:
            message = f"Line {number} has no service date."
            yield Breach(message, "Give the day it was done.", f"{path}.service_from (2400 DTP*472)", number)


def _check_service_future(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for served in list_service_days(claim):
        if served.first > context.today:
            yield Breach(
                f"The service of {served.owner} lies in the future.",
                "Correct the date, or send the claim once the service is done.",
                served.first_field,
                served.line,
            )


def _check_service_end(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for served in list_service_days(claim):
        if served.first <= context.today < served.last:
            yield Breach(
                f"The service of {served.owner} has begun and ends in the future.",
                "Leave it where supplies or a rental are billed for the time ahead; else correct the date.",
                served.last_field,
                served.line,
            )


def _check_service_order(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in _numbered(claim):
        if line.service_from is not None and line.service_through is not None and line.service_through < line.service_from:
            yield Breach(
                f"The service of line {number} ends before it begins.",
                "Exchange or correct the two dates.",
                f"{path}.service_through (2400 DTP*472)",
                number,
            )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="procedure-format",
        group="procedures",
        severity="hold",
        what="Every line has a procedure code of CPT, HCPCS or CDT form; a line of a hospital may have none.",
        why="A code of another form is rejected at the front end.",
        fix="Give five capital letters and digits as in the code book, without modifier or point.",
        example="Procedure 9921 in SV101-2.",
        find_breaches=_check_procedure,
    ),
    Edit(
        id="modifier-format",
        group="procedures",
        severity="hold",
        what="Modifiers are two characters.",
        why="The guide and every payer demand it.",
        fix="Correct the modifier or leave it out.",
        example="Modifier 5 instead of 05, or a lower-case gp.",
        find_breaches=_check_modifiers,
    ),
    Edit(
        id="modifier-count",
        group="procedures",
        severity="hold",
        what="A line has at most four modifiers.",
        why="The guide has no place for more.",
        fix="Keep the four that change payment, or use modifier 99 as the payer asks.",
        example="Five modifiers on one line.",
        find_breaches=_check_modifier_count,
    ),
    Edit(
        id="modifier-duplicate",
        group="procedures",
        severity="warn",
        what="No modifier occurs twice on a line.",
        why="It says nothing more, and some payers deny the line.",
        fix="Give each modifier once.",
        example="A line with 25 and 25.",
        find_breaches=_check_modifier_twice,
    ),
    Edit(
        id="charge-negative",
        group="money",
        severity="hold",
        what="No charge is negative.",
        why="Claims do not take money back: replacements and voids do.",
        fix="Give what was charged; to take a charge back, replace or void the earlier claim.",
        example="A line of -20.00.",
        find_breaches=_check_charge_negative,
    ),
    Edit(
        id="charge-zero",
        group="money",
        severity="warn",
        what="A line charges something, but for codes that only report quality (CPT 0001F on) and vaccines of the state (SL).",
        why="Lines without a charge are mostly mistakes.",
        fix="Give the charge, unless there is none.",
        example="An office visit that charges 0.00.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_charge_zero,
    ),
    Edit(
        id="quantity",
        group="money",
        severity="hold",
        what="A line's quantity is more than zero.",
        why="Nothing was done otherwise.",
        fix="Give the units or minutes.",
        example="A line with quantity 0.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_quantity,
    ),
    Edit(
        id="pointer-missing",
        group="diagnosis",
        severity="hold",
        what="A line points at a diagnosis.",
        why="The guide requires the first pointer; the payer judges by it whether the service was needed.",
        fix="Point the line at the diagnosis it was done for.",
        example="A line whose SV107 is empty.",
        guides=PROFESSIONAL,
        find_breaches=_check_pointers,
    ),
    Edit(
        id="pointer-range",
        group="diagnosis",
        severity="hold",
        what="Pointers name diagnoses that the claim has.",
        why="A pointer into nothing is rejected.",
        fix="Point at a diagnosis of the claim, or add the missing one.",
        example="A line points at diagnosis 3 of two.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_pointer_range,
    ),
    Edit(
        id="pointer-count",
        group="diagnosis",
        severity="hold",
        what="A line points at no more than four diagnoses, each once.",
        why="The guide has place for four.",
        fix="Keep the four most important, each once.",
        example="A line points at diagnosis 1 and again at 1.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_pointer_count,
    ),
    Edit(
        id="service-date-missing",
        group="dates",
        severity="hold",
        what="Every line has a service date.",
        why="The guide requires it.",
        fix="Give the day the service was done.",
        example="A line without DTP*472.",
        guides=PROFESSIONAL,
        find_breaches=_check_service_date,
    ),
    Edit(
        id="service-date-future",
        group="dates",
        severity="hold",
        what="No service begins in the future.",
        why="Payers reject services that have not been done.",
        fix="Correct the date, or send the claim once the service is done.",
        example="A service of next week.",
        find_breaches=_check_service_future,
    ),
    Edit(
        id="service-end-future",
        group="dates",
        severity="warn",
        what="A service has ended, unless supplies or a rental are billed ahead.",
        why="Spans of supplies may end ahead; of other services the last day is mostly a slip.",
        fix="Leave it where supplies or a rental are billed for the time ahead; else correct the date.",
        example="A service from 2 November to next week.",
        find_breaches=_check_service_end,
    ),
    Edit(
        id="service-date-order",
        group="dates",
        severity="hold",
        what="A service ends on or after the day it begins.",
        why="One of the two dates is wrong.",
        fix="Exchange or correct the two dates.",
        example="A service from 4 to 2 November.",
        find_breaches=_check_service_order,
    ),
)
"""The edits on service lines."""
