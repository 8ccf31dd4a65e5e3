"""Service lines into the segments of 2400 and its loops."""

from collections.abc import Iterator
from operator import attrgetter

from edi.claims import Guide, LineAdjudication, ServiceLine
from edi.claims.carrying import put_in_order, write_loop, write_loops
from edi.claims.details import Drug, Form
from edi.claims.party_writer import write_adjustments, write_party, write_reference
from edi.claims.segments import FORM_ANSWER, LINE_SHAPES, write_periods, write_shapes
from edi.punctuation import compose, join
from edi.values import format_cents, format_date, format_date_range, format_quantity

_PLAIN_DETAILS = ("dates", "periods", "moments", "quantities", "amounts", "fixed_information", "notes", "carried")
_get_details = attrgetter(*[field for field, _, _ in LINE_SHAPES.values()], *_PLAIN_DETAILS)
_get_loops = attrgetter("drugs", "providers", "adjudications", "forms", "carried")


def write_line(number: int, line: ServiceLine, guide: Guide) -> list[str]:
    """LX with the line's own number in the claim, the service of the guide, and what follows it."""
    segments = [join("LX", str(number)), _SERVICES[guide](line)]
    if line.service_from:
        segments.append(_write_service_date(line))
    if line.control_number:
        segments.append(join("REF", "6R", line.control_number))
    if line.references:
        segments += [write_reference(one) for one in line.references]
    if line.note:
        segments.append(join("NTE", "ADD", line.note))
    if any(_get_details(line)):
        segments = put_in_order("2400", segments + _write_details(line), line.carried)
    if any(_get_loops(line)):
        segments += _write_loops(line)
    return segments


def _write_loops(line: ServiceLine) -> Iterator[str]:
    for drug in line.drugs:
        yield from _write_drug(drug)
    yield from write_loops(line.carried, "2410")
    for provider in line.providers:
        yield from write_party(provider)
    for adjudication in line.adjudications:
        yield from _write_adjudication(adjudication)
    for form in line.forms:
        yield from _write_form(form)
    yield from write_loops(line.carried, "2440")


def _write_details(line: ServiceLine) -> list[str]:
    """What only some lines say."""
    return [
        *write_shapes(line, LINE_SHAPES),
        *[join("DTP", qualifier, "D8", format_date(day)) for qualifier, day in line.dates],
        *write_periods(line.periods, line.moments),
        *[join("QTY", qualifier, format_quantity(quantity)) for qualifier, quantity in line.quantities],
        *[join("AMT", qualifier, format_cents(cents)) for qualifier, cents in line.amounts],
        *[join("K3", text) for text in line.fixed_information],
        *[join("NTE", qualifier, text) for qualifier, text in line.notes],
    ]


def _write_professional(line: ServiceLine) -> str:
    return join(
        *("SV1", _write_procedure(line), format_cents(line.charge_cents), line.unit, format_quantity(line.quantity)),
        *(line.place_of_service, "", compose(*map(str, line.diagnosis_pointers)), "", line.emergency, "", line.epsdt),
        *(line.family_planning, "", "", line.copay_exempt),
    )


def _write_institutional(line: ServiceLine) -> str:
    return join(
        *("SV2", line.revenue_code, _write_procedure(line), format_cents(line.charge_cents), line.unit),
        *(format_quantity(line.quantity), "" if line.rate is None else format_quantity(line.rate)),
        "" if line.noncovered_cents is None else format_cents(line.noncovered_cents),
    )


def _write_dental(line: ServiceLine) -> str:
    quantity = format_quantity(line.quantity) if line.unit else ""
    return join(
        *("SV3", _write_procedure(line), format_cents(line.charge_cents), line.place_of_service, compose(*line.oral_cavity)),
        *(line.prosthesis, quantity, "", "", "", "", compose(*map(str, line.diagnosis_pointers))),
    )


_SERVICES = {"837P": _write_professional, "837I": _write_institutional, "837D": _write_dental}


def _write_procedure(line: ServiceLine | LineAdjudication) -> str:
    if not line.modifiers and not line.description:
        return compose(line.procedure_qualifier, line.procedure)
    modifiers = (*line.modifiers, *("",) * (4 - len(line.modifiers)))
    return compose(line.procedure_qualifier, line.procedure, *modifiers, line.description)


def _write_service_date(line: ServiceLine) -> str:
    assert line.service_from is not None
    if line.service_through is None:
        return join("DTP", "472", "D8", format_date(line.service_from))
    return join("DTP", "472", "RD8", format_date_range(line.service_from, line.service_through))


def _write_drug(drug: Drug) -> Iterator[str]:
    segments = [join("LIN", "", drug.qualifier, drug.code)]
    if drug.quantity is not None or drug.unit:
        quantity = "" if drug.quantity is None else format_quantity(drug.quantity)
        segments.append(join("CTP", "", "", "", quantity, drug.unit))
    segments += [write_reference(one) for one in drug.references]
    yield from put_in_order("2410", segments, drug.carried)
    for loop in drug.carried.loops if drug.carried else ():
        yield from write_loop(loop)


def _write_form(form: Form) -> Iterator[str]:
    segments = [join("LQ", form.qualifier, form.code), *map(FORM_ANSWER.write, form.answers)]
    yield from put_in_order("2440", segments, form.carried)


def _write_adjudication(decided: LineAdjudication) -> list[str]:
    quantity = "" if decided.quantity is None else format_quantity(decided.quantity)
    segments = [
        join(
            *(
                "SVD",
                decided.payer_id,
                format_cents(decided.paid_cents),
                _write_procedure(decided),
                decided.revenue_code,
                quantity,
            ),
            decided.bundled_line,
        ),
        *write_adjustments(decided.adjustments),
    ]
    if decided.paid_date:
        segments.append(join("DTP", "573", "D8", format_date(decided.paid_date)))
    if decided.remaining_patient_cents is not None:
        segments.append(join("AMT", "EAF", format_cents(decided.remaining_patient_cents)))
    return put_in_order("2430", segments, decided.carried) if decided.carried else segments
