"""Number series: each number is handed out once, whoever asks at the same moment."""

from threading import Thread
from time import sleep

import pytest
from sqlalchemy import Engine

from gateway.db.engine import writing
from gateway.db.numbers import draw
from tests.support.racing import draw_numbers, run_at_once


def test_eight_processes_never_draw_the_same_number(engine: Engine) -> None:
    """The series does not exist when they begin, so they also race to create it; no number is skipped."""
    drawn = run_at_once(draw_numbers, engine, 8, "isa:raced", 2000)
    assert sorted(number for numbers in drawn for number in numbers) == list(range(1, 16_001))
    assert all(numbers == sorted(numbers) for numbers in drawn)


def test_two_who_begin_a_series_at_once_share_it(engine: Engine) -> None:
    """The slower one waits for the faster one's commit and goes on from there."""
    drawn: list[int] = []

    def draw_one() -> None:
        with writing(engine) as connection:
            drawn.append(draw(connection, "begun by two"))

    slower = Thread(target=draw_one)
    with writing(engine) as connection:
        drawn.append(draw(connection, "begun by two", count=3))
        slower.start()
        sleep(0.3)
    slower.join()
    assert drawn == [1, 4]


def test_a_series_begins_at_one_and_goes_on(engine: Engine) -> None:
    with writing(engine) as connection:
        assert [draw(connection, "gs:new"), draw(connection, "gs:new"), draw(connection, "gs:other")] == [1, 2, 1]


def test_several_numbers_are_consecutive(engine: Engine) -> None:
    with writing(engine) as connection:
        assert [draw(connection, "st", count=5), draw(connection, "st", count=2), draw(connection, "st")] == [1, 6, 8]


def test_a_number_drawn_in_a_transaction_that_failed_is_not_ours(engine: Engine) -> None:
    """It comes back with the rollback: nothing was written with it."""
    with writing(engine) as connection:
        draw(connection, "pcn")

    def draw_and_fail() -> None:
        with writing(engine) as connection:
            draw(connection, "pcn")
            raise RuntimeError("our bug")

    with pytest.raises(RuntimeError, match="our bug"):
        draw_and_fail()
    with writing(engine) as connection:
        assert draw(connection, "pcn") == 2


def test_no_number_is_a_bug(engine: Engine) -> None:
    with pytest.raises(AssertionError, match="at least one"), writing(engine) as connection:
        draw(connection, "pcn", count=0)
