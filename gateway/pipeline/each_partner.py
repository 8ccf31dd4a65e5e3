"""Work for every partner at the same time, so that one that answers slowly, or never, keeps no other waiting."""

import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

from structlog import get_logger

from gateway.db.locks import exclusive
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context, Progress
from gateway.pipeline.links import LinkClosed
from payers.profile import Partner

PARTNERS_AT_ONCE = 32
"""Each holds up to two connections to a PostgreSQL while it works; one more than these waits for the first that is done."""

TURN_MAX = timedelta(minutes=15)
"""After this a partner's turn ends with the file in hand, and the rest waits for the next run: a run is over when its slowest
partner is through, and while it goes on there is one run fewer to serve the others."""

_log = get_logger(__name__)


class TurnOver(TransientError):
    """A partner's turn took as long as one may: raised between two units of its work, where it tells its progress."""


Work = Callable[[Context, Partner], int]


def for_each_partner(context: Context, name: str, work: Work, *, only: Collection[str] | None = None) -> int:
    """Run `work` for every partner at the same time, each under the lock `name-partner`; the sum of what it returned.

    `only`: the partners that have something to do, by id, where that is cheap to know; no thread is begun for the others. A
    partner whose lock another process holds is passed over. TransientError and PermanentError that `work` lets out are logged
    and stop that partner alone; anything else (a bug, the end of the daemon) is raised once all partners are through, the
    first of them.
    """
    partners = [partner for partner in context.profiles.partners.values() if only is None or partner.id in only]
    if len(partners) <= 1:
        return sum(_run_alone(context, name, work, partner) for partner in partners)
    told = _SharedProgress(context.progress)
    with ThreadPoolExecutor(min(len(partners), PARTNERS_AT_ONCE), thread_name_prefix=name) as threads:
        running = [
            threads.submit(_run_alone, replace(context, progress=told.of(partner.id)), name, work, partner)
            for partner in partners
        ]
    return _sum_up(running)


def _run_alone(context: Context, name: str, work: Work, partner: Partner) -> int:
    with exclusive(context.engine, f"{name}-{partner.id}") as ours:
        if not ours:
            return 0
        try:
            return work(_limit_turn(context, partner), partner)
        except LinkClosed as error:
            # Who closed it told of it, and it opens by itself.
            _log.debug("partner.waits", partner=partner.id, stage=name, error=error)
            return 0
        except (TransientError, PermanentError) as error:
            _log.warning("partner.failed", partner=partner.id, stage=name, error=error)
            return 0


def _limit_turn(context: Context, partner: Partner) -> Context:
    """The context with a progress that ends the turn when its time is over."""
    ends_at = context.clock.now() + TURN_MAX

    def tell(what: str, done: int, total: int) -> None:
        context.progress(what, done, total)
        if context.clock.now() >= ends_at:
            _log.warning("turn.over", partner=partner.id, count=done)
            raise TurnOver(f"{partner.id}: its turn took longer than {TURN_MAX}; the rest waits for the next")

    return replace(context, progress=tell)


def _sum_up(done: list[Future[int]]) -> int:
    for each in done:
        raised = each.exception()
        if raised is not None:
            raise raised
    return sum(each.result() for each in done)


class _SharedProgress:
    """One progress for several threads: told by one at a time, of what all of them together have done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._counts: dict[str, tuple[int, int]] = {}

    def of(self, partner: str) -> Progress:
        """The progress that is given to this partner's work."""

        def tell(what: str, done: int, total: int) -> None:
            with self._lock:
                self._counts[partner] = (done, total)
                all_done = sum(count for count, _ in self._counts.values())
                totals = [of for _, of in self._counts.values()]
                self._progress(what, all_done, sum(totals) if all(totals) else 0)

        return tell
