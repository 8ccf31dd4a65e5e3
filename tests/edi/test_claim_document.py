"""One claim document for the three 837s: everything the guides hold has a field, both ways, and old documents still decode."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec
import pytest

from edi.catalogue import find_transaction
from edi.claims import Carried, Claim, Document
from edi.claims.details import ClaimProcedure, ClaimValue, Drug, Occurrence, OccurrenceSpan, Tooth, ToothStatus
from edi.claims.sets import LevelStart, SubmissionHead
from edi.findings import Finding
from edi.segments import Delimiters
from edi.transactions import t837d, t837i, t837p
from tests.edi.test_t837p import EVERYTHING as PROFESSIONAL
from tests.support.professional import RECEIVER, SUBMITTER, claim_of
from tests.support.sets import body, set_of

HEAD = """
BHT*0019*00*BATCH1*20240301*1200*CH~
NM1*41*2*INVENTED BILLING*****46*SUB1~
PER*IC*HELP DESK*TE*5550100100~
NM1*40*2*INVENTED CLEARINGHOUSE*****46*REC1~
HL*1**20*1~
PRV*BI*PXC*282N00000X~
CUR*85*USD~
NM1*85*2*INVENTED CLINIC*****XX*1999999984~
N3*1 NOWHERE WAY~
N4*NOWHERE*NY*100010001~
REF*EI*990000001~
NM1*87*2~
N3*PO BOX 1~
N4*NOWHERE*NY*10001~
NM1*PE*2*INVENTED PLAN*****PI*88888~
N3*3 NOWHERE WAY~
N4*NOWHERE*NY*10001~
REF*2U*77777~
REF*EI*990000002~
"""
SUBSCRIBER = """
HL*2*1*22*0~
SBR*S*18*GROUP1******CI~
NM1*IL*1*TESTPERSON*ANN*B**JR*MI*M0001~
N3*2 NOWHERE WAY~
N4*NOWHERE*NY*10001~
DMG*D8*19800131*F~
NM1*PR*2*INVENTED PAYER*****PI*99999~
REF*G2*PROV1~
"""
INSTITUTIONAL = (
    "ST*837*0001*005010X223A2~"
    + HEAD
    + SUBSCRIBER
    + """
CLM*PCN1*1500.5***11:A:7**A*Y*Y***********1~
DTP*434*RD8*20240101-20240105~
DTP*096*TM*1130~
DTP*435*DT*202401010800~
CL1*1*7*30~
PWK*OZ*BM***AC*DMN0012~
CN1*02*150*10.5*CODE*2*V1~
AMT*F3*100~
REF*F8*ICN1~
REF*D9*TRACE2~
K3*STATE DATA~
NTE*DGN*SEEN TWICE~
CRC*ZZ*Y*ST~
HI*ABK:J449:::::::Y~
HI*ABJ:J449~
HI*APR:R05~
HI*ABN:W010XXA:::::::N~
HI*DR:190~
HI*ABF:I10:::::::Y*ABF:E119~
HI*BBR:0BH17EZ:D8:20240102~
HI*BBQ:5A1945Z:D8:20240103~
HI*BI:70:RD8:20240101-20240102~
HI*BH:11:D8:20231230~
HI*BE:80:::4*BE:01:::250.75~
HI*BG:09*BG:17~
HI*TC:A1~
HCP*03*100*10*ORG1*1.5~
NM1*71*1*TESTATTENDING*ANN****XX*1999999992~
PRV*AT*PXC*207R00000X~
REF*G2*A6~
NM1*72*1*TESTSURGEON*SAL****XX*1999999992~
SBR*P*01*G2*OTHER GROUP*****CI~
CAS*CO*45*50**97*20*1~
AMT*D*200~
AMT*A8*5~
OI***Y***Y~
MIA*4***1500.5*MA01***150************MA02~
MOA*0.5*20*MA02*MA03~
NM1*IL*1*TESTPERSON*CAL****MI*X1~
NM1*PR*2*OTHER PAYER*****PI*55555~
DTP*573*D8*20240201~
NM1*71*1~
REF*G2*X9~
LX*1~
SV2*0450*HC:99284:25*1000.5*UN*1**20~
PWK*OZ*BM~
DTP*472*RD8*20240101-20240102~
REF*6R*L1~
REF*9B*REPRICED~
AMT*GT*4.5~
NTE*TPO*TO PRICER~
HCP*03*100*10~
LIN**N4*01234567891~
CTP****2*UN~
REF*XZ*RX1~
NM1*82*1*TESTDOCTOR*DORA****XX*1999999992~
REF*G1*AUTH1**2U:55555~
SVD*55555*200*HC:99284*0450*1~
CAS*PR*2*30~
DTP*573*D8*20240201~
AMT*EAF*30~
LX*2~
SV2*0120**500*DA*4~
SE*0*0001~
""".replace("REF*G1*AUTH1", "REF*G2*AUTH1")
)
DENTAL = (
    "ST*837*0001*005010X224A2~"
    + HEAD.replace("282N00000X", "1223G0001X")
    + SUBSCRIBER
    + """
CLM*PCN1*300***11:B:1*Y*A*Y*Y**AA:OA::NY*02*******PB*1~
DTP*439*D8*20240102~
DTP*452*D8*20230102~
DTP*472*RD8*20240101-20240131~
DN1*36*27**Y~
DN2*8*M****JP~
DN2*9*E****JP~
PWK*RB*EL***AC*DMN0012~
CN1*02*150~
AMT*F5*10~
REF*G3*PRE1~
REF*D9*TRACE2~
K3*STATE DATA~
NTE*ADD*SEEN TWICE~
HI*ABK:K021*ABF:K036~
HCP*03*100*10*ORG1*1.5~
NM1*DN*1*TESTREFERRER*DON****XX*1999999984~
PRV*RF*PXC*1223G0001X~
NM1*DD*1*TESTASSISTANT*ASA****XX*1999999992~
PRV*AS*PXC*1223S0112X~
LX*1~
SV3*AD:D2150*200**10:20*I*2*****1:2~
TOO*JP*12*M:O~
TOO*JP*13~
DTP*472*D8*20240115~
DTP*441*D8*20200101~
REF*6R*L1~
REF*G1*AUTH1~
AMT*T*4.5~
NM1*82*1*TESTDOCTOR*DORA****XX*1999999992~
PRV*PE*PXC*1223G0001X~
SVD*55555*200*AD:D2150**1~
DTP*573*D8*20240201~
LX*2~
SV3*AD:D1110*100****1~
SE*0*0001~
"""
)
GUIDES = {
    "837P": (PROFESSIONAL, t837p.TRANSACTION),
    "837I": (INSTITUTIONAL, t837i.TRANSACTION),
    "837D": (DENTAL, t837d.TRANSACTION),
}


def with_count(text: str) -> list[str]:
    lines = body(text)
    return [*lines[:-1], f"SE*{len(lines)}*0001"]


def read(segments: list[str]) -> tuple[list[Document | None], list[Finding]]:
    tset = set_of(segments, "HC", segments[0].rpartition("*")[2])
    transaction = find_transaction(tset)
    assert transaction is not None
    return [part.document for part in transaction.read_parts(tset)], tset.findings


def write(guide: str, documents: list[Document | None]) -> list[str]:
    transaction = GUIDES[guide][1]
    given = [one for one in documents if one is not None]
    return list(transaction.write_parts(given, st_control_number="0001", version="", delimiters=Delimiters()))


def carried_in(value: object) -> Iterator[Carried]:
    """Everything carried anywhere in a document."""
    if isinstance(value, Carried):
        yield value
    elif isinstance(value, Document):
        for name in value.__struct_fields__:
            yield from carried_in(getattr(value, name))
    elif isinstance(value, tuple):
        for one in value:
            yield from carried_in(one)


@pytest.mark.parametrize("guide", GUIDES)
def test_everything_a_guide_holds_has_a_field_and_comes_back(guide: str) -> None:
    """No finding, nothing carried, the same segments; only neighbours of one tag may change places."""
    segments = with_count(GUIDES[guide][0])
    documents, findings = read(segments)
    assert [(one.loop, one.segment, one.element, one.message) for one in findings] == []
    assert [*carried_in(tuple(documents))] == []
    written = write(guide, documents)
    assert sorted(written) == sorted(segments)
    assert [one.partition("*")[0] for one in written] == [one.partition("*")[0] for one in segments]
    assert read(written) == (documents, [])


@pytest.mark.parametrize("guide", GUIDES)
def test_documents_go_through_json(guide: str) -> None:
    documents, _ = read(with_count(GUIDES[guide][0]))
    assert [msgspec.json.decode(msgspec.json.encode(one), type=type(one)) for one in documents] == documents


def claims(text: str) -> list[Claim]:
    return [one for one in read(with_count(text))[0] if isinstance(one, Claim)]


def test_the_codes_of_an_institutional_claim_have_their_fields() -> None:
    (claim,) = claims(INSTITUTIONAL)
    assert claim.guide == "837I"
    assert [(one.qualifier, one.code, one.present_on_admission) for one in claim.diagnoses] == [
        ("ABK", "J449", "Y"), ("ABF", "I10", "Y"), ("ABF", "E119", ""),
    ]  # fmt: skip
    assert claim.admitting_diagnosis
    assert claim.admitting_diagnosis.code == "J449"
    assert claim.diagnosis_group == "190"
    assert claim.procedures[0] == ClaimProcedure(qualifier="BBR", code="0BH17EZ", performed_on=date(2024, 1, 2))
    assert claim.occurrence_spans == (OccurrenceSpan(code="70", first=date(2024, 1, 1), last=date(2024, 1, 2)),)
    assert claim.occurrences == (Occurrence(code="11", day=date(2023, 12, 30)),)
    assert claim.values == (ClaimValue(code="80", amount_cents=400), ClaimValue(code="01", amount_cents=25075))
    assert (claim.conditions, claim.treatments) == (("09", "17"), ("A1",))
    assert claim.admission
    assert claim.admission.patient_status == "30"


def test_the_lines_of_an_institutional_claim_have_their_fields() -> None:
    (claim,) = claims(INSTITUTIONAL)
    first, second = claim.lines
    assert (first.revenue_code, first.procedure, first.noncovered_cents) == ("0450", "99284", 2000)
    assert (second.revenue_code, second.procedure, second.unit, second.quantity) == ("0120", "", "DA", Decimal(4))
    assert first.drugs[0] == Drug(
        qualifier="N4", code="01234567891", quantity=Decimal(2), unit="UN", references=first.drugs[0].references
    )


def test_a_dental_claim_has_its_teeth() -> None:
    (claim,) = claims(DENTAL)
    first, second = claim.lines
    assert claim.submission_reason == "PB"
    assert claim.orthodontics
    assert claim.orthodontics.remaining_months == Decimal(27)
    assert claim.teeth[0] == ToothStatus(tooth="8", status="M", numbering="JP")
    assert first.teeth == (Tooth(numbering="JP", tooth="12", surfaces=("M", "O")), Tooth(numbering="JP", tooth="13"))
    assert (first.oral_cavity, first.quantity, first.unit) == (("10", "20"), Decimal(2), "UN")
    assert (second.quantity, second.unit) == (Decimal(1), "UN")


def test_a_dental_line_without_a_quantity_is_one_and_is_written_without() -> None:
    segments = with_count(DENTAL.replace("SV3*AD:D1110*100****1~", "SV3*AD:D1110*100~"))
    documents, _ = read(segments)
    (claim,) = [one for one in documents if isinstance(one, Claim)]
    assert (claim.lines[1].quantity, claim.lines[1].unit) == (Decimal(1), "")
    assert write("837D", documents) == [one.replace("*1~", "~") for one in write("837D", documents)]
    assert "SV3*AD:D1110*100" in write("837D", documents)


PLAIN = with_count(
    "ST*837*0001*005010X222A1~"
    + HEAD
    + SUBSCRIBER
    + """
CLM*PCN1*100***11:B:1*Y*A*Y*Y~
DTP*431*D8*20240110~
HI*ABK:J449~
LX*1~
SV1*HC:99213*100*UN*1***1~
DTP*472*D8*20240115~
SE*0*0001~
"""
)


@pytest.mark.parametrize(
    ("right", "odd"),
    [
        ("CLM*PCN1*100***11:B:1*Y", "CLM*PCN1*100*CI*1*11:B:1*Y"),
        ("DTP*431*D8*20240110", "DTP*431*D6*240110"),
        ("SBR*S*18*GROUP1******CI", "SBR*S*18*GROUP1***1*Y**CI"),
        ("NM1*IL*1*TESTPERSON*ANN*B**JR*MI*M0001", "NM1*IL*1*TESTPERSON*ANN*B*DR*JR*MI*M0001*01"),
        ("N4*NOWHERE*NY*100010001", "N4*NOWHERE*NY*100010001**CY*X"),
        ("DMG*D8*19800131*F", "DMG*D8*19800131*F*M***US"),
        ("SV1*HC:99213*100*UN*1***1", "SV1*HC:99213:::::::X*100*UN*1**9*1*5"),
        ("LX*1", "LX*17"),
        ("PER*IC*HELP DESK*TE*5550100100", "PER*ZZ*HELP DESK*TE*5550100100"),
        ("PRV*BI*PXC*282N00000X", "PRV*BI*ZZ*282N00000X"),
        ("CUR*85*USD", "CUR*PR*USD"),
        ("HI*ABK:J449", "HI*ABK:J449*XX:1"),
        ("BHT*0019*00*BATCH1", "BHT*0020*18*BATCH1"),
        ("*1200*CH", "*12003099*CH"),
    ],
)
def test_no_element_is_lost_that_no_field_names(right: str, odd: str) -> None:
    """Whether the guide has it there or not."""
    assert sum(right in one for one in PLAIN) == 1
    segments = [one.replace(right, odd) for one in PLAIN]
    documents, _ = read(segments)
    assert write("837P", documents) == segments


def test_two_equal_levels_stay_two() -> None:
    """A file that opens a subscriber anew for each claim comes back with as many levels."""
    one = "CLM*PCN1*100***11:B:1*Y*A*Y*Y~HI*ABK:J449~LX*1~SV1*HC:99213*100*UN*1***1~DTP*472*D8*20240115~".replace("~", "~\n")
    head = "ST*837*0001*005010X222A1~" + HEAD
    segments = with_count(head + SUBSCRIBER + one + SUBSCRIBER.replace("HL*2*1", "HL*3*1") + one + one + "SE*0*0001~")
    documents, findings = read(segments)
    assert findings == []
    assert [type(document).__name__ for document in documents] == ["SubmissionHead", "Claim", "LevelStart", "Claim", "Claim"]
    assert documents[2] == LevelStart(loop="2000B")
    assert write("837P", documents) == segments


def test_a_subscribers_own_claims_and_those_of_dependents_stay_in_one_level() -> None:
    one = "CLM*PCN1*100***11:B:1*Y*A*Y*Y~HI*ABK:J449~LX*1~SV1*HC:99213*100*UN*1***1~DTP*472*D8*20240115~".replace("~", "~\n")
    child = "HL*3*2*23*0~PAT*19~NM1*QC*1*TESTPERSON*BEN~N3*2 NOWHERE WAY~N4*NOWHERE*NY*10001~DMG*D8*20150203*M~".replace(
        "~", "~\n"
    )
    other = child.replace("HL*3", "HL*4").replace("BEN", "CAL")
    head = "ST*837*0001*005010X222A1~" + HEAD
    subscriber = SUBSCRIBER.replace("HL*2*1*22*0", "HL*2*1*22*1")
    segments = with_count(head + subscriber + one + child + one + other + one + "SE*0*0001~")
    documents, findings = read(segments)
    assert findings == []
    assert documents[1] == LevelStart(loop="2000A", has_dependents=True)
    assert write("837P", documents) == segments


def test_sets_are_written_claim_by_claim() -> None:
    """The first claim's segments come before the second claim is asked for."""
    asked = []

    def give() -> Iterator[Document]:
        yield SubmissionHead(reference="B1", created_at=None, submitter=SUBMITTER, receiver=RECEIVER)
        for number in range(3):
            asked.append(number)
            yield claim_of(patient_control_number=f"PCN{number}")

    segments = t837p.TRANSACTION.write_parts(give(), st_control_number="0001", version="005010X222A2", delimiters=Delimiters())
    assert next(segments) == "ST*837*0001*005010X222A2"
    assert asked == []
    assert next(one for one in segments if one.startswith("CLM")).startswith("CLM*PCN0")
    assert asked == [0]


def test_a_claim_of_another_guide_is_not_written() -> None:
    (claim,) = claims(DENTAL)
    head = SubmissionHead(reference="B1", created_at=None, submitter=SUBMITTER, receiver=RECEIVER)
    with pytest.raises(ValueError, match="837P"):
        write("837P", [head, claim])


def test_what_the_language_kept_before_it_had_these_fields_still_decodes() -> None:
    """A document of the first form, with segments carried that have fields now, is written as it was."""
    old = b"""{"patient_control_number":"PCN1","charge_cents":10000,
    "billing_provider":{"role":"85","last_name":"INVENTED CLINIC","carried":{"loops":[
      {"loop":"2000A","segments":[["CUR","85","USD"]]},
      {"loop":"2010AC","segments":[["NM1","PE","2","INVENTED PLAN","","","","","PI","88888"]]}]}},
    "subscriber":{"role":"IL","last_name":"TESTPERSON","carried":{"loops":[{"loop":"2000B","segments":[["PAT","","","","","","","","","Y"]]}]}},
    "payer":{"role":"PR","last_name":"INVENTED PAYER"},"relationship":"19",
    "patient":{"role":"QC","is_person":true,"last_name":"TESTPERSON","carried":{"loops":[
      {"loop":"2000C","segments":[["PAT","19","","","","","","01","180"]]}]}},
    "lines":[{"charge_cents":10000,"procedure":"99213","carried":{"segments":[["PS1","PURCH1","50"]],"loops":[
      {"loop":"2410","segments":[["LIN","","N4","01234567891"]]},{"loop":"2440","segments":[["LQ","UT","01.02"]]}]}}],
    "carried":{"segments":[["PWK","03","BM"],["HI","BP\\ue01f00100"]]}}"""
    claim = msgspec.json.decode(old, type=Claim)
    head = SubmissionHead(reference="B1", created_at=None, submitter=SUBMITTER, receiver=RECEIVER)
    written = write("837P", [head, claim])
    for segment in (
        *("CUR*85*USD", "NM1*PE*2*INVENTED PLAN*****PI*88888", "PAT*********Y", "PAT*19******01*180", "PWK*03*BM"),
        *("HI*BP:00100", "PS1*PURCH1*50", "LIN**N4*01234567891", "LQ*UT*01.02"),
    ):
        assert written.count(segment) == 1
    assert sum(one.startswith("PAT") for one in written) == 2
    (again,) = [one for one in read(written)[0] if isinstance(one, Claim)]
    assert write("837P", [head, again]) == written


def test_a_claim_that_carries_what_has_a_field_now_may_go_out() -> None:
    carrying = claim_of(carried=Carried(segments=(("PWK", "03", "BM"), ("REF", "G1", "AUTH1"))))
    assert t837p.check(carrying, SUBMITTER, RECEIVER) == []


def test_a_claim_that_carries_something_and_loses_something_else_may_not() -> None:
    line = msgspec.structs.replace(claim_of().lines[0], modifiers=("25", ""))
    carrying = claim_of(carried=Carried(segments=(("PWK", "03", "BM"),)), lines=(line,))
    (found,) = t837p.check(carrying, SUBMITTER, RECEIVER)
    assert (found.code, found.message.split(" in ")[1]) == ("round_trip", "lines")


def test_a_claim_of_another_guide_is_held_with_its_reason() -> None:
    (found,) = t837p.check(claim_of(guide="837I"), SUBMITTER, RECEIVER)
    assert "837I" in found.message


@pytest.mark.parametrize(
    ("right", "odd"),
    [
        ("DMG*D8*19800131*F", "DMG"),
        ("DMG*D8*19800131*F", "DMG*D8*19801331*F"),
        ("DMG*D8*19800131*F", "DMG*D8*19800131"),
        ("DTP*472*D8*20240115", "DTP*472*D8"),
        ("DTP*472*D8*20240115", "DTP*472*RD8*20240115-20240116"),
        ("HI*ABK:J449", "HI"),
        ("SV1*HC:99213*100*UN*1***1", "SV1*HC:99213*100*UN*1"),
        ("N3*2 NOWHERE WAY", "N3*2 NOWHERE WAY*SUITE 1"),
        ("LX*1", "LX"),
    ],
)
def test_a_claim_reads_the_same_whether_others_said_the_same_before(right: str, odd: str) -> None:
    """What is remembered of one claim for the next changes nothing: three claims on end are as each is alone."""
    assert PLAIN.count(right) == 1
    one = [odd if segment == right else segment for segment in PLAIN]
    start = one.index("HL*2*1*22*0")
    level = one[start:-1]
    again = [*one[:-1], *["HL*3*1*22*0", *level[1:]], *["HL*4*1*22*0", *level[1:]], one[-1]]
    alone = [document for document in read(one)[0] if not isinstance(document, SubmissionHead)]
    together = [document for document in read(again)[0] if not isinstance(document, SubmissionHead | LevelStart)]
    assert together == alone * 3
