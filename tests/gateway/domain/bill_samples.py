"""A sound invented hospital stay, a hospital visit and a dental claim, to be changed by each test in one place."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from edi.claims import Claim, Diagnosis, Party, ServiceLine
from edi.claims.details import Admission, ClaimValue, Moment, Period, Tooth
from tests.gateway.domain.samples import make_billing_provider, make_claim, make_provider

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 5)
ATTENDING = Party(
    role="71", is_person=True, last_name="SAMPLE", first_name="ATTENDA", id_qualifier="XX", id="1999999992", taxonomy="207R00000X"
)


def make_room(**changes: Any) -> ServiceLine:
    """Four days of room and board for 800.00."""
    line = ServiceLine(
        charge_cents=80000, procedure="", procedure_qualifier="", revenue_code="0120", unit="DA", quantity=Decimal(4),
        control_number="L1",
    )  # fmt: skip
    return msgspec.structs.replace(line, **changes)


def make_bill_line(**changes: Any) -> ServiceLine:
    """An emergency visit of 120.00."""
    line = ServiceLine(
        charge_cents=12000, procedure="99283", revenue_code="0450", service_from=FIRST, control_number="L1",
    )  # fmt: skip
    return msgspec.structs.replace(line, **changes)


def make_stay(**changes: Any) -> Claim:
    """A hospital stay of four days, type of bill 111, that no edit objects to."""
    given: dict[str, Any] = {
        "guide": "837I", "place_of_service": "11", "facility_qualifier": "A", "provider_signature": "", "lines": (make_room(),),
        "billing_provider": make_billing_provider(taxonomy="282N00000X"), "providers": (ATTENDING,),
        "admission": Admission(type="1", source="1", patient_status="01"),
        "periods": (Period(qualifier="434", first=FIRST, last=LAST),),
        "moments": (Moment(qualifier="435", time="0815", day=FIRST), Moment(qualifier="096", time="1130")),
        "diagnoses": (Diagnosis(qualifier="ABK", code="J449", present_on_admission="Y"),),
        "admitting_diagnosis": Diagnosis(qualifier="ABJ", code="R0602"),
        "values": (ClaimValue(code="80", amount_cents=400),),
    }  # fmt: skip
    return make_claim(**{**given, **changes})


def make_visit(**changes: Any) -> Claim:
    """A hospital visit of a day, type of bill 131, that no edit objects to."""
    given: dict[str, Any] = {
        "place_of_service": "13", "lines": (make_bill_line(),), "periods": (Period(qualifier="434", first=FIRST, last=FIRST),),
        "moments": (), "admission": Admission(type="1", source="1", patient_status="01"),
        "diagnoses": (Diagnosis(qualifier="ABK", code="J069"),), "admitting_diagnosis": None, "values": (),
        "visit_reasons": (Diagnosis(qualifier="APR", code="R051"),),
    }  # fmt: skip
    return make_stay(**{**given, **changes})


def make_dental_line(**changes: Any) -> ServiceLine:
    """A filling of 180.00 on tooth 12."""
    line = ServiceLine(
        charge_cents=18000, procedure="D2140", procedure_qualifier="AD", unit="", service_from=FIRST, control_number="L1",
        teeth=(Tooth(numbering="JP", tooth="12", surfaces=("O",)),),
    )  # fmt: skip
    return msgspec.structs.replace(line, **changes)


def make_dental_claim(**changes: Any) -> Claim:
    """A dental claim that no edit objects to."""
    given: dict[str, Any] = {
        "guide": "837D", "lines": (make_dental_line(),), "diagnoses": (), "providers": (make_provider(taxonomy="1223G0001X"),),
        "billing_provider": make_billing_provider(taxonomy="1223G0001X"),
    }  # fmt: skip
    return make_claim(**{**given, **changes})
