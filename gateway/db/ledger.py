"""The single write path of facts: the only place that writes `event`, `claim.state`, `claim.attempt` and `claim.due_at`."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.exc import IntegrityError

from gateway.db.engine import Row as Values
from gateway.db.engine import chunks_of, insert_many, insert_returning_ids
from gateway.db.tables import claim, event
from gateway.domain.facts import Fact, Kind, State
from gateway.domain.lifecycle import Standing, fold

_FACT_COLUMNS = [event.c[name] for name in Fact.__struct_fields__]

TOGETHER_MIN = 5
"""So many claims that come to the same standing have it written in one statement; a batch's all do."""


def insert_claims(connection: Connection, rows: Sequence[Values]) -> list[int]:
    """Insert new claims as *received*, first attempt, and return their ids in order; record their first facts next."""
    standing = {"state": State.RECEIVED.value, "attempt": 1, "due_at": None}
    return insert_returning_ids(connection, claim, [{**row, **standing} for row in rows])


def record(connection: Connection, facts: Sequence[Fact], now: datetime) -> int:
    """Write down the facts not known yet, bring the claims they touch up to date, and return how many were new.

    The same claim and source is the same fact: it counts once, whoever comes first. Each touched claim is folded from
    all its facts, so neither order nor repetition matters. The claims' rows stay locked until the caller commits.
    """
    given = {(fact.claim_id, fact.source): fact for fact in reversed(facts)}
    cached = _lock_claims(connection, {fact.claim_id for fact in given.values()})
    known = facts_of(connection, list(cached))
    seen = {(fact.claim_id, fact.source) for kept in known.values() for fact in kept}
    new = [fact for key, fact in reversed(given.items()) if key not in seen]
    count = _insert_facts(connection, new, now)
    if count < len(new):  # somebody else's facts of the same source stand in their place
        known = facts_of(connection, list(cached))
    else:
        for fact in new:
            known.setdefault(fact.claim_id, []).append(fact)
    _cache_standings(connection, cached, known)
    return count


def facts_of(connection: Connection, claim_ids: Sequence[int]) -> dict[int, list[Fact]]:
    """The facts of each of these claims, as they were recorded; a claim without facts is absent."""
    facts: dict[int, list[Fact]] = defaultdict(list)
    for chunk in chunks_of(claim_ids):
        query = select(*_FACT_COLUMNS).where(event.c.claim_id.in_(chunk)).order_by(event.c.claim_id, event.c.id)
        for row in connection.execute(query):
            facts[row.claim_id].append(_fact_from(row))
    return dict(facts)


def find_misfolded(connection: Connection) -> list[int]:
    """Ids of claims whose cached standing is not the fold of their facts: none, unless somebody wrote around `record`."""
    claim_ids = connection.execute(select(claim.c.id).order_by(claim.c.id)).scalars().all()
    return [claim_id for chunk in chunks_of(claim_ids) for claim_id in _misfolded_of(connection, chunk)]


def _misfolded_of(connection: Connection, claim_ids: list[int]) -> Iterator[int]:
    known = facts_of(connection, claim_ids)
    for claim_id, cached in _read_standings(connection, claim_ids).items():
        if claim_id not in known or fold(known[claim_id]) != cached:
            yield claim_id


def _lock_claims(connection: Connection, claim_ids: set[int]) -> dict[int, Standing]:
    """Lock the claims in id order and read what is cached: on PostgreSQL no one else can now add facts to them."""
    cached: dict[int, Standing] = {}
    for chunk in chunks_of(sorted(claim_ids)):
        cached |= _read_standings(connection, chunk, lock=True)
    assert cached.keys() == claim_ids, "facts are about claims that exist"
    return cached


def _read_standings(connection: Connection, claim_ids: list[int], lock: bool = False) -> dict[int, Standing]:
    columns = (claim.c.id, claim.c.state, claim.c.attempt, claim.c.due_at)
    query = select(*columns).where(claim.c.id.in_(claim_ids)).order_by(claim.c.id)
    if lock:
        query = query.with_for_update(key_share=True)
    return {row.id: Standing(State(row.state), row.attempt, row.due_at) for row in connection.execute(query)}


def _insert_facts(connection: Connection, facts: Sequence[Fact], now: datetime) -> int:
    rows = [_row_from(fact, now) for fact in facts]
    try:
        with connection.begin_nested():
            insert_many(connection, event, rows)
    except IntegrityError:
        return sum(_insert_unless_known(connection, row) for row in rows)
    return len(rows)


def _insert_unless_known(connection: Connection, row: Values) -> bool:
    try:
        with connection.begin_nested():
            insert_many(connection, event, [row])
    except IntegrityError:
        if not _is_known(connection, row):
            raise
        return False
    return True


def _is_known(connection: Connection, row: Values) -> bool:
    query = select(event.c.id).where(event.c.claim_id == row["claim_id"], event.c.source == row["source"])
    return connection.execute(query).first() is not None


def _cache_standings(connection: Connection, cached: dict[int, Standing], known: dict[int, list[Fact]]) -> None:
    changed: dict[Standing, list[int]] = defaultdict(list)
    for claim_id, facts in known.items():
        standing = fold(facts)
        if standing != cached[claim_id]:
            changed[standing].append(claim_id)
    single: list[dict[str, Any]] = []
    for standing, claim_ids in changed.items():
        values = {"state": standing.state.value, "attempt": standing.attempt, "due_at": standing.due_at}
        if len(claim_ids) < TOGETHER_MIN:
            single += [{"key": claim_id, **values} for claim_id in claim_ids]
            continue
        for chunk in chunks_of(claim_ids):
            connection.execute(update(claim).where(claim.c.id.in_(chunk)).values(values))
    if single:
        connection.execute(update(claim).where(claim.c.id == bindparam("key")), single)


def _row_from(fact: Fact, now: datetime) -> dict[str, Any]:
    return {
        "claim_id": fact.claim_id, "kind": fact.kind.value, "attempt": fact.attempt, "occurred_at": fact.occurred_at,
        "source": fact.source, "file_id": fact.file_id, "file_sha256": fact.file_sha256, "position": fact.position,
        "actor": fact.actor, "data": msgspec.json.encode(fact.data).decode(), "recorded_at": now,
    }  # fmt: skip


def _fact_from(row: Row[*tuple[Any, ...]]) -> Fact:
    claim_id, kind, attempt, occurred_at, source, file_id, file_sha256, position, actor, data = row
    return Fact(
        claim_id=claim_id, kind=Kind(kind), attempt=attempt, occurred_at=occurred_at, source=source, file_id=file_id,
        file_sha256=file_sha256, position=position, actor=actor, data=msgspec.json.decode(data),
    )  # fmt: skip
