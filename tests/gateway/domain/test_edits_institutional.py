"""Edits on institutional claims: a sound stay and a sound visit pass, and each edit objects to the one thing it is about."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from edi.claims import Claim, Diagnosis
from edi.claims.details import Admission, ClaimProcedure, ClaimValue, Moment, Occurrence, OccurrenceSpan, Period
from edi.transactions.t837 import transaction_of
from gateway.domain.edits import EDITS, check
from tests.gateway.domain.bill_samples import ATTENDING, FIRST, LAST, make_bill_line, make_room, make_stay, make_visit
from tests.gateway.domain.samples import CONTEXT, find_edits
from tests.support.professional import RECEIVER, SUBMITTER

OWN = {edit.id for edit in EDITS if edit.group == "institutional"}
AFTER = date(2026, 11, 6)
ADMITTED = Moment(qualifier="435", time="0815", day=FIRST)
DISCHARGED = Moment(qualifier="096", time="1130")


def admitted(**changes: str) -> Admission:
    return msgspec.structs.replace(Admission(type="1", source="1", patient_status="01"), **changes)


def covering(first: date, last: date) -> tuple[Period, ...]:
    return (Period(qualifier="434", first=first, last=last),)


def coded(**changes: Any) -> tuple[Diagnosis, ...]:
    return (Diagnosis(qualifier="ABK", code="J449", **changes),)


def operated(qualifier: str = "BBR", day: date | None = FIRST) -> ClaimProcedure:
    return ClaimProcedure(qualifier=qualifier, code="0BH17EZ", performed_on=day)


SOUND = {
    "a stay": make_stay(),
    "a visit": make_visit(),
    "the first bill of a stay": make_stay(
        frequency="2", admission=admitted(patient_status="30"), moments=(ADMITTED,),
        values=(ClaimValue(code="80", amount_cents=500),),
    ),
    "a nursing facility of which the hour is not asked": make_stay(
        place_of_service="21", moments=(), dates=(("435", FIRST),),
    ),
    "transport alone, which nobody attends": make_visit(
        lines=(make_bill_line(revenue_code="0540", procedure="A0429", modifiers=("RH",)),), providers=()
    ),
    "a newborn from this hospital": make_stay(admission=admitted(type="4", source="5")),
    "an operation of the day before": make_stay(procedures=(operated(day=date(2026, 10, 31)), operated("BBQ"))),
    "leave of absence beside room and board": make_stay(
        lines=(make_room(quantity=Decimal(2)), make_room(revenue_code="0183", quantity=Decimal(9), control_number="L2"))
    ),
    "a planned visit without the patient's reason": make_visit(admission=admitted(type="3"), visit_reasons=()),
    "noncovered days with the covered ones": make_stay(
        values=(ClaimValue(code="80", amount_cents=300), ClaimValue(code="81", amount_cents=100))
    ),
}  # fmt: skip


@pytest.mark.parametrize("claim", SOUND.values(), ids=SOUND)
def test_a_sound_bill_passes(claim: Claim) -> None:
    assert find_edits(claim) == []


@pytest.mark.parametrize("claim", SOUND.values(), ids=SOUND)
def test_a_sound_bill_is_sound_to_the_guide_as_well(claim: Claim) -> None:
    assert transaction_of("837I").check(claim, SUBMITTER, RECEIVER) == []


BREACHES = {
    "three digits": ("bill-type-form", make_visit(place_of_service="013")),
    "a place of service": ("bill-type-form", make_visit(facility_qualifier="B")),
    "a type nobody knows": ("bill-type-known", make_visit(place_of_service="19")),
    "a frequency there is not": ("bill-frequency", make_visit(frequency="L")),
    "no statement": ("statement-dates", make_visit(periods=())),
    "a statement that ends first": (
        "statement-dates",
        make_stay(periods=covering(LAST, FIRST), lines=(make_room(service_from=FIRST, service_through=LAST),)),
    ),
    "a visit's statement that ends first": ("statement-dates", make_visit(periods=covering(LAST, FIRST))),
    "a statement of the future": ("statement-dates", make_visit(periods=covering(FIRST, date(2026, 11, 21)))),
    "a line outside": ("statement-lines", make_visit(lines=(make_bill_line(service_from=AFTER),))),
    "a line that ends outside": ("statement-lines", make_visit(lines=(make_bill_line(service_through=AFTER),))),
    "no type of admission": ("admission-type", make_visit(admission=admitted(type=""))),
    "an admission of no type": ("admission-type", make_visit(admission=admitted(type="7"))),
    "no source of a stay": ("admission-source", make_stay(admission=admitted(source=""))),
    "a source of earlier years": ("admission-source-known", make_stay(admission=admitted(source="7"))),
    "a newborn from elsewhere": ("admission-source-known", make_stay(admission=admitted(type="4", source="1"))),
    "no status": ("patient-status", make_visit(admission=admitted(patient_status=""))),
    "a status of one digit": ("patient-status", make_visit(admission=admitted(patient_status="1"))),
    "a status nobody knows": ("patient-status-known", make_visit(admission=admitted(patient_status="99"))),
    "a first bill of one who left": ("interim-status", make_stay(frequency="2")),
    "a continuing bill of one who left": ("interim-status", make_stay(frequency="3")),
    "a whole stay of one who is still there": (
        "final-status", make_stay(admission=admitted(patient_status="30"), values=(ClaimValue(code="80", amount_cents=500),)),
    ),
    "no day of admission": ("admission-date", make_stay(moments=(DISCHARGED,))),
    "home health without admission": (
        "admission-date", make_visit(place_of_service="32"),
    ),
    "admitted after the bill": (
        "admission-date-order", make_stay(moments=(Moment(qualifier="435", time="0815", day=AFTER), DISCHARGED)),
    ),
    "an hour there is not": ("hour-form", make_stay(moments=(ADMITTED, Moment(qualifier="096", time="2400")))),
    "a day without its hour": ("admission-hour", make_stay(moments=(DISCHARGED,), dates=(("435", FIRST),))),
    "no hour of discharge": ("discharge-hour", make_stay(moments=(ADMITTED,))),
    "nobody attended": ("attending-provider-missing", make_visit(providers=())),
    "an indicator of version 4010": ("present-on-admission", make_stay(diagnoses=coded(present_on_admission="1"))),
    "no indicator": ("present-on-admission-missing", make_stay(diagnoses=coded())),
    "no admitting diagnosis": ("admitting-diagnosis-missing", make_stay(admitting_diagnosis=None)),
    "no reason of the visit": ("visit-reason-missing", make_visit(visit_reasons=())),
    "an operation without a day": ("procedure-date-missing", make_stay(procedures=(operated(day=None),))),
    "an operation after the bill": ("procedure-date-statement", make_stay(procedures=(operated(day=AFTER),))),
    "an operation four days before": ("procedure-date-statement", make_stay(procedures=(operated(day=date(2026, 10, 28)),))),
    "further operations alone": ("procedure-principal-missing", make_stay(procedures=(operated("BBQ"),))),
    "a condition of one digit": ("bill-code-form", make_stay(conditions=("9",))),
    "an occurrence in small letters": ("bill-code-form", make_stay(occurrences=(Occurrence(code="a1", day=FIRST),))),
    "a condition twice": ("bill-code-repeated", make_stay(conditions=("09", "09"))),
    "a span that ends first": (
        "occurrence-span-order", make_stay(occurrence_spans=(OccurrenceSpan(code="70", first=LAST, last=FIRST),)),
    ),
    "a group of two digits": ("grouper-form", make_stay(diagnosis_group="19")),
    "a day too many": ("covered-days", make_stay(values=(ClaimValue(code="80", amount_cents=500),))),
    "a day of a continuing bill too few": (
        "covered-days",
        make_stay(frequency="2", admission=admitted(patient_status="30"), moments=(ADMITTED,)),
    ),
    "three digits of revenue": ("revenue-code-form", make_visit(lines=(make_bill_line(revenue_code="450"),))),
    "no revenue code": ("revenue-code-form", make_visit(lines=(make_bill_line(revenue_code=""),))),
    "a total among the lines": (
        "revenue-code-total",
        make_visit(lines=(make_bill_line(), make_bill_line(revenue_code="0001", procedure="", control_number="L2"))),
    ),
    "rooms in units": ("room-unit", make_stay(lines=(make_room(unit="UN"),))),
    "rooms for more days": ("room-days", make_stay(lines=(make_room(quantity=Decimal(6)),))),
    "a charge for nothing": ("revenue-units", make_visit(lines=(make_bill_line(quantity=Decimal(0)),))),
    "laboratory without a code": (
        "revenue-code-procedure", make_visit(lines=(make_bill_line(revenue_code="0300", procedure=""),)),
    ),
    "a drug in detail without one": ("revenue-code-drug", make_stay(lines=(make_room(revenue_code="0636", unit="UN"),))),
    "more not covered than charged": ("noncovered-charge", make_visit(lines=(make_bill_line(noncovered_cents=12001),))),
    "a visit of days and a line of none": (
        "revenue-line-date", make_visit(periods=covering(FIRST, LAST), lines=(make_bill_line(service_from=None),)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "claim"), BREACHES.values(), ids=BREACHES)
def test_each_objects_to_what_it_is_about_and_to_no_other_part_of_the_bill(edit: str, claim: Claim) -> None:
    assert [found for found in find_edits(claim) if found in OWN] == [edit]


def test_every_edit_on_bills_has_a_breach_here() -> None:
    assert {edit for edit, _ in BREACHES.values()} == OWN


CODED: dict[str, tuple[str, Claim]] = {
    "an admitting diagnosis with its point": (
        "admitting_diagnosis.code (2300 HI01-2)", make_stay(admitting_diagnosis=Diagnosis(qualifier="ABJ", code="R06.02")),
    ),
    "an admitting diagnosis of no code": (
        "admitting_diagnosis.code (2300 HI01-2)", make_stay(admitting_diagnosis=Diagnosis(qualifier="ABJ", code="???")),
    ),
    "an admitting diagnosis of ICD-9-CM": (
        "admitting_diagnosis.qualifier (2300 HI01-1)", make_stay(admitting_diagnosis=Diagnosis(qualifier="BJ", code="4660")),
    ),
    "a reason with its point": (
        "visit_reasons[1].code (2300 HI02-2)",
        make_visit(visit_reasons=(Diagnosis(qualifier="APR", code="R051"), Diagnosis(qualifier="APR", code="R05.1"))),
    ),
    "a cause of eight characters": (
        "external_causes[0].code (2300 HI01-2)", make_stay(external_causes=(Diagnosis(qualifier="ABN", code="12345678"),)),
    ),
    "a cause marked as a reason": (
        "external_causes[0].qualifier (2300 HI01-1)", make_stay(external_causes=(Diagnosis(qualifier="APR", code="W19XXXA"),)),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("field", "claim"), CODED.values(), ids=CODED)
def test_what_brought_the_patient_and_what_caused_it_have_the_form_of_a_diagnosis(field: str, claim: Claim) -> None:
    findings = check(claim, CONTEXT)
    assert [(found.edit, found.severity, found.field) for found in findings] == [("diagnosis-format", "hold", field)]
    assert "R05" not in findings[0].message + findings[0].fix


@pytest.mark.parametrize("code", ["V4352XA", "W19XXXA", "X58XXXA", "Y92239"])
def test_an_external_cause_in_its_own_place_passes(code: str) -> None:
    assert find_edits(make_stay(external_causes=(Diagnosis(qualifier="ABN", code=code, present_on_admission="Y"),))) == []


def test_bills_from_before_october_2015_are_coded_in_icd_9_throughout() -> None:
    """A stay is coded by its last day, whatever day a line has."""
    old = make_stay(
        periods=covering(date(2015, 9, 1), date(2015, 9, 30)),
        diagnoses=(Diagnosis(qualifier="BK", code="4660", present_on_admission="Y"),),
        admitting_diagnosis=Diagnosis(qualifier="BJ", code="78605"),
        visit_reasons=(Diagnosis(qualifier="PR", code="7862"),),
        external_causes=(Diagnosis(qualifier="BN", code="E8859"),),
    )
    assert "diagnosis-format" not in find_edits(old)
    line = make_bill_line(service_from=date(2015, 9, 30), control_number="L2")
    later = msgspec.structs.replace(
        old, periods=covering(date(2015, 9, 1), date(2015, 10, 1)), lines=(make_room(), line), charge_cents=92000
    )
    assert [found.field for found in check(later, CONTEXT) if found.edit == "diagnosis-format"] == [
        "diagnoses[0].qualifier (2300 HI01-1)", "admitting_diagnosis.qualifier (2300 HI01-1)",
        "visit_reasons[0].qualifier (2300 HI01-1)", "external_causes[0].qualifier (2300 HI01-1)",
    ]  # fmt: skip


def test_a_bill_without_admission_lacks_its_type_and_the_status() -> None:
    assert find_edits(make_visit(admission=None)) == ["admission-type", "patient-status"]


@pytest.mark.parametrize("time", ["0000", "2359", "113015", "11301500"])
def test_hours_of_a_day_pass(time: str) -> None:
    assert find_edits(make_stay(moments=(ADMITTED, Moment(qualifier="096", time=time)))) == []


@pytest.mark.parametrize("claim", [make_stay(), make_visit()], ids=["a stay", "a visit"])
def test_what_is_about_bills_is_not_asked_of_other_claims(claim: Claim) -> None:
    """The same words in a professional claim mean another thing, and are judged by its own edits alone."""
    found = find_edits(msgspec.structs.replace(claim, guide="837P", providers=(ATTENDING,)))
    assert not OWN & set(found)
