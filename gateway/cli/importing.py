"""`claimwire claims import`: files of claims into the gateway, each refusal with its place and what would be right."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from gateway.cli.output import AsJson, say, show_json
from gateway.cli.state import state_of
from gateway.domain.balancing import format_money
from gateway.pipeline.claim_files import Refusal
from gateway.pipeline.context import Context
from gateway.pipeline.intake import Received, receive
from gateway.pipeline.intake_folder import CHUNK_BYTES, read_chunks

REMARKS_SHOWN = 10

Paths = Annotated[list[Path], typer.Argument(help="Files of claims, folders of them, or - for stdin.", metavar="PATH")]


class Imported(msgspec.Struct, kw_only=True):
    """What became of all the files; `files` holds a report of each. `file_id` 0: the file could not be opened."""

    new: int
    known: int
    refused: int
    charge_cents: int
    files: list[Received]


def import_files(ctx: typer.Context, paths: Paths, as_json: AsJson = False) -> None:
    """Take in files of claims: 837P, JSON or CSV (docs/claim-files.md). What is good is taken in, whatever else is in the file.

    The same claim twice is one claim, so a corrected file can be imported whole. Exit 1 if anything was refused, or a file
    holds no claim. Examples: claimwire claims import monday.837 tuesday.csv; claimwire claims import exports/;
    make_claims | claimwire claims import -
    """
    missing = [str(path) for path in paths if str(path) != "-" and not path.exists()]
    if missing:
        raise typer.BadParameter(f"{', '.join(missing)} does not exist")
    files: list[Received] = []
    with state_of(ctx).open() as context:
        for path in _list_files(paths):
            report = _import_one(context, path)
            files.append(report)
            if not as_json:
                _tell(report)
    total = Imported(
        new=sum(one.new for one in files),
        known=sum(one.known for one in files),
        refused=sum(len(one.refusals) for one in files),
        charge_cents=sum(one.charge_cents for one in files),
        files=files,
    )
    if as_json:
        show_json(total)
    else:
        say(
            f"{len(files)} files: {total.new} claims new ({format_money(total.charge_cents)}), {total.known} already known, "
            f"{total.refused} refused"
        )
    if total.refused or any(_is_empty(one) for one in files):
        raise typer.Exit(1)


def _list_files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from (each for each in sorted(path.iterdir()) if each.is_file() and not each.name.startswith("."))
        else:
            yield path


def _import_one(context: Context, path: Path) -> Received:
    if str(path) == "-":
        return receive(context, "stdin", iter(lambda: sys.stdin.buffer.read(CHUNK_BYTES), b""))
    try:
        path.open("rb").close()
    except OSError as error:
        refusal = Refusal(position="file", message=f"it cannot be opened: {error.strerror}")
        return Received(file_id=0, name=path.name, refusals=[refusal])
    return receive(context, path.name, read_chunks(path))


def _is_empty(report: Received) -> bool:
    """Whether there was no claim in the file, good or bad: somebody meant to send some."""
    return not (report.new or report.known or report.refusals)


def _tell(report: Received) -> None:
    counts = [f"{report.new} new", f"{report.known} already known", f"{len(report.refusals)} refused"]
    if report.remarks:
        counts.append(f"{len(report.remarks)} remarks")
    say(f"{report.name}: {', '.join(counts)}" + ("; there is no claim in it" if _is_empty(report) else ""))
    for refusal in report.refusals:
        say(f"  refused: {report.name}, {refusal.position}: {refusal.message}")
    for remark in report.remarks[:REMARKS_SHOWN]:
        say(f"  remark:  {report.name}, {remark.position}: {remark.message}")
    if len(report.remarks) > REMARKS_SHOWN:
        say(f"  and {len(report.remarks) - REMARKS_SHOWN} more remarks; --json shows them all")
