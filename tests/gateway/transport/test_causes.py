"""A lost link is told from a refusal, and a refused log-in from every other, by what really went wrong."""

import pytest

from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport.causes import is_lost_link, is_refused_log_in
from gateway.transport.sftp import connect
from tests.support.cutting_proxy import CuttingProxy
from tests.support.lying_sftp import Lies, LyingServer
from tests.support.sftp_partner import PASSWORD_VARIABLE, make_partner

NAME = "000000001.837"
CONTENT = b"ISA" * 30_000


def fail(server: LyingServer, port: int) -> Exception:
    """What an upload through this port raises."""
    with pytest.raises((TransientError, PermanentError)) as raised:
        upload(server, port)
    return raised.value


def upload(server: LyingServer, port: int) -> None:
    with connect(make_partner(port, server.fingerprint, timeout_seconds=3)) as wire:
        wire.upload_part("upload", NAME, CONTENT)
        wire.publish("upload", NAME, CONTENT)


@pytest.mark.parametrize("failure", ["cut", "silence"])
def test_a_link_that_breaks_or_falls_silent_is_lost(server: LyingServer, failure: str) -> None:
    with CuttingProxy(server.port, up_bytes=40_000, failure=failure) as proxy:  # type: ignore[arg-type]
        error = fail(server, proxy.port)
    assert (is_lost_link(error), is_refused_log_in(error)) == (True, False)


@pytest.mark.parametrize("lies", [Lies(refuse_writing=True), Lies(forget_writes=True), Lies(take_on_close=True)])
def test_a_refusal_or_a_lie_leaves_the_link_whole(server: LyingServer, lies: Lies) -> None:
    server.lies = lies
    assert not is_lost_link(fail(server, server.port))


def test_a_refused_log_in_is_known(server: LyingServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "another")
    error = fail(server, server.port)
    assert (isinstance(error, PermanentError), is_refused_log_in(error)) == (True, True)


def test_an_unknown_outcome_of_a_lost_link_is_both() -> None:
    error = UnknownOutcome("the rename was sent, its answer never came")
    error.__cause__ = TransientError("renaming: EOFError: ")
    error.__cause__.__cause__ = EOFError()
    assert is_lost_link(error)
    assert not is_lost_link(UnknownOutcome("the temporary file is gone"))
