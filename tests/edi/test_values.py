"""Values as X12 writes them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.values import (
    find_date,
    format_cents,
    format_date,
    format_date_range,
    format_quantity,
    format_short_date,
    get_cents,
    is_valid_npi,
    parse_cents,
    parse_quantity,
)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("100", 10000),
        ("-12.5", -1250),
        (".5", 50),
        ("-.05", -5),
        ("0", 0),
        ("100.", 10000),
        ("1.10", 110),
        ("1.5000", 150),
        ("", None),
    ],
)
def test_an_amount_becomes_exact_cents(text: str, cents: int | None) -> None:
    """Every way X12 may write an amount of dollars gives its cents, and no text gives none."""
    assert parse_cents(text) == cents


@pytest.mark.parametrize(
    "text", ["1.005", "1,000", "$5", "1e3", ".", "-", "--5", "+5", " 5", "5 ", "NaN", "\u0661", "1.2.3", "1" * 16]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    """Fractions of a cent, signs and letters that X12 does not know: ValueError, never a guess."""
    with pytest.raises(ValueError, match="amount"):
        parse_cents(text)


def test_a_missing_amount_is_refused_where_there_must_be_one() -> None:
    """get_cents raises on an empty element, and gives cents as parse_cents does."""
    with pytest.raises(ValueError, match="missing"):
        get_cents("")
    assert get_cents("12.5") == 1250


@pytest.mark.parametrize(
    ("cents", "text"), [(10000, "100"), (1250, "12.5"), (50, "0.5"), (-127, "-1.27"), (0, "0"), (-5, "-0.05")]
)
def test_cents_are_written_as_short_as_x12_allows(cents: int, text: str) -> None:
    """No trailing zeros and no bare point, but a zero before the point."""
    assert format_cents(cents) == text


@given(st.integers(-(10**15), 10**15))
def test_cents_survive_writing_and_reading(cents: int) -> None:
    """Any amount comes back to the cent."""
    assert parse_cents(format_cents(cents)) == cents


@given(st.dates())
def test_dates_survive_writing_and_reading(day: date) -> None:
    """Any date comes back, alone and as the ends of a range."""
    assert find_date(format_date(day)) == day
    assert [find_date(end) for end in format_date_range(day, day).split("-")] == [day, day]


@pytest.mark.parametrize(
    "text", ["", "20260230", "2026010", "202601011", "2026-1-1", "20261301", "abcdefgh", "\u0662\u0660260101"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Days that no calendar has and other lengths: no date."""
    assert find_date(text) is None


def test_short_dates() -> None:
    """Two digits of a year mean 1970 to 2069."""
    assert find_date("690101") == date(2069, 1, 1)
    assert find_date("700101") == date(1970, 1, 1)
    assert format_short_date(date(2026, 1, 2)) == "260102"
    assert format_short_date(None) == ""


@pytest.mark.parametrize(
    ("value", "text"), [("2.50", "2.5"), ("100", "100"), ("1E+2", "100"), ("0.0", "0"), ("-0", "0"), ("-1.5", "-1.5")]
)
def test_quantities_are_written_without_exponent(value: str, text: str) -> None:
    """The shortest plain form."""
    assert format_quantity(Decimal(value)) == text


def test_quantities_are_read_exactly_or_refused() -> None:
    """Digits and a point, nothing else."""
    assert parse_quantity("1.5") == Decimal("1.5")
    assert parse_quantity("") is None
    for text in ("1e2", "NaN", "Infinity", "1_0", "."):
        with pytest.raises(ValueError, match="quantity"):
            parse_quantity(text)


def test_npi_check_digit() -> None:
    """Exactly one last digit of ten is right, by Luhn over 80840 and the number."""
    assert is_valid_npi("1999999984")
    assert is_valid_npi("1234567893")
    assert [digit for digit in "0123456789" if is_valid_npi("199999998" + digit)] == ["4"]
    assert not any(is_valid_npi(text) for text in ("", "199999998", "19999999840", "199999998x", "\u0661999999984"))
