"""The ledger: each fact once, whoever brings it and how often, and every claim's cached standing the fold of its facts."""

import time
from datetime import datetime, timedelta
from random import Random
from threading import Thread

import pytest
from sqlalchemy import Engine, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from gateway.db.engine import Connection, reading, writing
from gateway.db.ledger import facts_of, find_misfolded, insert_claims, record
from gateway.db.tables import claim, event
from gateway.domain.facts import Fact, Kind
from tests.support.rows import NOON, claim_row, fact, insert_file, receive_claims

LIFE = [
    Kind.EDITS_PASSED,
    Kind.BATCHED,
    Kind.SENT,
    Kind.SYNTAX_ACCEPTED,
    Kind.CLEARINGHOUSE_ACCEPTED,
    Kind.PAYER_ACCEPTED,
    Kind.PAID,
]


def standing_of(connection: Connection, claim_id: int) -> tuple[str, int, datetime | None]:
    row = connection.execute(select(claim.c.state, claim.c.attempt, claim.c.due_at).where(claim.c.id == claim_id)).one()
    return (row.state, row.attempt, row.due_at)


def test_a_new_claim_is_received(fresh_engine: Engine) -> None:
    with writing(fresh_engine) as connection:
        [claim_id] = insert_claims(connection, [claim_row("NEW", insert_file(connection, "new"))])
        assert standing_of(connection, claim_id) == ("received", 1, None)


def test_a_fact_comes_back_as_it_was_recorded(engine: Engine) -> None:
    with writing(engine) as connection:
        [claim_id] = receive_claims(connection, ["WHOLE"])
        whole = Fact(
            claim_id=claim_id,
            kind=Kind.STATUS_PENDING,
            attempt=1,
            occurred_at=NOON + timedelta(microseconds=1),
            source="277:7",
            file_id=insert_file(connection, "a 277"),
            file_sha256="ab" * 32,
            position=17,
            actor="dana",
            data={"codes": ["P1", "20"], "charge_cents": 12_500, "when": {"sent": None}},
        )
        record(connection, [whole], NOON)
    with reading(engine) as connection:
        assert facts_of(connection, [claim_id])[claim_id][1] == whole


def test_replays_change_nothing_and_count_nothing(engine: Engine) -> None:
    with writing(engine) as connection:
        [claim_id] = receive_claims(connection, ["REPLAY"])
        sent = fact(claim_id, Kind.SENT)
        assert record(connection, [sent, sent], NOON) == 1
        later = NOON + timedelta(days=1)
        assert record(connection, [fact(claim_id, Kind.SENT, occurred_at=later)], later) == 0
        assert facts_of(connection, [claim_id])[claim_id][1:] == [sent]


def test_the_first_of_two_facts_with_one_source_is_the_fact(engine: Engine) -> None:
    with writing(engine) as connection:
        [claim_id] = receive_claims(connection, ["FIRST"])
        first = fact(claim_id, Kind.DENIED, source="835:1:2")
        assert record(connection, [first, fact(claim_id, Kind.PAID, source="835:1:2")], NOON) == 1
        assert standing_of(connection, claim_id)[0] == "denied"


@pytest.mark.parametrize("seed", range(5))
def test_arrival_order_does_not_matter(engine: Engine, seed: int) -> None:
    with writing(engine) as connection:
        [claim_id] = receive_claims(connection, [f"ORDER{seed}"])
        life = [fact(claim_id, kind) for kind in LIFE]
        Random(seed).shuffle(life)
        for each in life:
            record(connection, [each], NOON)
        assert standing_of(connection, claim_id) == ("paid", 1, None)
        assert find_misfolded(connection) == []


def test_a_late_acknowledgment_never_moves_a_claim_back(engine: Engine) -> None:
    """The 277CA comes before the 999."""
    with writing(engine) as connection:
        [claim_id] = receive_claims(connection, ["LATE"])
        record(connection, [fact(claim_id, Kind.PAYER_ACCEPTED)], NOON)
        record(connection, [fact(claim_id, Kind.SYNTAX_ACCEPTED, occurred_at=NOON + timedelta(days=3))], NOON)
        assert standing_of(connection, claim_id)[0] == "accepted_by_payer"


def test_the_deadline_runs_while_an_answer_is_awaited(engine: Engine) -> None:
    overdue_at = NOON + timedelta(days=30)
    with writing(engine) as connection:
        [claim_id] = receive_claims(connection, ["DUE"])
        record(connection, [fact(claim_id, Kind.SENT, data={"overdue_at": overdue_at.isoformat()})], NOON)
        assert standing_of(connection, claim_id) == ("sent", 1, overdue_at)
        record(connection, [fact(claim_id, Kind.PAID)], NOON)
        assert standing_of(connection, claim_id) == ("paid", 1, None)


def test_a_second_attempt_stands_above_the_first(engine: Engine) -> None:
    with writing(engine) as connection:
        [claim_id] = receive_claims(connection, ["AGAIN"])
        record(connection, [fact(claim_id, Kind.SYNTAX_REJECTED), fact(claim_id, Kind.REOPENED, attempt=2)], NOON)
        assert standing_of(connection, claim_id) == ("received", 2, None)


def test_facts_of_nobody_are_a_bug(engine: Engine) -> None:
    with pytest.raises(AssertionError, match="claims that exist"), writing(engine) as connection:
        record(connection, [fact(999_999_999, Kind.SENT)], NOON)


def test_a_fact_from_a_file_that_does_not_exist_is_an_error_and_not_a_known_fact(engine: Engine) -> None:
    with writing(engine) as connection:
        claim_ids = receive_claims(connection, ["NOFILE1", "NOFILE2"])
    with pytest.raises(DBAPIError), writing(engine) as connection:
        record(connection, [fact(claim_id, Kind.SENT, file_id=999_999_999) for claim_id in claim_ids], NOON)


def test_a_cached_standing_written_by_others_is_found(fresh_engine: Engine) -> None:
    with writing(fresh_engine) as connection:
        first, second, third = receive_claims(connection, ["MIS1", "MIS2", "MIS3"])
        assert find_misfolded(connection) == []
        connection.execute(update(claim).where(claim.c.id == second).values(state="paid"))
        connection.execute(update(claim).where(claim.c.id == third).values(due_at=NOON))
        assert find_misfolded(connection) == [second, third]
        assert standing_of(connection, first)[0] == "received"


def test_a_claim_without_facts_is_misfolded(fresh_engine: Engine) -> None:
    with writing(fresh_engine) as connection:
        claim_ids = insert_claims(connection, [claim_row("BARE", insert_file(connection, "bare"))])
        assert find_misfolded(connection) == claim_ids


def test_two_who_record_at_once_agree_on_the_standing(engine: Engine) -> None:
    """The slower one, who began before the faster one committed, still folds the faster one's fact with its own."""
    with writing(engine) as connection:
        [claim_id] = receive_claims(connection, ["RACE"])

    def record_delivered() -> None:
        with writing(engine) as connection:
            record(connection, [fact(claim_id, Kind.SYNTAX_ACCEPTED)], NOON)

    slower = Thread(target=record_delivered)
    with writing(engine) as connection:
        record(connection, [fact(claim_id, Kind.PAYER_REJECTED)], NOON)
        slower.start()
        time.sleep(0.3)
    slower.join()
    with reading(engine) as connection:
        assert len(facts_of(connection, [claim_id])[claim_id]) == 3
        assert standing_of(connection, claim_id)[0] == "rejected"


def test_a_writer_who_was_faster_makes_the_fact_known(engine: Engine) -> None:
    """Whoever writes around the locks is met at the unique key: the rest is recorded, and the raced fact stands as it was."""
    with writing(engine) as connection:
        raced, other = receive_claims(connection, ["FAST1", "FAST2"])
    counts: list[int] = []

    def record_both() -> None:
        with writing(engine) as connection:
            counts.append(record(connection, [fact(raced, Kind.PAID, source="835"), fact(other, Kind.PAID, source="835")], NOON))

    slower = Thread(target=record_both)
    with writing(engine) as connection:
        row = {"claim_id": raced, "kind": "denied", "attempt": 1, "occurred_at": NOON, "recorded_at": NOON, "source": "835"}
        connection.execute(insert(event).values(row))
        slower.start()
        time.sleep(0.3)
    slower.join()
    with reading(engine) as connection:
        assert counts == [1]
        assert [standing_of(connection, claim_id)[0] for claim_id in (raced, other)] == ["denied", "paid"]


def test_ten_thousand_facts_take_seconds_not_minutes(fresh_engine: Engine) -> None:
    with writing(fresh_engine) as connection:
        claim_ids = receive_claims(connection, [f"BULK{number}" for number in range(10_000)])
        sent = [fact(claim_id, Kind.SENT, data={"overdue_at": NOON.isoformat()}) for claim_id in claim_ids]
        started = time.monotonic()
        assert record(connection, sent, NOON) == 10_000
        assert time.monotonic() - started < 10
        states = connection.execute(select(claim.c.state, func.count()).group_by(claim.c.state)).all()
    assert [tuple(row) for row in states] == [("sent", 10_000)]
