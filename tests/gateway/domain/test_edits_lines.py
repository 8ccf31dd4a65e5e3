"""Edits on service lines: each objects to what it is about and to nothing else, and names the line."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from edi.claims import Diagnosis
from gateway.domain.edits import check
from tests.gateway.domain.samples import CONTEXT, SERVED, find_edits, make_claim, make_line


def with_line(**changes: Any) -> list[str]:
    """The edits that object to a claim whose second line is changed."""
    return find_edits(make_claim(lines=(make_line(procedure="99212"), make_line(control_number="L2", **changes))))


@pytest.mark.parametrize("procedure", ["99213", "0075T", "0001U", "J1100", "G0439", "A4550"])
def test_codes_of_cpt_or_hcpcs_form_are_taken(procedure: str) -> None:
    assert with_line(procedure=procedure) == []


@pytest.mark.parametrize("procedure", ["", "9921", "992133", "99213-25", "j1100", "AB100", "9921 ", "99.13"])
def test_codes_of_another_form_are_held(procedure: str) -> None:
    assert with_line(procedure=procedure) == ["procedure-format"]


def test_a_code_of_another_list_is_not_measured_by_cpt_but_must_be_there() -> None:
    assert with_line(procedure_qualifier="ER", procedure="ABC1") == []
    assert with_line(procedure_qualifier="ER", procedure="") == ["procedure-format"]


@pytest.mark.parametrize("modifier", ["2", "255", "tc", "2-", ""])
def test_a_modifier_is_two_characters(modifier: str) -> None:
    assert with_line(modifiers=(modifier,)) == ["modifier-format"]


@pytest.mark.parametrize(
    ("modifiers", "edits"),
    [
        (("25", "59", "TC", "LT"), []),
        (("25", "59", "TC", "LT", "GP"), ["modifier-count"]),
        (("25", "25"), ["modifier-duplicate"]),
    ],
)
def test_four_modifiers_are_taken_each_once(modifiers: tuple[str, ...], edits: list[str]) -> None:
    assert with_line(modifiers=modifiers) == edits


def test_a_negative_charge_is_held_and_a_charge_of_nothing_warned_about() -> None:
    assert with_line(charge_cents=-100) == ["charge-negative"]
    assert with_line(charge_cents=0) == ["charge-zero"]


def test_what_is_never_charged_is_not_missed() -> None:
    assert with_line(procedure="2000F", charge_cents=0) == []
    assert with_line(procedure="90707", modifiers=("SL",), charge_cents=0) == []


@pytest.mark.parametrize(("quantity", "edits"), [("1", []), ("0.5", []), ("0", ["quantity"]), ("-1", ["quantity"])])
def test_a_quantity_is_more_than_zero(quantity: str, edits: list[str]) -> None:
    assert with_line(quantity=Decimal(quantity)) == edits


@pytest.mark.parametrize(
    ("pointers", "edits"),
    [
        ((1, 2, 3, 4), []),
        ((4,), []),
        ((), ["pointer-missing"]),
        ((0,), ["pointer-range"]),
        ((6,), ["pointer-range"]),
        ((-1,), ["pointer-range"]),
        ((1, 1), ["pointer-count"]),
        ((1, 2, 3, 4, 5), ["pointer-count"]),
    ],
)
def test_pointers_name_up_to_four_diagnoses_of_the_claim(pointers: tuple[int, ...], edits: list[str]) -> None:
    codes = ["J069", "I10", "E119", "M545", "R05"]
    diagnoses = tuple(Diagnosis(qualifier="ABF" if place else "ABK", code=code) for place, code in enumerate(codes))
    assert find_edits(make_claim(diagnoses=diagnoses, lines=(make_line(diagnosis_pointers=pointers),))) == edits


@pytest.mark.parametrize(
    ("service_from", "service_through", "edits"),
    [
        (date(2026, 11, 20), None, []),
        (date(2026, 11, 2), date(2026, 11, 4), []),
        (date(2026, 11, 2), date(2026, 11, 2), []),
        (None, None, ["service-date-missing"]),
        (date(2026, 11, 21), None, ["service-date-future"]),
        (date(2026, 11, 21), date(2026, 11, 25), ["service-date-future"]),
        (date(2026, 11, 2), date(2026, 11, 21), ["service-end-future"]),
        (date(2026, 11, 4), date(2026, 11, 2), ["service-date-order"]),
    ],
)
def test_a_service_has_a_date_that_is_not_ahead_and_does_not_end_before_it_begins(
    service_from: date | None, service_through: date | None, edits: list[str]
) -> None:
    """Today is 20 November 2026."""
    assert with_line(service_from=service_from, service_through=service_through) == edits


def test_supplies_for_a_time_ahead_are_not_held() -> None:
    """A month of strips, given on 2 November."""
    findings = check(make_claim(lines=(make_line(service_from=SERVED, service_through=date(2026, 12, 1)),)), CONTEXT)
    assert [(finding.edit, finding.severity) for finding in findings] == [("service-end-future", "warn")]
