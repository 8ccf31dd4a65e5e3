"""Fields of the claim as a whole: its head, dates, numbers, coverage, other payers and diagnoses."""

from collections.abc import Callable, Iterator

from edi.claims import Claim, Guide
from payers.field_terms import (
    DENTAL,
    GUIDES,
    INSTITUTIONAL,
    NOT_DENTAL,
    NOT_INSTITUTIONAL,
    PROFESSIONAL,
    ClaimField,
    Values,
    of_claim,
    pick,
    say,
    say_days,
    say_money,
)
from payers.repairs import SETTINGS


def declare(
    name: str,
    what: str,
    place: str,
    read: Callable[[Claim], Values],
    *,
    path: str,
    form: str = "",
    guides: frozenset[Guide] = GUIDES,
) -> ClaimField:
    """A field that is read from the claim alone."""
    return ClaimField(name, what, place, path, of_claim(read), guides=guides, form=form, setting=SETTINGS.get(name))


def _list_claim_fields() -> Iterator[ClaimField]:
    yield declare(
        "claim.guide", "which guide it follows: 837P, 837I or 837D", "ST03", lambda c: (c.guide,), path="guide", form="837[PID]"
    )
    yield declare(
        "claim.frequency",
        "frequency: 1 original, 7 replacement, 8 void …",
        "2300 CLM05-3",
        lambda c: say(c.frequency),
        path="frequency",
        form="[0-9A-Z]",
    )
    yield declare(
        "claim.place_of_service",
        "place of service",
        "2300 CLM05-1",
        lambda c: say(c.place_of_service) if c.guide != "837I" else (),
        path="place_of_service",
        guides=NOT_INSTITUTIONAL,
        form="[0-9]{2}",
    )
    yield declare(
        "claim.type_of_bill",
        "type of bill: facility code and frequency, as 131",
        "2300 CLM05-1 and -3",
        lambda c: say(c.place_of_service + c.frequency) if c.guide == "837I" else (),
        path="place_of_service",
        guides=INSTITUTIONAL,
        form="[0-9]{2}[0-9A-Z]",
    )
    yield declare(
        "claim.charge", "charge of the claim, as 120.00", "2300 CLM02", lambda c: say_money(c.charge_cents), path="charge_cents"
    )
    yield declare(
        "claim.line_count", "how many lines it has", "2400 LX", lambda c: (str(len(c.lines)),), path="lines", form="[0-9]{1,3}"
    )
    yield declare(
        "claim.patient_paid",
        "what the patient has paid, as 20.00",
        "2300 AMT*F5",
        lambda c: say_money(c.patient_paid_cents),
        path="patient_paid_cents",
    )
    yield from _list_statements()
    yield from _list_dates()
    yield from _list_numbers()
    yield from _list_institutional()


def _list_statements() -> Iterator[ClaimField]:
    yield declare(
        "claim.provider_signature",
        "provider signature on file: Y or N",
        "2300 CLM06",
        lambda c: say(c.provider_signature),
        path="provider_signature",
        form="[YN]",
    )
    yield declare(
        "claim.assignment", "assignment: A, B or C", "2300 CLM07", lambda c: say(c.assignment), path="assignment", form="[ABC]"
    )
    yield declare(
        "claim.benefits_assigned",
        "benefits assigned to the provider: Y, N or W",
        "2300 CLM08",
        lambda c: say(c.benefits_assigned),
        path="benefits_assigned",
        form="[YNW]",
    )
    yield declare(
        "claim.related_cause",
        "what it comes of: AA auto accident, EM employment, OA other accident",
        "2300 CLM11",
        lambda c: say(*c.related_causes),
        path="related_causes",
        form="AA|EM|OA",
        guides=NOT_INSTITUTIONAL,
    )
    yield declare(
        "claim.accident_state",
        "state of an auto accident",
        "2300 CLM11-4",
        lambda c: say(c.related_state),
        path="related_state",
        form="[A-Z]{2}",
    )
    yield declare(
        "claim.special_program",
        "special program code",
        "2300 CLM12",
        lambda c: say(c.special_program),
        path="special_program",
        form="[0-9]{2}",
        guides=NOT_INSTITUTIONAL,
    )
    yield declare(
        "claim.delay_reason",
        "delay reason code",
        "2300 CLM20",
        lambda c: say(c.delay_reason),
        path="delay_reason",
        form="[0-9]{1,2}",
    )


def _list_dates() -> Iterator[ClaimField]:
    dates = (
        ("accident_date", "439", "day of the accident", GUIDES),
        ("onset_date", "431", "onset of the illness", NOT_DENTAL),
        ("initial_treatment_date", "454", "first treatment", PROFESSIONAL),
        ("last_seen_date", "304", "day on which the patient was last seen", PROFESSIONAL),
        ("last_menstrual_period", "484", "last menstrual period", PROFESSIONAL),
        ("admission_date", "435", "admission", NOT_DENTAL),
        ("discharge_date", "096", "discharge", NOT_DENTAL),
        ("statement_date", "434", "first day of the statement", INSTITUTIONAL),
    )
    for key, qualifier, what, guides in dates:
        yield declare(
            f"claim.{key}",
            f"{what}, as 2026-02-20",
            f"2300 DTP*{qualifier}",
            read_dates(qualifier),
            path="dates",
            form=DAY_FORM,
            guides=guides,
        )


DAY_FORM = "[0-9]{4}-[0-9]{2}-[0-9]{2}"


def read_dates(qualifier: str) -> Callable[[Claim], Values]:
    """The claim's days of one kind (DTP01), of a period the first."""

    def read(claim: Claim) -> Values:
        days = [day for kind, day in claim.dates if kind == qualifier]
        days += [period.first for period in claim.periods if period.qualifier == qualifier]
        days += [moment.day for moment in claim.moments if moment.qualifier == qualifier and moment.day]
        return say_days(days)

    return read


def _list_numbers() -> Iterator[ClaimField]:
    numbers = (
        ("prior_authorization", "G1", "prior authorization number", GUIDES),
        ("referral_number", "9F", "referral number", GUIDES),
        ("payer_claim_number", "F8", "the payer's number of the claim that is replaced or void", GUIDES),
        ("predetermination_number", "G3", "predetermination number", DENTAL),
        ("service_authorization_exception", "4N", "service authorization exception code", GUIDES),
        ("medical_record_number", "EA", "medical record number", NOT_DENTAL),
        ("clia_number", "X4", "CLIA number of the laboratory", PROFESSIONAL),
        ("mammography_number", "EW", "mammography certification number", PROFESSIONAL),
        ("demonstration_project", "P4", "demonstration project number", NOT_DENTAL),
    )
    for key, qualifier, what, guides in numbers:
        yield declare(f"claim.{key}", what, f"2300 REF*{qualifier}", read_numbers(qualifier), path="references", guides=guides)
    yield declare("claim.note", "notes on the claim", "2300 NTE02", lambda c: say(*(text for _, text in c.notes)), path="notes")
    yield declare(
        "claim.note_type",
        "kinds of the notes: ADD, CER, …",
        "2300 NTE01",
        lambda c: say(*(kind for kind, _ in c.notes)),
        path="notes",
        form="[A-Z]{3}",
    )
    yield declare(
        "claim.attachment",
        "reports sent along, by their codes",
        "2300 PWK01",
        lambda c: say(*(each.report for each in c.attachments)),
        path="attachments",
        form="[A-Z0-9]{2}",
    )
    yield declare(
        "claim.attachment_number",
        "control numbers of the reports sent along",
        "2300 PWK06",
        lambda c: say(*(each.control_number for each in c.attachments)),
        path="attachments",
    )


def read_numbers(qualifier: str) -> Callable[[Claim], Values]:
    """The claim's numbers of one kind (REF01)."""
    return lambda claim: pick(claim.references, qualifier)


def _list_institutional() -> Iterator[ClaimField]:
    told: tuple[tuple[str, str, str, str, Callable[[Claim], Values]], ...] = (
        (
            "admission_type",
            "type of admission",
            "2300 CL101",
            "admission.type",
            lambda c: say(c.admission.type) if c.admission else (),
        ),
        (
            "admission_source",
            "where the patient came from",
            "2300 CL102",
            "admission.source",
            lambda c: say(c.admission.source) if c.admission else (),
        ),
        (
            "patient_status",
            "state of the patient at the end",
            "2300 CL103",
            "admission.patient_status",
            lambda c: say(c.admission.patient_status) if c.admission else (),
        ),
        ("condition_code", "condition codes", "2300 HI*BG", "conditions", lambda c: say(*c.conditions)),
        (
            "occurrence_code",
            "occurrence codes",
            "2300 HI*BH",
            "occurrences",
            lambda c: say(*(each.code for each in c.occurrences)),
        ),
        (
            "occurrence_span_code",
            "occurrence span codes",
            "2300 HI*BI",
            "occurrence_spans",
            lambda c: say(*(each.code for each in c.occurrence_spans)),
        ),
        ("value_code", "value codes", "2300 HI*BE", "values", lambda c: say(*(each.code for each in c.values))),
        ("drg", "diagnosis related group", "2300 HI*DR", "diagnosis_group", lambda c: say(c.diagnosis_group)),
        (
            "surgery",
            "codes of the procedures of the stay",
            "2300 HI*BBR",
            "procedures",
            lambda c: say(*(each.code for each in c.procedures if each.qualifier in {"BBR", "BBQ"})),
        ),
    )
    for key, what, place, path, read in told:
        yield declare(f"claim.{key}", what, place, read, path=path, guides=INSTITUTIONAL)


def _list_coverage_fields() -> Iterator[ClaimField]:
    told: tuple[tuple[str, str, str, str, str], ...] = (
        ("responsibility", "turn of the payer: P first, S second, T third …", "SBR01", "responsibility", "[A-HPSTU]"),
        ("group_number", "number of the group or policy", "SBR03", "group_number", ""),
        ("group_name", "name of the group or plan", "SBR04", "group_name", ""),
        ("insurance_type", "why Medicare is second: 12, 13 …", "SBR05", "insurance_type", "[0-9]{2}"),
        ("claim_filing_indicator", "kind of insurance: CI, MB, HM …", "SBR09", "claim_filing_indicator", "[A-Z0-9]{2}"),
    )
    for key, what, element, attribute, form in told:
        yield declare(f"coverage.{key}", what, f"2000B {element}", _read_coverage(attribute), path=f"coverage.{key}", form=form)
    yield declare(
        "patient.relationship",
        "relationship to the subscriber: 18 self, 01 spouse, 19 child …",
        "2000C PAT01, else 2000B SBR02",
        lambda c: say(c.relationship),
        path="relationship",
        form="[A-Z0-9]{2}",
    )


def _read_coverage(attribute: str) -> Callable[[Claim], Values]:
    return lambda claim: say(getattr(claim.coverage, attribute))


def _list_other_payer_fields() -> Iterator[ClaimField]:
    told: tuple[tuple[str, str, str, str, Callable[[Claim], Values]], ...] = (
        ("count", "how many other payers there are", "2320", "", lambda c: (str(len(c.other_payers)),)),
        (
            "id",
            "ids of the other payers",
            "2330B NM109",
            ".payer.id",
            lambda c: say(*(each.payer.id for each in c.other_payers if each.payer)),
        ),
        (
            "responsibility",
            "turns of the other payers",
            "2320 SBR01",
            ".responsibility",
            lambda c: say(*(each.responsibility for each in c.other_payers)),
        ),
        (
            "claim_filing_indicator",
            "their kinds of insurance",
            "2320 SBR09",
            ".claim_filing_indicator",
            lambda c: say(*(each.claim_filing_indicator for each in c.other_payers)),
        ),
        (
            "paid",
            "what each of them paid, as 80.00",
            "2320 AMT*D",
            ".paid_cents",
            lambda c: tuple(text for each in c.other_payers for text in say_money(each.paid_cents)),
        ),
        (
            "adjustment",
            "why they paid less, as CO-45: on the claim and its lines",
            "2320 CAS, 2430 CAS",
            ".adjustments",
            _read_adjustments,
        ),
    )
    for key, what, place, path, read in told:
        yield declare(f"other_payer.{key}", what, place, read, path=f"other_payers{path}")


def _read_adjustments(claim: Claim) -> Values:
    given = [each for payer in claim.other_payers for each in payer.adjustments]
    given += [each for line in claim.lines for decision in line.adjudications for each in decision.adjustments]
    return tuple(dict.fromkeys(f"{each.group}-{each.reason}" for each in given))


def _list_diagnosis_fields() -> Iterator[ClaimField]:
    yield declare(
        "diagnosis.code",
        "all diagnosis codes, without the point",
        "2300 HI",
        lambda c: say(*(d.code for d in c.diagnoses)),
        path="diagnoses",
    )
    yield declare(
        "diagnosis.principal",
        "the first diagnosis code",
        "2300 HI01-2",
        lambda c: say(*(d.code for d in c.diagnoses[:1])),
        path="diagnoses",
    )
    yield declare(
        "diagnosis.admitting",
        "admitting diagnosis code",
        "2300 HI*ABJ",
        lambda c: say(c.admitting_diagnosis.code) if c.admitting_diagnosis else (),
        path="admitting_diagnosis",
        guides=INSTITUTIONAL,
    )
    yield declare(
        "diagnosis.external_cause",
        "external cause codes",
        "2300 HI*ABN",
        lambda c: say(*(d.code for d in c.external_causes)),
        path="external_causes",
        guides=INSTITUTIONAL,
    )
    yield declare(
        "diagnosis.visit_reason",
        "reasons of the visit",
        "2300 HI*APR",
        lambda c: say(*(d.code for d in c.visit_reasons)),
        path="visit_reasons",
        guides=INSTITUTIONAL,
    )


WHOLE_CLAIM_FIELDS = (*_list_claim_fields(), *_list_coverage_fields(), *_list_other_payer_fields(), *_list_diagnosis_fields())
"""The fields of the claim as a whole that have names of their own."""
