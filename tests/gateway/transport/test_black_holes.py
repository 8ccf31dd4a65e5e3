"""Partners that fall silent, at fifty points of a conversation: every call ends in time, and others go on meanwhile."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import pytest

from gateway.errors import PermanentError, TransientError
from gateway.transport import Transport
from gateway.transport.sftp import connect
from payers.profile import Partner
from tests.support.cutting_proxy import CuttingProxy
from tests.support.lying_sftp import LyingServer
from tests.support.sftp_partner import make_partner

CONTENT = bytes(range(256)) * 400
LIMIT_SECONDS = 1
Way = Literal["up", "down"]
Answer = TypeVar("Answer")
CALLS: dict[str, Callable[[Transport, str], object]] = {
    "list": lambda wire, name: list(wire.list("pickup")),
    "find": lambda wire, name: wire.find("upload", name),
    "upload_part": lambda wire, name: wire.upload_part("upload", name, CONTENT),
    "publish": lambda wire, name: wire.publish("upload", name, CONTENT),
    "look": lambda wire, name: wire.look("upload", name, CONTENT),
    "fetch": lambda wire, name: list(wire.fetch("upload", name)),
    "move": lambda wire, name: wire.move("upload", name, "pickup"),
    "remove": lambda wire, name: wire.remove("pickup", name),
}


@dataclass
class Talk:
    """One conversation: how long each of its calls took, and what ended it; `noted` is called after each."""

    noted: Callable[[str], object] = lambda call: None
    seconds: dict[str, float] = field(default_factory=dict)
    ended: Exception | None = None

    def hold(self, partner: Partner, name: str) -> "Talk":
        """Everything that can be asked, one after the other, until something fails."""
        with ExitStack() as stack:
            try:
                wire = self._time("connect", lambda: stack.enter_context(connect(partner)))
                for call, act in CALLS.items():
                    self._time(call, lambda act=act: act(wire, name))  # type: ignore[misc]
            except (TransientError, PermanentError) as error:
                self.ended = error
            self._time("close", stack.close)
        return self

    def _time(self, call: str, act: Callable[[], Answer]) -> Answer:
        begin = time.monotonic()
        try:
            return act()
        finally:
            self.seconds[call] = time.monotonic() - begin
            self.noted(call)


@dataclass(frozen=True)
class Point:
    """Where the partner falls silent: after so many bytes one way, which lies within a call."""

    within: str
    way: Way
    at_byte: int


def find_points(server: LyingServer) -> list[Point]:
    """Nine in the handshake and log-in and two in each call, each way: 50."""
    ends: dict[str, dict[str, int]] = {}
    with CuttingProxy(server.port) as proxy:
        talk = Talk(lambda call: ends.__setitem__(call, dict(proxy.passed)))
        assert talk.hold(make_partner(proxy.port, server.fingerprint), "000000000.837").ended is None
    points = []
    for way in ("up", "down"):
        begin = 0
        for call, passed in ends.items():
            count = {"connect": 9, "close": 0}.get(call, 2)
            points += [Point(call, way, begin + (passed[way] - begin) * step // (count + 1)) for step in range(1, count + 1)]
            begin = passed[way]
    return points


def test_a_partner_that_falls_silent_anywhere_is_given_up_in_time_while_others_are_served(server: LyingServer) -> None:
    points = find_points(server)
    assert len(points) == 50
    assert {point.within for point in points} == {"connect", *CALLS}

    def fall_silent(numbered: tuple[int, Point]) -> Talk:
        number, point = numbered
        limits = {f"{point.way}_bytes": point.at_byte}
        with CuttingProxy(server.port, failure="silence", **limits) as proxy:
            partner = make_partner(proxy.port, server.fingerprint, timeout_seconds=LIMIT_SECONDS)
            return Talk().hold(partner, f"{number:09d}.837")

    with ThreadPoolExecutor(10) as silent, ThreadPoolExecutor(1) as healthy:
        held = silent.map(fall_silent, enumerate(points, 1))
        partner = make_partner(server.port, server.fingerprint, timeout_seconds=30)
        served = list(healthy.map(lambda number: Talk().hold(partner, f"{number:09d}.837").ended, range(100, 110)))
        talks = list(held)
    assert served == [None] * 10
    for point, talk in zip(points, talks, strict=True):
        assert max(talk.seconds.values()) < LIMIT_SECONDS + 5, point
        assert isinstance(talk.ended, TransientError), point


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port that answers no more calls: whoever dials it hears nothing, not even a refusal."""
    with ExitStack() as stack:
        listener = stack.enter_context(closing(socket.socket()))
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(closing(socket.socket()))
            waiting.setblocking(False)
            with suppress(BlockingIOError):
                waiting.connect(listener.getsockname())
        yield listener.getsockname()[1]


def test_a_port_that_swallows_the_call_is_given_up_in_time(full_port: int, partner: Partner) -> None:
    talk = Talk().hold(make_partner(full_port, "SHA256:" + "A" * 43, timeout_seconds=LIMIT_SECONDS), "000000001.837")
    assert "1 s" in str(talk.ended)
    assert LIMIT_SECONDS <= talk.seconds["connect"] < LIMIT_SECONDS + 5


def test_a_name_that_is_looked_up_for_ever_is_given_up_in_time(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()

    def look_up(*_: object, **__: object) -> None:
        over.wait(60)
        raise socket.gaierror(socket.EAI_AGAIN, "nobody knows")

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    talk = Talk().hold(make_partner(1, "SHA256:" + "A" * 43, host="partner.invalid", timeout_seconds=LIMIT_SECONDS), "a.837")
    over.set()
    assert isinstance(talk.ended, TransientError)
    assert talk.seconds["connect"] < LIMIT_SECONDS + 5
