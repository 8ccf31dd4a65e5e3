"""A second look: segments by the byte they begin at and their number in the set."""

from collections.abc import Iterator

import pytest

from edi.interchange import Reader
from edi.tools.segment_lookup import SegmentLookup
from tests.support.remittances import FILE, GS, ISA, SET, TRAILERS

TWO = FILE + "\r\n" + ISA.replace("*", "|").replace(":~", ">\n") + GS.replace("*", "|").replace("~", "") + SET.replace(
    "*", "|"
).replace("~", "").replace(":", ">") + TRAILERS.replace("*", "|").replace("~", "")  # fmt: skip
SEGMENTS = [line.rstrip("~") for line in SET.splitlines()]


@pytest.mark.parametrize("size", [1, 7, 64, 1_000_000])
def test_every_segment_of_every_set_is_found(size: int) -> None:
    """Two interchanges with delimiters and line ends of their own, in chunks of any size."""
    data = TWO.encode()

    def chunks() -> Iterator[bytes]:
        return (data[start : start + size] for start in range(0, len(data), size))

    reader, lookup, seen = Reader(chunks()), SegmentLookup(chunks), 0
    for tset in reader:
        raw = dict(enumerate(tset, 1))
        assert lookup.find(tset.offset, reversed(raw)) == raw
        assert lookup.delimiters == tset.delimiters
        seen += len(raw)
    assert seen == 2 * len(SEGMENTS)


def test_an_envelope_segment_is_found_by_its_offset() -> None:
    lookup = SegmentLookup(lambda: [FILE.encode()])
    assert lookup.find(FILE.index("GE*"))[1] == "GE*1*7"


def test_going_back_costs_another_pass_and_finds_the_same() -> None:
    opened = 0

    def chunks() -> list[bytes]:
        nonlocal opened
        opened += 1
        return [TWO[start : start + 100].encode() for start in range(0, len(TWO), 100)]

    lookup = SegmentLookup(chunks)
    late = lookup.find(TWO.rindex("GE|"))
    assert lookup.find(TWO.index("GS*"))[1].startswith("GS*HP")
    assert (late[1], opened) == ("GE|1|7", 2)


def test_what_does_not_exist_is_left_out() -> None:
    lookup = SegmentLookup(lambda: [FILE.encode()])
    assert lookup.find(FILE.index("IEA"), (0, 1, 2, 99)) == {1: "IEA*1*000000905"}
    assert lookup.find(10_000_000) == {}


def test_a_stream_that_stops_being_x12_is_searched_as_far_as_it_goes() -> None:
    data = FILE.encode() + b"ISA*broken" + b"x" * 1000
    lookup = SegmentLookup(lambda: [data])
    assert lookup.find(FILE.index("ST*"), (1, 2, 999)) == {1: SEGMENTS[0], 2: SEGMENTS[1]}
