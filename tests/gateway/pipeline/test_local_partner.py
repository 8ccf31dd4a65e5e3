"""A partner behind a folder of this machine: claims go out and answers come back as over a server."""

import os
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from gateway.transport import Transport, connecting
from payers.partner import LocalFolder, Partner
from tests.support.worlds import MERIDIAN, World, make_claim


@pytest.fixture
def exchange(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which Meridian's upload and pickup folder lie; the others stay on the wire in memory."""
    root = tmp_path / "exchange"
    partner = world.profiles.partners[MERIDIAN]
    for folder in (partner.upload.folder, partner.pickup.folder, "done"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    world.change_partner(sftp=None, local=LocalFolder(root=str(root)))
    in_memory = world.wires.connect

    def connect(partner: Partner) -> AbstractContextManager[Transport]:
        return connecting.connect(partner) if partner.local is not None else in_memory(partner)

    monkeypatch.setattr(world.wires, "connect", connect)
    return root


def stored(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize("after", ["delete", "move", "leave"])
@pytest.mark.parametrize("mode", ["rename", "direct", "marker"])
def test_a_claim_goes_out_and_its_answer_comes_back(world: World, exchange: Path, mode: str, after: str) -> None:
    world.change_table("upload", mode=mode)
    world.change_table("pickup", after=after, move_to="done", ready_after_polls=1)
    partner = world.profiles.partners[MERIDIAN]
    world.send(make_claim("A1"))
    (batch,) = world.rows("batch")
    assert batch["state"] == "sent"
    content = world.archive.read(world.rows("file", direction="outbound")[0]["sha256"])
    marker = {batch["remote_name"] + ".done": b""} if mode == "marker" else {}
    assert stored(exchange / partner.upload.folder) == {batch["remote_name"]: content} | marker
    answer = world.ack_999()
    (exchange / partner.pickup.folder / "answer.999").write_bytes(answer)
    for _ in range(3):
        world.run("pickup", "ingest")
        world.turn(minutes=10)
    assert world.states() == {"A1": "delivered"}
    assert stored(exchange / partner.pickup.folder) == ({"answer.999": answer} if after == "leave" else {})
    assert stored(exchange / "done") == ({"answer.999": answer} if after == "move" else {})
    assert (len(world.rows("file", direction="inbound")), world.work(), world.broken()) == (1, [], [])


def test_a_folder_that_is_not_mounted_stops_its_partner_with_a_work_item_and_works_once_it_is_back(
    world: World, exchange: Path
) -> None:
    os.rename(exchange, exchange.with_name("unmounted"))
    world.send(make_claim("A1"))
    assert world.rows("batch")[0]["state"] != "sent"
    assert world.work() == ["transfer_failing"]
    os.rename(exchange.with_name("unmounted"), exchange)
    for _ in range(2):
        world.turn(hours=13)
        world.run("delivery", "pickup")
    assert (world.rows("batch")[0]["state"], world.work(), world.broken()) == ("sent", [], [])
