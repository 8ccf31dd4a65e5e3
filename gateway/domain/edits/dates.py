"""Edits on the claim's dates: in order with each other, not ahead, not impossibly old."""

from collections.abc import Iterator
from datetime import timedelta

from edi.claims import Claim
from gateway.domain.bills import STATEMENT
from gateway.domain.claim_places import find_last_service, list_service_days
from gateway.domain.edits.terms import PROFESSIONAL, Breach, Edit, EditContext

ADMISSION, DISCHARGE = "435", "096"
CARE_ASSUMED, CARE_RELINQUISHED = "090", "091"
LAST_SEEN, PRESCRIPTION = "304", "471"
BEFORE_SERVICE = {
    "431": "onset of the illness",
    "484": "last menstrual period",
    "454": "first treatment",
    "453": "acute manifestation",
    LAST_SEEN: "last visit",
    "455": "last X-ray",
    PRESCRIPTION: "prescription",
}
"""Dates of a claim, by DTP01, of what comes before the last service or on its day."""

NOT_AHEAD = {**BEFORE_SERVICE, "297": "last day worked", ADMISSION: "admission", "050": "receipt"}
"""Dates of a claim of what has happened."""

LINE_BEFORE_SERVICE = {LAST_SEEN: "last visit", PRESCRIPTION: "prescription", "455": "last X-ray", "454": "first treatment"}
INPATIENT = "21"
OLD = timedelta(days=3 * 366)
LONG = timedelta(days=366)


def _check_event_order(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if not claim.dates:
        return
    last = find_last_service(claim)
    for i, (qualifier, day) in enumerate(claim.dates):
        name = BEFORE_SERVICE.get(qualifier)
        if name and last is not None and last < day <= context.today:
            yield Breach(
                f"The date of the {name} is after the last service.",
                "Correct it, or the service dates.",
                f"dates[{i}] (2300 DTP*{qualifier})",
            )


def _check_event_future(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, (qualifier, day) in enumerate(claim.dates):
        if day > context.today and qualifier in NOT_AHEAD:
            message = f"The date of the {NOT_AHEAD[qualifier]} lies in the future."
            yield Breach(message, "Correct it.", f"dates[{i}] (2300 DTP*{qualifier})")


def _check_stay_order(claim: Claim, context: EditContext) -> Iterator[Breach]:
    dates = dict(claim.dates)
    if ADMISSION in dates and DISCHARGE in dates and dates[DISCHARGE] < dates[ADMISSION]:
        yield Breach(
            "The patient leaves the hospital before entering it.",
            "Exchange or correct the days of admission and discharge.",
            "dates (2300 DTP*096)",
        )


def _is_inpatient(claim: Claim) -> bool:
    if claim.place_of_service == INPATIENT:
        return any(line.place_of_service in {"", INPATIENT} for line in claim.lines)
    return any(line.place_of_service == INPATIENT for line in claim.lines)


def _check_admission(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if _is_inpatient(claim) and not any(qualifier == ADMISSION for qualifier, _ in claim.dates):
        yield Breach(
            "Services were given to an inpatient, and the day of admission is missing.",
            "Give the day the patient was admitted to the hospital.",
            "dates (2300 DTP*435)",
        )


def _check_inside_stay(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if not _is_inpatient(claim):
        return
    dates = dict(claim.dates)
    admitted, discharged = dates.get(ADMISSION), dates.get(DISCHARGE)
    for n, line in enumerate(claim.lines):
        day = line.service_from
        if (line.place_of_service or claim.place_of_service) != INPATIENT or day is None:
            continue
        if (admitted and day < admitted) or (discharged and day > discharged):
            yield Breach(
                f"The inpatient service of line {n + 1} is outside the stay.",
                "Correct the place of service, or one of the dates.",
                f"lines[{n}].service_from (2400 DTP*472)",
                n + 1,
            )


def _check_periods(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, period in enumerate(claim.periods):
        if period.last < period.first and period.qualifier != STATEMENT:  # a bill's statement has an edit of its own
            yield Breach(
                "A period ends before it begins.",
                "Exchange or correct its two days.",
                f"periods[{i}] (2300 DTP*{period.qualifier})",
            )


def _check_care_order(claim: Claim, context: EditContext) -> Iterator[Breach]:
    dates = dict(claim.dates)
    if CARE_ASSUMED in dates and CARE_RELINQUISHED in dates and dates[CARE_RELINQUISHED] < dates[CARE_ASSUMED]:
        yield Breach(
            "Care is handed over before it was taken on.",
            "Exchange or correct the two dates.",
            "dates (2300 DTP*091)",
        )


def _check_line_dates(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for n, line in enumerate(claim.lines):
        served = line.service_through or line.service_from
        for i, (qualifier, day) in enumerate(line.dates):
            name = LINE_BEFORE_SERVICE.get(qualifier)
            if name and served is not None and day > served:
                yield Breach(
                    f"The date of the {name} of line {n + 1} is after its service.",
                    "Correct one of the two dates.",
                    f"lines[{n}].dates[{i}] (2400 DTP*{qualifier})",
                    n + 1,
                )


def _check_old(claim: Claim, context: EditContext) -> Iterator[Breach]:
    limit = context.today - OLD
    for served in list_service_days(claim):
        if served.first < limit:
            message = f"The service of {served.owner} is more than three years old."
            yield Breach(message, "Check the year.", served.first_field, served.line)


def _check_long(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for served in list_service_days(claim):
        if served.last - served.first > LONG:
            yield Breach(
                f"The service of {served.owner} lasts longer than a year.",
                "Check the years, or split the line.",
                served.last_field,
                served.line,
            )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="event-date-order",
        group="dates",
        severity="warn",
        what="Onset, first treatment, last visit and the like are not after the last service.",
        why="They led to the service; one of the dates is wrong.",
        fix="Correct the date or the service dates.",
        example="Onset on 9 November for a service of 2 November.",
        find_breaches=_check_event_order,
    ),
    Edit(
        id="event-date-future",
        group="dates",
        severity="hold",
        what="What has happened is not dated in the future.",
        why="Front ends refuse such dates.",
        fix="Correct the date.",
        example="An admission of next week.",
        find_breaches=_check_event_future,
    ),
    Edit(
        id="stay-order",
        group="dates",
        severity="hold",
        what="Discharge does not come before admission.",
        why="One of the two dates is wrong.",
        fix="Exchange or correct the days of admission and discharge.",
        example="Admitted on 4 November, discharged on 1 November.",
        guides=PROFESSIONAL,
        find_breaches=_check_stay_order,
    ),
    Edit(
        id="admission-date-missing",
        group="dates",
        severity="warn",
        what="A professional service to an inpatient comes with the day of admission.",
        why="The guide asks for it on inpatient visits, and many payers reject them without.",
        fix="Give the day the patient was admitted to the hospital.",
        example="Place of service 21 without DTP*435.",
        guides=PROFESSIONAL,
        find_breaches=_check_admission,
    ),
    Edit(
        id="service-outside-stay",
        group="dates",
        severity="warn",
        what="Services to an inpatient lie between admission and discharge.",
        why="The payer compares them with the hospital's claim.",
        fix="Correct the place of service, or one of the dates.",
        example="Place of service 21 the day before admission.",
        guides=PROFESSIONAL,
        find_breaches=_check_inside_stay,
    ),
    Edit(
        id="period-order",
        group="dates",
        severity="hold",
        what="A period of the claim (disability, absence, care) does not end before it begins.",
        why="One of its two days is wrong.",
        fix="Exchange or correct the two days.",
        example="A disability from 10 to 3 November.",
        find_breaches=_check_periods,
    ),
    Edit(
        id="care-order",
        group="dates",
        severity="hold",
        what="Care is not handed over before it was taken on.",
        why="The payer divides the fee by the two days.",
        fix="Exchange or correct the two dates.",
        example="Assumed on 9 November, relinquished on 1 November.",
        guides=PROFESSIONAL,
        find_breaches=_check_care_order,
    ),
    Edit(
        id="line-date-order",
        group="dates",
        severity="warn",
        what="A line's prescription, last visit, first treatment and last X-ray are not after its service.",
        why="They led to the service; one of the dates is wrong.",
        fix="Correct one of the two dates.",
        example="Equipment delivered on 2 November and prescribed on 5 November.",
        find_breaches=_check_line_dates,
    ),
    Edit(
        id="service-old",
        group="dates",
        severity="warn",
        what="A service is not more than three years old.",
        why="Nobody takes it any more; the year is mostly a slip.",
        fix="Check the year.",
        example="A service of 2016 entered in 2026.",
        find_breaches=_check_old,
    ),
    Edit(
        id="service-long",
        group="dates",
        severity="warn",
        what="A service does not last longer than a year.",
        why="The year of one of its days is mostly a slip.",
        fix="Check the years, or split the line.",
        example="A visit from 2 November 2025 to 2 November 2027.",
        find_breaches=_check_long,
    ),
)
"""The edits on dates."""
