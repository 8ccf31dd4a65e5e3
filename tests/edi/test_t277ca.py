"""277CA: what each tier says of the batch, the provider and the claim, both ways."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.claims import Document, Party, Reference
from edi.findings import Finding, Unwritable
from edi.interchange import Reader
from edi.segments import Delimiters
from edi.transactions import t277ca
from edi.transactions.t277ca import AcknowledgedUnit, ClaimAcknowledgment, Status, StatusInformation
from tests.support.sets import CORPUS, body, corpus_rows, set_of

TEXT = """
ST*277*0001*005010X214~
BHT*0085*08*REF1*20240302*0000*TH~
HL*1**20*1~
NM1*AY*2*INVENTED CLEARINGHOUSE*****46*REC1~
TRN*1*TRACE1~
DTP*050*D8*20240301~
DTP*009*D8*20240302~
HL*2*1*21*1~
NM1*41*2*INVENTED BILLING*****46*SUB1~
TRN*2*BATCH1~
STC*A1:20:AY*20240302*WQ*300~
QTY*90*1~
QTY*AA*1~
AMT*YU*100~
AMT*YY*200~
HL*3*2*19*1~
NM1*85*2*INVENTED CLINIC*****XX*1999999984~
TRN*1*0~
STC*A1:19:85*20240302*WQ*300~
REF*TJ*990000001~
QTY*QA*1~
QTY*QC*1~
AMT*YU*100~
AMT*YY*200~
HL*4*3*PT~
NM1*QC*1*TESTPERSON*ANN****MI*M0001~
TRN*2*PCN1~
STC*A2:20:PR*20240302*WQ*100~
REF*1K*ICN1~
REF*D9*OURS1~
REF*BLT*111~
DTP*472*D8*20240115~
HL*5*3*PT~
NM1*QC*1*TESTPERSON*BEN****MI*M0002~
TRN*2*PCN2~
STC*A7:562:85*20240302*U*200******A7:153:85*A3:21*NPI NOT ON FILE~
DTP*472*RD8*20240115-20240116~
SVC*HC:99213:25*200*****2~
STC*A7:454*20240302*U~
REF*FJ*L1~
DTP*472*D8*20240115~
SE*42*0001~
"""


def read(
    segments: Sequence[str], marks: Delimiters | None = None
) -> tuple[ClaimAcknowledgment, list[AcknowledgedUnit], list[Finding]]:
    tset = set_of(segments, "HN", "005010X214", marks)
    head, *units = t277ca.read(tset)
    assert isinstance(head, ClaimAcknowledgment)
    return head, [unit for unit in units if isinstance(unit, AcknowledgedUnit)], tset.findings


def test_the_head_says_who_speaks() -> None:
    head, _, findings = read(body(TEXT))
    assert findings == []
    assert head == ClaimAcknowledgment(
        reference="REF1",
        created_date=date(2024, 3, 2),
        source=Party(role="AY", last_name="INVENTED CLEARINGHOUSE", id_qualifier="46", id="REC1"),
        source_trace="TRACE1",
        received_date=date(2024, 3, 1),
        processed_date=date(2024, 3, 2),
        receiver=Party(role="41", last_name="INVENTED BILLING", id_qualifier="46", id="SUB1"),
    )


def test_levels_come_in_the_order_they_stand() -> None:
    _, units, _ = read(body(TEXT))
    assert [(unit.level, unit.trace) for unit in units] == [
        ("receiver", "BATCH1"), ("provider", ""), ("claim", "PCN1"), ("claim", "PCN2"),
    ]  # fmt: skip


def test_counts_and_amounts_of_the_receiver_and_the_provider() -> None:
    _, (receiver, provider, *_), _ = read(body(TEXT))
    for unit in (receiver, provider):
        assert (unit.accepted_count, unit.rejected_count, unit.accepted_cents, unit.rejected_cents) == (1, 1, 10000, 20000)
    assert provider.references == (Reference(qualifier="TJ", value="990000001"),)


def test_a_claim_taken_in_has_its_numbers() -> None:
    claim = read(body(TEXT))[1][2]
    assert (claim.payer_claim_number, claim.claim_trace) == ("ICN1", "OURS1")
    assert claim.references == (Reference(qualifier="BLT", value="111"),)
    assert claim.statuses == (
        StatusInformation(
            statuses=(Status(category="A2", code="20", entity="PR"),),
            effective_date=date(2024, 3, 2),
            action="WQ",
            charge_cents=10000,
        ),
    )
    assert (claim.service_from, claim.service_through) == (date(2024, 1, 15), None)


def test_a_claim_refused_has_every_reason_and_its_lines() -> None:
    claim = read(body(TEXT))[1][3]
    (status,) = claim.statuses
    assert [(one.category, one.code, one.entity) for one in status.statuses] == [
        ("A7", "562", "85"), ("A7", "153", "85"), ("A3", "21", ""),
    ]  # fmt: skip
    assert (status.action, status.text) == ("U", "NPI NOT ON FILE")
    (line,) = claim.lines
    assert (line.trace, line.procedure, line.modifiers, line.charge_cents) == ("L1", "99213", ("25",), 20000)
    assert line.quantity == Decimal(2)
    assert line.statuses[0].statuses == (Status(category="A7", code="454"),)


def test_positions_point_at_the_claims_own_status() -> None:
    _, units, _ = read(body(TEXT))
    assert [body(TEXT)[unit.position - 1].split("*")[0] for unit in units] == ["TRN", "TRN", "TRN", "TRN"]


def test_a_277ca_is_written_segment_for_segment() -> None:
    head, units, _ = read(body(TEXT))
    assert t277ca.write(head, units, st_control_number="0001", delimiters=Delimiters()) == body(TEXT)


REFUSED = [
    line
    for line in body(TEXT)[: body(TEXT).index("HL*3*2*19*1")]
    if not line.startswith(("QTY*90", "AMT*YU"))
]  # fmt: skip


def test_a_batch_refused_whole_lists_no_claim() -> None:
    segments = [line.replace("HL*2*1*21*1", "HL*2*1*21*0").replace("A1:20:AY", "A3:24:41") for line in REFUSED]
    head, units, findings = read([*segments, f"SE*{len(segments) + 1}*0001"])
    assert findings == []
    assert [(unit.level, unit.trace, unit.rejected_count) for unit in units] == [("receiver", "BATCH1", 1)]
    assert t277ca.write(head, units, st_control_number="0001", delimiters=Delimiters())[:-1] == segments


def test_a_provider_without_status_of_its_own_is_told_all_the_same() -> None:
    lines = body(TEXT)
    start, end = lines.index("TRN*1*0"), lines.index("HL*4*3*PT")
    segments = [*lines[:start], *lines[end:-1]]
    _, units, findings = read([*segments, f"SE*{len(segments) + 1}*0001"])
    assert findings == []
    assert [(unit.level, unit.statuses == ()) for unit in units][1] == ("provider", True)


def test_two_claims_of_one_patient_are_two_units() -> None:
    lines = body(TEXT)[:-1]
    more = ["TRN*2*PCN3", "STC*A2:20:PR*20240302*WQ*5", "DTP*472*D8*20240116"]
    _, units, findings = read([*lines, *more, f"SE*{len(lines) + 4}*0001"])
    assert findings == []
    assert [(unit.trace, unit.party and unit.party.first_name) for unit in units[-2:]] == [("PCN2", "BEN"), ("PCN3", "BEN")]


def test_an_amount_that_is_none_is_a_finding_and_not_a_guess() -> None:
    segments = [line.replace("*WQ*100", "*WQ*1.005") for line in body(TEXT)]
    _, units, findings = read(segments)
    assert units[2].statuses[0].charge_cents is None
    assert [(finding.segment, finding.element, finding.position) for finding in findings] == [("STC", 4, 28)]


def test_a_claim_cannot_be_written_before_its_provider() -> None:
    head, units, _ = read(body(TEXT))
    with pytest.raises(ValueError, match="provider"):
        t277ca.write(head, [units[0], units[2]], st_control_number="0001", delimiters=Delimiters())


def test_a_text_that_holds_a_delimiter_is_not_written() -> None:
    head, units, _ = read(body(TEXT))
    bad = msgspec.structs.replace(units[0].statuses[0], text="A~B")
    with pytest.raises(Unwritable):
        t277ca.write(
            head, [msgspec.structs.replace(units[0], statuses=(bad,))], st_control_number="0001", delimiters=Delimiters()
        )


@pytest.mark.parametrize("row", [pytest.param(row, id=row["path"]) for row in corpus_rows("277CA/")])
def test_public_samples_are_read_and_written_back(row: dict[str, str]) -> None:
    """A sample gives no finding, all three levels, and the same again after it has been written."""
    tset = next(iter(Reader([(CORPUS / row["path"]).read_bytes()])))
    head, *units = t277ca.read(tset)
    assert isinstance(head, ClaimAcknowledgment)
    told = [unit for unit in units if isinstance(unit, AcknowledgedUnit)]
    assert tset.findings == []
    assert {unit.level for unit in told} == {"receiver", "provider", "claim"}
    back = read(t277ca.write(head, told, st_control_number="0001", delimiters=Delimiters()))
    assert [msgspec.structs.replace(unit, position=0) for unit in back[1]] == [
        msgspec.structs.replace(unit, position=0) for unit in told
    ]
    assert back[0] == head


codes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=12)
statuses = st.builds(
    StatusInformation,
    statuses=st.lists(
        st.builds(Status, category=st.sampled_from(["A1", "A2", "A3", "A7"]), code=codes, entity=st.sampled_from(["", "85"])),
        min_size=1,
        max_size=3,
    ).map(tuple),
    effective_date=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
    action=st.sampled_from(["U", "WQ"]),
    charge_cents=st.integers(0, 10**9),
    text=st.just("") | codes,
)
claims = st.builds(
    AcknowledgedUnit,
    level=st.just("claim"),
    position=st.just(0),
    party=st.builds(
        Party, role=st.just("QC"), is_person=st.just(value=True), last_name=codes, id_qualifier=st.just("MI"), id=codes
    ),
    trace=codes,
    statuses=st.lists(statuses, min_size=1, max_size=3).map(tuple),
    payer_claim_number=st.just("") | codes,
    claim_trace=st.just("") | codes,
    service_from=st.dates(date(2000, 1, 1), date(2030, 1, 1)),
)


@settings(max_examples=40, deadline=None)
@given(listed=st.lists(claims, min_size=1, max_size=5), marks=st.permutations("*:^~|>").map(lambda six: Delimiters(*six[:4])))
def test_what_is_written_is_read_back_equal(listed: list[AcknowledgedUnit], marks: Delimiters) -> None:
    head, (receiver, provider, *_), _ = read(body(TEXT))
    segments = t277ca.write(head, [receiver, provider, *listed], st_control_number="0001", delimiters=marks)
    back, (_, _, *units), findings = read(segments, marks)
    assert back == head
    assert [msgspec.structs.replace(unit, position=0) for unit in units] == listed
    assert findings == []


TWO_SOURCES = """
ST*277*0001*005010X214~
BHT*0085*08*REF1*20240302*1635*TH~
HL*1**20*1~
NM1*AY*2*INVENTED CLEARINGHOUSE*****46*REC1~
TRN*1*TRACE1~
DTP*050*D8*20240301~
DTP*009*D8*20240302~
HL*2*1*21*1~
NM1*41*2*INVENTED BILLING*****46*SUB1~
TRN*2*BATCH1~
STC*A1:20:AY*20240302*WQ*300~
HL*3*2*19*1~
NM1*85*1*TESTDOCTOR*DEE**DR***XX*1999999984~
TRN*1*0~
REF*TJ*990000001~
HL*4*3*PT*0~
NM1*QC*1*TESTPERSON*ANN****MI*M0001~
TRN*2*PCN1~
STC*A2:20:PR*20240302*WQ*100~
REF*BLT*111~
REF*1K*ICN1~
DTP*472*D8*20240115~
TRN*2*PCN2~
STC*A3:21*20240302*U*200******A3:153:82*A3:122*SEE NOTE~
REF*1K*ICN2~
SVC*HC:99213:25*200**0300***2~
STC*A3:122**U*******A3:153:82~
REF*XZ*RX1~
REF*FJ*L1~
DTP*472*D8*20240115~
HL*5*3*PT~
NM1*QC*1*TESTPERSON*BEN****MI*M0002~
HL*6**20*1~
NM1*PR*2*INVENTED PAYER*****PI*PAY01~
TRN*1*TRACE2~
DTP*050*D8*20240301~
DTP*009*D8*20240303~
HL*7*6*21*0~
NM1*41*2*INVENTED BILLING*****46*SUB1~
TRN*2*BATCH1~
STC*A8:24:41*20240303*U*300~
QTY*AA*3~
AMT*YY*300~
SE*44*0001~
"""


def parts_of(text: str) -> list[Document]:
    tset = set_of(body(text), "HN", "005010X214")
    return [part.document for part in t277ca.TRANSACTION.read_parts(tset) if part.document is not None]


def write_parts(documents: Sequence[Document]) -> list[str]:
    written = t277ca.TRANSACTION.write_parts(documents, st_control_number="0001", version="005010X214", delimiters=Delimiters())
    return list(written)


def test_several_sources_and_several_claims_of_a_patient_come_back_segment_for_segment() -> None:
    """With HL04 where the guide has none, references in another order, a prefix, and a patient of whom nothing is said."""
    assert write_parts(parts_of(TWO_SOURCES)) == body(TWO_SOURCES)


def test_each_part_says_where_its_segments_stand() -> None:
    tset = set_of(body(TWO_SOURCES), "HN", "005010X214")
    places = [(part.first_position, part.last_position) for part in t277ca.TRANSACTION.read_parts(tset)]
    assert places == [(1, 7), (8, 11), (12, 15), (16, 22), (23, 30), (31, 32), (33, 37), (38, 43)]


def test_a_patient_of_whom_nothing_is_said_is_no_claim_for_who_reads() -> None:
    _, units, _ = read(body(TWO_SOURCES))
    assert [unit.trace for unit in units if unit.level == "claim"] == ["PCN1", "PCN2"]
    assert [unit.is_further for unit in units if unit.level == "claim"] == [False, True]
    assert units[3].lines[0].revenue_code == "0300"


@pytest.mark.parametrize(
    ("broken", "code", "segment", "element"),
    [
        (("STC*A8:24:41*20240303*U*300", "STC*A8:24:41*20240303*X*300"), "7", "STC", 3),
        (("QTY*AA*3", "QTY*AA"), "1", "QTY", 2),
        (("DTP*050*D8*20240301~\nDTP*009*D8*20240303", "DTP*050*RD8*20240301~\nDTP*009*D8*20240303"), "7", "DTP", 2),
        (("NM1*PR*2*INVENTED PAYER*****PI*PAY01", "NM1*PR*2*INVENTED PAYER*****ZZ*PAY01"), "7", "NM1", 8),
        (("HL*7*6*21*0", "HL*7*6*21*1"), "7", "HL", 4),
    ],
)
def test_a_wrong_element_is_told_in_its_place(broken: tuple[str, str], code: str, segment: str, element: int) -> None:
    assert TWO_SOURCES.count(broken[0]) == 1
    found = read(body(TWO_SOURCES.replace(*broken)))[2]
    assert (code, segment, element) in [(one.code, one.segment, one.element) for one in found]


@pytest.mark.parametrize(
    ("right", "wrong", "loop", "element", "code"),
    [
        ("STC*A1:20:AY*20240302*WQ*300", "STC*A1:20:AY*20240302*WQ", "2200B", 4, "1"),
        ("STC*A1:19:85*20240302*WQ*300", "STC*A1:19:85*20240302**300", "2200C", 3, "1"),
        ("STC*A2:20:PR*20240302*WQ*100", "STC*A2:20:PR**WQ*100", "2200D", 2, "1"),
        ("STC*A7:454*20240302*U", "STC*A7:454*20240302*U*5", "2220D", 4, "I10"),
    ],
)
def test_a_status_says_at_each_level_what_its_guide_asks_for(right: str, wrong: str, loop: str, element: int, code: str) -> None:
    assert TEXT.count(f"{right}~") == 1
    _, units, findings = read(body(TEXT.replace(f"{right}~", f"{wrong}~")))
    assert [(found.loop, found.segment, found.element, found.code) for found in findings] == [(loop, "STC", element, code)]
    assert len(units) == len(read(body(TEXT))[1])
