"""A segment out of place is read where it leaves least to tell of those after it: one fault is one finding."""

import pytest

from edi import tree
from edi.interchange import Reader
from edi.spec import TransactionSpec
from edi.transactions import t271, t276, t835, t837d, t837i, t837p
from tests.support.full_sets import full_set, group_header
from tests.support.remittances import ISA, TRAILERS

GUIDES = {"837P": t837p.SPEC, "837I": t837i.SPEC, "837D": t837d.SPEC, "835": t835.SPEC, "271": t271.SPEC, "276": t276.SPEC}


def find(spec: TransactionSpec, segments: list[str]) -> list[tuple[str, str, str]]:
    """Code, segment and loop of each finding; SE counts right."""
    text = "".join(f"{segment}~" for segment in [*segments[:-1], f"SE*{len(segments)}*0001"])
    tset = next(iter(Reader([(ISA + group_header(segments[0]) + text + TRAILERS).encode()])))
    for _ in tree.read(spec, tset):
        pass
    return [(finding.code, finding.segment, finding.loop) for finding in tset.findings]


def move_after(segments: list[str], start: str, end: str) -> list[str]:
    """The first segment that begins with `start`, moved behind the first one after it that begins with `end`."""
    at = next(at for at, segment in enumerate(segments) if segment.startswith(start))
    behind = next(number for number in range(at, len(segments)) if segments[number].startswith(end))
    return [*segments[:at], *segments[at + 1 : behind + 1], segments[at], *segments[behind + 1 :]]


def take_out(segments: list[str], start: str) -> list[str]:
    at = next(at for at, segment in enumerate(segments) if segment.startswith(start))
    return segments[:at] + segments[at + 1 :]


@pytest.mark.parametrize("name", GUIDES)
def test_no_segment_is_missed_twice(name: str) -> None:
    """Whatever one segment is left out, required or not, a loop's first or not: it is one finding at the most."""
    whole = full_set(GUIDES[name])
    for at in range(1, len(whole) - 1):
        found = find(GUIDES[name], whole[:at] + whole[at + 1 :])
        assert len(found) <= 1, (whole[at], found)


@pytest.mark.parametrize(
    ("name", "start", "end", "finding"),
    [
        ("271", "TRN*", "NM1*IL", ("7", "TRN", "2000C")),
        ("276", "DMG*", "NM1*IL", ("7", "DMG", "2000D")),
        ("837P", "SBR*", "NM1*IL", ("7", "SBR", "2000B")),
        ("837P", "HI*ABK", "NM1*82", ("7", "HI", "2300")),
        ("837P", "HI*ABK", "LX*", ("7", "HI", "2300")),
        ("837I", "CL1*", "NM1*71", ("7", "CL1", "2300")),
        ("835", "MIA*", "SVC*", ("7", "MIA", "2100")),
    ],
)
def test_a_segment_of_an_outer_loop_closes_no_inner_one(name: str, start: str, end: str, finding: tuple[str, str, str]) -> None:
    """It is out of sequence; what comes after it is read as if it were not there."""
    assert find(GUIDES[name], move_after(full_set(GUIDES[name]), start, end)) == [finding]


def test_what_stands_in_a_wrapper_in_place_of_what_it_wraps() -> None:
    """REF between LS and LE belongs before them: it is out of sequence, the entity is missing, and LE is no surprise."""
    segments = full_set(t271.SPEC)
    first = next(at for at, segment in enumerate(segments) if segment.startswith("LS*"))
    end = next(at for at, segment in enumerate(segments) if segment.startswith("LE*"))
    found = find(t271.SPEC, [*segments[: first + 1], "REF*6P*X", *segments[end:]])
    assert sorted(found) == [("7", "REF", "2110C"), ("I7", "NM1", "2120C")]


@pytest.mark.parametrize(
    ("start", "finding"),
    [
        ("NM1*87", ("3", "NM1", "2010AB")),
        ("NM1*77", ("3", "NM1", "2310C")),
        ("NM1*45", ("3", "NM1", "2310F")),
        ("NM1*PE", ("3", "NM1", "2010AC")),
    ],
)
def test_an_address_without_a_name_is_that_of_the_next_party(start: str, finding: tuple[str, str, str]) -> None:
    """Its loop need not be there, but the address says that it is."""
    assert find(t837p.SPEC, take_out(full_set(t837p.SPEC), start)) == [finding]


def test_a_late_segment_is_told_by_its_elements_too() -> None:
    segments = move_after(full_set(t276.SPEC), "DMG*", "NM1*IL")
    spoilt = ["DMG*D8*NODATE*F" if segment.startswith("DMG*") else segment for segment in segments]
    at = segments.index(next(segment for segment in segments if segment.startswith("DMG*")))
    found = find(t276.SPEC, [*segments[:at], spoilt[at], *segments[at + 1 :]])
    assert found == [("7", "DMG", "2000D"), ("8", "DMG", "2000D")]
