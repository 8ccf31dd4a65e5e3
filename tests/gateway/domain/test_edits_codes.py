"""Edits on what codes mean: a diagnosis has to exist in full detail, a procedure to be in the list that was imported."""

from datetime import date

import msgspec
import pytest

from edi.claims import Claim, Diagnosis
from edi.claims.details import Period
from gateway.domain.edits import check
from gateway.domain.known_codes import KnownCodes, build_release
from tests.gateway.domain.bill_samples import make_dental_claim, make_dental_line, make_stay
from tests.gateway.domain.samples import CONTEXT, make_claim, make_line

OLD = build_release(["1", "A00-A09", "E11", "E119", "J069", "M545"], date(2020, 10, 1), date(2021, 9, 30))
NEW = build_release(["E11", "E119", "J069", "M545", "M5450", "Z000", "Z0000"], date(2025, 10, 1), date(2026, 9, 30))
RELEASES = KnownCodes(diagnoses=(OLD, NEW))
DIAGNOSES = {"diagnosis-unknown", "diagnosis-unspecific", "diagnosis-doubtful"}
IN_TIME, AFTER, IN_OLD_TIME = date(2026, 3, 2), date(2026, 11, 2), date(2021, 3, 1)


def find(codes: KnownCodes, served: date, *diagnoses: str, procedure: str = "99213", qualifier: str = "HC") -> list[str]:
    """The edits on codes that this claim breaks."""
    line = make_line(service_from=served, procedure=procedure, procedure_qualifier=qualifier)
    listed = tuple(Diagnosis(qualifier="ABF" if i else "ABK", code=code) for i, code in enumerate(diagnoses))
    found = check(make_claim(lines=(line,), diagnoses=listed), msgspec.structs.replace(CONTEXT, codes=codes))
    return [f"{one.edit}:{one.severity}" for one in found if one.edit in {*DIAGNOSES, "procedure-unlisted"}]


@pytest.mark.parametrize(
    ("served", "code", "expected"),
    [
        (IN_TIME, "E119", []),
        (IN_TIME, "E1199", ["diagnosis-unknown:hold"]),
        (IN_TIME, "E11", ["diagnosis-unspecific:hold"]),
        (IN_TIME, "M545", ["diagnosis-unspecific:hold"]),
        (IN_OLD_TIME, "M545", []),
        (IN_OLD_TIME, "M5450", ["diagnosis-unknown:hold"]),
        (IN_TIME, "A00", ["diagnosis-unknown:hold"]),
        (AFTER, "E119", []),
        (AFTER, "E1199", ["diagnosis-doubtful:warn"]),
        (AFTER, "E11", ["diagnosis-doubtful:warn"]),
        (date(2023, 1, 1), "M545", ["diagnosis-doubtful:warn"]),
    ],
)
def test_a_diagnosis_is_judged_by_the_release_of_the_day_of_service(served: date, code: str, expected: list[str]) -> None:
    """Outside the years whose release is at hand a code that is not found may be new: nobody is held for it."""
    assert find(RELEASES, served, code) == expected


def test_each_wrong_diagnosis_is_named_by_its_place_without_the_code() -> None:
    line = make_line(service_from=IN_TIME)
    listed = (Diagnosis(qualifier="ABK", code="E119"), Diagnosis(qualifier="ABF", code="E1199"))
    context = msgspec.structs.replace(CONTEXT, codes=RELEASES)
    (found,) = [one for one in check(make_claim(lines=(line,), diagnoses=listed), context) if one.edit == "diagnosis-unknown"]
    assert (found.field, "Diagnosis 2" in found.message) == ("diagnoses[1].code (2300 HI02-2)", True)
    assert "E1199" not in found.message + found.fix


def test_codes_of_another_form_or_set_are_the_other_edits_business() -> None:
    assert find(RELEASES, IN_TIME, "E11.9", "x") == []
    line = make_line(service_from=IN_TIME)
    claim = make_claim(lines=(line,), diagnoses=(Diagnosis(qualifier="BK", code="E1199"),))
    assert "diagnosis-unknown" not in {one.edit for one in check(claim, msgspec.structs.replace(CONTEXT, codes=RELEASES))}


def test_without_a_release_or_a_service_date_nothing_is_judged() -> None:
    assert find(KnownCodes(), IN_TIME, "E1199") == []
    claim = make_claim(lines=(make_line(service_from=None),), diagnoses=(Diagnosis(qualifier="ABK", code="E1199"),))
    assert "diagnosis-unknown" not in {one.edit for one in check(claim, msgspec.structs.replace(CONTEXT, codes=RELEASES))}


FINAL_DAY = (Period(qualifier="434", first=date(2026, 2, 1), last=IN_TIME),)


@pytest.mark.parametrize("code", ["E1199", "E11"])
def test_what_brought_the_patient_and_what_caused_it_are_judged_as_other_diagnoses(code: str) -> None:
    """By the release of the last day of the bill, whose lines need no day."""
    bill = make_stay(
        periods=FINAL_DAY,
        diagnoses=(Diagnosis(qualifier="ABK", code="J069"),),
        admitting_diagnosis=Diagnosis(qualifier="ABJ", code=code),
        visit_reasons=(Diagnosis(qualifier="APR", code="J069"), Diagnosis(qualifier="APR", code=code)),
        external_causes=(Diagnosis(qualifier="ABN", code=code),),
    )
    found = [one for one in check(bill, msgspec.structs.replace(CONTEXT, codes=RELEASES)) if one.edit in DIAGNOSES]
    assert [(one.field, one.severity) for one in found] == [
        ("admitting_diagnosis.code (2300 HI01-2)", "hold"),
        ("visit_reasons[1].code (2300 HI02-2)", "hold"),
        ("external_causes[0].code (2300 HI01-2)", "hold"),
    ]
    assert code not in "".join(one.message + one.fix for one in found)


@pytest.mark.parametrize(
    "claim",
    [make_stay(periods=FINAL_DAY), make_dental_claim(lines=(make_dental_line(service_from=None),), dates=(("472", IN_TIME),))],
)
def test_diagnoses_of_a_claim_whose_lines_have_no_day_are_judged_by_the_day_of_the_claim(claim: Claim) -> None:
    claim = msgspec.structs.replace(claim, diagnoses=(Diagnosis(qualifier="ABK", code="E1199"),), admitting_diagnosis=None)
    found = check(claim, msgspec.structs.replace(CONTEXT, codes=RELEASES))
    assert [one.edit for one in found if one.edit in DIAGNOSES] == ["diagnosis-unknown"]


LISTS = KnownCodes(
    procedures={
        "HCPCS": {"J1885": ((date(2020, 1, 1), date(2025, 12, 31)), (date(2026, 2, 1), None)), "A4550": ((None, None),)},
        "CDT": {"D0120": ((None, None),)},
    }
)


@pytest.mark.parametrize(
    ("procedure", "qualifier", "served", "expected"),
    [
        ("J1885", "HC", IN_TIME, []),
        ("J1885", "HC", date(2026, 1, 15), ["procedure-unlisted:warn"]),
        ("J1885", "HC", date(2019, 12, 31), ["procedure-unlisted:warn"]),
        ("J9999", "HC", IN_TIME, ["procedure-unlisted:warn"]),
        ("A4550", "HC", IN_TIME, []),
        ("99999", "HC", IN_TIME, []),
        ("D9999", "HC", IN_TIME, []),
        ("D0120", "AD", IN_TIME, []),
        ("D9999", "AD", IN_TIME, ["procedure-unlisted:warn"]),
        ("J9999", "ER", IN_TIME, []),
    ],
)
def test_a_procedure_has_to_be_in_its_list_where_that_was_imported(
    procedure: str, qualifier: str, served: date, expected: list[str]
) -> None:
    """CPT was not imported here, so no five digits are doubted; D codes under HC stand in no list of CMS."""
    assert find(LISTS, served, "E119", procedure=procedure, qualifier=qualifier) == expected
