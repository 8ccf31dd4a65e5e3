"""A probe finds out what a server allows, says what the profile should say, and leaves nothing behind."""

import errno
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest

from gateway.desk.partner_probe import PartnerTest, try_partner
from payers.profile import Partner
from tests.support.lying_sftp import Lies, LyingServer
from tests.support.sftp_partner import PASSWORD_VARIABLE, make_local_partner, make_partner

OTHER = "SHA256:" + "A" * 43


def outcomes(found: PartnerTest) -> dict[str, str]:
    return {trial.name: trial.outcome for trial in found.trials}


def try_server(server: LyingServer, lies: Lies, *, keep_going: bool = False, **partner: Any) -> PartnerTest:
    server.lies = lies
    return try_partner(make_partner(server.port, server.fingerprint, **partner), keep_going=keep_going)


def everything_there(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def test_an_honest_server_allows_everything_and_the_profile_fits(server: LyingServer, partner: Partner) -> None:
    (server.root / "pickup" / "a.835").touch()
    found = try_partner(partner, keep_going=False)
    assert {name for name, outcome in outcomes(found).items() if outcome != "yes"} == {
        "refuse a posix-rename over a file",
        "take a file out of the pickup folder",
    }
    assert (found.objections, found.left_behind) == ((), ())
    assert found.toml[:3] == ("[upload]", 'mode = "rename"', 'confirm = "content"')
    assert found.toml[3:] == ("[quirks]", 'rename = "either"', "stat = true", "taken_at_once = false")
    assert [trial.said for trial in found.trials[-3:-1]] == ["0 names", "1 names"]
    assert found.host_key is not None
    assert (found.host_key.fingerprint, found.host_key.trusted) == (server.fingerprint, True)
    assert everything_there(server.root) == ["pickup", "pickup/a.835", "upload"]


def test_a_host_key_the_profile_does_not_trust_is_shown_and_nothing_more_is_said(server: LyingServer) -> None:
    found = try_partner(make_partner(server.port, OTHER), keep_going=True)
    assert found.host_key is not None
    assert (found.host_key.fingerprint, found.host_key.trusted, found.trials) == (server.fingerprint, False, ())
    assert found.toml[:2] == ("[sftp]", f'host_keys = ["{server.fingerprint}"]')
    assert "does not trust" in found.objections[0]
    assert (server.seen.log_ins, server.seen.opened) == ([], [])


@pytest.mark.parametrize("password", ["", "wrong"])
def test_a_secret_that_is_missing_or_wrong_is_an_objection_after_the_host_key(
    server: LyingServer, partner: Partner, monkeypatch: pytest.MonkeyPatch, password: str
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, password)
    found = try_partner(partner, keep_going=False)
    assert found.host_key is not None
    assert len(found.objections) == 1
    assert found.trials == ()


@pytest.mark.parametrize(
    ("lies", "trial", "line"),
    [
        (Lies(refuse_rename=True), "plain rename", 'rename = "posix"'),
        (Lies(refuse_rename_over=True), "posix-rename", 'rename = "plain"'),
        (Lies(refuse_rename=True, refuse_rename_over=True), "plain rename", 'mode = "direct"'),
        (Lies(forget_rename=True), "plain rename", 'rename = "posix"'),
        (Lies(refuse_stat=True), "tell its size", "stat = false"),
        (Lies(hide_size=True), "tell its size", "stat = false"),
        (Lies(add_to_size=1), "tell its size", "stat = false"),
        (Lies(change_bytes=True), "read it back", 'confirm = "size"'),
        (Lies(change_bytes=True, refuse_stat=True), "read it back", 'confirm = "listing"'),
        (Lies(take_on_close=True), "leave it there", "taken_at_once = true"),
        (Lies(refuse_chmod=True), "chmod", 'mode = "rename"'),
        (Lies(refuse_mkdir=True), "make a folder", 'mode = "rename"'),
        (Lies(refuse_writing=True), "write a file", 'mode = "rename"'),
    ],
)
def test_what_a_server_refuses_becomes_a_line_of_the_profile(server: LyingServer, lies: Lies, trial: str, line: str) -> None:
    found = try_server(server, lies)
    assert outcomes(found)[trial] == "no"
    assert line in found.toml
    assert found.left_behind == ()
    assert [name for name in everything_there(server.root) if "taken" not in name] == ["pickup", "upload"]


@pytest.mark.parametrize(
    ("lies", "profile", "objection"),
    [
        (Lies(refuse_rename=True), {"quirks": {"rename": "plain"}}, "quirks.rename"),
        (Lies(refuse_rename=True, refuse_rename_over=True), {}, "upload.mode"),
        (Lies(refuse_stat=True), {}, "quirks.stat"),
        (Lies(change_bytes=True), {}, "upload.confirm"),
        (Lies(take_on_close=True), {}, "taken_at_once"),
        (Lies(take_on_close=True), {"quirks": {"taken_at_once": True}}, 'upload.mode is "rename"'),
        (Lies(refuse_writing=True), {}, "files are written"),
    ],
)
def test_what_the_profile_relies_on_and_is_refused_is_an_objection(
    server: LyingServer, lies: Lies, profile: dict[str, Any], objection: str
) -> None:
    found = try_server(server, lies, **profile)
    assert any(objection in one for one in found.objections), found.objections


@pytest.mark.parametrize(
    ("lies", "said"),
    [
        (
            Lies(refuse_writing=True),
            "files are written to upload, but the server does not allow it (write a file: upload/claimwire-",
        ),
        (Lies(take_on_close=True), "quirks.taken_at_once is false, so a file must stay for a moment, but the server does not"),
    ],
)
def test_what_could_not_be_tried_for_want_of_a_file_is_not_held_against_the_server(
    server: LyingServer, lies: Lies, said: str
) -> None:
    (objection,) = try_server(server, lies).objections
    assert objection.startswith(said)


def test_what_was_not_asked_is_not_said_to_be_refused(server: LyingServer) -> None:
    found = try_server(server, Lies(hang_up_on_chmod=True))
    assert [one.rpartition(", but ")[2] for one in found.objections[1:]] == [
        "that was not tried (remove it: not tried)",
        "that was not tried (list the pickup folder: not tried)",
    ]


@pytest.mark.parametrize(
    ("lies", "profile"),
    [
        (Lies(refuse_rename=True), {"quirks": {"rename": "posix"}}),
        (Lies(refuse_rename=True, refuse_rename_over=True), {"upload": {"mode": "marker"}}),
        (Lies(refuse_stat=True), {"quirks": {"stat": False}}),
        (Lies(refuse_chmod=True, refuse_mkdir=True), {}),
        (Lies(change_bytes=True), {"upload": {"confirm": "size"}}),
    ],
)
def test_a_profile_that_says_what_its_server_refuses_has_no_objections(
    server: LyingServer, lies: Lies, profile: dict[str, Any]
) -> None:
    assert try_server(server, lies, **profile).objections == ()


def test_the_lines_for_a_server_that_takes_files_at_once_are_such_as_a_profile_may_have(server: LyingServer) -> None:
    profile = make_partner(server.port, server.fingerprint, upload={"confirm": "none"})
    server.lies = Lies(take_on_close=True)
    advice = try_partner(profile, keep_going=False).advice
    assert advice is not None
    assert (advice.taken_at_once, advice.confirm) == (True, "size")


def test_a_server_that_replaces_a_file_on_rename_is_noted(server: LyingServer) -> None:
    found = try_server(server, Lies(overwrite_on_rename=True))
    assert outcomes(found)["refuse a plain rename over a file"] == "no"
    assert any("replaces a file" in note for note in found.notes)


def test_without_a_folder_the_files_end_as_unfinished_uploads_do(server: LyingServer) -> None:
    try_server(server, Lies(refuse_mkdir=True), upload={"suffix": ".tmp"})
    assert {name[-8:] for name in server.seen.opened} == {".txt.tmp"}
    assert all(name.startswith("upload/claimwire-test-") for name in server.seen.opened)


@pytest.mark.parametrize("keep_going", [False, True])
def test_a_server_that_hangs_up_on_a_request_ends_the_test_or_is_dialled_again(server: LyingServer, keep_going: bool) -> None:
    found = try_server(server, Lies(hang_up_on_chmod=True), keep_going=keep_going)
    assert outcomes(found)["chmod"] == "no"
    assert outcomes(found)["list the pickup folder"] == ("yes" if keep_going else "not tried")
    assert bool(found.objections) is not keep_going
    assert bool(found.left_behind) is not keep_going
    if keep_going:
        assert everything_there(server.root) == ["pickup", "upload"]


def test_a_folder_of_this_machine_is_tried_out_too(tmp_path: Path) -> None:
    for folder in ("upload", "pickup"):
        (tmp_path / folder).mkdir()
    found = try_partner(make_local_partner(tmp_path), keep_going=False)
    assert {name for name, outcome in outcomes(found).items() if outcome != "yes"} == {
        "refuse a posix-rename over a file",
        "take a file out of the pickup folder",
    }
    assert (found.host_key, found.objections) == (None, ())
    assert everything_there(tmp_path) == ["pickup", "upload"]


def test_a_folder_that_is_not_there_is_an_objection(tmp_path: Path) -> None:
    (tmp_path / "upload").mkdir()
    found = try_partner(make_local_partner(tmp_path), keep_going=False)
    assert any("answers are looked for in pickup" in one for one in found.objections)
    os.rmdir(tmp_path / "upload")
    assert try_partner(make_local_partner(tmp_path / "unmounted"), keep_going=False).objections != ()


def test_a_folder_that_cannot_be_written_to_is_one_objection_that_names_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("upload", "pickup"):
        (tmp_path / folder).mkdir()

    def refuse(path: Path, *_: object) -> NoReturn:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    for name in ("mkdir", "write_bytes"):
        monkeypatch.setattr(Path, name, refuse)
    found = try_partner(make_local_partner(tmp_path), keep_going=False)
    (objection,) = found.objections
    assert objection.startswith(
        "files are written to upload, but the server does not allow it (write a file: upload/claimwire-test-"
    )
    assert objection.endswith(".txt.part: Permission denied)")
    assert not any("scratch folder" in note for note in found.notes)


def change_pickup(partner: Partner, *, archive_folders: tuple[str, ...] = (), **pickup: Any) -> Partner:
    """The profile with other keys of pickup; its answers have names that a test file has not."""
    answers = partner.pickup.model_copy(update={"patterns": ("*.835",)} | pickup)
    upload = partner.upload.model_copy(update={"archive_folders": archive_folders})
    return partner.model_copy(update={"pickup": answers, "upload": upload})


@pytest.mark.parametrize("pickup", [{}, {"after": "move", "move_to": "done"}, {"after": "leave"}])
def test_what_becomes_of_answers_is_tried_and_leaves_nothing_behind(
    server: LyingServer, partner: Partner, pickup: dict[str, Any]
) -> None:
    for folder in ("done", "archive"):
        (server.root / folder).mkdir()
    before = everything_there(server.root)
    found = try_partner(change_pickup(partner, archive_folders=("archive",), **pickup), keep_going=False)
    assert (found.objections, found.notes, found.left_behind) == ((), (), ())
    assert outcomes(found).get("take a file out of the pickup folder", "yes") == "yes"
    assert everything_there(server.root) == before


def test_folders_that_the_profile_names_and_the_server_has_not_are_objections(server: LyingServer, partner: Partner) -> None:
    profile = change_pickup(partner, archive_folders=("archive", "old"), after="move", move_to="done")
    (server.root / "old").mkdir()
    assert [one.partition(",")[0] for one in try_partner(profile, keep_going=False).objections] == [
        "what the server took in is looked for in archive",
        "answers are moved to done",
        'pickup.after is "move"',
    ]


def test_a_pickup_folder_that_nothing_can_be_deleted_from_is_an_objection_and_the_test_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("upload", "pickup"):
        (tmp_path / folder).mkdir()
    unlink = Path.unlink

    def refuse_in_pickup(path: Path, missing_ok: bool = False) -> None:
        if path.parent.name == "pickup":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", refuse_in_pickup)
    found = try_partner(change_pickup(make_local_partner(tmp_path)), keep_going=False)
    (objection,) = found.objections
    assert objection.startswith(
        'pickup.after is "delete", but the server does not allow it (take a file out of the pickup folder'
    )
    assert [path.partition("-test-")[0] for path in found.left_behind] == ["pickup/claimwire"]


@pytest.mark.parametrize(
    ("patterns", "why"), [(("*.835", "*"), "pickup.patterns takes any name"), (("*.835",), "no test file may be put there")]
)
def test_where_taking_an_answer_away_cannot_be_tried_without_harm_that_is_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, patterns: tuple[str, ...], why: str
) -> None:
    for folder in ("upload", "pickup"):
        (tmp_path / folder).mkdir()
    write = Path.write_bytes

    def refuse_in_pickup(path: Path, content: bytes) -> int:
        if path.parent.name == "pickup":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", refuse_in_pickup)
    found = try_partner(change_pickup(make_local_partner(tmp_path), patterns=patterns), keep_going=False)
    assert (found.objections, found.left_behind) == ((), ())
    (note,) = found.notes
    assert note.startswith(f"whether a file can be taken out of pickup was not tried: {why}")
