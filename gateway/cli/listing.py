"""Lists on the command line: a table for people, one JSON list for programs, and a word where there is more."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from gateway.cli.output import say, show_cell, show_json, show_table, warn

Limit = Annotated[int, typer.Option("--limit", min=1, max=1_000_000, help="The most to show.")]
LIMIT = 100

Reason = Annotated[str, typer.Option("--reason", help="Why; kept for ever beside what you do.")]


def show_list(rows: Sequence[Mapping[Any, Any]], columns: Sequence[str], *, limit: int, as_json: bool, empty: str) -> None:
    """The first `limit` rows; whoever asks fetches one more, so that it is known whether there are others."""
    shown = [dict(row) for row in rows[:limit]]
    if as_json:
        show_json(shown)
    else:
        show_table(columns, shown, empty=empty)
    if len(rows) > limit:
        warn(f"There are more than these {limit}; --limit shows more.")


def show_fields(fields: Mapping[str, Any]) -> None:
    """Names and values under each other; `…_cents` as dollars. What is empty is left out."""
    shown = {name: value for name, value in fields.items() if value not in (None, "")}
    width = max((len(name.removesuffix("_cents")) for name in shown), default=0)
    for name, value in shown.items():
        say(f"  {name.removesuffix('_cents').replace('_', ' '):<{width}}  {show_plain(name, value)}")


def show_plain(name: str, value: Any) -> str:
    """A value outside a table, where nothing is markup."""
    return str(value) if isinstance(value, str) else show_cell(name, value)
