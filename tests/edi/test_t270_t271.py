"""270 and 271: whose coverage is asked about, and what is covered, both ways."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.claims import Address, Document, Party, Reference
from edi.findings import Finding
from edi.inquiries.eligibility import KINDS, Condition, Delivery, HealthCode, Insured, Military, Rejection, Specialty
from edi.inquiries.levels import walk
from edi.inquiries.segment_fields import Period, Procedure, Trace
from edi.parts import Transaction
from edi.segments import Delimiters
from edi.transactions import t270, t271
from edi.transactions.t270 import BenefitInquiry, EligibilityInquiryHead, EligibilityInquiryLevel
from edi.transactions.t271 import Benefit, EligibilityResponseHead, EligibilityResponseLevel, RelatedEntity
from tests.support.sets import body, set_of

INQUIRY = """
ST*270*0001*005010X279A1~
BHT*0022*13*ASK1*20240601*1319*RT~
HL*1**20*1~
NM1*PR*2*INVENTED PAYER*****PI*PAY01~
HL*2*1*21*1~
NM1*1P*1*TESTDOCTOR*DEE****XX*1999999984~
REF*TJ*990000001~
N3*1 INVENTED WAY*SUITE 2~
N4*TESTVILLE*NY*10001~
PRV*PE*PXC*207Q00000X~
HL*3*2*22*1~
TRN*1*TRACE1*9990000001*DIV~
NM1*IL*1*TESTPERSON*ANN*Q**JR*MI*M0001~
REF*6P*GROUP*INVENTED GROUP~
REF*SY*999000001~
N3*2 INVENTED WAY~
N4*TESTVILLE*NY*10001~
PRV*RF*PXC*207Q00000X~
DMG*D8*19700102*F~
INS*Y*18***************2~
HI*ABK:E119*ABF:I10~
DTP*291*RD8*20240601-20240630~
EQ*30^UC**IND~
AMT*R*37.5~
AMT*PB*120~
III*ZZ*11~
REF*G1*AUTH1~
DTP*291*D8*20240601~
EQ**HC:99213:25*FAM*MC*1:2~
HL*4*3*23*0~
TRN*1*TRACE2*9990000001~
NM1*03*1*TESTPERSON*CAL~
DMG*D8*20100305*M~
INS*N*19~
EQ*30~
SE*36*0001~
"""

RESPONSE = """
ST*271*0001*005010X279A1~
BHT*0022*11*ASK1*20240601*1320~
HL*1**20*1~
NM1*PR*2*INVENTED PAYER*****PI*PAY01~
PER*IC*HELP DESK*TE*5550100100*UR*payer.example~
HL*2*1*21*1~
NM1*1P*1*TESTDOCTOR*DEE****XX*1999999984~
REF*TJ*990000001~
HL*3*2*22*1~
TRN*2*TRACE1*9990000001~
TRN*1*SWITCH1*9990000002~
NM1*IL*1*TESTPERSON*ANN****MI*M0001~
REF*6P*GROUP*INVENTED GROUP~
N3*2 INVENTED WAY~
N4*TESTVILLE*NY*10001~
PRV*PC*PXC*207Q00000X~
DMG*D8*19700102*F~
INS*Y*18*001*25~
HI*BK:25000~
DTP*346*D8*20240101~
MPI*C*AO*F*INVENTED UNIT*A1*D8*20200101~
EB*1*FAM*30*HM*GOLD 123 PLAN~
EB*B*IND*1^33^UC*HM*GOLD 123 PLAN*27*10*****Y~
HSD*VS*12*WK*3*34*1~
REF*G1*AUTH1*PRIOR~
DTP*348*D8*20240101~
DTP*472*RD8*20240101-20241231~
AAA*Y**57*C~
MSG*FIRST MESSAGE~
MSG*SECOND MESSAGE~
III*ZZ*11~
III***44*IN WORDS~
LS*2120~
NM1*P3*1*TESTDOCTOR*DEE****XX*1999999984*41~
N3*1 INVENTED WAY~
N4*TESTVILLE*NY*10001~
PER*IC*FRONT OFFICE*TE*5550100101*WP*5550100102~
PRV*PE*PXC*207Q00000X~
NM1*PRP*2*OTHER PAYER~
LE*2120~
EB*A**98***27**0.2*VS*10*N*N*HC:99213*1~
HL*4*3*23*0~
TRN*2*TRACE2*9990000001~
NM1*03*1*TESTPERSON*CAL~
AAA*N**67*C~
HL*5*1*21*0~
NM1*1P*1*UNKNOWN*DOCTOR****XX*1999999992~
AAA*N**43*C~
HL*6**20*0~
AAA*Y**42*R~
NM1*PR*2*ANOTHER PAYER*****PI*PAY02~
SE*52*0001~
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


@pytest.mark.parametrize(("transaction", "text"), [(t270.TRANSACTION, INQUIRY), (t271.TRANSACTION, RESPONSE)])
def test_a_set_with_every_loop_is_sound_and_comes_back_segment_for_segment(transaction: Transaction, text: str) -> None:
    documents, findings = read_all(transaction, body(text))
    assert findings == []
    assert write_all(transaction, documents) == body(text)


def test_a_question_says_about_whom_what_and_when() -> None:
    documents, _ = read_all(t270.TRANSACTION, body(INQUIRY))
    assert documents[0] == EligibilityInquiryHead(
        purpose="13", reference="ASK1", created_date=date(2024, 6, 1), created_time="1319", transaction_type="RT"
    )
    subscriber = documents[3]
    assert isinstance(subscriber, EligibilityInquiryLevel)
    assert subscriber.traces == (Trace(kind="1", number="TRACE1", company="9990000001", division="DIV"),)
    assert subscriber.party == Party(
        role="IL", is_person=True, last_name="TESTPERSON", first_name="ANN", middle_name="Q", suffix="JR", id_qualifier="MI",
        id="M0001", address=Address(line1="2 INVENTED WAY", city="TESTVILLE", state="NY", postal_code="10001"),
        references=(
            Reference(qualifier="6P", value="GROUP", description="INVENTED GROUP"), Reference(qualifier="SY", value="999000001"),
        ),
        birth_date=date(1970, 1, 2), gender="F",
    )  # fmt: skip
    assert subscriber.specialty == Specialty(role="RF", qualifier="PXC", value="207Q00000X")
    assert subscriber.insured == Insured(is_subscriber=True, relationship="18", birth_sequence="2")
    assert subscriber.diagnoses == (HealthCode(qualifier="ABK", code="E119"), HealthCode(qualifier="ABF", code="I10"))
    assert subscriber.dates == (Period(qualifier="291", first=date(2024, 6, 1), last=date(2024, 6, 30)),)
    assert subscriber.inquiries == (
        BenefitInquiry(
            service_types=("30", "UC"), coverage_level="IND", spend_down_cents=3_750, spend_down_billed_cents=12_000,
            conditions=(Condition(qualifier="ZZ", code="11"),), references=(Reference(qualifier="G1", value="AUTH1"),),
            dates=(Period(qualifier="291", first=date(2024, 6, 1)),),
        ),
        BenefitInquiry(
            procedure=Procedure(qualifier="HC", code="99213", modifiers=("25",)), coverage_level="FAM", insurance_type="MC",
            diagnosis_pointers=(1, 2),
        ),
    )  # fmt: skip


def test_who_asks_whom_about_whom_stands_around_each_level() -> None:
    documents, _ = read_all(t270.TRANSACTION, body(INQUIRY))
    *_, last = walk(documents, KINDS)
    roles = [(level.level, level.party.role) for level in last if level.party]
    assert roles == [("source", "PR"), ("receiver", "1P"), ("subscriber", "IL"), ("dependent", "03")]


def response_levels() -> list[EligibilityResponseLevel]:
    return [one for one in read_all(t271.TRANSACTION, body(RESPONSE))[0] if isinstance(one, EligibilityResponseLevel)]


def test_a_benefit_is_read_with_every_element_and_all_that_follows_it() -> None:
    _, copay, coinsurance = response_levels()[2].benefits
    assert (copay.information, copay.coverage_level, copay.service_types) == ("B", "IND", ("1", "33", "UC"))
    assert (copay.insurance_type, copay.plan, copay.time_period, copay.amount_cents) == ("HM", "GOLD 123 PLAN", "27", 1_000)
    assert copay.is_in_network == "Y"
    assert copay.deliveries == (
        Delivery(
            quantity_qualifier="VS", quantity=Decimal(12), unit="WK", sample="3", period_qualifier="34", period_count="1"
        ),
    )  # fmt: skip
    assert copay.references == (Reference(qualifier="G1", value="AUTH1", description="PRIOR"),)
    assert [(one.qualifier, one.first, one.last) for one in copay.dates] == [
        ("348", date(2024, 1, 1), None), ("472", date(2024, 1, 1), date(2024, 12, 31)),
    ]  # fmt: skip
    assert copay.rejections == (Rejection(is_valid=True, reason="57", follow_up="C"),)
    assert copay.messages == ("FIRST MESSAGE", "SECOND MESSAGE")
    assert copay.conditions == (Condition(qualifier="ZZ", code="11"), Condition(category="44", text="IN WORDS"))
    assert coinsurance == Benefit(
        information="A", service_types=("98",), time_period="27", percent=Decimal("0.2"), quantity_qualifier="VS",
        quantity=Decimal(10), is_authorization_needed="N", is_in_network="N",
        procedure=Procedure(qualifier="HC", code="99213"), diagnosis_pointers=(1,),
    )  # fmt: skip


def test_who_has_to_do_with_a_benefit_is_named() -> None:
    doctor, payer = response_levels()[2].benefits[1].entities
    assert (doctor.party.role, doctor.party.id) == ("P3", "1999999984")
    assert doctor.party.contacts[0].numbers == (("TE", "5550100101"), ("WP", "5550100102"))
    assert doctor.specialty == Specialty(role="PE", qualifier="PXC", value="207Q00000X")
    assert payer == RelatedEntity(party=Party(role="PRP", last_name="OTHER PAYER"))


def test_the_person_is_described() -> None:
    subscriber = response_levels()[2]
    assert [(one.kind, one.number) for one in subscriber.traces] == [("2", "TRACE1"), ("1", "SWITCH1")]
    assert subscriber.insured == Insured(is_subscriber=True, relationship="18", maintenance_type="001", maintenance_reason="25")
    assert subscriber.military == Military(
        status="C", employment="AO", affiliation="F", description="INVENTED UNIT", rank="A1", first=date(2020, 1, 1)
    )


def test_why_nothing_is_answered_stands_at_its_level() -> None:
    """The dependent was not found, the receiver is not known, and another payer cannot answer at all now."""
    told = [(one.level, one.rejections, one.source_rejections) for one in response_levels()]
    reasons = [(level, *(r.reason for r in rejections), *(r.reason for r in at_source)) for level, rejections, at_source in told]
    assert [one for one in reasons if len(one) > 1] == [("dependent", "67"), ("receiver", "43"), ("source", "42")]


@pytest.mark.parametrize(
    ("transaction", "text", "broken", "code", "segment", "element"),
    [
        (t270.TRANSACTION, INQUIRY, ("BHT*0022*13", "BHT*0022*11"), "7", "BHT", 2),
        (t270.TRANSACTION, INQUIRY, ("TRN*1*TRACE2*9990000001", "TRN*1*TRACE2"), "1", "TRN", 3),
        (t270.TRANSACTION, INQUIRY, ("TRN*1*TRACE2*9990000001", "TRN*1*TRACE2*999"), "4", "TRN", 3),
        (t270.TRANSACTION, INQUIRY, ("NM1*03*1*", "NM1*03*2*"), "7", "NM1", 2),
        (t270.TRANSACTION, INQUIRY, ("EQ*30^UC*", "EQ*30^ZZ*"), "7", "EQ", 1),
        (t270.TRANSACTION, INQUIRY, ("INS*N*19", "INS*N*18"), "7", "INS", 2),
        (t271.TRANSACTION, RESPONSE, ("EB*1*FAM", "EB*Z*FAM"), "7", "EB", 1),
        (t271.TRANSACTION, RESPONSE, ("*1^33^UC*", "*1^XX^UC*"), "7", "EB", 3),
        (t271.TRANSACTION, RESPONSE, ("**0.2*VS*10", "**0.2*VS*"), "2", "EB", 10),
        (t271.TRANSACTION, RESPONSE, ("HSD*VS*12", "HSD*QQ*12"), "7", "HSD", 1),
        (t271.TRANSACTION, RESPONSE, ("AAA*N**67*C", "AAA*N**67*Q"), "7", "AAA", 4),
        (t271.TRANSACTION, RESPONSE, ("LS*2120", "LS*2110"), "7", "LS", 1),
        (t271.TRANSACTION, RESPONSE, ("MPI*C*AO*F", "MPI*C**F"), "1", "MPI", 2),
    ],
)
def test_a_wrong_element_is_one_finding_in_its_place(
    transaction: Transaction, text: str, broken: tuple[str, str], code: str, segment: str, element: int
) -> None:
    assert text.count(broken[0]) == 1
    _, findings = read_all(transaction, body(text.replace(*broken)))
    assert [(one.code, one.segment, one.element) for one in findings] == [(code, segment, element)]


@pytest.mark.parametrize("missing", ["LS*2120", "LE*2120"])
def test_related_entities_stand_between_their_header_and_trailer(missing: str) -> None:
    lines = [line for line in body(RESPONSE) if line != missing]
    _, findings = read_all(t271.TRANSACTION, [*lines[:-1], f"SE*{len(lines)}*0001"])
    assert ("3", missing[:2]) in [(one.code, one.segment) for one in findings]


def test_what_no_field_names_is_written_back() -> None:
    """A quantity in III05 and the region in N406, which no field holds."""
    text = RESPONSE.replace("III***44*IN WORDS", "III***44*IN WORDS*5").replace(
        "N3*1 INVENTED WAY~\nN4*TESTVILLE*NY*10001~", "N3*1 INVENTED WAY~\nN4*TESTVILLE*NY*10001**RJ*NORTH~"
    )
    documents, _ = read_all(t271.TRANSACTION, body(text))
    assert write_all(t271.TRANSACTION, documents) == body(text)


names = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=9)
benefits = st.lists(
    st.builds(
        Benefit,
        information=st.sampled_from(["1", "B", "C", "CB"]),
        coverage_level=st.sampled_from(["", "IND", "FAM"]),
        service_types=st.lists(st.sampled_from(["30", "98", "UC"]), max_size=3).map(tuple),
        amount_cents=st.none() | st.integers(0, 10**9),
        percent=st.none() | st.sampled_from([Decimal("0.2"), Decimal(1)]),
        dates=st.lists(
            st.builds(Period, qualifier=st.just("291"), first=st.dates(date(1950, 1, 1), date(2049, 1, 1))), max_size=2
        ).map(tuple),
        messages=st.lists(names, max_size=3).map(tuple),
        entities=st.lists(
            st.builds(RelatedEntity, party=st.builds(Party, role=st.just("P3"), is_person=st.booleans(), last_name=names)),
            max_size=2,
        ).map(tuple),
    ),
    max_size=4,
).map(tuple)


@settings(max_examples=25, deadline=None)
@given(
    given_benefits=st.lists(benefits, min_size=1, max_size=3),
    marks=st.permutations("*:^~|>").map(lambda six: Delimiters(*six[:4])),
)
def test_generated_answers_come_back_equal_under_any_delimiters(
    given_benefits: list[tuple[Benefit, ...]], marks: Delimiters
) -> None:
    payer = Party(role="PR", last_name="INVENTED PAYER", id_qualifier="PI", id="PAY01")
    doctor = Party(role="1P", last_name="INVENTED CLINIC", id_qualifier="XX", id="1999999984")
    member = Party(role="IL", is_person=True, last_name="TESTPERSON", id_qualifier="MI", id="M0001")
    documents: list[Document] = [
        EligibilityResponseHead(purpose="11", reference="S", created_date=date(2024, 1, 1), created_time="1200"),
        EligibilityResponseLevel(level="source", party=payer),
        EligibilityResponseLevel(level="receiver", party=doctor),
        *(EligibilityResponseLevel(level="subscriber", party=member, benefits=each) for each in given_benefits),
    ]
    written = write_all(t271.TRANSACTION, documents, marks)
    tset = set_of(written, "HB", "005010X279A1", marks)
    assert [part.document for part in t271.TRANSACTION.read_parts(tset)] == documents
    assert tset.findings == []
