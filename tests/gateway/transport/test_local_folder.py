"""A partner behind a folder: the promises of a server, on a disk that may fail at any call."""

import errno
import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport import RemoteFile, Standing, Transport, limits, local_folder
from gateway.transport.connecting import connect
from payers.profile import Partner
from tests.support.sftp_partner import make_local_partner

CONTENT = bytes(range(256)) * 3000 + b"the end"
NAME = "000000001.837"
MODES = ["rename", "direct", "marker"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("upload", "pickup", "pickup/done"):
        (tmp_path / "root" / folder).mkdir(parents=True)
    return tmp_path / "root"


def send(partner: Partner, content: bytes = CONTENT, name: str = NAME) -> None:
    with connect(partner) as transport:
        transport.upload_part("upload", name, content)
        transport.publish("upload", name, content)


def look(partner: Partner, content: bytes = CONTENT) -> Standing:
    with connect(partner) as transport:
        return transport.look("upload", NAME, content)


def list_acts(transport: Transport, *, move_to: str) -> list[Callable[[str, str], object]]:
    """Everything that can be done to a file that is there."""
    return [
        transport.find,
        transport.remove,
        lambda folder, name: list(transport.fetch(folder, name)),
        lambda folder, name: transport.move(folder, name, move_to),
    ]


def stored(root: Path, folder: str = "upload") -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / folder).iterdir() if path.is_file()}


@pytest.mark.parametrize("size", [0, 1, 262144, 768007])
@pytest.mark.parametrize("mode", MODES)
def test_the_bytes_sent_are_the_bytes_there_and_nothing_else_but_a_marker(root: Path, mode: str, size: int) -> None:
    partner = make_local_partner(root, upload={"mode": mode})
    send(partner, CONTENT[:size])
    assert stored(root) == {NAME: CONTENT[:size]} | ({f"{NAME}.done": b""} if mode == "marker" else {})
    assert look(partner, CONTENT[:size]) is Standing.PUBLISHED
    assert stat.S_IMODE((root / "upload" / NAME).stat().st_mode) & 0o007 == 0, "a file of patients is nothing for others"


@pytest.mark.parametrize("mode", MODES)
def test_a_file_of_another_is_never_replaced(root: Path, mode: str) -> None:
    partner = make_local_partner(root, upload={"mode": mode})
    (root / "upload" / NAME).write_bytes(b"theirs")
    with pytest.raises(PermanentError, match="already there"):
        send(partner)
    assert stored(root) == {NAME: b"theirs"}
    assert look(partner) is Standing.OTHER


def test_a_file_that_comes_between_is_not_replaced(root: Path) -> None:
    with connect(make_local_partner(root)) as transport:
        transport.upload_part("upload", NAME, CONTENT)
        (root / "upload" / NAME).write_bytes(b"theirs")
        with pytest.raises(PermanentError, match="already there"):
            transport.publish("upload", NAME, CONTENT)
    assert stored(root) == {NAME: b"theirs", f"{NAME}.part": CONTENT}


@pytest.mark.parametrize("beside", [False, True])
def test_where_the_system_cannot_rename_alone_a_link_does_it_and_replaces_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, beside: bool
) -> None:
    def cannot(*_: object) -> None:
        raise OSError(errno.EINVAL, "this file system has no such rename")

    monkeypatch.setattr(local_folder, "_rename_noreplace", cannot)
    if beside:
        with connect(make_local_partner(root)) as transport:
            transport.upload_part("upload", NAME, CONTENT)
            (root / "upload" / NAME).write_bytes(b"theirs")
            with pytest.raises(PermanentError, match="already there"):
                transport.publish("upload", NAME, CONTENT)
    else:
        send(make_local_partner(root))
        assert stored(root) == {NAME: CONTENT}


@pytest.mark.parametrize("number", [errno.ESTALE, errno.ETIMEDOUT, errno.EIO])
def test_a_rename_that_a_network_mount_calls_failed_and_did_is_unknown(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def fail_behind(old: int, source: str, new: int, target: str) -> None:
        os.rename(source, target, src_dir_fd=old, dst_dir_fd=new)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(local_folder, "_rename_noreplace", fail_behind)
    with pytest.raises(UnknownOutcome):
        send(make_local_partner(root))


def test_a_second_link_whose_first_cannot_be_taken_away_is_unknown(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "not here")

    with connect(make_local_partner(root)) as transport:
        transport.upload_part("upload", NAME, CONTENT)
        monkeypatch.setattr(local_folder, "_rename_noreplace", cannot)
        monkeypatch.setattr(os, "unlink", cannot)
        with pytest.raises(UnknownOutcome, match="seems to be done"):
            transport.publish("upload", NAME, CONTENT)


def test_a_leftover_part_that_is_linked_to_a_file_the_partner_took_is_not_written_through(root: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"theirs now")
    os.link(tmp_path / "taken", root / "upload" / f"{NAME}.part")
    send(make_local_partner(root))
    assert (tmp_path / "taken").read_bytes() == b"theirs now"
    assert stored(root) == {NAME: CONTENT}


@pytest.mark.parametrize("mode", ["direct", "marker"])
@pytest.mark.parametrize("held", [0, 1, 1000, 768006])
def test_a_broken_attempt_of_our_own_is_written_over(root: Path, mode: str, held: int) -> None:
    partner = make_local_partner(root, upload={"mode": mode})
    (root / "upload" / NAME).write_bytes(CONTENT[:held])
    assert look(partner) is Standing.UNFINISHED
    send(partner)
    assert look(partner) is Standing.PUBLISHED
    assert stored(root)[NAME] == CONTENT


def test_a_file_without_its_marker_is_unfinished_and_gets_it(root: Path) -> None:
    partner = make_local_partner(root, upload={"mode": "marker"})
    (root / "upload" / NAME).write_bytes(CONTENT)
    assert look(partner) is Standing.UNFINISHED
    send(partner)
    assert stored(root) == {NAME: CONTENT, f"{NAME}.done": b""}


def test_a_folder_with_too_many_names_and_a_file_of_too_many_bytes_are_refused(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NAMES_MAX", 5)
    for number in range(4):
        (root / "pickup" / f"{number}.835").write_bytes(b"x")
    with connect(make_local_partner(root)) as transport:
        assert len(list(transport.list("pickup"))) == 4
        (root / "pickup" / "4.835").touch()
        with pytest.raises(PermanentError, match="more than 5 names"):
            list(transport.list("pickup"))
        os.truncate(root / "pickup" / "0.835", limits.FILE_BYTES_MAX + 1)
        with pytest.raises(PermanentError, match="more than 209,715,200 bytes"):
            list(transport.fetch("pickup", "0.835"))


@pytest.mark.parametrize("folder", ["../elsewhere", "/etc", "upload/../..", "up\0load"])
def test_no_folder_leads_out_of_the_root(root: Path, folder: str) -> None:
    with connect(make_local_partner(root)) as transport:
        for act in (lambda: list(transport.list(folder)), lambda: transport.find(folder, NAME)):
            with pytest.raises(PermanentError, match="leads out"):
                act()


def test_no_link_is_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / NAME).write_bytes(b"secret")
    (root / "linked").symlink_to(tmp_path / "outside")
    (root / "pickup" / NAME).symlink_to(tmp_path / "outside" / NAME)
    with connect(make_local_partner(root)) as transport:
        with pytest.raises(PermanentError):
            list(transport.list("linked"))
        assert [(file.readable, file.is_plain) for file in transport.list("pickup")] == [(False, False)]
        for act in list_acts(transport, move_to="upload"):
            with pytest.raises(PermanentError):
                act("pickup", NAME)
    assert (tmp_path / "outside" / NAME).read_bytes() == b"secret"
    assert (root / "pickup" / NAME).is_symlink()


def test_a_pipe_is_no_file_and_holds_nobody(root: Path) -> None:
    os.mkfifo(root / "pickup" / NAME)
    with connect(make_local_partner(root)) as transport:
        assert [(file.readable, file.is_plain) for file in transport.list("pickup")] == [(False, False)]
        with pytest.raises(PermanentError, match="no plain file"):
            list(transport.fetch("pickup", NAME))


def test_hostile_names_are_listed_flagged_and_printable(root: Path) -> None:
    names = [b"\xff\xfe.835", b"\x1b[2Jx", b"a\nb", "März.835".encode(), b" a.835", b"a.835 ", b"a\\b"]
    for name in [*names, b"a.835"]:
        (Path(os.fsdecode(os.fsencode(root) + b"/pickup")) / os.fsdecode(name)).write_bytes(b"x")
    os.utime(root / "pickup" / "a.835", (1, 1_700_000_001))
    with connect(make_local_partner(root)) as transport:
        listed = list(transport.list("pickup"))
    assert [file for file in listed if file.readable] == [RemoteFile("a.835", 1, 1_700_000_001_000_000_000)]
    assert len(listed) == len(names) + 1
    assert all(file.name.isascii() and file.name.isprintable() for file in listed)


@pytest.mark.parametrize("name", ["../out", "a/b", "", "a\\b", "a\x00b", ".", "..", " a", "a ", "x" * 256])
def test_a_name_we_would_not_trust_is_not_touched(root: Path, name: str) -> None:
    with connect(make_local_partner(root)) as transport:
        for act in list_acts(transport, move_to="pickup"):
            with pytest.raises(PermanentError, match="no name we"):
                act("upload", name)


def test_a_file_is_fetched_whole_and_one_that_grows_meanwhile_is_not_taken_for_whole(root: Path) -> None:
    (root / "pickup" / "a.835").write_bytes(CONTENT)
    with connect(make_local_partner(root)) as transport:
        assert b"".join(transport.fetch("pickup", "a.835")) == CONTENT
        chunks = transport.fetch("pickup", "a.835")
        next(chunks)
        with (root / "pickup" / "a.835").open("ab") as file:
            file.write(b"more")
        with pytest.raises(TransientError, match="were announced"):
            list(chunks)
        with pytest.raises(TransientError, match="no longer there"):
            list(transport.fetch("pickup", "b.835"))


def test_fifty_thousand_names_are_listed_in_seconds(root: Path) -> None:
    for number in range(50_000):
        (root / "pickup" / f"{number}.835").touch()
    with connect(make_local_partner(root)) as transport:
        begin = time.monotonic()
        assert sum(1 for _ in transport.list("pickup")) == 50_000
    assert time.monotonic() - begin < 15  # about half a second on an idle machine


def test_moving_can_be_repeated_and_replaces_nothing(root: Path) -> None:
    (root / "pickup" / "a.835").write_bytes(b"new")
    (root / "pickup" / "done" / "a.835").write_bytes(b"old")
    with connect(make_local_partner(root)) as transport:
        for _ in range(2):
            transport.move("pickup", "a.835", "pickup/done")
        with pytest.raises(PermanentError, match="neither in"):
            transport.move("pickup", "b.835", "pickup/done")
        transport.remove("pickup/done", "a.835")
        transport.remove("pickup/done", "a.835")
    assert stored(root, "pickup/done") == {"a.835.2": b"new"}


def test_a_move_whose_first_link_cannot_be_taken_away_leaves_no_second_however_often_it_is_tried(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sticky folder of another user: the system refuses to rename and to unlink in it, and lets us link."""
    (root / "pickup" / "a.835").write_bytes(b"theirs")
    refuse_in(root / "pickup", errno.EPERM, monkeypatch)
    with connect(make_local_partner(root)) as transport:
        for _ in range(3):
            with pytest.raises(PermanentError, match="Errno 1"):
                transport.move("pickup", "a.835", "pickup/done")
    assert (stored(root, "pickup"), stored(root, "pickup/done")) == ({"a.835": b"theirs"}, {})


def test_a_link_that_may_have_been_taken_away_is_not_followed_by_the_other(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network mount can have done what it reports as failed: the second link may be all there is."""
    (root / "pickup" / "a.835").write_bytes(b"theirs")
    refuse_in(root / "pickup", errno.ESTALE, monkeypatch)
    with connect(make_local_partner(root)) as transport, pytest.raises(TransientError, match="can be repeated"):
        transport.move("pickup", "a.835", "pickup/done")
    assert stored(root, "pickup/done") == {"a.835": b"theirs"}


def refuse_in(folder: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No rename at once anywhere, and nothing is taken away from this folder, with that number; elsewhere all is as it is."""
    unlink = os.unlink

    def cannot(*_: object) -> None:
        raise OSError(errno.EPERM, "not here")

    def refuse(name: str, *, dir_fd: int) -> None:
        if os.path.samestat(os.fstat(dir_fd), folder.stat()):
            raise OSError(number, "not here")
        unlink(name, dir_fd=dir_fd)

    monkeypatch.setattr(local_folder, "_rename_noreplace", cannot)
    monkeypatch.setattr(os, "unlink", refuse)


def test_an_answer_put_in_place_of_another_within_the_same_second_is_told_from_it(root: Path) -> None:
    shown = []
    with connect(make_local_partner(root)) as transport:
        for content, nanoseconds in ((b"one", 100), (b"two", 900_000_000)):
            (root / "incoming").write_bytes(content)
            os.utime(root / "incoming", ns=(0, 1_700_000_001_000_000_000 + nanoseconds))
            (root / "incoming").replace(root / "pickup" / "TA1.999")
            shown.append((transport.find("pickup", "TA1.999"), *transport.list("pickup")))
    assert [found == listed for found, listed in shown] == [True, True]
    assert shown[0] != shown[1]


@pytest.mark.parametrize("seconds", [-3_000_000_000, 0, 13_000_000_000])
def test_whatever_time_a_file_bears_it_fits_the_database_and_stays_the_same(root: Path, seconds: int) -> None:
    """From the years before 1901 to those behind 2262, where nanoseconds take more than 63 bits."""
    (root / "pickup" / "a.835").write_bytes(b"x")
    os.utime(root / "pickup" / "a.835", (0, seconds))
    with connect(make_local_partner(root)) as transport:
        found = transport.find("pickup", "a.835")
        assert found is not None
        assert found.modified_at in range(2**63)
        assert list(transport.list("pickup")) == [found]


def test_a_root_that_is_not_there_is_permanent(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="FileNotFoundError"), connect(make_local_partner(tmp_path / "unmounted")):
        pass


class FailingDisk:
    """Makes the nth call of those the transport makes fail, counted over all of them; the call itself is not made."""

    CALLS = ("open", "stat", "fstat", "read", "pwrite", "fsync", "unlink", "scandir")

    def __init__(self, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        self.number = number
        self.fail_at = -1
        self.calls = 0
        for call in self.CALLS:
            monkeypatch.setattr(os, call, self._wrap(getattr(os, call)))
        monkeypatch.setattr(local_folder, "_rename_noreplace", self._wrap(local_folder._rename_noreplace))

    def _wrap(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls == self.fail_at:
                raise OSError(self.number, os.strerror(self.number))
            return real(*args, **named)

        return call


NUMBERS = [errno.EIO, errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT, errno.ESTALE, errno.EBUSY, errno.EINTR, errno.ELOOP]


@pytest.mark.parametrize("number", NUMBERS, ids=errno.errorcode.get)
@pytest.mark.parametrize("mode", MODES)
def test_every_call_of_the_disk_that_fails_is_an_outcome_with_a_name_and_never_a_success(
    root: Path, monkeypatch: pytest.MonkeyPatch, mode: str, number: int
) -> None:
    """The first call fails, then the second …, until one upload goes through; the next try is always whole."""
    content = CONTENT[:1000]
    partner = make_local_partner(root, upload={"mode": mode})
    disk = FailingDisk(monkeypatch, number)
    failed = 0
    while (error := _send_failing(partner, content, disk, failed + 1)) is not None:
        failed += 1
        held = look(partner, content)
        assert held is not Standing.OTHER
        assert held is not Standing.PUBLISHED or isinstance(error, UnknownOutcome)
        assert mode != "rename" or stored(root).get(NAME, content) == content
        for path in (root / "upload").iterdir():
            path.unlink()
    assert look(partner, content) is Standing.PUBLISHED
    assert failed >= 15


def _send_failing(partner: Partner, content: bytes, disk: FailingDisk, call: int) -> Exception | None:
    """What sending raised where that call fails; anything but the two kinds of error fails the test by itself."""
    disk.calls, disk.fail_at = 0, call
    try:
        send(partner, content)
    except (TransientError, PermanentError) as error:
        return error
    finally:
        disk.fail_at = -1
    return None


@pytest.mark.parametrize("number", NUMBERS, ids=errno.errorcode.get)
def test_every_call_of_the_disk_that_fails_while_answers_are_fetched_is_told(
    root: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    partner = make_local_partner(root)
    disk = FailingDisk(monkeypatch, number)
    failed, fetched = 0, [b""]
    while True:
        (root / "pickup" / "a.835").write_bytes(CONTENT)
        disk.calls, disk.fail_at = 0, failed + 1
        try:
            with connect(partner) as transport:
                fetched = [b"".join(transport.fetch("pickup", file.name)) for file in transport.list("pickup")]
                transport.remove("pickup", "a.835")
        except (TransientError, PermanentError):
            failed += 1
        else:
            break
    disk.fail_at = -1
    assert fetched == [CONTENT]
    assert stored(root, "pickup") == {}
    assert failed >= 10


UPLOADER = """
import sys
from pathlib import Path
from gateway.transport.connecting import connect
from tests.support.sftp_partner import make_local_partner
content = Path(sys.argv[2]).read_bytes()
with connect(make_local_partner(Path(sys.argv[1]), upload={"mode": sys.argv[3]})) as transport:
    transport.upload_part("upload", "000000001.837", content)
    transport.publish("upload", "000000001.837", content)
"""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("crashpoint", ["delivery.part_opened", "delivery.mid_write", "delivery.closed"])
def test_kill_9_leaves_nothing_that_cannot_be_finished(root: Path, tmp_path: Path, mode: str, crashpoint: str) -> None:
    (tmp_path / "content").write_bytes(CONTENT)
    command = [sys.executable, "-c", UPLOADER, str(root), str(tmp_path / "content"), mode]
    killed = subprocess.run(command, env={**os.environ, "CLAIMWIRE_CRASHPOINT": crashpoint}, check=False, capture_output=True)
    assert killed.returncode == -9, killed.stderr.decode()
    partner = make_local_partner(root, upload={"mode": mode})
    whole = mode == "direct" and crashpoint == "delivery.closed"
    closed = {"direct": Standing.PUBLISHED, "rename": Standing.UPLOADED, "marker": Standing.UNFINISHED}
    assert look(partner) is (closed[mode] if crashpoint == "delivery.closed" else Standing.UNFINISHED)
    send(partner) if not whole else None
    assert stored(root)[NAME] == CONTENT
    assert look(partner) is Standing.PUBLISHED
