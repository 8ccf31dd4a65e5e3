"""Followup decides on what is so when it writes: an answer posted at the same moment leaves no item behind."""

from datetime import UTC, datetime
from threading import Thread
from time import sleep

from gateway.db.engine import writing
from gateway.domain.facts import Fact, Kind
from gateway.pipeline.entering import enter
from tests.support.worlds import World, make_claim


def test_a_claim_paid_while_followup_looks_at_it_is_not_overdue(world: World) -> None:
    """The payment is written and not yet committed as followup begins; its claim's lock is what followup waits for."""
    world.send(make_claim("A1"))
    world.clock.turn_to(datetime(2026, 4, 20, 12, tzinfo=UTC))
    now = world.clock.now()
    paid = Fact(claim_id=world.claim("A1")["id"], kind=Kind.PAID, attempt=1, occurred_at=now, source="payment:1")
    followup = Thread(target=world.run, args=("followup",))
    with writing(world.engine) as connection:
        enter(connection, [paid], [], now)
        followup.start()
        sleep(0.5)
    followup.join()
    assert world.states() == {"A1": "paid"}
    assert "overdue" not in world.work()
    assert world.broken() == []


def test_a_claim_sent_while_followup_looks_at_it_is_not_near_its_filing_limit(world: World) -> None:
    """Served on 20 February for a payer that takes claims for 180 days: 18 August is five days before the last one."""
    world.clock.turn_to(datetime(2026, 8, 14, 12, tzinfo=UTC))
    world.take_in(make_claim("A1"))
    now = world.clock.now()
    sent = Fact(claim_id=world.claim("A1")["id"], kind=Kind.SENT, attempt=1, occurred_at=now, source="batch:1:sent")
    followup = Thread(target=world.run, args=("followup",))
    with writing(world.engine) as connection:
        enter(connection, [sent], [], now)
        followup.start()
        sleep(0.5)
    followup.join()
    assert "filing_limit_near" not in world.work()
    assert [offender for offender in world.broken() if offender.startswith("work item")] == []
