"""The table of failures: each is tried again, or stops the partner, or goes through as itself; none becomes success."""

import errno
import socket
from collections.abc import Callable, Iterator
from typing import Any

import paramiko
import pytest
from paramiko.auth_strategy import AuthFailure, AuthResult, AuthSource, AuthStrategy
from paramiko.ssh_exception import (
    BadAuthenticationType,
    ConfigParseError,
    CouldNotCanonicalize,
    IncompatiblePeer,
    MessageOrderError,
    NoValidConnectionsError,
    PartialAuthentication,
    UnableToAuthenticate,
)

from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport import Transport
from gateway.transport.failures import BY_ERRNO, describe, find_kind
from gateway.transport.link import Link
from gateway.transport.sftp import SftpTransport
from gateway.transport.sftp_session import MalformedReply, StatusError
from tests.support.sftp_partner import make_partner


class NoStrategy(AuthStrategy):
    """A way to log in that has nothing to try."""

    def get_sources(self) -> Iterator[AuthSource]:
        return iter(())


KEY = paramiko.ECDSAKey.generate()

TRANSIENT = [
    paramiko.SSHException("Server connection dropped"),
    paramiko.ChannelException(2, "Connect failed"),
    paramiko.ProxyCommandFailure("nc", "1"),
    NoValidConnectionsError({("127.0.0.1", 22): ConnectionRefusedError()}),
    TimeoutError(),
    TimeoutError(errno.ETIMEDOUT, "timed out"),
    EOFError(),
    ConnectionError("the connection was closed during the log-in"),
    ConnectionResetError(errno.ECONNRESET, "reset"),
    ConnectionRefusedError(errno.ECONNREFUSED, "refused"),
    ConnectionAbortedError(errno.ECONNABORTED, "aborted"),
    BrokenPipeError(errno.EPIPE, "broken pipe"),
    socket.gaierror(socket.EAI_AGAIN, "try again"),
    socket.gaierror(socket.EAI_NONAME, "unknown name"),
    socket.herror(1, "unknown host"),
    OSError(errno.EHOSTUNREACH, "no route"),
    OSError(errno.ENETUNREACH, "no network"),
    OSError(errno.ENETDOWN, "network down"),
    BlockingIOError(errno.EAGAIN, "again"),
    InterruptedError(errno.EINTR, "interrupted"),
    OSError(errno.EMFILE, "too many files"),
    OSError("Socket is closed"),
    MalformedReply("nonsense"),
    StatusError(4),
    StatusError(6),
    StatusError(7),
]
PERMANENT = [
    paramiko.AuthenticationException("Authentication failed."),
    BadAuthenticationType("no", ["publickey"]),
    PartialAuthentication(["password"]),
    paramiko.PasswordRequiredException("locked"),
    UnableToAuthenticate("no"),
    AuthFailure(AuthResult(NoStrategy(paramiko.SSHConfig()))),
    paramiko.BadHostKeyException("host", KEY, KEY),
    IncompatiblePeer("no cipher in common"),
    MessageOrderError("out of order"),
    ConfigParseError("config"),
    CouldNotCanonicalize("host"),
    PermissionError(errno.EACCES, "denied"),
    PermissionError(errno.EPERM, "not permitted"),
    FileNotFoundError(errno.ENOENT, "not there"),
    NotADirectoryError(errno.ENOTDIR, "no folder"),
    IsADirectoryError(errno.EISDIR, "a folder"),
    OSError(errno.ENOSPC, "disk full"),
    OSError(errno.EDQUOT, "quota"),
    OSError(errno.EIO, "disk broken"),
    OSError(errno.EROFS, "read-only"),
    StatusError(2),
    StatusError(3),
    StatusError(5),
    StatusError(8),
    StatusError(15),
    StatusError(4_000_000_000),
]
THEMSELVES = [
    ValueError("a bug"),
    KeyError("a bug"),
    AttributeError("a bug"),
    TypeError("a bug"),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a bug"),
    RuntimeError("a bug"),
    MemoryError(),
    AssertionError("a bug"),
    OSError(errno.ENOTTY, "nothing a partner or a disk does"),
    OSError("without a number"),
    KeyboardInterrupt(),
    SystemExit(1),
]


def name(error: BaseException) -> str:
    return f"{type(error).__name__}-{getattr(error, 'errno', None) or getattr(error, 'code', '')}"


def make_link() -> Link:
    partner = make_partner(1, "SHA256:none")
    assert partner.sftp is not None
    return Link(partner.id, partner.sftp)


def raise_in_step(error: BaseException) -> None:
    with make_link().step("testing"):
        raise error


@pytest.mark.parametrize("error", TRANSIENT, ids=name)
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    with pytest.raises(TransientError, match="loopback: testing") as raised:
        raise_in_step(error)
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", PERMANENT, ids=name)
def test_what_will_not_pass_stops_the_partner(error: Exception) -> None:
    with pytest.raises(PermanentError, match="loopback: testing") as raised:
        raise_in_step(error)
    assert raised.value.__cause__ is error


@pytest.mark.parametrize("error", THEMSELVES, ids=name)
def test_what_no_row_names_is_raised_as_it_is(error: BaseException) -> None:
    with pytest.raises(type(error)) as raised:
        raise_in_step(error)
    assert raised.value is error


def test_every_number_of_the_system_is_transient_permanent_or_itself() -> None:
    """Of all error numbers there are, those in the table and those Python gives a class of the table have a kind."""
    for number in errno.errorcode:
        error = OSError(number, "x")
        expected = BY_ERRNO.get(number)
        if isinstance(error, ConnectionError | TimeoutError):
            expected = TransientError
        assert find_kind(error) is expected, errno.errorcode[number]


@pytest.mark.parametrize("error", [StatusError(3), StatusError(2)])
def test_a_plain_refusal_leaves_the_connection_usable(error: Exception) -> None:
    link = make_link()
    with pytest.raises(PermanentError), link.step("testing"):
        raise error
    with link.step("testing again"):
        pass


def test_a_failure_is_told_in_one_printable_line() -> None:
    told = describe(paramiko.SSHException("\x1b[2J\nforged line\u202e" + "x" * 1000))
    assert told.isprintable()
    assert told.isascii()
    assert len(told) == 200


ANSWERS = [StatusError(code) for code in (*range(2, 9), 11, 31)]
"""What a server can say: the codes of version 3, and two of later ones."""


class FailingSession:
    """An SFTP session of which every request fails with one error, but for a look at a name, where `absent`: nothing there."""

    def __init__(self, error: BaseException, *, absent: bool) -> None:
        self._error = error
        self._absent = absent

    def __getattr__(self, request: str) -> Any:
        def fail(*_: object) -> Any:
            if self._absent and request == "stat":
                raise StatusError(2)
            raise self._error

        return (lambda *_, **__: map(fail, [0])) if request == "list_folder" else fail  # a listing fails while it is read


def make_transport(error: BaseException, *, absent: bool, mode: str) -> Transport:
    partner = make_partner(1, "SHA256:none", upload={"mode": mode})
    assert partner.sftp is not None
    session: Any = FailingSession(error, absent=absent)
    return SftpTransport(Link(partner.id, partner.sftp), session, partner)


CALLS: dict[str, Callable[[Transport], object]] = {
    "list": lambda wire: list(wire.list("pickup")),
    "fetch": lambda wire: list(wire.fetch("pickup", "a.835")),
    "find": lambda wire: wire.find("pickup", "a.835"),
    "find_part": lambda wire: wire.find_part("upload", "a.837"),
    "look": lambda wire: wire.look("upload", "a.837", b"x"),
    "upload_part": lambda wire: wire.upload_part("upload", "a.837", b"x"),
    "publish": lambda wire: wire.publish("upload", "a.837", b"x"),
    "move": lambda wire: wire.move("pickup", "a.835", "done"),
    "remove": lambda wire: wire.remove("pickup", "a.835"),
}
ALL = [*TRANSIENT, *PERMANENT, *ANSWERS]
# To these, "no such file" is an answer and no failure; in modes direct and marker nothing stands beside, or is put there, first.
NOT_THERE = {"find", "find_part", "look", "remove"}
NOTHING_ASKED = {("direct", "find_part")}


@pytest.mark.parametrize("mode", ["rename", "direct", "marker"])
@pytest.mark.parametrize("call", CALLS)
def test_no_failure_of_any_call_becomes_a_success(call: str, mode: str) -> None:
    """Every error at every request, of a partner where nothing is there yet and of one that fails at the first look."""
    tried = 0
    for error in ALL:
        for absent in (False, True):
            if (absent and call in {"find", "find_part", "look"}) or (mode, call) in NOTHING_ASKED:
                continue
            if isinstance(error, StatusError) and error.code == 2 and call in NOT_THERE:
                continue
            is_look = call == "upload_part" and mode != "rename"
            if is_look and (absent or (isinstance(error, StatusError) and error.code == 2)):
                continue
            with pytest.raises((TransientError, PermanentError)):
                CALLS[call](make_transport(error, absent=absent, mode=mode))
            tried += 1
    assert tried >= 50 or (mode, call) in NOTHING_ASKED


@pytest.mark.parametrize("mode", ["rename", "direct", "marker"])
@pytest.mark.parametrize("error", TRANSIENT, ids=name)
def test_a_link_lost_after_the_last_word_is_an_unknown_outcome_and_before_it_is_not(error: Exception, mode: str) -> None:
    """Nothing is there, and the opening (or the rename) is what fails."""
    answered = isinstance(error, StatusError)
    with pytest.raises((TransientError, PermanentError)) as raised:
        make_transport(error, absent=True, mode=mode).publish("upload", "a.837", b"x")
    expected_unknown = not answered and mode in ("rename", "direct")
    if mode == "rename" and answered:
        expected_unknown = True  # refused, and the part is not there: somebody has it
    assert isinstance(raised.value, UnknownOutcome) is expected_unknown


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("error", THEMSELVES, ids=name)
def test_what_no_row_names_goes_through_every_call_as_it_is(error: BaseException, call: str) -> None:
    with pytest.raises(type(error)) as raised:
        CALLS[call](make_transport(error, absent=False, mode="rename"))
    assert raised.value is error


def list_classes(root: type[BaseException]) -> Iterator[type[BaseException]]:
    """A class and all that are made of it."""
    yield root
    for inner in root.__subclasses__():
        yield from list_classes(inner)


def test_every_class_the_ssh_library_and_the_system_can_raise_is_in_a_list_above() -> None:
    """So a class that a later version brings is noticed here, before a partner brings it."""
    listed = {type(error) for error in (*TRANSIENT, *PERMANENT, *THEMSELVES)}
    theirs = {kind for kind in list_classes(paramiko.SSHException) if kind.__module__.startswith("paramiko")}
    named = [kind for kind in vars(paramiko.ssh_exception).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert {*theirs, *named} - listed == set()
    ours = {FileExistsError, ChildProcessError, ProcessLookupError}  # about names and processes of our own
    system = {kind for kind in list_classes(OSError) if kind.__module__ in ("builtins", "socket")}
    assert system - listed - ours == set()
    assert len(listed) >= 25
