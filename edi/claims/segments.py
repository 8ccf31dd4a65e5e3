"""Segments that are one document each, as a table: which element is which field. Read and written from the same lines."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from types import UnionType
from typing import Any, Generic, TypeVar, get_args

import msgspec

from edi.claims.details import (
    Admission,
    AmbulanceTransport,
    Attachment,
    Certification,
    Contract,
    EquipmentCertification,
    EquipmentService,
    FormAnswer,
    InpatientAdjudication,
    Measurement,
    Moment,
    Orthodontics,
    OutpatientAdjudication,
    Period,
    Pricing,
    PurchasedService,
    SpinalManipulation,
    Tooth,
    ToothStatus,
)
from edi.documents import Document
from edi.punctuation import compose, join
from edi.values import find_date, format_cents, format_date, format_date_range, format_quantity, parse_cents, parse_quantity

D = TypeVar("D", bound=Document)


class Shape(Generic[D]):
    """A segment's elements in order, each named after its field; '' is an element that no field names.

    "qualifier:code" names the components of a composite, "remarks*5" one field for five elements on end; a field that holds
    several texts and stands alone is a composite of them. The field's own type says how its text is read.
    """

    def __init__(self, tag: str, document: type[D], *names: str) -> None:
        self.tag = tag
        self.document = document
        self._kinds = {field.name: _kind_of(field.type) for field in msgspec.structs.fields(document)}
        self._plan: list[tuple[int, int, str]] = []
        place = 1
        for name in names:
            field, _, count = name.partition("*")
            width = int(count or 1)
            if field:
                self._plan.append((place, width if count else 0, field))
            place += width
        self._end = place
        self._gaps = [at for at in range(1, place) if not any(s <= at < s + max(w, 1) for s, w, _ in self._plan)]

    def read(self, segment: list[str], component: str) -> D | None:
        """The document of a segment; None where a value is none of its kind or an element has no field."""
        if any(segment[self._end :]) or any(segment[place] for place in self._gaps if place < len(segment)):
            return None
        values: dict[str, Any] = {}
        try:
            for place, width, name in self._plan:
                if place >= len(segment):
                    break
                if width:
                    values[name] = _trim(segment[place : place + width])
                elif ":" in name:
                    self._read_parts(name, segment[place], component, values)
                elif segment[place]:
                    values[name] = self._read_value(name, segment[place], component)
        except ValueError:
            return None
        try:
            return self.document(**values)
        except TypeError:
            # A field that must be there is not.
            return None

    def write(self, document: D) -> str:
        """The segment of a document."""
        elements = [""] * self._end
        elements[0] = self.tag
        for place, width, name in self._plan:
            if width:
                given = getattr(document, name)
                elements[place : place + len(given)] = given
            elif ":" in name:
                elements[place] = compose(*[getattr(document, part) if part else "" for part in name.split(":")])
            else:
                elements[place] = _write_value(getattr(document, name))
        return join(*elements)

    def _read_value(self, name: str, text: str, component: str) -> object:
        kind = self._kinds[name]
        if kind == "cents":
            return parse_cents(text)
        if kind == "quantity":
            return parse_quantity(text)
        if kind == "list":
            return _trim(text.split(component))
        if kind == "date":
            day = find_date(text)
            if day is None or len(text) != 8:
                raise ValueError("no date of eight digits")
            return day
        return text

    def _read_parts(self, name: str, text: str, component: str, values: dict[str, Any]) -> None:
        names, parts = name.split(":"), text.split(component)
        if any(part and (at >= len(names) or not names[at]) for at, part in enumerate(parts)):
            raise ValueError("a component that no field names")
        values.update({one: part for one, part in zip(names, parts, strict=False) if part})


def _kind_of(annotation: object) -> str:
    kinds = set(get_args(annotation)) if isinstance(annotation, UnionType) else {annotation}
    known = {int: "cents", Decimal: "quantity", date: "date", str: "text"}
    return next((name for kind, name in known.items() if kind in kinds), "list")


def _trim(values: list[str]) -> tuple[str, ...]:
    while values and not values[-1]:
        values = values[:-1]
    return tuple(values)


def _write_value(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return format_cents(value)
    if isinstance(value, Decimal):
        return format_quantity(value)
    if isinstance(value, date):
        return format_date(value)
    assert isinstance(value, tuple)
    return compose(*value)


# fmt: off
ATTACHMENT = Shape("PWK", Attachment, "report", "transmission", "", "", "control_qualifier", "control_number", "description")
CONTRACT = Shape("CN1", Contract, "type", "amount_cents", "percent", "code", "terms_discount_percent", "version")
PRICING = Shape(
    "HCP", Pricing, "method", "priced_cents", "saved_cents", "repricer_id", "rate", "group_code", "group_cents", "revenue_code",
    "product_qualifier", "product", "unit", "quantity", "rejection", "compliance", "exception",
)
AMBULANCE = Shape(
    "CR1", AmbulanceTransport, "weight_unit", "weight", "transport", "reason", "distance_unit", "distance", "", "",
    "round_trip_purpose", "stretcher_purpose",
)
SPINAL_MANIPULATION = Shape(
    "CR2", SpinalManipulation, "number", "count", "subluxation_from", "subluxation_through", "period_unit", "period_count",
    "monthly_count", "condition", "complication", "description", "further_description", "xray_available",
)
CERTIFICATION = Shape("CRC", Certification, "category", "applies", "conditions*5")
ADMISSION = Shape("CL1", Admission, "type", "source", "patient_status")
ORTHODONTICS = Shape("DN1", Orthodontics, "months", "remaining_months", "", "indicator")
TOOTH_STATUS = Shape("DN2", ToothStatus, "tooth", "status", "", "", "", "numbering")
TOOTH = Shape("TOO", Tooth, "numbering", "tooth", "surfaces")
EQUIPMENT = Shape(
    "SV5", EquipmentService, "procedure_qualifier:procedure", "unit", "quantity", "rental_cents", "purchase_cents", "frequency",
)
EQUIPMENT_CERTIFICATION = Shape("CR3", EquipmentCertification, "type", "unit", "duration")
MEASUREMENT = Shape("MEA", Measurement, "reference", "qualifier", "value")
PURCHASED = Shape("PS1", PurchasedService, "provider_id", "charge_cents")
FORM_ANSWER = Shape("FRM", FormAnswer, "question", "answer", "text", "day", "percent")
INPATIENT = Shape(
    "MIA", InpatientAdjudication, "covered_days", "outlier_cents", "psychiatric_days", "drg_cents", "remark",
    "disproportionate_share_cents", "pass_through_cents", "capital_cents", "capital_federal_drg_cents",
    "capital_hospital_drg_cents", "capital_disproportionate_drg_cents", "old_capital_cents", "capital_education_cents",
    "operating_hospital_drg_cents", "cost_report_days", "operating_federal_drg_cents", "capital_outlier_cents",
    "teaching_cents", "professional_cents", "remarks*4", "capital_exception_cents",
)
OUTPATIENT = Shape("MOA", OutpatientAdjudication, "rate", "payable_cents", "remarks*5", "renal_cents", "professional_cents")

CLAIM_SHAPES: dict[str, tuple[str, Shape[Any], bool]] = {
    "CL1": ("admission", ADMISSION, False),
    "DN1": ("orthodontics", ORTHODONTICS, False),
    "DN2": ("teeth", TOOTH_STATUS, True),
    "PWK": ("attachments", ATTACHMENT, True),
    "CN1": ("contract", CONTRACT, False),
    "CR1": ("ambulance", AMBULANCE, False),
    "CR2": ("spinal_manipulation", SPINAL_MANIPULATION, False),
    "CRC": ("certifications", CERTIFICATION, True),
    "HCP": ("pricing", PRICING, False),
}
"""By tag, the field of a Claim that holds the segment, its shape, and whether the field holds several."""

LINE_SHAPES: dict[str, tuple[str, Shape[Any], bool]] = {
    "TOO": ("teeth", TOOTH, True),
    "SV5": ("equipment", EQUIPMENT, False),
    "PWK": ("attachments", ATTACHMENT, True),
    "CR1": ("ambulance", AMBULANCE, False),
    "CR3": ("equipment_certification", EQUIPMENT_CERTIFICATION, False),
    "CRC": ("certifications", CERTIFICATION, True),
    "MEA": ("measurements", MEASUREMENT, True),
    "CN1": ("contract", CONTRACT, False),
    "PS1": ("purchased", PURCHASED, False),
    "HCP": ("pricing", PRICING, False),
}
"""The same for a ServiceLine."""

OTHER_PAYER_SHAPES: dict[str, tuple[str, Shape[Any], bool]] = {
    "MIA": ("inpatient", INPATIENT, False),
    "MOA": ("outpatient", OUTPATIENT, False),
}
"""The same for an OtherPayer."""


def write_shapes(document: Document, shapes: dict[str, tuple[str, Shape[Any], bool]]) -> list[str]:
    """The segments of the fields that these shapes are for."""
    segments: list[str] = []
    for field, shape, is_many in shapes.values():
        value = getattr(document, field)
        if is_many:
            segments += [shape.write(one) for one in value]
        elif value is not None:
            segments.append(shape.write(value))
    return segments
# fmt: on


def write_periods(periods: Sequence[Period], moments: Sequence[Moment]) -> list[str]:
    """DTP of the formats RD8, DT and TM."""
    segments = [join("DTP", one.qualifier, "RD8", format_date_range(one.first, one.last)) for one in periods]
    for one in moments:
        form, day = ("DT", format_date(one.day)) if one.day else ("TM", "")
        segments.append(join("DTP", one.qualifier, form, day + one.time))
    return segments
