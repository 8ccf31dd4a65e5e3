"""A partner that is slow without end has its turn like any other, and no more: what is left waits for the next."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.support.wire import Wire
from tests.support.worlds import MERIDIAN, World, make_claims

TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def slow(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Each file takes its partner ten minutes."""
    publish, fetch = Wire.publish, Wire.fetch

    def publish_slowly(wire: Wire, folder: str, name: str, content: bytes) -> None:
        world.clock.turn(TEN_MINUTES)
        publish(wire, folder, name, content)

    def fetch_slowly(wire: Wire, folder: str, name: str) -> Iterator[bytes]:
        world.clock.turn(TEN_MINUTES)
        return fetch(wire, folder, name)

    monkeypatch.setattr(Wire, "publish", publish_slowly)
    monkeypatch.setattr(Wire, "fetch", fetch_slowly)
    return world


def test_delivery_ends_between_two_files_and_goes_on_at_the_next_run(slow: World) -> None:
    slow.change_table("batching", claims_per_set_max=1, sets_per_interchange_max=1)
    slow.take_in(*make_claims("A1", "A2", "A3"))
    slow.run("scrub", "batching")
    assert slow.run("delivery") == {"delivery": 2}
    assert sorted(slow.states().values()) == ["batched", "sent", "sent"]
    assert [row["error"] for row in slow.rows("batch")] == ["", "", ""]
    assert slow.run("delivery") == {"delivery": 1}
    assert (sorted(slow.states().values()), slow.work(), slow.broken()) == (["sent", "sent", "sent"], [], [])


def test_pickup_ends_between_two_files_and_goes_on_at_the_next_run(slow: World) -> None:
    slow.change_table("pickup", ready_after_polls=1)
    for number in range(3):
        slow.leave(slow.interchange("FA", "005010X231A1"), f"answer{number}.999")
    assert slow.run("pickup") == {"pickup": 2}
    assert slow.run("pickup") == {"pickup": 1}
    assert (slow.wires[MERIDIAN].folders[slow.profiles.partners[MERIDIAN].pickup.folder], slow.work()) == ({}, [])


def test_a_slow_partner_s_connection_works(slow: World) -> None:
    slow.change_table("batching", claims_per_set_max=1, sets_per_interchange_max=1)
    slow.take_in(*make_claims("A1", "A2", "A3"))
    slow.run("scrub", "batching", "delivery")
    (link,) = slow.rows("partner_link")
    assert (link["failures"], link["error"]) == (0, "")
