"""The link cut at 200 places each way of an upload and a download: nothing half, and every outcome can be settled."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest

from gateway.errors import TransientError, UnknownOutcome
from gateway.transport import Standing, Transport
from gateway.transport.sftp import connect
from payers.profile import Partner
from tests.support.cutting_proxy import CuttingProxy
from tests.support.lying_sftp import LyingServer
from tests.support.sftp_partner import make_partner

CONTENT = bytes(range(256)) * 160
MARKER = ".done"
CUTS = 200
Way = Literal["up", "down"]


def upload(transport: Transport, name: str) -> None:
    transport.upload_part("upload", name, CONTENT)
    transport.publish("upload", name, CONTENT)


class Cutting:
    """Uploads to, and downloads from, one server over links that are cut."""

    def __init__(self, server: LyingServer, mode: str = "rename") -> None:
        self._server = server
        self._mode = mode

    def partner(self, port: int = 0) -> Partner:
        """The profile of the server, or of a relay to it."""
        return make_partner(port or self._server.port, self._server.fingerprint, upload={"mode": self._mode})

    def count_bytes(self, way: Way, act: Callable[[Transport], object]) -> int:
        """How many bytes go that way when nothing is cut."""
        with CuttingProxy(self._server.port) as proxy, connect(self.partner(proxy.port)) as transport:
            act(transport)
        return proxy.passed[way]

    def cut(self, way: Way, at_byte: int, act: Callable[[Transport], object]) -> Exception | None:
        """What came of it; anything but a TransientError fails the test by itself."""
        up, down = (at_byte, None) if way == "up" else (None, at_byte)
        with CuttingProxy(self._server.port, up_bytes=up, down_bytes=down) as proxy:
            try:
                with connect(self.partner(proxy.port)) as transport:
                    act(transport)
            except TransientError as error:
                return error
        return None

    def cut_all(self, way: Way, count: int, act: Callable[[Transport, int], object]) -> list[Exception | None]:
        """Cut at `count` places, evenly; `act` is told the number of its cut, which is 0 for one that is not cut."""
        total = self.count_bytes(way, lambda transport: act(transport, 0))
        places = [(number, total * number // (count + 1)) for number in range(1, count + 1)]
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda place: self.cut(way, place[1], lambda wire: act(wire, place[0])), places))


def name_of(number: int) -> str:
    return f"{number:09d}.837"


def check_left(folder: Path, mode: str, name: str, error: Exception | None) -> str:
    """What a cut upload left, held to what its mode promises; in one word."""
    final = (folder / name).read_bytes() if (folder / name).exists() else None
    is_marked = (folder / (name + MARKER)).exists()
    if error is None:
        assert final == CONTENT, f"success without a file: {name}"
        return "sent"
    if mode == "rename":
        assert final in (None, CONTENT), f"half a file: {name}"
    if mode == "marker":
        assert final == CONTENT or not is_marked, f"half a file with its marker: {name}"
    partner_may_have_it = is_marked if mode == "marker" else final is not None
    assert isinstance(error, UnknownOutcome) or not partner_may_have_it, f"{error!r}, yet it is there: {name}"
    return "unknown" if isinstance(error, UnknownOutcome) else "not sent"


@pytest.mark.parametrize("mode", ["rename", "direct", "marker"])
@pytest.mark.parametrize("way", ["up", "down"])
def test_an_upload_cut_anywhere_leaves_nothing_half_and_can_be_settled(server: LyingServer, way: Way, mode: str) -> None:
    cutting, folder = Cutting(server, mode), server.root / "upload"
    errors = cutting.cut_all(way, CUTS, lambda transport, number: upload(transport, name_of(number)))
    outcomes = Counter(check_left(folder, mode, name_of(number), error) for number, error in enumerate(errors, 1))
    assert outcomes.total() == CUTS
    assert outcomes["unknown" if mode == "direct" else "not sent"] > CUTS // 2, outcomes
    with connect(cutting.partner()) as transport:
        for number in range(1, CUTS + 1):
            standing = transport.look("upload", name_of(number), CONTENT)
            assert standing in (Standing.PUBLISHED, Standing.UPLOADED, Standing.UNFINISHED, Standing.ABSENT)
            if standing is Standing.UPLOADED:
                transport.publish("upload", name_of(number), CONTENT)
            elif standing is not Standing.PUBLISHED:
                upload(transport, name_of(number))
    assert {path.read_bytes() for path in folder.glob("*.837")} == {CONTENT}
    assert len(list(folder.glob("*.837"))) == CUTS + 1
    assert list(folder.glob("*.part")) == []


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_download_cut_anywhere_is_never_taken_for_whole(server: LyingServer, way: Way) -> None:
    (server.root / "pickup" / "a.835").write_bytes(CONTENT)
    fetched: dict[int, bytes] = {}

    def fetch(transport: Transport, number: int) -> None:
        fetched[number] = b"".join(transport.fetch("pickup", "a.835"))

    errors = Cutting(server).cut_all(way, CUTS, fetch)
    whole = {number for number, error in enumerate(errors, 1) if error is None}
    assert set(fetched.values()) == {CONTENT}
    assert whole <= set(fetched)
    assert len(whole) <= 20, "a cut after the last byte that matters may be none"
