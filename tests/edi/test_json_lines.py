"""X12 becomes lines of JSON and comes back the same; what no line holds is complained of, and odd lines are refused by number."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from edi.interchange import Reader
from edi.segments import Delimiters, read_segments
from edi.tools.json_lines import Complaint, JsonLines, JsonLinesError, name_kind, write_x12
from edi.tools.repunctuation import rewrite, shorten
from edi.transactions.t837p import SubmissionHead

CORPUS = Path(__file__).parents[3] / "shared/corpus"
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())
ODD = Delimiters("\x1d", "\x1f", "\x1e", "\x1c")


def to_json(content: bytes, *, as_segments: bool = False) -> tuple[list[bytes], list[Complaint]]:
    made = JsonLines(Reader([content]), as_segments=as_segments)
    return list(made.lines()), made.complaints


def list_segments(content: bytes) -> Iterator[list[str]]:
    """The segments in shortest form, as lists whatever the delimiters; padding and zeros of the envelope left off."""
    for run in read_segments([content]):
        for segment in run.segments:
            elements = shorten(segment, run.delimiters).split(run.delimiters.element)
            if elements[0] == "ISA":
                yield ["ISA", *(element.strip() for element in elements[1:11]), *elements[12:16]]
            elif elements[0] in ("GS", "GE", "AK1"):
                yield [element.lstrip("0") for element in elements]
            elif elements[0] == "IEA":  # partners write 0 or 1 where there is no group
                yield ["IEA", elements[2]]
            else:
                translation = str.maketrans(
                    run.delimiters.component + run.delimiters.repetition, ":^"[: 1 + bool(run.delimiters.repetition)]
                )
                yield [element.translate(translation) for element in elements]


def is_readable(path: Path) -> bool:
    """Whether a file has no finding at all, and so holds nothing that documents do not."""
    return not any(one.is_wrong for one in to_json(path.read_bytes())[1])


SOUND = [path for path in FILES if is_readable(path)]


def test_most_of_the_samples_are_sound_enough_to_come_back() -> None:
    assert len(SOUND) > 60


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.name)
def test_json_and_back_is_the_same_segments(path: Path) -> None:
    content = path.read_bytes()
    lines, _ = to_json(content)
    assert list(list_segments(b"".join(write_x12(lines)))) == list(list_segments(content))


@pytest.mark.parametrize("path", SOUND, ids=lambda path: path.name)
def test_as_segments_and_back_under_other_delimiters_is_the_same(path: Path) -> None:
    content = path.read_bytes()
    lines, _ = to_json(content, as_segments=True)
    back = b"".join(write_x12(lines, delimiters=ODD, line_end=""))
    assert list(list_segments(back)) == list(list_segments(content))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_x12_rewritten_under_other_delimiters_and_back_is_the_same(path: Path) -> None:
    """Every segment comes back, sound or not."""
    content = path.read_bytes()
    back = b"".join(rewrite(rewrite([content], delimiters=ODD, line_end=""), line_end="\r\n"))
    assert list(list_segments(back)) == list(list_segments(content))


CLAIM_FILE = (CORPUS / "837P/LinuxForHealth__x12__demo.837").read_bytes()


def test_every_line_is_an_object_of_one_key_and_they_come_in_the_order_of_the_file() -> None:
    lines, complaints = to_json(CLAIM_FILE)
    assert [next(iter(json.loads(line))) for line in lines] == ["interchange", "group", "set", "submission_head", "claim"]
    assert not complaints


def test_a_set_that_is_not_read_here_is_carried_as_its_segments_and_said_but_is_not_wrong() -> None:
    content = (CORPUS / "other/LinuxForHealth__x12__add-dependent.834").read_bytes()
    lines, complaints = to_json(content)
    assert json.loads(lines[3])["segments"][0][:2] == ["ST", "834"]
    assert [(one.is_wrong, one.set_ordinal, "834" in one.message) for one in complaints] == [(False, 1, True)]


def test_a_claim_that_makes_no_document_is_said_to_be_lost() -> None:
    """Without CLM02 there is no claim, and nobody may take the JSON for the whole file."""
    broken = CLAIM_FILE.replace(b"CLM*26463774*100*", b"CLM*26463774*ten*")
    assert broken != CLAIM_FILE
    lines, complaints = to_json(broken)
    assert not any(line.startswith(b'{"claim"') for line in lines)
    assert [one.is_wrong for one in complaints if one.is_loss] == [True]
    assert any(one.finding is not None for one in complaints)


def test_services_between_interchange_and_group_are_said_to_be_lost() -> None:
    """ISB and ISE stand in no document."""
    content = (CORPUS / "other/xlate__staedi__optionalInterchangeServices.edi").read_bytes()
    assert any(one.is_loss and "ISB" in one.message for one in to_json(content)[1])


def test_groups_and_interchanges_without_sets_come_back() -> None:
    """An empty group after a full one, then an interchange with only a TA1, then an empty one."""
    isa = b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *261122*1200*^*00501*00000000%d*0*T*:~"
    groups = b"GS*FA*A*B*20261122*1200*1*X*005010X230~ST*997*0001~AK1*HC*1~AK9*A*0*0*0~SE*4*0001~GE*1*1~"
    empty = b"GS*FA*A*B*20261122*1200*2*X*005010X230~GE*0*2~"
    content = isa % 1 + groups + empty + b"IEA*2*000000001~" + isa % 2 + b"TA1*000000009*261122*1200*A*000~IEA*0*000000002~"
    content += isa % 3 + empty + b"IEA*1*000000003~"
    lines, _ = to_json(content, as_segments=True)
    assert b"".join(write_x12(lines, line_end="")) == content


ENVELOPE = to_json(CLAIM_FILE)[0]


@pytest.mark.parametrize(
    ("lines", "line", "told"),
    [
        ([b"[1]"], 1, "no JSON object"),
        ([b"not json"], 1, "no JSON object"),
        ([b'{"a": 1, "b": 2}'], 1, "one key"),
        ([b'{"claim": {}}'], 1, "'claim' may not stand here"),
        ([ENVELOPE[0], ENVELOPE[2]], 2, "'set' may not stand here"),
        ([b'{"interchange": {}}'], 1, "missing required field"),
        ([*ENVELOPE[:2], b'{"set": {"code": "837", "st_control_number": "1", "transaction": "999P"}}'], 3, "837P"),
        ([*ENVELOPE[:2], b'{"set": {"code": "834", "st_control_number": "1"}}'], 3, "has no segments"),
        ([*ENVELOPE[:4], ENVELOPE[4].replace(b'"charge_cents"', b'"charge"', 1)], 5, "charge"),
        ([*ENVELOPE[:3], ENVELOPE[4]], 4, "SubmissionHead"),
        ([*ENVELOPE[:4], ENVELOPE[4].replace(b"26463774", b"26*63774")], 5, "delimiter"),
        ([b'{"interchange": ' + b"[" * 100_000], 1, "no JSON object"),
        ([*ENVELOPE[:4], b'{"claim": {"carried": ' + b'{"loops":[{"loop":"2410","segments":[],"loops":[' * 5_000], 5, ""),
        ([b'{"interchange": {"sender_id": "\xff"}}'], 1, ""),
        ([ENVELOPE[0].replace(b'"component":":"', b'"component":"*"')], 1, "differ"),
        ([ENVELOPE[0].replace(b'"sender_id":"', b'"sender_id":"far too long for an ISA')], 1, "ISA06"),
    ],
)
def test_a_line_that_cannot_become_x12_is_refused_by_its_number(lines: list[bytes], line: int, told: str) -> None:
    with pytest.raises(JsonLinesError) as refused:
        list(write_x12(lines))
    assert told in str(refused.value)
    assert line <= refused.value.line <= line + 1


def test_what_is_wrong_with_a_line_is_said_without_its_value() -> None:
    wrong = ENVELOPE[4].replace(b'{"claim":{', b'{"claim":{"guide":"ZZTESTPERSON",')
    with pytest.raises(JsonLinesError) as refused:
        list(write_x12([*ENVELOPE[:4], wrong]))
    assert "guide" in str(refused.value)
    assert "ZZTESTPERSON" not in str(refused.value)


def test_kinds_are_the_types_in_snake_case() -> None:
    assert name_kind(SubmissionHead) == "submission_head"


def test_numbers_are_shortened_and_nothing_else() -> None:
    """01 of a place of service is a code and keeps its zero."""
    plain = Delimiters()
    assert shorten("SV1*HC:99213:25*0125.50*UN*1.00*01**1:2***", plain) == "SV1*HC:99213:25*125.5*UN*1*01**1:2"
    assert shorten("CLM*0010*100.00*::***", plain) == "CLM*0010*100"
    assert shorten("ZZZ*01.00*", plain) == "ZZZ*01.00"


def test_an_interchange_of_an_old_version_keeps_its_u_in_isa11() -> None:
    old = CLAIM_FILE.replace(b"*^*00501*", b"*U*00401*")
    assert b"*U*00401*" in b"".join(rewrite([old], delimiters=Delimiters("|", ">", "!", "~"))).replace(b"|", b"*")
