"""Silence is an event: answers that did not come in time, and claims overdue, become work; work whose cause went is closed."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from gateway.crashpoint import crashpoint
from gateway.db import silence
from gateway.db.engine import Connection, Row, writing
from gateway.db.locks import exclusive
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.deadlines import FILING_WARNING_DAYS, AnswerKind, expected_answers
from gateway.domain.facts import State
from gateway.domain.instants import tell_utc
from gateway.domain.timetable import day_at
from gateway.domain.work import WorkKind
from gateway.pipeline.context import Context
from gateway.pipeline.contradiction import rejected_and_taken, reopened_and_taken
from gateway.pipeline.entering import filing_due
from payers.file_names import shorten
from payers.partner import Answers

ANSWERS = {
    "TA1": "a TA1",
    "999": "a 999",
    "277CA clearinghouse": "a 277CA from the clearinghouse",
    "277CA payer": "a 277CA from the payer",
}
"""Each answer as a sentence names it. The final one (835) is the claim's own deadline."""

UNACCEPTED = "decided without acceptance"
LOOK_BACK = timedelta(days=90)
"""What was sent longer ago is not looked through for claims decided without acceptance; what was told of it stays told."""


def run(context: Context) -> int:
    """Look at everything that awaits an answer; how many work items are open for silence afterwards."""
    with exclusive(context.engine, "followup") as ours:
        return sweep(context) if ours else 0


def sweep(context: Context) -> int:
    """One look: raise what is due, close what was answered, in one transaction."""
    now = context.clock.now()
    with writing(context.engine) as connection:
        late = silence.lock_late(connection, now, FILING_WARNING_DAYS)
        overdue = list(_overdue(connection, late.overdue, now))
        expiring = list(_expiring(context, late.near_limit, now))
        missing = list(_missing(connection, context, now))
        unaccepted = list(_unaccepted(connection, context, now))
        contradicted = [rejected_and_taken(row) for row in silence.list_taken_after_rejection(connection)]
        contradicted += [reopened_and_taken(row) for row in silence.list_taken_and_reopened(connection)]
        raise_items(connection, [*overdue, *expiring, *missing, *unaccepted, *contradicted], now)
        _close_others(connection, expiring, WorkKind.FILING_LIMIT_NEAR, "its last day has passed, or another holds", now)
        _close_others(connection, missing, WorkKind.MISSING_ANSWER, "the answer came, or is no longer awaited", now)
        _close_others(connection, unaccepted, WorkKind.ANOMALY, "the 277CA came, or is no longer awaited", now)
        crashpoint("followup.before_commit")
    return len(overdue) + len(expiring) + len(missing) + len(unaccepted)


def _close_others(connection: Connection, lasting: Sequence[WorkItem], kind: WorkKind, reason: str, now: datetime) -> None:
    """Close the items of a kind that followup opened once and has no cause for any more."""
    still = {item.cause for item in lasting}
    known = [cause for cause in silence.open_items(connection, kind) if kind is not WorkKind.ANOMALY or _is_unaccepted(cause)]
    close_items(connection, kind, [cause for cause in known if cause not in still], reason=reason, now=now)


def _overdue(connection: Connection, rows: Sequence[Row], now: datetime) -> Iterator[WorkItem]:
    sent = silence.sent_at(connection, rows)
    for row in rows:
        sent_at = sent.get(row["id"])
        if sent_at is None:
            continue
        sentence = (
            f"Claim {row['pcn']} has had no final answer for {(now - sent_at).days} days (sent {sent_at:%Y-%m-%d}, "
            f"{_state_of(row)}). "
            f"Ask {row['payer']} for its status; the last date for this answer was {row['due_at']:%Y-%m-%d}."
        )
        yield WorkItem(
            kind=WorkKind.OVERDUE, cause=f"claim:{row['id']}:{row['attempt']}", sentence=sentence, claim_id=row["id"],
            partner=row["partner"], amount_cents=row["charge_cents"], due_at=row["due_at"],
        )  # fmt: skip


def _expiring(context: Context, rows: Sequence[Row], now: datetime) -> Iterator[WorkItem]:
    for row in rows:
        days = (row["filing_deadline"] - day_at(context.profiles.partners.get(row["partner"]), now)).days
        if 0 <= days <= FILING_WARNING_DAYS:
            yield _near_limit(row, days)


def _near_limit(row: Row, days: int) -> WorkItem:
    sentence = (
        f"Claim {row['pcn']} ({_state_of(row)}) is not with {row['payer']}, which takes it until {row['filing_deadline']}: "
        f"{days} days left. See what keeps it, and get it out before that day; what comes later is not paid."
    )
    return WorkItem(
        kind=WorkKind.FILING_LIMIT_NEAR, cause=f"claim:{row['id']}", sentence=sentence, claim_id=row["id"],
        partner=row["partner"], amount_cents=row["charge_cents"], due_at=filing_due(row),
    )  # fmt: skip


def _state_of(row: Row) -> str:
    return State(row["state"]).value.replace("_", " ")


def _missing(connection: Connection, context: Context, now: datetime) -> Iterator[WorkItem]:
    """For each batch, payer and kind of answer whose deadline passed: the claims that have not had it, as one item."""
    for row in silence.list_silent(connection):
        due_at = find_deadline(context, row, row["answer"])
        if due_at is not None and due_at <= now:
            yield _silent(row, due_at, _say_unproven(context, row))


def find_deadline(context: Context, row: Row, answer: AnswerKind) -> datetime | None:
    """When an answer is due for what went to a payer in a batch, by today's profiles; None where none is owed.

    Only the final answer's deadline is kept, with the claim. A profile that is mended counts here from its next reading; where
    there is none any more, what went out still deserves its answers, in the days that a profile has which states none.
    """
    partner = context.profiles.partners.get(row["partner"])
    payer = context.profiles.payers.get(row["payer"])
    expected = expected_answers(row["sent_at"], partner.answers if partner else Answers(), payer.answers if payer else None)
    return next((each.due_at for each in expected if each.kind == answer), None)


def _say_unproven(context: Context, row: Row) -> str:
    """Of the first answers to a file whose arrival nothing else proves; '' for later answers, or where a look proved it."""
    partner = context.profiles.partners.get(row["partner"])
    if partner is None or partner.upload.confirm != "none" or row["answer"] not in ("TA1", "999"):
        return ""
    return " Nothing else proves that the file arrived: this partner's server shows us nothing of it (upload.confirm)."


def _silent(row: Row, due_at: datetime, unproven: str) -> WorkItem:
    sentence = (
        f"{row['claims']} of the claims to {row['payer']} in batch {row['batch_id']} ({shorten(row['remote_name'])}, sent "
        f"{row['sent_at']:%Y-%m-%d}) "
        f"have not had {ANSWERS[row['answer']]}, due {tell_utc(due_at)}. Ask {row['partner']} for it; name interchange "
        f"{row['isa_control_number']}.{unproven}"
    )
    return WorkItem(
        kind=WorkKind.MISSING_ANSWER, cause=f"batch:{row['batch_id']}:{row['payer']}:{row['answer']}", sentence=sentence,
        batch_id=row["batch_id"], partner=row["partner"], amount_cents=row["charge_cents"], due_at=due_at,
    )  # fmt: skip


def _unaccepted(connection: Connection, context: Context, now: datetime) -> Iterator[WorkItem]:
    """Paid or denied without acceptance: for each batch and payer that owes a 277CA, once it is due."""
    told = silence.open_items(connection, WorkKind.ANOMALY)
    batch_ids = [batch_id for cause, batch_id in told.items() if batch_id is not None and _is_unaccepted(cause)]
    for row in silence.list_unaccepted(connection, now - LOOK_BACK, batch_ids):
        due_at = find_deadline(context, row, "277CA payer")
        if due_at is not None and due_at <= now:
            yield _decided(row, due_at)


def _is_unaccepted(cause: str) -> bool:
    return cause.endswith(UNACCEPTED)


def _decided(row: Row, due_at: datetime) -> WorkItem:
    sentence = (
        f"{row['claims']} of the claims to {row['payer']} in batch {row['batch_id']} ({shorten(row['remote_name'])}, sent "
        f"{row['sent_at']:%Y-%m-%d}) were paid or denied, and no 277CA ever said that they were taken; it was due "
        f"{due_at:%Y-%m-%d}. What was posted stands. Ask {row['partner']} for it: it is the proof of timely filing."
    )
    cause = f"batch:{row['batch_id']}:{row['payer']}:{UNACCEPTED}"
    return WorkItem(kind=WorkKind.ANOMALY, cause=cause, sentence=sentence, batch_id=row["batch_id"], partner=row["partner"])
