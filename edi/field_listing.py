"""A document field by field, as a person reads it: names in words, codes with what they mean."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from edi.claims import Carried, CarriedLoop, Document
from edi.codes.adjustment import carc_text
from edi.codes.claim_status import CATEGORIES, CODES, ENTITIES
from edi.punctuation import COMPONENT, REPETITION
from edi.transactions.t277ca import AcknowledgedUnit
from edi.values import format_quantity

Value = str | int | date | datetime | None


class Field(NamedTuple):
    """One line: how deep it stands, its name (…_cents for money), its value, and what its code means.

    `value` is None for a heading over what stands one level deeper.
    """

    depth: int
    name: str
    value: Value
    meaning: str = ""


def find_claim_number(document: Document) -> str:
    """The patient control number a document is about; '' for one that is about none or several."""
    if isinstance(document, AcknowledgedUnit):
        return document.trace if document.level == "claim" else ""
    number = getattr(document, "patient_control_number", "")
    return number if isinstance(number, str) else ""


def list_fields(document: msgspec.Struct, depth: int = 0) -> Iterator[Field]:
    """Every field that says something, in the order of the document, with those of inner documents one level deeper."""
    kind = type(document).__name__
    for name in document.__struct_fields__:
        value = getattr(document, name)
        if value not in (None, "", ()):
            yield from _list_value(kind, name, value, depth)


def _list_value(kind: str, name: str, value: Any, depth: int) -> Iterator[Field]:
    if isinstance(value, Carried):
        yield from _list_carried(value, depth)
    elif isinstance(value, msgspec.Struct):
        yield Field(depth, name, None)
        yield from list_fields(value, depth + 1)
    elif isinstance(value, tuple) and isinstance(value[0], msgspec.Struct):
        for number, inner in enumerate(value, 1):
            yield Field(depth, f"{_singular(name)} {number}", None)
            yield from list_fields(inner, depth + 1)
    elif isinstance(value, tuple):
        for inner in value:
            yield Field(depth, _singular(name), _plain(inner), _tell_meaning(kind, name, inner))
    else:
        yield Field(depth, name, _plain(value), _tell_meaning(kind, name, value))


def _list_carried(carried: Carried | CarriedLoop, depth: int) -> Iterator[Field]:
    """What no field names, as the segments it came in."""
    for segment in carried.segments:
        text = "*".join(segment).replace(COMPONENT, ":").replace(REPETITION, "^")
        yield Field(depth, "also", text)
    for loop in carried.loops:
        yield Field(depth, f"also loop {loop.loop}", None)
        yield from _list_carried(loop, depth + 1)


def _plain(value: Any) -> Value:
    if isinstance(value, Decimal):
        return format_quantity(value)
    if isinstance(value, tuple):
        return " ".join(str(_plain(inner)) for inner in value)
    if isinstance(value, str | int | date) and not isinstance(value, bool):
        return value
    return {True: "yes", False: "no"}.get(value, str(value))


def _singular(name: str) -> str:
    for plural, singular in (("ies", "y"), ("statuses", "status"), ("diagnoses", "diagnosis"), ("ses", "se"), ("s", "")):
        if name.endswith(plural):
            return name.removesuffix(plural) + singular
    return name


def _look_up(table: dict[str, str]) -> Callable[[str], str]:
    return lambda code: table.get(code, "")


def _tell_meaning(kind: str, name: str, value: Any) -> str:
    tell = _MEANINGS.get((kind, name)) or _MEANINGS.get(("", name))
    code = value[0] if isinstance(value, tuple) else value
    return tell(code) if tell and isinstance(code, str) else ""


_MEANINGS: dict[tuple[str, str], Callable[[str], str]] = {
    ("Adjustment", "reason"): carc_text,
    ("Status", "category"): _look_up(CATEGORIES),
    ("Status", "code"): lambda code: CODES[code][0] if code in CODES else "",
    ("Status", "entity"): _look_up(ENTITIES),
    ("Party", "role"): _look_up(ENTITIES),
}
"""Where a code stands in a document, and who knows what it means; a code nobody knows stands as itself."""
