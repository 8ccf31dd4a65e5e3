"""`claimwire edits backtest`: rules tried on the claims that were sent already, before they stand in a profile."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from gateway.cli.output import AsJson, say, show_json, show_table
from gateway.cli.state import state_of
from gateway.desk.backtest import Backtest, RuleTally, Tally, backtest
from gateway.errors import ConfigError
from payers.profile import Profiles
from payers.rule_file import parse_rules
from payers.rules import Rule

Rules = Annotated[Path, typer.Argument(help="A TOML file with [[rules]], written as in a payer's profile.", metavar="RULES")]
COLUMNS = (
    "rule",
    "severity",
    "rejected",
    "denied",
    "partly_paid",
    "paid",
    "open",
    "repaired",
    "not_applicable",
    "caught",
    "in_vain",
)


def try_rules(
    ctx: typer.Context,
    rules: Rules,
    payer: Annotated[str, typer.Option("--payer", help="Only claims sent to this payer: the id of its profile.")] = "",
    since: Annotated[
        datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], help="Only claims sent on or after this day (UTC).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Try rules on past claims: how many they would have held that were rejected or denied, and how many that were paid.

    Each claim is judged as it was sent, each time it was sent, after what the rules themselves repair. Nothing is changed.
    Exit 2 where the file of rules is wrong: every problem is said. Numbers of claims are ours, no patient is named.

    Example: claimwire edits backtest new-rules.toml --payer northstar --since 2026-01-01
    """
    day = since.replace(tzinfo=UTC).date() if since else None
    with state_of(ctx).open() as context:
        parsed = read_rules(rules, context.profiles, payer)
        result = backtest(context, parsed, payer=payer, since=day)
    if as_json:
        show_json({**msgspec.to_builtins(result), "caught": result.caught, "in_vain": result.in_vain, "missed": result.missed})
    else:
        _tell(result)


def read_rules(file: Path, profiles: Profiles, payer: str) -> tuple[Rule, ...]:
    """The rules of a file, checked as those of this payer's profile would be; raises ConfigError where they are wrong."""
    if payer and payer not in profiles.payers:
        raise typer.BadParameter(f"no such payer; the profiles are {', '.join(sorted(profiles.payers))}", param_hint="--payer")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ConfigError(str(file), (("", f"cannot be read: {error.strerror}"),)) from error
    return parse_rules(content, str(file), profiles.payers[payer].payer_ids if payer else ())


def _tell(result: Backtest) -> None:
    looked_at, held = result.looked_at, result.held
    say(f"{looked_at.total} claims looked at, as they were sent: {_tell_tally(looked_at)}.")
    say(f"{held.total} would have been held: {_tell_tally(held)}.")
    say(f"  {result.caught} of them were rejected or denied, {result.in_vain} were paid, at least in part: held in vain.")
    say(f"  {result.missed} that were rejected or denied would not have been held by these rules.")
    if result.repaired:
        say(f"{result.repaired} would have been repaired before they were judged.")
    say()
    show_table(COLUMNS, [_row(each) for each in result.rules], empty="No rules.")


def _tell_tally(tally: Tally) -> str:
    return (
        f"{tally.rejected} rejected, {tally.denied} denied, {tally.partly_paid} partly paid, {tally.paid} paid, "
        f"{tally.open} not decided"
    )


def _row(tally: RuleTally) -> dict[str, Any]:
    row = msgspec.to_builtins(tally)
    return {**row, **row["spoke"], "caught": " ".join(tally.caught), "in_vain": " ".join(tally.in_vain)}
