"""Fixtures shared by all tests: a migrated database of each kind, and a clock that stands.

A test that asks for `engine` or `fresh_engine` runs on SQLite and on PostgreSQL. Where there is no PostgreSQL its half is
not run, the end of the report says so, and under CI=true the run fails. So it is with the tests that need OpenSSH's server.
"""

import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Engine

from gateway.clock import TurnedClock
from gateway.db.engine import open_database
from gateway.db.migrations import upgrade
from tests.support import postgres, sshd

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]
NOT_RUN = pytest.StashKey[set[str]]()
PEERS: dict[str, tuple[Callable[[], bool], str, str]] = {
    "postgresql": (postgres.is_available, "PostgreSQL server", "postgresql"),
    "openssh": (sshd.is_available, "OpenSSH server", "openssh-server"),
}
"""What tests need beside Python, by their mark: whether it is here, what it is called, and Debian's package of it."""


class Renewed:
    """One database of each kind, without rows whenever it is asked for, and the engine that opened it first.

    The engine keeps the statements it compiled, and PostgreSQL's connections what they know of the tables: to begin from
    nothing for each of thousands of tests took half of the run.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._engines: dict[str, Engine] = {}

    @contextmanager
    def renew(self, request: pytest.FixtureRequest) -> Iterator[Engine]:
        """The migrated database of the kind that is the fixture's parameter."""
        if request.param == "sqlite":
            with self._renew_sqlite(request.getfixturevalue("sqlite_template")) as opened:
                yield opened
        else:
            yield self._renew_postgresql(request.getfixturevalue("postgresql_server"))

    @contextmanager
    def _renew_sqlite(self, template: Path) -> Iterator[Engine]:
        folder = self._folder / "sqlite"
        folder.mkdir()
        address = f"sqlite:///{shutil.copy(template, folder / 'claimwire.sqlite')}"
        opened = self._engines.setdefault("sqlite", open_database(address))
        try:
            yield opened
        finally:
            opened.dispose()
            shutil.rmtree(folder)

    def _renew_postgresql(self, server: postgres.Server) -> Engine:
        opened = self._engines.get("postgresql")
        if opened is None:
            opened = self._engines["postgresql"] = open_database(server.new_database())
        else:
            server.empty(opened)
        return opened


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file without rows; copy it, never open it."""
    template = tmp_path_factory.mktemp("template") / "claimwire.sqlite"
    engine = open_database(f"sqlite:///{template}")
    upgrade(engine)
    engine.dispose()
    return template


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgres.Server]:
    """The run's PostgreSQL server; each worker of pytest-xdist has its own."""
    with postgres.running_server() as server:
        yield server


@pytest.fixture(scope="session")
def module_databases(tmp_path_factory: pytest.TempPathFactory) -> Renewed:
    """The databases of `engine`."""
    return Renewed(tmp_path_factory.mktemp("module"))


@pytest.fixture(scope="session")
def test_databases(tmp_path_factory: pytest.TempPathFactory) -> Renewed:
    """The databases of `fresh_engine`."""
    return Renewed(tmp_path_factory.mktemp("test"))


@pytest.fixture(scope="module", params=DATABASES)
def engine(request: pytest.FixtureRequest, module_databases: Renewed) -> Iterator[Engine]:
    """A migrated database of this module's own, on SQLite and then on PostgreSQL; its tests see each other's rows."""
    with module_databases.renew(request) as opened:
        yield opened


@pytest.fixture(params=DATABASES)
def fresh_engine(request: pytest.FixtureRequest, test_databases: Renewed) -> Iterator[Engine]:
    """A migrated database of this test's own, for those that count rows or hold locks."""
    with test_databases.renew(request) as opened:
        yield opened


@pytest.fixture
def clock() -> TurnedClock:
    """A clock standing at noon, UTC, of Monday 2 March 2026."""
    return TurnedClock(datetime(2026, 3, 2, 12, tzinfo=UTC))


@pytest.fixture(autouse=True)
def _own_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command run inside a test routes crashes to its log; the test's own hooks come back afterwards."""
    for module, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))


def pytest_configure(config: pytest.Config) -> None:
    # A logger that nobody configured draws every frame of an exception with its values: seconds for each.
    structlog.configure(processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)])
    for mark, (_, called, _) in PEERS.items():
        config.addinivalue_line("markers", f"{mark}: needs {called}")
    config.stash[NOT_RUN] = set()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take out, and remember, what cannot run for want of a PostgreSQL or an OpenSSH."""
    missing = {mark for mark, (is_available, _, _) in PEERS.items() if not is_available()}
    without = [item for item in items if _needs(item, missing)]
    if not without:
        return
    config.stash[NOT_RUN].update(f"{item.nodeid} ({', '.join(_needs(item, missing))})" for item in without)
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if not _needs(item, missing)]


def _needs(item: pytest.Item, peers: Iterable[str]) -> list[str]:
    return [mark for mark in sorted(peers) if item.get_closest_marker(mark)]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what was not run to the controller of pytest-xdist; fail the session where all of it has to run."""
    not_run = session.config.stash[NOT_RUN]
    workeroutput: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if workeroutput is not None:
        workeroutput["not_run"] = sorted(not_run)
    elif not_run and _everything_must_run() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of pytest-xdist did not run."""
    workeroutput: dict[str, Sequence[str]] = getattr(node, "workeroutput", {})
    config: pytest.Config = node.config
    not_run: set[str] = config.stash[NOT_RUN]
    not_run.update(workeroutput.get("not_run", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say loudly what was not run and how to have it run."""
    not_run = config.stash[NOT_RUN]
    if not not_run:
        return
    missing = [(called, package) for is_available, called, package in PEERS.values() if not is_available()]
    named = " and no ".join(called for called, _ in missing)
    terminalreporter.section(f"NOT RUN: no {named} found", sep="!", red=True, bold=True)
    for nodeid in sorted(not_run):
        terminalreporter.line(f"NOT RUN {nodeid}")
    verdict = ": this fails the run, because CI is set" if _everything_must_run() else ""
    packages = " ".join(package for _, package in missing)
    terminalreporter.line(f"{len(not_run)} tests were not run{verdict}. To have them run: apt-get install {packages}", red=True)


def _everything_must_run() -> bool:
    return os.environ.get("CI", "").lower() in {"1", "true", "yes"}
