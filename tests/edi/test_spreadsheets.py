"""Sets as tables: rows that can be summed, money in dollars, and no cell that a spreadsheet would run."""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from edi.interchange import Reader
from edi.tools.spreadsheets import Spreadsheet, format_row

CORPUS = Path(__file__).parents[3] / "shared/corpus"


def read_table(content: bytes) -> tuple[list[dict[str, str]], list[str]]:
    table = Spreadsheet(Reader([content]))
    rows = list(csv.DictReader(io.StringIO("".join(table.lines()), newline="")))
    return rows, [one.message for one in table.complaints]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_would_be_a_formula_gets_an_apostrophe(start: str) -> None:
    assert next(csv.reader(io.StringIO(format_row([f"{start}1+1", "plain"]), newline=""))) == [f"'{start}1+1", "plain"]


def test_a_negative_amount_is_a_number_and_keeps_its_sign() -> None:
    assert format_row([Decimal("-12.50"), "-12.50", None, 3]) == "-12.50,'-12.50,,3\r\n"


def test_quotes_commas_and_line_ends_stay_in_their_cell() -> None:
    assert format_row(['A "B", C\nD']) == '"A ""B"", C\nD"\r\n'


def test_a_claim_is_a_row_for_each_line_and_its_charge_stands_once() -> None:
    rows, _ = read_table((CORPUS / "837P/LinuxForHealth__x12__demo.example1.837").read_bytes())
    by_claim = {row["patient_control_number"] for row in rows}
    assert len(rows) > len(by_claim) > 0
    assert sum(Decimal(row["claim_charge"] or 0) for row in rows) == sum(Decimal(row["line_charge"]) for row in rows)


def test_a_remittance_has_a_row_of_each_kind_and_its_columns_balance() -> None:
    """BPR02 is the sum of claim_paid less plb_amount."""
    rows, _ = read_table((CORPUS / "835/LinuxForHealth__x12__managed-care.835").read_bytes())
    assert {row["record"] for row in rows} == {"payment", "claim", "line"}
    assert [row["line_charge"] == "" for row in rows] == [row["record"] != "line" for row in rows]

    def add(column: str) -> Decimal:
        return sum((Decimal(row[column]) for row in rows if row[column]), Decimal(0))

    assert add("payment_amount") == add("claim_paid") - add("plb_amount")


def test_a_277ca_has_a_row_for_each_status() -> None:
    rows, _ = read_table((CORPUS / "277CA/imsweb__x12-parser__x12_277CA_accepted.txt").read_bytes())
    assert {row["level"] for row in rows} >= {"receiver", "claim"}
    assert all(row["category"] and row["status"] for row in rows)


def test_sets_without_a_table_and_sets_of_another_are_named_and_the_rest_is_there() -> None:
    claim = (CORPUS / "837P/LinuxForHealth__x12__demo.837").read_bytes()
    payment = (CORPUS / "835/LinuxForHealth__x12__managed-care.835").read_bytes()
    enrolment = (CORPUS / "other/LinuxForHealth__x12__add-dependent.834").read_bytes()
    rows, complaints = read_table(enrolment + claim + payment)
    assert {row["patient_control_number"] for row in rows} == {"26463774"}
    assert [("834" in one, "other columns" in one) for one in complaints] == [(True, False), (False, True)]
