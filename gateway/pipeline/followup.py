"""Silence is an event: answers that did not come in time, and claims overdue, become work; work whose cause went is closed."""

from collections.abc import Iterator
from datetime import datetime

from gateway.crashpoint import crashpoint
from gateway.db import silence
from gateway.db.engine import Connection, Row, writing
from gateway.db.locks import exclusive
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.deadlines import expected_answers
from gateway.domain.work import WorkKind
from gateway.pipeline.context import Context
from gateway.pipeline.contradiction import rejected_and_taken, reopened_and_taken

ANSWERS = {
    "TA1": "a TA1",
    "999": "a 999",
    "277CA clearinghouse": "a 277CA from the clearinghouse",
    "277CA payer": "a 277CA from the payer",
}
"""Each answer as a sentence names it. The final one (835) is the claim's own deadline."""


def run(context: Context) -> int:
    """Look at everything that awaits an answer; how many work items are open for silence afterwards."""
    with exclusive(context.engine, "followup") as ours:
        return sweep(context) if ours else 0


def sweep(context: Context) -> int:
    """One look: raise what is due, close what was answered, in one transaction."""
    now = context.clock.now()
    with writing(context.engine) as connection:
        overdue = [_overdue(row, now) for row in silence.list_overdue(connection, now)]
        missing = list(_missing(connection, context, now))
        anomalies = [rejected_and_taken(row) for row in silence.list_taken_after_rejection(connection)]
        anomalies += [reopened_and_taken(row) for row in silence.list_taken_and_reopened(connection)]
        raise_items(connection, [*overdue, *missing, *anomalies], now)
        still = {item.cause for item in missing}
        answered = [cause for cause in silence.open_causes(connection, WorkKind.MISSING_ANSWER) if cause not in still]
        close_items(connection, WorkKind.MISSING_ANSWER, answered, reason="the answer came, or is no longer awaited", now=now)
        crashpoint("followup.before_commit")
    return len(overdue) + len(missing)


def _overdue(row: Row, now: datetime) -> WorkItem:
    days = (now - row["sent_at"]).days
    sentence = (
        f"Claim {row['pcn']} has had no final answer for {days} days (sent {row['sent_at']:%Y-%m-%d}, "
        f"{row['state'].replace('_', ' ')}). "
        f"Ask {row['payer']} for its status; the last date for this answer was {row['due_at']:%Y-%m-%d}."
    )
    return WorkItem(
        kind=WorkKind.OVERDUE, cause=f"claim:{row['id']}:{row['attempt']}", sentence=sentence, claim_id=row["id"],
        partner=row["partner"], amount_cents=row["charge_cents"], due_at=row["due_at"],
    )  # fmt: skip


def _missing(connection: Connection, context: Context, now: datetime) -> Iterator[WorkItem]:
    """For each batch, payer and kind of answer whose deadline passed: the claims that have not had it, as one item."""
    for row in silence.list_silent(connection):
        partner = context.profiles.partners.get(row["partner"])
        payer = context.profiles.payers.get(row["payer"])
        if partner is None or payer is None:
            continue
        expected = expected_answers(row["sent_at"], partner.answers, payer.answers, payer.overdue_days)
        due_at = next((answer.due_at for answer in expected if answer.kind == row["answer"]), None)
        if due_at is not None and due_at <= now:
            yield _silent(row, due_at)


def _silent(row: Row, due_at: datetime) -> WorkItem:
    sentence = (
        f"{row['claims']} of the claims to {row['payer']} in batch {row['batch_id']} ({row['remote_name']}, sent "
        f"{row['sent_at']:%Y-%m-%d}) "
        f"have not had {ANSWERS[row['answer']]}, due {due_at:%Y-%m-%d %H:%M} UTC. Ask {row['partner']} for it; name interchange "
        f"{row['isa_control_number']}."
    )
    return WorkItem(
        kind=WorkKind.MISSING_ANSWER, cause=f"batch:{row['batch_id']}:{row['payer']}:{row['answer']}", sentence=sentence,
        batch_id=row["batch_id"], partner=row["partner"], amount_cents=row["charge_cents"], due_at=due_at,
    )  # fmt: skip
