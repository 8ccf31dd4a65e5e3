"""`claimwire edi split` through the front door: all files or none, nothing overwritten, what is in none of them said."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[4] / "shared/corpus"
CLAIMS = CORPUS / "837P/imsweb__x12-parser__x12_multiple_st.txt"
PAYMENT = CORPUS / "835/LinuxForHealth__x12__managed-care.835"
CLAIM = CORPUS / "837P/LinuxForHealth__x12__demo.837"
Run = Callable[..., Any]


def test_pieces_go_into_a_new_folder_and_again_into_another_with_the_same_names(run_anywhere: Run, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    assert run_anywhere("edi", "split", CLAIM, "--by", "claim", "--out", one).out == f"1 file in {one}\n"
    run_anywhere("edi", "split", "-", "--by", "claim", "--out", other, stdin=CLAIM.read_bytes())
    names = [path.name for path in one.iterdir()]
    assert names == ["0001-000000907-g001-1-s00001-0021-c000001.837"]
    assert [path.read_bytes() for path in one.iterdir()] == [path.read_bytes() for path in other.iterdir()]
    assert run_anywhere("edi", "validate", one / names[0]).code == run_anywhere("edi", "validate", CLAIM).code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]


def test_nothing_that_is_there_is_overwritten_and_then_nothing_is_written(run_anywhere: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run_anywhere("edi", "split", CLAIMS, "--by", "set", "--out", out)
    names = sorted(path.name for path in out.iterdir())
    assert len(names) > 1
    (out / names[0]).unlink()
    (out / names[1]).write_text("mine")
    ran = run_anywhere("edi", "split", CLAIMS, "--by", "set", "--out", out)
    assert ran.code == 1
    assert "there already" in ran.err
    assert (out / names[1]).read_text() == "mine"
    assert not (out / names[0]).exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_files_beside_the_new_ones_stay(run_anywhere: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    assert run_anywhere("edi", "split", CLAIM, "--by", "set", "--out", tmp_path).code == 0
    assert len(list(tmp_path.iterdir())) == 2


def test_a_payment_by_claim_is_refused_with_the_reason(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "split", PAYMENT, "--by", "claim", "--out", tmp_path / "out")
    assert ran.code == 1
    assert "BPR02" in ran.err
    assert "--by payment" in ran.err
    assert run_anywhere("edi", "split", PAYMENT, "--by", "payment", "--out", tmp_path / "out").code == 0


def test_a_file_that_breaks_off_leaves_no_folder(run_anywhere: Run, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_bytes(CLAIM.read_bytes() + b"X" * 200_000)
    assert run_anywhere("edi", "split", given, "--by", "set", "--out", tmp_path / "out").code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["given"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("missing", "--by", "set", "--out", "out"),
        (CLAIM, "--by", "page", "--out", "out"),
        (CLAIM, "--by", "set"),
        (CLAIM, "--by", "set", "--out", "/no/such/folder/out"),
        (CLAIM, "--by", "set", "--out", CLAIM),
        (CLAIM, "--by", "set", "--max-claims", "5", "--out", "out"),
        (CLAIM, "--by", "claim", "--max-claims", "0", "--out", "out"),
    ],
)
def test_wrong_usage_leaves_with_2(
    run_anywhere: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[object, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_anywhere("edi", "split", *arguments).code == 2
    assert not list(tmp_path.iterdir())
