"""Several processes that do the same to one database at the same moment."""

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event, select, update

from gateway.db.engine import open_database, writing
from gateway.db.migrations import upgrade
from gateway.db.numbers import draw
from gateway.db.tables import control_number
from tests.support.processes import PROCESSES


def run_at_once(work: Callable[..., Any], engine: Engine, processes: int, *arguments: object) -> list[Any]:
    """What `work(url, *arguments)` returned in each of `processes` new processes, which share nothing but the database."""
    url = engine.url.render_as_string(hide_password=False)
    with PROCESSES.Pool(processes) as pool:
        return pool.starmap(work, [(url, *arguments)] * processes, chunksize=1)


def increment(url: str, series: str, times: int) -> None:
    """Read a number and write it back one greater, `times` times, each time in a transaction."""
    engine = open_database(url)
    of_series = control_number.c.series == series
    for _ in range(times):
        with writing(engine) as connection:
            last = connection.execute(select(control_number.c.last).where(of_series).with_for_update()).scalar_one()
            connection.execute(update(control_number).where(of_series).values(last=last + 1))
    engine.dispose()


def draw_numbers(url: str, series: str, times: int) -> list[int]:
    """Draw `times` numbers, each in a transaction."""
    engine = open_database(url)
    event.listen(engine, "connect", _trust_the_machine)
    numbers = []
    for _ in range(times):
        with writing(engine) as connection:
            numbers.append(draw(connection, series))
    engine.dispose()
    return numbers


def _trust_the_machine(connection: Any, _record: object) -> None:
    """Thousands of commits need not reach the disk where processes race, but no power fails."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")


def upgrade_database(url: str) -> None:
    """Bring the database up to date."""
    engine = open_database(url)
    upgrade(engine)
    engine.dispose()
