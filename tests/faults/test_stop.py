"""SIGTERM in the middle of work: the daemon stops at once and cleanly, and what it left is taken up again."""

import time
from pathlib import Path

from tests.support.loopback import RESTING, Loopback, check_books

SECONDS_MAX = 15


def test_a_stopped_daemon_loses_nothing(tmp_path: Path) -> None:
    """The daemon is stopped three times while claims are under way, then left to finish; two books agree."""
    world = Loopback(tmp_path / "world")
    with world.partners("perfect"):
        for seed in (1, 2, 3):
            claims = world.invent(30, seed)
            daemon = world.start("serve")
            claims.rename(world.folder / "intake" / claims.name)
            time.sleep(1 + seed)
            stopped = time.monotonic()
            daemon.process.terminate()
            assert daemon.finish(60) == 0, daemon.output.read_text()
            assert time.monotonic() - stopped < SECONDS_MAX
            world.succeed("verify")
        for left in (world.folder / "intake").glob("*.jsonl"):
            world.succeed("claims", "import", str(left))
        world.run_until_answered()
    world.succeed("verify")
    check_books(world)
    assert {row["state"] for row in world.read("claims", "list", "--limit", "1000")} <= RESTING
