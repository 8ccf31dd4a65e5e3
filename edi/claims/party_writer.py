"""Parties and adjustments into segments."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from edi.claims import Address, Adjustment, Contact, Party, Reference
from edi.claims.carrying import put_in_order
from edi.claims.party_reader import SPECIALTIES
from edi.punctuation import compose, join
from edi.values import format_cents, format_date, format_quantity

_ADJUSTMENTS_PER_CAS = 6


@lru_cache(maxsize=4096)
def write_party(party: Party) -> tuple[str, ...]:
    """NM1 and what follows it; a billing provider's taxonomy stands in the level above."""
    segments = [
        join(
            *("NM1", party.role, "1" if party.is_person else "2", party.last_name, party.first_name, party.middle_name, ""),
            *(party.suffix, party.id_qualifier, party.id),
        )
    ]
    if party.taxonomy and party.role != "85":
        segments.append(join("PRV", SPECIALTIES.get(party.role, "PE"), "PXC", party.taxonomy))
    if party.address:
        segments += _write_address(party.address)
    if party.birth_date:
        segments.append(join("DMG", "D8", format_date(party.birth_date), party.gender))
    segments += [write_reference(one) for one in party.references]
    segments += [_write_contact(contact) for contact in party.contacts]
    if party.carried and party.carried.segments:
        segments = put_in_order("party", segments, party.carried)
    return tuple(segments)


def write_reference(one: Reference) -> str:
    """REF."""
    if one.related:
        return join("REF", one.qualifier, one.value, one.description, compose(*[part for pair in one.related for part in pair]))
    return join("REF", one.qualifier, one.value, one.description)


def write_adjustments(adjustments: Sequence[Adjustment]) -> Iterator[str]:
    """CAS segments: neighbours of one group share one, up to six."""
    start = 0
    while start < len(adjustments):
        end = start + 1
        group = adjustments[start].group
        while end < len(adjustments) and end - start < _ADJUSTMENTS_PER_CAS and adjustments[end].group == group:
            end += 1
        triplets = [
            (one.reason, format_cents(one.amount_cents), "" if one.quantity is None else format_quantity(one.quantity))
            for one in adjustments[start:end]
        ]
        yield join("CAS", group, *(part for triplet in triplets for part in triplet))
        start = end


def _write_address(address: Address) -> Iterator[str]:
    if address.line1 or address.line2:
        yield join("N3", address.line1, address.line2)
    city = join("N4", address.city, address.state, address.postal_code, address.country, "", "", address.subdivision)
    if city != "N4":
        yield city


def _write_contact(contact: Contact) -> str:
    return join("PER", "IC", contact.name, *(part for number in contact.numbers for part in number))
