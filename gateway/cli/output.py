"""What commands print: tables for people, one JSON document for programs, progress on stderr, money as dollars or as cents."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from edi.values import format_money
from gateway.pipeline.context import Progress as ProgressCall

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on stdout, money in integer cents, nothing else.")]

Cell = str | int | datetime | date | None


def show_json(value: Any) -> None:
    """One JSON document on stdout."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def show_table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, empty: str, title: str = "") -> None:
    """A table with these columns of each row; `…_cents` become dollars under the column's name without it."""
    table = Table(title=title or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        heading = column.removesuffix("_cents").replace("_", " ")
        table.add_column(heading, justify="right" if column.endswith("_cents") else "left")
    for row in rows:
        table.add_row(*(show_cell(column, row[column]) for column in columns))
    stdout = Console(highlight=False, emoji=False, soft_wrap=not sys.stdout.isatty(), width=None if sys.stdout.isatty() else 200)
    stdout.print(table if table.row_count else escape(empty))


def show_cell(column: str, value: Cell) -> str:
    """A value as a person reads it."""
    if value is None:
        return ""
    if column.endswith("_cents") and isinstance(value, int):
        return format_money(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return escape(printable(str(value)))


def printable(text: str) -> str:
    """The text without what would steer a terminal: files written by others may hold it in any field."""
    return "".join(each if each.isprintable() or each == "\n" else "?" for each in text)


def say(text: str = "") -> None:
    """A line on stdout."""
    sys.stdout.write(printable(text) + "\n")


def warn(text: str) -> None:
    """A line on stderr."""
    sys.stderr.write(printable(text) + "\n")


@contextmanager
def progress_bar() -> Iterator[ProgressCall]:
    """Progress on stderr while work goes on: a bar for people at a terminal, nothing for pipes."""
    console = Console(stderr=True)
    texts = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}")
    columns = (SpinnerColumn(), *texts, TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total or None)
            bar.update(tasks[what], completed=done, total=total or None)

        yield tell
