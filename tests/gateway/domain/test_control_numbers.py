"""Control numbers survive what payers do to them, and a damaged one is noticed."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.control_numbers import (
    CHECK_ALPHABET,
    NUMBER_MAX,
    claim_trace,
    is_minted_pcn,
    may_send_as_is,
    mint_pcn,
    normalise_pcn,
)

numbers = st.integers(min_value=0, max_value=NUMBER_MAX)


@given(numbers)
def test_a_minted_pcn_is_short_plain_and_recognised(number: int) -> None:
    pcn = mint_pcn(number)
    assert len(pcn) <= 15
    assert set(pcn) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert is_minted_pcn(pcn)


@given(numbers, numbers)
def test_distinct_numbers_differ_within_the_first_twelve_characters(first: int, second: int) -> None:
    assert (mint_pcn(first)[:12] == mint_pcn(second)[:12]) == (first == second)
    assert (claim_trace(first) == claim_trace(second)) == (first == second)


def test_what_a_number_mints_is_settled_for_ever() -> None:
    """Numbers are out with payers: another form or check character would not find them again."""
    assert mint_pcn(0) == "C00000000Q"
    assert mint_pcn(123456789) == "C0052DG69W"
    assert claim_trace(123456789) == "T0052DG69S"


def test_neighbouring_numbers_give_distinct_pcns() -> None:
    assert len({mint_pcn(number) for number in range(5000)}) == 5000


def test_no_vowel_is_minted_so_that_no_word_comes_out() -> None:
    assert not any(set(mint_pcn(number)) & set("AEIOU") for number in range(2000))


@pytest.mark.parametrize("pcn", [mint_pcn(1), mint_pcn(123456789), mint_pcn(NUMBER_MAX)])
def test_every_single_wrong_character_is_noticed(pcn: str) -> None:
    for place in range(len(pcn)):
        for character in set(CHECK_ALPHABET) - {pcn[place]}:
            assert not is_minted_pcn(pcn[:place] + character + pcn[place + 1 :])


@given(numbers)
def test_every_exchange_of_two_characters_is_noticed(number: int) -> None:
    pcn = mint_pcn(number)
    for first, second in combinations(range(len(pcn)), 2):
        if pcn[first] != pcn[second]:
            exchanged = list(pcn)
            exchanged[first], exchanged[second] = pcn[second], pcn[first]
            assert not is_minted_pcn("".join(exchanged))


@pytest.mark.parametrize(
    "text", ["", "C", "SAMPLE1", "C12345678", mint_pcn(7)[:-1], mint_pcn(7) + "0", mint_pcn(7).lower(), claim_trace(7)]
)
def test_what_is_not_ours_is_not_taken_for_a_minted_pcn(text: str) -> None:
    assert not is_minted_pcn(text)


@pytest.mark.parametrize("number", [-1, NUMBER_MAX + 1])
def test_a_number_outside_the_series_is_a_bug(number: int) -> None:
    with pytest.raises(AssertionError):
        mint_pcn(number)


@given(numbers)
def test_a_minted_pcn_comes_back_through_case_padding_and_punctuation(number: int) -> None:
    pcn = mint_pcn(number)
    for mangled in (pcn.lower(), f"0000{pcn}", f" {pcn} ", f"{pcn[:3]}-{pcn[3:]}"):
        assert normalise_pcn(mangled) == normalise_pcn(pcn) == pcn


@pytest.mark.parametrize(
    ("given_pcn", "normalised"),
    [
        ("abc-123", "ABC123"),
        ("000123", "123"),
        ("0", ""),
        ("", ""),
        ("--", ""),
        ("A1234567890123456789XYZ", "A1234567890123456789"),
        ("00A1234567890123456789XYZ", "A1234567890123456789"),
    ],
)
def test_both_sides_are_compared_in_one_form(given_pcn: str, normalised: str) -> None:
    assert normalise_pcn(given_pcn) == normalised


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    assert normalise_pcn(normalise_pcn(text)) == normalise_pcn(text)


@pytest.mark.parametrize(
    ("source_pcn", "may"),
    [
        ("ACCT1001", True),
        ("7", True),
        ("A" * 17, True),
        ("A" * 18, False),
        ("acct1001", False),
        ("ACCT-1001", False),
        ("ACCT 1001", False),
        ("ÄCCT1001", False),
        ("ACCT1001\n", False),
        ("", False),
        ("0", False),
        ("000", False),
        (mint_pcn(42), False),
    ],
)
def test_a_source_pcn_is_sent_as_is_only_where_it_comes_back_whole(source_pcn: str, *, may: bool) -> None:
    assert may_send_as_is(source_pcn) is may


def test_a_trace_fits_ref_d9_and_is_no_pcn() -> None:
    assert len(claim_trace(NUMBER_MAX)) <= 20
    assert claim_trace(5)[0] != mint_pcn(5)[0]
