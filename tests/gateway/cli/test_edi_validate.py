"""claimwire edi validate: every finding with its place, its segment and a mark; the exit code; nothing of patients in JSON."""

import gzip
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.gateway.cli.conftest import Run
from tests.support.remittances import FILE, GS, ISA, TRAILERS
from tests.support.sets import CORPUS, corpus_rows

BROKEN = FILE.replace("DTM*405*20260104", "DTM*405*20269904").replace("CLP*PCN2*4*80", "CLP*PCN2*4*81")
ROWS = corpus_rows("")


def write(folder: Path, text: str, name: str = "a.835") -> Path:
    path = folder / name
    path.write_bytes(text.encode("latin-1"))
    return path


def test_a_clean_file_is_called_clean(run_anywhere: Run, tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    ran = run_anywhere("edi", "validate", path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == f"{path}: clean in 1 set\n"


def test_a_wrong_element_is_underlined(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "validate", write(tmp_path, BROKEN))
    assert ran.code == 1
    lines = ran.out.splitlines()
    assert lines[0].endswith("a.835, interchange 000000905, set 1 (835 0001)")
    at = lines.index("    DTM*405*20269904")
    assert lines[at + 1] == "            ^^^^^^^^"
    assert lines[at - 1] == "    DTM02 is no date  [IK403 8]"
    assert "segment 4 DTM, element 2" in lines[at - 2]


def test_sums_are_checked_across_elements(run_anywhere: Run, tmp_path: Path) -> None:
    """PCN2 was charged 81 and adjusted 80, and nothing was paid."""
    found = run_anywhere("edi", "validate", "--json", write(tmp_path, BROKEN)).json["files"][0]["findings"]
    balance = [one for one in found if one["level"] == "balance"]
    assert [(one["code"], one["segment"], one["position"], one["gravity"]) for one in balance] == [
        ("claim_balance", "CLP", 27, "error")
    ]


def test_a_missing_segment_is_told_where_it_should_stand(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "validate", write(tmp_path, FILE.replace("TRN*1*EFT0001*1512345678~\n", "")))
    lines = ran.out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith("^ TRN should follow"))
    assert lines[at - 1].strip().startswith("BPR*I*132.5")
    assert lines[at].index("^") == len(lines[at - 1])


def test_json_is_one_document_without_segments(run_anywhere: Run, tmp_path: Path) -> None:
    """A finding says where and what, and nothing that stood in the file."""
    ran = run_anywhere("edi", "validate", "--json", write(tmp_path, FILE.replace("DTM*232*20251201", "DTM*232*SECRETLY")))
    assert ran.code == 1
    (file,) = ran.json["files"]
    assert (file["errors"], file["warnings"], file["sets"], file["fault"]) == (1, 0, 1, None)
    (found,) = file["findings"]
    assert found["file"] == file["name"]
    assert {key: found[key] for key in ("code", "level", "loop", "segment", "position", "element", "set", "transaction")} == {
        "code": "8", "level": "element", "loop": "2100", "segment": "DTM", "position": 14, "element": 2, "set": 1,
        "transaction": "835",
    }  # fmt: skip
    assert "SECRETLY" not in ran.out


def test_json_holds_segments_where_they_are_asked_for(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "validate", "--json", "--show-segments", write(tmp_path, BROKEN))
    found = next(one for one in ran.json["files"][0]["findings"] if one["code"] == "8")
    assert found["segment_text"][found["mark_start"] : found["mark_end"]] == "20269904"


@pytest.mark.parametrize("wrapped", ["plain", "gzip", "zip", "stdin", "stdin gzip"])
def test_however_a_file_comes_the_same_is_found(run_anywhere: Run, tmp_path: Path, wrapped: str) -> None:
    """Also the segments, for which the file is looked at a second time while it is read: 900 sets, one in three wrong."""
    sets = [(BROKEN if number % 3 else FILE)[len(ISA + GS) : -len(TRAILERS)] for number in range(900)]
    numbered = "".join(one.replace("*0001~", f"*{number:04}~") for number, one in enumerate(sets, 1))
    text = ISA + GS + numbered + TRAILERS.replace("GE*1*", "GE*900*")
    path, stdin = write(tmp_path, text), b""
    if "gzip" in wrapped:
        path = tmp_path / "a.bin"
        path.write_bytes(gzip.compress(text.encode()))
    elif wrapped == "zip":
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.835", text)
    if "stdin" in wrapped:
        path, stdin = Path("-"), path.read_bytes()
    ran = run_anywhere("edi", "validate", "--json", "--show-segments", path, stdin=stdin)
    found = ran.json["files"][0]["findings"]
    assert len(found) == 1200
    assert {one["segment_text"] for one in found} == {"DTM*405*20269904", "CLP*PCN2*4*81*0**12*ICN2"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "nothing but blanks"),
        (b"  \r\n \n", "nothing but blanks"),
        (bytes(range(256)) * 50, "does not begin with an ISA"),
        (b"%PDF-1.7 not a claim", "does not begin with an ISA"),
        (FILE.encode()[:80], "the stream ends within the ISA"),
    ],
)
def test_what_is_no_x12_is_said_with_the_byte_and_a_hint(run_anywhere: Run, content: bytes, said: str) -> None:
    ran = run_anywhere("edi", "validate", "-", stdin=content)
    assert ran.code == 1
    assert said in ran.out
    assert "(at byte " in ran.out
    told = run_anywhere("edi", "validate", "-", "--json", stdin=content)
    assert (told.code, said in told.json["files"][0]["fault"]) == (1, True)


def test_what_came_before_the_end_of_x12_is_checked(run_anywhere: Run, tmp_path: Path) -> None:
    """The first interchange is wrong in one place; the second stops being one."""
    data = BROKEN.encode() + ISA.encode()[:50] + b"\0" * 70_000
    path = tmp_path / "a"
    path.write_bytes(data)
    file = run_anywhere("edi", "validate", "--json", path).json["files"][0]
    assert [one["segment"] for one in file["findings"] if one["set"]] == ["DTM", "CLP"]
    assert file["fault_offset"] >= len(BROKEN)


def test_a_file_cut_short_names_what_is_missing(run_anywhere: Run, tmp_path: Path) -> None:
    found = run_anywhere("edi", "validate", "--json", write(tmp_path, FILE[: FILE.index("PLB")])).json["files"][0]["findings"]
    assert {("set", "2", "SE"), ("group", "3", "GE"), ("interchange", "023", "IEA")} <= {
        (one["level"], one["code"], one["segment"]) for one in found
    }


def test_findings_of_the_envelope_show_its_segments(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "validate", write(tmp_path, FILE.replace("GE*1*7", "GE*4*7")))
    lines = ran.out.splitlines()
    assert lines[0].endswith("interchange 000000905, envelope")
    at = lines.index("    GE*4*7")
    assert lines[at + 1] == "       ^"


@pytest.mark.parametrize("version", ["004010X098A1", "005010X220A1"])
def test_a_set_that_is_not_read_here_is_refused_by_name(run_anywhere: Run, tmp_path: Path, version: str) -> None:
    code = "834" if "220" in version else "837"
    text = ISA + GS.replace("005010X221A1", version) + f"ST*{code}*0001~\nBGN*00~\nSE*3*0001~\n" + TRAILERS
    ran = run_anywhere("edi", "validate", write(tmp_path, text))
    assert ran.code == 1
    assert code in ran.out
    assert version in ran.out


def test_several_files_are_told_apart_and_one_wrong_one_is_enough(run_anywhere: Run, tmp_path: Path) -> None:
    good, bad = write(tmp_path, FILE, "good"), write(tmp_path, BROKEN, "bad")
    ran = run_anywhere("edi", "validate", "--json", good, bad)
    assert ran.code == 1
    assert [(Path(file["name"]).name, file["errors"]) for file in ran.json["files"]] == [("good", 0), ("bad", 2)]


def test_no_more_than_the_limit_is_listed_and_all_are_counted(run_anywhere: Run, tmp_path: Path) -> None:
    path = write(tmp_path, BROKEN)
    file = run_anywhere("edi", "validate", "--json", "--limit", 1, path).json["files"][0]
    assert (len(file["findings"]), file["errors"]) == (1, 2)
    assert "1 more finding; --limit shows more" in run_anywhere("edi", "validate", "--limit", 1, path).out


def test_a_missing_file_is_wrong_usage(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "validate", tmp_path / "none")
    assert (ran.code, "does not exist" in ran.err) == (2, True)


def test_nothing_that_steers_a_terminal_gets_out(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "validate", write(tmp_path, FILE.replace("SAMPLE*ANN", "SAM\x1b[31mPLE*ANN")))
    assert ran.code == 1
    assert "\x1b" not in ran.out


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["path"])
def test_every_sample_file_is_judged_without_a_crash(run_anywhere: Run, row: dict[str, str]) -> None:
    """Its verdict and its exit code say the same, and every located finding shows the segment it names or the one before it."""
    ran = run_anywhere("edi", "validate", "--json", "--show-segments", CORPUS / row["path"])
    (file,) = ran.json["files"]
    assert ran.code == (1 if file["errors"] or file["fault"] else 0)
    for one in file["findings"]:
        if one["level"] == "element" and one["position"]:
            assert one["segment_text"].startswith(one["segment"])
    assert json.loads(ran.out)["files"][0]["sets"] == int(row["st"])


def test_a_big_file_is_checked_in_the_memory_of_a_small_one(tmp_path: Path) -> None:
    """Sixty times the sets, each with findings, do not take more than some megabytes more."""
    program = (
        "import resource, sys; from gateway.cli import main; sys.argv = ['claimwire', 'edi', 'validate', sys.argv[1]]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )

    def peak_kib(times: int) -> int:
        path = write(tmp_path, ISA + GS + BROKEN[len(ISA + GS) : -len(TRAILERS)] * times + TRAILERS, f"{times}.835")
        command = [sys.executable, "-c", program, str(path)]
        return int(subprocess.run(command, capture_output=True, text=True, check=True).stderr.split()[-1])

    small = peak_kib(50)
    assert peak_kib(3_000) < small + 20_000


def test_a_file_that_is_no_x12_is_told_as_stopped(run_anywhere: Run, tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(b"Dear payer")
    ran = run_anywhere("edi", "validate", tmp_path / "letter")
    assert ran.code == 1
    assert "letter: stopped in 0 sets" in ran.out
