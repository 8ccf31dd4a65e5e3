"""Edits on the lines of an institutional claim: revenue codes, units, days and money."""

import re
from collections.abc import Iterator
from decimal import Decimal

from edi.claims import Claim
from gateway.domain.bills import OUTPATIENT, count_days, find_sound_statement, list_rooms
from gateway.domain.edits.terms import INSTITUTIONAL, Breach, Edit, EditContext

REVENUE = re.compile(r"[0-9]{4}")
TOTAL = "0001"
CODED = re.compile(r"0(30|31|32|35|40|61)[0-9]|0450|0456")
"""Laboratory, pathology, imaging and emergency room: told by a procedure code on outpatient bills."""
DRUGS_IN_DETAIL = "0636"


def _check_revenue(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if not REVENUE.fullmatch(line.revenue_code):
            yield Breach(
                f"The revenue code of line {n + 1} is missing or is not four digits.",
                "Give four digits, with the leading zero.",
                f"lines[{n}].revenue_code (2400 SV201)",
                n + 1,
            )


def _check_total(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if line.revenue_code == TOTAL:
            yield Breach(
                f"Line {n + 1} is the total of the others.",
                "Take it out: the total of an electronic bill is the claim's charge.",
                f"lines[{n}].revenue_code (2400 SV201)",
                n + 1,
            )


def _check_room_unit(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in list_rooms(claim):
        if line.unit != "DA":
            yield Breach(
                f"Line {n + 1} is room and board, and is not counted in days.",
                "Use DA and the number of days.",
                f"lines[{n}].unit (2400 SV204)",
                n + 1,
            )


def _check_room_days(claim: Claim, context: EditContext) -> Iterator[Breach]:
    statement = find_sound_statement(claim)
    rooms = sum((line.quantity for _, line in list_rooms(claim) if line.unit == "DA"), Decimal(0))
    if statement is not None and rooms > count_days(statement) + 1:
        yield Breach(
            f"Room and board is billed for {rooms.normalize():f} days, more than the bill covers.",
            "Correct the days of the lines or of the bill.",
            "lines (2400 SV205)",
        )


def _check_units(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if line.charge_cents > 0 and not line.quantity > 0:
            message = f"Line {n + 1} charges for no unit."
            yield Breach(message, "Give the units or days.", f"lines[{n}].quantity (2400 SV205)", n + 1)


def _check_coded(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.place_of_service not in OUTPATIENT:
        return
    for n, line in enumerate(claim.lines):
        if CODED.fullmatch(line.revenue_code) and not line.procedure:
            yield Breach(
                f"Line {n + 1} has no procedure code; payers ask for one with this revenue code on bills of visits.",
                "Give what was done as HCPCS or CPT.",
                f"lines[{n}].procedure (2400 SV202-2)",
                n + 1,
            )


def _check_drugs(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if line.revenue_code == DRUGS_IN_DETAIL and not line.procedure:
            yield Breach(
                f"Line {n + 1} is of drugs told in detail (0636), and names none.",
                "Give the drug's HCPCS code, or use another revenue code of drugs.",
                f"lines[{n}].procedure (2400 SV202-2)",
                n + 1,
            )


def _check_noncovered(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if line.noncovered_cents is not None and not 0 <= line.noncovered_cents <= line.charge_cents:
            yield Breach(
                f"What is not covered of line {n + 1} is below zero or above its charge.",
                "Correct the part that is not covered.",
                f"lines[{n}].noncovered_cents (2400 SV207)",
                n + 1,
            )


def _check_line_dates(claim: Claim, context: EditContext) -> Iterator[Breach]:
    statement = find_sound_statement(claim)
    if claim.place_of_service not in OUTPATIENT or statement is None or statement.first == statement.last:
        return
    for n, line in enumerate(claim.lines):
        if line.service_from is None:
            yield Breach(
                f"Line {n + 1} does not say on which of the bill's days it was done.",
                "Give its day.",
                f"lines[{n}].service_from (2400 DTP*472)",
                n + 1,
            )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="revenue-code-form",
        group="institutional",
        severity="hold",
        what="Every line has a revenue code of four digits.",
        why="Lines are priced by it.",
        fix="Give four digits.",
        example="SV201 is 450.",
        guides=INSTITUTIONAL,
        find_breaches=_check_revenue,
    ),
    Edit(
        id="revenue-code-total",
        group="institutional",
        severity="hold",
        what="No line is the total of the others (0001).",
        why="It would double the bill: the electronic bill has its total in CLM02.",
        fix="Take the line out.",
        example="SV201 is 0001.",
        guides=INSTITUTIONAL,
        find_breaches=_check_total,
    ),
    Edit(
        id="room-unit",
        group="institutional",
        severity="warn",
        what="Room and board is counted in days.",
        why="Benefit days are counted by it.",
        fix="Use DA and the number of days.",
        example="SV2*0120**500*UN*4.",
        guides=INSTITUTIONAL,
        find_breaches=_check_room_unit,
    ),
    Edit(
        id="room-days",
        group="institutional",
        severity="warn",
        what="Room and board is not billed for more days than the bill covers.",
        why="The surplus is denied.",
        fix="Correct the days.",
        example="Nine days of 0120 on a bill from 1 to 5 November.",
        guides=INSTITUTIONAL,
        find_breaches=_check_room_days,
    ),
    Edit(
        id="revenue-units",
        group="institutional",
        severity="hold",
        what="A line that charges has units.",
        why="A charge for nothing is rejected.",
        fix="Give the units or days.",
        example="SV2*0300*HC:80053*49*UN*0.",
        guides=INSTITUTIONAL,
        find_breaches=_check_units,
    ),
    Edit(
        id="revenue-code-procedure",
        group="institutional",
        severity="warn",
        what="Laboratory, imaging and emergency lines of a visit name the procedure.",
        why="Outpatient bills are priced by it.",
        fix="Give what was done as HCPCS or CPT.",
        example="Revenue code 0300 without SV202 on a bill of type 131.",
        guides=INSTITUTIONAL,
        find_breaches=_check_coded,
    ),
    Edit(
        id="revenue-code-drug",
        group="institutional",
        severity="hold",
        what="A line of drugs told in detail (0636) names the drug.",
        why="The revenue code says that it does.",
        fix="Give the HCPCS code.",
        example="Revenue code 0636 without SV202.",
        guides=INSTITUTIONAL,
        find_breaches=_check_drugs,
    ),
    Edit(
        id="noncovered-charge",
        group="institutional",
        severity="hold",
        what="What is not covered of a line is part of its charge.",
        why="It cannot be more.",
        fix="Correct it.",
        example="SV207 of 150.00 on a line of 120.00.",
        guides=INSTITUTIONAL,
        find_breaches=_check_noncovered,
    ),
    Edit(
        id="revenue-line-date",
        group="institutional",
        severity="warn",
        what="On a bill of visits on several days each line has its day.",
        why="The guide asks for it.",
        fix="Give its day.",
        example="A bill of type 131 from 1 to 5 November, and a line without DTP*472.",
        guides=INSTITUTIONAL,
        find_breaches=_check_line_dates,
    ),
)
"""The edits on the lines of bills."""
