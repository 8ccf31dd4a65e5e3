"""`claimwire payers`: the profiles of payers and partners."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.output import AsJson, say, show_json, show_table, warn
from gateway.cli.state import state_of
from gateway.errors import ConfigError
from payers import profile
from payers.profile import Payer

app = typer.Typer(
    help="The profiles of payers and trading partners: the rules claims must meet, and the way to them.", no_args_is_help=True
)

WRONG = 2


@app.command("list")
def list_payers(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the payers that profiles name, with their partners."""
    rows = [_row(payer) for payer in profile.load(state_of(ctx).settings.payers.folder).payers.values()]
    if as_json:
        show_json(rows)
        return
    for row in rows:
        row["payer_ids"] = ", ".join(row["payer_ids"])
    columns = ("id", "name", "partner", "payer_ids", "filing_days", "overdue_days")
    show_table(columns, rows, empty="No payers.")


@app.command("check")
def check(
    ctx: typer.Context,
    folder: Annotated[Path | None, typer.Argument(help="A folder of profiles; that of the settings if none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read every profile strictly and say everything that is wrong: file, key, what it should be. Exit 2 if anything is."""
    where = folder or state_of(ctx).settings.payers.folder
    try:
        profiles = profile.load(where)
    except ConfigError as error:
        problems = str(error).splitlines()
        if as_json:
            show_json({"folder": str(where), "payers": [], "partners": [], "problems": problems})
        for problem in () if as_json else problems:
            warn(problem)
        raise typer.Exit(WRONG) from None
    payers, partners = sorted(profiles.payers), sorted(profiles.partners)
    if as_json:
        show_json({"folder": str(where), "payers": payers, "partners": partners, "problems": []})
    else:
        say(f"{len(payers)} payers ({', '.join(payers)}) and {len(partners)} partners ({', '.join(partners)}) in {where}.")
        say("Nothing is wrong.")


def _row(payer: Payer) -> dict[str, Any]:
    shown = payer.model_dump(include={"id", "name", "payer_ids", "overdue_days"})
    return {**shown, "partner": payer.carrier, "filing_days": payer.timely_filing.original_days}
