"""Every partner at the same time: what one does, or fails to do, keeps no other waiting; a bug and the end are heard."""

import threading
import time

import pytest
from structlog.testing import capture_logs

from gateway.daemon import Stopping
from gateway.db.locks import exclusive
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.pipeline.each_partner import for_each_partner
from gateway.pipeline.links import LinkClosed
from payers.profile import Partner
from tests.support.wire import Killed
from tests.support.worlds import MERIDIAN, World


def run(world: World, work: object, **more: object) -> int:
    return for_each_partner(world.context, "test", work, **more)  # type: ignore[arg-type]


def test_what_all_partners_did_is_added_up(world: World) -> None:
    assert run(world, lambda context, partner: len(partner.id)) == sum(map(len, world.profiles.partners))


def test_partners_work_at_the_same_time(world: World) -> None:
    together = threading.Barrier(len(world.profiles.partners))

    def meet(context: Context, partner: Partner) -> int:
        together.wait(timeout=30)
        return 1

    assert run(world, meet) == len(world.profiles.partners)


def test_a_dead_partner_delays_nobody(world: World) -> None:
    others_done = threading.Event()

    def work(context: Context, partner: Partner) -> int:
        if partner.id == MERIDIAN:
            assert others_done.wait(timeout=30), "the others wait for the dead one"
        else:
            others_done.set()
        return 1

    assert run(world, work) == len(world.profiles.partners)


@pytest.mark.parametrize("error", [TransientError("no answer"), PermanentError("another host key")])
def test_a_partner_that_fails_stops_itself_alone(world: World, error: Exception) -> None:
    def work(context: Context, partner: Partner) -> int:
        if partner.id == MERIDIAN:
            raise error
        return 1

    assert run(world, work) == len(world.profiles.partners) - 1


@pytest.mark.parametrize(("error", "warnings"), [(LinkClosed("not tried before 10:00"), 0), (TransientError("gone"), 1)])
def test_that_a_closed_link_is_not_tried_is_no_news(world: World, error: Exception, warnings: int) -> None:
    def work(context: Context, partner: Partner) -> int:
        raise error

    with capture_logs() as logs:
        assert run(world, work, only={MERIDIAN}) == 0
    assert len([log for log in logs if log["log_level"] == "warning"]) == warnings


@pytest.mark.parametrize("error", [KeyError("a bug"), Killed(), Stopping()])
def test_a_bug_or_the_end_is_raised_once_the_others_are_through(world: World, error: BaseException) -> None:
    through = []

    def work(context: Context, partner: Partner) -> int:
        if partner.id == MERIDIAN:
            raise error
        time.sleep(0.05)
        through.append(partner.id)
        return 1

    with pytest.raises(type(error)):
        run(world, work)
    assert len(through) == len(world.profiles.partners) - 1


def test_a_partner_another_process_works_for_is_passed_over(world: World) -> None:
    with exclusive(world.engine, f"test-{MERIDIAN}") as ours:
        assert ours
        assert run(world, lambda context, partner: 1) == len(world.profiles.partners) - 1
    assert run(world, lambda context, partner: 1) == len(world.profiles.partners)


def test_partners_without_work_get_no_thread(world: World) -> None:
    threads = []

    def work(context: Context, partner: Partner) -> int:
        threads.append((partner.id, threading.current_thread()))
        return 1

    assert run(world, work, only={MERIDIAN}) == 1
    assert run(world, work, only=()) == 0
    assert threads == [(MERIDIAN, threading.current_thread())]


def test_progress_is_told_by_one_thread_at_a_time_of_what_all_have_done(world: World) -> None:
    told, inside = [], threading.Lock()

    def progress(what: str, done: int, total: int) -> None:
        assert inside.acquire(blocking=False), "two threads at once"
        time.sleep(0.001)
        told.append((what, done, total))
        inside.release()

    def work(context: Context, partner: Partner) -> int:
        for done in range(1, 21):
            context.progress("units", done, 20)
        return 20

    context = Context(
        engine=world.engine, profiles=world.profiles, archive=world.archive, clock=world.clock, connect=world.wires.connect,
        progress=progress,
    )  # fmt: skip
    count = len(world.profiles.partners)
    assert for_each_partner(context, "test", work) == 20 * count
    assert [done for _, done, _ in told] == list(range(1, 20 * count + 1))
    assert told[-1] == ("units", 20 * count, 20 * count)
