"""Edits on who is named and under which numbers: names, ids, ages."""

import re
from collections.abc import Iterator

from edi.claims import Claim
from gateway.domain.claim_places import find_last_service, patient_of, people_of, providers_of
from gateway.domain.claim_places import locate_provider as locate
from gateway.domain.edits.terms import Breach, Edit, EditContext

SPOUSE, CHILD = "01", "19"
PLACEHOLDER_NAMES = frozenset(
    {"UNKNOWN", "UNK", "NONE", "TEST", "TESTING", "TEST PATIENT", "PATIENT", "NO NAME", "NOT GIVEN", "XXX", "N/A", "TBD"}
)
PLACEHOLDER_IDS = frozenset({"UNKNOWN", "UNK", "NONE", "PENDING", "TEST", "NA", "N/A", "TBD", "SELFPAY", "NOTONFILE"})
PLACEHOLDER_REFERENCES = PLACEHOLDER_IDS | {"NOTREQUIRED", "NOAUTH", "0"}
SUFFIXED = re.compile(r".+[ ,](JR|SR|II|III|IV)\.?", re.IGNORECASE)
TITLED = re.compile(r"(MR|MRS|MS|DR)\.? .+|.+[ ,](MD|DO|DDS|DMD|DPM|PHD|NP|PA-C)\.?", re.IGNORECASE)
DIGIT = re.compile(r"[0-9]")
LETTER = re.compile(r"[^\W\d_]")
ODD_IN_ID = re.compile(r"[^0-9A-Za-z-]")
SOCIAL_SECURITY = re.compile(r"(?!000|666|9)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}")


def _check_first_names(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, loop, party in people_of(claim):
        if party.is_person and party.last_name.strip() and not party.first_name.strip():
            yield Breach(
                f"The {path} has no first name.",
                "Give the name as on the card; a person with one name only is sent with that as last name.",
                f"{path}.first_name ({loop} NM104)",
            )


def _check_placeholder_names(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, loop, party in people_of(claim):
        if PLACEHOLDER_NAMES.intersection((party.last_name.strip().upper(), party.first_name.strip().upper())):
            yield Breach(f"The {path} has a placeholder for a name.", "Give the name as on the card.", f"{path} ({loop} NM103)")


def _check_name_letters(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, loop, party in people_of(claim):
        for field, element, name in (("last_name", "NM103", party.last_name), ("first_name", "NM104", party.first_name)):
            if name.strip() and not LETTER.search(name):
                message = f"A name of the {path} has no letter in it."
                yield Breach(message, "Give the name as on the card.", f"{path}.{field} ({loop} {element})")


def _check_name_digits(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, loop, party in people_of(claim):
        name = f"{party.last_name} {party.first_name}"
        if party.is_person and DIGIT.search(name) and LETTER.search(name):
            yield Breach(f"The name of the {path} has a digit in it.", "Give the name as on the card.", f"{path} ({loop} NM103)")


def _check_name_suffix(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, loop, party in people_of(claim):
        if party.is_person and not party.suffix and SUFFIXED.fullmatch(party.last_name):
            yield Breach(
                f"The last name of the {path} ends in a generation.",
                "Put JR, SR or the number in the suffix (NM107).",
                f"{path}.last_name ({loop} NM103)",
            )


def _check_name_title(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, loop, party in people_of(claim):
        if party.is_person and (TITLED.fullmatch(party.last_name) or TITLED.fullmatch(party.first_name)):
            message = f"The name of the {path} has a title or degree in it."
            yield Breach(message, "Leave titles and degrees out.", f"{path}.last_name ({loop} NM103)")


def _check_provider_title(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        if party.is_person and (TITLED.fullmatch(party.last_name) or TITLED.fullmatch(party.first_name)):
            path, loop, line = locate(claim, number)
            message = "The name of a provider has a title or degree in it."
            yield Breach(message, "Leave titles and degrees out.", f"{path}.last_name ({loop} NM103)", line)


def _check_placeholder_id(claim: Claim, context: EditContext) -> Iterator[Breach]:
    bare = claim.subscriber.id.replace(" ", "").replace("-", "").upper()
    if bare in PLACEHOLDER_IDS or (len(bare) > 4 and len(set(bare)) == 1):
        yield Breach(
            "The member id is a placeholder.",
            "Copy the id from the insurance card or from an eligibility answer.",
            "subscriber.id (2010BA NM109)",
        )


def _check_id_characters(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if ODD_IN_ID.search(claim.subscriber.id) and not (context.payer and context.payer.member_id_pattern):
        yield Breach(
            "The member id has a blank or a sign in it.",
            "Give letters and digits as the payer stores them, without blanks and dots.",
            "subscriber.id (2010BA NM109)",
        )


def _check_social_security(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, loop, party in people_of(claim):
        for i, reference in enumerate(party.references):
            if reference.qualifier == "SY" and not SOCIAL_SECURITY.fullmatch(reference.value):
                yield Breach(
                    f"The social security number of the {path} is not one that can exist.",
                    "Give nine digits without hyphens, or leave the number out.",
                    f"{path}.references[{i}].value ({loop} REF*SY)",
                )


def _check_id_is_social_security(claim: Claim, context: EditContext) -> Iterator[Breach]:
    member_id = claim.subscriber.id
    if member_id and any(one.qualifier == "SY" and one.value == member_id for one in claim.subscriber.references):
        yield Breach(
            "The member id is the subscriber's social security number.",
            "Give the id that the card shows; payers no longer use the social security number.",
            "subscriber.id (2010BA NM109)",
        )


def _check_patient_is_subscriber(claim: Claim, context: EditContext) -> Iterator[Breach]:
    patient, subscriber = claim.patient, claim.subscriber
    if patient is None or patient.birth_date is None or patient.birth_date != subscriber.birth_date:
        return
    if (patient.last_name.upper(), patient.first_name.upper()) == (subscriber.last_name.upper(), subscriber.first_name.upper()):
        yield Breach(
            "Patient and subscriber have the same name and birth date.",
            "Say relationship 18 and leave the patient out if they are one person.",
            "patient (2010CA NM1)",
        )


def _check_patient_person(claim: Claim, context: EditContext) -> Iterator[Breach]:
    path, loop, patient = patient_of(claim)
    if not patient.is_person:
        message = "The patient is entered as an organisation."
        yield Breach(message, "Enter the patient as a person (NM102 1).", f"{path}.is_person ({loop} NM102)")


def _check_child_age(claim: Claim, context: EditContext) -> Iterator[Breach]:
    patient, parent = claim.patient, claim.subscriber
    if claim.relationship != CHILD or patient is None or patient.birth_date is None or parent.birth_date is None:
        return
    if patient.birth_date <= parent.birth_date:
        yield Breach(
            "The patient is the subscriber's child and not younger.",
            "Correct the relationship or one of the birth dates.",
            "patient.birth_date (2010CA DMG02)",
        )


def _check_spouse_age(claim: Claim, context: EditContext) -> Iterator[Breach]:
    patient = claim.patient
    if claim.relationship == SPOUSE and patient and patient.birth_date and context.today.year - patient.birth_date.year < 14:
        yield Breach(
            "The patient is the subscriber's spouse and younger than fourteen.",
            "Correct the relationship or the birth date.",
            "relationship (2000C PAT01)",
        )


def _check_death_date(claim: Claim, context: EditContext) -> Iterator[Breach]:
    path, loop, patient = patient_of(claim)
    died = patient.death_date
    if died is not None and (died > context.today or (patient.birth_date is not None and died < patient.birth_date)):
        yield Breach("The day of death lies ahead or before birth.", "Correct it.", f"{path}.death_date ({loop} PAT06)")


def _check_service_after_death(claim: Claim, context: EditContext) -> Iterator[Breach]:
    path, loop, patient = patient_of(claim)
    if patient.death_date is None:
        return
    last = find_last_service(claim)
    if last is not None and last > patient.death_date:
        message = "A service is dated after the day of death."
        yield Breach(message, "Correct one of the two dates.", f"{path}.death_date ({loop} PAT06)")


def _check_pregnancy(claim: Claim, context: EditContext) -> Iterator[Breach]:
    path, loop, patient = patient_of(claim)
    if patient.pregnancy and patient.gender == "M":
        message = "A male patient is marked as pregnant."
        yield Breach(message, "Correct the gender or the mark.", f"{path}.pregnancy ({loop} PAT09)")


def _check_placeholder_references(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, reference in enumerate(claim.references):
        bare = reference.value.replace(" ", "").replace("-", "").upper()
        if reference.qualifier in {"G1", "9F", "F8", "X4"} and (bare in PLACEHOLDER_REFERENCES or not bare.strip("0")):
            yield Breach(
                f"The claim's reference {reference.qualifier} is a placeholder.",
                "Give the number, or leave the reference out.",
                f"references[{i}].value (2300 REF*{reference.qualifier})",
            )


def _check_group_is_member(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.coverage.group_number and claim.coverage.group_number == claim.subscriber.id:
        yield Breach(
            "Group number and member id are the same.",
            "Copy each from its place on the card.",
            "coverage.group_number (2000B SBR03)",
        )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="first-name-missing",
        group="identity",
        severity="warn",
        what="Subscriber and patient have a first name, unless they have one name only.",
        why="The payer compares it with its members; the guide leaves it out for people with one name.",
        fix="Give the name as on the card; a single name stands as last name.",
        example="A patient with a last name only.",
        find_breaches=_check_first_names,
    ),
    Edit(
        id="name-placeholder",
        group="identity",
        severity="warn",
        what="Subscriber and patient have real names, no placeholders.",
        why="The payer finds no member called UNKNOWN.",
        fix="Give the name as on the card.",
        example="A patient whose first name is UNKNOWN.",
        find_breaches=_check_placeholder_names,
    ),
    Edit(
        id="name-letters",
        group="identity",
        severity="hold",
        what="The names of subscriber and patient have letters in them.",
        why="A name of digits or signs alone is nobody's.",
        fix="Give the name as on the card.",
        example="A last name that is a full stop.",
        find_breaches=_check_name_letters,
    ),
    Edit(
        id="name-digits",
        group="identity",
        severity="warn",
        what="The names of people have no digits.",
        why="A digit is mostly a slip, and the payer compares names letter by letter.",
        fix="Give the name as on the card.",
        example="Last name SAMP1E.",
        find_breaches=_check_name_digits,
    ),
    Edit(
        id="name-suffix",
        group="identity",
        severity="warn",
        what="A generation (JR, SR, III) stands in the suffix, not in the last name.",
        why="Payers store the two apart and do not find the member otherwise.",
        fix="Put it in the suffix (NM107).",
        example="Last name SAMPLE JR with an empty suffix.",
        find_breaches=_check_name_suffix,
    ),
    Edit(
        id="name-title",
        group="identity",
        severity="warn",
        what="The names of subscriber and patient have no titles or degrees.",
        why="The payer compares the name with its members, who are stored without them.",
        fix="Leave titles and degrees out.",
        example="First name MRS TESTA.",
        find_breaches=_check_name_title,
    ),
    Edit(
        id="provider-name-title",
        group="providers",
        severity="warn",
        what="The names of providers have no titles or degrees.",
        why="Payers compare the name with their enrolment and with the NPI registry.",
        fix="Leave titles and degrees out.",
        example="Last name SAMPLE MD.",
        find_breaches=_check_provider_title,
    ),
    Edit(
        id="member-id-placeholder",
        group="identity",
        severity="hold",
        what="The member id is an id, no placeholder.",
        why="No payer has a member under it.",
        fix="Copy the id from the insurance card or from an eligibility answer.",
        example="Member id 999999999, or PENDING.",
        find_breaches=_check_placeholder_id,
    ),
    Edit(
        id="member-id-characters",
        group="identity",
        severity="warn",
        what="A member id is letters, digits and hyphens, where the profile gives no form.",
        why="Cards print blanks that payers do not store.",
        fix="Leave blanks and other signs out.",
        example="Member id XQB 000 000 017.",
        find_breaches=_check_id_characters,
    ),
    Edit(
        id="social-security-number-format",
        group="identity",
        severity="hold",
        what="A social security number given for subscriber or patient is nine digits that can be one.",
        why="The guide takes nine digits without signs; numbers that begin with 000, 666 or 9 were never given out.",
        fix="Give nine digits without hyphens, or leave the number out.",
        example="REF*SY with 000-12-3456.",
        find_breaches=_check_social_security,
    ),
    Edit(
        id="member-id-social-security",
        group="identity",
        severity="warn",
        what="The member id is not the social security number.",
        why="Payers have given other ids for years; the number is hardly ever one.",
        fix="Give the id that the card shows.",
        example="Member id and REF*SY have the same nine digits.",
        find_breaches=_check_id_is_social_security,
    ),
    Edit(
        id="patient-is-subscriber",
        group="identity",
        severity="warn",
        what="A patient who is not the subscriber differs from it in name or birth date.",
        why="The same person twice is filed under a dependent that the payer does not have.",
        fix="Say relationship 18 and leave the patient out.",
        example="Patient and subscriber with one name and one birth date, relationship 21.",
        find_breaches=_check_patient_is_subscriber,
    ),
    Edit(
        id="patient-not-person",
        group="identity",
        severity="hold",
        what="The patient is a person.",
        why="The guide takes an organisation as subscriber only where somebody else is the patient.",
        fix="Enter the patient as a person (NM102 1).",
        example="The employer is the subscriber, relationship 18.",
        find_breaches=_check_patient_person,
    ),
    Edit(
        id="child-age",
        group="identity",
        severity="warn",
        what="A child is younger than the parent.",
        why="The two have been exchanged, or one birth date is wrong.",
        fix="Correct the relationship or one of the birth dates.",
        example="Relationship 19 with a patient born twenty years before the subscriber.",
        find_breaches=_check_child_age,
    ),
    Edit(
        id="spouse-age",
        group="identity",
        severity="warn",
        what="A spouse is at least fourteen.",
        why="The relationship is mostly meant to be child.",
        fix="Correct the relationship or the birth date.",
        example="Relationship 01 with a patient of six.",
        find_breaches=_check_spouse_age,
    ),
    Edit(
        id="death-date-order",
        group="identity",
        severity="hold",
        what="A day of death lies after birth and not ahead.",
        why="One of the dates is wrong.",
        fix="Correct the day of death.",
        example="A day of death next month.",
        find_breaches=_check_death_date,
    ),
    Edit(
        id="service-after-death",
        group="dates",
        severity="warn",
        what="No service is dated after the day of death.",
        why="Payers deny it unless it can be explained.",
        fix="Correct one of the two dates.",
        example="A visit two days after the day of death.",
        find_breaches=_check_service_after_death,
    ),
    Edit(
        id="pregnancy-gender",
        group="identity",
        severity="warn",
        what="Gender and mark of pregnancy go together.",
        why="One of the two is mostly a slip.",
        fix="Correct the gender or the mark.",
        example="Gender M and PAT09 Y.",
        find_breaches=_check_pregnancy,
    ),
    Edit(
        id="reference-placeholder",
        group="identity",
        severity="warn",
        what="Authorisation, referral, claim and CLIA numbers are numbers, no placeholders.",
        why="A payer that looks the number up finds nothing and denies.",
        fix="Give the number, or leave the reference out.",
        example="REF*G1 with NONE.",
        find_breaches=_check_placeholder_references,
    ),
    Edit(
        id="group-number-is-member-id",
        group="coverage",
        severity="warn",
        what="Group number and member id differ.",
        why="One of them has been copied to the wrong place.",
        fix="Copy each from its place on the card.",
        example="SBR03 and NM109 are both XQB000000017.",
        find_breaches=_check_group_is_member,
    ),
)
"""The edits on identity."""
