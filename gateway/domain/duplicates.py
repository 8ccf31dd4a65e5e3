"""When two claims bill the same services, and when that is meant (domain.md 6: the payer denies the second, or pays it twice)."""

from collections.abc import Iterable

from edi.claims import Claim

REPEATED = frozenset({"59", "76", "77", "91", "XE", "XP", "XS", "XU"})
"""Modifiers that say of a line that the service was done again, or apart from another."""

NOT_BILLED = frozenset({"received", "held", "rejected", "voided"})
"""States of a claim that is not on its way to a payer, nor with one."""


def says_repeated(claim: Claim) -> bool:
    """Whether every line says by a modifier that it is a service of its own: such a claim duplicates none."""
    return bool(claim.lines) and all(not REPEATED.isdisjoint(line.modifiers) for line in claim.lines)


def find_rivals(claim_id: int, same: Iterable[tuple[int, str, str]]) -> list[tuple[int, str]]:
    """(claim id, PCN) of the claims for the same services before which this ready one may not leave.

    `same` are (claim id, PCN, state) of all with its services. Of two that are ready, the earlier one goes.
    """
    return [
        (other, pcn)
        for other, pcn, state in same
        if other != claim_id and state not in NOT_BILLED and (state != "ready" or other < claim_id)
    ]
