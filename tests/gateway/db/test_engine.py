"""The engine: no update is lost, nothing is written while reading, and the bulk insert keeps every value."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from gateway.db.engine import chunks_of, insert_many, insert_returning_ids, open_database, reading, writing
from gateway.db.migrations import find_differences
from gateway.db.tables import claim, control_number, file
from tests.support.postgres import Server
from tests.support.racing import increment, run_at_once, upgrade_database

RECEIVED_AT = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


def file_row(name: str, **changes: object) -> dict[str, object]:
    row = {"direction": "intake", "partner": "", "name": name, "sha256": name, "size_bytes": 1, "state": "archived"}
    return {**row, "received_at": RECEIVED_AT, **changes}


def test_concurrent_increments_all_count(engine: Engine) -> None:
    """Four processes, 250 read-modify-writes each: with SQLAlchemy's defaults SQLite loses three of four."""
    with writing(engine) as connection:
        connection.execute(insert(control_number).values(series="counter", last=0))
    run_at_once(increment, engine, 4, "counter", 250)
    with reading(engine) as connection:
        last = connection.execute(select(control_number.c.last).where(control_number.c.series == "counter")).scalar_one()
    assert last == 1000


def test_what_raises_is_rolled_back(engine: Engine) -> None:
    def write_and_fail() -> None:
        with writing(engine) as connection:
            insert_many(connection, file, [file_row("rolled back")])
            raise RuntimeError("our bug")

    with pytest.raises(RuntimeError, match="our bug"):
        write_and_fail()
    with reading(engine) as connection:
        assert connection.execute(select(file.c.id).where(file.c.name == "rolled back")).first() is None


def test_reading_cannot_write(engine: Engine) -> None:
    with pytest.raises(DBAPIError), reading(engine) as connection:
        connection.execute(insert(file).values(file_row("written while reading")))


def test_a_connection_that_was_read_with_can_write_again(engine: Engine) -> None:
    with reading(engine) as connection:
        connection.execute(select(file.c.id)).first()
    with writing(engine) as connection:
        insert_many(connection, file, [file_row("after reading")])


def test_reading_sees_one_moment(engine: Engine) -> None:
    """What another transaction commits meanwhile is not seen."""
    with reading(engine) as reader:
        before = len(reader.execute(select(file.c.id)).all())
        with writing(engine) as writer:
            insert_many(writer, file, [file_row("meanwhile")])
        assert len(reader.execute(select(file.c.id)).all()) == before


@pytest.mark.parametrize("count", [1, 50, 51, 700])
def test_bulk_insert_keeps_every_value(fresh_engine: Engine, count: int) -> None:
    """Instants with microseconds, dates, nulls, tabs, backslashes, line ends and letters beyond ASCII come back as they were."""
    east = timezone(timedelta(hours=5, minutes=30))
    odd = "tab\t back\\slash \\N \\. new\nline return\r quote' \" ü 𝄞"
    rows = [file_row(f"{odd}{number}", received_at=RECEIVED_AT.astimezone(east), removed_at=None) for number in range(count)]
    with writing(fresh_engine) as connection:
        insert_many(connection, file, rows)
        kept = connection.execute(select(file).order_by(file.c.id)).all()
    assert [row.name for row in kept] == [row["name"] for row in rows]
    assert {(row.received_at, row.received_at.tzinfo, row.removed_at, row.findings) for row in kept} == {
        (RECEIVED_AT, UTC, None, "[]")
    }


@pytest.mark.parametrize("count", [0, 3, 600])
def test_ids_come_in_the_order_of_rows(engine: Engine, count: int) -> None:
    with writing(engine) as connection:
        ids = insert_returning_ids(connection, file, [file_row(f"{count}-{number}") for number in range(count)])
        kept = {row.id: row.name for row in connection.execute(select(file.c.id, file.c.name))}
    assert [kept[each] for each in ids] == [f"{count}-{number}" for number in range(count)]


def test_ids_given_in_bulk_do_not_collide_with_single_inserts(engine: Engine) -> None:
    with writing(engine) as connection:
        bulk = insert_returning_ids(connection, file, [file_row("bulk 1"), file_row("bulk 2")])
        single = connection.execute(insert(file).values(file_row("single")).returning(file.c.id)).scalar_one()
        again = insert_returning_ids(connection, file, [file_row("bulk 3")])
    assert len({*bulk, single, *again}) == 4


def test_dates_are_dates(engine: Engine) -> None:
    with writing(engine) as connection:
        [file_id] = insert_returning_ids(connection, file, [file_row("with dates")])
        row: dict[str, object] = {column.name: "" for column in claim.columns if column.type.python_type is str}
        row |= {"charge_cents": 1, "version": 1, "attempt": 1, "file_id": file_id, "received_at": RECEIVED_AT}
        rows = [{**row, "pcn": f"D{n}", "fingerprint": f"D{n}", "service_from": date(2026, 1, n)} for n in range(1, 32)]
        insert_many(
            connection, claim, rows + [{**each, "pcn": f"E{each['pcn']}", "fingerprint": f"E{each['pcn']}"} for each in rows]
        )
        kept = connection.execute(select(claim.c.service_from).where(claim.c.pcn == "ED7")).scalar_one()
    assert kept == date(2026, 1, 7)


@pytest.mark.parametrize("count", [2, 100])
def test_a_refused_row_is_not_quoted_in_the_error(fresh_engine: Engine, count: int) -> None:
    """Errors end in logs, and rows hold member ids."""
    rows = [file_row("same", partner="SECRETMEMBER", sha256="same")] * count
    with pytest.raises(IntegrityError) as raised, writing(fresh_engine) as connection:
        insert_many(connection, file, rows)
    assert "SECRETMEMBER" not in f"{raised.value} {raised.value.orig} {raised.value.__cause__}"


def test_naive_instants_are_refused(engine: Engine) -> None:
    naive = RECEIVED_AT.replace(tzinfo=None)
    with pytest.raises((AssertionError, StatementError), match="aware"), writing(engine) as connection:
        insert_many(connection, file, [file_row("naive", received_at=naive)])


def test_a_broken_reference_is_refused(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.exec_driver_sql("INSERT INTO entry (journal_id, account, amount_cents) VALUES (999999999, 'cash', 1)")


def test_chunks_hold_at_most_their_size_and_lose_nothing() -> None:
    assert list(chunks_of(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(chunks_of([], 2)) == []


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    """Every connection: a log ahead of writes, synced at each commit, references checked, half a minute of patience."""
    engine = open_database(f"sqlite:///{tmp_path / 'set-up.sqlite'}")
    asked = ("journal_mode", "synchronous", "foreign_keys", "recursive_triggers", "busy_timeout")
    with reading(engine) as first, reading(engine) as second:
        for connection in (first, second):
            found = [connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() for pragma in asked]
            assert found == ["wal", 2, 1, 1, 30_000]


@pytest.mark.postgresql
def test_postgresql_is_set_up_to_agree_with_sqlite(postgresql_server: Server) -> None:
    engine = open_database(postgresql_server.new_database())
    with writing(engine) as connection:
        settings = ("transaction_isolation", "timezone", "client_encoding")
        found = [connection.exec_driver_sql(f"SHOW {setting}").scalar_one() for setting in settings]
    assert found == ["read committed", "UTC", "UTF8"]
    engine.dispose()


def test_a_sqlite_file_is_nobody_elses_to_read(tmp_path: Path) -> None:
    """Its log ahead of writes holds the same rows and is as private."""
    engine = open_database(f"sqlite:///{tmp_path / 'private.sqlite'}")
    with writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE invented (a TEXT)")
        files = [path for path in tmp_path.iterdir() if path.is_file()]
        assert {path.name: oct(path.stat().st_mode & 0o777) for path in files} == {
            "private.sqlite": "0o600",
            "private.sqlite-wal": "0o600",
            "private.sqlite-shm": "0o600",
        }


def test_eight_processes_can_open_a_new_sqlite_file_at_once(tmp_path: Path) -> None:
    """Switching a new file to its log ahead of writes takes a lock that does not wait by itself."""
    engine = open_database(f"sqlite:///{tmp_path / 'new.sqlite'}")
    run_at_once(upgrade_database, engine, 8)
    with reading(engine) as connection:
        assert find_differences(connection) == []


def test_only_the_two_databases_open() -> None:
    with pytest.raises(AssertionError, match="SQLite or PostgreSQL"):
        open_database("mysql://localhost/claimwire")
