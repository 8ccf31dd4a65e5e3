"""Edits on diagnoses that their code's first character is enough for: no table of codes is needed."""

from collections.abc import Iterator
from datetime import timedelta

from edi.claims import Claim
from gateway.domain.claim_places import find_first_service, patient_of
from gateway.domain.edits.terms import PROFESSIONAL, Breach, Edit, EditContext

ICD_10_MARKS = frozenset({"ABK", "ABF"})
EXTERNAL_CAUSES = frozenset("VWXY")
"""The letters of ICD-10-CM under which codes say what brought an injury about, and not what it is."""

PREGNANCY = "O"
BIRTH = "Z38"
NEWBORN_DAYS = 366


def _is_external_cause(qualifier: str, code: str) -> bool:
    return qualifier in ICD_10_MARKS and code[:1] in EXTERNAL_CAUSES


def _check_external_principal(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.diagnoses and _is_external_cause(claim.diagnoses[0].qualifier, claim.diagnoses[0].code):
        yield Breach(
            "The principal diagnosis is an external cause.",
            "Put the injury or illness first; the cause goes behind it.",
            "diagnoses[0].code (2300 HI01-2)",
        )


def _check_external_pointer(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if not any(diagnosis.code[:1] in EXTERNAL_CAUSES for diagnosis in claim.diagnoses):
        return
    for n, line in enumerate(claim.lines):
        first = line.diagnosis_pointers[0] if line.diagnosis_pointers else 0
        if not 1 < first <= len(claim.diagnoses):
            continue  # the first diagnosis is judged as the principal one
        diagnosis = claim.diagnoses[first - 1]
        if _is_external_cause(diagnosis.qualifier, diagnosis.code):
            yield Breach(
                f"Line {n + 1} points first at an external cause.",
                "Point first at what was treated.",
                f"lines[{n}].diagnosis_pointers[0] (2400 SV107-1)",
                n + 1,
            )


def _check_pregnancy(claim: Claim, context: EditContext) -> Iterator[Breach]:
    _, _, patient = patient_of(claim)
    if patient.gender != "M":
        return
    for i, diagnosis in enumerate(claim.diagnoses):
        if diagnosis.qualifier in ICD_10_MARKS and diagnosis.code.startswith(PREGNANCY):
            yield Breach(
                f"Diagnosis {i + 1} is one of pregnancy, and the patient is male.",
                "Check the gender and the code.",
                f"diagnoses[{i}].code (2300 HI{i + 1:02d}-2)",
            )


def _check_birth(claim: Claim, context: EditContext) -> Iterator[Breach]:
    found = next((i for i, one in enumerate(claim.diagnoses) if one.code.startswith(BIRTH)), None)
    if found is None:
        return
    _, _, patient = patient_of(claim)
    served = find_first_service(claim)
    if patient.birth_date is not None and served is not None and served - patient.birth_date > timedelta(days=NEWBORN_DAYS):
        yield Breach(
            f"Diagnosis {found + 1} is that of being born, and the patient is older than a year.",
            "Take the code off the mother's claim; it belongs on the child's.",
            f"diagnoses[{found}].code (2300 HI{found + 1:02d}-2)",
        )


def _check_present_on_admission(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, diagnosis in enumerate(claim.diagnoses):
        if diagnosis.present_on_admission:
            yield Breach(
                f"Diagnosis {i + 1} says whether it was present on admission, on a claim that has no place for it.",
                "Leave it out; it belongs on the hospital's claim.",
                f"diagnoses[{i}].present_on_admission (2300 HI{i + 1:02d}-9)",
            )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="external-cause-principal",
        group="diagnosis",
        severity="hold",
        what="The principal diagnosis is no external cause (V, W, X or Y of ICD-10-CM).",
        why="The classification bars it there, and payers refuse the claim.",
        fix="Put the injury or illness first; the cause goes behind it.",
        example="W19XXXA as the only diagnosis.",
        find_breaches=_check_external_principal,
    ),
    Edit(
        id="external-cause-pointer",
        group="diagnosis",
        severity="warn",
        what="The first pointer of a line is not at an external cause.",
        why="The payer judges the service by the first diagnosis pointed at.",
        fix="Point first at what was treated.",
        example="A line that points at 2, where 2 is W19XXXA.",
        guides=PROFESSIONAL,
        find_breaches=_check_external_pointer,
    ),
    Edit(
        id="pregnancy-diagnosis-gender",
        group="diagnosis",
        severity="warn",
        what="Diagnoses of pregnancy (O of ICD-10-CM) are not on a male patient's claim.",
        why="Gender or code is mostly a slip, or the claim is that of a child.",
        fix="Check the gender and the code.",
        example="O80 with gender M.",
        find_breaches=_check_pregnancy,
    ),
    Edit(
        id="birth-diagnosis-age",
        group="diagnosis",
        severity="warn",
        what="The code of being born (Z38 of ICD-10-CM) is on the child's claim alone.",
        why="It is used once, on the child's own record.",
        fix="Take the code off the mother's claim.",
        example="Z3800 for a patient of thirty.",
        find_breaches=_check_birth,
    ),
    Edit(
        id="present-on-admission-unneeded",
        group="diagnosis",
        severity="hold",
        what="A professional claim does not say what was present on admission.",
        why="The guide has no place for it there.",
        fix="Leave it out.",
        example="Y behind the principal diagnosis of an office visit.",
        guides=PROFESSIONAL,
        find_breaches=_check_present_on_admission,
    ),
)
"""The edits on diagnoses by their first character."""
