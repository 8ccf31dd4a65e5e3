"""The guides of the three 837s: whole as data, walked without a finding, and given back as they were read."""

from collections import Counter
from collections.abc import Iterator

import pytest

from edi import loop_writer, tree
from edi.findings import EdiError, Unwritable
from edi.interchange import Reader, TransactionSet
from edi.spec import TransactionSpec, transaction
from edi.transactions import t837d, t837i, t837p
from tests.support.full_sets import full_set, group_header
from tests.support.remittances import ISA, TRAILERS
from tests.support.sets import CORPUS

GUIDES = {"837P": t837p.SPEC, "837I": t837i.SPEC, "837D": t837d.SPEC}
FILES = sorted(f"{path.parent.name}/{path.name}" for kind in GUIDES for path in (CORPUS / kind).glob("*"))


def whole(spec: TransactionSpec) -> TransactionSpec:
    """The same guide read in one piece."""
    return transaction(spec.code, spec.version, spec.functional_id, spec.name, *spec.body.items)


PIECES = {version: whole(spec) for spec in GUIDES.values() for version in spec.accepted_versions}


def set_of(segments: list[str]) -> TransactionSet:
    text = "".join(f"{segment}~" for segment in segments)
    return next(iter(Reader([(ISA + group_header(segments[0]) + text + TRAILERS).encode()])))


@pytest.mark.parametrize("name", GUIDES)
def test_a_set_with_all_that_a_guide_holds_is_without_a_finding(name: str) -> None:
    tset = set_of(full_set(GUIDES[name]))
    units = list(tree.read(GUIDES[name], tset))
    assert tset.findings == []
    assert [unit.loop.id for unit in units] == ["2300", "2300", ""]


@pytest.mark.parametrize("name", GUIDES)
def test_a_set_with_all_that_a_guide_holds_comes_back_segment_by_segment(name: str) -> None:
    segments = full_set(GUIDES[name])
    spec = whole(GUIDES[name])
    tset = set_of(segments)
    (unit,) = tree.read(spec, tset)
    assert loop_writer.write(spec, unit.loop, tset.delimiters) == segments


@pytest.mark.parametrize(
    ("name", "loops"),
    [
        ("837P", "2310A 2310B 2310C 2310D 2310E 2310F 2420A 2420B 2420C 2420D 2420E 2420F 2420G 2420H 2410 2440"),
        ("837I", "2310A 2310B 2310C 2310D 2310E 2310F 2330C 2330D 2330E 2330F 2330G 2330H 2330I 2420A 2420B 2420C 2420D 2410"),
        ("837D", "2310A 2310B 2310C 2310D 2310E 2330C 2330D 2330E 2330F 2330G 2330H 2420A 2420B 2420C 2420D"),
    ],
)
def test_a_guide_has_its_loops_and_the_common_ones(name: str, loops: str) -> None:
    common = "1000A 1000B 2000A 2000B 2000C 2010AA 2010AB 2010AC 2010BA 2010BB 2010CA 2300 2320 2330A 2330B 2400 2430"
    known = {loop.id for loop in GUIDES[name].loops()}
    assert set(f"{common} {loops}".split()) <= known


@pytest.mark.parametrize(
    ("name", "versions"),
    [
        ("837P", "005010X222 005010X222A1 005010X222A2"),
        ("837I", "005010X223 005010X223A1 005010X223A2 005010X223A3"),
        ("837D", "005010X224 005010X224A1 005010X224A2 005010X224A3"),
    ],
)
def test_a_guide_is_read_with_all_its_addenda(name: str, versions: str) -> None:
    assert set(GUIDES[name].accepted_versions) == set(versions.split())


def sets_in(name: str) -> Iterator[tuple[TransactionSet, list[str]]]:
    """The sets of a sample file whose guide is here, each with its raw segments; none where it is no X12."""
    content = (CORPUS / name).read_bytes()
    try:
        raw = [[segment for run in tset.runs() for segment in run] for tset in Reader([content])]
        yield from ((tset, raw[number]) for number, tset in enumerate(Reader([content])) if tset.version in PIECES)
    except EdiError:
        return


@pytest.mark.parametrize("name", FILES)
def test_every_sample_comes_back_segment_by_segment(name: str) -> None:
    """In the order it had where that was the guide's; with every stray segment where it was not."""
    for tset, raw in sets_in(name):
        (unit,) = tree.read(PIECES[tset.version], tset)
        separator = tset.delimiters.element
        expected = [segment.rstrip(separator) for segment in raw if not segment.startswith(f"SE{separator}")]
        if any(finding.code == "I10" and tset.delimiters.component in finding.value for finding in tset.findings):
            with pytest.raises(Unwritable):
                loop_writer.write(PIECES[tset.version], unit.loop, tset.delimiters)
            continue
        written = loop_writer.write(PIECES[tset.version], unit.loop, tset.delimiters)[:-1]
        if any(finding.level == "segment" for finding in tset.findings):
            assert Counter(written) == Counter(expected)
        else:
            assert written == expected


@pytest.mark.parametrize(
    ("name", "right", "wrong", "where"),
    [
        ("837P", "CLM*X*1***01:B:1*", "CLM*X*1***00:B:1*", ("CLM", 5, 1)),
        ("837D", "CLM*X*1***01:B:1*", "CLM*X*1***01:A:1*", ("CLM", 5, 2)),
        ("837I", "CLM*X*1***X:A:0*", "CLM*X*1***X:A:L*", ("CLM", 5, 3)),
        ("837D", "TOO*JP*1*B:B:B:B:B", "TOO*JP*33*B:B:B:B:B", ("TOO", 2, 0)),
        ("837D", "TOO*JP*1*B:B:B:B:B", "TOO*JP*1*B:X:B:B:B", ("TOO", 3, 2)),
        ("837D", "DN2*1*E****JP", "DN2*1*I****JP", ("DN2", 2, 0)),
        ("837P", "PAT*01*", "PAT*99*", ("PAT", 1, 0)),
        ("837P", "PAT*01*", "PAT*18*", ("PAT", 1, 0)),
        ("837I", "PAT*01", "PAT*18", ("PAT", 1, 0)),
        ("837D", "PAT*01", "PAT*18", ("PAT", 1, 0)),
        ("837P", "HCP*00", "HCP*06", ("HCP", 1, 0)),
        ("837P", "CRC*75*Y*IH", "CRC*75*Y*01", ("CRC", 3, 0)),
        ("837I", "CAS*CO*", "CAS*XX*", ("CAS", 1, 0)),
        ("837I", "DMG*D8*20240229*F", "DMG*D8*20240229*X", ("DMG", 3, 0)),
        ("837P", "SBR*A*18*X*X*12****11", "SBR*A*18*X*X*12****XX", ("SBR", 9, 0)),
    ],
)
def test_codes_are_checked_where_they_stand(name: str, right: str, wrong: str, where: tuple[str, int, int]) -> None:
    segments = full_set(GUIDES[name])
    at = next(at for at, segment in enumerate(segments) if segment.startswith(right))
    tset = set_of([*segments[:at], segments[at].replace(right, wrong), *segments[at + 1 :]])
    for _ in tree.read(GUIDES[name], tset):
        pass
    (finding,) = tset.findings
    assert (finding.code, (finding.segment, finding.element, finding.component)) == ("7", where)


def test_a_dental_diagnosis_may_be_of_the_nomenclature_of_dentistry() -> None:
    """HI01-1 TQ (SNODENT), as the first diagnosis or beside those of ICD-10-CM."""
    segments = ["HI*TQ:D1234*ABF:K029*TQ:D2345" if segment.startswith("HI*") else segment for segment in full_set(t837d.SPEC)]
    tset = set_of(segments)
    parts = [part.document for part in t837d.TRANSACTION.read_parts(tset) if part.document]
    assert tset.findings == []
    number, version = tset.st_control_number, tset.version
    written = t837d.TRANSACTION.write_parts(parts, st_control_number=number, version=version, delimiters=tset.delimiters)
    assert [segment for segment in written if segment.startswith("HI*")] == [one for one in segments if one.startswith("HI*")]
