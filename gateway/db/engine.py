"""Opening the database, its two kinds of transaction, and the bulk insert."""

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    Table,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError

from gateway.db.failures import named_failures

__all__ = [
    "Connection",
    "Engine",
    "Row",
    "chunks_of",
    "insert_many",
    "insert_returning_ids",
    "is_file_missing",
    "is_sqlite",
    "open_database",
    "reading",
    "writing",
]

BUSY_TIMEOUT_SECONDS = 30
COPY_ROWS_MIN = 50
CHUNK_ROWS = 500
COPY_CHUNK_ROWS = 10_000

Row = Mapping[Any, Any]
T = TypeVar("T")


def open_database(url: str) -> Engine:
    """An engine for `url`, set up so that nothing is lost in silence: `sqlite:///…` or `postgresql://…`.

    SQLite: WAL, synchronous=FULL, foreign keys on, 30 s busy timeout, and every transaction begun by us, for writing
    unless `reading` says otherwise. PostgreSQL: psycopg2, READ COMMITTED, UTC.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _open_sqlite(address)
    assert address.get_backend_name() == "postgresql", "the database is SQLite or PostgreSQL"
    engine = create_engine(
        address.set(drivername="postgresql+psycopg2"),
        isolation_level="READ COMMITTED",
        pool_pre_ping=True,
        executemany_mode="values_plus_batch",
        connect_args={"options": "-c timezone=utc", "client_encoding": "utf8", "application_name": "claimwire"},
        hide_parameters=True,
    )
    event.listen(engine, "handle_error", _drop_values)
    return engine


def _open_sqlite(address: URL) -> Engine:
    _keep_private(address.database or ":memory:")
    engine = create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _keep_private(database: str) -> None:
    # SQLite makes files for all to read, and gives its logs the permissions of the database; patients' data is in them.
    path = Path(database)
    if database != ":memory:" and path.parent.is_dir() and not path.exists():
        path.touch(mode=0o600)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction handling begins too late (at the first write) and loses concurrent updates.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",  # else INSERT OR REPLACE deletes rows without asking the triggers
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
    connection.exec_driver_sql(f"BEGIN {mode}")


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction that may write: committed at the end, rolled back when anything is raised.

    On SQLite it holds the only write lock from its first moment, so what it reads stays true until it commits. Raises
    TransientError where the database is busy or away, PermanentError where its disk is full.
    """
    with named_failures(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One transaction that sees a single moment of the database and cannot write; raises as `writing` does."""
    with named_failures(), engine.connect() as connection:
        if is_sqlite(connection):
            connection.execution_options(sqlite_begin="DEFERRED")
        else:
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin(), _query_only(connection):
            yield connection


@contextmanager
def _query_only(connection: Connection) -> Iterator[None]:
    if not is_sqlite(connection):
        yield
        return
    connection.exec_driver_sql("PRAGMA query_only=ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA query_only=OFF")


def is_sqlite(connection: Connection | Engine) -> bool:
    """Whether this is SQLite; what is not is PostgreSQL. For db/ alone: nothing above may depend on it."""
    return connection.dialect.name == "sqlite"


def is_file_missing(url: str) -> bool:
    """Whether `url` is of a SQLite file that is not there yet: opening it would make it."""
    address = make_url(url)
    return address.get_backend_name() == "sqlite" and not Path(address.database or "").is_file()


def insert_many(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert `rows`, all with the same columns: the one bulk path. Columns left out take the table's default.

    SQLite: the driver's executemany. PostgreSQL: COPY above 50 rows. Integrity errors are raised as SQLAlchemy's.
    """
    if not rows:
        return
    columns = list(rows[0])
    assert all(row.keys() == rows[0].keys() for row in rows), "rows of one insert have the same columns"
    if is_sqlite(connection):
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table.name} ({_quoted(connection, columns)}) VALUES ({marks})"  # noqa: S608 our own names
        connection.exec_driver_sql(statement, _as_tuples(connection, table, columns, rows))
    elif len(rows) <= COPY_ROWS_MIN:
        connection.execute(insert(table), list(rows))
    else:
        _copy(connection, table, columns, rows)


def insert_returning_ids(connection: Connection, table: Table, rows: Sequence[Row]) -> list[int]:
    """Insert `rows` and return their ids, in the order of `rows`."""
    ids = _next_ids(connection, table, len(rows))
    insert_many(connection, table, [{"id": number, **row} for number, row in zip(ids, rows, strict=True)])
    return ids


def chunks_of(values: Iterable[T], size: int = CHUNK_ROWS) -> Iterator[list[T]]:
    """`values` in lists of at most `size`: SQLite takes only so many variables in one statement."""
    chunk: list[T] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _as_tuples(connection: Connection, table: Table, columns: list[str], rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Rows as the driver takes them: instants and dates turned as the tables' types say."""
    binders = [_binder(connection, table, column) for column in columns]
    if not any(binders):
        return [tuple(row.values()) if list(row) == columns else tuple(row[column] for column in columns) for row in rows]
    given = [[row[column] for row in rows] if bind is None else _bound(bind, rows, column)
             for column, bind in zip(columns, binders, strict=True)]  # fmt: skip
    return list(zip(*given, strict=True))


def _bound(bind: Callable[[Any], Any], rows: Sequence[Row], column: str) -> list[Any]:
    """A column's values as the driver takes them: rows of one insert mostly share their instants, which are turned once."""
    last: Any = None
    turned = bind(None)
    values = []
    for row in rows:
        value = row[column]
        if value is not last:
            last, turned = value, bind(value)
        values.append(turned)
    return values


def _binder(connection: Connection, table: Table, column: str) -> Callable[[Any], Any] | None:
    return table.c[column].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)


def _quoted(connection: Connection, columns: list[str]) -> str:
    return ", ".join(connection.dialect.identifier_preparer.quote(column) for column in columns)


def _copy(connection: Connection, table: Table, columns: list[str], rows: Sequence[Row]) -> None:
    statement = f"COPY {table.name} ({_quoted(connection, columns)}) FROM STDIN"
    cursor = connection.connection.cursor()
    try:
        for chunk in chunks_of(rows, COPY_CHUNK_ROWS):
            tuples = _as_tuples(connection, table, columns, chunk)
            texts = map(_copy_column, zip(*tuples, strict=True))
            lines = "".join("\t".join(values) + "\n" for values in zip(*texts, strict=True))
            cursor.copy_expert(statement, io.StringIO(lines))
    except connection.dialect.loaded_dbapi.Error as error:
        _keep_primary_message(error)
        raise _wrapped(connection, statement, error) from error
    finally:
        cursor.close()


_COPY_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_COPY_ESCAPED = re.compile(r"[\\\t\n\r]")


def _copy_column(values: Sequence[Any]) -> Sequence[str]:
    """A column as COPY reads it: mostly whole numbers, or texts in which nothing is to be escaped."""
    kinds = set(map(type, values))
    if kinds == {int}:
        return [str(value) for value in values]
    if kinds == {str} and not _COPY_ESCAPED.search("".join(values)):
        return values
    return [_copy_text(value) for value in values]


def _copy_text(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.translate(_COPY_ESCAPES)
    if isinstance(value, int):
        return str(value)
    assert isinstance(value, date), "columns hold text, integers, dates and instants"
    return value.isoformat()


def _next_ids(connection: Connection, table: Table, count: int) -> list[int]:
    if count == 0:
        return []
    if is_sqlite(connection):
        # We hold the only write lock, so nobody else can take these.
        last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        return list(range(last + 1, last + 1 + count))
    drawn = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return sorted(connection.execute(drawn, {"name": table.name, "count": count}).scalars())


def _wrapped(connection: Connection, statement: str, error: Exception) -> BaseException:
    driver_error = connection.dialect.loaded_dbapi.Error
    return DBAPIError.instance(statement, None, error, driver_error, hide_parameters=True, dialect=connection.dialect)


def _drop_values(context: ExceptionContext) -> None:
    _keep_primary_message(context.original_exception)
    wrapped = context.sqlalchemy_exception
    if wrapped is not None:
        wrapped.args = (f"({type(context.original_exception).__name__}) {context.original_exception}",)


def _keep_primary_message(error: BaseException) -> None:
    # PostgreSQL's DETAIL and CONTEXT quote the row: member ids would end up in logs and tracebacks.
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    if primary is not None:
        error.args = (primary,)
