"""Invented professional claims, and the way of one through a transaction set and back."""

from datetime import date, datetime, time
from typing import Any

import msgspec

from edi.claims import (
    Address,
    Claim,
    Contact,
    Coverage,
    Diagnosis,
    Party,
    Reference,
    ServiceLine,
    Submission,
)
from edi.segments import Delimiters
from edi.transactions import t837p
from tests.support.sets import set_of


def claim_of(**changes: object) -> Claim:
    """An invented claim, changed where the test says."""
    address = Address(line1="1 NOWHERE WAY", city="NOWHERE", state="NY", postal_code="100010001")
    claim = Claim(
        patient_control_number="PCN1",
        charge_cents=10000,
        billing_provider=Party(
            role="85",
            last_name="INVENTED CLINIC",
            id_qualifier="XX",
            id="1999999984",
            address=address,
            references=(Reference(qualifier="EI", value="990000001"),),
        ),
        subscriber=Party(
            role="IL",
            is_person=True,
            last_name="TESTPERSON",
            first_name="ANN",
            id_qualifier="MI",
            id="M0001",
            address=address,
            birth_date=date(1980, 1, 31),
            gender="F",
        ),
        payer=Party(role="PR", last_name="INVENTED PAYER", id_qualifier="PI", id="99999"),
        coverage=Coverage(claim_filing_indicator="CI"),
        diagnoses=(Diagnosis(qualifier="ABK", code="J449"),),
        lines=(
            ServiceLine(
                charge_cents=10000,
                procedure="99213",
                diagnosis_pointers=(1,),
                service_from=date(2024, 1, 15),
                control_number="L1",
            ),
        ),
    )
    return msgspec.structs.replace(claim, **changes)


CREATED_AT = datetime.combine(date(2024, 3, 1), time(12, 0))
SUBMITTER = Party(
    role="41",
    last_name="INVENTED BILLING",
    id_qualifier="46",
    id="SUB1",
    contacts=(Contact(name="HELP DESK", numbers=(("TE", "5550100100"),)),),
)
RECEIVER = Party(role="40", last_name="INVENTED CLEARINGHOUSE", id_qualifier="46", id="REC1")


def submission_of(*claims: Claim) -> Submission:
    return Submission(reference="BATCH1", created_at=CREATED_AT, submitter=SUBMITTER, receiver=RECEIVER, claims=claims)


def written(*claims: Claim, delimiters: Delimiters | None = None) -> list[str]:
    return t837p.write(submission_of(*claims), st_control_number="0001", delimiters=delimiters or Delimiters())


def read_back(segments: list[str], delimiters: Delimiters | None = None) -> tuple[list[Claim | None], list[Any]]:
    tset = set_of(segments, "HC", "005010X222A1", delimiters)
    claims = [item.claim for item in t837p.read(tset) if isinstance(item, t837p.ReadClaim)]
    return claims, tset.findings
