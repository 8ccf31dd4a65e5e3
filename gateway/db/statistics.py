"""What the database knows of its own sizes, by which it chooses how to look things up."""

from sqlalchemy.exc import DBAPIError
from structlog import get_logger

from gateway.db.engine import Engine, is_sqlite, writing
from gateway.errors import PermanentError, TransientError

_log = get_logger(__name__)


def count_anew(engine: Engine) -> None:
    """Have PostgreSQL count its tables: one that it takes for empty it reads from end to end for every few claims.

    It does so by itself about a minute after much was added, but the next stage begins at once. Where it cannot, that is a
    line in the log and nothing more. SQLite goes by its indexes.
    """
    if is_sqlite(engine):
        return
    try:
        with writing(engine) as connection:
            connection.exec_driver_sql("ANALYZE (SKIP_LOCKED)")
    except (DBAPIError, TransientError, PermanentError) as error:
        _log.warning("statistics.not_counted", error=type(error).__name__)
