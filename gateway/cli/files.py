"""`claimwire files`: every file that came or went."""

from typing import Annotated, Literal

import typer

from gateway.cli import files_take
from gateway.cli.listing import LIMIT, Limit, show_fields, show_list
from gateway.cli.output import AsJson, say, show_json, show_table
from gateway.cli.state import actor, state_of
from gateway.db import listings
from gateway.db.engine import reading
from gateway.desk.file_view import FileView, FoundFault, view_file
from gateway.desk.file_view import replay as replay_file

app = typer.Typer(help="Every file that came or went, and what was in it.", no_args_is_help=True)
app.command("waiting")(files_take.show_waiting)
app.command("take")(files_take.take)

FileId = Annotated[int, typer.Argument(metavar="ID", help="The file's number, as `files list` shows it.")]


@app.command("list")
def list_files(
    ctx: typer.Context,
    direction: Annotated[
        Literal["intake", "outbound", "inbound"] | None, typer.Option(help="Only files that went this way.")
    ] = None,
    state: Annotated[
        Literal["archived", "read", "unreadable", "unpacked"] | None, typer.Option(help="Only files in this state.")
    ] = None,
    limit: Limit = LIMIT,
    as_json: AsJson = False,
) -> None:
    """List files, newest first, with how many sets each holds and how many were set aside.

    Example: claimwire files list --state unreadable
    """
    with state_of(ctx).open() as context, reading(context.engine) as connection:
        rows = listings.list_files(connection, direction=direction, state=state, limit=limit + 1)
    columns = ("id", "direction", "partner", "name", "size_bytes", "received_at", "state", "sets", "set_aside")
    show_list(rows, columns, limit=limit, as_json=as_json, empty="No such files.")


@app.command("show")
def show(ctx: typer.Context, file_id: FileId, as_json: AsJson = False) -> None:
    """Show one file: each set in it, what it did, and what was wrong with it."""
    with state_of(ctx).open() as context:
        view = view_file(context, file_id)
    if as_json:
        show_json(view)
    else:
        _show(view)


@app.command("replay")
def replay(ctx: typer.Context, file_id: FileId, as_json: AsJson = False) -> None:
    """Have a file that could not be read, or whose sets were set aside, looked at again at the next run of ingest.

    Sets that were taken in are passed over, so nothing takes effect twice. Worth it after an upgrade or a change of profiles.
    """
    with state_of(ctx).open() as context:
        replayed = replay_file(context, file_id, actor=actor())
    if as_json:
        show_json(replayed)
        return
    sets = f"{len(replayed.reopened)} sets are tried again" if replayed.reopened else "what was not taken in is tried again"
    say(f"File {replayed.file_id} ({replayed.name}): {sets} at the next run; `claimwire run ingest` does it now.")


def _show(view: FileView) -> None:
    say(f"File {view.id}  {view.name}  {view.direction}, {view.state}: {view.did}")
    show_fields(
        {
            "partner": view.partner, "SHA-256": view.sha256, "bytes": view.size_bytes, "came or went": view.received_at,
            "partner's copy removed": view.removed_at,
        }
    )  # fmt: skip
    _show_findings(view.findings, view.finding_count)
    if view.direction != "inbound":
        return
    say()
    show_table(("set", "transaction", "version", "control_number", "segments", "findings", "state", "did"), [
        {"set": one.ordinal, "transaction": one.transaction, "version": one.version, "control_number": one.st_control_number,
         "segments": one.segment_count, "findings": one.finding_count or None, "state": one.state, "did": one.did}
        for one in view.sets
    ], empty="No sets.", title="Its sets")  # fmt: skip
    for one in view.sets:
        if one.findings:
            say(f"Set {one.ordinal}:")
            _show_findings(one.findings, one.finding_count)


def _show_findings(findings: tuple[FoundFault, ...], count: int) -> None:
    for fault in findings:
        where = f"segment {fault.position} {fault.segment}" if fault.position else fault.segment or fault.level
        say(f"  {where}: {fault.message} ({fault.level} {fault.code})")
    if count > len(findings):
        say(f"  and {count - len(findings)} more")
