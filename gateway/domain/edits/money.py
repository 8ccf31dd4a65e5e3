"""Edits on amounts and quantities: in size, precision and sum."""

from collections.abc import Iterator

from edi.claims import Claim
from gateway.domain.edits.terms import PROFESSIONAL, Breach, Edit, EditContext

CHARGE_MAX_CENTS = 9_999_999_999
"""The guides hold amounts to ten digits, the two of the cents included."""

UNUSUAL_CENTS = 25_000_000
DECIMALS_MAX = 3
DIGITS_MAX = 8
QUANTITY_UNUSUAL = 9999
INCLUDED = {"T": "sales tax", "F4": "postage"}
"""AMTs of a line that are part of its charge."""


def _check_charge_limit(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.charge_cents > CHARGE_MAX_CENTS:
        message = "The claim's charge has more than ten digits."
        yield Breach(message, "Correct it, or split the claim.", "charge_cents (2300 CLM02)")
    for n, line in enumerate(claim.lines):
        if line.charge_cents > CHARGE_MAX_CENTS:
            message = f"The charge of line {n + 1} has more than ten digits."
            yield Breach(message, "Correct it, or split the line.", f"lines[{n}].charge_cents (2400 SV102)", n + 1)


def _check_charge_unusual(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if UNUSUAL_CENTS < line.charge_cents <= CHARGE_MAX_CENTS:
            yield Breach(
                f"Line {n + 1} charges more than 250000.00.",
                "Check where the point stands.",
                f"lines[{n}].charge_cents (2400 SV102)",
                n + 1,
            )


def _check_patient_paid(claim: Claim, context: EditContext) -> Iterator[Breach]:
    paid = claim.patient_paid_cents
    if paid is not None and paid > claim.charge_cents:
        yield Breach(
            "The patient has paid more than the claim charges.",
            "Give what was paid for these services alone.",
            "patient_paid_cents (2300 AMT*F5)",
        )


def _check_amount_negative(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.patient_paid_cents is not None and claim.patient_paid_cents < 0:
        message = "What the patient has paid is negative."
        yield Breach(message, "Give what was paid, or leave it out.", "patient_paid_cents (2300 AMT*F5)")
    for i, (qualifier, cents) in enumerate(claim.amounts):
        if cents < 0:
            message = f"The amount {qualifier} of the claim is negative."
            yield Breach(message, "Correct it.", f"amounts[{i}] (2300 AMT*{qualifier})")
    for n, line in enumerate(claim.lines):
        for i, (qualifier, cents) in enumerate(line.amounts):
            if cents < 0:
                message = f"The amount {qualifier} of line {n + 1} is negative."
                yield Breach(message, "Correct it.", f"lines[{n}].amounts[{i}] (2400 AMT*{qualifier})", n + 1)


def _check_included(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        for i, (qualifier, cents) in enumerate(line.amounts):
            if qualifier in INCLUDED and cents > line.charge_cents:
                yield Breach(
                    f"The {INCLUDED[qualifier]} of line {n + 1} is more than the line charges.",
                    "Include it in the line's charge.",
                    f"lines[{n}].amounts[{i}] (2400 AMT*{qualifier})",
                    n + 1,
                )


def _check_precision(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        quantity = line.quantity
        if quantity == quantity.to_integral_value() and quantity < 10**DIGITS_MAX:
            continue
        exponent = quantity.normalize().as_tuple().exponent
        decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
        if decimals > DECIMALS_MAX or quantity >= 10**DIGITS_MAX:
            yield Breach(
                f"The quantity of line {n + 1} has more than three decimals or more than eight digits before them.",
                "Round it as the code counts.",
                f"lines[{n}].quantity (2400 SV104)",
                n + 1,
            )


def _check_quantity_unusual(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if QUANTITY_UNUSUAL < line.quantity < 10**DIGITS_MAX:
            yield Breach(
                f"The quantity of line {n + 1} is more than {QUANTITY_UNUSUAL}.",
                "Check it; Medicare takes no more on a line.",
                f"lines[{n}].quantity (2400 SV104)",
                n + 1,
            )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="charge-limit",
        group="money",
        severity="hold",
        what="No charge has more than ten digits, cents included.",
        why="The guide has no place for more.",
        fix="Correct the charge, or split it.",
        example="A line of 100000000.00.",
        find_breaches=_check_charge_limit,
    ),
    Edit(
        id="charge-unusual",
        group="money",
        severity="warn",
        what="A professional line does not charge more than 250000.00.",
        why="The point is mostly in the wrong place.",
        fix="Check where the point stands.",
        example="A visit of 1550000.00 instead of 155.00.",
        guides=PROFESSIONAL,
        find_breaches=_check_charge_unusual,
    ),
    Edit(
        id="patient-paid-over-charge",
        group="money",
        severity="warn",
        what="The patient has not paid more than the claim charges.",
        why="The payer takes it off and may pay nothing.",
        fix="Give what was paid for these services alone.",
        example="AMT*F5 of 200.00 on a claim of 120.00.",
        find_breaches=_check_patient_paid,
    ),
    Edit(
        id="amount-negative",
        group="money",
        severity="hold",
        what="No amount of claim or line is negative.",
        why="The guide has no negative ones outside of other payers' adjustments.",
        fix="Correct the amount.",
        example="AMT*F5 of -20.00.",
        find_breaches=_check_amount_negative,
    ),
    Edit(
        id="included-amount",
        group="money",
        severity="warn",
        what="Sales tax and postage are part of the line's charge.",
        why="The guide counts them in SV102; the sum does not hold otherwise.",
        fix="Include them in the line's charge.",
        example="Sales tax of 15.00 on a line of 10.00.",
        find_breaches=_check_included,
    ),
    Edit(
        id="quantity-precision",
        group="money",
        severity="hold",
        what="A quantity has at most eight digits and three decimals.",
        why="The guide has no place for more.",
        fix="Round the quantity as the code counts.",
        example="Quantity 1.3333.",
        find_breaches=_check_precision,
    ),
    Edit(
        id="quantity-unusual",
        group="money",
        severity="warn",
        what="A professional line's quantity is not more than 9999.",
        why="It is mostly a slip, and Medicare takes no more on a line.",
        fix="Check the quantity.",
        example="Quantity 100000 instead of 1.",
        guides=PROFESSIONAL,
        find_breaches=_check_quantity_unusual,
    ),
)
"""The edits on amounts and quantities."""
