"""The language in numbers: 835 and 837P read and written beside plain split, oxedi and pyx12, in one run on one core.

python benchmarks/bench_edi.py [--claims 10000] [--rounds 5] [--big]

Seconds are processor seconds, the best of interleaved rounds: each round runs every measurement once, so that whatever
else the machine does falls on all of them. Exit code 1 where a limit is missed.
"""

import argparse
import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import edi_readers as readers
from benchmarks import invented_835, invented_837p

FLOOR_835, GOAL_835 = 0.5, 1.0
SPLIT_PART_837P = 9
WRITTEN_A_SECOND = 10_000
GROWTH_MAX = 10.5
MEMORY_GROWTH_MB_MAX = 4
"""For caches of bounded size that a short file does not fill."""
SMALL_STREAM, STREAM, BIG_STREAM = 10_000, 100_000, 1_000_000
PYX12_CLAIMS = 200
TENFOLD_ROUNDS = 2


class Measurement(NamedTuple):
    """One line of the table: what is run on which bytes, and the processor seconds of each round."""

    name: str
    read: readers.Read
    data: bytes
    claims: int
    seconds: list[float]
    rounds_max: int = 99

    @property
    def best(self) -> float:
        return min(self.seconds)

    @property
    def rate(self) -> float:
        """Megabytes a processor second."""
        return len(self.data) / self.best / 1e6


class Limit(NamedTuple):
    """What was promised, in words, what was seen, and whether it is kept; a goal is told and not demanded."""

    words: str
    seen: str
    is_kept: bool
    is_demanded: bool = True


def plan(claims: int) -> list[Measurement]:
    """Every measurement of the table, in its order."""
    small = min(PYX12_CLAIMS, claims)
    planned: list[Measurement] = []
    for kind, generator in (("835", invented_835), ("837P", invented_837p)):
        data, little = (b"".join(generator.generate(count, 1)) for count in (claims, small))
        rows: list[tuple[str, readers.Read, bytes, int]] = [("split, nothing kept", readers.split, data, claims)]
        if kind == "835":
            rows.append(("oxedi parse", readers.parse_oxedi, data, claims))
            rows.append(("oxedi parse and walk", readers.walk_oxedi, data, claims))
        rows += [
            ("pyx12 context reader", readers.read_pyx12_context, little, small),
            ("pyx12 x12n_document", readers.validate_pyx12, little, small),
            ("claimwire segments", readers.read_runs, data, claims),
            ("claimwire loops, checked", readers.read_tree, data, claims),
            ("claimwire documents", readers.read_documents, data, claims),
            ("claimwire writing", readers.prepare_writing(data), data, claims),
        ]
        planned += [Measurement(f"{kind} {name}", read, data, count, []) for name, read, data, count in rows]
        tenfold = b"".join(generator.generate(10 * claims, 1))
        name = f"{kind} claimwire documents, 10×"
        planned.append(Measurement(name, readers.read_documents, tenfold, 10 * claims, [], TENFOLD_ROUNDS))
    return planned


def run_round(measurements: list[Measurement]) -> None:
    """Each measurement once; the garbage collector runs as it does for a user."""
    for one in measurements:
        if len(one.seconds) == one.rounds_max:
            continue
        gc.collect()
        start = time.process_time()
        seen = one.read(one.data)
        one.seconds.append(time.process_time() - start)
        if seen != one.claims:
            raise SystemExit(f"{one.name}: {seen} claims of {one.claims}")


def show(measurements: list[Measurement]) -> None:
    """The table, with what each line takes of plain split in the same run."""
    floor = {one.name.split()[0]: one.rate for one in measurements if "split" in one.name}
    print(f"{'':<32}{'claims':>8}{'bytes/claim':>12}{'best s':>9}{'median s':>9}{'MB/s':>8}{'claims/s':>10}{'of split':>9}")
    for one in measurements:
        print(
            f"{one.name:<32}{one.claims:>8}{len(one.data) // one.claims:>12}{one.best:>9.3f}{median(one.seconds):>9.3f}"
            f"{one.rate:>8.2f}{one.claims / one.best:>10.0f}{one.rate / floor[one.name.split()[0]]:>9.3f}"
        )


def judge(measurements: list[Measurement]) -> Iterator[Limit]:
    """The limits of speed and of growth, from the best rounds of one run."""
    by_name = {one.name: one for one in measurements}
    walked = by_name["835 claimwire documents"].rate / by_name["835 oxedi parse and walk"].rate
    parts = by_name["837P split, nothing kept"].rate / by_name["837P claimwire documents"].rate
    written = by_name["837P claimwire writing"]
    yield Limit(f"835 documents at least {FLOOR_835} of oxedi's parse and walk", f"{walked:.2f}", walked >= FLOOR_835)
    yield Limit(f"goal: at least {GOAL_835} of it", f"{walked:.2f}", walked >= GOAL_835, is_demanded=False)
    yield Limit(f"837P documents at least a {SPLIT_PART_837P}th of split", f"a {parts:.1f}th", parts <= SPLIT_PART_837P)
    rate = written.claims / written.best
    yield Limit(f"837P written, at least {WRITTEN_A_SECOND} claims a second", f"{rate:.0f}", rate >= WRITTEN_A_SECOND)
    for kind in ("835", "837P"):
        once, tenfold = by_name[f"{kind} claimwire documents"], by_name[f"{kind} claimwire documents, 10×"]
        growth = tenfold.best / min(once.seconds[: len(tenfold.seconds)])
        yield Limit(f"10 times the {kind} claims at most {GROWTH_MAX} times the time", f"{growth:.2f}", growth <= GROWTH_MAX)


def weigh(claims: int) -> Limit:
    """Peak memory over a long stream of one ST beside that over a short one, each in a new process."""
    peaks, lengths = [], []
    for count in (SMALL_STREAM, claims):
        command = [sys.executable, str(Path(__file__).with_name("stream_835.py")), str(count)]
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        seen, length, peak_kib = map(int, output.split())
        assert seen == count, (seen, count)
        peaks.append(peak_kib / 1024)
        lengths.append(length / 1e6)
    words = f"{lengths[1]:.0f} MB of 835 in one ST within {MEMORY_GROWTH_MB_MAX} MB of the memory of {lengths[0]:.0f} MB"
    seen_words = f"{peaks[1]:.0f} MB beside {peaks[0]:.0f} MB"
    return Limit(words, seen_words, peaks[1] - peaks[0] <= MEMORY_GROWTH_MB_MAX)


def main() -> int:
    """Measure, print the table and the limits; 1 where one is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--big", action="store_true", help="watch the memory over 600 MB instead of 60 MB")
    chosen = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    measurements = plan(chosen.claims)
    for _ in range(chosen.rounds):
        run_round(measurements)
    show(measurements)
    limits = [*judge(measurements), weigh(BIG_STREAM if chosen.big else STREAM)]
    for limit in limits:
        mark = "kept  " if limit.is_kept else "MISSED" if limit.is_demanded else "not yet"
        print(f"{mark:<8}{limit.words}: {limit.seen}")
    return 0 if all(limit.is_kept or not limit.is_demanded for limit in limits) else 1


if __name__ == "__main__":
    sys.exit(main())
