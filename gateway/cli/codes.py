"""`claimwire codes`: what codes mean, and the lists that the operator brings."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import AsJson, say, show_json, show_table, warn
from gateway.cli.state import State, actor, state_of
from gateway.db.engine import Engine, is_file_missing, open_database
from gateway.db.migrations import is_current
from gateway.desk import code_lists
from gateway.desk.code_lists import CodeView, ImportReport
from gateway.domain.code_files import Columns
from gateway.errors import Refused

app = typer.Typer(
    help="Code lists: what codes mean and what to do about them, and the lists you bring yourself (docs/codes.md).",
    no_args_is_help=True,
)

BAD_LINES_SHOWN = 100

ListName = Annotated[str, typer.Argument(metavar="LIST", help="The list's name, as `codes list` shows it.")]
FirstDay = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day of the release, where the file gives none.")
]
LastDay = Annotated[
    datetime | None, typer.Option("--through", formats=["%Y-%m-%d"], help="Last day of the release, where the file gives none.")
]


@app.command("list")
def list_lists(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the code lists: how many texts are shipped, what was imported, when, and from which file."""
    with _find_database(state_of(ctx)) as engine:
        views = code_lists.view_lists(engine)
    if as_json:
        show_json(views)
        return
    rows = [{name: getattr(view, name) for name in view.__struct_fields__} for view in views]
    for row in rows:
        row["shipped"], row["imported"] = row["shipped"] or "", row["imported"] or ""
    show_table(("name", "title", "owner", "shipped", "imported", "imported_at", "file_name"), rows, empty="No lists.")


@app.command("show")
def show(
    ctx: typer.Context,
    words: Annotated[list[str], typer.Argument(metavar="[LIST] CODE", help="A code, after the list it is of where you know it.")],
    as_json: AsJson = False,
) -> None:
    """Say what a code means and what to do about it. Examples: claimwire codes show CARC 45; claimwire codes show N290

    Exit 1 where no list has it.
    """
    if len(words) > 2:
        raise typer.BadParameter("give a code, or a list and a code")
    name = words[0] if len(words) == 2 else None
    with _find_database(state_of(ctx)) as engine:
        found = code_lists.find_code(engine, words[-1], list_name=name)
        missing = "" if found else _tell_missing(engine, words[-1], name)
    if as_json:
        show_json(found)
    else:
        for view in found:
            _tell(view)
    if not found:
        warn(missing)
        raise typer.Exit(1)


def _tell_missing(engine: Engine | None, code: str, name: str | None) -> str:
    """Why nothing can be said of a code: no list has it, or the list's texts are not here, and the code may be sound."""
    if name is None:
        return f"No list has the code {code}."
    known = code_lists.get_list(name).name
    if any(view.name == known and not view.shipped and not view.imported for view in code_lists.view_lists(engine)):
        return f"No texts of {known} are at hand; `claimwire codes import {known} FILE` brings the owner's."
    return f"{known} has not the code {code}."


@contextmanager
def _find_database(state: State) -> Iterator[Engine | None]:
    """The database, where there is one with the tables of this version: what codes mean can be told without it."""
    url = state.settings.database.url
    if is_file_missing(url):
        yield None
        return
    engine = open_database(url)
    try:
        yield engine if is_current(engine) else None
    finally:
        engine.dispose()


def _tell(view: CodeView) -> None:
    days = f"  [{view.valid_from or '…'} to {view.valid_through or '…'}]" if view.valid_from or view.valid_through else ""
    say(f"{view.list} {view.code}: {view.text}{days}" + ("  (imported)" if view.source == "imported" else ""))
    if view.next_step:
        say(f"  {view.next_step}")


@app.command("import")
def import_list(
    ctx: typer.Context,
    list_name: ListName,
    path: Annotated[Path, typer.Argument(metavar="FILE", help="The owner's file: CSV, TSV, code and text; or - for stdin.")],
    *,
    valid_from: FirstDay = None,
    valid_through: LastDay = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="WHAT=NAME", help="A column's name where it is not known: code, text, from or through."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check the file; import nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import a code list from your licensed file, in the place of what was imported before: all of it, or nothing.

    Every line that is wrong is named; exit 1 if there is one. Examples: claimwire codes import CARC carc.csv;
    claimwire codes import HCPCS HCPC2026_OCT_ANWEB.txt; claimwire codes import ICD-10-CM icd10cm_order_2027.txt
    --from 2026-10-01 --through 2027-09-30; claimwire codes import CPT my.tsv --column code=Proc --column text=Words
    """
    data = _read(path)
    with state_of(ctx).open() as context:
        report = code_lists.import_list(
            context,
            list_name,
            data,
            file_name=path.name if str(path) != "-" else "stdin",
            actor=actor(),
            columns=_columns(column or []),
            within=(_day(valid_from), _day(valid_through)),
            dry_run=dry_run,
        )
    if as_json:
        show_json(report)
    else:
        _tell_import(report)
    if report.bad_lines:
        raise typer.Exit(1)


@app.command("drop")
def drop(ctx: typer.Context, list_name: ListName) -> None:
    """Take away what was imported for a list: texts of ours are shown again, and nothing is checked against it."""
    with state_of(ctx).open() as context:
        code_lists.drop_list(context, list_name)
    say(f"What was imported for {code_lists.get_list(list_name).name} is gone.")


def _read(path: Path) -> bytes:
    """The file's bytes, one more than is allowed at most."""
    most = code_lists.FILE_BYTES_MAX + 1
    if str(path) == "-":
        return sys.stdin.buffer.read(most)
    try:
        with path.open("rb") as file:
            return file.read(most)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from None


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


_COLUMNS = {"code": "code", "text": "text", "from": "valid_from", "through": "valid_through"}


def _columns(given: list[str]) -> Columns:
    named: dict[str, str] = {}
    for one in given:
        what, _, name = one.partition("=")
        if what not in _COLUMNS or not re.search(r"[0-9A-Za-z]", name):
            raise typer.BadParameter(f"{one}: write code=NAME, text=NAME, from=NAME or through=NAME")
        named[_COLUMNS[what]] = name
    return Columns(**named)


def _tell_import(report: ImportReport) -> None:
    for line in report.bad_lines[:BAD_LINES_SHOWN]:
        warn(f"{report.file_name}, {f'line {line.position}' if line.position else 'file'}: {line.message}")
    if len(report.bad_lines) > BAD_LINES_SHOWN:
        warn(f"and {len(report.bad_lines) - BAD_LINES_SHOWN} more; --json shows all of them")
    if report.bad_lines:
        say(f"{report.list}: nothing was imported; {len(report.bad_lines)} lines are wrong, {report.codes} are right.")
    elif report.imported:
        say(f"{report.list}: {report.codes} codes imported from {report.file_name}.")
    else:
        say(f"{report.list}: {report.codes} codes could be imported from {report.file_name}; nothing was, as you asked.")
