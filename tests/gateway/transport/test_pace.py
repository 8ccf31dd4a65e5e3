"""A server that hands out a byte for each question keeps every step's time, and is given up all the same."""

from itertools import count

import pytest

from gateway.errors import TransientError
from gateway.transport import link, sftp
from gateway.transport.causes import is_lost_link
from gateway.transport.sftp import connect
from payers.profile import Partner
from tests.support.lying_sftp import Lies, LyingServer


@pytest.fixture
def seconds_a_look(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many seconds pass between two looks at the clock: 20 unless changed."""
    passing, now = [20], count()

    def tell() -> float:
        return float(next(now) * passing[0])

    monkeypatch.setattr(link, "monotonic", tell)
    monkeypatch.setattr(sftp, "monotonic", tell)
    return passing


def test_a_file_that_trickles_loses_the_connection(server: LyingServer, partner: Partner, seconds_a_look: list[int]) -> None:
    server.lies = Lies(short_reads=1)
    (server.root / "pickup" / "a.835").write_bytes(b"x" * 1000)
    with connect(partner) as transport, pytest.raises(TransientError, match=r"given up as too slow after [0-9]+ bytes") as raised:
        list(transport.fetch("pickup", "a.835"))
    assert is_lost_link(raised.value)


def test_a_listing_without_end_that_trickles_loses_the_connection(
    server: LyingServer, partner: Partner, seconds_a_look: list[int]
) -> None:
    server.lies = Lies(endless_listing=True)
    seconds_a_look[0] = 100_000
    with connect(partner) as transport, pytest.raises(TransientError, match="listing pickup: given up as too slow"):
        list(transport.list("pickup"))


def test_a_large_file_may_take_long(server: LyingServer, partner: Partner, seconds_a_look: list[int]) -> None:
    """Two mebibytes in spans of 256 KiB, 20 seconds each: 13 KiB a second."""
    (server.root / "pickup" / "a.835").write_bytes(b"x" * (2 << 20))
    with connect(partner) as transport:
        assert sum(map(len, transport.fetch("pickup", "a.835"))) == 2 << 20
