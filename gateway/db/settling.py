"""Closes work items whose cause has gone: a claim that moved on, a payment that was matched, a file that was read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select, update

from gateway.db.engine import Connection, chunks_of
from gateway.db.tables import batch, claim, claim_payment, remittance, submission, work_item
from gateway.domain.batch_states import UNDELIVERED, BatchState
from gateway.domain.deadlines import UNFILED
from gateway.domain.lifecycle import AWAITING_ANSWER
from gateway.domain.work import WorkKind

CLAIM_STATES: dict[WorkKind, frozenset[str]] = {
    WorkKind.EDITS_FAILED: frozenset({"held"}),
    WorkKind.REJECTED: frozenset({"rejected"}),
    WorkKind.OVERDUE: frozenset(AWAITING_ANSWER),
    WorkKind.FILING_LIMIT_NEAR: frozenset(UNFILED),
    WorkKind.DENIED: frozenset({"denied", "partly_paid"}),
}
"""The states of a claim in which the cause of its item still exists."""

BATCH_STATES: dict[WorkKind, frozenset[str]] = {
    WorkKind.TRANSFER_FAILING: frozenset(UNDELIVERED),
    WorkKind.UNKNOWN_DELIVERY: frozenset({BatchState.PUBLISHING, BatchState.UNKNOWN}),
    WorkKind.MISSED_CUTOFF: frozenset(UNDELIVERED),
    WorkKind.PARTNER_UNKNOWN: frozenset(UNDELIVERED),
}
"""The states of a batch in which the cause of its item still exists."""

_IS_WHOLE_BATCH = and_(work_item.c.claim_id.is_(None), work_item.c.batch_id.is_not(None))


def settle_claims(connection: Connection, claim_ids: Sequence[int], now: datetime) -> int:
    """Close the items of these claims that their states no longer give cause for; how many were closed."""
    closed = 0
    rejected_whole = _list_rejected_whole(connection)
    for chunk in chunks_of(sorted(set(claim_ids)), 500):
        closed += _close(connection, and_(work_item.c.claim_id.in_(chunk), _claim_moved_on()), "the claim moved on", now)
        if rejected_whole:
            closed += _settle_whole_batches(connection, chunk, rejected_whole, now)
    return closed


def _list_rejected_whole(connection: Connection) -> list[int]:
    query = select(work_item.c.batch_id).where(work_item.c.state != "done", work_item.c.kind == WorkKind.REJECTED.value)
    return [int(batch_id) for batch_id in connection.execute(query.where(_IS_WHOLE_BATCH)).scalars()]


def _settle_whole_batches(connection: Connection, claim_ids: list[int], rejected_whole: list[int], now: datetime) -> int:
    """Close the items of those of the batches that carried one of these claims and of which no claim is rejected any more."""
    query = select(submission.c.batch_id).where(submission.c.claim_id.in_(claim_ids), submission.c.batch_id.in_(rejected_whole))
    causes = [whole_batch_cause(batch_id) for batch_id in connection.execute(query.distinct()).scalars()]
    own = and_(work_item.c.cause.in_(causes), _whole_batch_moved_on())
    return _close(connection, own, "every claim of the batch moved on", now)


def whole_batch_cause(batch_id: int) -> str:
    """The cause of the item for a batch that was rejected whole."""
    return f"batch:{batch_id}:ta1"


def settle_batch(connection: Connection, batch_id: int, now: datetime) -> int:
    """Close the items of this batch that its state no longer gives cause for; how many were closed."""
    return _close(connection, and_(work_item.c.batch_id == batch_id, _batch_moved_on()), "the batch moved on", now)


def settle_payments(connection: Connection, remittance_id: int, now: datetime) -> int:
    """Close the items of this remittance's payments that are no longer held; how many were closed."""
    own = work_item.c.remittance_id == remittance_id
    return _close(connection, and_(own, or_(_payment_settled(), _remittance_settled())), "posted", now)


def causeless() -> Select[tuple[int]]:
    """The open items, by id, whose cause has gone: what verify must find none of."""
    gone = or_(_claim_moved_on(), _whole_batch_moved_on(), _batch_moved_on(), _payment_settled(), _remittance_settled())
    return select(work_item.c.id).where(work_item.c.state != "done", gone)


def _close(connection: Connection, where: ColumnElement[bool], reason: str, now: datetime) -> int:
    values = {"state": "done", "closed_at": now, "closed_reason": reason}
    return connection.execute(update(work_item).where(work_item.c.state != "done", where).values(values)).rowcount


def _claim_moved_on() -> ColumnElement[bool]:
    return or_(*(_moved_on(kind, states) for kind, states in CLAIM_STATES.items()))


def _moved_on(kind: WorkKind, states: frozenset[str]) -> ColumnElement[bool]:
    still = select(claim.c.id).where(claim.c.id == work_item.c.claim_id, claim.c.state.in_(sorted(states)))
    return and_(work_item.c.kind == kind.value, work_item.c.claim_id.is_not(None), ~still.exists())


def _whole_batch_moved_on() -> ColumnElement[bool]:
    """A batch was rejected whole, and none of its claims is still rejected in the attempt that it carried."""
    still = (
        select(submission.c.id)
        .join(claim, and_(claim.c.id == submission.c.claim_id, claim.c.attempt == submission.c.attempt))
        .where(submission.c.batch_id == work_item.c.batch_id, claim.c.state == "rejected")
    )
    return and_(work_item.c.kind == WorkKind.REJECTED.value, _IS_WHOLE_BATCH, ~still.exists())


def _batch_moved_on() -> ColumnElement[bool]:
    refused = and_(work_item.c.kind == WorkKind.BATCH_REFUSED.value, work_item.c.batch_id.is_not(None))
    nobody_waits = and_(refused, ~claims_waiting_in(work_item.c.batch_id))
    return or_(nobody_waits, *(_batch_left(kind, states) for kind, states in BATCH_STATES.items()))


def claims_waiting_in(batch_id: ColumnElement[int]) -> ColumnElement[bool]:
    """A claim stands in this batch and goes nowhere before the batch does."""
    waiting = (
        select(submission.c.id)
        .join(claim, and_(claim.c.id == submission.c.claim_id, claim.c.attempt == submission.c.attempt))
        .where(submission.c.batch_id == batch_id, claim.c.state == "batched")
    )
    return waiting.exists()


def _batch_left(kind: WorkKind, states: frozenset[str]) -> ColumnElement[bool]:
    still = select(batch.c.id).where(batch.c.id == work_item.c.batch_id, batch.c.state.in_(sorted(states)))
    return and_(work_item.c.kind == kind.value, work_item.c.batch_id.is_not(None), ~still.exists())


def _payment_settled() -> ColumnElement[bool]:
    held = select(claim_payment.c.id).where(
        claim_payment.c.id == work_item.c.claim_payment_id, claim_payment.c.state == "suspended"
    )
    kinds = [WorkKind.UNMATCHED_PAYMENT.value, WorkKind.SUSPENDED_PAYMENT.value]
    return and_(work_item.c.kind.in_(kinds), ~held.exists())


def _remittance_settled() -> ColumnElement[bool]:
    kinds = {WorkKind.UNBALANCED_REMITTANCE: "unbalanced", WorkKind.DUPLICATE_REMITTANCE: "duplicate"}
    return or_(
        *(
            and_(
                work_item.c.kind == kind.value,
                ~select(remittance.c.id)
                .where(remittance.c.id == work_item.c.remittance_id, remittance.c.state == state)
                .exists(),
            )
            for kind, state in kinds.items()
        )
    )
