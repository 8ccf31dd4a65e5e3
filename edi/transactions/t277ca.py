"""277 Health Care Claim Acknowledgment (005010X214): each tier's word on each claim, as documents."""

from datetime import date
from typing import Literal

from edi.claims import Document, Party, Reference

StatusLevel = Literal["source", "receiver", "provider", "claim", "line"]


class Status(Document, frozen=True, kw_only=True):
    """One STC composite (STC01, STC10 or STC11): category, status code, entity."""

    category: str
    code: str
    entity: str = ""


class StatusInformation(Document, frozen=True, kw_only=True):
    """One STC: its composites, the day it took effect, WQ accept or U reject, the amount, free text."""

    statuses: tuple[Status, ...]
    effective_date: date | None = None
    action: str = ""
    charge_cents: int | None = None
    text: str = ""


class AcknowledgedUnit(Document, frozen=True, kw_only=True):
    """What one HL says about what it stands for: the whole batch (receiver), a billing provider, or one claim.

    `trace` is TRN02: BHT03 of our set at the receiver level, CLM01 at the claim level. Counts and amounts are QTY/AMT
    of the receiver and provider levels. `payer_claim_number` is REF*1K, `claim_trace` REF*D9.
    """

    level: StatusLevel
    position: int
    party: Party | None = None
    trace: str = ""
    statuses: tuple[StatusInformation, ...] = ()
    payer_claim_number: str = ""
    claim_trace: str = ""
    references: tuple[Reference, ...] = ()
    service_from: date | None = None
    service_through: date | None = None
    accepted_count: int | None = None
    rejected_count: int | None = None
    accepted_cents: int | None = None
    rejected_cents: int | None = None
    lines: tuple["AcknowledgedUnit", ...] = ()


class ClaimAcknowledgment(Document, frozen=True, kw_only=True):
    """The head of a 277CA set: who says it (AY clearinghouse or PR payer, NM101 of 2100A), when, and its reference."""

    reference: str
    created_date: date | None
    source: Party
    source_trace: str = ""
    received_date: date | None = None
    processed_date: date | None = None
    receiver: Party | None = None
