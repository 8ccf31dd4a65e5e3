"""The remittance as a document: what an 835 says of a payment, its claims, their lines, and the provider's balance."""

from datetime import date
from decimal import Decimal

from edi.claims import Adjustment, Contact, Document, Party, Reference
from edi.claims.details import InpatientAdjudication, OutpatientAdjudication
from edi.inquiries.remainder import LevelDocument

LINE_REFERENCES = ("1S", "APC", "BB", "E9", "G1", "G3", "LU", "RB")
"""REF01 of 2110 before the line item control number; what is of neither kind is of the provider or the policy, and after it."""


class ServicePayment(LevelDocument, frozen=True, gc=False):
    """2110: one service line's payment. `line_control_number` is REF*6R as echoed; `submitted_*` is SVC06.

    `amounts` and `quantities` are the AMT and QTY without a field of their own, by qualifier, in cents and units.
    `adjustment_counts` says how many adjustments each CAS held where neighbours of one group did not share one.
    """

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
    amounts: tuple[tuple[str, int], ...] = ()
    quantities: tuple[tuple[str, Decimal], ...] = ()
    adjustment_counts: tuple[int, ...] = ()
    description: str = ""
    submitted_description: str = ""


class ClaimPayment(LevelDocument, frozen=True, gc=False):
    """2100: what the payer decided on one claim. `status` is CLP02; `position` counts segments from ST = 1.

    `adjustment_counts` says how many adjustments each CAS held where neighbours of one group did not share one.
    `remarks` are those of MIA and MOA together; `inpatient` and `outpatient` are there where these say more. `amounts` and
    `quantities` are the AMT and QTY without a field of their own, by qualifier, in cents and units.
    """

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
    patient_status: str = ""
    drg: str = ""
    drg_weight: Decimal | None = None
    discharge_fraction: Decimal | None = None
    corrected_patient: Party | None = None
    corrected_payer: Party | None = None
    other_subscriber: Party | None = None
    expiration_date: date | None = None
    inpatient: InpatientAdjudication | None = None
    outpatient: OutpatientAdjudication | None = None
    contacts: tuple[Contact, ...] = ()
    amounts: tuple[tuple[str, int], ...] = ()
    quantities: tuple[tuple[str, Decimal], ...] = ()
    adjustment_counts: tuple[int, ...] = ()


class HeaderNumber(LevelDocument, frozen=True, gc=False):
    """2000: the claim payments that follow belong together (LX), and what they add up to for a provider (TS3).

    The further amounts of TS3, and TS2, are carried.
    """

    number: str
    position: int = 0
    provider_id: str = ""
    facility_code: str = ""
    fiscal_date: date | None = None
    claim_count: Decimal | None = None
    charge_cents: int | None = None


class ProviderAdjustment(Document, frozen=True, gc=False):
    """PLB: one reason/reference/amount. A positive amount takes money from the payment."""

    provider_id: str
    fiscal_date: date | None
    reason: str
    amount_cents: int
    reference: str = ""
    position: int = 0


class BankAccount(Document, frozen=True, gc=False):
    """A bank (BPR06 and 07, or 12 and 13) and an account there (08 and 09, or 14 and 15)."""

    bank_qualifier: str = ""
    bank: str = ""
    account_qualifier: str = ""
    account: str = ""


class Remittance(LevelDocument, frozen=True, kw_only=True, gc=False):
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
    payment_format: str = ""
    company_id: str = ""
    company_supplement: str = ""
    trace_supplement: str = ""
    payer_account: BankAccount | None = None
    payee_account: BankAccount | None = None
