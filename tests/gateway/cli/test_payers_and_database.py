"""`claimwire payers` and `claimwire db`: what is wrong with a profile, and whether the tables are those of this version."""

import shutil
from pathlib import Path

import pytest

from tests.gateway.cli.conftest import PAYERS, Run


def test_the_sample_profiles_are_listed_and_found_sound(run: Run) -> None:
    assert {row["id"] for row in run("payers", "list", "--json").json} >= {"northstar", "blueharbor"}
    checked = run("payers", "check")
    assert (checked.code, "Nothing is wrong." in checked.out) == (0, True)
    assert run("payers", "check", PAYERS, "--json").json["problems"] == []


def test_every_problem_of_every_profile_is_said_with_exit_2(run: Run, tmp_path: Path) -> None:
    spoilt = tmp_path / "profiles"
    shutil.copytree(PAYERS, spoilt, ignore=shutil.ignore_patterns("*.py", "__pycache__", "py.typed"))
    for name, wrong in (("northstar", "overdue_days = 0\ncolour = 1\n"), ("blueharbor", "nonsense")):
        path = spoilt / f"{name}.toml"
        text = "\n".join(line for line in path.read_text().splitlines() if not line.startswith("overdue_days"))
        head, bracket, tail = text.partition("\n[")
        path.write_text(f"{head}\n{wrong}\n{bracket}{tail}")
    checked = run("payers", "check", spoilt)
    assert (checked.code, checked.out) == (2, "")
    for words in ("northstar.toml: overdue_days", "northstar.toml: colour", "blueharbor.toml"):
        assert words in checked.err
    as_json = run("payers", "check", spoilt, "--json")
    assert (as_json.code, len(as_json.json["problems"]) >= 3) == (2, True)


@pytest.fixture
def spoilt(folder: Path) -> Path:
    """A set of profiles with one that is wrong, which the settings point to."""
    profiles = folder / "profiles"
    shutil.copytree(PAYERS, profiles, ignore=shutil.ignore_patterns("*.py", "__pycache__", "py.typed"))
    (profiles / "northstar.toml").write_text("nonsense")
    config = folder / "config.toml"
    config.write_text(config.read_text().replace(str(PAYERS), str(profiles)))
    return profiles


@pytest.mark.parametrize(
    "command", ["work list", "claims list", "verify", "payers list", "payers show", "claims recheck --held --reason tried"]
)
def test_a_wrong_profile_is_said_and_keeps_nobody_from_looking_and_settling(run: Run, spoilt: Path, command: str) -> None:
    ran = run(*command.split())
    assert (ran.code, "northstar.toml: is not TOML" in ran.err) == (0, True)
    assert "northstar" not in ran.out


@pytest.mark.parametrize(
    "command", ["run", "claims import -", "batches preview", "payers check", "claims void A1 --reason tried"]
)
def test_what_judges_or_sends_claims_refuses_while_a_profile_is_wrong(run: Run, spoilt: Path, command: str) -> None:
    ran = run(*command.split())
    assert (ran.code, "northstar.toml: is not TOML" in ran.err) == (2, True)


def test_what_goes_to_a_wrong_partner_is_left_out_with_it_and_no_profiles_at_all_are_refused(run: Run, spoilt: Path) -> None:
    (spoilt / "partners" / "meridian.toml").write_text("nonsense")
    assert [row["id"] for row in run("payers", "list", "--json").json] == ["lakeside_health"]
    shutil.rmtree(spoilt)
    assert run("work", "list").code == 2


def test_a_database_is_brought_from_nothing_to_the_tables_of_today(run_anywhere: Run, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "sqlite:///new/claims.db"\n[payers]\nfolder = "{PAYERS}"\n')
    here = ("--config", config)
    early = run_anywhere(*here, "claims", "list")
    assert (early.code, "claimwire db upgrade makes it" in early.err) == (1, True)
    before = run_anywhere(*here, "db", "status", "--json")
    assert (before.code, before.json["present"], before.json["is_current"]) == (1, "", False)
    assert "run claimwire db upgrade" in run_anywhere(*here, "db", "status").out
    assert run_anywhere(*here, "db", "upgrade").code == 0
    assert "up to date already" in run_anywhere(*here, "db", "upgrade").out
    after = run_anywhere(*here, "db", "status", "--json")
    assert (after.code, after.json["is_current"]) == (0, True)
    assert run_anywhere(*here, "claims", "list").code == 0


def test_a_database_that_does_not_answer_is_said_without_a_traceback(run_anywhere: Run, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[database]\nurl = "postgresql://claimwire:secret-word@127.0.0.1:1/claims"\n')
    ran = run_anywhere("--config", config, "db", "status")
    assert (ran.code, "the database cannot be reached" in ran.err) == (1, True)
    assert "secret-word" not in ran.err + ran.out
