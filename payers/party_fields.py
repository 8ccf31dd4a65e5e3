"""Fields of the people and organisations that a claim names."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from edi.claims import Address, Claim, Guide, Party
from payers.field_terms import (
    DENTAL,
    GUIDES,
    INSTITUTIONAL,
    NOT_INSTITUTIONAL,
    ClaimField,
    Values,
    of_claim,
    pick,
    say,
    say_days,
)
from payers.repairs import SETTINGS, set_billing_number

NPI_FORM = "[0-9]{10}"
TAX_NUMBERS = ("EI", "SY")
Find = Callable[[Claim], Party | None]


class Told(NamedTuple):
    """A party: the name its fields begin with, who it is, its loop and path, the guides that have it, how it is found."""

    name: str
    who: str
    loop: str
    path: str
    find: Find
    guides: frozenset[Guide] = GUIDES


def find_provider(role: str) -> Find:
    """The claim's provider in a role of NM101."""
    return lambda claim: next((party for party in claim.providers if party.role == role), None)


BILLING = Told("billing_provider", "who bills", "2010AA", "billing_provider", lambda claim: claim.billing_provider)
PAY_TO = Told("pay_to", "where the money goes where that is elsewhere", "2010AB", "pay_to", lambda claim: claim.pay_to)
SUBSCRIBER = Told("subscriber", "the insured person", "2010BA", "subscriber", lambda claim: claim.subscriber)
PATIENT = Told(
    "patient", "who was treated, the subscriber too", "2010CA, else 2010BA", "patient",
    lambda claim: claim.patient or claim.subscriber,
)  # fmt: skip
PAYER = Told("payer", "who is to pay", "2010BB", "payer", lambda claim: claim.payer)
PROVIDERS = (
    Told("rendering_provider", "who did it", "2310B; 837I 2310D", "providers", find_provider("82")),
    Told("referring_provider", "who referred", "2310A; 837I 2310F", "providers", find_provider("DN")),
    Told("service_facility", "where it was done", "2310C; 837I 2310E", "providers", find_provider("77")),
    Told("supervising_provider", "who supervised", "2310D; 837D 2310E", "providers", find_provider("DQ"), NOT_INSTITUTIONAL),
    Told("attending_provider", "who was responsible for the stay", "2310A", "providers", find_provider("71"), INSTITUTIONAL),
    Told("operating_provider", "who operated", "2310B", "providers", find_provider("72"), INSTITUTIONAL),
    Told("assistant_surgeon", "who assisted", "2310D", "providers", find_provider("DD"), DENTAL),
)


def _field(told: Told, key: str, what: str, element: str, read: Callable[[Party], Values], *, path: str = "",
           form: str = "") -> ClaimField:  # fmt: skip
    def read_claim(claim: Claim) -> Values:
        party = told.find(claim)
        return read(party) if party is not None else ()

    name = f"{told.name}.{key}"
    return ClaimField(
        name, f"{told.who}: {what}", f"{told.loop} {element}", f"{told.path}.{path or key}", of_claim(read_claim),
        guides=told.guides, form=form, setting=SETTINGS.get(name),
    )  # fmt: skip


def _address(read: Callable[[Address], str]) -> Callable[[Party], Values]:
    return lambda party: say(read(party.address)) if party.address else ()


def _npi(party: Party) -> Values:
    return say(party.id) if party.id_qualifier == "XX" else ()


def _phones(party: Party) -> Values:
    return tuple(number for contact in party.contacts for kind, number in contact.numbers if kind == "TE" and number)


def _name(party: Party) -> Values:
    return say(party.last_name)


def _places(told: Told) -> Iterator[ClaimField]:
    yield _field(told, "street", "street", "N301", _address(lambda address: address.line1), path="address.line1")
    yield _field(told, "state", "state", "N402", _address(lambda address: address.state), path="address.state", form="[A-Z]{2}")
    yield _field(
        told, "postal_code", "ZIP code", "N403", _address(lambda address: address.postal_code), path="address.postal_code"
    )


def _provider(told: Told) -> Iterator[ClaimField]:
    yield _field(told, "npi", "NPI", "NM109", _npi, path="id", form=NPI_FORM)
    yield _field(told, "name", "last name, or name of the organisation", "NM103", _name, path="last_name")


def _person(told: Told) -> Iterator[ClaimField]:
    yield _field(told, "last_name", "last name", "NM103", _name)
    yield _field(told, "first_name", "first name", "NM104", lambda party: say(party.first_name))
    yield _field(told, "birth_date", "birth date", "DMG02", lambda party: say_days([party.birth_date]))
    yield _field(told, "gender", "gender", "DMG03", lambda party: say(party.gender), form="[FMU]")
    yield from _places(told)


def _specialty(told: Told, element: str) -> ClaimField:
    return _field(told, "taxonomy", "taxonomy code", element, lambda party: say(party.taxonomy), form="[A-Z0-9]{10}")


def _list_fields() -> Iterator[ClaimField]:
    yield from _provider(BILLING)
    yield _specialty(BILLING, "2000A PRV03")
    yield _field(
        BILLING, "tax_id", "tax number", "REF*EI or REF*SY", lambda party: pick(party.references, *TAX_NUMBERS),
        path="references", form="[0-9]{9}",
    )  # fmt: skip
    yield _field(BILLING, "phone", "telephone number", "PER04", _phones, path="contacts")
    yield from _places(BILLING)
    yield from _places(PAY_TO)
    yield _field(SUBSCRIBER, "id", "member id", "NM109", lambda party: say(party.id))
    yield _field(SUBSCRIBER, "ssn", "social security number", "REF*SY", lambda party: pick(party.references, "SY"),
                 path="references")  # fmt: skip
    yield from _person(SUBSCRIBER)
    yield from _person(PATIENT)
    yield _field(PAYER, "id", "payer id", "NM109", lambda party: say(party.id))
    yield _field(PAYER, "name", "name", "NM103", _name, path="last_name")
    for told in PROVIDERS:
        yield from _provider(told)
        if told.name in {"rendering_provider", "attending_provider", "assistant_surgeon"}:
            yield _specialty(told, "PRV03")
        if told.name == "service_facility":
            yield from _places(told)


PARTY_FIELDS = tuple(_list_fields())
"""The fields of parties that have names of their own."""

_NUMBERED = {told.name: told for told in (BILLING, SUBSCRIBER, PAYER, *PROVIDERS)}
NUMBERED_PARTIES = tuple(_NUMBERED)
"""The parties whose further numbers can be named by REF01: billing_provider.reference.G2."""


def find_party_number(party: str, qualifier: str) -> ClaimField | None:
    """The field of a party's number of one kind (REF01); None for a party that has none."""
    told = _NUMBERED.get(party)
    if told is None:
        return None
    setting = set_billing_number(qualifier) if told is BILLING and qualifier not in TAX_NUMBERS else None
    return ClaimField(
        f"{party}.reference.{qualifier}", f"{told.who}: number of kind {qualifier}", f"{told.loop} REF*{qualifier}",
        f"{told.path}.references", of_claim(lambda claim: _numbers(told, claim, qualifier)), guides=told.guides, setting=setting,
    )  # fmt: skip


def _numbers(told: Told, claim: Claim, qualifier: str) -> Values:
    party = told.find(claim)
    return pick(party.references, qualifier) if party else ()
