"""A pickup folder of 50,000 names in numbers: how long a poll takes beside a bare listing, and how much memory it needs.

python benchmarks/bench_pickup.py [--names 50000] [--rounds 3]

The folder is served by OpenSSH's sshd where it is installed, else read as a local folder. Seconds are by the wall clock, the best
of the rounds; every round also lists the folder and does nothing else. Exit code 1 where a limit is missed.
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from getpass import getuser
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import delete

from gateway.clock import SystemClock
from gateway.db.engine import insert_many, open_database, writing
from gateway.db.files import keep_file
from gateway.db.migrations import upgrade
from gateway.db.tables import remote_copy, sighting
from gateway.pipeline import pickup
from gateway.pipeline.context import Context
from gateway.transport.archive import Archive
from gateway.transport.connecting import connect
from payers.partner import LocalFolder, Partner, Sftp
from payers.profile import SAMPLES, Profiles, load

SECONDS_MAX = 5.0
GROWTH_MB_MAX = 50
FOLDER = "answers"
SSHD = "/usr/sbin/sshd"


class Measured(NamedTuple):
    """Best seconds of a poll and of a bare listing beside it, and by how much memory grew at most, in MB."""

    name: str
    poll: float
    listing: float
    growth_mb: float


@contextmanager
def serve(root: Path, work: Path) -> Iterator[dict[str, object]]:
    """The folder as a partner shows it: what a profile says of the way there."""
    if not Path(SSHD).exists():
        yield {"sftp": None, "local": LocalFolder(root=str(root))}
        return
    for name in ("host", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", work / name], check=True)
    shutil.copy(work / "client.pub", work / "authorized_keys")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = (
        f"Port {port}", "ListenAddress 127.0.0.1", f"HostKey {work / 'host'}", f"AuthorizedKeysFile {work / 'authorized_keys'}",
        "PermitRootLogin yes", "StrictModes no", "UsePAM no", "PidFile none", f"Subsystem sftp internal-sftp -d {root}",
    )  # fmt: skip
    (work / "config").write_text("\n".join(lines) + "\n")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen([SSHD, "-D", "-e", "-f", work / "config"], stderr=(work / "log").open("wb"))
    try:
        shown = subprocess.run(["ssh-keygen", "-lf", work / "host.pub"], capture_output=True, text=True, check=True)
        _wait_for(port)
        yield {
            "local": None,
            "sftp": Sftp(host="127.0.0.1", port=port, username=getuser(), host_keys=(shown.stdout.split()[1],),
                         key_file=str(work / "client")),
        }  # fmt: skip
    finally:
        server.terminate()
        server.wait()


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("sshd did not come up")


def fill(folder: Path, names: int) -> None:
    """A partner's folder of so many small answers."""
    folder.mkdir(parents=True)
    for number in range(names):
        (folder / f"answer-20261120-{number:06d}.835").write_bytes(b"%d\n" % number)


def know_all(context: Context, partner: Partner) -> None:
    """As if every file there had been fetched before."""
    with writing(context.engine) as connection:
        file_id = keep_file(
            connection, direction="inbound", partner=partner.id, name="any", sha256="0" * 64, size_bytes=0,
            now=context.clock.now(),
        )  # fmt: skip
        with connect(partner) as wire:
            rows = [
                {"partner": partner.id, "name": remote.name, "file_id": file_id, "size_bytes": remote.size_bytes,
                 "modified_at": remote.modified_at}
                for remote in wire.list(partner.pickup.folder)
            ]  # fmt: skip
        insert_many(connection, remote_copy, rows)


def make_context(work: Path, partner: Partner) -> Context:
    """A gateway of this one partner, with an empty database."""
    url = f"sqlite:///{work / (partner.id + '.db')}"
    engine = open_database(url)
    upgrade(engine)
    profiles = Profiles(partners={partner.id: partner}, payers={})
    return Context(engine=engine, profiles=profiles, archive=Archive(work / "archive"), clock=SystemClock(), connect=connect)


def measure(name: str, work: Path, partner: Partner, rounds: int, *, forget: bool = False) -> Measured:
    """Poll and list in turn, in a process of its own, so that memory which was used before does not hide what is used now."""
    with get_context("spawn").Pool(1) as pool:
        polls, listings, growth = pool.apply(_take_turns, (work, partner, rounds, forget))
    return Measured(name, min(polls), min(listings), growth)


def _take_turns(work: Path, partner: Partner, rounds: int, forget: bool) -> tuple[list[float], list[float], float]:
    context = make_context(work, partner)
    polls, listings, growth = [], [], 0.0
    for _ in range(rounds):
        if forget:
            with writing(context.engine) as connection:
                connection.execute(delete(sighting))
        started = time.perf_counter()
        with connect(partner) as wire:
            count = sum(1 for _ in wire.list(FOLDER))
        listings.append(time.perf_counter() - started)
        assert count, "the folder was filled"
        before = _restart_peak()
        started = time.perf_counter()
        assert pickup.run(context) == 0, "nothing here is ready"
        polls.append(time.perf_counter() - started)
        growth = max(growth, _peak_mb() - before)
    return polls, listings, growth


def _restart_peak() -> float:
    Path("/proc/self/clear_refs").write_text("5")
    return _peak_mb()


def _peak_mb() -> float:
    status = Path("/proc/self/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def run(names: int, rounds: int) -> list[Measured]:
    """Every shape of a folder of so many names."""
    with tempfile.TemporaryDirectory() as scratch:
        work = Path(scratch)
        root = work / "served"
        fill(root / FOLDER, names)
        with serve(root, work) as way:
            sample = load(SAMPLES).partners["meridian"].model_copy(update=way)
            known = _make(sample, "known", after="leave")
            know_all(make_context(work, known), known)
            waiting, foreign = _make(sample, "waiting", ready_after_polls=10), _make(sample, "foreign", patterns=("*.999",))
            return [
                measure("left there, all known", work, known, rounds),
                measure("new, not ready at the first look", work, waiting, rounds, forget=True),
                measure("seen before, still not ready", work, waiting, rounds),
                measure("names of no concern", work, foreign, rounds),
            ]


def _make(sample: Partner, name: str, **changes: object) -> Partner:
    table = sample.pickup.model_copy(update={"patterns": ("*",), **changes})
    return sample.model_copy(update={"id": name, "pickup": table})


def main() -> None:
    """Measure, print the table, and exit with 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    measured = run(given.names, given.rounds)
    print(f"{'a poll of ' + format(given.names, ',') + ' names':<40}{'seconds':>9}{'listing':>9}{'ratio':>7}{'MB more':>9}")
    for one in measured:
        print(f"{one.name:<40}{one.poll:>9.2f}{one.listing:>9.2f}{one.poll / one.listing:>7.1f}{one.growth_mb:>9.1f}")
    if any(one.poll > SECONDS_MAX or one.growth_mb > GROWTH_MB_MAX for one in measured):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
