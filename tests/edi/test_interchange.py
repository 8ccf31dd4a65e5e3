"""The envelope: every set of every group of every interchange, and what is wrong around them."""

from datetime import date

import msgspec
import pytest

from edi.findings import Finding, Unwritable
from edi.interchange import GroupHeader, InterchangeHeader, Reader, write_interchange
from edi.segments import Delimiters
from edi.transactions.ta1 import InterchangeAcknowledgment
from tests.support.remittances import FILE, GS, ISA, TRAILERS, codes
from tests.support.sets import CORPUS, corpus_rows

SHORT = "ST*835*{0}~\nBPR*I*0~\nSE*3*{0}~\n"
HEADER = InterchangeHeader(
    sender_qualifier="ZZ",
    sender_id="INVENTEDPAYER",
    receiver_qualifier="ZZ",
    receiver_id="INVENTEDCLINIC",
    date=date(2026, 1, 5),
    time="0800",
    isa_control_number=905,
    usage="T",
)
GROUP = GroupHeader(
    functional_id="HP",
    application_sender="INVENTEDPAYER",
    application_receiver="INVENTEDCLINIC",
    date=date(2026, 1, 5),
    time="0800",
    gs_control_number=7,
    version="005010X221A1",
)


def read_envelope(text: str) -> tuple[list[str], list[tuple[str, str, str]]]:
    """The ST02 of every set, and all findings, those of the sets last."""
    reader = Reader([text.encode()])
    numbers: list[str] = []
    found: list[Finding] = []
    for tset in reader:
        numbers.append(tset.st_control_number)
        list(tset)
        found.extend(tset.findings)
    return numbers, codes([*reader.findings, *found])


def test_headers_say_who_sends_what_to_whom() -> None:
    """ISA and GS are read into their documents, ids without padding."""
    reader = Reader([FILE.encode()])
    (tset,) = list(reader)
    assert (tset.interchange, tset.group) == (HEADER, GROUP)
    assert (tset.code, tset.st_control_number, tset.version, tset.ordinal) == ("835", "0001", "005010X221A1", 1)
    assert (tset.offset, tset.segment_count, tset.findings) == (len(ISA + GS), 32, [])


def test_what_is_written_is_read_back() -> None:
    """Headers, sets and acknowledgments come back from the bytes, with counts that agree."""
    answer = InterchangeAcknowledgment(
        isa_control_number=3, interchange_date=date(2026, 1, 4), interchange_time="1200", verdict="A"
    )
    sets = [["ST*835*0001", "BPR*I*0", "SE*3*0001"], ["ST*835*0002", "SE*2*0002"]]
    data = b"".join(write_interchange(HEADER, [(GROUP, sets)], [answer]))
    reader = Reader([data])
    assert [list(tset) for tset in reader] == sets
    assert reader.findings == []
    (interchange,) = reader.interchanges
    assert (interchange.header, interchange.acknowledgments) == (HEADER, [answer])
    assert [(group.header, group.set_count) for group in interchange.groups] == [(GROUP, 2)]


@pytest.mark.parametrize(
    "delimiters", [Delimiters("|", ">", "!", "'"), Delimiters("*", ":", "", "~"), Delimiters("\x1d", "\x1f", "\x1e", "\x1c")]
)
def test_any_legal_delimiters_are_written_and_read(delimiters: Delimiters) -> None:
    """The ISA declares what the file is punctuated with; none for repetition is written as U."""
    header = msgspec.structs.replace(HEADER, delimiters=delimiters)
    reader = Reader(write_interchange(header, []))
    assert list(reader) == []
    assert reader.interchanges[0].header == header


@pytest.mark.parametrize(
    ("change", "element"),
    [
        ({"sender_id": "A" * 16}, 6),
        ({"receiver_id": "A*B"}, 8),
        ({"receiver_qualifier": "Z"}, 7),
        ({"isa_control_number": 10**9}, 13),
        ({"date": None}, 9),
    ],
)
def test_a_header_that_does_not_fit_is_refused(change: dict[str, object], element: int) -> None:
    """An ISA value that is too long, too short or holds a delimiter is named before a byte is written."""
    with pytest.raises(Unwritable) as caught:
        next(write_interchange(msgspec.structs.replace(HEADER, **change), []))
    assert (caught.value.finding.segment, caught.value.finding.element) == ("ISA", element)


def test_a_group_value_with_a_delimiter_is_refused() -> None:
    """The same for GS."""
    with pytest.raises(Unwritable) as caught:
        list(write_interchange(HEADER, [(msgspec.structs.replace(GROUP, application_sender="A~B"), [])]))
    assert caught.value.finding.element == 2


def test_several_interchanges_groups_and_sets() -> None:
    """Each is counted for itself; what is clean stays clean."""
    group = GS + SHORT.format("0001") + SHORT.format("0002") + "GE*2*7~\n"
    other = group.replace("*7", "*8")
    text = ISA + group + other.replace("0800*7", "0800*8") + "IEA*2*000000905~\n"
    reader = Reader([(text + FILE).encode()])
    assert [(tset.ordinal, tset.st_control_number) for tset in reader] == [
        (1, "0001"),
        (2, "0002"),
        (3, "0001"),
        (4, "0002"),
        (5, "0001"),
    ]
    assert [[group.set_count for group in interchange.groups] for interchange in reader.interchanges] == [[2, 2], [1]]
    assert reader.findings == []


def test_moving_on_drains_the_set_before() -> None:
    """Sets whose segments nobody asked for are checked all the same."""
    reader = Reader(
        [
            (
                ISA + GS + SHORT.format("0001").replace("SE*3", "SE*9") + SHORT.format("0002") + "GE*2*7~\nIEA*1*000000905~\n"
            ).encode()
        ]
    )
    first, second = list(reader)
    assert codes(first.findings) == [("set", "4", "SE")]
    assert (second.findings, second.is_exhausted) == ([], True)


DEFECTS = {
    "SE01 lies": (SHORT.replace("SE*3", "SE*4") + "|", ("set", "4", "SE")),
    "SE01 is no number": (SHORT.replace("SE*3", "SE*x") + "|", ("set", "4", "SE")),
    "SE02 differs": (SHORT.replace("SE*3*{0}", "SE*3*0009") + "|", ("set", "3", "SE")),
    "SE is missing before GE": (SHORT.replace("SE*3*{0}~\n", "") + "|", ("set", "2", "SE")),
    "ST02 is too short": (SHORT.replace("{0}", "1") + "|", ("set", "7", "ST")),
    "ST01 is no code": (SHORT.replace("ST*835", "ST*83") + "|", ("set", "6", "ST")),
    "ST02 twice": (SHORT + SHORT + "|GE*1", ("set", "23", "ST")),
    "GE01 lies": (SHORT + "|GE*1>GE*2", ("group", "5", "GE")),
    "GE02 differs": (SHORT + "|GE*1*7>GE*1*8", ("group", "4", "GE")),
    "GE is missing": (SHORT + "|GE*1*7~\n>", ("group", "3", "GE")),
    "GE twice": (SHORT + "|GE*1*7~\n>GE*1*7~\nGE*1*7~\n", ("group", "3", "GE")),
    "IEA01 lies": (SHORT + "|IEA*1>IEA*2", ("interchange", "021", "IEA")),
    "IEA02 differs": (SHORT + "|000000905>000000906", ("interchange", "001", "IEA")),
    "IEA is missing": (SHORT + "|IEA*1*000000905~\n>", ("interchange", "023", "IEA")),
    "text between sets": (SHORT + "CLP*1~\nCLP*2~\n|", ("interchange", "024", "CLP")),
    "text after IEA": (SHORT + "|905~\n>905~\nCLP*1~\nCLP*2~\n", ("interchange", "024", "CLP")),
    "no terminator at the end": (SHORT + "|905~\n>905", ("interchange", "023", "")),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_an_envelope_defect_is_reported_once_in_its_code(name: str) -> None:
    """One defect gives one finding, and the sets beside it are read."""
    body, expected = DEFECTS[name]
    sets, _, change = body.partition("|")
    old, _, new = change.partition(">")
    trailers = TRAILERS.replace("GE*1", "GE*2") if name == "ST02 twice" else TRAILERS.replace(old, new) if old else TRAILERS
    numbers, found = read_envelope(ISA + GS + sets.format("0001") + trailers)
    assert found == [expected]
    assert len(numbers) == sets.count("ST*")


def test_a_set_without_se_ends_where_the_next_begins() -> None:
    """The next ST, GS or ISA is not swallowed by the set before it."""
    broken = SHORT.format("0001").replace("SE*3*0001~\n", "")
    numbers, found = read_envelope(ISA + GS + broken + SHORT.format("0002") + "GE*2*7~\nIEA*1*000000905~\n")
    assert (numbers, found) == (["0001", "0002"], [("set", "2", "SE")])
    numbers, found = read_envelope(ISA + GS + broken + FILE)
    assert numbers == ["0001", "0001"]
    assert found == [("group", "3", "GE"), ("interchange", "023", "IEA"), ("set", "2", "SE")]


def test_a_set_outside_any_group_is_read_and_reported() -> None:
    """Its group header is empty."""
    reader = Reader([(ISA + SHORT.format("0001") + "IEA*0*000000905~\n").encode()])
    (tset,) = list(reader)
    assert tset.group.functional_id == ""
    assert codes(reader.findings) == [("interchange", "024", "ST")]


def test_findings_carry_their_offset() -> None:
    """An envelope finding says at which byte its segment begins."""
    text = ISA + GS + SHORT.format("0001") + TRAILERS.replace("GE*1", "GE*5")
    reader = Reader([text.encode()])
    list(reader)
    assert [finding.offset for finding in reader.findings] == [text.index("GE*5")]
    assert reader.interchanges[0].findings == reader.findings


def test_an_isa_of_wrong_form_names_the_element() -> None:
    """Each element of the ISA has its own TA105 code."""
    for old, new, code in [
        ("*260105*", "*261305*", "014"),
        ("*T*", "*Q*", "020"),
        ("*0*T", "*2*T", "019"),
        ("000000905*", "00000090X*", "018"),
    ]:
        _, found = read_envelope(ISA.replace(old, new, 1) + "IEA*0*000000905~\n")
        assert ("interchange", code, "ISA") in found


@pytest.mark.parametrize("row", corpus_rows(""), ids=lambda row: row["path"])
def test_sample_files_are_read_as_their_index_says(row: dict[str, str]) -> None:
    """Files that others wrote: as many sets as counted, findings of the envelope where the index names an error, else none.

    Whether the sets are of their group's kind and guide the index does not look at.
    """
    reader = Reader([(CORPUS / row["path"]).read_bytes()])
    found: list[Finding] = []
    count = 0
    for tset in reader:
        list(tset)
        count += 1
        found.extend(tset.findings)
    found.extend(reader.findings)
    assert count == int(row["st"])
    marks = {
        "SE01=": "4",
        "SE02 ": "3",
        "SE missing": "2",
        "GE01=": "5",
        "GE02!=": "4",
        "IEA01=": "021",
        "IEA02!=": "001",
        "duplicate ST02": "23",
    }
    named = {code for mark, code in marks.items() if mark in row["envelope_errors"]}
    assert named <= {finding.code for finding in found}
    if row["clean"] == "True":
        assert [finding for finding in found if finding.code not in ("18", "19")] == []


@pytest.mark.parametrize(
    ("start", "codes"),
    [
        ("ST*835*0001", []),
        ("ST*835*0001*005010X221A1", []),
        ("ST*835*0001*005010X221", []),
        ("ST*837*0001*005010X222A1", ["18", "19"]),
        ("ST*999*0001", ["18"]),
        ("ST*835*0001*005010X222A1", ["19"]),
        ("ST*ZZZ*0001", []),
    ],
)
def test_a_set_stands_in_a_group_of_its_kind(start: str, codes: list[str]) -> None:
    """IK502 18: GS01 is not that of ST01; 19: ST03 names another guide than GS08. Of an edition nobody makes a fault."""
    tset = next(iter(Reader([(ISA + GS + start + "~SE*2*0001~" + TRAILERS).encode()])))
    list(tset)
    assert [finding.code for finding in tset.findings] == codes


def test_a_group_may_leave_the_guide_to_its_sets() -> None:
    """GS08 with the version of the standard alone contradicts no guide."""
    group = GS.replace("005010X221A1", "005010")
    tset = next(iter(Reader([(ISA + group + "ST*835*0001*005010X221A1~SE*2*0001~" + TRAILERS).encode()])))
    list(tset)
    assert tset.findings == []
