"""The smaller parts of a claim, each one segment of an 837 or one code of an HI, with the guide's names for its elements.

Amounts are integer cents, quantities, rates and percentages Decimals; an element of codes is text. None and '' are absent.
"""

from datetime import date
from decimal import Decimal

from edi.documents import Carried, Document


class Reference(Document, frozen=True, gc=False):
    """REF: a number and what kind of number it is (REF01). `related` are the pairs of REF04, e.g. ("2U", payer id)."""

    qualifier: str
    value: str
    description: str = ""
    related: tuple[tuple[str, str], ...] = ()


class Period(Document, frozen=True, kw_only=True, gc=False):
    """DTP of format RD8: two days and what happened between them (DTP01)."""

    qualifier: str
    first: date
    last: date


class Moment(Document, frozen=True, kw_only=True, gc=False):
    """DTP of format DT or TM: an hour, as four to eight digits of it (HHMM …), of a day where the format is DT."""

    qualifier: str
    time: str
    day: date | None = None


class Diagnosis(Document, frozen=True, gc=False):
    """A composite of HI that names an ICD-10-CM code (without its point): ABK principal, ABF other, ABJ admitting, APR, ABN."""

    qualifier: str
    code: str
    present_on_admission: str = ""


class ClaimProcedure(Document, frozen=True, kw_only=True, gc=False):
    """A composite of HI that names a procedure: BBR principal, BBQ other (ICD-10-PCS, with its day), BP and BO anaesthesia."""

    qualifier: str
    code: str
    performed_on: date | None = None


class Occurrence(Document, frozen=True, kw_only=True, gc=False):
    """HI*BH: an occurrence code and its day."""

    code: str
    day: date


class OccurrenceSpan(Document, frozen=True, kw_only=True, gc=False):
    """HI*BI: an occurrence span code and its days."""

    code: str
    first: date
    last: date


class ClaimValue(Document, frozen=True, kw_only=True, gc=False):
    """HI*BE: a value code and its amount; counts stand as whole dollars, as the guide has them."""

    code: str
    amount_cents: int


class Attachment(Document, frozen=True, kw_only=True, gc=False):
    """PWK: a paper or electronic attachment, how it comes (PWK02) and under which number."""

    report: str
    transmission: str = ""
    control_qualifier: str = ""
    control_number: str = ""
    description: str = ""


class Contract(Document, frozen=True, kw_only=True, gc=False):
    """CN1: the contract that sets the price."""

    type: str
    amount_cents: int | None = None
    percent: Decimal | None = None
    code: str = ""
    terms_discount_percent: Decimal | None = None
    version: str = ""


class Pricing(Document, frozen=True, kw_only=True, gc=False):
    """HCP: what a repricer made of a claim or line."""

    method: str = ""
    priced_cents: int | None = None
    saved_cents: int | None = None
    repricer_id: str = ""
    rate: Decimal | None = None
    group_code: str = ""
    group_cents: int | None = None
    revenue_code: str = ""
    product_qualifier: str = ""
    product: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    rejection: str = ""
    compliance: str = ""
    exception: str = ""


class AmbulanceTransport(Document, frozen=True, kw_only=True, gc=False):
    """CR1: who was carried how far and why."""

    weight_unit: str = ""
    weight: Decimal | None = None
    transport: str = ""
    reason: str = ""
    distance_unit: str = ""
    distance: Decimal | None = None
    round_trip_purpose: str = ""
    stretcher_purpose: str = ""


class SpinalManipulation(Document, frozen=True, kw_only=True, gc=False):
    """CR2: chiropractic treatment."""

    number: str = ""
    count: Decimal | None = None
    subluxation_from: str = ""
    subluxation_through: str = ""
    period_unit: str = ""
    period_count: Decimal | None = None
    monthly_count: Decimal | None = None
    condition: str = ""
    complication: str = ""
    description: str = ""
    further_description: str = ""
    xray_available: str = ""


class Certification(Document, frozen=True, kw_only=True, gc=False):
    """CRC: whether conditions of a category (07 ambulance, E1 vision, 09 equipment, 70 hospice, ZZ EPSDT …) apply, and which."""

    category: str
    applies: str = ""
    conditions: tuple[str, ...] = ()


class Admission(Document, frozen=True, kw_only=True, gc=False):
    """CL1: how an institutional patient came in, and the state of the patient at the end."""

    type: str = ""
    source: str = ""
    patient_status: str = ""


class Orthodontics(Document, frozen=True, kw_only=True, gc=False):
    """DN1: months of orthodontic treatment in all and to come; `indicator` says that services are for it."""

    months: Decimal | None = None
    remaining_months: Decimal | None = None
    indicator: str = ""


class ToothStatus(Document, frozen=True, kw_only=True, gc=False):
    """DN2: a tooth that is missing (M) or to be extracted (E); `numbering` JP is the universal one."""

    tooth: str
    status: str = ""
    numbering: str = ""


class Tooth(Document, frozen=True, kw_only=True, gc=False):
    """TOO: a tooth a line is about, and its surfaces."""

    numbering: str = ""
    tooth: str = ""
    surfaces: tuple[str, ...] = ()


class EquipmentService(Document, frozen=True, kw_only=True, gc=False):
    """SV5: durable medical equipment, rented or bought."""

    procedure_qualifier: str = ""
    procedure: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    rental_cents: int | None = None
    purchase_cents: int | None = None
    frequency: str = ""


class EquipmentCertification(Document, frozen=True, kw_only=True, gc=False):
    """CR3: how long durable medical equipment is needed."""

    type: str = ""
    unit: str = ""
    duration: Decimal | None = None


class Measurement(Document, frozen=True, kw_only=True, gc=False):
    """MEA: a test result (TR) or starting dosage (OG)."""

    reference: str = ""
    qualifier: str = ""
    value: Decimal | None = None


class PurchasedService(Document, frozen=True, kw_only=True, gc=False):
    """PS1: a service bought from another provider."""

    provider_id: str
    charge_cents: int | None = None


class Drug(Document, frozen=True, kw_only=True, gc=False):
    """2410: the drug of a line: LIN (qualifier N4: an NDC), CTP and the prescription's references."""

    qualifier: str
    code: str
    quantity: Decimal | None = None
    unit: str = ""
    references: tuple[Reference, ...] = ()
    carried: Carried | None = None


class FormAnswer(Document, frozen=True, kw_only=True, gc=False):
    """FRM: one question of a form and its answer, of whichever kind."""

    question: str
    answer: str = ""
    text: str = ""
    day: date | None = None
    percent: Decimal | None = None


class Form(Document, frozen=True, kw_only=True, gc=False):
    """2440: a form that goes with a line, and its answers."""

    qualifier: str
    code: str
    answers: tuple[FormAnswer, ...] = ()
    carried: Carried | None = None


class InpatientAdjudication(Document, frozen=True, kw_only=True, gc=False):
    """MIA: how another payer priced an inpatient stay."""

    covered_days: Decimal | None = None
    outlier_cents: int | None = None
    psychiatric_days: Decimal | None = None
    drg_cents: int | None = None
    remark: str = ""
    disproportionate_share_cents: int | None = None
    pass_through_cents: int | None = None
    capital_cents: int | None = None
    capital_federal_drg_cents: int | None = None
    capital_hospital_drg_cents: int | None = None
    capital_disproportionate_drg_cents: int | None = None
    old_capital_cents: int | None = None
    capital_education_cents: int | None = None
    operating_hospital_drg_cents: int | None = None
    cost_report_days: Decimal | None = None
    operating_federal_drg_cents: int | None = None
    capital_outlier_cents: int | None = None
    teaching_cents: int | None = None
    professional_cents: int | None = None
    remarks: tuple[str, ...] = ()
    capital_exception_cents: int | None = None


class OutpatientAdjudication(Document, frozen=True, kw_only=True, gc=False):
    """MOA: how another payer priced outpatient or professional services."""

    rate: Decimal | None = None
    payable_cents: int | None = None
    remarks: tuple[str, ...] = ()
    renal_cents: int | None = None
    professional_cents: int | None = None
