"""The table of failures: each is tried again, or stops the partner, or goes through as itself; none becomes success."""

import errno
import socket

import paramiko
import pytest
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

from gateway.errors import PermanentError, TransientError
from gateway.transport.failures import BY_ERRNO, describe, find_kind
from gateway.transport.link import Link
from gateway.transport.sftp_session import MalformedReply, StatusError
from tests.support.sftp_partner import make_partner

KEY = paramiko.ECDSAKey.generate()

TRANSIENT = [
    paramiko.SSHException("Server connection dropped"),
    paramiko.ChannelException(2, "Connect failed"),
    paramiko.ProxyCommandFailure("nc", "1"),
    NoValidConnectionsError({("127.0.0.1", 22): ConnectionRefusedError()}),
    TimeoutError(),
    TimeoutError(errno.ETIMEDOUT, "timed out"),
    EOFError(),
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
