"""Whether an answer can speak of the batch whose number it names: numbers come round again, and old answers lie about for years.

Each function says what speaks against it, to stand in a work item after "but"; "" where nothing does.
"""

from datetime import timedelta

from edi.transactions.t999 import GroupResponse
from edi.transactions.ta1 import InterchangeAcknowledgment
from gateway.db.engine import Row
from gateway.pipeline.ingest.inbound import Inbound

_CLOCKS_APART = timedelta(days=2)
"""A partner writes its own day and hour, in its own zone."""


def is_foreign(batch: Row) -> bool:
    """Whether it was brought there by hand and is none of ours: then it has no claim of ours in it."""
    return not batch["claim_count"]


def doubt_departure(batch: Row) -> str:
    """What nobody began to send, and no person says is there, no partner can answer."""
    return "" if batch["sending_at"] else f"batch {batch['id']}, which is that, has not left yet"


def doubt_ta1(inbound: Inbound, acknowledgment: InterchangeAcknowledgment, batch: Row) -> str:
    """A TA1 repeats ISA09 and ISA10 of what it answers (TA102, TA103); what it leaves out contradicts nothing."""
    if not batch["sending_at"]:
        return doubt_departure(batch)
    day, clock, created = acknowledgment.interchange_date, acknowledgment.interchange_time[:4], batch["created_at"]
    if day is not None and (day != created.date() or clock not in ("", f"{created:%H%M}")):
        said = f"{day} {clock}".strip()
        return f"it speaks of one written {said} (TA102, TA103), and batch {batch['id']}, of that number, {created:%Y-%m-%d %H%M}"
    return _doubt_age(inbound, batch)


def doubt_999(inbound: Inbound, response: GroupResponse, batch: Row, ours: set[str]) -> str:
    """A 999 names sets of what it answers, where it names any. `ours`: ST02 of the batch's."""
    named_others = response.sets and not any(one.control_number in ours for one in response.sets)
    others = f"none of the sets it names (AK2) is in batch {batch['id']}, which has that number" if named_others else ""
    return doubt_departure(batch) or others or _doubt_age(inbound, batch)


def _doubt_age(inbound: Inbound, batch: Row) -> str:
    written, created = inbound.header.date, batch["created_at"]
    if written is None or written >= (created - _CLOCKS_APART).date():
        return ""
    return f"it was written {written} (ISA09), and batch {batch['id']}, which has that number, only {created:%Y-%m-%d}"
