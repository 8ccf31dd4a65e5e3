"""TA1: what the partner says of a whole interchange of ours. Rejected, it never existed for them."""

from collections.abc import Sequence

from edi.transactions.ta1 import InterchangeAcknowledgment
from gateway.db import acknowledgments as ack_rows
from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db.engine import Row
from gateway.db.settling import settle_batch, whole_batch_cause
from gateway.db.work import WorkItem
from gateway.domain.batch_states import BatchState
from gateway.domain.facts import Kind
from gateway.domain.work import WorkKind
from gateway.pipeline.arrival import note_sent
from gateway.pipeline.entering import enter, filing_due
from gateway.pipeline.ingest.inbound import Inbound
from gateway.pipeline.ingest.proof import doubt_ta1, is_foreign
from gateway.pipeline.ingest.unmatched import unmatched


def apply(inbound: Inbound, acknowledgment: InterchangeAcknowledgment) -> None:
    """Tie a TA1 to the batch with its ISA13, and say so of every claim in it."""
    header = inbound.header
    batch = batch_rows.find_by_isa(
        inbound.connection,
        sender=f"{header.receiver_qualifier}:{header.receiver_id}",
        receiver=f"{header.sender_qualifier}:{header.sender_id}",
        isa_control_number=acknowledgment.isa_control_number,
    )
    doubt = doubt_ta1(inbound, acknowledgment, batch) if batch else ""
    batch = None if doubt else batch
    row = {
        "inbound_set_id": inbound.set_id, "position": 0, "kind": "TA1", "verdict": acknowledgment.verdict,
        "codes": acknowledgment.note, "reference": str(acknowledgment.isa_control_number),
        "batch_id": batch["id"] if batch else None,
    }  # fmt: skip
    ack_rows.insert_acknowledgments(inbound.connection, [row])
    if batch is None:
        item = unmatched(inbound, "TA1", f"interchange {acknowledgment.isa_control_number}", 0, doubt=doubt)
        enter(inbound.connection, [], [item], inbound.now)
        return
    _note_verdict(inbound, batch, rejected=acknowledgment.verdict == "R")
    kind = Kind.TA1_REJECTED if acknowledgment.verdict == "R" else Kind.TA1_ACCEPTED
    carried = claim_rows.submissions_of_batch(inbound.connection, batch["id"])
    facts = [
        inbound.fact(row["claim_id"], kind, attempt=row["attempt"], day=None, position=0, note=acknowledgment.note)
        for row in carried
    ]
    enter(inbound.connection, facts, _work(inbound, batch, acknowledgment, carried), inbound.now)


def note_arrival(inbound: Inbound, batch: Row) -> None:
    """A 999 or 277CA proves that the batch arrived and was read, even where the upload's own end was never seen."""
    note_sent(inbound.connection, inbound.context, batch, occurred_at=inbound.occurred_at(None))
    batch_rows.move(inbound.connection, batch["id"], from_states=(BatchState.SENT, BatchState.REJECTED), to=BatchState.DELIVERED)
    settle_batch(inbound.connection, batch["id"], inbound.now)


def _note_verdict(inbound: Inbound, batch: Row, *, rejected: bool) -> None:
    """A TA1 proves that the batch arrived; its R makes it rejected, unless a 999 or 277CA was written about what is in it."""
    note_sent(inbound.connection, inbound.context, batch, occurred_at=inbound.occurred_at(None))
    if not rejected:
        batch_rows.move(inbound.connection, batch["id"], from_states=(BatchState.SENT,), to=BatchState.DELIVERED)
    elif not ack_rows.is_read(inbound.connection, batch["id"]):
        batch_rows.move(
            inbound.connection, batch["id"], from_states=(BatchState.SENT, BatchState.DELIVERED), to=BatchState.REJECTED
        )
    settle_batch(inbound.connection, batch["id"], inbound.now)


def _work(inbound: Inbound, batch: Row, acknowledgment: InterchangeAcknowledgment, carried: Sequence[Row]) -> list[WorkItem]:
    if acknowledgment.verdict != "R":
        return []
    if is_foreign(batch):
        count = sum(one["claim_count"] for one in batch_rows.sets_of(inbound.connection, batch["id"]))
        return [_rejected_foreign(batch, acknowledgment, count)]
    first_due = min(filter(None, map(filing_due, carried)), default=None)
    sentence = (
        f"{batch['partner']} rejected interchange {batch['isa_control_number']} whole (TA1 R, note "
        f"{acknowledgment.note}): for them "
        f"none of its {batch['claim_count']} claims was ever sent. Mend the envelope (profile of "
        f"{batch['partner']}), then release "
        "the claims; they go out in a new interchange."
    )
    return [
        WorkItem(
            kind=WorkKind.REJECTED, cause=whole_batch_cause(batch["id"]), sentence=sentence, batch_id=batch["id"],
            partner=batch["partner"], amount_cents=batch["charge_cents"], due_at=first_due,
        )
    ]  # fmt: skip


def _rejected_foreign(batch: Row, acknowledgment: InterchangeAcknowledgment, count: int) -> WorkItem:
    sentence = (
        f"{batch['partner']} rejected interchange {batch['isa_control_number']} whole (TA1 R, note {acknowledgment.note}), which "
        f"was put there by hand: for them none of the {count} claims in {batch['remote_name']} was ever sent. Tell whoever made "
        "that file; claims of ours that were held for it may be released."
    )
    return WorkItem(
        kind=WorkKind.ANOMALY, cause=whole_batch_cause(batch["id"]), sentence=sentence, batch_id=batch["id"],
        partner=batch["partner"], amount_cents=batch["charge_cents"],
    )  # fmt: skip
