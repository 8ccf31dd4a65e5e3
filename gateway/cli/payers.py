"""`claimwire payers`: the profiles of payers and partners."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import payers_show, payers_test
from gateway.cli.output import AsJson, say, show_json, show_table, warn
from gateway.cli.state import say_left_out, state_of
from gateway.desk.secret_check import check_secrets
from gateway.errors import ConfigError
from payers import profile
from payers.profile import Payer

app = typer.Typer(
    help="The profiles of payers and trading partners: the rules claims must meet, and the way to them.", no_args_is_help=True
)

WRONG, NEEDS_PERSON = 2, 1

app.command("show")(payers_show.show)
app.command("test")(payers_test.try_out)


@app.command("list")
def list_payers(ctx: typer.Context, as_json: AsJson = False) -> None:
    """List the payers that profiles name, with their partners."""
    profiles, refused = profile.load_good(state_of(ctx).settings.payers.folder)
    say_left_out(refused)
    rows = [_row(payer) for payer in profiles.payers.values()]
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
    secrets: Annotated[
        bool, typer.Option("--secrets", help="Look also whether each password and key is where the profile says.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read every profile strictly and say everything that is wrong: file, key, what it should be. Exit 2 if anything is.

    With --secrets, exit 1 where a secret is not there: a variable that is not set, a file that is missing or that others may
    read, a command that is not installed. No command is run, no connection made, no secret shown.

    Example: claimwire payers check --secrets
    """
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
    missing = check_secrets(profiles) if secrets else []
    payers, partners = sorted(profiles.payers), sorted(profiles.partners)
    if as_json:
        show_json({"folder": str(where), "payers": payers, "partners": partners, "problems": missing})
    else:
        say(f"{len(payers)} payers ({', '.join(payers)}) and {len(partners)} partners ({', '.join(partners)}) in {where}.")
        say("Nothing is wrong." if not missing else "The profiles are right, but:")
        for problem in missing:
            warn(problem)
    if missing:
        raise typer.Exit(NEEDS_PERSON)


def _row(payer: Payer) -> dict[str, Any]:
    shown = payer.model_dump(include={"id", "name", "payer_ids", "overdue_days"})
    return {**shown, "partner": payer.carrier, "filing_days": payer.timely_filing.original_days}
