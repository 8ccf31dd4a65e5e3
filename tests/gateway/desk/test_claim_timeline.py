"""A claim's timeline: every kind of fact in plain words, in the order of its life, with file, segment, person and codes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from gateway.desk.claim_timeline import STATES, TELLERS, build_timeline
from gateway.domain.facts import Kind, State

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def row(kind: Kind, *, number: int = 1, at: datetime = NOON, learnt: datetime | None = None, **changes: Any) -> dict[str, Any]:
    """A row of the timeline as the database gives it."""
    data = changes.pop("data", {})
    place = {"file_id": None, "file_name": None, "position": 0, "actor": "", "attempt": 1, **changes}
    return {
        "id": number, "kind": kind.value, "occurred_at": at, "recorded_at": learnt or at,
        "data": msgspec.json.encode(data).decode(), **place,
    }  # fmt: skip


def test_every_kind_and_state_has_words() -> None:
    assert set(TELLERS) == set(Kind)
    assert set(STATES) == {state.value for state in State}


@pytest.mark.parametrize("kind", Kind)
def test_a_fact_without_data_is_told_all_the_same(kind: Kind) -> None:
    """Old facts, and those of other writers, may say less: the timeline still has a sentence for each."""
    (step,) = build_timeline([row(kind)])
    assert step.text
    assert step.text[0].isupper()


@pytest.mark.parametrize(
    ("kind", "data", "text", "codes"),
    [
        ("received", {"charge_cents": 12500}, "Taken in, charge 125.00", ""),
        ("corrected", {"version": 2, "reason": "new member id"}, "Corrected, version 2: new member id", ""),
        (
            "edits_failed",
            {"findings": [{"edit": "npi", "severity": "hold", "message": "NPI wrong.", "fix": "Mend it."}]},
            "Held by an edit: NPI wrong. Mend it.",
            "npi",
        ),
        ("released_by_person", {"reason": "agreed"}, "Released by a person, whatever the edits found: agreed", ""),
        ("syntax_rejected", {"st_control_number": "0001", "verdict": "R"}, "this claim not named as the cause", ""),
        ("syntax_rejected", {"st_control_number": "0001", "error": "segment 9 NM1: error 1"}, "at fault: segment 9 NM1", ""),
        (
            "payer_accepted",
            {"codes": "A2:20", "text": "taken in", "payer_claim_number": "P7"},
            "Accepted by the payer (277CA): taken in; the payer's claim number is P7",
            "A2:20",
        ),
        (
            "partly_paid",
            {"remittance_id": 3, "paid_cents": 5000, "contractual_cents": 2000, "denied_cents": 500, "denial_codes": ["CO 29"]},
            "Partly paid by remittance 3: paid 50.00, adjusted 20.00, denied 5.00 (CO 29 filed too late)",
            "CO 29",
        ),
        ("payment_suspended", {"paid_cents": 5000, "reason": "It does not balance."}, "is held, not posted: It does not", ""),
    ],
)  # fmt: skip
def test_a_fact_is_told_in_plain_words(kind: str, data: dict[str, Any], text: str, codes: str) -> None:
    (step,) = build_timeline([row(Kind(kind), data=data)])
    assert text in step.text
    assert step.codes == codes


def test_a_step_names_its_file_and_segment_or_its_person() -> None:
    (step,) = build_timeline([row(Kind.PAYER_ACCEPTED, file_id=7, file_name="a.277ca", position=61)])
    assert (step.file_id, step.file_name, step.position, step.actor) == (7, "a.277ca", 61, "")
    (step,) = build_timeline([row(Kind.HELD_BY_PERSON, actor="ada")])
    assert (step.file_id, step.file_name, step.actor) == (None, "", "ada")


def test_when_a_fact_was_learnt_is_said_only_where_it_differs() -> None:
    late = NOON + timedelta(hours=6)
    first, second = build_timeline([row(Kind.SENT), row(Kind.TA1_ACCEPTED, number=2, learnt=late)])
    assert first.learnt_at is None
    assert second.learnt_at == late


def test_a_date_without_a_time_does_not_put_the_payment_before_the_claim() -> None:
    """An 835 of the same day says midnight; what came late stands where it happened, not where it was learnt."""
    midnight = NOON.replace(hour=0)
    next_day = NOON + timedelta(days=1)
    rows = [
        row(Kind.PAID, number=1, at=midnight, learnt=next_day),
        row(Kind.RECEIVED, number=2),
        row(Kind.SYNTAX_ACCEPTED, number=4, at=NOON + timedelta(minutes=9), learnt=next_day),
        row(Kind.SENT, number=3, at=NOON + timedelta(minutes=8)),
    ]
    assert [step.kind for step in build_timeline(rows)] == ["received", "sent", "syntax_accepted", "paid"]
