"""`claimwire edits`: what a claim is checked for before it leaves."""

from typing import Annotated, Any

import typer

from gateway.cli import backtest
from gateway.cli.output import AsJson, say, show_json, show_table
from gateway.domain.edits import EDITS
from gateway.domain.edits.document import describe_guides
from gateway.domain.edits.terms import GROUPS, Edit

app = typer.Typer(help="The edits: what a claim is checked for before it leaves (docs/edits.md).", no_args_is_help=True)
app.command("backtest")(backtest.try_rules)


@app.command("list")
def list_edits(
    group: Annotated[str, typer.Option("--group", help=f"Only this group: {', '.join(GROUPS)}.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the edits, all or those of a group: what each demands, and whether it holds a claim or warns.

    Example: claimwire edits list --group providers
    """
    if group and group not in GROUPS:
        raise typer.BadParameter(f"no such group; there are {', '.join(GROUPS)}", param_hint="--group")
    edits = [edit for edit in EDITS if not group or edit.group == group]
    if as_json:
        show_json([_describe(edit) for edit in edits])
        return
    rows = [{**_describe(edit), "guides": describe_guides(edit)} for edit in edits]
    show_table(("id", "group", "severity", "guides", "what"), rows, empty="No edits.")


@app.command("show")
def show_edit(
    name: Annotated[str, typer.Argument(metavar="ID", help="An edit's id, as `edits list` and findings show it.")],
    as_json: AsJson = False,
) -> None:
    """Say what an edit demands, why, how to mend a claim that breaks it, and give an example.

    Exit 2 where there is no such edit. Example: claimwire edits show npi-check-digit
    """
    edit = next((edit for edit in EDITS if edit.id == name), None)
    if edit is None:
        raise typer.BadParameter("no such edit; `claimwire edits list` shows all", param_hint="ID")
    if as_json:
        show_json(_describe(edit))
        return
    does = "holds the claim" if edit.severity == "hold" else "warns, and lets the claim go"
    say(f"{edit.id} ({GROUPS[edit.group]}; guides: {describe_guides(edit)}): {does}")
    say(f"  what     {edit.what}")
    say(f"  why      {edit.why}")
    say(f"  fix      {edit.fix}")
    say(f"  example  {edit.example}")


def _describe(edit: Edit) -> dict[str, Any]:
    return {
        "id": edit.id,
        "group": edit.group,
        "severity": edit.severity,
        "guides": sorted(edit.guides, reverse=True),
        "what": edit.what,
        "why": edit.why,
        "fix": edit.fix,
        "example": edit.example,
    }
