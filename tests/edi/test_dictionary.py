"""The dictionary says of each segment what X12 005010 says of it."""

import re

import pytest

from edi.dictionary import SEGMENTS, Element, Segment, element

EXPECTED_TAGS = {
    "common": "ST SE BHT HL NM1 N1 N3 N4 PER REF CUR AMT QTY DTP DTM TRN LX LQ CAS MOA",
    "837P": "PRV SBR PAT DMG CLM PWK CN1 K3 NTE CR1 CR2 CR3 CRC HI HCP OI SV1 SV5 MEA PS1 LIN CTP SVD FRM",
    "837I and 837D": "CL1 SV2 SV3 TOO DN1 DN2",
    "835": "BPR RDM TS3 TS2 CLP MIA SVC PLB",
    "999 and 997": "AK1 AK2 IK3 CTX IK4 IK5 AK9 AK3 AK4 AK5",
    "276, 277 and 277CA": "STC",
    "270 and 271": "EB EQ INS AAA HSD MSG III LS LE MPI",
}


def elements_of(segment: Segment) -> list[Element]:
    return [inner for outer in segment.elements for inner in (outer.components or (outer,))]


@pytest.mark.parametrize("transaction", EXPECTED_TAGS)
def test_every_segment_of_a_transaction_is_described(transaction: str) -> None:
    assert set(EXPECTED_TAGS[transaction].split()) <= set(SEGMENTS)


def test_nothing_else_is_described() -> None:
    assert set(SEGMENTS) == {tag for tags in EXPECTED_TAGS.values() for tag in tags.split()}


def test_one_data_element_has_one_type_and_one_length_wherever_it_stands() -> None:
    shapes: dict[str, set[tuple[str, int, int]]] = {}
    for segment in SEGMENTS.values():
        for item in elements_of(segment):
            shapes.setdefault(item.number, set()).add((item.type, item.min, item.max))
    assert {number: shape for number, shape in shapes.items() if len(shape) > 1} == {}


@pytest.mark.parametrize("tag", sorted(SEGMENTS))
def test_types_and_lengths_are_possible(tag: str) -> None:
    for item in elements_of(SEGMENTS[tag]):
        assert item.type in {"AN", "ID", "N0", "N2", "R", "DT", "TM"}
        assert 1 <= item.min <= item.max


@pytest.mark.parametrize("tag", sorted(SEGMENTS))
def test_relational_notes_name_elements_that_exist(tag: str) -> None:
    for note in SEGMENTS[tag].notes:
        assert re.fullmatch(r"[PRECL](\d\d){2,}", note)
        positions = [int(two) for two in re.findall(r"\d\d", note)]
        assert max(positions) <= len(SEGMENTS[tag].elements)


@pytest.mark.parametrize(
    ("tag", "count"),
    [
        ("NM1", 12),
        ("CLM", 20),
        ("SV1", 21),
        ("CAS", 19),
        ("HI", 12),
        ("BPR", 21),
        ("CLP", 14),
        ("MIA", 24),
        ("PLB", 14),
        ("STC", 12),
        ("EB", 14),
        ("INS", 17),
        ("HSD", 8),
    ],
)
def test_a_segment_has_as_many_elements_as_the_standard_gives_it(tag: str, count: int) -> None:
    assert len(SEGMENTS[tag].elements) == count


def test_repeating_elements_are_marked() -> None:
    marked = {(s.tag, n): e.repeat for s in SEGMENTS.values() for n, e in enumerate(s.elements, 1) if e.repeat > 1}
    assert marked == {("DMG", 5): 10, ("CTX", 1): 10, ("EB", 3): 99, ("EQ", 1): 99}


def test_short_form_of_an_element() -> None:
    assert element("1035 AN 1/60 R") == Element("1035", "AN", 1, 60, required=True)
    assert element("782 R 1/18") == Element("782", "R", 1, 18, required=False)
    assert element("C056 x10", "1109 ID 1/1") == Element("C056", "", 0, 0, components=(Element("1109", "ID", 1, 1),), repeat=10)
