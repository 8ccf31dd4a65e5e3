"""A claim's whole way through every stage, in every order that its answers may come in."""

from itertools import permutations

import pytest

from edi.transactions.t835 import ClaimPayment
from tests.gateway.domain.samples import adjust, make_paid_line, make_payment
from tests.support.worlds import World, make_claim, make_claims, say

ORDERS = list(permutations(("999", "AY", "PR", "835")))


def paid_in_full(pcn: str, charge_cents: int = 12000) -> ClaimPayment:
    """100.00 paid and the rest written off by contract."""
    line = make_paid_line(charge_cents, 10000, adjust("CO 45", charge_cents - 10000))
    return make_payment(line, patient_control_number=pcn, payer_claim_number="ICN1")


def test_a_claim_goes_out_is_acknowledged_and_paid(world: World) -> None:
    world.send(make_claim("PCN1"))
    assert world.states() == {"PCN1": "sent"}
    world.hear(world.ack_999("A"))
    assert world.states() == {"PCN1": "delivered"}
    world.hear(world.ack_277ca("AY", say("PCN1", "A2")))
    assert world.states() == {"PCN1": "accepted_by_clearinghouse"}
    world.hear(world.ack_277ca("PR", say("PCN1", "A2", payer_claim_number="ICN1")))
    assert world.states() == {"PCN1": "accepted_by_payer"}
    world.hear(world.pay(paid_in_full("PCN1")))
    assert world.states() == {"PCN1": "paid"}
    assert world.claim("PCN1")["payer_claim_number"] == "ICN1"
    assert world.balances() == {"cash_clearing": 10000, "contractual_adjustment": 2000, "charges": -12000}
    assert world.work() == []
    assert world.broken() == []


@pytest.mark.parametrize(
    ("verdict", "work"), [("A2", []), ("A3", ["anomaly"] * len(ORDERS))], ids=["accepted", "rejected, and yet paid"]
)
def test_any_order_of_answers_ends_in_the_same_state(world: World, verdict: str, work: list[str]) -> None:
    """A claim for each order of four answers: the same end for all. Rejected and yet paid is an anomaly in every order."""
    world.change_table("batching", claims_per_set_max=1)
    pcns = {f"PCN{number}": order for number, order in enumerate(ORDERS)}
    world.send(*make_claims(*pcns))
    sets = {row["claim_id"]: row for row in world.rows("submission")}
    answers = {}
    for pcn, claim in zip(pcns, make_claims(*pcns), strict=True):
        submission = sets[world.claim(pcn)["id"]]
        batch = world.rows("batch", id=submission["batch_id"])[0]
        answers[pcn] = {
            "999": world.respond(batch, "A", [(submission["st_control_number"], "A", [])]),
            "AY": world.ack_277ca("AY", say(pcn, "A2"), reference=""),
            "PR": world.ack_277ca("PR", say(pcn, verdict), reference=""),
            "835": world.pay(paid_in_full(pcn, charge_cents=claim.charge_cents), trace_number=f"EFT {pcn}"),
        }
    for place in range(4):
        for pcn, order in pcns.items():
            world.leave(answers[pcn][order[place]])
        world.run("pickup", "ingest", "posting")
        assert world.broken() == []
    world.run("followup")
    assert set(world.states().values()) == {"paid"}
    assert [kind for kind in world.work() if kind != "unmatched_acknowledgment"] == work
    assert {row["state"] for row in world.rows("batch")} == {"delivered"}
    assert world.broken() == []


def test_everything_run_again_changes_nothing(world: World) -> None:
    world.send(make_claim("PCN1"))
    answers = [world.ack_999("A"), world.ack_277ca("AY", say("PCN1", "A2")), world.pay(paid_in_full("PCN1"))]
    for answer in answers:
        world.hear(answer)
    before = [world.rows(table) for table in ("claim", "event", "entry", "work_item", "remittance", "batch", "submission")]
    for answer in answers:
        world.hear(answer)
    world.take_in(make_claim("PCN1"), name="again.jsonl")
    world.run()
    assert [
        world.rows(table) for table in ("claim", "event", "entry", "work_item", "remittance", "batch", "submission")
    ] == before
