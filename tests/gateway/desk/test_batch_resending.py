"""The very same file goes once more where a person says so; it is looked for first, and an answer to it forbids it."""

from collections.abc import Callable

import pytest

from gateway.db.locks import exclusive
from gateway.desk import batch_commands
from gateway.desk.batch_commands import Settlement
from gateway.desk.batch_view import view_batch
from gateway.errors import Refused, UnknownOutcome
from payers.profile import Profiles
from tests.support.worlds import MERIDIAN, World, make_claims, say

FOLDER = "claims"
TWO = ("A1", "A2")


def batched(world: World) -> str:
    world.take_in(*make_claims(*TWO))
    world.run("scrub", "batching")
    return str(world.rows("batch")[0]["remote_name"])


def failed(world: World) -> str:
    """Another file had the batch's name; it is gone since."""
    name = batched(world)
    world.wire.put(FOLDER, name, b"somebody else's")
    world.run("delivery")
    world.wire.folders[FOLDER].pop(name)
    return name


def unknown(world: World) -> str:
    """The batch's last word was answered by nobody, and the file is not there."""
    name = batched(world)
    world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    world.run("delivery")
    world.wire.folders[FOLDER].pop(name)
    return name


STUCK = [pytest.param(failed, id="failed"), pytest.param(unknown, id="unknown")]


def resend(world: World, batch_id: int = 1) -> Settlement:
    return batch_commands.resend(world.context, batch_id, actor="ada", reason="they lost it")


def state(world: World) -> str:
    return str(world.rows("batch")[0]["state"])


@pytest.mark.parametrize("stuck", STUCK)
def test_the_same_bytes_go_again_under_the_same_name_and_numbers(world: World, stuck: Callable[[World], str]) -> None:
    name = stuck(world)
    before = (world.rows("batch")[0]["isa_control_number"], world.rows("file", direction="outbound"))
    sent_again = resend(world)
    assert (sent_again.outcome, sent_again.state, sent_again.claim_count) == ("queued", "queued", 2)
    assert (world.work(), world.broken()) == ([], [])
    world.run("delivery")
    assert (state(world), world.states()) == ("sent", dict.fromkeys(TWO, "sent"))
    assert (world.rows("batch")[0]["isa_control_number"], world.rows("file", direction="outbound")) == before
    assert len(world.rows("batch")) == 1
    content = world.archive.read(world.rows("file", direction="outbound")[0]["sha256"])
    assert world.wire.folders[FOLDER] == {name: content}
    assert world.broken() == []


def test_who_decided_and_why_stands_in_the_work_list(world: World) -> None:
    unknown(world)
    resend(world)
    (item,) = world.rows("work_item", kind="unknown_delivery")
    assert (item["state"], item["closed_by"]) == ("done", "ada")
    assert "they lost it" in item["closed_reason"]


def test_what_becomes_unknown_once_more_is_another_item(world: World) -> None:
    unknown(world)
    resend(world)
    world.wire.after["publish"] = [UnknownOutcome("and again")]
    world.run("delivery")
    assert (state(world), world.work(), world.broken()) == ("unknown", ["unknown_delivery"], [])


def test_a_copy_that_lies_there_after_all_is_not_sent_again(world: World) -> None:
    name = batched(world)
    world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    world.run("delivery")
    resend(world)
    world.run("delivery")
    assert (state(world), world.wire.published(), world.broken()) == ("sent", [name], [])


def test_a_copy_in_an_archive_folder_is_not_sent_again(world: World) -> None:
    world.change_table("upload", archive_folders=("archive",))
    name = unknown(world)
    resend(world)
    content = world.archive.read(world.rows("file", direction="outbound")[0]["sha256"])
    world.wire.put("archive", f"{name}.done", content)
    world.run("delivery")
    assert (state(world), world.wire.published(), world.broken()) == ("sent", [name], [])


@pytest.mark.parametrize("answer", ["TA1", "999", "277CA"])
def test_what_was_answered_is_not_sent_again(world: World, answer: str) -> None:
    unknown(world)
    writers: dict[str, Callable[[], bytes]] = {
        "TA1": world.ta1, "999": world.ack_999, "277CA": lambda: world.ack_277ca("AY", say("A1", "A2"))
    }  # fmt: skip
    world.hear(writers[answer]())
    with pytest.raises(Refused, match=r"on the partner's server|says that it arrived"):
        resend(world)


def test_an_answer_to_a_claim_alone_forbids_it_too(world: World) -> None:
    unknown(world)
    world.hear(world.ack_277ca("AY", say("A1", "A2"), reference="NOT OURS"))
    with pytest.raises(Refused, match="so it arrived; settle it with --arrived"):
        resend(world)


def test_what_was_settled_as_lost_is_not_sent_again_as_it_was(world: World) -> None:
    """Its claims are on their way in another file."""
    failed(world)
    batch_commands.settle_lost(world.context, 1, actor="ada", reason="gone")
    with pytest.raises(Refused, match="it was settled already"):
        resend(world)


@pytest.mark.parametrize("stages", [(), ("delivery",)])
def test_a_batch_in_any_other_state_is_refused(world: World, stages: tuple[str, ...]) -> None:
    batched(world)
    if stages:
        world.run(*stages)
    with pytest.raises(Refused, match=r"on its way|on the partner's server"):
        resend(world)


def test_bytes_the_archive_has_lost_are_not_sent(world: World) -> None:
    unknown(world)
    sha256 = world.rows("file", direction="outbound")[0]["sha256"]
    (world.archive_folder / sha256[:2] / sha256).unlink()
    with pytest.raises(Refused, match="the archive no longer has its bytes"):
        resend(world)
    assert state(world) == "unknown"


def test_without_a_profile_or_beside_a_delivery_nothing_is_queued(world: World) -> None:
    unknown(world)
    with exclusive(world.engine, f"delivery-{MERIDIAN}") as ours:
        assert ours
        with pytest.raises(Refused, match="a delivery to meridian is running"):
            resend(world)
    partners = {key: partner for key, partner in world.profiles.partners.items() if key != MERIDIAN}
    payers = {key: payer for key, payer in world.profiles.payers.items() if payer.partner != MERIDIAN}
    world.profiles = Profiles(partners=partners, payers=payers)
    with pytest.raises(Refused, match="no profile says any more how to reach meridian"):
        resend(world)


# Several batches in one file.


def several_unknown(world: World) -> None:
    world.change_table("batching", claims_per_set_max=1, sets_per_interchange_max=1)
    world.change_table("upload", interchanges_per_file_max=3)
    name = batched(world)
    world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    world.run("delivery")
    world.wire.folders[FOLDER].pop(name)
    assert [row["state"] for row in world.rows("batch")] == ["unknown"] * 2


@pytest.mark.parametrize(
    ("act", "state_after", "claims_after"),
    [
        (batch_commands.resend, "queued", "batched"),
        (batch_commands.settle_arrived, "sent", "sent"),
        (batch_commands.settle_lost, "failed", "received"),
    ],
)
@pytest.mark.parametrize("named", [1, 2])
def test_whichever_batch_is_named_the_file_is_settled_as_a_whole(
    world: World, act: Callable[..., Settlement], state_after: str, claims_after: str, named: int
) -> None:
    several_unknown(world)
    assert view_batch(world.context, named).same_file == (3 - named,)
    settled = act(world.context, named, actor="ada", reason="asked them")
    assert (settled.batch_id, settled.batch_ids, settled.claim_count) == (named, (1, 2), 2)
    assert [row["state"] for row in world.rows("batch")] == [state_after] * 2
    assert world.states() == dict.fromkeys(TWO, claims_after)
    assert (world.work(), world.broken()) == ([], [])
