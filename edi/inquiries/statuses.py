"""Claim status as 277 and 277CA tell it: one STC as a document, both ways."""

from datetime import date

from edi.claims import Document, Reference
from edi.claims.loop_fields import element_of
from edi.inquiries.segment_fields import cents_text, date_text, find_cents, find_reference, parts_of
from edi.punctuation import compose, join
from edi.values import find_date

_PLACES = (1, 10, 11)


class Status(Document, frozen=True, kw_only=True):
    """One STC composite (STC01, STC10 or STC11): category, status code, entity.

    `code_list` is RX where the status code is a reject code of the pharmacies' standard, else ''.
    """

    category: str
    code: str
    entity: str = ""
    code_list: str = ""


class StatusInformation(Document, frozen=True, kw_only=True):
    """One STC: its composites, the day it took effect, WQ accept or U reject, the amount, free text.

    What a finalised claim was paid, when it was decided, how and when the money went (check or EFT number) stand in a 277 only.
    """

    statuses: tuple[Status, ...]
    effective_date: date | None = None
    action: str = ""
    charge_cents: int | None = None
    paid_cents: int | None = None
    adjudicated_date: date | None = None
    payment_method: str = ""
    payment_date: date | None = None
    payment_number: str = ""
    text: str = ""


class TracedClaim(Document, frozen=True, kw_only=True):
    """What a 276 and its 277 know a claim by: TRN02, which is given back, and the claim's own numbers and days."""

    trace: str
    references: tuple[Reference, ...] = ()
    service_from: date | None = None
    service_through: date | None = None

    @property
    def patient_control_number(self) -> str:
        """CLM01 of the claim as it was sent (REF*EJ), or ''."""
        return find_reference(self.references, "EJ")

    @property
    def payer_claim_number(self) -> str:
        """The payer's number for the claim (REF*1K), or ''."""
        return find_reference(self.references, "1K")

    @property
    def bill_type(self) -> str:
        """Type of bill of an institutional claim (REF*BLT), or ''."""
        return find_reference(self.references, "BLT")

    @property
    def claim_trace(self) -> str:
        """The clearinghouse's or our own number for the claim (REF*D9), or ''."""
        return find_reference(self.references, "D9")


def read_status(segment: list[str]) -> StatusInformation:
    """An STC in the form of remainder.normalise; an amount or a date that is none becomes None."""
    composites = [element_of(segment, place) for place in _PLACES]
    return StatusInformation(
        statuses=tuple(_read_composite(composite) for composite in composites if composite),
        effective_date=find_date(element_of(segment, 2)),
        action=element_of(segment, 3),
        charge_cents=find_cents(element_of(segment, 4)),
        paid_cents=find_cents(element_of(segment, 5)),
        adjudicated_date=find_date(element_of(segment, 6)),
        payment_method=element_of(segment, 7),
        payment_date=find_date(element_of(segment, 8)),
        payment_number=element_of(segment, 9),
        text=element_of(segment, 12),
    )


def write_status(information: StatusInformation) -> str:
    """The STC of a status."""
    composites = [compose(one.category, one.code, one.entity, one.code_list) for one in information.statuses]
    first, second, third = (*composites[:3], *("",) * (3 - len(composites)))
    return join(
        *("STC", first, date_text(information.effective_date), information.action),
        *(cents_text(information.charge_cents), cents_text(information.paid_cents)),
        *(date_text(information.adjudicated_date), information.payment_method, date_text(information.payment_date)),
        *(information.payment_number, second, third, information.text),
    )


def _read_composite(composite: str) -> Status:
    category, code, entity, code_list, *_ = parts_of(composite, 4)
    return Status(category=category, code=code, entity=entity, code_list=code_list)
