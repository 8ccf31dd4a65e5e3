"""The documents of an 835 as loops, ready for the writer of trees."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from typing import TypeVar

from edi.claims import Adjustment, Party, Reference
from edi.remittances import ClaimPayment, ProviderAdjustment, Remittance, ServicePayment
from edi.segments import Delimiters, compose
from edi.tree import Loop
from edi.values import format_cents, format_date, format_quantity

_Item = TypeVar("_Item")


def build_tree(
    remittance: Remittance,
    payments: Iterable[ClaimPayment],
    adjustments: Iterable[ProviderAdjustment],
    *,
    st_control_number: str,
    delimiters: Delimiters,
) -> Loop:
    """The root loop of one set, without its SE. Raises Unwritable where a component holds the component separator."""
    root = Loop("", [["ST", "835", st_control_number], *_write_head(remittance)])
    root.loops.append(_write_party_loop("1000A", remittance.payer))
    root.loops.append(_write_party_loop("1000B", remittance.payee))
    claims = [_write_claim(payment, delimiters) for payment in payments]
    if claims:
        root.loops.append(Loop("2000", [["LX", "1"]], loops=claims))
    root.segments.extend(_write_provider_adjustments(adjustments, delimiters))
    return root


def _write_head(remittance: Remittance) -> Iterator[list[str]]:
    paid_on = format_date(remittance.payment_date) if remittance.payment_date else ""
    amount = format_cents(remittance.amount_cents)
    yield ["BPR", remittance.handling or "I", amount, remittance.credit_debit, remittance.method, *[""] * 11, paid_on]
    yield ["TRN", "1", remittance.trace_number, remittance.originator_id]
    yield from (_write_reference(reference) for reference in remittance.references)
    if remittance.production_date:
        yield ["DTM", "405", format_date(remittance.production_date)]


def _write_party_loop(loop_id: str, party: Party) -> Loop:
    segments = [["N1", party.role, party.last_name, party.id_qualifier, party.id]]
    address = party.address
    if address is not None:
        segments.append(["N3", address.line1, address.line2])
        segments.append(["N4", address.city, address.state, address.postal_code, address.country])
    segments.extend(_write_reference(reference) for reference in party.references)
    segments.extend(
        ["PER", "BL", contact.name, *(part for number in contact.numbers for part in number)] for contact in party.contacts
    )
    return Loop(loop_id, segments)


def _write_reference(reference: Reference) -> list[str]:
    return ["REF", reference.qualifier, reference.value, reference.description]


def _write_claim(payment: ClaimPayment, delimiters: Delimiters) -> Loop:
    cents = (payment.charge_cents, payment.paid_cents, payment.patient_responsibility_cents)
    segments = [
        [
            "CLP",
            payment.patient_control_number,
            payment.status,
            *(_format_cents(amount) for amount in cents),
            payment.claim_filing_indicator,
            payment.payer_claim_number,
            payment.facility_code,
            payment.frequency,
        ],
        *_write_adjustments(payment.adjustments),
    ]
    parties = (payment.patient, payment.subscriber, payment.rendering_provider, payment.crossover_carrier)
    segments.extend(_write_party(party) for party in parties if party is not None)
    segments.extend(["MOA", "", "", *remarks] for remarks in [payment.remarks] if remarks)
    segments.extend(_write_reference(reference) for reference in payment.references)
    dates = {"232": payment.service_from, "233": payment.service_through, "050": payment.received_date}
    segments.extend(["DTM", code, format_date(day)] for code, day in dates.items() if day)
    if payment.coverage_amount_cents is not None:
        segments.append(["AMT", "AU", format_cents(payment.coverage_amount_cents)])
    return Loop("2100", segments, loops=[_write_line(line, delimiters) for line in payment.lines])


def _write_line(line: ServicePayment, delimiters: Delimiters) -> Loop:
    submitted = (line.submitted_qualifier, line.submitted_procedure, *line.submitted_modifiers)
    segments = [
        [
            "SVC",
            compose((line.procedure_qualifier, line.procedure, *line.modifiers), delimiters),
            format_cents(line.charge_cents),
            format_cents(line.paid_cents),
            line.revenue_code,
            _format_quantity(line.quantity),
            compose(submitted, delimiters),
            _format_quantity(line.submitted_quantity),
        ]
    ]
    first = "150" if line.service_through else "472"
    dates = {first: line.service_from, "151": line.service_through}
    segments.extend(["DTM", code, format_date(day)] for code, day in dates.items() if day)
    segments.extend(_write_adjustments(line.adjustments))
    segments.extend(_write_reference(reference) for reference in line.references)
    if line.line_control_number:
        segments.append(["REF", "6R", line.line_control_number])
    if line.allowed_cents is not None:
        segments.append(["AMT", "B6", format_cents(line.allowed_cents)])
    segments.extend(["LQ", "HE", remark] for remark in line.remarks)
    return Loop("2110", segments)


def _write_adjustments(adjustments: Iterable[Adjustment]) -> Iterator[list[str]]:
    """CAS segments: neighbours of one group share one, six at most."""
    for group, members in groupby(adjustments, key=lambda adjustment: adjustment.group):
        for some in _sixes(list(members)):
            triples = ((one.reason, format_cents(one.amount_cents), _format_quantity(one.quantity)) for one in some)
            yield ["CAS", group, *(value for triple in triples for value in triple)]


def _write_party(party: Party) -> list[str]:
    kind = "1" if party.is_person else "2"
    names = (party.last_name, party.first_name, party.middle_name, "", party.suffix)
    return ["NM1", party.role, kind, *names, party.id_qualifier, party.id]


def _write_provider_adjustments(adjustments: Iterable[ProviderAdjustment], delimiters: Delimiters) -> Iterator[list[str]]:
    """PLB segments: neighbours of one provider and fiscal date share one, six at most."""
    for (provider_id, fiscal_date), members in groupby(adjustments, key=lambda one: (one.provider_id, one.fiscal_date)):
        for some in _sixes(list(members)):
            pairs = ((compose((one.reason, one.reference), delimiters), format_cents(one.amount_cents)) for one in some)
            day = format_date(fiscal_date) if fiscal_date else ""
            yield ["PLB", provider_id, day, *(value for pair in pairs for value in pair)]


def _sixes(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    return (items[start : start + 6] for start in range(0, len(items), 6))


def _format_cents(cents: int | None) -> str:
    return "" if cents is None else format_cents(cents)


def _format_quantity(quantity: Decimal | None) -> str:
    return "" if quantity is None else format_quantity(quantity)
