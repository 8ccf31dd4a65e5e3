"""Queries over batches and their sets."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, func, insert, or_, select, true, update

from gateway.db.engine import Connection, chunks_of, insert_many
from gateway.db.tables import batch, batch_set, claim, entry, event, journal, partner_link, submission
from gateway.domain.accounts import Account
from gateway.domain.batch_states import UNDELIVERED, BatchState
from gateway.domain.facts import Kind, State


def insert_batch(connection: Connection, row: dict[str, Any]) -> int:
    """A new batch; the id it got."""
    return int(connection.execute(insert(batch).values(row).returning(batch.c.id)).scalar_one())


def insert_set(connection: Connection, row: dict[str, Any], submissions: Sequence[dict[str, Any]]) -> None:
    """A set of a batch with what it carries."""
    connection.execute(insert(batch_set).values(row))
    insert_many(connection, submission, submissions)


def booked_charges(connection: Connection, claim_ids: Sequence[int]) -> dict[int, int]:
    """What has been booked as charged for each claim, in cents, by claim id."""
    found: dict[int, int] = {}
    for chunk in chunks_of(claim_ids, 500):
        query = (
            select(journal.c.claim_id, func.sum(entry.c.amount_cents))
            .join(entry, entry.c.journal_id == journal.c.id)
            .where(journal.c.claim_id.in_(chunk), journal.c.kind == "charge", entry.c.account == Account.CHARGES.value)
            .group_by(journal.c.claim_id)
        )
        found.update((claim_id, -int(cents)) for claim_id, cents in connection.execute(query))
    return found


def is_name_taken(connection: Connection, partner: str, remote_name: str) -> bool:
    """Whether a file for this partner has this name already."""
    query = select(batch.c.id).where(batch.c.partner == partner, batch.c.remote_name == remote_name).limit(1)
    return connection.execute(query).first() is not None


def partners_to_deliver(connection: Connection, until: datetime | None) -> set[str]:
    """The partners that `list_to_deliver` has something for."""
    return set(connection.execute(select(batch.c.partner).where(_is_waiting(until)).distinct()).scalars())


def list_without_profile(connection: Connection, known: Collection[str]) -> Sequence[RowMapping]:
    """Batches that are not on a server yet, or not known to be, of partners other than the `known` ones, oldest first."""
    query = select(batch).where(batch.c.state.in_(UNDELIVERED), batch.c.partner.not_in(sorted(known)))
    return connection.execute(query.order_by(batch.c.id)).mappings().all()


def list_to_deliver(connection: Connection, partner: str, until: datetime | None) -> Sequence[RowMapping]:
    """Batches of a partner that are not on its server yet, or not known to be, those of one file together, oldest file first.

    Postponed ones whose time comes later than `until` are left out; None: whatever their time.
    """
    query = select(batch).where(batch.c.partner == partner, _is_waiting(until))
    return connection.execute(query.order_by(batch.c.file_id, batch.c.isa_control_number)).mappings().all()


def _is_waiting(until: datetime | None) -> ColumnElement[bool]:
    in_time = true() if until is None else or_(batch.c.next_try_at.is_(None), batch.c.next_try_at <= until)
    return and_(batch.c.state.in_(UNDELIVERED), in_time)


def list_of_file(connection: Connection, file_id: int) -> Sequence[RowMapping]:
    """The batches in a file: one for each of its interchanges."""
    return connection.execute(select(batch).where(batch.c.file_id == file_id).order_by(batch.c.id)).mappings().all()


def list_holding(connection: Connection, claim_ids: Sequence[int]) -> dict[int, int]:
    """Of the claims that lie in a file of which nobody has heard, how many lie in each batch, by its id."""
    found: dict[int, int] = {}
    for chunk in chunks_of(claim_ids, 500):
        query = (
            select(submission.c.batch_id, func.count())
            .join(claim, and_(claim.c.id == submission.c.claim_id, claim.c.attempt == submission.c.attempt))
            .where(claim.c.id.in_(chunk), claim.c.state == State.BATCHED.value)
            .group_by(submission.c.batch_id)
        )
        for batch_id, count in connection.execute(query):
            found[batch_id] = found.get(batch_id, 0) + count
    return dict(sorted(found.items()))


def list_spoken_of(connection: Connection, batch_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(claim id, attempt) of what lies in these batches and of which anything was said since it was put there."""
    put, since = event.alias(), event.alias()
    query = (
        select(submission.c.claim_id, submission.c.attempt)
        .join(put, and_(put.c.claim_id == submission.c.claim_id, put.c.attempt == submission.c.attempt))
        .join(since, and_(since.c.claim_id == put.c.claim_id, since.c.id > put.c.id))
        .where(submission.c.batch_id.in_(batch_ids), put.c.kind == Kind.BATCHED.value)
        .distinct()
    )
    return [(claim_id, attempt) for claim_id, attempt in connection.execute(query.order_by(submission.c.claim_id))]


def get_batch(connection: Connection, batch_id: int) -> RowMapping | None:
    """A batch's row."""
    return connection.execute(select(batch).where(batch.c.id == batch_id)).mappings().one_or_none()


def move(connection: Connection, batch_id: int, *, from_states: Sequence[str], to: str, **columns: Any) -> bool:
    """Put a batch in another state if it still is in one of `from_states`; whether it was."""
    query = update(batch).where(batch.c.id == batch_id, batch.c.state.in_(from_states)).values(state=to, **columns)
    return connection.execute(query).rowcount == 1


def move_file(connection: Connection, file_id: int, *, from_states: Sequence[str], to: str, **columns: Any) -> bool:
    """Put all batches of a file in another state, those that still are in one of `from_states`; whether any was."""
    query = update(batch).where(batch.c.file_id == file_id, batch.c.state.in_(from_states)).values(state=to, **columns)
    return connection.execute(query).rowcount > 0


def find_by_isa(connection: Connection, *, sender: str, receiver: str, isa_control_number: int) -> RowMapping | None:
    """The batch that an interchange acknowledgment answers: ours to that receiver with this ISA13, or None."""
    query = select(batch).where(
        batch.c.sender == sender, batch.c.receiver == receiver, batch.c.isa_control_number == isa_control_number
    )
    return connection.execute(query.order_by(batch.c.id.desc()).limit(1)).mappings().one_or_none()


def list_by_gs(connection: Connection, partner: str, gs_control_number: int) -> Sequence[RowMapping]:
    """The batches that a functional group acknowledgment may answer, newest first: one of ours, and files brought by hand."""
    query = select(batch).where(batch.c.partner == partner, batch.c.gs_control_number == gs_control_number)
    return connection.execute(query.order_by(batch.c.id.desc())).mappings().all()


def find_reference(connection: Connection, reference: str) -> RowMapping | None:
    """The set that has this BHT03, of whichever batch."""
    return connection.execute(select(batch_set).where(batch_set.c.reference == reference)).mappings().one_or_none()


def claims_named(connection: Connection, partner: str, named: Sequence[tuple[str, int]]) -> list[int]:
    """Claims by (CLM01, CLM02 in cents) as another system wrote them: by our PCN, or by the one they came with and the charge.

    The latter only of claims that go to this partner: practices number their patients alike. Ids in their order.
    """
    charges = {(pcn, cents) for pcn, cents in named}
    found: set[int] = set()
    for chunk in chunks_of(dict.fromkeys(pcn for pcn, _ in named)):
        query = select(claim.c.id, claim.c.pcn, claim.c.source_pcn, claim.c.charge_cents, claim.c.partner)
        for row in connection.execute(query.where(or_(claim.c.pcn.in_(chunk), claim.c.source_pcn.in_(chunk)))):
            if row.pcn in chunk or (row.partner == partner and (row.source_pcn, row.charge_cents) in charges):
                found.add(row.id)
    return sorted(found)


def sets_of(connection: Connection, batch_id: int) -> Sequence[RowMapping]:
    """The sets of a batch, in order."""
    query = select(batch_set).where(batch_set.c.batch_id == batch_id).order_by(batch_set.c.id)
    return connection.execute(query).mappings().all()


def find_set(connection: Connection, partner: str, reference: str) -> RowMapping | None:
    """The set whose BHT03 a 277CA names in 2200B TRN02, if it went to this partner."""
    query = (
        select(batch_set)
        .join(batch, batch.c.id == batch_set.c.batch_id)
        .where(batch_set.c.reference == reference, batch.c.partner == partner)
    )
    return connection.execute(query).mappings().one_or_none()


def postpone(
    connection: Connection, file_id: int, *, from_states: Sequence[str], tries: int, next_try_at: datetime, error: str
) -> bool:
    """Note a failed try of a file and when the next one may be, if it still is in one of `from_states`; whether it was."""
    values = {"tries": tries, "next_try_at": next_try_at, "error": error}
    query = update(batch).where(batch.c.file_id == file_id, batch.c.state.in_(from_states)).values(values)
    return connection.execute(query).rowcount > 0


def note_unreached(connection: Connection, partner: str, error: str) -> None:
    """The partner could not be reached: what was not begun, or may begin again, waits, and says why."""
    not_begun = (batch.c.partner == partner, batch.c.state.in_((BatchState.QUEUED, BatchState.SENDING)))
    connection.execute(update(batch).where(*not_begun).values(state=BatchState.QUEUED, error=error))


def next_try(connection: Connection, after: datetime) -> datetime | None:
    """When the next postponed delivery may be tried again, or the next partner that could not be reached; None: none waits."""
    query = select(func.min(batch.c.next_try_at)).where(batch.c.state.in_(UNDELIVERED), batch.c.next_try_at > after)
    unreached = select(func.min(partner_link.c.next_try_at)).where(partner_link.c.next_try_at > after)
    instants = (connection.execute(each).scalar_one() for each in (query, unreached))
    return min(filter(None, instants), default=None)


def waiting_cents(connection: Connection, partner: str) -> int:
    """The charges of all batches that are not known to have reached a partner, in cents."""
    query = select(func.coalesce(func.sum(batch.c.charge_cents), 0))
    return int(connection.execute(query.where(batch.c.partner == partner, batch.c.state.in_(UNDELIVERED))).scalar_one())


def list_late(connection: Connection, now: datetime) -> Sequence[RowMapping]:
    """Batches whose cutoff passed before they were sent, or known to be, oldest first."""
    query = select(batch).where(batch.c.state.in_(UNDELIVERED), batch.c.cutoff_at <= now)
    return connection.execute(query.order_by(batch.c.id)).mappings().all()
