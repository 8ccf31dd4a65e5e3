"""Edits on addresses: states, countries and ZIP codes, and who must have one."""

import re
from collections.abc import Iterator

from edi.claims import Address, Claim, Party
from gateway.domain.claim_places import locate_provider, patient_of, providers_of
from gateway.domain.edits.terms import Breach, Edit, EditContext
from gateway.domain.postal_regions import PROVINCES, STATES, UNITED_STATES, ZIP_STATES

FACILITY = "77"
COUNTRY = re.compile(r"[A-Z]{2}")
ZIP_9 = re.compile(r"[0-9]{9}")
PLACEHOLDER_ZIP = re.compile(r"(00000|99999)-?[0-9]*|[0-9]{5}-?0000")
CANADA = "CA"
_SUBSCRIBER, _PATIENT = -2, -1


def _addressed(claim: Claim) -> list[tuple[int, Party, Address]]:
    """Everyone with an address: the places of `providers_of` (0 is who bills), and before them those of the insured."""
    parties = [(_SUBSCRIBER, claim.subscriber), *enumerate(providers_of(claim))]
    if claim.patient is not None:
        parties.append((_PATIENT, claim.patient))
    return [(number, party, party.address) for number, party in parties if party.address is not None]


def _locate(claim: Claim, number: int) -> tuple[str, str, int]:
    if number == _SUBSCRIBER:
        return "subscriber", "2010BA", 0
    return ("patient", "2010CA", 0) if number == _PATIENT else locate_provider(claim, number)


def _check_patient_address(claim: Claim, context: EditContext) -> Iterator[Breach]:
    path, loop, patient = patient_of(claim)
    address = patient.address
    if address is None or not (address.line1.strip() and address.city.strip()):
        yield Breach("The patient has no full address.", "Give street, city, state and ZIP.", f"{path}.address ({loop} N3)")


def _is_wrong_state(address: Address) -> bool:
    """Whether the state is none of the country's; of other countries than the United States and Canada nothing is known."""
    if address.country in UNITED_STATES:
        return address.state not in STATES
    return address.country == CANADA and address.state not in PROVINCES


def _check_billing_state(claim: Claim, context: EditContext) -> Iterator[Breach]:
    address = claim.billing_provider.address
    if address is not None and _is_wrong_state(address):
        yield Breach(
            "The billing provider's state is missing or is no state.",
            "Give the two capital letters of the state.",
            "billing_provider.address.state (2010AA N402)",
        )


def _check_state(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, _, address in _addressed(claim):
        if number and _is_wrong_state(address):
            path, loop, line = _locate(claim, number)
            yield Breach(
                "The state of an address is missing or is no state.",
                "Give the two capital letters of the state, or the country where the address is abroad.",
                f"{path}.address.state ({loop} N402)",
                line,
            )


def _check_country(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, _, address in _addressed(claim):
        if address.country and not COUNTRY.fullmatch(address.country):
            path, loop, line = _locate(claim, number)
            message = "The country of an address is not a code of two letters."
            yield Breach(message, "Give its ISO 3166 code, such as CA.", f"{path}.address.country ({loop} N404)", line)


def _check_facility_zip(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, party in enumerate(providers_of(claim)):
        address = party.address
        if party.role != FACILITY or address is None or address.country not in UNITED_STATES:
            continue
        if not ZIP_9.fullmatch(address.postal_code):
            path, loop, line = _locate(claim, number)
            message = "The ZIP code of the service facility is not nine digits."
            yield Breach(message, "Give ZIP+4 without a hyphen.", f"{path}.address.postal_code ({loop} N403)", line)


def _check_zip_state(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, _, address in _addressed(claim):
        if address.country not in UNITED_STATES or address.state not in STATES:
            continue
        states = ZIP_STATES.get(address.postal_code[:1])
        if states is not None and address.state not in states:
            path, loop, line = _locate(claim, number)
            message = "The ZIP code of an address is not one of its state."
            yield Breach(message, "Correct the ZIP code or the state.", f"{path}.address.postal_code ({loop} N403)", line)


def _check_placeholder_zip(claim: Claim, context: EditContext) -> Iterator[Breach]:
    for number, _, address in _addressed(claim):
        if address.country in UNITED_STATES and PLACEHOLDER_ZIP.fullmatch(address.postal_code):
            path, loop, line = _locate(claim, number)
            message = "The ZIP code of an address is a placeholder."
            yield Breach(message, "Look the ZIP+4 up.", f"{path}.address.postal_code ({loop} N403)", line)


EDITS: tuple[Edit, ...] = (
    Edit(
        id="patient-address-missing",
        group="identity",
        severity="warn",
        what="The patient has street and city.",
        why="The guide requires the address of whoever is the patient, and many payers refuse a claim without.",
        fix="Give street, city, state and ZIP.",
        example="A patient without N3.",
        find_breaches=_check_patient_address,
    ),
    Edit(
        id="billing-state",
        group="providers",
        severity="hold",
        what="The billing provider's state is one of the country.",
        why="The payer prices by it and refuses a state that it does not know.",
        fix="Give the two capital letters of the state.",
        example="State QQ in 2010AA.",
        find_breaches=_check_billing_state,
    ),
    Edit(
        id="state",
        group="identity",
        severity="warn",
        what="The states of other addresses are states of their country.",
        why="Some payers refuse an address that cannot be.",
        fix="Give the two capital letters of the state, or the country where the address is abroad.",
        example="A subscriber in state OI.",
        find_breaches=_check_state,
    ),
    Edit(
        id="country-format",
        group="identity",
        severity="hold",
        what="A country is a code of two letters.",
        why="The guide takes ISO 3166 codes alone.",
        fix="Give the code, such as CA.",
        example="Country CANADA.",
        find_breaches=_check_country,
    ),
    Edit(
        id="facility-zip-format",
        group="providers",
        severity="hold",
        what="The service facility's ZIP code has nine digits.",
        why="The guide requires ZIP+4 there; Medicare prices by it.",
        fix="Give ZIP+4 without a hyphen.",
        example="A service facility with ZIP 43001.",
        find_breaches=_check_facility_zip,
    ),
    Edit(
        id="zip-state",
        group="identity",
        severity="warn",
        what="A ZIP code begins with the digit of its state's region.",
        why="One of the two is wrong, and payers compare them.",
        fix="Correct the ZIP code or the state.",
        example="ZIP 90001 in Ohio, where they begin with 4.",
        find_breaches=_check_zip_state,
    ),
    Edit(
        id="zip-placeholder",
        group="identity",
        severity="warn",
        what="A ZIP code is no placeholder, nor are its last four digits.",
        why="Several clearinghouses look ZIP+4 up and refuse 0000.",
        fix="Look the ZIP+4 up.",
        example="ZIP 430010000.",
        find_breaches=_check_placeholder_zip,
    ),
)
"""The edits on addresses."""
