"""A disk that fails in the midst of taking in or posting is no fault of what is taken in: it is tried again as it is."""

import pytest

from gateway.crashpoint import arm
from tests.gateway.domain.samples import make_paid_line, make_payment
from tests.support.worlds import World, make_claims


@pytest.mark.parametrize("fault", ["eio", "enospc"])
def test_a_set_is_not_set_aside_because_the_disk_failed(world: World, fault: str) -> None:
    world.send(*make_claims("A1"))
    world.leave(world.ack_999())
    arm(f"ingest.before_commit:{fault}")
    with pytest.raises(OSError, match=r"Input/output|No space"):
        world.run("pickup", "ingest")
    assert (world.rows("inbound_set"), world.work()) == ([], [])
    world.run("ingest")
    assert (world.states(), world.work(), world.broken()) == ({"A1": "delivered"}, [], [])


@pytest.mark.parametrize("fault", ["eio", "enospc"])
def test_a_remittance_waits_for_the_disk_without_a_word_about_bugs(world: World, fault: str) -> None:
    world.send(*make_claims("A1"))
    line = make_paid_line(12000, 12000, line_control_number="L1")
    world.leave(world.pay(make_payment(line, patient_control_number="A1", status="1")))
    arm(f"posting.before_commit:{fault}")
    with pytest.raises(OSError, match=r"Input/output|No space"):
        world.run("pickup", "ingest", "posting")
    assert (world.rows("journal", kind="payment"), world.work()) == ([], [])
    world.run("posting")
    assert (world.states(), world.work(), world.broken()) == ({"A1": "paid"}, [], [])
