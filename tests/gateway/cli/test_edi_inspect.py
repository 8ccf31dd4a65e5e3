"""claimwire edi inspect: what is in a file in words and in JSON, one claim in full, whatever the file is."""

import gzip
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from edi.interchange import Reader
from edi.tools.summaries import summarise
from tests.gateway.cli.conftest import Run
from tests.support.professional import claim_of, written
from tests.support.remittances import FILE, GS, ISA, TRAILERS
from tests.support.sets import CORPUS, corpus_rows, interchange_of

ROWS = corpus_rows("")
CLAIMS = interchange_of(
    written(claim_of(), claim_of(patient_control_number="PCN2", charge_cents=10000)), "HC", "005010X222A1"
)  # fmt: skip


def write(folder: Path, content: str | bytes, name: str = "a.835") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
    return path


def summary_of(run: Run, *arguments: object, stdin: bytes = b"") -> Any:
    """What is said of the one file."""
    ran = run("edi", "inspect", "--json", *arguments, stdin=stdin)
    assert ran.code == 0
    (file,) = ran.json["files"]
    return file


def test_a_remittance_is_told_with_its_money(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "inspect", write(tmp_path, FILE))
    assert (ran.code, ran.err) == (0, "")
    for said in (
        "ZZ INVENTEDPAYER → ZZ INVENTEDCLINIC  2026-01-05 08:00  control number 000000905",
        "test",
        "delimiters * : ^ ~",
        "HP (remittances)",
        "835 Health Care Claim Payment/Advice",
        "INVENTED CLINIC (XX 1999999984)",
        "EFT0001",
        "4 denied",
    ):
        assert said in ran.out
    facts = summary_of(run_anywhere, tmp_path / "a.835")["interchanges"][0]["groups"][0]["sets"][0]["facts"]
    assert {name: value for name, value in facts.items() if isinstance(value, int)} == {
        "claims": 2, "lines": 2, "amount_cents": 13250, "charge_cents": 28000, "paid_cents": 12050, "patient_cents": 2500,
        "provider_adjustments": 2, "provider_adjustment_cents": -1200, "unexplained_cents": 0,
    }  # fmt: skip


def test_money_that_nothing_explains_is_said(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "inspect", write(tmp_path, FILE.replace("BPR*I*132.5", "BPR*I*140")))
    assert "7.50: claims and provider adjustments do not make the amount" in ran.out


def test_claims_are_listed_by_their_numbers(run_anywhere: Run, tmp_path: Path) -> None:
    file = summary_of(run_anywhere, write(tmp_path, CLAIMS))
    (one,) = file["interchanges"][0]["groups"][0]["sets"]
    assert [row["claim"] for row in one["rows"]] == ["PCN1", "PCN2"]
    assert one["rows"][0] == {
        "claim": "PCN1", "payer": "INVENTED PAYER (PI 99999)", "service_from": "2024-01-15", "lines": 1, "charge_cents": 10000,
    }  # fmt: skip
    assert one["facts"]["submitter"] == "INVENTED BILLING (46 SUB1)"
    assert file["totals"]["837P"] == {
        "sets": 1, "segments": 40, "errors": 0, "warnings": 0, "claims": 2, "lines": 2, "charge_cents": 20000,
    } | {"segments": one["segments"]}  # fmt: skip


def test_names_of_patients_stay_out_of_the_list(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "inspect", write(tmp_path, CLAIMS))
    assert "PCN1" in ran.out
    assert "TESTPERSON" not in ran.out


def test_a_limit_shortens_the_list_and_not_the_totals(run_anywhere: Run, tmp_path: Path) -> None:
    path = write(tmp_path, FILE)
    ran = run_anywhere("edi", "inspect", "--limit", 1, path)
    assert "and 1 more; --limit shows more" in ran.out
    file = summary_of(run_anywhere, "--limit", 0, path)
    assert (file["interchanges"][0]["groups"][0]["sets"], file["totals"]["835"]["claims"]) == ([], 2)


def test_one_claim_is_shown_in_full_wherever_it_occurs(run_anywhere: Run, tmp_path: Path) -> None:
    paths = write(tmp_path, CLAIMS, "a.837"), write(tmp_path, FILE, "a.835")
    ran = run_anywhere("edi", "inspect", "--claim", "PCN2", *paths)
    assert ran.code == 0
    assert "837P Claim" in ran.out
    assert "835 ClaimPayment" in ran.out
    assert "PCN1" not in ran.out
    for said in ("status: 4  (denied → ", "last name: TESTPERSON", "charge: 80.00", "birth date: 1980-01-31"):
        assert said in ran.out
    assert "reason: 29  (" in ran.out


def test_a_claim_in_json_is_its_document(run_anywhere: Run, tmp_path: Path) -> None:
    told = run_anywhere("edi", "inspect", "--json", "--claim", "PCN1", write(tmp_path, FILE)).json
    (found,) = told["found"]
    assert (found["first_position"], found["kind"]) == (12, "ClaimPayment")
    assert found["document"]["paid_cents"] == 12050


def test_a_claim_that_is_nowhere_is_said(run_anywhere: Run, tmp_path: Path) -> None:
    ran = run_anywhere("edi", "inspect", "--claim", "NONE", write(tmp_path, FILE))
    assert (ran.code, ran.out) == (1, "")
    assert "No claim with this number" in ran.err


@pytest.mark.parametrize(("version", "code"), [("004010X098A1", "837"), ("005010X220A1", "834"), ("005010X218", "820")])
def test_what_is_not_read_is_named_with_its_envelope(run_anywhere: Run, tmp_path: Path, version: str, code: str) -> None:
    text = ISA + GS.replace("005010X221A1", version) + f"ST*{code}*0001~\nBGN*00~\nSE*3*0001~\n" + TRAILERS
    file = summary_of(run_anywhere, write(tmp_path, text))
    (one,) = file["interchanges"][0]["groups"][0]["sets"]
    assert (one["transaction"], one["segments"], one["version"]) == (code, 3, version)
    assert version in one["refused"]
    assert "not read" in run_anywhere("edi", "inspect", tmp_path / "a.835").out


def test_several_interchanges_are_told_apart(run_anywhere: Run, tmp_path: Path) -> None:
    """The second has delimiters of its own."""
    odd = FILE.replace("~\n", "\n").replace("*", "|").replace(":", ">").replace("|T|>", "|P|>").replace("000000905", "000000906")
    file = summary_of(run_anywhere, write(tmp_path, FILE + odd))
    assert [one["header"]["isa_control_number"] for one in file["interchanges"]] == [905, 906]
    assert [one["header"]["usage"] for one in file["interchanges"]] == ["T", "P"]
    ran = run_anywhere("edi", "inspect", tmp_path / "a.835")
    assert "delimiters | > ^ LF" in ran.out
    assert file["totals"]["835"]["amount_cents"] == 26500


def test_a_set_outside_any_group_is_listed(run_anywhere: Run, tmp_path: Path) -> None:
    file = summary_of(run_anywhere, write(tmp_path, FILE.replace(GS, "").replace("GE*1*7~\n", "")))
    (interchange,) = file["interchanges"]
    assert (len(interchange["sets"]), interchange["groups"], file["set_count"]) == (1, [], 1)
    assert "Outside any group" in run_anywhere("edi", "inspect", tmp_path / "a.835").out


def test_acknowledgments_of_interchanges_are_told(run_anywhere: Run, tmp_path: Path) -> None:
    text = ISA + "TA1*000000007*260104*1200*R*001~\n" + "IEA*0*000000905~\n"
    ran = run_anywhere("edi", "inspect", write(tmp_path, text))
    assert "TA1  answers interchange 000000007: rejected (note 001" in ran.out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "nothing but blanks"),
        (os.urandom(5000).replace(b"I", b"J"), "does not begin with an ISA"),
        (FILE.encode()[:60], "the stream ends within the ISA"),
    ],
)
def test_what_is_no_x12_is_said_with_the_byte(run_anywhere: Run, content: bytes, said: str) -> None:
    ran = run_anywhere("edi", "inspect", "-", stdin=content)
    assert (ran.code, said in ran.out, "(at byte " in ran.out) == (1, True, True)


def test_a_file_cut_short_is_told_as_far_as_it_goes(run_anywhere: Run, tmp_path: Path) -> None:
    file = summary_of(run_anywhere, write(tmp_path, FILE[: FILE.index("CLP*PCN2")]))
    assert (file["totals"]["835"]["claims"], file["envelope_findings"]) == (1, 2)


@pytest.mark.parametrize("packed", ["stdin", "gzip", "zip"])
def test_packed_files_are_opened(run_anywhere: Run, tmp_path: Path, packed: str) -> None:
    stdin, path = b"", write(tmp_path, FILE)
    if packed == "gzip":
        path.write_bytes(gzip.compress(FILE.encode()))
    elif packed == "zip":
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr("inner.835", FILE)
        path.write_bytes(content.getvalue())
    else:
        path, stdin = Path("-"), FILE.encode()
    assert summary_of(run_anywhere, path, stdin=stdin)["totals"]["835"]["claims"] == 2


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["path"])
def test_every_sample_file_is_told(run_anywhere: Run, row: dict[str, str]) -> None:
    """As many sets as the index says, and never a float among the numbers."""
    path = CORPUS / row["path"]
    summary = summarise([path.read_bytes()], 100)
    assert summary.set_count == int(row["st"])
    assert sum(total["sets"] for total in summary.totals.values()) == int(row["st"])
    assert {type(value) for total in summary.totals.values() for value in total.values()} <= {int}
    ran = run_anywhere("edi", "inspect", path)
    assert (ran.code, "\x1b" in ran.out) == (0, False)


def test_no_more_than_one_claim_is_held_in_memory(tmp_path: Path) -> None:
    """Thirty times the claims in one set do not take more than some megabytes more."""
    head, rest = FILE.split("CLP*PCN1", 1)
    claims, tail = "CLP*PCN1" + rest.split("PLB*", 1)[0], "PLB*" + rest.split("PLB*", 1)[1]
    program = (
        "import resource, sys; from gateway.cli import main; sys.argv = ['claimwire', 'edi', 'inspect', sys.argv[1]]\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
    )

    def peak_kib(times: int) -> int:
        path = write(tmp_path, head + claims * times + tail)
        ran = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
        assert f"{2 * times}" in ran.stdout
        return int(ran.stderr.split()[-1])

    small = peak_kib(500)
    assert peak_kib(15_000) < small + 20_000


def test_the_file_of_these_tests_is_sound() -> None:
    reader = Reader([CLAIMS])
    assert [tset.segment_count for tset in reader if list(tset)]
    assert not reader.findings
