"""Files of claims with odd cells: whatever stands in one, it is taken in or refused with a reason, and nothing breaks."""

import csv
import io
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.claims import Adjustment, Claim, LineAdjudication, OtherPayer
from gateway.domain.duplicates import digest_patient
from gateway.pipeline.claim_csv import OPTIONAL, REQUIRED
from gateway.pipeline.claim_files import read_claims
from gateway.pipeline.claim_refusals import Refusal, Remark
from gateway.pipeline.intake import fingerprint, number_lines
from tests.gateway.domain.samples import make_line
from tests.support.worlds import SERVED, make_claim

CELLS: dict[str, str] = {
    "patient_control_number": "A1", "payer_id": "BHH01", "payer_name": "INVENTED PLAN", "billing_npi": "1999999984",
    "billing_name": "NONESUCH PRACTICE", "billing_tax_id": "990000001", "billing_address": "100 EXAMPLE STREET",
    "billing_city": "SAMPLETON", "billing_state": "OH", "billing_postal_code": "430010001", "member_id": "XQB000000017",
    "subscriber_last_name": "TESTCASE", "subscriber_first_name": "INVENTED", "subscriber_birth_date": "1980-01-31",
    "subscriber_gender": "F", "diagnoses": "J06.9", "service_date": "2026-02-20", "procedure": "99213", "charge": "120.00",
}  # fmt: skip
DIGITS = "9" * 5000


def csv_of(**cells: str) -> bytes:
    """One claim of one line, with these cells besides or instead."""
    row = CELLS | cells
    written = io.StringIO()
    csv.writer(written).writerows([row.keys(), row.values()])
    return written.getvalue().encode()


def read(content: bytes) -> list[Claim | Refusal | Remark]:
    """What is read, each claim brought through all that intake does before it is kept."""
    items = list(read_claims([content[at : at + 4096] for at in range(0, len(content), 4096)]))
    for item in items:
        if isinstance(item, Claim):
            numbered = number_lines(item)
            assert fingerprint(numbered)
            assert digest_patient(numbered)
            assert msgspec.json.decode(msgspec.json.encode(numbered), type=Claim) == numbered
    return items


@pytest.mark.parametrize("pointers", ["²", "٣", DIGITS, "1,2", "-1", "1 ²", "+1", "1_0"])
def test_pointers_that_are_no_numbers_of_diagnoses_are_refused(pointers: str) -> None:
    (refused,) = read(csv_of(diagnosis_pointers=pointers))
    assert isinstance(refused, Refusal)
    assert refused.position == "rows 2-2"
    assert refused.message.startswith("column diagnosis_pointers: ")


@pytest.mark.parametrize("column", ["service_date", "service_date_through", "subscriber_birth_date"])
@pytest.mark.parametrize("text", ["20260220", "2026-W08-5", "2026-02-30", "02/20/2026", "2026-2-20", "٢٠٢٦-٠٢-٢٠"])
def test_dates_are_read_in_the_one_form_that_is_promised(column: str, text: str) -> None:
    (refused,) = read(csv_of(**{column: text}))
    assert isinstance(refused, Refusal)
    assert refused.message == f"column {column}: a date as YYYY-MM-DD is expected"


@pytest.mark.parametrize("units", ["1e5", "1_0", "٣", "NaN", "sNaN", "Infinity", "1E+999999999", DIGITS])
def test_units_are_plain_numbers(units: str) -> None:
    (refused,) = read(csv_of(units=units))
    assert isinstance(refused, Refusal)
    assert refused.message == "column units: a number such as 1 or 2.5 is expected"


def test_no_units_are_not_one_unit_though_none_given_are() -> None:
    claims = read(csv_of(units="0")) + read(csv_of(units=""))
    assert [claim.lines[0].quantity for claim in claims if isinstance(claim, Claim)] == [0, 1]


def test_a_column_named_twice_is_refused_for_one_of_the_two_would_be_lost() -> None:
    header, row = csv_of().decode().splitlines()
    (refused,) = read(f"{header},units,units\n{row},1,2\n".encode())
    assert isinstance(refused, Refusal)
    assert refused.message.startswith("columns named twice: units")


ODD_CELLS = st.one_of(
    st.text(max_size=20),
    st.text(alphabet="0123456789-.eE+ ²٣_,\"'\n\r\0\ufeff\ufffd", max_size=20),
    st.sampled_from(["", DIGITS, "NaN", "-Infinity", "1E+999999999", "9999-99-99", "0000-01-01", '"', '""', "x" * 200_000]),
)


@settings(max_examples=200, deadline=None)
@given(cells=st.dictionaries(st.sampled_from((*REQUIRED, *OPTIONAL)), ODD_CELLS, max_size=6), quoted=st.booleans())
def test_no_cell_of_a_csv_file_stops_its_reading(cells: dict[str, str], quoted: bool) -> None:
    """Well quoted, or as somebody's own script writes it."""
    row = CELLS | cells
    plain = "\n".join((",".join(row), ",".join(row.values()))).encode("utf-8", errors="replace")
    content = csv_of(**{name: cell.encode("utf-8", errors="replace").decode() for name, cell in cells.items()})
    assert read(content if quoted else plain)


DECIDED = LineAdjudication(payer_id="P", paid_cents=1, adjustments=(Adjustment(group="CO", reason="45", amount_cents=1),))
WHOLE: dict[str, Any] = msgspec.to_builtins(
    make_claim(
        lines=(make_line(service_from=SERVED, adjudications=(DECIDED,)),),
        other_payers=(OtherPayer(responsibility="P", relationship="18", paid_cents=1, adjustments=DECIDED.adjustments),),
    )
)


def paths_in(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    return [path] * bool(path) + [found for key, one in inner for found in paths_in(one, (*path, key))]


ODD_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=20),
    st.integers(),
    st.floats(),
    st.sampled_from(
        [10**400, -(10**30), "1E+999999999", "1E-999999999", "NaN", "sNaN", "-Infinity", DIGITS, "9999-12-31", "\ud800", [], {}]
    ),
)


def put(whole: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The document with another value at this path."""
    copy = json.loads(json.dumps(whole, default=str))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copy


@settings(max_examples=200, deadline=None)
@given(path=st.sampled_from(paths_in(WHOLE)), value=ODD_VALUES)
def test_no_value_of_a_json_document_stops_its_reading(path: tuple[Any, ...], value: Any) -> None:
    assert read(json.dumps(put(WHOLE, path, value)).encode())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("lines", 0, "diagnosis_pointers"), [10**400]),
        (("lines", 0, "quantity"), "1E+999999999"),
        (("lines", 0, "adjudications", 0, "quantity"), "1E+999999999"),
        (("lines", 0, "adjudications", 0, "paid_cents"), 10**400),
        (("lines", 0, "adjudications", 0, "adjustments", 0, "quantity"), "NaN"),
        (("other_payers", 0, "adjustments", 0, "amount_cents"), 10**400),
        (("other_payers", 0, "paid_cents"), 10**400),
        (("patient_paid_cents",), 10**400),
    ],
)
def test_numbers_that_nothing_could_be_written_with_are_refused(path: tuple[Any, ...], value: Any) -> None:
    (refused,) = read(json.dumps(put(WHOLE, path, value)).encode())
    assert isinstance(refused, Refusal)
    assert "ordinary number" in refused.message or "hundred billion" in refused.message
