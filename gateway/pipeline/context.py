"""What every stage is given: the database, the profiles, the archive, the clock and the way to the wire."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.clock import Clock
from gateway.db.engine import Engine
from gateway.transport import Connect
from gateway.transport.archive import Archive
from payers.profile import Profiles

Progress = Callable[[str, int, int], None]
"""Told as long work goes on: what, how many done, how many in all (0 where unknown)."""


def silent(what: str, done: int, total: int) -> None:
    """The progress of work nobody watches."""


@dataclass(frozen=True)
class Context:
    """One gateway at work. Stages take it, find their work in tables, and keep nothing between two runs."""

    engine: Engine
    profiles: Profiles
    archive: Archive
    clock: Clock
    connect: Connect
    progress: Progress = silent
    at_once: bool = False
    """A person wants it now: cutoffs, poll times and open circuits are not waited for."""
