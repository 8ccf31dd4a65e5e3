"""claimwire edi validate --ack: the answer of a partner, itself without findings, never over what is there."""

from pathlib import Path

import pytest

from edi.interchange import Interchange, Reader
from edi.transactions import t999
from edi.transactions.t999 import GroupResponse
from tests.gateway.cli.conftest import Run
from tests.support.professional import claim_of, written
from tests.support.remittances import FILE, GS, ISA, SET, TRAILERS
from tests.support.sets import CORPUS, corpus_rows, interchange_of

ROWS = [row for folder in ("837P/", "837I/", "835/", "270_271/") for row in corpus_rows(folder)]
CLAIM = interchange_of(written(claim_of()), "HC", "005010X222A1")


def answer(run: Run, folder: Path, *contents: bytes) -> tuple[int, list[Interchange], list[GroupResponse]]:
    """The exit code, and what the answer says, which has no finding itself."""
    paths = []
    for number, content in enumerate(contents):
        paths.append(folder / f"in{number}")
        paths[-1].write_bytes(content)
    ran = run("edi", "validate", *paths, "--ack", folder / "out", "--force")
    reader = Reader([(folder / "out").read_bytes()])
    groups = []
    for tset in reader:
        groups.append(t999.read(tset))
        assert not tset.findings
    assert not reader.findings
    return ran.code, reader.interchanges, groups


def test_a_sound_file_is_accepted(run_anywhere: Run, tmp_path: Path) -> None:
    code, (interchange,), (group,) = answer(run_anywhere, tmp_path, CLAIM)
    assert code == 0
    assert (interchange.header.sender_id, interchange.header.receiver_id) == ("RECEIVER", "SENDER")
    (ta1,) = interchange.acknowledgments
    assert (ta1.isa_control_number, ta1.verdict, ta1.note) == (1, "A", "000")
    assert (group.functional_id, group.control_number, group.verdict, group.accepted_count) == ("HC", 1, "A", 1)


def test_a_wrong_element_is_refused_with_its_claim(run_anywhere: Run, tmp_path: Path) -> None:
    content = CLAIM.replace(b"*D8*20240115", b"*D8*20241515")
    code, _, (group,) = answer(run_anywhere, tmp_path, content)
    (one,) = group.sets
    (note,) = one.notes
    assert (code, group.verdict, one.verdict, one.codes) == (1, "R", "R", ("5",))
    assert (note.segment, note.loop, note.patient_control_number) == ("DTP", "2400", "PCN1")
    assert [(element.element, element.code, element.value) for element in note.elements] == [(3, "8", "20241515")]


def test_each_interchange_and_group_is_answered_by_itself(run_anywhere: Run, tmp_path: Path) -> None:
    """Two files; the first holds two groups, the second of which is refused."""
    second = GS.replace("*7*", "*8*") + SET.replace("DTM*405*20260104", "DTM*405*2026") + "GE*1*8~\n"
    two = FILE.replace("IEA*1", second + "IEA*2")
    code, interchanges, groups = answer(run_anywhere, tmp_path, two.encode(), CLAIM)
    assert code == 1
    assert [one.acknowledgments[0].isa_control_number for one in interchanges] == [905, 1]
    assert [(one.functional_id, one.control_number, one.verdict) for one in groups] == [
        ("HP", 7, "A"), ("HP", 8, "R"), ("HC", 1, "A"),
    ]  # fmt: skip


def test_a_file_that_breaks_off_is_refused_whole(run_anywhere: Run, tmp_path: Path) -> None:
    code, (interchange,), (group,) = answer(run_anywhere, tmp_path, FILE[: FILE.index("GE*")].encode())
    assert (code, interchange.acknowledgments[0].verdict, group.verdict) == (1, "R", "R")


def test_a_transaction_that_is_not_read_here_is_refused(run_anywhere: Run, tmp_path: Path) -> None:
    text = ISA + GS.replace("HP", "BE").replace("005010X221A1", "005010X220A1") + "ST*834*0001~\nBGN*00~\nSE*3*0001~\n" + TRAILERS
    _, _, (group,) = answer(run_anywhere, tmp_path, text.encode())
    assert (group.verdict, group.sets[0].transaction, group.sets[0].verdict, group.sets[0].codes) == ("R", "834", "R", ("1",))


def test_acknowledgments_are_not_acknowledged(run_anywhere: Run, tmp_path: Path) -> None:
    answer(run_anywhere, tmp_path, CLAIM)
    (tmp_path / "in").write_bytes((tmp_path / "out").read_bytes())
    run_anywhere("edi", "validate", tmp_path / "in", "--ack", tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == b""


def test_an_answer_is_never_written_over_something(run_anywhere: Run, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(CLAIM)
    (tmp_path / "out").write_text("mine")
    ran = run_anywhere("edi", "validate", tmp_path / "in", "--ack", tmp_path / "out")
    assert (ran.code, "--force" in ran.err, (tmp_path / "out").read_text()) == (1, True, "mine")
    assert run_anywhere("edi", "validate", tmp_path / "in", "--ack", tmp_path / "out", "--force").code == 0
    assert (tmp_path / "out").read_bytes().startswith(b"ISA")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["path"])
def test_the_answer_to_every_sample_is_sound(run_anywhere: Run, tmp_path: Path, row: dict[str, str]) -> None:
    """Whatever is wrong with a file, its answer is X12, counts right, and names as many sets."""
    content = (CORPUS / row["path"]).read_bytes()
    _, interchanges, groups = answer(run_anywhere, tmp_path, content)
    assert len(interchanges) == content.count(b"ISA*00") or b"ISA*00" not in content
    assert sum(group.received_count for group in groups) == int(row["st"])


@pytest.mark.parametrize("other", ["in0", "./in0", "link"])
def test_the_answer_never_takes_the_place_of_what_it_answers(run_anywhere: Run, tmp_path: Path, other: str) -> None:
    (tmp_path / "in0").write_bytes(CLAIM)
    (tmp_path / "link").symlink_to("in0")
    ran = run_anywhere("edi", "validate", tmp_path / "in0", "--ack", f"{tmp_path}/{other}", "--force")
    assert (ran.code, (tmp_path / "in0").read_bytes()) == (2, CLAIM)
