"""Queries over remittances, their claim payments and provider adjustments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, bindparam, func, insert, select, update

from edi.transactions.t835 import ClaimPayment, ProviderAdjustment
from gateway.db.engine import Connection, Row, chunks_of, insert_many
from gateway.db.tables import claim_payment, file, inbound_set, journal, provider_adjustment, remittance

_decode = msgspec.json.Decoder(ClaimPayment).decode


def insert_remittance(connection: Connection, row: dict[str, Any]) -> int:
    """A new remittance; the id it got."""
    return int(connection.execute(insert(remittance).values(row).returning(remittance.c.id)).scalar_one())


def insert_payments(connection: Connection, remittance_id: int, payments: Sequence[ClaimPayment]) -> None:
    """Claim payments of a remittance, as they came."""
    rows = [
        {
            "remittance_id": remittance_id, "position": payment.position, "pcn": payment.patient_control_number,
            "payer_claim_number": payment.payer_claim_number, "status": payment.status, "charge_cents": payment.charge_cents,
            "paid_cents": payment.paid_cents, "claim_id": None, "state": "received", "reason": "",
            "document": msgspec.json.encode(payment).decode(),
        }
        for payment in payments
    ]  # fmt: skip
    insert_many(connection, claim_payment, rows)


def insert_adjustments(connection: Connection, remittance_id: int, adjustments: Sequence[ProviderAdjustment]) -> None:
    """Provider adjustments of a remittance, in order."""
    rows = [
        {
            "remittance_id": remittance_id, "ordinal": ordinal, "position": adjustment.position,
            "provider_id": adjustment.provider_id, "reason": adjustment.reason, "reference": adjustment.reference,
            "amount_cents": adjustment.amount_cents,
        }
        for ordinal, adjustment in enumerate(adjustments, 1)
    ]  # fmt: skip
    insert_many(connection, provider_adjustment, rows)


def list_received(connection: Connection) -> Sequence[RowMapping]:
    """Remittances that posting has not decided on yet, in the order they came, with their file's SHA-256 and set ordinal."""
    query = (
        select(remittance, file.c.sha256, inbound_set.c.ordinal)
        .join(file, file.c.id == remittance.c.file_id)
        .join(inbound_set, inbound_set.c.id == remittance.c.inbound_set_id)
        .where(remittance.c.state == "received")
    )
    return connection.execute(query.order_by(remittance.c.id)).mappings().all()


def get_remittance(connection: Connection, remittance_id: int) -> RowMapping | None:
    """A remittance's row."""
    return connection.execute(select(remittance).where(remittance.c.id == remittance_id)).mappings().one_or_none()


def list_twins(connection: Connection, row: Row) -> Sequence[RowMapping]:
    """The earlier remittances that say they are the same one (id, state and reason), the first of them first."""
    columns = (remittance.c.id, remittance.c.state, remittance.c.reason)
    query = select(*columns).where(remittance.c.identity == row["identity"], remittance.c.id < row["id"])
    return connection.execute(query.order_by(remittance.c.id)).mappings().all()


def decide(
    connection: Connection, remittance_id: int, *, state: str, reason: str = "", posted_at: datetime | None = None
) -> None:
    """What became of a remittance."""
    values = {"state": state, "reason": reason, "posted_at": posted_at}
    connection.execute(update(remittance).where(remittance.c.id == remittance_id).values(values))


def totals(connection: Connection, remittance_id: int) -> tuple[int, int]:
    """Σ CLP04 and Σ PLB of a remittance, in cents."""
    paid = select(func.coalesce(func.sum(claim_payment.c.paid_cents), 0)).where(claim_payment.c.remittance_id == remittance_id)
    taken = select(func.coalesce(func.sum(provider_adjustment.c.amount_cents), 0)).where(
        provider_adjustment.c.remittance_id == remittance_id
    )
    return int(connection.execute(paid).scalar_one()), int(connection.execute(taken).scalar_one())


def payments_of(
    connection: Connection, remittance_id: int, *, after_position: int = 0, limit: int = 250
) -> list[tuple[RowMapping, ClaimPayment]]:
    """Claim payments of a remittance with their documents, in file order, after a position."""
    query = select(claim_payment).where(claim_payment.c.remittance_id == remittance_id, claim_payment.c.position > after_position)
    rows = connection.execute(query.order_by(claim_payment.c.position).limit(limit)).mappings().all()
    return [(row, _decode(row["document"])) for row in rows]


def adjustments_of(connection: Connection, remittance_id: int) -> Sequence[RowMapping]:
    """Provider adjustments of a remittance, in order."""
    query = select(provider_adjustment).where(provider_adjustment.c.remittance_id == remittance_id)
    return connection.execute(query.order_by(provider_adjustment.c.ordinal)).mappings().all()


def paid_before(connection: Connection, claim_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """For each claim that payments have moved something in the books for: the remittance that did, by CLP02 status."""
    found: dict[int, dict[str, int]] = {}
    for chunk in chunks_of(claim_ids, 500):
        query = (
            select(journal.c.claim_id, claim_payment.c.status, claim_payment.c.remittance_id)
            .join(claim_payment, claim_payment.c.id == journal.c.claim_payment_id)
            .where(journal.c.claim_id.in_(chunk), journal.c.kind == "payment")
        )
        for claim_id, status, remittance_id in connection.execute(query):
            found.setdefault(claim_id, {})[status] = remittance_id
    return found


def posted_before(connection: Connection, claim_ids: Sequence[int]) -> dict[int, list[int]]:
    """For each of these claims its claim payments that were posted, by id."""
    found: dict[int, list[int]] = {}
    for chunk in chunks_of(claim_ids, 500):
        # Asked for the state too, SQLite would go through all payments ever posted.
        query = select(claim_payment.c.claim_id, claim_payment.c.id, claim_payment.c.state)
        query = query.where(claim_payment.c.claim_id.in_(chunk)).order_by(claim_payment.c.id)
        for claim_id, payment_id, state in connection.execute(query):
            if state == "posted":
                found.setdefault(claim_id, []).append(payment_id)
    return found


def decide_payments(connection: Connection, decisions: Sequence[dict[str, Any]]) -> None:
    """What became of claim payments: id, claim_id, state, reason."""
    given = [{"key": each["id"], **{name: each[name] for name in ("claim_id", "state", "reason")}} for each in decisions]
    if given:
        connection.execute(update(claim_payment).where(claim_payment.c.id == bindparam("key")), given)
