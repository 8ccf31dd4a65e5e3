"""Queries over what was not said: claims and batches whose answers have not come."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select

from gateway.db.engine import Connection, Row, chunks_of
from gateway.db.tables import batch, claim, event, submission, work_item
from gateway.domain.deadlines import UNFILED
from gateway.domain.facts import Kind, State
from gateway.domain.lifecycle import AWAITING_ANSWER, DISPROVED_BY, FINAL

REJECTIONS = (Kind.TA1_REJECTED, Kind.SYNTAX_REJECTED, Kind.CLEARINGHOUSE_REJECTED, Kind.PAYER_REJECTED)
ANSWERED_BY: dict[str, tuple[Kind, ...]] = {
    "TA1": (Kind.TA1_ACCEPTED, Kind.TA1_REJECTED),
    "999": (Kind.SYNTAX_ACCEPTED, Kind.SYNTAX_REJECTED),
    "277CA clearinghouse": (Kind.CLEARINGHOUSE_ACCEPTED, Kind.CLEARINGHOUSE_REJECTED),
    "277CA payer": (Kind.PAYER_ACCEPTED, Kind.PAYER_REJECTED),
}
"""The facts that mean that an answer has come; a later answer, or a final one, makes an earlier one needless."""

A_DAY = timedelta(days=1)

_ORDER = tuple(ANSWERED_BY)
_OF_THE_BATCH = (batch.c.id.label("batch_id"), batch.c.partner, batch.c.remote_name, batch.c.isa_control_number, batch.c.sent_at)
_SAYS_TAKEN_OR_NOT = (*REJECTIONS, Kind.CLEARINGHOUSE_ACCEPTED, Kind.PAYER_ACCEPTED)


class Late(NamedTuple):
    """Claims for which time runs out, rows of claim: without a final answer, and not yet with their payer."""

    overdue: Sequence[RowMapping]
    near_limit: Sequence[RowMapping]


def lock_late(connection: Connection, now: datetime, warning_days: int) -> Late:
    """The claims that are overdue, or near their last day for filing: locked, so that each stays so until the transaction ends.

    Near by whatever calendar: a partner's own day may be the one before or after that of UTC, and the caller goes by it.
    Claims are locked before work items and in the order of their ids, as wherever facts are written.
    """
    query = select(claim).where(or_(_is_overdue(now), _is_near_limit(now.date(), warning_days))).order_by(claim.c.id)
    rows = connection.execute(query.with_for_update(key_share=True)).mappings().all()
    overdue = [row for row in rows if row["state"] in AWAITING_ANSWER]
    return Late(overdue=overdue, near_limit=[row for row in rows if row["state"] in UNFILED])


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    return and_(claim.c.due_at <= now, claim.c.state.in_(sorted(AWAITING_ANSWER)))


def _is_near_limit(today: date, warning_days: int) -> ColumnElement[bool]:
    near = claim.c.filing_deadline.between(today - A_DAY, today + timedelta(days=warning_days) + A_DAY)
    return and_(near, claim.c.state.in_(sorted(UNFILED)))


def sent_at(connection: Connection, claims: Sequence[Row]) -> dict[int, datetime]:
    """When each of these claims (columns of claim) was sent in its present attempt, by claim id."""
    found: dict[int, datetime] = {}
    for chunk in chunks_of(row["id"] for row in claims):
        query = (
            select(claim.c.id, batch.c.sent_at)
            .join(submission, and_(submission.c.claim_id == claim.c.id, submission.c.attempt == claim.c.attempt))
            .join(batch, batch.c.id == submission.c.batch_id)
            .where(claim.c.id.in_(chunk), batch.c.sent_at.is_not(None))
        )
        found.update((claim_id, instant) for claim_id, instant in connection.execute(query))
    return found


def list_silent(connection: Connection) -> Iterator[dict[str, Any]]:
    """For each batch, payer and answer: how many claims, worth how much, still wait for it, whether it is due or not."""
    for place, answer in enumerate(_ORDER):
        kinds = [kind.value for later in _ORDER[place:] for kind in ANSWERED_BY[later]]
        for row in connection.execute(_silent(kinds)).mappings():
            yield {**row, "answer": answer}


def _silent(answering: list[str]) -> Any:
    answered = select(event.c.id).where(
        event.c.claim_id == submission.c.claim_id, event.c.attempt == submission.c.attempt, event.c.kind.in_(answering)
    )
    return (
        select(
            *_OF_THE_BATCH,
            submission.c.payer,
            func.count().label("claims"),
            func.sum(submission.c.charge_cents).label("charge_cents"),
        )
        .join(submission, submission.c.batch_id == batch.c.id)
        .join(claim, and_(claim.c.id == submission.c.claim_id, claim.c.attempt == submission.c.attempt))
        .where(claim.c.state.in_(sorted(AWAITING_ANSWER)), batch.c.sent_at.is_not(None), ~answered.exists())
        .group_by(*_OF_THE_BATCH, submission.c.payer)
        .order_by(batch.c.id, submission.c.payer)
    )


def list_unaccepted(connection: Connection, since: datetime, batch_ids: Sequence[int]) -> Sequence[RowMapping]:
    """For each batch and payer: how many of the claims paid or denied in it no 277CA has said to be taken, or not.

    Of batches sent since an instant, and of those with the ids given.
    """
    said = select(event.c.id).where(
        event.c.claim_id == submission.c.claim_id, event.c.attempt == submission.c.attempt, event.c.kind.in_(_SAYS_TAKEN_OR_NOT)
    )
    query = (
        select(*_OF_THE_BATCH, submission.c.payer, func.count().label("claims"))
        .join(submission, submission.c.batch_id == batch.c.id)
        .join(claim, and_(claim.c.id == submission.c.claim_id, claim.c.attempt == submission.c.attempt))
        .where(claim.c.state.in_(sorted(FINAL - {State.VOIDED})), ~said.exists())
        .where(or_(batch.c.sent_at > since, batch.c.id.in_(batch_ids)), batch.c.sent_at.is_not(None))
        .group_by(*_OF_THE_BATCH, submission.c.payer)
    )
    return connection.execute(query.order_by(batch.c.id, submission.c.payer)).mappings().all()


def open_items(connection: Connection, kind: str) -> dict[str, int | None]:
    """The batches of the open items of a kind, by cause; None where an item is not about a batch."""
    query = select(work_item.c.cause, work_item.c.batch_id).where(work_item.c.kind == kind, work_item.c.state != "done")
    return {row.cause: row.batch_id for row in connection.execute(query)}


def list_taken_after_rejection(connection: Connection) -> Sequence[RowMapping]:
    """Claims accepted or adjudicated in an attempt that was also rejected: two facts that do not go together."""
    rejected = select(event.c.id).where(
        event.c.claim_id == claim.c.id, event.c.attempt == claim.c.attempt, event.c.kind.in_(REJECTIONS)
    )
    query = select(claim).where(claim.c.state.in_(sorted(AWAITING_ANSWER | FINAL - {State.VOIDED})), rejected.exists())
    return connection.execute(query.order_by(claim.c.id)).mappings().all()


def list_taken_and_reopened(connection: Connection) -> Sequence[RowMapping]:
    """Claims reopened because nobody had taken them, and somebody had: claim columns, `reopened_as`, `reopened_attempt`.

    A payer's or clearinghouse's rejection of the earlier attempt is no taking; it has a work item of its own.
    """
    reopening, taking = event.alias(), event.alias()
    told = or_(*(and_(reopening.c.kind == kind.value, _is_one_of(taking.c.kind, kind)) for kind in DISPROVED_BY))
    taken = select(taking.c.id).where(
        taking.c.claim_id == reopening.c.claim_id, taking.c.attempt == reopening.c.attempt - 1, told
    )
    query = (
        select(claim, reopening.c.kind.label("reopened_as"), reopening.c.attempt.label("reopened_attempt"))
        .join(reopening, reopening.c.claim_id == claim.c.id)
        .where(claim.c.state != "voided", reopening.c.kind.in_([kind.value for kind in DISPROVED_BY]), taken.exists())
    )
    return connection.execute(query.order_by(claim.c.id, reopening.c.attempt)).mappings().all()


def _is_one_of(kind: Any, reopened_as: Kind) -> ColumnElement[bool]:
    rejections = {Kind.CLEARINGHOUSE_REJECTED, Kind.PAYER_REJECTED}
    return or_(*(kind == each.value for each in sorted(DISPROVED_BY[reopened_as] - rejections)))
