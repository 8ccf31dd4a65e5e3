"""Parties and adjustments into segments."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import groupby, islice

from edi.claims import Address, Adjustment, Contact, Party, Reference
from edi.claims.carrying import put_in_order
from edi.claims.party_reader import SPECIALTIES
from edi.punctuation import compose, join
from edi.values import format_cents, format_date, format_quantity

_ADJUSTMENTS_PER_CAS = 6


@lru_cache(maxsize=4096)
def write_party(party: Party) -> tuple[str, ...]:
    """NM1 and what follows it; a billing provider's taxonomy stands in the level above."""
    segments = [write_name(party)]
    if party.taxonomy and party.role != "85":
        segments.append(join("PRV", SPECIALTIES.get(party.role, "PE"), "PXC", party.taxonomy))
    segments += write_address(party.address)
    if party.birth_date:
        segments.append(join("DMG", "D8", format_date(party.birth_date), party.gender))
    segments += [write_reference(one) for one in party.references]
    segments += write_contacts(party.contacts)
    if party.carried and party.carried.segments:
        segments = put_in_order("party", segments, party.carried)
    return tuple(segments)


def write_reference(one: Reference) -> str:
    """REF."""
    if one.related:
        return join("REF", one.qualifier, one.value, one.description, compose(*[part for pair in one.related for part in pair]))
    return join("REF", one.qualifier, one.value, one.description)


def write_adjustments(adjustments: Sequence[Adjustment], counts: Sequence[int] = ()) -> Iterator[str]:
    """CAS segments of as many adjustments each as `counts` says; without it neighbours of one group share one, six at most."""
    start = 0
    for count in counts if _is_packing(counts, adjustments) else _pack(adjustments):
        some = adjustments[start : start + count]
        triples = ((one.reason, format_cents(one.amount_cents), _format(one.quantity)) for one in some)
        yield join("CAS", some[0].group, *(value for triple in triples for value in triple))
        start += count


def _is_packing(counts: Sequence[int], adjustments: Sequence[Adjustment]) -> bool:
    """Whether the adjustments can stand in segments of these sizes: six of one group at most, and none left over."""
    if sum(counts) != len(adjustments) or not all(1 <= count <= _ADJUSTMENTS_PER_CAS for count in counts):
        return False
    groups = iter(one.group for one in adjustments)
    return all(len(set(islice(groups, count))) == 1 for count in counts)


def _pack(adjustments: Sequence[Adjustment]) -> Iterator[int]:
    for _, members in groupby(adjustments, key=lambda adjustment: adjustment.group):
        size = len(list(members))
        yield from [_ADJUSTMENTS_PER_CAS] * (size // _ADJUSTMENTS_PER_CAS)
        if size % _ADJUSTMENTS_PER_CAS:
            yield size % _ADJUSTMENTS_PER_CAS


def _format(quantity: Decimal | None) -> str:
    return "" if quantity is None else format_quantity(quantity)


def write_name(party: Party) -> str:
    """NM1."""
    names = (party.last_name, party.first_name, party.middle_name, "", party.suffix)
    return join("NM1", party.role, "1" if party.is_person else "2", *names, party.id_qualifier, party.id)


def write_address(address: Address | None) -> Iterator[str]:
    """N3 and N4, those that say anything."""
    if address is None:
        return
    if address.line1 or address.line2:
        yield join("N3", address.line1, address.line2)
    city = join("N4", address.city, address.state, address.postal_code, address.country, "", "", address.subdivision)
    if city != "N4":
        yield city


def write_contacts(contacts: Iterable[Contact]) -> Iterator[str]:
    """A PER*IC each."""
    return (join("PER", "IC", one.name, *(part for number in one.numbers for part in number)) for one in contacts)
