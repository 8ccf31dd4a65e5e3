"""A member id pattern that is let through is fast on any value; one that is not is refused with the reason."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payers.patterns import VALUE_LENGTH_MAX, find_fault


@pytest.mark.parametrize(
    "pattern",
    [
        "[A-Z]{3}[0-9]{9}",
        "[A-Z]{0,3}[0-9]{6,9}[A-Z]?",
        r"\d{8}(?:-\d{2})?",
        "(W|X)[0-9]{8}",
        r"[^]a\]]{4}",
        ".+",
        r"[0-9]+\.[0-9]+",
        "(?:[0-9]{3}-){2}[0-9]{4}",
        "A(?:B|C(?:D|E)){2,3}",
        "",
    ],
)
def test_patterns_that_payers_use_are_let_through(pattern: str) -> None:
    assert find_fault(pattern) is None


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+",
        "(?:a|a)*",
        "(?:a|ab)*b",
        "(a*)*b",
        "(?:[0-9]{1,20}){1,20}",
        "[0-9]*[0-9]*[0-9]*[0-9]*X",
        "(?:(?:a?)?){40}",
        "(?:a{0,40}){0,40}",
    ],
)
def test_patterns_that_can_take_for_ever_are_refused(pattern: str) -> None:
    assert (find_fault(pattern) or "").startswith("could take very long")


@pytest.mark.parametrize("pattern", ["[A-Z", "a{3,1}", "(ab", "ab)", "*a", "a" + "(" * 5000])
def test_what_is_no_regular_expression_is_refused(pattern: str) -> None:
    assert find_fault(pattern) == "should be a regular expression that compiles"


@pytest.mark.parametrize(
    ("pattern", "place"),
    [
        ("(?=A)A", "character 1"),
        (r"(A)\1", "character 4"),
        ("A+?B", "character 3"),
        ("(?i:a)", "character 1"),
        (r"A\b", "character 2"),
    ],
)
def test_what_this_small_language_does_not_have_is_refused_with_its_place(pattern: str, place: str) -> None:
    fault = find_fault(pattern)
    assert fault is not None
    assert place in fault


PARTS = st.recursive(
    st.sampled_from(["a", "b", "[ab]", "[0-9]", r"\d", "."]),
    lambda inner: st.one_of(
        st.builds("(?:{}|{})".format, inner, inner),
        st.builds("{}{}".format, inner, inner),
        st.builds("(?:{}){}".format, inner, st.sampled_from(["?", "*", "+", "{2}", "{0,3}", "{1,20}"])),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(PARTS, st.sampled_from(["a", "ab", "0", "a0"]))
def test_no_pattern_that_is_let_through_is_slow_on_the_longest_value(pattern: str, filling: str) -> None:
    if find_fault(pattern) is not None:
        return
    value = (filling * VALUE_LENGTH_MAX)[: VALUE_LENGTH_MAX - 1] + "!"
    begun = time.perf_counter()
    re.fullmatch(pattern, value)
    assert time.perf_counter() - begun < 1
