"""`claimwire run`: every stage by its name, intake among them, and what killed processes left is cleared away."""

import os
from datetime import timedelta
from pathlib import Path

import msgspec

from gateway.clock import SystemClock
from tests.gateway.cli.conftest import Run
from tests.support.desk_claims import sample_claim


def test_intake_runs_by_its_name_on_the_folder_of_the_settings(run: Run, folder: Path) -> None:
    (folder / "drop").mkdir()
    (folder / "drop" / "a.json").write_bytes(msgspec.json.encode(sample_claim("A1")))
    with (folder / "config.toml").open("a") as settings:
        settings.write('[serve]\nintake_folder = "drop"\n')
    ran = run("run", "intake", "--json")
    assert (ran.code, ran.json) == (0, {"intake": 1})
    assert [row["state"] for row in run("claims", "list", "--json").json] == ["received"]
    assert run("run", "scrub", "--json").json == {"scrub": 1}


def test_intake_without_a_folder_is_wrong_usage(run: Run) -> None:
    ran = run("run", "intake")
    assert (ran.code, "set intake_folder in [serve]" in " ".join(ran.err.split())) == (2, True)


def test_a_stage_that_is_none_is_told_with_those_that_are(run: Run) -> None:
    ran = run("run", "washing")
    assert (ran.code, "intake, scrub, batching" in " ".join(ran.err.split())) == (2, True)


def test_a_run_clears_away_what_a_killed_process_left_days_ago(run: Run, folder: Path) -> None:
    assert run("run", "scrub").code == 0
    half = folder / "data" / "archive" / ".unfinished-x"
    half.write_bytes(b"half")
    written = (SystemClock().now() - timedelta(days=2)).timestamp()
    os.utime(half, (written, written))
    assert run("run", "scrub").code == 0
    assert not half.exists()
