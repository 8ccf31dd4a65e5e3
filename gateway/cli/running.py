"""`claimwire run` and `claimwire serve`."""

from dataclasses import replace
from typing import Annotated

import typer

from gateway.cli.output import AsJson, say, show_json, warn
from gateway.cli.state import state_of
from gateway.daemon import Daemon
from gateway.desk.partner_view import explain_waiting
from gateway.desk.work_list import list_items
from gateway.domain.work import WorkKind
from gateway.pipeline import intake_folder, leftovers
from gateway.pipeline.stages import STAGES, run_once

INTAKE = "intake"
_NAMES = ", ".join((INTAKE, *STAGES))


def run(
    ctx: typer.Context,
    stages: Annotated[list[str] | None, typer.Argument(help=f"Stages to run; all if none: {_NAMES}.")] = None,
    now: Annotated[
        bool, typer.Option("--now", help="Do not wait for cutoffs, poll times, or partners that just failed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run every stage once (or those named), in order, then exit. Safe to run twice, at any moment, beside the daemon.

    Claims for a partner with cutoffs wait until their files are due; a line on stderr says until when, and --now sends them.
    Exit 1, with a line on stderr for each, while transfers to or from a partner fail. The stage intake takes in what lies in
    the folder of config serve.intake_folder, where there is one.

    Example: claimwire run batching delivery --now
    """
    names = tuple(stages or (INTAKE, *STAGES))
    unknown = [name for name in names if name not in (INTAKE, *STAGES)]
    if unknown:
        raise typer.BadParameter(f"no stage {', '.join(unknown)}; the stages are {_NAMES}")
    state = state_of(ctx)
    folder = state.settings.serve.intake_folder
    if folder is None and stages and INTAKE in stages:
        raise typer.BadParameter("intake has no folder to look into: set intake_folder in [serve] of the settings")
    with state.open_to_work() as opened:
        context = replace(opened, at_once=now)
        done = {INTAKE: intake_folder.run(context, folder)} if folder is not None and INTAKE in names else {}
        done |= run_once(context, names)
        leftovers.run(context)
        waiting = explain_waiting(context) if "batching" in names and not now else []
        failing = list_items(context, kind=WorkKind.TRANSFER_FAILING, owner=None, closed_too=False)
    if as_json:
        show_json(done)
    else:
        for name, count in done.items():
            say(f"{name:<10} {count}")
    for sentence in waiting:
        warn(sentence)
    for item in failing:
        warn(item.sentence)
    if failing:
        raise typer.Exit(1)


def serve(ctx: typer.Context) -> None:
    """Run as a daemon: every stage at its period (config [schedule]) until SIGTERM or Ctrl-C; the unit in hand is finished."""
    state = state_of(ctx)
    with state.open_to_work() as context:
        Daemon(state.settings, context).serve()
