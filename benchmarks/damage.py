"""Damaged files by the hundred thousand: each is read with findings, refused by name or not X12, soon and in little memory.

python benchmarks/damage.py [--mutations 200000] [--seed 1] [--show CASE]

Every transaction of the catalogue is in the pool, by sample files of the public corpus; every truncation of five of them is
read too. Each case is also answered (999) and what was read is written again. Exit code 1 where an exception is not one of
ours, where a case takes more than 2 s or 200 MB for a megabyte, or where an 835 is read without a word with other money.
"""

import argparse
import gc
import os
import sys
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import Pool
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.corpus_files import judge, list_files
from benchmarks.damaging import Damager
from edi.catalogue import find_transaction, refuse
from edi.cross_checks import CrossChecks
from edi.findings import EdiError, Unwritable
from edi.interchange import Reader, TransactionSet
from edi.remittances import ClaimPayment, Remittance
from edi.segments import Delimiters
from edi.transactions import t999

SECONDS_A_MB = 2.0
MEMORY_MB_A_MB = 200
SMALLEST_BYTES = 100_000
"""A file is charged as at least this: what one reading costs anyway is not the damage's doing."""
WEIGHED_EVERY = 100
POOL_BYTES_MAX = 12_000
A_JOB = 500
TRUNCATED = 5


class Outcome(NamedTuple):
    """How the reading of one file ended: its word, the money in its remittances, and the last exception not ours."""

    word: str
    money: tuple[tuple[int, ...], ...] = ()
    exception: str = ""


class Case(NamedTuple):
    """One damaged file: its number, its level, its length, how it ended and what it cost."""

    number: int
    level: str
    length: int
    outcome: Outcome
    seconds: float
    peak_bytes: int = 0
    is_other_money: bool = False


def build_pool() -> list[bytes]:
    """For every transaction of the catalogue, 997 and TA1 among them: its two shortest clean files, or its two shortest."""
    by_name: dict[str, list[tuple[bool, int, bytes]]] = {}
    for file in list_files():
        data = file.read()
        if len(data) > POOL_BYTES_MAX:
            continue
        verdict = judge(data)
        for name in dict.fromkeys(verdict.sets):
            by_name.setdefault(name, []).append((verdict.word != "clean", len(data), data))
    return [data for name in sorted(by_name) for _, _, data in sorted(by_name[name])[:2]]


def read(data: bytes) -> Outcome:
    """Read, answer and write again all of a file; any exception but EdiError is the outcome UNTYPED."""
    money: list[tuple[int, ...]] = []
    try:
        return Outcome(_read(data, money), tuple(sorted(money)))
    except EdiError as error:
        return Outcome("not X12" if 0 <= error.offset <= len(data) else "UNTYPED", exception=f"EdiError at byte {error.offset}")
    except Exception as error:  # noqa: BLE001 -- what may not happen is what is looked for
        trace = error.__traceback__
        while trace and trace.tb_next:
            trace = trace.tb_next
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
        return Outcome("UNTYPED", exception=f"{type(error).__name__} in {place}")


def _read(data: bytes, money: list[tuple[int, ...]]) -> str:
    reader = Reader([data])
    findings = 0
    is_refused = False
    for tset in reader:
        if find_transaction(tset) is None:
            is_refused = refuse(tset).level == "set"
            for _ in tset.runs():
                pass
        else:
            findings += _read_set(tset, money)
        findings += len(tset.findings)
        t999.respond(tset)
    if findings or reader.findings:
        return "findings"
    return "refused" if is_refused else "clean"


def _read_set(tset: TransactionSet, money: list[tuple[int, ...]]) -> int:
    transaction = find_transaction(tset)
    assert transaction is not None
    checks = CrossChecks(tset)
    documents = []
    across = 0
    for part in transaction.read_parts(tset):
        across += len(checks.take(part))
        if part.document is not None:
            documents.append(part.document)
    across += len(checks.close())
    for one in documents:
        if isinstance(one, Remittance):
            money.append((one.amount_cents,))
        elif isinstance(one, ClaimPayment):
            money.append((one.charge_cents, one.paid_cents))
    is_whole = not tset.findings and documents
    try:
        written = transaction.write_parts(
            documents, st_control_number=tset.st_control_number, version=tset.version, delimiters=Delimiters()
        )
        for _ in written if is_whole else ():
            pass
    except Unwritable:
        return across
    return across


def run_cases(job: tuple[Sequence[bytes], int, int, int]) -> list[Case]:
    """The cases of one job: pool, seed, first number, and number after the last."""
    pool, seed, first, end = job
    damager = Damager(pool, seed)
    whole = [read(data) for data in pool]
    return [_run_case(damager, number, whole) for number in range(first, end)]


def _run_case(damager: Damager, number: int, whole: Sequence[Outcome]) -> Case:
    level, index, data = damager.damage(number)
    start = time.process_time()
    outcome = read(data)
    seconds = time.process_time() - start
    is_other = outcome.word == "clean" and outcome.money != whole[index].money and bool(whole[index].money)
    return Case(number, level, len(data), outcome, seconds, is_other_money=is_other)


def weigh_case(damager: Damager, number: int) -> Case:
    """The peak of memory over one case; slow, so only some cases are weighed."""
    level, _, data = damager.damage(number)
    gc.collect()
    tracemalloc.start()
    outcome = read(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Case(number, level, len(data), outcome, 0.0, peak_bytes=peak)


def weigh_cases(job: tuple[Sequence[bytes], int, int, int]) -> list[Case]:
    """Every hundredth case of one job, weighed."""
    pool, seed, first, end = job
    damager = Damager(pool, seed)
    return [weigh_case(damager, number) for number in range(first, end) if number % WEIGHED_EVERY < 5]


def truncate(data: bytes) -> tuple[Counter[str], list[str]]:
    """Every proper beginning of a file, but for its last line end: how each ended, and those that ended ill or unnoticed."""
    words: Counter[str] = Counter()
    wrong = []
    for end in range(len(data.rstrip()) - 1):
        outcome = read(data[:end])
        words[outcome.word] += 1
        if outcome.word in ("UNTYPED", "clean", "refused"):
            wrong.append(f"cut at byte {end}: {outcome.word} {outcome.exception}")
    return words, wrong


def charge(case: Case) -> tuple[float, float]:
    """Seconds and megabytes of a case for a megabyte of its input."""
    megabytes = max(case.length, SMALLEST_BYTES) / 1e6
    return case.seconds / megabytes, case.peak_bytes / 1e6 / megabytes


def find_faults(cases: Iterable[Case], seconds_a_mb: float = SECONDS_A_MB) -> Iterator[str]:
    """What is wrong with the outcomes of these cases, each with its number."""
    for case in cases:
        seconds, megabytes = charge(case)
        if case.outcome.word == "UNTYPED":
            yield f"case {case.number} ({case.level}): {case.outcome.exception}"
        if seconds > seconds_a_mb:
            yield f"case {case.number} ({case.level}, {case.length} bytes): {seconds:.1f} s a megabyte"
        if megabytes > MEMORY_MB_A_MB:
            yield f"case {case.number} ({case.level}, {case.length} bytes): {megabytes:.0f} MB a megabyte"
        if case.is_other_money:
            yield f"case {case.number} ({case.level}): read without a word, with other money"


def show(cases: Sequence[Case], weighed: Sequence[Case]) -> None:
    """The table of outcomes by level, and the worst costs."""
    words = ("clean", "findings", "refused", "not X12", "UNTYPED")
    print(f"{'level':<12}" + "".join(f"{word:>10}" for word in words) + f"{'worst s/MB':>12}{'worst MB/MB':>12}{'longest':>10}")
    for level in dict.fromkeys(case.level for case in cases):
        mine = [case for case in cases if case.level == level]
        counts = Counter(case.outcome.word for case in mine)
        seconds = max(charge(case)[0] for case in mine)
        megabytes = max((charge(case)[1] for case in weighed if case.level == level), default=0.0)
        cells = "".join(f"{counts[word]:>10}" for word in words)
        print(f"{level:<12}{cells}{seconds:>12.2f}{megabytes:>12.0f}{max(case.length for case in mine):>10}")


def main() -> int:
    """Damage, read, print the table and every fault; 1 where there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutations", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--show", type=int, metavar="CASE", help="write the bytes of one case to stdout and stop")
    chosen = parser.parse_args()
    pool = build_pool()
    if chosen.show is not None:
        sys.stdout.buffer.write(Damager(pool, chosen.seed).damage(chosen.show)[2])
        return 0
    jobs = [(pool, chosen.seed, first, min(first + A_JOB, chosen.mutations)) for first in range(0, chosen.mutations, A_JOB)]
    start = time.monotonic()
    with Pool(chosen.processes) as processes:
        cases = [case for some in processes.imap_unordered(run_cases, jobs) for case in some]
        weighed = [case for some in processes.imap_unordered(weigh_cases, jobs) for case in some]
        cut_files = sorted(set(pool), key=len)[-TRUNCATED:]
        truncated = processes.map(truncate, cut_files, chunksize=1)
    show(cases, weighed)
    faults = [*find_faults(cases), *find_faults(weighed)]
    for data, (words, wrong) in zip(cut_files, truncated, strict=True):
        print(f"every truncation of {len(data)} bytes: " + ", ".join(f"{count} {word}" for word, count in sorted(words.items())))
        faults += wrong
    print(
        f"{len(cases)} damaged files of {len(pool)} in {time.monotonic() - start:.0f} s, seed {chosen.seed}; {len(faults)} faults"
    )
    for fault in faults[:100]:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
