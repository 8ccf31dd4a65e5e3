"""`claimwire payers test`: a partner's server tried out, and what its profile should say."""

from typing import Annotated

import typer

from gateway.cli.output import AsJson, say, show_json, show_table, warn
from gateway.cli.state import say_left_out, state_of
from gateway.desk.partner_probe import PartnerTest, try_partner
from gateway.errors import Refused
from gateway.pipeline.opening import find_database
from payers import profile

NEEDS_PERSON = 1


def try_out(
    ctx: typer.Context,
    partner: Annotated[str, typer.Argument(metavar="PARTNER", help="The id of a partner's profile.")],
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Connect again for the rest where the server hangs up on a request.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Connect to a partner, show its host key, try in a scratch folder what it allows, and say what to put into its profile.

    No claim is sent, and what was made is taken away. Exit 1 where the server refuses what the profile relies on.
    Example: claimwire payers test meridian
    """
    profiles, refused = profile.load_good(state_of(ctx).settings.payers.folder)
    say_left_out(refused)
    partners = profiles.partners
    if partner not in partners:
        raise Refused(f"no partner {partner}; there are {', '.join(sorted(partners))}")
    found = try_partner(partners[partner], keep_going=keep_going, engine=find_database(state_of(ctx).settings))
    show_json(found) if as_json else _show(found)
    if found.objections or found.left_behind:
        raise typer.Exit(NEEDS_PERSON)


def _show(found: PartnerTest) -> None:
    say(f"{found.partner}: {found.place}")
    _show_host_key(found)
    if found.trials:
        rows = [{"asked to": trial.name, "allowed": trial.outcome, "answer": trial.said} for trial in found.trials]
        show_table(("asked to", "allowed", "answer"), rows, empty="")
    for note in found.notes:
        say(f"Note: {note}.")
    if found.toml:
        say("In the profile:")
        for line in found.toml:
            say(f"  {line}")
    for path in found.left_behind:
        warn(f"left behind, since it could not be removed: {path}")
    for objection in found.objections:
        warn(f"objection: {objection}")
    if not found.objections:
        say("The profile fits this server.")


def _show_host_key(found: PartnerTest) -> None:
    key = found.host_key
    if key is None:
        return
    say(f"Host key {key.fingerprint} ({key.key_type}), {'which the profile trusts' if key.trusted else 'NOT TRUSTED'}.")
    if not key.trusted:
        say(f"The profile trusts {' or '.join(found.expected_host_keys)}.")
    say(f"Cipher {key.cipher}, MAC {key.mac}; the server calls itself {key.version}.")
