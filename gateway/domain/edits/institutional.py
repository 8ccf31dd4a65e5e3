"""Edits on an institutional claim as a bill: its type, its statement, the admission, and who attended."""

import re
from collections.abc import Iterator

from edi.claims import Claim
from gateway.domain.bills import (
    ADMISSION,
    CONTINUING,
    DISCHARGE_HOUR,
    FACILITIES,
    FIRST,
    FREQUENCIES,
    HOME_HEALTH,
    HOSPITAL_INPATIENT,
    LAST,
    ORIGINAL,
    STILL_PATIENT,
    find_admission_day,
    find_moment,
    find_sound_statement,
    find_statement,
    is_inpatient,
)
from gateway.domain.edits.terms import INSTITUTIONAL, Breach, Edit, EditContext

FACILITY = re.compile(r"[1-8][1-9]")
HOUR = re.compile(r"([01][0-9]|2[0-3])[0-5][0-9]([0-5][0-9])?([0-9]{2})?")
STATUS = re.compile(r"[0-9]{2}")
ADMISSION_TYPES = frozenset({"1", "2", "3", "4", "5", "9"})
SOURCES = frozenset({"1", "2", "4", "5", "6", "8", "9", "D", "E", "F", "G"})
NEWBORN, NEWBORN_SOURCES = "4", frozenset({"5", "6"})
STATUSES = frozenset(
    [
        *("01", "02", "03", "04", "05", "06", "07", "09", "20", "21", "30", "40", "41", "42", "43", "50", "51"),
        *("61", "62", "63", "64", "65", "66", "69", "70"),
        *(str(number) for number in range(81, 96)),
    ]
)
ATTENDING = "71"
_TRANSPORT = "054"


def _check_facility(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.facility_qualifier != "A" or not FACILITY.fullmatch(claim.place_of_service):
        yield Breach(
            "The type of bill is not two digits of facility and care under qualifier A.",
            "Give the first two digits of the type of bill without its leading zero, such as 11 or 13, and qualifier A.",
            "place_of_service (2300 CLM05-1)",
        )


def _check_facility_known(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if FACILITY.fullmatch(claim.place_of_service) and claim.place_of_service not in FACILITIES:
        yield Breach(
            f"No bill of type {claim.place_of_service}x is known.",
            "Compare the type of bill with the payer's manual.",
            "place_of_service (2300 CLM05-1)",
        )


def _check_frequency(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.frequency not in FREQUENCIES:
        yield Breach(
            "The last character of the type of bill is none of a bill's frequencies.",
            "Use 1 for a whole stay or visit, 2, 3 and 4 for bills in turn, 7 for a replacement, 8 for a void.",
            "frequency (2300 CLM05-3)",
        )


def _check_statement(claim: Claim, context: EditContext) -> Iterator[Breach]:
    statement = find_statement(claim)
    if statement is None:
        message = "The days that the bill covers are missing."
        yield Breach(message, "Give the first and the last one.", "periods (2300 DTP*434)")
    elif statement.last < statement.first:
        message = "The last of the days that the bill covers comes before the first."
        yield Breach(message, "Exchange or correct the two days.", "periods (2300 DTP*434)")
    elif statement.last > context.today:
        yield Breach(
            "The last of the days that the bill covers lies in the future.",
            "Correct it, or send the bill once the day has passed.",
            "periods (2300 DTP*434)",
        )


def _check_lines_in_statement(claim: Claim, context: EditContext) -> Iterator[Breach]:
    statement = find_sound_statement(claim)
    if statement is None:
        return
    for n, line in enumerate(claim.lines):
        days = [day for day in (line.service_from, line.service_through) if day]
        if any(not statement.first <= day <= statement.last for day in days):
            yield Breach(
                f"Line {n + 1} was done on a day that the bill does not cover.",
                "Correct the line's date, or the days that the bill covers.",
                f"lines[{n}].service_from (2400 DTP*472)",
                n + 1,
            )


def _check_admission_type(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.admission is None or claim.admission.type not in ADMISSION_TYPES:
        yield Breach(
            "The type of admission is missing or is none there is.",
            "Give 1 emergency, 2 urgent, 3 elective, 4 newborn, 5 trauma or 9 not known.",
            "admission.type (2300 CL101)",
        )


def _check_source(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if is_inpatient(claim) and (claim.admission is None or not claim.admission.source):
        yield Breach(
            "A bill of a stay does not say where the patient came from.",
            "Give the point of origin.",
            "admission.source (2300 CL102)",
        )


def _check_source_known(claim: Claim, context: EditContext) -> Iterator[Breach]:
    admission = claim.admission
    if admission is None or not admission.source:
        return
    known = NEWBORN_SOURCES if admission.type == NEWBORN else SOURCES
    if admission.source not in known:
        whose = "a newborn" if admission.type == NEWBORN else "a patient"
        yield Breach(
            f"Where the patient came from is none of the points of origin of {whose}.",
            f"Use one of {', '.join(sorted(known))}.",
            "admission.source (2300 CL102)",
        )


def _check_status(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.admission is None or not STATUS.fullmatch(claim.admission.patient_status):
        yield Breach(
            "The patient's status at the end of the bill is missing or is not two digits.",
            "Give it, such as 01 for a discharge home or 30 for one who is still a patient.",
            "admission.patient_status (2300 CL103)",
        )


def _check_status_known(claim: Claim, context: EditContext) -> Iterator[Breach]:
    status = claim.admission.patient_status if claim.admission else ""
    if STATUS.fullmatch(status) and status not in STATUSES:
        yield Breach(
            f"No patient status {status} is known.",
            "Compare it with the payer's manual.",
            "admission.patient_status (2300 CL103)",
        )


def _check_interim_status(claim: Claim, context: EditContext) -> Iterator[Breach]:
    status = claim.admission.patient_status if claim.admission else ""
    if is_inpatient(claim) and claim.frequency in {FIRST, CONTINUING} and status and status != STILL_PATIENT:
        yield Breach(
            "The stay goes on after this bill, and the patient is no longer a patient at its end.",
            "Give status 30, or make it the last bill of the stay (4).",
            "admission.patient_status (2300 CL103)",
        )


def _check_final_status(claim: Claim, context: EditContext) -> Iterator[Breach]:
    status = claim.admission.patient_status if claim.admission else ""
    if claim.place_of_service == HOSPITAL_INPATIENT and claim.frequency in {ORIGINAL, LAST} and status == STILL_PATIENT:
        yield Breach(
            "The bill is the last one of the stay, and the patient is still a patient at its end.",
            "Give the status at discharge, or make it one bill of several (2, 3).",
            "admission.patient_status (2300 CL103)",
        )


def _check_admission_day(claim: Claim, context: EditContext) -> Iterator[Breach]:
    needs_one = is_inpatient(claim) or claim.place_of_service in HOME_HEALTH
    if needs_one and find_admission_day(claim) is None:
        yield Breach("The day of admission is missing.", "Give it.", "moments (2300 DTP*435)")


def _check_admission_order(claim: Claim, context: EditContext) -> Iterator[Breach]:
    day, statement = find_admission_day(claim), find_sound_statement(claim)
    if day is not None and (day > context.today or (statement is not None and day > statement.last)):
        yield Breach(
            "The patient was admitted after the last day that the bill covers, or on a day to come.",
            "Correct the day of admission or the days that the bill covers.",
            "moments (2300 DTP*435)",
        )


def _check_hours(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, moment in enumerate(claim.moments):
        if moment.qualifier in {ADMISSION, DISCHARGE_HOUR} and not HOUR.fullmatch(moment.time):
            yield Breach(
                "The hour of admission or discharge is no hour of a day.",
                "Give hours and minutes from 0000 to 2359.",
                f"moments[{i}].time (2300 DTP*{moment.qualifier})",
            )


def _check_admission_hour(claim: Claim, context: EditContext) -> Iterator[Breach]:
    is_due = claim.place_of_service == HOSPITAL_INPATIENT and find_admission_day(claim) is not None
    if is_due and find_moment(claim, ADMISSION) is None:
        yield Breach("The day of admission comes without its hour.", "Give it.", "moments (2300 DTP*435)")


def _check_discharge_hour(claim: Claim, context: EditContext) -> Iterator[Breach]:
    is_last = claim.place_of_service == HOSPITAL_INPATIENT and claim.frequency in {ORIGINAL, LAST}
    if is_last and find_moment(claim, DISCHARGE_HOUR) is None:
        yield Breach("The last bill of a stay does not say the hour of discharge.", "Give it.", "moments (2300 DTP*096)")


def _check_attending(claim: Claim, context: EditContext) -> Iterator[Breach]:
    is_transport = all(line.revenue_code.startswith(_TRANSPORT) for line in claim.lines)
    if not is_transport and not any(provider.role == ATTENDING for provider in claim.providers):
        yield Breach(
            "Nobody is named who attended the patient.",
            "Name the attending provider with the NPI. Only bills of transport alone do without.",
            "providers (2310A NM1*71)",
        )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="bill-type-form",
        group="institutional",
        severity="hold",
        what="The type of bill begins with two digits of facility and care under qualifier A.",
        why="Every payer sorts institutional claims by it.",
        fix="Give the first two digits without the leading zero, and qualifier A.",
        example="CLM05 is 011:A:1.",
        guides=INSTITUTIONAL,
        find_breaches=_check_facility,
    ),
    Edit(
        id="bill-type-known",
        group="institutional",
        severity="warn",
        what="The type of bill is one that the manuals know.",
        why="A type that a payer does not know is rejected.",
        fix="Compare the type of bill with the payer's manual.",
        example="CLM05 is 19:A:1.",
        guides=INSTITUTIONAL,
        find_breaches=_check_facility_known,
    ),
    Edit(
        id="bill-frequency",
        group="institutional",
        severity="hold",
        what="The type of bill ends with a frequency there is.",
        why="It says whether the bill is whole, one of several, or stands for another.",
        fix="Use 1, 2, 3, 4, 7, 8 or what the payer asks for.",
        example="CLM05 is 11:A:L.",
        guides=INSTITUTIONAL,
        find_breaches=_check_frequency,
    ),
    Edit(
        id="statement-dates",
        group="institutional",
        severity="hold",
        what="The days that a bill covers are given and in order, and none lies in the future.",
        why="A bill without its days cannot be priced.",
        fix="Give or correct the days from and through.",
        example="A bill without DTP*434, or one from 5 to 1 November.",
        guides=INSTITUTIONAL,
        find_breaches=_check_statement,
    ),
    Edit(
        id="statement-lines",
        group="institutional",
        severity="hold",
        what="Every line was done on a day that the bill covers.",
        why="Payers reject lines outside the statement.",
        fix="Correct the line's date or the statement.",
        example="A line of 6 November on a bill from 1 to 5 November.",
        guides=INSTITUTIONAL,
        find_breaches=_check_lines_in_statement,
    ),
    Edit(
        id="admission-type",
        group="institutional",
        severity="hold",
        what="The type of admission is given and is one there is.",
        why="The guide asks for it on every bill.",
        fix="Give 1, 2, 3, 4, 5 or 9.",
        example="CL101 is 7.",
        guides=INSTITUTIONAL,
        find_breaches=_check_admission_type,
    ),
    Edit(
        id="admission-source",
        group="institutional",
        severity="hold",
        what="A bill of a stay says where the patient came from.",
        why="The guide asks for it on inpatient bills.",
        fix="Give the point of origin.",
        example="CL102 is empty on a bill of type 111.",
        guides=INSTITUTIONAL,
        find_breaches=_check_source,
    ),
    Edit(
        id="admission-source-known",
        group="institutional",
        severity="warn",
        what="Where the patient came from is a point of origin there is; a newborn has its own.",
        why="Codes of earlier years are rejected.",
        fix="Use a code of today.",
        example="CL102 is 7, which is no longer used.",
        guides=INSTITUTIONAL,
        find_breaches=_check_source_known,
    ),
    Edit(
        id="patient-status",
        group="institutional",
        severity="hold",
        what="The patient's status at the end of the bill is given as two digits.",
        why="The guide asks for it on every bill.",
        fix="Give it.",
        example="CL103 is 1.",
        guides=INSTITUTIONAL,
        find_breaches=_check_status,
    ),
    Edit(
        id="patient-status-known",
        group="institutional",
        severity="warn",
        what="The patient's status is one that the manuals know.",
        why="One that is not known is rejected.",
        fix="Compare it with the payer's manual.",
        example="CL103 is 99.",
        guides=INSTITUTIONAL,
        find_breaches=_check_status_known,
    ),
    Edit(
        id="interim-status",
        group="institutional",
        severity="hold",
        what="On a first or continuing bill of a stay the patient is still a patient (30).",
        why="A discharge ends the stay, and with it the row of bills.",
        fix="Give status 30, or make it the last bill.",
        example="Type of bill 112 with status 01.",
        guides=INSTITUTIONAL,
        find_breaches=_check_interim_status,
    ),
    Edit(
        id="final-status",
        group="institutional",
        severity="warn",
        what="On the last bill of a hospital stay the patient is no longer a patient.",
        why="Payers price it by the discharge.",
        fix="Give the status at discharge, or make it one bill of several.",
        example="Type of bill 111 with status 30.",
        guides=INSTITUTIONAL,
        find_breaches=_check_final_status,
    ),
    Edit(
        id="admission-date",
        group="institutional",
        severity="hold",
        what="A bill of a stay or of home health gives the day of admission.",
        why="Benefit days are counted from it.",
        fix="Give it.",
        example="Type of bill 111 without DTP*435.",
        guides=INSTITUTIONAL,
        find_breaches=_check_admission_day,
    ),
    Edit(
        id="admission-date-order",
        group="institutional",
        severity="hold",
        what="The patient was admitted before the bill ends.",
        why="It cannot be otherwise.",
        fix="Correct the day of admission or the statement.",
        example="Admitted on 6 November, billed through 5 November.",
        guides=INSTITUTIONAL,
        find_breaches=_check_admission_order,
    ),
    Edit(
        id="hour-form",
        group="institutional",
        severity="hold",
        what="Hours are hours of a day.",
        why="Another time is rejected by its form.",
        fix="Give hours and minutes from 0000 to 2359.",
        example="DTP*096*TM*2400.",
        guides=INSTITUTIONAL,
        find_breaches=_check_hours,
    ),
    Edit(
        id="admission-hour",
        group="institutional",
        severity="warn",
        what="A hospital stay gives the hour of admission with its day.",
        why="The guide asks for it on inpatient bills.",
        fix="Give it.",
        example="DTP*435*D8 on a bill of type 111.",
        guides=INSTITUTIONAL,
        find_breaches=_check_admission_hour,
    ),
    Edit(
        id="discharge-hour",
        group="institutional",
        severity="warn",
        what="The last bill of a hospital stay gives the hour of discharge.",
        why="The guide asks for it on final inpatient bills.",
        fix="Give it.",
        example="Type of bill 111 without DTP*096.",
        guides=INSTITUTIONAL,
        find_breaches=_check_discharge_hour,
    ),
    Edit(
        id="attending-provider-missing",
        group="institutional",
        severity="hold",
        what="A bill names the attending provider, unless it is of transport alone.",
        why="Payers reject bills that nobody answers for.",
        fix="Name the attending provider.",
        example="A bill of an emergency visit without 2310A.",
        guides=INSTITUTIONAL,
        find_breaches=_check_attending,
    ),
)
"""The edits on bills."""
