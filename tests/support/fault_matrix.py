"""The crash matrix: something goes wrong at a named place, the gateway is run again, and all books must still agree.

`make faults` runs every place with every fault on both databases (benchmarks/faults.py).
"""

import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from typer.testing import CliRunner

from gateway.cli import app
from gateway.crashpoint import FAULTS
from gateway.sandbox.setup import find_free_ports
from tests.support.loopback import RESTING, Loopback, await_port, check_books, run_command
from tests.support.processes import PROCESSES
from tests.support.switching_proxy import SwitchingProxy

PLACES = {
    1: "batching.committed",
    2: "archive.written",
    3: "archive.synced",
    4: "delivery.intent_committed",
    5: "delivery.connected",
    6: "delivery.part_opened",
    7: "delivery.mid_write",
    8: "delivery.closed",
    9: "delivery.renamed",
    10: "delivery.result_committed",
    11: "pickup.listed",
    12: "pickup.bytes_read",
    13: "pickup.archived",
    14: "pickup.committed",
    15: "ingest.before_commit",
    16: "ingest.set_committed",
    17: "posting.committed",
    18: "pickup.removed",
}
"""By the numbers of the design's list: batch rows committed, blob written, blob synced, intent committed, connected, part opened,
mid write, closed, renamed, result committed, listed, bytes read, blob synced, row committed, parsed, events committed, posted,
remote copy moved."""
CLAIMS = 4
TRIES = 15
SECONDS_MAX = 120
RUN = ("run", "--now")


@dataclass(frozen=True)
class Cell:
    """One place, one fault, one database."""

    place: int
    fault: str
    database: str

    def __str__(self) -> str:
        return f"{self.place:02d} {PLACES[self.place]} {self.fault} {self.database}"


NAMES = tuple(FAULTS)
CELLS = [Cell(place, fault, database) for place in PLACES for fault in FAULTS for database in ("sqlite", "postgresql")]


def list_sample() -> list[Cell]:
    """Every place with three of the faults, each fault equally often and on both databases: 54 cells."""
    return [
        Cell(place, NAMES[(place + 2 * turn) % len(NAMES)], ("sqlite", "postgresql")[(place // len(NAMES) + turn) % 2])
        for turn in range(3)
        for place in PLACES
    ]


class FaultyWorld(Loopback):
    """A gateway that reaches its sandbox partners through relays, and whose commands can be made to fail at a place."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        super().__init__(folder, database_url)
        self.happened = folder / "happened"
        self.behind = folder / "behind.toml"
        self.relays: list[SwitchingProxy] = []
        self.ask_nobody_else()
        self._move_behind_relays()

    def _move_behind_relays(self) -> None:
        """The partners get settings of their own, with the ports they listen on; the gateway's profiles name the relays'."""
        shutil.copytree(self.folder / "payers", self.folder / "payers-behind")
        self.behind.write_text(self.config.read_text().replace('folder = "payers"', 'folder = "payers-behind"'))
        files = sorted((self.folder / "payers" / "partners").glob("*.toml"))
        self.ports: dict[int, int] = {}
        for file, port in zip(files, find_free_ports(len(files)), strict=True):
            text = file.read_text(encoding="utf-8")
            found = re.search(r"^port = (\d+)$", text, re.MULTILINE)
            assert found, "the sandbox writes its port"
            self.ports[int(found[1])] = port
            text = re.sub(r"^timeout_seconds = .*$", "", text, flags=re.MULTILINE)
            file.write_text(text.replace(found[0], f"port = {port}\ntimeout_seconds = 1"), encoding="utf-8")

    @contextmanager
    def partners(self, behaviour: str = "perfect") -> Iterator[None]:
        """The sandbox partners behind their relays."""
        serve = ["--config", str(self.behind), "sandbox", "serve", "--day-seconds", "0", "--behaviour", behaviour]
        process = PROCESSES.Process(target=run_command, args=(serve,), daemon=True)
        process.start()
        with ExitStack() as stack:
            for port in self.ports:
                await_port(port)
            self.relays = [stack.enter_context(SwitchingProxy(*ports)) for ports in self.ports.items()]
            try:
                yield
            finally:
                process.terminate()
                process.join(20)

    def fail_at(self, cell: Cell, *arguments: str) -> bool:
        """Run a command in which the fault happens; whether it came to that place."""
        self.happened.unlink(missing_ok=True)
        command = ["--config", str(self.config), *arguments]
        process = PROCESSES.Process(target=run_command, args=(command, f"{PLACES[cell.place]}:{cell.fault}", self.happened))
        process.start()
        give_up = time.monotonic() + SECONDS_MAX
        fell_out = False
        while process.is_alive():
            if self.happened.exists() and cell.fault in ("reset", "silent") and not fell_out:
                fell_out = True
                self._switch(cell.fault)
                self.happened.unlink()
            assert time.monotonic() < give_up, f"{cell}: the command never came back"
            process.join(0.02)
        self._switch("pass")
        return fell_out or self.happened.exists()

    def _switch(self, mode: str) -> None:
        for relay in self.relays:
            relay.switch(cast(Literal["pass", "reset", "silent"], mode))

    def settle(self) -> None:
        """Run every stage until all claims have their final answer; then nothing may be failing any more."""
        give_up = time.monotonic() + SECONDS_MAX
        while any(row["state"] not in RESTING for row in self.read("claims", "list", "--limit", "1000")):
            assert time.monotonic() < give_up, "some claims never come to rest"
            CliRunner().invoke(app, ["--config", str(self.config), *RUN])
            self._replay()
        self.succeed(*RUN)

    def _replay(self) -> None:
        """What a person does about a set that we ourselves failed on: the file is read again."""
        for item in self.read("work", "list", "--kind", "unreadable_file"):
            self.succeed("files", "replay", str(item["file_id"]))


def run_cell(cell: Cell, folder: Path, database_url: str) -> None:
    """One run: claims come in, the fault happens on their way, the gateway goes on; nothing is lost, sent or posted twice."""
    world = FaultyWorld(folder, database_url)
    with world.partners():
        world.succeed("claims", "import", str(world.invent(CLAIMS, seed=cell.place)))
        assert any(world.fail_at(cell, *RUN) for _ in range(TRIES)), f"{cell}: no command ever came to that place"
        world.settle()
        world.succeed("verify")
        check_books(world)
