"""The documents of an 835 into segments, one document at a time, so that a set of any size streams."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby

from edi.claims import Address, Contact, Document, Party, Reference
from edi.claims.party_writer import write_adjustments, write_name
from edi.claims.segments import INPATIENT, OUTPATIENT
from edi.inquiries.remainder import lay_out
from edi.punctuation import compose, join, punctuate
from edi.remittances import (
    LINE_REFERENCES,
    BankAccount,
    ClaimPayment,
    HeaderNumber,
    ProviderAdjustment,
    Remittance,
    ServicePayment,
)
from edi.segments import Delimiters
from edi.values import format_cents, format_date, format_quantity

_PAIRS_PER_PLB = 6


def write_documents(
    documents: Iterable[Document], *, st_control_number: str, version: str, delimiters: Delimiters
) -> Iterator[str]:
    """ST to SE from a Remittance and what follows it; claim payments without a HeaderNumber stand under LX*1.

    Raises ValueError where not the first of them, and it alone, is a Remittance; Unwritable, with the position, where a
    value cannot be sent.
    """
    yield delimiters.element.join(("ST", "835", st_control_number, version)).rstrip(delimiters.element)
    count, is_numbered = 1, False
    for document, segments in _write_each(documents):
        if isinstance(document, ClaimPayment) and not is_numbered:
            segments.insert(0, join("LX", "1"))
        is_numbered = is_numbered or isinstance(document, ClaimPayment | HeaderNumber)
        if (count == 1) != isinstance(document, Remittance):
            raise ValueError("an 835 has one Remittance, before all its other documents")
        yield from punctuate(segments, delimiters, document, position=count + 1)
        count += len(segments)
    if count == 1:
        raise ValueError("an 835 has a Remittance")
    yield delimiters.element.join(("SE", str(count + 1), st_control_number))


def _write_each(documents: Iterable[Document]) -> Iterator[tuple[object, list[str]]]:
    """Each document with its segments; provider adjustments together with their neighbours."""
    for is_adjustment, some in groupby(documents, key=lambda document: isinstance(document, ProviderAdjustment)):
        if is_adjustment:
            yield from _write_adjustments([one for one in some if isinstance(one, ProviderAdjustment)])
        else:
            for document in some:
                yield document, _write_document(document)


def _write_adjustments(adjustments: Sequence[ProviderAdjustment]) -> Iterator[tuple[object, list[str]]]:
    """PLB segments: neighbours of one provider and fiscal date share one, six at most, but not those read from two."""
    for (provider_id, day, _), members in groupby(adjustments, key=lambda one: (one.provider_id, one.fiscal_date, one.position)):
        same = list(members)
        for start in range(0, len(same), _PAIRS_PER_PLB):
            six = same[start : start + _PAIRS_PER_PLB]
            pairs = [(compose(one.reason, one.reference), format_cents(one.amount_cents)) for one in six]
            text = format_date(day) if day else ""
            yield six, [join("PLB", provider_id, text, *(value for pair in pairs for value in pair))]


def _write_document(document: Document) -> list[str]:
    if isinstance(document, ClaimPayment):
        segments = lay_out(document, claim_segments(document))
        for line in document.lines:
            segments += lay_out(line, line_segments(line))
        return segments
    if isinstance(document, HeaderNumber):
        return lay_out(document, header_segments(document))
    if isinstance(document, Remittance):
        return lay_out(document, head_segments(document))
    raise ValueError(f"an 835 has no {type(document).__name__}")


def head_segments(remittance: Remittance) -> list[str]:
    """BPR to the end of 1000B, by the fields alone."""
    one = remittance
    paid_on = format_date(one.payment_date) if one.payment_date else ""
    segments = [
        join(
            *("BPR", one.handling or "I", format_cents(one.amount_cents), one.credit_debit, one.method, one.payment_format),
            *(*_account(one.payer_account), one.company_id, one.company_supplement, *_account(one.payee_account), paid_on),
        ),
        join("TRN", "1", one.trace_number, one.originator_id, one.trace_supplement),
    ]
    segments += map(_reference, one.references)
    if one.production_date:
        segments.append(join("DTM", "405", format_date(one.production_date)))
    return segments + _party_loop(one.payer) + _party_loop(one.payee)


def _account(account: BankAccount | None) -> tuple[str, str, str, str]:
    return (account.bank_qualifier, account.bank, account.account_qualifier, account.account) if account else ("",) * 4


def _party_loop(party: Party) -> list[str]:
    segments = [join("N1", party.role, party.last_name, party.id_qualifier, party.id)]
    if party.address:
        segments += _address(party.address)
    segments += map(_reference, party.references)
    segments += [_contact("BL", contact) for contact in party.contacts]
    return segments


def _address(address: Address) -> Iterator[str]:
    street = join("N3", address.line1, address.line2)
    if street != "N3":
        yield street
    city = join("N4", address.city, address.state, address.postal_code, address.country)
    if city != "N4":
        yield city


def _contact(function: str, contact: Contact) -> str:
    return join("PER", contact.function or function, contact.name, *(part for number in contact.numbers for part in number))


def _reference(reference: Reference) -> str:
    return join("REF", reference.qualifier, reference.value, reference.description)


def header_segments(header: HeaderNumber) -> list[str]:
    """LX and TS3, by the fields alone."""
    day = format_date(header.fiscal_date) if header.fiscal_date else ""
    amounts = (_quantity(header.claim_count), _cents(header.charge_cents))
    summary = join("TS3", header.provider_id, header.facility_code, day, *amounts)
    return [join("LX", header.number), *([summary] if summary != "TS3" else [])]


def claim_segments(payment: ClaimPayment) -> list[str]:
    """CLP to the last segment before the lines, by the fields alone."""
    one = payment
    segments = [
        join(
            *("CLP", one.patient_control_number, one.status, format_cents(one.charge_cents), format_cents(one.paid_cents)),
            *(_cents(one.patient_responsibility_cents), one.claim_filing_indicator, one.payer_claim_number, one.facility_code),
            *(one.frequency, one.patient_status, one.drg, _quantity(one.drg_weight), _quantity(one.discharge_fraction)),
        )
    ]
    segments += write_adjustments(one.adjustments, one.adjustment_counts)
    parties = (
        *(one.patient, one.subscriber, one.corrected_patient, one.rendering_provider, one.crossover_carrier),
        *(one.corrected_payer, one.other_subscriber),
    )
    segments += [write_name(party) for party in parties if party is not None]
    if one.inpatient:
        segments.append(INPATIENT.write(one.inpatient))
    if one.outpatient:
        segments.append(OUTPATIENT.write(one.outpatient))
    elif one.remarks and not one.inpatient:
        segments.append(join("MOA", "", "", *one.remarks))
    segments += map(_reference, one.references)
    dates = (("232", one.service_from), ("233", one.service_through), ("036", one.expiration_date), ("050", one.received_date))
    segments += [join("DTM", code, format_date(day)) for code, day in dates if day]
    segments += [_contact("CX", contact) for contact in one.contacts]
    return segments + _amounts("AU", one.coverage_amount_cents, one.amounts) + _quantities(one.quantities)


def line_segments(line: ServicePayment) -> list[str]:
    """SVC and what follows it, by the fields alone."""
    segments = [
        join(
            "SVC",
            _procedure(line.procedure_qualifier, line.procedure, line.modifiers, line.description),
            format_cents(line.charge_cents),
            format_cents(line.paid_cents),
            line.revenue_code,
            _quantity(line.quantity),
            _procedure(line.submitted_qualifier, line.submitted_procedure, line.submitted_modifiers, line.submitted_description),
            _quantity(line.submitted_quantity),
        )
    ]
    first = "150" if line.service_through else "472"
    dates = ((first, line.service_from), ("151", line.service_through))
    segments += [join("DTM", code, format_date(day)) for code, day in dates if day]
    segments += write_adjustments(line.adjustments, line.adjustment_counts)
    segments += [_reference(one) for one in line.references if one.qualifier in LINE_REFERENCES]
    if line.line_control_number:
        segments.append(join("REF", "6R", line.line_control_number))
    segments += [_reference(one) for one in line.references if one.qualifier not in LINE_REFERENCES]
    segments += _amounts("B6", line.allowed_cents, line.amounts) + _quantities(line.quantities)
    return segments + [join("LQ", "HE", remark) for remark in line.remarks]


def _procedure(qualifier: str, code: str, modifiers: Sequence[str], description: str) -> str:
    gap = ("",) * (4 - len(modifiers)) if description else ()
    return compose(qualifier, code, *modifiers, *gap, description)


def _amounts(first: str, cents: int | None, amounts: Sequence[tuple[str, int]]) -> list[str]:
    leading = [] if cents is None else [join("AMT", first, format_cents(cents))]
    return leading + [join("AMT", qualifier, format_cents(amount)) for qualifier, amount in amounts]


def _quantities(quantities: Sequence[tuple[str, Decimal]]) -> list[str]:
    return [join("QTY", qualifier, format_quantity(quantity)) for qualifier, quantity in quantities]


def _cents(cents: int | None) -> str:
    return "" if cents is None else format_cents(cents)


def _quantity(quantity: Decimal | None) -> str:
    return "" if quantity is None else format_quantity(quantity)
