"""What the database's errors mean to a caller: try again, stop, or a bug of ours that stays as it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError

from gateway.errors import PermanentError, TransientError

FOR_NOW = {
    "SQLITE_BUSY": "another process keeps the database locked",
    "SQLITE_BUSY_RECOVERY": "another process is recovering the database",
    "SQLITE_BUSY_SNAPSHOT": "another process wrote to the database first",
    "40001": "another transaction wrote first",
    "40P01": "two transactions waited for each other",
    "55P03": "another transaction keeps a row locked",
    "53300": "the database has no connection left",
    "57P01": "the database is shutting down",
    "57P02": "the database is recovering from a crash",
    "57P03": "the database is starting",
}
"""SQLite's error names and PostgreSQL's SQLSTATEs after which the same may succeed later: an allow-list."""

FOR_GOOD = {
    "SQLITE_FULL": "the database's disk is full",
    "53100": "the database's disk is full",
    "SQLITE_CANTOPEN": "the database's file cannot be opened; where it is not there yet, claimwire db upgrade makes it",
    "SQLITE_NOTADB": "the database's file is no database",
    "SQLITE_CORRUPT": "the database's file is damaged; restore it from a backup, then run claimwire verify",
    "SQLITE_READONLY_DIRECTORY": "the folder of the database's file may not be written to",
    "SQLITE_IOERR_WRITE": "the database's disk refuses to be written to",
    "SQLITE_IOERR_FSYNC": "the database's disk refuses to be written to",
    "SQLITE_IOERR_READ": "the database's disk cannot be read",
}
"""Those that need a person first."""


@contextmanager
def named_failures() -> Iterator[None]:
    """Raise TransientError or PermanentError for the errors of the lists above; all others pass through unchanged."""
    try:
        yield
    except DBAPIError as error:
        code = _code_of(error)
        if code in FOR_GOOD:
            raise PermanentError(FOR_GOOD[code]) from error
        if code in FOR_NOW:
            raise TransientError(FOR_NOW[code]) from error
        if error.connection_invalidated or _never_connected(error):
            raise TransientError("the database cannot be reached") from error
        raise


def _code_of(error: DBAPIError) -> str:
    return getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "pgcode", None) or ""


def _never_connected(error: DBAPIError) -> bool:
    # libpq gives a code with everything the server says, and none when there is no server to say it.
    return isinstance(error, OperationalError) and getattr(error.orig, "pgcode", "") is None
