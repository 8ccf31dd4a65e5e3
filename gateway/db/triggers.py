"""Triggers that keep history as it was written, on both databases."""

from sqlalchemy import Connection

from gateway.db.engine import is_sqlite

WRITTEN_ONCE = ("event", "journal", "entry", "claim_version")
"""Tables whose rows are neither updated nor deleted."""

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% rows are written once: they are neither updated nor deleted', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$
"""


def protect_tables(connection: Connection, tables: tuple[str, ...]) -> None:
    """Make every UPDATE and DELETE of these tables' rows fail, with a text that says why."""
    if is_sqlite(connection):
        for table in tables:
            _protect_on_sqlite(connection, table)
        return
    connection.exec_driver_sql(_POSTGRESQL_FUNCTION.replace("%", "%%"))
    for table in tables:
        _protect_on_postgresql(connection, table)


def unprotect_tables(connection: Connection, tables: tuple[str, ...]) -> None:
    """Take the triggers off, for a migration that must rebuild one of these tables; protect it again after."""
    for table in tables:
        for action in ("update", "delete") if is_sqlite(connection) else ("change", "truncate"):
            on_table = "" if is_sqlite(connection) else f" ON {table}"
            connection.exec_driver_sql(f"DROP TRIGGER {table}_refuses_{action}{on_table}")


def _protect_on_sqlite(connection: Connection, table: str) -> None:
    message = f"{table} rows are written once: they are neither updated nor deleted"
    for action in ("update", "delete"):
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_refuses_{action} BEFORE {action.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{message}'); END"
        )


def _protect_on_postgresql(connection: Connection, table: str) -> None:
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    connection.exec_driver_sql(
        f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()"
    )
