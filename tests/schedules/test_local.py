"""The ticker runs each job at its period, and as often at one time as the job allows."""

import threading
import time

from gateway.config import Settings
from schedules.jobs import Job, list_jobs
from schedules.local import LocalTicker

SECONDS_MAX = 20


def tick(job: Job, others: tuple[Job, ...] = ()) -> LocalTicker:
    ticker = LocalTicker([job, *others], lambda each: each.run(None))  # type: ignore[arg-type]
    ticker.start()
    return ticker


def test_a_run_that_waits_for_a_silent_partner_does_not_keep_the_next_from_the_others() -> None:
    """Two runs meet at a barrier: they can only where they go on at one time."""
    meeting = threading.Barrier(2, timeout=SECONDS_MAX)
    met = threading.Event()

    def run(_context: object) -> int:
        meeting.wait()
        met.set()
        return 0

    ticker = tick(Job("delivery", 1, run, at_once=2))
    assert met.wait(SECONDS_MAX)
    meeting.abort()
    ticker.stop()


def test_a_job_that_may_run_once_at_a_time_never_overlaps_and_holds_no_other() -> None:
    running, overlapped, others = threading.Semaphore(1), threading.Event(), threading.Event()
    runs: list[int] = []

    def run(_context: object) -> int:
        if not running.acquire(blocking=False):
            overlapped.set()
        time.sleep(1.5)
        running.release()
        runs.append(1)
        return 0

    def run_other(_context: object) -> int:
        others.set()
        return 0

    ticker = tick(Job("posting", 1, run), (Job("ingest", 1, run_other),))
    deadline = time.monotonic() + SECONDS_MAX
    while len(runs) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    ticker.stop()
    assert others.is_set()
    assert len(runs) >= 2
    assert not overlapped.is_set()


def test_only_what_waits_for_partners_may_overlap() -> None:
    assert {job.name for job in list_jobs(Settings()) if job.at_once > 1} == {"delivery", "pickup"}
