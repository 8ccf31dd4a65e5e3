"""`claimwire claims`: take claims in, look at them, and do to them what a person may."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from edi.claims import Claim
from edi.values import format_money
from gateway.cli.importing import import_files
from gateway.cli.listing import LIMIT, Limit, Reason, show_fields, show_list
from gateway.cli.output import AsJson, say, show_cell, show_json
from gateway.cli.state import actor, state_of
from gateway.db import listings
from gateway.db.engine import Connection, reading
from gateway.desk import claim_commands
from gateway.desk.claim_commands import Act
from gateway.desk.claim_timeline import Step
from gateway.desk.claim_view import ClaimView, get_document, view_claim
from gateway.domain.facts import State
from gateway.errors import Refused
from gateway.pipeline.context import Context

app = typer.Typer(
    help="Take claims in, look at them, hold, release, correct, recheck or void them. NUMBER is our patient control number "
    "(PCN), the number the claim came with, the payer's claim number, or id:N.",
    no_args_is_help=True,
)
app.command("import")(import_files)

Number = Annotated[
    str, typer.Argument(metavar="NUMBER", help="The claim's PCN, the number it came with, the payer's claim number, or id:N.")
]

DOCUMENT_MAX = 16 * 1024 * 1024
_AS = {"7": ", as a replacement (frequency 7) of the payer's {}", "8": ", as a void (frequency 8) of the payer's {}"}


@app.command("list")
def list_claims(
    ctx: typer.Context,
    state: Annotated[State | None, typer.Option(help="Only claims in this state.")] = None,
    payer: Annotated[str | None, typer.Option(help="Only claims to this payer (profile id); '' for none.")] = None,
    limit: Limit = LIMIT,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List claims, newest first. Example: claimwire claims list --state rejected --payer northstar"""
    with state_of(ctx).open() as context, reading(context.engine) as connection:
        _check_payer(context, connection, payer)
        rows = listings.list_claims(connection, state=state.value if state else None, payer=payer, limit=limit + 1)
    columns = ("id", "pcn", "source_pcn", "practice", "payer", "state", "charge_cents", "received_at", "due_at")
    show_list(rows, columns, limit=limit, as_json=as_json, empty="No such claims.")


def _check_payer(context: Context, connection: Connection, payer: str | None) -> None:
    """A payer whose profile is gone still has its claims."""
    profiles = context.profiles.payers
    if payer and payer not in profiles and not listings.has_claims(connection, payer):
        raise typer.BadParameter(f"no payer {payer}; the profiles are {', '.join(sorted(profiles))}")


@app.command("show")
def show(
    ctx: typer.Context,
    number: Number,
    document: Annotated[bool, typer.Option("--document", help="Print the claim's document as JSON, patient and all.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show where a claim stands, its money, and its timeline: each step with when, what, and from which file or person.

    To correct a claim: claimwire claims show NUMBER --document > claim.json; edit it; claims correct NUMBER --file claim.json
    """
    with state_of(ctx).open() as context:
        if document:
            show_json(get_document(context, number))
            return
        view = view_claim(context, number)
    if as_json:
        show_json(view)
    else:
        _show_claim(view)


@app.command("hold")
def hold(ctx: typer.Context, number: Number, reason: Reason, as_json: AsJson = False) -> None:
    """Keep a claim that has not left back, until you release, correct or void it."""
    _do(state_of(ctx).open(), lambda context: claim_commands.hold(context, number, actor=actor(), reason=reason), as_json=as_json)


@app.command("release")
def release(ctx: typer.Context, number: Number, reason: Reason, as_json: AsJson = False) -> None:
    """Let a held claim go in spite of its findings, or send a rejected one again as new."""
    _do(
        state_of(ctx).open_to_work(),
        lambda context: claim_commands.release(context, number, actor=actor(), reason=reason),
        as_json=as_json,
    )


@app.command("correct")
def correct(
    ctx: typer.Context,
    number: Number,
    file: Annotated[Path, typer.Option("--file", help="The corrected document; - is stdin.")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Put a corrected document in place of a claim's present one; it is checked and sent. All versions are kept.

    It goes out as new, or, where the payer has adjudicated the claim, as a replacement under the payer's claim number.
    The document is the JSON that claims show NUMBER --document prints; docs/claim-files.md names its fields.
    """
    document = _read_document(file)
    _do(
        state_of(ctx).open_to_work(),
        lambda context: claim_commands.correct(context, number, document, actor=actor(), reason=reason),
        as_json=as_json,
    )


@app.command("recheck")
def recheck(
    ctx: typer.Context,
    reason: Reason,
    number: Annotated[str | None, typer.Argument(metavar="[NUMBER]", help="The claim, as in claims show.")] = None,
    held: Annotated[bool, typer.Option("--held", help="Every claim that edits hold, instead of one.")] = False,
    as_json: AsJson = False,
) -> None:
    """Have the edits look again at claims they hold, say after a payer's profile was mended. Those a person holds stay held.

    Example: claimwire claims recheck --held --reason "payer id added"; claimwire run scrub
    """
    if held == (number is not None):
        raise typer.BadParameter("name one claim, or say --held for all that edits hold")
    if number is not None:
        _do(
            state_of(ctx).open(),
            lambda context: claim_commands.recheck(context, number, actor=actor(), reason=reason),
            as_json=as_json,
        )
        return
    with state_of(ctx).open() as context:
        done = claim_commands.recheck_held(context, actor=actor(), reason=reason)
    if as_json:
        show_json(done)
    else:
        left = f"; {done.left} stay held, for a person holds them" if done.left else ""
        say(f"{done.reopened} held claims are to be checked again by the next scrub{left}.")


@app.command("void")
def void(ctx: typer.Context, number: Number, reason: Reason, as_json: AsJson = False) -> None:
    """Give up a claim that is not with a payer, or send a void claim for one that the payer has adjudicated.

    It cannot be undone; the same services may come in again as a new claim. Example: claimwire claims void C000000172 --reason
    "billed in error"
    """
    _do(
        state_of(ctx).open_to_work(),
        lambda context: claim_commands.void(context, number, actor=actor(), reason=reason),
        as_json=as_json,
    )


def _do(opened: AbstractContextManager[Context], command: Callable[[Context], Act], *, as_json: bool) -> None:
    with opened as context:
        act = command(context)
    if as_json:
        show_json(act)
    else:
        state = act.state.replace("_", " ")
        say(f"Claim {act.pcn}: {act.command} done. It is {state} now, attempt {act.attempt}, document version {act.version}.")


def _read_document(file: Path) -> Claim:
    try:
        content = sys.stdin.buffer.read(DOCUMENT_MAX + 1) if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from None
    if len(content) > DOCUMENT_MAX:
        raise Refused(f"{file} is too large for one claim")
    try:
        return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=Claim)
    except msgspec.ValidationError as error:
        raise Refused(f"{file} is no claim: {error}; docs/claim-files.md says what each field holds") from None
    except msgspec.MsgspecError as error:
        raise Refused(f"{file} is not JSON: {error}") from None


def _show_claim(view: ClaimView) -> None:
    say(f"Claim {view.pcn}  {view.state_text}")
    show_fields(
        {
            "number it came with": view.source_pcn, "payer's claim number": view.payer_claim_number,
            "practice (NPI)": view.practice,
            "payer": view.payer or "(no profile names it)", "partner": view.partner, "charge_cents": view.charge_cents,
            "attempt": view.attempt, "version": view.version, "received_at": view.received_at, "answer due at": view.due_at,
        }
    )  # fmt: skip
    money = view.money
    say()
    say(
        f"Money  billed {format_money(money.billed_cents)} = paid {format_money(money.paid_cents)} "
        f"+ adjusted {format_money(money.adjusted_cents)} + patient {format_money(money.patient_cents)} "
        f"+ open {format_money(money.open_cents)}"
        + (f" (of it denied {format_money(money.denied_cents)})" if money.denied_cents else "")
        + (f"; in suspense {format_money(money.suspended_cents)}" if money.suspended_cents else "")
    )
    say()
    say("Timeline")
    for step in view.timeline:
        for line in _tell(step):
            say(line)
    for sent in view.sendings:
        say()
        say(
            f"Attempt {sent.attempt} is in batch {sent.batch_id} ({sent.batch_state}), file {sent.file_id} {sent.file_name}, "
            f"set {sent.st_control_number}, segments {sent.first_position} to {sent.last_position}, trace {sent.trace}, "
            f"document version {sent.version}" + _AS.get(sent.frequency, "").format(sent.payer_claim_number)
        )
    for item in view.work:
        say()
        say(f"Work item {item.id}: {item.sentence}")


def _tell(step: Step) -> Iterator[str]:
    attempt = f"  (attempt {step.attempt})" if step.attempt > 1 else ""
    yield f"  {show_cell('', step.occurred_at)}  {step.text}{attempt}"
    source = []
    if step.file_id is not None:
        where = f", segment {step.position}" if step.position else ""
        source.append(f"file {step.file_id} {step.file_name}{where}")
    if step.actor:
        source.append(f"by {step.actor}")
    if step.codes:
        source.append(f"codes {step.codes}")
    if step.learnt_at is not None:
        source.append(f"learnt {show_cell('', step.learnt_at)}")
    if source:
        yield f"{'':20}{'; '.join(source)}"
