"""The ways to bring a file over SFTP, as a profile names them: what each promises, and what each must notice."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport import Standing
from gateway.transport.sftp import connect
from payers.profile import Partner
from tests.support.cutting_proxy import CuttingProxy
from tests.support.lying_sftp import Lies, LyingServer
from tests.support.sftp_partner import make_partner

CONTENT = bytes(range(256)) * 1200 + b"the end"
NAME = "000000001.837"
MODES = ["rename", "direct", "marker"]


def profile(server: LyingServer, mode: str = "direct", *, quirks: dict[str, Any] | None = None, **upload: Any) -> Partner:
    return make_partner(server.port, server.fingerprint, upload={"mode": mode, **upload}, quirks=quirks)


def send(partner: Partner, content: bytes = CONTENT) -> None:
    with connect(partner) as transport:
        transport.upload_part("upload", NAME, content)
        transport.publish("upload", NAME, content)


def look(partner: Partner, content: bytes = CONTENT) -> Standing:
    with connect(partner) as transport:
        return transport.look("upload", NAME, content)


def stored(server: LyingServer) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (server.root / "upload").iterdir()}


@pytest.mark.parametrize("stat", [True, False])
@pytest.mark.parametrize("confirm", ["content", "size", "listing", "none"])
@pytest.mark.parametrize("mode", MODES)
def test_every_way_of_bringing_and_proving_brings_the_bytes(server: LyingServer, mode: str, confirm: str, stat: bool) -> None:
    partner = profile(server, mode, confirm=confirm, quirks={"stat": stat})
    assert look(partner) is Standing.ABSENT
    send(partner)
    assert stored(server) == {NAME: CONTENT} | ({f"{NAME}.done": b""} if mode == "marker" else {})
    assert look(partner) is Standing.PUBLISHED


def test_with_direct_nothing_is_there_before_it_is_published(server: LyingServer) -> None:
    with connect(profile(server)) as transport:
        transport.upload_part("upload", NAME, CONTENT)
        assert stored(server) == {}
        assert transport.find_part("upload", NAME) is None


def test_the_marker_is_written_after_the_file_and_is_what_stands_beside_it(server: LyingServer) -> None:
    partner = profile(server, "marker", marker_suffix=".ok")
    send(partner)
    assert server.seen.opened == [f"upload/{NAME}", f"upload/{NAME}", f"upload/{NAME}.ok"]
    with connect(partner) as transport:
        beside = transport.find_part("upload", NAME)
    assert beside is not None
    assert beside.size_bytes == 0


@pytest.mark.parametrize("confirm", ["content", "size", "listing", "none"])
@pytest.mark.parametrize("mode", ["direct", "marker"])
@pytest.mark.parametrize("content", [b"theirs", CONTENT + b"more", CONTENT[:1000] + b"x"])
def test_a_file_that_is_not_our_own_beginning_is_never_overwritten(
    server: LyingServer, mode: str, content: bytes, confirm: str
) -> None:
    partner = profile(server, mode, confirm=confirm)
    (server.root / "upload" / NAME).write_bytes(content)
    assert look(partner) is Standing.OTHER
    with connect(partner) as transport:
        for act in (transport.upload_part, transport.publish):
            with pytest.raises(PermanentError, match="already there"):
                act("upload", NAME, CONTENT)
    assert stored(server) == {NAME: content}


def test_a_beginning_that_cannot_be_read_is_not_proved_ours(server: LyingServer) -> None:
    server.lies = Lies(refuse_reading=True)
    partner = profile(server, confirm="size")
    (server.root / "upload" / NAME).write_bytes(CONTENT[:1000])
    assert look(partner) is Standing.UNPROVEN
    with pytest.raises(PermanentError, match="not ours as far as can be seen"):
        send(partner)
    (server.root / "upload" / NAME).unlink()
    send(partner)
    assert look(partner) is Standing.ALIKE


@pytest.mark.parametrize("confirm", ["size", "listing", "none"])
@pytest.mark.parametrize("mode", MODES)
def test_a_file_of_our_name_and_size_is_read_where_the_server_lets_us_and_else_only_alike(
    server: LyingServer, mode: str, confirm: str
) -> None:
    """With a marker it would be alike; without one it may be ours, and unfinished, or another's."""
    partner = profile(server, mode, confirm=confirm)
    (server.root / "upload" / NAME).write_bytes(b"X" * len(CONTENT))
    assert look(partner) is Standing.OTHER
    server.lies = Lies(refuse_reading=True)
    assert look(partner) is (Standing.UNPROVEN if mode == "marker" else Standing.ALIKE)
    (server.root / "upload" / f"{NAME}.done").touch()
    assert look(partner) is Standing.ALIKE
    if mode != "rename":
        with pytest.raises(PermanentError, match="not ours as far as can be seen"):
            send(partner)


@pytest.mark.parametrize(("held", "standing"), [(len(CONTENT), Standing.UPLOADED), (len(CONTENT) - 1, Standing.UNFINISHED)])
@pytest.mark.parametrize("confirm", ["content", "size", "listing"])
def test_a_temporary_file_is_whole_or_unfinished(server: LyingServer, confirm: str, held: int, standing: Standing) -> None:
    (server.root / "upload" / f"{NAME}.part").write_bytes(CONTENT[:held])
    assert look(profile(server, "rename", confirm=confirm)) is standing
    (server.root / "upload" / f"{NAME}.part").write_bytes(b"X" * held)
    assert look(profile(server, "rename", confirm=confirm)) is Standing.UNFINISHED


def test_read_back_denied_says_nothing_of_what_the_partner_has(server: LyingServer) -> None:
    server.lies = Lies(refuse_reading=True)
    with pytest.raises(UnknownOutcome, match="cannot be confirmed"):
        send(profile(server))
    (server.root / "upload" / NAME).unlink()
    with pytest.raises(PermanentError, match="permission denied"):
        send(profile(server, "rename"))


def test_a_file_that_comes_between_looking_and_writing_is_not_overwritten(server: LyingServer) -> None:
    server.lies = Lies(before_open=lambda path: _put_once(server, path))
    with pytest.raises(PermanentError, match="already there"):
        send(profile(server))
    assert stored(server) == {NAME: b"theirs"}


def _put_once(server: LyingServer, path: str) -> None:
    if path.endswith(NAME) and not (server.root / "upload" / NAME).exists():
        (server.root / "upload" / NAME).write_bytes(b"theirs")


def test_a_server_that_cannot_open_for_creation_alone_is_served_all_the_same(server: LyingServer) -> None:
    server.lies = Lies(refuse_create_only=True)
    send(profile(server))
    assert stored(server) == {NAME: CONTENT}


@pytest.mark.parametrize("mode", ["direct", "marker"])
@pytest.mark.parametrize("held", [0, 1, 30_000, len(CONTENT) - 1])
def test_a_broken_attempt_of_our_own_is_written_over(server: LyingServer, mode: str, held: int) -> None:
    partner = profile(server, mode)
    (server.root / "upload" / NAME).write_bytes(CONTENT[:held])
    assert look(partner) is Standing.UNFINISHED
    send(partner)
    assert stored(server)[NAME] == CONTENT
    assert look(partner) is Standing.PUBLISHED


def test_a_piece_at_the_final_name_is_no_attempt_of_ours_in_mode_rename(server: LyingServer) -> None:
    (server.root / "upload" / NAME).write_bytes(CONTENT[:1000])
    assert look(profile(server, "rename")) is Standing.OTHER
    with pytest.raises(PermanentError, match="already there"):
        send(profile(server, "rename"))


def test_publishing_what_is_whole_already_writes_nothing(server: LyingServer) -> None:
    for mode in ("direct", "marker"):
        send(profile(server, mode))
        server.seen.opened.clear()
        with connect(profile(server, mode)) as transport:
            transport.publish("upload", NAME, CONTENT)
        assert server.seen.opened == [f"upload/{NAME}"], "it was read, once"


def test_a_marker_without_its_file_stops_the_upload(server: LyingServer) -> None:
    (server.root / "upload" / f"{NAME}.done").touch()
    with pytest.raises(PermanentError, match="marker is there already"):
        send(profile(server, "marker"))
    assert list(stored(server)) == [f"{NAME}.done"]


NEVER_KEPT = [
    (Lies(forget_writes=True), "holds 0 bytes"),
    (Lies(add_to_size=-1), "holds 307206 bytes of 307207"),
    (Lies(add_to_size=1), "holds 307208 bytes of 307207"),
]


@pytest.mark.parametrize("confirm", ["content", "size", "listing"])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("lies", "message"), NEVER_KEPT[:1])
def test_a_server_that_says_yes_and_keeps_nothing_is_noticed(
    server: LyingServer, mode: str, confirm: str, lies: Lies, message: str
) -> None:
    server.lies = lies
    with pytest.raises(UnknownOutcome if mode == "direct" else TransientError, match=message):
        send(profile(server, mode, confirm=confirm))


@pytest.mark.parametrize("confirm", ["content", "size"])
@pytest.mark.parametrize(("lies", "message"), NEVER_KEPT[1:])
def test_a_size_that_is_not_ours_is_noticed(server: LyingServer, confirm: str, lies: Lies, message: str) -> None:
    server.lies = lies
    with pytest.raises(UnknownOutcome, match=message):
        send(profile(server, confirm=confirm))


def test_bytes_that_are_not_ours_are_noticed_where_they_may_be_read(server: LyingServer) -> None:
    server.lies = Lies(change_bytes=True)
    with pytest.raises(UnknownOutcome, match="other bytes"):
        send(profile(server))
    assert look(profile(server)) is Standing.OTHER


def test_a_size_that_is_not_told_confirms_nothing(server: LyingServer) -> None:
    server.lies = Lies(hide_size=True)
    with pytest.raises(UnknownOutcome, match="tells no size"):
        send(profile(server, confirm="size"))
    assert look(profile(server, confirm="size")) is Standing.UNPROVEN


def test_a_server_that_keeps_nothing_is_believed_where_the_profile_asks_for_no_proof(server: LyingServer) -> None:
    """What proves it then is a TA1 or 999; that it was never proved is for delivery to remember."""
    server.lies = Lies(forget_writes=True)
    send(profile(server, confirm="none"))
    assert stored(server) == {NAME: b""}


@pytest.mark.parametrize("mode", MODES)
def test_a_server_that_shows_nothing_at_all_can_still_be_sent_to_where_the_profile_asks_for_no_proof(
    server: LyingServer, mode: str
) -> None:
    """A drop box: neither sizes nor bytes nor, so far as we ask, names."""
    server.lies = Lies(refuse_stat=True, refuse_reading=True)
    with pytest.raises(PermanentError, match="permission denied"):
        send(profile(server, mode))
    partner = profile(server, mode, confirm="none")
    assert look(partner) is Standing.ABSENT
    send(partner)
    assert stored(server) == {NAME: CONTENT} | ({f"{NAME}.done": b""} if mode == "marker" else {})


@pytest.mark.parametrize("taken_at_once", [False, True])
@pytest.mark.parametrize("confirm", ["content", "size", "listing"])
def test_a_file_taken_as_soon_as_it_is_closed_is_sent_only_where_the_profile_says_so(
    server: LyingServer, confirm: str, taken_at_once: bool
) -> None:
    server.lies = Lies(take_on_close=True)
    partner = profile(server, confirm=confirm, quirks={"taken_at_once": taken_at_once})
    if taken_at_once:
        send(partner)
    else:
        with pytest.raises(UnknownOutcome, match="may have taken it"):
            send(partner)
    assert (server.root / "taken" / NAME).read_bytes() == CONTENT
    assert look(partner) is Standing.ABSENT


def test_a_server_that_takes_a_file_before_its_marker_breaks_its_word_and_is_told(server: LyingServer) -> None:
    server.lies = Lies(take_on_close=True)
    with pytest.raises(TransientError, match="before its marker"):
        send(profile(server, "marker"))


def test_a_rename_answered_yes_and_not_done_is_no_success(server: LyingServer) -> None:
    server.lies = Lies(forget_rename=True)
    with pytest.raises(PermanentError, match="did nothing"):
        send(profile(server, "rename"))
    assert look(profile(server, "rename")) is Standing.UPLOADED


@pytest.mark.parametrize(
    ("way", "lies", "renamed"),
    [
        ("plain", Lies(refuse_rename=True), False),
        ("plain", Lies(refuse_rename_over=True), True),
        ("posix", Lies(refuse_rename=True), True),
        ("posix", Lies(refuse_rename_over=True), False),
        ("either", Lies(refuse_rename=True), True),
        ("either", Lies(refuse_rename_over=True), True),
    ],
)
def test_the_profile_says_which_rename_is_asked_for(server: LyingServer, way: str, lies: Lies, renamed: bool) -> None:
    server.lies = lies
    partner = profile(server, "rename", quirks={"rename": way})
    if renamed:
        send(partner)
    else:
        with pytest.raises(PermanentError, match="only its temporary file"):
            send(partner)
    assert (NAME in stored(server)) is renamed


def test_a_server_without_stat_is_asked_by_its_listing_alone(server: LyingServer) -> None:
    server.lies = Lies(refuse_stat=True)
    partner = profile(server, "rename", quirks={"stat": False})
    send(partner)
    (server.root / "pickup" / "a.835").write_bytes(CONTENT)
    with connect(partner) as transport:
        assert b"".join(transport.fetch("pickup", "a.835")) == CONTENT
        assert [file.size_bytes for file in transport.list("pickup")] == [len(CONTENT)]
        with pytest.raises(TransientError, match="no longer there"):
            list(transport.fetch("pickup", "b.835"))
    assert look(partner) is Standing.PUBLISHED


REFUSALS: list[tuple[str, dict[str, Any], dict[str, Any], Lies]] = [
    ("rename", {"mode": "direct"}, {}, Lies(refuse_rename=True, refuse_rename_over=True)),
    ("stat", {}, {"stat": False}, Lies(refuse_stat=True)),
    ("chmod", {}, {}, Lies(refuse_chmod=True)),
    ("mkdir", {}, {}, Lies(refuse_mkdir=True)),
]


@pytest.mark.parametrize("refused", range(16))
def test_whatever_of_rename_stat_chmod_and_mkdir_a_server_refuses_a_profile_serves_it(server: LyingServer, refused: int) -> None:
    """All sixteen combinations: none of them loses a file or doubles it."""
    upload: dict[str, Any] = {"mode": "rename"}
    quirks: dict[str, Any] = {}
    for place, (_, its_upload, its_quirks, lies) in enumerate(REFUSALS):
        if refused >> place & 1:
            upload, quirks = upload | its_upload, quirks | its_quirks
            for name, value in vars(lies).items():
                if value is True:
                    setattr(server.lies, name, True)
    partner = make_partner(server.port, server.fingerprint, upload=upload, quirks=quirks)
    send(partner)
    assert stored(server) == {NAME: CONTENT}
    assert look(partner) is Standing.PUBLISHED


def test_moving_can_be_repeated_and_replaces_nothing(server: LyingServer) -> None:
    (server.root / "done").mkdir()
    (server.root / "done" / "a.835").write_bytes(b"old")
    (server.root / "pickup" / "a.835").write_bytes(b"new")
    with connect(profile(server)) as transport:
        for _ in range(2):
            transport.move("pickup", "a.835", "done")
        with pytest.raises(PermanentError, match="neither in"):
            transport.move("pickup", "b.835", "done")
        (server.root / "pickup" / "c.835").write_bytes(b"new")
        with pytest.raises(PermanentError, match="no such file"):
            transport.move("pickup", "c.835", "nowhere")
    assert {path.name: path.read_bytes() for path in (server.root / "done").iterdir()} == {"a.835": b"old", "a.835.2": b"new"}


def test_a_move_whose_answer_was_lost_can_be_repeated(server: LyingServer) -> None:
    """The link is cut at 30 places of a move; repeated over a whole link the file is where it belongs, once."""
    (server.root / "done").mkdir()

    def move(port: int) -> None:
        with connect(make_partner(port, server.fingerprint)) as transport:
            transport.move("pickup", "a.835", "done")

    (server.root / "pickup" / "a.835").write_bytes(b"new")
    with CuttingProxy(server.port) as proxy:
        move(proxy.port)
    total = proxy.passed["down"]
    broken = 0
    for step in range(30):
        (server.root / "done" / "a.835").unlink()
        (server.root / "pickup" / "a.835").write_bytes(b"new")
        with CuttingProxy(server.port, down_bytes=total - 600 + 20 * step) as proxy:
            broken += _is_broken(lambda port=proxy.port: move(port))  # type: ignore[misc]
        move(server.port)
        assert [path.name for path in (server.root / "done").iterdir()] == ["a.835"]
        assert list((server.root / "pickup").iterdir()) == []
    assert broken >= 20


def _is_broken(act: Callable[[], None]) -> bool:
    try:
        act()
    except TransientError:
        return True
    return False
