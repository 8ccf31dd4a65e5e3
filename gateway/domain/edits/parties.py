"""Edits on who is named in a claim: providers, patient and payer."""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from edi.claims import Address, Claim
from edi.values import is_valid_npi
from gateway.domain.claim_places import (
    RENDERING,
    find_first_service,
    locate_provider,
    patient_of,
    people_of,
    providers_of,
)
from gateway.domain.edits.terms import PROFESSIONAL, Breach, Edit, EditContext
from gateway.domain.postal_regions import UNITED_STATES

AGE_MAX = 125
"""Years; nobody is known to have been older."""

TAXONOMY = re.compile(r"[0-9A-Z]{10}")
TAX_ID = re.compile(r"[0-9]{9}")
PO_BOX = re.compile(r"\b(P\W*O\W*BOX|POST\W+OFFICE\W+BOX|LOCK\W*BOX)\b", re.IGNORECASE)
ZIP = re.compile(r"[0-9]{5}(-?[0-9]{4})?")
ZIP_9 = re.compile(r"[0-9]{9}")
GENDERS = frozenset("FMU")
SELF = "18"
RELATIONSHIPS = frozenset({"01", "19", "20", "21", "39", "40", "53", "G8"})
"""PAT01 of 005010X222A1: how a patient who is not the subscriber is related to it."""

NAMED_BY_NPI = {RENDERING: "rendering", "DN": "referring"}


@lru_cache(maxsize=4096)
def _is_npi(text: str) -> bool:
    """As is_valid_npi; the same few numbers come on claim after claim."""
    return is_valid_npi(text)


def _check_npi(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        if party.id_qualifier == "XX" and not _is_npi(party.id):
            path, loop, line = locate_provider(claim, number)
            yield Breach(
                "The NPI is not ten digits with a check digit that holds.",
                "Compare it with the NPI registry; one digit is usually wrong or two are exchanged.",
                f"{path}.id ({loop} NM109)",
                line,
            )


def _check_billing_npi(claim: Claim, context: EditContext) -> Iterator[Breach]:
    party = claim.billing_provider
    is_atypical = any(reference.qualifier in {"G2", "LU"} for reference in party.references)
    if not (party.id_qualifier == "XX" and party.id) and not is_atypical:
        yield Breach(
            "The billing provider has no NPI.",
            "Give its NPI; a provider that cannot have one needs the payer's own number for it (REF*G2).",
            "billing_provider.id (2010AA NM109)",
        )


def _check_provider_npi(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        role = NAMED_BY_NPI.get(party.role)
        if role and not party.id and not party.references:
            path, loop, line = locate_provider(claim, number)
            yield Breach(f"The {role} provider has no NPI.", "Give its NPI.", f"{path}.id ({loop} NM109)", line)


def _check_rendering(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.billing_provider.is_person:
        return
    if not any(party.role == RENDERING for party in providers_of(claim)):
        yield Breach(
            "An organisation bills and nobody is named who rendered the service.",
            "Name the rendering provider, unless the organisation itself renders (laboratory, ambulance, supplier).",
            "providers (2310B)",
        )


def _check_taxonomy(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        if party.taxonomy and not TAXONOMY.fullmatch(party.taxonomy):
            path, loop, line = locate_provider(claim, number)
            yield Breach(
                "The taxonomy code is not ten capital letters and digits.",
                "Take it from the provider's entry in the NPI registry, or leave it out.",
                f"{path}.taxonomy ({loop} PRV03)",
                line,
            )


def _check_taxonomy_ending(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        if party.taxonomy and not party.taxonomy.endswith("X") and TAXONOMY.fullmatch(party.taxonomy):
            path, loop, line = locate_provider(claim, number)
            yield Breach(
                "The taxonomy code does not end in X, as those of the public list do.",
                "Compare it with the provider's entry in the NPI registry.",
                f"{path}.taxonomy ({loop} PRV03)",
                line,
            )


def _check_tax_id_present(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if not any(reference.qualifier in {"EI", "SY"} for reference in claim.billing_provider.references):
        yield Breach(
            "The billing provider has no tax number.",
            "Give its employer number (REF*EI) or social security number (REF*SY).",
            "billing_provider.references (2010AA REF*EI)",
        )


def _check_tax_id_format(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, reference in enumerate(claim.billing_provider.references):
        if reference.qualifier in {"EI", "SY"} and not TAX_ID.fullmatch(reference.value):
            yield Breach(
                "The tax number is not nine digits.",
                "Write nine digits without hyphens.",
                f"billing_provider.references[{i}].value (2010AA REF*{reference.qualifier})",
            )


def _check_billing_address(claim: Claim, context: EditContext) -> Iterator[Breach]:
    address = claim.billing_provider.address
    if address is None or not (address.line1 and address.city):
        yield Breach(
            "The billing provider has no full address.",
            "Give street, city, state and ZIP of the place it practises in.",
            "billing_provider.address (2010AA N3)",
        )


def _check_po_box(claim: Claim, context: EditContext) -> Iterator[Breach]:
    address = claim.billing_provider.address
    if address is not None and (PO_BOX.search(address.line1) or PO_BOX.search(address.line2)):
        yield Breach(
            "The billing provider's address is a post office box.",
            "Give a street address here, and the box as the pay-to address (2010AB).",
            "billing_provider.address.line1 (2010AA N301)",
        )


def _check_billing_zip(claim: Claim, context: EditContext) -> Iterator[Breach]:
    address = claim.billing_provider.address
    if address is not None and address.country in UNITED_STATES and not ZIP_9.fullmatch(address.postal_code):
        yield Breach(
            "The billing provider's ZIP code is not nine digits.",
            "Give ZIP+4 without a hyphen.",
            "billing_provider.address.postal_code (2010AA N403)",
        )


def _is_wrong_zip(address: Address | None) -> bool:
    return address is not None and address.country in UNITED_STATES and not ZIP.fullmatch(address.postal_code)


def _check_other_zips(claim: Claim, context: EditContext) -> Iterator[Breach]:
    wrong = [(path, loop) for path, loop, party in people_of(claim) if _is_wrong_zip(party.address)]
    if _is_wrong_zip(claim.payer.address):
        wrong.append(("payer", "2010BB"))
    for number, party in enumerate(providers_of(claim)):
        if number and _is_wrong_zip(party.address):
            path, loop, _ = locate_provider(claim, number)
            wrong.append((path, loop))
    for path, loop in wrong:
        yield Breach(
            "The ZIP code is not five or nine digits.",
            "Correct it, or give the country where the address is abroad.",
            f"{path}.address.postal_code ({loop} N403)",
        )


def _check_member_id(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.subscriber.is_person and not claim.subscriber.id:
        yield Breach(
            "The member id is missing.",
            "Copy it from the insurance card or from an eligibility answer.",
            "subscriber.id (2010BA NM109)",
        )


def _check_member_id_pattern(claim: Claim, context: EditContext) -> Iterator[Breach]:
    payer = context.payer
    if payer is not None and claim.subscriber.id and not payer.accepts_member_id(claim.subscriber.id):
        shape = f", such as {payer.member_id_example}" if payer.member_id_example else ""
        yield Breach(
            f"The member id does not have the form that {payer.name} gives its members{shape}.",
            "Compare it with the card, letters and suffix included; check that this is the right payer.",
            "subscriber.id (2010BA NM109)",
        )


def _check_names(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, loop, party in people_of(claim):
        if not party.last_name.strip():
            yield Breach(f"The {path} has no last name.", "Give the name as on the card.", f"{path}.last_name ({loop} NM103)")


def _check_birth_date(claim: Claim, context: EditContext) -> Iterator[Breach]:
    path, loop, patient = patient_of(claim)
    if patient.birth_date is None:
        yield Breach("The patient's birth date is missing.", "Give it.", f"{path}.birth_date ({loop} DMG02)")


def _check_birth_date_order(claim: Claim, context: EditContext) -> Iterator[Breach]:
    path, loop, patient = patient_of(claim)
    if patient.birth_date is None:
        return
    field = f"{path}.birth_date ({loop} DMG02)"
    first_service = find_first_service(claim) or date.max
    if patient.birth_date.year < context.today.year - AGE_MAX:
        yield Breach(f"The patient's birth date lies more than {AGE_MAX} years back.", "Correct it.", field)
    elif patient.birth_date > context.today:
        yield Breach("The patient's birth date lies in the future.", "Correct it; the century is often wrong.", field)
    elif patient.birth_date > first_service:
        yield Breach("The patient's birth date is after the first service.", "Correct the birth date or the service date.", field)


def _check_gender(claim: Claim, context: EditContext) -> Iterator[Breach]:
    path, loop, patient = patient_of(claim)
    if patient.gender not in GENDERS:
        yield Breach("The patient's gender is not F, M or U.", "Give F, M or U.", f"{path}.gender ({loop} DMG03)")


def _check_relationship(claim: Claim, context: EditContext) -> Iterator[Breach]:
    field = "relationship (2000C PAT01)"
    if claim.relationship not in RELATIONSHIPS | {SELF}:
        yield Breach(
            "The relationship of patient to subscriber is missing or is not a code of the 837P.",
            "Use 18 self, 01 spouse, 19 child, 20 employee, 21 unknown, 39, 40, 53 or G8.",
            field,
        )
    elif claim.relationship == SELF and claim.patient is not None:
        yield Breach(
            "A patient is named, and yet the subscriber is said to be the patient (relationship 18).",
            "Give the patient's relationship to the subscriber, or leave the patient out.",
            field,
        )
    elif claim.relationship != SELF and claim.patient is None:
        yield Breach(
            "The patient is not the subscriber, and yet no patient is named.",
            "Name the patient, or say relationship 18 where the subscriber is the patient.",
            field,
        )


def _check_payer_known(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if context.payer is None:
        yield Breach(
            "No profile names this claim's payer, so nobody carries it there.",
            "Correct the payer id, or add the id to the payer's profile.",
            "payer.id (2010BB NM109)",
        )


def _check_other_payers(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.coverage.responsibility in {"S", "T"} and not claim.other_payers:
        yield Breach(
            "The payer is to pay after another one, and no other payer is named.",
            "Add the earlier payer with what it decided, or bill this payer as primary.",
            "other_payers (2320 SBR)",
        )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="npi-check-digit",
        group="providers",
        severity="hold",
        what="Every NPI has ten digits and a check digit that holds.",
        why="Clearinghouses refuse a number that cannot exist before any payer sees the claim.",
        fix="Compare the NPI with the registry: one digit is usually wrong, or two are exchanged.",
        example="A rendering provider with NPI 1999999985, whose check digit should be 4.",
        find_breaches=_check_npi,
    ),
    Edit(
        id="billing-npi-missing",
        group="providers",
        severity="hold",
        what="The billing provider has an NPI, or the payer's own number where it cannot have one.",
        why="The payer knows whom to pay by it.",
        fix="Give the billing provider's NPI, or the payer's own number (REF*G2) where it cannot have one.",
        example="A billing provider with NM108 and NM109 empty.",
        find_breaches=_check_billing_npi,
    ),
    Edit(
        id="provider-npi-missing",
        group="providers",
        severity="hold",
        what="Whoever is named as rendering or referring has an NPI.",
        why="A name alone identifies nobody to the payer.",
        fix="Give the NPI of whoever is named.",
        example="A referring provider with a name and no number.",
        find_breaches=_check_provider_npi,
    ),
    Edit(
        id="rendering-provider-missing",
        group="providers",
        severity="warn",
        what="An organisation that bills names who rendered the service.",
        why="Most payers refuse a group's claim without it; laboratories and suppliers render themselves.",
        fix="Name the rendering provider, unless the organisation itself renders.",
        example="A group practice bills an office visit and no 2310B names who saw the patient.",
        guides=PROFESSIONAL,
        find_breaches=_check_rendering,
    ),
    Edit(
        id="taxonomy-format",
        group="providers",
        severity="hold",
        what="A taxonomy code has ten characters, capital letters and digits.",
        why="A code of another form is refused by the guide's own rules.",
        fix="Take the code from the provider's entry in the NPI registry, or leave it out.",
        example="Taxonomy 207Q0000X, nine characters.",
        find_breaches=_check_taxonomy,
    ),
    Edit(
        id="taxonomy-ending",
        group="providers",
        severity="warn",
        what="A taxonomy code ends in X.",
        why="Every code of the public list does; a payer that looks the code up rejects one that it does not find.",
        fix="Compare the code with the provider's entry in the NPI registry.",
        example="Taxonomy 207Q00000Y.",
        find_breaches=_check_taxonomy_ending,
    ),
    Edit(
        id="tax-id-missing",
        group="providers",
        severity="hold",
        what="The billing provider has a tax number.",
        why="The guide requires it (2010AA REF*EI or SY), and the payer reports payments under it.",
        fix="Give the employer number (REF*EI) or social security number (REF*SY).",
        example="A billing provider whose only reference is a licence.",
        find_breaches=_check_tax_id_present,
    ),
    Edit(
        id="tax-id-format",
        group="providers",
        severity="hold",
        what="A tax number is nine digits.",
        why="Payers compare it digit by digit with their enrolment.",
        fix="Write nine digits without hyphens.",
        example="REF*EI with 99-0000001.",
        find_breaches=_check_tax_id_format,
    ),
    Edit(
        id="billing-address-missing",
        group="providers",
        severity="hold",
        what="The billing provider has street and city.",
        why="The guide requires them.",
        fix="Give street, city, state and ZIP of the place it practises in.",
        example="A billing provider with a city and no street.",
        find_breaches=_check_billing_address,
    ),
    Edit(
        id="billing-address-po-box",
        group="providers",
        severity="hold",
        what="The billing provider's address is a street address.",
        why="The guide bars post office boxes there since 5010; a box belongs in the pay-to address.",
        fix="Give a street address here, and the box as the pay-to address (2010AB).",
        example="A billing provider at PO BOX 100.",
        find_breaches=_check_po_box,
    ),
    Edit(
        id="billing-zip-format",
        group="providers",
        severity="hold",
        what="The billing provider's ZIP code has nine digits.",
        why="The guide requires ZIP+4 there; payers price by it.",
        fix="Give ZIP+4 without a hyphen.",
        example="A billing provider with ZIP 43001.",
        find_breaches=_check_billing_zip,
    ),
    Edit(
        id="zip-format",
        group="identity",
        severity="warn",
        what="Other ZIP codes have five or nine digits.",
        why="Some payers compare the patient's address, most do not.",
        fix="Correct the ZIP code, or give the country where the address is abroad.",
        example="A subscriber with ZIP 4300.",
        find_breaches=_check_other_zips,
    ),
    Edit(
        id="member-id-missing",
        group="identity",
        severity="hold",
        what="A subscriber who is a person has a member id; an employer (workers' compensation) may have none.",
        why="The payer finds the subscriber by it.",
        fix="Copy the id from the insurance card or from an eligibility answer.",
        example="A subscriber with a name and an empty 2010BA NM109.",
        find_breaches=_check_member_id,
    ),
    Edit(
        id="member-id-pattern",
        group="identity",
        severity="hold",
        what="The member id has the form that the payer's profile states.",
        why="A mistyped id or a wrong payer is found here rather than in a rejection days later.",
        fix="Compare the id with the card, letters and suffix included, and check that this is the right payer.",
        example="Member id 12345 where the profile asks for three letters and nine digits.",
        find_breaches=_check_member_id_pattern,
    ),
    Edit(
        id="name-missing",
        group="identity",
        severity="hold",
        what="Subscriber and patient have a last name.",
        why="The guide requires it, and the payer compares it with its members.",
        fix="Give the name as on the card.",
        example="A patient with an empty NM103.",
        find_breaches=_check_names,
    ),
    Edit(
        id="birth-date-missing",
        group="identity",
        severity="hold",
        what="The patient has a birth date.",
        why="The guide requires it of the patient.",
        fix="Give the patient's birth date.",
        example="A patient whose DMG02 is empty.",
        find_breaches=_check_birth_date,
    ),
    Edit(
        id="birth-date-order",
        group="identity",
        severity="hold",
        what="The patient was born before today and before the service.",
        why="Nobody is treated before birth: one of the two dates is wrong.",
        fix="Correct the birth date or the service date; the century is often wrong.",
        example="A patient born on 3 November and treated on 2 November of the same year.",
        find_breaches=_check_birth_date_order,
    ),
    Edit(
        id="gender-format",
        group="identity",
        severity="hold",
        what="The patient's gender is F, M or U.",
        why="The guide requires one of them of the patient.",
        fix="Give F, M or U.",
        example="Gender X in DMG03.",
        find_breaches=_check_gender,
    ),
    Edit(
        id="patient-relationship",
        group="identity",
        severity="hold",
        what="A patient is named exactly where the subscriber is not the patient, with a relationship of the guide.",
        why="Otherwise the claim is filed under the wrong person.",
        fix="Give the patient's relationship to the subscriber, or leave the patient out.",
        example="Relationship 18 (self) and a child in 2010CA.",
        find_breaches=_check_relationship,
    ),
    Edit(
        id="payer-unknown",
        group="coverage",
        severity="hold",
        what="A profile names the claim's payer.",
        why="Without one there is no partner to send the claim to.",
        fix="Correct the payer id, or add the id to the payer's profile.",
        example="Payer id ZZ404 that no profile lists.",
        find_breaches=_check_payer_known,
    ),
    Edit(
        id="earlier-payer-missing",
        group="cob",
        severity="hold",
        what="A claim to a secondary or tertiary payer names the earlier payer.",
        why="That payer decides on what the earlier one left.",
        fix="Add the earlier payer with what it decided, or bill this payer as primary.",
        example="SBR01 is S and the claim has no 2320.",
        find_breaches=_check_other_payers,
    ),
)
"""The edits on parties."""
