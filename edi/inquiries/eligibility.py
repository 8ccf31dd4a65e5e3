"""Eligibility as 270 and 271 tell it: who asks whom about whom, which benefits, and what is covered, as documents.

Codes are given as they stand; money in integer cents, percents and quantities as Decimal.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec

from edi.claims import Document, Party
from edi.claims.loop_fields import element_of, trimmed
from edi.claims.party_writer import write_address, write_name
from edi.inquiries.levels import Level, LevelKind
from edi.inquiries.remainder import Content
from edi.inquiries.segment_fields import (
    Period,
    Trace,
    date_text,
    find_address,
    find_birth,
    find_quantity,
    parts_of,
    quantity_text,
    read_contacts,
    read_name,
    read_references,
    write_birth,
    write_periods,
    write_references,
)
from edi.punctuation import REPETITION, compose, join
from edi.values import find_date

KINDS = (
    LevelKind("2000A", "source", "20"),
    LevelKind("2000B", "receiver", "21"),
    LevelKind("2000C", "subscriber", "22"),
    LevelKind("2000D", "dependent", "23"),
)
"""Who is asked (the payer), who asks (the provider), about whom: levels of a 270 and of a 271, the outermost first."""


class Specialty(Document, frozen=True, kw_only=True):
    """PRV: in which role a provider acts, and a number of it or its taxonomy (`qualifier` PXC)."""

    role: str
    qualifier: str = ""
    value: str = ""


class Insured(Document, frozen=True, kw_only=True):
    """INS: how the person is related to the subscriber, and what sets twins apart (`birth_sequence`).

    `maintenance_type` and `maintenance_reason` 001 and 25 say that the payer's identification differs from what was asked.
    """

    is_subscriber: bool
    relationship: str
    maintenance_type: str = ""
    maintenance_reason: str = ""
    student_status: str = ""
    handicapped: str = ""
    birth_sequence: str = ""


class HealthCode(Document, frozen=True, kw_only=True):
    """One composite of HI: a diagnosis and its qualifier."""

    qualifier: str
    code: str


class Military(Document, frozen=True, kw_only=True):
    """MPI: service in the armed forces: how current this is, employment, affiliation, text, rank, and from when to when."""

    status: str
    employment: str
    affiliation: str
    description: str = ""
    rank: str = ""
    first: date | None = None
    last: date | None = None


class Rejection(Document, frozen=True, kw_only=True):
    """AAA: why a request was not answered (AAA03), and what to do (AAA04: C correct and resubmit, N do not resubmit …).

    `is_valid` says that the request itself was right.
    """

    reason: str
    follow_up: str = ""
    is_valid: bool = False


class Delivery(Document, frozen=True, kw_only=True):
    """HSD: how a service is delivered: so many of these per so many of those, over so long."""

    quantity_qualifier: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    sample: str = ""
    period_qualifier: str = ""
    period_count: str = ""
    frequency: str = ""
    time_of_day: str = ""


class Condition(Document, frozen=True, kw_only=True):
    """III: under what condition something holds: a place of service (ZZ), a diagnosis (BK …), or in words."""

    qualifier: str = ""
    code: str = ""
    category: str = ""
    text: str = ""


class EligibilityLevel(Level, frozen=True, kw_only=True):
    """What 270 and 271 say alike of a level: who it is (2000, 2100) without what is asked and answered there."""

    traces: tuple[Trace, ...] = ()
    specialty: Specialty | None = None
    insured: Insured | None = None
    diagnoses: tuple[HealthCode, ...] = ()
    dates: tuple[Period, ...] = ()


def read_party(loop: Content) -> Party:
    """2100 or 2120: the name with its address, references, contacts, birth and gender."""
    birth_date, gender = find_birth(loop)
    return msgspec.structs.replace(
        read_name(loop.find("NM1") or ["NM1"]),
        address=find_address(loop),
        references=read_references(loop),
        contacts=read_contacts(loop),
        birth_date=birth_date,
        gender=gender,
    )


def write_named(party: Party) -> Iterator[str]:
    """NM1, REF, N3 and N4 of a party, in which 270 and 271 agree."""
    yield write_name(party)
    yield from write_references(party.references)
    yield from write_address(party.address)


def write_described(level: EligibilityLevel) -> Iterator[str]:
    """PRV, DMG, INS, HI and DTP of a level, in which 270 and 271 agree."""
    yield from write_specialty(level.specialty)
    yield from write_birth(level.party)
    yield from _write_insured(level.insured)
    codes = [compose(one.qualifier, one.code) for one in level.diagnoses]
    yield from (join("HI", *codes) for _ in codes[:1])
    yield from write_periods(level.dates)


def find_specialty(loop: Content) -> Specialty | None:
    """The PRV of a loop."""
    segment = loop.find("PRV")
    if segment is None:
        return None
    return Specialty(role=element_of(segment, 1), qualifier=element_of(segment, 2), value=element_of(segment, 3))


def write_specialty(specialty: Specialty | None) -> Iterator[str]:
    """PRV, where there is one."""
    if specialty:
        yield join("PRV", specialty.role, specialty.qualifier, specialty.value)


def find_insured(loop: Content) -> Insured | None:
    """The INS of a loop."""
    segment = loop.find("INS")
    if segment is None:
        return None
    return Insured(
        is_subscriber=element_of(segment, 1) == "Y",
        relationship=element_of(segment, 2),
        maintenance_type=element_of(segment, 3),
        maintenance_reason=element_of(segment, 4),
        student_status=element_of(segment, 9),
        handicapped=element_of(segment, 10),
        birth_sequence=element_of(segment, 17),
    )


def _write_insured(insured: Insured | None) -> Iterator[str]:
    if insured is None:
        return
    yield join(
        *("INS", "Y" if insured.is_subscriber else "N", insured.relationship, insured.maintenance_type),
        *(insured.maintenance_reason, "", "", "", "", insured.student_status, insured.handicapped),
        *("", "", "", "", "", "", insured.birth_sequence),
    )


def read_diagnoses(loop: Content) -> tuple[HealthCode, ...]:
    """Qualifier and code of every composite of a loop's HI."""
    composites = [parts_of(text, 2) for segment in loop.all("HI")[:1] for text in segment[1:]]
    return tuple(HealthCode(qualifier=parts[0], code=parts[1]) for parts in composites)


def find_military(loop: Content) -> Military | None:
    """The MPI of a loop."""
    segment = loop.find("MPI")
    if segment is None:
        return None
    first, _, last = element_of(segment, 7).partition("-")
    return Military(
        status=element_of(segment, 1),
        employment=element_of(segment, 2),
        affiliation=element_of(segment, 3),
        description=element_of(segment, 4),
        rank=element_of(segment, 5),
        first=find_date(first),
        last=find_date(last) if last else None,
    )


def write_military(military: Military | None) -> Iterator[str]:
    """MPI, where there is one."""
    if military is None:
        return
    span = "-".join(date_text(day) for day in (military.first, military.last) if day)
    form = ("RD8" if military.last else "D8") if span else ""
    yield join("MPI", military.status, military.employment, military.affiliation, military.description, military.rank, form, span)


def read_rejections(loop: Content) -> tuple[Rejection, ...]:
    """Every AAA of a loop."""
    return tuple(
        Rejection(is_valid=element_of(one, 1) == "Y", reason=element_of(one, 3), follow_up=element_of(one, 4))
        for one in loop.all("AAA")
    )


def write_rejections(rejections: tuple[Rejection, ...]) -> Iterator[str]:
    """An AAA each."""
    return (join("AAA", "Y" if one.is_valid else "N", "", one.reason, one.follow_up) for one in rejections)


def read_deliveries(loop: Content) -> tuple[Delivery, ...]:
    """Every HSD of a loop."""
    return tuple(
        Delivery(
            quantity_qualifier=element_of(one, 1),
            quantity=find_quantity(element_of(one, 2)),
            unit=element_of(one, 3),
            sample=element_of(one, 4),
            period_qualifier=element_of(one, 5),
            period_count=element_of(one, 6),
            frequency=element_of(one, 7),
            time_of_day=element_of(one, 8),
        )
        for one in loop.all("HSD")
    )


def write_deliveries(deliveries: tuple[Delivery, ...]) -> Iterator[str]:
    """An HSD each."""
    for one in deliveries:
        many = (one.quantity_qualifier, quantity_text(one.quantity), one.unit, one.sample)
        yield join("HSD", *many, one.period_qualifier, one.period_count, one.frequency, one.time_of_day)


def read_conditions(loop: Content) -> tuple[Condition, ...]:
    """Every III of a loop."""
    return tuple(
        Condition(
            qualifier=element_of(one, 1), code=element_of(one, 2), category=element_of(one, 3), text=element_of(one, 4)
        )
        for one in loop.all("III")
    )  # fmt: skip


def write_conditions(conditions: tuple[Condition, ...]) -> Iterator[str]:
    """An III each."""
    return (join("III", one.qualifier, one.code, one.category, one.text) for one in conditions)


def read_repeats(text: str) -> tuple[str, ...]:
    """The repetitions of an element; none where it is empty."""
    return tuple(text.split(REPETITION)) if text else ()


def write_repeats(values: tuple[str, ...]) -> str:
    """An element repeated."""
    return REPETITION.join(values)


def read_pointers(text: str) -> tuple[int, ...]:
    """The diagnoses a composite C004 points to, counted from 1; none where one of them is no number."""
    numbers = trimmed(parts_of(text, 1))
    return tuple(map(int, numbers)) if all(one.isascii() and one.isdecimal() for one in numbers) else ()


def write_pointers(pointers: tuple[int, ...]) -> str:
    """The composite C004."""
    return compose(*map(str, pointers))
