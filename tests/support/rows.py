"""Rows that tests need before they can say anything: a file, and claims of invented people in it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from gateway.db.engine import Connection, insert_returning_ids
from gateway.db.ledger import insert_claims, record
from gateway.db.tables import claim, file
from gateway.domain.facts import Fact, Kind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def insert_file(connection: Connection, name: str, **changes: Any) -> int:
    """A file as intake keeps it; `name` also makes its digest."""
    digest = sha256(name.encode()).hexdigest()
    row = {"direction": "intake", "partner": "", "name": name, "sha256": digest, "size_bytes": 1, "received_at": NOON}
    return insert_returning_ids(connection, file, [{**row, "state": "archived", **changes}])[0]


def claim_row(pcn: str, file_id: int, **changes: Any) -> dict[str, Any]:
    """A claim's row without its standing: every text empty but the keys, which come from `pcn`."""
    texts = {column.name: "" for column in claim.columns if not column.nullable and column.type.python_type is str}
    keys = {"pcn": pcn, "source_pcn": pcn, "match_pcn": pcn, "fingerprint": f"fingerprint {pcn}", "practice": "1999999984"}
    sums = {"charge_cents": 12_500, "version": 1, "file_id": file_id, "received_at": NOON, "service_from": date(2026, 2, 20)}
    row = {**texts, **keys, **sums, **changes}
    return {name: value for name, value in row.items() if name not in {"state", "attempt", "due_at"}}


def receive_claims(connection: Connection, pcns: Sequence[str]) -> list[int]:
    """Claims in a file of their own, with the fact *received*; their ids in order."""
    file_id = insert_file(connection, f"claims {' '.join(pcns[:3])} {len(pcns)}")
    claim_ids = insert_claims(connection, [claim_row(pcn, file_id) for pcn in pcns])
    record(connection, [fact(claim_id, Kind.RECEIVED) for claim_id in claim_ids], NOON)
    return claim_ids


def fact(claim_id: int, kind: Kind, **changes: Any) -> Fact:
    """A fact of the first attempt, at noon, whose source is its kind."""
    return Fact(**{"claim_id": claim_id, "kind": kind, "attempt": 1, "occurred_at": NOON, "source": kind.value, **changes})
