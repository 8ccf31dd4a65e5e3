"""Claims come in as 837P, JSON or CSV; each claim once, each refusal with its place, no neighbour lost."""

import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from edi.claims import Claim
from gateway.clock import TurnedClock
from gateway.db.engine import open_database
from gateway.pipeline import intake_folder
from tests.gateway.domain.samples import make_billing_provider, make_line, make_subscriber
from tests.support.racing import run_at_once
from tests.support.sets import CORPUS
from tests.support.uploads import write_upload
from tests.support.wire import Killed
from tests.support.worlds import MERIDIAN, PROFILES, SERVED, World, make_claim, make_claims

PARTNER = PROFILES.partners[MERIDIAN]
CSV_HEADER = (
    "patient_control_number,payer_id,payer_name,billing_npi,billing_name,billing_tax_id,billing_address,billing_city,billing_state,"
    "billing_postal_code,member_id,subscriber_last_name,subscriber_first_name,subscriber_birth_date,subscriber_gender,diagnoses,"
    "service_date,procedure,charge,units"
)
REST = "BHH01,INVENTED PLAN,1999999984,NONESUCH PRACTICE,990000001,100 EXAMPLE STREET,SAMPLETON,OH,430010001,XQB000000017"
PERSON = "TESTCASE,INVENTED,1980-01-31,F,J06.9"


def csv_file(*rows: str) -> bytes:
    return "\n".join((CSV_HEADER, *rows)).encode()


def csv_row(pcn: str, charge: str = "120.00", units: str = "1", service_date: str = "2026-02-20") -> str:
    return f"{pcn},{REST},{PERSON},{service_date},99213,{charge},{units}"


def json_of(claim: Claim) -> bytes:
    return msgspec.json.encode(claim)


def pcns_of(world: World) -> list[str]:
    return [row["source_pcn"] for row in world.rows("claim")]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(write_upload(PARTNER, make_claims("A1", "A2")), id="837P"),
        pytest.param(write_upload(PARTNER, *([claim] for claim in make_claims("A1", "A2"))), id="837P in two sets"),
        pytest.param(b"\n  " + write_upload(PARTNER, make_claims("A1", "A2")), id="837P after blanks"),
        pytest.param(msgspec.json.encode(make_claims("A1", "A2")), id="JSON list"),
        pytest.param(b'{"claims": %s}' % msgspec.json.encode(make_claims("A1", "A2")), id="JSON object of claims"),
        pytest.param(msgspec.json.format(b'{"claims": %s}' % msgspec.json.encode(make_claims("A1", "A2"))), id="JSON laid out"),
        pytest.param(b"\n\n".join(map(json_of, make_claims("A1", "A2"))) + b"\r\n", id="JSON a claim a line"),
        pytest.param(b"\xef\xbb\xbf" + b"\n".join(map(json_of, make_claims("A1", "A2"))), id="JSON with a byte order mark"),
        pytest.param(csv_file(csv_row("A1"), csv_row("A2", "120.01")), id="CSV"),
        pytest.param(csv_file(csv_row("A1") + "\r", "\r", csv_row("A2", "120.01") + "\r"), id="CSV with CRLF and a blank row"),
    ],
)
def test_every_form_of_file_gives_its_claims(world: World, content: bytes) -> None:
    report = world.take_in_bytes(content)
    assert (report.new, report.known, report.refusals) == (2, 0, [])
    assert pcns_of(world) == ["A1", "A2"]
    assert report.charge_cents == 24001
    assert set(world.states().values()) == {"received"}
    assert world.broken() == []


def test_one_claim_in_three_forms_is_one_claim(world: World) -> None:
    for content in (
        write_upload(PARTNER, [make_claim("SAME1")]), json_of(make_claim("SAME1")), csv_file(csv_row("SAME1", "120", "1.0")),
    ):  # fmt: skip
        world.take_in_bytes(content)
    assert pcns_of(world) == ["SAME1"]


def test_the_same_file_twice_adds_nothing(world: World) -> None:
    first = world.take_in_bytes(csv_file(csv_row("A1")), "monday.csv")
    second = world.take_in_bytes(csv_file(csv_row("A1")), "tuesday.csv")
    assert (second.new, second.known, second.file_id) == (0, 1, first.file_id)
    assert len(world.rows("event")) == 1


def test_a_claim_in_two_files_and_twice_in_one_is_one_claim(world: World) -> None:
    world.take_in(make_claim("A1"), make_claim("A1"))
    report = world.take_in(make_claim("A1"), make_claim("A2"), name="more.jsonl")
    assert (report.new, report.known) == (1, 1)
    assert pcns_of(world) == ["A1", "A2"]


def test_a_number_that_comes_back_as_it_was_sent_is_kept_any_other_is_minted(world: World) -> None:
    world.take_in(*make_claims("PLAIN17CHARACTERS", "too-long-and-with-dashes", "00000"))
    sent = {row["source_pcn"]: row["pcn"] for row in world.rows("claim")}
    assert sent["PLAIN17CHARACTERS"] == "PLAIN17CHARACTERS"
    for odd in ("too-long-and-with-dashes", "00000"):
        assert re.fullmatch(r"C[0-9A-Z]{9}", sent[odd])


def test_another_claim_under_a_number_that_is_taken_gets_one_of_ours(world: World) -> None:
    world.take_in(make_claim("A1"))
    other = make_claim("A1", subscriber=make_subscriber(id="XQB000000018", last_name="NOBODY"))
    world.take_in(other, name="other.jsonl")
    first, second = world.rows("claim")
    assert (first["pcn"], second["source_pcn"]) == ("A1", "A1")
    assert second["pcn"].startswith("C")


def test_lines_without_control_numbers_of_their_own_are_numbered(world: World) -> None:
    lines = tuple(make_line(service_from=SERVED, control_number="SAME", charge_cents=cents) for cents in (100, 200))
    world.take_in(make_claim("A1", lines=lines))
    document = msgspec.json.decode(world.rows("claim_version")[0]["document"], type=Claim)
    assert [line.control_number for line in document.lines] == ["1", "2"]


def with_line(content: bytes, place: int, line: bytes) -> bytes:
    lines = content.split(b"\n")
    lines[place] = line
    return b"\n".join(lines)


THREE_JSON = b"\n".join(map(json_of, make_claims("A1", "A2", "A3")))
THREE_CSV = csv_file(csv_row("A1"), csv_row("A2", "120.01"), csv_row("A3", "120.02", service_date="2026-02-19"))
NAMELESS = json_of(make_claim("A2")).replace(b'"patient_control_number":"A2",', b"")
NUL = json_of(make_claim("A2", subscriber=make_subscriber(last_name="TEST\0CASE")))
LONG = json_of(make_claim("A2" * 200))
VAST = json_of(make_claim("A2", charge_cents=10**30))
NO_NUMBER = json_of(make_claim("A2")).replace(b'"lines":[{', b'"lines":[{"quantity":"NaN",')


@pytest.mark.parametrize(
    ("content", "position", "words"),
    [
        pytest.param(with_line(THREE_JSON, 1, NAMELESS), "line 2", "patient_control_number", id="JSON without a number"),
        pytest.param(with_line(THREE_JSON, 1, b'{"patient_'), "line 2", "not JSON", id="JSON cut off in the middle"),
        pytest.param(with_line(THREE_JSON, 1, NUL), "line 2", "control character", id="JSON with NUL"),
        pytest.param(with_line(THREE_JSON, 1, LONG), "line 2", "at most 80", id="JSON with a number too long"),
        pytest.param(with_line(THREE_JSON, 1, VAST), "line 2", "amount", id="JSON with an amount beyond all sense"),
        pytest.param(with_line(THREE_JSON, 1, NO_NUMBER), "line 2", "quantity", id="JSON with a quantity that is none"),
        pytest.param(with_line(THREE_JSON, 1, b"[" * 100_000), "line 2", "not JSON", id="JSON nested without end"),
        pytest.param(b"[%s]" % with_line(THREE_JSON, 1, NAMELESS).replace(b"\n", b","), "[1]", "patient_control", id="JSON list"),
        pytest.param(with_line(THREE_CSV, 2, csv_row("A2", "much").encode()), "rows 3-3", "column charge", id="CSV amount"),
        pytest.param(with_line(THREE_CSV, 2, csv_row("A2", units="NaN").encode()), "rows 3-3", "column units", id="CSV units"),
        pytest.param(with_line(THREE_CSV, 2, csv_row("A2").encode() + b",more"), "row 3", "cells", id="CSV cell too many"),
        pytest.param(with_line(THREE_CSV, 2, b'A2,"a"b,c'), "row 3", "not CSV", id="CSV with a quote astray"),
        pytest.param(
            with_line(THREE_CSV, 2, csv_row("A2").encode().replace(b"TESTC", b"T\xc9STC")), "row 3", "UTF-8", id="Latin 1"
        ),
        pytest.param(
            with_line(THREE_CSV, 2, csv_row("A2").encode().replace(b"TESTC", b"T\0STC")), "rows 3-3", "control", id="NUL"
        ),
    ],
)
def test_one_bad_claim_is_refused_with_its_place_and_its_neighbours_are_taken_in(
    world: World, content: bytes, position: str, words: str
) -> None:
    report = world.take_in_bytes(content)
    assert pcns_of(world) == ["A1", "A3"]
    assert [refusal.position for refusal in report.refusals] == [position]
    assert words in report.refusals[0].message
    assert world.work() == ["intake_refused"]
    world.run("scrub")
    assert set(world.states().values()) == {"ready"}


def test_a_first_line_that_is_no_json_keeps_none_of_the_others_out(world: World) -> None:
    report = world.take_in_bytes(with_line(THREE_JSON, 0, b'{"patient_control_number": "A1", '))
    assert pcns_of(world) == ["A2", "A3"]
    assert [refusal.position for refusal in report.refusals] == ["line 1"]


def test_a_claim_one_of_whose_rows_cannot_be_read_is_not_billed_without_it(world: World) -> None:
    broken = csv_row("A1", "30.00") + ",more"
    report = world.take_in_bytes(csv_file(csv_row("A1"), broken, csv_row("A1", "10.00"), csv_row("A2")))
    assert pcns_of(world) == ["A2"]
    assert [refusal.position for refusal in report.refusals] == ["row 3", "rows 2-3"]


def test_a_bad_claim_in_an_837_is_refused_by_segment_and_its_neighbours_are_taken_in(world: World) -> None:
    content = write_upload(PARTNER, make_claims("A1", "A2", "A3")).replace(b"CLM*A2*120.01", b"CLM*A2*MUCH")
    report = world.take_in_bytes(content)
    assert pcns_of(world) == ["A1", "A3"]
    assert [refusal.position for refusal in report.refusals] == ["set 0001, loop 2300, segment 33 CLM02"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b" \r\n\t\n", "empty", id="blank"),
        pytest.param(b"\0" * 5000, "", id="NUL bytes"),
        pytest.param(b"PK\x03\x04\xff\xfe\x00binary", "UTF-8", id="binary"),
        pytest.param(b"ISA*00*", "", id="a torn ISA"),
        pytest.param(b"{}", "missing required field", id="an empty object"),
        pytest.param(b"[1, null]", "", id="a list of no claims"),
        pytest.param(b'{"claims": 5}', "a list of claims is expected", id="claims that are no list"),
        pytest.param(b"name,colour\nada,blue\n", "columns missing", id="another CSV"),
        pytest.param((CSV_HEADER + ",hat_size\n").encode(), "unknown columns: hat_size", id="an unknown column"),
    ],
)
def test_what_holds_no_claims_is_refused_and_a_person_is_told(world: World, content: bytes, words: str) -> None:
    report = world.take_in_bytes(content)
    assert report.new == 0
    assert report.refusals
    assert words in report.refusals[0].message
    assert world.work() == ["intake_refused"]


SAMPLES = {
    "835/LinuxForHealth__x12__demo.835": "835",
    "276_277/LinuxForHealth__x12__demo.276": "276",
}


@pytest.mark.parametrize("path", SAMPLES)
@pytest.mark.parametrize("fresh_engine", ["sqlite"], indirect=True)
def test_another_transaction_is_refused_by_its_name(world: World, path: str) -> None:
    assert CORPUS.exists(), "the sample files are at hand"
    report = world.take_in_bytes((CORPUS / path).read_bytes())
    assert report.new == 0
    assert SAMPLES[path] in " ".join(refusal.message for refusal in report.refusals)


def test_an_older_version_is_refused_by_its_name(world: World) -> None:
    content = write_upload(PARTNER, [make_claim("A1")]).replace(b"005010X222A1", b"004010X098A1")
    report = world.take_in_bytes(content)
    assert (report.new, len(report.refusals)) == (0, 1)
    assert "004010X098A1" in report.refusals[0].message


def test_the_last_claim_of_an_837_that_breaks_off_is_refused_for_it_may_lack_lines(world: World) -> None:
    lines = tuple(make_line(service_from=SERVED, control_number=str(n)) for n in range(3))
    content = write_upload(PARTNER, [make_claim("A1"), make_claim("A2", lines=lines)])
    report = world.take_in_bytes(content[: content.rindex(b"LX*3")])
    assert pcns_of(world) == ["A1"]
    assert "cut short" in report.refusals[0].message
    assert world.take_in_bytes(content, "whole.837").new == 1


def test_wherever_an_837_is_cut_each_claim_is_taken_in_whole_or_not_at_all(world: World) -> None:
    claims = make_claims("A1", "A2", "A3", billing_provider=make_billing_provider())
    content = write_upload(PARTNER, claims)
    for size in range(len(content) - 1, 200, -97):
        world.take_in_bytes(content[:size], f"cut{size}.837")
    kept = [msgspec.json.decode(row["document"], type=Claim) for row in world.rows("claim_version")]
    assert [claim.patient_control_number for claim in kept] == ["A1", "A2", "A3"]
    assert [len(claim.lines) for claim in kept] == [1, 1, 1]


def test_an_import_that_was_killed_goes_on_where_it_broke(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chunks of 500 claims are committed one by one; the second import takes in the rest, and no claim twice."""

    def killed(what: str, done: int, total: int) -> None:
        raise Killed

    claims = make_claims(*(f"A{number}" for number in range(700)))
    content = b"\n".join(map(json_of, claims))
    context = world.context
    object.__setattr__(context, "progress", killed)
    monkeypatch.setattr(World, "context", context)
    with pytest.raises(Killed):
        world.take_in_bytes(content)
    monkeypatch.undo()
    assert len(world.rows("claim")) == 500
    report = world.take_in_bytes(content)
    assert (report.new, report.known, len(world.rows("claim"))) == (200, 500, 700)
    assert world.broken() == []


def take_in_all(url: str, archive: str, pcns: list[str]) -> tuple[int, int]:
    """The same claims taken in by a process of its own, as a file of its own; how many were new, how many known."""
    world = World(open_database(url), Path(archive), TurnedClock(datetime(2026, 3, 2, 12, tzinfo=UTC)))
    report = world.take_in_bytes(b"\n" * (os.getpid() % 1000) + b"\n".join(map(json_of, make_claims(*pcns))))
    return report.new, report.known


def test_two_imports_of_the_same_claims_at_once_keep_each_claim_once(world: World, fresh_engine: Engine) -> None:
    pcns = [f"A{number}" for number in range(60)]
    counts = run_at_once(take_in_all, fresh_engine, 2, str(world.archive_folder), pcns)
    assert sum(new for new, _ in counts) == sum(known for _, known in counts) == 60
    assert sorted(pcns_of(world)) == sorted(pcns)
    assert world.broken() == []


def test_the_folder_is_emptied_file_by_file_and_leaves_what_is_still_being_written(world: World, tmp_path: Path) -> None:
    folder = tmp_path / "drop"
    folder.mkdir()
    for name, claim in (("b.json", "B1"), ("a.json", "A1"), ("half.json.part", "C1"), (".hidden", "D1")):
        (folder / name).write_bytes(json_of(make_claim(claim, charge_cents=1)))
    assert intake_folder.run(world.context, folder) == 2
    assert pcns_of(world) == ["A1", "B1"]
    (folder / "a.json").write_bytes(json_of(make_claim("E1")))
    world.clock.turn(timedelta(hours=1))
    assert intake_folder.run(world.context, folder) == 1
    assert sorted(path.name for path in (folder / "taken").iterdir()) == ["a.json", "a.json.2", "b.json"]
    assert sorted(path.name for path in folder.iterdir()) == [".hidden", "half.json.part", "taken"]
