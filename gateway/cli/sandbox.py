"""`claimwire sandbox`: a trading partner to train and test against, on this machine."""

import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.output import AsJson, say, show_json, warn
from gateway.cli.state import State, state_of
from gateway.errors import Refused
from gateway.sandbox.behaviour import BEHAVIOURS, FRIENDLY
from gateway.sandbox.setup import write_folder
from gateway.sandbox.site import Site
from gateway.sandbox.summary import summarise
from payers import profile

app = typer.Typer(help="A partner to try everything against: SFTP server and payer on this machine.", no_args_is_help=True)

BehaviourName = Annotated[str, typer.Option("--behaviour", help=f"How the partner behaves: {', '.join(BEHAVIOURS)}.")]


def find_behaviour(name: str) -> str:
    """The name, if there is such a behaviour; otherwise a usage error that names those there are."""
    if name not in BEHAVIOURS:
        raise typer.BadParameter(f"no behaviour {name}; there are {', '.join(BEHAVIOURS)}")
    return name


def sandbox_folder(state: State) -> Path:
    """Where the sandbox of these settings keeps its files: beside the data folder."""
    return state.settings.data.folder.parent / "sandbox"


@app.command("new")
def new(folder: Annotated[Path, typer.Argument(help="A folder for settings, profiles, keys and data.")]) -> None:
    """Write a folder in which a gateway and sandbox partners work against each other, and say what to start in it."""
    try:
        config = write_folder(folder)
    except FileExistsError as error:
        raise Refused(f"{error} is there already; name another folder, or remove it") from error
    say(f"Written: {config}")
    say("Next:")
    say(f"  claimwire --config {config} db upgrade       # once: the database")
    say(f"  claimwire --config {config} sandbox serve    # in one terminal: the partners")
    say(f"  claimwire --config {config} serve            # in another: the gateway; drop claim files into {folder / 'intake'}")


@app.command("serve")
def serve(
    ctx: typer.Context,
    behaviour: BehaviourName = FRIENDLY.name,
    seed: Annotated[int, typer.Option(help="Makes what it decides repeatable.")] = 1,
    day_seconds: Annotated[
        float,
        typer.Option(help="How long a day of its delays lasts: 86400 as in life, 5 for training, 0 for answers at once.", min=0),
    ] = 5.0,
) -> None:
    """Serve the partners whose profiles point to this machine, until Ctrl-C. Their state survives a stop or a kill."""
    state = state_of(ctx)
    profiles = profile.load(state.settings.payers.folder)
    how = BEHAVIOURS[find_behaviour(behaviour)]
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with Site(profiles, sandbox_folder(state), state.clock, behaviour=how, seed=seed, day_seconds=day_seconds) as site:
        if not site.servers:
            raise Refused("no partner profile points to 127.0.0.1; `claimwire sandbox new FOLDER` writes some that do")
        for name, server in site.servers.items():
            warn(f"{name}: sftp on 127.0.0.1 port {server.port}, host key {server.fingerprint}")
        while not stop.wait(0.2):
            site.tick()


@app.command("summary")
def summary(ctx: typer.Context, as_json: AsJson = False) -> None:
    """What each sandbox partner took in and decided, from its own records: to hold against the gateway's books."""
    state = state_of(ctx)
    folder = sandbox_folder(state)
    partners = profile.load(state.settings.payers.folder).partners.values()
    totals = {partner.id: summarise(folder, partner) for partner in partners if (folder / partner.id).is_dir()}
    if as_json:
        show_json(totals)
        return
    for name, total in totals.items():
        decided = f"{total.paid} paid, {total.denied} denied, {total.silent} never answered"
        say(f"{name}: {total.claims} claims in {total.uploads} uploads, {decided}")
