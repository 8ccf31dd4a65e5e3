"""Numbers that payers cut short are found by an index, however many claims there are, and only what begins so is found."""

from typing import Any

from sqlalchemy import Connection, Engine, event

from gateway.db import claims as claim_rows
from gateway.db.engine import is_sqlite, reading, writing
from gateway.db.ledger import insert_claims
from tests.support.rows import claim_row, insert_file

PCNS = ["ABCDEFGHIJKL", "ABCDEFGHIJKL9", "ABCDEFGHIJKLZZZZZZZZ", "ABCDEFGHIJKM", "ABCDEFGHIJK", "BABCDEFGHIJKL"]


def candidates(connection: Connection, *match_pcns: str) -> list[str]:
    found = claim_rows.list_candidates(connection, pcns=[], match_pcns=match_pcns, payer_claim_numbers=[], member_ids=[])
    return sorted(row["match_pcn"] for row in found)


def explain(connection: Connection, statement: str, parameters: Any) -> str:
    if is_sqlite(connection):
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return "\n".join(row.detail for row in plan)
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).scalars())


def test_a_number_cut_short_finds_those_that_begin_with_it_by_their_index(fresh_engine: Engine) -> None:
    with writing(fresh_engine) as connection:
        file_id = insert_file(connection, "claims")
        insert_claims(connection, [claim_row(pcn, file_id) for pcn in PCNS])
    ran: list[tuple[str, Any]] = []

    def keep(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        ran.append((statement, parameters))

    with reading(fresh_engine) as connection:
        event.listen(fresh_engine, "before_cursor_execute", keep)
        assert candidates(connection, "ABCDEFGHIJKL") == ["ABCDEFGHIJKL"]
        assert candidates(connection, "ABCDEFGHIJKLZ", "ABCDEFGHIJKM") == ["ABCDEFGHIJKLZZZZZZZZ", "ABCDEFGHIJKM"]
        assert candidates(connection, "BABCDEFGHIJK") == ["BABCDEFGHIJKL"]
        event.remove(fresh_engine, "before_cursor_execute", keep)
        cut_short = [(statement, parameters) for statement, parameters in ran if "match_pcn" in statement.split("WHERE", 1)[1]]
        plans = [explain(connection, statement, parameters) for statement, parameters in cut_short]
    assert len(plans) > 3
    assert [plan for plan in plans if "ix_claim_match_pcn" not in plan or "SCAN claim" in plan] == []
