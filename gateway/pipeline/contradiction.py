"""The work item for a claim of which one answer says that it was rejected, or lost, and another that somebody took it."""

from collections.abc import Sequence

from gateway.db.claims import list_by_id
from gateway.db.engine import Connection, Row
from gateway.db.ledger import facts_of
from gateway.db.work import WorkItem
from gateway.domain.facts import Fact, Kind, State
from gateway.domain.lifecycle import ADJUDICATED, is_taken
from gateway.domain.work import WorkKind

_BECAUSE = {
    Kind.REOPENED_AS_INNOCENT: "its set was rejected for another claim",
    Kind.REOPENED_AS_LOST: "its batch was settled as lost",
    Kind.REOPENED_AS_UNRECEIVED: "its batch was given up, for the partner said that it had nothing of it",
}


def contradicted(row: Row, attempt: int, sentence: str) -> WorkItem:
    """One item for a claim (columns of claim) and the attempt of which both were said, whoever notices it first."""
    return WorkItem(
        kind=WorkKind.ANOMALY, cause=f"claim:{row['id']}:{attempt}:rejected and taken", sentence=sentence, claim_id=row["id"],
        partner=row["partner"], amount_cents=row["charge_cents"],
    )  # fmt: skip


def accepted_too_late(connection: Connection, accepting: Sequence[Fact]) -> list[WorkItem]:
    """For facts about to be entered that accept an attempt: of each claim that was voided or has gone on to another attempt."""
    attempts = {fact.claim_id: fact.attempt for fact in accepting}
    claims = list_by_id(connection, list(attempts))
    gone_on = [row for row in claims if row["attempt"] > attempts[row["id"]] or row["state"] == State.VOIDED]
    known = facts_of(connection, [row["id"] for row in gone_on])
    new = {fact.claim_id: fact for fact in accepting}
    return [
        _accepted_too_late(row, attempts[row["id"]])
        for row in gone_on
        if not _is_adjudicated(known[row["id"]], attempts[row["id"]])
        and is_taken([*known[row["id"]], new[row["id"]]], attempts[row["id"]])
    ]


def _is_adjudicated(facts: Sequence[Fact], attempt: int) -> bool:
    """The payer had decided on that attempt: what went out after it was meant to stand for it."""
    return any(fact.attempt == attempt and fact.kind in ADJUDICATED for fact in facts)


def _accepted_too_late(row: Row, attempt: int) -> WorkItem:
    if row["state"] == State.VOIDED:
        since = f"void here. Ask {row['partner']} to take it back, or its payment will match nothing that is billed."
    elif row["state"] == State.BATCHED:
        since = f"in a file in attempt {row['attempt']}. {_of_a_file(row)}"
    else:
        since = (
            f"{_state_of(row)} in attempt {row['attempt']}. Where that has left, the payer may have it twice: ask "
            f"{row['partner']} which of the two it keeps. Where it has not, it is held: wait for the payer's decision, or "
            "release it."
        )
    sentence = f"Claim {row['pcn']} was taken in attempt {attempt} after all, an answer says, and is by now {since}"
    return contradicted(row, attempt, sentence)


def _of_a_file(row: Row) -> str:
    return (
        f"Where that has left, the payer may have it twice: ask {row['partner']} which of the two it keeps. Where it has not, it "
        "does not leave: the next delivery stops it and says so, and `claimwire batches settle` with `--lost` frees its claims."
    )


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
    if row["state"] == State.BATCHED:
        return contradicted(
            row, before,
            f"Claim {row['pcn']} lies in another file since {because}, and an answer says that it had been taken the first time. "
            f"{_of_a_file(row)}",
        )  # fmt: skip
    after = f"The payer may have it twice: ask {row['partner']} which one it keeps, before anything else is done with it."
    return contradicted(
        row, before,
        f"Claim {row['pcn']} was sent again since {because}, and an answer says that it had been taken the first time. {after}",
    )  # fmt: skip


def _state_of(row: Row) -> str:
    return State(row["state"]).value.replace("_", " ")
