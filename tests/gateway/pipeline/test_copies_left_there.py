"""Where a partner's profile leaves answers on the server, each is fetched once and known again by name, size and time."""

import pytest

from tests.support.statements import statements_of
from tests.support.worlds import World

FOLDER = "answers"


@pytest.fixture
def leaving(world: World) -> World:
    """A gateway whose partner keeps what we fetched."""
    world.change_table("pickup", after="leave")
    return world


def fetched(world: World) -> list[str]:
    """The names fetched by one look at the folder."""
    world.wire.calls.clear()
    world.run("pickup")
    return [name for call, name in world.wire.calls if call.startswith("fetch")]


def test_the_same_bytes_under_a_second_name_are_fetched_once(leaving: World) -> None:
    leaving.wire.put(FOLDER, "a.999", b"same")
    leaving.wire.put(FOLDER, "b.999", b"same")
    assert fetched(leaving) == ["a.999", "b.999"]
    assert fetched(leaving) == []
    assert [row["name"] for row in leaving.rows("file")] == ["a.999"]


def test_a_file_whose_time_was_touched_is_looked_at_once_more_and_then_known(leaving: World) -> None:
    leaving.wire.put(FOLDER, "a.999", b"same", modified_at=1)
    assert fetched(leaving) == ["a.999"]
    leaving.wire.put(FOLDER, "a.999", b"same", modified_at=2)
    assert fetched(leaving) == ["a.999"]
    assert fetched(leaving) == []


def test_a_file_that_grew_at_the_same_time_is_fetched_again(leaving: World) -> None:
    leaving.wire.put(FOLDER, "a.999", b"one")
    assert fetched(leaving) == ["a.999"]
    leaving.wire.put(FOLDER, "a.999", b"one more")
    assert fetched(leaving) == ["a.999"]
    assert len(leaving.rows("file")) == 2


def test_what_lies_there_is_asked_for_by_listing_and_not_by_name(leaving: World) -> None:
    """Three names or sixty: the same number of statements once all are known."""
    needed = []
    for names in (3, 60):
        for number in range(names):
            leaving.wire.put(FOLDER, f"{number}.999", b"%d" % number)
        fetched(leaving)
        with statements_of(leaving.engine) as ran:
            assert fetched(leaving) == []
        needed.append(len(ran))
    assert needed[0] == needed[1]
