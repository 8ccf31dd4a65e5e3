"""TA1 Interchange Acknowledgment: one segment beside the functional groups, as a document."""

from datetime import date

from edi.claims import Document


class InterchangeAcknowledgment(Document, frozen=True, kw_only=True):
    """TA1: the interchange it answers (ISA13, ISA09, ISA10), the verdict (A, E, R) and the note code (TA105)."""

    isa_control_number: int
    interchange_date: date | None
    interchange_time: str
    verdict: str
    note: str = "000"
