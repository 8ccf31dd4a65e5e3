"""Edits on the teeth of a dental claim and their surfaces.

Which code families are about a tooth is their structure, told by their numbers; what a code means is not said here.
"""

import re
from collections.abc import Iterator

from edi.claims import Claim, ServiceLine
from gateway.domain.edits.terms import DENTAL, Breach, Edit, EditContext

PRIMARY = frozenset("ABCDEFGHIJKLMNOPQRST")
SUPERNUMERARY = 50
"""What is added to the number of the permanent tooth that a supernumerary one stands beside."""
TEETH = frozenset(
    [
        *(str(number) for number in (*range(1, 33), *range(51, 83))),
        *PRIMARY,
        *(f"{letter}S" for letter in PRIMARY),
    ]
)
"""Universal numbering: 1 to 32 permanent, 51 to 82 supernumerary, A to T primary, AS to TS supernumerary of those."""
FRONT = frozenset([*(str(number) for number in (*range(6, 12), *range(22, 28))), *"CDEFGHMNOPQR"])
SURFACES = frozenset("MODBLIF")
SURFACES_MAX = 5
UNIVERSAL = "JP"
MISSING, EXTRACTED = "M", "E"

_FILLING = re.compile(r"D2(14|15|16|33|39)[0-9]")
_SURFACE_COUNTS = {
    "D2140": 1, "D2150": 2, "D2160": 3, "D2330": 1, "D2331": 2, "D2332": 3, "D2391": 1, "D2392": 2, "D2393": 3,
}  # fmt: skip
_ON_A_TOOTH = re.compile(r"D2(1[4-6]|33|39|5[1-4]|6[1-6]|7[1-9])[0-9]|D33[1-4][0-9]|D7(111|140|210|220|230|240|241|250)")
_REPLACED = re.compile(r"D[56][0-9]{3}")


def number_lines(claim: Claim) -> Iterator[tuple[int, str, ServiceLine]]:
    """Each line with its number from 1 and its path in the document."""
    for n, line in enumerate(claim.lines):
        yield n + 1, f"lines[{n}]", line


def _check_teeth(claim: Claim, context: EditContext) -> Iterator[Breach]:
    fix = "Give 1 to 32 or 51 to 82 for permanent teeth, A to T or AS to TS for primary ones, in universal numbering (JP)."
    for number, path, line in number_lines(claim):
        for i, tooth in enumerate(line.teeth):
            is_named = bool(tooth.tooth) or not tooth.surfaces
            if is_named and (tooth.tooth not in TEETH or tooth.numbering not in {"", UNIVERSAL}):
                yield Breach(f"Line {number} is about a tooth there is not.", fix, f"{path}.teeth[{i}] (2400 TOO02)", number)
    for i, status in enumerate(claim.teeth):
        if status.tooth not in TEETH:
            yield Breach("The claim tells the state of a tooth there is not.", fix, f"teeth[{i}] (2300 DN201)")


def _check_tooth_status(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, status in enumerate(claim.teeth):
        if status.status not in {MISSING, EXTRACTED}:
            yield Breach(
                "A tooth of the claim is neither missing nor to be extracted.",
                "Use M or E, and leave sound teeth out.",
                f"teeth[{i}].status (2300 DN202)",
            )


def _check_tooth_twice(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        teeth = [tooth.tooth for tooth in line.teeth]
        if len(set(teeth)) < len(teeth):
            message = f"Line {number} names a tooth twice."
            yield Breach(message, "Name it once, with all its surfaces.", f"{path}.teeth (2400 TOO02)", number)


def _check_surfaces(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        for i, tooth in enumerate(line.teeth):
            if not SURFACES.issuperset(tooth.surfaces) or len(tooth.surfaces) > SURFACES_MAX:
                yield Breach(
                    f"Line {number} names a surface that teeth do not have, or more than {SURFACES_MAX}.",
                    "Use M, O, D, B, L, I and F.",
                    f"{path}.teeth[{i}].surfaces (2400 TOO03)",
                    number,
                )


def _check_surface_twice(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        for i, tooth in enumerate(line.teeth):
            if len(set(tooth.surfaces)) < len(tooth.surfaces):
                message = f"Line {number} names a surface of a tooth twice."
                yield Breach(message, "Name it once.", f"{path}.teeth[{i}].surfaces (2400 TOO03)", number)


def _check_surface_tooth(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        for i, tooth in enumerate(line.teeth):
            if tooth.surfaces and not tooth.tooth:
                message = f"Line {number} names surfaces of no tooth."
                yield Breach(message, "Name the tooth they are of.", f"{path}.teeth[{i}].tooth (2400 TOO02)", number)


def _check_surface_place(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        for i, tooth in enumerate(line.teeth):
            unlike = "O" if _find_base(tooth.tooth) in FRONT else "I"
            if tooth.tooth in TEETH and unlike in tooth.surfaces:
                yield Breach(
                    f"Line {number} names a surface of front teeth at a back tooth, or the other way round.",
                    "Front teeth have an incisal edge (I), back teeth an occlusal surface (O).",
                    f"{path}.teeth[{i}].surfaces (2400 TOO03)",
                    number,
                )


def _find_base(tooth: str) -> str:
    """The tooth a supernumerary one stands beside, or the tooth itself."""
    if tooth.isdigit():
        return str(int(tooth) - SUPERNUMERARY) if int(tooth) > SUPERNUMERARY else tooth
    return tooth[:1]


def _check_tooth_missing(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        if _ON_A_TOOTH.fullmatch(line.procedure) and not any(tooth.tooth for tooth in line.teeth):
            message = f"Line {number} is work on a tooth, and does not say on which."
            yield Breach(message, "Name the tooth.", f"{path}.teeth (2400 TOO02)", number)


def _check_surface_missing(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        if _FILLING.fullmatch(line.procedure) and line.teeth and not any(tooth.surfaces for tooth in line.teeth):
            message = f"Line {number} is a filling, and names no surface."
            yield Breach(message, "Name the surfaces.", f"{path}.teeth (2400 TOO03)", number)


def _check_surface_count(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, path, line in number_lines(claim):
        due = _SURFACE_COUNTS.get(line.procedure)
        for i, tooth in enumerate(line.teeth):
            if due is not None and tooth.surfaces and len(tooth.surfaces) != due:
                yield Breach(
                    f"Line {number} names {len(tooth.surfaces)} surfaces, and its code is for {due}.",
                    "Use the code for as many surfaces as were filled.",
                    f"{path}.teeth[{i}].surfaces (2400 TOO03)",
                    number,
                )


def _check_missing_tooth(claim: Claim, context: EditContext) -> Iterator[Breach]:
    missing = {status.tooth for status in claim.teeth if status.status == MISSING}
    for number, path, line in number_lines(claim):
        if not _REPLACED.fullmatch(line.procedure) and missing & {tooth.tooth for tooth in line.teeth}:
            yield Breach(
                f"Line {number} is work on a tooth that the claim says is missing.",
                "Correct the tooth of the line or of the claim's list.",
                f"{path}.teeth (2400 TOO02, 2300 DN2)",
                number,
            )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="tooth-number",
        group="dental",
        severity="hold",
        what="Teeth are numbered as the universal system has them.",
        why="A tooth that does not exist is rejected.",
        fix="Give 1 to 32, 51 to 82, A to T or AS to TS.",
        example="TOO*JP*33.",
        guides=DENTAL,
        find_breaches=_check_teeth,
    ),
    Edit(
        id="tooth-status",
        group="dental",
        severity="hold",
        what="The claim's list of teeth says which are missing or to be extracted.",
        why="Sound teeth have no place in it.",
        fix="Use M or E.",
        example="DN2*8*X****JP.",
        guides=DENTAL,
        find_breaches=_check_tooth_status,
    ),
    Edit(
        id="tooth-repeated",
        group="dental",
        severity="warn",
        what="A line names a tooth once.",
        why="Twice is a slip, or two services.",
        fix="Name it once, with all its surfaces.",
        example="TOO*JP*12*M and TOO*JP*12*O on one line.",
        guides=DENTAL,
        find_breaches=_check_tooth_twice,
    ),
    Edit(
        id="tooth-surface",
        group="dental",
        severity="hold",
        what="Surfaces are M, O, D, B, L, I and F, five at most.",
        why="Another one is rejected by its form.",
        fix="Use these letters.",
        example="TOO*JP*12*X.",
        guides=DENTAL,
        find_breaches=_check_surfaces,
    ),
    Edit(
        id="tooth-surface-repeated",
        group="dental",
        severity="hold",
        what="A surface of a tooth is named once.",
        why="Surfaces are counted by the payer.",
        fix="Name it once.",
        example="TOO*JP*12*M:M.",
        guides=DENTAL,
        find_breaches=_check_surface_twice,
    ),
    Edit(
        id="tooth-surface-alone",
        group="dental",
        severity="hold",
        what="Surfaces are those of a tooth that is named.",
        why="Nobody knows where they are otherwise.",
        fix="Name the tooth.",
        example="TOO*JP**M.",
        guides=DENTAL,
        find_breaches=_check_surface_tooth,
    ),
    Edit(
        id="tooth-surface-place",
        group="dental",
        severity="warn",
        what="Front teeth have an incisal edge, back teeth an occlusal surface.",
        why="Payers that check it deny the line.",
        fix="Use I in front, O at the back.",
        example="TOO*JP*8*O.",
        guides=DENTAL,
        find_breaches=_check_surface_place,
    ),
    Edit(
        id="tooth-missing",
        group="dental",
        severity="warn",
        what="Work on a tooth names it.",
        why="Payers deny fillings, crowns, root canals and extractions of no tooth.",
        fix="Name the tooth.",
        example="D2140 without TOO.",
        guides=DENTAL,
        find_breaches=_check_tooth_missing,
    ),
    Edit(
        id="tooth-surface-missing",
        group="dental",
        severity="warn",
        what="A filling names its surfaces.",
        why="It is paid by them.",
        fix="Name the surfaces.",
        example="D2140 with TOO*JP*12.",
        guides=DENTAL,
        find_breaches=_check_surface_missing,
    ),
    Edit(
        id="tooth-surface-count",
        group="dental",
        severity="warn",
        what="As many surfaces are named as the code of the filling is for.",
        why="Payers pay for those that are named.",
        fix="Use the code for as many surfaces as were filled.",
        example="D2150 with TOO*JP*12*M.",
        guides=DENTAL,
        find_breaches=_check_surface_count,
    ),
    Edit(
        id="tooth-treated-missing",
        group="dental",
        severity="warn",
        what="No line but one of a prosthesis is about a tooth that is missing.",
        why="One of the two is wrong.",
        fix="Correct the tooth of the line or of the list.",
        example="DN2*8*M and a D2140 on tooth 8.",
        guides=DENTAL,
        find_breaches=_check_missing_tooth,
    ),
)
"""The edits on teeth."""
