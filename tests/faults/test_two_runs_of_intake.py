"""Two `claimwire run` at the same moment on one watched folder: every file is taken in once, and neither run breaks off."""

from pathlib import Path

from tests.support.loopback import Loopback

FILES = 60


def test_two_runs_share_a_watched_folder(tmp_path: Path) -> None:
    world = Loopback(tmp_path / "world")
    drop = world.folder / "intake"
    lines = world.invent(FILES, 5).read_bytes().splitlines()
    for number, line in enumerate(lines):
        (drop / f"{number:04}.json").write_bytes(line)
    runs = [world.start("run", "intake") for _ in range(2)]
    for process in runs:
        assert process.finish() == 0, process.output.read_text()
    assert [path.name for path in drop.iterdir()] == ["taken"]
    assert len(list((drop / "taken").iterdir())) == FILES
    assert len(world.read("claims", "list", "--limit", "1000")) == FILES
    world.succeed("verify")
