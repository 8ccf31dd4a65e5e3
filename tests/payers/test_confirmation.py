"""Somehow it must come out whether a file arrived."""

import pytest

from payers.checks import check_partner
from payers.profile import SAMPLES, load


@pytest.mark.parametrize(("ta1", "ack_999", "fine"), [(None, None, False), (1, None, True), (None, 1, True)])
def test_a_server_that_shows_nothing_goes_with_answers_that_prove_it(ta1: int | None, ack_999: int | None, fine: bool) -> None:
    partner = load(SAMPLES).partners["meridian"]
    upload = partner.upload.model_copy(update={"confirm": "none"})
    answers = partner.answers.model_copy(update={"ta1_business_days": ta1, "ack_999_business_days": ack_999})
    problems = [key for key, _ in check_partner(partner.model_copy(update={"upload": upload, "answers": answers}))]
    assert problems == ([] if fine else ["upload.confirm"])


def test_a_server_that_shows_nothing_cannot_prove_that_it_took_a_file_at_once() -> None:
    partner = load(SAMPLES).partners["meridian"]
    upload = partner.upload.model_copy(update={"confirm": "none"})
    quirks = partner.quirks.model_copy(update={"taken_at_once": True})
    problems = [key for key, _ in check_partner(partner.model_copy(update={"upload": upload, "quirks": quirks}))]
    assert problems == ["quirks.taken_at_once"]
