"""What batching costs: claims a second and peak memory, on SQLite and PostgreSQL, beside writing the same claims alone.

python benchmarks/bench_batching.py [--claims 100000] [--database sqlite|postgresql|both]

Ready claims are put into a database, then built, read back, archived and committed in batches, in a process of its own. Limits on
two cores: 3,000 claims a second on SQLite, 2,000 on PostgreSQL, and a peak of memory that does not grow with their number.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import invented_837p
from edi.claims import Claim, Submission
from edi.interchange import Reader
from edi.segments import Delimiters
from edi.transactions import t837p
from gateway.clock import SystemClock
from gateway.db import files as file_rows
from gateway.db.claims import insert_claims
from gateway.db.engine import open_database, writing
from gateway.db.ledger import record
from gateway.db.migrations import upgrade
from gateway.db.statistics import count_anew
from gateway.domain.control_numbers import mint_pcn, normalise_pcn
from gateway.domain.facts import Fact, Kind
from gateway.pipeline import batching
from gateway.pipeline.context import Context
from gateway.pipeline.intake import describe
from gateway.pipeline.outgoing import receiver_of, submitter_of
from gateway.transport.archive import Archive
from gateway.transport.sftp import connect
from payers.profile import SAMPLES, Profiles, load
from tests.support.postgres import is_available, running_server

SEEDED_AT_ONCE = 2_000
CLAIMS_A_SECOND_MIN = {"sqlite": 3_000, "postgresql": 2_000}
GROWTH_MB_MAX = 25
YARDSTICK_CLAIMS = 5_000


class Run(NamedTuple):
    """One run of batching over ready claims."""

    claims: int
    seconds: float
    processor_seconds: float
    memory_mb: int


def load_profiles() -> Profiles:
    """The sample profiles without the second opinion, which is a choice of the profile and has its own benchmark."""
    samples = load(SAMPLES)
    partners = {key: partner.model_copy(update={"second_opinion": ""}) for key, partner in samples.partners.items()}
    return Profiles(partners=partners, payers=samples.payers)


def open_gateway(url: str, folder: Path) -> Context:
    """A gateway on this database, its archive in this folder."""
    return Context(
        engine=open_database(url), profiles=load_profiles(), archive=Archive(folder / "archive"), clock=SystemClock(),
        connect=connect,
    )  # fmt: skip


def read_claims(count: int) -> Iterator[Claim]:
    """Invented claims as documents."""
    for tset in Reader(invented_837p.generate(count)):
        for item in t837p.read(tset):
            if isinstance(item, t837p.ReadClaim) and item.claim is not None:
                yield item.claim


def seed(context: Context, count: int) -> None:
    """Put claims into the database as intake and scrub leave them: ready."""
    documents = read_claims(count)
    now, number = datetime.now(UTC), 0
    with writing(context.engine) as connection:
        file_id = file_rows.keep_file(
            connection, direction="intake", partner="", name="bench", sha256="0" * 64, size_bytes=1, now=now
        )
    while chunk := list(islice(documents, SEEDED_AT_ONCE)):
        with writing(context.engine) as connection:
            rows = []
            for document in chunk:
                number += 1
                pcn = mint_pcn(number)
                rows.append(
                    {
                        **describe(context, document), "fingerprint": str(number), "pcn": pcn, "match_pcn": normalise_pcn(pcn),
                        "source_pcn": document.patient_control_number, "version": 1, "file_id": file_id, "received_at": now,
                    }
                )  # fmt: skip
            facts = []
            for claim_id in insert_claims(connection, rows, chunk, now):
                about: dict[str, Any] = {"claim_id": claim_id, "attempt": 1, "occurred_at": now}
                facts += [
                    Fact(kind=Kind.RECEIVED, source="received", **about),
                    Fact(kind=Kind.EDITS_PASSED, source="edits:1", **about),
                ]
            record(connection, facts, now)
    count_anew(context.engine)


def measure(url: str, folder: Path) -> Run:
    """Batch what is ready."""
    context = open_gateway(url, folder)
    started, used = time.perf_counter(), time.process_time()
    claims = batching.run(context)
    seconds, processor_seconds = time.perf_counter() - started, time.process_time() - used
    return Run(claims, seconds, processor_seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def measure_apart(url: str, folder: Path) -> Run:
    """The same in a process of its own, whose peak of memory is then that of batching alone."""
    command = [sys.executable, __file__, "--of", url, "--in", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Run(*json.loads(done.stdout))


def measure_yardstick() -> float:
    """Claims of writing claims alone, in a second of the processor."""
    partner = load_profiles().partners["meridian"]
    claims = tuple(read_claims(YARDSTICK_CLAIMS))
    submission = Submission(
        reference="1", created_at=datetime(2026, 1, 5, 8, 0),  # noqa: DTZ001 - X12 says a day and an hour without a zone
        submitter=submitter_of(partner), receiver=receiver_of(partner), claims=claims,
    )  # fmt: skip
    started = time.process_time()
    t837p.write(submission, st_control_number="0001", delimiters=Delimiters())
    return YARDSTICK_CLAIMS / (time.process_time() - started)


@contextmanager
def databases(wanted: str) -> Iterator[dict[str, Iterator[str]]]:
    """Fresh migrated databases of each kind that is to be had, one URL after the other."""
    with ExitStack() as stack:
        found: dict[str, Iterator[str]] = {}
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="claimwire-bench-")))
        if wanted != "postgresql":
            found["sqlite"] = _sqlite_files(folder)
        if wanted != "sqlite" and is_available():
            server = stack.enter_context(running_server())
            found["postgresql"] = iter(server.new_database, "")
        yield found


def _sqlite_files(folder: Path) -> Iterator[str]:
    number = 0
    while True:
        number += 1
        url = f"sqlite:///{folder}/{number}.db"
        engine = open_database(url)
        upgrade(engine)
        engine.dispose()
        yield url


def compare(kind: str, urls: Iterator[str], claims: int, yardstick: float) -> bool:
    """Measure a tenth and all, print, and say whether the limits of this database held."""
    runs = []
    for count in (claims // 10, claims):
        with tempfile.TemporaryDirectory(prefix="claimwire-bench-") as name:
            url, folder = next(urls), Path(name)
            context = open_gateway(url, folder)
            seed(context, count)
            context.engine.dispose()
            run = measure_apart(url, folder)
        runs.append(run)
        rate = run.claims / run.seconds
        of_yardstick = run.claims / run.processor_seconds / yardstick
        print(
            f"{kind:<11} {run.claims:>8} {run.seconds:>8.1f} {rate:>9.0f} {run.processor_seconds:>8.1f} {of_yardstick:>8.3f} "
            f"{run.memory_mb:>8}"
        )
        assert run.claims == count, "every ready claim is batched"
    growth = runs[1].memory_mb - runs[0].memory_mb
    held = runs[1].claims / runs[1].seconds >= CLAIMS_A_SECOND_MIN[kind] and growth <= GROWTH_MB_MAX
    print(f"{kind}: {'kept' if held else 'MISSED'}: at least {CLAIMS_A_SECOND_MIN[kind]} claims/s; memory grew by {growth} MB")
    return held


def main() -> int:
    """Measure, print, and say whether the limits held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--of", help=argparse.SUPPRESS)
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.of:
        print(json.dumps(measure(given.of, given.folder)))
        return 0
    yardstick = measure_yardstick()
    print(f"yardstick: {yardstick:.0f} claims are written in a second of the processor, and nothing else")
    print(f"{'database':<11} {'claims':>8} {'seconds':>8} {'claims/s':>9} {'CPU s':>8} {'of it':>8} {'peak MB':>8}")
    with databases(given.database) as found:
        held = [compare(kind, urls, given.claims, yardstick) for kind, urls in found.items()]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
