"""`claimwire claims`: what is taken in, what is refused and where, and what a person does to a claim, through the front door."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from edi.claims import Claim
from gateway.clock import SystemClock
from tests.gateway.cli.conftest import PAYERS, Run
from tests.support.desk_claims import sample_claim

SERVED = SystemClock().now().date() - timedelta(days=20)


def recent(number: str) -> Claim:
    """A sound claim served lately."""
    claim = sample_claim(number)
    return msgspec.structs.replace(claim, lines=(msgspec.structs.replace(claim.lines[0], service_from=SERVED),))


def write_claims(path: Path, *claims: Claim, spoilt: str = "") -> Path:
    """A file with a claim a line, and a spoilt line after the first."""
    lines = [msgspec.json.encode(claim).decode() for claim in claims]
    path.write_text("\n".join([lines[0], *([spoilt] if spoilt else []), *lines[1:]]))
    return path


def test_what_is_good_is_taken_in_and_the_rest_is_said_with_its_place(run: Run, tmp_path: Path) -> None:
    file = write_claims(tmp_path / "monday.jsonl", recent("A1"), recent("A2"), spoilt='{"patient_control_number": 7}')
    first = run("claims", "import", file)
    assert first.code == 1
    assert "monday.jsonl: 2 new, 0 already known, 1 refused" in first.out
    assert "refused: monday.jsonl, line 2: Expected `str`, got `int`" in first.out
    assert "docs/claim-files.md" in first.out
    again = run("claims", "import", file, "--json")
    assert again.code == 1
    assert (again.json["new"], again.json["known"], again.json["refused"]) == (0, 2, 1)
    assert again.json["files"][0]["refusals"][0]["position"] == "line 2"


def test_one_bad_file_of_a_folder_does_not_stop_the_others(run: Run, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (inbox / "inner").mkdir(parents=True)
    (inbox / "a.837").write_bytes(b"ISA*this is no interchange")
    (inbox / "b.csv").write_text("colour,size\nred,7\n")
    (inbox / ".hidden").write_text("not looked at")
    write_claims(inbox / "c.jsonl", recent("B1"))
    report = run("claims", "import", inbox, "--json")
    assert report.code == 1
    assert [(one["name"], one["new"]) for one in report.json["files"]] == [("a.837", 0), ("b.csv", 0), ("c.jsonl", 1)]
    assert all(one["refusals"] for one in report.json["files"][:2])
    assert report.json["charge_cents"] == 12_500


def test_claims_come_from_stdin_and_all_is_well(run: Run) -> None:
    report = run("claims", "import", "-", stdin=msgspec.json.encode(recent("C1")))
    assert (report.code, "stdin: 1 new" in report.out) == (0, True)
    assert "C1" in run("claims", "list").out


def test_a_file_without_a_claim_needs_a_person(run: Run) -> None:
    empty_list = run("claims", "import", "-", stdin=b"[]")
    assert (empty_list.code, "there is no claim in it" in empty_list.out) == (1, True)


def test_a_file_that_is_not_there_is_wrong_usage(run: Run, tmp_path: Path) -> None:
    missing = run("claims", "import", tmp_path / "nothing.837")
    assert (missing.code, "does not exist" in missing.err) == (2, True)


def test_a_claim_is_listed_by_state_and_payer(run: Run, tmp_path: Path) -> None:
    run("claims", "import", write_claims(tmp_path / "two.jsonl", recent("D1"), recent("D2")))
    run("claims", "hold", "D1", "--reason", "the practice asked")
    held = run("claims", "list", "--state", "held", "--json").json
    assert [(one["pcn"], one["state"], one["charge_cents"]) for one in held] == [("D1", "held", 12_500)]
    assert len(run("claims", "list", "--payer", "northstar", "--json").json) == 2
    assert run("claims", "list", "--payer", "blueharbor", "--json").json == []
    assert "No such claims." in run("claims", "list", "--payer", "blueharbor").out
    few = run("claims", "list", "--limit", "1")
    assert "There are more than these 1" in few.err
    assert run("claims", "list", "--payer", "nobody").code == 2
    assert run("claims", "list", "--state", "lost").code == 2
    assert run("claims", "list", "--limit", "0").code == 2


def test_lists_and_timelines_hold_no_patient_data(run: Run, tmp_path: Path) -> None:
    """Names, member ids and birth dates are in the document alone."""
    run("claims", "import", write_claims(tmp_path / "one.jsonl", recent("E1")))
    run("run", "scrub")
    shown = "".join(
        run(*command).out
        for command in (
            ("claims", "list"), ("claims", "list", "--json"), ("claims", "show", "E1"), ("claims", "show", "E1", "--json"),
            ("work", "list", "--json"),
        )
    )  # fmt: skip
    assert "E1" in shown
    assert not [word for word in ("TESTCASE", "ADAE1", "00000024", "1980-02-29", "SAMPLE STREET") if word in shown]
    assert "TESTCASE" in run("claims", "show", "E1", "--document").out


def test_a_claim_is_held_corrected_and_voided_with_its_history(run: Run, tmp_path: Path) -> None:
    run("claims", "import", write_claims(tmp_path / "one.jsonl", recent("F1")))
    assert run("claims", "hold", "F1", "--reason", "wait for the referral").code == 0
    refused = run("claims", "hold", "F1", "--reason", "again")
    assert (refused.code, refused.out) == (1, "")
    assert "refused: claim F1 (held): it is held already; release, correct or void it" in refused.err
    document = run("claims", "show", "F1", "--document").json
    document["place_of_service"] = "22"
    (tmp_path / "claim.json").write_text(json.dumps(document))
    corrected = run("claims", "correct", "F1", "--file", tmp_path / "claim.json", "--reason", "it was outpatient", "--json")
    assert (corrected.code, corrected.json["version"], corrected.json["attempt"], corrected.json["state"]) == (
        0,
        2,
        2,
        "received",
    )
    again = run("claims", "correct", "F1", "--file", "-", "--reason", "same", stdin=json.dumps(document).encode())
    assert (again.code, "nothing would be corrected" in again.err) == (1, True)
    assert run("claims", "void", "F1", "--reason", "the patient paid").code == 0
    shown = run("claims", "show", "F1")
    for words in (
        "Held by a person: wait for the referral",
        "Corrected, version 2: it was outpatient",
        "Voided: the patient paid",
        "by ",
    ):
        assert words in shown.out
    timeline = run("claims", "show", "F1", "--json").json["timeline"]
    assert [step["kind"] for step in timeline] == ["received", "held_by_person", "corrected", "voided"]
    assert timeline[0]["file_name"] == "one.jsonl"


@pytest.mark.parametrize(
    ("content", "why"),
    [("{", "is not JSON"), ('{"patient_control_number": "G1"}', "missing required field"), ('{"colour": 1}', "unknown field")],
)
def test_what_is_no_claim_is_not_put_in_ones_place(run: Run, tmp_path: Path, content: str, why: str) -> None:
    run("claims", "import", write_claims(tmp_path / "one.jsonl", recent("G1")))
    (tmp_path / "claim.json").write_text(content)
    refused = run("claims", "correct", "G1", "--file", tmp_path / "claim.json", "--reason", "wrong")
    assert (refused.code, refused.out) == (1, "")
    assert "refused" in refused.err
    if why != "unknown field":
        assert why in refused.err


def test_a_number_nobody_has_is_refused_and_a_missing_reason_is_wrong_usage(run: Run) -> None:
    unknown = run("claims", "show", "NOSUCH")
    assert (unknown.code, "no claim has the number NOSUCH" in unknown.err, unknown.out) == (1, True, "")
    assert run("claims", "void", "NOSUCH").code == 2


def test_claims_of_a_payer_whose_profile_is_gone_are_still_listed(run: Run, folder: Path) -> None:
    assert run("claims", "import", "-", stdin=msgspec.json.encode(recent("G1"))).code == 0
    profiles = folder / "profiles"
    shutil.copytree(PAYERS, profiles, ignore=shutil.ignore_patterns("*.py", "__pycache__", "py.typed"))
    payer = run("claims", "list", "--json").json[0]["payer"]
    (profiles / f"{payer}.toml").unlink()
    config = folder / "config.toml"
    config.write_text(config.read_text().replace(str(PAYERS), str(profiles)))
    assert [row["source_pcn"] for row in run("claims", "list", "--payer", payer, "--json").json] == ["G1"]
    assert run("claims", "list", "--payer", "nobody").code == 2
