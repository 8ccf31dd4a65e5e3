"""Segments that only some claims and lines have, into the fields of their documents: dates, amounts, notes, certifications …"""

from typing import Any

from edi.claims.details import Moment, Period
from edi.claims.loop_fields import Segments, day_of
from edi.claims.segments import Shape
from edi.values import parse_cents, parse_quantity

Shapes = dict[str, tuple[str, Shape[Any], bool]]


def read_details(segments: Segments, shapes: Shapes, component: str, plain: frozenset[str]) -> tuple[dict[str, Any], Segments]:
    """The fields that these segments give, and the segments that hold what no field can.

    `shapes` are the segments with a document of their own, `plain` the tags of the others that this loop has fields for.
    """
    fields: dict[str, Any] = {}
    left: Segments = []
    for segment in segments:
        tag = segment[0]
        is_many, named = True, None
        if tag in shapes:
            field, shape, is_many = shapes[tag]
            value = shape.read(segment, component)
            named = None if value is None else (field, value)
        elif tag in plain:
            named = _PLAIN[tag](segment)
        if named is None or (not is_many and named[0] in fields):
            left.append(segment)
        elif is_many:
            fields[named[0]] = (*fields.get(named[0], ()), named[1])
        else:
            fields[named[0]] = named[1]
    return fields, left


def _read_date(segment: list[str]) -> tuple[str, Any] | None:
    if len(segment) != 4:
        return None
    _, qualifier, form, text = segment
    if form == "D8":
        day = day_of(text)
        return ("dates", (qualifier, day)) if day else None
    if form == "RD8":
        first, _, last = text.partition("-")
        days = day_of(first), day_of(last)
        return ("periods", Period(qualifier=qualifier, first=days[0], last=days[1])) if days[0] and days[1] else None
    if not (text.isascii() and text.isdecimal()):
        return None
    if form == "TM" and 4 <= len(text) <= 8:
        return "moments", Moment(qualifier=qualifier, time=text)
    moment_day = day_of(text[:8]) if form == "DT" and 12 <= len(text) <= 16 else None
    return ("moments", Moment(qualifier=qualifier, time=text[8:], day=moment_day)) if moment_day else None


def _read_amount(segment: list[str]) -> tuple[str, Any] | None:
    try:
        cents = parse_cents(segment[2]) if len(segment) == 3 else None
    except ValueError:
        return None
    return None if cents is None else ("amounts", (segment[1], cents))


def _read_quantity(segment: list[str]) -> tuple[str, Any] | None:
    try:
        quantity = parse_quantity(segment[2]) if len(segment) == 3 else None
    except ValueError:
        return None
    return None if quantity is None else ("quantities", (segment[1], quantity))


def _read_note(segment: list[str]) -> tuple[str, Any] | None:
    return ("notes", (segment[1], segment[2])) if len(segment) == 3 else None


def _read_fixed_information(segment: list[str]) -> tuple[str, Any] | None:
    return ("fixed_information", segment[1]) if len(segment) == 2 else None


_PLAIN = {
    "DTP": _read_date,
    "AMT": _read_amount,
    "QTY": _read_quantity,
    "NTE": _read_note,
    "K3": _read_fixed_information,
}
