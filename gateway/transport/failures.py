"""One table that says of each failure below us whether to try again, to stop, or that it is none of ours."""

import errno
import socket

import paramiko

from gateway.errors import PermanentError, TransientError
from gateway.transport.sftp_session import MalformedReply, Status, StatusError

Kind = type[TransientError] | type[PermanentError]

# First match decides, so a special class stands above its general one.
BY_CLASS: tuple[tuple[type[Exception], Kind], ...] = (
    (paramiko.BadHostKeyException, PermanentError),
    (paramiko.AuthenticationException, PermanentError),
    (paramiko.ssh_exception.IncompatiblePeer, PermanentError),
    (paramiko.ssh_exception.MessageOrderError, PermanentError),
    (paramiko.ssh_exception.ConfigParseError, PermanentError),
    (paramiko.ssh_exception.CouldNotCanonicalize, PermanentError),
    (paramiko.ssh_exception.NoValidConnectionsError, TransientError),
    (paramiko.SSHException, TransientError),
    (MalformedReply, TransientError),
    (EOFError, TransientError),
    (socket.gaierror, TransientError),
    (socket.herror, TransientError),
    (TimeoutError, TransientError),
    (ConnectionError, TransientError),
)

BY_ERRNO: dict[int, Kind] = {
    **dict.fromkeys(
        (
            errno.EAGAIN,
            errno.EINTR,
            errno.EBUSY,
            errno.EMFILE,
            errno.ENFILE,
            errno.ENOBUFS,
            errno.ENOTCONN,
            errno.ENETDOWN,
            errno.ENETUNREACH,
            errno.ENETRESET,
            errno.EHOSTDOWN,
            errno.EHOSTUNREACH,
            errno.EADDRNOTAVAIL,
            errno.ESTALE,
            errno.ENOLCK,
            errno.ETXTBSY,
        ),
        TransientError,
    ),
    **dict.fromkeys(
        (
            errno.EACCES,
            errno.EPERM,
            errno.ENOENT,
            errno.ENOTDIR,
            errno.EISDIR,
            errno.ENOSPC,
            errno.EDQUOT,
            errno.EFBIG,
            errno.EROFS,
            errno.EIO,
            errno.ELOOP,
            errno.ENAMETOOLONG,
            errno.ENOTEMPTY,
            errno.EEXIST,
            errno.EXDEV,
            errno.EMLINK,
            errno.ENODEV,
            errno.ENXIO,
            errno.ENOTSUP,
        ),
        PermanentError,
    ),
}

# A server says "failure" for a full disk as for a bad day, so it is tried again; codes of later protocol versions surface.
BY_STATUS: dict[int, Kind] = {
    Status.FAILURE: TransientError,
    Status.NO_CONNECTION: TransientError,
    Status.CONNECTION_LOST: TransientError,
    Status.NO_SUCH_FILE: PermanentError,
    Status.PERMISSION_DENIED: PermanentError,
    Status.BAD_MESSAGE: PermanentError,
    Status.OP_UNSUPPORTED: PermanentError,
}

# What may be caught at all; of these, an OSError with a number no row names still goes through as itself.
FAILURES: tuple[type[Exception], ...] = (OSError, StatusError, *(row[0] for row in BY_CLASS))

# The SSH library reports a send on a connection that is gone by an OSError without a number.
_GONE = ("Socket is closed",)


def find_kind(error: BaseException) -> Kind | None:
    """TransientError or PermanentError for a failure the table names; None for one it does not: re-raise that as it is."""
    if isinstance(error, StatusError):
        return BY_STATUS.get(error.code, PermanentError)
    for failure, kind in BY_CLASS:
        if isinstance(error, failure):
            return kind
    if isinstance(error, OSError):
        if error.errno is None and error.args == _GONE:
            return TransientError
        return BY_ERRNO.get(error.errno or 0)
    return None


def is_link_lost(error: BaseException) -> bool:
    """Whether nothing more can be said on this connection: all but a plain answer from the server."""
    return not isinstance(error, StatusError)


def describe(error: BaseException) -> str:
    """A failure in one printable line of at most 200 characters, whatever a server put into it."""
    return f"{type(error).__name__}: {ascii(str(error))[1:-1]}"[:200]
