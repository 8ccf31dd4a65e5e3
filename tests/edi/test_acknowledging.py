"""From findings to TA1 and 999: every mixture is told in the right place, and what is written is itself sound."""

import io
import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyx12.params import params
from pyx12.x12n_document import x12n_document

from edi.findings import Finding
from edi.interchange import Reader, TransactionSet
from edi.segments import Delimiters
from edi.transactions import t276, t999
from edi.transactions.t999 import (
    ELEMENT_CODES,
    GROUP_CODES,
    SEGMENT_CODES,
    SET_CODES,
    Context,
    GroupResponse,
    SetResponse,
)
from edi.transactions.ta1 import NOTE_CODES, acknowledge_interchange, choose_note, read_ta1, write_ta1
from tests.support.sets import body, interchange_of, set_of

VERSION = "005010X231A1"


def judged_set(findings: Iterable[Finding]) -> TransactionSet:
    tset = set_of(["ST*837*0007*005010X222A1", "SE*2*0007"], "HC", "005010X222A1")
    assert list(tset)
    tset.findings.extend(findings)
    return tset


def finding(code: str, level: Any = "element", **where: Any) -> Finding:
    return Finding(code=code, level=level, message="", **where)


def write_one(response: SetResponse) -> list[str]:
    group = t999.respond_group(judged_set([]).group, [response])
    return t999.write(group, st_control_number="0001", delimiters=Delimiters())


def assert_sound(segments: Sequence[str]) -> GroupResponse:
    """A 999 that our reader finds nothing wrong with; gives what it says."""
    tset = set_of(segments, "FA", VERSION)
    response = t999.read(tset)
    assert tset.findings == []
    return response


def read_by_pyx12(segments: Sequence[str]) -> bool:
    """Whether pyx12 finds a 999 of these segments valid."""
    content = interchange_of(segments, "FA", VERSION).decode()
    return bool(x12n_document(params(), io.StringIO(content), io.StringIO(), None, None))


@pytest.mark.parametrize("code", ELEMENT_CODES)
def test_each_element_code_is_told_below_its_segment(code: str) -> None:
    located = finding(code, segment="NM1", position=5, loop="2010AA", element=3, value="BAD")
    written = write_one(t999.respond(judged_set([located])))
    assert "IK3*NM1*5*2010AA*8" in written
    assert f"IK4*3*1035*{code}*BAD" in written
    note = assert_sound(written).sets[0].notes[0]
    assert (note.code, note.elements[0].code) == ("8", code)


@pytest.mark.parametrize("code", SEGMENT_CODES)
def test_each_segment_code_is_told_at_its_position(code: str) -> None:
    written = write_one(t999.respond(judged_set([finding(code, "segment", segment="N4", position=9, loop="2010AA")])))
    assert f"IK3*N4*9*2010AA*{code}" in written
    assert_sound(written)


@pytest.mark.parametrize("code", SET_CODES)
def test_each_set_code_is_told_in_the_verdict(code: str) -> None:
    written = write_one(t999.respond(judged_set([finding(code, "set", segment="SE")])))
    assert f"IK5*R*{code}" in written
    assert_sound(written)


@pytest.mark.parametrize("code", GROUP_CODES)
def test_each_group_code_rejects_the_group_and_its_sets(code: str) -> None:
    sound = t999.respond(judged_set([]))
    group = t999.respond_group(judged_set([]).group, [sound], codes=[code])
    written = t999.write(group, st_control_number="0001", delimiters=Delimiters())
    assert written[-3:-1] == ["IK5*R", f"AK9*R*1*1*0*{code}"]
    assert_sound(written)


@pytest.mark.parametrize(
    ("findings", "codes"),
    [
        ([finding("7", segment="CLM", position=5, element=5)], ("5",)),
        ([finding("I10", segment="CLM", position=5, element=3)], ("I5",)),
        ([finding("I7", "segment", segment="NM1", position=5), finding("7", segment="CLM", position=9, element=5)], ("5", "I5")),
        ([finding("4", "set", segment="SE"), finding("3", "segment", segment="N4", position=5)], ("4", "5")),
        ([finding("4", "set", segment="SE"), finding("3", "set", segment="SE"), finding("4", "set", segment="SE")], ("4", "3")),
        ([finding("5", "set", segment="SE"), finding("7", segment="CLM", position=5, element=5)], ("5",)),
        ([finding(code, "set", segment="SE") for code in ("1", "2", "3", "4", "6", "7", "23")], ("1", "2", "3", "4", "6")),
        ([finding("our own", "set", segment="SE")], ("5",)),
    ],
)
def test_the_codes_of_a_verdict(findings: list[Finding], codes: tuple[str, ...]) -> None:
    """What is wrong with the set, then 5 where segments break the standard and I5 where they break the guide; five at most."""
    response = t999.respond(judged_set(findings))
    assert response.codes == codes
    assert_sound(write_one(response))


def test_segment_and_element_errors_of_one_segment_are_told_apart() -> None:
    """Every code that the segment has itself gets a note of its own, once; the element errors stand below one with code 8."""
    findings = [
        finding("7", segment="REF", position=12, loop="2010AA", element=1, value="XX"),
        finding("5", "segment", segment="REF", position=12, loop="2010AA"),
        finding("1", segment="REF", position=12, loop="2010AA", element=2),
        finding("7", "segment", segment="REF", position=12, loop="2010AA"),
        finding("5", "segment", segment="REF", position=12, loop="2010AA"),
    ]
    written = write_one(t999.respond(judged_set(findings)))
    assert [line for line in written if line.startswith("IK")] == [
        "IK3*REF*12*2010AA*5", "IK3*REF*12*2010AA*7", "IK3*REF*12*2010AA*8", "IK4*1*128*7*XX", "IK4*2*127*1", "IK5*R*5",
    ]  # fmt: skip
    assert_sound(written)


def test_two_segments_missing_at_one_position_are_told_each_in_its_loop() -> None:
    findings = [
        finding("3", "segment", segment="N3", position=9, loop="2010AA"),
        finding("3", "segment", segment="N4", position=9, loop="2010AA"),
        finding("I7", "segment", segment="NM1", position=9, loop="2010BB"),
        finding("I7", "segment", segment="NM1", position=9, loop="2010BA"),
    ]
    written = write_one(t999.respond(judged_set(findings)))
    assert [line for line in written if line.startswith("IK3")] == [
        "IK3*N3*9*2010AA*3", "IK3*N4*9*2010AA*3", "IK3*NM1*9*2010BB*I7", "IK3*NM1*9*2010BA*I7",
    ]  # fmt: skip


def test_notes_come_in_the_order_of_the_set_whatever_the_order_of_the_findings() -> None:
    findings = [finding("7", segment="CLM", position=position, element=5) for position in (30, 7, 112)]
    notes = t999.respond(judged_set(findings)).notes
    assert [note.position for note in notes] == [7, 30, 112]


def test_the_claim_is_named_at_each_of_its_segments_and_no_other() -> None:
    findings = [finding("7", segment="REF", position=position, element=1) for position in (9, 10, 20, 21)]
    notes = t999.respond(judged_set(findings), patient_control_numbers=[(10, 20, "PCN1")]).notes
    assert [(note.position, note.patient_control_number) for note in notes] == [
        (9, ""), (10, "PCN1"), (20, "PCN1"), (21, ""),
    ]  # fmt: skip


def test_a_component_and_a_repeat_are_located() -> None:
    bad = finding("7", segment="DMG", position=5, element=5, component=2, repeat=3, value="Q")
    written = write_one(t999.respond(judged_set([bad])))
    assert "IK4*5:2:3*1270*7*Q" in written
    assert_sound(written)


@pytest.mark.parametrize(
    ("bad", "context"),
    [
        (("NM1", 9, "2"), "CTX*SITUATIONAL TRIGGER*NM1*5*2010AA*8*66"),
        (("SV1", 4, "2"), "CTX*SITUATIONAL TRIGGER*SV1*5*2010AA*3*355"),
        (("N4", 7, "10"), "CTX*SITUATIONAL TRIGGER*N4*5*2010AA*2*156"),
        (("CAS", 5, "2"), "CTX*SITUATIONAL TRIGGER*CAS*5*2010AA"),
    ],
)
def test_an_error_that_depends_on_another_element_says_on_which(bad: tuple[str, int, str], context: str) -> None:
    """Where several could be the cause, only the segment is named."""
    segment, element, code = bad
    located = finding(code, segment=segment, position=5, loop="2010AA", element=element)
    written = write_one(t999.respond(judged_set([located])))
    assert written[written.index("IK3*" + segment + "*5*2010AA*8") + 2] == context
    (note,) = assert_sound(written).sets[0].notes
    assert note.elements[0].contexts[0].names == (("SITUATIONAL TRIGGER", ""),)


def test_a_real_broken_note_is_answered_with_its_trigger() -> None:
    """A name with a qualifier and no identifier, read by the guide of the 276 and answered."""
    lines = ["ST*276*0001*005010X212", "BHT*0010*13*R*20240601*1200", "HL*1**20*1", "NM1*PR*2*INVENTED*****PI", "SE*5*0001"]
    tset = set_of(lines, "HR", "005010X212")
    assert list(t276.TRANSACTION.read_parts(tset))
    written = write_one(t999.respond(tset))
    assert "IK4*9*67*1" in written
    assert_sound(written)


ALL_FORMS = """
ST*999*0001*005010X231A1~
AK1*HC*17*005010X222A1~
AK2*837*0001*005010X222A1~
IK3*REF*57*2300*3~
CTX*SITUATIONAL TRIGGER*CLM*43*2300*5:3:2*1325~
CTX*SITUATIONAL TRIGGER^SITUATIONAL TRIGGER:2*CLM*43**5:3*1325:1332~
CTX*CLM01:PCN1~
IK3*NM1*60*2310A*8~
CTX*SUBSCRIBER NAME NM109:M0001~
IK4*9*67*I9~
CTX*SITUATIONAL TRIGGER*NM1*60*2310A*8*66~
IK4*3*1035*1~
IK5*R*5*I5~
AK9*R*1*1*0~
SE*15*0001~
"""


def test_every_form_of_context_is_read_and_written_back() -> None:
    response = assert_sound(body(ALL_FORMS))
    reference, name = response.sets[0].notes
    assert reference.patient_control_number == "PCN1"
    assert reference.contexts[0] == Context(
        names=(("SITUATIONAL TRIGGER", ""),), segment="CLM", position=43, loop="2300", element=5, component=3, repeat=2,
        data_elements=("1325",),
    )  # fmt: skip
    assert name.contexts == (Context(names=(("SUBSCRIBER NAME NM109", "M0001"),)),)
    assert name.elements[0].contexts[0].element == 8
    assert t999.write(response, st_control_number="0001", delimiters=Delimiters()) == body(ALL_FORMS)


def responses_of(verdicts: str) -> list[SetResponse]:
    return [
        SetResponse(transaction="837", control_number=f"{number:04}", verdict=verdict, codes=("5",) if verdict == "R" else ())
        for number, verdict in enumerate(verdicts, 1)
    ]


@pytest.mark.parametrize("verdicts", ["", *("".join(some) for n in (1, 2, 3) for some in itertools.product("AER", repeat=n))])
def test_a_groups_verdict_adds_up_those_of_its_sets(verdicts: str) -> None:
    """A all clean, E all taken and some with errors, P some taken, R none."""
    group = t999.respond_group(judged_set([]).group, responses_of(verdicts))
    taken = len(verdicts) - verdicts.count("R")
    expected = "R" if not taken else "P" if taken < len(verdicts) else "E" if "E" in verdicts else "A"
    assert (group.verdict, group.received_count, group.accepted_count) == (expected, len(verdicts), taken)
    assert_sound(t999.write(group, st_control_number="0001", delimiters=Delimiters()))


def test_a_false_count_is_given_back_as_it_was_claimed() -> None:
    group = t999.respond_group(judged_set([]).group, responses_of("A"), codes=["5"], claimed_count=7)
    assert t999.write(group, st_control_number="0001", delimiters=Delimiters())[-2] == "AK9*R*7*1*0*5"


def test_each_group_is_answered_for_itself() -> None:
    """Of two groups with the same number and one false count, each has its own codes."""
    text = interchange_of(["ST*999*0001*005010X231A1", "SE*2*0001"], "FA", VERSION).decode()
    group = text[text.index("GS*") : text.index("IEA*")]
    text = text.replace(group, group + group.replace("GE*1*", "GE*3*")).replace("IEA*1*", "IEA*2*")
    reader = Reader([text.encode()])
    for tset in reader:
        assert list(tset)
    first, second = reader.interchanges[0].groups
    assert (first.codes, first.claimed_count) == ([], 1)
    assert (second.codes, second.claimed_count) == (["19", "5"], 3)


def header() -> Any:
    return judged_set([]).interchange


@pytest.mark.parametrize("note", sorted(NOTE_CODES))
def test_each_interchange_note_has_its_verdict_and_a_sound_ta1(note: str) -> None:
    """Accepted without one, accepted with errors where nothing that is read here is touched, else rejected."""
    acknowledgment = acknowledge_interchange(header(), note)
    harmless = {"010", "011", "012", "013", "014", "015", "019"}
    assert acknowledgment.verdict == ("A" if note == "000" else "E" if note in harmless else "R")
    assert read_ta1(write_ta1(acknowledgment)) == (acknowledgment, [])


@pytest.mark.parametrize(
    ("codes", "note"),
    [((), "000"), (("014",), "014"), (("014", "021"), "021"), (("001", "021"), "001"), (("015", "014"), "015"), (("x",), "024")],
)
def test_the_note_is_that_of_the_worst_finding(codes: tuple[str, ...], note: str) -> None:
    findings = [finding(code, "interchange", segment="ISA") for code in codes]
    assert choose_note([*findings, finding("5", "group", segment="GE")]) == note


def test_what_could_not_be_read_to_its_end_is_rejected() -> None:
    assert choose_note([finding("014", "interchange", segment="ISA")], is_cut_short=True) == "022"


BAD = (
    st.builds(
        finding,
        st.sampled_from(ELEMENT_CODES),
        segment=st.sampled_from(["NM1", "CLM", "REF", "SV1", "DMG"]),
        position=st.integers(2, 12),
        loop=st.sampled_from(["2010AA", "2300"]),
        element=st.integers(1, 9),
        component=st.integers(0, 2),
        value=st.sampled_from(["", "BAD", "A*B", "~", "x" * 99]),
    )
    | st.builds(
        finding,
        st.sampled_from(SEGMENT_CODES),
        st.just("segment"),
        segment=st.sampled_from(["", "X", "N4", "REF", "ZZZ"]),
        position=st.integers(2, 12),
        loop=st.sampled_from(["", "2010AA", "2300"]),
    )
    | st.builds(finding, st.sampled_from(SET_CODES), st.just("set"), segment=st.just("SE"))
)


@settings(max_examples=60, deadline=None)
@given(sets=st.lists(st.lists(BAD, max_size=8), max_size=4), codes=st.lists(st.sampled_from(GROUP_CODES), max_size=7))
def test_any_mixture_is_answered_in_a_sound_999(sets: list[list[Finding]], codes: list[str]) -> None:
    responses = [t999.respond(judged_set(findings), patient_control_numbers=[(3, 9, "PCN1")]) for findings in sets]
    group = t999.respond_group(judged_set([]).group, responses, codes=codes)
    written = t999.write(group, st_control_number="0001", delimiters=Delimiters())
    back = assert_sound(written)
    assert t999.write(back, st_control_number="0001", delimiters=Delimiters()) == written
    assert [one.verdict == "R" for one in back.sets] == [bool(codes) or one.verdict == "R" for one in responses]
    told = {(note.position, element.code) for one in back.sets for note in one.notes for element in note.elements}
    assert told == {(one.position, one.code) for findings in sets for one in findings if one.level == "element"}


@pytest.mark.parametrize("code", ["1", "7", "I10"])
def test_pyx12_finds_nothing_wrong_with_what_is_written(code: str) -> None:
    """It still has four characters for a loop, as the guide had before its addenda; so the loops here have four."""
    findings = [
        finding("3", "segment", segment="SBR", position=9, loop="2000"),
        finding("2", segment="REF", position=10, loop="2300", element=2),
        finding("2", segment="NM1", position=11, loop="2310", element=9),
        finding(code, segment="CLM", position=22, loop="2300", element=5, component=3, value="Z"),
        finding("4", "set", segment="SE"),
    ]
    rejected = t999.respond(judged_set(findings), patient_control_numbers=[(22, 30, "PCN1")])
    group = t999.respond_group(judged_set([]).group, [*responses_of("AE"), rejected])
    assert read_by_pyx12(t999.write(group, st_control_number="0001", delimiters=Delimiters()))


def test_pyx12_is_asked_in_earnest() -> None:
    """It rejects a 999 whose verdict is none."""
    written = t999.write(
        GroupResponse(functional_id="HC", control_number=1, verdict="Q", version="005010X222A1"),
        st_control_number="0001", delimiters=Delimiters(),
    )  # fmt: skip
    assert not read_by_pyx12(written)
