"""Fields of a service line. Where a line leaves to the claim what holds for it too, the claim's value is read."""

from collections.abc import Callable, Iterator

from edi.claims import Claim, Guide, ServiceLine
from payers.field_terms import (
    DENTAL,
    GUIDES,
    INSTITUTIONAL,
    NOT_DENTAL,
    NOT_INSTITUTIONAL,
    PROFESSIONAL,
    ClaimField,
    Values,
    pick,
    say,
    say_days,
    say_money,
    say_quantity,
)
from payers.party_fields import NPI_FORM, find_provider


def _line(
    key: str,
    what: str,
    place: str,
    read: Callable[[Claim, ServiceLine], Values],
    *,
    path: str = "",
    form: str = "",
    guides: frozenset[Guide] = GUIDES,
) -> ClaimField:
    return ClaimField(f"line.{key}", what, place, f"lines.{path or key}", read, per_line=True, guides=guides, form=form)


def _npi(role: str) -> Callable[[Claim, ServiceLine], Values]:
    def read(_: Claim, line: ServiceLine) -> Values:
        return tuple(each.id for each in line.providers if each.role == role and each.id_qualifier == "XX" and each.id)

    return read


def _rendering_npi(claim: Claim, line: ServiceLine) -> Values:
    found = find_provider("82")(claim)
    return _npi("82")(claim, line) or (say(found.id) if found is not None and found.id_qualifier == "XX" else ())


def _place_of_service(claim: Claim, line: ServiceLine) -> Values:
    return say(line.place_of_service or (claim.place_of_service if claim.facility_qualifier == "B" else ""))


def _diagnoses(claim: Claim, line: ServiceLine) -> Values:
    codes = claim.diagnoses
    return tuple(codes[at - 1].code for at in line.diagnosis_pointers if 0 < at <= len(codes) and codes[at - 1].code)


def _service_day(claim: Claim, line: ServiceLine) -> Values:
    day = find_service_day(claim, line)
    return (day,) if day else ()


def find_service_day(claim: Claim, line: ServiceLine) -> str:
    """The first day of the line's service, or of the claim's where the line says none, as 2026-02-20; '' where none says."""
    if line.service_from is not None:
        return line.service_from.isoformat()
    days = [day for qualifier, day in claim.dates if qualifier in _SERVICE]
    days += [period.first for period in claim.periods if period.qualifier in _SERVICE]
    return min(days).isoformat() if days else ""


_SERVICE = ("434", "472")
"""DTP01 of a claim: the days of its statement, and those of its service."""


def _list_fields() -> Iterator[ClaimField]:
    yield _line("procedure", "procedure code", "2400 SV101-2; 837I SV202-2; 837D SV301-2", lambda _, line: say(line.procedure))
    yield _line(
        "procedure_qualifier",
        "kind of procedure code: HC, AD …",
        "2400 SV101-1; 837I SV202-1; 837D SV301-1",
        lambda _, line: say(line.procedure_qualifier) if line.procedure else (),
        form="[A-Z0-9]{2}",
    )
    yield _line(
        "modifier",
        "procedure modifiers",
        "2400 SV101-3 to -6; 837I SV202-3 to -6; 837D SV301-3 to -6",
        lambda _, line: say(*line.modifiers),
        path="modifiers",
        form="[A-Z0-9]{2}",
    )
    yield _line("description", "description of the service", "2400 SV101-7", lambda _, line: say(line.description))
    yield _line(
        "charge",
        "charge, as 120.00",
        "2400 SV102; 837I SV203; 837D SV302",
        lambda _, line: say_money(line.charge_cents),
        path="charge_cents",
    )
    yield _line(
        "units",
        "how many, as 1 or 2.5",
        "2400 SV104; 837I SV205; 837D SV306",
        lambda _, line: say_quantity(line.quantity),
        path="quantity",
    )
    yield _line(
        "unit", "unit of measure: UN, MJ, DA", "2400 SV103; 837I SV204", lambda _, line: say(line.unit), form="[A-Z0-9]{2}"
    )
    yield _line(
        "place_of_service",
        "place of service, the claim's where the line has none",
        "2400 SV105, else 2300 CLM05-1; 837D SV303",
        _place_of_service,
        guides=NOT_INSTITUTIONAL,
        form="[0-9]{2}",
    )
    yield from _list_circumstances()
    yield from _list_indicators()
    yield from _list_numbers()
    yield from _list_drugs()
    yield from _list_providers()


def _list_circumstances() -> Iterator[ClaimField]:
    yield _line(
        "revenue_code",
        "revenue code",
        "2400 SV201",
        lambda _, line: say(line.revenue_code),
        guides=INSTITUTIONAL,
        form="[0-9]{3,4}",
    )
    yield _line(
        "service_from",
        "first day of the service, as 2026-02-20; the claim's where the line has none",
        "2400 DTP*472",
        _service_day,
    )
    yield _line(
        "service_through",
        "last day of the service where it is a period",
        "2400 DTP*472",
        lambda _, line: say_days([line.service_through]),
    )
    yield _line(
        "diagnosis",
        "diagnosis codes that the line points at",
        "2400 SV107; 837D SV311",
        _diagnoses,
        path="diagnosis_pointers",
        guides=NOT_INSTITUTIONAL,
    )


def _list_indicators() -> Iterator[ClaimField]:
    yield _line("emergency", "emergency indicator: Y", "2400 SV109", lambda _, line: say(line.emergency), guides=PROFESSIONAL)
    yield _line("epsdt", "EPSDT indicator: Y", "2400 SV111", lambda _, line: say(line.epsdt), guides=PROFESSIONAL)
    yield _line(
        "family_planning",
        "family planning indicator: Y",
        "2400 SV112",
        lambda _, line: say(line.family_planning),
        guides=PROFESSIONAL,
    )
    yield _line("copay_exempt", "copay status: 0", "2400 SV115", lambda _, line: say(line.copay_exempt), guides=PROFESSIONAL)
    yield _line(
        "note",
        "notes on the line",
        "2400 NTE02",
        lambda _, line: say(line.note, *(text for _, text in line.notes)),
        guides=NOT_DENTAL,
    )
    yield _line(
        "tooth",
        "tooth numbers",
        "2400 TOO02",
        lambda _, line: say(*(each.tooth for each in line.teeth)),
        path="teeth",
        guides=DENTAL,
    )
    yield _line(
        "tooth_surface",
        "tooth surfaces",
        "2400 TOO03",
        lambda _, line: say(*(s for each in line.teeth for s in each.surfaces)),
        path="teeth",
        guides=DENTAL,
    )
    yield _line("oral_cavity", "areas of the oral cavity", "2400 SV304", lambda _, line: say(*line.oral_cavity), guides=DENTAL)
    yield _line(
        "prosthesis",
        "prosthesis code: I initial, R replacement",
        "2400 SV305",
        lambda _, line: say(line.prosthesis),
        guides=DENTAL,
    )
    yield _line(
        "attachment",
        "reports sent along, by their codes",
        "2400 PWK01",
        lambda _, line: say(*(each.report for each in line.attachments)),
        path="attachments",
        guides=NOT_DENTAL,
    )


def _list_numbers() -> Iterator[ClaimField]:
    yield _line("control_number", "line item control number", "2400 REF*6R", lambda _, line: say(line.control_number))
    yield _line(
        "prior_authorization",
        "prior authorization number of the line",
        "2400 REF*G1",
        lambda _, line: pick(line.references, "G1"),
        path="references",
        guides=NOT_INSTITUTIONAL,
    )
    yield _line(
        "referral_number",
        "referral number of the line",
        "2400 REF*9F",
        lambda _, line: pick(line.references, "9F"),
        path="references",
        guides=NOT_INSTITUTIONAL,
    )
    yield _line(
        "clia_number",
        "CLIA number, the claim's where the line has none",
        "2400 REF*X4, else 2300 REF*X4",
        lambda claim, line: pick(line.references, "X4") or pick(claim.references, "X4"),
        path="references",
        guides=PROFESSIONAL,
    )


def _list_drugs() -> Iterator[ClaimField]:
    yield _line(
        "ndc",
        "national drug codes",
        "2410 LIN03",
        lambda _, line: say(*(drug.code for drug in line.drugs if drug.qualifier == "N4")),
        path="drugs",
        guides=NOT_DENTAL,
        form="[0-9]{11}",
    )
    yield _line(
        "drug_quantity",
        "quantity of the drug",
        "2410 CTP04",
        lambda _, line: tuple(text for drug in line.drugs for text in say_quantity(drug.quantity)),
        path="drugs",
        guides=NOT_DENTAL,
    )
    yield _line(
        "drug_unit",
        "unit of the drug: F2, GR, ME, ML, UN",
        "2410 CTP05-1",
        lambda _, line: say(*(drug.unit for drug in line.drugs)),
        path="drugs",
        guides=NOT_DENTAL,
    )


def _list_providers() -> Iterator[ClaimField]:
    yield _line(
        "rendering_provider.npi",
        "NPI of who did it, the claim's where the line has none",
        "2420A NM109, else 2310B; 837I 2420C, else 2310D",
        _rendering_npi,
        path="providers",
        form=NPI_FORM,
    )
    yield _line(
        "ordering_provider.npi",
        "NPI of who ordered it",
        "2420E NM109",
        _npi("DK"),
        path="providers",
        guides=PROFESSIONAL,
        form=NPI_FORM,
    )
    yield _line(
        "referring_provider.npi",
        "NPI of who referred for it",
        "2420F NM109; 837I 2420D",
        _npi("DN"),
        path="providers",
        guides=NOT_DENTAL,
        form=NPI_FORM,
    )


LINE_FIELDS = tuple(_list_fields())
"""The fields of lines that have names of their own."""


def find_line_number(qualifier: str) -> ClaimField:
    """The field of a line's number of one kind (REF01)."""
    return _line(
        f"reference.{qualifier}",
        f"number of kind {qualifier}",
        f"2400 REF*{qualifier}",
        lambda _, line: pick(line.references, qualifier),
        path="references",
    )


def find_line_date(qualifier: str) -> ClaimField:
    """The field of a line's date of one kind (DTP01)."""
    return _line(
        f"date.{qualifier}",
        f"date of kind {qualifier}, as 2026-02-20",
        f"2400 DTP*{qualifier}",
        lambda _, line: say_days(day for kind, day in line.dates if kind == qualifier),
        path="dates",
    )
