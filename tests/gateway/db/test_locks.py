"""Locks between processes: one holder at a time, and none left behind by the dead."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from gateway.db.engine import open_database, writing
from gateway.db.locks import exclusive
from gateway.errors import TransientError
from tests.support.postgres import Server

HOLD = """
import sys, time
from gateway.db.engine import open_database
from gateway.db.locks import exclusive
with exclusive(open_database(sys.argv[1]), "delivery:partner") as ours:
    print(ours, flush=True)
    time.sleep(60)
"""


def test_the_second_does_not_get_it_and_does_not_wait(engine: Engine) -> None:
    with exclusive(engine, "pickup") as first, exclusive(engine, "pickup") as second:
        assert (first, second) == (True, False)


def test_it_is_free_again_after_the_block(engine: Engine) -> None:
    for _ in range(3):
        with exclusive(engine, "again") as ours:
            assert ours


def test_who_did_not_get_it_does_not_release_it(engine: Engine) -> None:
    with exclusive(engine, "kept") as first:
        with exclusive(engine, "kept") as second:
            assert not second
        with exclusive(engine, "kept") as third:
            assert first
            assert not third


def test_other_names_are_other_locks(engine: Engine) -> None:
    """Also names that a path would take for folders."""
    with (
        exclusive(engine, "delivery:a/b") as first,
        exclusive(engine, "delivery:a/../b") as second,
        exclusive(engine, "..") as third,
    ):
        assert first
        assert second
        assert third


def test_another_process_holds_it_until_it_is_killed(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    holder = subprocess.Popen([sys.executable, "-c", HOLD, url], stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with exclusive(engine, "delivery:partner") as ours:
            assert not ours
        holder.send_signal(signal.SIGKILL)
    assert gets_soon(engine, "delivery:partner")


@pytest.mark.postgresql
def test_a_holder_whom_the_server_dropped_ends_as_if_nothing_were(postgresql_server: Server) -> None:
    """The lock went with its connection: there is nothing to let go of, and what was done under it is done."""
    engine = open_database(postgresql_server.new_database())
    with exclusive(engine, "dropped") as ours:
        with writing(engine) as connection:
            connection.execute(text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"))
        assert ours
    assert gets_soon(engine, "dropped")


def test_a_database_that_is_away_is_transient(tmp_path: Path) -> None:
    engine = open_database(f"postgresql://claimwire@/claimwire?host={tmp_path}")
    with pytest.raises(TransientError, match="cannot be reached"), exclusive(engine, "away"):
        pass


def gets_soon(engine: Engine, name: str) -> bool:
    """PostgreSQL notices a dead client when its socket closes: a moment later, not at once."""
    pause = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(10)"])
    with pause:
        while pause.poll() is None:
            with exclusive(engine, name) as ours:
                if ours:
                    pause.kill()
                    return True
    return False
