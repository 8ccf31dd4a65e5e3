"""Pieces of a file are complete interchanges with nothing wrong that was not wrong before, and together hold all of it."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from edi.catalogue import find_transaction
from edi.claims import Claim
from edi.findings import Finding, Unwritable
from edi.interchange import Reader, TransactionSet
from edi.segments import read_segments
from edi.tools.splitting import By, Splitter

CORPUS = Path(__file__).parents[3] / "shared/corpus"
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
ISA = b"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261122*1200*^*00501*00000000%d*0*T*:~"
GS = b"GS*%s*SENDER*RECEIVER*20261122*1200*%d*X*%s~"
SAFE_NAME = re.compile(r"\d{4,}-\d{9}(-ta1|-g\d{3,}-\d{1,9}(-s\d{5,}-[A-Za-z0-9]{0,9}(-c\d{6,})?)?)?\.[A-Za-z0-9]{1,9}")


def split(content: bytes, by: By, claims_max: int = 1) -> tuple[dict[str, bytes], list[str]]:
    splitter = Splitter(Reader([content]), by, claims_max=claims_max)
    pieces: dict[str, bytes] = {}
    for piece in splitter.pieces():
        assert piece.name not in pieces
        pieces[piece.name] = b"".join(piece.chunks)
    return pieces, [one.message for one in splitter.complaints if one.is_wrong]


def list_sets(content: bytes) -> list[list[str]]:
    """The sets of a file as segments, trailers left off."""
    return [[segment for segment in tset if not segment.startswith("SE")] for tset in Reader([content])]


def list_findings(content: bytes) -> list[tuple[str, str, str, int]]:
    reader = Reader([content])
    findings: list[Finding] = []
    for tset in reader:
        transaction = find_transaction(tset)
        for _ in transaction.read_parts(tset) if transaction else tset:
            pass
        findings += tset.findings
    return [(str(one.level), one.code, one.segment, one.element) for one in [*findings, *reader.findings]]


def drain(reader: Reader) -> Iterator[TransactionSet]:
    """Each set once its findings are complete."""
    for tset in reader:
        for _ in tset:
            pass
        yield tset


def is_known(path: Path) -> bool:
    return all(find_transaction(tset) for tset in Reader([path.read_bytes()]))


def is_clean(path: Path) -> bool:
    return not list_findings(path.read_bytes())


CLEAN = [path for path in FILES if is_clean(path)]
CLEAN_CLAIMS = [path for path in CLEAN if path.parent.name.startswith("837") and is_known(path)]


@pytest.mark.parametrize("by", ["interchange", "group", "set"])
@pytest.mark.parametrize("path", CLEAN, ids=lambda path: path.name)
def test_pieces_of_a_clean_file_are_clean_and_hold_the_same_sets(path: Path, by: By) -> None:
    content = path.read_bytes()
    pieces, complaints = split(content, by)
    assert all(SAFE_NAME.fullmatch(name) for name in pieces)
    assert not [finding for piece in pieces.values() for finding in list_findings(piece)]
    assert [one for piece in pieces.values() for one in list_sets(piece)] == list_sets(content)
    if "optionalInterchangeServices" not in path.name:
        assert not complaints
    assert list(pieces) == sorted(pieces)


def list_claims(content: bytes) -> list[object]:
    claims: list[object] = []
    for tset in Reader([content]):
        transaction = find_transaction(tset)
        assert transaction is not None
        claims += [part.document for part in transaction.read_parts(tset) if isinstance(part.document, Claim)]
    return claims


@pytest.mark.parametrize("claims_max", [1, 2, 1000])
@pytest.mark.parametrize("path", CLEAN_CLAIMS, ids=lambda path: path.name)
def test_claims_come_apart_whole_with_their_levels_and_without_a_finding(path: Path, claims_max: int) -> None:
    content = path.read_bytes()
    pieces, complaints = split(content, "claim", claims_max)
    claims = list_claims(content)
    assert [claim for piece in pieces.values() for claim in list_claims(piece)] == claims
    assert all(1 <= len(list_claims(piece)) <= claims_max for piece in pieces.values())
    assert not [finding for piece in pieces.values() for finding in list_findings(piece)]
    assert not complaints


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_makes_a_piece_that_is_worse_than_itself_without_a_word(path: Path) -> None:
    """What is wrong with the file's own envelope and counts is complained of, since its pieces are given right ones."""
    content = path.read_bytes()
    reader = Reader([content])
    count = sum(len(tset.findings) for tset in drain(reader)) + len(reader.findings)
    try:
        _, complaints = split(content, "set")
    except Unwritable as error:
        complaints = [str(error)] * (count + 1)
    assert len(complaints) >= count


HEAD = (
    b"ST*837*0001*005010X222A1~BHT*0019*00*1*20261122*1200*CH~NM1*41*2*BILLING*****46*1~PER*IC*DESK*TE*5550100100~"
    b"NM1*40*2*PLAN*****46*2~"
)


def make_claims(*claims: bytes) -> bytes:
    body = b"".join(claims)
    return (
        ISA % 1 + GS % (b"HC", 1, b"005010X222A1") + HEAD + body
        + b"SE*%d*0001~GE*1*1~IEA*1*000000001~" % ((HEAD + body).count(b"~") + 1)
    )  # fmt: skip


def test_levels_are_numbered_anew_and_shared_by_the_claims_of_a_piece() -> None:
    """Two providers; the second has a subscriber with a claim and a patient with two: in pieces of two."""
    content = make_claims(
        b"HL*1**20*1~NM1*85*2*ONE~HL*2*1*22*0~SBR*P*18~CLM*A*1~LX*1~",
        b"HL*3**20*1~NM1*85*2*TWO~HL*4*3*22*1~SBR*P~CLM*B*1~LX*1~HL*5*4*23*0~PAT*19~CLM*C*1~LX*1~CLM*D*1~LX*1~",
    )
    pieces, _ = split(content, "claim", 2)
    levels = [[one for one in list_sets(piece)[0] if one[:3] in ("HL*", "CLM")] for piece in pieces.values()]
    assert levels == [
        ["HL*1**20*1", "HL*2*1*22*0", "CLM*A*1", "HL*3**20*1", "HL*4*3*22*0", "CLM*B*1"],
        ["HL*1**20*1", "HL*2*1*22*1", "HL*3*2*23*0", "CLM*C*1", "CLM*D*1"],
    ]
    assert all("PAT*19" not in list_sets(piece)[0] for piece in list(pieces.values())[:1])


def test_a_payment_is_a_set_and_is_not_cut_by_claim() -> None:
    path = CORPUS / "835/LinuxForHealth__x12__managed-care.835"
    pieces, complaints = split(path.read_bytes(), "claim")
    assert (pieces, len(complaints), "BPR02" in complaints[0]) == ({}, 1, True)
    assert split(path.read_bytes(), "payment") == split(path.read_bytes(), "set")


def test_what_is_no_payment_or_has_no_claims_is_said_and_the_rest_is_cut() -> None:
    content = (CORPUS / "835/LinuxForHealth__x12__managed-care.835").read_bytes() + make_claims(b"HL*1**20*1~HL*2*1*22*0~")
    pieces, complaints = split(content, "payment")
    assert [name.endswith(".835") for name in pieces] == [True]
    assert "no payment" in complaints[0]
    pieces, complaints = split(make_claims(b"HL*1**20*1~HL*2*1*22*0~"), "claim")
    assert (pieces, "has no claims" in complaints[0]) == ({}, True)


def test_acknowledgments_and_empty_groups_are_not_lost() -> None:
    """An interchange of a TA1 beside a group, one of a TA1 alone, one of an empty group."""
    group = GS % (b"FA", 1, b"005010X230") + b"ST*997*0001~AK1*HC*1~AK9*A*0*0*0~SE*4*0001~GE*1*1~"
    ta1 = b"TA1*000000009*261122*1200*A*000~"
    empty = GS % (b"FA", 2, b"005010X230") + b"GE*0*2~"
    content = ISA % 1 + ta1 + group + empty + b"IEA*2*000000001~" + ISA % 2 + ta1 + b"IEA*0*000000002~"
    content += ISA % 3 + empty + b"IEA*1*000000003~"
    pieces, complaints = split(content, "interchange")
    assert b"".join(pieces.values()).replace(b"\n", b"") == content
    pieces, complaints = split(content, "set")
    assert list(pieces) == ["0001-000000001-ta1.x12", "0001-000000001-g001-1-s00001-0001.997", "0002-000000002-ta1.x12"]
    assert not complaints


def test_a_set_cut_short_is_complained_of_though_its_piece_gets_a_trailer() -> None:
    content = make_claims(b"HL*1**20*1~HL*2*1*22*0~CLM*A*1~LX*1~")
    pieces, complaints = split(content[: content.index(b"LX*1~")], "set")
    assert len(pieces) == 1
    assert any("SE" in one for one in complaints)


def test_names_hold_nothing_but_control_numbers() -> None:
    content = make_claims(b"HL*1**20*1~HL*2*1*22*0~CLM*A*1~").replace(b"*0001", b"*../x")
    pieces, _ = split(content, "set")
    assert list(pieces) == ["0001-000000001-g001-1-s00001-x.837"]


def test_counts_of_every_piece_are_right() -> None:
    content = (CORPUS / "837P/imsweb__x12-parser__x12_many_claims.txt").read_bytes()
    pieces, _ = split(content, "claim", 7)
    assert len(pieces) > 3
    for piece in pieces.values():
        segments = [segment for run in read_segments([piece]) for segment in run.segments]
        assert segments[-3].split("*")[1] == str(len(segments) - 4)
        assert (segments[-2].split("*")[1], segments[-1].split("*")[1]) == ("1", "1")
        numbers = [int(segment.split("*")[1]) for segment in segments if segment.startswith("HL*")]
        assert numbers == list(range(1, len(numbers) + 1))
    assert all(one < other for one, other in pairwise(pieces))
