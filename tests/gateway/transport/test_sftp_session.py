"""The SFTP conversation against a server that says anything: lengths that lie, answers out of order, nonsense."""

import random
import struct
from collections.abc import Callable

import pytest

from gateway.transport.sftp_session import (
    PACKET_BYTES_MAX,
    Attributes,
    Entry,
    MalformedReply,
    SftpSession,
    StatusError,
    read_attributes,
    read_names,
)

VERSION, STATUS, HANDLE, DATA, NAME, ATTRS = 2, 101, 102, 103, 104, 105


def number(value: int) -> bytes:
    return struct.pack(">I", value)


def string(value: bytes) -> bytes:
    return number(len(value)) + value


def packet(kind: int, body: bytes) -> bytes:
    return string(bytes((kind,)) + body)


GREETING = packet(VERSION, number(3))
FULL = number(0x8000000F) + struct.pack(">Q", 5) + number(1) + number(2) + number(0o100644) + number(7) + number(8)
FULL += number(1) + string(b"who@example.test") + string(b"value")
NAMES = number(2) + string(b"a.835") + string(b"-rw- a.835") + FULL + string(b"\xff") + string(b"") + number(0)


class ScriptedStream:
    """A wire on which the server's side is written down beforehand; keeps what the client sent."""

    def __init__(self, *answers: bytes) -> None:
        self._coming = b"".join(answers)
        self.sent = b""

    def sendall(self, data: bytes) -> None:
        self.sent += data

    def recv(self, nbytes: int) -> bytes:
        part, self._coming = self._coming[: min(nbytes, 7)], self._coming[min(nbytes, 7) :]
        return part


def talk(*answers: bytes) -> SftpSession:
    return SftpSession(ScriptedStream(GREETING, *answers))


def test_names_and_attributes_are_read_as_sent() -> None:
    assert read_names(NAMES) == [
        Entry(b"a.835", b"-rw- a.835", Attributes(5, 0o100644, 8)),
        Entry(b"\xff", b"", Attributes(None, None, None)),
    ]
    assert read_attributes(FULL) == Attributes(5, 0o100644, 8)


@pytest.mark.parametrize("end", range(len(NAMES)))
def test_a_listing_cut_at_any_byte_is_malformed(end: int) -> None:
    with pytest.raises(MalformedReply):
        read_names(NAMES[:end])


@pytest.mark.parametrize("body", [number(4_000_000_000), number(1) + number(4_000_000_000), number(1) + string(b"") * 2])
def test_a_count_or_length_that_lies_is_malformed_at_once(body: bytes) -> None:
    with pytest.raises(MalformedReply):
        read_names(body)


def test_extended_attributes_without_end_are_malformed() -> None:
    with pytest.raises(MalformedReply):
        read_attributes(number(0x80000000) + number(0xFFFFFFFF))


def test_five_thousand_changed_listings_are_read_or_malformed() -> None:
    chance = random.Random(837)
    malformed = 0
    for _ in range(5000):
        body = bytearray(NAMES)
        for _ in range(chance.randint(1, 4)):
            body[chance.randrange(len(body))] = chance.randrange(256)
        try:
            read_names(bytes(body))
        except MalformedReply:
            malformed += 1
    assert 0 < malformed < 5000


@pytest.mark.parametrize(
    "greeting",
    [packet(STATUS, number(3)), number(0), number(PACKET_BYTES_MAX + 1), b"SSH-2.0-x\r\n", packet(1, number(3))],
)
def test_a_server_that_does_not_greet_is_malformed(greeting: bytes) -> None:
    with pytest.raises(MalformedReply):
        SftpSession(ScriptedStream(greeting))


@pytest.mark.parametrize("greeting", [b"", GREETING[:3], GREETING[:-1]])
def test_a_server_that_goes_away_is_the_end(greeting: bytes) -> None:
    with pytest.raises(EOFError):
        SftpSession(ScriptedStream(greeting))


@pytest.mark.parametrize(
    "act",
    [
        lambda session: session.stat(b"x"),
        lambda session: session.open_to_read(b"x"),
        lambda session: session.open_to_write(b"x"),
        lambda session: session.close(b"h"),
        lambda session: session.remove(b"x"),
        lambda session: session.rename(b"x", b"y"),
        lambda session: session.rename_over(b"x", b"y"),
        lambda session: session.write(b"h", 0, b"x"),
        lambda session: session.read(b"h", 0, 1),
        lambda session: list(session.list_folder(b"x", entries_max=10)),
    ],
)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (packet(STATUS, number(1) + number(3) + string(b"\xff no UTF-8") + string(b"")), StatusError),
        (packet(STATUS, number(1) + number(99)), StatusError),
        (packet(STATUS, number(1)), MalformedReply),
        (packet(STATUS, number(2) + number(0)), MalformedReply),
        (packet(STATUS, b"\x00"), MalformedReply),
        (packet(77, number(1)), MalformedReply),
        (b"", EOFError),
    ],
)
def test_whatever_the_answer_it_is_an_error_of_three_kinds(
    act: Callable[[SftpSession], object], answer: bytes, expected: type[Exception]
) -> None:
    with pytest.raises(expected):
        act(talk(answer))


def test_answers_out_of_order_are_put_back_in_order() -> None:
    ok = packet(STATUS, number(2) + number(0))
    second = packet(DATA, number(2) + string(b"b" * 10))
    first = packet(DATA, number(1) + string(b"a" * 32768))
    assert talk(second, first).read(b"h", 0, 32778) == b"a" * 32768 + b"b" * 10
    with pytest.raises(StatusError):
        talk(ok, packet(STATUS, number(1) + number(4))).write(b"h", 0, b"x" * 40_000)


def test_a_refused_write_in_the_middle_is_seen_although_later_ones_were_taken() -> None:
    answers = [packet(STATUS, number(request) + number(4 if request == 2 else 0)) for request in range(1, 9)]
    with pytest.raises(StatusError):
        talk(*answers).write(b"h", 0, b"x" * 262144)


def test_a_short_read_ends_the_span_and_what_follows_the_hole_is_dropped() -> None:
    first = packet(DATA, number(1) + string(b"a" * 100))
    second = packet(DATA, number(2) + string(b"b" * 32768))
    assert talk(first, second).read(b"h", 0, 65536) == b"a" * 100


def test_more_bytes_than_asked_for_are_malformed() -> None:
    with pytest.raises(MalformedReply):
        talk(packet(DATA, number(1) + string(b"a" * 11))).read(b"h", 0, 10)


def test_a_server_s_words_are_not_repeated() -> None:
    with pytest.raises(StatusError) as raised:
        talk(packet(STATUS, number(1) + number(4) + string(b"no room for DOE^JOHN") + string(b""))).remove(b"x")
    assert str(raised.value) == "the server answered 4 (failure)"


def test_requests_are_what_version_3_says() -> None:
    """STAT of "a" is: length 10, kind 17, request 1, a string of one byte."""
    stream = ScriptedStream(GREETING, packet(ATTRS, number(1) + number(0)))
    SftpSession(stream).stat(b"a")
    assert stream.sent == b"\0\0\0\x05\x01\0\0\0\x03" + b"\0\0\0\x0a\x11\0\0\0\x01\0\0\0\x01a"
