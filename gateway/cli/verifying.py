"""`claimwire verify`: the seven invariants on the live database."""

import typer

from gateway.cli.output import AsJson, say, show_json
from gateway.cli.state import state_of
from gateway.db.invariants import Verdict
from gateway.desk.verification import verify as check


def verify(ctx: typer.Context, as_json: AsJson = False) -> None:
    """Check that nothing is lost, doubled or silent: seven invariants, each with its count.

    Exit 1 with the offenders where one fails.
    """
    with state_of(ctx).open() as context:
        verdicts = check(context)
    if as_json:
        show_json(verdicts)
    else:
        show_verdicts(verdicts)
    if any(verdict.offenders for verdict in verdicts):
        raise typer.Exit(1)


def show_verdicts(verdicts: list[Verdict]) -> None:
    """A line for each invariant; the offenders under the one they break."""
    for verdict in verdicts:
        mark = "FAILS" if verdict.offenders else "holds"
        say(f"  {verdict.number}. {mark}  {verdict.checked:>8} checked  {verdict.text}")
        for offender in verdict.offenders:
            say(f"           {offender}")
