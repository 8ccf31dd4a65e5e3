"""Claims are cut into sets, interchanges and files as the partner allows, and no claim is taken that is not placed."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.batch_plan import CLAIMS_PER_FILE_MAX, Limits, limits_of, plan_alone, plan_apart, plan_together
from tests.support.worlds import MERIDIAN, PROFILES


def make_limits(claims: int, sets: int = 5, interchanges: int = 1, file: int = 1000) -> Limits:
    return Limits(claims_per_set=claims, sets_per_interchange=sets, interchanges_per_file=interchanges, claims_per_file=file)


class Stock:
    """Claims by practice, to be taken from; it remembers what was taken."""

    def __init__(self, **counts: int) -> None:
        self.left = {practice: [f"{practice}{n}" for n in range(count)] for practice, count in counts.items()}
        self.taken: list[str] = []

    def take(self, practice: str, most: int) -> Sequence[str]:
        chosen, self.left[practice] = self.left[practice][:most], self.left[practice][most:]
        self.taken += chosen
        return chosen


def test_sets_and_interchanges_are_filled_one_after_the_other() -> None:
    planned = plan_together("abcdefg", make_limits(2, sets=2, interchanges=2))
    assert planned == [[["a", "b"], ["c", "d"]], [["e", "f"], ["g"]]]
    assert plan_together("abcdefg", make_limits(2, sets=2, file=3)) == [[["a", "b"], ["c"]]]
    assert plan_together("", make_limits(2)) == []


def test_practices_in_sets_of_their_own_share_an_interchange_and_the_later_ones_wait() -> None:
    stock = Stock(a=3, b=1, c=2)
    assert plan_apart(stock.take, ["a", "b", "c"], make_limits(2, sets=3)) == [[["a0", "a1"], ["a2"], ["b0"]]]
    assert stock.left["c"] == ["c0", "c1"]


def test_practices_in_interchanges_of_their_own_share_a_file() -> None:
    stock = Stock(a=3, b=1, c=2)
    planned = plan_alone(stock.take, ["a", "b", "c"], make_limits(2, sets=2, interchanges=2))
    assert planned == [[["a0", "a1"], ["a2"]], [["b0"]]]


@pytest.mark.parametrize("plan", [plan_apart, plan_alone])
@given(
    counts=st.lists(st.integers(0, 30), min_size=1, max_size=6),
    claims=st.integers(1, 7), sets=st.integers(1, 4), interchanges=st.integers(1, 4), file=st.integers(1, 50),
)  # fmt: skip
def test_whatever_is_taken_is_placed_once_within_the_limits(
    plan: object, counts: list[int], claims: int, sets: int, interchanges: int, file: int
) -> None:
    stock = Stock(**{f"p{place}_": count for place, count in enumerate(counts)})
    planned = plan(stock.take, list(stock.left), make_limits(claims, sets, interchanges, file))  # type: ignore[operator]
    placed = [claim for interchange in planned for one in interchange for claim in one]
    assert sorted(placed) == sorted(stock.taken)
    assert len(placed) <= file
    assert len(planned) <= interchanges
    assert all(1 <= len(interchange) <= sets for interchange in planned)
    assert all(1 <= len(one) <= claims and len({claim.partition("_")[0] for claim in one}) == 1 for i in planned for one in i)
    assert bool(placed) == any(counts)


def test_no_profile_makes_a_file_beyond_what_memory_is_meant_to_hold() -> None:
    partner = PROFILES.partners[MERIDIAN]
    assert limits_of(partner).claims_per_file == 5000
    generous = partner.batching.model_copy(update={"claims_per_set_max": 5000, "sets_per_interchange_max": 100})
    assert limits_of(partner.model_copy(update={"batching": generous})).claims_per_file == CLAIMS_PER_FILE_MAX
    assert limits_of(partner, 7).claims_per_file == 7
