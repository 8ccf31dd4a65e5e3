"""What is written once stays as it was written, whoever asks."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from gateway.db.books import Entry, Journal, post_journals
from gateway.db.engine import insert_many, is_sqlite, writing
from gateway.db.tables import claim_version
from gateway.db.triggers import WRITTEN_ONCE, protect_tables, unprotect_tables
from tests.support.rows import NOON, receive_claims


@pytest.fixture(autouse=True)
def history(fresh_engine: Engine) -> None:
    """A row in each of the tables."""
    with writing(fresh_engine) as connection:
        [claim_id] = receive_claims(connection, ["HISTORY"])
        insert_many(connection, claim_version, [{"claim_id": claim_id, "version": 1, "document": "{}", "created_at": NOON}])
        post_journals(connection, [Journal("j", "charge", "1999999984", (Entry("cash", 1), Entry("charges", -1)))], NOON)


@pytest.mark.parametrize("table", ["event", "journal", "entry", "claim_version"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "DELETE FROM {} WHERE id = 1"])
def test_rows_written_once_are_refused_to_change(fresh_engine: Engine, table: str, statement: str) -> None:
    with pytest.raises(DBAPIError, match=f"{table} rows are written once"), writing(fresh_engine) as connection:
        connection.exec_driver_sql(statement.format(table))


@pytest.mark.parametrize("table", ["event", "journal", "entry", "claim_version"])
def test_rows_cannot_be_swept_away_at_once(fresh_engine: Engine, table: str) -> None:
    """SQLite's REPLACE deletes the row it replaces; PostgreSQL's TRUNCATE asks no row trigger."""
    sweep = "REPLACE INTO {0} SELECT * FROM {0}" if is_sqlite(fresh_engine) else "TRUNCATE {0} CASCADE"
    with pytest.raises(DBAPIError, match="rows are written once"), writing(fresh_engine) as connection:
        connection.exec_driver_sql(sweep.format(table))


def test_a_migration_can_take_the_triggers_off_and_put_them_on(fresh_engine: Engine) -> None:
    with writing(fresh_engine) as connection:
        unprotect_tables(connection, WRITTEN_ONCE)
        connection.exec_driver_sql("UPDATE event SET actor = 'dana'")
        protect_tables(connection, WRITTEN_ONCE)
    with pytest.raises(DBAPIError, match="event rows are written once"), writing(fresh_engine) as connection:
        connection.exec_driver_sql("UPDATE event SET actor = 'somebody'")
