"""`claimwire claims import`: files of claims into the gateway, each refusal with its place and what would be right."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from edi.values import format_money
from gateway.cli.output import AsJson, say, show_json
from gateway.cli.state import state_of
from gateway.pipeline.claim_refusals import Refusal, Remark
from gateway.pipeline.context import Context
from gateway.pipeline.intake import KEPT_MAX, Received, receive, tell_refused
from gateway.pipeline.intake_folder import CHUNK_BYTES, read_chunks

REFUSALS_SHOWN = 100
REMARKS_SHOWN = 10

Paths = Annotated[list[Path], typer.Argument(help="Files of claims, folders of them, or - for stdin.", metavar="PATH")]


class Imported(msgspec.Struct, kw_only=True):
    """What became of all the files; `files` holds a report of each. `file_id` 0: the file could not be opened.

    `refused` counts claims, `refusal_count` the reasons, those of files and sets among them.
    """

    new: int
    known: int
    refused: int
    refusal_count: int
    charge_cents: int
    files: list[Received]


def import_files(ctx: typer.Context, paths: Paths, as_json: AsJson = False) -> None:
    """Take in files of claims: 837P, JSON or CSV (docs/claim-files.md). What is good is taken in, whatever else is in the file.

    The same claim twice is one claim, so a file can be imported again whole; a remark names those that are known but came
    otherwise this time: they are changed by claims correct. Exit 1 if anything was refused, or a file holds no claim.
    Examples: claimwire claims import monday.837 tuesday.csv; claimwire claims import exports/; make_claims | claimwire claims
    import -
    """
    missing = [str(path) for path in paths if str(path) != "-" and not path.exists()]
    if missing:
        raise typer.BadParameter(f"{', '.join(missing)} does not exist")
    files: list[Received] = []
    with state_of(ctx).open_to_work() as context:
        for path in list_files(paths):
            report = _import_one(context, path)
            files.append(report)
            if not as_json:
                _tell(report)
    total = Imported(
        new=sum(one.new for one in files),
        known=sum(one.known for one in files),
        refused=sum(one.refused for one in files),
        refusal_count=sum(one.refusal_count for one in files),
        charge_cents=sum(one.charge_cents for one in files),
        files=files,
    )
    if as_json:
        show_json(total)
    else:
        say(
            f"{len(files)} files: {total.new} claims new ({format_money(total.charge_cents)}), {total.known} already known, "
            f"{tell_refused(total.refused, total.refusal_count)}"
        )
    if total.refusal_count or any(_is_empty(one) for one in files):
        raise typer.Exit(1)


def list_files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that paths stand for: a folder for those in it, hidden ones apart."""
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
        report = Received(file_id=0, name=path.name)
        report.add_refusal(Refusal(position="file", message=f"it cannot be opened: {error.strerror}", claims=0))
        return report
    return receive(context, path.name, read_chunks(path))


def _is_empty(report: Received) -> bool:
    """Whether there was no claim in the file, good or bad: somebody meant to send some."""
    return not (report.new or report.known or report.refusal_count)


def _tell(report: Received) -> None:
    counts = [f"{report.new} new", f"{report.known} already known", tell_refused(report.refused, report.refusal_count)]
    if report.remark_count:
        counts.append(f"{report.remark_count} remarks")
    say(f"{report.name}: {', '.join(counts)}" + ("; there is no claim in it" if _is_empty(report) else ""))
    _tell_each(report.name, "refused:", report.refusals[:REFUSALS_SHOWN], "refusals", report.refusal_count)
    _tell_each(report.name, "remark: ", report.remarks[:REMARKS_SHOWN], "remarks", report.remark_count)


def _tell_each(name: str, kind: str, shown: Sequence[Refusal | Remark], what: str, count: int) -> None:
    for one in shown:
        say(f"  {kind} {name}, {one.position}: {one.message}")
    if count > len(shown):
        say(f"  and {count - len(shown)} more {what}; --json shows the first {KEPT_MAX} of a file")
