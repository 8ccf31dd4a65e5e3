"""Edits on the claim as a whole: its diagnoses, sums, references and dates."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from edi.claims import Claim, Guide
from edi.values import format_money
from gateway.domain.claim_places import DiagnosisKind, find_last_covered, find_last_service, list_diagnoses
from gateway.domain.duplicates import DUPLICATE, FIX, locate_line, tell_twins
from gateway.domain.edits.terms import WITHOUT_DENTAL, WITHOUT_INSTITUTIONAL, Breach, Edit, EditContext
from gateway.domain.frequency import ORIGINAL, REPLACEMENT, VOID
from gateway.domain.known_codes import ICD_10_CM_FORM

ICD_10_SINCE = date(2015, 10, 1)
"""Services from this day on are coded in ICD-10-CM (HI qualifiers ABK, ABF), earlier ones in ICD-9-CM (BK, BF)."""

ICD_9 = re.compile(r"[0-9EV][0-9]{2,4}")


class CodeSet(NamedTuple):
    """A set of diagnosis codes: its name, its qualifiers in HI, the form of its codes, and that form in words."""

    name: str
    principal: str
    further: str
    of_bills: Mapping[DiagnosisKind, str]
    form: re.Pattern[str]
    spelled: str

    def marks(self, kind: DiagnosisKind, qualifier: str) -> bool:
        """Whether a diagnosis of this kind with this qualifier is marked as one of the set."""
        return qualifier in {self.principal, self.further} if kind == "diagnoses" else qualifier == self.of_bills[kind]


ICD_9_CM = CodeSet(
    "ICD-9-CM",
    "BK",
    "BF",
    {"admitting_diagnosis": "BJ", "visit_reasons": "PR", "external_causes": "BN"},
    ICD_9,
    "Write three to five characters, without the point.",
)
ICD_10_CM = CodeSet(
    "ICD-10-CM",
    "ABK",
    "ABF",
    {"admitting_diagnosis": "ABJ", "visit_reasons": "APR", "external_causes": "ABN"},
    ICD_10_CM_FORM,
    "Write three to seven letters and digits, the first a letter, in capitals and without the point.",
)
DIAGNOSES_MAX: Mapping[Guide, int] = {"837P": 12, "837I": 25, "837D": 4}
LINES_MAX: Mapping[Guide, int] = {"837P": 50, "837I": 999, "837D": 50}
KINDS: Mapping[Guide, str] = {"837P": "professional", "837I": "institutional", "837D": "dental"}
FREQUENCIES = frozenset({ORIGINAL, "6", REPLACEMENT, VOID})
AUTO_ACCIDENT, OTHER_ACCIDENT = "AA", "OA"
ACCIDENT_DATE = "439"

PLACES_OF_SERVICE = frozenset(
    [f"{code:02d}" for code in [*range(1, 28), *range(31, 35), 41, 42, *range(49, 59), 60, 61, 62, 65, 66, 71, 72, 81, 99]]
)
"""The place of service codes that CMS has given out."""


def _check_diagnoses(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if not claim.diagnoses:
        yield Breach("The claim has no diagnosis.", "Give at least the principal one.", "diagnoses (2300 HI)")


def _check_diagnosis_format(claim: Claim, context: EditContext) -> Iterator[Breach]:
    due = _code_set(claim)
    for one in list_diagnoses(claim):
        if not due.marks(one.kind, one.diagnosis.qualifier):
            yield Breach(
                f"{one.name} is not marked as an {due.name} code.",
                f"Code it in {due.name}: ICD-9-CM is for services before 1 October 2015, ICD-10-CM for those since.",
                one.locate("qualifier"),
            )
        elif not due.form.fullmatch(one.diagnosis.code):
            yield Breach(f"{one.name} does not have the form of an {due.name} code.", due.spelled, one.locate("code"))


def _code_set(claim: Claim) -> CodeSet:
    """The set that the claim is coded in: by the last day of a bill's statement or of service, ICD-10-CM where none is given."""
    last = find_last_covered(claim)
    return ICD_9_CM if last is not None and last < ICD_10_SINCE else ICD_10_CM


def _check_diagnosis_twice(claim: Claim, context: EditContext) -> Iterator[Breach]:
    seen: set[str] = set()
    for i, diagnosis in enumerate(claim.diagnoses):
        if diagnosis.code in seen:
            yield Breach(
                f"Diagnosis {i + 1} repeats an earlier one.",
                "Leave it out, and point the lines at the earlier one.",
                f"diagnoses[{i}].code (2300 HI{i + 1:02d}-2)",
            )
        seen.add(diagnosis.code)


def _check_principal(claim: Claim, context: EditContext) -> Iterator[Breach]:
    due = _code_set(claim)
    for i, diagnosis in enumerate(claim.diagnoses):
        if (diagnosis.qualifier == due.principal) != (i == 0) and diagnosis.qualifier in {due.principal, due.further}:
            yield Breach(
                "The principal diagnosis is not the first one, or not the only one.",
                f"Put the principal diagnosis ({due.principal}) first and mark all others {due.further}.",
                f"diagnoses[{i}].qualifier (2300 HI{i + 1:02d}-1)",
            )


def _check_diagnosis_count(claim: Claim, context: EditContext) -> Iterator[Breach]:
    limit = DIAGNOSES_MAX[claim.guide]
    if len(claim.diagnoses) > limit:
        yield Breach(
            f"The claim has {len(claim.diagnoses)} diagnoses; a claim of this kind ({KINDS[claim.guide]}) carries {limit}.",
            "Keep those that the lines point at, or split the claim.",
            "diagnoses (2300 HI)",
        )


def _check_charge_sum(claim: Claim, context: EditContext) -> Iterator[Breach]:
    total = sum(line.charge_cents for line in claim.lines)
    if total != claim.charge_cents:
        yield Breach(
            f"The claim's charge is {format_money(claim.charge_cents)}, and its lines add up to {format_money(total)}: "
            f"{format_money(abs(claim.charge_cents - total))} apart.",
            "Correct the line that is wrong or missing, or the claim's charge.",
            "charge_cents (2300 CLM02)",
        )


def _check_line_count(claim: Claim, context: EditContext) -> Iterator[Breach]:
    limit = LINES_MAX[claim.guide]
    if not claim.lines:
        yield Breach("The claim has no service line.", "Add what was done.", "lines (2400 LX)")
    elif len(claim.lines) > limit:
        yield Breach(
            f"The claim has {len(claim.lines)} lines; a claim of this kind ({KINDS[claim.guide]}) carries {limit}.",
            "Split it in two claims.",
            "lines (2400 LX)",
        )


def _check_line_controls(claim: Claim, context: EditContext) -> Iterator[Breach]:
    counts = Counter(line.control_number for line in claim.lines if line.control_number)
    for n, line in enumerate(claim.lines):
        if counts[line.control_number] > 1:
            yield Breach(
                f"Line {n + 1} shares its line item control number with another line.",
                "Give each line a number of its own: payments are matched to lines by it.",
                f"lines[{n}].control_number (2400 REF*6R)",
                n + 1,
            )


def _check_place_of_service(claim: Claim, context: EditContext) -> Iterator[Breach]:
    fix = "Give the two-digit code of where the service took place, such as 11 for an office."
    if claim.facility_qualifier == "B" and claim.place_of_service not in PLACES_OF_SERVICE:
        yield Breach("The claim's place of service is not a CMS code.", fix, "place_of_service (2300 CLM05-1)")
    for n, line in enumerate(claim.lines):
        if line.place_of_service and line.place_of_service not in PLACES_OF_SERVICE:
            message = f"The place of service of line {n + 1} is not a CMS code."
            yield Breach(message, fix, f"lines[{n}].place_of_service (2400 SV105)", n + 1)


def _check_frequency(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.frequency not in FREQUENCIES:
        yield Breach(
            "The claim frequency is not one of the guide.",
            "Use 1 for an original, 7 for a replacement, 8 for a void.",
            "frequency (2300 CLM05-3)",
        )


def _check_original_reference(claim: Claim, context: EditContext) -> Iterator[Breach]:
    field = "references (2300 REF*F8)"
    has_number = bool(claim.reference("F8"))
    if claim.frequency in {REPLACEMENT, VOID} and not has_number:
        yield Breach(
            f"A claim of frequency {claim.frequency} does not say which claim it stands for.",
            "Give the payer's claim number of the earlier claim (277CA REF*1K or 835 CLP07); "
            "where the payer never took that claim, send a new original instead.",
            field,
        )
    if claim.frequency == ORIGINAL and has_number:
        yield Breach(
            "An original claim names an earlier claim of the payer.",
            "Make it a replacement (7), or leave the payer's claim number out.",
            field,
        )


def _check_accident(claim: Claim, context: EditContext) -> Iterator[Breach]:
    causes = set(claim.related_causes)
    if not causes & {AUTO_ACCIDENT, OTHER_ACCIDENT}:
        return
    if not any(qualifier == ACCIDENT_DATE for qualifier, _ in claim.dates):
        yield Breach("The claim comes of an accident, and the accident's date is missing.", "Give it.", "dates (2300 DTP*439)")
    if AUTO_ACCIDENT in causes and not (claim.related_state or claim.related_country):
        yield Breach(
            "The claim comes of an auto accident, and the state it happened in is missing.",
            "Give the state, or the country where it was abroad.",
            "related_state (2300 CLM11-4)",
        )


def _check_accident_order(claim: Claim, context: EditContext) -> Iterator[Breach]:
    last_service = find_last_service(claim) or date.max
    for i, (qualifier, day) in enumerate(claim.dates):
        if qualifier == ACCIDENT_DATE and (day > last_service or day > context.today):
            yield Breach(
                "The accident is dated after the services it led to.",
                "Correct the accident's date or the service dates.",
                f"dates[{i}] (2300 DTP*439)",
            )


def _check_duplicate(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if context.duplicates:
        line = context.duplicates[0].line
        yield Breach(f"{tell_twins(context.duplicates)}.", FIX, locate_line(claim.guide, line), line)


EDITS: tuple[Edit, ...] = (
    Edit(
        id="diagnosis-missing",
        group="diagnosis",
        severity="hold",
        what="A claim has a diagnosis.",
        why="No payer decides on a professional or institutional claim without one.",
        fix="Give at least the principal diagnosis.",
        example="A claim without any HI segment.",
        guides=WITHOUT_DENTAL,
        find_breaches=_check_diagnoses,
    ),
    Edit(
        id="diagnosis-format",
        group="diagnosis",
        severity="hold",
        what="Diagnoses are codes of the set that the day of service asks for, by mark and form: ICD-10-CM since October 2015; "
        "so are a bill's diagnosis of admission, reasons of the visit and external causes.",
        why="Clearinghouses refuse codes of another form, or of the other set.",
        fix="Code in the set that the day of service asks for, in capitals and without the point.",
        example="J06.9 with its point, or an ICD-9-CM code for a service of 2026.",
        find_breaches=_check_diagnosis_format,
    ),
    Edit(
        id="diagnosis-duplicate",
        group="diagnosis",
        severity="hold",
        what="No diagnosis occurs twice.",
        why="Payers reject repeated diagnoses at the front end.",
        fix="Leave the repeated one out, and point the lines at the earlier one.",
        example="J069 as first and as third diagnosis.",
        find_breaches=_check_diagnosis_twice,
    ),
    Edit(
        id="diagnosis-principal-first",
        group="diagnosis",
        severity="hold",
        what="The first diagnosis, and no other, is the principal one.",
        why="The guide puts the principal one (ABK; BK in ICD-9-CM) in HI01 and the others in the places after it.",
        fix="Put the principal diagnosis (ABK) first and mark all others ABF.",
        example="The first diagnosis is marked ABF, the second ABK.",
        find_breaches=_check_principal,
    ),
    Edit(
        id="diagnosis-count",
        group="diagnosis",
        severity="hold",
        what="A claim has at most twelve diagnoses, a dental one four, an institutional one twenty-five.",
        why="The guide has no place for more.",
        fix="Keep those that the lines point at, or split the claim.",
        example="A professional claim with thirteen diagnoses.",
        find_breaches=_check_diagnosis_count,
    ),
    Edit(
        id="charge-sum",
        group="money",
        severity="hold",
        what="The claim's charge is the sum of its lines.",
        why="The guide demands it; payers reject the claim otherwise.",
        fix="Correct the line that is wrong or missing, or the claim's charge.",
        example="A claim of 150.00 with lines of 120.00 and 20.00.",
        find_breaches=_check_charge_sum,
    ),
    Edit(
        id="line-count",
        group="procedures",
        severity="hold",
        what="A claim has one to fifty lines, an institutional one up to 999.",
        why="The guide allows no more.",
        fix="Add what was done, or split the claim.",
        example="A professional claim with 51 lines.",
        find_breaches=_check_line_count,
    ),
    Edit(
        id="line-control-number-unique",
        group="identity",
        severity="hold",
        what="Line item control numbers are unique in the claim.",
        why="They are how payments are matched to lines.",
        fix="Give each line a number of its own.",
        example="Two lines whose REF*6R is L1.",
        find_breaches=_check_line_controls,
    ),
    Edit(
        id="place-of-service",
        group="procedures",
        severity="hold",
        what="Places of service are CMS codes.",
        why="Payers price by place and reject unknown ones.",
        fix="Give the two-digit code of where the service took place, such as 11 for an office.",
        example="Place of service 98, which was never given out.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_place_of_service,
    ),
    Edit(
        id="frequency",
        group="identity",
        severity="hold",
        what="The claim frequency of a professional or dental claim is 1, 6, 7 or 8.",
        why="The payer would not know whether to add, replace or void.",
        fix="Use 1 for an original, 7 for a replacement, 8 for a void.",
        example="CLM05-3 is 9.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_frequency,
    ),
    Edit(
        id="payer-claim-number",
        group="identity",
        severity="hold",
        what="A replacement or void names the payer's earlier claim, an original names none.",
        why="Without the number it is rejected or taken for a duplicate; with it, an original is taken for a replacement.",
        fix="Give the payer's claim number on a replacement or void; leave it out of an original.",
        example="A claim of frequency 7 without REF*F8.",
        find_breaches=_check_original_reference,
    ),
    Edit(
        id="accident-details",
        group="dates",
        severity="hold",
        what="A claim of an accident has its date, of an auto accident also its state.",
        why="The guide requires them; other insurers may have to pay first.",
        fix="Give the day of the accident, and for an auto accident the state.",
        example="CLM11 is AA, and neither DTP*439 nor a state is there.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_accident,
    ),
    Edit(
        id="accident-date-order",
        group="dates",
        severity="hold",
        what="An accident comes before the services it led to.",
        why="One of the dates is wrong.",
        fix="Correct the accident's date or the service dates.",
        example="An accident on 9 November and its only service on 2 November.",
        guides=WITHOUT_INSTITUTIONAL,
        find_breaches=_check_accident_order,
    ),
    Edit(
        id=DUPLICATE,
        group="duplicates",
        severity="hold",
        what="No other claim under way bills a service of this one: patient, provider, payer, day, procedure, modifiers, tooth.",
        why="The payer denies the second one, and two payments would have to be given back.",
        fix=FIX,
        example="The same visit of the same patient imported twice, at another charge and under another patient control number.",
        find_breaches=_check_duplicate,
    ),
)
"""The edits on the claim as a whole."""
