"""What is asked of some claims is looked up by those claims, so that its cost does not grow with all the others."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest
from sqlalchemy import Engine, update

from gateway.db import batches, books, ledger, remittances
from gateway.db import claims as claim_rows
from gateway.db.engine import Connection, is_sqlite, reading, writing
from gateway.db.ready_claims import list_ready
from gateway.db.tables import claim
from gateway.domain.facts import Kind
from tests.support.rows import NOON, fact, receive_claims
from tests.support.statements import explain, statements_of

LIMITS = {"LATE": date(2026, 9, 1), "NONE": None, "SOON": date(2026, 4, 1), "NONE TOO": None, "SOON TOO": date(2026, 4, 1)}

LOOKUPS: dict[str, Callable[[Connection, list[int]], object]] = {
    "booked charges": batches.booked_charges,
    "receivables": books.receivables,
    "payments posted": remittances.posted_before,
    "payments booked": remittances.paid_before,
    "facts": ledger.facts_of,
    "last submissions": claim_rows.last_submissions,
    "documents": lambda connection, claim_ids: claim_rows.documents_of(connection, [(claim_id, 1) for claim_id in claim_ids]),
}


@pytest.mark.parametrize("lookup", LOOKUPS.values(), ids=LOOKUPS)
def test_what_is_known_of_claims_is_found_by_their_ids(
    engine: Engine, lookup: Callable[[Connection, list[int]], Mapping[int, object]]
) -> None:
    with reading(engine) as connection, statements_of(engine) as ran:
        lookup(connection, list(range(1, 501)))
    asked = [statement for statement in ran if statement[0].startswith("SELECT")]
    with reading(engine) as connection:
        plans = [explain(connection, statement) for statement in asked]
    assert plans
    for plan in plans:
        assert "claim_id" in plan
        assert not [wrong for wrong in ("SCAN ", "Seq Scan", "_state (state=?)", "_account") if wrong in plan], plan


def test_the_claims_of_patients_are_found_by_their_digest(engine: Engine) -> None:
    with reading(engine) as connection, statements_of(engine) as ran:
        claim_rows.list_of_patients(connection, [f"digest {n}" for n in range(500)])
    (asked,) = [statement for statement in ran if statement[0].startswith("SELECT")]
    with reading(engine) as connection:
        assert "ix_claim_patient_digest" in explain(connection, asked)


def test_ready_claims_come_by_their_filing_limit_and_no_file_sorts_all_of_them(fresh_engine: Engine) -> None:
    with writing(fresh_engine) as connection:
        claim_ids = receive_claims(connection, list(LIMITS))
        ledger.record(connection, [fact(claim_id, Kind.EDITS_PASSED) for claim_id in claim_ids], NOON)
        for claim_id, limit in zip(claim_ids, LIMITS.values(), strict=True):
            values = {"partner": "meridian", "guide": "837P", "payer": "blueharbor", "filing_deadline": limit}
            connection.execute(update(claim).where(claim.c.id == claim_id).values(values))
    with writing(fresh_engine) as connection, statements_of(fresh_engine) as ran:
        payers = {"blueharbor": "a digest"}
        found = {limit: list_ready(connection, "meridian", guide="837P", payers=payers, limit=limit) for limit in (9, 4, 2)}
    by_limit = ["SOON", "SOON TOO", "LATE", "NONE", "NONE TOO"]
    assert {limit: [row.pcn for row in rows] for limit, rows in found.items()} == {9: by_limit, 4: by_limit[:4], 2: by_limit[:2]}
    if is_sqlite(fresh_engine):  # PostgreSQL goes by the sizes of its tables, and reads five claims as it likes
        with reading(fresh_engine) as connection:
            plans = [explain(connection, statement) for statement in ran if statement[0].startswith("SELECT")]
        assert plans
        assert [plan for plan in plans if "ix_claim_state_partner" not in plan or "TEMP B-TREE" in plan] == []
