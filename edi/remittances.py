"""The remittance as a document: what an 835 says of a payment, its claims, their lines, and the provider's balance."""

from datetime import date
from decimal import Decimal

from edi.claims import Adjustment, Document, Party, Reference


class ServicePayment(Document, frozen=True, kw_only=True, gc=False):
    """2110: one service line's payment. `line_control_number` is REF*6R as echoed; `submitted_*` is SVC06."""

    procedure: str
    charge_cents: int
    paid_cents: int
    procedure_qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""
    quantity: Decimal | None = None
    submitted_qualifier: str = ""
    submitted_procedure: str = ""
    submitted_modifiers: tuple[str, ...] = ()
    submitted_quantity: Decimal | None = None
    service_from: date | None = None
    service_through: date | None = None
    line_control_number: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    references: tuple[Reference, ...] = ()
    allowed_cents: int | None = None
    remarks: tuple[str, ...] = ()


class ClaimPayment(Document, frozen=True, kw_only=True, gc=False):
    """2100: what the payer decided on one claim. `status` is CLP02; `position` counts segments from ST = 1."""

    patient_control_number: str
    status: str
    charge_cents: int
    paid_cents: int
    position: int
    patient_responsibility_cents: int | None = None
    claim_filing_indicator: str = ""
    payer_claim_number: str = ""
    facility_code: str = ""
    frequency: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    patient: Party | None = None
    subscriber: Party | None = None
    rendering_provider: Party | None = None
    crossover_carrier: Party | None = None
    references: tuple[Reference, ...] = ()
    service_from: date | None = None
    service_through: date | None = None
    received_date: date | None = None
    coverage_amount_cents: int | None = None
    remarks: tuple[str, ...] = ()
    lines: tuple[ServicePayment, ...] = ()


class ProviderAdjustment(Document, frozen=True, kw_only=True, gc=False):
    """PLB: one reason/reference/amount. A positive amount takes money from the payment."""

    provider_id: str
    fiscal_date: date | None
    reason: str
    amount_cents: int
    reference: str = ""
    position: int = 0


class Remittance(Document, frozen=True, kw_only=True, gc=False):
    """The head of an 835 set: BPR, TRN, payer and payee. Its claim payments are read one by one beside it."""

    trace_number: str
    amount_cents: int
    method: str
    originator_id: str = ""
    handling: str = ""
    credit_debit: str = "C"
    payment_date: date | None = None
    production_date: date | None = None
    payer: Party
    payee: Party
    references: tuple[Reference, ...] = ()
