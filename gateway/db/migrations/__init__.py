"""Migrations: from an empty database, or an older one, to the tables of today."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select

from gateway.db.engine import is_sqlite, reading
from gateway.db.tables import metadata

_UPGRADE_LOCK = 5010_837_835


def find_differences(connection: Connection) -> list[Any]:
    """What the database's tables are and the code's are not, or the other way round, in alembic's words; empty when current."""
    options = {"compare_type": True, "compare_server_default": is_other_default}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def is_other_default(*compared: Any) -> bool | None:
    """Alembic's hook: settles the empty text, which SQLite reports in brackets; None leaves the rest to alembic."""
    _context, _inspected, _described, present, _default, wanted = compared
    same = present is not None and wanted is not None and present.strip("()'") == wanted.strip("'")
    return False if same else None


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to `revision`, all of it in one transaction; who comes second waits and finds nothing to do."""
    with _foreign_keys_deferred(engine) as connection, connection.begin():
        if not is_sqlite(connection):
            connection.execute(select(func.pg_advisory_xact_lock(_UPGRADE_LOCK)))
        command.upgrade(config(connection), revision)
        _check_foreign_keys(connection)


def is_current(engine: Engine) -> bool:
    """Whether the database has every migration this program knows, and none it does not know."""
    with reading(engine) as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
    return present == set(ScriptDirectory.from_config(config()).get_heads())


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, working on `connection` inside the caller's transaction."""
    alembic = Config(attributes={"connection": connection})
    alembic.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    alembic.set_main_option("path_separator", "os")
    return alembic


@contextmanager
def _foreign_keys_deferred(engine: Engine) -> Iterator[Connection]:
    """A connection on which SQLite lets a referenced table be rebuilt; the setting holds only outside a transaction."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        if not is_sqlite(connection):
            yield connection
            return
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _check_foreign_keys(connection: Connection) -> None:
    if is_sqlite(connection):
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        assert not broken, "a migration leaves no row that refers to nothing"
