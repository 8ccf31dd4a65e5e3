"""Long output: coloured and paged at a terminal, plain in a pipe, and quiet when its reader leaves."""

import io
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.cli.page import open_page
from tests.gateway.cli.conftest import Run
from tests.support.remittances import FILE


class Terminal:
    """A terminal of our own as stdout: `seen` is what came to be seen on it."""

    def __init__(self) -> None:
        self.seen = b""
        self._ours, theirs = pty.openpty()
        self.stdout = os.fdopen(theirs, "w")
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._ours, 65_536)
            except OSError:
                return
            self.seen += chunk

    def close(self) -> str:
        self.stdout.close()
        self._reader.join()
        os.close(self._ours)
        return self.seen.decode()


@contextmanager
def terminal(patch: pytest.MonkeyPatch, **environment: str) -> Iterator[list[str]]:
    """Stdout is a terminal for a while; what was seen on it is then in the list."""
    shown: list[str] = []
    own = Terminal()
    with patch.context() as inner:
        for name in ("NO_COLOR", "PAGER", "LESS"):
            inner.delenv(name, raising=False)
        for name, value in {"TERM": "xterm", **environment}.items():
            inner.setenv(name, value)
        inner.setattr(sys, "stdout", own.stdout)
        try:
            yield shown
        finally:
            shown.append(own.close())


def write_page(*, pager: bool) -> None:
    with open_page(pager=pager) as page:
        page.line(("bold words", "bold"), " and plain ones")
        page.table(("name", "charge_cents"), [{"name": "[bold]A[/bold]", "charge_cents": 1050}])


def test_a_terminal_gets_styles(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as shown:
        write_page(pager=False)
    assert "\x1b[1mbold words\x1b[0m and plain ones" in shown[0]


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_that_wants_none_gets_no_styles(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    with terminal(monkeypatch, **environment) as shown:
        write_page(pager=False)
    assert "\x1b" not in shown[0]
    assert "bold words and plain ones" in shown[0]


def test_a_pipe_gets_plain_text(capsys: pytest.CaptureFixture[str]) -> None:
    """What looks like markup is text, and cents are dollars."""
    write_page(pager=True)
    written = capsys.readouterr().out.splitlines()
    assert written[0] == "bold words and plain ones"
    assert [line.split() for line in written[1:]] == [["name", "charge"], ["[bold]A[/bold]", "10.50"]]


def test_what_would_steer_a_terminal_is_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    with open_page(pager=False) as page:
        page.line("a\x1b[2Jb")
        page.table(("name",), [{"name": "c\x07d"}])
    assert not {"\x1b", "\x07"} & set(capsys.readouterr().out)


def test_long_output_goes_through_the_pager(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Which gets what a terminal would have got."""
    with terminal(monkeypatch, PAGER="sed -e s/words/PAGED/") as shown:
        write_page(pager=True)
    assert shown[0] == ""
    assert "bold PAGED" in capfd.readouterr().out


@pytest.mark.parametrize("pager", ["/nowhere/pager", "cat", ""])
def test_without_a_pager_it_goes_to_the_terminal(monkeypatch: pytest.MonkeyPatch, pager: str) -> None:
    with terminal(monkeypatch, PAGER=pager) as shown:
        write_page(pager=True)
    assert "bold words" in shown[0]


def test_a_pager_that_is_left_at_once_ends_nothing(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """The work goes on to its end, so that its verdict is about all of it."""
    lines = 0
    with terminal(monkeypatch, PAGER="true"), open_page(pager=True) as page:
        for _ in range(20_000):
            page.line("x" * 100)
            lines += 1
    assert lines == 20_000
    assert capfd.readouterr().err == ""


def test_what_must_go_first_goes_before_the_first_line(capsys: pytest.CaptureFixture[str]) -> None:
    with open_page(pager=False, before=lambda: sys.stdout.write("first\n")) as page:
        pass
    assert capsys.readouterr().out == ""
    with open_page(pager=False, before=lambda: sys.stdout.write("first\n")) as page:
        page.line("second")
        page.line("third")
    assert capsys.readouterr().out == "first\nsecond\nthird\n"


def test_head_leaves_early_and_nothing_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.835"
    path.write_text(FILE)
    program = f'{sys.executable} -c "from gateway.cli import main; main()" edi inspect'
    command = f"{program} {' '.join([str(path)] * 300)} | head -1"
    ran = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (ran.stdout.count("\n"), ran.stderr) == (1, "")


def test_a_wide_character_set_is_not_needed(monkeypatch: pytest.MonkeyPatch, run_anywhere: Run, tmp_path: Path) -> None:
    """A terminal of plain ASCII gets question marks, not a crash."""
    path = tmp_path / "a.835"
    path.write_text(FILE)
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", narrow)
    assert run_anywhere("edi", "inspect", path).code == 0
    narrow.seek(0)
    assert "ZZ INVENTEDPAYER ? ZZ INVENTEDCLINIC" in narrow.read()
