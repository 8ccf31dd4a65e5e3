"""Output for people that may be long: through a pager at a terminal, coloured there, plain text in a pipe."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.cli.listing import show_plain
from gateway.cli.output import printable

NoPager = Annotated[bool, typer.Option("--no-pager", help="Write straight to the terminal, however long it is.")]

_PAGER = "less"
_LESS = "FRX"
"""Leave at once where it fits on the screen, pass colours on, keep what was shown."""


class Page:
    """Lines and tables for stdout; the pager starts with the first of them, after `before` was called."""

    def __init__(self, *, pager: bool, before: Callable[[], object] = lambda: None) -> None:
        self._wants_pager = pager and sys.stdout.isatty()
        self._before = before
        self._process: subprocess.Popen[str] | None = None
        self._stream: TextIO | IO[str] | None = None
        self._is_left = False
        self._is_plain = not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
        self.width = shutil.get_terminal_size((120, 40)).columns
        self._console = Console(
            file=sys.stdout,
            color_system=None if self._is_plain else "standard",
            force_terminal=not self._is_plain,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
            width=self.width if sys.stdout.isatty() else 200,
        )

    def line(self, *parts: str | tuple[str, str]) -> None:
        """One line; a part is text, or text and its style."""
        told = [(part, "") if isinstance(part, str) else part for part in parts]
        if self._is_plain:
            self._write(printable("".join(text for text, _ in told)) + "\n")
        else:
            self._write(self._render(Text.assemble(*((printable(text), style) for text, style in told))) + "\n")

    def table(self, columns: Sequence[str], rows: Sequence[Mapping[str, Any]], *, indent: int = 0) -> None:
        """A table with these columns of each row; `…_cents` become dollars under the column's name without it."""
        table = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
        for column in columns:
            right = any(isinstance(row.get(column), int) for row in rows)
            table.add_column(name_column(column), justify="right" if right else "left", overflow="fold")
        for row in rows:
            table.add_row(*(Text(printable(show_plain(column, row.get(column)))) for column in columns))
        for text in self._render(table).splitlines():
            self._write(f"{'':{indent}}{text.rstrip()}\n")

    def _render(self, what: Any) -> str:
        with self._console.capture() as captured:
            self._console.print(what, end="")
        return captured.get()

    def _write(self, text: str) -> None:
        if self._stream is None:
            self._before()
            self._process = _start_pager() if self._wants_pager else None
            self._stream = self._process.stdin if self._process else sys.stdout
            if isinstance(self._stream, TextIOWrapper):
                # A terminal that has no arrow shows a question mark.
                self._stream.reconfigure(errors="replace")
        if self._is_left:
            return
        assert self._stream is not None
        try:
            self._stream.write(text)
        except BrokenPipeError:
            self._leave()

    def _leave(self) -> None:
        """The reader has seen enough: what Python still holds for stdout goes nowhere, and so does all that follows."""
        self._is_left = True
        if self._process is None:
            with Path(os.devnull).open("w") as nothing:
                os.dup2(nothing.fileno(), sys.stdout.fileno())

    def close(self) -> None:
        """Write out what is left, and wait until the reader leaves the pager."""
        if self._process is None:
            try:
                sys.stdout.flush()
            except BrokenPipeError:
                self._leave()
            return
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        while self._process.returncode is None:
            with suppress(KeyboardInterrupt):
                self._process.wait()


@contextmanager
def open_page(*, pager: bool, before: Callable[[], object] = lambda: None) -> Iterator[Page]:
    """A page to write on; when its reader leaves early, the rest is written nowhere and the work goes on.

    `before` is called before the first line, say to take a progress bar away.
    """
    page = Page(pager=pager, before=before)
    try:
        yield page
    finally:
        page.close()


def name_column(column: str) -> str:
    """A field's name as people read it: charge_cents → charge, service_from → service from."""
    return column.removesuffix("_cents").replace("_", " ")


def _start_pager() -> "subprocess.Popen[str] | None":
    """$PAGER, or less where there is one; None where neither can be started."""
    command = shlex.split(os.environ.get("PAGER", _PAGER))
    if not command or command == ["cat"] or shutil.which(command[0]) is None:
        return None
    environment = {"LESS": _LESS, **os.environ}
    # What the user's own environment names is the user's to run.
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=environment, text=True, encoding="utf-8", errors="replace")  # noqa: S603
