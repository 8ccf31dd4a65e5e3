"""A gateway on each database, without a wire: what people do needs none."""

from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.clock import TurnedClock
from gateway.errors import TransientError
from gateway.pipeline.context import Context
from gateway.transport import Transport
from gateway.transport.archive import Archive
from payers import profile
from payers.profile import Partner
from tests.support.worlds import World

PAYERS = Path(__file__).parents[3] / "payers"


@pytest.fixture
def context(fresh_engine: Engine, tmp_path: Path, clock: TurnedClock) -> Context:
    """A gateway with the sample profiles, an archive of its own and a clock that stands; no partner answers."""

    def unreachable(partner: Partner) -> AbstractContextManager[Transport]:
        raise TransientError(f"{partner.id} does not answer")

    return Context(
        engine=fresh_engine,
        profiles=profile.load(PAYERS),
        archive=Archive(tmp_path / "archive"),
        clock=clock,
        connect=unreachable,
    )


@pytest.fixture
def world(fresh_engine: Engine, tmp_path: Path, clock: TurnedClock) -> World:
    """A gateway of the sample profiles, without claims, at noon of Monday 2 March 2026, with a wire in memory."""
    return World(fresh_engine, tmp_path / "archive", clock)
