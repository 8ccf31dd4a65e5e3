"""Values as X12 writes them: cents, dates, quantities, NPI."""

import re
from datetime import date
from decimal import Decimal

_AMOUNT = re.compile(r"(-?)(\d{0,15})(?:\.(\d{0,2})0*)?", re.ASCII)
_QUANTITY = re.compile(r"-?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})", re.ASCII)
_CACHE_MAX = 100_000
_CENTS_IN = (100, 10, 1)
"""By the number of decimals."""
_date_of: dict[str, date | None] = {}


def parse_cents(text: str) -> int | None:
    """An amount in dollars (data element 782) as integer cents, exactly; None where the element is empty.

    Raises ValueError where it is no amount or not a whole number of cents ("1.005").
    """
    # To keep what amounts were seen would cost more: most come once, and what is kept of many files has left the fast memory.
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    if whole and len(fraction) < 3 and len(whole) <= 15 and digits.isdecimal() and digits.isascii():
        return int(digits) * _CENTS_IN[len(fraction)]
    if not text:
        return None
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        raise ValueError("not an amount of dollars and cents")
    cents = int(match[2] or 0) * 100 + int((match[3] or "").ljust(2, "0"))
    return -cents if match[1] else cents


def get_cents(text: str) -> int:
    """An amount in dollars as integer cents; raises ValueError where it is none or there is none."""
    found = parse_cents(text)
    if found is None:
        raise ValueError("an amount is missing")
    return found


def format_cents(cents: int) -> str:
    """Cents as the shortest X12 amount: 10000 → "100", 1250 → "12.5", 50 → "0.5", -127 → "-1.27"."""
    whole, fraction = divmod(abs(cents), 100)
    text = f"{whole}.{fraction:02}".rstrip("0").rstrip(".") if fraction else str(whole)
    return f"-{text}" if cents < 0 else text


def format_money(cents: int) -> str:
    """Cents as people write them: 120.00, -0.05."""
    units, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{units}.{rest:02d}"


def find_date(text: str) -> date | None:
    """CCYYMMDD, or YYMMDD of the years 1970 to 2069, as a date; None where it is none."""
    try:
        return _date_of[text]
    except KeyError:
        pass
    found = _read_date(text)
    if len(_date_of) < _CACHE_MAX:
        _date_of[text] = found
    return found


def _read_date(text: str) -> date | None:
    if not (text.isascii() and text.isdecimal()) or len(text) not in (6, 8):
        return None
    if len(text) == 6:
        text = ("19" if text[:2] >= "70" else "20") + text
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def format_date(value: date) -> str:
    """A date as CCYYMMDD."""
    return f"{value.year:04}{value.month:02}{value.day:02}"


def format_short_date(value: date | None) -> str:
    """A date as YYMMDD, as ISA09 and TA102 have it; '' for none."""
    return format_date(value)[2:] if value else ""


def format_date_range(first: date, last: date) -> str:
    """Two dates as CCYYMMDD-CCYYMMDD (format RD8)."""
    return f"{format_date(first)}-{format_date(last)}"


def parse_quantity(text: str) -> Decimal | None:
    """A quantity (data element 380) as a Decimal; None where the element is empty; raises ValueError where it is none."""
    if not text:
        return None
    if not _QUANTITY.fullmatch(text):
        raise ValueError("not a quantity")
    return Decimal(text)


def format_quantity(value: Decimal) -> str:
    """A quantity in its shortest form, never with an exponent: Decimal("2.50") → "2.5"."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def is_valid_npi(text: str) -> bool:
    """Whether ten digits carry the right check digit: Luhn over 80840 and the NPI."""
    if len(text) != 10 or not (text.isascii() and text.isdecimal()):
        return False
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in text[-2::-2])
    return (24 + doubled + sum(int(digit) for digit in text[-1::-2])) % 10 == 0
