"""Invented claims of the other two guides: the people and days of an invented professional claim as a bill or a dental claim."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import msgspec

from edi.claims import Claim, Diagnosis, Guide, Party, ServiceLine
from edi.claims.details import Admission, ClaimValue, Moment, Period, Tooth

STAYS_PER_MILLE = 250
LONGEST_STAY_DAYS = 5

_REVENUE_CODES = {
    "36415": "0300", "80053": "0301", "85025": "0305", "87880": "0306", "93000": "0730", "71046": "0324", "97110": "0420",
    "97140": "0420", "90471": "0771", "J1885": "0636", "A4550": "0270",
}  # fmt: skip
"""Where the services of an invented visit are booked; clinic (0510) where none is named."""

Drawn = tuple[str, int, str, tuple[str, ...]]
_DENTAL: tuple[Drawn, ...] = (
    ("D0120", 6200, "", ()),
    ("D1110", 9800, "", ()),
    ("D0274", 7400, "", ()),
    ("D2391", 18500, "14", ("O",)),
    ("D2150", 21000, "30", ("M", "O")),
    ("D2330", 17200, "8", ("F",)),
    ("D7140", 19500, "17", ()),
    ("D3330", 112000, "19", ()),
)
"""A dental service: its code, usual charge in cents, tooth and surfaces."""
_CROWN, _CROWN_CENTS = "D2740", 128000
_SCALING, _SCALING_CENTS = "D4341", 26500


def shape_bill(claim: Claim, draw: Random) -> Claim:
    """The bill of a hospital visit, or of a stay in one of four."""
    served = claim.lines[0].service_from
    assert served is not None, "an invented service has its day"
    days = draw.randint(1, LONGEST_STAY_DAYS) if draw.randrange(1000) < STAYS_PER_MILLE else 0
    billed = msgspec.structs.replace(
        claim,
        guide="837I",
        facility_qualifier="A",
        provider_signature="",
        dates=(),
        patient_paid_cents=None,
        billing_provider=_name_hospital(claim.billing_provider),
        providers=tuple(msgspec.structs.replace(provider, role="71") for provider in claim.providers[:1]),
    )
    return _shape_stay(billed, served, days, draw) if days else _shape_visit(billed, served)


def _name_hospital(practice: Party) -> Party:
    return msgspec.structs.replace(
        practice,
        is_person=False,
        first_name="",
        last_name=practice.last_name.replace("FAMILY PRACTICE", "HOSPITAL") if not practice.is_person else "NONESUCH HOSPITAL",
        taxonomy="282N00000X",
    )


def _shape_visit(claim: Claim, served: date) -> Claim:
    lines = tuple(
        msgspec.structs.replace(
            line, revenue_code=_REVENUE_CODES.get(line.procedure, "0510"), diagnosis_pointers=(), place_of_service=""
        )
        for line in claim.lines
    )
    return msgspec.structs.replace(
        claim,
        place_of_service="13",
        lines=lines,
        admission=Admission(type="3", source="1", patient_status="01"),
        periods=(Period(qualifier="434", first=served, last=served),),
    )


def _shape_stay(claim: Claim, served: date, days: int, draw: Random) -> Claim:
    """Admitted so many days before the day of service, which is that of the discharge."""
    first = served - timedelta(days=days)
    lines = (
        _book("L1", "0120", days * draw.randrange(90000, 140000, 2500), unit="DA", quantity=days),
        _book("L2", "0250", draw.randrange(5000, 60000, 25)),
        _book("L3", "0300", draw.randrange(5000, 40000, 25)),
    )
    return msgspec.structs.replace(
        claim,
        place_of_service="11",
        charge_cents=sum(line.charge_cents for line in lines),
        lines=lines,
        admission=Admission(type="1", source="1", patient_status="01"),
        periods=(Period(qualifier="434", first=first, last=served),),
        moments=(Moment(qualifier="435", time="0915", day=first), Moment(qualifier="096", time="1130")),
        diagnoses=tuple(msgspec.structs.replace(one, present_on_admission="Y") for one in claim.diagnoses),
        admitting_diagnosis=Diagnosis(qualifier="ABJ", code=claim.diagnoses[0].code),
        values=(ClaimValue(code="80", amount_cents=days * 100),),
    )


def _book(control: str, revenue_code: str, charge_cents: int, *, unit: str = "UN", quantity: int = 1) -> ServiceLine:
    return ServiceLine(
        charge_cents=charge_cents, procedure="", procedure_qualifier="", revenue_code=revenue_code, unit=unit,
        quantity=Decimal(quantity), control_number=control,
    )  # fmt: skip


def shape_dental(claim: Claim, draw: Random) -> Claim:
    """One to three dental services, now and then a crown or a quadrant's scaling."""
    served = claim.lines[0].service_from
    assert served is not None, "an invented service has its day"
    lines = [_treat(f"L{place}", one, served, draw) for place, one in enumerate(draw.sample(_DENTAL, draw.randint(1, 3)), 1)]
    if draw.randrange(6) == 0:
        crown = _treat(f"L{len(lines) + 1}", (_CROWN, _CROWN_CENTS, "3", ()), served, draw)
        lines.append(msgspec.structs.replace(crown, prosthesis="I"))
    if draw.randrange(6) == 0:
        scaling = _treat(f"L{len(lines) + 1}", (_SCALING, _SCALING_CENTS, "", ()), served, draw)
        lines.append(msgspec.structs.replace(scaling, oral_cavity=("10",)))
    return msgspec.structs.replace(
        claim,
        guide="837D",
        dates=(),
        diagnoses=(),
        lines=tuple(lines),
        charge_cents=sum(line.charge_cents for line in lines),
        billing_provider=_name_dentists(claim.billing_provider),
        providers=tuple(msgspec.structs.replace(provider, taxonomy="1223G0001X") for provider in claim.providers[:1]),
    )


def _name_dentists(practice: Party) -> Party:
    name = practice.last_name.replace("FAMILY PRACTICE", "DENTAL PRACTICE")
    return msgspec.structs.replace(practice, last_name=name, taxonomy="1223G0001X")


def _treat(control: str, service: Drawn, served: date, draw: Random) -> ServiceLine:
    procedure, charge_cents, tooth, surfaces = service
    return ServiceLine(
        charge_cents=charge_cents + 25 * draw.randrange(40), procedure=procedure, procedure_qualifier="AD", unit="",
        service_from=served, control_number=control,
        teeth=(Tooth(numbering="JP", tooth=tooth, surfaces=surfaces),) if tooth else (),
    )  # fmt: skip


SHAPES: Mapping[Guide, Callable[[Claim, Random], Claim]] = {
    "837I": shape_bill,
    "837D": shape_dental,
}
"""For the other two guides, how a professional claim that was drawn becomes one of theirs."""
