"""What the sandbox writes down of each upload: its own book, in files of its own, to compare with the gateway's."""

import msgspec

SYNTAX_REJECTED = "syntax_rejected"
CLEARINGHOUSE_REJECTED = "clearinghouse_rejected"
PAYER_REJECTED = "payer_rejected"
SILENT = "silent"
DENIED = "denied"
PAID = "paid"


class ClaimRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One claim of an upload: its numbers, its fate (one of the words above), and its money in cents."""

    patient_control_number: str
    trace: str
    charge_cents: int
    fate: str
    payer_claim_number: str = ""
    paid_cents: int = 0
    patient_cents: int = 0
    adjusted_cents: int = 0


class InterchangeRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One interchange of an upload: who sent it, its ISA13, and the TA105 it was judged with."""

    sender_id: str
    isa_control_number: int
    note: str


class RemittanceRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One remittance: its check or EFT number, how many claim payments, and BPR02 = claims − provider adjustments."""

    trace_number: str
    payer_id: str
    payment_count: int
    amount_cents: int
    claims_cents: int
    provider_adjustment_cents: int = 0


class UploadRecord(msgspec.Struct, frozen=True, omit_defaults=True):
    """One upload: its number, its name, and everything decided about it. `answers` counts what was answered by kind of answer."""

    sequence: int
    name: str
    interchanges: tuple[InterchangeRecord, ...] = ()
    claims: tuple[ClaimRecord, ...] = ()
    remittances: tuple[RemittanceRecord, ...] = ()
    answers: dict[str, int] = {}
