"""What lies behind a failure of a transport: a link that is lost, or a log-in that was refused."""

from collections.abc import Iterator

import paramiko

from gateway.errors import TransientError
from gateway.transport.failures import FAILURES, is_link_lost


def is_lost_link(error: BaseException) -> bool:
    """Whether the connection was lost by it, so that nothing more can be said there; a refusal leaves the connection whole."""
    return isinstance(error, TransientError) and any(
        isinstance(cause, FAILURES) and is_link_lost(cause) for cause in _list_causes(error)
    )


def is_refused_log_in(error: BaseException) -> bool:
    """Whether the partner did not take our key or password: what, repeated, makes a server lock us out."""
    return any(isinstance(cause, paramiko.AuthenticationException) for cause in _list_causes(error))


def _list_causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__
    while cause is not None:
        yield cause
        cause = cause.__cause__
