"""What is asked of a database, and the way in which it looks for the answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

Statement = tuple[str, Any]
"""SQL and its parameters as the driver gets them."""


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[Statement]]:
    """The list of every statement that the engine runs meanwhile."""
    ran: list[Statement] = []

    def keep(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        ran.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", keep)
    try:
        yield ran
    finally:
        event.remove(engine, "before_cursor_execute", keep)


def explain(connection: Connection, statement: Statement) -> str:
    """The plan of a statement, a step a line; PostgreSQL's as if its tables were too large to read or sort whole."""
    sql, parameters = statement
    if connection.dialect.name == "sqlite":
        return "\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters))
    for method in ("seqscan", "sort", "bitmapscan"):
        connection.exec_driver_sql(f"SET LOCAL enable_{method} = off")
    return "\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}", parameters).scalars())
