"""A rename that the server refuses and has done all the same: whatever happens next, the file leaves once."""

import pytest

from gateway.transport.connecting import connect
from tests.support.lying_sftp import Lies, LyingServer
from tests.support.sftp_partner import PASSWORD, PASSWORD_VARIABLE, USER, make_partner
from tests.support.worlds import World, make_claim


def test_a_link_lost_while_we_look_does_not_send_it_again(
    world: World, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    place = tmp_path_factory.mktemp("partner")
    root = place / "served"
    for each in ("claims", "answers"):
        (root / each).mkdir(parents=True)
    taken: list[list[str]] = []

    def note_taken() -> None:
        parts = sorted(path.name for path in (root / "claims").iterdir())
        if parts:
            taken.append(parts)

    def hang_up_once() -> None:
        if len(taken) == 1:
            taken.append([])
            server.hang_up()

    lies = Lies(take_and_refuse_rename=True, before_rename=note_taken, before_stat=hang_up_once)
    with LyingServer(root, host_key=place / "host_key", users={USER: PASSWORD}, lies=lies) as server:
        world.change_partner(sftp=make_partner(server.port, server.fingerprint).sftp)
        world.wires.connect = connect  # type: ignore[method-assign]
        world.take_in(make_claim("A1"))
        world.run("scrub", "batching", "delivery")
        assert [row["state"] for row in world.rows("batch")] == ["unknown"]
        world.turn(minutes=10)
        world.run("delivery")
    assert len([parts for parts in taken if parts]) == 1, "the partner has the file twice"
