"""Edits on the claim as a whole: each objects to what it is about and to nothing else."""

from datetime import date
from typing import Any

import pytest

from edi.claims import Diagnosis, Reference
from gateway.domain.edits import check
from gateway.domain.edits.terms import EditContext
from payers.payer import TimelyFiling
from tests.gateway.domain.bill_samples import FIRST, make_dental_claim, make_dental_line
from tests.gateway.domain.samples import PAYER, SERVED, TODAY, find_edits, make_claim, make_line, make_twin


def code(*codes: str) -> tuple[Diagnosis, ...]:
    """Diagnoses in order, the first one principal."""
    return tuple(Diagnosis(qualifier="ABF" if place else "ABK", code=each) for place, each in enumerate(codes))


def test_a_claim_without_diagnosis_is_held_and_its_pointers_are_not_blamed() -> None:
    assert find_edits(make_claim(diagnoses=())) == ["diagnosis-missing"]


@pytest.mark.parametrize("diagnosis", ["J069", "E119", "U071", "S72001A", "C7A010", "M1A9XX0", "QA00101", "I10"])
def test_codes_of_icd_10_form_are_taken(diagnosis: str) -> None:
    assert find_edits(make_claim(diagnoses=code(diagnosis))) == []


@pytest.mark.parametrize("diagnosis", ["J06.9", "j069", "4660", "J", "J0", "S72001AB", "JJ69", "J06-9", "J069 "])
def test_codes_of_another_form_are_held(diagnosis: str) -> None:
    assert find_edits(make_claim(diagnoses=code(diagnosis))) == ["diagnosis-format"]


def test_icd_9_is_held() -> None:
    assert find_edits(make_claim(diagnoses=(Diagnosis(qualifier="BK", code="4660"),))) == ["diagnosis-format"]


@pytest.mark.parametrize(
    ("served", "qualifier", "diagnosis", "edits"),
    [
        (date(2015, 9, 30), "BK", "0340", []),
        (date(2015, 9, 30), "BK", "V7389", []),
        (date(2015, 9, 30), "ABK", "J069", ["diagnosis-format"]),
        (date(2015, 9, 30), "BK", "J069", ["diagnosis-format"]),
        (date(2015, 10, 1), "BK", "0340", ["diagnosis-format"]),
        (date(2015, 10, 1), "ABK", "J069", []),
    ],
)
def test_the_day_of_service_decides_the_code_set(served: date, qualifier: str, diagnosis: str, edits: list[str]) -> None:
    """ICD-9-CM until 30 September 2015, ICD-10-CM from the day after."""
    claim = make_claim(lines=(make_line(service_from=served),), diagnoses=(Diagnosis(qualifier=qualifier, code=diagnosis),))
    assert [edit for edit in find_edits(claim) if edit.startswith("diagnosis")] == edits


def test_a_diagnosis_given_twice_is_held() -> None:
    assert find_edits(make_claim(diagnoses=code("J069", "I10", "J069"))) == ["diagnosis-duplicate"]


@pytest.mark.parametrize("qualifiers", [("ABF",), ("ABF", "ABK"), ("ABK", "ABK")])
def test_the_first_diagnosis_and_no_other_is_the_principal_one(qualifiers: tuple[str, ...]) -> None:
    diagnoses = tuple(Diagnosis(qualifier=q, code=c) for q, c in zip(qualifiers, ["J069", "I10"], strict=False))
    assert find_edits(make_claim(diagnoses=diagnoses)) == ["diagnosis-principal-first"]


@pytest.mark.parametrize(("count", "edits"), [(12, []), (13, ["diagnosis-count"])])
def test_twelve_diagnoses_are_taken_and_no_more(count: int, edits: list[str]) -> None:
    assert find_edits(make_claim(diagnoses=code(*[f"J{n:02d}" for n in range(count)]))) == edits


@pytest.mark.parametrize(("charge_cents", "edits"), [(15000, []), (15001, ["charge-sum"]), (14999, ["charge-sum"])])
def test_the_charge_is_the_sum_of_the_lines(charge_cents: int, edits: list[str]) -> None:
    lines = (make_line(), make_line(control_number="L2", procedure="85025", charge_cents=3000))
    assert find_edits(make_claim(lines=lines, charge_cents=charge_cents)) == edits


@pytest.mark.parametrize(("count", "edits"), [(0, ["line-count"]), (1, []), (50, []), (51, ["line-count"])])
def test_a_claim_has_one_to_fifty_lines(count: int, edits: list[str]) -> None:
    assert (
        find_edits(make_claim(lines=tuple(make_line(control_number=f"L{n}", procedure=f"992{n:02d}") for n in range(count))))
        == edits
    )


def test_line_control_numbers_are_unique_where_they_are_given() -> None:
    assert find_edits(make_claim(lines=(make_line(), make_line(procedure="85025")))) == ["line-control-number-unique"]
    assert find_edits(make_claim(lines=(make_line(control_number=""), make_line(control_number="", procedure="85025")))) == []


@pytest.mark.parametrize(
    ("place", "edits"), [("11", []), ("02", []), ("10", []), ("27", []), ("28", ["place-of-service"]), ("", ["place-of-service"])]
)
def test_the_place_of_service_is_a_code_that_was_given_out(place: str, edits: list[str]) -> None:
    assert find_edits(make_claim(place_of_service=place)) == edits


def test_a_line_may_leave_its_place_to_the_claim_and_may_not_invent_one() -> None:
    assert find_edits(make_claim(lines=(make_line(place_of_service="12"),))) == []
    assert find_edits(make_claim(lines=(make_line(place_of_service="98"),))) == ["place-of-service"]


@pytest.mark.parametrize("frequency", ["", "2", "9", "A"])
def test_a_frequency_that_is_none_of_a_professional_claim_is_held(frequency: str) -> None:
    assert find_edits(make_claim(frequency=frequency)) == ["frequency"]


F8 = (Reference(qualifier="F8", value="2026ABC0001"),)


@pytest.mark.parametrize(
    ("frequency", "references", "edits"),
    [
        ("1", (), []),
        ("7", F8, []),
        ("8", F8, []),
        ("7", (), ["payer-claim-number"]),
        ("8", (), ["payer-claim-number"]),
        ("1", F8, ["payer-claim-number"]),
    ],
)
def test_replacement_and_void_name_the_payers_claim_and_an_original_does_not(
    frequency: str, references: tuple[Reference, ...], edits: list[str]
) -> None:
    assert find_edits(make_claim(frequency=frequency, references=references)) == edits


ACCIDENT = (("439", date(2026, 10, 30)),)


@pytest.mark.parametrize(
    ("changes", "edits"),
    [
        ({"related_causes": ("EM",)}, ["employment-payer"]),
        ({"related_causes": ("OA",), "dates": ACCIDENT}, []),
        ({"related_causes": ("OA",)}, ["accident-details"]),
        ({"related_causes": ("AA",), "dates": ACCIDENT}, ["accident-details"]),
        ({"related_causes": ("AA",), "related_state": "OH"}, ["accident-details"]),
        ({"related_causes": ("AA",), "related_state": "OH", "dates": ACCIDENT}, []),
        ({"related_causes": ("AA",), "related_country": "CA", "dates": ACCIDENT}, []),
        ({"related_causes": ("OA", "AA"), "dates": (("431", date(2026, 10, 30)),)}, ["accident-details"]),
    ],
)
def test_an_accident_comes_with_its_date_and_an_auto_accident_with_its_state(changes: dict[str, Any], edits: list[str]) -> None:
    assert find_edits(make_claim(**changes)) == edits


@pytest.mark.parametrize(("day", "edits"), [(SERVED, []), (date(2026, 11, 3), ["accident-date-order"])])
def test_an_accident_does_not_follow_its_treatment(day: date, edits: list[str]) -> None:
    assert find_edits(make_claim(related_causes=("OA",), dates=(("439", day),))) == edits


@pytest.mark.parametrize(("day", "edits"), [(FIRST, []), (date(2026, 11, 2), ["accident-date-order"])])
def test_an_accident_does_not_follow_the_day_given_for_all_lines(day: date, edits: list[str]) -> None:
    lines = (make_dental_line(service_from=None),)
    assert find_edits(make_dental_claim(related_causes=("OA",), lines=lines, dates=(("472", FIRST), ("439", day)))) == edits


def serve_on(day: date, **changes: Any) -> list[str]:
    return find_edits(make_claim(lines=(make_line(service_from=day),), **changes))


@pytest.mark.parametrize(
    ("served", "edits"),
    [
        (date(2026, 8, 21), ["timely-filing-passed"]),
        (date(2026, 8, 22), ["timely-filing-near"]),
        (date(2026, 9, 5), ["timely-filing-near"]),
        (date(2026, 9, 6), []),
    ],
)
def test_ninety_days_after_the_service_the_payer_takes_it_no_more(served: date, edits: list[str]) -> None:
    """Today is 20 November 2026: the ninetieth day after 22 August."""
    assert serve_on(served) == edits


def test_the_earliest_line_counts_for_timely_filing() -> None:
    lines = (make_line(), make_line(control_number="L2", service_from=date(2026, 8, 1)))
    assert find_edits(make_claim(lines=lines)) == ["timely-filing-passed"]


def test_a_late_claim_with_a_delay_reason_and_a_replacement_have_other_limits() -> None:
    assert serve_on(date(2026, 1, 5), delay_reason="7") == []
    assert serve_on(date(2026, 1, 5), frequency="7", references=F8) == []


def test_each_payer_has_its_own_filing_limit() -> None:
    patient_payer = PAYER.model_copy(update={"timely_filing": TimelyFiling(original_days=365)})
    claim = make_claim(lines=(make_line(service_from=date(2026, 1, 5)),))
    assert find_edits(claim, payer=patient_payer) == []
    assert find_edits(claim, payer=None) == ["payer-unknown"]


def test_a_claim_for_services_already_under_way_is_held() -> None:
    assert find_edits(make_claim(), duplicates=(make_twin("C00000017M"),)) == ["duplicate-claim"]


def test_many_look_alikes_are_counted_and_not_all_named() -> None:
    """The sentence of each of a thousand alike must not name the other thousand."""
    twins = tuple(make_twin(f"C{n}") for n in range(1000))
    (finding,) = check(make_claim(), EditContext(payer=PAYER, today=TODAY, duplicates=twins))
    assert finding.message.endswith("in another claim: C0 (sent), C1 (sent), C2 (sent) and 997 more.")


def test_the_day_of_the_test_is_a_day_on_which_the_sample_is_sound() -> None:
    assert find_edits(make_claim(), today=TODAY) == []
