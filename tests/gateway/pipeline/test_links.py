"""A partner that fails is left alone for a while, longer each time; a person hears of it once; it is never overrun."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paramiko
import pytest

from gateway.clock import TurnedClock
from gateway.db import links as link_rows
from gateway.db.engine import open_database, reading
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.links import LinkClosed, open_link
from payers.profile import Partner
from tests.support.racing import run_at_once
from tests.support.wire import Killed
from tests.support.worlds import MERIDIAN, World


def use(world: World, inside: Callable[[], None] = lambda: None) -> None:
    with open_link(world.context, world.profiles.partners[MERIDIAN]):
        inside()


def fail(error: Exception) -> None:
    raise error


def lost() -> TransientError:
    """What the transport raises where the link broke under it."""
    error = TransientError("meridian: uploading: EOFError: ")
    error.__cause__ = EOFError()
    return error


def refused_log_in() -> PermanentError:
    error = PermanentError("meridian: logging in: AuthenticationException: not taken")
    error.__cause__ = paramiko.AuthenticationException("not taken")
    return error


def minutes_closed(world: World) -> int:
    (row,) = world.rows("partner_link")
    return int((row["next_try_at"] - world.clock.now()).total_seconds() // 60)


def wait_it_out(world: World) -> None:
    world.clock.turn_to(world.rows("partner_link")[0]["next_try_at"])


def test_pauses_double_up_to_an_hour_and_nobody_connects_meanwhile(world: World) -> None:
    world.wires.refused[MERIDIAN] = TransientError("no answer")
    pauses = []
    for _ in range(8):
        with pytest.raises(TransientError, match="no answer"):
            use(world)
        pauses.append(minutes_closed(world))
        with pytest.raises(LinkClosed, match="no answer"):
            use(world)
        wait_it_out(world)
    assert pauses == [2, 4, 8, 16, 32, 60, 60, 60]


def test_a_person_hears_of_it_after_the_patience_of_the_profile_in_one_item_that_closes_by_itself(world: World) -> None:
    world.change_partner(patience_tries=2)
    world.wires.refused[MERIDIAN] = TransientError("no answer")
    told = []
    for _ in range(3):
        with pytest.raises(TransientError):
            use(world)
        told.append(len(world.sentences("transfer_failing")))
        wait_it_out(world)
    assert told == [0, 1, 1]
    (sentence,) = world.sentences("transfer_failing")
    assert "has failed 3 times in a row since 2026-03-02 12:00 UTC: no answer" in sentence
    assert "next at 2026-03-02 12:14 UTC" in sentence
    world.wires.refused.clear()
    use(world)
    assert (world.work(), world.broken()) == ([], [])
    (row,) = world.rows("partner_link")
    assert (row["failures"], row["next_try_at"], row["failing_since"], row["error"]) == (0, None, None, "")


def test_what_waiting_does_not_mend_is_told_at_once_and_tried_once_an_hour(world: World) -> None:
    world.wires.refused[MERIDIAN] = PermanentError("another host key")
    with pytest.raises(PermanentError):
        use(world)
    assert (minutes_closed(world), world.work()) == (60, ["transfer_failing"])


@pytest.mark.parametrize("callers", [1, 2])
def test_no_more_than_three_log_ins_a_day_are_refused_whoever_asks(world: World, callers: int) -> None:
    """Both at the same moment at first, for neither knows yet; then every minute, for two days."""
    world.wires.refused[MERIDIAN] = refused_log_in()
    tried_at = []
    for caller in range(callers):
        with pytest.raises(PermanentError):
            use(world) if caller == 0 else _as_if_at_the_same_moment(world)
        tried_at.append(world.clock.now())
    for _ in range(2 * 24 * 60):
        world.turn(minutes=1)
        if world.rows("partner_link")[0]["next_try_at"] <= world.clock.now():
            with pytest.raises(PermanentError):
                use(world)
            tried_at.append(world.clock.now())
        for caller in range(callers if world.clock.now().minute % 30 == 0 else 0):
            with pytest.raises(LinkClosed):
                use(world)
            assert caller < callers
    for at in tried_at:
        assert sum(at <= other < at + timedelta(days=1) for other in tried_at) <= 3
    assert len(tried_at) >= 4


def _as_if_at_the_same_moment(world: World) -> None:
    """A second process looked at the circuit before the first had failed."""
    with open_link(replace(world.context, at_once=True), world.profiles.partners[MERIDIAN]):
        pass


def test_a_link_lost_on_the_way_counts_and_a_refused_file_does_not(world: World) -> None:
    with pytest.raises(PermanentError):
        use(world, lambda: fail(PermanentError("this file may not be read")))
    use(world)
    with pytest.raises(TransientError):
        use(world, lambda: fail(lost()))
    assert (world.rows("partner_link")[0]["failures"], minutes_closed(world)) == (1, 2)


def test_an_error_of_our_own_opens_no_circuit(world: World) -> None:
    for error in (KeyError("a bug"), Killed()):
        with pytest.raises(type(error)):
            use(world, lambda error=error: fail(error))  # type: ignore[misc]
    use(world)


def test_one_try_at_a_time_while_it_fails(world: World) -> None:
    """Who tries a failing connection keeps the others from it until the outcome is known."""
    world.wires.refused[MERIDIAN] = TransientError("no answer")
    with pytest.raises(TransientError):
        use(world)
    wait_it_out(world)
    world.wires.refused.clear()

    def second() -> None:
        with pytest.raises(LinkClosed):
            use(world)

    use(world, second)
    use(world)


def test_a_person_has_it_tried_at_once(world: World) -> None:
    world.wires.refused[MERIDIAN] = PermanentError("another host key")
    with pytest.raises(PermanentError):
        use(world)
    world.wires.refused.clear()
    with pytest.raises(LinkClosed):
        use(world)
    with open_link(replace(world.context, at_once=True), world.profiles.partners[MERIDIAN]):
        pass
    use(world)
    assert world.work() == []


@pytest.mark.parametrize("allowed", [1, 2, 3])
def test_threads_never_hold_more_connections_than_the_partner_allows(world: World, allowed: int) -> None:
    world.change_table("sftp", connections_max=allowed)
    ready, release, held, refused = threading.Barrier(9), threading.Event(), [], []

    def hold() -> None:
        try:
            with open_link(world.context, world.profiles.partners[MERIDIAN]):
                held.append(1)
                ready.wait(timeout=30)
                release.wait(timeout=30)
        except LinkClosed as error:
            refused.append(str(error))
            ready.wait(timeout=30)

    with ThreadPoolExecutor(8) as threads:
        running = [threads.submit(hold) for _ in range(8)]
        ready.wait(timeout=30)
        counts = (len(held), len(refused))
        release.set()
        for each in running:
            each.result()
    assert counts == (allowed, 8 - allowed)
    assert all(f"all {allowed} connections the partner allows are in use" in message for message in refused)
    use(world)


def test_processes_never_hold_more_connections_than_the_partner_allows(world: World, tmp_path: Path) -> None:
    world.change_table("sftp", connections_max=2)
    most = run_at_once(hold_links, world.engine, 3, world.profiles.partners[MERIDIAN], tmp_path)
    assert 1 <= max(most) <= 2
    use(world)


def hold_links(url: str, partner: Partner, folder: Path) -> int:
    """Open and close links for a while; the most that all processes together were seen to hold at one moment."""
    world = World(open_database(url), folder / "archive", TurnedClock(datetime(2026, 3, 2, 12, tzinfo=UTC)))
    held, most = folder / "held", 0
    held.mkdir(exist_ok=True)
    for number in range(40):
        with suppress(LinkClosed), open_link(world.context, partner):
            mine = held / f"{os.getpid()}-{number}"
            mine.touch()
            time.sleep(0.01)
            most = max(most, len(list(held.iterdir())))
            mine.unlink()
    world.engine.dispose()
    return most


def test_what_payers_show_reads(world: World) -> None:
    use(world)
    with reading(world.engine) as connection:
        link = link_rows.find_link(connection, MERIDIAN)
        assert link is not None
        assert link["worked_at"] == world.clock.now()
        assert link_rows.find_link(connection, "lakeside") is None
        assert link["next_try_at"] is None
