"""The books: journals sum to zero, post once, and stay as they were written."""

from threading import Thread
from time import sleep

import pytest
from sqlalchemy import Engine, func, select

from gateway.db.books import Entry, Journal, post_journals
from gateway.db.engine import Connection, reading, writing
from gateway.db.tables import entry, journal
from tests.support.rows import NOON, receive_claims


def journal_of(source: str, cents: int = 12_500, claim_id: int | None = None) -> Journal:
    entries = (Entry("insurance_receivable", cents, line_control_number="L1"), Entry("charges", -cents, adjustment="CO 45"))
    return Journal(source, "charge", "1999999984", entries, claim_id=claim_id)


def entries_of(connection: Connection, source: str) -> list[tuple[object, ...]]:
    columns = (entry.c.account, entry.c.amount_cents, entry.c.line_control_number, entry.c.adjustment)
    query = select(*columns).join(journal).where(journal.c.source == source).order_by(entry.c.id)
    return [tuple(row) for row in connection.execute(query)]


def test_a_journal_is_kept_whole(engine: Engine) -> None:
    with writing(engine) as connection:
        [claim_id] = receive_claims(connection, ["BOOKED"])
        assert post_journals(connection, [journal_of("whole", 7, claim_id)], NOON) == 1
        row = connection.execute(select(journal).where(journal.c.source == "whole")).one()
        assert (row.kind, row.practice, row.claim_id, row.remittance_id, row.posted_at) == (
            "charge",
            "1999999984",
            claim_id,
            None,
            NOON,
        )
        assert entries_of(connection, "whole") == [("insurance_receivable", 7, "L1", ""), ("charges", -7, "", "CO 45")]


def test_the_same_source_posts_once(engine: Engine) -> None:
    with writing(engine) as connection:
        assert post_journals(connection, [journal_of("once", 1), journal_of("once", 2)], NOON) == 1
        assert post_journals(connection, [journal_of("once", 3), journal_of("another")], NOON) == 1
        assert [row[1] for row in entries_of(connection, "once")] == [1, -1]


def test_entries_go_with_their_own_journal(fresh_engine: Engine) -> None:
    journals = [journal_of(f"many {number}", number + 1) for number in range(1_500)]
    with writing(fresh_engine) as connection:
        assert post_journals(connection, journals, NOON) == 1_500
        assert [row[1] for row in entries_of(connection, "many 1234")] == [1_235, -1_235]
        off = select(entry.c.journal_id).group_by(entry.c.journal_id).having(func.sum(entry.c.amount_cents) != 0)
        assert connection.execute(off).all() == []


def test_one_cent_off_is_a_bug_and_posts_nothing(engine: Engine) -> None:
    lopsided = Journal("off", "charge", "1999999984", (Entry("cash", 100), Entry("charges", -99)))
    with pytest.raises(AssertionError, match="sums to zero"), writing(engine) as connection:
        post_journals(connection, [journal_of("beside it"), lopsided], NOON)
    with reading(engine) as connection:
        assert entries_of(connection, "beside it") == []


def test_a_journal_without_entries_is_a_bug(engine: Engine) -> None:
    with pytest.raises(AssertionError, match="has entries"), writing(engine) as connection:
        post_journals(connection, [Journal("bare", "charge", "1999999984", ())], NOON)


def test_two_who_post_at_once_post_once(engine: Engine) -> None:
    """The slower one's other journals are posted all the same."""
    counts: list[int] = []

    def post_both() -> None:
        with writing(engine) as connection:
            counts.append(post_journals(connection, [journal_of("raced", 2), journal_of("not raced", 3)], NOON))

    slower = Thread(target=post_both)
    with writing(engine) as connection:
        post_journals(connection, [journal_of("raced", 1)], NOON)
        slower.start()
        sleep(0.3)
    slower.join()
    with reading(engine) as connection:
        assert counts == [1]
        assert [row[1] for row in entries_of(connection, "raced")] == [1, -1]
        assert [row[1] for row in entries_of(connection, "not raced")] == [3, -3]
