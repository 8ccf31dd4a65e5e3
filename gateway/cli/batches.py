"""`claimwire batches`: what was sent, and what a person knows of it."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.batch_preview import preview
from gateway.cli.listing import LIMIT, Limit, Reason, show_fields, show_list
from gateway.cli.output import AsJson, say, show_json, show_table
from gateway.cli.state import actor, state_of
from gateway.db import listings
from gateway.db.engine import reading
from gateway.desk import batch_commands, batch_registration
from gateway.desk.batch_registration import Registration
from gateway.desk.batch_view import BatchView, view_batch
from gateway.domain.batch_states import BatchState
from payers.file_names import shorten

app = typer.Typer(help="The files of claims that were sent, and what was said about them.", no_args_is_help=True)
app.command("preview")(preview)

BatchId = Annotated[int, typer.Argument(metavar="ID", help="The batch's number, as `batches list` shows it.")]


@app.command("list")
def list_batches(
    ctx: typer.Context,
    state: Annotated[BatchState | None, typer.Option(help="Only batches in this state.")] = None,
    partner: Annotated[str | None, typer.Option(help="Only batches to this partner: the id of its profile.")] = None,
    limit: Limit = LIMIT,
    as_json: AsJson = False,
) -> None:
    """List batches, newest first. Example: claimwire batches list --state unknown"""
    with state_of(ctx).open() as context, reading(context.engine) as connection:
        rows = listings.list_batches(connection, state=state, partner=partner, limit=limit + 1)
    shown = rows if as_json else [{**row, "remote_name": shorten(row["remote_name"])} for row in rows]
    columns = ("id", "partner", "remote_name", "isa_control_number", "claim_count", "charge_cents", "state", "sent_at", "error")
    show_list(shown, columns, limit=limit, as_json=as_json, empty="No such batches.")


@app.command("show")
def show(
    ctx: typer.Context,
    batch_id: BatchId,
    as_json: AsJson = False,
) -> None:
    """Show one batch: its envelope and sets, where its claims stand now, and every acknowledgment of it."""
    with state_of(ctx).open() as context:
        view = view_batch(context, batch_id)
    if as_json:
        show_json(view)
    else:
        _show(view)


@app.command("settle")
def settle(  # noqa: PLR0917 each is an option of the command
    ctx: typer.Context,
    batch_id: BatchId,
    reason: Reason,
    arrived: Annotated[bool, typer.Option("--arrived", help="The partner has it: its claims are sent.")] = False,
    lost: Annotated[bool, typer.Option("--lost", help="The partner has nothing of it: its claims go out again.")] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Say of a batch that is unknown or failed whether it arrived or is lost. Ask the partner first: a guess sends claims twice.

    One that is still queued the partner cannot have: --lost gives it up, say to send its claims by another route.

    Example: claimwire batches settle 5 --lost --reason "their support found no interchange 17"
    """
    if arrived == lost:
        raise typer.BadParameter("say either --arrived or --lost")
    command = batch_commands.settle_arrived if arrived else batch_commands.settle_lost
    with state_of(ctx).open() as context:
        settled = command(context, batch_id, actor=actor(), reason=reason)
    if as_json:
        show_json(settled)
        return
    then = "its claims are sent and wait for answers" if arrived else "its claims go out again in another batch"
    say(f"Batch {settled.batch_id} ({settled.remote_name}) is settled as {settled.outcome}: {then} ({settled.claim_count}).")
    if settled.kept_count:
        say(f"An earlier attempt of {settled.kept_count} of its claims arrived: they stay with that, and are not sent again.")
    others = [batch_id for batch_id in settled.batch_ids if batch_id != settled.batch_id]
    if others:
        say(f"So is what lies in the same file: batch {', '.join(map(str, others))}.")


@app.command("resend")
def resend(ctx: typer.Context, batch_id: BatchId, reason: Reason, as_json: AsJson = False) -> None:
    """Send the very same file of a batch that is unknown or failed once more: same bytes, numbers and name.

    The next delivery still looks for it on the server first. Example: claimwire batches resend 5 --reason "they lost the file"
    """
    with state_of(ctx).open() as context:
        queued = batch_commands.resend(context, batch_id, actor=actor(), reason=reason)
    if as_json:
        show_json(queued)
        return
    say(
        f"{queued.remote_name} goes to {queued.partner} once more with the next delivery, as it is ({queued.claim_count} claims)."
    )


@app.command("register")
def register(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="The file, as it was put there.")],
    partner: Annotated[str, typer.Option(help="On whose server it lies: the id of its profile.")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Say that a person put this file on a partner's server by hand: one of ours is sent, another's is taken into the books.

    Example: claimwire batches register /tmp/CW000000017.837 --partner meridian --reason "sent while our server was down"
    """
    with state_of(ctx).open() as context:
        done = batch_registration.register(context, file.name, file.read_bytes(), partner=partner, actor=actor(), reason=reason)
    if as_json:
        show_json(done)
    else:
        _show_registration(done)


def _show_registration(done: Registration) -> None:
    batches = ", ".join(map(str, done.batch_ids))
    if done.ours:
        say(f"{done.remote_name} is batch {batches}: sent from now on, with its {done.claim_count} claims.")
        return
    say(
        f"{done.remote_name} is none of ours. It is kept as batch {batches} ({done.claim_count} claims), and its answers are "
        "tied to it."
    )
    if not done.claims:
        say("None of our claims is in it.")
        return
    say("It holds these claims of ours. Those that would have left were held; none is sent again without a person's word on it:")
    columns = ("pcn", "state", "held")
    show_table(columns, [{name: getattr(each, name) for name in columns} for each in done.claims], empty="")


def _show(view: BatchView) -> None:
    say(f"Batch {view.id} to {view.partner}  {view.state}")
    show_fields(
        {
            "file": f"{view.remote_name} (file {view.file_id}, {view.size_bytes} bytes)", "SHA-256": view.sha256,
            "sender (ISA05:06)": view.sender, "receiver (ISA07:08)": view.receiver, "usage (ISA15)": view.usage,
            "interchange (ISA13)": view.isa_control_number, "group (GS06)": view.gs_control_number, "claims": view.claim_count,
            "charges_cents": view.charge_cents, "created": view.created_at, "cutoff": view.cutoff_at, "sent": view.sent_at,
            "next try": view.next_try_at,
            "same file": ", ".join(f"batch {each}" for each in view.same_file), "tries": view.tries or None, "error": view.error,
        }
    )  # fmt: skip
    say()
    show_table(("set", "reference", "segments", "claims", "charge_cents"), [
        {"set": one.st_control_number, "reference": one.reference, "segments": one.segment_count, "claims": one.claim_count,
         "charge_cents": one.charge_cents} for one in view.sets
    ], empty="No sets.", title="Sets (ST02, BHT03)")  # fmt: skip
    say()
    states = ({"state": state.replace("_", " "), "claims": count} for state, count in view.claim_states.items())
    show_table(("state", "claims"), states, empty="No claims.", title="Its claims now")
    say()
    show_table(("answer", "verdict", "codes", "about", "file", "segment"), [
        {"answer": one.kind, "verdict": one.verdict, "codes": one.codes, "about": one.reference, "file": one.file_id,
         "segment": one.position or None} for one in view.acknowledgments
    ], empty="Nobody has answered yet.", title="Acknowledgments of the batch and its sets")  # fmt: skip
