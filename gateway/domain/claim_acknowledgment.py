"""What a 277CA's status means for a claim, and whether what it counts is what was sent (domain.md 3)."""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from edi.transactions.t277ca import AcknowledgedUnit, StatusInformation
from edi.values import format_money

ACCEPTING = frozenset({"A0", "A1", "A2", "A5"})
REJECTING = frozenset({"A3", "A4", "A6", "A7", "A8"})


class Verdict(StrEnum):
    """The word of one tier on one claim."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


def judge(statuses: Sequence[StatusInformation]) -> Verdict:
    """One rejecting status rejects; all accepting accept; else unknown. STC03 decides only where no category is given."""
    verdicts = [_judge_one(information) for information in statuses]
    if Verdict.REJECTED in verdicts:
        return Verdict.REJECTED
    return Verdict.ACCEPTED if verdicts and all(verdict is Verdict.ACCEPTED for verdict in verdicts) else Verdict.UNKNOWN


def _judge_one(information: StatusInformation) -> Verdict:
    categories = {status.category for status in information.statuses if status.category}
    if categories & REJECTING:
        return Verdict.REJECTED
    if categories and categories <= ACCEPTING:
        return Verdict.ACCEPTED
    return (
        {"U": Verdict.REJECTED, "WQ": Verdict.ACCEPTED}.get(information.action, Verdict.UNKNOWN)
        if not categories
        else Verdict.UNKNOWN
    )


class Totals(msgspec.Struct, frozen=True):
    """How many claims and how many cents; None where nothing is said of it."""

    claim_count: int | None
    charge_cents: int | None


def totals_of(units: Sequence[AcknowledgedUnit]) -> Totals:
    """What the QTY and AMT of these levels count together, accepted and rejected; the guide lets a level leave out a zero."""
    return Totals(
        _sum_up([count for unit in units for count in (unit.accepted_count, unit.rejected_count)]),
        _sum_up([cents for unit in units for cents in (unit.accepted_cents, unit.rejected_cents)]),
    )


def _sum_up(numbers: Sequence[int | None]) -> int | None:
    given = [number for number in numbers if number is not None]
    return sum(given) if given else None


def compare_totals(said: Totals, sent: Totals) -> list[str]:
    """In what they differ, in words; what is not said differs in nothing."""
    differences = []
    if said.claim_count not in (None, sent.claim_count):
        counted = "1 claim" if said.claim_count == 1 else f"{said.claim_count} claims"
        differences.append(f"{counted} where we sent {sent.claim_count}")
    if said.charge_cents is not None and sent.charge_cents is not None and said.charge_cents != sent.charge_cents:
        differences.append(f"charges of {format_money(said.charge_cents)} where we sent {format_money(sent.charge_cents)}")
    return differences
