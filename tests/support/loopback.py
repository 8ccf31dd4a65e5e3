"""A gateway and its sandbox partners as processes on this machine, driven through the front door, to be killed and run again."""

import json
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import msgspec
from typer.testing import CliRunner

from gateway.cli import app, main
from gateway.clock import SystemClock
from gateway.crashpoint import FILE_VARIABLE, arm
from gateway.sandbox.invented import invent_claims
from gateway.sandbox.setup import write_folder
from payers import profile
from tests.support.processes import PROCESSES

_numbers = count(1)
RESTING = frozenset({"held", "paid", "partly_paid", "denied"})


class Loopback:
    """One folder with settings, profiles and sandbox; every command of claimwire as a process of its own."""

    def __init__(self, folder: Path, database_url: str = "") -> None:
        self.folder = folder
        self.config = write_folder(folder, database_url=database_url)
        self.succeed("db", "upgrade")

    def ask_nobody_else(self) -> None:
        """No second opinion on any batch: it takes a process for each, and tests of its own."""
        for file in (self.folder / "payers" / "partners").glob("*.toml"):
            text = file.read_text(encoding="utf-8")
            file.write_text(re.sub(r"^second_opinion = .*$", "", text, flags=re.MULTILINE), encoding="utf-8")

    def start(self, *arguments: str) -> "Started":
        """A command begun as a process of its own, which goes on beside us."""
        output = self.folder / f"output-{next(_numbers)}.txt"
        process = PROCESSES.Process(target=run_command, args=(["--config", str(self.config), *arguments], "", None, output))
        process.start()
        return Started(process, output)

    def dies_at(self, crashpoint: str, *arguments: str) -> bool:
        """Whether the command, as a process, was killed at this crash point."""
        process = PROCESSES.Process(target=run_command, args=(["--config", str(self.config), *arguments], crashpoint))
        process.start()
        process.join(120)
        return process.exitcode == -signal.SIGKILL

    def succeed(self, *arguments: str) -> str:
        """A command that must end well, run in this process; what it printed."""
        done = CliRunner().invoke(app, ["--config", str(self.config), *arguments])
        assert done.exit_code == 0, f"{arguments}: {done.exit_code}\n{done.output}\n{done.exception!r}"
        return done.stdout

    def fail(self, *arguments: str) -> str:
        """A command that must end with exit code 1, for something needs a person; what it printed on stderr."""
        done = CliRunner().invoke(app, ["--config", str(self.config), *arguments])
        assert done.exit_code == 1, f"{arguments}: {done.exit_code}\n{done.output}\n{done.exception!r}"
        return done.stderr

    def read(self, *arguments: str) -> Any:
        """The JSON document a command prints."""
        return json.loads(self.succeed(*arguments, "--json"))

    def invent(self, count: int, seed: int) -> Path:
        """A file of invented claims."""
        payers = list(profile.load(self.folder / "payers").payers.values())
        path = self.folder / f"claims-{seed}.jsonl"
        claims = invent_claims(count, seed=seed, payers=payers, today=SystemClock().now().date())
        path.write_bytes(b"\n".join(map(msgspec.json.encode, claims)))
        return path

    def run_until_answered(self) -> None:
        """Run every stage again until every claim that left has its final answer, and then once more."""
        deadline = time.monotonic() + 60
        while any(row["state"] not in RESTING for row in self.read("claims", "list", "--limit", "100000")):
            assert time.monotonic() < deadline, "some claims never come to rest"
            self.succeed("run")
        self.succeed("run")

    def await_claims(self, partner: str) -> int:
        """How many claims a sandbox partner has taken in, once it has taken any: it looks at its uploads in its own time."""
        deadline = time.monotonic() + 60
        while not (count := self.read("sandbox", "summary")[partner]["claims"]):
            assert time.monotonic() < deadline, f"nothing ever arrived at {partner}"
            time.sleep(0.1)
        return int(count)

    @contextmanager
    def partners(self, behaviour: str = "perfect") -> Iterator[None]:
        """The sandbox partners, answering at once, in a process that outlives every crash of the gateway."""
        serve = ["--config", str(self.config), "sandbox", "serve", "--day-seconds", "0", "--behaviour", behaviour]
        process = PROCESSES.Process(target=run_command, args=(serve,), daemon=True)
        process.start()
        try:
            self._await_partners()
            yield
        finally:
            process.terminate()
            process.join(30)

    def _await_partners(self) -> None:
        for partner in profile.load(self.folder / "payers").partners.values():
            assert partner.sftp is not None, "the sandbox's partners have servers"
            await_port(partner.sftp.port)


@dataclass(frozen=True)
class Started:
    """A command that runs as a process of its own, and the file with all that it says."""

    process: BaseProcess
    output: Path

    def finish(self, seconds: float = 120) -> int:
        """Wait for its end; its exit code, as the shell would show it."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, f"still running: {self.output.read_text()}"
        return self.process.exitcode


def run_command(
    arguments: Sequence[str], crashpoint: str = "", happened: Path | None = None, output: Path = Path(os.devnull)
) -> None:
    """In a process of its own: the command line, with a fault armed; `happened` is there once it came to it."""
    with output.open("w") as spoken:
        for descriptor in (1, 2):
            os.dup2(spoken.fileno(), descriptor)
    if happened is not None:
        os.environ[FILE_VARIABLE] = str(happened)
    arm(crashpoint)
    sys.argv = ["claimwire", *arguments]
    main()


def await_port(port: int) -> None:
    """Wait until somebody listens on a port of this machine."""
    give_up = time.monotonic() + 60
    while not _listens(port):
        assert time.monotonic() < give_up, "the sandbox did not start"
        time.sleep(0.02)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
        return True
    return False


def partners_total(summaries: dict[str, dict[str, Any]], key: str) -> int:
    """A figure of `sandbox summary`, over all partners."""
    return sum(summary[key] for summary in summaries.values())


def kill_at(world: Loopback, crashpoint: str, commands: Sequence[Sequence[str]], tries: int = 6) -> None:
    """Run these commands in turn with a crash point armed until it kills one of them."""
    for _ in range(tries):
        if any(world.dies_at(crashpoint, *command) for command in commands):
            return
    raise AssertionError(f"no command ever reached the crash point {crashpoint}")


def check_books(world: Loopback) -> None:
    """What the partners say they took in and paid is what the gateway says it sent and posted, each claim once."""
    summaries = world.read("sandbox", "summary")
    sent = [row for row in world.read("claims", "list", "--limit", "100000") if row["state"] != "held"]
    assert partners_total(summaries, "repeated_claims") == 0, "a claim reached its partner twice"
    assert partners_total(summaries, "claims") == len(sent), "a claim was lost on its way"
    posted = [row for row in world.read("remits", "list", "--limit", "100000") if row["state"] == "posted"]
    assert sum(row["amount_cents"] for row in posted) == partners_total(summaries, "remitted_cents")
