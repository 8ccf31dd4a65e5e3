"""The database's errors: what may pass is transient, a full disk is not, and a bug stays a bug."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from gateway.db.engine import open_database, reading, writing
from gateway.db.tables import control_number
from gateway.errors import PermanentError, TransientError
from tests.support.postgres import Server


def test_a_locked_sqlite_is_transient(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'locked.sqlite'}"
    impatient = open_database(url)
    with reading(impatient) as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=1")
    with writing(open_database(url)), pytest.raises(TransientError, match="locked"), writing(impatient):
        pass


def test_a_full_disk_is_permanent(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'full.sqlite'}")
    with reading(engine) as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")
    with pytest.raises(PermanentError, match="full"), writing(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE invented (a TEXT)")


@pytest.mark.postgresql
def test_a_connection_cut_by_the_server_is_transient(postgresql_server: Server) -> None:
    engine = open_database(postgresql_server.new_database())
    with pytest.raises(TransientError), writing(engine) as connection:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))


def test_a_server_that_is_not_there_is_transient(tmp_path: Path) -> None:
    engine = open_database(f"postgresql://claimwire@/claimwire?host={tmp_path}")
    with pytest.raises(TransientError, match="cannot be reached"), reading(engine):
        pass


def test_a_broken_rule_is_raised_as_itself(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(control_number), [{"series": "twice", "last": 0}] * 2)


def test_a_table_that_is_not_there_is_raised_as_itself(engine: Engine) -> None:
    with pytest.raises(DBAPIError), writing(engine) as connection:
        connection.exec_driver_sql("SELECT * FROM invented")


def test_a_damaged_file_is_permanent_and_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "claimwire.db"
    engine = open_database(f"sqlite:///{path}")
    with writing(engine) as connection:
        connection.execute(text("CREATE TABLE t (n INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))
    engine.dispose()
    content = bytearray(path.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    path.write_bytes(content)
    damaged = open_database(f"sqlite:///{path}")
    with pytest.raises(PermanentError, match="restore it from a backup"), reading(damaged) as connection:
        connection.execute(text("SELECT n FROM t"))
    damaged.dispose()
