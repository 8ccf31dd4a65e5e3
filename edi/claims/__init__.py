"""The claim as a document: what an 837P, 837I or 837D says, and what the gateway keeps of each version of a claim.

Frozen structs; money in integer cents, dates as dates, quantities as Decimal. Field names are the guide's, in snake case.
What an 837 holds and no field names is carried along in `carried` and written back where it stood. In carried elements the
components of a composite stand between U+E01F, and repetitions between U+E01E, whatever the delimiters of the file were.
The structs made for every line or claim of a file take their fields in order too: their readers make many.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from edi.claims.details import (
    Admission,
    AmbulanceTransport,
    Attachment,
    Certification,
    ClaimProcedure,
    ClaimValue,
    Contract,
    Diagnosis,
    Drug,
    EquipmentCertification,
    EquipmentService,
    Form,
    InpatientAdjudication,
    Measurement,
    Moment,
    Occurrence,
    OccurrenceSpan,
    Orthodontics,
    OutpatientAdjudication,
    Period,
    Pricing,
    PurchasedService,
    Reference,
    SpinalManipulation,
    Tooth,
    ToothStatus,
)
from edi.documents import Carried, CarriedLoop, Document

__all__ = [
    "Address", "Adjustment", "Carried", "CarriedLoop", "Claim", "Contact", "Coverage", "Diagnosis", "Document", "Guide",
    "LineAdjudication", "OtherPayer", "Party", "Reference", "ServiceLine", "Submission",
]  # fmt: skip

Guide = Literal["837P", "837I", "837D"]
"""Which of the three guides a claim follows: professional, institutional or dental."""


class Address(Document, frozen=True, gc=False):
    """N3 and N4."""

    line1: str
    city: str
    state: str = ""
    postal_code: str = ""
    line2: str = ""
    country: str = ""
    subdivision: str = ""


class Contact(Document, frozen=True, gc=False):
    """PER: a name and up to three numbers as (qualifier, number), e.g. ("TE", "5550100100").

    `function` is PER01 where it is not the usual one of its loop: IC in an 837, BL of the payer and CX of a claim in an 835.
    """

    name: str = ""
    numbers: tuple[tuple[str, str], ...] = ()
    function: str = ""


class Party(Document, frozen=True, gc=False):
    """NM1 with what follows it: a person (`is_person`) or an organisation, in the role of NM101.

    `last_name` holds the organisation's name where it is not a person. `id_qualifier` and `id` are NM108 and NM109.
    The day of death, the weight and the pregnancy (Y) are those of a patient's PAT.
    """

    role: str
    is_person: bool = False
    last_name: str = ""
    first_name: str = ""
    middle_name: str = ""
    suffix: str = ""
    id_qualifier: str = ""
    id: str = ""
    taxonomy: str = ""
    address: Address | None = None
    references: tuple[Reference, ...] = ()
    contacts: tuple[Contact, ...] = ()
    birth_date: date | None = None
    gender: str = ""
    carried: Carried | None = None
    death_date: date | None = None
    weight_pounds: Decimal | None = None
    pregnancy: str = ""


class Coverage(Document, frozen=True, gc=False):
    """SBR of the destination payer (2000B): how the subscriber is covered."""

    responsibility: str = "P"
    group_number: str = ""
    group_name: str = ""
    insurance_type: str = ""
    claim_filing_indicator: str = ""


class Adjustment(Document, frozen=True, gc=False):
    """One group/reason/amount of a CAS; `quantity` only where given."""

    group: str
    reason: str
    amount_cents: int
    quantity: Decimal | None = None


class LineAdjudication(Document, frozen=True, gc=False):
    """2430: what another payer decided on this line (SVD, CAS, DTP*573, AMT*EAF)."""

    payer_id: str
    paid_cents: int
    procedure_qualifier: str = "HC"
    procedure: str = ""
    modifiers: tuple[str, ...] = ()
    description: str = ""
    quantity: Decimal | None = None
    bundled_line: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    paid_date: date | None = None
    remaining_patient_cents: int | None = None
    revenue_code: str = ""
    carried: Carried | None = None


class OtherPayer(Document, frozen=True, kw_only=True, gc=False):
    """2320 and its loops: another coverage of the same patient, and what that payer decided on the claim.

    `providers` are those of 2330C and on, under the numbers that this payer knows them by.
    """

    responsibility: str
    relationship: str
    claim_filing_indicator: str = ""
    group_number: str = ""
    group_name: str = ""
    insurance_type: str = ""
    adjustments: tuple[Adjustment, ...] = ()
    paid_cents: int | None = None
    remaining_patient_cents: int | None = None
    noncovered_cents: int | None = None
    benefits_assigned: str = "Y"
    patient_signature: str = ""
    release_of_information: str = "Y"
    subscriber: Party | None = None
    payer: Party | None = None
    paid_date: date | None = None
    inpatient: InpatientAdjudication | None = None
    outpatient: OutpatientAdjudication | None = None
    providers: tuple[Party, ...] = ()
    carried: Carried | None = None


class ServiceLine(Document, frozen=True, gc=False):
    """2400: one service: SV1, SV2 or SV3 with what follows it.

    `control_number` is REF*6R; `diagnosis_pointers` count from 1 into the claim's diagnoses; `dates` are the DTPs besides the
    service's own (472), `references` the REFs besides the control number, `notes` the NTEs besides the first ADD. An 837D gives
    no `unit`: where it gives no quantity either, `quantity` is 1 and `unit` '', else `unit` is UN.
    """

    charge_cents: int
    procedure: str
    service_from: date | None = None
    service_through: date | None = None
    control_number: str = ""
    procedure_qualifier: str = "HC"
    modifiers: tuple[str, ...] = ()
    description: str = ""
    unit: str = "UN"
    quantity: Decimal = Decimal(1)
    place_of_service: str = ""
    diagnosis_pointers: tuple[int, ...] = ()
    emergency: str = ""
    epsdt: str = ""
    family_planning: str = ""
    copay_exempt: str = ""
    references: tuple[Reference, ...] = ()
    providers: tuple[Party, ...] = ()
    adjudications: tuple[LineAdjudication, ...] = ()
    note: str = ""
    carried: Carried | None = None
    revenue_code: str = ""
    rate: Decimal | None = None
    noncovered_cents: int | None = None
    oral_cavity: tuple[str, ...] = ()
    prosthesis: str = ""
    teeth: tuple[Tooth, ...] = ()
    equipment: EquipmentService | None = None
    attachments: tuple[Attachment, ...] = ()
    ambulance: AmbulanceTransport | None = None
    equipment_certification: EquipmentCertification | None = None
    certifications: tuple[Certification, ...] = ()
    dates: tuple[tuple[str, date], ...] = ()
    periods: tuple[Period, ...] = ()
    moments: tuple[Moment, ...] = ()
    quantities: tuple[tuple[str, Decimal], ...] = ()
    measurements: tuple[Measurement, ...] = ()
    contract: Contract | None = None
    amounts: tuple[tuple[str, int], ...] = ()
    fixed_information: tuple[str, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    purchased: PurchasedService | None = None
    pricing: Pricing | None = None
    drugs: tuple[Drug, ...] = ()
    forms: tuple[Form, ...] = ()


class Claim(Document, frozen=True, gc=False):
    """A claim, whole: what one 2300 says together with the loops above it; `guide` says which of the three 837s it follows.

    `payer` is 2010BB; `patient` is None where the subscriber is the patient (`relationship` "18").
    `dates` are the 2300 DTPs of one day by qualifier (431 onset, 439 accident, 435 admission …), `amounts` its AMTs besides
    F5. `diagnoses` are the principal and the other ones; HI's further codes stand in the fields after `teeth`.
    """

    patient_control_number: str
    charge_cents: int
    billing_provider: Party
    subscriber: Party
    payer: Party
    lines: tuple[ServiceLine, ...]
    coverage: Coverage = Coverage()
    pay_to: Party | None = None
    relationship: str = "18"
    patient: Party | None = None
    place_of_service: str = "11"
    facility_qualifier: str = "B"
    frequency: str = "1"
    provider_signature: str = "Y"
    assignment: str = "A"
    benefits_assigned: str = "Y"
    release_of_information: str = "Y"
    patient_signature: str = ""
    related_causes: tuple[str, ...] = ()
    related_state: str = ""
    related_country: str = ""
    special_program: str = ""
    delay_reason: str = ""
    dates: tuple[tuple[str, date], ...] = ()
    patient_paid_cents: int | None = None
    references: tuple[Reference, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    providers: tuple[Party, ...] = ()
    other_payers: tuple[OtherPayer, ...] = ()
    carried: Carried | None = None
    guide: Guide = "837P"
    pay_to_plan: Party | None = None
    currency: str = ""
    submission_reason: str = ""
    periods: tuple[Period, ...] = ()
    moments: tuple[Moment, ...] = ()
    amounts: tuple[tuple[str, int], ...] = ()
    attachments: tuple[Attachment, ...] = ()
    contract: Contract | None = None
    fixed_information: tuple[str, ...] = ()
    ambulance: AmbulanceTransport | None = None
    spinal_manipulation: SpinalManipulation | None = None
    certifications: tuple[Certification, ...] = ()
    pricing: Pricing | None = None
    admission: Admission | None = None
    orthodontics: Orthodontics | None = None
    teeth: tuple[ToothStatus, ...] = ()
    admitting_diagnosis: Diagnosis | None = None
    visit_reasons: tuple[Diagnosis, ...] = ()
    external_causes: tuple[Diagnosis, ...] = ()
    diagnosis_group: str = ""
    procedures: tuple[ClaimProcedure, ...] = ()
    occurrence_spans: tuple[OccurrenceSpan, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    values: tuple[ClaimValue, ...] = ()
    conditions: tuple[str, ...] = ()
    treatments: tuple[str, ...] = ()

    def reference(self, qualifier: str) -> str:
        """The value of the claim's REF with this qualifier, or ''."""
        return next((r.value for r in self.references if r.qualifier == qualifier), "")


class Submission(Document, frozen=True, kw_only=True, gc=False):
    """One 837 transaction set as a document: the envelope's parties, its reference (BHT03) and its claims."""

    reference: str
    created_at: datetime
    submitter: Party
    receiver: Party
    claims: tuple[Claim, ...]
    usage: str = "CH"
