"""`claimwire payers show`: a partner or payer as it stands now."""

from typing import Annotated

import typer

from gateway.cli.listing import show_fields
from gateway.cli.output import AsJson, say, show_json, show_table
from gateway.cli.state import state_of
from gateway.desk.partner_view import Moment, PartnerView, PayerView, view_partner, view_partners, view_payer
from gateway.domain.instants import tell_utc
from gateway.errors import Refused


def show(
    ctx: typer.Context,
    which: Annotated[
        str, typer.Argument(metavar="[PARTNER|PAYER]", help="The id of a profile; one line for each partner if none.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show a partner: when the next cutoff is and what would go, files on their way, the connection, answers awaited.

    Of a payer: who carries it, its limits, and what it takes. Example: claimwire payers show meridian
    """
    with state_of(ctx).open() as context:
        if not which:
            partners = view_partners(context)
            show_json(partners) if as_json else _show_all(partners)
            return
        if which not in context.profiles.partners and which not in context.profiles.payers:
            known = ", ".join([*sorted(context.profiles.partners), *sorted(context.profiles.payers)])
            raise Refused(f"no partner and no payer {which}; there are {known}")
        partner = view_partner(context, which) if which in context.profiles.partners else None
        payer = view_payer(context, which) if which in context.profiles.payers else None
    if as_json:
        show_json({"partner": partner, "payer": payer})
    else:
        _show_partner(partner)
        _show_payer(payer)


def _show_all(partners: list[PartnerView]) -> None:
    columns = ("partner", "next cutoff", "files made", "ready claims", "charge_cents", "open files", "connection", "last answer")
    rows = (
        {
            "partner": each.id,
            "next cutoff": f"{each.next_cutoff.local}, {each.next_cutoff.distance}" if each.next_cutoff else "none",
            "files made": each.files_made.distance if each.files_made else "at every turn",
            "ready claims": sum(one.claims for one in each.waiting),
            "charge_cents": sum(one.charge_cents for one in each.waiting),
            "open files": sum(one.files for one in each.open_files),
            "connection": each.link.state,
            "last answer": each.last_received.distance if each.last_received else "never",
        }
        for each in partners
    )
    show_table(columns, rows, empty="No partners.")


def _show_partner(view: PartnerView | None) -> None:
    if view is None:
        return
    say(f"Partner {view.id}: {view.name}")
    show_fields(
        {
            "way": view.way, "time zone": view.time_zone,
            "next cutoff": _tell(view.next_cutoff) or "none: files go at every turn of the schedule",
            "files are made": _tell(view.files_made),
            "connection": f"{view.link.state}{f' ({view.link.failures} times in a row)' if view.link.failures else ''}",
            "last worked": _tell(view.link.worked), "failing since": _tell(view.link.failing_since),
            "next try": _tell(view.link.next_try), "error": view.link.error, "last file sent": _tell(view.last_sent),
            "last answer": _tell(view.last_received) or "never", "answers arriving": view.arriving or None,
            "next look": _tell(view.next_poll) or "at every turn of the schedule",
        }
    )  # fmt: skip
    say()
    waiting = ({"transaction": each.transaction, "usage": each.usage, "claims": each.claims, "charge_cents": each.charge_cents}
               for each in view.waiting)  # fmt: skip
    show_table(("transaction", "usage", "claims", "charge_cents"), waiting, empty="No claims are ready.", title="What would go")
    say()
    files = ({"state": each.state, "files": each.files, "claims": each.claims, "charge_cents": each.charge_cents}
             for each in view.open_files)  # fmt: skip
    show_table(("state", "files", "claims", "charge_cents"), files, empty="No file waits.", title="Files not with them yet")
    say()
    awaited = ({"answer": each.answer, "claims": each.claims, "charge_cents": each.charge_cents, "first due": _tell(each.due)}
               for each in view.awaited)  # fmt: skip
    show_table(("answer", "claims", "charge_cents", "first due"), awaited, empty="No answer is awaited.", title="Answers awaited")


def _show_payer(view: PayerView | None) -> None:
    if view is None:
        return
    say(f"Payer {view.id}: {view.name}")
    show_fields(
        {
            "payer ids": ", ".join(view.payer_ids), "carried by": f"{view.carrier} ({view.route} route)",
            "second route": view.second_route, "usage (ISA15)": view.usage,
            "takes": ", ".join(view.takes) or "nothing: it is paper only",
            "filing limits": _tell_limits(view), "overdue after": f"{view.overdue_days} days",
            "lines of business": "; ".join(view.lines_of_business), "required": ", ".join(view.required),
            "forbidden": ", ".join(view.forbidden), "rules": view.rules,
            "ready claims": view.ready_claims, "ready_charges_cents": view.ready_charge_cents,
        }
    )  # fmt: skip


def _tell_limits(view: PayerView) -> str:
    limits = (("original", view.original_days), ("corrected", view.corrected_days), ("secondary", view.secondary_days),
              ("appeal", view.appeal_days))  # fmt: skip
    return ", ".join(f"{name} {days} days" for name, days in limits if days is not None)


def _tell(moment: Moment | None) -> str:
    return f"{moment.local} ({tell_utc(moment.at)}), {moment.distance}" if moment else ""
