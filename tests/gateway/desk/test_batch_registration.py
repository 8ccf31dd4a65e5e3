"""What a person put on a partner's server is known afterwards: sent where it is ours, tied to its answers where it is not."""

import pytest

from gateway.db import listings
from gateway.db.engine import reading
from gateway.desk import batch_commands, batch_registration, claim_commands
from gateway.desk.batch_registration import NamedClaim, Registration
from gateway.desk.batch_view import view_batch
from gateway.errors import Refused, TransientError, UnknownOutcome
from payers.profile import Partner
from tests.support.uploads import write_upload
from tests.support.worlds import MERIDIAN, World, blame, make_claim, make_claims

TWO = ("A1", "A2")
NAME = "BYHAND.837"


def register(world: World, content: bytes, name: str = NAME, partner: str = MERIDIAN) -> Registration:
    return batch_registration.register(world.context, name, content, partner=partner, actor="ada", reason="the line was down")


def batched(world: World) -> bytes:
    """Two claims in a file that was not sent; its bytes."""
    world.take_in(*make_claims(*TWO))
    world.run("scrub", "batching")
    return world.archive.read(world.rows("file", direction="outbound")[0]["sha256"])


def partner(world: World) -> Partner:
    return world.profiles.partners[MERIDIAN]


def foreign(world: World, *pcns: str, number: int = 500) -> bytes:
    """A file that another system made of claims with these numbers."""
    return write_upload(partner(world), make_claims(*pcns), isa_control_number=number)


# Ours.


@pytest.mark.parametrize("how", ["queued", "out of reach", "unknown", "failed"])
def test_a_file_of_ours_is_sent_from_now_on_and_who_said_so_is_kept(world: World, how: str) -> None:
    content = batched(world)
    name = world.rows("batch")[0]["remote_name"]
    if how == "out of reach":
        world.wires.refused[MERIDIAN] = TransientError("no answer")
    elif how == "unknown":
        world.wire.after["publish"] = [UnknownOutcome("the link broke after the last word")]
    elif how == "failed":
        world.wire.put("claims", name, b"somebody else's")
    if how != "queued":
        world.run("delivery")
    world.turn(hours=1)
    done = register(world, content)
    assert (done.ours, done.batch_ids, done.claim_count, done.remote_name) == (True, (1,), 2, name)
    assert world.states() == dict.fromkeys(TWO, "sent")
    sent = world.facts("A1")[-1]
    assert (sent.actor, sent.data["reason"], sent.occurred_at) == (
        "ada", "put on the server by hand: the line was down", world.clock.now(),
    )  # fmt: skip
    world.wires.refused.clear()
    world.run("delivery")
    assert (len(world.rows("batch")), world.broken()) == (1, [])
    assert [kind for kind in world.work() if kind != "transfer_failing"] == []


def test_what_is_sent_already_is_not_registered_again(world: World) -> None:
    content = batched(world)
    world.run("delivery")
    with pytest.raises(Refused, match="which is sent already"):
        register(world, content)


def test_a_file_whose_claims_went_again_in_another_is_refused(world: World) -> None:
    content = batched(world)
    world.wire.put("claims", world.rows("batch")[0]["remote_name"], b"somebody else's")
    world.run("delivery")
    batch_commands.settle_lost(world.context, 1, actor="ada", reason="gone")
    world.run()
    with pytest.raises(Refused, match="sent again"):
        register(world, content)
    assert world.broken() == []


# Another's.


def test_its_answers_are_tied_to_it_and_move_no_claim_of_ours(world: World) -> None:
    done = register(world, foreign(world, "X1", "X2"))
    assert (done.ours, done.claim_count, done.claims) == (False, 2, ())
    (batch,) = world.rows("batch")
    assert (batch["state"], batch["isa_control_number"], batch["gs_control_number"], batch["claim_count"]) == (
        "sent",
        500,
        500,
        0,
    )
    assert (batch["charge_cents"], batch["transaction"], batch["remote_name"]) == (24001, "837P", NAME)
    assert "registered by ada: the line was down" in batch["error"]
    for answer in (world.ta1(), world.ack_999(), world.ack_277ca("AY")):
        world.hear(answer)
    assert (world.rows("batch")[0]["state"], world.work(), world.broken()) == ("delivered", [], [])
    assert world.archive.read(world.rows("file", direction="outbound")[0]["sha256"]) == foreign(world, "X1", "X2")


def test_its_numbers_are_never_used_again(world: World) -> None:
    batched(world)
    register(world, foreign(world, "X1", number=2))
    world.take_in(make_claims("X1", "X2", "B1")[2])
    world.run("scrub", "batching")
    numbers = [(row["isa_control_number"], row["gs_control_number"]) for row in world.rows("batch")]
    assert numbers == [(1, 1), (2, 2), (3, 3)]


def with_reference(content: bytes, reference: bytes) -> bytes:
    assert content.count(b"*B00050001*") == 1
    return content.replace(b"*B00050001*", b"*%s*" % reference)


def references(world: World) -> list[str]:
    return [row["reference"] for row in world.rows("batch_set")]


def test_a_bht03_such_as_ours_is_passed_over_and_no_batch_ever_stops_at_it(world: World) -> None:
    batched(world)
    register(world, with_reference(foreign(world, "X1"), b"000000002"))
    for place, claim in enumerate(make_claims(*(f"PCN{n}" for n in range(6)))[3:]):
        world.take_in(claim, name=f"later{place}.jsonl")
        world.run("scrub", "batching")
    assert references(world) == ["000000001", "000000002", "000000003", "000000004", "000000005"]
    assert (world.work(), world.broken()) == ([], [])


@pytest.mark.parametrize("reference", [b"0000000002", b"2", b"20260302080012345", b"00000000A", b"99999999999"])
def test_a_bht03_that_ours_never_come_to_moves_no_series(world: World, reference: bytes) -> None:
    register(world, with_reference(foreign(world, "X1"), reference))
    batched(world)
    assert references(world) == [reference.decode(), "000000001"]


def test_a_bht03_at_the_end_of_our_series_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="control number 999999999 leaves no room"):
        register(world, with_reference(foreign(world, "X1"), b"999999999"))
    batched(world)
    assert references(world) == ["000000001"]


def test_two_sets_of_an_interchange_with_one_number_are_refused(world: World) -> None:
    content = foreign(world, "X1")
    body = content[content.index(b"ST*837") : content.index(b"GE*")]
    twice = content.replace(body, body + with_reference(body, b"B2")).replace(b"GE*1*", b"GE*2*")
    with pytest.raises(Refused, match="uses one set control number of an interchange twice"):
        register(world, twice)


def test_a_number_below_ours_does_not_turn_the_series_back(world: World) -> None:
    register(world, foreign(world, "X1", number=500))
    register(world, foreign(world, "X2", number=40), name="OTHER.837")
    batched(world)
    assert world.rows("batch")[-1]["isa_control_number"] == 501


def test_an_interchange_number_of_ours_with_other_content_is_refused(world: World) -> None:
    batched(world)
    with pytest.raises(Refused, match="its interchange control number 1 is that of batch 1"):
        register(world, foreign(world, "X1", number=1))
    assert (len(world.rows("batch")), world.broken()) == (1, [])


def test_all_numbers_that_clash_are_named_at_once(world: World) -> None:
    register(world, foreign(world, "X1", number=500))
    with pytest.raises(Refused) as refused:
        register(world, foreign(world, "X2", number=500), name="OTHER.837")
    said = str(refused.value)
    assert "interchange control number 500 is that of batch 1" in said
    assert "BHT03 of its set 0001 (B00050001) is that of a set in batch 1" in said
    assert "None of our claims is in it." in said


def test_what_cannot_be_registered_still_keeps_claims_of_ours_from_leaving_twice(world: World) -> None:
    world.send(make_claim("S1"))
    world.take_in(*make_claims("X", *TWO)[1:])
    world.run("scrub")
    world.turn(minutes=1)
    ours = [world.claim(pcn)["pcn"] for pcn in ("S1", "A1")]
    content = foreign(world, *ours, "A2", "NOBODY", number=1)
    with pytest.raises(Refused) as refused:
        register(world, content)
    assert "2 that would have left are held now, so that none goes twice: A1, A2; the others: 1 sent." in str(refused.value)
    assert world.states() == {"S1": "sent", "A1": "held", "A2": "held"}
    assert "(not registered)" in world.facts("A1")[-1].data["reason"]
    assert (len(world.rows("batch")), world.broken()) == (1, [])
    with pytest.raises(Refused, match="none was about to leave; the others: 2 held, 1 sent"):
        register(world, content)


# Its group number may be one of ours: portals count from 1.


def from_a_portal(world: World, *pcns: str, st_control_number: str) -> bytes:
    """A foreign file whose GS06 is 1, as that of our first, with one set of this number."""
    content = foreign(world, *pcns)
    assert content.count(b"*500*X*") == content.count(b"GE*1*500~") == 1
    content = content.replace(b"*500*X*", b"*1*X*").replace(b"GE*1*500~", b"GE*1*1~")
    return content.replace(b"*0001*005010", b"*%s*005010" % st_control_number.encode()).replace(
        b"*0001~", b"*%s~" % st_control_number.encode()
    )


def test_a_group_number_of_ours_refuses_nothing_and_sets_tell_them_apart(world: World) -> None:
    world.send(*make_claims(*TWO))
    register(world, from_a_portal(world, "X1", st_control_number="0777"))
    world.hear(world.ack_999(batch=1))
    assert [row["state"] for row in world.rows("batch")] == ["sent", "delivered"]
    world.hear(world.ack_999(batch=0))
    assert [row["state"] for row in world.rows("batch")] == ["delivered", "delivered"]
    assert (world.states(), world.work(), world.broken()) == (dict.fromkeys(TWO, "delivered"), [], [])


def test_where_sets_are_alike_too_a_999_moves_nothing_and_is_told_while_both_wait(world: World) -> None:
    world.send(*make_claims(*TWO))
    register(world, from_a_portal(world, "X1", st_control_number=world.rows("batch_set")[0]["st_control_number"]))
    world.hear(world.ack_999("R", batch=1))
    assert [row["state"] for row in world.rows("batch")] == ["sent", "sent"]
    (sentence,) = world.sentences("unmatched_acknowledgment")
    assert "batches 1 and 2 have that number and such sets" in sentence
    assert (world.states(), world.broken()) == (dict.fromkeys(TWO, "sent"), [])


def test_and_is_the_foreign_files_once_ours_was_answered(world: World) -> None:
    world.send(*make_claims(*TWO))
    world.hear(world.ack_999())
    register(world, from_a_portal(world, "X1", st_control_number=world.rows("batch_set")[0]["st_control_number"]))
    world.hear(world.ack_999("R", batch=1))
    assert [row["state"] for row in world.rows("batch")] == ["delivered", "delivered"]
    assert (set(world.states().values()), world.work(), world.broken()) == ({world.states()["A1"]}, [], [])


def test_its_ta1_repeats_its_own_header_and_an_old_one_is_not_its(world: World) -> None:
    world.turn(days=3)
    register(world, foreign(world, "X1", "X2"))
    answer = world.ta1("R", "024")
    assert b"TA1*000000500*260302*0800*R" in answer
    world.hear(answer.replace(b"*260302*0800*", b"*250302*0800*"))
    assert (world.rows("batch")[0]["state"], world.work()) == ("sent", ["unmatched_acknowledgment"])
    world.hear(answer)
    assert (world.rows("batch")[0]["state"], world.broken()) == ("rejected", [])
    (sentence,) = world.sentences("anomaly")
    assert "none of the 2 claims in BYHAND.837" in sentence


def test_its_claims_are_counted_where_its_charges_are_shown(world: World) -> None:
    register(world, foreign(world, "X1", "X2"))
    with reading(world.engine) as connection:
        (row,) = listings.list_batches(connection, state=None, partner=None, limit=2)
    view = view_batch(world.context, 1)
    assert (row["claim_count"], row["charge_cents"]) == (view.claim_count, view.charge_cents) == (2, 24001)


def test_claims_of_ours_in_it_are_named_and_those_that_would_leave_are_held(world: World) -> None:
    """By our number, or by their own number and charge; what left already stays as it is."""
    world.send(make_claim("S1"))
    world.take_in(*make_claims("X", *TWO)[1:])
    world.run("scrub")
    assert world.states() == {"S1": "sent", "A1": "ready", "A2": "ready"}
    ours = [world.claim("S1")["pcn"], world.claim("A1")["pcn"]]
    content = foreign(world, ours[0], ours[1], "A2", "NOBODY")
    with pytest.raises(Refused, match="at this very moment; repeat the command"):
        register(world, content)
    world.turn(minutes=1)
    done = register(world, content)
    assert done.claims == (
        NamedClaim(pcn=ours[0], state="sent", held=False), NamedClaim(pcn=ours[1], state="held", held=True),
        NamedClaim(pcn=world.claim("A2")["pcn"], state="held", held=True),
    )  # fmt: skip
    held = world.facts("A1")[-1]
    assert (held.kind, held.actor) == ("held_by_person", "ada")
    what = f"BYHAND.837 (batch {done.batch_ids[0]}), which was put on the server of meridian by hand: the line was down"
    assert what in held.data["reason"]
    world.run()
    assert (world.states(), len(world.rows("batch")), world.broken()) == ({"S1": "sent", "A1": "held", "A2": "held"}, 2, [])


def test_another_practices_claim_with_the_same_number_and_another_charge_is_left_alone(world: World) -> None:
    world.take_in(*make_claims("A1", "A1"))
    world.run("scrub")
    world.turn(minutes=1)
    register(world, foreign(world, "A1"))
    assert [row["state"] for row in world.rows("claim")] == ["held", "ready"]


def test_what_the_edits_hold_no_check_of_all_held_claims_lets_go(world: World) -> None:
    as_it_was = world.profiles
    world.change_payer("blueharbor", member_id_pattern="ZZZ")
    world.take_in(*make_claims(*TWO))
    world.run("scrub")
    world.turn(minutes=1)
    done = register(world, foreign(world, "A1"))
    assert [(each.state, each.held) for each in done.claims] == [("held", False)]
    world.profiles = as_it_was
    world.turn(minutes=1)
    rechecked = claim_commands.recheck_held(world.context, actor="ada", reason="mended")
    assert (rechecked.reopened, rechecked.left) == (1, 1)
    world.run("scrub", "batching", "delivery")
    assert (world.states(), world.broken()) == ({"A1": "held", "A2": "sent"}, [])


def test_what_lies_in_a_file_of_ours_that_would_leave_is_registered_once_that_is_given_up_and_is_held(world: World) -> None:
    batched(world)
    world.turn(minutes=1)
    with pytest.raises(Refused, match=r"1 of our claims in it lie in batch 1 \(queued\).*`claimwire batches settle 1 --lost`"):
        register(world, foreign(world, "A1"))
    assert (world.states(), len(world.rows("batch"))) == (dict.fromkeys(TWO, "batched"), 1)
    batch_commands.settle_lost(world.context, 1, actor="ada", reason="one of it was sent by hand")
    assert world.states() == {"A1": "held", "A2": "received"}
    world.turn(minutes=1)
    done = register(world, foreign(world, "A1"))
    assert [(each.state, each.held) for each in done.claims] == [("held", False)]
    world.run("scrub", "batching", "delivery")
    assert (world.states(), world.broken()) == ({"A1": "held", "A2": "sent"}, [])
    with pytest.raises(Refused, match="holds it"):
        claim_commands.recheck(world.context, world.claim("A1")["pcn"], actor="ada", reason="?")
    claim_commands.release(world.context, world.claim("A1")["pcn"], actor="ada", reason="they deleted that file")
    world.turn(minutes=1)
    world.run("scrub", "batching", "delivery")
    assert (world.states(), world.broken()) == (dict.fromkeys(TWO, "sent"), [])


def test_a_file_of_ours_with_claims_that_lie_there_by_hand_does_not_leave_though_nobody_gives_it_up(world: World) -> None:
    batched(world)
    world.turn(minutes=1)
    with pytest.raises(Refused, match="lie in batch 1"):
        register(world, foreign(world, "A1"))
    world.run("delivery")
    assert (world.wire.published(), world.work(), world.broken()) == ([], ["batch_refused"], [])
    batch_commands.settle_lost(world.context, 1, actor="ada", reason="one of it was sent by hand")
    assert world.states() == {"A1": "held", "A2": "received"}


def test_what_lies_in_a_file_that_was_refused_is_held_when_that_is_given_up(world: World) -> None:
    batched(world)
    world.wire.put("claims", world.rows("batch")[0]["remote_name"], b"somebody else's")
    world.run("delivery")
    world.turn(minutes=1)
    assert [each.state for each in register(world, foreign(world, "A1")).claims] == ["batched"]
    batch_commands.settle_lost(world.context, 1, actor="ada", reason="one of it was sent by hand")
    world.turn(minutes=1)
    world.run("scrub", "batching", "delivery")
    assert (world.states(), world.broken()) == ({"A1": "held", "A2": "sent"}, [])


def test_what_was_sent_is_held_where_its_set_is_rejected_for_another_claim(world: World) -> None:
    world.send(*make_claims(*TWO))
    world.turn(minutes=1)
    register(world, foreign(world, "A1"))
    world.turn(minutes=1)
    world.hear(world.ack_999("R", blame(pcn=world.claim("A2")["pcn"])))
    world.run("scrub", "batching", "delivery")
    assert (world.states(), world.broken()) == ({"A1": "held", "A2": "rejected"}, [])


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (b"ISA*", b"XXX*", "cannot be read as X12"),
        (b"CLAIMWIRE      *", b"SOMEBODYELSE   *", "we send from ZZ:CLAIMWIRE"),
        (b"MERIDIANEX     *", b"OTHERPARTNER   *", "goes from"),
        (b"IEA*1*", b"IEA*2*", "its envelope is broken"),
        (b"ST*837*", b"ST*835*", "an 837 is registered"),
        (b"000000500", b"999999999", "leaves no room"),
    ],
)
def test_what_is_no_whole_837_from_us_to_that_partner_is_refused(world: World, old: bytes, new: bytes, why: str) -> None:
    content = foreign(world, "X1")
    assert old in content, content[:120]
    with pytest.raises(Refused, match=why):
        register(world, content.replace(old, new))
    assert (world.rows("batch"), world.rows("file"), world.broken()) == ([], [], [])


def test_the_partner_the_reason_and_the_size_are_checked(world: World) -> None:
    content = foreign(world, "X1")
    with pytest.raises(Refused, match="there is no partner nobody"):
        register(world, content, partner="nobody")
    with pytest.raises(Refused, match="a reason is needed"):
        batch_registration.register(world.context, NAME, content, partner=MERIDIAN, actor="ada", reason=" ")
    world.change_table("upload", file_bytes_max=100)
    with pytest.raises(Refused, match="more than the 100"):
        register(world, content)


def test_several_interchanges_are_several_batches_and_no_number_may_repeat(world: World) -> None:
    done = register(world, foreign(world, "X1", number=500) + foreign(world, "X2", number=501))
    assert done.batch_ids == (1, 2)
    assert world.broken() == []
    with pytest.raises(Refused, match="uses one interchange control number twice"):
        register(world, foreign(world, "X3", number=600) + foreign(world, "X4", number=600), name="TWICE.837")
