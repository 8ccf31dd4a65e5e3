"""What a person is told of a file that does not get to its partner: sentences and work items."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from edi.values import format_money
from gateway.db import batches as batch_rows
from gateway.db.engine import Row, reading, writing
from gateway.db.silence import open_items
from gateway.db.work import WorkItem, close_items, raise_items
from gateway.domain.batch_states import BatchState
from gateway.domain.instants import tell_utc
from gateway.domain.timetable import name_instant
from gateway.domain.work import WorkKind
from gateway.pipeline.context import Context
from payers.file_names import shorten
from payers.profile import Partner

_SETTLE = (
    "`claimwire batches settle {0} --arrived` or `--lost`, the second of which sends its claims again in another batch; "
    "`claimwire batches resend {0}` sends the very same file once more."
)
_GIVE_UP = (
    " Its claims can go another way instead, say under another upload.file_name or by their payer's second route, once the "
    "profile says so: `claimwire batches settle {0} --lost` gives the file up while it is queued."
)

_NAMED_MAX = 5


def unknown_delivery(batch: Row, why: str) -> WorkItem:
    """It may be there or not, and looking does not tell."""
    sentence = (
        f"{_name(batch)} may or may not have reached {batch['partner']}: {why}. It is not sent again by itself; a TA1 or 999 "
        f"will settle it. If none comes, ask the partner whether it has interchange {batch['isa_control_number']}, then say so: "
        f"{_SETTLE.format(batch['id'])}"
    )
    return item_of(batch, WorkKind.UNKNOWN_DELIVERY, sentence)


def refused_batch(batch: Row, why: str) -> WorkItem:
    """It was not sent and will not be, before a person decides."""
    sentence = (
        f"{_name(batch)} was not sent to {batch['partner']}: {why}. Nothing was overwritten, and its claims wait in it. Ask the "
        f"partner what that file is, and whether it has interchange {batch['isa_control_number']}, then say so: "
        f"{_SETTLE.format(batch['id'])}"
    )
    return item_of(batch, WorkKind.BATCH_REFUSED, sentence)


def failing_transfer(batch: Row, tries: int, error: Exception) -> WorkItem:
    """The partner takes files, but not this one."""
    not_there = batch["state"] in (BatchState.QUEUED, BatchState.SENDING)
    sentence = (
        f"{_name(batch)} does not reach {batch['partner']}, {tries} tries so far: {error}. It will be tried again by itself; "
        f"nothing is lost.{_GIVE_UP.format(batch['id']) if not_there else ''}"
    )
    return item_of(batch, WorkKind.TRANSFER_FAILING, sentence)


def stopped_batch(batch: Row, pcns: Sequence[str]) -> WorkItem:
    """What was said of a claim in its file since it was put there speaks against sending it."""
    named = ", ".join(pcns[:_NAMED_MAX]) + (" …" if len(pcns) > _NAMED_MAX else "")
    sentence = (
        f"{_name(batch)} was not sent to {batch['partner']}: by what was said since, {len(pcns)} of the claims in its file may "
        f"not leave as they lie there ({named}): an earlier attempt arrived or was taken after all, or they were answered or "
        f"held. `claimwire claims show` tells. It is not sent by itself. `claimwire batches settle {batch['id']} --lost` frees "
        "its claims: those stay with what was said, and the others go out again in another file."
    )
    return item_of(batch, WorkKind.BATCH_REFUSED, sentence)


def arrived_after_all(batch: Row, holding: Mapping[int, int]) -> WorkItem:
    """It was settled as lost, and its claims lie in other files by now (`holding`: how many in which batch)."""
    lie = " and ".join(f"{count} in batch {batch_id}" for batch_id, count in holding.items())
    sentence = (
        f"{_name(batch)}, which was settled as lost, arrived at {batch['partner']} after all. Of its claims lie by now: {lie}. "
        "What of that has not left is not sent: give it up, and they stay with what arrived, while the others go out again "
        f"({', '.join(f'`claimwire batches settle {each} --lost`' for each in holding)}). What has left, the payer may have "
        f"twice: ask {batch['partner']} which of the two it keeps."
    )
    return WorkItem(
        kind=WorkKind.ANOMALY, cause=f"batch:{batch['id']}:arrived after all", sentence=sentence, batch_id=batch["id"],
        partner=batch["partner"], amount_cents=batch["charge_cents"],
    )  # fmt: skip


def tell_missed_cutoffs(context: Context) -> None:
    """A batch that was made for a cutoff and is not there when it passes: a person hears of it, until it is sent."""
    now = context.clock.now()
    with reading(context.engine) as connection:
        late = batch_rows.list_late(connection, now)
    items = [_missed_cutoff(context.profiles.partners.get(batch["partner"]), batch) for batch in late]
    if items:
        with writing(context.engine) as connection:
            raise_items(connection, items, now)


def tell_unknown_partners(context: Context) -> None:
    """A batch whose partner no profile names goes nowhere: a person hears of it, until the profile is back or it is settled."""
    with reading(context.engine) as connection:
        stranded = batch_rows.list_without_profile(connection, context.profiles.partners)
        told = open_items(connection, WorkKind.PARTNER_UNKNOWN)
    items = [_unknown_partner(batch) for batch in stranded]
    over = sorted(told.keys() - {item.cause for item in items})
    if items or over:
        now = context.clock.now()
        with writing(context.engine) as connection:
            raise_items(connection, items, now)
            close_items(
                connection, WorkKind.PARTNER_UNKNOWN, over, reason="the partner has a profile again, or it moved on", now=now
            )


def _unknown_partner(batch: Row) -> WorkItem:
    began = "was not sent" if batch["state"] in (BatchState.QUEUED, BatchState.SENDING) else "may or may not have been sent"
    sentence = (
        f"{_name(batch)} {began}, and no profile names {batch['partner']} any more: {batch['claim_count']} claims wait in it, "
        f"{format_money(batch['charge_cents'])}, and nobody tries. Put the profile back, and it goes by itself; or say what "
        f"became of it: `claimwire batches settle {batch['id']} --arrived` or `--lost`, the second of which sends its claims "
        "their present way."
    )
    return item_of(batch, WorkKind.PARTNER_UNKNOWN, sentence)


def _missed_cutoff(partner: Partner | None, batch: Row) -> WorkItem:
    cutoff_at: datetime = batch["cutoff_at"]
    when = name_instant(partner.timetable, cutoff_at) if partner else tell_utc(cutoff_at)
    why = f" The last try said: {batch['error']}." if batch["error"] else ""
    sentence = (
        f"{_name(batch)} was made for the cutoff of {batch['partner']} on {when} and had not reached it by then: "
        f"{batch['claim_count']} claims, {format_money(batch['charge_cents'])}. It goes at the next chance, by itself.{why}"
    )
    return item_of(batch, WorkKind.MISSED_CUTOFF, sentence)


def _name(batch: Row) -> str:
    return f"Batch {batch['id']} ({shorten(batch['remote_name'])})"


def item_of(batch: Row, kind: WorkKind, sentence: str) -> WorkItem:
    """The item of a batch for this kind of work."""
    return WorkItem(
        kind=kind, cause=f"batch:{batch['id']}", sentence=sentence, batch_id=batch["id"], partner=batch["partner"],
        amount_cents=batch["charge_cents"],
    )  # fmt: skip
