"""Edits on what codes mean: diagnoses against ICD-10-CM, procedures against the lists that the operator imported."""

import re
from collections.abc import Iterator

from edi.claims import Claim
from gateway.domain.claim_places import NamedDiagnosis, find_last_covered, list_diagnoses
from gateway.domain.edits.terms import Breach, Edit, EditContext
from gateway.domain.known_codes import ICD_10_CM_FORM, Standing

ICD_10_MARKS = frozenset({"ABK", "ABF", "ABJ", "APR", "ABN"})

PROCEDURE_LISTS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("HC", re.compile(r"[0-9]{4}[0-9A-Z]"), "CPT"),
    ("HC", re.compile(r"[A-CE-Z][0-9]{4}"), "HCPCS"),
    ("AD", re.compile(r"D[0-9]{4}"), "CDT"),
)
"""By qualifier and form, the list that a procedure code is of. D codes of HCPCS are the ADA's and stand in no file of CMS."""


def _standings(claim: Claim, context: EditContext, *, in_time: bool) -> Iterator[tuple[NamedDiagnosis, Standing]]:
    """Each ICD-10-CM diagnosis with its standing: in the release of the claim's last day, or else in the newest one."""
    day = find_last_covered(claim)
    if day is None or not context.codes.diagnoses:
        return
    release = context.codes.find_release(day)
    if (release is not None) != in_time:
        return
    judged = release or context.codes.diagnoses[-1]
    for one in list_diagnoses(claim):
        if one.diagnosis.qualifier in ICD_10_MARKS and ICD_10_CM_FORM.fullmatch(one.diagnosis.code):
            yield one, judged.find_standing(one.diagnosis.code)


def _check_unknown(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for one, standing in _standings(claim, context, in_time=True):
        if standing == "unknown":
            message = f"{one.name} is no code of the ICD-10-CM of the day of service."
            yield Breach(message, "Look the code up again; mistyped and withdrawn codes are refused.", one.locate("code"))


def _check_unspecific(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for one, standing in _standings(claim, context, in_time=True):
        if standing == "heading":
            message = f"{one.name} is not specific enough: ICD-10-CM has more detailed codes below it."
            yield Breach(message, "Give the most detailed code that the record supports.", one.locate("code"))


def _check_doubtful(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for one, standing in _standings(claim, context, in_time=False):
        if standing != "listed":
            is_what = "is no code" if standing == "unknown" else "is not specific enough"
            yield Breach(
                f"{one.name} {is_what} in the ICD-10-CM at hand, which is of another year than the service.",
                "Check the code; import the release of that year (claimwire codes import ICD-10-CM) to have it checked.",
                one.locate("code"),
            )


def _check_procedure_listed(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if not context.codes.procedures:
        return
    for n, line in enumerate(claim.lines):
        name = next(
            (name for mark, form, name in PROCEDURE_LISTS if mark == line.procedure_qualifier and form.fullmatch(line.procedure)),
            "",
        )
        if line.service_from is not None and context.codes.is_missing(name, line.procedure, line.service_from):
            yield Breach(
                f"The procedure code of line {n + 1} is not in the imported {name} list for that date of service.",
                f"Check the code and the date, or import the newer {name} list.",
                f"lines[{n}].procedure (2400 SV101-2)",
                n + 1,
            )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="diagnosis-unknown",
        group="diagnosis",
        severity="hold",
        what="Every diagnosis is a code of the ICD-10-CM of the day of service, of a bill that of its last day.",
        why="Payers and clearinghouses refuse codes that do not exist.",
        fix="Look the code up again.",
        example="Z9999 in a year whose ICD-10-CM has no such code.",
        find_breaches=_check_unknown,
    ),
    Edit(
        id="diagnosis-unspecific",
        group="diagnosis",
        severity="hold",
        what="Every diagnosis is coded in full detail: no code has more detailed ones below it.",
        why="A heading cannot be billed; the claim is rejected (A7 with status 772, or remark M81).",
        fix="Give the most detailed code that the record supports.",
        example="E11, which has more detailed codes below it.",
        find_breaches=_check_unspecific,
    ),
    Edit(
        id="diagnosis-doubtful",
        group="diagnosis",
        severity="warn",
        what="Diagnoses of a year whose ICD-10-CM is not at hand are codes of the newest one that is.",
        why="Codes change each October: most that are not found are mistakes, some are new.",
        fix="Check the code; import the release of that year (claimwire codes import ICD-10-CM) to have it checked.",
        example="A code of 2027 that the release of 2026 has not.",
        find_breaches=_check_doubtful,
    ),
    Edit(
        id="procedure-unlisted",
        group="procedures",
        severity="warn",
        what="Where a list of procedure codes was imported, every code is in it on the day of service.",
        why="Codes that do not exist, or no longer, are rejected; the list may be older than the service, too.",
        fix="Check the code and the date, or import the newer list.",
        example="99999 on a line where the imported CPT list ends earlier.",
        find_breaches=_check_procedure_listed,
    ),
)
"""The edits on what codes mean. Without a release or list they find nothing."""
