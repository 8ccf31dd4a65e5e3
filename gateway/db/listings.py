"""Lists that people look at: claims, work, batches, files and remittances, without patient data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, and_, case, func, or_, select

from gateway.db.engine import Connection
from gateway.db.tables import (
    acknowledgment,
    batch,
    batch_set,
    claim,
    claim_payment,
    claim_version,
    entry,
    event,
    file,
    inbound_set,
    journal,
    remittance,
    submission,
    work_item,
)

Rows = Sequence[RowMapping]


def list_claims(connection: Connection, *, state: str | None, payer: str | None, limit: int) -> Rows:
    """Claims, newest first, in a state or of a payer where one is named."""
    columns = (
        claim.c.id, claim.c.pcn, claim.c.source_pcn, claim.c.payer_claim_number, claim.c.practice, claim.c.payer, claim.c.partner,
        claim.c.state, claim.c.attempt, claim.c.charge_cents, claim.c.received_at, claim.c.due_at,
    )  # fmt: skip
    query = _where(select(*columns), {claim.c.state: state, claim.c.payer: payer})
    return _all(connection, query.order_by(claim.c.id.desc()).limit(limit))


def has_claims(connection: Connection, payer: str) -> bool:
    """Whether any claim is, or was last, for this payer."""
    return connection.execute(select(claim.c.id).where(claim.c.payer == payer).limit(1)).first() is not None


def find_claims(connection: Connection, number: str, *, match_pcn: str) -> Rows:
    """Claims that bear this number: ours, the one they came with, or the payer's; where none does, by the normalised number."""
    exact = or_(claim.c.pcn == number, claim.c.source_pcn == number, claim.c.payer_claim_number == number)
    found = _all(connection, select(claim).where(exact).order_by(claim.c.id))
    if found or not match_pcn:
        return found
    return _all(connection, select(claim).where(claim.c.match_pcn == match_pcn).order_by(claim.c.id))


def claim_by_id(connection: Connection, claim_id: int) -> Rows:
    """The claim with this id, if there is one."""
    return _all(connection, select(claim).where(claim.c.id == claim_id))


def lock_claim(connection: Connection, claim_id: int) -> RowMapping:
    """A claim's row, locked until the transaction ends: nobody batches or changes it meanwhile. The claim exists."""
    query = select(claim).where(claim.c.id == claim_id).with_for_update(key_share=True)
    return connection.execute(query).mappings().one()


def timeline_of(connection: Connection, claim_id: int) -> Rows:
    """The facts of a claim as they are kept, each with its file's name, in the order they were learnt."""
    query = (
        select(event, file.c.name.label("file_name"), file.c.direction)
        .outerjoin(file, file.c.id == event.c.file_id)
        .where(event.c.claim_id == claim_id)
    )
    return _all(connection, query.order_by(event.c.id))


def submissions_of(connection: Connection, claim_id: int) -> Rows:
    """Where each attempt of a claim stands: its batch, file, set and segments."""
    columns = (
        submission.c.attempt, submission.c.version, submission.c.batch_id, submission.c.st_control_number, submission.c.trace,
        submission.c.first_position, submission.c.last_position, submission.c.frequency, submission.c.payer_claim_number,
        batch.c.isa_control_number, batch.c.remote_name, batch.c.file_id, batch.c.state, batch.c.sent_at,
    )  # fmt: skip
    query = select(*columns).join(batch, batch.c.id == submission.c.batch_id).where(submission.c.claim_id == claim_id)
    return _all(connection, query.order_by(submission.c.attempt))


def versions_of(connection: Connection, claim_id: int) -> Rows:
    """The versions of a claim's document: who made each, when and why; not the documents."""
    columns = (claim_version.c.version, claim_version.c.created_at, claim_version.c.actor, claim_version.c.reason)
    query = select(*columns).where(claim_version.c.claim_id == claim_id)
    return _all(connection, query.order_by(claim_version.c.version))


def claim_balances(connection: Connection, claim_id: int) -> dict[str, int]:
    """What the books say of one claim: cents by account, debit positive."""
    return _balances(connection, journal.c.claim_id == claim_id)


def remittance_balances(connection: Connection, remittance_id: int) -> dict[str, int]:
    """What one remittance posted: cents by account, debit positive."""
    return _balances(connection, journal.c.remittance_id == remittance_id)


def _balances(connection: Connection, where: ColumnElement[bool]) -> dict[str, int]:
    query = (
        select(entry.c.account, func.sum(entry.c.amount_cents))
        .join(journal, journal.c.id == entry.c.journal_id)
        .where(where)
        .group_by(entry.c.account)
        .order_by(entry.c.account)
    )
    return {account: int(cents) for account, cents in connection.execute(query)}


def list_work(connection: Connection, *, kind: str | None, owner: str | None, closed_too: bool, now: datetime) -> Rows:
    """Work items that are open, or whose snooze is over, or all there are; each with its claim's PCN."""
    query = _where(_work_query(), {work_item.c.kind: kind, work_item.c.owner: owner})
    if not closed_too:
        awake = and_(work_item.c.state == "snoozed", work_item.c.snoozed_until <= now)
        query = query.where(or_(work_item.c.state == "open", awake))
    return _all(connection, query.order_by(work_item.c.id))


def find_work(connection: Connection, work_id: int) -> RowMapping | None:
    """One work item with its claim's PCN, or None."""
    return connection.execute(_work_query().where(work_item.c.id == work_id)).mappings().one_or_none()


def work_of_claim(connection: Connection, claim_id: int) -> Rows:
    """The work items of a claim that are not done."""
    query = _work_query().where(work_item.c.claim_id == claim_id, work_item.c.state != "done")
    return _all(connection, query.order_by(work_item.c.id))


def _work_query() -> Select[Any]:
    return select(work_item, claim.c.pcn).outerjoin(claim, claim.c.id == work_item.c.claim_id)


def list_batches(connection: Connection, *, state: str | None, partner: str | None, limit: int) -> Rows:
    """Batches, newest first; counted are the claims in their sets, whoever made the file."""
    in_sets = select(func.coalesce(func.sum(batch_set.c.claim_count), 0)).where(batch_set.c.batch_id == batch.c.id)
    claim_count = in_sets.scalar_subquery().label("claim_count")
    columns = [claim_count if column is batch.c.claim_count else column for column in batch.c]
    query = _where(select(*columns), {batch.c.state: state, batch.c.partner: partner})
    return _all(connection, query.order_by(batch.c.id.desc()).limit(limit))


def batch_claim_states(connection: Connection, batch_id: int) -> dict[str, int]:
    """How many of a batch's claims are in each state now; those sent again since count as superseded."""
    query = (
        select(claim.c.state, claim.c.attempt > submission.c.attempt, func.count())
        .join(submission, submission.c.claim_id == claim.c.id)
        .where(submission.c.batch_id == batch_id)
        .group_by(claim.c.state, claim.c.attempt > submission.c.attempt)
        .order_by(claim.c.state)
    )
    counted: dict[str, int] = {}
    for state, later, count in connection.execute(query):
        key = "superseded by a later attempt" if later else state
        counted[key] = counted.get(key, 0) + int(count)
    return counted


def list_files(connection: Connection, *, direction: str | None, state: str | None, limit: int) -> Rows:
    """Files that came or went, newest first, with how many sets each holds and how many of them were not taken in."""
    aside = func.sum(_when(inbound_set.c.state != "read"))
    sets = (
        select(inbound_set.c.file_id, func.count().label("sets"), aside.label("set_aside"))
        .group_by(inbound_set.c.file_id)
        .subquery()
    )
    columns = (
        file.c.id, file.c.direction, file.c.partner, file.c.name, file.c.state, file.c.size_bytes, file.c.received_at,
        func.coalesce(sets.c.sets, 0).label("sets"), func.coalesce(sets.c.set_aside, 0).label("set_aside"),
    )  # fmt: skip
    query = _where(
        select(*columns).outerjoin(sets, sets.c.file_id == file.c.id), {file.c.direction: direction, file.c.state: state}
    )
    return _all(connection, query.order_by(file.c.id.desc()).limit(limit))


def sets_of_file(connection: Connection, file_id: int) -> Rows:
    """The sets of an inbound file in order, the TA1s last."""
    query = select(inbound_set).where(inbound_set.c.file_id == file_id)
    return _all(connection, query.order_by(inbound_set.c.ordinal < 0, func.abs(inbound_set.c.ordinal)))


def acknowledgments_of_file(connection: Connection, file_id: int) -> Rows:
    """By set: how many things its acknowledgments say, and of how many batches and claims of ours."""
    query = (
        select(
            acknowledgment.c.inbound_set_id,
            func.count().label("said"),
            func.count(acknowledgment.c.claim_id.distinct()).label("claims"),
            func.min(acknowledgment.c.batch_id).label("batch_id"),
            func.count(acknowledgment.c.batch_id.distinct()).label("batches"),
            func.sum(_when(acknowledgment.c.batch_id.is_(None))).label("unmatched"),
        )
        .join(inbound_set, inbound_set.c.id == acknowledgment.c.inbound_set_id)
        .where(inbound_set.c.file_id == file_id)
        .group_by(acknowledgment.c.inbound_set_id)
    )
    return _all(connection, query)


def remittances_of_file(connection: Connection, file_id: int) -> Rows:
    """The remittances that a file's sets became."""
    columns = (remittance.c.id, remittance.c.inbound_set_id, remittance.c.state, remittance.c.amount_cents)
    return _all(connection, select(*columns).where(remittance.c.file_id == file_id).order_by(remittance.c.id))


def batches_of_file(connection: Connection, file_id: int) -> list[int]:
    """The batches whose bytes a file is."""
    return list(connection.execute(select(batch.c.id).where(batch.c.file_id == file_id)).scalars())


def claims_of_file(connection: Connection, file_id: int) -> tuple[int, int]:
    """(claims, charge in cents) that came first in this file."""
    query = select(func.count(), func.coalesce(func.sum(claim.c.charge_cents), 0)).where(claim.c.file_id == file_id)
    count, cents = connection.execute(query).one()
    return int(count), int(cents)


def list_remittances(connection: Connection, *, state: str | None, limit: int) -> Rows:
    """Remittances, newest first, with how many claim payments each holds and how many of them are suspended."""
    payments = (
        select(
            claim_payment.c.remittance_id,
            func.count().label("payments"),
            func.sum(_when(claim_payment.c.state == "suspended")).label("suspended"),
        )
        .group_by(claim_payment.c.remittance_id)
        .subquery()
    )
    columns = (
        remittance.c.id, remittance.c.payer, remittance.c.payer_name, remittance.c.practice, remittance.c.trace_number,
        remittance.c.method, remittance.c.amount_cents, remittance.c.payment_date, remittance.c.received_at, remittance.c.state,
        func.coalesce(payments.c.payments, 0).label("payments"), func.coalesce(payments.c.suspended, 0).label("suspended"),
    )  # fmt: skip
    query = select(*columns).outerjoin(payments, payments.c.remittance_id == remittance.c.id)
    return _all(connection, _where(query, {remittance.c.state: state}).order_by(remittance.c.id.desc()).limit(limit))


def payments_of_remittance(connection: Connection, remittance_id: int) -> Rows:
    """The claim payments of a remittance in file order, each with the PCN of the claim it was matched to; not the documents."""
    columns = [column for column in claim_payment.c if column.name not in {"document", "remittance_id"}]
    query = (
        select(*columns, claim.c.pcn.label("matched_pcn"))
        .outerjoin(claim, claim.c.id == claim_payment.c.claim_id)
        .where(claim_payment.c.remittance_id == remittance_id)
    )
    return _all(connection, query.order_by(claim_payment.c.position))


def _when(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _where(query: Select[Any], wanted: dict[Any, str | None]) -> Select[Any]:
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    return query


def _all(connection: Connection, query: Select[Any]) -> Rows:
    return connection.execute(query).mappings().all()
