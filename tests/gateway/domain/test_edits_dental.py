"""Edits on dental claims: sound claims pass, and each edit objects to the one thing it is about."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from edi.claims import Claim
from edi.claims.details import Orthodontics, Period, Tooth, ToothStatus
from edi.transactions.t837 import transaction_of
from gateway.domain.edits import EDITS, check
from tests.gateway.domain.bill_samples import FIRST, make_dental_claim, make_dental_line
from tests.gateway.domain.samples import CONTEXT, find_edits
from tests.support.professional import RECEIVER, SUBMITTER

OWN = {edit.id for edit in EDITS if edit.group == "dental"}
BEFORE = (("441", date(2020, 1, 1)),)


def tooth(number: str, *surfaces: str) -> Tooth:
    return Tooth(numbering="JP", tooth=number, surfaces=surfaces)


def filling(*teeth: Tooth, procedure: str = "D2140") -> Claim:
    return make_dental_claim(lines=(make_dental_line(procedure=procedure, teeth=teeth),))


def work(procedure: str, **changes: object) -> Claim:
    """A line that is about no tooth unless it says so."""
    return make_dental_claim(lines=(make_dental_line(**{"procedure": procedure, "teeth": (), **changes}),))


SOUND = {
    "a filling": make_dental_claim(),
    "a cleaning": work("D1110"),
    "a first crown": work("D2740", teeth=(tooth("8"),), prosthesis="I"),
    "a crown replaced": work("D2740", teeth=(tooth("8"),), prosthesis="R", dates=BEFORE),
    "a quadrant": work("D4341", oral_cavity=("10",)),
    "teeth of a quadrant": work("D4342", teeth=(tooth("2"), tooth("3"))),
    "a denture for missing teeth": make_dental_claim(
        lines=(make_dental_line(procedure="D5211", teeth=(tooth("8"),), prosthesis="I"),),
        teeth=(ToothStatus(tooth="8", status="M", numbering="JP"),),
    ),
    "orthodontics": make_dental_claim(
        lines=(make_dental_line(procedure="D8080", teeth=()),),
        orthodontics=Orthodontics(months=Decimal(24), remaining_months=Decimal(24)),
    ),
    "the day on the claim alone": make_dental_claim(lines=(make_dental_line(service_from=None),), dates=(("472", FIRST),)),
    "a predetermination": make_dental_claim(lines=(make_dental_line(service_from=None),), submission_reason="PB"),
    "two surfaces": filling(tooth("14", "M", "O"), procedure="D2150"),
    "more surfaces than are counted": filling(tooth("14", "M", "O", "D", "B"), procedure="D2161"),
    "the edge of a front tooth": filling(tooth("8", "I"), procedure="D2330"),
    "the edge of a supernumerary front tooth": filling(tooth("58", "I"), procedure="D2330"),
}


@pytest.mark.parametrize("claim", SOUND.values(), ids=SOUND)
def test_a_sound_dental_claim_passes(claim: Claim) -> None:
    assert find_edits(claim) == []


@pytest.mark.parametrize("claim", SOUND.values(), ids=SOUND)
def test_a_sound_dental_claim_is_sound_to_the_guide_as_well(claim: Claim) -> None:
    assert transaction_of("837D").check(claim, SUBMITTER, RECEIVER) == []


@pytest.mark.parametrize("number", ["1", "16", "32", "51", "82", "A", "S", "T", "AS", "SS", "TS"])
def test_every_tooth_there_is_passes(number: str) -> None:
    assert find_edits(work("D7140", teeth=(tooth(number),))) == []


@pytest.mark.parametrize("number", ["0", "33", "50", "83", "01", "U", "US", "a", "18A"])
def test_no_other_tooth_does(number: str) -> None:
    assert find_edits(work("D7140", teeth=(tooth(number),))) == ["tooth-number"]


@pytest.mark.parametrize("number", ["8", "25", "58", "C", "R", "CS"])
def test_front_teeth_have_no_occlusal_surface(number: str) -> None:
    assert find_edits(filling(tooth(number, "O"))) == ["tooth-surface-place"]


@pytest.mark.parametrize("number", ["5", "12", "28", "62", "B", "S", "SS"])
def test_back_teeth_have_no_incisal_edge(number: str) -> None:
    assert find_edits(filling(tooth(number, "I"))) == ["tooth-surface-place"]


BREACHES = {
    "a tooth there is not": ("tooth-number", filling(tooth("33", "B"))),
    "another numbering": ("tooth-number", work("D7140", teeth=(Tooth(numbering="XX", tooth="12"),))),
    "the state of no tooth": (
        "tooth-number", make_dental_claim(teeth=(ToothStatus(tooth="99", status="M", numbering="JP"),)),
    ),
    "a sound tooth listed": ("tooth-status", make_dental_claim(teeth=(ToothStatus(tooth="8", status="", numbering="JP"),))),
    "a tooth twice": ("tooth-repeated", filling(tooth("12", "M"), tooth("12", "O"))),
    "a surface there is not": ("tooth-surface", filling(tooth("12", "X"))),
    "a surface twice": ("tooth-surface-repeated", filling(tooth("12", "M", "M"), procedure="D2150")),
    "surfaces of no tooth": ("tooth-surface-alone", work("D1351", teeth=(tooth("", "O"),))),
    "the edge of a back tooth": ("tooth-surface-place", filling(tooth("12", "I"))),
    "an area there is not": ("oral-cavity", work("D1110", oral_cavity=("50",))),
    "six areas": ("oral-cavity", work("D1110", oral_cavity=("00", "01", "02", "10", "20", "30"))),
    "an area twice": ("oral-cavity-repeated", work("D1110", oral_cavity=("10", "10"))),
    "a root canal of no tooth": ("tooth-missing", work("D3330")),
    "a filling of no surface": ("tooth-surface-missing", filling(tooth("12"))),
    "a surface too few": ("tooth-surface-count", filling(tooth("12", "M"), procedure="D2150")),
    "scaling of no quadrant": ("quadrant-missing", work("D4341")),
    "a filling of a missing tooth": (
        "tooth-treated-missing", make_dental_claim(teeth=(ToothStatus(tooth="12", status="M", numbering="JP"),)),
    ),
    "a replacement of nothing": ("prior-placement-missing", work("D2740", teeth=(tooth("8"),), prosthesis="R")),
    "an earlier crown placed later": (
        "prior-placement-order",
        work("D2740", teeth=(tooth("8"),), prosthesis="R", dates=(("441", date(2026, 11, 2)),)),
    ),
    "a crown that is neither first nor second": ("prosthesis-code-missing", work("D2740", teeth=(tooth("8"),))),
    "more months to come than in all": (
        "orthodontics-months",
        make_dental_claim(orthodontics=Orthodontics(months=Decimal(24), remaining_months=Decimal(30))),
    ),
    "no months": ("orthodontics-months", make_dental_claim(orthodontics=Orthodontics(months=Decimal(0)))),
    "orthodontics of no months": ("orthodontics-missing", work("D8080")),
    "no day anywhere": ("dental-date-missing", make_dental_claim(lines=(make_dental_line(service_from=None),))),
    "a predetermination of what was done": ("predetermination-dated", make_dental_claim(submission_reason="PB")),
    "a predetermination with a day": (
        "predetermination-dated",
        make_dental_claim(lines=(make_dental_line(service_from=None),), dates=(("472", FIRST),), submission_reason="PB"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "claim"), BREACHES.values(), ids=BREACHES)
def test_each_objects_to_what_it_is_about_and_to_no_other_part_of_dentistry(edit: str, claim: Claim) -> None:
    assert [found for found in find_edits(claim) if found in OWN] == [edit]


@pytest.mark.parametrize("area", ["00", "01", "08", "09", "10", "40", "L", "R"])
def test_every_area_of_the_mouth_passes(area: str) -> None:
    assert find_edits(work("D1110", oral_cavity=(area,))) == []


def test_a_dental_claim_accepts_assignment_or_not() -> None:
    """B, for laboratory services alone, is no code of the 837D."""
    assert find_edits(make_dental_claim(assignment="C")) == []
    assert find_edits(make_dental_claim(assignment="B")) == ["assignment-unknown"]
    assert transaction_of("837D").check(make_dental_claim(assignment="B"), SUBMITTER, RECEIVER) != []


@pytest.mark.parametrize(
    ("first", "last", "edits"),
    [
        (date(2026, 11, 20), date(2026, 11, 20), []),
        (date(2027, 6, 1), date(2027, 6, 1), ["service-date-future"]),
        (date(2026, 11, 2), date(2026, 11, 21), ["service-end-future"]),
        (date(2026, 11, 4), date(2026, 11, 2), ["period-order"]),
        (date(2016, 11, 2), date(2016, 11, 2), ["service-old", "timely-filing-passed"]),
    ],
)
def test_days_given_for_all_lines_are_judged_as_those_of_a_line(first: date, last: date, edits: list[str]) -> None:
    """Today is 20 November 2026."""
    lines = (make_dental_line(service_from=None), make_dental_line(procedure="D1110", teeth=(), control_number="L2"))
    periods = (Period(qualifier="472", first=first, last=last),)
    days: dict[str, Any] = {"dates": (("472", first),)} if first == last else {"periods": periods}
    assert find_edits(make_dental_claim(lines=lines[:1], **days)) == edits
    assert find_edits(make_dental_claim(lines=lines, **days)) == edits


def test_every_dental_edit_has_a_breach_here() -> None:
    assert {edit for edit, _ in BREACHES.values()} == OWN


@pytest.mark.parametrize(
    ("place", "severity"),
    [({"teeth": ()}, "warn"), ({"teeth": (tooth("14", "O"),)}, "hold"), ({"teeth": (), "oral_cavity": ("10",)}, "hold")],
)
def test_a_service_twice_in_one_place_is_held_and_one_without_a_place_may_have_been_done_twice(
    place: dict[str, object], severity: str
) -> None:
    """Each further picture is a service of its own, and neither tooth nor modifier tells it from the one before."""
    lines = tuple(make_dental_line(procedure="D0230", control_number=f"L{n}", **place) for n in (1, 2))
    findings = check(make_dental_claim(lines=lines), CONTEXT)
    (finding,) = [each for each in findings if each.edit == "line-repeated"]
    assert (finding.severity, finding.line, "modifier" in finding.fix) == (severity, 2, False)
    assert finding.field == "lines[1].procedure (2400 SV301-2)"
