"""OpenSSH as the partner: what we promise is kept with the server that most partners run."""

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.desk.partner_probe import try_partner
from gateway.errors import PermanentError, TransientError
from gateway.sandbox.sftp_server import load_host_key
from gateway.transport import Standing, Transport
from gateway.transport.connecting import connect
from tests.support.sshd import OpenSshServer

pytestmark = pytest.mark.openssh

CONTENT = bytes(range(256)) * 3000 + b"the end"
NAME = "000000001.837"
FOLDERS = ("upload", "pickup", "done")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSshServer]:
    with OpenSshServer(tmp_path_factory.mktemp("openssh") / "server") as server:
        yield server


@pytest.fixture
def server(running: OpenSshServer) -> OpenSshServer:
    """The module's server, its folders empty."""
    for folder in FOLDERS:
        (running.root / folder).mkdir(exist_ok=True)
        for path in (running.root / folder).iterdir():
            path.unlink()
    return running


def stored(server: OpenSshServer, folder: str = "upload") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (server.root / folder).iterdir()}


def send(transport: Transport, content: bytes = CONTENT) -> None:
    transport.upload_part("upload", NAME, content)
    transport.publish("upload", NAME, content)


@pytest.mark.parametrize("confirm", ["content", "size", "listing", "none"])
@pytest.mark.parametrize("mode", ["rename", "direct", "marker"])
def test_every_mode_brings_the_bytes_and_never_over_a_file(server: OpenSshServer, mode: str, confirm: str) -> None:
    with connect(server.make_partner(upload={"mode": mode, "confirm": confirm})) as transport:
        assert transport.look("upload", NAME, CONTENT) is Standing.ABSENT
        send(transport)
        assert transport.look("upload", NAME, CONTENT) is Standing.PUBLISHED
        with pytest.raises(PermanentError, match="already there"):
            send(transport, b"others, and a little longer" + CONTENT)
    assert stored(server) == {NAME: CONTENT} | ({f"{NAME}.done": b""} if mode == "marker" else {})


@pytest.mark.parametrize("quirks", [{"rename": "plain"}, {"rename": "posix"}, {"stat": False}])
def test_every_quirk_of_a_profile_works_here_too(server: OpenSshServer, quirks: dict[str, Any]) -> None:
    with connect(server.make_partner(quirks=quirks)) as transport:
        send(transport)
        assert transport.look("upload", NAME, CONTENT) is Standing.PUBLISHED
    assert stored(server) == {NAME: CONTENT}


@pytest.mark.parametrize("mode", ["direct", "marker"])
def test_a_broken_attempt_of_our_own_is_finished(server: OpenSshServer, mode: str) -> None:
    (server.root / "upload" / NAME).write_bytes(CONTENT[:100_000])
    with connect(server.make_partner(upload={"mode": mode})) as transport:
        assert transport.look("upload", NAME, CONTENT) is Standing.UNFINISHED
        send(transport)
    assert stored(server)[NAME] == CONTENT


@pytest.mark.parametrize("size", [0, 1, 32768, 262144, 262145, 1_000_003])
def test_a_file_is_fetched_whole(server: OpenSshServer, size: int) -> None:
    content = os.urandom(size)
    (server.root / "pickup" / "a.835").write_bytes(content)
    with connect(server.make_partner()) as transport:
        assert b"".join(transport.fetch("pickup", "a.835")) == content
        with pytest.raises(TransientError, match="no longer there"):
            list(transport.fetch("pickup", "b.835"))


def test_hostile_names_block_nobody(server: OpenSshServer) -> None:
    names = [b"\xff\xfe.835", b" cmd", b"\x1b[2J", b"a\nb", "März.835".encode(), b"good.835"]
    for name in names:
        Path(os.fsdecode(os.path.join(os.fsencode(server.root), b"pickup", name))).touch()
    (server.root / "pickup" / "link.835").symlink_to("good.835")
    with connect(server.make_partner()) as transport:
        listed = list(transport.list("pickup"))
    assert [file.name for file in listed if file.readable] == ["good.835"]
    assert [file.name for file in listed if not file.is_plain] == ["link.835"]
    assert len(listed) == len(names) + 1
    assert all(file.name.isascii() and file.name.isprintable() for file in listed)


def test_moving_and_removing_can_be_repeated(server: OpenSshServer) -> None:
    (server.root / "pickup" / "a.835").write_bytes(b"new")
    (server.root / "done" / "a.835").write_bytes(b"old")
    with connect(server.make_partner()) as transport:
        for _ in range(2):
            transport.move("pickup", "a.835", "done")
        assert stored(server, "done") == {"a.835": b"old", "a.835.2": b"new"}
        for _ in range(2):
            transport.remove("done", "a.835")
    assert stored(server, "done") == {"a.835.2": b"new"}


def test_a_folder_that_may_not_be_written_or_is_not_there_is_permanent(server: OpenSshServer) -> None:
    with connect(server.make_partner()) as transport:
        for act in (lambda: list(transport.list("nowhere")), lambda: transport.upload_part("nowhere", NAME, b"x")):
            with pytest.raises(PermanentError, match="no such file"):
                act()


def test_fifty_thousand_names_are_listed_in_seconds_in_little_memory(server: OpenSshServer) -> None:
    for number in range(50_000):
        (server.root / "pickup" / f"{number}.835").touch()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with connect(server.make_partner()) as transport:
        begin = time.monotonic()
        assert sum(1 for _ in transport.list("pickup")) == 50_000
        lasted = time.monotonic() - begin
    assert lasted < 25  # about two seconds on an idle machine
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000, "in KiB"


def test_a_probe_of_it_says_that_everything_works(server: OpenSshServer) -> None:
    partner = server.make_partner()
    answers = partner.pickup.model_copy(update={"patterns": ("*.835",)})
    found = try_partner(partner.model_copy(update={"pickup": answers}), keep_going=False)
    assert {trial.name for trial in found.trials if trial.outcome != "yes"} == {"refuse a posix-rename over a file"}
    assert (found.objections, found.left_behind) == ((), ())
    assert {folder.name for folder in server.root.iterdir()} == set(FOLDERS)
    assert stored(server) == {}


def test_a_wrong_key_of_ours_is_refused(server: OpenSshServer, tmp_path: Path) -> None:
    load_host_key(tmp_path / "strange")
    with pytest.raises(PermanentError, match="logging in"), connect(server.make_partner(key_file=str(tmp_path / "strange"))):
        pass


def test_a_host_key_that_changed_stops_the_partner_with_both_fingerprints(tmp_path: Path) -> None:
    with OpenSshServer(tmp_path / "server") as server:
        partner, old = server.make_partner(), server.fingerprint
        with connect(partner) as transport:
            assert list(transport.list(".")) == []
        server.stop()
        server.change_host_key()
        server.start()
        with pytest.raises(PermanentError) as raised, connect(partner):
            pass
        assert old in str(raised.value)
        assert server.fingerprint in str(raised.value)
        found = try_partner(partner, keep_going=False)
    assert found.toml[1] == f'host_keys = ["{server.fingerprint}"]'
