"""The daemon: jobs tick until a signal asks it to stop; then the units in hand are finished and nothing new is begun."""

import signal
import threading
from dataclasses import replace
from types import FrameType

from structlog import get_logger

from gateway.config import Settings
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.pipeline.profiles import ProfileKeeper
from schedules.jobs import Job, list_jobs
from schedules.local import LocalTicker

_log = get_logger(__name__)


class Stopping(Exception):
    """Asked to stop: raised between two units of work, so that the next one is not begun."""


class Daemon:
    """`claimwire serve`: runs every job once at start, then each at its period, until SIGTERM or SIGINT."""

    def __init__(self, settings: Settings, context: Context) -> None:
        self.jobs = list_jobs(settings)
        self.context = replace(context, progress=self._between_units)
        self._profiles = ProfileKeeper(settings.payers.folder, context.profiles)
        self._stop = threading.Event()

    def serve(self) -> None:
        """Run until asked to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        _log.info("daemon.started", count=len(self.jobs))
        ticker = LocalTicker(self.jobs, self.run_job)
        ticker.start()
        for job in self.jobs:
            self.run_job(job)
        self._stop.wait()
        ticker.stop()
        self.context.engine.dispose()
        _log.info("daemon.stopped")

    def run_job(self, job: Job) -> None:
        """One run of one job. Its failure is logged and the next tick tries again; it never stops the other jobs."""
        if self._stop.is_set():
            return
        try:
            done = job.run(self._profiles.refresh(self.context))
        except Stopping:
            _log.info("job.stopped", job=job.name)
        except (TransientError, PermanentError) as error:
            _log.warning("job.failed", job=job.name, error=error)
        except Exception:  # noqa: BLE001 outermost loop: a bug in one job must not stop the others
            _log.exception("job.failed", job=job.name)
        else:
            if done:
                _log.info("job.finished", job=job.name, count=done)

    def _between_units(self, what: str, done: int, total: int) -> None:
        """Stages tell their progress after each unit they committed: the place to stop without loss."""
        if self._stop.is_set():
            raise Stopping

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stop.set()
