"""`claimwire batches preview`: what would go now, and why not more."""

from typing import Annotated, Any

import msgspec
import typer

from gateway.cli.output import AsJson, say, show_json, show_table
from gateway.cli.state import state_of
from gateway.desk.batch_preview import FutureFile, preview_batches


def preview(
    ctx: typer.Context,
    partner: Annotated[str | None, typer.Option(help="Only files for this partner: the id of its profile.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the files that the next batching would make, and what stays behind and why. It draws no number and writes nothing.

    Example: claimwire batches preview --partner meridian
    """
    with state_of(ctx).open_to_work() as context:
        foreseen = preview_batches(context, partner)
    if as_json:
        show_json(foreseen)
        return
    columns = ("partner", "name", "transaction", "usage", "interchanges", "sets", "practices", "claims", "charge_cents",
               "filing_limit", "leaves")  # fmt: skip
    show_table(columns, map(_tell, foreseen.files), empty="Nothing is ready to go.", title="Files")
    say()
    stays = ({**msgspec.structs.asdict(each), "partner": each.partner or "(none)"} for each in foreseen.staying)
    show_table(("partner", "claims", "charge_cents", "why"), stays, empty="Nothing stays behind.", title="What stays")


def _tell(file: FutureFile) -> dict[str, Any]:
    leaves = f"for the cutoff of {file.cutoff}" if file.cutoff else "at the next run"
    return {**msgspec.structs.asdict(file), "leaves": leaves}
