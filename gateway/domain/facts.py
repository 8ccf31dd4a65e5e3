"""The kinds of facts a claim collects, and where each stands in its life. Restated from design: domain.md 2 and 3."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec


class State(StrEnum):
    """What a claim's facts add up to."""

    RECEIVED = "received"
    HELD = "held"
    READY = "ready"
    BATCHED = "batched"
    SENT = "sent"
    DELIVERED = "delivered"
    ACCEPTED_BY_CLEARINGHOUSE = "accepted_by_clearinghouse"
    ACCEPTED_BY_PAYER = "accepted_by_payer"
    REJECTED = "rejected"
    PENDING = "pending"
    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    DENIED = "denied"
    VOIDED = "voided"


class Kind(StrEnum):
    """What happened. Past tense; the value is what is stored."""

    RECEIVED = "received"
    CORRECTED = "corrected"
    REOPENED = "reopened"
    REOPENED_AS_INNOCENT = "reopened_as_innocent"
    REOPENED_AS_LOST = "reopened_as_lost"
    REOPENED_AS_UNRECEIVED = "reopened_as_unreceived"
    REPAIRED = "repaired"
    EDITS_FAILED = "edits_failed"
    EDITS_PASSED = "edits_passed"
    HELD_BY_PERSON = "held_by_person"
    RELEASED_BY_PERSON = "released_by_person"
    BATCHED = "batched"
    SENT = "sent"
    TA1_ACCEPTED = "ta1_accepted"
    TA1_REJECTED = "ta1_rejected"
    SYNTAX_ACCEPTED = "syntax_accepted"
    SYNTAX_REJECTED = "syntax_rejected"
    CLEARINGHOUSE_ACCEPTED = "clearinghouse_accepted"
    CLEARINGHOUSE_REJECTED = "clearinghouse_rejected"
    PAYER_ACCEPTED = "payer_accepted"
    PAYER_REJECTED = "payer_rejected"
    STATUS_PENDING = "status_pending"
    STATUS_REPORTED = "status_reported"
    PAID = "paid"
    PARTLY_PAID = "partly_paid"
    DENIED = "denied"
    PAYMENT_SUSPENDED = "payment_suspended"
    VOIDED = "voided"


class Fact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that happened to a claim, once.

    `source` names where we know it from and makes it unique for the claim: the same source twice is the same fact.
    `file_sha256` and `position` (segment, ST = 1) order facts of the same instant without regard to arrival.
    `data` holds codes, counts, control numbers and amounts: never a name, a member id or a birth date.
    """

    claim_id: int
    kind: Kind
    attempt: int
    occurred_at: datetime
    source: str
    file_id: int | None = None
    file_sha256: str = ""
    position: int = 0
    actor: str = ""
    data: dict[str, Any] = {}
