"""The work item for a claim of which one answer says that it was rejected, or lost, and another that somebody took it."""

from gateway.db.engine import Row
from gateway.db.work import WorkItem
from gateway.domain.facts import Kind, State
from gateway.domain.work import WorkKind

_BECAUSE = {
    Kind.REOPENED_AS_INNOCENT: "its set was rejected for another claim",
    Kind.REOPENED_AS_LOST: "its batch was settled as lost",
}


def contradicted(row: Row, attempt: int, sentence: str) -> WorkItem:
    """One item for a claim (columns of claim) and the attempt of which both were said, whoever notices it first."""
    return WorkItem(
        kind=WorkKind.ANOMALY, cause=f"claim:{row['id']}:{attempt}:rejected and taken", sentence=sentence, claim_id=row["id"],
        partner=row["partner"], amount_cents=row["charge_cents"],
    )  # fmt: skip


def rejected_and_taken(row: Row) -> WorkItem:
    """A claim that stands accepted or adjudicated in an attempt that was also rejected."""
    return contradicted(
        row, row["attempt"],
        f"Claim {row['pcn']} was rejected by one answer and taken by another: it is {_state_of(row)}. "
        f"What was taken stands; ask {row['partner']} why both were said, before the claim is corrected or sent again.",
    )  # fmt: skip


def innocent_but_taken(row: Row, attempt: int) -> WorkItem:
    """A 999 rejects a claim's set for another claim, and somebody has taken the claim already."""
    return contradicted(
        row, attempt,
        f"A 999 of {row['partner']} rejects the set of claim {row['pcn']} for another claim, and another answer says that it was "
        f"taken. It is not sent again by itself; ask {row['partner']} which of the two holds.",
    )  # fmt: skip


def reopened_and_taken(row: Row) -> WorkItem:
    """A claim reopened because nobody had taken it (`reopened_as`, `reopened_attempt`), and somebody had.

    It was kept back where its present attempt is an earlier one than that; else it has left a second time.
    """
    because = _BECAUSE[Kind(row["reopened_as"])]
    before = row["reopened_attempt"] - 1
    if row["attempt"] < row["reopened_attempt"]:
        after = f"It is not sent again and is {_state_of(row)}; ask {row['partner']} which of the two holds."
        return contradicted(
            row, before, f"Claim {row['pcn']} was to go out again since {because}, and an answer says that it was taken. {after}"
        )
    after = f"The payer may have it twice: ask {row['partner']} which one it keeps, before anything else is done with it."
    return contradicted(
        row, before,
        f"Claim {row['pcn']} was sent again since {because}, and an answer says that it had been taken the first time. {after}",
    )  # fmt: skip


def _state_of(row: Row) -> str:
    return State(row["state"]).value.replace("_", " ")
