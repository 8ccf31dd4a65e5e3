"""Edits on the codes of an institutional claim: diagnoses, procedures, and the codes of the bill in HI."""

import re
from collections.abc import Iterator
from datetime import timedelta

from edi.claims import Claim
from edi.claims.details import Diagnosis
from edi.values import format_money
from gateway.domain.bills import HOSPITAL_INPATIENT, STILL_PATIENT, count_days, find_sound_statement, is_inpatient
from gateway.domain.edits.terms import INSTITUTIONAL, Breach, Edit, EditContext

CODE = re.compile(r"[0-9A-Z]{2}")
GROUPER = re.compile(r"[0-9]{3,4}")
PRESENT_ON_ADMISSION = frozenset({"", "N", "U", "W", "Y"})
ADMITTING = frozenset({"11", "12", "21", "22"})
"""Bills that tell the admitting diagnosis by every manual."""
VISITS = frozenset({"13", "78", "85"})
UNSCHEDULED = frozenset({"1", "2", "5"})
"""CL101 of an emergency, of what is urgent, and of trauma."""
EMERGENCY = re.compile(r"045[0-9]|0516|0526|0762")
COVERED_DAYS, NONCOVERED_DAYS = "80", "81"
PRINCIPAL = frozenset({"BBR", "BR", "CAH"})
OTHER = frozenset({"BBQ", "BQ"})
DAYS_BEFORE_STATEMENT = timedelta(days=3)
"""Services of the three days before a stay are billed with it, and keep their own day."""


def _coded(claim: Claim) -> Iterator[tuple[str, Diagnosis]]:
    """The diagnoses that can say whether they were present on admission, with their paths."""
    for name, diagnoses in (("diagnoses", claim.diagnoses), ("external_causes", claim.external_causes)):
        yield from ((f"{name}[{i}]", diagnosis) for i, diagnosis in enumerate(diagnoses))


def _check_present(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, diagnosis in _coded(claim):
        if diagnosis.present_on_admission not in PRESENT_ON_ADMISSION:
            yield Breach(
                "Whether a diagnosis was present on admission is said with a code that does not exist.",
                "Use Y, N, U or W, and nothing for a diagnosis that is exempt.",
                f"{path}.present_on_admission (2300 HI01-9)",
            )


def _check_present_missing(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.place_of_service == HOSPITAL_INPATIENT and claim.diagnoses and not claim.diagnoses[0].present_on_admission:
        yield Breach(
            "The principal diagnosis of a hospital stay does not say whether it was present on admission.",
            "Give Y, N, U or W; leave it out only where the diagnosis is exempt.",
            "diagnoses[0].present_on_admission (2300 HI01-9)",
        )


def _check_admitting(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.place_of_service in ADMITTING and claim.admitting_diagnosis is None:
        yield Breach(
            "The bill does not say with which diagnosis the patient was admitted.",
            "Give the admitting diagnosis.",
            "admitting_diagnosis (2300 HI*ABJ)",
        )


def _check_visit_reason(claim: Claim, context: EditContext) -> Iterator[Breach]:
    is_unscheduled = claim.admission is not None and claim.admission.type in UNSCHEDULED
    is_emergency = any(EMERGENCY.fullmatch(line.revenue_code) for line in claim.lines)
    if claim.place_of_service in VISITS and is_unscheduled and is_emergency and not claim.visit_reasons:
        yield Breach(
            "An unscheduled visit to emergency, urgent care or observation does not say why the patient came.",
            "Give the patient's own reason as a diagnosis.",
            "visit_reasons (2300 HI*APR)",
        )


def _check_procedure_day(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, procedure in enumerate(claim.procedures):
        if procedure.qualifier in PRINCIPAL | OTHER and procedure.performed_on is None:
            message = f"Procedure {i + 1} of the bill has no day."
            yield Breach(message, "Give the day it was done.", f"procedures[{i}].performed_on (2300 HI01-4)")


def _check_procedure_in_statement(claim: Claim, context: EditContext) -> Iterator[Breach]:
    statement = find_sound_statement(claim)
    for i, procedure in enumerate(claim.procedures):
        day = procedure.performed_on
        if statement and day and not statement.first - DAYS_BEFORE_STATEMENT <= day <= statement.last:
            yield Breach(
                f"Procedure {i + 1} was done on a day that the bill does not cover.",
                "Correct its day, or the days that the bill covers.",
                f"procedures[{i}].performed_on (2300 HI01-4)",
            )


def _check_procedure_principal(claim: Claim, context: EditContext) -> Iterator[Breach]:
    qualifiers = {procedure.qualifier for procedure in claim.procedures}
    if qualifiers & OTHER and not qualifiers & PRINCIPAL:
        yield Breach(
            "The bill tells further procedures and no principal one.",
            "Make the one that the stay was for the principal one (BBR).",
            "procedures (2300 HI*BBQ)",
        )


def _check_bill_codes(claim: Claim, context: EditContext) -> Iterator[Breach]:
    told = {
        "conditions": list(claim.conditions), "values": [one.code for one in claim.values],
        "occurrences": [one.code for one in claim.occurrences],
        "occurrence_spans": [one.code for one in claim.occurrence_spans],
    }  # fmt: skip
    segments = {"conditions": "BG", "values": "BE", "occurrences": "BH", "occurrence_spans": "BI"}
    for name, codes in told.items():
        for i, code in enumerate(codes):
            if not CODE.fullmatch(code):
                yield Breach(
                    "A condition, occurrence or value code is not two capital letters or digits.",
                    "Give it as the manual has it, with its leading zero.",
                    f"{name}[{i}] (2300 HI*{segments[name]})",
                )


def _check_bill_codes_twice(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for name, codes in (("conditions", claim.conditions), ("values", tuple(one.code for one in claim.values))):
        if len(set(codes)) < len(codes):
            message = "A condition or value code is given twice."
            yield Breach(message, "Give it once; add amounts of one value code up.", f"{name} (2300 HI)")


def _check_spans(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, span in enumerate(claim.occurrence_spans):
        if span.last < span.first:
            message = f"Occurrence span {i + 1} ends before it begins."
            yield Breach(message, "Exchange or correct its days.", f"occurrence_spans[{i}] (2300 HI*BI)")


def _check_grouper(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.diagnosis_group and not GROUPER.fullmatch(claim.diagnosis_group):
        yield Breach(
            "The diagnosis related group is not three or four digits.",
            "Give it with its leading zeros, or leave it to the payer.",
            "diagnosis_group (2300 HI*DR)",
        )


def _check_covered_days(claim: Claim, context: EditContext) -> Iterator[Breach]:
    statement = find_sound_statement(claim)
    days = {one.code: one.amount_cents for one in claim.values if one.code in {COVERED_DAYS, NONCOVERED_DAYS}}
    if not is_inpatient(claim) or statement is None or COVERED_DAYS not in days:
        return
    status = claim.admission.patient_status if claim.admission else ""
    due = count_days(statement) + int(status == STILL_PATIENT) or 1
    told = sum(days.values())
    if told != due * 100:
        yield Breach(
            f"Covered and noncovered days come to {format_money(told)}, and the bill covers {due} days.",
            "Count the days from the first to the last, the day of discharge not among them; give counts as whole dollars.",
            "values (2300 HI*BE)",
        )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="present-on-admission",
        group="institutional",
        severity="hold",
        what="Whether a diagnosis was present on admission is Y, N, U or W, or nothing where it is exempt.",
        why="Another code is rejected; 1 was used before version 5010.",
        fix="Use Y, N, U or W.",
        example="HI*ABK:J449:::::::1.",
        guides=INSTITUTIONAL,
        find_breaches=_check_present,
    ),
    Edit(
        id="present-on-admission-missing",
        group="institutional",
        severity="warn",
        what="The principal diagnosis of a hospital stay says whether it was present on admission.",
        why="What came up in the hospital is paid differently.",
        fix="Give Y, N, U or W, unless the diagnosis is exempt.",
        example="A bill of type 111 with HI*ABK:J449.",
        guides=INSTITUTIONAL,
        find_breaches=_check_present_missing,
    ),
    Edit(
        id="admitting-diagnosis-missing",
        group="institutional",
        severity="hold",
        what="A bill of a stay gives the admitting diagnosis.",
        why="The manuals ask for it on bills of these types.",
        fix="Give it.",
        example="A bill of type 111 without HI*ABJ.",
        guides=INSTITUTIONAL,
        find_breaches=_check_admitting,
    ),
    Edit(
        id="visit-reason-missing",
        group="institutional",
        severity="warn",
        what="An unscheduled visit says why the patient came.",
        why="Payers judge by it whether an emergency was one.",
        fix="Give the patient's reason as a diagnosis.",
        example="A bill of type 131 with revenue code 0450 and without HI*APR.",
        guides=INSTITUTIONAL,
        find_breaches=_check_visit_reason,
    ),
    Edit(
        id="procedure-date-missing",
        group="institutional",
        severity="hold",
        what="Every procedure of a bill has its day.",
        why="The guide asks for it.",
        fix="Give the day it was done.",
        example="HI*BBR:0BH17EZ without a date.",
        guides=INSTITUTIONAL,
        find_breaches=_check_procedure_day,
    ),
    Edit(
        id="procedure-date-statement",
        group="institutional",
        severity="warn",
        what="Procedures were done on the days of the bill, or up to three days before.",
        why="Others belong to another stay.",
        fix="Correct the day or the statement.",
        example="A procedure of 9 November on a bill through 5 November.",
        guides=INSTITUTIONAL,
        find_breaches=_check_procedure_in_statement,
    ),
    Edit(
        id="procedure-principal-missing",
        group="institutional",
        severity="hold",
        what="Where procedures are told, one of them is the principal one.",
        why="The stay is priced by it.",
        fix="Make the one that the stay was for the principal one.",
        example="HI*BBQ without HI*BBR.",
        guides=INSTITUTIONAL,
        find_breaches=_check_procedure_principal,
    ),
    Edit(
        id="bill-code-form",
        group="institutional",
        severity="hold",
        what="Condition, occurrence and value codes are two capital letters or digits.",
        why="Another form is rejected.",
        fix="Give it with its leading zero.",
        example="HI*BG:9.",
        guides=INSTITUTIONAL,
        find_breaches=_check_bill_codes,
    ),
    Edit(
        id="bill-code-repeated",
        group="institutional",
        severity="warn",
        what="A condition or value code is given once.",
        why="Twice is a slip, and only one of them is read.",
        fix="Give it once.",
        example="HI*BE:80:::3*BE:80:::2.",
        guides=INSTITUTIONAL,
        find_breaches=_check_bill_codes_twice,
    ),
    Edit(
        id="occurrence-span-order",
        group="institutional",
        severity="hold",
        what="Occurrence spans end after they begin.",
        why="It cannot be otherwise.",
        fix="Exchange or correct the days.",
        example="HI*BI:70:RD8:20261105-20261101.",
        guides=INSTITUTIONAL,
        find_breaches=_check_spans,
    ),
    Edit(
        id="grouper-form",
        group="institutional",
        severity="hold",
        what="A diagnosis related group is three or four digits.",
        why="Payers compare it with their own.",
        fix="Give it with its leading zeros, or leave it out.",
        example="HI*DR:19.",
        guides=INSTITUTIONAL,
        find_breaches=_check_grouper,
    ),
    Edit(
        id="covered-days",
        group="institutional",
        severity="warn",
        what="Covered and noncovered days add up to the days of the statement.",
        why="Payers that count days reject a difference.",
        fix="Count the days without the day of discharge.",
        example="Value code 80 of 5 on a bill from 1 to 5 November.",
        guides=INSTITUTIONAL,
        find_breaches=_check_covered_days,
    ),
)
"""The edits on the codes of bills."""
