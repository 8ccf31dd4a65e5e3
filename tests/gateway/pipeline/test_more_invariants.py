"""What verify must not call sound: claims sent twice, money on nobody's list, claims paid beyond their charge."""

from typing import Any

import pytest
from sqlalchemy import delete, insert, update

from gateway.db import tables
from gateway.db.engine import writing
from gateway.desk import work_list
from gateway.domain.facts import Kind
from tests.gateway.domain.samples import make_paid_line, make_payment
from tests.gateway.pipeline.test_whole_way import paid_in_full
from tests.support.worlds import World, make_claim, say


def forget(world: World, **where: Any) -> None:
    with writing(world.engine) as connection:
        assert connection.execute(delete(tables.work_item).filter_by(**where)).rowcount


def sent_twice(world: World) -> None:
    """Rejected, sent again, and the first sending then accepted by the payer after all."""
    world.send(make_claim("A1"))
    world.hear(world.ack_277ca("AY", say("A1", "A3")))
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.run("scrub", "batching", "delivery")
    assert [row["attempt"] for row in world.rows("submission")] == [1, 2]
    assert world.broken() == []
    first = world.rows("submission")[0]["trace"]
    world.hear(world.ack_277ca("PR", say("A1", "A2", trace=first)))


def test_a_claim_sent_again_though_it_was_taken_is_named_where_nobody_was_told(world: World) -> None:
    sent_twice(world)
    forget(world, kind="anomaly")
    pcn = world.claim("A1")["pcn"]
    assert world.broken() == [f"claim {pcn} was taken in attempt 1, was sent again, and nobody is told"]


def test_a_claim_sent_again_though_it_was_taken_is_on_the_list_and_may_be_decided_on(world: World) -> None:
    sent_twice(world)
    assert (world.work(), world.broken()) == (["anomaly"], [])
    (item,) = world.rows("work_item", kind="anomaly")
    work_list.resolve(world.context, item["id"], actor="ann", reason="the payer keeps the first")
    assert world.broken() == []


@pytest.mark.parametrize("tier", ["AY", "PR"])
def test_a_claim_sent_again_after_a_rejection_is_sound(world: World, tier: str) -> None:
    """Also where the clearinghouse had taken it before the payer rejected it."""
    world.send(make_claim("A1"))
    world.hear(world.ack_277ca("AY", say("A1", "A2" if tier == "PR" else "A3")))
    if tier == "PR":
        world.hear(world.ack_277ca("PR", say("A1", "A3")))
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.run("scrub", "batching", "delivery")
    assert len(world.rows("submission")) == 2
    assert world.broken() == []


def hold_payment(world: World) -> str:
    world.hear(world.pay(make_payment(make_paid_line(5000, 5000), patient_control_number="X9")))
    return "claim payment 1 is suspended"


def hold_remittance(world: World) -> str:
    world.hear(world.pay(paid_in_full("A1"), amount_cents=1))
    return "remittance 1 is held"


@pytest.mark.parametrize("hold", [hold_payment, hold_remittance])
def test_money_that_is_held_has_an_open_item_whatever_was_closed(world: World, hold: Any) -> None:
    words = hold(world)
    assert world.broken() == []
    with writing(world.engine) as connection:
        connection.execute(update(tables.work_item).values(state="done", closed_reason="done with", closed_by="ann"))
    assert world.broken() == [f"{words} and on nobody's list"]


def test_a_claim_paid_beyond_its_charge_is_named(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(paid_in_full("A1")))
    assert world.broken() == []
    journal_id = next(row["id"] for row in world.rows("journal") if row["kind"] == "payment")
    beyond = {"insurance_receivable": -5, "suspense": 5}
    with writing(world.engine) as connection:
        for account, cents in beyond.items():
            connection.execute(insert(tables.entry).values(journal_id=journal_id, account=account, amount_cents=cents))
    assert world.broken() == [f"claim {world.claim('A1')['pcn']}: what the insurance owes is -5 cents, less than nothing"]
