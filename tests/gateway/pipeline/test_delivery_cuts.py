"""The link is cut at hundreds of bytes while a file is delivered: it arrives once, whole, and what was unknown comes out."""

import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import paramiko
import pytest
from paramiko.sftp import SFTP_OK

from gateway.clock import TurnedClock
from gateway.db.engine import open_database
from gateway.pipeline import delivery
from gateway.pipeline.context import Context
from gateway.sandbox.sftp_server import JailedFolder, SftpServer
from gateway.transport.sftp import connect
from tests.support.cutting_proxy import CuttingProxy
from tests.support.sftp_partner import PASSWORD, PASSWORD_VARIABLE, USER, make_partner
from tests.support.worlds import World, make_claims

Way = Literal["up", "down"]
CUTS = 200
CLAIMS = 8
START = datetime(2026, 3, 2, 12, tzinfo=UTC)


class PartnerServer(SftpServer):
    """An honest server; with `takes`, whatever gets its final name is taken away at once, each copy to a name of its own."""

    takes = False

    def __init__(self, folder: Path, *, host_key: Path) -> None:
        super().__init__(folder, host_key=host_key, users={USER: PASSWORD})
        self.root = folder

    def make_folder_view(self, gate: paramiko.ServerInterface) -> JailedFolder:
        return _TakingFolder(gate, self)

    def wait_until_idle(self) -> None:
        """What was received on a link that is gone may still be acted on for a moment."""
        give_up = time.monotonic() + 10
        while any(connection.is_alive() for connection in list(self._connections)) and time.monotonic() < give_up:
            time.sleep(0.002)


class _TakingFolder(JailedFolder):
    def __init__(self, gate: paramiko.ServerInterface, server: PartnerServer) -> None:
        super().__init__(gate, server.root.resolve())
        self._server = server

    def rename(self, oldpath: str, newpath: str) -> int:
        answer: int = super().rename(oldpath, newpath)
        place = self._server.root / newpath.lstrip("/")
        if answer == SFTP_OK and self._server.takes:
            taken = place.parent.parent / "taken"
            place.rename(taken / f"{place.name}.{len(list(taken.iterdir())) + 1}")
        return answer


@dataclass
class Site:
    """A server, and a gateway with one file that waits to be delivered, of which every cut gets a copy."""

    server: PartnerServer
    folder: Path
    database: Path
    name: str
    content: bytes

    @contextmanager
    def copy(self, number: str) -> Iterator["Attempt"]:
        database = shutil.copy(self.database, self.folder / f"{number}.sqlite")
        for each in ("upload", "taken"):
            (self.server.root / number / each).mkdir(parents=True)
        world = World(open_database(f"sqlite:///{database}"), self.folder / "archive", TurnedClock(START))
        try:
            yield Attempt(self, world, number)
        finally:
            world.engine.dispose()
            Path(database).unlink()


@dataclass
class Attempt:
    """One delivery over a link that breaks, and what is found after the runs that follow."""

    site: Site
    world: World
    number: str

    def run(self, port: int) -> None:
        self.world.change_partner(sftp=make_partner(port, self.site.server.fingerprint, timeout_seconds=10).sftp)
        self.world.change_table("upload", folder=f"{self.number}/upload", archive_folders=(f"{self.number}/taken",))
        context: Context = replace(self.world.context, connect=connect, at_once=True)
        delivery.run(context)

    def state(self) -> str:
        return str(self.world.rows("batch")[0]["state"])

    def files(self) -> dict[str, bytes]:
        """What lies at the partner under final names: in the upload folder and where it keeps what it took."""
        found = [path for each in ("upload", "taken") for path in (self.site.server.root / self.number / each).iterdir()]
        return {path.name: path.read_bytes() for path in found if not path.name.endswith((".part", ".done"))}

    def sent_facts(self) -> int:
        return sum(row["kind"] == "sent" for row in self.world.rows("event"))


@pytest.fixture(scope="module")
def site(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("cuts")
    database = Path(shutil.copy(sqlite_template, folder / "prepared.sqlite"))
    world = World(open_database(f"sqlite:///{database}"), folder / "archive", TurnedClock(START))
    world.take_in(*make_claims(*(f"A{number}" for number in range(CLAIMS))))
    world.run("scrub", "batching")
    (batch,), (file,) = world.rows("batch"), world.rows("file", direction="outbound")
    content = world.archive.read(file["sha256"])
    world.engine.dispose()
    patch = pytest.MonkeyPatch()
    patch.setenv(PASSWORD_VARIABLE, PASSWORD)
    (folder / "served").mkdir()
    with PartnerServer(folder / "served", host_key=folder / "host_key") as server:
        yield Site(server, folder, database, batch["remote_name"], content)
    patch.undo()


def deliver_cut(site: Site, number: str, way: Way, at_byte: int) -> str:
    """Cut one delivery, run again until it is settled, and look at everything; how the cut left the batch."""
    limits: dict[str, Any] = {f"{way}_bytes": at_byte}
    with site.copy(number) as attempt:
        with CuttingProxy(site.server.port, **limits) as proxy:
            attempt.run(proxy.port)
        left = attempt.state()
        site.server.wait_until_idle()
        assert set(attempt.files().values()) <= {site.content}, f"{number}: a partial file under a final name"
        for _ in range(2):
            if attempt.state() != "sent":
                attempt.run(site.server.port)
        assert attempt.state() == "sent", f"{number}: cut at byte {at_byte} {way}, left {left}, now {attempt.state()}"
        assert list(attempt.files().values()) == [site.content], f"{number}: cut at byte {at_byte} {way}: not exactly one copy"
        assert attempt.sent_facts() == CLAIMS
        assert attempt.world.work() == []
    return left


def count_bytes(site: Site, number: str, mode: str = "rename") -> dict[str, int]:
    """What goes each way when nothing breaks."""
    with site.copy(number) as attempt, CuttingProxy(site.server.port) as proxy:
        attempt.world.change_table("upload", mode=mode)
        attempt.run(proxy.port)
        assert attempt.state() == "sent"
        return dict(proxy.passed)


@pytest.mark.parametrize("takes", [False, True], ids=["left there", "taken at once"])
@pytest.mark.parametrize("way", ["up", "down"])
def test_cut_at_any_byte_the_file_arrives_once_and_whole(site: Site, way: Way, takes: bool) -> None:
    """100 cuts each way at a server that leaves files alone and 100 at one that takes them at once, most in the last bytes."""
    site.server.takes = takes
    total = count_bytes(site, f"clean-{way}-{takes}")[way]
    early = [total * step // 40 for step in range(40)]
    late = [total - 1 - 25 * step for step in range(CUTS // 2 - len(early))]
    with ThreadPoolExecutor(2) as threads:
        running = [
            threads.submit(deliver_cut, site, f"{way}-{takes}-{at_byte}", way, at_byte) for at_byte in sorted({*early, *late})
        ]
        left = [each.result() for each in running]
    assert len(left) >= CUTS // 2 - 5
    assert {"queued", "unknown"} <= set(left), "the cuts fall on both sides of the last word"


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize("mode", ["direct", "marker"])
def test_in_the_other_modes_there_is_one_whole_copy_or_a_person_is_asked(site: Site, mode: str, way: Way) -> None:
    """15 cuts each way. What is not there after the last word may have been taken: it is not sent again behind their back."""
    site.server.takes = False
    total = count_bytes(site, f"clean-{mode}-{way}", mode)[way]
    for at_byte in (total - 1 - 190 * step for step in range(15)):
        number = f"{mode}-{way}-{at_byte}"
        limits: dict[str, Any] = {f"{way}_bytes": at_byte}
        with site.copy(number) as attempt:
            attempt.world.change_table("upload", mode=mode)
            with CuttingProxy(site.server.port, **limits) as proxy:
                attempt.run(proxy.port)
            site.server.wait_until_idle()
            for _ in range(2):
                attempt.run(site.server.port)
            if attempt.state() == "sent":
                assert list(attempt.files().values()) == [site.content], number
                assert (attempt.sent_facts(), attempt.world.work()) == (CLAIMS, [])
            else:
                assert (attempt.state(), attempt.files(), attempt.world.work()) == ("unknown", {}, ["unknown_delivery"]), number
