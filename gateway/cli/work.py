"""`claimwire work`: what needs a person."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from gateway.cli.listing import LIMIT, Limit, Reason, show_fields, show_list
from gateway.cli.output import AsJson, say, show_json
from gateway.cli.state import actor, state_of
from gateway.desk import work_list
from gateway.desk.work_list import Item
from gateway.domain.work import WorkKind

app = typer.Typer(help="What needs a person: what happened, what to do, what is at stake.", no_args_is_help=True)

WorkId = Annotated[int, typer.Argument(metavar="ID", help="The number of the item, as `work list` shows it.")]


@app.command("list")
def list_work(  # noqa: PLR0917 each is an option of the command
    ctx: typer.Context,
    kind: Annotated[WorkKind | None, typer.Option(help="Only this kind of work.")] = None,
    owner: Annotated[str | None, typer.Option(help="Only what this person has; '' for what nobody has.")] = None,
    closed_too: Annotated[bool, typer.Option("--all", help="Snoozed and done items, too.")] = False,
    limit: Limit = LIMIT,
    as_json: AsJson = False,
) -> None:
    """List open work, the most urgent first: money at stake times nearness of the deadline.

    Example: claimwire work list --owner ada
    """
    with state_of(ctx).open() as context:
        items = work_list.list_items(context, kind=kind, owner=owner, closed_too=closed_too)
    columns = ["id", "title", "amount_cents", "due_at", "owner", "sentence"]
    if closed_too:
        columns.insert(1, "state")
    rows = [msgspec.structs.asdict(item) for item in items[: limit + 1]]
    show_list(rows, columns, limit=limit, as_json=as_json, empty="Nothing needs a person.")


@app.command("show")
def show(ctx: typer.Context, work_id: WorkId, as_json: AsJson = False) -> None:
    """Show one item: what happened, what to do about it, and the commands that show what it is about."""
    with state_of(ctx).open() as context:
        item = work_list.get_item(context, work_id)
    _show(item, as_json=as_json)


@app.command("assign")
def assign(
    ctx: typer.Context,
    work_id: WorkId,
    person: Annotated[str, typer.Argument(metavar="PERSON", help="Who takes it; '' to give it back.")],
    as_json: AsJson = False,
) -> None:
    """Give an item to someone."""
    with state_of(ctx).open() as context:
        item = work_list.assign(context, work_id, person)
    _show(item, as_json=as_json)


@app.command("snooze")
def snooze(
    ctx: typer.Context,
    work_id: WorkId,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day it comes back, YYYY-MM-DD.")],
    as_json: AsJson = False,
) -> None:
    """Put an item away until a day; it comes back by itself. Example: claimwire work snooze 17 --until 2026-12-01"""
    with state_of(ctx).open() as context:
        item = work_list.snooze(context, work_id, until.replace(tzinfo=UTC))
    _show(item, as_json=as_json)


@app.command("resolve")
def resolve(ctx: typer.Context, work_id: WorkId, reason: Reason, as_json: AsJson = False) -> None:
    """Close an item: while its cause lasts, it is not told again. Most items close by themselves once their cause is gone."""
    with state_of(ctx).open() as context:
        item = work_list.resolve(context, work_id, actor=actor(), reason=reason)
    _show(item, as_json=as_json)


def _show(item: Item, *, as_json: bool) -> None:
    if as_json:
        show_json(item)
        return
    say(f"Work item {item.id}  {item.title}  ({item.state})")
    show_fields(
        {
            "at_stake_cents": item.amount_cents, "due": item.due_at, "owner": item.owner, "partner": item.partner,
            "opened": item.opened_at, "snoozed until": item.snoozed_until, "closed": item.closed_at, "closed by": item.closed_by,
            "because": item.closed_reason,
        }
    )  # fmt: skip
    say()
    say(item.sentence)
    say(f"What to do: {item.what_to_do}")
    for command in _commands(item):
        say(f"  {command}")


def _commands(item: Item) -> list[str]:
    """The commands that show what an item is about."""
    about = (
        (item.pcn, f"claimwire claims show {item.pcn}"),
        (item.batch_id, f"claimwire batches show {item.batch_id}"),
        (item.file_id, f"claimwire files show {item.file_id}"),
        (item.remittance_id, f"claimwire remits show {item.remittance_id}"),
    )
    return [command for there, command in about if there]
