"""A change of a profile is in force at the next job; a broken file leaves what it last said in force and becomes work."""

import errno
import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from gateway.pipeline.profiles import ProfileKeeper, read_stamp
from payers.profile import SAMPLES, Profiles, load
from tests.support.worlds import World


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample profiles."""
    shutil.copytree(SAMPLES, tmp_path / "payers", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return tmp_path / "payers"


@pytest.fixture
def keeper(folder: Path) -> ProfileKeeper:
    return ProfileKeeper(folder, load(folder))


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, "the sample says so"
    file.write_text(text.replace(old, new), encoding="utf-8")


def refresh(keeper: ProfileKeeper, world: World) -> Profiles:
    return keeper.refresh(world.context).profiles


def test_a_change_is_in_force_at_the_next_look(keeper: ProfileKeeper, folder: Path, world: World) -> None:
    before = refresh(keeper, world)
    assert refresh(keeper, world) is before
    change(folder / "northstar.toml", "original_days = 90", "original_days = 75")
    assert refresh(keeper, world).payers["northstar"].timely_filing.original_days == 75
    assert world.work() == []


def test_a_file_of_the_same_size_and_time_is_told_by_its_inode(keeper: ProfileKeeper, folder: Path, world: World) -> None:
    refresh(keeper, world)
    file = folder / "northstar.toml"
    known, other = file.stat(), folder / "northstar.new"
    other.write_text(file.read_text(encoding="utf-8").replace("original_days = 90", "original_days = 75"), encoding="utf-8")
    os.utime(other, ns=(known.st_atime_ns, known.st_mtime_ns))
    other.replace(file)
    assert (file.stat().st_size, file.stat().st_mtime_ns) == (known.st_size, known.st_mtime_ns)
    assert refresh(keeper, world).payers["northstar"].timely_filing.original_days == 75


def test_a_broken_file_leaves_its_last_good_version_in_force_and_the_others_change(
    keeper: ProfileKeeper, folder: Path, world: World
) -> None:
    partner = folder / "partners" / "meridian.toml"
    before = refresh(keeper, world).partners["meridian"]
    change(partner, "usage =", "usages =")
    change(folder / "northstar.toml", "original_days = 90", "original_days = 75")
    now = refresh(keeper, world)
    assert now.partners["meridian"] == before
    assert now.payers["northstar"].timely_filing.original_days == 75
    (sentence,) = world.sentences("broken_profile")
    assert sentence.startswith("partners/meridian.toml is wrong: envelope.usage")
    assert "did you mean usage?" in sentence


def test_a_mended_file_closes_its_item_and_a_file_broken_anew_opens_another(
    keeper: ProfileKeeper, folder: Path, world: World
) -> None:
    partner = folder / "partners" / "meridian.toml"
    for _ in range(2):
        change(partner, "usage =", "usages =")
        refresh(keeper, world)
        assert world.work() == ["broken_profile"]
        change(partner, "usages =", "usage =")
        refresh(keeper, world)
        assert world.work() == []


def test_what_was_broken_before_a_restart_is_closed_by_the_daemon_that_reads_it_right(
    keeper: ProfileKeeper, folder: Path, world: World
) -> None:
    change(folder / "northstar.toml", "original_days", "original_dayz")
    refresh(keeper, world)
    change(folder / "northstar.toml", "original_dayz", "original_days")
    refresh(ProfileKeeper(folder, load(folder)), world)
    assert world.work() == []


@pytest.mark.parametrize("content", [b"", b"id = ", b"\xff\xfe", b"id = 'northstar'\n"])
def test_no_content_of_a_file_stops_the_gateway(keeper: ProfileKeeper, folder: Path, world: World, content: bytes) -> None:
    before = refresh(keeper, world)
    (folder / "northstar.toml").write_bytes(content)
    assert refresh(keeper, world) == before
    assert world.work() == ["broken_profile"]


def test_no_value_is_shown_that_stands_in_the_wrong_place(keeper: ProfileKeeper, folder: Path, world: World) -> None:
    change(folder / "partners" / "meridian.toml", "port =", 'password = "hunter2"\nport =')
    refresh(keeper, world)
    assert world.sentences("broken_profile")
    assert all("hunter2" not in sentence for sentence in world.sentences("broken_profile"))


def test_a_new_payer_is_there_and_a_removed_one_is_gone(keeper: ProfileKeeper, folder: Path, world: World) -> None:
    text = (folder / "northstar.toml").read_text(encoding="utf-8")
    (folder / "northstar.toml").unlink()
    assert "northstar" not in refresh(keeper, world).payers
    (folder / "northstar.toml").write_text(text, encoding="utf-8")
    assert "northstar" in refresh(keeper, world).payers
    assert world.work() == []


def test_a_new_file_that_is_wrong_is_left_out(keeper: ProfileKeeper, folder: Path, world: World) -> None:
    before = refresh(keeper, world)
    (folder / "newcomer.toml").write_text('id = "newcomer"\n', encoding="utf-8")
    assert refresh(keeper, world) == before
    assert world.work() == ["broken_profile"]


def test_a_payer_that_claims_anothers_id_stays_as_it_was(keeper: ProfileKeeper, folder: Path, world: World) -> None:
    before = refresh(keeper, world)
    change(folder / "northstar.toml", '"NSP77"', '"BHH01"')
    assert refresh(keeper, world) == before
    assert "already means blueharbor" in world.sentences("broken_profile")[0]


def test_a_partner_that_payers_still_need_cannot_be_removed(keeper: ProfileKeeper, folder: Path, world: World) -> None:
    before = refresh(keeper, world)
    (folder / "partners" / "lakeside.toml").unlink()
    assert refresh(keeper, world) == before
    assert world.sentences("broken_profile")[0].startswith("lakeside_health.toml is wrong: partner")


def test_a_folder_that_went_away_leaves_everything_in_force(keeper: ProfileKeeper, folder: Path, world: World) -> None:
    before = refresh(keeper, world)
    folder.rename(folder.with_name("elsewhere"))
    assert refresh(keeper, world) == before
    assert world.work() == ["broken_profile"]
    folder.with_name("elsewhere").rename(folder)
    refresh(keeper, world)
    assert world.work() == []


@pytest.mark.parametrize("where", ["", "partners", "partners/meridian.toml"])
def test_a_disk_that_fails_leaves_everything_in_force_and_is_asked_again_at_each_look(
    keeper: ProfileKeeper, folder: Path, world: World, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    before = refresh(keeper, world)
    failing = folder / where

    def fail(path: Path, *_: object) -> NoReturn:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    for name in ("iterdir", "read_bytes"):
        ask = getattr(Path, name)
        monkeypatch.setattr(Path, name, lambda path, ask=ask: fail(path) if path == failing else ask(path))
    (folder / "northstar.toml").touch()
    assert refresh(keeper, world) == before
    (sentence,) = world.sentences("broken_profile")
    assert "Input/output error" in sentence
    monkeypatch.undo()
    refresh(keeper, world)
    assert world.work() == []


def test_what_an_editor_hides_is_no_change(keeper: ProfileKeeper, folder: Path, world: World) -> None:
    before, stamp = refresh(keeper, world), read_stamp(folder)
    (folder / ".#northstar.toml").symlink_to("ada@desk.example.4711:1")
    (folder / ".hidden.toml").write_text("nonsense", encoding="utf-8")
    assert read_stamp(folder) == stamp
    assert refresh(keeper, world) is before
    assert world.work() == []


def test_a_new_partner_that_takes_anothers_answers_is_left_out_whatever_it_is_called(
    keeper: ProfileKeeper, folder: Path, world: World
) -> None:
    before = refresh(keeper, world)
    text = (folder / "partners" / "meridian.toml").read_text(encoding="utf-8")
    for name in ("another", "zenith"):
        copy = folder / "partners" / f"{name}.toml"
        copy.write_text(text.replace('id = "meridian"', f'id = "{name}"'), encoding="utf-8")
        assert refresh(keeper, world) == before
        assert world.work() == ["broken_profile"]
        copy.unlink()
    assert refresh(keeper, world) == before
    assert world.work() == []
