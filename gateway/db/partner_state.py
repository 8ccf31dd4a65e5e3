"""Queries over what stands with each partner: claims that wait, files on their way, what came last."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, func, select

from gateway.db.engine import Connection
from gateway.db.tables import batch, claim, file, sighting
from gateway.domain.batch_states import UNDELIVERED, BatchState
from gateway.domain.facts import State


def list_ready_claims(connection: Connection, partner: str | None = None) -> Sequence[RowMapping]:
    """What waits to be put in files, of one partner or of all: partner, payer, guide, claims and charge_cents."""
    query = (
        select(
            claim.c.partner, claim.c.payer, claim.c.guide, func.count().label("claims"),
            func.sum(claim.c.charge_cents).label("charge_cents"),
        )
        .where(claim.c.state == str(State.READY))
        .group_by(claim.c.partner, claim.c.payer, claim.c.guide)
        .order_by(claim.c.partner, claim.c.guide, claim.c.payer)
    )  # fmt: skip
    if partner is not None:
        query = query.where(claim.c.partner == partner)
    return connection.execute(query).mappings().all()


def list_open_batches(connection: Connection, partner: str | None = None) -> Sequence[RowMapping]:
    """Files that are not with their partner yet, or stopped, by state: partner, state, batches, claims and charge_cents."""
    states = sorted({*UNDELIVERED, BatchState.FAILED})
    query = (
        select(
            batch.c.partner, batch.c.state, func.count().label("batches"), func.sum(batch.c.claim_count).label("claims"),
            func.sum(batch.c.charge_cents).label("charge_cents"),
        )
        .where(batch.c.state.in_(states))
        .group_by(batch.c.partner, batch.c.state)
        .order_by(batch.c.partner, batch.c.state)
    )  # fmt: skip
    if partner is not None:
        query = query.where(batch.c.partner == partner)
    return connection.execute(query).mappings().all()


def last_received(connection: Connection, partner: str) -> datetime | None:
    """When the last answer of this partner was fetched."""
    query = select(func.max(file.c.received_at)).where(file.c.direction == "inbound", file.c.partner == partner)
    received_at: datetime | None = connection.execute(query).scalar_one()
    return received_at


def last_sent(connection: Connection, partner: str) -> datetime | None:
    """When the last file was brought to this partner."""
    query = select(func.max(batch.c.sent_at)).where(batch.c.partner == partner)
    sent_at: datetime | None = connection.execute(query).scalar_one()
    return sent_at


def count_arriving(connection: Connection, partner: str) -> int:
    """How many answers lie with the partner that are not ready to be fetched."""
    return int(connection.execute(select(func.count()).where(sighting.c.partner == partner)).scalar_one())
