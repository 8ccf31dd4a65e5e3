"""One remittance as a person looks at it: what it pays, what it posted, and that the cash adds up; and releasing one held."""

from datetime import date, datetime
from typing import Any

import msgspec

from edi.codes.imported import Imported
from edi.codes.lists import describe
from gateway.db import code_lists, decisions, listings
from gateway.db import remittances as remittance_rows
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.work import close_items
from gateway.desk.reasons import check_reason
from gateway.domain.accounts import Account
from gateway.domain.work import WorkKind
from gateway.errors import Refused
from gateway.pipeline.context import Context


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One claim payment. `pcn` is CLP01 as given, `matched_pcn` that of the claim it was matched to.

    `status` is CLP02, `status_text` what it means.
    """

    id: int
    position: int
    pcn: str
    matched_pcn: str
    payer_claim_number: str
    status: str
    status_text: str
    charge_cents: int
    paid_cents: int
    state: str
    reason: str


class ProviderLevel(msgspec.Struct, frozen=True, kw_only=True):
    """One PLB amount, with its reason and what that means; positive takes money."""

    position: int
    provider_id: str
    reason: str
    reason_text: str
    reference: str
    amount_cents: int


class RemittanceView(msgspec.Struct, frozen=True, kw_only=True):
    """One remittance. `amount_cents` is BPR02; `posted` is what is in the books for it by account, debit positive.

    `cash_cents` is its cash in the books; `adds_up` whether that is BPR02, None while nothing of it is posted.
    """

    id: int
    state: str
    reason: str
    released_by: str
    payer: str
    payer_name: str
    practice: str
    trace_number: str
    originator_id: str
    method: str
    amount_cents: int
    payment_date: date | None
    received_at: datetime
    posted_at: datetime | None
    file_id: int
    payments: tuple[Payment, ...]
    provider_adjustments: tuple[ProviderLevel, ...]
    posted: dict[str, int]
    cash_cents: int
    adds_up: bool | None


_COMPUTED = {"payments", "provider_adjustments", "posted", "cash_cents", "adds_up"}
_OF_ROW = tuple(name for name in RemittanceView.__struct_fields__ if name not in _COMPUTED)

_NOT_HELD: dict[str, str] = {
    "posted": "it is posted already",
    "received": "posting has not decided on it yet; `claimwire run posting` does it now",
    "unbalanced": "its parts do not add up to its payment, so it cannot be posted; ask the payer for a corrected remittance",
    "replaced": "another remittance came in its place",
}
"""Why a remittance in this state cannot be released."""


def view_remittance(context: Context, remittance_id: int) -> RemittanceView:
    """The remittance with this id. Raises Refused where there is none."""
    with reading(context.engine) as connection:
        row = _get_row(connection, remittance_id)
        posted = listings.remittance_balances(connection, remittance_id)
        cash_cents = posted.get(Account.CASH_CLEARING, 0)
        adjustments = remittance_rows.adjustments_of(connection, remittance_id)
        imported = code_lists.texts_of(connection, ("payment-status", "PLB"))
        return RemittanceView(
            **{name: row[name] for name in _OF_ROW},
            payments=tuple(_payment(one, imported) for one in listings.payments_of_remittance(connection, remittance_id)),
            provider_adjustments=tuple(_provider_level(one, imported) for one in adjustments),
            posted=posted,
            cash_cents=cash_cents,
            adds_up=cash_cents == row["amount_cents"] if row["state"] == "posted" else None,
        )


def release(context: Context, remittance_id: int, *, actor: str, reason: str) -> None:
    """Say of a remittance held as a duplicate that it is none: posting decides on it at its next run.

    Raises Refused where it is not held as a duplicate.
    """
    check_reason(reason)
    with writing(context.engine) as connection:
        row = _get_row(connection, remittance_id)
        if not decisions.release_remittance(connection, remittance_id, actor):
            raise Refused(
                f"remittance {remittance_id}: {_NOT_HELD[row['state']]}" + (f" ({row['reason']})" if row["reason"] else "")
            )
        cause = f"remittance:{remittance_id}"
        close_items(
            connection, WorkKind.DUPLICATE_REMITTANCE, [cause], reason=reason.strip(), now=context.clock.now(), actor=actor
        )


def _get_row(connection: Connection, remittance_id: int) -> Row:
    row = remittance_rows.get_remittance(connection, remittance_id)
    if row is None:
        raise Refused(f"there is no remittance {remittance_id}; `remits list` shows them")
    return row


def _payment(row: Row, imported: Imported) -> Payment:
    text = describe("payment-status", row["status"], imported)
    return Payment(**_pick(row, Payment, matched_pcn=row["matched_pcn"] or "", status_text=text))


def _provider_level(row: Row, imported: Imported) -> ProviderLevel:
    return ProviderLevel(**_pick(row, ProviderLevel, reason_text=describe("PLB", row["reason"], imported)))


def _pick(row: Row, struct: type[msgspec.Struct], **computed: str) -> dict[str, Any]:
    return {name: computed[name] if name in computed else row[name] for name in struct.__struct_fields__}
