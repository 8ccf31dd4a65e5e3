"""What killed processes left half written in the archive goes once it is a day old, and nothing else ever does."""

import os
from datetime import timedelta

import pytest

from gateway.config import Data, Database, Settings
from gateway.db.locks import exclusive
from gateway.pipeline import leftovers
from schedules.jobs import list_jobs
from tests.support.worlds import World, make_claim


def leave(world: World, name: str, hours_ago: int) -> None:
    """Half a file, last written to so long ago."""
    path = world.archive_folder / name
    path.write_bytes(b"half")
    written = (world.clock.now() - timedelta(hours=hours_ago)).timestamp()
    os.utime(path, (written, written))


def test_half_a_file_goes_after_a_day_and_whole_ones_stay(world: World) -> None:
    world.take_in(make_claim("A1"))
    kept = sorted(path for path in world.archive_folder.rglob("*"))
    world.turn(days=400)
    leave(world, ".unfinished-old", 25)
    leave(world, ".unfinished-new", 23)
    assert leftovers.run(world.context) == 1
    assert sorted(world.archive_folder.rglob("*")) == sorted([*kept, world.archive_folder / ".unfinished-new"])


def test_whoever_clears_away_does_so_alone(world: World) -> None:
    leave(world, ".unfinished-old", 25)
    with exclusive(world.engine, "archive") as ours:
        assert ours
        assert leftovers.run(world.context) == 0
    assert leftovers.run(world.context) == 1


@pytest.mark.parametrize("fresh_engine", ["sqlite"], indirect=True)
def test_the_daemon_clears_away_at_its_start_and_every_day(world: World) -> None:
    settings = Settings(database=Database(), data=Data(folder=world.archive_folder.parent))
    (job,) = (job for job in list_jobs(settings) if job.name == "leftovers")
    leave(world, ".unfinished-old", 25)
    assert (job.seconds, job.run(world.context)) == (86_400, 1)
