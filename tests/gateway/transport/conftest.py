"""A lying server on loopback, honest until told otherwise, and the profile that trusts it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from payers.profile import Partner
from tests.support.lying_sftp import LyingServer
from tests.support.sftp_partner import PASSWORD, PASSWORD_VARIABLE, USER, make_partner


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LyingServer]:
    """A server with the folders `upload` and `pickup`; set `server.lies` before connecting."""
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    root = tmp_path / "served"
    for folder in ("upload", "pickup"):
        (root / folder).mkdir(parents=True)
    with LyingServer(root, host_key=tmp_path / "host_key", users={USER: PASSWORD}) as running:
        yield running


@pytest.fixture
def partner(server: LyingServer) -> Partner:
    """The profile of that server, its host key pinned."""
    return make_partner(server.port, server.fingerprint)
