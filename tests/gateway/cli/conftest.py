"""The command line as it is called: arguments in, exit code and both streams out, in a folder with settings of its own."""

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import main
from gateway.db.engine import open_database
from gateway.db.migrations import upgrade

PAYERS = Path(__file__).parents[3] / "payers"


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code, and what it wrote on stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture
def run_anywhere(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run claimwire with these arguments, and these bytes on stdin."""

    def run(*arguments: object, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["claimwire", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        monkeypatch.setenv("COLUMNS", "200")
        capfd.readouterr()
        try:
            main()
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
        written = capfd.readouterr()
        return Ran(code, written.out, written.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with settings, the sample profiles and an empty, migrated SQLite database."""
    (tmp_path / "config.toml").write_text(
        f'[database]\nurl = "sqlite:///claims.db"\n[data]\nfolder = "data"\n[payers]\nfolder = "{PAYERS}"\n'
    )
    engine = open_database(f"sqlite:///{tmp_path / 'claims.db'}")
    upgrade(engine)
    engine.dispose()
    return tmp_path


@pytest.fixture
def run(run_anywhere: Run, folder: Path) -> Run:
    """Run claimwire on the folder's settings."""

    def run_here(*arguments: object, stdin: bytes = b"") -> Ran:
        return run_anywhere("--config", folder / "config.toml", *arguments, stdin=stdin)

    return run_here
