"""What the database knows of its own sizes, by which it chooses how to look things up."""

from gateway.db.engine import Engine, is_sqlite, writing


def count_anew(engine: Engine) -> None:
    """Have PostgreSQL count its tables: one that it takes for empty it reads from end to end for every few claims.

    It does so by itself about a minute after much was added, but the next stage begins at once. SQLite goes by its indexes.
    """
    if is_sqlite(engine):
        return
    with writing(engine) as connection:
        connection.exec_driver_sql("ANALYZE")
