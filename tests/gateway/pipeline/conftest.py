"""The world that each test of the pipeline has to itself."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.clock import TurnedClock
from tests.support.worlds import World


@pytest.fixture
def world(fresh_engine: Engine, tmp_path: Path, clock: TurnedClock) -> World:
    """A gateway of the sample profiles, without claims, at noon of Monday 2 March 2026."""
    return World(fresh_engine, tmp_path / "archive", clock)
