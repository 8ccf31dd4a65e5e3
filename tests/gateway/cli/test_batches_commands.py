"""What a person says of batches, through the front door: one answer, a reason, and refused in plain words."""

from pathlib import Path

import pytest

from tests.gateway.cli.conftest import Run
from tests.support.uploads import write_upload
from tests.support.worlds import MERIDIAN, PROFILES, make_claims


@pytest.mark.parametrize("options", [(), ("--arrived", "--lost")], ids=["neither", "both"])
def test_a_batch_is_settled_one_way_or_the_other(run: Run, options: tuple[str, ...]) -> None:
    ran = run("batches", "settle", "1", *options, "--reason", "asked")
    assert (ran.code, "either --arrived or --lost" in ran.err) == (2, True)


@pytest.mark.parametrize("option", ["--arrived", "--lost"])
def test_a_batch_that_is_not_there_is_refused(run: Run, option: str) -> None:
    ran = run("batches", "settle", "1", option, "--reason", "asked")
    assert (ran.code, "there is no batch 1" in ran.err) == (1, True)
    assert run("batches", "settle", "1", option).code == 2


def test_a_batch_that_is_not_there_is_not_sent_again(run: Run) -> None:
    ran = run("batches", "resend", "1", "--reason", "asked")
    assert (ran.code, "there is no batch 1" in ran.err) == (1, True)
    assert run("batches", "resend", "1").code == 2


def test_a_file_put_there_by_hand_is_registered_and_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "BYHAND.837"
    file.write_bytes(write_upload(PROFILES.partners[MERIDIAN], make_claims("X1", "X2"), isa_control_number=500))
    options = ("--partner", MERIDIAN, "--reason", "the line was down")
    ran = run("batches", "register", str(file), *options)
    assert (ran.code, "none of ours. It is kept as batch 1 (2 claims)" in ran.out.replace("\n", " ")) == (0, True)
    again = run("batches", "register", str(file), *options)
    assert (again.code, "which is sent already" in again.err) == (1, True)
    assert '"remote_name":"BYHAND.837"' in run("batches", "list", "--json").out.replace(" ", "")


def test_a_file_that_is_no_837_is_refused(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear partner")
    ran = run("batches", "register", str(file), "--partner", MERIDIAN, "--reason", "the line was down")
    assert (ran.code, "cannot be read as X12" in ran.err) == (1, True)
    assert run("batches", "register", str(tmp_path / "none"), "--partner", MERIDIAN, "--reason", "x").code == 2
