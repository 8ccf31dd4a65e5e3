"""What a person decides while claims are being scrubbed is not undone by the scrub."""

import time
from threading import Thread

from gateway.db.engine import writing
from gateway.db.ledger import record
from gateway.domain.facts import Fact, Kind
from tests.support.worlds import World, make_claims


def test_a_hold_that_was_first_outlasts_a_scrub_beside_it(world: World) -> None:
    world.take_in(*make_claims("A1"))
    now = world.clock.now()
    hold = Fact(
        claim_id=world.claim("A1")["id"], kind=Kind.HELD_BY_PERSON, attempt=1, occurred_at=now, source="hold:1", actor="dana",
        data={"reason": "an invented reason"},
    )  # fmt: skip
    scrub = Thread(target=world.run, args=("scrub",))
    with writing(world.engine) as connection:
        record(connection, [hold], now)
        world.turn(seconds=1)
        scrub.start()
        time.sleep(0.3)  # for the scrub to come to the claim, whose row is locked
    scrub.join(60)
    assert world.states() == {"A1": "held"}
