"""A file is settled as a whole and by looking: where the partner keeps what it took, in every mode, whatever lies in it."""

import hashlib
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from gateway.desk import batch_commands
from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport import Transport
from payers.profile import Partner
from tests.gateway.domain.samples import make_subscriber
from tests.support.wire import Killed
from tests.support.worlds import MERIDIAN, World, make_claim, make_claims, say

FOLDER = "claims"
LAKESIDE = make_subscriber(id="L00000035")


def batch_states(world: World) -> list[str]:
    return [row["state"] for row in world.rows("batch")]


def content_of(world: World) -> bytes:
    return world.archive.read(world.rows("file", direction="outbound")[0]["sha256"])


def prepare(world: World, *pcns: str) -> str:
    """Claims in one file that waits to be delivered; its name."""
    world.take_in(*make_claims(*(pcns or ("A1",))))
    world.run("scrub", "batching")
    return str(world.rows("batch")[0]["remote_name"])


def lose_the_answer(world: World) -> str:
    """The last word was said, its answer never came, and the partner has taken the file away since."""
    name = prepare(world)
    world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    world.run("delivery")
    for folder in world.wire.folders.values():
        folder.clear()
    world.turn(minutes=16)
    return name


# Where the partner keeps what it took.


@pytest.mark.parametrize("folder", ["archive", "claims/done"])
@pytest.mark.parametrize("renamed", [False, True])
def test_our_bytes_in_an_archive_folder_settle_it_under_any_name(world: World, folder: str, renamed: bool) -> None:
    world.change_table("upload", archive_folders=("archive", "claims/done"))
    name = lose_the_answer(world)
    world.wire.put(folder, f"20260302.{name}.taken" if renamed else name, content_of(world))
    world.run("delivery")
    assert (batch_states(world), world.wire.published(), world.work(), world.broken()) == (["sent"], [name], [], [])


def test_other_bytes_in_an_archive_folder_prove_nothing_and_only_those_of_our_size_are_read(world: World) -> None:
    world.change_table("upload", archive_folders=("archive",))
    name = lose_the_answer(world)
    content = content_of(world)
    world.wire.put("archive", name, content[:-1] + b"!")
    world.wire.put("archive", "longer", content + b"!")
    world.wire.before["fetch longer"] = [AssertionError("its size says that it is not ours")]
    world.run("delivery")
    assert (batch_states(world), world.wire.published(), world.work()) == (["unknown"], [name], ["unknown_delivery"])
    assert "nor is it in archive" in world.sentences("unknown_delivery")[0]
    assert world.broken() == []


def test_an_archive_folder_that_may_not_be_seen_proves_nothing(world: World) -> None:
    world.change_table("upload", archive_folders=("archive",))
    lose_the_answer(world)
    world.wire.before["list"] = [PermanentError("permission denied")]
    world.run("delivery")
    assert (batch_states(world), world.work(), world.broken()) == (["unknown"], ["unknown_delivery"], [])


def test_a_partner_that_takes_files_at_once_has_what_is_gone(world: World) -> None:
    world.change_partner(quirks=world.profiles.partners[MERIDIAN].quirks.model_copy(update={"taken_at_once": True}))
    name = lose_the_answer(world)
    world.run("delivery")
    assert (batch_states(world), world.wire.published(), world.broken()) == (["sent"], [name], [])


# The modes.


@pytest.mark.parametrize("mode", ["rename", "direct", "marker"])
@pytest.mark.parametrize("when", ["before", "half", "unmarked", "after"])
def test_killed_within_the_last_step_of_any_mode_the_file_is_there_once(world: World, mode: str, when: str) -> None:
    """Killed before anything was written under its own name, what is not there may have been taken: a person says."""
    world.change_table("upload", mode=mode)
    name = prepare(world)
    getattr(world.wire, when)["publish"] = [Killed()]
    happens = when in {"before", "after"} or (when == "half" and mode != "rename") or (when == "unmarked" and mode == "marker")
    if happens:
        with pytest.raises(Killed):
            world.run("delivery")
    world.run("delivery")
    if when == "before" and mode != "rename":
        assert (batch_states(world), world.wire.published(), world.work()) == (["unknown"], [], ["unknown_delivery"])
    else:
        assert (batch_states(world), world.wire.published(), world.work()) == (["sent"], [name], [])
        assert world.wire.folders[FOLDER][name] == content_of(world)
    assert world.broken() == []


def test_a_refused_last_step_means_that_nobody_has_it_and_it_goes_again(world: World) -> None:
    world.change_table("upload", mode="marker")
    name = prepare(world)
    world.wire.before["publish"] = [TransientError("the server says: failure")]
    world.run("delivery")
    assert batch_states(world) == ["queued"]
    world.turn(minutes=3)
    world.run("delivery")
    assert (batch_states(world), world.wire.published(), world.work(), world.broken()) == (["sent"], [name], [], [])


# One file, several batches.


def several(world: World) -> Sequence[str]:
    """Three interchanges with a claim each in one file."""
    world.change_table("batching", claims_per_set_max=1, sets_per_interchange_max=1)
    world.change_table("upload", interchanges_per_file_max=3)
    prepare(world, "A1", "A2", "A3")
    rows = world.rows("batch")
    assert (len(rows), len({row["file_id"] for row in rows}), len({row["remote_name"] for row in rows})) == (3, 1, 1)
    return [row["remote_name"] for row in rows]


def test_all_batches_of_a_file_are_sent_by_one_upload(world: World) -> None:
    name, *_ = several(world)
    assert world.run("delivery") == {"delivery": 1}
    assert (batch_states(world), set(world.states().values()), world.wire.published()) == (["sent"] * 3, {"sent"}, [name])
    assert world.broken() == []


@pytest.mark.parametrize("answer", ["TA1", "999", "277CA"])
def test_an_answer_to_one_interchange_proves_that_the_whole_file_arrived(world: World, answer: str) -> None:
    several(world)
    world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    world.run("delivery")
    assert (batch_states(world), world.work()) == (["unknown"] * 3, ["unknown_delivery"] * 3)
    reference = world.rows("batch_set")[1]["reference"]
    says = {
        "TA1": lambda: world.ta1(batch=1), "999": lambda: world.ack_999(batch=1),
        "277CA": lambda: world.ack_277ca("AY", say("A1", "A2"), reference=reference),
    }  # fmt: skip
    world.hear(says[answer]())
    assert batch_states(world) == ["sent", "delivered", "sent"]
    assert (world.work(), world.broken()) == ([], [])
    assert "batched" not in world.states().values()


@pytest.mark.parametrize("outcome", ["unknown", "failed"])
def test_a_person_hears_of_every_batch_in_the_file(world: World, outcome: str) -> None:
    name, *_ = several(world)
    if outcome == "failed":
        world.wire.put(FOLDER, name, b"somebody else's")
    else:
        world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    world.run("delivery")
    assert (batch_states(world), len(world.work()), world.broken()) == ([outcome] * 3, 3, [])


# One file refused, the others not; bytes that are not ours any more.


def test_a_file_the_partner_refuses_keeps_no_other_waiting_and_opens_no_circuit(world: World) -> None:
    first = prepare(world, "A1")
    second = prepare_another(world)
    world.wire.before["upload_part"] = [PermanentError("quota exceeded")]
    assert world.run("delivery") == {"delivery": 1}
    assert (batch_states(world), world.wire.published(), world.work()) == (["queued", "sent"], [second], ["transfer_failing"])
    assert "quota exceeded" in world.sentences("transfer_failing")[0]
    assert world.rows("partner_link")[0]["failures"] == 0
    world.turn(hours=1)
    world.run("delivery")
    assert (batch_states(world), world.wire.published(), world.work()) == (["sent", "sent"], [second, first], [])
    assert world.broken() == []


def prepare_another(world: World) -> str:
    world.take_in(make_claims("B1", "B2")[1])
    world.run("scrub", "batching")
    return str(world.rows("batch")[-1]["remote_name"])


def test_bytes_that_are_no_longer_those_that_were_archived_never_leave(world: World) -> None:
    prepare(world)
    sha256 = world.rows("file", direction="outbound")[0]["sha256"]
    kept = world.archive_folder / sha256[:2] / sha256
    kept.chmod(0o600)
    kept.write_bytes(content_of(world).replace(b"CLM", b"CLX"))
    assert hashlib.sha256(kept.read_bytes()).hexdigest() != sha256
    world.run("delivery")
    assert (batch_states(world), world.wire.published(), world.work()) == (["queued"], [], ["transfer_failing"])
    assert "is damaged: its bytes no longer have that hash" in world.sentences("transfer_failing")[0]
    batch_commands.settle_lost(world.context, 1, actor="ada", reason="no backup has it")
    assert (batch_states(world), world.states(), world.work()) == (["failed"], {"A1": "received"}, [])


# Cutoffs.


def test_a_batch_that_misses_its_cutoff_is_told_in_the_partners_time_until_it_is_sent(world: World) -> None:
    """Made at 16:50 in New York for 17:00; the partner is out of reach until 18:00."""
    world.change_table("timetable", cutoffs=("17:00",), time_zone="America/New_York")
    world.clock.turn_to(world.clock.now().replace(hour=21, minute=50))
    prepare(world, "A1", "A2")
    assert world.rows("batch")[0]["cutoff_at"] == world.clock.now() + timedelta(minutes=10)
    world.wires.refused[MERIDIAN] = TransientError("no answer")
    world.run("delivery")
    assert world.work() == []
    world.turn(minutes=11)
    world.run("delivery")
    (sentence,) = world.sentences("missed_cutoff")
    assert "on Monday 2026-03-02 17:00 EST and had not reached it by then: 2 claims, 240.01." in sentence
    assert "It goes at the next chance, by itself." in sentence
    assert "no answer" in sentence
    world.wires.refused.clear()
    world.turn(hours=1)
    world.run("delivery")
    assert (batch_states(world), world.work(), world.broken()) == (["sent"], [], [])


def test_what_is_sent_in_time_has_missed_nothing(world: World) -> None:
    world.change_table("timetable", cutoffs=("17:00",), time_zone="America/New_York")
    world.clock.turn_to(world.clock.now().replace(hour=21, minute=50))
    prepare(world)
    world.run("delivery")
    world.turn(hours=1)
    world.run("delivery")
    assert (batch_states(world), world.work(), world.broken()) == (["sent"], [], [])


# Nothing but the answers proves it.


@pytest.mark.parametrize(("confirm", "proved"), [("none", False), ("size", True)])
def test_where_nothing_else_proves_the_arrival_a_missing_answer_says_so(world: World, confirm: str, proved: bool) -> None:
    world.change_table("upload", confirm=confirm)
    world.send(make_claim("A1"))
    assert batch_states(world) == ["sent"]
    world.turn(days=2)
    world.run("followup")
    (sentence,) = [each for each in world.sentences("missing_answer") if "a 999" in each]
    assert ("Nothing else proves that the file arrived" in sentence) is not proved


def test_a_dead_partner_delays_no_other(world: World) -> None:
    """Lakeside's file is sent while Meridian's connection still hangs: both would wait for each other otherwise."""
    world.take_in(make_claim("A1"), make_claim("L1", payer="LAKESIDE", subscriber=LAKESIDE))
    world.run("scrub", "batching")
    connect = world.wires.connect

    def silent(partner: Partner) -> AbstractContextManager[Transport]:
        give_up = time.monotonic() + 30
        while partner.id == MERIDIAN and world.states()["L1"] != "sent":
            assert time.monotonic() < give_up, "Lakeside waits for Meridian"
            time.sleep(0.01)
        return connect(partner)

    world.wires.connect = silent  # type: ignore[method-assign]
    world.run("delivery")
    assert (world.states(), world.broken()) == ({"A1": "sent", "L1": "sent"}, [])
