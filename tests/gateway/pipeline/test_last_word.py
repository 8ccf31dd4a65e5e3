"""What may be concluded depends on whether the last word was ever said: the rename asked for, the final name or marker opened."""

from pathlib import Path

import pytest

from gateway.desk import batch_commands
from gateway.errors import PermanentError, UnknownOutcome
from gateway.transport import Standing
from tests.gateway.pipeline.test_local_partner import exchange, stored
from tests.support.wire import Killed
from tests.support.worlds import MERIDIAN, World, make_claim

__all__ = ["exchange"]
FOLDER = "claims"
NO_ANSWER = "the rename was asked for, and nobody answered"


def prepare(world: World) -> str:
    world.take_in(make_claim("A1"))
    world.run("scrub", "batching")
    return str(world.rows("batch")[0]["remote_name"])


def content_of(world: World) -> bytes:
    return world.archive.read(world.rows("file", direction="outbound")[0]["sha256"])


def state(world: World) -> str:
    return str(world.rows("batch")[0]["state"])


def look_again(world: World) -> None:
    world.wire.calls.clear()
    world.turn(minutes=16)
    world.run("delivery")


def resend(world: World) -> None:
    batch_commands.resend(world.context, 1, actor="ada", reason="they have nothing of it")


# What was never renamed was not taken.


def lose_part(world: World) -> None:
    """A scanner at the partner removes the temporary file before it was renamed."""
    world.wire.after["upload_part"] = [UnknownOutcome("the temporary file is gone before we renamed it")]
    world.run("delivery")
    world.wire.parts.clear()


def test_a_temporary_file_that_is_gone_before_its_rename_was_not_taken_at_once(world: World) -> None:
    world.change_table("quirks", taken_at_once=True)
    prepare(world)
    lose_part(world)
    for _ in range(2):
        look_again(world)
        assert (state(world), world.work(), world.states()) == ("unknown", ["unknown_delivery"], {"A1": "batched"})
    assert world.broken() == []


def test_nor_where_it_was_renamed_once_and_is_sent_once_more(world: World) -> None:
    name = prepare(world)
    world.wire.after["publish"] = [UnknownOutcome(NO_ANSWER)]
    world.run("delivery")
    world.wire.folders[FOLDER].clear()
    world.change_table("quirks", taken_at_once=True)
    resend(world)
    lose_part(world)
    look_again(world)
    assert (state(world), world.wire.published(), world.work()) == ("unknown", [], ["unknown_delivery"])
    resend(world)
    world.run("delivery")
    assert (state(world), world.wire.published(), world.broken()) == ("sent", [name], [])


def test_killed_before_its_rename_was_asked_for_it_is_not_taken_at_once_and_after_that_it_may_be(world: World) -> None:
    world.change_table("quirks", taken_at_once=True)
    prepare(world)
    world.wire.after["upload_part"] = [Killed()]
    with pytest.raises(Killed):
        world.run("delivery")
    world.wire.parts.clear()
    world.wire.before["publish"] = [Killed()]
    with pytest.raises(Killed):
        world.run("delivery")
    world.wire.parts.clear()
    world.run("delivery")
    assert (state(world), world.work(), world.broken()) == ("sent", [], [])


# Name and size alone are no proof.


@pytest.mark.parametrize("mode", ["rename", "direct", "marker"])
@pytest.mark.parametrize("confirm", ["content", "size", "listing", "none"])
def test_another_file_of_our_name_and_size_is_not_ours(world: World, exchange: Path, mode: str, confirm: str) -> None:
    world.change_table("upload", mode=mode, confirm=confirm)
    name = prepare(world)
    folder = exchange / world.profiles.partners[MERIDIAN].upload.folder
    theirs = {name: b"X" * len(content_of(world))}
    (folder / name).write_bytes(theirs[name])
    world.run("delivery")
    assert (state(world), world.work(), stored(folder)) == ("failed", ["batch_refused"], theirs)
    assert world.broken() == []


def show_only_size(world: World) -> None:
    """The server lets nobody read what lies in it."""
    there = world.wire.look

    def look(folder: str, name: str, content: bytes) -> Standing:
        standing = there(folder, name, content)
        found = world.wire.find(folder, name)
        return Standing.ALIKE if found is not None and found.size_bytes == len(content) else standing

    world.wire.look = look  # type: ignore[method-assign]


def test_what_the_server_does_not_show_is_not_ours_by_its_size_before_the_last_word(world: World) -> None:
    """Not even after an upload that was begun and broke."""
    name = prepare(world)
    show_only_size(world)
    world.wire.before["upload_part"] = [Killed()]
    with pytest.raises(Killed):
        world.run("delivery")
    world.wire.put(FOLDER, name, b"X" * len(content_of(world)))
    world.run("delivery")
    assert (state(world), world.work(), world.wire.published()) == ("failed", ["batch_refused"], [])
    assert "whose content the server does not show" in world.sentences("batch_refused")[0]
    assert world.broken() == []


@pytest.mark.parametrize("again", [look_again, resend])
def test_and_is_ours_after_it(world: World, again: object) -> None:
    name = prepare(world)
    show_only_size(world)
    world.wire.after["publish"] = [UnknownOutcome(NO_ANSWER)]
    world.run("delivery")
    again(world)  # type: ignore[operator]
    world.run("delivery")
    assert (state(world), world.work()) == ("sent", [])
    assert set(world.wire.folders[FOLDER]) == {name}


# A rename that the server may carry out late.


def ask_in_vain(world: World) -> str:
    """The rename's request went out, no answer came, and the temporary file is still there."""
    name = prepare(world)
    world.wire.before["publish"] = [UnknownOutcome(NO_ANSWER)]
    world.run("delivery")
    assert (state(world), list(world.wire.parts)) == ("unknown", [(FOLDER, name)])
    return name


@pytest.mark.parametrize("again", [look_again, resend])
def test_a_temporary_file_whose_rename_was_asked_for_is_renamed_and_never_written_again(world: World, again: object) -> None:
    name = ask_in_vain(world)
    again(world)  # type: ignore[operator]
    world.run("delivery")
    assert (state(world), world.wire.published(), world.work(), world.broken()) == ("sent", [name], [], [])
    assert [call for call, _ in world.wire.calls].count("upload_part") == (0 if again is look_again else 1)


@pytest.mark.parametrize("again", [look_again, resend])
def test_one_that_is_not_whole_any_more_is_left_to_a_person(world: World, again: object) -> None:
    name = ask_in_vain(world)
    world.wire.parts[FOLDER, name] = content_of(world)[:100]
    again(world)  # type: ignore[operator]
    world.run("delivery")
    assert (state(world), world.wire.published(), world.work()) == ("unknown", [], ["unknown_delivery"])
    assert world.wire.parts == {(FOLDER, name): content_of(world)[:100]}
    assert "only its temporary file is on the server" in world.sentences("unknown_delivery")[0]
    world.wire.parts.clear()
    resend(world)
    world.run("delivery")
    assert (state(world), world.wire.published(), world.broken()) == ("sent", [name], [])


def test_a_rename_that_was_refused_is_asked_for_no_more_and_the_upload_begins_again(world: World) -> None:
    name = prepare(world)
    world.wire.before["publish"] = [PermanentError("no such right")]
    world.run("delivery")
    assert (state(world), world.rows("batch")[0]["publishing_at"]) == ("queued", None)
    world.wire.parts[FOLDER, name] = b"broken"
    world.turn(hours=13)
    world.run("delivery")
    assert (state(world), world.wire.folders[FOLDER][name]) == ("sent", content_of(world))
    assert (world.work(), world.broken()) == ([], [])
