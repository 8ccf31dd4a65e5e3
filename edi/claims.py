"""The claim as a document: what an 837 says, and what the gateway keeps of each version of a claim.

Frozen structs; money in integer cents, dates as dates, quantities as Decimal. Field names are the guide's, in snake case.
What an 837P holds and no field names is carried along in `carried` and written back where it stood. In carried elements the
components of a composite stand between U+E01F, and repetitions between U+E01E, whatever the delimiters of the file were.
"""

from datetime import date, datetime
from decimal import Decimal

import msgspec


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Shape shared by all documents: immutable, compared by value, unknown JSON keys refused."""


class CarriedLoop(Document, frozen=True, kw_only=True):
    """A loop no field names: its segments (lists of elements, tag first) and its inner loops, as they were read."""

    loop: str
    segments: tuple[tuple[str, ...], ...]
    loops: tuple["CarriedLoop", ...] = ()


class Carried(Document, frozen=True, kw_only=True):
    """Segments and loops of one loop that no field of its document names."""

    segments: tuple[tuple[str, ...], ...] = ()
    loops: tuple[CarriedLoop, ...] = ()


class Reference(Document, frozen=True, kw_only=True):
    """REF: a number and what kind of number it is (REF01)."""

    qualifier: str
    value: str
    description: str = ""


class Address(Document, frozen=True, kw_only=True):
    """N3 and N4."""

    line1: str
    city: str
    state: str = ""
    postal_code: str = ""
    line2: str = ""
    country: str = ""
    subdivision: str = ""


class Contact(Document, frozen=True, kw_only=True):
    """PER*IC: a name and up to three numbers as (qualifier, number), e.g. ("TE", "5550100100")."""

    name: str = ""
    numbers: tuple[tuple[str, str], ...] = ()


class Party(Document, frozen=True, kw_only=True):
    """NM1 with what follows it: a person (`is_person`) or an organisation, in the role of NM101.

    `last_name` holds the organisation's name where it is not a person. `id_qualifier` and `id` are NM108 and NM109.
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


class Coverage(Document, frozen=True, kw_only=True):
    """SBR of the destination payer (2000B): how the subscriber is covered."""

    responsibility: str = "P"
    group_number: str = ""
    group_name: str = ""
    insurance_type: str = ""
    claim_filing_indicator: str = ""


class Diagnosis(Document, frozen=True, kw_only=True):
    """One composite of HI: qualifier ABK (principal) or ABF, and an ICD-10-CM code without its point."""

    qualifier: str
    code: str


class Adjustment(Document, frozen=True, kw_only=True):
    """One group/reason/amount of a CAS; `quantity` only where given."""

    group: str
    reason: str
    amount_cents: int
    quantity: Decimal | None = None


class LineAdjudication(Document, frozen=True, kw_only=True):
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


class OtherPayer(Document, frozen=True, kw_only=True):
    """2320 with 2330A and 2330B: another coverage of the same patient, and what that payer decided on the claim."""

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
    carried: Carried | None = None


class ServiceLine(Document, frozen=True, kw_only=True):
    """2400: one service. `control_number` is REF*6R; `diagnosis_pointers` count from 1 into the claim's diagnoses."""

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


class Claim(Document, frozen=True, kw_only=True):
    """A professional claim, whole: what one 2300 says together with the loops above it.

    `payer` is 2010BB; `patient` is None where the subscriber is the patient (`relationship` "18").
    `dates` are the 2300 DTPs by qualifier (431 onset, 439 accident, 435 admission …).
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

    def reference(self, qualifier: str) -> str:
        """The value of the claim's REF with this qualifier, or ''."""
        return next((r.value for r in self.references if r.qualifier == qualifier), "")


class Submission(Document, frozen=True, kw_only=True):
    """One 837P transaction set as a document: the envelope's parties, its reference (BHT03) and its claims."""

    reference: str
    created_at: datetime
    submitter: Party
    receiver: Party
    claims: tuple[Claim, ...]
    usage: str = "CH"
