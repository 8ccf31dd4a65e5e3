"""A loop whose first segment is missing is one finding: what stands in it is read where it belongs and not told again."""

import pytest

from edi import tree
from edi.findings import Finding
from edi.interchange import Reader
from edi.spec import TransactionSpec
from edi.transactions import t837d, t837i, t837p
from tests.support.full_sets import full_set, group_header
from tests.support.remittances import ISA, TRAILERS

GUIDES = {"837P": t837p.SPEC, "837I": t837i.SPEC, "837D": t837d.SPEC}


def find(spec: TransactionSpec, segments: list[str]) -> list[tuple[str, str, str]]:
    """Code, segment and loop of each finding; SE counts right."""
    text = "".join(f"{segment}~" for segment in [*segments[:-1], f"SE*{len(segments)}*0001"])
    tset = next(iter(Reader([(ISA + group_header(segments[0]) + text + TRAILERS).encode()])))
    for _ in tree.read(spec, tset):
        pass
    return [_shorten(finding) for finding in tset.findings]


def _shorten(finding: Finding) -> tuple[str, str, str]:
    return finding.code, finding.segment, finding.loop


def without(segments: list[str], start: str, occurrence: int = 0) -> list[str]:
    found = [at for at, segment in enumerate(segments) if segment.startswith(start)][occurrence]
    return segments[:found] + segments[found + 1 :]


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize(
    ("start", "finding"),
    [
        ("NM1*85", ("3", "NM1", "2010AA")),
        ("HL*1*", ("3", "HL", "2000A")),
        ("HL*2*", ("3", "HL", "2000B")),
        ("HL*3*", ("3", "HL", "2000C")),
        ("NM1*IL", ("3", "NM1", "2010BA")),
        ("NM1*PR", ("3", "NM1", "2010BB")),
        ("CLM*", ("3", "CLM", "2300")),
        ("LX*", ("3", "LX", "2400")),
    ],
)
def test_a_missing_first_segment_is_the_only_finding(name: str, start: str, finding: tuple[str, str, str]) -> None:
    assert find(GUIDES[name], without(full_set(GUIDES[name]), start)) == [finding]


def test_the_second_line_without_its_number_is_a_line() -> None:
    segments = full_set(t837p.SPEC)
    first = next(at for at, segment in enumerate(segments) if segment.startswith("LX*"))
    line = ["SV1*HC:99213*100*UN*1***1", "DTP*472*D8*20240229"]
    end = next(at for at, segment in enumerate(segments) if segment.startswith("HL*3*"))
    assert first < end
    assert find(t837p.SPEC, [*segments[:end], *line, *segments[end:]]) == [("3", "LX", "2400")]


def test_a_neighbour_out_of_sequence_opens_no_loop() -> None:
    """N3 after N4 stands too late in its own loop, although a loop that begins before N3 may follow."""
    segments = full_set(t837p.SPEC)
    at = next(at for at, segment in enumerate(segments) if segment.startswith("N3*"))
    segments[at], segments[at + 1] = segments[at + 1], segments[at]
    assert find(t837p.SPEC, segments) == [("7", "N3", "2010AA")]


def test_a_level_that_lacks_the_segment_gets_it_late() -> None:
    """SBR after the subscriber's name belongs to the open level, which has none, and begins no other."""
    segments = full_set(t837i.SPEC)
    at = next(at for at, segment in enumerate(segments) if segment.startswith("SBR*"))
    end = next(at for at, segment in enumerate(segments) if segment.startswith("NM1*PR"))
    assert find(t837i.SPEC, [*segments[:at], *segments[at + 1 : end], segments[at], *segments[end:]]) == [("7", "SBR", "2000B")]


def test_a_segment_too_many_and_too_late_is_told_once() -> None:
    segments = full_set(t837i.SPEC)
    at = next(at for at, segment in enumerate(segments) if segment.startswith("PER*IC") and segments[at - 1].startswith("REF*EI"))
    assert find(t837i.SPEC, [*segments[: at + 1], "REF*EI*990000001", *segments[at + 1 :]]) == [("5", "REF", "2010AA")]


def test_levels_demanded_and_missing_are_told_once() -> None:
    """HL04 of the level above is not told besides."""
    segments = full_set(t837d.SPEC)
    start, end = (next(at for at, one in enumerate(segments) if one.startswith(tag)) for tag in ("HL*2*", "SE*"))
    assert find(t837d.SPEC, segments[:start] + segments[end:]) == [("I7", "HL", "2000B")]


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize(
    ("start", "finding"),
    [
        ("NM1*85", ("5", "NM1", "2010AA")),
        ("HL*2*", ("5", "HL", "2000B")),
        ("LX*", ("5", "LX", "2400")),
        ("SBR*", ("5", "SBR", "2320")),
    ],
)
def test_a_first_segment_twice_on_end_begins_no_second_loop(name: str, start: str, finding: tuple[str, str, str]) -> None:
    segments = full_set(GUIDES[name])
    at = [at for at, segment in enumerate(segments) if segment.startswith(start)][start == "SBR*"]
    assert find(GUIDES[name], [*segments[:at], segments[at], *segments[at:]]) == [finding]


def test_a_claim_twice_on_end_is_two_claims() -> None:
    """What stands for money is never taken for a slip: both are handed over."""
    segments = full_set(t837p.SPEC)
    at = next(at for at, segment in enumerate(segments) if segment.startswith("CLM*"))
    text = "".join(f"{segment}~" for segment in [*segments[:at], segments[at], *segments[at:]])
    tset = next(iter(Reader([(ISA + group_header(segments[0]) + text + TRAILERS).encode()])))
    assert [unit.loop.id for unit in tree.read(t837p.SPEC, tset)] == ["2300", "2300", "2300", ""]
