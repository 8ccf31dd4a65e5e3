"""Listing, finding, fetching and removing: hostile names, lying sizes, large folders."""

import os
import time

import pytest

from gateway.errors import PermanentError, TransientError
from gateway.transport import RemoteFile, limits, sftp_session
from gateway.transport.sftp import connect
from payers.profile import Partner
from tests.support.lying_sftp import Lies, LyingServer
from tests.support.sftp_partner import make_partner

HOSTILE = (
    b"../../etc/cron.d/x",
    b"/abs/evil",
    b"a\x00b",
    b"\x1b[2Jx",
    b"a.835 ",
    b"x" * 300,
    b"\xff\xfe.835",
    b"\xe2\x80\xaeexe.835",
    "Zahlung_März.835".encode(),
    b"",
    b" a.835",
    b"a\nb",
    b"\\xff.835",
)


def put(server: LyingServer, name: bytes, content: bytes = b"") -> None:
    with open(os.path.join(os.fsencode(server.root), b"pickup", name), "wb") as file:
        file.write(content)


def test_a_listing_holds_plain_files_with_size_and_the_server_s_time_and_says_what_is_none(
    server: LyingServer, partner: Partner
) -> None:
    put(server, b"a.835", b"abc")
    (server.root / "pickup" / "folder").mkdir()
    (server.root / "pickup" / "link").symlink_to("a.835")
    os.utime(server.root / "pickup" / "a.835", (1_700_000_000, 1_700_000_001))
    with connect(partner) as transport:
        listed = list(transport.list("pickup"))
        assert [file for file in listed if file.readable] == [RemoteFile("a.835", 3, 1_700_000_001)]
        assert [(file.name, file.is_plain) for file in listed if not file.readable] == [("link", False)]
        assert transport.find("pickup", "a.835") == RemoteFile("a.835", 3, 1_700_000_001)
        assert transport.find("pickup", "b.835") is None


def test_hostile_names_are_listed_flagged_and_printable_and_their_neighbours_are_not_lost(
    server: LyingServer, partner: Partner
) -> None:
    server.lies = Lies(extra_names=HOSTILE)
    put(server, b"good one (2).835", b"abc")
    with connect(partner) as transport:
        listed = list(transport.list("pickup"))
    assert [file.name for file in listed if file.readable] == ["good one (2).835"]
    flagged = [file.name for file in listed if not file.readable]
    assert len(flagged) == len(HOSTILE)
    assert all(name.isascii() and (name.isprintable() or name == "") for name in flagged)
    assert r"\xff\xfe.835" in flagged


def test_a_name_on_the_disk_that_is_not_utf_8_does_not_block_the_folder(server: LyingServer, partner: Partner) -> None:
    put(server, b"\xff\xfe.835")
    put(server, b"a.835")
    with connect(partner) as transport:
        assert {(file.name, file.readable) for file in transport.list("pickup")} == {("a.835", True), (r"\xff\xfe.835", False)}


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a\x00b", "", "."])
def test_a_hostile_name_is_not_fetched_looked_for_or_removed(server: LyingServer, partner: Partner, name: str) -> None:
    with connect(partner) as transport:
        for act in (transport.find, transport.remove, lambda folder, name: list(transport.fetch(folder, name))):
            with pytest.raises(PermanentError, match="no name we"):
                act("pickup", name)


def test_a_folder_that_is_not_there_is_permanent(partner: Partner) -> None:
    with connect(partner) as transport, pytest.raises(PermanentError, match="no such file"):
        list(transport.list("nowhere"))


def test_an_empty_folder_lists_nothing(partner: Partner) -> None:
    with connect(partner) as transport:
        assert list(transport.list("pickup")) == []


@pytest.mark.parametrize("size", [0, 1, 32768, 262143, 262144, 262145, 1_000_003])
@pytest.mark.parametrize("lies", [Lies(), Lies(hide_size=True), Lies(short_reads=30_000)])
def test_a_file_is_fetched_whole_in_bounded_chunks(server: LyingServer, partner: Partner, size: int, lies: Lies) -> None:
    server.lies = lies
    content = os.urandom(size)
    put(server, b"a.835", content)
    with connect(partner) as transport:
        chunks = list(transport.fetch("pickup", "a.835"))
    assert b"".join(chunks) == content
    assert max(map(len, chunks), default=0) <= 256 * 1024


@pytest.mark.parametrize("difference", [-1, 1, -40_000, 40_000, 300_000])
def test_a_file_of_another_size_than_announced_is_not_taken_for_whole(
    server: LyingServer, partner: Partner, difference: int
) -> None:
    server.lies = Lies(add_to_size=difference)
    put(server, b"a.835", b"x" * 50_000)
    with connect(partner) as transport, pytest.raises(TransientError, match="were announced"):
        list(transport.fetch("pickup", "a.835"))


def test_a_file_that_grows_while_it_is_fetched_is_not_taken_for_whole(server: LyingServer, partner: Partner) -> None:
    put(server, b"a.835", b"x" * 300_000)
    with connect(partner) as transport:
        chunks = transport.fetch("pickup", "a.835")
        next(chunks)
        with (server.root / "pickup" / "a.835").open("ab") as file:
            file.write(b"more")
        with pytest.raises(TransientError, match="were announced"):
            list(chunks)


def test_a_file_gone_between_listing_and_fetching_is_transient(server: LyingServer, partner: Partner) -> None:
    with connect(partner) as transport, pytest.raises(TransientError, match="no longer there"):
        list(transport.fetch("pickup", "a.835"))


def test_removing_deletes_and_removing_again_is_no_error(server: LyingServer, partner: Partner) -> None:
    put(server, b"a.835", b"abc")
    with connect(partner) as transport:
        transport.remove("pickup", "a.835")
        transport.remove("pickup", "a.835")
    assert list((server.root / "pickup").iterdir()) == []


def test_files_can_be_fetched_and_removed_while_the_folder_is_being_listed(server: LyingServer, partner: Partner) -> None:
    for number in range(200):
        put(server, b"%03d.835" % number, b"%03d" % number)
    with connect(partner) as transport:
        for file in transport.list("pickup"):
            assert b"".join(transport.fetch("pickup", file.name)).decode() == file.name[:3]
            transport.remove("pickup", file.name)
    assert list((server.root / "pickup").iterdir()) == []


def test_an_abandoned_listing_and_fetch_leave_the_connection_usable(server: LyingServer, partner: Partner) -> None:
    for number in range(300):
        put(server, b"%03d.835" % number, b"x" * 3000)
    with connect(partner) as transport:
        next(iter(transport.list("pickup")))
        next(iter(transport.fetch("pickup", "000.835")))
        assert len(list(transport.list("pickup"))) == 300


def test_five_thousand_names_are_listed_in_seconds_and_none_is_lost(server: LyingServer, partner: Partner) -> None:
    for number in range(5_000):
        (server.root / "pickup" / f"{number}.835").touch()
    with connect(partner) as transport:
        begin = time.monotonic()
        names = {file.name for file in transport.list("pickup")}
    assert names == {f"{number}.835" for number in range(5_000)}
    assert time.monotonic() - begin < 15  # a fraction of a second on an idle machine


@pytest.mark.parametrize("answer", ["names", "nothing"])
def test_a_listing_that_never_ends_is_broken_off_and_the_connection_goes_on(
    server: LyingServer, partner: Partner, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(limits, "NAMES_MAX", 500)
    put(server, b"a.835", b"abc")
    if answer == "nothing":
        monkeypatch.setattr(sftp_session, "read_names", lambda body: [])
    server.lies = Lies(endless_listing=True)
    with connect(partner) as transport:
        listing = transport.list("pickup")
        with pytest.raises(PermanentError, match="more than 500 names, or a list of them that never ends"):
            assert len(list(listing)) <= 520
        assert b"".join(transport.fetch("pickup", "a.835")) == b"abc"


def test_as_many_names_as_a_folder_may_have_are_no_fault(
    server: LyingServer, partner: Partner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NAMES_MAX", 20)
    for number in range(20):
        put(server, b"%03d.835" % number, b"x")
    with connect(partner) as transport:
        assert len(list(transport.list("pickup"))) == 20
        put(server, b"one more.835", b"x")
        with pytest.raises(PermanentError, match="more than 20 names"):
            list(transport.list("pickup"))


def test_a_file_that_never_ends_is_not_fetched_and_the_connection_goes_on(
    server: LyingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that tells no size, and answers every read with bytes."""
    monkeypatch.setattr(limits, "FILE_BYTES_MAX", 1_000_000)
    partner = make_partner(server.port, server.fingerprint, upload={"file_bytes_max": 10_000}, quirks={"stat": False})
    put(server, b"a.835", b"abc")
    server.lies = Lies(endless_files=True)
    with connect(partner) as transport:
        with pytest.raises(PermanentError, match="more than 1,000,000 bytes, or never ends"):
            list(transport.fetch("pickup", "a.835"))
        assert [file.name for file in transport.list("pickup")] == ["a.835"]


def test_a_file_said_to_be_too_large_is_not_even_opened(server: LyingServer, partner: Partner) -> None:
    put(server, b"a.835", b"abc")
    server.lies = Lies(add_to_size=10**15)
    with connect(partner) as transport, pytest.raises(PermanentError, match="more than 209,715,200 bytes"):
        next(iter(transport.fetch("pickup", "a.835")))
    assert server.seen.opened == []


def test_what_we_may_send_to_a_partner_may_be_as_large_when_it_comes_back(server: LyingServer) -> None:
    partner = make_partner(server.port, server.fingerprint, upload={"file_bytes_max": 10**12})
    put(server, b"a.835", b"abc")
    server.lies = Lies(add_to_size=10**11)
    with connect(partner) as transport, pytest.raises(TransientError, match="were announced"):
        list(transport.fetch("pickup", "a.835"))
