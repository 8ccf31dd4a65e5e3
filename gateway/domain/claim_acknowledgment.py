"""What a 277CA's status means for a claim: accepted, rejected, or nothing that can be acted on (domain.md 3)."""

from collections.abc import Sequence
from enum import StrEnum

from edi.transactions.t277ca import StatusInformation

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
