"""What is wrong with the sample claims: what their own repositories say of them, and what we looked at one by one."""

import pytest

from edi import tree
from edi.findings import Finding
from edi.interchange import Reader
from edi.transactions import t837d, t837i, t837p
from tests.support.sets import CORPUS

GUIDES = {version: guide.SPEC for guide in (t837d, t837i, t837p) for version in guide.SPEC.accepted_versions}

LOOPS = {
    "x12_bad_segment_identifier": [
        ("1", "", "1000A"), ("3", "PER", "1000A"), ("1", "Nd4", "2010AA"), ("3", "N4", "2010AA"), ("1", "", "2000B"),
        ("I7", "NM1", "2010BA"),
    ],
    "x12_bad_valid_code": [],
    "x12_loop_errors1_exceeds_max_1_parent": [("4", "NM1", "2010AA")],
    "x12_loop_errors2_exceeds_max_repeats_multiple_parents": [("4", "NM1", "2010AA")],
    "x12_loop_errors3_missing_loops": [("I7", "NM1", "2010AA")],
    "x12_missing_elements": [],
    "x12_missing_required_loop_in_one_repeat": [("I7", "NM1", "2010BA")],
    "x12_missing_required_loops_mult_repeats": [("3", "LX", "2400"), ("3", "LX", "2400")],
    "x12_no_errors": [],
    "x12_segment_errors": [("3", "N3", "2010AA"), ("5", "REF", "2010AA"), ("3", "HI", "2300")],
    "x12_segments_out_of_order": [("7", "N4", "2010AA"), ("7", "N3", "2010AB")],
    "x12_valid": [],
}  # fmt: skip
"""imsweb's remark on each of its files that has one: segments and loops, each once and nothing besides."""

ELEMENTS = {
    "x12_bad_valid_code": ("7", "NM1", "2010AA", 1),
    "x12_missing_elements": ("1", "NM1", "1000B", 2),
}

EXAMINED: dict[str, set[tuple[str, str, int, int]]] = {
    "837D/moov-io__x12__sample.txt": set(),
    "837I/LinuxForHealth__x12__demo.837i": {("I10", "CLM", 6, 0), ("7", "DTP", 2, 0)},
    "837I/LinuxForHealth__x12__two-claims-single-provider.837i": {("I10", "CLM", 6, 0)},
    "837P/LinuxForHealth__x12__demo.837": set(),
    "837P/LinuxForHealth__x12__demo.ambulance.example5.837": {("1", "CLM", 5, 2)},
    "837P/LinuxForHealth__x12__demo.autoaccident.837": set(),
    "837P/LinuxForHealth__x12__demo.cob.2ndary.example4.837": {("5", "CLM", 5, 1), ("7", "HI", 1, 1), ("5", "SV1", 1, 1)},
    "837P/LinuxForHealth__x12__demo.cob.example3.A.837": {("I7", "NM1", 0, 0)},
    "837P/LinuxForHealth__x12__demo.cob.example3.B.837": set(),
    "837P/LinuxForHealth__x12__demo.cob.example3.C.837": set(),
    "837P/LinuxForHealth__x12__demo.cob.example4.837": {("7", "AMT", 1, 0)},
    "837P/LinuxForHealth__x12__demo.drug.example10.1.837": set(),
    "837P/LinuxForHealth__x12__demo.drug.example10.2.837": set(),
    "837P/LinuxForHealth__x12__demo.drug.example10.3.837": set(),
    "837P/LinuxForHealth__x12__demo.example1.837": set(),
    "837P/LinuxForHealth__x12__demo.example2.837": set(),
    "837P/LinuxForHealth__x12__demo.example7.837": set(),
    "837P/LinuxForHealth__x12__demo.example8.837": set(),
    "837P/UHIN__x12-parser-library__837.edi": set(),
    "837P/kreddys__edi-lens__837p.test.0001.edi": set(),
    "837P/kreddys__edi-lens__837p.test.wrapped.edi": set(),
    "837P/moov-io__x12__sample.txt": set(),
    "837P/xlate__staedi__sample837-original.edi": set(),
}
"""Every finding of a file by code, segment, element and component; each is a real departure of the file from its guide."""


def find(name: str) -> list[Finding]:
    """What the guides find in a sample file."""
    findings: list[Finding] = []
    for tset in Reader([(CORPUS / name).read_bytes()]):
        for _ in tree.read(GUIDES[tset.version], tset):
            pass
        findings += tset.findings
    return findings


HERE = CORPUS.exists()


@pytest.mark.parametrize("name", LOOPS if HERE else ())
def test_loops_and_segments_are_told_as_their_repository_tells_them(name: str) -> None:
    findings = [one for one in find(f"837P/imsweb__x12-parser__{name}.txt") if one.level == "segment"]
    assert [(one.code, one.segment, one.loop) for one in findings] == LOOPS[name]


@pytest.mark.parametrize("name", ELEMENTS if HERE else ())
def test_elements_are_told_as_their_repository_tells_them(name: str) -> None:
    findings = find(f"837P/imsweb__x12-parser__{name}.txt")
    assert ELEMENTS[name] in [(one.code, one.segment, one.loop, one.element) for one in findings]


@pytest.mark.parametrize("name", EXAMINED if HERE else ())
def test_nothing_is_found_but_what_is_wrong(name: str) -> None:
    assert {(one.code, one.segment, one.element, one.component) for one in find(name)} == EXAMINED[name]


@pytest.mark.parametrize("name", EXAMINED if HERE else ())
def test_no_message_tells_what_the_file_holds(name: str) -> None:
    for finding in find(name):
        assert len(finding.value) < 3 or finding.value not in finding.message
