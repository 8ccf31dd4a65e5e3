"""Whose word a 277CA is, and what it says of the batch and the billing provider: nothing of it is guessed or passed over."""

from collections.abc import Sequence

import pytest
from sqlalchemy import update

from edi.claims import Party
from gateway.db import tables
from gateway.db.engine import writing
from tests.gateway.domain.samples import make_billing_provider, make_line
from tests.support.worlds import SERVED, World, make_claim, make_claims, say

ONE, OTHER = "1999999984", "1234567893"


def segments_of(*sources: Sequence[str]) -> list[str]:
    """A 277CA set of these information sources, each a list of segments."""
    body = ["ST*277*0001*005010X214", "BHT*0085*08*R1*20260302*1200*TH", *(segment for source in sources for segment in source)]
    return [*body, f"SE*{len(body) + 1}*0001"]


def source(first: int, name: str, reference: str, *claims: str) -> list[str]:
    """One 2000A from its HL number on: who speaks (NM1, or nothing), of which set of ours, and segments of claims."""
    levels = [
        f"HL*{first}**20*1", name, "TRN*1*T1", "DTP*050*D8*20260302", "DTP*009*D8*20260302",
        f"HL*{first + 1}*{first}*21*1", "NM1*41*2*US*****46*US", f"TRN*2*{reference}", "STC*A1:19*20260302*WQ*0",
        f"HL*{first + 2}*{first + 1}*19*1", "NM1*85*2*PRACTICE*****XX*1999999984",
    ]  # fmt: skip
    return [segment for segment in [*levels, *claims] if segment]


def claim(number: int, pcn: str, category: str, action: str = "WQ") -> list[str]:
    return [f"HL*{number}*3*PT", "NM1*QC*1*TESTCASE", f"TRN*2*{pcn}", f"STC*{category}:20*20260302*{action}*120"]


CLEARINGHOUSE, PAYER = "NM1*AY*2*HOUSE*****46*H1", "NM1*PR*2*PLAN*****PI*P1"


def hear(world: World, *sources: Sequence[str]) -> None:
    world.hear(world.interchange("HN", "005010X214", segments_of(*sources)))


def reference_of(world: World) -> str:
    return str(world.rows("batch_set")[0]["reference"])


# Whose word it is


def test_each_source_of_a_set_speaks_for_itself(world: World) -> None:
    world.send(*make_claims("A1", "A2"))
    sent = reference_of(world)
    hear(
        world,
        source(1, CLEARINGHOUSE, sent, *claim(4, "A1", "A1")),
        source(5, PAYER, sent, *claim(8, "A2", "A3", "U")),
    )
    kinds = {fact.kind.value for fact in world.facts("A2")}
    assert "payer_rejected" in kinds
    assert "clearinghouse_rejected" not in kinds
    assert world.states() == {"A1": "accepted_by_clearinghouse", "A2": "rejected"}
    assert "by the payer" in world.sentences("rejected")[0]
    assert world.broken() == []


@pytest.mark.parametrize("name", ["", "NM1*ZZ*2*SOMEBODY*****46*H1"])
def test_nobody_is_taken_for_the_payer_for_want_of_a_role(world: World, name: str) -> None:
    world.send(*make_claims("A1"))
    hear(world, source(1, name, reference_of(world), *claim(4, "A1", "A2")))
    assert (world.states(), world.work()) == ({"A1": "sent"}, ["unreadable_file"])
    assert [row["state"] for row in world.rows("inbound_set")] == ["quarantined"]
    assert world.broken() == []


def test_a_source_without_a_role_takes_the_word_of_those_before_it_with_it(world: World) -> None:
    world.send(*make_claims("A1", "A2"))
    sent = reference_of(world)
    hear(world, source(1, PAYER, sent, *claim(4, "A1", "A2")), source(5, "", sent, *claim(8, "A2", "A2")))
    assert (world.states(), world.work()) == ({"A1": "sent", "A2": "sent"}, ["unreadable_file"])


# Which billing provider


def two_practices(world: World) -> None:
    """A1 (120.00) of one practice; B1 (7.77) and B2 (7.78) of another."""
    other = make_billing_provider(id=OTHER)
    services = (("99213", 777), ("99214", 778))
    lines = [(make_line(service_from=SERVED, procedure=code, charge_cents=cents),) for code, cents in services]
    world.send(make_claim("A1"), *(make_claim(f"B{n}", billing_provider=other, lines=each) for n, each in enumerate(lines, 1)))


def practice(npi: str, qualifier: str = "XX") -> Party:
    return Party(role="85", last_name="P", id_qualifier=qualifier, id=npi)


@pytest.mark.parametrize("party", [practice("990000001", "FI"), practice("1245319599"), Party(role="85", last_name="P")])
def test_a_rejection_of_a_provider_that_is_not_among_ours_is_told(world: World, party: Party) -> None:
    two_practices(world)
    world.hear(world.ack_277ca("PR", say("", "A3", level="provider", party=party)))
    assert (set(world.states().values()), world.work()) == ({"sent"}, ["anomaly"])
    assert "otherwise than by the NPI" in world.sentences("anomaly")[0]
    assert world.broken() == []


@pytest.mark.parametrize("level", ["receiver", "provider"])
def test_what_is_neither_an_acceptance_nor_a_rejection_of_all_is_given_to_a_person(world: World, level: str) -> None:
    two_practices(world)
    world.hear(world.ack_277ca("PR", say("", "P1", level=level, party=practice(ONE))))
    assert (set(world.states().values()), world.work()) == ({"sent"}, ["anomaly"])


# What was counted


def test_an_amount_that_differs_from_what_was_sent_is_told(world: World) -> None:
    world.send(*make_claims("A1", "A2"))
    counted = say("", "A1", level="receiver", accepted_count=2, accepted_cents=1)
    world.hear(world.ack_277ca("AY", counted, say("A1", "A2"), say("A2", "A2")))
    assert world.work() == ["anomaly"]
    assert "charges of 0.01 where we sent 240.01" in world.sentences("anomaly")[0]


def test_counts_and_amounts_that_agree_are_not_told(world: World) -> None:
    two_practices(world)
    receiver = say("", "A1", level="receiver", accepted_count=2, rejected_count=1, accepted_cents=12777, rejected_cents=778)
    provider = say("", "A1", level="provider", party=practice(OTHER), accepted_count=2, accepted_cents=1555)
    world.hear(world.ack_277ca("AY", provider, receiver))
    assert world.work() == []


def test_a_providers_count_that_differs_is_told_once(world: World) -> None:
    two_practices(world)
    world.hear(world.ack_277ca("AY", say("", "A1", level="provider", party=practice(OTHER), accepted_count=1)))
    assert world.work() == ["anomaly"]
    assert "1 claim where we sent 2" in world.sentences("anomaly")[0]


def test_a_providers_counts_are_taken_together_wherever_its_levels_stand(world: World) -> None:
    two_practices(world)
    one = say("", "A1", level="provider", party=practice(OTHER), accepted_count=1)
    world.hear(world.ack_277ca("AY", one, say("", "A1", level="provider", party=practice(ONE), accepted_count=1), one))
    assert world.work() == []


def test_a_payers_counts_are_not_compared_since_it_sees_only_its_part(world: World) -> None:
    two_practices(world)
    receiver = say("", "A1", level="receiver", accepted_count=1, accepted_cents=100)
    provider = say("", "A1", level="provider", party=practice(OTHER), accepted_count=1)
    world.hear(world.ack_277ca("PR", provider, receiver))
    assert world.work() == []


# What was sent, not what the claim is today


def reroute(world: World, pcn: str, **columns: str) -> None:
    """The claim's row says something else now: what a rejection, a correction and another profile do in time."""
    with writing(world.engine) as connection:
        connection.execute(update(tables.claim).where(tables.claim.c.source_pcn == pcn).values(columns))


@pytest.mark.parametrize("by_trace", [True, False])
def test_the_partner_that_a_claim_was_sent_to_may_still_speak_of_it(world: World, by_trace: bool) -> None:
    world.send(*make_claims("A1"))
    reroute(world, "A1", payer="lakeside_health", partner="lakeside")
    trace = world.rows("submission")[0]["trace"] if by_trace else ""
    world.hear(world.ack_277ca("PR", say("OTHER" if by_trace else "A1", "A3", trace=trace)))
    assert (world.states(), world.work()) == ({"A1": "rejected"}, ["rejected"])


def test_a_partner_that_a_claim_was_never_sent_to_says_nothing_of_it(world: World) -> None:
    world.send(*make_claims("A1"))
    reroute(world, "A1", payer="lakeside_health", partner="lakeside")
    said = say("A1", "A3", trace=world.rows("submission")[0]["trace"])
    world.hear(world.ack_277ca("PR", said), partner="lakeside")
    assert (world.states(), set(world.work())) == ({"A1": "sent"}, {"unmatched_acknowledgment"})


def test_a_rejected_provider_is_the_one_that_was_sent(world: World) -> None:
    two_practices(world)
    reroute(world, "A1", practice=OTHER)
    world.hear(world.ack_277ca("PR", say("", "A3", level="provider", party=practice(ONE))))
    assert world.states() == {"A1": "rejected", "B1": "sent", "B2": "sent"}


def test_a_claim_is_overdue_when_the_payer_it_was_sent_to_says_so(world: World) -> None:
    world.take_in(*make_claims("A1", "A2"))
    world.run("scrub", "batching")
    reroute(world, "A2", payer="northstar")
    world.run("delivery")
    assert world.claim("A1")["due_at"] == world.claim("A2")["due_at"]
    assert {(row["payer"], row["practice"]) for row in world.rows("submission")} == {("blueharbor", ONE)}
