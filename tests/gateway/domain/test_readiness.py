"""A file is fetched once it stands still; the server's time is compared with itself alone, and nothing is noted twice."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.readiness import Shown, Sighting, SightingState, is_changed, is_overdue, is_wanted, judge

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SECONDS = 1_772_400_000
SKEWS_HOURS = range(-26, 27)


def look_at(*shown: tuple[int | None, int | None], ready_after_polls: int = 2) -> list[bool]:
    """Whether the file is wanted at each of these looks."""
    wanted, known = [], None
    for size_bytes, modified_at in shown:
        known = judge(known, Shown("a.835", size_bytes, modified_at), ready_after_polls=ready_after_polls, now=NOW)
        wanted.append(is_wanted(known, ready_after_polls=ready_after_polls))
    return wanted


def see(state: SightingState, size_bytes: int | None = 9, modified_at: int | None = SECONDS) -> Sighting:
    return Sighting("a.835", size_bytes, modified_at, still_polls=9, first_seen_at=NOW, state=state, id=1)


@pytest.mark.parametrize("ready_after_polls", range(1, 11))
def test_a_file_that_stands_still_is_wanted_at_the_look_the_profile_says_and_no_sooner(ready_after_polls: int) -> None:
    looks = [(9, SECONDS)] * 12
    expected = [number >= ready_after_polls for number in range(1, 13)]
    assert look_at(*looks, ready_after_polls=ready_after_polls) == expected


def test_whatever_changes_begins_the_count_anew() -> None:
    assert look_at((9, 1), (9, 1), (10, 1), (10, 1), (10, 2), (10, 2)) == [False, True, False, True, False, True]


def test_a_server_that_tells_nothing_has_a_file_fetched_after_as_many_looks() -> None:
    assert look_at((None, None), (None, None), (None, None)) == [False, True, True]


@pytest.mark.parametrize("skew_hours", SKEWS_HOURS)
def test_how_wrong_the_servers_clock_is_plays_no_part(skew_hours: int) -> None:
    there = SECONDS + skew_hours * 3600
    assert look_at((5, there), (9, there + 1), (9, there + 1), (9, there + 1)) == [False, False, True, True]


def test_nothing_is_to_be_written_of_a_file_that_is_known_to_stand_still() -> None:
    known = see(SightingState.BROKEN_OFF)
    assert judge(known, Shown("a.835", 9, SECONDS), ready_after_polls=2, now=NOW + timedelta(days=3)) is known


def test_a_file_keeps_its_row_and_the_time_it_was_first_seen_when_it_changes() -> None:
    known = see(SightingState.BROKEN_OFF)
    changed = judge(known, Shown("a.835", 10, SECONDS), ready_after_polls=2, now=NOW + timedelta(hours=3))
    assert (changed.id, changed.first_seen_at, changed.state, changed.still_polls) == (1, NOW, SightingState.ARRIVING, 1)


@pytest.mark.parametrize("state", [SightingState.EMPTY, SightingState.BROKEN_OFF])
def test_what_proved_not_whole_is_fetched_again_only_where_a_change_could_not_be_seen(state: SightingState) -> None:
    assert not is_wanted(see(state), ready_after_polls=2)
    assert is_wanted(see(state, size_bytes=None), ready_after_polls=2)
    assert is_wanted(see(state, modified_at=None), ready_after_polls=2)


def test_what_the_server_refused_is_tried_at_every_look_and_no_bytes_never() -> None:
    assert is_wanted(see(SightingState.REFUSED), ready_after_polls=2)
    assert not is_wanted(see(SightingState.EMPTY, size_bytes=0, modified_at=None), ready_after_polls=2)


def test_a_persons_word_fetches_anything_until_it_changes() -> None:
    taken = see(SightingState.TAKEN, size_bytes=0)
    assert is_wanted(taken, ready_after_polls=2)
    changed = judge(taken, Shown("a.835", 5, SECONDS), ready_after_polls=2, now=NOW)
    assert not is_wanted(changed, ready_after_polls=2)


def test_patience_runs_from_the_first_look() -> None:
    seen = see(SightingState.EMPTY)
    assert [is_overdue(seen, patience_hours=4, now=NOW + timedelta(hours=hours)) for hours in (0, 3, 4, 5)] == [
        False, False, True, True,
    ]  # fmt: skip
    assert not is_overdue(see(SightingState.TAKEN), patience_hours=4, now=NOW + timedelta(hours=9))


@given(*[st.none() | st.integers(0, 3)] * 4)
def test_a_copy_is_another_only_by_what_was_told_both_times(
    size: int | None, time: int | None, later_size: int | None, later_time: int | None
) -> None:
    sizes, times = {size, later_size} - {None}, {time, later_time} - {None}
    changed = is_changed(Shown("a", size, time), Shown("a", later_size, later_time))
    assert changed == (len(sizes) == 2 or len(times) == 2)
