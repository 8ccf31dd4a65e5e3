"""A daemon in a process of its own whose clock runs fast, so that an hour of cutoffs passes in some seconds."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from structlog.testing import capture_logs

from gateway.clock import SystemClock
from gateway.config import load
from gateway.daemon import Daemon
from gateway.pipeline.opening import open_context
from gateway.transport import Connect, Transport
from payers.profile import Partner

SPEED = 40
"""A minute of the clock is a second and a half of ours."""


class HurriedClock:
    """Goes SPEED times as fast as the machine's clock, from `start` on; the same in every process that is given both instants."""

    def __init__(self, start: datetime, began: datetime) -> None:
        self._start = start
        self._began = began

    def now(self) -> datetime:
        return self._start + (SystemClock().now() - self._began) * SPEED


class Counted:
    """Connections of the gateway's own that note which file was fetched from whom."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self.fetched: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def __call__(self, partner: Partner) -> Iterator[Transport]:
        with self._connect(partner) as wire:
            fetch = wire.fetch

            def fetch_and_note(folder: str, name: str) -> Iterator[bytes]:
                self.fetched[partner.id, name] += 1
                return fetch(folder, name)

            wire.fetch = fetch_and_note  # type: ignore[method-assign]
            yield wire


def run_daemon(config: str, start: datetime, began: datetime, minutes: int) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Run every job again and again for so many minutes of the clock; the cutoffs begun, by partner, and the files fetched."""
    settings = load(Path(config))
    context = open_context(settings, clock=HurriedClock(start, began))
    counted = Counted(context.connect)
    end = start.astimezone(UTC) + timedelta(minutes=minutes)
    daemon = Daemon(settings, replace(context, connect=counted))
    with capture_logs() as logs:
        while context.clock.now() < end:
            for job in daemon.jobs:
                daemon.run_job(job)
    context.engine.dispose()
    failed = [entry for entry in logs if entry["event"] in ("job.failed", "batching.failed")]
    assert not failed, failed
    return Counter(entry["partner"] for entry in logs if entry["event"] == "cutoff.begun"), counted.fetched
