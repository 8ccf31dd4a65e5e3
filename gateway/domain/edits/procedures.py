"""Edits on what a line's code demands beside it: minutes, a description, a drug's number, certificates, attachments."""

import re
from collections.abc import Iterator

from edi.claims import Claim, Guide, ServiceLine
from gateway.domain.edits.terms import PROFESSIONAL, WITHOUT_DENTAL, Breach, Edit, EditContext

ANESTHESIA = re.compile(r"0(0[1-9]|1[0-9])[0-9]{2}")
"""The CPT codes from 00100 to 01999."""

ANESTHESIA_BY_COUNT = frozenset({"01953", "01996"})
"""Codes in that range that are counted and not timed."""

ANESTHESIA_MODIFIERS = frozenset({"AA", "AD", "QK", "QX", "QY", "QZ"})
MINUTES, COUNT = "MJ", "UN"
MINUTES_A_DAY = 1440
UNITS: dict[Guide, frozenset[str]] = {
    "837P": frozenset({"UN", "MJ"}),
    "837I": frozenset({"UN", "DA", ""}),
    "837D": frozenset({"UN", ""}),
}
UNLISTED = re.compile(r"(?!99[5-9])[0-9]{3}99|[ABJL][0-9]999|J3[45]90|A4649|E1399|K0108|L8499|J8499")
"""Codes of CPT and HCPCS that say no more than the chapter a service belongs to, as far as their form tells."""

NDC = re.compile(r"(?!0{11}|9{11})[0-9]{11}")
DRUG_UNITS = frozenset({"F2", "GR", "ME", "ML", "UN"})
CLIA_NUMBER = re.compile(r"[0-9]{2}D[0-9]{7}")
CLIA_MARKS = frozenset({"X4", "F4"})
MAMMOGRAPHY_NUMBER = re.compile(r"[0-9]{6}")
MAMMOGRAPHY = frozenset({"EW"})
AMBULANCE = re.compile(r"A04(2[6789]|3[0-6])")
PICK_UP, DROP_OFF = "PW", "45"
ON_REQUEST = "AA"
PERFORMANCE = re.compile(r"[0-9]{4}F")
FREE_CENTS = 1


def _is_anesthesia(line: ServiceLine) -> bool:
    return line.procedure[:1] == "0" and ANESTHESIA.fullmatch(line.procedure) is not None


def _check_anesthesia_unit(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if line.unit != MINUTES and _is_anesthesia(line) and line.procedure not in ANESTHESIA_BY_COUNT:
            yield Breach(
                f"Line {n + 1} is an anesthesia and is not measured in minutes.",
                "Give the minutes, with unit MJ.",
                f"lines[{n}].unit (2400 SV103)",
                n + 1,
            )


def _check_minutes(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if line.unit == MINUTES and not _is_anesthesia(line) and ANESTHESIA_MODIFIERS.isdisjoint(line.modifiers):
            yield Breach(
                f"Line {n + 1} is measured in minutes and is no anesthesia.",
                "Give units (UN) as the code counts them.",
                f"lines[{n}].unit (2400 SV103)",
                n + 1,
            )


def _check_minute_count(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if line.unit == MINUTES and (line.quantity > MINUTES_A_DAY or line.quantity % 1):
            yield Breach(
                f"Line {n + 1} has more minutes than a day, or a part of one.",
                "Give whole minutes.",
                f"lines[{n}].quantity (2400 SV104)",
                n + 1,
            )


def _check_anesthesia_modifier(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if _is_anesthesia(line) and ANESTHESIA_MODIFIERS.isdisjoint(line.modifiers):
            yield Breach(
                f"Line {n + 1} is an anesthesia and does not say who gave it.",
                "Add AA, AD, QK, QX, QY or QZ.",
                f"lines[{n}].modifiers (2400 SV101-3)",
                n + 1,
            )


def _check_unit(claim: Claim, context: EditContext) -> Iterator[Breach]:
    units = UNITS[claim.guide]
    for n, line in enumerate(claim.lines):
        if line.unit not in units:
            message = f"The unit of line {n + 1} is none of the guide."
            yield Breach(message, "Give UN for units.", f"lines[{n}].unit (2400 SV103)", n + 1)


def _check_unlisted(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if UNLISTED.fullmatch(line.procedure) and not (line.description or line.note):
            yield Breach(
                f"Line {n + 1} has an unlisted code and no description.",
                "Say in a few words what was done or given.",
                f"lines[{n}].description (2400 SV101-7)",
                n + 1,
            )


def _check_drug_code(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        for i, drug in enumerate(line.drugs):
            if drug.qualifier == "N4" and not NDC.fullmatch(drug.code):
                yield Breach(
                    f"The drug of line {n + 1} has no NDC of eleven digits.",
                    "Write it as 5-4-2 digits without hyphens, a zero before the part that is short.",
                    f"lines[{n}].drugs[{i}].code (2410 LIN03)",
                    n + 1,
                )


def _check_drug_quantity(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        for i, drug in enumerate(line.drugs):
            if drug.quantity is None or not drug.quantity > 0 or drug.unit not in DRUG_UNITS:
                yield Breach(
                    f"The drug of line {n + 1} has no quantity in a unit of the guide.",
                    "Give how much was used, in ML, GR, ME, F2 or UN.",
                    f"lines[{n}].drugs[{i}].quantity (2410 CTP04)",
                    n + 1,
                )


def _numbers(claim: Claim, marks: frozenset[str]) -> Iterator[tuple[str, int, str, str]]:
    """Path, line (0: the claim), REF and value of the references with one of these marks."""
    for i, reference in enumerate(claim.references):
        if reference.qualifier in marks:
            yield f"references[{i}].value", 0, f"2300 REF*{reference.qualifier}", reference.value
    for n, line in enumerate(claim.lines):
        for i, reference in enumerate(line.references):
            if reference.qualifier in marks:
                yield f"lines[{n}].references[{i}].value", n + 1, f"2400 REF*{reference.qualifier}", reference.value


def _check_clia_form(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, number, place, value in _numbers(claim, CLIA_MARKS):
        if not CLIA_NUMBER.fullmatch(value):
            yield Breach(
                "A CLIA number is not two digits, D and seven digits.",
                "Copy it from the laboratory's certificate.",
                f"{path} ({place})",
                number,
            )


def _check_mammography_form(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, number, place, value in _numbers(claim, MAMMOGRAPHY):
        if not MAMMOGRAPHY_NUMBER.fullmatch(value):
            yield Breach(
                "The number of the mammography certificate is not six digits.",
                "Copy it from the certificate.",
                f"{path} ({place})",
                number,
            )


def _check_ambulance_transport(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.ambulance is not None:
        return
    for n, line in enumerate(claim.lines):
        if line.ambulance is None and AMBULANCE.fullmatch(line.procedure):
            yield Breach(
                f"Line {n + 1} carries a patient, and how far and why is missing.",
                "Give reason and distance of the trip.",
                f"lines[{n}].ambulance (2400 CR1)",
                n + 1,
            )


def _check_ambulance_places(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if not any(AMBULANCE.fullmatch(line.procedure) for line in claim.lines):
        return
    roles = {party.role for party in claim.providers}
    roles.update(party.role for line in claim.lines for party in line.providers)
    if not {PICK_UP, DROP_OFF} <= roles:
        yield Breach(
            "A patient was carried, and the address of pick-up or drop-off is missing.",
            "Give both addresses.",
            "providers (2310E NM1*PW)",
        )


def _check_attachments(claim: Claim, context: EditContext) -> Iterator[Breach]:
    places = [(f"attachments[{i}]", "2300", 0, one) for i, one in enumerate(claim.attachments)]
    for n, line in enumerate(claim.lines):
        places += [(f"lines[{n}].attachments[{i}]", "2400", n + 1, one) for i, one in enumerate(line.attachments)]
    for path, loop, number, attachment in places:
        if attachment.transmission not in {ON_REQUEST, ""} and not attachment.control_number:
            yield Breach(
                "An attachment is announced without the number it comes under.",
                "Give the number that is written on it.",
                f"{path}.control_number ({loop} PWK06)",
                number,
            )


def _check_performance(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if line.charge_cents > FREE_CENTS and PERFORMANCE.fullmatch(line.procedure):
            yield Breach(
                f"Line {n + 1} only reports quality, and charges for it.",
                "Charge 0.00, or 0.01 where the payer's system needs an amount.",
                f"lines[{n}].charge_cents (2400 SV102)",
                n + 1,
            )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="anesthesia-unit",
        group="procedures",
        severity="hold",
        what="An anesthesia (CPT 00100 to 01999) is measured in minutes, but for the codes that are counted.",
        why="The guide requires minutes; the payer would take 60 for sixty units, or refuse.",
        fix="Give the minutes, with unit MJ.",
        example="00142 with unit UN.",
        guides=PROFESSIONAL,
        find_breaches=_check_anesthesia_unit,
    ),
    Edit(
        id="minutes-without-anesthesia",
        group="procedures",
        severity="warn",
        what="Only anesthesia is measured in minutes.",
        why="Other timed codes are counted in units of their own length.",
        fix="Give units (UN) as the code counts them.",
        example="97110 with 30 MJ.",
        guides=PROFESSIONAL,
        find_breaches=_check_minutes,
    ),
    Edit(
        id="minutes-count",
        group="money",
        severity="warn",
        what="Minutes are whole and no more than a day has.",
        why="The number is mostly a slip.",
        fix="Give whole minutes.",
        example="An anesthesia of 9000 MJ.",
        guides=PROFESSIONAL,
        find_breaches=_check_minute_count,
    ),
    Edit(
        id="anesthesia-modifier-missing",
        group="procedures",
        severity="warn",
        what="An anesthesia says by modifier who gave it.",
        why="The price depends on it; Medicare and most others deny without.",
        fix="Add AA, AD, QK, QX, QY or QZ.",
        example="00142 without modifiers.",
        guides=PROFESSIONAL,
        find_breaches=_check_anesthesia_modifier,
    ),
    Edit(
        id="unit-unknown",
        group="money",
        severity="hold",
        what="The unit of a line is one of the guide.",
        why="Others are refused at the front end.",
        fix="Give UN for units, MJ for minutes of anesthesia, DA for days of a stay.",
        example="Unit F2 in SV103.",
        find_breaches=_check_unit,
    ),
    Edit(
        id="unlisted-description",
        group="procedures",
        severity="warn",
        what="An unlisted code comes with a description.",
        why="The guide requires one, and the payer does not know what it pays for.",
        fix="Say in a few words what was done or given.",
        example="J3490 without SV101-7 and without a note.",
        guides=WITHOUT_DENTAL,
        find_breaches=_check_unlisted,
    ),
    Edit(
        id="drug-code-format",
        group="procedures",
        severity="hold",
        what="An NDC has eleven digits.",
        why="Payers look it up in that form alone.",
        fix="Write it as 5-4-2 digits without hyphens, a zero before the part that is short.",
        example="0409-1234-01, ten digits with hyphens.",
        find_breaches=_check_drug_code,
    ),
    Edit(
        id="drug-quantity",
        group="procedures",
        severity="hold",
        what="A drug that is named has a quantity and its unit.",
        why="The guide requires both with an NDC.",
        fix="Give how much was used, in ML, GR, ME, F2 or UN.",
        example="An NDC without CTP.",
        find_breaches=_check_drug_quantity,
    ),
    Edit(
        id="clia-format",
        group="procedures",
        severity="hold",
        what="A CLIA number is two digits, D and seven digits.",
        why="Payers look the certificate up by it.",
        fix="Copy it from the laboratory's certificate.",
        example="REF*X4 with 99D12345.",
        guides=PROFESSIONAL,
        find_breaches=_check_clia_form,
    ),
    Edit(
        id="mammography-number-format",
        group="procedures",
        severity="warn",
        what="The number of a mammography certificate is six digits.",
        why="Payers look the certificate up by it.",
        fix="Copy it from the certificate.",
        example="REF*EW with 12AB.",
        guides=PROFESSIONAL,
        find_breaches=_check_mammography_form,
    ),
    Edit(
        id="ambulance-transport-missing",
        group="procedures",
        severity="hold",
        what="A trip of an ambulance says how far and why.",
        why="The guide requires CR1 on ambulance claims.",
        fix="Give reason and distance of the trip.",
        example="A0429 and no CR1 on claim or line.",
        guides=PROFESSIONAL,
        find_breaches=_check_ambulance_transport,
    ),
    Edit(
        id="ambulance-places-missing",
        group="procedures",
        severity="hold",
        what="A trip of an ambulance has the addresses of pick-up and drop-off.",
        why="The guide requires both on ambulance claims.",
        fix="Give both addresses.",
        example="A0429 with NM1*PW and no NM1*45.",
        guides=PROFESSIONAL,
        find_breaches=_check_ambulance_places,
    ),
    Edit(
        id="attachment-number-missing",
        group="procedures",
        severity="hold",
        what="An attachment that is sent has a control number.",
        why="The guide requires it; the payer ties the paper to the claim by it.",
        fix="Give the number that is written on it.",
        example="PWK02 is FX and PWK06 is empty.",
        find_breaches=_check_attachments,
    ),
    Edit(
        id="performance-charge",
        group="money",
        severity="warn",
        what="A code that only reports quality charges nothing.",
        why="It is not paid, and the charge stays open.",
        fix="Charge 0.00, or 0.01.",
        example="2000F with a charge of 50.00.",
        guides=PROFESSIONAL,
        find_breaches=_check_performance,
    ),
)
"""The edits on what a code demands."""
