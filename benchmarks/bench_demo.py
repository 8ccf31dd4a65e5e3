"""Claims through the whole loop by `claimwire demo`: seconds, claims a second and peak memory, at a tenth and at full size.

python benchmarks/bench_demo.py [--claims 10000]

Limits, on two cores and SQLite: 10,000 claims in 3 minutes and 300 MB, and no more than 10.5 times the time of 1,000.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

SECONDS_MAX = 180
MEMORY_MB_MAX = 300
GROWTH_MAX = 10.5
COMMAND = (sys.executable, "-c", "from gateway.cli import main; main()")


class Run(NamedTuple):
    """One demo as a process of its own."""

    claims: int
    seconds: float
    memory_mb: int
    ended_well: bool


def measure(claims: int) -> Run:
    """Live a demo in a new folder; its wall clock seconds and its peak resident memory."""
    folder = Path(tempfile.mkdtemp(prefix="claimwire-bench-"))
    started = time.monotonic()
    process = subprocess.Popen(
        [*COMMAND, "demo", "--claims", str(claims), "--keep", str(folder / "demo")], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - started
    shutil.rmtree(folder)
    return Run(claims, seconds, usage.ru_maxrss // 1024, os.waitstatus_to_exitcode(status) == 0)


def main() -> int:
    """Measure, print, and say whether the limits held."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=10_000)
    claims: int = parser.parse_args().claims
    small, full = measure(claims // 10), measure(claims)
    print(f"{'claims':>8} {'seconds':>8} {'claims/s':>9} {'peak MB':>8}")
    for run in (small, full):
        print(f"{run.claims:>8} {run.seconds:>8.1f} {run.claims / run.seconds:>9.0f} {run.memory_mb:>8}")
    growth = full.seconds / small.seconds
    seconds_max = SECONDS_MAX * claims / 10_000
    print(f"10 times the claims take {growth:.1f} times as long (limit {GROWTH_MAX})")
    print(f"limits for {claims} claims: {seconds_max:.0f} s, {MEMORY_MB_MAX} MB")
    within = full.seconds <= seconds_max and full.memory_mb <= MEMORY_MB_MAX and growth <= GROWTH_MAX
    held = within and small.ended_well and full.ended_well
    print("the limits hold" if held else "A LIMIT WAS MISSED")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
