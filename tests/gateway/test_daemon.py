"""The daemon gives each job the profiles as they are at that moment, and outlives whatever a job raises."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.clock import TurnedClock
from gateway.config import Payers, Settings
from gateway.daemon import Daemon
from gateway.errors import TransientError
from gateway.pipeline.context import Context
from payers.profile import SAMPLES, load
from schedules.jobs import Job
from tests.support.worlds import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(SAMPLES, tmp_path / "payers", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path / "payers"


@pytest.fixture
def daemon(fresh_engine: Engine, folder: Path, tmp_path: Path, clock: TurnedClock) -> Daemon:
    world = World(fresh_engine, tmp_path / "archive", clock)
    return Daemon(Settings(payers=Payers(folder=folder)), replace(world.context, profiles=load(folder)))


def days_seen(daemon: Daemon) -> int:
    """Northstar's filing limit as a job sees it that runs now."""
    seen: list[int] = []

    def run(context: Context) -> int:
        seen.append(context.profiles.payers["northstar"].timely_filing.original_days)
        return 0

    daemon.run_job(Job("scrub", 1, run))
    return seen[0]


def test_a_profile_that_changed_is_in_force_at_the_next_job_without_a_restart(daemon: Daemon, folder: Path) -> None:
    assert days_seen(daemon) == 90
    northstar = folder / "northstar.toml"
    sound = northstar.read_text()
    northstar.write_text(sound.replace("original_days = 90", "original_days = 75"))
    assert days_seen(daemon) == 75
    northstar.write_text(sound.replace("original_days = 90", "original_days = ninety"))
    assert days_seen(daemon) == 75
    northstar.write_text(sound)
    assert days_seen(daemon) == 90


@pytest.mark.parametrize("error", [TransientError("the link is down"), KeyError("a bug of ours")])
def test_a_job_that_fails_stops_no_other(daemon: Daemon, error: Exception) -> None:
    def fail(_context: Context) -> int:
        raise error

    daemon.run_job(Job("delivery", 1, fail))
    assert days_seen(daemon) == 90
