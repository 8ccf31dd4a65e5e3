"""Edits on a dental claim besides its teeth: areas, prostheses, orthodontics, days and predeterminations.

Which code families are about an area or a prosthesis is their structure, told by their numbers; what a code means is not said
here.
"""

import re
from collections.abc import Iterator
from datetime import date

from edi.claims import Claim, ServiceLine
from gateway.domain.edits.dental_teeth import number_lines
from gateway.domain.edits.terms import DENTAL, Breach, Edit, EditContext

AREAS = frozenset({"00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "20", "30", "40", "L", "R"})
AREAS_MAX = 5
REPLACEMENT = "R"
PREDETERMINATION = "PB"
SERVICE, PRIOR_PLACEMENT = "472", "441"

_IN_A_QUADRANT = re.compile(r"D4(210|240|260|341|342)")
_PROSTHESIS = re.compile(r"D27[1-9][0-9]|D5(1[1-4]|21)[0-9]|D6[27][0-9][0-9]")
_ORTHODONTICS = re.compile(r"D80[1-9][0-9]")


def _check_areas(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        if not AREAS.issuperset(line.oral_cavity) or len(line.oral_cavity) > AREAS_MAX:
            yield Breach(
                f"Line {number} names an area that the mouth does not have, or more than {AREAS_MAX}.",
                "Use 00 for the mouth, 01 and 02 for the arches, 03 to 08 for the sextants, 10, 20, 30 and 40 for the quadrants, "
                "L and R for the sides, or 09 for what is none of these.",
                f"{path}.oral_cavity (2400 SV304)",
                number,
            )


def _check_area_twice(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        if len(set(line.oral_cavity)) < len(line.oral_cavity):
            yield Breach(f"Line {number} names an area twice.", "Name it once.", f"{path}.oral_cavity (2400 SV304)", number)


def _check_quadrant(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        if _IN_A_QUADRANT.fullmatch(line.procedure) and not line.oral_cavity and not line.teeth:
            message = f"Line {number} is work on a quadrant, and does not say on which."
            yield Breach(message, "Give 10, 20, 30 or 40.", f"{path}.oral_cavity (2400 SV304)", number)


def _day(line: ServiceLine, qualifier: str) -> date | None:
    return next((day for told, day in line.dates if told == qualifier), None)


def _check_replacement(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        if line.prosthesis == REPLACEMENT and _day(line, PRIOR_PLACEMENT) is None:
            yield Breach(
                f"Line {number} replaces a prosthesis, and does not say since when the patient had it.",
                "Give the day it was placed, or as near as is known.",
                f"{path}.dates (2400 DTP*441)",
                number,
            )


def _check_placement_order(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        day = _day(line, PRIOR_PLACEMENT)
        if day is not None and day > (line.service_from or context.today):
            yield Breach(
                f"The prosthesis that line {number} replaces was placed after the service.",
                "Correct the day it was placed.",
                f"{path}.dates (2400 DTP*441)",
                number,
            )


def _check_prosthesis(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        if _PROSTHESIS.fullmatch(line.procedure) and not line.prosthesis:
            yield Breach(
                f"Line {number} is a crown, bridge or denture, and does not say whether it is the first one.",
                "Give I for the first one, R for a replacement with the day of the earlier one.",
                f"{path}.prosthesis (2400 SV305)",
                number,
            )


def _check_months(claim: Claim, context: EditContext) -> Iterator[Breach]:
    told = claim.orthodontics
    if told is None:
        return
    months, left = told.months, told.remaining_months
    if (months is not None and months <= 0) or (left is not None and (left < 0 or (months is not None and left > months))):
        yield Breach(
            "More months of orthodontics are to come than the treatment has, or it has none.",
            "Give the months in all, and those that are left of them.",
            "orthodontics (2300 DN101, DN102)",
        )


def _check_orthodontics(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.orthodontics is None:
        for number, path, line in number_lines(claim):
            if _ORTHODONTICS.fullmatch(line.procedure):
                yield Breach(
                    f"Line {number} is orthodontics, and the claim does not tell its months.",
                    "Give the months of treatment and those that are left.",
                    f"{path}.procedure (2300 DN1)",
                    number,
                )


def _claim_has_day(claim: Claim) -> bool:
    told = [qualifier for qualifier, _ in claim.dates] + [period.qualifier for period in claim.periods]
    return SERVICE in told


def _check_day(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.submission_reason == PREDETERMINATION or _claim_has_day(claim):
        return
    for number, path, line in number_lines(claim):
        if line.service_from is None:
            message = f"Line {number} has no service date, and the claim has none either."
            yield Breach(message, "Give the day it was done.", f"{path}.service_from (2400 DTP*472)", number)


def _check_predetermination(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.submission_reason == PREDETERMINATION and (_claim_has_day(claim) or any(line.service_from for line in claim.lines)):
        yield Breach(
            "A predetermination asks what would be paid, and the claim has a day of service.",
            "Leave the day out, or bill the services without CLM19.",
            "submission_reason (2300 CLM19)",
        )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="oral-cavity",
        group="dental",
        severity="hold",
        what="Areas are those of the mouth, five at most.",
        why="Another one is rejected by its form.",
        fix="Use 00 to 10, 20, 30, 40, L or R.",
        example="SV304 is 50.",
        guides=DENTAL,
        find_breaches=_check_areas,
    ),
    Edit(
        id="oral-cavity-repeated",
        group="dental",
        severity="warn",
        what="An area is named once.",
        why="Twice is a slip.",
        fix="Name it once.",
        example="SV304 is 10:10.",
        guides=DENTAL,
        find_breaches=_check_area_twice,
    ),
    Edit(
        id="quadrant-missing",
        group="dental",
        severity="warn",
        what="Work on a quadrant names it.",
        why="Payers pay it once a quadrant.",
        fix="Give 10, 20, 30 or 40.",
        example="D4341 without SV304.",
        guides=DENTAL,
        find_breaches=_check_quadrant,
    ),
    Edit(
        id="prior-placement-missing",
        group="dental",
        severity="hold",
        what="The replacement of a prosthesis says when the earlier one was placed.",
        why="The guide asks for it; payers count years from it.",
        fix="Give the day.",
        example="SV305 is R and there is no DTP*441.",
        guides=DENTAL,
        find_breaches=_check_replacement,
    ),
    Edit(
        id="prior-placement-order",
        group="dental",
        severity="hold",
        what="The earlier prosthesis was placed before the service.",
        why="It cannot be otherwise.",
        fix="Correct the day.",
        example="DTP*441 in the future.",
        guides=DENTAL,
        find_breaches=_check_placement_order,
    ),
    Edit(
        id="prosthesis-code-missing",
        group="dental",
        severity="warn",
        what="A crown, bridge or denture says whether it is the first one.",
        why="The guide asks for it.",
        fix="Give I or R.",
        example="D2740 without SV305.",
        guides=DENTAL,
        find_breaches=_check_prosthesis,
    ),
    Edit(
        id="orthodontics-months",
        group="dental",
        severity="hold",
        what="The months of orthodontics to come are part of those in all.",
        why="They cannot be more.",
        fix="Give both.",
        example="DN1*24*30.",
        guides=DENTAL,
        find_breaches=_check_months,
    ),
    Edit(
        id="orthodontics-missing",
        group="dental",
        severity="warn",
        what="Orthodontic treatment tells its months.",
        why="Payers pay it month by month.",
        fix="Give DN1.",
        example="D8080 without DN1.",
        guides=DENTAL,
        find_breaches=_check_orthodontics,
    ),
    Edit(
        id="dental-date-missing",
        group="dental",
        severity="hold",
        what="A dental service has its day, on the line or on the claim.",
        why="Without it nothing can be decided.",
        fix="Give the day, or ask for a predetermination (CLM19 PB).",
        example="A line without DTP*472, and the claim without it.",
        guides=DENTAL,
        find_breaches=_check_day,
    ),
    Edit(
        id="predetermination-dated",
        group="dental",
        severity="hold",
        what="A predetermination has no day of service.",
        why="It asks before anything is done; with a day it is read as a bill.",
        fix="Leave the day out, or bill the services.",
        example="CLM19 is PB and a line has DTP*472.",
        guides=DENTAL,
        find_breaches=_check_predetermination,
    ),
)
"""The edits on dental claims besides their teeth."""
