"""kill -9 at every named place of every stage, then `claimwire run` again: nothing lost, nothing sent or posted twice."""

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.support import postgres
from tests.support.loopback import Loopback, check_books, kill_at

ROOT = Path(__file__).parents[2]
CLAIMS = 6
STAGES = ("intake", "scrub", "batching", "delivery", "pickup", "archive", "ingest", "posting", "followup")


def list_crashpoints() -> list[str]:
    """Every crash point that the source names."""
    found: set[str] = set()
    for path in (ROOT / "gateway").rglob("*.py"):
        found.update(re.findall(r'crashpoint\("([a-z_.]+)"\)', path.read_text(encoding="utf-8")))
    return sorted(found)


@pytest.fixture(scope="module", params=DATABASES)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loopback]:
    """A gateway on each database, with partners that pay everything at once."""
    url = ""
    if request.param == "postgresql":
        server: postgres.Server = request.getfixturevalue("postgresql_server")
        url = server.empty_database()
    world = Loopback(tmp_path_factory.mktemp("kill"), url)
    world.ask_nobody_else()
    with world.partners("perfect"):
        yield world


def test_every_stage_has_a_place_to_be_killed() -> None:
    """A stage without a crash point would not be tested below."""
    assert {name.partition(".")[0] for name in list_crashpoints()} == set(STAGES)


def leave_packed(world: Loopback) -> None:
    """A partner leaves a packed report."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("report.txt", "an invented report")
    (world.folder / "sandbox" / "lakeside" / "out" / "packed.zip").write_bytes(packed.getvalue())


def move_copies(world: Loopback) -> None:
    """From now on copies are moved, not deleted."""
    (world.folder / "sandbox" / "lakeside" / "fetched").mkdir(exist_ok=True)
    profile = world.folder / "payers" / "partners" / "lakeside.toml"
    profile.write_text(profile.read_text().replace('after = "delete"', 'after = "move"\nmove_to = "fetched"'))
    (world.folder / "sandbox" / "lakeside" / "out" / "report.txt").write_text("an invented report")


PREPARE = {"pickup.unpacked": leave_packed, "pickup.remote_moved": move_copies}
"""What must be so before a crash point is reached that partners as they are never lead to."""


@pytest.mark.parametrize("crashpoint", list_crashpoints())
def test_a_kill_loses_and_doubles_nothing(world: Loopback, crashpoint: str) -> None:
    """After the kill a further run brings every claim to its end, once; the seven invariants hold; two books agree."""
    seed = 1000 + list_crashpoints().index(crashpoint)
    claims = world.invent(CLAIMS, seed)
    commands = [["claims", "import", str(claims)], ["run"]]
    if crashpoint == "intake.file_done":
        claims.rename(world.folder / "intake" / claims.name)
        commands = [["run"]]

    if crashpoint in PREPARE:
        PREPARE[crashpoint](world)
    kill_at(world, crashpoint, commands)
    if claims.exists():
        world.succeed("claims", "import", str(claims))
    world.run_until_answered()

    world.succeed("verify")
    check_books(world)
