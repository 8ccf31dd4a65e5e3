"""999 and 997: what they say of each set, and what we say of a set that has findings."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.findings import Finding
from edi.interchange import Reader, TransactionSet
from edi.segments import Delimiters
from edi.transactions import t837p, t999
from edi.transactions.t999 import ElementNote, GroupResponse, SegmentNote, SetResponse
from tests.support.sets import CORPUS, body, corpus_rows, set_of

PARTLY = """
ST*999*0001*005010X231A1~
AK1*HC*17*005010X222A1~
AK2*837*0001*005010X222A1~
IK5*A~
AK2*837*0002*005010X222A1~
IK3*CLM*22*2300*8~
CTX*CLM01:PCN1~
IK4*5:3:1*1325*7*Z~
IK4*2*782*1~
IK3*REF*57*2010*3~
IK5*R*5*3~
AK9*P*2*2*1~
SE*13*0001~
"""
DOCUMENT = GroupResponse(
    functional_id="HC",
    control_number=17,
    version="005010X222A1",
    verdict="P",
    set_count=2,
    received_count=2,
    accepted_count=1,
    sets=(
        SetResponse(transaction="837", control_number="0001", version="005010X222A1", verdict="A", position=3),
        SetResponse(
            transaction="837",
            control_number="0002",
            version="005010X222A1",
            verdict="R",
            codes=("5", "3"),
            notes=(
                SegmentNote(
                    segment="CLM",
                    position=22,
                    loop="2300",
                    code="8",
                    patient_control_number="PCN1",
                    elements=(
                        ElementNote(element=5, component=3, repeat=1, data_element="1325", code="7", value="Z"),
                        ElementNote(element=2, data_element="782", code="1"),
                    ),
                ),
                SegmentNote(segment="REF", position=57, loop="2010", code="3"),
            ),
            position=5,
        ),
    ),
)


def test_a_999_is_read_whole() -> None:
    tset = set_of(body(PARTLY), "FA", "005010X231A1")
    assert t999.read(tset) == DOCUMENT
    assert tset.findings == []


def test_a_999_is_written_segment_for_segment() -> None:
    assert t999.write(DOCUMENT, st_control_number="0001", delimiters=Delimiters()) == body(PARTLY)


def test_a_997_says_the_same_under_other_tags() -> None:
    older = """
    ST*997*0001~
    AK1*HC*17~
    AK2*837*0002~
    AK3*CLM*22*2300*8~
    AK4*2*782*1~
    AK5*R*5~
    AK9*R*1*1*0~
    SE*8*0001~
    """
    tset = set_of(body(older), "FA", "004010")
    response = t999.read(tset)
    assert tset.findings == []
    assert (response.verdict, response.control_number) == ("R", 17)
    (one,) = response.sets
    assert (one.verdict, one.codes) == ("R", ("5",))
    note = SegmentNote(
        segment="CLM", position=22, loop="2300", code="8", elements=(ElementNote(element=2, data_element="782", code="1"),)
    )
    assert one.notes == (note,)


def test_a_999_without_its_trailer_segments_is_read_as_far_as_it_goes() -> None:
    tset = set_of(body("ST*999*0001*005010X231A1~\nAK1*HC*17*005010X222A1~\nAK2*837*0002~\nSE*4*0001~"), "FA", "005010X231A1")
    response = t999.read(tset)
    assert (response.control_number, response.verdict, [one.verdict for one in response.sets]) == (17, "", [""])
    assert {finding.segment for finding in tset.findings} == {"IK5", "AK9"}


@pytest.mark.parametrize("tag", ["AK2*837*0002", "IK3*CLM", "IK4*2", "IK5*R", "AK1"])
def test_what_is_missing_is_a_finding_and_the_rest_is_read(tag: str) -> None:
    lines = body(PARTLY)
    segments = [line for line in lines[:-1] if not line.startswith(tag)]
    tset = set_of([*segments, f"SE*{len(segments) + 1}*0001"], "FA", "005010X231A1")
    response = t999.read(tset)
    assert tset.findings or tag == "IK4*2"
    assert (response.verdict, response.set_count) == ("P", 2)


def test_a_bad_value_that_cannot_be_written_is_left_out() -> None:
    note = SegmentNote(segment="CLM", position=2, code="8", elements=(ElementNote(element=1, code="6", value="A*B"),))
    one = SetResponse(transaction="837", control_number="0001", verdict="R", notes=(note,))
    response = GroupResponse(functional_id="HC", control_number=1, verdict="R", sets=(one,))
    assert "IK4*1**6" in t999.write(response, st_control_number="0001", delimiters=Delimiters())


def refused_set(findings: list[Finding]) -> TransactionSet:
    """An 837 without segments of its own, with these findings."""
    tset = set_of(["ST*837*0007*005010X222A1", "SE*2*0007"], "HC", "005010X222A1")
    assert list(tset)
    tset.findings.extend(findings)
    return tset


def finding(code: str, level: Any = "element", **where: Any) -> Finding:
    return Finding(code=code, level=level, message="", **where)


def test_a_set_without_findings_is_accepted() -> None:
    response = t999.respond(refused_set([]))
    assert response == SetResponse(transaction="837", control_number="0007", version="005010X222A1", verdict="A")


def test_a_set_with_errors_is_rejected_and_each_error_told() -> None:
    """One note per segment, its elements under it in order of position; the claim it lies in is named."""
    response = t999.respond(
        refused_set(
            [
                finding("3", "segment", segment="N4", position=9, loop="2010AA"),
                finding("7", segment="CLM", position=22, loop="2300", element=5, component=3, value="Z"),
                finding("1", segment="CLM", position=22, loop="2300", element=2),
            ]
        ),
        patient_control_numbers=[(22, 30, "PCN1")],
    )
    assert (response.verdict, response.codes) == ("R", ("5",))
    assert response.notes == (
        SegmentNote(segment="N4", position=9, code="3", loop="2010AA"),
        SegmentNote(
            segment="CLM",
            position=22,
            code="8",
            loop="2300",
            patient_control_number="PCN1",
            elements=(
                ElementNote(element=5, component=3, code="7", data_element="1325", value="Z"),
                ElementNote(element=2, code="1", data_element="782"),
            ),
        ),
    )


def test_errors_of_the_set_itself_are_told_in_its_verdict() -> None:
    response = t999.respond(refused_set([finding("4", "set", segment="SE"), finding("3", "set", segment="SE")]))
    assert (response.verdict, response.codes, response.notes) == ("R", ("4", "3"), ())


def test_what_is_merely_not_used_is_accepted_with_errors() -> None:
    response = t999.respond(refused_set([finding("I10", segment="CLM", position=5, element=3)]))
    assert response.verdict == "E"


def test_what_does_not_balance_is_no_matter_of_syntax() -> None:
    assert t999.respond(refused_set([finding("line", "balance", segment="CLM", position=5)])).verdict == "A"


def test_a_bad_claim_read_here_gets_a_999_that_can_be_sent() -> None:
    """From a set that was read with findings to a 999 that reads back without any."""
    tset = set_of(["ST*837*0001*005010X222A1", "BHT*0019*99*R1*20240301*1200*CH", "SE*3*0001"], "HC", "005010X222A1")
    assert [item for item in t837p.read(tset) if isinstance(item, t837p.ReadClaim)] == []
    one = t999.respond(tset)
    response = t999.respond_group(tset.group, [one])
    answer = set_of(t999.write(response, st_control_number="0001", delimiters=Delimiters()), "FA", "005010X231A1")
    back = t999.read(answer)
    assert answer.findings == []
    assert back.sets[0].notes[0].segment == "BHT"


@pytest.mark.parametrize("row", [pytest.param(row, id=row["path"]) for row in corpus_rows("999/")])
def test_public_samples_are_read(row: dict[str, str]) -> None:
    """As many answers as the sample has sets; the samples that are named sound give no finding and are written back equal."""
    reader = Reader([(CORPUS / row["path"]).read_bytes()])
    count = 0
    for tset in reader:
        response = t999.read(tset)
        count += 1
        assert response.sets
        assert response.verdict in {"A", "P", "R"}
        back = t999.read(set_of(t999.write(response, st_control_number="0001", delimiters=Delimiters()), "FA", "005010X231A1"))
        if "invalid" in row["path"]:
            assert tset.findings
        else:
            assert tset.findings == []
            assert [one.notes for one in back.sets] == [one.notes for one in response.sets]
    assert count == int(row["st"])


codes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=9)
notes = st.builds(
    SegmentNote,
    segment=st.sampled_from(["CLM", "N4", "REF"]),
    position=st.integers(1, 10**9),
    code=st.just("8"),
    loop=st.sampled_from(["", "2010AA", "2300"]),
    patient_control_number=st.just("") | codes,
    elements=st.lists(
        st.builds(
            ElementNote,
            element=st.integers(1, 20),
            component=st.integers(1, 9),
            repeat=st.integers(0, 9),
            data_element=st.just("782"),
            code=st.sampled_from(["1", "7", "I10"]),
            value=st.just("") | codes,
        ),
        max_size=3,
    ).map(tuple),
)


@settings(max_examples=40, deadline=None)
@given(given_notes=st.lists(notes, max_size=4), marks=st.permutations("*:^~|>").map(lambda six: Delimiters(*six[:4])))
def test_what_is_written_is_read_back_equal(given_notes: list[SegmentNote], marks: Delimiters) -> None:
    one = SetResponse(transaction="837", control_number="0001", verdict="R", codes=("5",), notes=tuple(given_notes), position=3)
    response = GroupResponse(functional_id="HC", control_number=1, version="005010X222A1", verdict="R", set_count=1, sets=(one,))
    tset = set_of(t999.write(response, st_control_number="0001", delimiters=marks), "FA", "005010X231A1", marks)
    assert t999.read(tset) == response
    assert tset.findings == []


def test_a_segment_without_a_readable_tag_is_told_in_a_999_that_can_be_read() -> None:
    """IK301 is required; what stood there is garbage and is not echoed."""
    response = t999.respond(refused_set([finding("1", "segment", segment="", position=4)]))
    group = GroupResponse(functional_id="HC", control_number=1, verdict="R", sets=(response,))
    written = t999.write(group, st_control_number="0001", delimiters=Delimiters())
    tset = set_of(written, "FA", "005010X231A1")
    assert t999.read(tset).sets[0].notes[0].segment == "ZZ"
    assert not [one for one in tset.findings if one.segment == "IK3"]


OLDER = """
ST*997*0001~
AK1*HC*17~
AK2*837*0002~
AK3*CLM*22*2300*8*5~
AK4*5:3*1325*7*Z~
AK4*2*782*1~
AK5*R*5~
AK9*P*2*2*1*5~
SE*9*0001~
"""


@pytest.mark.parametrize("head", ["ST*997*0001", "ST*997*0001*005010X230"])
def test_a_997_is_written_back_as_a_997(head: str) -> None:
    """Under its own tags, with the further codes of a segment, and its guide only where it said one."""
    segments = [head, *body(OLDER)[1:]]
    tset = set_of(segments, "FA", "005010X230")
    (part,) = t999.TRANSACTION_997.read_parts(tset)
    assert tset.findings == []
    assert part.document is not None
    assert (part.first_position, part.last_position) == (1, 8)
    written = t999.TRANSACTION_997.write_parts(
        [part.document], st_control_number="0001", version=tset.version, delimiters=Delimiters()
    )
    assert list(written) == segments


def test_a_999_written_of_a_997_says_the_same_in_its_own_tags() -> None:
    response = t999.read(set_of(body(OLDER), "FA", "004010"))
    written = t999.write(response, st_control_number="0001", delimiters=Delimiters())
    assert written[3:-3] == ["IK3*CLM*22*2300*5", "IK3*CLM*22*2300*8", "IK4*5:3*1325*7*Z", "IK4*2*782*1"]
    tset = set_of(written, "FA", "005010X231A1")
    assert [note.code for note in t999.read(tset).sets[0].notes] == ["5", "8"]
    assert {one.segment for one in tset.findings} == {"AK1"}, "the 997 does not say which guide the group followed"


def test_a_set_without_a_number_is_written_back_without_one() -> None:
    lines = ["ST*997", *body(OLDER)[1:-1], "SE*9"]
    tset = set_of(lines, "FA", "004010")
    documents = [part.document for part in t999.TRANSACTION_997.read_parts(tset) if part.document]
    assert tset.findings
    assert list(t999.TRANSACTION_997.write_parts(documents, st_control_number="", version="", delimiters=Delimiters())) == lines
