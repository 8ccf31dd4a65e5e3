"""Edits on providers as they stand to each other: one number for one party, each role once, names, tax numbers, contacts."""

import re
from collections import Counter
from collections.abc import Iterator

from edi.claims import Claim, Party
from edi.values import is_valid_npi
from gateway.domain.claim_places import RENDERING, locate_provider, providers_of
from gateway.domain.edits.terms import PROFESSIONAL, Breach, Edit, EditContext

NPI_STARTS = frozenset({"1", "2"})
FACILITY = "77"
REFERRING, ORDERING = frozenset({"DN", "P3"}), "DK"
NAMELESS = frozenset({"PW", "45", "QB", FACILITY})
PEOPLE_ONLY = frozenset({"DN", "P3", "DQ", "71", "72", "ZZ"})
ONCE = frozenset({RENDERING, "DQ", FACILITY, "71", "72", "ZZ", "PW", "45"})
PLACEHOLDERS = frozenset({"SELF", "UNKNOWN", "UNK", "NONE", "N/A", "TBD", "NO PCP", "NO REFERRAL", "TEST", "XXX"})
EMPLOYER, SOCIAL_SECURITY = "EI", "SY"
TELEPHONE = re.compile(r"[2-9][0-9]{9}")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LABORATORY = "81"
AWAY = frozenset({"19", "21", "22", "23", "24", "31", "32", "51", "61"})
"""Places of service that are hardly ever a practice's own: hospitals, surgical centers, nursing homes."""


def _check_npi_start(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        if party.id_qualifier == "XX" and party.id[:1] not in NPI_STARTS and is_valid_npi(party.id):
            path, loop, line = locate_provider(claim, number)
            message = "The NPI does not begin with 1 or 2, as all do."
            yield Breach(message, "Compare it with the NPI registry.", f"{path}.id ({loop} NM109)", line)


def _check_name(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        if not party.last_name.strip() and party.role not in NAMELESS:
            path, loop, line = locate_provider(claim, number)
            yield Breach("A provider has no name.", "Give the name.", f"{path}.last_name ({loop} NM103)", line)


def _check_first_name(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        if party.is_person and party.last_name and not party.first_name.strip():
            path, loop, line = locate_provider(claim, number)
            yield Breach(
                "A provider who is a person has no first name.",
                "Give it, or enter the provider as an organisation.",
                f"{path}.first_name ({loop} NM104)",
                line,
            )


def _check_placeholder(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        if party.last_name.strip().upper() in PLACEHOLDERS:
            path, loop, line = locate_provider(claim, number)
            yield Breach(
                "A provider has a placeholder for a name.",
                "Name the provider, or leave the provider out.",
                f"{path}.last_name ({loop} NM103)",
                line,
            )


def _check_person(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        if party.role in PEOPLE_ONLY and not party.is_person:
            path, loop, line = locate_provider(claim, number)
            yield Breach(
                "An organisation is named where the guide has a person only.",
                "Name the person who referred, supervised, attended or operated.",
                f"{path}.is_person ({loop} NM102)",
                line,
            )


def _check_role_twice(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for path, loop, line, parties in _groups(claim):
        counts = Counter(party.role for party in parties)
        for role, count in counts.items():
            if count > 1 and role in ONCE:
                message = "A claim or line names two providers in one role."
                yield Breach(message, "Keep the right one; name others on their lines.", f"{path} ({loop} NM1*{role})", line)


def _groups(claim: Claim) -> Iterator[tuple[str, str, int, tuple[Party, ...]]]:
    if len(claim.providers) > 1:
        yield "providers", "2310", 0, claim.providers
    for n, line in enumerate(claim.lines):
        if len(line.providers) > 1:
            yield f"lines[{n}].providers", "2420", n + 1, line.providers


def _check_two_kinds(claim: Claim, context: EditContext) -> Iterator[Breach]:
    kinds: dict[str, bool] = {}
    for number, party in enumerate(providers_of(claim)):
        if party.id_qualifier == "XX" and party.id and kinds.setdefault(party.id, party.is_person) != party.is_person:
            path, loop, line = locate_provider(claim, number)
            yield Breach(
                "One NPI is given for a person and for an organisation.",
                "An NPI is of one kind; look both up in the NPI registry.",
                f"{path}.id ({loop} NM109)",
                line,
            )


def _check_two_names(claim: Claim, context: EditContext) -> Iterator[Breach]:
    names: dict[str, str] = {}
    for number, party in enumerate(providers_of(claim)):
        if party.id_qualifier != "XX" or not party.id or not party.last_name or not party.is_person:
            continue
        if names.setdefault(party.id, party.last_name.upper()) != party.last_name.upper():
            path, loop, line = locate_provider(claim, number)
            message = "One NPI is given for two persons."
            yield Breach(message, "Look both up in the NPI registry.", f"{path}.id ({loop} NM109)", line)


def _check_tax_placeholder(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, reference in enumerate(claim.billing_provider.references):
        is_one_digit = len(reference.value) == 9 and len(set(reference.value)) == 1
        if reference.qualifier in {EMPLOYER, SOCIAL_SECURITY} and (is_one_digit or reference.value == "123456789"):
            yield Breach(
                "The billing provider's tax number is a placeholder.",
                "Give the number.",
                f"billing_provider.references[{i}].value (2010AA REF*{reference.qualifier})",
            )


def _check_tax_twice(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if sum(reference.qualifier in {EMPLOYER, SOCIAL_SECURITY} for reference in claim.billing_provider.references) > 1:
        yield Breach(
            "The billing provider has two tax numbers.",
            "Keep the one that the payer reports payments under.",
            "billing_provider.references (2010AA REF)",
        )


def _check_tax_kind(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.billing_provider.is_person:
        return
    for i, reference in enumerate(claim.billing_provider.references):
        if reference.qualifier == SOCIAL_SECURITY:
            yield Breach(
                "An organisation bills under a social security number.",
                "Give its employer number (REF*EI), or enter the provider as a person.",
                f"billing_provider.references[{i}] (2010AA REF*SY)",
            )


def _check_numbers(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for i, contact in enumerate(claim.billing_provider.contacts):
        for kind, number in contact.numbers:
            is_wrong = kind in {"TE", "FX"} and not TELEPHONE.fullmatch(number)
            if is_wrong or (kind == "EM" and not EMAIL.fullmatch(number)):
                yield Breach(
                    "A number or address of the billing provider's contact has not the form of one.",
                    "Write telephone numbers as ten digits, with the area code and without signs.",
                    f"billing_provider.contacts[{i}] (2010AA PER)",
                )


def _check_pay_to_same(claim: Claim, context: EditContext) -> Iterator[Breach]:
    address = claim.pay_to.address if claim.pay_to is not None else None
    if address is not None and address == claim.billing_provider.address:
        yield Breach(
            "The pay-to address is the billing provider's own.",
            "Leave it out; it is for another address only.",
            "pay_to.address (2010AB N3)",
        )


def _check_pay_to_address(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.pay_to is None:
        return
    address = claim.pay_to.address
    if address is None or not (address.line1 and address.city):
        yield Breach("The pay-to address is not complete.", "Give street or box, city, state and ZIP.", "pay_to (2010AB N3)")


def _check_facility_address(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        if party.role == FACILITY and (party.address is None or not (party.address.line1 and party.address.city)):
            path, loop, line = locate_provider(claim, number)
            message = "The service facility has no full address."
            yield Breach(message, "Give street, city, state and ZIP+4.", f"{path}.address ({loop} N3)", line)


def _check_facility_same(claim: Claim, context: EditContext) -> Iterator[Breach]:
    billing = claim.billing_provider
    for i, party in enumerate(claim.providers):
        if party.role == FACILITY and party.address is not None and (party.id, party.address) == (billing.id, billing.address):
            yield Breach(
                "The service facility is the billing provider.",
                "Leave it out; it is for services given elsewhere.",
                f"providers[{i}] (2310C NM1*77)",
            )


def _check_facility_missing(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if any(party.role == FACILITY for party in claim.providers):
        return
    for n, line in enumerate(claim.lines):
        place = line.place_of_service or claim.place_of_service
        if place in AWAY and not any(party.role == FACILITY for party in line.providers):
            yield Breach(
                f"Line {n + 1} was given in a hospital or home, and no service facility is named.",
                "Name it, unless it is the billing provider itself.",
                "providers (2310C NM1*77)",
                n + 1,
            )
            return


def _check_laboratory(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if claim.place_of_service != LABORATORY:
        return
    if not any(party.role in REFERRING or party.role == ORDERING for party in providers_of(claim)):
        yield Breach(
            "A laboratory bills, and nobody is named who ordered the tests.",
            "Name the referring or ordering provider.",
            "providers (2310A NM1*DN)",
        )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="npi-first-digit",
        group="providers",
        severity="hold",
        what="An NPI begins with 1 or 2.",
        why="CMS has given out no others; the check digit alone does not tell.",
        fix="Compare the NPI with the registry.",
        example="NPI 3999999980, whose check digit holds.",
        find_breaches=_check_npi_start,
    ),
    Edit(
        id="provider-name-missing",
        group="providers",
        severity="hold",
        what="Whoever is named as provider has a name, not a number alone.",
        why="The guide requires it of all but places and of whoever sold a service.",
        fix="Give the name.",
        example="A rendering provider with an NPI and no last name.",
        find_breaches=_check_name,
    ),
    Edit(
        id="provider-first-name-missing",
        group="providers",
        severity="warn",
        what="A provider who is a person has a first name.",
        why="Payers compare it with their enrolment; a practice is often entered as a person by mistake.",
        fix="Give the first name, or enter the provider as an organisation.",
        example="NM102 1 with SAMPLE CLINIC as last name.",
        find_breaches=_check_first_name,
    ),
    Edit(
        id="provider-placeholder",
        group="providers",
        severity="warn",
        what="Providers have real names, no placeholders.",
        why="Payers look the name up beside its number.",
        fix="Name the provider, or leave the provider out.",
        example="Referring provider SELF.",
        find_breaches=_check_placeholder,
    ),
    Edit(
        id="provider-not-person",
        group="providers",
        severity="hold",
        what="Whoever refers, supervises, attends or operates is a person.",
        why="The guide takes no organisation in these roles.",
        fix="Name the person.",
        example="A clinic as referring provider.",
        find_breaches=_check_person,
    ),
    Edit(
        id="provider-role-twice",
        group="providers",
        severity="hold",
        what="A claim, and each of its lines, has one provider in each role but that of referring.",
        why="The guide has place for one.",
        fix="Keep the right one; name others on their lines.",
        example="Two rendering providers on the claim.",
        find_breaches=_check_role_twice,
    ),
    Edit(
        id="npi-two-kinds",
        group="providers",
        severity="warn",
        what="One NPI is not a person's and an organisation's.",
        why="The registry gives each number to one kind, and payers compare.",
        fix="Look both up in the NPI registry.",
        example="A clinic bills and its physician renders under one NPI.",
        find_breaches=_check_two_kinds,
    ),
    Edit(
        id="npi-two-persons",
        group="providers",
        severity="warn",
        what="One NPI is not given for two persons.",
        why="One of the two has another.",
        fix="Look both up in the NPI registry.",
        example="Rendering provider SAMPLE and referring provider FICTIVE with one NPI.",
        find_breaches=_check_two_names,
    ),
    Edit(
        id="tax-id-placeholder",
        group="providers",
        severity="hold",
        what="The billing provider's tax number is a number, no placeholder.",
        why="The payer pays nobody under it.",
        fix="Give the number.",
        example="REF*EI with 999999999.",
        find_breaches=_check_tax_placeholder,
    ),
    Edit(
        id="tax-id-twice",
        group="providers",
        severity="hold",
        what="The billing provider has one tax number.",
        why="The guide takes an employer number or a social security number.",
        fix="Keep the one that the payer reports payments under.",
        example="REF*EI and REF*SY in 2010AA.",
        find_breaches=_check_tax_twice,
    ),
    Edit(
        id="tax-id-kind",
        group="providers",
        severity="warn",
        what="An organisation bills under an employer number.",
        why="Only persons have social security numbers.",
        fix="Give the employer number (REF*EI), or enter the provider as a person.",
        example="SAMPLE CLINIC with REF*SY.",
        find_breaches=_check_tax_kind,
    ),
    Edit(
        id="contact-number-format",
        group="providers",
        severity="warn",
        what="Telephone and fax numbers of the billing provider are ten digits, e-mail addresses have an @.",
        why="Payers call there before they deny.",
        fix="Write telephone numbers as ten digits, with the area code and without signs.",
        example="TE with 555-0101.",
        find_breaches=_check_numbers,
    ),
    Edit(
        id="pay-to-same",
        group="providers",
        severity="warn",
        what="A pay-to address differs from the billing provider's.",
        why="The guide has it for another address only.",
        fix="Leave it out.",
        example="2010AA and 2010AB with one street.",
        find_breaches=_check_pay_to_same,
    ),
    Edit(
        id="pay-to-address-missing",
        group="providers",
        severity="hold",
        what="A pay-to address is complete.",
        why="The guide requires street and city where it is given at all.",
        fix="Give street or box, city, state and ZIP.",
        example="2010AB without N3.",
        find_breaches=_check_pay_to_address,
    ),
    Edit(
        id="facility-address-missing",
        group="providers",
        severity="hold",
        what="A service facility has street and city.",
        why="The guide requires them; payers price by the place.",
        fix="Give street, city, state and ZIP+4.",
        example="NM1*77 without N3.",
        find_breaches=_check_facility_address,
    ),
    Edit(
        id="facility-same",
        group="providers",
        severity="warn",
        what="A service facility is not the billing provider at its own address.",
        why="The guide has it for services given elsewhere; some payers refuse the repetition.",
        fix="Leave it out.",
        example="2310C with NPI and address of 2010AA.",
        guides=PROFESSIONAL,
        find_breaches=_check_facility_same,
    ),
    Edit(
        id="facility-missing",
        group="providers",
        severity="warn",
        what="Services in hospitals, surgical centers and nursing homes name the facility.",
        why="Payers price by it, unless it bills itself.",
        fix="Name it, unless it is the billing provider itself.",
        example="Place of service 21 without NM1*77.",
        guides=PROFESSIONAL,
        find_breaches=_check_facility_missing,
    ),
    Edit(
        id="ordering-provider-missing",
        group="providers",
        severity="warn",
        what="A laboratory names who ordered the tests.",
        why="Most payers deny tests that nobody ordered.",
        fix="Name the referring or ordering provider.",
        example="Place of service 81 without NM1*DN or NM1*DK.",
        guides=PROFESSIONAL,
        find_breaches=_check_laboratory,
    ),
)
"""The edits on providers as they stand to each other."""
