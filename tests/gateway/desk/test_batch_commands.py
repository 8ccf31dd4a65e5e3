"""What a person settles of a batch that is unknown or failed: its claims wait for answers or go again, and never both."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.clock import TurnedClock
from gateway.db.locks import exclusive
from gateway.desk import batch_commands, claim_commands, work_list
from gateway.desk.batch_commands import Settlement
from gateway.domain.facts import Kind
from gateway.errors import Refused, UnknownOutcome
from payers.profile import Profiles
from tests.support.worlds import MERIDIAN, World, make_claims, say

Act = Callable[[World], object]
FOLDER = "claims"
TWO = ("A1", "A2")


@pytest.fixture
def world(fresh_engine: Engine, tmp_path: Path, clock: TurnedClock) -> World:
    """A gateway of the sample profiles, without claims, at noon of Monday 2 March 2026."""
    return World(fresh_engine, tmp_path / "archive", clock)


def batched(world: World) -> str:
    """Two claims in a batch that waits to be delivered; the name it will have."""
    world.take_in(*make_claims(*TWO))
    world.run("scrub", "batching")
    return str(world.rows("batch")[0]["remote_name"])


def failed(world: World) -> None:
    """Another file had the batch's name."""
    world.wire.put(FOLDER, batched(world), b"somebody else's")
    world.run("delivery")
    assert (state(world), world.states(), world.work()) == ("failed", dict.fromkeys(TWO, "batched"), ["batch_refused"])
    world.turn(hours=1)


def unknown(world: World) -> None:
    """The batch's rename was answered by nobody, and the partner took the file away, or never had it."""
    name = batched(world)
    world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    world.run("delivery")
    world.wire.folders[FOLDER].pop(name)
    assert (state(world), world.states(), world.work()) == ("unknown", dict.fromkeys(TWO, "batched"), ["unknown_delivery"])
    world.turn(hours=1)


STUCK = [pytest.param(failed, id="failed"), pytest.param(unknown, id="unknown")]


def state(world: World) -> str:
    return str(world.rows("batch")[0]["state"])


def lost(world: World) -> Settlement:
    return batch_commands.settle_lost(world.context, 1, actor="ada", reason="their support has no such interchange")


def resent(world: World) -> Settlement:
    return batch_commands.resend(world.context, 1, actor="ada", reason="the partner asks for it")


def arrived(world: World) -> Settlement:
    return batch_commands.settle_arrived(world.context, 1, actor="ada", reason="their support has it")


@pytest.mark.parametrize("stuck", STUCK)
def test_what_is_lost_goes_again_under_new_numbers_and_who_said_so_is_kept(world: World, stuck: Act) -> None:
    stuck(world)
    settled = lost(world)
    assert (settled.outcome, settled.state, settled.claim_count) == ("lost", "failed", 2)
    assert (world.states(), world.work(), world.broken()) == (dict.fromkeys(TWO, "received"), [], [])
    reopened = world.facts("A1")[-1]
    assert (reopened.kind, reopened.attempt, reopened.actor) == (Kind.REOPENED_AS_LOST, 2, "ada")
    assert reopened.data["reason"] == "their support has no such interchange"
    world.run()
    assert world.states() == dict.fromkeys(TWO, "sent")
    first, second = world.rows("batch")
    assert (first["state"], second["state"]) == ("failed", "sent")
    assert first["isa_control_number"] != second["isa_control_number"]
    assert "their support has no such interchange" in first["error"]
    assert (world.work(), world.broken()) == ([], [])


@pytest.mark.parametrize("stuck", STUCK)
def test_what_arrived_is_sent_with_its_deadline_and_who_said_so_is_kept(world: World, stuck: Act) -> None:
    stuck(world)
    settled = arrived(world)
    assert (settled.outcome, settled.state, settled.claim_count) == ("arrived", "sent", 2)
    assert (state(world), world.states(), world.work()) == ("sent", dict.fromkeys(TWO, "sent"), [])
    assert (world.claim("A1")["due_at"] - world.clock.now()).days == 30
    sent = world.facts("A1")[-1]
    assert (sent.kind, sent.actor, sent.data["reason"]) == (Kind.SENT, "ada", "their support has it")
    world.run()
    assert (len(world.rows("batch")), world.broken()) == (1, [])


@pytest.mark.parametrize("stuck", STUCK)
@pytest.mark.parametrize("answer", ["TA1", "999", "277CA of a claim"])
def test_what_was_settled_as_lost_and_then_answered_does_not_go_again(world: World, stuck: Act, answer: str) -> None:
    stuck(world)
    lost(world)
    world.run("scrub")
    writers: dict[str, Callable[[], bytes]] = {
        "TA1": world.ta1, "999": world.ack_999, "277CA of a claim": lambda: world.ack_277ca("AY", say("A1", "A2"))
    }  # fmt: skip
    world.hear(writers[answer]())
    world.turn(hours=1)
    world.run()
    expected = {"TA1": "delivered", "999": "delivered", "277CA of a claim": "accepted_by_clearinghouse"}[answer]
    assert (state(world), world.states()["A1"], len(world.rows("batch"))) == ("delivered", expected, 1)
    assert set(world.work()) == {"anomaly"}
    assert "not sent again" in world.sentences("anomaly")[0]
    assert world.broken() == []


def test_what_left_again_and_turns_out_to_have_arrived_the_first_time_is_told(world: World) -> None:
    unknown(world)
    lost(world)
    world.run()
    world.hear(world.ack_999(batch=0))
    world.run("followup")
    assert world.states() == dict.fromkeys(TWO, "sent")
    assert len(world.sentences("anomaly")) == 2
    assert "may have it twice" in world.sentences("anomaly")[0]
    assert world.broken() == []


def test_an_answer_to_a_failed_batch_says_that_it_arrived(world: World) -> None:
    failed(world)
    world.hear(world.ack_999())
    assert (state(world), world.states(), world.work()) == ("delivered", dict.fromkeys(TWO, "delivered"), [])
    assert world.claim("A1")["due_at"] is not None
    assert world.broken() == []


def test_lost_is_taken_back_while_the_claims_have_not_gone_on(world: World) -> None:
    unknown(world)
    lost(world)
    world.run("scrub")
    assert world.states() == dict.fromkeys(TWO, "ready")
    arrived(world)
    world.run()
    assert (state(world), world.states(), len(world.rows("batch"))) == ("sent", dict.fromkeys(TWO, "sent"), 1)
    assert world.broken() == []


def test_lost_is_not_taken_back_once_a_claim_has_gone_on(world: World) -> None:
    unknown(world)
    lost(world)
    world.turn(hours=1)
    claim_commands.void(world.context, "A1", actor="ada", reason="billed in error")
    before = world.rows("event")
    with pytest.raises(Refused, match="1 of its claims were sent again, corrected or voided"):
        arrived(world)
    assert (state(world), world.rows("event")) == ("failed", before)


def test_nothing_is_settled_twice(world: World) -> None:
    failed(world)
    lost(world)
    with pytest.raises(Refused, match="it was settled already"):
        lost(world)


def test_a_batch_of_which_a_claim_was_answered_is_not_lost(world: World) -> None:
    unknown(world)
    world.hear(world.ack_277ca("AY", say("A1", "A2"), reference="NOT OURS"))
    assert world.states() == {"A1": "accepted_by_clearinghouse", "A2": "batched"}
    with pytest.raises(Refused, match="1 of its 2 claims were answered or have gone on, so it arrived"):
        lost(world)
    arrived(world)
    assert world.states() == {"A1": "accepted_by_clearinghouse", "A2": "sent"}
    assert world.broken() == []


@pytest.mark.parametrize(
    ("stages", "answer", "why"),
    [
        ((), "", "it is on its way"),
        (("delivery",), "A", "an answer of the partner says that it arrived"),
        (("delivery",), "R", "the partner rejected it, so it arrived"),
    ],
)
def test_a_batch_in_any_other_state_is_not_settled_by_a_person(
    world: World, stages: tuple[str, ...], answer: str, why: str
) -> None:
    batched(world)
    if stages:
        world.run(*stages)
    if answer:
        world.hear(world.ta1(answer, "025" if answer == "R" else "000"))
    before = (world.rows("batch"), world.rows("event"))
    for settle in (lost, arrived) if stages else (arrived,):
        with pytest.raises(Refused, match=why):
            settle(world)
    assert (world.rows("batch"), world.rows("event")) == before


def test_a_file_that_was_sent_and_of_which_the_partner_has_nothing_is_given_up(world: World) -> None:
    """Where the server shows nothing, a missing answer is the only alarm; when the partner says so, there is a way on."""
    world.change_table("upload", confirm="none")
    batched(world)
    world.run("delivery")
    world.turn(days=5)
    world.run("followup")
    assert set(world.work()) == {"missing_answer"}
    for settle in (arrived, resent):
        with pytest.raises(Refused, match="claimwire batches settle 1 --lost"):
            settle(world)
    lost(world)
    assert world.broken() == []
    world.run("scrub", "batching", "delivery", "followup")
    assert [row["state"] for row in world.rows("batch")] == ["failed", "sent"]
    assert (set(world.states().values()), world.work(), world.broken()) == ({"sent"}, [], [])


def test_a_file_that_was_sent_and_answered_for_one_claim_is_not_given_up(world: World) -> None:
    batched(world)
    world.run("delivery")
    world.turn(hours=1)
    world.hear(world.ack_277ca("AY", say("A1", "A1")))
    with pytest.raises(Refused, match="an answer of the partner says that it arrived"):
        lost(world)


def test_a_batch_that_is_not_there_and_a_decision_without_a_reason_are_refused(world: World) -> None:
    with pytest.raises(Refused, match="there is no batch 7"):
        batch_commands.settle_lost(world.context, 7, actor="ada", reason="gone")
    failed(world)
    for reason in (" ", "x" * 501):
        with pytest.raises(Refused, match="a reason is needed"):
            batch_commands.settle_lost(world.context, 1, actor="ada", reason=reason)


def test_nothing_is_settled_while_a_delivery_to_the_partner_runs(world: World) -> None:
    unknown(world)
    with exclusive(world.engine, f"delivery-{MERIDIAN}") as ours:
        assert ours
        with pytest.raises(Refused, match="a delivery to meridian is running"):
            lost(world)
    assert (state(world), world.states()) == ("unknown", dict.fromkeys(TWO, "batched"))


@pytest.mark.parametrize("settle", [lost, arrived])
def test_what_waits_for_a_partner_whose_profile_is_gone_is_settled_before_it_was_sent(world: World, settle: Act) -> None:
    batched(world)
    partners = {key: partner for key, partner in world.profiles.partners.items() if key != MERIDIAN}
    payers = {key: payer for key, payer in world.profiles.payers.items() if payer.partner != MERIDIAN}
    world.profiles = Profiles(partners=partners, payers=payers)
    settle(world)
    assert "batched" not in world.states().values()
    assert world.broken() == []


def test_a_stuck_batch_that_nobody_is_told_of_breaks_an_invariant(world: World) -> None:
    failed(world)
    assert world.broken() == []
    work_list.resolve(world.context, 1, actor="ada", reason="seen")
    assert world.broken() == ["batch 1 is failed, claims wait in it, and nobody is told"]
    lost(world)
    assert world.broken() == []


@pytest.mark.parametrize("stuck", STUCK)
def test_the_sentences_name_the_way_out(world: World, stuck: Act) -> None:
    stuck(world)
    (sentence,) = [*world.sentences("batch_refused"), *world.sentences("unknown_delivery")]
    assert "batches settle 1 --arrived` or `--lost`" in sentence
    assert "interchange 1" in sentence
    assert "settle the batch" in work_list.get_item(world.context, 1).what_to_do
    with pytest.raises(Refused, match="batches settle"):
        claim_commands.void(world.context, "A1", actor="ada", reason="stuck")
