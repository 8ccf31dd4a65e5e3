"""Claims in CSV: a row a service line, rows of one patient_control_number make a claim (docs/claim-files.md lists the columns)."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation

from edi.claims import Address, Claim, Coverage, Diagnosis, Party, Reference, ServiceLine
from edi.values import parse_cents

REQUIRED = (
    "patient_control_number", "payer_id", "payer_name", "billing_npi", "billing_name", "billing_tax_id", "billing_address",
    "billing_city", "billing_state", "billing_postal_code", "member_id", "subscriber_last_name", "subscriber_first_name",
    "subscriber_birth_date", "subscriber_gender", "diagnoses", "service_date", "procedure", "charge",
)  # fmt: skip
"""Columns every file must have; docs/claim-files.md explains each."""

OPTIONAL = (
    "billing_taxonomy", "claim_filing_indicator", "group_number", "subscriber_address", "subscriber_city", "subscriber_state",
    "subscriber_postal_code", "relationship", "patient_last_name", "patient_first_name", "patient_birth_date",
    "patient_gender", "rendering_npi", "rendering_last_name", "rendering_first_name", "place_of_service", "frequency",
    "payer_claim_number", "service_date_through", "modifiers", "units", "diagnosis_pointers", "line_control_number",
    "claim_charge",
)  # fmt: skip
"""Columns a file may have; an empty or missing one means the default that docs/claim-files.md names."""

Row = dict[str, str]


class _Wrong(Exception):
    """A cell that cannot be read: its column and what would be right."""

    def __init__(self, column: str, expected: str) -> None:
        super().__init__(f"column {column}: {expected}")


def read(chunks: Iterable[bytes]) -> Iterator[Claim | tuple[str, str]]:
    """Each claim as its last row is passed, or (rows, what is wrong). Rows of a claim stand together."""
    rows = csv.reader(_text_lines(chunks), strict=True)
    try:
        header = [cell.strip().lower() for cell in next(rows, [])]
        problem = _wrong_header(header)
        if problem:
            yield "row 1", problem
            return
        yield from _read_rows(header, rows)
    except csv.Error as error:
        yield f"row {rows.line_num}", f"not CSV: {error}"
    except UnicodeDecodeError:
        yield "file", "not text in UTF-8; an 837P begins with ISA, JSON with { or [, CSV with its column names"


def _text_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    pending = b""
    for chunk in chunks:
        *whole, pending = (pending + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8-sig") + "\n"
        if len(pending) > 1024 * 1024:
            raise csv.Error("a line of over 1 MB")
    if pending:
        yield pending.decode("utf-8-sig")


def _wrong_header(header: list[str]) -> str:
    missing = [name for name in REQUIRED if name not in header]
    unknown = [name for name in header if name not in REQUIRED and name not in OPTIONAL]
    if missing:
        return f"columns missing: {', '.join(missing)}; the first row must name the columns of docs/claim-files.md"
    if unknown:
        return f"unknown columns: {', '.join(unknown)}; docs/claim-files.md lists those that are read"
    return ""


def _read_rows(header: list[str], rows: Iterator[list[str]]) -> Iterator[Claim | tuple[str, str]]:
    current: list[Row] = []
    first_number = 2
    for number, cells in enumerate(rows, 2):
        if not any(cells):
            continue
        if len(cells) != len(header):
            yield f"row {number}", f"{len(cells)} cells where the header has {len(header)}"
            continue
        row = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        if current and row["patient_control_number"] != current[0]["patient_control_number"]:
            yield _claim_or_problem(current, first_number)
            current = []
        if not current:
            first_number = number
        current.append(row)
    if current:
        yield _claim_or_problem(current, first_number)


def _claim_or_problem(rows: list[Row], first_number: int) -> Claim | tuple[str, str]:
    try:
        return _claim(rows)
    except _Wrong as wrong:
        return f"rows {first_number}-{first_number + len(rows) - 1}", str(wrong)


def _claim(rows: list[Row]) -> Claim:
    head = rows[0]
    lines = tuple(_line(row) for row in rows)
    relationship = head.get("relationship") or "18"
    replaced = head.get("payer_claim_number", "")
    rendering = _person(head, "rendering", role="82")
    return Claim(
        patient_control_number=_required(head, "patient_control_number"),
        charge_cents=_cents(head, "claim_charge") if head.get("claim_charge") else sum(line.charge_cents for line in lines),
        billing_provider=_billing_provider(head),
        subscriber=_person(head, "subscriber", role="IL"),
        payer=Party(role="PR", last_name=_required(head, "payer_name"), id_qualifier="PI", id=_required(head, "payer_id")),
        coverage=Coverage(
            group_number=head.get("group_number", ""), claim_filing_indicator=head.get("claim_filing_indicator") or "CI"
        ),
        relationship=relationship,
        patient=None if relationship == "18" else _person(head, "patient", role="QC"),
        place_of_service=head.get("place_of_service") or "11",
        frequency=head.get("frequency") or "1",
        references=(Reference(qualifier="F8", value=replaced),) if replaced else (),
        diagnoses=_diagnoses(head),
        providers=(rendering,) if rendering.id else (),
        lines=lines,
    )


def _billing_provider(row: Row) -> Party:
    return Party(
        role="85",
        last_name=_required(row, "billing_name"),
        id_qualifier="XX",
        id=_required(row, "billing_npi"),
        taxonomy=row.get("billing_taxonomy", ""),
        address=_address(row, "billing"),
        references=(Reference(qualifier="EI", value=_required(row, "billing_tax_id").replace("-", "")),),
    )


def _person(row: Row, who: str, *, role: str) -> Party:
    id_column, qualifier = {"IL": ("member_id", "MI"), "82": ("rendering_npi", "XX")}.get(role, ("", ""))
    identity = row.get(id_column, "")
    return Party(
        role=role,
        is_person=True,
        last_name=row.get(f"{who}_last_name", ""),
        first_name=row.get(f"{who}_first_name", ""),
        id_qualifier=qualifier if identity else "",
        id=identity,
        address=_address(row, who),
        birth_date=_date(row, f"{who}_birth_date") if row.get(f"{who}_birth_date") else None,
        gender=row.get(f"{who}_gender", ""),
    )


def _address(row: Row, who: str) -> Address | None:
    line1, city = row.get(f"{who}_address", ""), row.get(f"{who}_city", "")
    if not line1 and not city:
        return None
    code = row.get(f"{who}_postal_code", "").replace("-", "")
    return Address(line1=line1, city=city, state=row.get(f"{who}_state", ""), postal_code=code)


def _diagnoses(row: Row) -> tuple[Diagnosis, ...]:
    codes = [code.replace(".", "").upper() for code in row["diagnoses"].split()]
    return tuple(Diagnosis(qualifier="ABF" if place else "ABK", code=code) for place, code in enumerate(codes))


def _line(row: Row) -> ServiceLine:
    service_from = _date(row, "service_date")
    pointers = row.get("diagnosis_pointers") or "1"
    if not all(pointer.isdigit() for pointer in pointers.split()):
        raise _Wrong("diagnosis_pointers", "numbers of the claim's diagnoses from 1, separated by blanks, e.g. 1 2")
    return ServiceLine(
        charge_cents=_cents(row, "charge"),
        procedure=_required(row, "procedure").upper(),
        modifiers=tuple(row.get("modifiers", "").upper().split()),
        service_from=service_from,
        service_through=_date(row, "service_date_through") if row.get("service_date_through") else service_from,
        quantity=_quantity(row),
        diagnosis_pointers=tuple(int(pointer) for pointer in pointers.split()),
        control_number=row.get("line_control_number", ""),
    )


def _required(row: Row, column: str) -> str:
    if not row[column]:
        raise _Wrong(column, "must not be empty")
    return row[column]


def _date(row: Row, column: str) -> date:
    try:
        return date.fromisoformat(row[column])
    except ValueError:
        raise _Wrong(column, "a date as YYYY-MM-DD is expected") from None


def _cents(row: Row, column: str) -> int:
    try:
        cents = parse_cents(row[column])
    except ValueError:
        cents = None
    if cents is None:
        raise _Wrong(column, "an amount in dollars such as 125.00 is expected")
    return cents


def _quantity(row: Row) -> Decimal:
    try:
        quantity = Decimal(row.get("units") or "1")
    except InvalidOperation:
        raise _Wrong("units", "a number such as 1 or 2.5 is expected") from None
    if not quantity.is_finite():
        raise _Wrong("units", "a number such as 1 or 2.5 is expected")
    return quantity
