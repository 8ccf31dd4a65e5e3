"""837P: claims out and in, and every defect said once, where it is."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from edi.claims import (
    Address,
    Adjustment,
    Carried,
    Coverage,
    Diagnosis,
    LineAdjudication,
    OtherPayer,
    Party,
)
from edi.claims.carrying import SEGMENT_ORDER
from edi.dictionary import SEGMENTS
from edi.findings import Unwritable
from edi.segments import Delimiters
from edi.spec import LoopSpec, SegmentSpec, TransactionSpec
from edi.transactions import t837d, t837i, t837p
from tests.support.professional import CREATED_AT, RECEIVER, SUBMITTER, claim_of, read_back, written
from tests.support.sets import body, set_of

HEAD = """
ST*837*0001*005010X222A1~
BHT*0019*00*BATCH1*20240301*1200*CH~
NM1*41*2*INVENTED BILLING*****46*SUB1~
PER*IC*HELP DESK*TE*5550100100~
NM1*40*2*INVENTED CLEARINGHOUSE*****46*REC1~
"""
BILLING = """
HL*1**20*1~
PRV*BI*PXC*207Q00000X~
NM1*85*2*INVENTED CLINIC*****XX*1999999984~
N3*1 NOWHERE WAY~
N4*NOWHERE*NY*100010001~
REF*EI*990000001~
"""
SUBSCRIBER = """
HL*2*1*22*0~
SBR*P*18*GROUP1******CI~
NM1*IL*1*TESTPERSON*ANN*B***MI*M0001~
N3*2 NOWHERE WAY~
N4*NOWHERE*NY*10001~
DMG*D8*19800131*F~
NM1*PR*2*INVENTED PAYER*****PI*99999~
"""
CLAIM = """
CLM*PCN1*150.5***11:B:1*Y*A*Y*Y~
DTP*431*D8*20240110~
REF*D9*TRACE1~
HI*ABK:J449*ABF:I10~
NM1*82*1*TESTDOCTOR*DORA****XX*1999999992~
PRV*PE*PXC*207Q00000X~
LX*1~
SV1*HC:99213:25*100*UN*1***1:2~
DTP*472*D8*20240115~
REF*6R*L1~
LX*2~
SV1*HC:J1234*50.5*UN*2.5***1~
DTP*472*RD8*20240115-20240116~
REF*6R*L2~
"""
ONE = HEAD + BILLING + SUBSCRIBER + CLAIM + "SE*33*0001~"


def read_text(text: str) -> tuple[list[t837p.ReadClaim], Any]:
    tset = set_of(body(text), "HC", "005010X222A1")
    return [item for item in t837p.read(tset) if isinstance(item, t837p.ReadClaim)], tset


def with_count(text: str) -> str:
    """The text with SE01 made right."""
    lines = body(text)
    return "\n".join([*lines[:-1], f"SE*{len(lines)}*0001"])


def test_a_claim_is_read_whole() -> None:
    items, tset = read_text(ONE)
    assert tset.findings == []
    (item,) = items
    claim = item.claim
    assert claim is not None
    assert claim.patient_control_number == "PCN1"
    assert claim.charge_cents == 15050
    assert claim.billing_provider.taxonomy == "207Q00000X"
    assert claim.subscriber.birth_date == date(1980, 1, 31)
    assert claim.coverage == Coverage(group_number="GROUP1", claim_filing_indicator="CI")
    assert claim.dates == (("431", date(2024, 1, 10)),)
    assert claim.reference("D9") == "TRACE1"
    assert claim.diagnoses == (Diagnosis(qualifier="ABK", code="J449"), Diagnosis(qualifier="ABF", code="I10"))
    assert [provider.role for provider in claim.providers] == ["82"]
    first, second = claim.lines
    assert (first.procedure, first.modifiers, first.charge_cents, first.diagnosis_pointers) == ("99213", ("25",), 10000, (1, 2))
    assert (first.service_from, first.service_through, first.control_number) == (date(2024, 1, 15), None, "L1")
    assert (second.quantity, second.service_through) == (Decimal("2.5"), date(2024, 1, 16))
    assert claim.carried is None


def test_positions_say_where_the_claim_stands() -> None:
    (item,), _ = read_text(ONE)
    lines = body(ONE)
    assert lines[item.first_position - 1].startswith("CLM*")
    assert lines[item.last_position - 1] == "REF*6R*L2"


def test_the_head_comes_first() -> None:
    head = next(iter(t837p.read(set_of(body(ONE), "HC", "005010X222A1"))))
    assert isinstance(head, t837p.SubmissionHead)
    assert (head.reference, head.created_at, head.usage) == ("BATCH1", CREATED_AT, "CH")
    assert head.submitter == SUBMITTER
    assert head.receiver == RECEIVER


def test_a_claim_is_written_segment_for_segment() -> None:
    (item,), _ = read_text(ONE)
    assert item.claim is not None
    assert written(item.claim) == body(with_count(ONE))


EVERYTHING = with_count(
    HEAD
    + """
HL*1**20*1~
PRV*BI*PXC*207Q00000X~
CUR*85*USD~
NM1*85*2*INVENTED CLINIC*****XX*1999999984~
N3*1 NOWHERE WAY*SUITE 2~
N4*NOWHERE*NY*100010001~
REF*EI*990000001~
REF*1G*U12345~
PER*IC*OFFICE*TE*5550100101*EX*12~
NM1*87*2~
N3*PO BOX 1~
N4*NOWHERE*NY*10001~
NM1*PE*2*INVENTED PLAN*****PI*88888~
N3*3 NOWHERE WAY~
N4*NOWHERE*NY*10001~
REF*2U*77777~
REF*EI*990000002~
HL*2*1*22*1~
SBR*S**GROUP1*INVENTED GROUP*12****CI~
PAT*****D8*20240101*01*180*Y~
NM1*IL*1*TESTPERSON*ANN*B**JR*MI*M0001~
NM1*PR*2*INVENTED PAYER*****PI*99999~
N3*4 NOWHERE WAY~
N4*NOWHERE*NY*10001~
REF*G2*PROV1~
HL*3*2*23*0~
PAT*19**********~
NM1*QC*1*TESTPERSON*BEN~
N3*2 NOWHERE WAY~
N4*NOWHERE**A1B2C3*CA***ON~
DMG*D8*20150203*M~
REF*Y4*CLAIMNO~
CLM*PCN2*300***11:B:7*Y*A*Y*Y*P*AA:OA::NY:CA*02********1~
DTP*439*D8*20240102~
DTP*314*RD8*20240101-20240131~
PWK*OZ*BM***AC*DMN0012~
CN1*02*150~
AMT*F5*10~
REF*F8*ICN1~
REF*D9*TRACE2~
K3*STATE DATA~
NTE*ADD*SEEN TWICE~
CR1*LB*140**A*DH*12****STRETCHER~
CR2********M**SPASM~
CRC*07*Y*01*04~
HI*ABK:J449*ABF:I10~
HI*BP:00100*BO:00200~
HI*BG:11*BG:12~
HCP*03*100*10*ORG1*1.5~
NM1*DN*1*TESTREFERRER*DON****XX*1999999984~
REF*G2*A6~
NM1*77*2*INVENTED SITE*****XX*1999999984~
N3*5 NOWHERE WAY~
N4*NOWHERE*NY*10001~
PER*IC**TE*5550100102~
NM1*PW*2~
N3*6 NOWHERE WAY~
N4*NOWHERE*NY*10001~
SBR*P*01*G2*OTHER GROUP*12****CI~
CAS*CO*45*50**97*20*1~
CAS*PR*2*30~
AMT*D*200~
AMT*A8*5~
AMT*EAF*30~
OI***Y*P**Y~
MOA***MA01~
NM1*IL*1*TESTPERSON*CAL****MI*X1~
N3*2 NOWHERE WAY~
N4*NOWHERE*NY*10001~
NM1*PR*2*OTHER PAYER*****PI*55555~
DTP*573*D8*20240201~
REF*F8*OTHERICN~
NM1*82*1~
REF*G2*X9~
LX*1~
SV1*HC:99213:25:59::*300*UN*1*12**1**Y**Y*Y~
SV5*HC:E0100*DA*30*100*500*1~
PWK*CT*AD~
CR3*I*MO*12~
CRC*70*Y*65~
DTP*472*D8*20240115~
DTP*463*D8*20240110~
QTY*PT*2~
MEA*TR*R1*10.5~
CN1*02*100~
REF*6R*L1~
REF*G1*AUTH1**2U:55555~
REF*9B*REPRICED~
AMT*T*4.5~
K3*MORE DATA~
NTE*ADD*LINE NOTE~
NTE*TPO*TO PRICER~
PS1*PURCH1*50~
HCP*03*100*10~
LIN**N4*01234567891~
CTP****2*UN~
REF*XZ*RX1~
NM1*DK*1*TESTORDERER*ORA****XX*1999999984~
N3*7 NOWHERE WAY~
N4*NOWHERE*NY*10001~
PER*IC*ORDERS*TE*5550100103~
SVD*55555*200*HC:99213:25**1~
CAS*PR*2*30~
DTP*573*D8*20240201~
AMT*EAF*30~
LQ*UT*01.02~
FRM*1A*Y~
SE*0*0001~
""".replace("PAT*19**********~", "PAT*19~")
    .replace("25:59::*300", "25:59*300")
    .replace("PWK*OZ", "PWK*03")
)


def test_what_no_field_names_is_carried_and_written_back() -> None:
    """Every kind of segment of the guide comes back: only REFs of one loop may change places."""
    items, tset = read_text(EVERYTHING)
    assert [(f.loop, f.segment, f.element, f.message) for f in tset.findings] == []
    claim = items[0].claim
    assert claim is not None
    assert sorted(written(claim)) == sorted(body(EVERYTHING))
    assert read_back(written(claim)) == ([claim], [])


def test_what_is_carried_keeps_its_components_under_other_delimiters() -> None:
    (item,), _ = read_text(EVERYTHING)
    assert item.claim is not None
    other = Delimiters(element="|", component=">", repetition="!", segment="\n")
    segments = written(item.claim, delimiters=other)
    assert "REF|G1|AUTH1||2U>55555" in segments
    assert read_back(segments, other) == ([item.claim], [])


@pytest.mark.parametrize(
    ("dropped", "loop", "tag"),
    [
        ("N3*1 NOWHERE WAY~", "2010AA", "N3"),
        ("N4*NOWHERE*NY*100010001~", "2010AA", "N4"),
        ("REF*EI*990000001~", "2010AA", "REF"),
        ("PER*IC*HELP DESK*TE*5550100100~", "1000A", "PER"),
        ("DTP*472*D8*20240115~", "2400", "DTP"),
        ("HI*ABK:J449*ABF:I10~", "2300", "HI"),
    ],
)
def test_a_missing_segment_is_one_finding_that_names_it(dropped: str, loop: str, tag: str) -> None:
    assert ONE.count(dropped) == 1
    _, tset = read_text(with_count(ONE.replace(dropped, "")))
    assert [(f.level, f.code, f.loop, f.segment) for f in tset.findings] == [("segment", "3", loop, tag)]


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("CLM*PCN1*150.5*", "CLM*PCN1*150.505*", ("CLM", 2)),
        ("CLM*PCN1*150.5*", "CLM*PCN1*MUCH*", ("CLM", 2)),
        ("CLM*PCN1*150.5*", "CLM*PCN1**", ("CLM", 2)),
        ("CLM*PCN1*", "CLM**", ("CLM", 1)),
        ("SV1*HC:J1234*50.5*", "SV1*HC:J1234*FIFTY*", ("SV1", 2)),
        ("SV1*HC:J1234*50.5*UN*2.5*", "SV1*HC:J1234*50.5*UN*SOME*", ("SV1", 4)),
        ("SV1*HC:J1234*50.5*UN*2.5***1~", "~", ("SV1", 0)),
    ],
)
def test_no_claim_is_built_from_an_unreadable_value(right: str, wrong: str, where: tuple[str, int]) -> None:
    """The claim is None and exactly one finding says which value is the cause."""
    text = ONE.replace(right, wrong)
    assert text != ONE
    (item,), _ = read_text(with_count("\n".join(line for line in text.splitlines() if line.strip("~"))))
    assert item.claim is None
    assert [(finding.segment, finding.element) for finding in item.findings] == [where]


def test_a_claim_without_lines_is_not_built() -> None:
    (item,), _ = read_text(with_count(ONE[: ONE.index("LX*1~")] + "SE*0*0001~"))
    assert item.claim is None
    assert [(finding.code, finding.segment, finding.loop) for finding in item.findings] in (
        [("3", "LX", "2400")],
        [("I7", "LX", "2400")],
    )


def test_findings_go_to_the_claims_they_touch() -> None:
    """A wrong subscriber touches both claims under it, a wrong line its own claim, and neither touches the next subscriber's."""
    second = SUBSCRIBER.replace("HL*2*1*22*0", "HL*3*1*22*0")
    text = (
        HEAD
        + BILLING
        + SUBSCRIBER.replace("*F~", "*X~")
        + CLAIM
        + CLAIM.replace("PCN1", "PCN2").replace("SV1*HC:J1234", "SV1*XX:J1234")
        + second
        + CLAIM.replace("PCN1", "PCN3")
        + "SE*0*0001~"
    )
    items, _ = read_text(with_count(text))
    assert [[f.segment for f in item.findings] for item in items] == [["DMG"], ["DMG", "SV1"], []]


def test_neighbouring_claims_share_their_levels() -> None:
    """One 2000A for a practice, one 2000B for a subscriber's claims, a 2000C for each dependent; HL numbers and flags right."""
    child = Party(
        role="QC", is_person=True, last_name="TESTPERSON", first_name="BEN", birth_date=date(2015, 2, 3), gender="M",
        address=Address(line1="1 NOWHERE WAY", city="NOWHERE", state="NY", postal_code="10001"),
    )  # fmt: skip
    own = claim_of()
    other_practice = msgspec.structs.replace(own.billing_provider, last_name="OTHER CLINIC")
    claims = [
        own,
        claim_of(patient_control_number="PCN2"),
        claim_of(patient_control_number="PCN3", patient=child, relationship="19"),
        claim_of(patient_control_number="PCN4", patient=child, relationship="19"),
        claim_of(patient_control_number="PCN5", patient=msgspec.structs.replace(child, first_name="CAL"), relationship="19"),
        claim_of(patient_control_number="PCN6", billing_provider=other_practice),
    ]
    segments = written(*claims)
    assert [one for one in segments if one.startswith("HL*")] == [
        "HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*1", "HL*4*3*23*0", "HL*5*3*23*0", "HL*6**20*1", "HL*7*6*22*0",
    ]  # fmt: skip
    assert read_back(segments) == (claims, [])


def test_more_claims_than_a_level_may_hold_open_another() -> None:
    claims = [claim_of(patient_control_number=f"PCN{number}") for number in range(250)]
    segments = written(*claims)
    assert sum(one.startswith("HL*") for one in segments) == 4
    assert read_back(segments) == (claims, [])


def test_a_secondary_claim_keeps_what_the_first_payer_decided() -> None:
    decided = LineAdjudication(
        payer_id="55555",
        paid_cents=6000,
        procedure="99213",
        quantity=Decimal(1),
        adjustments=tuple(Adjustment(group="PR", reason=str(reason), amount_cents=-125) for reason in range(1, 9)),
        paid_date=date(2024, 2, 1),
    )
    other = OtherPayer(
        responsibility="P",
        relationship="18",
        paid_cents=6000,
        subscriber=Party(role="IL", is_person=True, last_name="TESTPERSON", id_qualifier="MI", id="X1"),
        payer=Party(role="PR", last_name="OTHER PAYER", id_qualifier="PI", id="55555"),
        paid_date=date(2024, 2, 1),
    )
    line = msgspec.structs.replace(claim_of().lines[0], adjudications=(decided,))
    claim = claim_of(other_payers=(other,), lines=(line,))
    segments = written(claim)
    assert [one for one in segments if one.startswith("CAS*")] == [
        "CAS*PR*1*-1.25**2*-1.25**3*-1.25**4*-1.25**5*-1.25**6*-1.25",
        "CAS*PR*7*-1.25**8*-1.25",
    ]
    assert read_back(segments) == ([claim], [])


def test_check_finds_nothing_in_a_sound_claim() -> None:
    assert t837p.check(claim_of(), SUBMITTER, RECEIVER) == []


def test_check_says_what_the_guide_lacks() -> None:
    naked = msgspec.structs.replace(claim_of().billing_provider, address=None, references=())
    found = t837p.check(claim_of(billing_provider=naked), SUBMITTER, RECEIVER)
    assert {(finding.loop, finding.segment) for finding in found} == {("2010AA", "N3"), ("2010AA", "N4"), ("2010AA", "REF")}


def test_check_says_where_a_value_cannot_be_written() -> None:
    (found,) = t837p.check(claim_of(notes=(("ADD", "A*B"),)), SUBMITTER, RECEIVER)
    assert (found.segment, found.element) == ("NTE", 2)
    assert "A*B" not in found.message


def test_check_says_when_a_claim_would_not_come_back_equal() -> None:
    """A blank modifier at the end has no place in a composite: it would silently be gone."""
    line = msgspec.structs.replace(claim_of().lines[0], modifiers=("25", ""))
    (found,) = t837p.check(claim_of(lines=(line,)), SUBMITTER, RECEIVER)
    assert (found.level, found.code) == ("balance", "round_trip")
    assert "lines" in found.message


@pytest.mark.parametrize("character", ["*", ":", "^", "~", "\n", "\x00", "\x1d", "\ue01c", "\ue01d", "\ue01e", "\ue01f", "–"])
def test_nothing_that_would_break_the_file_is_written(character: str) -> None:
    claim = claim_of(patient_control_number=f"PCN{character}1")
    with pytest.raises(Unwritable):
        written(claim)


def test_carried_segments_are_held_to_the_same_rule() -> None:
    claim = claim_of(carried=Carried(segments=(("K3", "A~B"),)))
    with pytest.raises(Unwritable):
        written(claim)


def test_every_segment_of_the_spec_is_in_the_dictionary() -> None:
    tags = {item.tag for one in t837p.SPEC.loops() for item in one.items if isinstance(item, SegmentSpec)}
    assert tags <= set(SEGMENTS)


@pytest.mark.parametrize("id", ["2300", "2320", "2400", "2430"])
@pytest.mark.parametrize("guide", [t837p.SPEC, t837i.SPEC, t837d.SPEC], ids=["837P", "837I", "837D"])
def test_the_order_of_what_is_written_is_the_order_of_the_spec(guide: TransactionSpec, id: str) -> None:
    one: LoopSpec = next(one for one in guide.loops() if one.id == id)
    in_spec = list(dict.fromkeys(item.tag for item in one.items if isinstance(item, SegmentSpec)))
    assert [tag for tag in SEGMENT_ORDER[id] if tag in in_spec] == in_spec
