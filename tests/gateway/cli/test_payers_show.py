"""`claimwire payers show` and `payers check --secrets`, and a run that waits for a cutoff: what people and programs see."""

import shutil
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from gateway.clock import SystemClock
from gateway.domain.business_days import WEEKDAYS
from tests.gateway.cli.conftest import PAYERS, Run
from tests.support.desk_claims import sample_claim


@pytest.fixture
def partner(folder: Path) -> Path:
    """The profile of Meridian, which carries Northstar's claims, in a set of profiles of this test's own."""
    shutil.copytree(PAYERS, folder / "payers", ignore=shutil.ignore_patterns("*.py", "__pycache__", "py.typed"))
    settings = folder / "config.toml"
    settings.write_text(settings.read_text().replace(str(PAYERS), "payers"))
    return folder / "payers" / "partners" / "meridian.toml"


def set_timetable(partner: Path, table: str) -> None:
    head, _, tail = partner.read_text().partition("[timetable]")
    partner.write_text(f"{head}[timetable]\n{table}\n" + (tail[tail.index("\n[") :] if "\n[" in tail else ""))


def take_in(run: Run, folder: Path) -> None:
    """A claim of 125.00 to Northstar, served yesterday, taken in and passed by the edits."""
    claim = sample_claim("A1")
    served = SystemClock().now().date() - timedelta(days=1)
    lines = tuple(msgspec.structs.replace(line, service_from=served, service_through=served) for line in claim.lines)
    (folder / "a.json").write_bytes(msgspec.json.encode(msgspec.structs.replace(claim, lines=lines)))
    assert run("claims", "import", folder / "a.json").code == 0
    assert run("run", "scrub").code == 0
    assert [row["state"] for row in run("claims", "list", "--json").json] == ["ready"]


def test_each_partner_has_a_line_and_each_profile_a_page(run: Run, folder: Path) -> None:
    take_in(run, folder)
    listed = run("payers", "show")
    assert (listed.code, "lakeside" in listed.out, "meridian" in listed.out) == (0, True, True)
    assert [row["id"] for row in run("payers", "show", "--json").json] == ["lakeside", "meridian"]
    page = run("payers", "show", "meridian")
    assert page.code == 0
    for words in ("Partner meridian", "none: files go at every turn", "never tried", "What would go", "125.00"):
        assert words in page.out
    assert run("payers", "show", "meridian", "--json").json["partner"]["waiting"][0]["charge_cents"] == 12500
    payer = run("payers", "show", "northstar")
    assert (payer.code, "original 90 days" in payer.out) == (0, True)
    assert run("payers", "show", "northstar", "--json").json["payer"]["carrier"] == "meridian"


def test_a_profile_that_is_none_is_refused_with_those_that_are(run: Run) -> None:
    ran = run("payers", "show", "nobody")
    assert (ran.code, ran.out, "northstar" in ran.err) == (1, "", True)


def test_a_run_says_what_waits_for_a_cutoff_and_now_does_not_wait(run: Run, folder: Path, partner: Path) -> None:
    """The partner is open on one day of the week only, which is three days off."""
    take_in(run, folder)
    day = WEEKDAYS[(SystemClock().now().weekday() + 3) % 7]
    set_timetable(partner, f'cutoffs = ["12:00"]\ndays = ["{day}"]\nholidays = "none"')
    waiting = run("run", "batching", "--json")
    assert (waiting.code, waiting.json) == (0, {"batching": 0})
    assert "1 claim waits for meridian's cutoff of" in waiting.err
    assert "12:00" in run("payers", "show", "meridian").out
    assert run("run", "batching", "--now", "--json").json == {"batching": 1}


def test_a_secret_that_is_not_there_is_said_and_none_is_shown(
    run: Run, folder: Path, partner: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for each in partner.parent.glob("*.toml"):
        lines = [line for line in each.read_text().splitlines() if not line.startswith(("password", "key_file"))]
        each.write_text("\n".join(lines).replace("[sftp]", '[sftp]\npassword = "env:CLAIMWIRE_TEST_SECRET"', 1) + "\n")
    assert run("payers", "check").code == 0
    missing = run("payers", "check", "--secrets")
    assert missing.code == 1
    assert "partners/meridian.toml: sftp.password: the environment variable CLAIMWIRE_TEST_SECRET is unset" in missing.err
    assert len(run("payers", "check", "--secrets", "--json").json["problems"]) == 2
    monkeypatch.setenv("CLAIMWIRE_TEST_SECRET", "word-of-pass")
    there = run("payers", "check", "--secrets")
    assert (there.code, "word-of-pass" in there.out + there.err) == (0, False)


def test_a_broken_set_is_refused_by_what_works_and_told_by_what_shows(run: Run, partner: Path) -> None:
    partner.write_text(partner.read_text().replace("[envelope]", "[envelopes]"))
    assert run("run", "scrub").code == 2
    shown = run("payers", "show")
    assert (shown.code, "envelopes" in shown.err) == (0, True), "looking goes on with what is good, and says what is not"
