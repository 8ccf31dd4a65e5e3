"""A segment whose qualifier is none of the guide's is one finding, which names every qualifier that may stand there."""

import pytest

from edi import tree
from edi.findings import Finding
from edi.interchange import Reader
from edi.spec import TransactionSpec
from edi.transactions import t837d, t837i, t837p
from tests.support.full_sets import full_set, group_header
from tests.support.remittances import ISA, TRAILERS

GUIDES = {"837P": t837p.SPEC, "837I": t837i.SPEC, "837D": t837d.SPEC}


def find(spec: TransactionSpec, segments: list[str]) -> list[Finding]:
    text = "".join(f"{segment}~" for segment in segments)
    tset = next(iter(Reader([(ISA + group_header(segments[0]) + text + TRAILERS).encode()])))
    for _ in tree.read(spec, tset):
        pass
    return tset.findings


def with_qualifier(spec: TransactionSpec, start: str, qualifier: str) -> list[str]:
    """The full set of a guide with another first element in the first segment that begins so."""
    segments = full_set(spec)
    at = next(at for at, segment in enumerate(segments) if segment.startswith(start))
    tag, _, *rest = segments[at].split("*")
    segments[at] = "*".join((tag, qualifier, *rest))
    return segments


@pytest.mark.parametrize("name", GUIDES)
@pytest.mark.parametrize(
    ("start", "loop"),
    [
        ("NM1*85", "2010AA"),
        ("NM1*PR", "2010BB"),
        ("NM1*82", "2310"),
        ("REF*D9", "2300"),
        ("AMT*EAF", "2320"),
        ("DTP*573", "2330B"),
    ],
)
def test_a_wrong_qualifier_is_the_only_finding(name: str, start: str, loop: str) -> None:
    (finding,) = find(GUIDES[name], with_qualifier(GUIDES[name], start, "QQQ" if start.startswith(("AMT", "DTP")) else "QQ"))
    assert (finding.code, finding.segment, finding.element) == ("7", start[:3], 1)
    assert finding.loop.startswith(loop)


def test_the_segment_that_was_meant_is_not_one_too_many() -> None:
    """The wrong one stands first and could be taken for it."""
    (finding,) = find(t837i.SPEC, with_qualifier(t837i.SPEC, "DTP*096", "099"))
    assert (finding.code, finding.segment, finding.element, finding.value) == ("7", "DTP", 1, "099")


def test_every_qualifier_that_may_stand_there_is_named() -> None:
    (finding,) = find(t837p.SPEC, with_qualifier(t837p.SPEC, "AMT*A8", "F2"))
    assert finding.message.endswith("one of A8, EAF")


def test_a_code_that_tells_no_place_from_another_hides_nothing() -> None:
    segments = full_set(t837p.SPEC)
    at = next(at for at, segment in enumerate(segments) if segment.startswith("CLM*"))
    segments[at] = "CLM*PCN1*100*X**11:B:1*Q*A*Y*I"
    assert [(one.code, one.element) for one in find(t837p.SPEC, segments)] == [("I10", 3), ("7", 6)]


def test_a_qualifier_in_foreign_punctuation_is_told_as_that() -> None:
    segments = full_set(t837p.SPEC)
    at = next(at for at, segment in enumerate(segments) if segment.startswith("HI*ABK"))
    segments[at] = "HI*ABK>M545*ABF>M546"
    (finding,) = find(t837p.SPEC, segments)
    assert (finding.code, finding.segment, finding.element, finding.component) == ("7", "HI", 1, 1)
    assert finding.message.endswith("components are separated by ':' here")


def test_of_a_guessed_place_nothing_else_is_told() -> None:
    """What else stands in the segment may be right in the place that was meant."""
    (finding,) = find(t837p.SPEC, with_qualifier(t837p.SPEC, "CRC*75", "QQ"))
    assert (finding.code, finding.segment, finding.element) == ("7", "CRC", 1)
