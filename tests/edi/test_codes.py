"""Codes: what a claim's status and an adjustment's reason mean, and that the unknown is shown and never guessed."""

import pytest

from edi.codes import adjustment, claim_status


@pytest.mark.parametrize(
    ("category", "meaning"),
    [
        *[(category, "accepted") for category in ("A0", "A1", "A2", "A5")],
        *[(category, "rejected") for category in ("A3", "A4", "A6", "A7", "A8")],
        ("P1", "pending"), ("F2", "final"), ("R3", "request"), ("D0", "error"), ("E1", "error"),
        ("A9", "unknown"), ("", "unknown"),
    ],
)  # fmt: skip
def test_what_a_category_means_for_the_claim(category: str, meaning: str) -> None:
    assert claim_status.meaning_of(category) == meaning


def test_a_status_reads_as_a_sentence_part() -> None:
    assert claim_status.text_of("A7", "562", "85") == "rejected: something in it is not valid (billing provider: NPI)"
    assert claim_status.text_of("A2", "20") == "taken into adjudication (accepted for processing)"


def test_unknown_codes_are_shown_as_they_are() -> None:
    assert claim_status.text_of("Z9", "9999", "ZZ") == "category Z9 (entity ZZ: status 9999)"
    assert adjustment.carc_text("9999") == "reason 9999"


def test_every_rejected_status_has_something_to_do() -> None:
    assert all(claim_status.action_of("A3", code) for code in [*claim_status.CODES, "9999"])


def test_an_accepted_claim_has_nothing_to_do() -> None:
    assert claim_status.action_of("A2", "20") == ""


def test_denials_are_work_and_contract_reasons_are_not() -> None:
    denials = {code for code, carc in adjustment.CARCS.items() if carc.nature == "denial"}
    assert {"16", "29", "50", "197"} <= denials
    assert not denials & {"1", "2", "3", "23", "45", "253"}
    assert all(adjustment.carc_action(code) for code in denials)
