"""A document field by field, as a person reads it: names in words, codes with what they mean."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec

from edi.claims import Carried, CarriedLoop
from edi.codes.lists import describe, next_step
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


def find_claim_number(document: msgspec.Struct) -> str:
    """The patient control number a document is about; '' for one that is about none or several."""
    if isinstance(document, AcknowledgedUnit):
        return document.trace if document.level == "claim" else ""
    number = getattr(document, "patient_control_number", "")
    return number if isinstance(number, str) else ""


def find_about(document: msgspec.Struct, number: str) -> Iterator[msgspec.Struct]:
    """The document, or those within it, that are about the claim of this patient control number."""
    own = find_claim_number(document)
    if own:
        yield from (document,) if own == number else ()
        return
    for name in document.__struct_fields__:
        value = getattr(document, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, msgspec.Struct):
                yield from find_about(inner, number)


def list_fields(document: msgspec.Struct, depth: int = 0) -> Iterator[Field]:
    """Every field that says something, in the order of the document, with those of inner documents one level deeper."""
    for name in document.__struct_fields__:
        value = getattr(document, name)
        if value not in (None, "", ()):
            yield from _list_value(document, name, value, depth)


def _list_value(document: msgspec.Struct, name: str, value: Any, depth: int) -> Iterator[Field]:
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
            yield _list_one(document, name, inner, depth)
    else:
        yield Field(depth, name, _plain(value), _tell_meaning(document, name, value))


def _list_one(document: msgspec.Struct, name: str, value: Any, depth: int) -> Field:
    """One of several values of a field; an amount under its qualifier is money."""
    meaning = _tell_meaning(document, name, value)
    if name == "amounts":
        return Field(depth, f"amount {value[0]}_cents", value[1], meaning)
    return Field(depth, _singular(name), _plain(value), meaning)


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


def _tell_meaning(document: msgspec.Struct, name: str, value: Any) -> str:
    """What a code means, and after an arrow what to do about it; of a pair of qualifier and value, the qualifier."""
    code = value[0] if isinstance(value, tuple) else value
    listed = _LISTS.get((type(document).__name__, name)) or _LISTS.get(("", name))
    if listed is None or not isinstance(code, str):
        return ""
    if listed == "POS" and getattr(document, "facility_qualifier", "") == _BILL_TYPE:
        return ""
    meaning, step = describe(listed, code), next_step(listed, code)
    told = "" if meaning == code else meaning
    return f"{told} → {step}" if step else told


_BILL_TYPE = "A"
"""CLM05-2 of an institutional claim: what stands in CLM05-1 is then the type of bill, no place of service."""

_LISTS: dict[tuple[str, str], str] = {
    ("", "amounts"): "AMT",
    ("", "assignment"): "assignment",
    ("", "claim_filing_indicator"): "filing",
    ("", "delay_reason"): "delay",
    ("", "place_of_service"): "POS",
    ("", "related_causes"): "cause",
    ("", "relationship"): "relationship",
    ("", "remarks"): "RARC",
    ("", "responsibility"): "payer-order",
    ("", "service_types"): "service-type",
    ("", "verdict"): "verdict",
    ("Adjustment", "group"): "group",
    ("Adjustment", "reason"): "CARC",
    ("Benefit", "information"): "benefit",
    ("Claim", "dates"): "DTP",
    ("Claim", "frequency"): "frequency",
    ("ClaimPayment", "frequency"): "frequency",
    ("ClaimPayment", "status"): "payment-status",
    ("ElementNote", "code"): "IK403",
    ("GroupResponse", "codes"): "AK905",
    ("Party", "role"): "entity",
    ("Period", "qualifier"): "DTP",
    ("ProviderAdjustment", "reason"): "PLB",
    ("Reference", "qualifier"): "REF",
    ("Rejection", "follow_up"): "follow-up",
    ("Rejection", "reason"): "AAA",
    ("Remittance", "handling"): "handling",
    ("Remittance", "method"): "payment-method",
    ("SegmentNote", "code"): "IK304",
    ("SetResponse", "codes"): "IK502",
    ("Status", "category"): "status-category",
    ("Status", "code"): "status",
    ("Status", "entity"): "entity",
}
"""Which list the codes of a field are in, by document and field, or by field in any document."""
