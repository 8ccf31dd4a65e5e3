"""A claim the payer adjudicated is changed by a replacement (7) or taken back by a void (8), under the payer's own number."""

from collections.abc import Callable

import msgspec
import pytest

from edi.claims import Claim, Reference
from gateway.desk import claim_commands
from gateway.desk.claim_view import get_document, view_claim
from gateway.errors import Refused
from gateway.sandbox.adjudication import reverse
from payers.profile import Profiles
from tests.gateway.domain.samples import make_line
from tests.gateway.pipeline.test_batching import claims_sent
from tests.gateway.pipeline.test_whole_way import paid_in_full
from tests.support.worlds import PROFILES, SERVED, World, make_claim, say

SEND = ("scrub", "batching", "delivery")


def adjudicate(world: World, *pcns: str) -> None:
    """Claims sent, accepted and paid; the payer's number for each is ICN1, as paid_in_full has it."""
    world.send(*(make_claim(pcn) for pcn in pcns))
    world.turn(hours=1)
    world.hear(world.pay(*(paid_in_full(pcn) for pcn in pcns)))
    world.turn(hours=1)


def change(world: World, pcn: str = "A1", **changes: object) -> None:
    """A person corrects the claim."""
    world.turn(hours=1)
    document = msgspec.structs.replace(get_document(world.context, pcn), **changes)
    claim_commands.correct(world.context, pcn, document, actor="ada", reason="as the payer asked")
    world.turn(minutes=1)


def void(world: World, pcn: str = "A1") -> None:
    world.turn(hours=1)
    claim_commands.void(world.context, pcn, actor="ada", reason="billed in error")
    world.turn(minutes=1)


def last_sent(world: World) -> Claim:
    """The one claim of the last batch, as its bytes say it."""
    ((read,),) = claims_sent(world, len(world.rows("batch")) - 1)
    assert read.claim is not None
    return read.claim


def test_a_paid_claim_corrected_leaves_as_a_replacement_of_what_the_payer_has(world: World) -> None:
    adjudicate(world, "A1")
    change(world, place_of_service="22")
    world.run(*SEND)
    claim = last_sent(world)
    assert (claim.frequency, claim.reference("F8"), claim.place_of_service) == ("7", "ICN1", "22")
    assert claim.patient_control_number == world.claim("A1")["pcn"]
    first, second = world.rows("submission")
    assert [(row["frequency"], row["payer_claim_number"]) for row in (first, second)] == [("1", ""), ("7", "ICN1")]
    assert first["trace"] != second["trace"]
    assert get_document(world.context, "A1").frequency == "1"
    assert (world.states(), world.broken()) == ({"A1": "sent"}, [])
    assert any("replacement" in step.text for step in view_claim(world.context, "A1").timeline)


def test_a_replacement_books_what_it_differs_by(world: World) -> None:
    adjudicate(world, "A1")
    before = world.balances()
    line = make_line(service_from=make_claim().lines[0].service_from, charge_cents=13000)
    change(world, lines=(line,), charge_cents=13000)
    world.run(*SEND)
    assert world.balances()["charges"] == before["charges"] - 1000
    assert world.broken() == []


def test_a_replacement_at_a_lower_charge_leaves_the_books_whole(world: World) -> None:
    """What was paid is open below nothing until the payer takes it back; that is no break."""
    adjudicate(world, "A1")
    change(world, lines=(make_line(service_from=SERVED, charge_cents=9000),), charge_cents=9000)
    world.run(*SEND)
    assert last_sent(world).charge_cents == 9000
    assert world.broken() == []


def test_what_was_rejected_before_adjudication_leaves_as_a_new_original(world: World) -> None:
    world.send(make_claim("A1"))
    world.turn(hours=1)
    world.hear(world.ack_277ca("PR", say("A1", "A3", payer_claim_number="ICN1")))
    change(world, place_of_service="22")
    world.run(*SEND)
    assert (last_sent(world).frequency, last_sent(world).reference("F8")) == ("1", "")
    assert world.rows("submission")[1]["frequency"] == "1"


def test_a_rejected_replacement_is_corrected_or_released_as_a_replacement_again(world: World) -> None:
    adjudicate(world, "A1")
    change(world, place_of_service="22")
    for again in ("correct", "release"):
        world.run(*SEND)
        world.turn(hours=1)
        reference = world.rows("batch_set")[-1]["reference"]
        trace = world.rows("submission")[-1]["trace"]
        world.hear(world.ack_277ca("PR", say("A1", "A3", trace=trace, payer_claim_number="WRONG"), reference=reference))
        assert world.states() == {"A1": "rejected"}
        if again == "correct":
            change(world, place_of_service="12")
        else:
            world.turn(hours=1)
            claim_commands.release(world.context, "A1", actor="ada", reason="they were wrong")
            world.turn(minutes=1)
    world.run(*SEND)
    assert [row["frequency"] for row in world.rows("submission")] == ["1", "7", "7", "7"]
    assert (last_sent(world).frequency, last_sent(world).reference("F8")) == ("7", "ICN1")
    assert world.broken() == []


def test_a_void_sends_what_the_payer_adjudicated_as_it_was_and_takes_nothing_from_the_books(world: World) -> None:
    adjudicate(world, "A1")
    books = world.balances()
    void(world)
    world.run(*SEND)
    claim = last_sent(world)
    assert (claim.frequency, claim.reference("F8"), claim.charge_cents) == ("8", "ICN1", 12000)
    assert (world.states(), world.balances()) == ({"A1": "sent"}, books)
    assert world.broken() == []
    assert any("void claim" in step.text for step in view_claim(world.context, "A1").timeline)


def test_a_void_after_a_rejected_replacement_takes_back_the_document_that_was_adjudicated(world: World) -> None:
    adjudicate(world, "A1")
    change(world, place_of_service="22")
    world.run("scrub")
    void(world)
    world.run(*SEND)
    assert (last_sent(world).frequency, last_sent(world).place_of_service) == ("8", "11")
    assert world.broken() == []


def test_an_accepted_void_stays_awaiting_the_remittance_that_takes_it_back(world: World) -> None:
    adjudicate(world, "A1")
    void(world)
    world.run(*SEND)
    world.turn(hours=1)
    row = world.rows("submission")[-1]
    reference = world.rows("batch_set")[-1]["reference"]
    world.hear(world.ack_277ca("PR", say("A1", "A2", trace=row["trace"]), reference=reference))
    assert world.states() == {"A1": "accepted_by_payer"}
    assert (world.work(), world.broken()) == ([], [])


def test_a_void_needs_no_edit_to_pass_that_came_since(world: World) -> None:
    """The member's card has another form by now, by the payer's profile; what the payer took it can take back."""
    adjudicate(world, "A1")
    payer = PROFILES.payers["blueharbor"].model_copy(update={"member_id_pattern": "[0-9]{5}", "member_id_example": "00017"})
    world.profiles = Profiles(partners=PROFILES.partners, payers={**PROFILES.payers, "blueharbor": payer})
    void(world)
    world.run(*SEND)
    assert world.states() == {"A1": "sent"}


def test_a_claim_nobody_adjudicated_is_voided_here_alone(world: World) -> None:
    world.take_in(make_claim("A1"))
    world.run("scrub")
    void(world)
    assert (world.states(), world.rows("submission")) == ({"A1": "voided"}, [])


def test_what_awaits_its_answer_is_neither_replaced_nor_voided_though_its_number_is_known(world: World) -> None:
    world.send(make_claim("A1"))
    world.turn(hours=1)
    world.hear(world.ack_277ca("PR", say("A1", "A2", payer_claim_number="ICN1")))
    with pytest.raises(Refused, match="wait"):
        change(world, place_of_service="22")
    with pytest.raises(Refused, match="wait"):
        void(world)


def test_a_replacement_for_another_payer_or_practice_is_refused(world: World) -> None:
    adjudicate(world, "A1")
    document = get_document(world.context, "A1")
    with pytest.raises(Refused, match="another payer or practice"):
        change(world, payer=msgspec.structs.replace(document.payer, id="NSP77"))
    with pytest.raises(Refused, match="another payer or practice"):
        change(world, billing_provider=msgspec.structs.replace(document.billing_provider, id="1234567893"))
    assert world.states() == {"A1": "paid"}


def test_a_late_acceptance_of_what_was_replaced_is_no_contradiction(world: World) -> None:
    adjudicate(world, "A1")
    first = world.rows("submission")[0]["trace"]
    change(world, place_of_service="22")
    world.run(*SEND)
    world.hear(world.ack_277ca("PR", say("A1", "A2", trace=first)))
    assert (world.states(), world.work(), world.broken()) == ({"A1": "sent"}, [], [])


def test_money_that_comes_for_a_claim_while_its_replacement_waits_is_told_and_moves_nothing(world: World) -> None:
    adjudicate(world, "A1")
    change(world, place_of_service="22")
    world.hear(world.pay(paid_in_full("A1"), trace_number="EFT2"))
    assert world.states() == {"A1": "received"}
    assert world.work() != []
    assert world.broken() == []


def test_a_look_at_the_claim_says_as_what_each_attempt_went_out(world: World) -> None:
    adjudicate(world, "A1")
    change(world, place_of_service="22")
    world.run(*SEND)
    told = {one.attempt: (one.frequency, one.payer_claim_number) for one in view_claim(world.context, "A1").sendings}
    assert told == {1: ("1", ""), 2: ("7", "ICN1")}


def answer(world: World, *statuses: str, number: str = "ICN2") -> None:
    """The payer's 835 on what was sent last: a reversal (22) of the money, or the same money anew."""
    world.turn(hours=1)
    given = [
        reverse(paid_in_full("A1")) if status == "22"
        else msgspec.structs.replace(paid_in_full("A1"), status=status, payer_claim_number=number)
        for status in statuses
    ]  # fmt: skip
    world.hear(world.pay(*given, trace_number="EFT2", amount_cents=sum(one.paid_cents for one in given)))


@pytest.mark.parametrize(("command", "frequency"), [(change, "7"), (void, "8")])
def test_a_replacement_whose_answer_is_held_is_changed_or_taken_back_under_the_new_number(
    world: World, command: Callable[..., None], frequency: str
) -> None:
    adjudicate(world, "A1")
    change(world, place_of_service="22")
    world.run(*SEND)
    answer(world, "22", "1")
    assert (world.states(), world.work()) == ({"A1": "sent"}, ["suspended_payment", "suspended_payment"])
    if command is change:
        change(world, place_of_service="12")
    else:
        void(world)
    world.run(*SEND)
    sent = last_sent(world)
    assert (sent.frequency, sent.reference("F8")) == (frequency, "ICN2")
    assert sent.place_of_service == ("12" if command is change else "22")
    assert (world.states(), world.broken()) == ({"A1": "sent"}, [])


def test_a_void_that_was_answered_by_its_reversal_stays_sent_with_the_money_held(world: World) -> None:
    adjudicate(world, "A1")
    void(world)
    world.run(*SEND)
    answer(world, "22")
    assert (world.states(), world.work()) == ({"A1": "sent"}, ["suspended_payment"])
    for again in (change, void):
        with pytest.raises(Refused, match="the payer took it back"):
            again(world)
    assert world.broken() == []


def test_a_void_that_the_payer_did_not_follow_is_sent_again(world: World) -> None:
    adjudicate(world, "A1")
    void(world)
    world.run(*SEND)
    answer(world, "1", number="ICN1")
    void(world)
    world.run(*SEND)
    assert [row["frequency"] for row in world.rows("submission")] == ["1", "8", "8"]
    assert (last_sent(world).reference("F8"), world.states(), world.broken()) == ("ICN1", {"A1": "sent"}, [])


def test_a_correction_that_asks_for_a_void_or_for_a_replacement_of_nothing_is_refused(world: World) -> None:
    """What it goes out as follows from the claim's history; the document can neither overrule that nor be overruled unsaid."""
    adjudicate(world, "A1")
    with pytest.raises(Refused, match="claims void"):
        change(world, frequency="8")
    world.send(make_claim("B2", charge_cents=13000, lines=(make_line(service_from=SERVED, charge_cents=13000),)))
    world.turn(hours=1)
    world.hear(world.ack_277ca("PR", say("B2", "A3")))
    with pytest.raises(Refused, match="no answer says that the payer has this claim"):
        change(world, "B2", frequency="7", references=(Reference(qualifier="F8", value="X9"),))
    change(world, frequency="7", place_of_service="22")
    world.run(*SEND)
    assert (last_sent(world).frequency, last_sent(world).reference("F8")) == ("7", "ICN1")


def test_a_void_that_came_in_as_a_claim_books_no_charge(world: World) -> None:
    world.send(make_claim("A1"))
    before = world.balances()
    world.turn(minutes=5)
    world.send(make_claim("V1", frequency="8", references=(Reference(qualifier="F8", value="ICN1"),)))
    assert last_sent(world).frequency == "8"
    assert (world.balances(), world.broken()) == (before, [])


def test_a_claim_that_somebody_took_after_all_is_not_voided_here_alone(world: World) -> None:
    world.send(make_claim("A1"))
    world.turn(hours=1)
    world.hear(world.ack_277ca("PR", say("A1", "A3")))
    world.turn(hours=1)
    claim_commands.release(world.context, "A1", actor="ada", reason="send it again")
    world.turn(hours=1)
    world.hear(world.ack_277ca("PR", say("A1", "A2")))
    world.run("scrub")
    charged = world.balances()
    with pytest.raises(Refused, match="taken after all"):
        void(world)
    assert (world.states(), world.balances()) == ({"A1": "held"}, charged)


def test_after_a_void_was_answered_by_its_reversal_nobody_is_told_to_wait(world: World) -> None:
    adjudicate(world, "A1")
    void(world)
    world.run(*SEND)
    world.turn(hours=1)
    world.hear(world.pay(reverse(paid_in_full("A1")), trace_number="EFT2"))
    for command in (claim_commands.void, claim_commands.release, claim_commands.hold):
        with pytest.raises(Refused, match="the payer took it back"):
            command(world.context, "A1", actor="ada", reason="and now")
