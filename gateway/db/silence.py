"""Queries over what was not said: claims and batches whose answers have not come."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select

from gateway.db.engine import Connection
from gateway.db.tables import batch, claim, event, submission, work_item
from gateway.domain.facts import Kind
from gateway.domain.lifecycle import AWAITING_ANSWER, DISPROVED_BY, FINAL

ANSWERED_BY: dict[str, tuple[Kind, ...]] = {
    "TA1": (Kind.TA1_ACCEPTED, Kind.TA1_REJECTED),
    "999": (Kind.SYNTAX_ACCEPTED, Kind.SYNTAX_REJECTED),
    "277CA clearinghouse": (Kind.CLEARINGHOUSE_ACCEPTED, Kind.CLEARINGHOUSE_REJECTED),
    "277CA payer": (Kind.PAYER_ACCEPTED, Kind.PAYER_REJECTED),
}
"""The facts that mean that an answer has come; a later answer, or a final one, makes an earlier one needless."""

_ORDER = tuple(ANSWERED_BY)


def list_overdue(connection: Connection, now: datetime) -> Sequence[RowMapping]:
    """Claims whose final answer is overdue, with when their deciding attempt was sent."""
    query = (
        select(claim, batch.c.sent_at)
        .join(submission, and_(submission.c.claim_id == claim.c.id, submission.c.attempt == claim.c.attempt))
        .join(batch, batch.c.id == submission.c.batch_id)
        .where(claim.c.due_at <= now, claim.c.state.in_(sorted(AWAITING_ANSWER)))
    )
    return connection.execute(query.order_by(claim.c.due_at)).mappings().all()


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
    columns = (batch.c.id.label("batch_id"), batch.c.partner, batch.c.remote_name, batch.c.isa_control_number, batch.c.sent_at)
    return (
        select(*columns, claim.c.payer, func.count().label("claims"), func.sum(submission.c.charge_cents).label("charge_cents"))
        .join(submission, submission.c.batch_id == batch.c.id)
        .join(claim, and_(claim.c.id == submission.c.claim_id, claim.c.attempt == submission.c.attempt))
        .where(claim.c.state.in_(sorted(AWAITING_ANSWER)), batch.c.sent_at.is_not(None), ~answered.exists())
        .group_by(*columns, claim.c.payer)
        .order_by(batch.c.id, claim.c.payer)
    )


def open_causes(connection: Connection, kind: str) -> list[str]:
    """The causes of the open items of a kind."""
    query = select(work_item.c.cause).where(work_item.c.kind == kind, work_item.c.state != "done")
    return list(connection.execute(query).scalars())


def list_taken_after_rejection(connection: Connection) -> Sequence[RowMapping]:
    """Claims accepted or adjudicated in an attempt that was also rejected: two facts that do not go together."""
    rejected = select(event.c.id).where(
        event.c.claim_id == claim.c.id, event.c.attempt == claim.c.attempt, _is_rejection(event.c.kind)
    )
    query = select(claim).where(claim.c.state.in_(sorted(AWAITING_ANSWER | FINAL - {"voided"})), rejected.exists())
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


def _is_rejection(kind: Any) -> ColumnElement[bool]:
    return or_(
        *(
            kind == each.value
            for each in (Kind.TA1_REJECTED, Kind.SYNTAX_REJECTED, Kind.CLEARINGHOUSE_REJECTED, Kind.PAYER_REJECTED)
        )
    )
