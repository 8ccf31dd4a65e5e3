"""Queries over the claims that are ready to leave: which there are, in what order they leave, and their documents."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, select

from gateway.db.engine import Connection, chunks_of
from gateway.db.tables import claim, event
from gateway.domain.facts import Kind


class ReadyCount(NamedTuple):
    """How many claims of one guide, payer and practice are ready, their charges, and the first of their last filing days."""

    guide: str
    payer: str
    practice: str
    claim_count: int
    charge_cents: int
    filing_deadline: date | None


class ReadyClaim(NamedTuple):
    """What batching needs of a ready claim's row."""

    id: int
    pcn: str
    practice: str
    payer: str
    charge_cents: int
    version: int
    attempt: int
    frequency: str
    payer_claim_number: str
    patient_digest: str
    service_from: date | None
    service_through: date | None
    filing_deadline: date | None


_COLUMNS = [claim.c[name] for name in ReadyClaim._fields]


def count_ready(connection: Connection, partner: str) -> list[ReadyCount]:
    """What is ready to go to a partner, by guide, payer and practice."""
    kinds = (claim.c.guide, claim.c.payer, claim.c.practice)
    sums = (func.count(), func.sum(claim.c.charge_cents), func.min(claim.c.filing_deadline))
    query = select(*kinds, *sums).where(claim.c.state == "ready", claim.c.partner == partner).group_by(*kinds).order_by(*kinds)
    return [
        ReadyCount(guide, payer, practice, count, int(charge_cents), deadline)
        for guide, payer, practice, count, charge_cents, deadline in connection.execute(query)
    ]


def list_ready(
    connection: Connection, partner: str, *, guide: str, payers: Mapping[str, str], practice: str | None = None,
    came_by: datetime | None = None, limit: int,
) -> list[ReadyClaim]:  # fmt: skip
    """Claims ready to go to a partner, the one whose filing limit is nearest first, locked: nobody can hold them meanwhile.

    `payers` with the digests of their profiles: what was judged by other ones is left out, and what came after `came_by`.
    """
    judged = claim.c.judged_by.in_(["", *payers.values()])
    wanted: list[ColumnElement[bool]] = [judged] if practice is None else [judged, claim.c.practice == practice]
    if came_by is not None:
        wanted.append(claim.c.received_at <= came_by)
    found: list[ReadyClaim] = []
    for ready in _select_by_urgency(partner, guide, list(payers)):
        query = ready.where(*wanted).limit(limit - len(found)).with_for_update(key_share=True)
        found += (ReadyClaim(*row) for row in connection.execute(query))
        if len(found) == limit:
            break
    return found


def look_at_ready(connection: Connection, partner: str, *, guide: str, payers: Sequence[str]) -> list[ReadyClaim]:
    """All of them in that order, for whoever only looks."""
    queries = _select_by_urgency(partner, guide, payers)
    return [ReadyClaim(*row) for query in queries for row in connection.execute(query)]


def _select_by_urgency(partner: str, guide: str, payers: Sequence[str]) -> tuple[Select[Any], Select[Any]]:
    """Those with a filing limit, then those without: an index gives each in order, and no file sorts all that are ready."""
    deadline = claim.c.filing_deadline
    query = select(*_COLUMNS).where(
        claim.c.state == "ready", claim.c.partner == partner, claim.c.guide == guide, claim.c.payer.in_(payers)
    )
    return query.where(deadline.is_not(None)).order_by(deadline, claim.c.id), query.where(deadline.is_(None)).order_by(claim.c.id)


def count_unready(connection: Connection) -> list[tuple[str, str, int, int]]:
    """(partner, state, claims, charges in cents) of what has not left and is not ready: received or held."""
    query = select(claim.c.partner, claim.c.state, func.count(), func.sum(claim.c.charge_cents))
    query = query.where(claim.c.state.in_(("received", "held"))).group_by(claim.c.partner, claim.c.state)
    return [(partner, state, count, int(cents)) for partner, state, count, cents in connection.execute(query)]


def why_held(connection: Connection) -> Iterable[tuple[int, str, str, str]]:
    """(claim id, partner, kind, data as JSON) of each fact that may hold a claim that is held, the last one of a claim last."""
    held = (claim.c.state == "held", event.c.attempt == claim.c.attempt)
    kinds = (Kind.EDITS_FAILED.value, Kind.HELD_BY_PERSON.value, Kind.PAYMENT_SUSPENDED.value)
    query = select(claim.c.id, claim.c.partner, event.c.kind, event.c.data).join(event, event.c.claim_id == claim.c.id)
    query = query.where(*held, event.c.kind.in_(kinds)).order_by(claim.c.id, event.c.occurred_at, event.c.id)
    return (tuple(row) for row in connection.execute(query))


def list_released_from(connection: Connection, claim_ids: Sequence[int], edit: str) -> set[int]:
    """Those of the claims that a person released, in any attempt, after they were held by this edit, perhaps among others."""
    found: set[int] = set()
    hold = event.alias()
    held = (hold.c.kind == Kind.EDITS_FAILED.value, hold.c.data.contains(f'"{edit}"', autoescape=True))
    query = select(event.c.claim_id).where(event.c.kind == Kind.RELEASED_BY_PERSON.value)
    query = query.join(hold, and_(hold.c.claim_id == event.c.claim_id, hold.c.occurred_at <= event.c.occurred_at)).where(*held)
    for chunk in chunks_of(claim_ids, 500):
        found.update(connection.execute(query.where(event.c.claim_id.in_(chunk))).scalars())
    return found


def list_let_go(connection: Connection, claim_ids: Sequence[int]) -> set[int]:
    """Those of the claims that a person released in their present attempt."""
    found: set[int] = set()
    for chunk in chunks_of(claim_ids, 500):
        query = select(event.c.claim_id).join(claim, and_(claim.c.id == event.c.claim_id, claim.c.attempt == event.c.attempt))
        query = query.where(event.c.claim_id.in_(chunk), event.c.kind == Kind.RELEASED_BY_PERSON.value)
        found.update(connection.execute(query).scalars())
    return found
