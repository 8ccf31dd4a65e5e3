"""`claimwire edi convert` through the front door: every form, from files and stdin, whole or not at all, what is lost said."""

import gzip
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[4] / "shared/corpus"
CLAIM = CORPUS / "837P/LinuxForHealth__x12__demo.837"
SHORTEST = CLAIM.read_text().strip().replace("*UN*1.0*", "*UN*1*") + "\n"
Run = Callable[..., Any]


def test_json_on_stdout_is_one_document_a_line_and_comes_back_as_x12(run_anywhere: Run, tmp_path: Path) -> None:
    made = run_anywhere("edi", "convert", CLAIM, "--to", "json")
    assert (made.code, made.err) == (0, "")
    kinds = [next(iter(json.loads(line))) for line in made.out.splitlines()]
    assert kinds == ["interchange", "group", "set", "submission_head", "claim"]
    back = run_anywhere("edi", "convert", "-", "--to", "x12", stdin=made.out.encode())
    assert (back.code, back.out) == (0, SHORTEST)


def test_gzip_and_a_zip_of_one_file_give_the_same(run_anywhere: Run, tmp_path: Path) -> None:
    packed, zipped = tmp_path / "claims.gz", tmp_path / "claims.zip"
    packed.write_bytes(gzip.compress(CLAIM.read_bytes()))
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("claims.837", CLAIM.read_bytes())
    plain = run_anywhere("edi", "convert", CLAIM, "--to", "csv").out
    assert plain.startswith("isa_control_number,")
    assert run_anywhere("edi", "convert", packed, "--to", "csv").out == plain
    assert run_anywhere("edi", "convert", zipped, "--to", "csv").out == plain


def test_a_zip_of_two_files_is_refused_and_nothing_is_written(run_anywhere: Run, tmp_path: Path) -> None:
    zipped, out = tmp_path / "claims.zip", tmp_path / "out.csv"
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr("a.837", CLAIM.read_bytes())
        archive.writestr("b.837", CLAIM.read_bytes())
    ran = run_anywhere("edi", "convert", zipped, "--to", "csv", "--out", out)
    assert ran.code == 1
    assert "several files" in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["claims.zip"]


def test_x12_gets_the_delimiters_and_line_ends_that_are_asked_for(run_anywhere: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = ("edi", "convert", CLAIM, "--to", "x12", "--delimiters", "|>!~", "--line-ends", "none", "--out", out)
    assert run_anywhere(*command).code == 0
    text = out.read_text()
    assert text.startswith("ISA|")
    assert text[82] == "!"
    assert text[104:106] == ">~"
    assert "\n" not in text
    assert run_anywhere("edi", "convert", out, "--to", "x12", "--delimiters", "*:^~").out == SHORTEST


def test_what_is_there_is_not_overwritten_unless_forced(run_anywhere: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    refused = run_anywhere("edi", "convert", CLAIM, "--to", "json", "--out", out)
    assert refused.code == 1
    assert "--force" in refused.err
    assert out.read_text() == "mine"
    assert run_anywhere("edi", "convert", CLAIM, "--to", "json", "--out", out, "--force").code == 0
    assert out.read_text().startswith('{"interchange"')
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_findings_are_said_on_stderr_with_exit_1_and_the_output_is_there(run_anywhere: Run, tmp_path: Path) -> None:
    broken, out = tmp_path / "broken", tmp_path / "out"
    broken.write_bytes(CLAIM.read_bytes().replace(b"CLM*26463774*100*", b"CLM*26463774*ten*"))
    ran = run_anywhere("edi", "convert", broken, "--to", "json", "--out", out)
    assert ran.code == 1
    assert "make no document and are not in the JSON" in ran.err
    assert "CLM02" in ran.err
    assert "26463774" not in ran.err
    assert out.read_text().count("\n") == 4
    whole = run_anywhere("edi", "convert", broken, "--to", "json", "--segments")
    assert whole.code == 0 or "not in the JSON" not in whole.err
    assert "26463774" in whole.out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "nothing but blanks"),
        (b"%PDF-1.7 \x00\xff", "ISA"),
        (b"ISA*00*", "ISA"),
    ],
)
def test_what_is_no_x12_is_said_with_its_place_and_leaves_no_file(
    run_anywhere: Run, tmp_path: Path, content: bytes, told: str
) -> None:
    given, out = tmp_path / "given", tmp_path / "out"
    given.write_bytes(content)
    for to in ("json", "csv", "x12"):
        ran = run_anywhere("edi", "convert", given, "--to", to, "--out", out)
        assert ran.code == 1
        assert told in ran.err
        assert not out.exists()


def test_a_bad_line_of_json_is_said_by_its_number_and_leaves_no_file(run_anywhere: Run, tmp_path: Path) -> None:
    given, out = tmp_path / "given", tmp_path / "out"
    given.write_text(run_anywhere("edi", "convert", CLAIM, "--to", "json").out.replace("charge_cents", "charge", 1))
    ran = run_anywhere("edi", "convert", given, "--to", "x12", "--out", out)
    assert ran.code == 1
    assert "line 5" in ran.err
    assert not out.exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("missing", "--to", "json"),
        (CLAIM, "--to", "pdf"),
        (CLAIM,),
        (CLAIM, "--to", "x12", "--delimiters", "ABCD"),
        (CLAIM, "--to", "x12", "--delimiters", "*:"),
        (CLAIM, "--to", "json", "--out", "/no/such/folder/out"),
    ],
)
def test_wrong_usage_leaves_with_2(run_anywhere: Run, arguments: tuple[object, ...]) -> None:
    assert run_anywhere("edi", "convert", *arguments).code == 2


def test_a_delimiter_that_stands_in_a_value_is_refused_with_its_place(run_anywhere: Run, tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.write_bytes(CLAIM.read_bytes().replace(b"26463774", b"2646|774"))
    ran = run_anywhere("edi", "convert", given, "--to", "x12", "--delimiters", "|:^~", "--out", tmp_path / "out")
    assert ran.code == 1
    assert "CLM01" in ran.err
    assert "at byte" in ran.err
    assert "2646" not in ran.err
