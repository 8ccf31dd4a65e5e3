"""A guide narrows components as it narrows elements, and what one component demands of another is checked."""

import pytest

from edi import tree
from edi.check import list_codes
from edi.findings import Finding
from edi.interchange import Reader
from edi.spec import R, S, seg, transaction
from tests.support.remittances import GS, ISA, TRAILERS

INVENTED = transaction(
    "837",
    "INVENTED",
    "HC",
    "Components",
    seg("ST", R),
    seg("CLM", R, e5_2="A", e5_3=("1", "7", "8"), required=(2, 5, "5-2", "5-3"), unused=(3, 4, "11-3")),
    seg("DTP", S, e1="096", e2="TM"),
    seg("DTP", S, e1="435", e2=("D8", "DT")),
    seg("HI", S, e1=("BH", "BK"), unused=("2-3", "2-4")),
    seg("REF", S, e1="G1"),
    seg("SE", R),
)


def find(*segments: str) -> list[Finding]:
    """What is found in these segments between ST and SE."""
    body = "".join(f"{one}~" for one in ("ST*837*0001", *segments, f"SE*{len(segments) + 2}*0001"))
    tset = next(iter(Reader([(ISA + GS + body + TRAILERS).encode()])))
    for _ in tree.read(INVENTED, tset):
        pass
    return [finding for finding in tset.findings if finding.level in ("segment", "element")]


def where(*segments: str) -> list[tuple[str, str, int, int]]:
    """Each finding's code, segment, element and component."""
    return [(one.code, one.segment, one.element, one.component) for one in find(*segments)]


RIGHT = "CLM*PCN1*100***13:A:1"


@pytest.mark.parametrize(
    "segment",
    ["DTP*096*TM*2359", "DTP*435*D8*20240229", "DTP*435*DT*202402292359", "HI*BH:11:D8:20240229", "REF*G1*1**2U:1:3N:2"],
)
def test_what_the_guide_allows_is_no_finding(segment: str) -> None:
    assert find(RIGHT, segment) == []


@pytest.mark.parametrize(
    ("claim", "fault"),
    [
        ("CLM*PCN1*100***13:B:1", ("7", "CLM", 5, 2)),
        ("CLM*PCN1*100***13:A:2", ("7", "CLM", 5, 3)),
        ("CLM*PCN1*100***13:A", ("1", "CLM", 5, 3)),
        ("CLM*PCN1*100***13::1", ("1", "CLM", 5, 2)),
        ("CLM*PCN1*100***13:A:1******AA::EM", ("I10", "CLM", 11, 3)),
        ("CLM*PCN1*100*X**13:A:1", ("I10", "CLM", 3, 0)),
        ("CLM*PCN1*100***13:A:1:1", ("13", "CLM", 5, 0)),
        ("CLM*PCN1*100", ("1", "CLM", 5, 0)),
    ],
)
def test_a_narrowed_component_is_found_where_it_stands(claim: str, fault: tuple[str, str, int, int]) -> None:
    assert where(claim) == [fault]


@pytest.mark.parametrize(
    ("segment", "fault"),
    [
        ("HI*BH:11:D8", ("2", "HI", 1, 4)),
        ("HI*BH:11::20240229", ("2", "HI", 1, 3)),
        ("HI*BH:11:D8:20240230", ("8", "HI", 1, 4)),
        ("HI*BH:11:RD8:20240201", ("8", "HI", 1, 4)),
        ("HI*BK:11::::::1:Y", ("10", "HI", 1, 9)),
        ("HI*BK:11*BK:12:D8:20240229", ("I10", "HI", 2, 3)),
        ("REF*G1*1**2U:1:3N", ("2", "REF", 4, 4)),
        ("DTP*096*TM*2460", ("9", "DTP", 3, 0)),
        ("DTP*435*DT*202402302359", ("8", "DTP", 3, 0)),
        ("DTP*435*DT*20240229", ("8", "DTP", 3, 0)),
    ],
)
def test_what_components_demand_of_each_other_is_found(segment: str, fault: tuple[str, str, int, int]) -> None:
    assert where(RIGHT, segment)[:1] == [fault]


def test_foreign_punctuation_of_a_composite_is_one_finding_that_says_so() -> None:
    (finding,) = find("CLM*PCN1*100***13>A>1")
    assert (finding.code, finding.segment, finding.element, finding.component) == ("5", "CLM", 5, 1)
    assert "separated by ':'" in finding.message
    assert "13" not in finding.message


def test_a_list_too_long_to_read_is_told_by_its_length() -> None:
    codes = tuple(f"{number:02}" for number in range(41))
    assert list_codes(codes) == "one of 41 codes"
    assert list_codes(codes[:2]) == "one of 00, 01"
