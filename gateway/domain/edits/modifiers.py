"""Edits on modifiers that do not go together, or not with the rest of their line."""

import re
from collections.abc import Callable, Iterable, Iterator

from edi.claims import Claim
from gateway.domain.edits.terms import PROFESSIONAL, WITHOUT_DENTAL, Breach, Edit, EditContext

Rule = Callable[[Claim, EditContext], Iterable[Breach]]

BILATERAL = "50"
TELEHEALTH = frozenset({"95", "93", "GT", "GQ", "FQ"})
TELEHEALTH_PLACES = frozenset({"02", "10"})
UNUSUAL = "22"
WAIVED = "QW"
CLIA = "X4"
PLACEHOLDERS = frozenset({"00", "XX", "ZZ", "NA"})
AMBULANCE = re.compile(r"A0(4(2[56789]|3[0-6]))")
"""The HCPCS codes of carrying a patient, and of the miles."""

ORIGIN_DESTINATION = re.compile(r"[DEGHIJNPRS][DEGHIJNPRSX]")


def allow_one_of(*names: str) -> Rule:
    """The rule that a line has no more than one of these modifiers."""
    wanted = frozenset(names)

    def find_breaches(claim: Claim, context: EditContext) -> list[Breach]:
        return [
            Breach(
                f"Line {n + 1} has modifiers that exclude each other: {', '.join(sorted(wanted.intersection(line.modifiers)))}.",
                "Keep the one that is right.",
                f"lines[{n}].modifiers (2400 SV101-3)",
                n + 1,
            )
            for n, line in enumerate(claim.lines)
            if len(line.modifiers) > 1 and len(wanted.intersection(line.modifiers)) > 1
        ]

    return find_breaches


def _check_bilateral_units(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if BILATERAL in line.modifiers and line.quantity != 1:
            yield Breach(
                f"Line {n + 1} is bilateral (modifier 50) and has another quantity than 1.",
                "Give quantity 1, or leave the modifier out and count the sides, as the payer asks.",
                f"lines[{n}].quantity (2400 SV104)",
                n + 1,
            )


def _check_telehealth_place(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if not line.modifiers or TELEHEALTH.isdisjoint(line.modifiers):
            continue
        if (line.place_of_service or claim.place_of_service) not in TELEHEALTH_PLACES:
            yield Breach(
                f"Line {n + 1} was given at a distance by its modifier, and elsewhere by its place.",
                "Give place 02, or 10 where the patient was at home, unless the payer asks for another.",
                f"lines[{n}].place_of_service (2400 SV105)",
                n + 1,
            )


def _check_unusual(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if UNUSUAL in line.modifiers and not (line.note or line.attachments or claim.notes or claim.attachments):
            yield Breach(
                f"Line {n + 1} asks for more (modifier 22) and does not say why.",
                "Add a note, or announce the report (PWK).",
                f"lines[{n}].note (2400 NTE)",
                n + 1,
            )


def _check_waived(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if WAIVED not in line.modifiers or claim.reference(CLIA):
            continue
        if not any(reference.qualifier == CLIA for reference in line.references):
            yield Breach(
                f"Line {n + 1} is a waived test (modifier QW), and no CLIA number is there.",
                "Give the laboratory's CLIA number.",
                f"lines[{n}].references (2400 REF*X4)",
                n + 1,
            )


def _check_placeholders(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if line.modifiers and not PLACEHOLDERS.isdisjoint(line.modifiers):
            yield Breach(
                f"Line {n + 1} has a placeholder for a modifier.",
                "Give the modifier or leave it out.",
                f"lines[{n}].modifiers (2400 SV101-3)",
                n + 1,
            )


def _check_ambulance(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        if AMBULANCE.fullmatch(line.procedure) and not any(map(ORIGIN_DESTINATION.fullmatch, line.modifiers)):
            yield Breach(
                f"Line {n + 1} carries a patient and does not say from where to where.",
                "Give the modifier of two letters: origin and destination, such as RH for home to hospital.",
                f"lines[{n}].modifiers (2400 SV101-3)",
                n + 1,
            )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="modifiers-components",
        group="procedures",
        severity="hold",
        what="A line is not both the professional and the technical component (26, TC).",
        why="Both together are the whole service, which has neither modifier.",
        fix="Keep one, or leave both out.",
        example="A line with 26 and TC.",
        find_breaches=allow_one_of("26", "TC"),
    ),
    Edit(
        id="modifiers-sides",
        group="procedures",
        severity="warn",
        what="A line is for the left side, the right side or both (LT, RT, 50).",
        why="Payers want two lines, or 50 alone.",
        fix="Use 50 alone, or a line for each side.",
        example="A line with LT and RT.",
        find_breaches=allow_one_of("LT", "RT", BILATERAL),
    ),
    Edit(
        id="modifiers-repeats",
        group="procedures",
        severity="warn",
        what="A repeated service was repeated by the same person or by another (76, 77).",
        why="Both cannot be.",
        fix="Keep the one that is right.",
        example="A line with 76 and 77.",
        find_breaches=allow_one_of("76", "77"),
    ),
    Edit(
        id="modifiers-postoperative",
        group="procedures",
        severity="warn",
        what="A service after surgery was planned, a return to the operating room or unrelated (58, 78, 79).",
        why="They are paid differently and exclude each other.",
        fix="Keep the one that is right.",
        example="A line with 78 and 79.",
        find_breaches=allow_one_of("58", "78", "79"),
    ),
    Edit(
        id="modifiers-therapy",
        group="procedures",
        severity="hold",
        what="A line is under one therapy plan: speech, occupational or physical (GN, GO, GP).",
        why="Medicare returns lines with two of them.",
        fix="Keep the one of the plan of care.",
        example="A line with GO and GP.",
        find_breaches=allow_one_of("GN", "GO", "GP"),
    ),
    Edit(
        id="modifiers-equipment",
        group="procedures",
        severity="warn",
        what="Equipment is new, used or rented (NU, UE, RR).",
        why="The price depends on it.",
        fix="Keep the one that is right.",
        example="A line with NU and RR.",
        find_breaches=allow_one_of("NU", "UE", "RR"),
    ),
    Edit(
        id="modifiers-liability",
        group="procedures",
        severity="warn",
        what="The patient has signed a notice of liability or has not (GA, GZ).",
        why="Who has to pay depends on it.",
        fix="Keep the one that is right.",
        example="A line with GA and GZ.",
        find_breaches=allow_one_of("GA", "GZ"),
    ),
    Edit(
        id="modifiers-anesthesia",
        group="procedures",
        severity="warn",
        what="An anesthesia was given alone, directed or supervised (AA, AD, QK, QX, QY, QZ).",
        why="They are paid differently and exclude each other.",
        fix="Keep the one that is right.",
        example="A line with AA and QZ.",
        find_breaches=allow_one_of("AA", "AD", "QK", "QX", "QY", "QZ"),
    ),
    Edit(
        id="modifiers-assistants",
        group="procedures",
        severity="warn",
        what="An assistant at surgery has one modifier of 80, 81 and 82.",
        why="They are paid differently and exclude each other.",
        fix="Keep the one that is right.",
        example="A line with 80 and 82.",
        find_breaches=allow_one_of("80", "81", "82"),
    ),
    Edit(
        id="modifiers-surgeons",
        group="procedures",
        severity="warn",
        what="Surgeons work as two or as a team (62, 66).",
        why="They are paid differently and exclude each other.",
        fix="Keep the one that is right.",
        example="A line with 62 and 66.",
        find_breaches=allow_one_of("62", "66"),
    ),
    Edit(
        id="modifiers-cut-short",
        group="procedures",
        severity="warn",
        what="A service was reduced or broken off (52, 53).",
        why="They are paid differently and exclude each other.",
        fix="Keep the one that is right.",
        example="A line with 52 and 53.",
        find_breaches=allow_one_of("52", "53"),
    ),
    Edit(
        id="modifiers-distinct",
        group="procedures",
        severity="warn",
        what="A distinct service has one modifier of 59, XE, XP, XS and XU.",
        why="The X modifiers say more exactly what 59 says; CMS wants one of them.",
        fix="Keep the most exact.",
        example="A line with 59 and XS.",
        find_breaches=allow_one_of("59", "XE", "XP", "XS", "XU"),
    ),
    Edit(
        id="modifiers-discarded-drug",
        group="procedures",
        severity="hold",
        what="Some of a drug was discarded or none was (JW, JZ).",
        why="Medicare returns a line that says both.",
        fix="Keep the one that is right.",
        example="A line with JW and JZ.",
        guides=WITHOUT_DENTAL,
        find_breaches=allow_one_of("JW", "JZ"),
    ),
    Edit(
        id="modifiers-telehealth",
        group="procedures",
        severity="warn",
        what="A service at a distance was given by picture or by sound alone (95, 93).",
        why="They exclude each other.",
        fix="Keep the one that is right.",
        example="A line with 93 and 95.",
        find_breaches=allow_one_of("93", "95"),
    ),
    Edit(
        id="telehealth-place",
        group="procedures",
        severity="warn",
        what="A service with a modifier of telehealth has place 02 or 10.",
        why="Most payers price by the place and deny the mixture.",
        fix="Give place 02, or 10 where the patient was at home.",
        example="Modifier 95 with place of service 11.",
        guides=PROFESSIONAL,
        find_breaches=_check_telehealth_place,
    ),
    Edit(
        id="modifier-bilateral-units",
        group="procedures",
        severity="warn",
        what="A bilateral line (50) has quantity 1.",
        why="Most payers take the modifier for both sides and pay four for a quantity of two, or deny.",
        fix="Give quantity 1, or leave the modifier out and count the sides.",
        example="Modifier 50 with quantity 2.",
        guides=PROFESSIONAL,
        find_breaches=_check_bilateral_units,
    ),
    Edit(
        id="modifier-unusual-reason",
        group="procedures",
        severity="warn",
        what="A line that asks for more than usual (22) says why.",
        why="Without a note or report the payer pays the usual price.",
        fix="Add a note, or announce the report (PWK).",
        example="Modifier 22 and neither NTE nor PWK.",
        find_breaches=_check_unusual,
    ),
    Edit(
        id="modifier-placeholder",
        group="procedures",
        severity="warn",
        what="Modifiers are modifiers, no placeholders.",
        why="Payers deny what is in no list.",
        fix="Give the modifier or leave it out.",
        example="Modifier 00.",
        find_breaches=_check_placeholders,
    ),
    Edit(
        id="clia-missing",
        group="procedures",
        severity="hold",
        what="A waived laboratory test (QW) comes with the laboratory's CLIA number.",
        why="Payers may not pay a test of a laboratory without certificate.",
        fix="Give the CLIA number as REF*X4 of claim or line.",
        example="A line with QW and no REF*X4.",
        guides=PROFESSIONAL,
        find_breaches=_check_waived,
    ),
    Edit(
        id="ambulance-modifier-missing",
        group="procedures",
        severity="warn",
        what="A line of carrying a patient says from where to where.",
        why="Payers deny a trip without origin and destination.",
        fix="Give the modifier of two letters, such as RH.",
        example="A0429 without modifiers.",
        guides=PROFESSIONAL,
        find_breaches=_check_ambulance,
    ),
)
"""The edits on modifiers."""
