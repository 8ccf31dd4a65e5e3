"""Segments of the smaller transactions into values and back: names, references, dates, traces, services.

Every function that reads takes a segment in the form of remainder.normalise; what is no value there becomes None or ''.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import TypeVar

from edi.claims import Address, Contact, Document, Party, Reference
from edi.claims.loop_fields import element_of, trimmed
from edi.inquiries.remainder import Content
from edi.punctuation import COMPONENT, compose, join
from edi.values import (
    find_date,
    format_cents,
    format_date,
    format_date_range,
    format_quantity,
    parse_cents,
    parse_quantity,
)

_T = TypeVar("_T")


class Trace(Document, frozen=True, kw_only=True):
    """TRN: a number by which an answer finds its question. `kind` is 1 (this transaction's) or 2 (the one answered)."""

    number: str
    kind: str = "1"
    company: str = ""
    division: str = ""


class Period(Document, frozen=True, kw_only=True):
    """DTP: a day, or the first and last of several, and what they are (DTP01)."""

    qualifier: str
    first: date
    last: date | None = None


class Procedure(Document, frozen=True, kw_only=True):
    """A service by its code (composite C003): qualifier HC, AD, N4 … and up to four modifiers."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...] = ()
    description: str = ""
    last_code: str = ""


class Service(Document, frozen=True, kw_only=True):
    """SVC of a claim status: what was billed on one line, and what was paid for it."""

    procedure: Procedure
    charge_cents: int | None = None
    paid_cents: int | None = None
    revenue_code: str = ""
    quantity: Decimal | None = None


def parts_of(text: str, count: int) -> list[str]:
    """The components of a composite, at least `count` of them."""
    parts = text.split(COMPONENT)
    return parts + [""] * (count - len(parts))


def find_cents(text: str) -> int | None:
    """An amount in cents; None where it is none."""
    return _lenient(parse_cents, text)


def find_quantity(text: str) -> Decimal | None:
    """A quantity; None where it is none."""
    return _lenient(parse_quantity, text)


def _lenient(parse: Callable[[str], _T | None], text: str) -> _T | None:
    try:
        return parse(text)
    except ValueError:
        return None


def cents_text(cents: int | None) -> str:
    """Cents as an X12 amount, '' for None."""
    return "" if cents is None else format_cents(cents)


def quantity_text(quantity: Decimal | None) -> str:
    """A quantity as X12 writes it, '' for None."""
    return "" if quantity is None else format_quantity(quantity)


def date_text(day: date | None) -> str:
    """A date as CCYYMMDD, '' for None."""
    return format_date(day) if day else ""


def read_name(segment: list[str]) -> Party:
    """NM1 as a party; its prefix and whatever follows the identifier have no field."""
    return Party(
        role=element_of(segment, 1),
        is_person=element_of(segment, 2) == "1",
        last_name=element_of(segment, 3),
        first_name=element_of(segment, 4),
        middle_name=element_of(segment, 5),
        suffix=element_of(segment, 7),
        id_qualifier=element_of(segment, 8),
        id=element_of(segment, 9),
    )


def find_address(loop: Content) -> Address | None:
    """N3 and N4 of a loop."""
    street, city = loop.find("N3") or [], loop.find("N4") or []
    if not street and not city:
        return None
    return Address(
        line1=element_of(street, 1),
        line2=element_of(street, 2),
        city=element_of(city, 1),
        state=element_of(city, 2),
        postal_code=element_of(city, 3),
        country=element_of(city, 4),
        subdivision=element_of(city, 7),
    )


def read_contacts(loop: Content) -> tuple[Contact, ...]:
    """Every PER of a loop; PER01 is IC."""
    return tuple(
        Contact(
            name=element_of(segment, 2),
            numbers=tuple((segment[at], element_of(segment, at + 1)) for at in range(3, min(len(segment), 9), 2) if segment[at]),
        )
        for segment in loop.all("PER")
    )


def read_references(loop: Content) -> tuple[Reference, ...]:
    """Every REF of a loop; REF04 has no field."""
    return tuple(
        Reference(qualifier=element_of(one, 1), value=element_of(one, 2), description=element_of(one, 3))
        for one in loop.all("REF")
    )


def write_references(references: Iterable[Reference]) -> Iterator[str]:
    """A REF each."""
    return (join("REF", one.qualifier, one.value, one.description) for one in references)


def find_reference(references: Iterable[Reference], qualifier: str) -> str:
    """The value of the first reference with this qualifier, or ''."""
    return next((one.value for one in references if one.qualifier == qualifier), "")


def read_periods(loop: Content) -> tuple[Period, ...]:
    """Every DTP of a loop that says a day (D8) or a span of days (RD8)."""
    return tuple(period for period in map(_find_period, loop.all("DTP")) if period)


def _find_period(segment: list[str]) -> Period | None:
    text = element_of(segment, 3)
    first, _, last = text.partition("-") if element_of(segment, 2) == "RD8" else (text, "", "")
    begin, end = find_date(first), find_date(last) if last else None
    return Period(qualifier=element_of(segment, 1), first=begin, last=end) if begin else None


def write_periods(periods: Iterable[Period]) -> Iterator[str]:
    """A DTP each."""
    for one in periods:
        if one.last:
            yield join("DTP", one.qualifier, "RD8", format_date_range(one.first, one.last))
        else:
            yield join("DTP", one.qualifier, "D8", format_date(one.first))


def find_service_dates(loop: Content) -> tuple[date | None, date | None]:
    """DTP*472 of a loop: the day, or both ends of a span; a single day has no end of its own."""
    period = next((one for one in read_periods(loop) if one.qualifier == "472"), None)
    return (period.first, period.last) if period else (None, None)


def write_service_dates(first: date | None, last: date | None) -> Iterator[str]:
    """DTP*472, nothing where there is no first day."""
    if first:
        yield from write_periods([Period(qualifier="472", first=first, last=last)])


def read_traces(loop: Content) -> tuple[Trace, ...]:
    """Every TRN of a loop."""
    return tuple(
        Trace(
            kind=element_of(one, 1), number=element_of(one, 2), company=element_of(one, 3), division=element_of(one, 4)
        )
        for one in loop.all("TRN")
    )  # fmt: skip


def write_traces(traces: Iterable[Trace]) -> Iterator[str]:
    """A TRN each."""
    return (join("TRN", one.kind, one.number, one.company, one.division) for one in traces)


def find_birth(loop: Content) -> tuple[date | None, str]:
    """The date of birth and the gender of a loop's DMG."""
    segment = loop.find("DMG") or []
    return find_date(element_of(segment, 2)), element_of(segment, 3)


def write_birth(party: Party | None) -> Iterator[str]:
    """DMG of a party whose birth or gender is known."""
    if party and (party.birth_date or party.gender):
        yield join("DMG", "D8" if party.birth_date else "", date_text(party.birth_date), party.gender)


def find_procedure(text: str) -> Procedure | None:
    """A composite C003; None where it is empty."""
    if not text:
        return None
    parts = parts_of(text, 8)
    return Procedure(
        qualifier=parts[0], code=parts[1], modifiers=trimmed(parts[2:6]), description=parts[6], last_code=parts[7]
    )  # fmt: skip


def write_procedure(procedure: Procedure | None) -> str:
    """The composite C003, '' for None."""
    if procedure is None:
        return ""
    modifiers = (*procedure.modifiers, *("",) * (4 - len(procedure.modifiers)))
    return compose(procedure.qualifier, procedure.code, *modifiers, procedure.description, procedure.last_code)


def read_service(segment: list[str]) -> Service:
    """SVC as a claim status has it; its sixth element and whatever else has no field."""
    return Service(
        procedure=find_procedure(element_of(segment, 1)) or Procedure(qualifier="", code=""),
        charge_cents=find_cents(element_of(segment, 2)),
        paid_cents=find_cents(element_of(segment, 3)),
        revenue_code=element_of(segment, 4),
        quantity=find_quantity(element_of(segment, 7)),
    )


def write_service(service: Service) -> str:
    """SVC."""
    amounts = (cents_text(service.charge_cents), cents_text(service.paid_cents))
    return join(
        "SVC", write_procedure(service.procedure), *amounts, service.revenue_code, "", "", quantity_text(service.quantity)
    )
