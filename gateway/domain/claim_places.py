"""Where in a claim document its parties, days and diagnoses stand, for edits that look at all of them and name a faulty one."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple

from edi.claims import Claim, Diagnosis, Guide, Party
from edi.claims.details import Period
from gateway.domain.bills import STATEMENT, find_statement

RENDERING = "82"
SERVICE = "472"
"""DTP01 of the day of service, which a dental claim may give for all its lines."""

DiagnosisKind = Literal["diagnoses", "admitting_diagnosis", "visit_reasons", "external_causes"]

PROVIDER_LOOPS: Mapping[Guide, Mapping[str, str]] = {
    "837P": {RENDERING: "2310B", "DN": "2310A", "P3": "2310A", "77": "2310C", "DQ": "2310D", "PW": "2310E", "45": "2310F"},
    "837I": {"71": "2310A", "72": "2310B", "ZZ": "2310C", RENDERING: "2310D", "77": "2310E", "DN": "2310F"},
    "837D": {"DN": "2310A", "P3": "2310A", RENDERING: "2310B", "77": "2310C", "DD": "2310D", "DQ": "2310E"},
}
"""For each guide the loop of a claim's provider, by its role."""

SERVICE_SEGMENTS: Mapping[Guide, str] = {"837P": "SV1", "837I": "SV2", "837D": "SV3"}
"""The segment of a service line, by guide."""


def providers_of(claim: Claim) -> list[Party]:
    """Whoever is named as provider: who bills, those of the claim, those of each line."""
    found = [claim.billing_provider, *claim.providers]
    for line in claim.lines:
        if line.providers:
            found.extend(line.providers)
    return found


def locate_provider(claim: Claim, number: int) -> tuple[str, str, int]:
    """Document path, loop and service line (0: none) of the party that `providers_of` has at this place, from 0."""
    if number == 0:
        return "billing_provider", "2010AA", 0
    number -= 1
    if number < len(claim.providers):
        return f"providers[{number}]", PROVIDER_LOOPS[claim.guide].get(claim.providers[number].role, "2310"), 0
    number -= len(claim.providers)
    for n, line in enumerate(claim.lines):
        if number < len(line.providers):
            return f"lines[{n}].providers[{number}]", "2420", n + 1
        number -= len(line.providers)
    raise AssertionError("a claim has fewer providers than that")


def people_of(claim: Claim) -> list[tuple[str, str, Party]]:
    """Path, loop and party of whoever is insured or treated: the subscriber, and the patient where it is another person."""
    subscriber = ("subscriber", "2010BA", claim.subscriber)
    return [subscriber] if claim.patient is None else [subscriber, ("patient", "2010CA", claim.patient)]


def patient_of(claim: Claim) -> tuple[str, str, Party]:
    """Path, loop and party of the patient: the subscriber where no other person is."""
    if claim.patient is None:
        return "subscriber", "2010BA", claim.subscriber
    return "patient", "2010CA", claim.patient


class NamedDiagnosis(NamedTuple):
    """A diagnosis with what it is called, the name of the claim's field for its kind, and its place there from 0."""

    name: str
    kind: DiagnosisKind
    place: int
    diagnosis: Diagnosis

    def locate(self, attribute: Literal["qualifier", "code"]) -> str:
        """Document path and element of its mark or its code."""
        path = self.kind if self.kind == "admitting_diagnosis" else f"{self.kind}[{self.place}]"
        return f"{path}.{attribute} (2300 HI{self.place + 1:02d}-{1 if attribute == 'qualifier' else 2})"


def list_diagnoses(claim: Claim) -> Iterator[NamedDiagnosis]:
    """What was treated, then of a bill the diagnosis of admission, the reasons of the visit, and the external causes."""
    for n, diagnosis in enumerate(claim.diagnoses):
        yield NamedDiagnosis(f"Diagnosis {n + 1}", "diagnoses", n, diagnosis)
    if claim.admitting_diagnosis is not None:
        yield NamedDiagnosis("The admitting diagnosis", "admitting_diagnosis", 0, claim.admitting_diagnosis)
    for n, diagnosis in enumerate(claim.visit_reasons):
        yield NamedDiagnosis(f"Reason {n + 1} of the visit", "visit_reasons", n, diagnosis)
    for n, diagnosis in enumerate(claim.external_causes):
        yield NamedDiagnosis(f"External cause {n + 1}", "external_causes", n, diagnosis)


class ServiceDays(NamedTuple):
    """First and last day of service as a line (from 1) gives them, or, as line 0, the claim for all of its lines."""

    first: date
    last: date
    path: str
    line: int = 0

    @property
    def owner(self) -> str:
        """Whose days they are, in words."""
        return f"line {self.line}" if self.line else "the claim"

    @property
    def first_field(self) -> str:
        """Where the first one stands."""
        return f"{self.path}.service_from (2400 DTP*472)" if self.line else f"{self.path} (2300 DTP*472)"

    @property
    def last_field(self) -> str:
        """Where the last one stands."""
        return f"{self.path}.service_through (2400 DTP*472)" if self.line else f"{self.path} (2300 DTP*472)"


def list_service_days(claim: Claim) -> Iterator[ServiceDays]:
    """Each line's days, then those that a dental claim gives for all its lines."""
    for n, line in enumerate(claim.lines):
        if line.service_from is not None:
            yield ServiceDays(line.service_from, line.service_through or line.service_from, f"lines[{n}]", n + 1)
    for i, (qualifier, day) in enumerate(claim.dates):
        if qualifier == SERVICE:
            yield ServiceDays(day, day, f"dates[{i}]")
    for i, period in enumerate(claim.periods):
        if period.qualifier == SERVICE:
            yield ServiceDays(period.first, period.last, f"periods[{i}]")


def find_first_service(claim: Claim) -> date | None:
    """The first day of service; lines without a day have those of the claim (837D) or of the statement (837I)."""
    days = [line.service_from for line in claim.lines if line.service_from is not None]
    if not days or len(days) < len(claim.lines):
        days += [period.first for period in list_claim_days(claim)]
    return min(days, default=None)


def find_last_service(claim: Claim) -> date | None:
    """The last day of service; lines without a day have those of the claim (837D) or of the statement (837I)."""
    told = [line.service_through or line.service_from for line in claim.lines]
    days = [day for day in told if day is not None]
    if not days or len(days) < len(claim.lines):
        days += [period.last for period in list_claim_days(claim)]
    return max(days, default=None)


def find_last_covered(claim: Claim) -> date | None:
    """The last day that the claim is for: that of a bill's statement, whatever days its lines have, else the last service."""
    statement = find_statement(claim)
    return statement.last if statement is not None else find_last_service(claim)


def list_claim_days(claim: Claim) -> list[Period]:
    """The days that are given for all lines at once: of service (837D), and those of the statement (837I)."""
    days = [Period(qualifier=SERVICE, first=day, last=day) for qualifier, day in claim.dates if qualifier == SERVICE]
    return days + [period for period in claim.periods if period.qualifier in {SERVICE, STATEMENT}]
