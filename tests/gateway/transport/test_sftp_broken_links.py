"""Links that are cut, that fall silent, that crawl: no half file, no endless wait, no false success."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

import pytest

from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport import Transport
from gateway.transport.sftp import connect
from tests.support.cutting_proxy import CuttingProxy, Failure
from tests.support.lying_sftp import LyingServer
from tests.support.sftp_partner import make_partner

CONTENT = bytes(range(256)) * 400
NAME = "000000001.837"
Way = Literal["up", "down"]


@dataclass
class Break:
    """Where the link breaks, and how."""

    way: Way
    at_byte: int
    failure: Failure = "cut"

    @contextmanager
    def proxy(self, server: LyingServer) -> Iterator[CuttingProxy]:
        limits = {f"{self.way}_bytes": self.at_byte}
        with CuttingProxy(server.port, failure=self.failure, **limits) as proxy:
            yield proxy


def transfer(server: LyingServer, port: int, act: Callable[[Transport], object], *, timeout_seconds: int = 5) -> Exception | None:
    """What one connection through `port` raised; anything but a TransientError fails the test by itself."""
    try:
        with connect(make_partner(port, server.fingerprint, timeout_seconds=timeout_seconds)) as transport:
            act(transport)
    except TransientError as error:
        return error
    return None


def upload(transport: Transport) -> None:
    transport.upload_part("upload", NAME, CONTENT)
    transport.publish("upload", NAME, CONTENT)


def count_bytes(server: LyingServer, act: Callable[[Transport], object]) -> dict[str, int]:
    """How many bytes go each way when nothing breaks. The name uploaded is removed again."""
    with CuttingProxy(server.port) as proxy:
        assert transfer(server, proxy.port, act) is None
    (server.root / "upload" / NAME).unlink(missing_ok=True)
    return dict(proxy.passed)


def spread(last: int, count: int) -> list[int]:
    return [last * step // count for step in range(count)]


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_cut_at_any_byte_of_an_upload_leaves_no_half_file(server: LyingServer, way: Way) -> None:
    """45 cuts each way, most of them in the last 1,000 bytes, where the read-back ends and the rename happens."""
    total = count_bytes(server, upload)[way]
    final = server.root / "upload" / NAME
    outcomes = {"absent": 0, "whole, told as unknown": 0, "whole": 0}
    for at_byte in spread(total, 20) + [total - 1000 + 40 * step for step in range(25)]:
        with Break(way, at_byte).proxy(server) as proxy:
            error = transfer(server, proxy.port, upload)
        content = final.read_bytes() if final.exists() else None
        assert content in (None, CONTENT), f"half a file after a cut at byte {at_byte} {way}"
        if error is None:
            assert content == CONTENT, f"success without a file after a cut at byte {at_byte} {way}"
            outcomes["whole"] += 1
        elif content is not None:
            assert isinstance(error, UnknownOutcome), f"a file is there, yet {error!r} (byte {at_byte} {way})"
            outcomes["whole, told as unknown"] += 1
        else:
            outcomes["absent"] += 1
        final.unlink(missing_ok=True)
    assert outcomes["absent"] >= 20, outcomes
    if way == "down":
        assert outcomes["whole, told as unknown"] >= 1, outcomes


@pytest.mark.parametrize("way", ["up", "down"])
def test_silence_at_any_byte_ends_within_the_timeout_and_five_seconds(server: LyingServer, way: Way) -> None:
    total = count_bytes(server, upload)[way]

    def measure(at_byte: int) -> tuple[int, float, Exception | None]:
        with Break(way, at_byte, "silence").proxy(server) as proxy:
            begin = time.monotonic()
            error = transfer(server, proxy.port, upload, timeout_seconds=1)
            return at_byte, time.monotonic() - begin, error

    with ThreadPoolExecutor(12) as pool:
        measured = list(pool.map(measure, [0, 10, *spread(total, 12)[1:]]))
    assert [row for row in measured if row[1] > 6] == []
    assert [row for row in measured if row[2] is None] == []
    assert (server.root / "upload" / NAME).exists() is False or (server.root / "upload" / NAME).read_bytes() == CONTENT


@pytest.mark.parametrize("at_byte", [0, 3000, 6000])
def test_a_partner_that_answers_a_byte_at_a_time_is_given_up(server: LyingServer, at_byte: int) -> None:
    with Break("down", at_byte, "trickle").proxy(server) as proxy:
        begin = time.monotonic()
        error = transfer(server, proxy.port, upload, timeout_seconds=1)
        lasted = time.monotonic() - begin
    assert error is not None
    assert lasted < 6


def test_a_cut_during_a_fetch_is_never_taken_for_the_end_of_the_file(server: LyingServer) -> None:
    (server.root / "pickup" / "a.835").write_bytes(CONTENT)
    fetched: list[bytes] = []

    def fetch(transport: Transport) -> None:
        fetched.append(b"".join(transport.fetch("pickup", "a.835")))

    total = count_bytes(server, fetch)["down"]
    assert fetched.pop() == CONTENT
    failed = 0
    for at_byte in spread(total, 25):
        with Break("down", at_byte).proxy(server) as proxy:
            failed += transfer(server, proxy.port, fetch) is not None
    assert failed == 25
    assert fetched == []


def test_a_silent_fetch_and_a_silent_listing_end(server: LyingServer) -> None:
    (server.root / "pickup" / "a.835").write_bytes(CONTENT * 4)
    for act in (lambda transport: list(transport.list("pickup")), lambda transport: list(transport.fetch("pickup", "a.835"))):
        total = count_bytes(server, act)["down"]
        with Break("down", total - 200, "silence").proxy(server) as proxy:
            begin = time.monotonic()
            assert "no answer within 1 s" in str(transfer(server, proxy.port, act, timeout_seconds=1))
            assert time.monotonic() - begin < 6


def test_after_a_broken_step_every_further_call_fails_at_once(server: LyingServer) -> None:
    total = count_bytes(server, upload)["down"]
    with Break("down", total // 2, "silence").proxy(server) as proxy:
        partner = make_partner(proxy.port, server.fingerprint, timeout_seconds=1)
        with connect(partner) as transport:
            with pytest.raises(TransientError):
                upload(transport)
            begin = time.monotonic()
            with pytest.raises(TransientError, match="given up before"):
                transport.find("upload", NAME)
            assert time.monotonic() - begin < 0.5


def test_nobody_listening_is_transient(server: LyingServer) -> None:
    port = server.port
    server.stop()
    with pytest.raises(TransientError, match="ConnectionRefusedError"), connect(make_partner(port, server.fingerprint)):
        pass


def test_a_peer_that_says_nothing_at_all_is_given_up_in_time(server: LyingServer) -> None:
    """As behind a firewall that swallows everything after the connection."""
    with CuttingProxy(server.port, up_bytes=0, down_bytes=0, failure="silence") as proxy:
        error = transfer(server, proxy.port, upload, timeout_seconds=1)
    assert "no answer within 1 s" in str(error)


@pytest.mark.parametrize(
    "greeting",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-x\r\n" + b"\xff" * 64,
        b"SSH-2.0-x\r\n\x00\x00\x00\x24\x04\x14" + bytes(16) + b"\x00\x00\x00\x02\xff\xfe" + bytes(8),
        b"\xff\xfe\r\n",
        b"x" * 100_000,
    ],
    ids=["http", "noise", "no utf-8", "no ascii", "no line"],
)
def test_a_port_that_speaks_something_else_is_transient(server: LyingServer, greeting: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        speaking = threading.Thread(target=_speak_once, args=(listener, greeting))
        speaking.start()
        error = transfer(server, listener.getsockname()[1], upload, timeout_seconds=2)
        speaking.join()
    assert "connecting" in str(error)
    assert str(error).isprintable()


def test_a_server_of_ssh_version_1_is_permanent(server: LyingServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        speaking = threading.Thread(target=_speak_once, args=(listener, b"SSH-1.5-old\r\n"))
        speaking.start()
        with pytest.raises(PermanentError, match="IncompatiblePeer"):
            transfer(server, listener.getsockname()[1], upload)
        speaking.join()


def _speak_once(listener: socket.socket, greeting: bytes) -> None:
    sock, _ = listener.accept()
    with sock, suppress(OSError):
        sock.sendall(greeting)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass


def test_a_changed_byte_on_the_way_is_never_a_success_with_other_bytes(server: LyingServer) -> None:
    """One byte changed at 60 places of what the server says: an error of the two kinds, or nothing lost."""
    total = count_bytes(server, upload)["down"]
    final = server.root / "upload" / NAME
    failed = 0
    for at_byte in spread(3000, 40) + spread(total, 20):
        with Break("down", at_byte, "corrupt").proxy(server) as proxy, suppress(PermanentError):
            failed += transfer(server, proxy.port, upload, timeout_seconds=1) is not None
        assert not final.exists() or final.read_bytes() == CONTENT
        final.unlink(missing_ok=True)
    assert failed > 40
