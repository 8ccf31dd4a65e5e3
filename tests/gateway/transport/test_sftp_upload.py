"""Uploads: whole at the final name or not there at all, whatever the partner does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport.causes import is_lost_link
from gateway.transport.sftp import connect
from payers.profile import Partner
from tests.support.lying_sftp import Lies, LyingServer
from tests.support.sftp_partner import make_partner

CONTENT = bytes(range(256)) * 3000 + b"the end"


def upload(partner: Partner, content: bytes = CONTENT, name: str = "000000001.837") -> None:
    with connect(partner) as transport:
        transport.upload_part("upload", name, content)
        transport.publish("upload", name, content)


def stored(server: LyingServer) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (server.root / "upload").iterdir()}


@pytest.mark.parametrize("size", [0, 1, 2, 32768, 32769, 262144, 524287, 768007])
def test_the_bytes_sent_are_the_bytes_stored_and_no_temporary_file_is_left(
    server: LyingServer, partner: Partner, size: int
) -> None:
    upload(partner, CONTENT[:size])
    assert stored(server) == {"000000001.837": CONTENT[:size]}


def test_an_existing_file_is_never_overwritten(server: LyingServer, partner: Partner) -> None:
    upload(partner, b"first")
    with pytest.raises(PermanentError, match="already there"):
        upload(partner, b"second")
    assert stored(server) == {"000000001.837": b"first"}


@pytest.mark.parametrize("refuse_plain", [False, True])
def test_a_file_that_appears_just_before_the_rename_is_not_overwritten(
    server: LyingServer, partner: Partner, refuse_plain: bool
) -> None:
    server.lies = Lies(
        refuse_rename=refuse_plain, before_rename=lambda: _put(server.root / "upload" / "000000001.837", b"theirs")
    )
    with pytest.raises(PermanentError, match="already there"):
        upload(partner)
    assert stored(server)["000000001.837"] == b"theirs"


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def test_a_longer_leftover_of_a_crash_is_replaced(server: LyingServer, partner: Partner) -> None:
    _put(server.root / "upload" / "000000001.837.part", b"x" * 900_000)
    upload(partner)
    assert stored(server) == {"000000001.837": CONTENT}


def test_the_profile_names_the_temporary_suffix(server: LyingServer) -> None:
    upload(make_partner(server.port, server.fingerprint, upload={"suffix": ".tmp"}))
    assert server.seen.opened == ["upload/000000001.837.tmp"] * 2


def test_without_a_temporary_suffix_nothing_is_sent(server: LyingServer) -> None:
    with pytest.raises(PermanentError, match="suffix"):
        upload(make_partner(server.port, server.fingerprint, upload={"suffix": ""}))
    assert stored(server) == {}


def test_openssh_s_rename_is_used_where_the_plain_one_is_refused(server: LyingServer, partner: Partner) -> None:
    server.lies = Lies(refuse_rename=True)
    upload(partner)
    assert stored(server) == {"000000001.837": CONTENT}


@pytest.mark.parametrize(
    ("lies", "expected", "message"),
    [
        (Lies(refuse_rename=True, refuse_rename_over=True), PermanentError, "only its temporary file"),
        (Lies(refuse_writing=True), PermanentError, "permission denied"),
        (Lies(refuse_last_write=700_000), TransientError, "failure"),
        (Lies(forget_writes=True), TransientError, "holds 0 bytes"),
        (Lies(change_bytes=True), TransientError, "other bytes"),
        (Lies(add_to_size=1), TransientError, "holds 768008 bytes of 768007"),
        (Lies(add_to_size=-1), TransientError, "holds 768006 bytes of 768007"),
        (Lies(take_on_close=True), UnknownOutcome, "may have taken it"),
        (Lies(take_and_refuse_rename=True), UnknownOutcome, "may have taken it"),
    ],
)
def test_a_partner_that_does_not_keep_the_file_is_no_success(
    server: LyingServer, partner: Partner, lies: Lies, expected: type[Exception], message: str
) -> None:
    server.lies = lies
    with pytest.raises(expected, match=message) as raised:
        upload(partner)
    assert type(raised.value) is expected
    assert "000000001.837" not in stored(server)


@pytest.mark.parametrize("rename", ["either", "plain"])
def test_a_rename_that_was_refused_and_done_stays_unknown_where_the_look_loses_the_link(server: LyingServer, rename: str) -> None:
    """The server says "failure", has taken the file all the same, and is gone before we can see that."""
    asked: list[str] = []

    def hang_up_once() -> None:
        if asked:
            asked.clear()
            server.hang_up()

    server.lies = Lies(take_and_refuse_rename=True, before_rename=lambda: asked.append("rename"), before_stat=hang_up_once)
    with pytest.raises(UnknownOutcome, match="cannot be seen") as raised:
        upload(make_partner(server.port, server.fingerprint, quirks={"rename": rename}))
    assert is_lost_link(raised.value)


@pytest.mark.parametrize("leaves_part", [False, True])
def test_a_rename_that_was_refused_and_done_under_the_new_name_is_unknown(server: LyingServer, leaves_part: bool) -> None:
    """As a server does that copies, and cannot or can take the old name away, and says "failure"."""
    final = server.root / "upload" / "000000001.837"

    def do_it() -> None:
        part = final.with_name(f"{final.name}.part")
        final.write_bytes(part.read_bytes())
        if not leaves_part:
            part.unlink()

    server.lies = Lies(before_rename=do_it)
    with pytest.raises(UnknownOutcome, match="seems to be done"):
        upload(make_partner(server.port, server.fingerprint))
    assert final.read_bytes() == CONTENT


def test_a_partner_that_takes_the_file_as_soon_as_it_is_renamed_has_it(server: LyingServer, partner: Partner) -> None:
    server.lies = Lies(take_on_rename=True)
    upload(partner)
    assert (server.root / "taken" / "000000001.837").read_bytes() == CONTENT


@pytest.mark.parametrize("lies", [Lies(hide_size=True), Lies(short_reads=1000)])
def test_a_server_that_hides_sizes_or_reads_in_crumbs_is_served_all_the_same(
    server: LyingServer, partner: Partner, lies: Lies
) -> None:
    server.lies = lies
    upload(partner, CONTENT[:40_000])
    assert stored(server) == {"000000001.837": CONTENT[:40_000]}


def test_a_folder_that_is_not_there_is_permanent(server: LyingServer, partner: Partner) -> None:
    with connect(partner) as transport, pytest.raises(PermanentError, match="no such file"):
        transport.upload_part("nowhere", "000000001.837", b"x")


@pytest.mark.parametrize("name", ["../out", "a/b", "", ".hidden", "a\x00b", "a\nb", "=cmd", "x" * 201, "naïve.837", "..", "a "])
def test_a_name_we_would_not_trust_is_not_written(server: LyingServer, partner: Partner, name: str) -> None:
    with connect(partner) as transport, pytest.raises(PermanentError, match="no name we"):
        transport.upload_part("upload", name, b"x")
    assert server.seen.opened == []


UPLOADER = """
import sys
from pathlib import Path
from gateway.transport.causes import is_lost_link
from gateway.transport.sftp import connect
from tests.support.sftp_partner import make_partner
with connect(make_partner(int(sys.argv[1]), sys.argv[2])) as transport:
    content = Path(sys.argv[3]).read_bytes()
    transport.upload_part("upload", "000000001.837", content)
    transport.publish("upload", "000000001.837", content)
"""


@pytest.mark.parametrize("crashpoint", ["delivery.part_opened", "delivery.mid_write", "delivery.closed"])
def test_kill_9_before_the_rename_leaves_no_file_and_the_next_upload_is_whole(
    server: LyingServer, partner: Partner, tmp_path: Path, crashpoint: str
) -> None:
    content = tmp_path / "content"
    content.write_bytes(CONTENT)
    command = [sys.executable, "-c", UPLOADER, str(server.port), server.fingerprint, str(content)]
    killed = subprocess.run(command, env={**os.environ, "CLAIMWIRE_CRASHPOINT": crashpoint}, check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr.decode()
    assert list(stored(server)) == ["000000001.837.part"]
    upload(partner)
    assert stored(server) == {"000000001.837": CONTENT}


def test_a_part_is_no_file_until_it_is_published_even_by_another_connection(server: LyingServer, partner: Partner) -> None:
    with connect(partner) as transport:
        assert transport.find_part("upload", "000000001.837") is None
        transport.upload_part("upload", "000000001.837", CONTENT)
    with connect(partner) as transport:
        assert transport.find("upload", "000000001.837") is None
        part = transport.find_part("upload", "000000001.837")
        assert part is not None
        assert part.size_bytes == len(CONTENT)
        transport.publish("upload", "000000001.837", CONTENT)
        assert transport.find_part("upload", "000000001.837") is None
    assert stored(server) == {"000000001.837": CONTENT}


def test_publishing_a_part_that_is_not_there_is_an_unknown_outcome(server: LyingServer, partner: Partner) -> None:
    """It may have been renamed before, and the file taken in since: only looking further can tell."""
    with connect(partner) as transport, pytest.raises(UnknownOutcome, match="gone"):
        transport.publish("upload", "000000001.837", CONTENT)
    assert stored(server) == {}


def test_publishing_never_overwrites(server: LyingServer, partner: Partner) -> None:
    with connect(partner) as transport:
        transport.upload_part("upload", "000000001.837", CONTENT)
        _put(server.root / "upload" / "000000001.837", b"theirs")
        with pytest.raises(PermanentError, match="already there"):
            transport.publish("upload", "000000001.837", CONTENT)
    assert stored(server) == {"000000001.837": b"theirs", "000000001.837.part": CONTENT}
