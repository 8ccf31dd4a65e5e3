"""`claimwire run` and `claimwire serve`."""

from typing import Annotated

import typer

from gateway.cli.output import AsJson, say, show_json
from gateway.cli.state import state_of
from gateway.daemon import Daemon
from gateway.pipeline import intake_folder
from gateway.pipeline.stages import STAGES, run_once

_NAMES = ", ".join(STAGES)


def run(
    ctx: typer.Context,
    stages: Annotated[list[str] | None, typer.Argument(help=f"Stages to run; all if none: {_NAMES}.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run every stage once (or those named), in order, then exit. Safe to run twice, at any moment, beside the daemon."""
    unknown = [name for name in stages or () if name not in STAGES]
    if unknown:
        raise typer.BadParameter(f"no stage {', '.join(unknown)}; the stages are {_NAMES}")
    state = state_of(ctx)
    folder = state.settings.serve.intake_folder
    with state.open() as context:
        done = {"intake": intake_folder.run(context, folder)} if folder is not None and not stages else {}
        done |= run_once(context, tuple(stages or ()))
    if as_json:
        show_json(done)
        return
    for name, count in done.items():
        say(f"{name:<10} {count}")


def serve(ctx: typer.Context) -> None:
    """Run as a daemon: every stage at its period (config [schedule]) until SIGTERM or Ctrl-C; the unit in hand is finished."""
    state = state_of(ctx)
    with state.open() as context:
        Daemon(state.settings, context).serve()
