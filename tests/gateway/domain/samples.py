"""A sound invented claim, a plain payment and a payer, to be changed by each test in the one place it is about."""

from datetime import date
from typing import Any

import msgspec

from edi.claims import Address, Adjustment, Claim, Diagnosis, Party, Reference, ServiceLine
from edi.transactions.t835 import ClaimPayment, ServicePayment
from gateway.domain.duplicates import Twin
from gateway.domain.edits import EditContext, check
from payers.payer import TimelyFiling
from payers.profile import Payer

TODAY = date(2026, 11, 20)
SERVED = date(2026, 11, 2)
GOOD_NPI = "1999999984"
RENDERING_NPI = "1999999976"
WRONG_NPI = "1999999985"

PAYER = Payer(
    id="sample_plan",
    name="Sample Plan",
    partner="sample_partner",
    payer_ids=("SAMP1",),
    claim_filing_indicator="CI",
    timely_filing=TimelyFiling(original_days=90),
    member_id_pattern="[A-Z]{3}[0-9]{9}",
    member_id_example="XQB000000017",
)

CONTEXT = EditContext(payer=PAYER, today=TODAY)


def make_line(**changes: Any) -> ServiceLine:
    """One sound service line of 120.00."""
    line = ServiceLine(
        charge_cents=12000,
        procedure="99213",
        service_from=SERVED,
        control_number="L1",
        diagnosis_pointers=(1,),
    )
    return msgspec.structs.replace(line, **changes)


def make_provider(**changes: Any) -> Party:
    """A sound rendering provider."""
    provider = Party(role="82", is_person=True, last_name="SAMPLE", first_name="TESTA", id_qualifier="XX", id=RENDERING_NPI)
    return msgspec.structs.replace(provider, **changes)


def make_billing_provider(**changes: Any) -> Party:
    """A sound practice."""
    provider = Party(
        role="85",
        last_name="NONESUCH PRACTICE",
        id_qualifier="XX",
        id=GOOD_NPI,
        taxonomy="207Q00000X",
        address=Address(line1="100 EXAMPLE STREET", city="SAMPLETON", state="OH", postal_code="430010001"),
        references=(Reference(qualifier="EI", value="990000001"),),
    )
    return msgspec.structs.replace(provider, **changes)


def make_subscriber(**changes: Any) -> Party:
    """A sound subscriber who is the patient."""
    subscriber = Party(
        role="IL",
        is_person=True,
        last_name="TESTCASE",
        first_name="INVENTED",
        id_qualifier="MI",
        id="XQB000000017",
        address=Address(line1="1 INVENTED AVENUE", city="SAMPLETON", state="OH", postal_code="43001"),
        birth_date=date(1980, 1, 31),
        gender="F",
    )
    return msgspec.structs.replace(subscriber, **changes)


def make_claim(**changes: Any) -> Claim:
    """A claim that no edit objects to; its charge follows its lines unless given."""
    lines = changes.setdefault("lines", (make_line(),))
    claim = Claim(
        patient_control_number="SAMPLE1",
        charge_cents=sum(line.charge_cents for line in lines),
        billing_provider=make_billing_provider(),
        subscriber=make_subscriber(),
        payer=Party(role="PR", last_name="SAMPLE PLAN", id_qualifier="PI", id="SAMP1"),
        diagnoses=(Diagnosis(qualifier="ABK", code="J069"),),
        providers=(make_provider(),),
        lines=lines,
    )
    return msgspec.structs.replace(claim, **changes)


def make_twin(pcn: str) -> Twin:
    """A claim that was sent and bills the first service of another."""
    return Twin(claim_id=1, pcn=pcn, state="sent", line=1, service="99213")


def find_edits(claim: Claim, **context: Any) -> list[str]:
    """The names of the edits that object to the claim, each once, sorted."""
    findings = check(claim, msgspec.structs.replace(CONTEXT, **context))
    return sorted({finding.edit for finding in findings})


def adjust(code: str, amount_cents: int) -> Adjustment:
    """A CAS amount from its short form: adjust("CO 45", 3000)."""
    group, reason = code.split()
    return Adjustment(group=group, reason=reason, amount_cents=amount_cents)


def make_paid_line(charge_cents: int, paid_cents: int, *adjustments: Adjustment, **changes: Any) -> ServicePayment:
    """One service payment of 99213."""
    line = ServicePayment(procedure="99213", charge_cents=charge_cents, paid_cents=paid_cents, adjustments=adjustments)
    return msgspec.structs.replace(line, **changes)


def make_payment(*lines: ServicePayment, **changes: Any) -> ClaimPayment:
    """A claim payment of status 1 whose totals follow its lines unless given."""
    payment = ClaimPayment(
        patient_control_number="SAMPLE1",
        status="1",
        charge_cents=sum(line.charge_cents for line in lines),
        paid_cents=sum(line.paid_cents for line in lines),
        position=12,
        lines=lines,
    )
    return msgspec.structs.replace(payment, **changes)
