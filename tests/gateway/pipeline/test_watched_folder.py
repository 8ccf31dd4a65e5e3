"""The watched folder: a file that cannot be read or moved is told of, and keeps nothing else waiting."""

import errno
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from gateway.db.locks import exclusive
from gateway.pipeline import intake_folder
from tests.support.worlds import World, make_claims


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    """A folder with a file of each of three claims."""
    folder = tmp_path / "drop"
    folder.mkdir()
    for claim in make_claims("A1", "A2", "A3"):
        (folder / f"{claim.patient_control_number}.json").write_bytes(msgspec.json.encode(claim))
    return folder


@pytest.fixture
def forbid(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Let the disk refuse an act (a method of Path) on what bears a name, as it does for want of rights."""

    def arrange(act: str, name: str) -> None:
        done = getattr(Path, act)

        def refuse(path: Path, *arguments: object) -> object:
            if path.name == name:
                raise PermissionError(errno.EACCES, "Permission denied")
            return done(path, *arguments)

        monkeypatch.setattr(Path, act, refuse)

    return arrange


def taken_in(world: World) -> list[str]:
    return sorted(world.states())


@pytest.mark.parametrize("act", ["open", "is_file"])
def test_a_file_that_may_not_be_read_is_told_of_and_the_next_is_taken_in(
    world: World, drop: Path, forbid: Callable[[str, str], None], act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbid(act, "A1.json")
    assert intake_folder.run(world.context, drop) == 2
    assert taken_in(world) == ["A2", "A3"]
    (sentence,) = world.sentences("intake_refused")
    assert sentence.startswith("In the intake folder A1.json cannot be read (Permission denied). Let claimwire read and move ")
    monkeypatch.undo()
    assert intake_folder.run(world.context, drop) == 1
    assert taken_in(world) == ["A1", "A2", "A3"]
    assert world.work() == []


def test_files_that_may_not_be_moved_are_told_of_and_taken_in_once(
    world: World, drop: Path, forbid: Callable[[str, str], None]
) -> None:
    forbid("replace", "A1.json")
    forbid("replace", "A2.json")
    for _ in range(2):
        intake_folder.run(world.context, drop)
    assert taken_in(world) == ["A1", "A2", "A3"]
    assert [path.name for path in sorted(drop.iterdir())] == ["A1.json", "A2.json", "taken"]
    (sentence,) = world.sentences("intake_refused")
    assert "A1.json cannot be moved to taken/ (Permission denied), and 1 more." in sentence


def test_a_folder_that_may_not_be_read_stops_no_other_stage(world: World, drop: Path, forbid: Callable[[str, str], None]) -> None:
    forbid("iterdir", "drop")
    assert intake_folder.run(world.context, drop) == 0
    assert "the folder itself cannot be read (Permission denied)" in world.sentences("intake_refused")[0]


def test_a_folder_that_is_not_there_is_told_of_until_it_is(world: World, tmp_path: Path, drop: Path) -> None:
    """A share that is not mounted, or a name mistyped: nothing comes in, and nobody would know."""
    away = drop.rename(tmp_path / "away")
    assert intake_folder.run(world.context, drop) == 0
    assert "the folder itself cannot be read (No such file or directory)" in world.sentences("intake_refused")[0]
    away.rename(drop)
    assert intake_folder.run(world.context, drop) == 3
    assert world.work() == []


def test_what_another_process_is_taking_in_is_left_to_it(world: World, drop: Path) -> None:
    with exclusive(world.engine, "intake-folder") as ours:
        assert ours
        assert intake_folder.run(world.context, drop) == 0
    assert intake_folder.run(world.context, drop) == 3
