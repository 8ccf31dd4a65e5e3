"""`claimwire demo`: claims live their whole lives against sandbox partners, and what happened is told as a person wants it."""

import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from edi.claims import Guide
from edi.transactions.t837 import GUIDES
from edi.values import format_money
from gateway import logs
from gateway.cli.demo_life import DAYS, Life
from gateway.cli.importing import list_files
from gateway.cli.output import progress_bar, say
from gateway.cli.sandbox import BehaviourName, find_behaviour
from gateway.cli.state import state_of
from gateway.cli.verifying import show_verdicts
from gateway.desk.summary import Count, Money, Reason, Summary, summarise
from gateway.desk.verification import verify
from gateway.domain.lifecycle import AWAITING_ANSWER
from gateway.domain.work import GUIDANCE, WorkKind
from gateway.errors import Refused
from gateway.pipeline.intake import Received
from gateway.sandbox.behaviour import BEHAVIOURS, FRIENDLY
from gateway.sandbox.setup import write_folder

REASONS_SHOWN = 6
ALL = Count(0, 0)


def demo(  # noqa: PLR0917 each is an option of the command, given by name
    ctx: typer.Context,
    claims: Annotated[int, typer.Option(help="How many claims to invent.", min=1, max=200_000)] = 200,
    seed: Annotated[int, typer.Option(help="The same seed invents and decides the same.")] = 1,
    keep: Annotated[Path | None, typer.Option(help="The folder to live in; a new temporary one if none.")] = None,
    behaviour: BehaviourName = FRIENDLY.name,
    inputs: Annotated[
        list[Path] | None,
        typer.Option("--input", help="Take in these claim files (837, JSON, CSV) instead of inventing claims.", exists=True),
    ] = None,
    guides: Annotated[
        list[str] | None, typer.Option("--guide", help="Invent claims of this guide: 837P, 837I or 837D; may be given twice.")
    ] = None,
) -> None:
    """Watch claims live their whole lives: taken in, scrubbed, sent over SFTP to sandbox partners, acknowledged, paid, posted.

    Weeks pass in seconds, on a clock of the demo's own. Everything stays in the folder named, to be looked at further.

    Examples: claimwire demo; claimwire demo --claims 90 --guide 837P --guide 837I --guide 837D
    """
    logs.configure("error", "console")
    how, invented = BEHAVIOURS[find_behaviour(behaviour)], _find_guides(guides or ["837P"])
    folder = keep or Path(tempfile.mkdtemp(prefix="claimwire-demo-"))
    try:
        config_file = write_folder(folder)
    except FileExistsError as error:
        raise Refused(f"{error} is there already: name another folder with --keep, or remove that one") from error
    say(f"A gateway and its sandbox partners ({how.name}) in {folder}, on SQLite; {DAYS} days pass.")
    started = time.monotonic()
    until = state_of(ctx).clock.now()
    with progress_bar() as tell:
        life = Life(folder=folder, config_file=config_file, behaviour=how, seed=seed, until=until, progress=tell, guides=invented)
        context = life.live(claims, list(list_files(inputs or [])))
        summary, verdicts = summarise(context), verify(context)
    tell_story(summary, life.received)
    say("\nWhat must always hold (claimwire verify)")
    show_verdicts(verdicts)
    say(f"\nDone in {time.monotonic() - started:.1f} s. To look further:")
    for command in ("claims list --state rejected", "work list", "remits list"):
        say(f"  claimwire --config {config_file} {command}")
    if any(verdict.offenders for verdict in verdicts) or not summary.money.adds_up:
        raise typer.Exit(1)


def _find_guides(names: list[str]) -> tuple[Guide, ...]:
    """The guides of these names, each once; a usage error that names those there are for any other."""
    found = tuple(guide for guide in GUIDES if guide in names)
    unknown = sorted(set(names) - set(GUIDES))
    if unknown:
        raise typer.BadParameter(f"no guide {', '.join(unknown)}; there are {', '.join(GUIDES)}")
    return found


def tell_story(summary: Summary, received: list[Received]) -> None:
    """The whole of it on one screen: claims, why some stand still, answers, money, and what waits for a person."""
    for lines in (_tell_intake(received), _tell_claims(summary), _tell_money(summary), _tell_work(summary)):
        say("")
        for line in lines:
            say(line)


def _tell_intake(received: list[Received]) -> Iterator[str]:
    yield "Taken in"
    new, known = sum(one.new for one in received), sum(one.known for one in received)
    yield f"  {new:>7} claims in {len(received)} files, {format_money(sum(one.charge_cents for one in received))} billed"
    if known:
        yield f"  {known:>7} were there already and are not taken twice"
    count = sum(one.refusal_count for one in received)
    if count:
        yield f"  {sum(one.refused for one in received):>7} refused ({count} findings):"
        shown = [(one.name, refusal) for one in received for refusal in one.refusals][: REASONS_SHOWN * 2]
        for name, refusal in shown:
            yield f"          {name}, {refusal.position}: {refusal.message}"
        if count > len(shown):
            yield f"          and {count - len(shown)} more"


def _tell_claims(summary: Summary) -> Iterator[str]:
    state = summary.by_state
    yield "Claims"
    yield _line(state.get("held"), "held by edits, waiting for a person")
    yield from _reasons(summary.held)
    yield _line(Count(summary.sent_ever, 0), f"sent, in {sum(summary.batches.values())} files over SFTP")
    yield _line(state.get("rejected"), "rejected before adjudication")
    yield from _reasons(summary.rejected)
    yield _line(Count(summary.accepted_ever, 0), "accepted by their payer")
    for name, text in (
        ("paid", "paid"), ("partly_paid", "paid in part, the rest denied"), ("denied", "denied"), ("voided", "voided"),
    ):  # fmt: skip
        yield _line(state.get(name), text)
    yield _line(_total(state, AWAITING_ANSWER), "still without a final answer,")
    yield _line(summary.overdue, "  of them overdue")
    leaving = _total(state, ("received", "ready", "batched"))
    if leaving.count:
        yield _line(leaving, "still on their way out")


def _total(state: dict[str, Count], names: Iterable[str]) -> Count:
    counted = [state[name] for name in names if name in state]
    return Count(sum(one.count for one in counted), sum(one.cents for one in counted))


def _line(count: Count | None, text: str) -> str:
    count = count or ALL
    return f"  {count.count:>7} {text}" + (f" ({format_money(count.cents)})" if count.cents else "")


def _reasons(reasons: tuple[Reason, ...]) -> Iterator[str]:
    for reason in reasons[:REASONS_SHOWN]:
        yield f"          {reason.claims:>5}  {reason.code}: {reason.text}"
    if len(reasons) > REASONS_SHOWN:
        yield f"                 and {len(reasons) - REASONS_SHOWN} more reasons"


def _tell_money(summary: Summary) -> Iterator[str]:
    money: Money = summary.money
    yield "Money"
    rows = (
        (money.billed_cents, "billed on the claims sent"),
        (money.paid_cents, "= paid by payers"),
        (money.adjusted_cents, "+ adjusted (contract, withheld, other payers)"),
        (money.patient_cents, "+ the patients' part"),
        (money.open_cents, "+ open with payers: denied, rejected or not answered yet"),
        (money.received_cents, "received in posted remittances"),
        (money.paid_cents, "= paid on claims"),
        (money.suspended_cents, f"+ in suspense, held for a person ({summary.suspended.count} payments)"),
        (money.provider_level_cents, "+ provider-level adjustments, open items"),
    )
    for cents, text in rows:
        yield f"  {format_money(cents):>16} {text}"
    held = [(state, one) for state, one in summary.remittances.items() if state in ("unbalanced", "duplicate")]
    for state, one in held:
        yield f"  {format_money(one.cents):>16} in {one.count} remittances held as {state}, nothing of them posted"
    yield "  It all adds up." if money.adds_up else "  IT DOES NOT ADD UP: see the invariants below."


def _tell_work(summary: Summary) -> Iterator[str]:
    yield f"Work for a person: {sum(one.count for one in summary.work.values())} items"
    for kind, one in sorted(summary.work.items(), key=lambda each: -each[1].count):
        yield f"  {one.count:>7} {GUIDANCE[WorkKind(kind)].title}" + (f" ({format_money(one.cents)})" if one.cents else "")
