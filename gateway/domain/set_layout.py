"""Which claims each segment of one of our sets belongs to: what a position in a 999 blames (domain.md 3)."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

_LEVELS = ("billing_position", "subscriber_position", "patient_position", "first_position")


class SetLayout:
    """The levels of a set as it was sent, from the positions kept of each submission (columns of the submission table).

    A segment belongs to the innermost level that is open there, and a level to every claim under it: what stands at a
    subscriber who has one claim is that claim's alone, what stands at the billing provider is of all its claims.
    """

    def __init__(self, submissions: Sequence[Mapping[str, Any]]) -> None:
        self._claims: dict[int, list[int]] = {}
        for row in submissions:
            for level in _LEVELS:
                if row[level] is not None:
                    self._claims.setdefault(row[level], []).append(row["claim_id"])
        self._starts = sorted(self._claims)
        self.claim_count = len(submissions)
        self._end = max((row["last_position"] for row in submissions), default=0)

    def find_claims_at(self, position: int) -> Sequence[int]:
        """The ids of the claims that the segment at this position belongs to (ST = 1); none for ST, BHT, submitter and SE."""
        place = bisect_right(self._starts, position)
        return self._claims[self._starts[place - 1]] if place and position <= self._end else ()
