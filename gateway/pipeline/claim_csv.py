"""Claims in CSV: a row a service line, the rows of one patient_control_number a claim (docs/claim-files.md lists the columns)."""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import count

from edi.claims import Address, Claim, Coverage, Diagnosis, Party, Reference, ServiceLine
from edi.values import parse_cents, parse_quantity
from gateway.pipeline.claim_limits import find_obstacle
from gateway.pipeline.claim_refusals import Refusal

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
_LINE_MAX = 1024 * 1024
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_POINTER = re.compile(r"\d{1,2}", re.ASCII)


class _Wrong(Exception):
    """A cell that cannot be read: its column and what would be right."""

    def __init__(self, column: str, expected: str) -> None:
        super().__init__(f"column {column}: {expected}")


def read(chunks: Iterable[bytes]) -> Iterator[Claim | Refusal]:
    """Each claim as its last row is passed, or the rows of it and what is wrong. Rows of a claim stand together."""
    rows = _rows(chunks)
    _, cells, wrong = next(rows, (1, [], ""))
    header = [cell.strip().lower() for cell in cells]
    problem = wrong or _wrong_header(header)
    if problem:
        yield Refusal(position="row 1", message=problem, claims=0)
        return
    yield from _read_rows(header, rows)


def _rows(chunks: Iterable[bytes]) -> Iterator[tuple[int, list[str], str]]:
    """Each row by its number, with its cells and, where it cannot be read, why; what follows it is read on."""
    last = [""]
    reader = csv.reader(_remember(_text_lines(chunks), last), strict=True)
    for number in count(1):
        wrong = ""
        cells: list[str] = []
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            wrong, cells = f"not CSV: {error}", last[0].split(",")
        if any(_NO_TEXT in cell for cell in cells):
            wrong = "not text in UTF-8; an 837P begins with ISA, JSON with { or [, CSV with its column names"
        yield number, cells, wrong


def _remember(lines: Iterable[str], last: list[str]) -> Iterator[str]:
    """The lines, with the one handed on last in `last`: what the reader of CSV has of a row that it cannot read."""
    for line in lines:
        last[0] = line
        yield line


_NO_TEXT = "\N{REPLACEMENT CHARACTER}"


def _text_lines(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines of text; bytes that are not UTF-8 become replacement characters, and so do lines of over 1 MB."""
    pending = b""
    for chunk in chunks:
        *whole, pending = (pending + chunk).split(b"\n")
        for line in whole:
            yield line.decode("utf-8-sig", errors="replace") + "\n"
        if len(pending) > _LINE_MAX:
            pending = b"\xff"
    if pending:
        yield pending.decode("utf-8-sig", errors="replace")


def _wrong_header(header: list[str]) -> str:
    missing = [name for name in REQUIRED if name not in header]
    unknown = [name for name in header if name not in REQUIRED and name not in OPTIONAL]
    twice = [name for name in dict.fromkeys(header) if header.count(name) > 1]
    if missing:
        return f"columns missing: {', '.join(missing)}; the first row must name the columns of docs/claim-files.md"
    if unknown:
        return f"unknown columns: {', '.join(unknown)}; docs/claim-files.md lists those that are read"
    if twice:
        return f"columns named twice: {', '.join(twice)}; only one of the two could be read"
    return ""


def _read_rows(header: list[str], rows: Iterator[tuple[int, list[str], str]]) -> Iterator[Claim | Refusal]:
    """Claims from neighbouring rows of one number. A row that cannot be read takes its claim with it: a line would be missing."""
    current: list[Row] = []
    first_number, pcn, broken = 2, None, False
    for number, cells, unreadable in rows:
        if not any(cells) and not unreadable:
            continue
        miscounted = f"{len(cells)} cells where the header has {len(header)}" if len(cells) != len(header) else ""
        wrong = unreadable or miscounted
        row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        found = row.get("patient_control_number", pcn)
        if found != pcn:
            yield from _finish(current, first_number, broken)
            current, first_number, pcn, broken = [], number, found, False
        if wrong:
            yield Refusal(position=f"row {number}", message=wrong, claims=0 if broken else 1)
            broken = True
        else:
            current.append(row)
    yield from _finish(current, first_number, broken)


def _finish(rows: list[Row], first_number: int, broken: bool) -> Iterator[Claim | Refusal]:
    if rows and broken:
        message = "a row of this claim cannot be read, so the claim is not taken in without it"
        yield Refusal(position=_span(rows, first_number), message=message, claims=0)
    elif rows:
        yield _claim_or_problem(rows, first_number)


def _span(rows: list[Row], first_number: int) -> str:
    return f"rows {first_number}-{first_number + len(rows) - 1}"


def _claim_or_problem(rows: list[Row], first_number: int) -> Claim | Refusal:
    try:
        claim = _claim(rows)
    except _Wrong as wrong:
        return Refusal(position=_span(rows, first_number), message=str(wrong))
    obstacle = find_obstacle(claim)
    return Refusal(position=_span(rows, first_number), message=obstacle) if obstacle else claim


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
            group_number=head.get("group_number", ""), claim_filing_indicator=head.get("claim_filing_indicator", "")
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
    if not all(_POINTER.fullmatch(pointer) for pointer in pointers.split()):
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
    expected = "a date as YYYY-MM-DD is expected"
    if not _DATE.fullmatch(row[column]):
        raise _Wrong(column, expected)
    try:
        return date.fromisoformat(row[column])
    except ValueError:
        raise _Wrong(column, expected) from None


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
        quantity = parse_quantity(row.get("units", ""))
    except ValueError:
        raise _Wrong("units", "a number such as 1 or 2.5 is expected") from None
    return Decimal(1) if quantity is None else quantity
