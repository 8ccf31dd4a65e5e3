"""276 and 277: what is asked of which claims, and what the payer says of them, both ways."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.claims import Contact, Document, Party, Reference
from edi.findings import Finding
from edi.inquiries.levels import walk
from edi.inquiries.segment_fields import Procedure, Service
from edi.inquiries.statuses import Status, StatusInformation
from edi.parts import Transaction
from edi.segments import Delimiters
from edi.transactions import t276, t277
from edi.transactions.t276 import ClaimInquiry, InquiryLevel, LineInquiry, StatusRequestHead
from edi.transactions.t277 import ClaimStatus, ResponseLevel, StatusResponseHead
from tests.support.sets import body, set_of

REQUEST = """
ST*276*0001*005010X212~
BHT*0010*13*ASK1*20240601*1425~
HL*1**20*1~
NM1*PR*2*INVENTED PAYER*****PI*PAY01~
HL*2*1*21*1~
NM1*41*2*INVENTED BILLING*****46*SUB1~
HL*3*2*19*1~
NM1*1P*2*INVENTED CLINIC*****XX*1999999984~
NM1*1P*2*INVENTED CLINIC*****FI*990000001~
HL*4*3*22*0~
DMG*D8*19700102*F~
NM1*IL*1*TESTPERSON*ANN*Q**JR*MI*M0001~
TRN*1*TRACE1~
REF*1K*ICN1~
REF*BLT*111~
REF*LU*LOC~
REF*6P*GROUP~
REF*EJ*PCN1~
REF*XZ*RX1~
REF*D9*OURS1~
AMT*T3*8513.88~
DTP*472*RD8*20240115-20240116~
SVC*HC:99213:25:59*150.5**0300***2~
REF*FJ*L1~
DTP*472*D8*20240115~
TRN*1*TRACE2~
REF*EJ*PCN2~
HL*5*3*22*1~
NM1*IL*1*TESTPERSON*BEN****MI*M0002~
HL*6*5*23~
DMG*D8*20100305*M~
NM1*QC*1*TESTPERSON*CAL~
TRN*1*TRACE3~
REF*EJ*PCN3~
AMT*T3*100~
DTP*472*D8*20240201~
SE*37*0001~
"""

RESPONSE = """
ST*277*0001*005010X212~
BHT*0010*08*SAY1*20240602*0810*DG~
HL*1**20*1~
NM1*PR*2*INVENTED PAYER*****PI*PAY01~
PER*IC*HELP DESK*TE*5550100100*EX*12*EM*help@payer.example~
HL*2*1*21*1~
NM1*41*2*INVENTED BILLING*****46*SUB1~
HL*3*2*19*1~
NM1*1P*2*INVENTED CLINIC*****XX*1999999984~
HL*4*3*22*0~
NM1*IL*1*TESTPERSON*ANN****MI*M0001~
TRN*2*TRACE1~
STC*F1:65*20240601**8513.88*8000*20240530**20240601*CHK77~
STC*F2:88:QC*20240601**10*0*****F2:107:QC*P3:317~
REF*1K*ICN1~
REF*BLT*111~
REF*EJ*PCN1~
REF*XZ*RX1~
REF*VV*VOUCHER~
REF*D9*OURS1~
DTP*472*RD8*20240115-20240116~
SVC*HC:99213*150.5*100****1~
STC*F1:65*20240601~
REF*FJ*L1~
DTP*472*D8*20240115~
HL*5*3*22*1~
NM1*IL*1*TESTPERSON*BEN****MI*M0002~
HL*6*5*23~
NM1*QC*1*TESTPERSON*CAL~
TRN*2*TRACE3~
STC*F2:80::RX*20240601**85*0~
HL*7*2*19*0~
NM1*1P*1*TESTDOCTOR*DEE****XX*1999999992~
TRN*1*0~
STC*E0:153:1P*20240602~
HL*8*1*21*0~
NM1*41*2*ANOTHER BILLING*****46*SUB2~
TRN*2*ASK2~
STC*E0:24:41*20240602~
SE*40*0001~
"""


def read_all(transaction: Transaction, segments: Sequence[str]) -> tuple[list[Document], list[Finding]]:
    tset = set_of(segments, transaction.spec.functional_id, transaction.spec.version)
    documents = [part.document for part in transaction.read_parts(tset)]
    assert None not in documents
    return [document for document in documents if document is not None], tset.findings


def write_all(transaction: Transaction, documents: Sequence[Document], marks: Delimiters | None = None) -> list[str]:
    written = transaction.write_parts(
        documents, st_control_number="0001", version=transaction.spec.version, delimiters=marks or Delimiters()
    )
    return list(written)


@pytest.mark.parametrize(("transaction", "text"), [(t276.TRANSACTION, REQUEST), (t277.TRANSACTION, RESPONSE)])
def test_a_set_with_every_loop_is_sound_and_comes_back_segment_for_segment(transaction: Transaction, text: str) -> None:
    documents, findings = read_all(transaction, body(text))
    assert findings == []
    assert write_all(transaction, documents) == body(text)
    assert [document for document in documents if getattr(document, "carried", None)] == []


def test_a_claim_is_asked_about_with_all_that_is_known_of_it() -> None:
    head, *levels = read_all(t276.TRANSACTION, body(REQUEST))[0]
    assert head == StatusRequestHead(purpose="13", reference="ASK1", created_date=date(2024, 6, 1), created_time="1425")
    subscriber = levels[3]
    assert isinstance(subscriber, InquiryLevel)
    claim = subscriber.claims[0]
    assert (claim.trace, claim.patient_control_number, claim.payer_claim_number) == ("TRACE1", "PCN1", "ICN1")
    assert (claim.bill_type, claim.claim_trace, claim.charge_cents) == ("111", "OURS1", 851_388)
    assert (claim.service_from, claim.service_through) == (date(2024, 1, 15), date(2024, 1, 16))
    service = Service(
        procedure=Procedure(qualifier="HC", code="99213", modifiers=("25", "59")),
        charge_cents=15_050,
        revenue_code="0300",
        quantity=Decimal(2),
    )
    assert claim.lines == (LineInquiry(service=service, trace="L1", service_from=date(2024, 1, 15)),)
    assert subscriber.claims[1] == ClaimInquiry(trace="TRACE2", references=(Reference(qualifier="EJ", value="PCN2"),))


def test_who_asks_whom_about_whom_stands_around_each_claim() -> None:
    documents, _ = read_all(t276.TRANSACTION, body(REQUEST))
    *_, last = walk(documents, t276.KINDS)
    assert [level.level for level in last] == ["source", "receiver", "provider", "subscriber", "dependent"]
    patient = last[-1].party
    assert patient == Party(
        role="QC", is_person=True, last_name="TESTPERSON", first_name="CAL", birth_date=date(2010, 3, 5), gender="M"
    )
    assert [party.id for party in last[2].other_parties] == ["990000001"]


def test_a_payers_word_on_a_claim_is_read_whole() -> None:
    _, source, _, _, subscriber, *_ = read_all(t277.TRANSACTION, body(RESPONSE))[0]
    assert isinstance(source, ResponseLevel)
    assert source.party is not None
    assert source.party.contacts == (
        Contact(name="HELP DESK", numbers=(("TE", "5550100100"), ("EX", "12"), ("EM", "help@payer.example"))),
    )
    assert isinstance(subscriber, ResponseLevel)
    (claim,) = subscriber.claims
    paid, denied = claim.statuses
    assert paid == StatusInformation(
        statuses=(Status(category="F1", code="65"),),
        effective_date=date(2024, 6, 1),
        charge_cents=851_388,
        paid_cents=800_000,
        adjudicated_date=date(2024, 5, 30),
        payment_date=date(2024, 6, 1),
        payment_number="CHK77",
    )
    assert [(one.category, one.code, one.entity) for one in denied.statuses] == [
        ("F2", "88", "QC"), ("F2", "107", "QC"), ("P3", "317", ""),
    ]  # fmt: skip
    assert (claim.trace, claim.payer_claim_number, claim.claim_trace) == ("TRACE1", "ICN1", "OURS1")
    assert claim.lines[0].service.paid_cents == 10_000


def test_what_is_said_of_a_provider_or_a_receiver_stands_at_its_level() -> None:
    levels = [level for level in read_all(t277.TRANSACTION, body(RESPONSE))[0] if isinstance(level, ResponseLevel)]
    refused = [(level.level, level.trace, level.statuses[0].statuses[0].code) for level in levels if level.statuses]
    assert refused == [("provider", "0", "153"), ("receiver", "ASK2", "24")]


def test_what_no_field_names_and_an_unusual_order_are_written_back() -> None:
    """A prefix in NM106 and references in another order than the guide lists them."""
    text = REQUEST.replace("NM1*IL*1*TESTPERSON*BEN****MI", "NM1*IL*1*TESTPERSON*BEN**DR**MI")
    text = text.replace("REF*1K*ICN1~\nREF*BLT*111~", "REF*BLT*111~\nREF*1K*ICN1~")
    documents, _ = read_all(t276.TRANSACTION, body(text))
    assert write_all(t276.TRANSACTION, documents) == body(text)
    carrying = [document for document in documents if getattr(document, "carried", None)]
    assert len(carrying) == 1


def test_what_is_carried_follows_where_the_document_was_changed() -> None:
    documents, _ = read_all(t276.TRANSACTION, body(REQUEST.replace("*BEN****MI", "*BEN**DR**MI")))
    level = documents[5]
    assert isinstance(level, InquiryLevel)
    documents[5] = msgspec.structs.replace(level, claims=(ClaimInquiry(trace="NEW"),))
    written = write_all(t276.TRANSACTION, documents)
    at = written.index("TRN*1*NEW")
    assert written[at + 1] == "NM1*IL*1*TESTPERSON*BEN**DR**MI*M0002"


@pytest.mark.parametrize(
    ("transaction", "text", "broken", "code", "segment", "element"),
    [
        (t276.TRANSACTION, REQUEST, ("BHT*0010*13", "BHT*0010*12"), "7", "BHT", 2),
        (t276.TRANSACTION, REQUEST, ("*150.5**0300***2", "*150.5**0300"), "1", "SVC", 7),
        (t276.TRANSACTION, REQUEST, ("SVC*HC:", "SVC*XX:"), "7", "SVC", 1),
        (t276.TRANSACTION, REQUEST, ("*PI*PAY01", "*ZZ*PAY01"), "7", "NM1", 8),
        (t276.TRANSACTION, REQUEST, ("AMT*T3*100", "AMT*T3*1OO"), "6", "AMT", 2),
        (t276.TRANSACTION, REQUEST, ("DMG*D8*20100305", "DMG*D8*20100230"), "8", "DMG", 2),
        (t277.TRANSACTION, RESPONSE, ("STC*F1:65*20240601~", "STC*F1:65*20240601*WQ~"), "I10", "STC", 3),
        (t277.TRANSACTION, RESPONSE, ("STC*F2:80::RX", "STC*F2"), "1", "STC", 1),
        (t277.TRANSACTION, RESPONSE, ("*0810*DG", "*0810*TH"), "7", "BHT", 6),
        (t277.TRANSACTION, RESPONSE, ("ST*277*0001*005010X212", "ST*277*0001"), "1", "ST", 3),
    ],
)
def test_a_wrong_element_is_one_finding_in_its_place(
    transaction: Transaction, text: str, broken: tuple[str, str], code: str, segment: str, element: int
) -> None:
    assert text.count(broken[0]) == 1
    _, findings = read_all(transaction, body(text.replace(*broken)))
    assert [(one.code, one.segment, one.element) for one in findings] == [(code, segment, element)]


@pytest.mark.parametrize(
    ("transaction", "text", "missing", "code", "segment"),
    [
        (t276.TRANSACTION, REQUEST, "NM1*PR*2*INVENTED PAYER*****PI*PAY01", "I7", "NM1"),
        (t276.TRANSACTION, REQUEST, "DMG*D8*20100305*M", "3", "DMG"),
        (t277.TRANSACTION, RESPONSE, "STC*F2:80::RX*20240601**85*0", "3", "STC"),
        (t277.TRANSACTION, RESPONSE, "DTP*472*D8*20240115", "3", "DTP"),
    ],
)
def test_a_missing_segment_is_one_finding(transaction: Transaction, text: str, missing: str, code: str, segment: str) -> None:
    lines = [line for line in body(text) if line != missing]
    assert len(lines) == len(body(text)) - 1
    _, findings = read_all(transaction, [*lines[:-1], f"SE*{len(lines)}*0001"])
    assert [(one.code, one.segment) for one in findings] == [(code, segment)]


def test_a_level_without_the_one_around_it_cannot_be_written() -> None:
    documents = [StatusRequestHead(reference="R", purpose="13"), InquiryLevel(level="provider")]
    with pytest.raises(ValueError, match="provider"):
        write_all(t276.TRANSACTION, documents)


names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=9)
cents = st.integers(0, 10**9)
days = st.dates(date(1950, 1, 1), date(2049, 12, 31))
statuses = st.lists(
    st.builds(
        StatusInformation,
        statuses=st.lists(st.builds(Status, category=names, code=names, entity=st.just("QC")), min_size=1, max_size=3).map(tuple),
        effective_date=days,
        charge_cents=st.none() | cents,
        paid_cents=st.none() | cents,
        payment_number=st.just("") | names,
    ),
    min_size=1,
    max_size=3,
).map(tuple)
answered = st.lists(
    st.builds(ClaimStatus, trace=names, statuses=statuses, service_from=st.none() | days), min_size=1, max_size=3
).map(tuple)


@settings(max_examples=25, deadline=None)
@given(claims=st.lists(answered, min_size=1, max_size=3), marks=st.permutations("*:^~|>").map(lambda six: Delimiters(*six[:4])))
def test_generated_answers_come_back_equal_under_any_delimiters(claims: list[tuple[ClaimStatus, ...]], marks: Delimiters) -> None:
    def party(role: str, qualifier: str) -> Party:
        return Party(role=role, last_name="INVENTED", id_qualifier=qualifier, id="ID01")

    documents: list[Document] = [
        StatusResponseHead(
            purpose="08", reference="S", created_date=date(2024, 1, 1), created_time="1200", transaction_type="DG"
        ),
        ResponseLevel(level="source", party=party("PR", "PI")),
        ResponseLevel(level="receiver", party=party("41", "46")),
        ResponseLevel(level="provider", party=party("1P", "FI")),
        *(ResponseLevel(level="subscriber", party=party("IL", "MI"), claims=each) for each in claims),
    ]
    written = write_all(t277.TRANSACTION, documents, marks)
    tset = set_of(written, "HN", "005010X212", marks)
    assert [part.document for part in t277.TRANSACTION.read_parts(tset)] == documents
    assert tset.findings == []
