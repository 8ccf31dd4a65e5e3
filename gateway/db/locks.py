"""Locks between processes that the system lets go of by itself when their holder dies."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from gateway.db.engine import is_sqlite
from gateway.db.failures import named_failures


@contextmanager
def exclusive(engine: Engine, name: str) -> Iterator[bool]:
    """Try to be the only holder of `name` while the block runs: True if we are, False if somebody else is; never waits.

    PostgreSQL: an advisory lock on a connection of its own; where the server drops that, the lock is gone and nobody is
    told, so what must happen once is guarded by the state of its row as well. SQLite: flock on
    `<database file>.locks/<name>.lock`, so all processes must be on the machine the file is on; a database in memory has
    no such lock. Raises TransientError where the database is away.
    """
    held = _exclusive_file(engine, name) if is_sqlite(engine) else _exclusive_session(engine, name)
    with held as ours:
        yield ours


@contextmanager
def _exclusive_file(engine: Engine, name: str) -> Iterator[bool]:
    database = engine.url.database
    assert database not in (None, "", ":memory:"), "a database in memory is nobody else's"
    folder = Path(f"{database}.locks")
    folder.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(folder / f"{quote(name, safe=' ')}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _try_flock(handle)
    finally:
        os.close(handle)


def _try_flock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _exclusive_session(engine: Engine, name: str) -> Iterator[bool]:
    key = _key_of(name)
    with ExitStack() as stack:
        with named_failures():
            connection = stack.enter_context(engine.connect())
            connection.execution_options(isolation_level="AUTOCOMMIT")
            # Never back into the pool: a connection that died or kept its lock must not serve anyone else.
            connection.detach()
            ours = connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one()
        try:
            yield ours
        finally:
            if ours and not connection.invalidated:
                with suppress(DBAPIError):  # where the server dropped the connection, it let go of the lock as well
                    connection.execute(select(func.pg_advisory_unlock(key)))


def _key_of(name: str) -> int:
    digest = hashlib.sha256(f"claimwire lock {name}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
