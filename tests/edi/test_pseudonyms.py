"""Replacements keep length and form, are always the same under one key, and no two values share one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.tools.pseudonyms import Pseudonyms
from edi.values import find_date

ONE = Pseudonyms(b"one key")
ANOTHER = Pseudonyms(b"another key")


def form_of(value: str) -> str:
    return "".join("9" if each.isdigit() else "a" if each.islower() else "A" if each.isalpha() else each for each in value)


@given(st.text(st.characters(max_codepoint=0x7E, min_codepoint=0x20), max_size=300))
def test_length_and_form_stay(value: str) -> None:
    assert form_of(ONE.replace(value)) == form_of(value)


@given(st.text("äÖñ²½ªµßABc19 .", max_size=40))
def test_letters_beyond_ascii_are_replaced_by_letters(value: str) -> None:
    replaced = ONE.replace(value)
    assert len(replaced) == len(value)
    assert not set(replaced) & set("äÖñµß")


@pytest.mark.parametrize("form", ["99", "9A", "A", "9", "A-9", "AA"])
def test_all_values_of_a_form_get_different_replacements(form: str) -> None:
    values = [""]
    for letter in form:
        choices = "0123456789" if letter == "9" else "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter == "A" else letter
        values = [value + each for value in values for each in choices]
    values = [value for value in values if value.strip("0")]
    assert len({ONE.replace(value) for value in values} | {"0" * len(form)}) >= len(values)


def test_a_single_letter_or_digit_never_stays() -> None:
    assert all(ONE.replace(each) != each for each in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz123456789")


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=200, max_size=300))
def test_a_long_text_changes_in_all_its_parts(value: str) -> None:
    replaced = ONE.replace(value)
    for start in range(0, len(value) - 20, 20):
        assert replaced[start : start + 20] != value[start : start + 20]


def test_case_does_not_make_another_person() -> None:
    assert ONE.replace("Doe").upper() == ONE.replace("DOE")


def test_keys_give_different_replacements_and_one_key_the_same_in_every_file() -> None:
    assert ONE.replace("ZZTESTPERSON") != ANOTHER.replace("ZZTESTPERSON")
    assert ONE.replace("ZZTESTPERSON") == Pseudonyms(b"one key").replace("ZZTESTPERSON")


def test_zeros_mean_none_and_stay() -> None:
    assert (ONE.replace("0"), ONE.replace("000000000"), ONE.replace("  ")) == ("0", "000000000", "  ")


@given(st.dates(date(1910, 1, 1), date(2090, 1, 1)))
def test_every_date_moves_by_the_same_whole_weeks(day: date) -> None:
    moved = ONE.shift_date(f"{day:%Y%m%d}")
    assert moved == f"{day + ONE.shift:%Y%m%d}"
    assert timedelta(weeks=-105) < ONE.shift <= timedelta(weeks=-1)


@pytest.mark.parametrize("value", ["20240230", "20061301", "20230229", "991345", "00000000"])
def test_a_day_that_does_not_exist_becomes_another_that_does_not(value: str) -> None:
    moved = ONE.shift_date(value)
    assert find_date(moved) is None
    assert len(moved) == len(value)
    assert moved != value


def test_what_is_no_date_at_all_is_masked_as_text() -> None:
    assert form_of(ONE.shift_date("SMITH JON")) == "AAAAA AAA"
    assert ONE.shift_date("SMITH JON") != "SMITH JON"
