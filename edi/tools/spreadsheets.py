"""Documents as flat tables for spreadsheets: a row a service line, a payment, a status; money in dollars; no cell a formula."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from edi.catalogue import find_transaction, refuse
from edi.claims import Adjustment, Claim, Document, Party, ServiceLine
from edi.interchange import Reader, TransactionSet
from edi.parts import Transaction
from edi.remittances import ClaimPayment, ProviderAdjustment, Remittance, ServicePayment
from edi.tools.json_lines import Complaint, complaints_of
from edi.transactions.t277ca import AcknowledgedUnit, ClaimAcknowledgment

Cell = str | int | Decimal | date | None
Row = Mapping[str, Cell]

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_ENVELOPE = ("isa_control_number", "st_control_number")


class Table(NamedTuple):
    """One kind of table: what its rows are, its columns, and the rows of one document under those that came before it."""

    about: str
    columns: tuple[str, ...]
    list_rows: Callable[[Document, dict[str, Cell]], Iterator[Row]]


class Spreadsheet:
    """The sets of one kind in a file, as lines of CSV; `complaints` are complete once `lines` is exhausted."""

    def __init__(self, reader: Reader) -> None:
        self.complaints: list[Complaint] = []
        self._reader = reader
        self._table: Table | None = None

    def lines(self) -> Iterator[str]:
        """The heading, then the rows. Raises EdiError where the bytes cannot be read as X12."""
        for tset in self._reader:
            transaction = find_transaction(tset)
            table = find_table(transaction.name) if transaction else None
            if transaction is None or table is None or table is not (self._table or table):
                self._complain(tset, self._refuse(tset, transaction, table))
                continue
            if self._table is None:
                self._table = table
                yield format_row(table.columns)
            yield from self._set_lines(tset, transaction, table)
            self.complaints += complaints_of(tset)
        self.complaints += [Complaint(message=one.message, finding=one) for one in self._reader.findings]

    def _set_lines(self, tset: TransactionSet, transaction: Transaction, table: Table) -> Iterator[str]:
        envelope: Row = {
            "isa_control_number": tset.interchange.isa_control_number,
            "st_control_number": tset.st_control_number,
        }
        kept: dict[str, Cell] = {}
        for part in transaction.read_parts(tset):
            if part.document is None:
                where = f"segments {part.first_position} to {part.last_position}"
                self._complain(tset, f"{where} make no document and are not in the table")
                continue
            for row in table.list_rows(part.document, kept):
                yield format_row(_list_cells(table, row, envelope))

    def _refuse(self, tset: TransactionSet, transaction: Transaction | None, table: Table | None) -> str:
        if transaction is None:
            return f"{refuse(tset).message}; it is not in the table"
        if table is None:
            return f"there is no table for {transaction.name}, only for {', '.join(_TABLES)}: --to json has all of it"
        return f"{transaction.name} has other columns than the sets before it and is not in the table: split the file by set"

    def _complain(self, tset: TransactionSet, message: str) -> None:
        number = tset.st_control_number
        self.complaints.append(Complaint(message=message, set_ordinal=tset.ordinal, st_control_number=number, is_loss=True))


def find_table(transaction: str) -> Table | None:
    """The table for a transaction of the catalogue by its name (837P, 835 …); None where there is none."""
    return _TABLES.get(transaction)


def format_row(cells: Sequence[Cell]) -> str:
    """A line of CSV (RFC 4180). A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow([_format_cell(cell) for cell in cells])
    return text.getvalue()


def _list_cells(table: Table, row: Row, envelope: Row) -> list[Cell]:
    """A row's cells in the order of the table's columns; what it does not have is empty."""
    return [envelope.get(column) if column in _ENVELOPE else row.get(column) for column in table.columns]


def _format_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def _dollars(cents: int | None) -> Decimal | None:
    return None if cents is None else Decimal(cents).scaleb(-2)


def _person(name: str, party: Party | None) -> dict[str, Cell]:
    if party is None:
        return {}
    return {f"{name}_last_name": party.last_name, f"{name}_first_name": party.first_name}


def _adjustments(adjustments: Sequence[Adjustment]) -> str:
    return "; ".join(f"{one.group}-{one.reason} {_dollars(one.amount_cents):f}" for one in adjustments)


_CLAIM_COLUMNS = (
    *_ENVELOPE, "guide", "patient_control_number", "frequency", "place_of_service", "payer_claim_number", "billing_provider",
    "billing_npi", "payer", "payer_id", "subscriber_last_name", "subscriber_first_name", "member_id", "patient_last_name",
    "patient_first_name", "patient_birth_date", "diagnoses", "claim_charge", "line", "service_from", "service_through",
    "procedure", "modifiers", "revenue_code", "teeth", "drugs", "line_charge", "unit", "quantity", "diagnosis_pointers",
    "line_control_number",
)  # fmt: skip


def _claim_rows(document: Document, _kept: dict[str, Cell]) -> Iterator[Row]:
    """A row a service line; the claim's charge stands in the row of its first line alone, so that columns can be summed."""
    if not isinstance(document, Claim):
        return
    patient = document.patient or document.subscriber
    claim: dict[str, Cell] = {
        "guide": document.guide,
        "patient_control_number": document.patient_control_number,
        "frequency": document.frequency,
        "place_of_service": document.place_of_service,
        "payer_claim_number": document.reference("F8"),
        "billing_provider": document.billing_provider.last_name,
        "billing_npi": document.billing_provider.id,
        "payer": document.payer.last_name,
        "payer_id": document.payer.id,
        "member_id": document.subscriber.id,
        **_person("subscriber", document.subscriber),
        **_person("patient", patient),
        "patient_birth_date": patient.birth_date,
        "diagnoses": " ".join(one.code for one in document.diagnoses),
    }
    if not document.lines:
        yield {**claim, "claim_charge": _dollars(document.charge_cents)}
    for number, line in enumerate(document.lines, 1):
        charge = _dollars(document.charge_cents) if number == 1 else None
        yield {**claim, "claim_charge": charge, "line": number, **_service_line(line)}


def _service_line(line: ServiceLine) -> dict[str, Cell]:
    return {
        "service_from": line.service_from,
        "service_through": line.service_through or line.service_from,
        "procedure": line.procedure,
        "modifiers": " ".join(line.modifiers),
        "revenue_code": line.revenue_code,
        "teeth": " ".join(one.tooth for one in line.teeth),
        "drugs": " ".join(one.code for one in line.drugs),
        "line_charge": _dollars(line.charge_cents),
        "unit": line.unit,
        "quantity": line.quantity,
        "diagnosis_pointers": " ".join(map(str, line.diagnosis_pointers)),
        "line_control_number": line.control_number,
    }


_PAYMENT_COLUMNS = (
    *_ENVELOPE, "record", "payer", "payee", "payee_id", "trace_number", "payment_date", "method", "payment_amount",
    "patient_control_number", "claim_status", "payer_claim_number", "patient_last_name", "patient_first_name", "member_id",
    "claim_charge", "claim_paid", "patient_responsibility", "line", "service_from", "service_through", "procedure", "modifiers",
    "revenue_code", "line_control_number", "line_charge", "line_allowed", "line_paid", "adjustments", "remarks", "plb_provider",
    "plb_reason", "plb_reference", "plb_amount",
)  # fmt: skip


def _payment_rows(document: Document, kept: dict[str, Cell]) -> Iterator[Row]:
    """A row for the payment (BPR), each claim (CLP), each service line (SVC) and each provider adjustment (PLB)."""
    if isinstance(document, Remittance):
        kept.update(
            payer=document.payer.last_name, payee=document.payee.last_name, payee_id=document.payee.id,
            trace_number=document.trace_number, payment_date=document.payment_date, method=document.method,
        )  # fmt: skip
        yield {**kept, "record": "payment", "payment_amount": _dollars(document.amount_cents)}
    elif isinstance(document, ClaimPayment):
        yield from _claim_payment_rows(document, kept)
    elif isinstance(document, ProviderAdjustment):
        yield {
            **kept, "record": "plb", "plb_provider": document.provider_id, "plb_reason": document.reason,
            "plb_reference": document.reference, "plb_amount": _dollars(document.amount_cents),
        }  # fmt: skip


def _claim_payment_rows(payment: ClaimPayment, kept: Mapping[str, Cell]) -> Iterator[Row]:
    patient = payment.patient or payment.subscriber
    claim: dict[str, Cell] = {
        **kept,
        "patient_control_number": payment.patient_control_number,
        "claim_status": payment.status,
        "payer_claim_number": payment.payer_claim_number,
        **_person("patient", patient),
        "member_id": patient.id if patient else "",
    }
    yield {
        **claim,
        "record": "claim",
        "claim_charge": _dollars(payment.charge_cents),
        "claim_paid": _dollars(payment.paid_cents),
        "patient_responsibility": _dollars(payment.patient_responsibility_cents),
        "service_from": payment.service_from,
        "service_through": payment.service_through or payment.service_from,
        "adjustments": _adjustments(payment.adjustments),
        "remarks": " ".join(payment.remarks),
    }
    for number, line in enumerate(payment.lines, 1):
        yield {**claim, "record": "line", "line": number, **_service_payment(line)}


def _service_payment(line: ServicePayment) -> dict[str, Cell]:
    return {
        "service_from": line.service_from,
        "service_through": line.service_through or line.service_from,
        "procedure": line.procedure,
        "modifiers": " ".join(line.modifiers),
        "revenue_code": line.revenue_code,
        "line_control_number": line.line_control_number,
        "line_charge": _dollars(line.charge_cents),
        "line_allowed": _dollars(line.allowed_cents),
        "line_paid": _dollars(line.paid_cents),
        "adjustments": _adjustments(line.adjustments),
        "remarks": " ".join(line.remarks),
    }


_STATUS_COLUMNS = (
    *_ENVELOPE, "reference", "source", "source_role", "level", "party", "trace", "payer_claim_number", "claim_trace",
    "patient_last_name", "patient_first_name", "service_from", "service_through", "line", "procedure", "category", "status",
    "entity", "action", "effective_date", "charge", "text",
)  # fmt: skip


def _status_rows(document: Document, kept: dict[str, Cell]) -> Iterator[Row]:
    """A row for each status (a composite of an STC), of the batch, a provider, a claim or its line."""
    if isinstance(document, ClaimAcknowledgment):
        kept.update(reference=document.reference, source=document.source.last_name, source_role=document.source.role)
    elif isinstance(document, AcknowledgedUnit):
        yield from _unit_rows(document, kept)
        for number, line in enumerate(document.lines, 1):
            about = {name: getattr(document, name) for name in ("trace", "payer_claim_number", "claim_trace")}
            yield from ({**row, **about, "line": number} for row in _unit_rows(line, kept))


def _unit_rows(unit: AcknowledgedUnit, kept: Mapping[str, Cell]) -> Iterator[Row]:
    person = unit.party if unit.party is not None and unit.level == "claim" else None
    about: dict[str, Cell] = {
        **kept,
        "level": unit.level,
        "party": unit.party.last_name if unit.party and not person else "",
        "trace": unit.trace,
        "payer_claim_number": unit.payer_claim_number,
        "claim_trace": unit.claim_trace,
        **_person("patient", person),
        "service_from": unit.service_from,
        "service_through": unit.service_through or unit.service_from,
        "procedure": unit.procedure,
    }
    for information in unit.statuses:
        for status in information.statuses:
            yield {
                **about, "category": status.category, "status": status.code, "entity": status.entity,
                "action": information.action, "effective_date": information.effective_date,
                "charge": _dollars(information.charge_cents), "text": information.text,
            }  # fmt: skip


_CLAIMS = Table("a row a service line", _CLAIM_COLUMNS, _claim_rows)
_TABLES = {
    "837P": _CLAIMS,
    "837I": _CLAIMS,
    "837D": _CLAIMS,
    "835": Table("a row a payment, claim, service line and provider adjustment", _PAYMENT_COLUMNS, _payment_rows),
    "277CA": Table("a row a status", _STATUS_COLUMNS, _status_rows),
}
