"""`claimwire remits`: what payers say they paid."""

from typing import Annotated, Literal

import typer

from edi.values import format_money
from gateway.cli.listing import LIMIT, Limit, Reason, show_fields, show_list
from gateway.cli.output import AsJson, say, show_json, show_table
from gateway.cli.state import actor, state_of
from gateway.db import listings
from gateway.db.engine import reading
from gateway.desk.remittance_view import RemittanceView, release, view_remittance

app = typer.Typer(help="Remittances: what payers paid, for which claims, and what of it is in the books.", no_args_is_help=True)

RemittanceId = Annotated[int, typer.Argument(metavar="ID", help="The remittance's number, as `remits list` shows it.")]


@app.command("list")
def list_remittances(
    ctx: typer.Context,
    state: Annotated[
        Literal["received", "posted", "unbalanced", "duplicate", "replaced"] | None,
        typer.Option(help="Only remittances in this state."),
    ] = None,
    limit: Limit = LIMIT,
    as_json: AsJson = False,
) -> None:
    """List remittances, newest first. Example: claimwire remits list --state unbalanced"""
    with state_of(ctx).open() as context, reading(context.engine) as connection:
        rows = listings.list_remittances(connection, state=state, limit=limit + 1)
    columns = (
        "id", "payer", "practice", "trace_number", "method", "amount_cents", "payment_date", "received_at", "state", "payments",
        "suspended",
    )  # fmt: skip
    show_list(rows, columns, limit=limit, as_json=as_json, empty="No such remittances.")


@app.command("show")
def show(ctx: typer.Context, remittance_id: RemittanceId, as_json: AsJson = False) -> None:
    """Show one remittance: its claim payments, its provider-level amounts, what it posted, and that the cash adds up."""
    with state_of(ctx).open() as context:
        view = view_remittance(context, remittance_id)
    if as_json:
        show_json(view)
    else:
        _show(view)


@app.command("post")
def post(ctx: typer.Context, remittance_id: RemittanceId, reason: Reason, as_json: AsJson = False) -> None:
    """Release a remittance that was put aside as a duplicate and is really another payment; posting decides at its next run."""
    with state_of(ctx).open() as context:
        release(context, remittance_id, actor=actor(), reason=reason)
        view = view_remittance(context, remittance_id)
    if as_json:
        show_json(view)
    else:
        say(f"Remittance {remittance_id} is released; `claimwire run posting` posts it now.")


def _show(view: RemittanceView) -> None:
    say(f"Remittance {view.id} from {view.payer_name}  {view.state}" + (f": {view.reason}" if view.reason else ""))
    show_fields(
        {
            "payer": view.payer or "(no profile names it)", "payee (NPI)": view.practice, "trace (TRN02)": view.trace_number,
            "originator (TRN03)": view.originator_id, "method (BPR04)": view.method, "amount_cents": view.amount_cents,
            "payment date": view.payment_date, "file": view.file_id, "received": view.received_at, "posted": view.posted_at,
            "released by": view.released_by,
        }
    )  # fmt: skip
    say()
    show_table(("segment", "claim", "given_as", "payers_number", "status", "charge_cents", "paid_cents", "state", "reason"), [
        {"segment": one.position, "claim": one.matched_pcn, "given_as": one.pcn, "payers_number": one.payer_claim_number,
         "status": _with_text(one.status, one.status_text), "charge_cents": one.charge_cents,
         "paid_cents": one.paid_cents, "state": one.state, "reason": one.reason}
        for one in view.payments
    ], empty="No claim payments.", title="Claim payments")  # fmt: skip
    if view.provider_adjustments:
        say()
        show_table(("segment", "provider", "reason", "reference", "takes_cents"), [
            {"segment": one.position, "provider": one.provider_id, "reason": _with_text(one.reason, one.reason_text),
             "reference": one.reference, "takes_cents": one.amount_cents} for one in view.provider_adjustments
        ], empty="", title="Provider level (PLB)")  # fmt: skip
    say()
    posted = ({"account": account.replace("_", " "), "debit_cents": cents} for account, cents in view.posted.items())
    show_table(("account", "debit_cents"), posted, empty="Nothing of it is in the books.", title="In the books")
    if view.adds_up is not None:
        cash, paid = format_money(view.cash_cents), format_money(view.amount_cents)
        say(f"Its cash in the books, {cash}, {'is' if view.adds_up else 'IS NOT'} its payment (BPR02) of {paid}.")


def _with_text(code: str, text: str) -> str:
    """A code with what it means; one that nobody knows stands alone."""
    return code if text == code else f"{code} {text}"
