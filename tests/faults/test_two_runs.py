"""Two `claimwire run` at the same moment do the work of one."""

from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.support import postgres
from tests.support.loopback import Loopback, check_books


@pytest.mark.parametrize("database", DATABASES)
def test_three_runs_at_once_send_and_post_nothing_twice(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """Three processes run every stage at once, again and again; each claim goes out once and is posted once."""
    url = ""
    if database == "postgresql":
        server: postgres.Server = request.getfixturevalue("postgresql_server")
        url = server.empty_database()
    world = Loopback(tmp_path / "world", url)
    world.ask_nobody_else()
    imports = [world.start("claims", "import", str(world.invent(20, seed))) for seed in (7, 7, 8)]
    for process in imports:
        assert process.finish() == 0, process.output.read_text()
    with world.partners("perfect"):
        for _ in range(3):
            runs = [world.start("run") for _ in range(3)]
            for process in runs:
                assert process.finish() == 0, process.output.read_text()
        world.run_until_answered()
    world.succeed("verify")
    assert len(world.read("claims", "list", "--limit", "1000")) == 40, "the same file imported twice at once is taken in once"
    check_books(world)
