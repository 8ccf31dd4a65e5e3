"""A PostgreSQL for the tests: the one the environment names, or a cluster of our own that lives as long as the run."""

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import parse_dsn
from sqlalchemy import URL, Engine, create_engine, make_url

from gateway.db.engine import open_database
from gateway.db.migrations import upgrade
from gateway.db.tables.metadata import metadata

START_SECONDS_MAX = 60
_OTHERS = "datname = current_database() AND pid <> pg_backend_pid()"
_AT_WORK = "state <> 'idle' OR pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')"
_EMPTYING = "; ".join(
    [
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {_OTHERS} AND ({_AT_WORK})",
        "SET LOCAL session_replication_role = replica",
        *(f"DELETE FROM {table.name}" for table in metadata.sorted_tables),
        *(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), 1, false)"
            for table in metadata.sorted_tables
            if "id" in table.c
        ),
    ]
)
_PR_SET_PDEATHSIG = 1


class Server:
    """A running server; hands out migrated databases, each a copy of one template."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._prefix = f"claimwire_test_{os.getpid()}"
        self._numbers = itertools.count(1)
        self._template = f"{self._prefix}_template"
        self.run(f"CREATE DATABASE {self._template}")
        engine = open_database(self.address_of(self._template))
        upgrade(engine)
        engine.dispose()

    def new_database(self) -> str:
        """The URL of a fresh copy of the migrated template."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {self._template}")
        return self.address_of(name)

    def empty(self, engine: Engine) -> None:
        """Take every row out of a copy and have its ids begin again; whoever still works on it is thrown out.

        Only a superuser may pass over the triggers that keep what is written; else the copy is dropped and made again.
        """
        with engine.begin() as connection:
            if connection.exec_driver_sql("SHOW is_superuser").scalar_one() == "on":
                connection.exec_driver_sql(_EMPTYING)
                return
        engine.dispose()
        name = engine.url.database
        self.drop(self.address_of(str(name)))
        self.run(f"CREATE DATABASE {name} TEMPLATE {self._template}")

    def empty_database(self) -> str:
        """The URL of a database without any table."""
        name = f"{self._prefix}_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name}")
        return self.address_of(name)

    def drop(self, address: str) -> None:
        """A database that nobody needs any more, gone at once: thousands of them are gigabytes that nobody reads again."""
        self.run(f"DROP DATABASE IF EXISTS {make_url(address).database} WITH (FORCE)")

    def drop_all(self) -> None:
        """Drop the template and every copy: on a server that is not ours nothing stays behind."""
        for number in range(1, next(self._numbers)):
            self.run(f"DROP DATABASE IF EXISTS {self._prefix}_{number} WITH (FORCE)")
        self.run(f"DROP DATABASE IF EXISTS {self._template} WITH (FORCE)")

    def address_of(self, database: str) -> str:
        """The URL of one of this server's databases, password included."""
        return self.url.set(database=database).render_as_string(hide_password=False)

    def run(self, statement: str) -> None:
        """Run one statement outside any transaction and outside any of our databases."""
        engine = create_engine(self.url.set(drivername="postgresql+psycopg2"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


def find_given_url() -> URL | None:
    """The server named by CLAIMWIRE_TEST_POSTGRESQL or PGDSN (a URL, or libpq's keywords), or None."""
    given = os.environ.get("CLAIMWIRE_TEST_POSTGRESQL") or os.environ.get("PGDSN")
    if not given:
        return None
    known = parse_dsn(given.replace("postgresql+psycopg2://", "postgresql://", 1))
    database = known.pop("dbname", "postgres")
    return URL.create("postgresql", known.pop("user", None), known.pop("password", None), database=database, query=known)


def find_programs() -> Path | None:
    """The folder of PostgreSQL's server programs, newest first, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -float(folder.parent.name))
    if shutil.which("pg_config"):
        asked = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        folders.insert(0, Path(asked.stdout.strip()))
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def is_available() -> bool:
    """Whether the tests can have a PostgreSQL here."""
    return find_given_url() is not None or find_programs() is not None


@contextmanager
def running_server() -> Iterator[Server]:
    """The given server, or one of our own; gone at the end, whatever happened."""
    given = find_given_url()
    if given is not None:
        server = Server(given)
        try:
            yield server
        finally:
            server.drop_all()
        return
    programs = find_programs()
    assert programs is not None, "asked only where is_available()"
    with _own_cluster(programs) as url:
        yield Server(url)


@contextmanager
def _own_cluster(programs: Path) -> Iterator[URL]:
    # Not in a test's own folder, because a socket's path may not be longer than about a hundred characters.
    folder = Path(tempfile.mkdtemp(prefix="claimwire-postgres-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")))
    identity = _unprivileged()
    try:
        if identity:
            shutil.chown(folder, identity["user"], identity["group"])
        _initialise(programs, folder, identity)
        with _running(programs, folder, identity):
            yield URL.create("postgresql", "claimwire", database="postgres", query={"host": str(folder)})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> dict[str, Any]:
    """Whom to run the server as: the server's programs refuse to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _initialise(programs: Path, folder: Path, identity: dict[str, Any]) -> None:
    command: list[str | Path] = [
        programs / "initdb",
        "--no-sync",
        "--username=claimwire",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C",
    ]
    command += ["-D", folder / "data"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **identity)
    assert done.returncode == 0, f"initdb failed: {done.stderr}"


@contextmanager
def _running(programs: Path, folder: Path, identity: dict[str, Any]) -> Iterator[None]:
    settings = [
        "listen_addresses=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        f"unix_socket_directories={folder}",
    ]
    command: list[str | Path] = [programs / "postgres", "-D", folder / "data"]
    command += [part for setting in settings for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        server: subprocess.Popen[bytes] = subprocess.Popen(
            command,
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_stop_with_parent,  # noqa: PLW1509 it only asks the kernel for a signal
            **identity,
        )
    try:
        _wait_until_ready(server, folder)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # fast shutdown
        server.wait(timeout=START_SECONDS_MAX)


def _stop_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _wait_until_ready(server: subprocess.Popen[bytes], folder: Path) -> None:
    give_up = time.monotonic() + START_SECONDS_MAX
    while True:
        try:
            psycopg2.connect(host=str(folder), user="claimwire", dbname="postgres").close()
        except psycopg2.OperationalError:
            assert server.poll() is None, f"PostgreSQL did not start: {(folder / 'log').read_text()}"
            assert time.monotonic() < give_up, "PostgreSQL did not start in time"
            time.sleep(0.02)
        else:
            return
