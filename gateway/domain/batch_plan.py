"""How ready claims are cut into transaction sets, interchanges and files: what a partner's [upload] and [batching] allow."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec

from payers.profile import Partner

T = TypeVar("T")
Sets = list[list[T]]
"""Claims set by set."""

CLAIMS_PER_FILE_MAX = 20_000
"""Most claims built in one database transaction, whatever the profile allows: what is built stays in memory until it commits."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The most claims in a set, sets in an interchange, interchanges in a file, and claims in a file."""

    claims_per_set: int
    sets_per_interchange: int
    interchanges_per_file: int
    claims_per_file: int


def limits_of(partner: Partner, claims_per_file: int = CLAIMS_PER_FILE_MAX) -> Limits:
    """What the partner's profile allows; `claims_per_file` is less where a file of more grew beyond the partner's bytes."""
    batching, upload = partner.batching, partner.upload
    allowed = batching.claims_per_set_max * batching.sets_per_interchange_max * upload.interchanges_per_file_max
    return Limits(
        claims_per_set=batching.claims_per_set_max, sets_per_interchange=batching.sets_per_interchange_max,
        interchanges_per_file=upload.interchanges_per_file_max, claims_per_file=min(allowed, claims_per_file),
    )  # fmt: skip


def plan_together(claims: Sequence[T], limits: Limits) -> list[Sets[T]]:
    """Claims of any practices, in the order they are to stand in, cut into the interchanges of one file."""
    return list(_cut(list(_cut(claims[: limits.claims_per_file], limits.claims_per_set)), limits.sets_per_interchange))


def plan_apart(take: Callable[[str, int], Sequence[T]], practices: Sequence[str], limits: Limits) -> list[Sets[T]]:
    """Claims of which no set holds two practices' own. `take(practice, most)` gives a practice's claims.

    The practices come in the order of their urgency: where the limits cut, the later ones wait for the next file.
    """
    sets_left = limits.sets_per_interchange * limits.interchanges_per_file
    claims_left = limits.claims_per_file
    sets: Sets[T] = []
    for practice in practices:
        claims = take(practice, min(claims_left, sets_left * limits.claims_per_set))
        own = list(_cut(claims, limits.claims_per_set))
        sets += own
        sets_left -= len(own)
        claims_left -= len(claims)
        if not sets_left or not claims_left:
            break
    return list(_cut(sets, limits.sets_per_interchange))


def plan_alone(take: Callable[[str, int], Sequence[T]], practices: Sequence[str], limits: Limits) -> list[Sets[T]]:
    """Claims of which no interchange holds two practices' own; as plan_apart, and what does not fit waits."""
    interchanges: list[Sets[T]] = []
    claims_left = limits.claims_per_file
    for practice in practices:
        room = limits.interchanges_per_file - len(interchanges)
        most = min(claims_left, room * limits.sets_per_interchange * limits.claims_per_set)
        if most <= 0:
            break
        claims = take(practice, most)
        interchanges += _cut(list(_cut(claims, limits.claims_per_set)), limits.sets_per_interchange)
        claims_left -= len(claims)
    return interchanges


def _cut(items: Sequence[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
