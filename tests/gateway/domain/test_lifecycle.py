"""A claim's state is what its facts add up to, in whatever order and however often they arrive."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.facts import Fact, Kind, State
from gateway.domain.lifecycle import AWAITING_ANSWER, FINAL, STAGES, fold

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

LIFE = [
    ("received", "received"),
    ("edits_failed", "held"),
    ("held_by_person", "held"),
    ("released_by_person", "ready"),
    ("edits_passed", "ready"),
    ("batched", "batched"),
    ("sent", "sent"),
    ("ta1_accepted", "delivered"),
    ("ta1_rejected", "rejected"),
    ("syntax_accepted", "delivered"),
    ("syntax_rejected", "rejected"),
    ("clearinghouse_accepted", "accepted_by_clearinghouse"),
    ("clearinghouse_rejected", "rejected"),
    ("payer_accepted", "accepted_by_payer"),
    ("payer_rejected", "rejected"),
    ("status_pending", "pending"),
    ("paid", "paid"),
    ("partly_paid", "partly_paid"),
    ("denied", "denied"),
    ("voided", "voided"),
]
"""Restated from the life of a claim: what each fact, the latest of its attempt, says that the claim is."""

ORDER = [
    {"received", "corrected", "reopened", "reopened_as_innocent", "reopened_as_lost", "reopened_as_unreceived"},
    {"edits_failed", "edits_passed", "held_by_person", "released_by_person"},
    {"batched"},
    {"sent"},
    {"ta1_accepted", "ta1_rejected"},
    {"syntax_accepted", "syntax_rejected"},
    {"clearinghouse_accepted", "clearinghouse_rejected"},
    {"payer_accepted", "payer_rejected"},
    {"status_pending"},
    {"denied"},
    {"paid", "partly_paid"},
    {"voided"},
]
"""Restated: the stages from first to last; a fact of an earlier stage never undoes one of a later stage."""


def make_fact(kind: str, hours: int = 0, *, attempt: int = 1, source: str = "", **data: Any) -> Fact:
    return Fact(
        claim_id=1,
        kind=Kind(kind),
        attempt=attempt,
        occurred_at=START + timedelta(hours=hours),
        source=source or f"{kind}:{attempt}:{hours}",
        data=data,
    )


RECEIVED = make_fact("received", -48)


@pytest.mark.parametrize(("kind", "state"), LIFE)
def test_each_fact_leads_to_the_state_the_life_of_a_claim_names(kind: str, state: str) -> None:
    assert fold([RECEIVED, make_fact(kind)]).state == state


def test_the_stages_stand_in_the_order_of_the_life_of_a_claim() -> None:
    ranks = [{STAGES[Kind(kind)][0] for kind in stage} for stage in ORDER]
    assert all(len(rank) == 1 for rank in ranks)
    assert [min(rank) for rank in ranks] == sorted({stage for stage, _ in STAGES.values()})
    assert {Kind(kind) for stage in ORDER for kind in stage} == set(STAGES)


@pytest.mark.parametrize("kind", ["status_reported", "payment_suspended"])
def test_facts_that_only_inform_never_move_a_claim(kind: str) -> None:
    assert set(Kind) - set(STAGES) == {Kind.REPAIRED, Kind.STATUS_REPORTED, Kind.PAYMENT_SUSPENDED}
    assert fold([RECEIVED, make_fact("sent"), make_fact(kind, 99)]).state is State.SENT


@pytest.mark.parametrize("late", [kind for stage in ORDER[1:9] for kind in sorted(stage)])
def test_an_acknowledgment_after_the_money_does_not_move_the_claim_back(late: str) -> None:
    assert fold([RECEIVED, make_fact("paid", 10), make_fact(late, 500)]).state is State.PAID


def test_a_999_after_the_277ca_does_not_move_the_claim_back() -> None:
    facts = [RECEIVED, make_fact("sent", 1), make_fact("payer_accepted", 5), make_fact("syntax_accepted", 30)]
    assert fold(facts).state is State.ACCEPTED_BY_PAYER


def test_a_later_decision_of_the_payer_replaces_the_earlier_one() -> None:
    assert fold([RECEIVED, make_fact("denied", 10), make_fact("paid", 20)]).state is State.PAID
    assert fold([RECEIVED, make_fact("paid", 20), make_fact("partly_paid", 30)]).state is State.PARTLY_PAID


@pytest.mark.parametrize("denied_at", [10, 20, 30], ids=["before", "on the same day", "after"])
@pytest.mark.parametrize("kind", ["paid", "partly_paid"])
def test_a_denial_never_undoes_a_payment_whatever_their_dates(kind: str, denied_at: int) -> None:
    assert fold([RECEIVED, make_fact(kind, 20), make_fact("denied", denied_at)]).state is STAGES[Kind(kind)][1]


def test_a_new_attempt_starts_over_and_money_for_the_old_one_does_not_move_it() -> None:
    facts = [RECEIVED, make_fact("payer_rejected", 5), make_fact("corrected", 6, attempt=2)]
    assert fold(facts).state is State.RECEIVED
    assert fold(facts).attempt == 2
    assert fold([*facts, make_fact("paid", 99)]).state is State.RECEIVED


def test_two_facts_of_one_instant_are_ordered_by_file_and_position_and_not_by_arrival() -> None:
    first = Fact(claim_id=1, kind=Kind.DENIED, attempt=1, occurred_at=START, source="a", file_sha256="aa", position=9)
    second = Fact(claim_id=1, kind=Kind.PAID, attempt=1, occurred_at=START, source="b", file_sha256="aa", position=17)
    assert fold([RECEIVED, first, second]) == fold([second, first, RECEIVED])
    assert fold([RECEIVED, first, second]).state is State.PAID


def test_the_deadline_runs_while_an_answer_is_awaited_and_ends_with_it() -> None:
    sent = make_fact("sent", 1, overdue_at="2026-12-02T10:00:00+00:00")
    assert fold([RECEIVED]).due_at is None
    assert fold([RECEIVED, sent]).due_at == datetime(2026, 12, 2, 10, 0, tzinfo=UTC)
    assert fold([RECEIVED, sent, make_fact("payer_accepted", 9)]).due_at == datetime(2026, 12, 2, 10, 0, tzinfo=UTC)
    assert fold([RECEIVED, sent, make_fact("payer_rejected", 9)]).due_at is None
    assert fold([RECEIVED, sent, make_fact("paid", 300)]).due_at is None


def test_the_deadline_is_that_of_the_attempt_the_claim_stands_in() -> None:
    first = make_fact("sent", 1, overdue_at="2026-12-02T10:00:00+00:00")
    second = make_fact("sent", 50, attempt=2, overdue_at="2026-12-12T10:00:00+00:00")
    assert fold([RECEIVED, second, first]).due_at == datetime(2026, 12, 12, 10, 0, tzinfo=UTC)


def test_every_state_is_final_awaits_an_answer_or_waits_for_us() -> None:
    waits_for_us = {State.RECEIVED, State.HELD, State.READY, State.BATCHED, State.REJECTED}
    assert set(State) == FINAL | AWAITING_ANSWER | waits_for_us
    assert not FINAL & AWAITING_ANSWER


def test_a_claim_without_a_fact_that_gives_it_a_state_is_a_bug() -> None:
    with pytest.raises(AssertionError):
        fold([make_fact("status_reported")])


facts_of_a_claim = st.lists(
    st.builds(
        make_fact,
        st.sampled_from(sorted(Kind)),
        st.integers(min_value=0, max_value=5),
        attempt=st.integers(min_value=1, max_value=3),
        overdue_at=st.sampled_from(["2026-12-02T10:00:00+00:00", "2026-12-12T10:00:00+00:00"]),
        taken=st.sampled_from([[], [1], [1, 2]]),
    ),
    max_size=12,
    unique_by=lambda fact: fact.source,
).map(lambda facts: [RECEIVED, *facts])


@given(facts_of_a_claim, st.randoms(use_true_random=False))
def test_arrival_order_and_replays_change_nothing(facts: list[Fact], random: object) -> None:
    shuffled = list(facts)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == fold(facts)
    assert fold([*facts, *shuffled]) == fold(facts)


undoing = {Kind.VOIDED, Kind.REOPENED_AS_INNOCENT, Kind.REOPENED_AS_LOST, Kind.REOPENED_AS_UNRECEIVED}


@given(facts_of_a_claim.map(lambda facts: [fact for fact in facts if fact.kind not in undoing]))
def test_no_fact_but_a_void_ever_moves_a_claim_to_an_earlier_attempt_or_stage(facts: list[Fact]) -> None:
    stage_of = {state: max(stage for stage, s in STAGES.values() if s is state) for state in State}
    reached: tuple[int, int] = (0, 0)
    for count in range(1, len(facts) + 1):
        known = [fact for fact in facts[:count] if fact.kind in STAGES]
        standing = fold(facts[:count])
        furthest = max((fact.attempt, STAGES[fact.kind][0]) for fact in known)
        assert furthest >= reached
        assert standing.attempt == furthest[0]
        assert stage_of[standing.state] >= furthest[1]
        reached = furthest
