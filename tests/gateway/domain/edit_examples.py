"""For each of the general edits one claim that it objects to and one that it does not: {edit: (broken, sound)}."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from edi.claims import Address, Claim, Contact, Coverage, Diagnosis, OtherPayer, Party, Reference
from edi.claims.details import AmbulanceTransport, Attachment, Drug, Period
from tests.gateway.domain.samples import (
    GOOD_NPI,
    RENDERING_NPI,
    SERVED,
    make_billing_provider,
    make_claim,
    make_line,
    make_provider,
    make_subscriber,
)

STREET = Address(line1="7 INVENTED AVENUE", city="SAMPLETON", state="OH", postal_code="430010001")
FACILITY = Party(role="77", last_name="NONESUCH HOSPITAL", id_qualifier="XX", id="1999999943", address=STREET)
CHILD = make_subscriber(role="QC", id="", id_qualifier="", first_name="LITTLE", birth_date=date(2019, 6, 1))
LATER, EARLIER = date(2026, 11, 10), date(2026, 10, 20)


def a_line(**changes: Any) -> Claim:
    """The sound claim with its only line changed."""
    return make_claim(lines=(make_line(**changes),))


def a_subscriber(**changes: Any) -> Claim:
    """The sound claim with its subscriber changed."""
    return make_claim(subscriber=make_subscriber(**changes))


def a_billing(**changes: Any) -> Claim:
    """The sound claim with its billing provider changed."""
    return make_claim(billing_provider=make_billing_provider(**changes))


def a_billing_address(**changes: Any) -> Claim:
    """The sound claim with its billing provider's address changed."""
    return a_billing(address=msgspec.structs.replace(STREET, **changes))


def an_address(**changes: Any) -> Claim:
    """The sound claim with its subscriber's address changed."""
    return a_subscriber(address=msgspec.structs.replace(STREET, **changes))


def a_child(**changes: Any) -> Claim:
    """A claim for the subscriber's child."""
    return make_claim(relationship="19", patient=msgspec.structs.replace(CHILD, **changes))


def a_facility(**changes: Any) -> Claim:
    """The sound claim with a service facility."""
    return make_claim(providers=(make_provider(), msgspec.structs.replace(FACILITY, **changes)))


def filed_as(indicator: str, responsibility: str = "P", **changes: Any) -> Claim:
    """The sound claim under another kind of insurance."""
    coverage = Coverage(claim_filing_indicator=indicator, responsibility=responsibility)
    return make_claim(coverage=coverage, **changes)


def diagnosed(*codes: str, **changes: Any) -> Claim:
    """The sound claim with other diagnoses, the first one principal."""
    return make_claim(diagnoses=tuple(Diagnosis("ABF" if i else "ABK", code) for i, code in enumerate(codes)), **changes)


def modified(*modifiers: str, **changes: Any) -> Claim:
    """The sound claim with modifiers on its line."""
    return a_line(modifiers=modifiers, **changes)


def an_anesthesia(**changes: Any) -> Claim:
    """A claim of an anesthesia of an hour."""
    return a_line(**{"procedure": "00142", "unit": "MJ", "quantity": Decimal(60), "modifiers": ("AA",), **changes})


def a_trip(*roles: str, ambulance: AmbulanceTransport | None = None, modifiers: tuple[str, ...] = ("RH",)) -> Claim:
    """A claim of an ambulance with addresses of these roles."""
    places = tuple(Party(role=role, address=STREET) for role in roles)
    line = make_line(procedure="A0429", modifiers=modifiers, ambulance=ambulance)
    return make_claim(lines=(line,), providers=(make_provider(), *places))


def a_drug(code: str = "00409123401", quantity: Decimal | None = Decimal(2), unit: str = "ML") -> Claim:
    """A claim of a drug."""
    return a_line(procedure="J1885", drugs=(Drug(qualifier="N4", code=code, quantity=quantity, unit=unit),))


def an_earlier_payer(paid: date) -> OtherPayer:
    """The primary payer, which decided on that day."""
    return OtherPayer(responsibility="P", relationship="18", paid_cents=0, paid_date=paid, payer=Party(role="PR", id="88"))


def referenced(qualifier: str, *values: str) -> Claim:
    """The sound claim with references of one kind."""
    return make_claim(references=tuple(Reference(qualifier=qualifier, value=value) for value in values))


EXAMPLES: dict[str, tuple[Claim, Claim]] = {
    # identity
    "first-name-missing": (a_subscriber(first_name=" "), a_subscriber()),
    "name-placeholder": (a_subscriber(first_name="UNKNOWN"), a_subscriber(first_name="UNNA")),
    "name-letters": (a_subscriber(last_name="."), a_subscriber(last_name="O'NONESUCH")),
    "name-digits": (a_subscriber(last_name="SAMP1E"), a_subscriber(last_name="SAMPLE")),
    "name-suffix": (a_subscriber(last_name="SAMPLE JR"), a_subscriber(last_name="SAMPLE", suffix="JR")),
    "name-title": (a_subscriber(first_name="MRS TESTA"), a_subscriber(first_name="DRUSILLA")),
    "provider-name-title": (
        make_claim(providers=(make_provider(last_name="SAMPLE MD"),)),
        make_claim(providers=(make_provider(last_name="AMADO"),)),
    ),
    "member-id-placeholder": (a_subscriber(id="999999999"), a_subscriber()),
    "social-security-number-format": (
        a_subscriber(references=(Reference("SY", "000-12-3456"),)),
        a_subscriber(references=(Reference("SY", "219099999"),)),
    ),
    "member-id-social-security": (
        a_subscriber(id="219099999", references=(Reference("SY", "219099999"),)),
        a_subscriber(references=(Reference("SY", "219099999"),)),
    ),
    "patient-is-subscriber": (
        a_child(first_name="INVENTED", birth_date=date(1980, 1, 31)),
        a_child(first_name="INVENTED", birth_date=date(2010, 1, 31)),
    ),
    "patient-not-person": (a_subscriber(is_person=False), a_subscriber()),
    "child-age": (a_child(birth_date=date(1960, 1, 1)), a_child()),
    "spouse-age": (make_claim(relationship="01", patient=CHILD), make_claim(relationship="19", patient=CHILD)),
    "death-date-order": (a_subscriber(death_date=date(2026, 12, 1)), a_subscriber(death_date=LATER)),
    "service-after-death": (a_subscriber(death_date=EARLIER), a_subscriber(death_date=SERVED)),
    "pregnancy-gender": (a_subscriber(gender="M", pregnancy="Y"), a_subscriber(gender="F", pregnancy="Y")),
    "reference-placeholder": (referenced("G1", "NONE"), referenced("G1", "A1001")),
    "group-number-is-member-id": (
        make_claim(coverage=Coverage(group_number="XQB000000017")),
        make_claim(coverage=Coverage(group_number="G100")),
    ),
    # addresses
    "patient-address-missing": (a_subscriber(address=None), a_subscriber(address=STREET)),
    "billing-state": (a_billing_address(state="QQ"), a_billing_address(state="ON", country="CA", postal_code="K1A0B1")),
    "state": (an_address(state="OI"), an_address(state="OH")),
    "country-format": (an_address(country="CANADA", state="ON"), an_address(country="CA", state="ON")),
    "facility-zip-format": (a_facility(address=msgspec.structs.replace(STREET, postal_code="43001")), a_facility()),
    "zip-state": (an_address(postal_code="90001"), an_address(postal_code="43001")),
    "zip-placeholder": (an_address(postal_code="430010000"), an_address(postal_code="430010001")),
    # coverage
    "filing-indicator-unknown": (filed_as("09"), filed_as("CI")),
    "filing-indicator-payer": (filed_as("MC"), filed_as("CI")),
    "responsibility-unknown": (filed_as("CI", "1"), filed_as("CI", "P")),
    "medicare-dependent": (filed_as("MB", relationship="19", patient=CHILD), filed_as("MB")),
    "insurance-type-unneeded": (
        make_claim(coverage=Coverage(insurance_type="12")),
        make_claim(coverage=Coverage(responsibility="S", insurance_type="12", claim_filing_indicator="MB")),
    ),
    "release-of-information": (make_claim(release_of_information="N"), make_claim(release_of_information="I")),
    "assignment-unknown": (make_claim(assignment="Y"), make_claim(assignment="C")),
    "benefits-assigned": (make_claim(benefits_assigned=""), make_claim(benefits_assigned="W")),
    "provider-signature": (make_claim(provider_signature="N"), make_claim(provider_signature="Y")),
    "related-cause-unknown": (make_claim(related_causes=("AP",)), make_claim(related_causes=("OA",))),
    "accident-state-unknown": (make_claim(related_state="XX"), make_claim(related_state="OH")),
    "delay-reason-unknown": (make_claim(delay_reason="12"), make_claim(delay_reason="11")),
    "casualty-number-missing": (
        filed_as("WC"),
        filed_as("WC", subscriber=make_subscriber(references=(Reference("Y4", "C1001"),))),
    ),
    "compensation-cause": (filed_as("WC"), filed_as("WC", related_causes=("EM",))),
    "compensation-injury-date": (filed_as("WC"), filed_as("WC", dates=(("439", EARLIER),))),
    "auto-insurance-cause": (filed_as("AM", related_causes=("OA",)), filed_as("AM", related_causes=("AA",))),
    "employment-payer": (filed_as("CI", related_causes=("EM",)), filed_as("WC", related_causes=("EM",))),
    # dates
    "event-date-order": (make_claim(dates=(("431", LATER),)), make_claim(dates=(("431", SERVED),))),
    "event-date-future": (make_claim(dates=(("435", date(2026, 12, 1)),)), make_claim(dates=(("296", date(2026, 12, 1)),))),
    "stay-order": (make_claim(dates=(("435", LATER), ("096", EARLIER))), make_claim(dates=(("435", EARLIER), ("096", LATER)))),
    "admission-date-missing": (
        make_claim(place_of_service="21"),
        make_claim(place_of_service="21", dates=(("435", EARLIER),)),
    ),
    "service-outside-stay": (
        make_claim(place_of_service="21", dates=(("435", LATER),)),
        make_claim(place_of_service="21", dates=(("435", EARLIER), ("096", LATER))),
    ),
    "period-order": (
        make_claim(periods=(Period(qualifier="314", first=LATER, last=EARLIER),)),
        make_claim(periods=(Period(qualifier="314", first=EARLIER, last=LATER),)),
    ),
    "care-order": (make_claim(dates=(("090", LATER), ("091", EARLIER))), make_claim(dates=(("090", EARLIER), ("091", LATER)))),
    "line-date-order": (a_line(dates=(("471", LATER),)), a_line(dates=(("471", EARLIER),))),
    "service-old": (a_line(service_from=date(2016, 11, 2)), a_line(service_from=date(2025, 11, 2))),
    "service-long": (
        a_line(service_from=date(2024, 11, 2), service_through=date(2026, 11, 2)),
        a_line(service_from=date(2026, 10, 2), service_through=SERVED),
    ),
    # diagnosis
    "external-cause-principal": (diagnosed("W19XXXA"), diagnosed("S72001A", "W19XXXA")),
    "external-cause-pointer": (
        diagnosed("S72001A", "W19XXXA", lines=(make_line(diagnosis_pointers=(2,)),)),
        diagnosed("S72001A", "W19XXXA", lines=(make_line(diagnosis_pointers=(1, 2)),)),
    ),
    "pregnancy-diagnosis-gender": (diagnosed("O80", subscriber=make_subscriber(gender="M")), diagnosed("O80")),
    "birth-diagnosis-age": (
        diagnosed("Z3800"),
        diagnosed("Z3800", relationship="19", patient=msgspec.structs.replace(CHILD, birth_date=date(2026, 11, 1))),
    ),
    "present-on-admission-unneeded": (
        make_claim(diagnoses=(Diagnosis("ABK", "J069", "Y"),)),
        make_claim(diagnoses=(Diagnosis("ABK", "J069"),)),
    ),
    # what codes ask for
    "anesthesia-unit": (an_anesthesia(unit="UN"), an_anesthesia()),
    "minutes-without-anesthesia": (a_line(procedure="97110", unit="MJ"), an_anesthesia()),
    "minutes-count": (an_anesthesia(quantity=Decimal(9000)), an_anesthesia(quantity=Decimal(90))),
    "anesthesia-modifier-missing": (an_anesthesia(modifiers=()), an_anesthesia()),
    "unit-unknown": (a_line(unit="F2"), a_line(unit="UN")),
    "unlisted-description": (a_line(procedure="J3490"), a_line(procedure="J3490", description="INVENTED DRUG")),
    "drug-code-format": (a_drug("0409-1234-01"), a_drug()),
    "drug-quantity": (a_drug(quantity=None), a_drug()),
    "clia-format": (referenced("X4", "99D12345"), referenced("X4", "99D1234567")),
    "mammography-number-format": (referenced("EW", "12AB"), referenced("EW", "123456")),
    "ambulance-transport-missing": (a_trip(), a_trip(ambulance=AmbulanceTransport(reason="A"))),
    "ambulance-places-missing": (a_trip("PW"), a_trip("PW", "45")),
    "attachment-number-missing": (
        make_claim(attachments=(Attachment(report="OZ", transmission="FX"),)),
        make_claim(attachments=(Attachment(report="OZ", transmission="AA"),)),
    ),
    "performance-charge": (a_line(procedure="2000F"), a_line(procedure="2000F", charge_cents=1)),
    # modifiers
    "modifiers-components": (modified("26", "TC"), modified("26")),
    "modifiers-sides": (modified("LT", "RT"), modified("LT", "59")),
    "modifiers-repeats": (modified("76", "77"), modified("76")),
    "modifiers-postoperative": (modified("78", "79"), modified("79")),
    "modifiers-therapy": (modified("GO", "GP"), modified("GP")),
    "modifiers-equipment": (modified("NU", "RR"), modified("RR")),
    "modifiers-liability": (modified("GA", "GZ"), modified("GA")),
    "modifiers-anesthesia": (modified("AA", "QZ"), modified("AA", "QS")),
    "modifiers-assistants": (modified("80", "82"), modified("80")),
    "modifiers-surgeons": (modified("62", "66"), modified("62")),
    "modifiers-cut-short": (modified("52", "53"), modified("52")),
    "modifiers-distinct": (modified("59", "XS"), modified("XS")),
    "modifiers-discarded-drug": (modified("JW", "JZ"), modified("JZ")),
    "modifiers-telehealth": (modified("93", "95"), modified("95")),
    "telehealth-place": (modified("95"), modified("95", place_of_service="10")),
    "modifier-bilateral-units": (modified("50", quantity=Decimal(2)), modified("50")),
    "modifier-unusual-reason": (modified("22"), modified("22", note="INVENTED REASON")),
    "modifier-placeholder": (modified("00"), modified("25")),
    "clia-missing": (modified("QW"), modified("QW", references=(Reference("X4", "99D1234567"),))),
    "ambulance-modifier-missing": (a_trip(modifiers=()), a_trip()),
    # money
    "charge-limit": (a_line(charge_cents=10_000_000_000), a_line(charge_cents=9_999_999_999)),
    "charge-unusual": (a_line(charge_cents=25_000_001), a_line(charge_cents=25_000_000)),
    "patient-paid-over-charge": (make_claim(patient_paid_cents=12001), make_claim(patient_paid_cents=12000)),
    "amount-negative": (make_claim(patient_paid_cents=-1), make_claim(patient_paid_cents=0)),
    "included-amount": (a_line(amounts=(("T", 12001),)), a_line(amounts=(("T", 900),))),
    "quantity-precision": (a_line(quantity=Decimal("1.3333")), a_line(quantity=Decimal("1.3330"))),
    "quantity-unusual": (a_line(quantity=Decimal(10000)), a_line(quantity=Decimal(9999))),
    # providers
    "npi-first-digit": (a_billing(id="3999999980"), a_billing(id=GOOD_NPI)),
    "provider-name-missing": (
        make_claim(providers=(make_provider(last_name=""),)),
        make_claim(providers=(make_provider(), Party(role="45", address=STREET))),
    ),
    "provider-first-name-missing": (
        make_claim(providers=(make_provider(first_name=""),)),
        make_claim(providers=(make_provider(is_person=False, first_name=""),)),
    ),
    "provider-placeholder": (
        make_claim(providers=(make_provider(), make_provider(role="DN", last_name="SELF"))),
        make_claim(providers=(make_provider(), make_provider(role="DN"))),
    ),
    "provider-not-person": (
        make_claim(providers=(make_provider(), make_provider(role="DN", is_person=False))),
        make_claim(providers=(make_provider(is_person=False),)),
    ),
    "provider-role-twice": (
        make_claim(providers=(make_provider(), make_provider())),
        make_claim(providers=(make_provider(), make_provider(role="DQ"))),
    ),
    "npi-two-kinds": (make_claim(providers=(make_provider(id=GOOD_NPI),)), make_claim(providers=(make_provider(),))),
    "npi-two-persons": (
        make_claim(providers=(make_provider(), make_provider(role="DN", last_name="FICTIVE"))),
        make_claim(providers=(make_provider(), make_provider(role="DN", last_name="FICTIVE", id="1999999943"))),
    ),
    "tax-id-placeholder": (a_billing(references=(Reference("EI", "999999999"),)), a_billing()),
    "tax-id-twice": (
        a_billing(references=(Reference("EI", "990000001"), Reference("SY", "219099999"))),
        a_billing(references=(Reference("EI", "990000001"), Reference("0B", "L1"))),
    ),
    "tax-id-kind": (
        a_billing(references=(Reference("SY", "219099999"),)),
        a_billing(is_person=True, references=(Reference("SY", "219099999"),)),
    ),
    "contact-number-format": (
        a_billing(contacts=(Contact(numbers=(("TE", "555-0101"),)),)),
        a_billing(contacts=(Contact(numbers=(("TE", "5550100101"), ("EM", "testa@sample.example"))),)),
    ),
    "pay-to-same": (
        make_claim(pay_to=Party(role="87", address=make_billing_provider().address)),
        make_claim(pay_to=Party(role="87", address=STREET)),
    ),
    "pay-to-address-missing": (make_claim(pay_to=Party(role="87")), make_claim(pay_to=Party(role="87", address=STREET))),
    "facility-address-missing": (a_facility(address=None), a_facility()),
    "facility-same": (a_facility(id=GOOD_NPI, address=make_billing_provider().address), a_facility()),
    "facility-missing": (
        make_claim(place_of_service="22"),
        make_claim(place_of_service="22", providers=(make_provider(), FACILITY)),
    ),
    "ordering-provider-missing": (
        make_claim(place_of_service="81"),
        make_claim(place_of_service="81", providers=(make_provider(), make_provider(role="DN"))),
    ),
    # duplicates
    "line-repeated": (
        make_claim(lines=(make_line(), make_line(control_number="L2"))),
        make_claim(lines=(make_line(), make_line(control_number="L2", modifiers=("76",)))),
    ),
    "reference-repeated": (referenced("G1", "A1001", "A1001"), referenced("G1", "A1001", "A1002")),
    "date-repeated": (
        make_claim(dates=(("431", EARLIER), ("431", SERVED))),
        make_claim(dates=(("431", EARLIER), ("454", SERVED))),
    ),
}
"""Edits that look at the payer's profile have their tests beside these."""

assert RENDERING_NPI != GOOD_NPI
