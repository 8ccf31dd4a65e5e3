"""`claimwire files waiting` and `files take`: what lies at partners and is not whole."""

from typing import Annotated

import msgspec
import typer

from gateway.cli.listing import LIMIT, Limit, Reason, show_list
from gateway.cli.output import AsJson, say, show_json
from gateway.cli.state import actor, state_of
from gateway.desk.waiting_files import list_waiting
from gateway.desk.waiting_files import take as take_file


def show_waiting(
    ctx: typer.Context,
    partner: Annotated[str | None, typer.Option(help="Only files at this partner.")] = None,
    limit: Limit = LIMIT,
    as_json: AsJson = False,
) -> None:
    """List files that lie at partners and are not taken yet, since when, and why: arriving, empty, broken off, refused, unsafe.

    Example: claimwire files waiting --partner meridian
    """
    with state_of(ctx).open() as context:
        waiting = list_waiting(context, partner=partner, limit=limit + 1)
    columns = ("partner", "name", "state", "since", "size_bytes", "why")
    rows = [msgspec.structs.asdict(one) for one in waiting]
    show_list(rows, columns, limit=limit, as_json=as_json, empty="Nothing waits at any partner.")


def take(
    ctx: typer.Context,
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The partner's profile id.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="The file's name there, as `files waiting` shows it.")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """Take a file as it is that never became whole: the next pickup keeps it, and ingest says what is broken in it.

    A name that begins with a dash stands last, after two more dashes: `claimwire files take --reason "…" -- meridian -a.835`.

    Example: claimwire files take meridian 20261120.835 --reason "the partner says that no more will come"
    """
    with state_of(ctx).open() as context:
        taken = take_file(context, partner, name, actor=actor(), reason=reason)
    if as_json:
        show_json(taken)
    else:
        say(f"{taken.name} at {taken.partner} is taken as it is; `claimwire run pickup ingest` does it now.")
