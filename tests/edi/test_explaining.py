"""A finding in words, and its segment with the wrong part marked."""

import pytest

from edi.findings import Finding
from edi.segments import Delimiters
from edi.tools.explaining import Mark, mark_segment, narrow, tell_code, tell_place, weigh

DELIMITERS = Delimiters()


def finding(**places: int | str) -> Finding:
    return Finding(**({"code": "7", "level": "element", "message": "", "segment": "SVC", "position": 9} | places))  # type: ignore[arg-type]


def marked(mark: Mark) -> str:
    return mark.text[mark.start : mark.end]


@pytest.mark.parametrize(
    ("raw", "places", "part"),
    [
        ("SVC*HC:99213:25*150*100.5", {"element": 2}, "150"),
        ("SVC*HC:99213:25*150*100.5", {"element": 3}, "100.5"),
        ("SVC*HC:99213:25*150*100.5", {"element": 1, "component": 2}, "99213"),
        ("SVC*HC:99213:25*150*100.5", {"element": 1, "component": 3}, "25"),
        ("SVC*HC:99213^AD:D0120*150", {"element": 1, "repeat": 2}, "AD:D0120"),
        ("SVC*HC:99213^AD:D0120*150", {"element": 1, "repeat": 2, "component": 2}, "D0120"),
        ("SVC*HC:99213*150", {}, "SVC*HC:99213*150"),
        ("SVC*HC:99213*150", {"level": "segment", "code": "2"}, "SVC*HC:99213*150"),
    ],
)
def test_the_part_a_finding_is_about_is_marked(raw: str, places: dict[str, int | str], part: str) -> None:
    assert marked(mark_segment(raw, finding(**places), DELIMITERS)) == part


@pytest.mark.parametrize(
    ("raw", "places", "start"),
    [
        ("SVC*HC:99213**100.5", {"element": 2, "code": "1"}, 13),
        ("SVC*HC:99213", {"element": 2, "code": "1"}, 12),
        ("SVC*HC", {"element": 1, "component": 2, "code": "1"}, 6),
    ],
)
def test_a_missing_element_is_marked_where_it_should_stand(raw: str, places: dict[str, int | str], start: int) -> None:
    mark = mark_segment(raw, finding(**places), DELIMITERS)
    assert (mark.start, mark.end, mark.is_before_gap) == (start, start, False)


def test_a_missing_segment_is_marked_after_the_one_before_it() -> None:
    gap = finding(level="segment", code="3", segment="NM1", position=4, loop="2010AA")
    assert mark_segment("HL*1**20*1", gap, DELIMITERS) == Mark("HL*1**20*1", 10, 10, is_before_gap=True)
    assert tell_place(gap) == "loop 2010AA, after segment 4"


def test_a_trailer_that_is_not_there_marks_the_end_of_what_is() -> None:
    """The set's last segment is shown, which is no SE."""
    assert mark_segment("CLP*A", finding(level="set", code="2", segment="SE"), DELIMITERS).is_before_gap


def test_other_delimiters_divide_otherwise() -> None:
    odd = Delimiters("|", ">", "!", "\n")
    assert marked(mark_segment("SVC|HC>1*2!AD>3|150", finding(element=1, repeat=1, component=2), odd)) == "1*2"


def test_a_place_is_told_from_the_loop_inwards() -> None:
    told = tell_place(finding(loop="2110", element=1, repeat=2, component=3))
    assert told == "loop 2110, segment 9 SVC, element 1, repetition 2, component 3"


def test_a_code_is_told_with_the_element_that_carries_it() -> None:
    assert tell_code(finding(code="9")) == "IK403 9"
    assert tell_code(finding(level="interchange", code="021")) == "TA105 021"


def test_only_what_is_not_used_here_is_a_warning() -> None:
    assert [weigh(finding(code=code)) for code in ("I10", "1", "7")] == ["warning", "error", "error"]
    assert weigh(finding(level="set", code="I6")) == "error"


@pytest.mark.parametrize(("start", "end"), [(0, 3), (150, 160), (295, 300), (300, 300), (10, 290)])
def test_a_long_segment_is_cut_around_its_mark(start: int, end: int) -> None:
    """Whatever was cut, the mark begins on the same text and nothing is wider than asked."""
    text = "".join(chr(0x100 + number) for number in range(300))
    cut = narrow(Mark(text, start, end), 60)
    assert len(cut.text) <= 60
    assert text[start:].startswith(cut.text[cut.start : cut.end].rstrip("…"))
    assert cut.end > cut.start or start == end


def test_a_short_segment_is_not_cut() -> None:
    assert narrow(Mark("ST*837", 0, 2), 60) == Mark("ST*837", 0, 2)
