"""Levels count from 1; one whose HL is missing may have been counted or not, and what follows it is right either way."""

from edi.level_numbers import LevelNumbers, make_level_finding


def test_levels_count_from_one() -> None:
    levels = LevelNumbers()
    assert [levels.expect(number) for number in ("1", "2", "3")] == [None, None, None]


def test_a_wrong_number_is_told_once_and_counted_on_from() -> None:
    levels = LevelNumbers()
    assert [levels.expect(number) for number in ("1", "7", "8", "x", "10")] == [None, 2, None, 9, None]


def test_a_missing_level_may_have_been_counted() -> None:
    levels = LevelNumbers()
    levels.miss(1)
    assert levels.expect("2") is None


def test_a_missing_level_may_not_have_been_counted() -> None:
    levels = LevelNumbers()
    levels.miss(1)
    assert [levels.expect("1"), levels.expect("3")] == [None, 2]


def test_a_missing_level_has_no_number_until_it_is_over() -> None:
    levels = LevelNumbers()
    levels.miss(1)
    assert (levels.has_number(0), levels.has_number(1)) == (True, False)
    levels.close(1)
    assert levels.has_number(1)


def test_a_finding_says_which_element_of_which_level() -> None:
    finding = make_level_finding(2, "9" * 120, "the number around it", position=7, loop="2000B")
    assert (finding.code, finding.segment, finding.element, finding.position, finding.loop) == ("7", "HL", 2, 7, "2000B")
    assert len(finding.value) == 99
    assert "9" not in finding.message
