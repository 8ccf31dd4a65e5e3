"""Each general edit objects to its broken example and to no sound one; those that look at the payer's profile, by theirs."""

from datetime import date

import pytest

from edi.claims import Coverage
from gateway.domain.edits import (
    addresses,
    coverage,
    dates,
    diagnosis,
    duplicates,
    filing,
    identity,
    modifiers,
    money,
    procedures,
    providers,
)
from payers.payer import TimelyFiling
from tests.gateway.domain.edit_examples import EXAMPLES, an_earlier_payer
from tests.gateway.domain.samples import PAYER, SERVED, find_edits, make_claim, make_line, make_subscriber

MODULES = (
    identity, addresses, coverage, dates, diagnosis, procedures, modifiers,
    money, providers, duplicates, filing,
)  # fmt: skip
BY_PROFILE = {
    "member-id-characters", "medicare-id-format", "timely-filing-passed", "timely-filing-near", "corrected-filing-passed",
    "secondary-filing-passed",
}  # fmt: skip
LIMITED = PAYER.model_copy(
    update={"timely_filing": TimelyFiling(original_days=90, corrected_days=365, secondary_days=60), "member_id_pattern": ""}
)
LENIENT = PAYER.model_copy(update={"member_id_pattern": ""})


def test_every_general_edit_has_its_examples() -> None:
    assert {edit.id for module in MODULES for edit in module.EDITS} == set(EXAMPLES) | BY_PROFILE


@pytest.mark.parametrize("edit", sorted(EXAMPLES))
def test_an_edit_objects_to_its_broken_example_and_not_to_its_sound_one(edit: str) -> None:
    broken, sound = EXAMPLES[edit]
    assert edit in find_edits(broken)
    assert edit not in find_edits(sound)


@pytest.mark.parametrize(
    ("member_id", "edits"),
    [
        ("XQB000000017", []),
        ("XQB-17", []),
        ("XQB 17", ["member-id-characters"]),
        ("XQB.17", ["member-id-characters"]),
    ],
)
def test_a_member_id_is_letters_digits_and_hyphens_where_the_profile_gives_no_form(member_id: str, edits: list[str]) -> None:
    assert find_edits(make_claim(subscriber=make_subscriber(id=member_id)), payer=LENIENT) == edits


@pytest.mark.parametrize(
    ("member_id", "is_sound"),
    [
        ("1EG4TE5MK73", True),
        ("1eg4-te5-mk73", True),
        ("0EG4TE5MK73", False),
        ("1SG4TE5MK73", False),
        ("1EG4TE5MK7", False),
        ("219099999A", False),
    ],
)
def test_a_medicare_id_has_eleven_characters_in_their_places(member_id: str, is_sound: bool) -> None:
    claim = make_claim(subscriber=make_subscriber(id=member_id), coverage=Coverage(claim_filing_indicator="MB"))
    assert ("medicare-id-format" not in find_edits(claim, payer=LENIENT)) is is_sound
    assert "medicare-id-format" not in find_edits(claim)  # the profile has a form of its own


@pytest.mark.parametrize(
    ("served", "edits"),
    [
        (date(2026, 8, 21), ["timely-filing-passed"]),
        (date(2026, 8, 22), ["timely-filing-near"]),
        (date(2026, 9, 5), ["timely-filing-near"]),
        (date(2026, 9, 6), []),
    ],
)
def test_an_original_leaves_within_ninety_days_of_the_service(served: date, edits: list[str]) -> None:
    """Today is 20 November 2026."""
    assert find_edits(make_claim(lines=(make_line(service_from=served),))) == edits


@pytest.mark.parametrize(("served", "is_late"), [(date(2025, 11, 19), True), (date(2025, 11, 20), False)])
def test_a_replacement_leaves_within_the_limit_of_corrected_claims(served: date, is_late: bool) -> None:
    claim = make_claim(frequency="7", lines=(make_line(service_from=served),))
    assert ("corrected-filing-passed" in find_edits(claim, payer=LIMITED)) is is_late
    assert "timely-filing-passed" not in find_edits(claim, payer=LIMITED)


def test_a_void_asks_for_no_money_and_has_no_filing_limit() -> None:
    """Money is given back however late; the others ask for some."""
    late = make_line(service_from=date(2020, 1, 2))
    found = {each: find_edits(make_claim(frequency=each, lines=(late,)), payer=LIMITED) for each in ("1", "6", "7", "8")}
    about = {"timely-filing-passed", "corrected-filing-passed"}
    assert {each: about.intersection(edits) for each, edits in found.items()} == {
        "1": {"timely-filing-passed"}, "6": {"corrected-filing-passed"}, "7": {"corrected-filing-passed"}, "8": set(),
    }  # fmt: skip


@pytest.mark.parametrize(("decided", "is_late"), [(date(2026, 9, 20), True), (date(2026, 9, 21), False)])
def test_a_secondary_claim_leaves_within_its_days_from_the_decision_of_the_primary(decided: date, is_late: bool) -> None:
    claim = make_claim(
        coverage=Coverage(responsibility="S"),
        other_payers=(an_earlier_payer(decided),),
        lines=(make_line(service_from=date(2026, 1, 5)),),
    )
    assert ("secondary-filing-passed" in find_edits(claim, payer=LIMITED)) is is_late
    assert "timely-filing-passed" not in find_edits(claim, payer=LIMITED)


def test_a_delay_reason_lifts_the_limit() -> None:
    claim = make_claim(delay_reason="11", lines=(make_line(service_from=date(2026, 1, 5)),))
    assert find_edits(claim) == []
    assert find_edits(make_claim(lines=(make_line(service_from=SERVED),))) == []
