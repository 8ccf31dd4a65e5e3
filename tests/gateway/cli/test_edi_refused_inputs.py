"""An archive that may not be opened is told as the fault of that file, and its neighbours are read all the same."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gateway.cli.conftest import Run
from tests.support.remittances import FILE


def cut_gzip(path: Path) -> None:
    path.write_bytes(gzip.compress(FILE.encode())[:-20])


def broken_zip(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 and nothing that follows")


@pytest.fixture(params=[cut_gzip, broken_zip])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """A sound file, one that is refused, and another sound one."""
    spoil: Callable[[Path], None] = request.param
    first, refused, last = tmp_path / "first.835", tmp_path / "refused.835", tmp_path / "last.835"
    first.write_text(FILE)
    spoil(refused)
    last.write_text(FILE)
    return [str(first), str(refused), str(last)]


@pytest.mark.parametrize("command", ["validate", "inspect"])
def test_one_refused_file_keeps_no_other_from_being_told(run_anywhere: Run, files: list[str], command: str) -> None:
    done = run_anywhere("edi", command, "--json", *files)
    assert done.code == 1
    told = done.json["files"]
    assert [file["name"] for file in told] == files
    assert [bool(file["fault"]) for file in told] == [False, True, False]
    assert "sent again" in told[1]["fault"]


def test_a_claim_is_found_in_the_files_beside_a_refused_one(run_anywhere: Run, files: list[str]) -> None:
    done = run_anywhere("edi", "inspect", "--claim", "PCN1", "--json", *files)
    assert done.code == 1
    assert len(done.json["found"]) == 2
    assert "refused.835" in done.err
