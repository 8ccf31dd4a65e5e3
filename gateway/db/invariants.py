"""The seven invariants, as queries that find what breaks them: used by `claimwire verify`, by tests, and after every fault."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, Text, and_, cast, func, literal, or_, select

from gateway.db import ledger, settling
from gateway.db.engine import Connection, chunks_of
from gateway.db.tables import (
    acknowledgment,
    batch,
    claim,
    claim_payment,
    entry,
    event,
    file,
    inbound_set,
    journal,
    provider_adjustment,
    remittance,
    submission,
    work_item,
)
from gateway.domain.accounts import Account
from gateway.domain.batch_states import STUCK, UNDELIVERED, BatchState
from gateway.domain.facts import Kind
from gateway.domain.frequency import REPLACEMENT, VOID
from gateway.domain.lifecycle import TAKEN, is_taken
from gateway.domain.work import WorkKind

OFFENDERS_MAX = 20
UNSENT = ("received", "held", "ready", "voided")
ARRIVED = (BatchState.SENT, BatchState.DELIVERED, BatchState.REJECTED)
WAITING_FILES = (*UNDELIVERED, BatchState.FAILED)
DECIDING = TAKEN - {Kind.SYNTAX_ACCEPTED, Kind.PAYMENT_SUSPENDED}
"""Facts that say that clearinghouse or payer took a claim: with its syntax alone nobody has."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One invariant: what must hold, how much was looked at, and what breaks it (ids and kinds, no patient data)."""

    number: int
    text: str
    checked: int
    offenders: tuple[str, ...]


def check_submissions(connection: Connection) -> Verdict:
    """1: a claim that left has its place in a batch, and none leaves again once somebody took it, unless a person knows.

    That no claim has two places in an attempt, no place two claims, and no ISA13 two batches, the tables themselves see to.
    """
    batched = select(claim.c.pcn, claim.c.attempt).where(
        claim.c.state.not_in(UNSENT),
        ~select(submission.c.id).where(submission.c.claim_id == claim.c.id, submission.c.attempt == claim.c.attempt).exists(),
    )
    offenders = [
        *_name(connection, batched, "claim {0} attempt {1} is called sent or answered and has no submission"),
        *islice(_sent_again(connection), OFFENDERS_MAX),
    ]
    return _verdict(1, "every outbound claim has one place in one batch per attempt, and is sent again only if nobody took it",
                    _count(connection, select(func.count()).select_from(submission)), offenders)  # fmt: skip


def _sent_again(connection: Connection) -> Iterator[str]:
    """An answer may come after the claim has left again: then there is an item for a person, open or decided on.

    A replacement or void is no second sending: it names what the payer took.
    """
    earlier, later = submission.alias(), submission.alias()
    left_again = (
        select(later.c.id)
        .join(batch, batch.c.id == later.c.batch_id)
        .where(later.c.claim_id == earlier.c.claim_id, later.c.attempt > earlier.c.attempt, batch.c.sent_at.is_not(None))
        .where(later.c.frequency.not_in((REPLACEMENT, VOID)))
    )
    decided = select(event.c.id).where(
        event.c.claim_id == earlier.c.claim_id, event.c.attempt == earlier.c.attempt, event.c.kind.in_(sorted(DECIDING))
    )
    told = select(work_item.c.id).where(
        work_item.c.claim_id == earlier.c.claim_id, work_item.c.kind == WorkKind.ANOMALY.value,
        or_(work_item.c.state != "done", work_item.c.closed_by != ""),
    )  # fmt: skip
    query = select(claim.c.id, claim.c.pcn, earlier.c.attempt).join(earlier, earlier.c.claim_id == claim.c.id)
    query = query.where(left_again.exists(), decided.exists(), ~told.exists()).order_by(claim.c.id, earlier.c.attempt)
    for rows in chunks_of(connection.execute(query).all()):
        facts = ledger.facts_of(connection, [row.id for row in rows])
        for row in rows:
            if is_taken(facts[row.id], row.attempt):
                yield f"claim {row.pcn} was taken in attempt {row.attempt}, was sent again, and nobody is told"


def check_batches(connection: Connection) -> Verdict:
    """2: every claim in a batch is in a file that is on its way, there, or given to a person; none is there that never left."""
    lost = (
        select(claim.c.pcn, batch.c.id, batch.c.state)
        .join(submission, and_(submission.c.claim_id == claim.c.id, submission.c.attempt == claim.c.attempt))
        .join(batch, batch.c.id == submission.c.batch_id)
        .where(claim.c.state == "batched", batch.c.state.not_in(WAITING_FILES))
    )
    miscounted = (
        select(batch.c.id, batch.c.claim_count, func.count(submission.c.id))
        .outerjoin(submission, submission.c.batch_id == batch.c.id)
        .group_by(batch.c.id, batch.c.claim_count)
        .having(func.count(submission.c.id) != batch.c.claim_count)
    )
    told = select(work_item.c.id).where(work_item.c.batch_id == batch.c.id, work_item.c.state != "done")
    stuck = (batch.c.state.in_(STUCK), settling.claims_waiting_in(batch.c.id), ~told.exists())
    untold = select(batch.c.id, batch.c.state).where(*stuck)
    never_left = select(batch.c.id, batch.c.state).where(batch.c.state.in_(ARRIVED), batch.c.sending_at.is_(None))
    offenders = [
        *_name(connection, lost, "claim {0} waits to be sent in batch {1}, which is {2}"),
        *_name(connection, miscounted, "batch {0} should hold {1} claims and holds {2}"),
        *_name(connection, untold, "batch {0} is {1}, claims wait in it, and nobody is told"),
        *_name(connection, never_left, "batch {0} is {1}, and neither did it leave nor did anybody say so"),
    ]
    return _verdict(2, "every claim released to a batch is in a file that is queued, sent, delivered, unknown or failed",
                    _count(connection, select(func.coalesce(func.sum(batch.c.claim_count), 0))), offenders)  # fmt: skip


def check_files(connection: Connection, missing_bytes: Sequence[str]) -> Verdict:
    """3: inbound bytes are in the archive; `missing_bytes` names those that are not.

    That identical bytes of a partner are one file, and a set one remittance, the tables themselves see to.
    """
    offenders = [f"the archive has not the bytes of {name}" for name in missing_bytes]
    return _verdict(3, "inbound bytes are kept, and identical bytes take effect once",
                    _count(connection, select(func.count()).where(file.c.direction == "inbound")), offenders)  # fmt: skip


def check_accounted(connection: Connection) -> Verdict:
    """4: each acknowledgment and payment is matched, or on a list that a person sees; each set is read or set aside."""
    unseen_acknowledgments = select(acknowledgment.c.id, acknowledgment.c.kind).where(
        acknowledgment.c.batch_id.is_(None), ~_has_item(acknowledgment.c.inbound_set_id, acknowledgment.c.position)
    )
    unseen_payments = select(claim_payment.c.id).where(
        claim_payment.c.state == "suspended",
        ~_is_open(work_item.c.claim_payment_id == claim_payment.c.id),
    )
    unmatched_posted = select(claim_payment.c.id).where(claim_payment.c.state == "posted", claim_payment.c.claim_id.is_(None))
    aside = select(inbound_set.c.file_id, inbound_set.c.ordinal).where(
        inbound_set.c.state != "read", ~select(work_item.c.id).where(work_item.c.file_id == inbound_set.c.file_id).exists()
    )
    offenders = [
        *_name(connection, unseen_acknowledgments, "acknowledgment {0} ({1}) matches nothing and nobody is told"),
        *_name(connection, unseen_payments, "claim payment {0} is suspended and on nobody's list"),
        *_name(connection, unmatched_posted, "claim payment {0} is posted and belongs to no claim"),
        *_name(connection, aside, "set {1} of file {0} was set aside and nobody is told"),
        *_name(connection, _silently_held(), "remittance {0} is held and on nobody's list"),
    ]
    looked_at = _count(connection, select(func.count()).select_from(acknowledgment))
    looked_at += _count(connection, select(func.count()).select_from(claim_payment))
    return _verdict(
        4, "every inbound segment, acknowledgment and cent is matched, or on a list a person sees", looked_at, offenders
    )


def _silently_held() -> Select[tuple[int]]:
    kinds = (WorkKind.UNBALANCED_REMITTANCE.value, WorkKind.DUPLICATE_REMITTANCE.value)
    on_a_list = _is_open(and_(work_item.c.remittance_id == remittance.c.id, work_item.c.kind.in_(kinds)))
    return select(remittance.c.id).where(remittance.c.state.in_(("unbalanced", "duplicate")), ~on_a_list)


def _is_open(about: ColumnElement[bool]) -> ColumnElement[bool]:
    """An item about this is on somebody's list: money that is held must be, also after a person was done with an item."""
    return select(work_item.c.id).where(about, work_item.c.state != "done").exists()


def check_books(connection: Connection) -> Verdict:
    """5: each journal sums to zero; the cash of each posted remittance is its BPR02; no claim is paid beyond its charge."""
    unposted = select(claim_payment.c.id).join(remittance, remittance.c.id == claim_payment.c.remittance_id).where(
        remittance.c.state == "posted", claim_payment.c.state == "received"
    )  # fmt: skip
    offenders = [
        *_name(connection, _unequal_journals(), "journal {0} sums to {1} cents"),
        *_name(connection, _unequal_remittances(), "remittance {0}: BPR02 is {1} cents, its cash entries sum to {2}"),
        *_name(connection, _early_journals(), "journal {0} is in the books for remittance {1}, which is not posted"),
        *_name(connection, unposted, "claim payment {0} of a posted remittance was passed over"),
        *_name(connection, _unbooked_adjustments(), "provider adjustment {0} of a posted remittance was passed over"),
        *_name(connection, _overpaid(), "claim {0}: what the insurance owes is {1} cents, less than nothing"),
    ]
    return _verdict(5, "every journal sums to zero, each posted remittance's cash to its BPR02, and no claim is overpaid",
                    _count(connection, select(func.count()).select_from(journal)), offenders)  # fmt: skip


def _unequal_journals() -> Select[tuple[int, int]]:
    return (
        select(journal.c.id, func.sum(entry.c.amount_cents))
        .join(entry, entry.c.journal_id == journal.c.id)
        .group_by(journal.c.id)
        .having(func.sum(entry.c.amount_cents) != 0)
    )


def _unequal_remittances() -> Select[tuple[int, int, int]]:
    cash = (
        select(journal.c.remittance_id, func.sum(entry.c.amount_cents).label("cents"))
        .join(entry, and_(entry.c.journal_id == journal.c.id, entry.c.account == Account.CASH_CLEARING.value))
        .group_by(journal.c.remittance_id)
        .subquery()
    )
    return (
        select(remittance.c.id, remittance.c.amount_cents, func.coalesce(cash.c.cents, 0))
        .outerjoin(cash, cash.c.remittance_id == remittance.c.id)
        .where(remittance.c.state == "posted", func.coalesce(cash.c.cents, 0) != remittance.c.amount_cents)
    )


def _early_journals() -> Select[tuple[int, int]]:
    return (
        select(journal.c.id, remittance.c.id)
        .join(remittance, remittance.c.id == journal.c.remittance_id)
        .where(remittance.c.state != "posted")
    )


def _unbooked_adjustments() -> Select[tuple[int]]:
    booked = select(journal.c.id).where(
        journal.c.remittance_id == remittance.c.id, journal.c.kind == "provider_adjustment"
    )  # fmt: skip
    return (
        select(provider_adjustment.c.id)
        .join(remittance, remittance.c.id == provider_adjustment.c.remittance_id)
        .where(remittance.c.state == "posted", provider_adjustment.c.amount_cents != 0, ~booked.exists())
    )


def _overpaid() -> Select[tuple[str, int]]:
    """Claims that were paid more than was ever charged: a lower charge is booked before the payer takes back what it paid."""
    owed = func.sum(entry.c.amount_cents)
    is_lowered = and_(journal.c.kind == "charge", entry.c.amount_cents < 0)
    return (
        select(claim.c.pcn, owed)
        .join(journal, journal.c.claim_id == claim.c.id)
        .join(entry, and_(entry.c.journal_id == journal.c.id, entry.c.account == Account.INSURANCE_RECEIVABLE.value))
        .where(~is_lowered)
        .group_by(claim.c.id, claim.c.pcn)
        .having(owed < 0)
    )


def check_states(connection: Connection) -> Verdict:
    """6: the cached state, attempt and deadline of every claim are the fold of its facts."""
    offenders: list[str] = []
    for chunk in chunks_of(ledger.find_misfolded(connection)):
        named = select(claim.c.pcn, claim.c.state).where(claim.c.id.in_(chunk)).order_by(claim.c.id)
        offenders += _name(connection, named, "claim {0}: its row says {1}, its facts add up to something else")
    checked = _count(connection, select(func.count()).select_from(claim))
    return _verdict(6, "every claim's cached state equals the fold of its facts", checked, offenders)


def check_work(connection: Connection) -> Verdict:
    """7: the cause of every open work item still exists; a closed one says why."""
    unexplained = select(work_item.c.id).where(work_item.c.state == "done", work_item.c.closed_reason == "")
    offenders = [
        *_name(connection, settling.causeless(), "work item {0} is open and its cause is gone"),
        *_name(connection, unexplained, "work item {0} was closed without a reason"),
    ]
    return _verdict(7, "every open work item's cause still exists, and every closed one has a reason",
                    _count(connection, select(func.count()).select_from(work_item)), offenders)  # fmt: skip


def check_all(connection: Connection, missing_bytes: Sequence[str]) -> list[Verdict]:
    """All seven; `missing_bytes` are the files that the archive has lost or that no longer match their SHA-256."""
    return [
        check_submissions(connection),
        check_batches(connection),
        check_files(connection, missing_bytes),
        check_accounted(connection),
        check_books(connection),
        check_states(connection),
        check_work(connection),
    ]


def archived_files(connection: Connection) -> Iterator[tuple[int, str, str]]:
    """(id, name, SHA-256) of every file whose bytes the archive must have."""
    for row in connection.execute(select(file.c.id, file.c.name, file.c.sha256).order_by(file.c.id)):
        yield row.id, row.name, row.sha256


def _has_item(set_id: ColumnElement[int], position: ColumnElement[int]) -> ColumnElement[bool]:
    """Somebody was told of what stands here; of the sets of a group that is not ours, with the group's own AK1 (position 2)."""
    whole = literal("set:") + cast(set_id, Text) + ":"
    of_group = and_(acknowledgment.c.kind == "999 set", work_item.c.cause == whole + "2")
    told = or_(work_item.c.cause == whole + cast(position, Text), of_group)
    return select(work_item.c.id).where(work_item.c.kind == WorkKind.UNMATCHED_ACKNOWLEDGMENT.value, told).exists()


def _name(connection: Connection, query: Select[Any], text: str) -> Iterator[str]:
    for row in connection.execute(query.limit(OFFENDERS_MAX)):
        yield text.format(*row)


def _count(connection: Connection, query: Select[Any]) -> int:
    return int(connection.execute(query).scalar_one())


def _verdict(number: int, text: str, checked: int, offenders: Sequence[str]) -> Verdict:
    return Verdict(number=number, text=text, checked=checked, offenders=tuple(offenders))
