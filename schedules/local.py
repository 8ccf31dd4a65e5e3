"""Ticks the jobs inside the daemon: APScheduler as a ticker only, in UTC, coalescing, with no job store."""

from collections.abc import Callable, Sequence
from datetime import UTC

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from schedules.jobs import Job

Runner = Callable[[Job], None]


class LocalTicker:
    """Calls `runner` with each job at its period; a job that is late runs once, and never more often at one time than it may."""

    def __init__(self, jobs: Sequence[Job], runner: Runner) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max_workers=max(1, sum(job.at_once for job in jobs)))},
            job_defaults={"coalesce": True, "misfire_grace_time": None},
        )
        for job in jobs:
            self._scheduler.add_job(runner, "interval", seconds=job.seconds, args=[job], id=job.name, max_instances=job.at_once)

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """Tick no more, and wait for the jobs under way."""
        self._scheduler.shutdown(wait=True)
