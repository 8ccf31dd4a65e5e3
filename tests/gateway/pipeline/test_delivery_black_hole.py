"""A partner whose server takes the call and says nothing: the others have their files long before it is given up."""

import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.pipeline import delivery
from gateway.sandbox.sftp_server import SftpServer
from gateway.transport.sftp import connect
from tests.gateway.domain.samples import make_subscriber
from tests.support.sftp_partner import PASSWORD, PASSWORD_VARIABLE, USER, make_partner
from tests.support.worlds import MERIDIAN, World, make_claim

SILENT_SECONDS = 6
OTHERS_SECONDS = 4


def test_another_partners_file_is_sent_while_a_dead_one_is_still_waited_for(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Meridian is silent for six seconds; Lakeside has its file meanwhile, and Meridian's waits for the next try."""
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    world.take_in(make_claim("A1"), make_claim("L1", payer="LAKESIDE", subscriber=make_subscriber(id="L00000035")))
    world.run("scrub", "batching")
    folder = world.profiles.partners["lakeside"].upload.folder
    (tmp_path / "served" / folder).mkdir(parents=True)
    with (
        socket.create_server(("127.0.0.1", 0)) as hole,
        SftpServer(tmp_path / "served", host_key=tmp_path / "host_key", users={USER: PASSWORD}) as server,
    ):
        silent = make_partner(hole.getsockname()[1], server.fingerprint, timeout_seconds=SILENT_SECONDS)
        world.change_partner(MERIDIAN, sftp=silent.sftp)
        world.change_partner("lakeside", sftp=make_partner(server.port, server.fingerprint).sftp)
        context = replace(world.context, connect=connect, clock=SystemClock())
        run = threading.Thread(target=delivery.run, args=(context,))
        begun_at = time.monotonic()
        run.start()
        while world.states()["L1"] != "sent" and time.monotonic() < begun_at + OTHERS_SECONDS:
            time.sleep(0.05)
        assert (world.states(), run.is_alive()) == ({"A1": "batched", "L1": "sent"}, True)
        run.join(SILENT_SECONDS + 5)
        assert not run.is_alive()
    (link,) = [row for row in world.rows("partner_link") if row["partner"] == MERIDIAN]
    assert (link["failures"], "no answer within 6 s" in link["error"]) == (1, True)
    assert (world.states(), world.broken()) == ({"A1": "batched", "L1": "sent"}, [])
