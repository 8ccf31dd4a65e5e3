"""What becomes of a partner's copy is retried until it is done; a file is taken once meanwhile, and no other copy is hit."""

import pytest

from gateway.errors import PermanentError, TransientError
from tests.support.wire import Killed, Wire
from tests.support.worlds import MERIDIAN, World

FOLDER, DONE = "answers", "answers/done"
SECONDS = 1_772_400_000


def there(world: World, folder: str = FOLDER) -> list[str]:
    return sorted(world.wire.folders.get(folder, {}))


def steps(world: World) -> list[tuple[str, int, bool]]:
    """Name, tries, and whether it is done, of each."""
    return [(row["name"], row["tries"], row["done_at"] is not None) for row in world.rows("remote_step")]


def fetched(world: World) -> list[str]:
    return [name for call, name in world.wire.calls if call.startswith("fetch")]


def kept(world: World) -> list[bytes]:
    """The bytes of every file, in the order they were taken."""
    return [world.archive.read(row["sha256"]) for row in world.rows("file")]


def move_copies(world: World) -> None:
    world.change_table("pickup", after="move", move_to=DONE)


def test_a_copy_is_moved_where_the_profile_says(world: World) -> None:
    move_copies(world)
    world.wire.put(FOLDER, "a.999", b"one")
    assert world.run("pickup") == {"pickup": 1}
    assert (there(world), there(world, DONE)) == ([], ["a.999"])
    assert steps(world) == [("a.999", 0, True)]
    assert world.rows("file")[0]["removed_at"] is not None


@pytest.mark.parametrize("action", ["remove", "move"])
def test_a_refusal_is_told_at_once_and_tried_again_and_the_file_is_taken_once(world: World, action: str) -> None:
    if action == "move":
        move_copies(world)
    world.wire.put(FOLDER, "a.999", b"one")
    world.wire.before[action] = [PermanentError("permission denied") for _ in range(3)]
    assert world.run("pickup") == {"pickup": 1}
    for _ in range(2):
        assert world.run("pickup") == {"pickup": 0}
        assert (there(world), world.work()) == (["a.999"], ["transfer_failing"])
    assert [name for call, name in world.wire.calls if call.startswith("fetch")] == ["a.999"]
    assert world.run("pickup") == {"pickup": 0}
    assert (there(world), world.work(), len(world.rows("file")), world.broken()) == ([], [], 1, [])


def test_a_bad_day_of_the_server_is_told_after_five_tries(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"one")
    world.wire.before["remove"] = [TransientError("the server answered 4 (failure)") for _ in range(6)]
    told = []
    for _ in range(6):
        world.run("pickup")
        told.append(world.work())
    assert told == [[]] * 4 + [["transfer_failing"]] * 2
    world.run("pickup")
    assert (there(world), world.work(), steps(world)) == ([], [], [("a.999", 6, True)])


def test_one_refused_copy_keeps_no_other_file_waiting(world: World) -> None:
    for name in ("a.999", "b.999", "c.999"):
        world.wire.put(FOLDER, name, name.encode())
    world.wire.before["remove"] = [PermanentError("permission denied")]
    assert world.run("pickup") == {"pickup": 3}
    assert there(world) == ["a.999"]


def test_a_server_that_refuses_all_is_not_asked_for_each_of_many(world: World) -> None:
    for number in range(20):
        world.wire.put(FOLDER, f"{number:02}.999", b"%d" % number)
    world.wire.before["remove"] = [PermanentError("permission denied") for _ in range(100)]
    assert world.run("pickup") == {"pickup": 20}
    world.wire.calls.clear()
    assert world.run("pickup") == {"pickup": 0}
    assert len([call for call, _ in world.wire.calls if call == "remove"]) == 3


def test_a_copy_that_changed_meanwhile_is_left_alone_and_fetched_as_another_file(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"one")
    world.wire.before["remove"] = [TransientError("failure")]
    world.run("pickup")
    world.wire.put(FOLDER, "a.999", b"another", SECONDS + 5)
    assert world.run("pickup") == {"pickup": 1}
    assert [row["size_bytes"] for row in world.rows("file")] == [3, 7]
    assert (there(world), steps(world)) == ([], [("a.999", 1, True), ("a.999", 0, True)])


def test_a_copy_that_changed_between_its_commit_and_its_removal_is_left_alone(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"one")
    find = world.wire.find

    def change(folder: str, name: str) -> object:
        world.wire.put(FOLDER, "a.999", b"another", SECONDS + 5)
        world.wire.find = find  # type: ignore[method-assign]
        return find(folder, name)

    world.wire.find = change  # type: ignore[method-assign,assignment]
    assert world.run("pickup") == {"pickup": 1}
    assert there(world) == ["a.999"]
    assert world.run("pickup") == {"pickup": 1}
    assert (there(world), len(world.rows("file"))) == ([], 2)


@pytest.mark.parametrize(("when", "action"), [("before", "remove"), ("after", "remove"), ("before", "move"), ("after", "move")])
def test_killed_around_the_step_the_file_is_taken_once_and_its_copy_goes(world: World, when: str, action: str) -> None:
    if action == "move":
        move_copies(world)
    world.wire.put(FOLDER, "a.999", b"one")
    getattr(world.wire, when)[action] = [Killed()]
    with pytest.raises(Killed):
        world.run("pickup")
    assert world.run("pickup") == {"pickup": 0}
    assert (there(world), len(world.rows("file")), steps(world)) == ([], 1, [("a.999", 0, True)])
    assert there(world, DONE) == (["a.999"] if action == "move" else [])


def test_the_same_bytes_under_two_names_are_one_file_and_both_copies_go(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"same")
    world.wire.put(FOLDER, "b.999", b"same")
    assert world.run("pickup") == {"pickup": 1}
    assert (there(world), steps(world)) == ([], [("a.999", 0, True), ("b.999", 0, True)])


class LyingWire(Wire):
    """A server that says yes to a removal and keeps the file."""

    def remove(self, folder: str, name: str) -> None:
        self.calls.append(("removed", name))


def test_a_server_that_only_says_it_removed_a_file_is_told_of(world: World) -> None:
    world.wires.by_partner[MERIDIAN] = LyingWire()
    world.wire.put(FOLDER, "a.999", b"one")
    for _ in range(8):
        world.run("pickup")
    assert (len(world.rows("file")), len(world.rows("remote_step")), world.work()) == (1, 1, ["transfer_failing"])
    assert len([call for call, _ in world.wire.calls if call.startswith("fetch")]) == 2


def test_a_profile_that_leaves_copies_from_now_on_ends_the_steps(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"one")
    world.wire.before["remove"] = [PermanentError("permission denied")]
    world.run("pickup")
    assert world.work() == ["transfer_failing"]
    world.change_table("pickup", after="leave")
    for _ in range(2):
        assert world.run("pickup") == {"pickup": 0}
    assert (there(world), world.work()) == (["a.999"], [])
    assert [name for call, name in world.wire.calls if call.startswith("fetch")] == ["a.999"]


def test_a_profile_that_moves_copies_from_now_on_moves_those_that_could_not_be_deleted(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"one")
    world.wire.before["remove"] = [PermanentError("permission denied")]
    world.run("pickup")
    move_copies(world)
    world.run("pickup")
    assert (there(world), there(world, DONE), world.work()) == ([], ["a.999"], [])


def test_a_server_without_stat_is_judged_by_its_listing_alone(world: World) -> None:
    world.change_table("quirks", stat=False)
    world.wire.put(FOLDER, "a.999", b"one")
    world.wire.before["find"] = [AssertionError("nobody may ask")]
    assert world.run("pickup") == {"pickup": 1}
    assert there(world) == ["a.999"]
    assert world.run("pickup") == {"pickup": 0}
    assert (there(world), steps(world)) == ([], [("a.999", 0, True)])


@pytest.mark.parametrize("action", ["remove", "move"])
def test_without_times_a_copy_of_the_same_length_is_told_from_ours_by_its_bytes(world: World, action: str) -> None:
    """Every TA1 has one length: the next one under the same name shows as the one that could not be cleared away."""
    if action == "move":
        move_copies(world)
    world.wire.put(FOLDER, "TA1.999", b"one", None)
    world.wire.before[action] = [TransientError("failure")]
    world.run("pickup")
    world.wire.put(FOLDER, "TA1.999", b"two", None)
    for _ in range(3):
        world.run("pickup")
    assert (kept(world), there(world)) == ([b"one", b"two"], [])
    assert steps(world) == [("TA1.999", 1, True), ("TA1.999", 0, True)]


@pytest.mark.parametrize("stat", [True, False])
def test_where_a_server_tells_nothing_a_longer_copy_is_told_from_ours_by_its_bytes(world: World, stat: bool) -> None:
    world.change_table("quirks", stat=stat)
    world.wire.tells_sizes = False
    world.wire.put(FOLDER, "a.999", b"one", None)
    world.wire.before["remove"] = [TransientError("failure")] if stat else []
    world.run("pickup")
    world.wire.put(FOLDER, "a.999", b"second, and longer", None)
    for _ in range(4):
        world.run("pickup")
    assert (kept(world), there(world), world.work()) == ([b"one", b"second, and longer"], [], [])


def test_what_a_listing_told_once_and_tells_no_more_is_no_word_on_the_copy_there(world: World) -> None:
    world.change_table("quirks", stat=False)
    world.wire.put(FOLDER, "a.999", b"one")
    world.run("pickup")
    world.wire.put(FOLDER, "a.999", b"two", None)
    for _ in range(4):
        world.run("pickup")
    assert (kept(world), there(world)) == ([b"one", b"two"], [])


def test_without_times_a_copy_that_changed_between_its_commit_and_its_removal_is_left_alone(world: World) -> None:
    world.wire.put(FOLDER, "a.999", b"one", None)
    find = world.wire.find

    def change(folder: str, name: str) -> object:
        world.wire.put(FOLDER, "a.999", b"two", None)
        world.wire.find = find  # type: ignore[method-assign]
        return find(folder, name)

    world.wire.find = change  # type: ignore[method-assign,assignment]
    assert world.run("pickup") == {"pickup": 1}
    assert there(world) == ["a.999"]
    assert world.run("pickup") == {"pickup": 1}
    assert (kept(world), there(world)) == ([b"one", b"two"], [])


@pytest.mark.parametrize(("modified_at", "reads"), [(SECONDS, 1), (None, 4)])
def test_a_copy_is_read_before_every_try_only_where_the_server_tells_too_little(
    world: World, modified_at: int | None, reads: int
) -> None:
    world.wire.put(FOLDER, "a.999", b"one", modified_at)
    world.wire.before["remove"] = [TransientError("failure"), TransientError("failure")]
    for _ in range(3):
        world.run("pickup")
    assert (len(fetched(world)), len(world.rows("file")), there(world)) == (reads, 1, [])


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_copy_that_cannot_be_read_to_its_end_is_not_removed_and_tried_again(world: World, when: str) -> None:
    world.wire.put(FOLDER, "a.999", b"one", None)
    world.wire.before["remove"] = [TransientError("failure")]
    world.run("pickup")
    getattr(world.wire, when)["fetch a.999"] = [TransientError("failure")]
    world.run("pickup")
    assert (there(world), steps(world)) == (["a.999"], [("a.999", 2, False)])
    world.run("pickup")
    assert (there(world), len(world.rows("file"))) == ([], 1)


def test_a_server_that_refuses_every_removal_and_tells_no_times_keeps_no_new_answer_from_us(world: World) -> None:
    for number in range(20):
        world.wire.put(FOLDER, f"{number:02}.999", b"%03d" % number, None)
    world.wire.before["remove"] = [PermanentError("permission denied") for _ in range(1000)]
    assert world.run("pickup") == {"pickup": 20}
    world.wire.put(FOLDER, "19.999", b"new", None)
    most = 0
    for _ in range(10):
        world.wire.calls.clear()
        world.run("pickup")
        most = max(most, len(fetched(world)))
    assert (kept(world)[20:], len(there(world)), world.work()) == ([b"new"], 20, ["transfer_failing"])
    assert most <= 5, "nor is every copy read at every look"
