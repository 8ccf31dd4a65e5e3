"""`claimwire edits`: what a claim is checked for before it leaves."""

import typer

from gateway.cli import backtest

app = typer.Typer(help="The edits: what a claim is checked for before it leaves.", no_args_is_help=True)
app.command("backtest")(backtest.try_rules)
