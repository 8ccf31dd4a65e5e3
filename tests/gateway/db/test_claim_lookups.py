"""Numbers that payers cut short are found by an index, however many claims there are, and only what begins so is found."""

from sqlalchemy import Connection, Engine

from gateway.db import claims as claim_rows
from gateway.db.engine import reading, writing
from gateway.db.ledger import insert_claims
from tests.support.rows import claim_row, insert_file
from tests.support.statements import explain, statements_of

PCNS = ["ABCDEFGHIJKL", "ABCDEFGHIJKL9", "ABCDEFGHIJKLZZZZZZZZ", "ABCDEFGHIJKM", "ABCDEFGHIJK", "BABCDEFGHIJKL"]


def candidates(connection: Connection, *match_pcns: str) -> list[str]:
    found = claim_rows.list_candidates(connection, pcns=[], match_pcns=match_pcns, payer_claim_numbers=[], member_ids=[])
    return sorted(row["match_pcn"] for row in found)


def test_a_number_cut_short_finds_those_that_begin_with_it_by_their_index(fresh_engine: Engine) -> None:
    with writing(fresh_engine) as connection:
        file_id = insert_file(connection, "claims")
        insert_claims(connection, [claim_row(pcn, file_id) for pcn in PCNS])
    with reading(fresh_engine) as connection, statements_of(fresh_engine) as ran:
        assert candidates(connection, "ABCDEFGHIJKL") == ["ABCDEFGHIJKL"]
        assert candidates(connection, "ABCDEFGHIJKLZ", "ABCDEFGHIJKM") == ["ABCDEFGHIJKLZZZZZZZZ", "ABCDEFGHIJKM"]
        assert candidates(connection, "BABCDEFGHIJK") == ["BABCDEFGHIJKL"]
    cut_short = [statement for statement in ran if "match_pcn" in statement[0].partition("WHERE")[2]]
    with reading(fresh_engine) as connection:
        plans = [explain(connection, statement) for statement in cut_short]
    assert len(plans) > 3
    assert [plan for plan in plans if "ix_claim_match_pcn" not in plan or "SCAN claim" in plan] == []
