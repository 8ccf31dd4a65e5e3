"""Names that partners really use are asked for as they are; those that we give ourselves keep to a narrower form."""

from pathlib import Path

import pytest

from gateway.errors import PermanentError
from gateway.transport import sftp
from gateway.transport.connecting import connect
from gateway.transport.names import check_own_name, show_name
from payers.file_names import SHOWN_MAX, shorten
from payers.profile import Partner
from tests.support.lying_sftp import LyingServer
from tests.support.sftp_partner import make_local_partner

USED = [
    "it's.ta1", "a&b[1].ta1", "100%.ta1", "a{b}.ta1", "name!.ta1", ".hidden", "-rf.ta1", "=cmd.ta1", '"q".ta1', "a;b|c$d`e`.ta1",
    "*?.ta1", "<a>:b.ta1", "...", "x" * 251 + ".ta1",
]  # fmt: skip


@pytest.mark.parametrize("name", USED)
def test_a_name_that_a_partner_uses_is_listed_fetched_and_removed_as_it_is(
    server: LyingServer, partner: Partner, name: str
) -> None:
    (server.root / "pickup" / name).write_bytes(b"answer")
    with sftp.connect(partner) as transport:
        assert [(file.name, file.readable) for file in transport.list("pickup")] == [(name, True)]
        assert b"".join(transport.fetch("pickup", name)) == b"answer"
        transport.remove("pickup", name)
    assert list((server.root / "pickup").iterdir()) == []


def test_a_folder_of_this_machine_has_the_same_names_moved(tmp_path: Path) -> None:
    (tmp_path / "pickup").mkdir()
    (tmp_path / "done").mkdir()
    for name in USED:
        (tmp_path / "pickup" / name).write_bytes(b"answer")
    with connect(make_local_partner(tmp_path)) as transport:
        for name in USED:
            assert b"".join(transport.fetch("pickup", name)) == b"answer"
            transport.move("pickup", name, "done")
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == sorted(USED)


@pytest.mark.parametrize("mode", ["rename", "direct", "marker"])
@pytest.mark.parametrize("name", ["a&b.837", "it's.837", ".hidden", "-rf", "=cmd", "a.", "x" * 201])
def test_no_file_of_ours_is_given_such_a_name(tmp_path: Path, mode: str, name: str) -> None:
    (tmp_path / "upload").mkdir()
    with connect(make_local_partner(tmp_path, upload={"mode": mode})) as transport:
        upload = transport.upload_part if mode == "rename" else transport.publish
        with pytest.raises(PermanentError, match="no name we give to a file: it should be ASCII letters, digits"):
            upload("upload", name, b"claims")
    assert list((tmp_path / "upload").iterdir()) == []


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(b"a\xff.835", r"a\xff.835"), (b"a\nb", r"a\nb"), (b" a.835", " a.835"), (b"a\\b", r"a\b"), (b"x" * 256, "x" * 256)],
)
def test_a_name_that_is_not_asked_for_is_shown_escaped(raw: bytes, shown: str) -> None:
    assert show_name(raw) == (shown, False)


def test_a_long_name_is_shown_by_its_beginning_and_its_end() -> None:
    name = " " * 999 + "000000017.837"
    assert (len(shorten(name)), shorten(name)[-14:]) == (SHOWN_MAX, " 000000017.837")
    assert shorten("000000017.837") == "000000017.837"
    with pytest.raises(PermanentError) as refused:
        check_own_name(name)
    assert len(str(refused.value)) < 400
