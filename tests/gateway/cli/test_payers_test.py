"""`claimwire payers test` as it is called: what it prints, what it leaves alone, and how it exits."""

import shutil
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from gateway import config
from gateway.db.engine import open_database
from gateway.pipeline.links import connection_slot
from gateway.sandbox.sftp_server import SftpServer
from payers import profile
from tests.gateway.cli.conftest import PAYERS, Ran, Run

SECRET = "no-real-password"


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SftpServer]:
    """The sandbox's server with the folders of the sample partner."""
    monkeypatch.setenv("MERIDIAN_PASSWORD", SECRET)
    profile = tomllib.loads((PAYERS / "partners" / "meridian.toml").read_text())
    for folder in (profile["upload"]["folder"], profile["pickup"]["folder"]):
        (tmp_path / "served" / folder).mkdir(parents=True)
    with SftpServer(tmp_path / "served", host_key=tmp_path / "key", users={profile["sftp"]["username"]: SECRET}) as server:
        yield server


@pytest.fixture
def run_with(run_anywhere: Run, tmp_path: Path, sandbox: SftpServer) -> Run:
    """Run claimwire with the sample profiles, Meridian's pointing to the sandbox; `key` is the host key it trusts."""

    def run(*arguments: str, key: str = "") -> Ran:
        shutil.copytree(PAYERS, tmp_path / "payers", ignore=shutil.ignore_patterns("*.py", "__pycache__"), dirs_exist_ok=True)
        path = tmp_path / "payers" / "partners" / "meridian.toml"
        given = tomllib.loads(path.read_text())["sftp"]
        text = path.read_text().replace(given["host"], "127.0.0.1").replace(given["host_keys"][0], key or sandbox.fingerprint)
        path.write_text(text.replace(f"port = {given['port']}", f"port = {sandbox.port}"))
        (tmp_path / "config.toml").write_text(f'[data]\nfolder = "data"\n[payers]\nfolder = "{tmp_path / "payers"}"\n')
        return run_anywhere("--config", tmp_path / "config.toml", *arguments)

    return run


def test_it_prints_the_key_the_table_and_the_lines_of_the_profile(run_with: Run, sandbox: SftpServer, tmp_path: Path) -> None:
    ran = run_with("payers", "test", "meridian")
    assert (ran.code, "objection" in ran.err) == (0, False)
    for shown in (sandbox.fingerprint, "which the profile trusts", "plain rename", 'confirm = "content"', "The profile fits"):
        assert shown in ran.out
    assert SECRET not in ran.out
    assert [path for path in (tmp_path / "served").rglob("*") if "claimwire-test" in path.name] == []


def test_json_is_one_document(run_with: Run, sandbox: SftpServer) -> None:
    ran = run_with("payers", "test", "meridian", "--json")
    assert ran.code == 0
    assert ran.json["host_key"]["fingerprint"] == sandbox.fingerprint
    assert {trial["outcome"] for trial in ran.json["trials"]} <= {"yes", "no", "not tried"}
    assert ran.json["advice"]["mode"] == "rename"


def test_a_wrong_host_key_exits_1_and_shows_the_right_one(run_with: Run, sandbox: SftpServer) -> None:
    ran = run_with("payers", "test", "meridian", key="SHA256:" + "A" * 43)
    assert ran.code == 1
    assert f'host_keys = ["{sandbox.fingerprint}"]' in ran.out
    assert "NOT TRUSTED" in ran.out
    assert "objection" in ran.err


def test_a_partner_nobody_knows_is_refused_with_those_there_are(run_with: Run) -> None:
    ran = run_with("payers", "test", "nobody")
    assert ran.code == 1
    assert "no partner nobody; there are" in ran.err


def test_it_counts_among_the_connections_that_the_partner_allows(run_with: Run, sandbox: SftpServer, tmp_path: Path) -> None:
    """With all of them in use by a gateway nobody is dialled; with one left it is tried out, and leaves it free again."""
    assert run_with("db", "upgrade").code == 0
    settings = config.load(tmp_path / "config.toml")
    engine = open_database(settings.database.url)
    partner = profile.load(settings.payers.folder).partners["meridian"]
    assert partner.sftp is not None
    with ExitStack() as held:
        for _ in range(partner.sftp.connections_max - 1):
            held.enter_context(connection_slot(engine, partner))
        assert run_with("payers", "test", "meridian").code == 0
        with connection_slot(engine, partner):
            ran = run_with("payers", "test", "meridian")
    engine.dispose()
    assert ran.code == 1
    assert "connections the partner allows are in use; nothing was tried" in ran.err
    assert "Host key" not in ran.out
