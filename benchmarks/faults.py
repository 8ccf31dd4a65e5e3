"""The whole crash matrix: every place, every fault, both databases, so many times; what held and what did not.

make faults
python benchmarks/faults.py --runs 5 --place 7 --fault enospc --database sqlite
"""

import argparse
import multiprocessing
import shutil
import sys
import tempfile
import time
from collections import defaultdict, deque
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gateway.crashpoint import FAULTS
from tests.support import postgres
from tests.support.fault_matrix import CELLS, PLACES, Cell, run_cell

TOLD_EVERY = 100


def try_cell(cell: Cell, url: str) -> str:
    """One run in a folder of its own: "" where all held, else what did not."""
    folder = Path(tempfile.mkdtemp(prefix="claimwire-faults-"))
    try:
        run_cell(cell, folder / "world", url)
    except Exception as error:  # noqa: BLE001 whatever it is, it is this cell's outcome, and the others go on
        return f"{type(error).__name__}: {str(error)[:300]}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return ""


def list_cells(arguments: argparse.Namespace) -> Iterator[Cell]:
    """The cells that were asked for; all, where none was."""
    for cell in CELLS:
        asked = (arguments.place or cell.place, arguments.fault or cell.fault, arguments.database or cell.database)
        if (cell.place, cell.fault, cell.database) == asked:
            yield cell


def measure(cells: list[Cell], runs: int, workers: int) -> dict[Cell, list[str]]:
    """What each run of each cell came to."""
    outcomes: dict[Cell, list[str]] = defaultdict(list)
    left = deque(cells * runs)
    total = len(left)
    with ExitStack() as stack:
        needs_server = any(cell.database == "postgresql" for cell in cells)
        server = stack.enter_context(postgres.running_server()) if needs_server else None
        pool = stack.enter_context(ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")))
        waiting: dict[Future[str], tuple[Cell, str]] = {}
        while left or waiting:
            while left and len(waiting) < 2 * workers:
                cell = left.popleft()
                url = server.empty_database() if server and cell.database == "postgresql" else ""
                waiting[pool.submit(try_cell, cell, url)] = (cell, url)
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                cell, url = waiting.pop(future)
                outcomes[cell].append(future.result())
                if server and url:
                    server.drop(url)
                _tell(cell, outcomes[cell][-1], total - len(left) - len(waiting), total)
    return outcomes


def _tell(cell: Cell, outcome: str, done: int, total: int) -> None:
    if outcome:
        print(f"{cell}: {outcome}", flush=True)
    if sys.stderr.isatty():
        print(f"\r{done} of {total} runs", end="", file=sys.stderr)
    elif done % TOLD_EVERY == 0:
        print(f"{done} of {total} runs", file=sys.stderr, flush=True)


def main() -> int:
    """Run what was asked for and print the matrix."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5, help="how often each cell is run")
    parser.add_argument("--workers", type=int, default=2, help="runs at the same time")
    parser.add_argument("--place", type=int, choices=PLACES, help="one place alone, by its number")
    parser.add_argument("--fault", choices=FAULTS, help="one fault alone")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="one database alone")
    arguments = parser.parse_args()
    begun = time.monotonic()
    outcomes = measure(list(list_cells(arguments)), arguments.runs, arguments.workers)
    print(f"{'place':<32}" + "".join(f"{fault:>12}" for fault in FAULTS))
    for number, name in PLACES.items():
        shown = [_count(outcomes, number, fault) for fault in FAULTS]
        print(f"{number:>2} {name:<29}" + "".join(f"{each:>12}" for each in shown))
    failed = sum(bool(outcome) for cell in outcomes.values() for outcome in cell)
    total = sum(len(cell) for cell in outcomes.values())
    print(f"{total} runs, {failed} in which something did not hold, {time.monotonic() - begun:.0f} s")
    return int(failed > 0)


def _count(outcomes: dict[Cell, list[str]], place: int, fault: str) -> str:
    said = [outcome for cell, each in outcomes.items() if (cell.place, cell.fault) == (place, fault) for outcome in each]
    return f"{sum(not outcome for outcome in said)}/{len(said)}" if said else "-"


if __name__ == "__main__":
    sys.exit(main())
