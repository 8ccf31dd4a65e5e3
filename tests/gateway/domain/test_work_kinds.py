"""Every kind of work says what to do, and the queue puts money close to its deadline first."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.work import GUIDANCE, WorkKind, priority

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", WorkKind)
def test_every_kind_of_work_has_a_title_and_says_what_to_do(kind: WorkKind) -> None:
    guidance = GUIDANCE[kind]
    assert guidance.title
    assert guidance.what_to_do.endswith(".")
    assert kind.value == kind.name.lower()


def test_more_money_comes_first_at_the_same_deadline() -> None:
    due_at = NOW + timedelta(days=5)
    assert priority(200_000, due_at, NOW) > priority(100_000, due_at, NOW)


def test_the_nearer_deadline_comes_first_for_the_same_money() -> None:
    near, far = NOW + timedelta(days=1), NOW + timedelta(days=20)
    assert priority(100_000, near, NOW) > priority(100_000, far, NOW) > 0


def test_a_passed_deadline_weighs_fully_and_no_more() -> None:
    assert priority(100_000, NOW, NOW) == priority(100_000, NOW - timedelta(days=400), NOW) == 100_000


def test_a_week_away_weighs_half() -> None:
    assert priority(100_000, NOW + timedelta(days=7), NOW) == 50_000


def test_no_deadline_weighs_as_thirty_days() -> None:
    assert priority(100_000, None, NOW) == priority(100_000, NOW + timedelta(days=30), NOW)


def test_work_without_an_amount_still_has_a_place() -> None:
    assert priority(0, NOW, NOW) == priority(10_000, NOW, NOW) == 10_000
    assert priority(0, None, NOW) > 0


def test_money_that_is_taken_back_weighs_like_money_that_is_paid() -> None:
    assert priority(-100_000, NOW, NOW) == priority(100_000, NOW, NOW)


@given(st.integers(0, 10**9), st.integers(0, 400), st.integers(0, 400))
def test_priority_never_rises_as_the_deadline_recedes(amount_cents: int, first: int, second: int) -> None:
    sooner, later = sorted((first, second))
    assert priority(amount_cents, NOW + timedelta(days=sooner), NOW) >= priority(amount_cents, NOW + timedelta(days=later), NOW)
