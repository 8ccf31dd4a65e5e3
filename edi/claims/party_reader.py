"""Loops that open with NM1 into parties: names, addresses, numbers, contacts."""

from datetime import date

from edi.claims import Address, Contact, Party, Reference
from edi.claims.carrying import Carrier, find_surplus
from edi.claims.loop_fields import Segments, day_of
from edi.segments import Delimiters
from edi.tree import Loop
from edi.values import find_date

SPECIALTIES = {"71": "AT", "DD": "AS", "DN": "RF", "P3": "RF"}
"""PRV01 beside the provider's role in NM101; PE beside all other roles."""

_PARTIES_MAX = 1_024
_TEXTS_MAX = 10_000
_BLANK = [""] * 12
_NO_CITY, _ODD_CITY = ("", "", "", "", ""), ("?", "", "", "", "")
_NM1 = frozenset((0, 1, 2, 3, 4, 5, 7, 8, 9))
_N3 = frozenset((0, 1, 2))
_N4 = frozenset((0, 1, 2, 3, 4, 7))
_DMG = frozenset((0, 1, 2, 3))


class PartyReader:
    """Reads the parties of one set; one that stands there again, segment for segment, is the same document."""

    def __init__(self, delimiters: Delimiters) -> None:
        self.carrier = Carrier(delimiters)
        self._component = delimiters.component
        self._terminator = delimiters.segment
        self._separator = delimiters.element
        self._n3, self._n4 = f"N3{delimiters.element}", f"N4{delimiters.element}"
        self._known: dict[str, Party] = {}
        self._cities: dict[str, tuple[str, str, str, str, str]] = {}

    def recall(self, loop: Loop) -> Party:
        """The party of a loop of the kind that comes again in many claims: a payer, a provider, a facility."""
        raw = loop.raw
        key = raw[0] if len(raw) == 1 else self._terminator.join(raw)
        found = self._known.get(key)
        if found is None or loop.loops:
            found = self.read(loop)
            if len(self._known) >= _PARTIES_MAX:
                self._known.clear()
            if raw and not loop.loops:
                self._known[key] = found
        return found

    def read(self, loop: Loop) -> Party:
        """The party of a loop."""
        party = self._find_plain_party(loop)
        return self._read_segments(loop) if party is None else party

    def _find_plain_party(self, loop: Loop) -> Party | None:
        """The party where it says its name, address, birth and gender in the elements that most have; else None."""
        separator = self._separator
        name = loop.raw[0].split(separator) if loop.raw and not loop.loops else []
        if not 3 < len(name) <= 10 or name[0] != "NM1" or (len(name) > 6 and name[6]):
            return None
        street, gender, city = "", "", _NO_CITY
        birth_date: date | None = None
        for raw in loop.raw[1:]:
            tag = raw[:3]
            if tag == self._n3 and not street:
                street = raw[3:]
            elif tag == self._n4 and city is _NO_CITY:
                city = self._cities.get(raw) or self._keep_city(raw)
            elif tag == "DMG" and birth_date is None:
                birth = raw.split(separator)
                if len(birth) != 4 or birth[1] != "D8" or len(birth[2]) != 8:
                    return None
                birth_date, gender = find_date(birth[2]), birth[3]
                if birth_date is None:
                    return None
            else:
                return None
        line1, _, line2 = street.partition(separator)
        if city is _ODD_CITY or separator in line2:
            return None
        town, state, postal_code, country, subdivision = city
        address = Address(line1, town, state, postal_code, line2, country, subdivision) if line1 or town else None
        if len(name) < 10:
            name += _BLANK[len(name) : 10]
        _, role, kind, last, first, middle, _, suffix, id_qualifier, number = name
        return Party(
            role, kind == "1", last, first, middle, suffix, id_qualifier, number, "", address, (), (), birth_date, gender,
        )  # fmt: skip

    def _keep_city(self, raw: str) -> tuple[str, str, str, str, str]:
        """What an N4 says, kept for the next of the same text."""
        segment = raw.split(self._separator)
        _, city, state, postal_code, country, *others, subdivision = (segment + _BLANK)[:8]
        found = _ODD_CITY if len(segment) > 8 or any(others) else (city, state, postal_code, country, subdivision)
        if len(self._cities) < _TEXTS_MAX:
            self._cities[raw] = found
        return found

    def _read_segments(self, loop: Loop) -> Party:  # noqa: PLR0912 - one branch for each segment a party has
        address: Address | None = None
        birth_date: date | None = None
        taxonomy = gender = ""
        name: list[str] | None = None
        street: list[str] | None = None
        city: list[str] | None = None
        references: list[Reference] = []
        contacts: list[Contact] = []
        rest: Segments = []
        for segment in loop.segments:
            tag = segment[0]
            if tag == "NM1" and name is None:
                name = segment
            elif tag == "N3" and street is None:
                street = segment
            elif tag == "N4" and city is None:
                city = segment
            elif tag == "REF":
                reference = read_reference(segment, self._component)
                if reference is None:
                    rest.append(segment)
                else:
                    references.append(reference)
            elif tag == "DMG" and birth_date is None and (birth_date := _birth_date(segment)):
                gender = segment[3] if len(segment) > 3 else ""
                if len(segment) > 4:
                    _add_surplus(segment, _DMG, rest)
            elif tag == "PRV" and not taxonomy and name and find_taxonomy(segment, SPECIALTIES.get("".join(name[1:2]), "PE")):
                taxonomy = segment[3]
            elif tag == "PER":
                contact = read_contact(segment)
                if contact is None:
                    rest.append(segment)
                else:
                    contacts.append(contact)
            else:
                rest.append(segment)
        if street or city:
            address = _read_address(street or ["N3"], city or ["N4"], rest)
        carried = self.carrier.keep("party", rest, loop.loops) if rest or loop.loops else None
        name = name or ["NM1"]
        if len(name) > 6 and (len(name) > 10 or name[6]):
            _add_surplus(name, _NM1, rest)
            carried = self.carrier.keep("party", rest, loop.loops)
        _, role, kind, last, first, middle, _, suffix, id_qualifier, number = name if len(name) == 10 else (name + _BLANK)[:10]
        return Party(
            role, kind == "1", last, first, middle, suffix, id_qualifier, number, taxonomy, address, tuple(references),
            tuple(contacts), birth_date, gender, carried,
        )  # fmt: skip


def _read_address(street: list[str], city: list[str], rest: Segments) -> Address:
    if len(street) > 3:
        _add_surplus(street, _N3, rest)
    if len(city) > 5:
        _add_surplus(city, _N4, rest)
    _, line1, line2 = (street + _BLANK)[:3]
    _, town, state, postal_code, country, _, _, subdivision = (city + _BLANK)[:8]
    return Address(line1, town, state, postal_code, line2, country, subdivision)


def _add_surplus(segment: list[str], named: frozenset[int], rest: Segments) -> None:
    surplus = find_surplus(segment, named)
    if surplus:
        rest.append(surplus)


def _birth_date(segment: list[str]) -> date | None:
    return day_of(segment[2], segment[1]) if len(segment) > 2 else None


def find_taxonomy(segment: list[str], specialty: str) -> str:
    """The taxonomy code of a PRV that says nothing else of a provider in this part (PRV01); '' where it is none."""
    return segment[3] if len(segment) == 4 and segment[1] == specialty and segment[2] == "PXC" else ""


def read_reference(segment: list[str], component: str) -> Reference | None:
    """REF as a reference; None where it says more than a reference holds."""
    count = len(segment)
    if count == 3:
        return Reference(segment[1], segment[2])
    if count == 4:
        return Reference(segment[1], segment[2], segment[3])
    parts = segment[4].split(component) if count == 5 else []
    if not parts or len(parts) % 2 or not all(parts):
        return None
    pairs = tuple(zip(parts[::2], parts[1::2], strict=True))
    return Reference(segment[1], segment[2], segment[3], pairs)


def read_contact(segment: list[str]) -> Contact | None:
    """PER*IC as a contact; None where it says more than one holds."""
    numbers = segment[3:]
    if segment[1:2] != ["IC"] or len(numbers) % 2 or len(numbers) > 6 or not all(numbers):
        return None
    pairs = tuple(zip(numbers[::2], numbers[1::2], strict=True))
    return Contact(segment[2] if len(segment) > 2 else "", pairs)
