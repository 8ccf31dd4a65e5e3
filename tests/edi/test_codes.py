"""Codes: what a claim's status and an adjustment's reason mean, and that the unknown is shown and never guessed."""

import pytest

from edi.codes import adjustment, claim_status
from edi.codes.lists import LISTS, describe, find_list, next_step


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


@pytest.mark.parametrize(
    ("kind", "least"),
    [("CARC", 150), ("RARC", 150), ("status", 200), ("status-category", 45), ("PLB", 40), ("POS", 50), ("entity", 100)],
)
def test_the_lists_hold_what_billing_offices_meet(kind: str, least: int) -> None:
    assert len(LISTS[kind].texts) >= least


@pytest.mark.parametrize(
    ("kind", "code", "text"),
    [
        ("CARC", "29", "filed too late"),
        ("RARC", "M127", "the patient's medical record is missing"),
        ("group", "PR", "the patient's"),
        ("PLB", "WO", "overpayment taken back"),
        ("POS", "11", "office"),
        ("frequency", "7", "replacement of an earlier claim"),
        ("relationship", "18", "self"),
        ("filing", "MB", "Medicare Part B"),
        ("payment-status", "22", "reversal of an earlier payment"),
        ("AAA", "75", "the subscriber was not found"),
        ("TA105", "025", "the control number (ISA13) was used before"),
        ("REF", "F8", "payer's claim number of the earlier claim"),
    ],
)
def test_a_code_is_described_by_its_list(kind: str, code: str, text: str) -> None:
    assert describe(kind, code) == text


@pytest.mark.parametrize("kind", LISTS)
def test_a_code_in_no_list_is_shown_as_itself_and_asks_for_nothing(kind: str) -> None:
    assert (describe(kind, "~9"), next_step(kind, "~9")) == ("~9", "")


def test_a_list_is_found_however_its_name_is_written() -> None:
    assert find_list("carc") is LISTS["CARC"]
    assert find_list("icd-10-cm") is LISTS["ICD-10-CM"]
    assert find_list("nonsense") is None


@pytest.mark.parametrize("kind", LISTS)
def test_every_text_is_short_and_every_action_a_sentence_about_a_code_of_the_list(kind: str) -> None:
    shown = LISTS[kind]
    assert all(0 < len(text) <= 90 and not text.endswith(".") for text in shown.texts.values())
    assert all(action.endswith(".") and code in shown.texts for code, action in shown.actions.items())


def test_every_adjustment_reason_has_a_next_step() -> None:
    assert set(LISTS["CARC"].actions) == set(LISTS["CARC"].texts)


def test_waiting_is_no_advice_for_a_claim_that_was_rejected() -> None:
    """A status that says "wait" while a claim is pending says nothing about one that was sent back."""
    assert claim_status.action_of("P2", "46") == "Wait for the decision."
    assert claim_status.action_of("A3", "46") == "Correct the claim and send it as a new original."


def test_no_licensed_list_is_shipped() -> None:
    """CPT, CDT and the lists of NUBC and NUCC are others' property: they come from the user's own file alone."""
    assert not any(shown.texts for shown in LISTS.values() if "licensed" in shown.owner)


def test_imported_texts_are_shown_before_ours() -> None:
    """Where the operator brought official texts, those are told, and codes they lack keep ours."""
    imported = {"CARC": {"45": "Invented official"}, "status": {"562": "Invented NPI"}, "entity": {"85": "Invented entity"}}
    assert describe("CARC", "45", imported) == adjustment.carc_text("45", imported) == "Invented official"
    assert describe("CARC", "29", imported) == adjustment.carc_text("29", imported) == "filed too late"
    told = claim_status.text_of("A7", "562", "85", imported=imported)
    assert told == "rejected: something in it is not valid (Invented entity: Invented NPI)"
