"""`claimwire edi mask` through the front door: the same findings, no patient, the same under one key, nothing half written."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[4] / "shared/corpus"
CLAIM = CORPUS / "837P/LinuxForHealth__x12__demo.837"
Run = Callable[..., Any]


def test_a_masked_file_has_no_patient_and_validates_as_before(run_anywhere: Run, tmp_path: Path) -> None:
    out = tmp_path / "masked"
    ran = run_anywhere("edi", "mask", CLAIM, "--out", out)
    assert (ran.code, ran.out) == (0, "")
    text = out.read_text()
    assert len(text) == len(CLAIM.read_text())
    for known in ("SMITH", "JS00111223333", "236 N MAIN ST", "19730501", "26463774", "20061003"):
        assert known in CLAIM.read_text()
        assert known not in text
    before, after = (run_anywhere("edi", "validate", path, "--json").json for path in (CLAIM, out))
    assert after["files"][0]["errors"] == before["files"][0]["errors"]


def test_one_key_gives_the_same_in_every_file_and_form_and_no_key_gives_another_each_time(
    run_anywhere: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(CLAIM.read_bytes()))
    one = run_anywhere("edi", "mask", CLAIM, "--key", "ours").out
    assert run_anywhere("edi", "mask", packed, "--key", "ours").out == one
    assert run_anywhere("edi", "mask", "-", "--key", "ours", stdin=CLAIM.read_bytes()).out == one
    assert run_anywhere("edi", "mask", CLAIM, "--key", "theirs").out != one
    assert len({one, *(run_anywhere("edi", "mask", CLAIM).out for _ in range(2))}) == 3
    monkeypatch.setenv("CLAIMWIRE_MASK_KEY", "ours")
    assert run_anywhere("edi", "mask", CLAIM).out == one


def test_a_file_that_breaks_off_or_is_no_x12_leaves_nothing(run_anywhere: Run, tmp_path: Path) -> None:
    given, out = tmp_path / "given", tmp_path / "out"
    for content in (b"", b"Dear support, Jon Doe called", b"ISA*00*", CLAIM.read_bytes() + b"X" * 200_000):
        given.write_bytes(content)
        ran = run_anywhere("edi", "mask", given, "--out", out)
        assert ran.code == 1
        assert "byte" in ran.err
        assert [path.name for path in tmp_path.iterdir()] == ["given"]


def test_what_is_there_is_not_overwritten_and_an_empty_key_is_wrong_usage(run_anywhere: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    assert run_anywhere("edi", "mask", CLAIM, "--out", out).code == 1
    assert out.read_text() == "mine"
    assert run_anywhere("edi", "mask", CLAIM, "--key", "").code == 2


def test_transactions_that_are_not_read_here_are_masked_too(run_anywhere: Run) -> None:
    """An 834 names members in INS, NM1, N3, DMG and HD."""
    enrolment = CORPUS / "other/LinuxForHealth__x12__enroll-employee-managed-care.834"
    text = run_anywhere("edi", "mask", enrolment).out
    for line in enrolment.read_text().splitlines():
        if line.startswith(("NM1*IL", "N3*", "DMG*", "REF*0F", "REF*SY", "PER*IP")):
            assert line not in text
