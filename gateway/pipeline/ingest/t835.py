"""835: the remittance and its claim payments are kept as they came; posting decides later what they do to the books."""

from collections.abc import Sequence
from itertools import islice

import msgspec

from edi.interchange import TransactionSet
from edi.transactions import t835
from edi.transactions.t835 import ClaimPayment, ProviderAdjustment, Remittance
from gateway.db import remittances as remittance_rows
from gateway.pipeline.ingest.inbound import Inbound, Quarantined, refuse_broken

CHUNK = 500


def apply(inbound: Inbound, tset: TransactionSet) -> None:
    """Keep one remittance with its claim payments and provider adjustments."""
    items = iter(t835.read(tset))
    head = next(items, None)
    if not isinstance(head, Remittance):
        raise Quarantined("its head cannot be read (BPR, TRN, payer or payee): amounts and keys are missing")
    remittance_id = remittance_rows.insert_remittance(inbound.connection, _row(inbound, head))
    adjustments: list[ProviderAdjustment] = []
    while chunk := list(islice(items, CHUNK)):
        payments = [item for item in chunk if isinstance(item, ClaimPayment)]
        adjustments.extend(item for item in chunk if isinstance(item, ProviderAdjustment))
        remittance_rows.insert_payments(inbound.connection, remittance_id, payments)
    remittance_rows.insert_adjustments(inbound.connection, remittance_id, adjustments)
    refuse_broken(tset)
    _refuse_unread_money(tset)


def _refuse_unread_money(tset: TransactionSet) -> None:
    money = [(position, tag) for position, tag in tset.unread if tag in _MONEY]
    if money:
        position, tag = money[0]
        raise Quarantined(f"segment {position} {tag} holds money and cannot be read, so the remittance cannot be counted")


_MONEY = frozenset({"BPR", "TRN", "CLP", "SVC", "CAS", "PLB"})


def identity(head: Remittance, payer: str) -> str:
    """What makes a remittance this remittance: payer, TRN02, BPR02, BPR16, payee (domain.md 4)."""
    parts = (
        payer or head.originator_id or head.payer.last_name,
        head.trace_number,
        head.amount_cents,
        head.payment_date,
        head.payee.id,
    )
    return "|".join(map(str, parts))


def _row(inbound: Inbound, head: Remittance) -> dict[str, object]:
    payer = inbound.context.profiles.find_payer_by_remit(_payer_ids(head))
    payer_id = payer.id if payer else ""
    return {
        "inbound_set_id": inbound.set_id, "file_id": inbound.file_id, "identity": identity(head, payer_id), "payer": payer_id,
        "payer_name": head.payer.last_name, "practice": head.payee.id, "trace_number": head.trace_number,
        "originator_id": head.originator_id, "method": head.method, "amount_cents": head.amount_cents,
        "payment_date": head.payment_date, "received_at": inbound.now, "state": "received",
        "document": msgspec.json.encode(head).decode(),
    }  # fmt: skip


def _payer_ids(head: Remittance) -> Sequence[str]:
    references = [reference.value for reference in (*head.references, *head.payer.references) if reference.qualifier == "2U"]
    return [value for value in (head.originator_id, head.payer.id, *references) if value]
