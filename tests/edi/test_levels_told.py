"""What stands above claims: each source of a 277CA in its place, and where the levels of a claim of an 837P begin."""

import pytest

from edi.transactions import t277ca, t837p
from edi.transactions.t277ca import ClaimAcknowledgment
from edi.transactions.t837p import ReadClaim
from tests.support.sets import body, set_of

TWO_SOURCES = """
ST*277*0001*005010X214~
BHT*0085*08*REF1*20240302*0000*TH~
HL*1**20*1~
NM1*AY*2*INVENTED CLEARINGHOUSE*****46*REC1~
TRN*1*TRACE1~
DTP*050*D8*20240301~
DTP*009*D8*20240302~
HL*2*1*21*0~
NM1*41*2*INVENTED BILLING*****46*SUB1~
TRN*2*BATCH1~
STC*A1:20:AY*20240302*WQ*300~
HL*3**20*1~
NM1*PR*2*INVENTED PLAN*****PI*PLAN1~
TRN*1*TRACE2~
DTP*050*D8*20240303~
DTP*009*D8*20240304~
HL*4*3*21*0~
NM1*41*2*INVENTED BILLING*****46*SUB1~
TRN*2*BATCH2~
STC*A2:20:PR*20240304*WQ*300~
SE*21*0001~
"""


def test_each_source_comes_before_what_it_says() -> None:
    told = list(t277ca.read(set_of(body(TWO_SOURCES), "HN", "005010X214")))
    assert [(one.source.role, one.source_trace) if isinstance(one, ClaimAcknowledgment) else one.trace for one in told] == [
        ("AY", "TRACE1"), "BATCH1", ("PR", "TRACE2"), "BATCH2",
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["AY", "PR"])
def test_a_source_without_a_name_has_no_role(role: str) -> None:
    segments = [segment for segment in body(TWO_SOURCES) if not segment.startswith(f"NM1*{role}")]
    told = t277ca.read(set_of(segments, "HN", "005010X214"))
    roles = [one.source.role for one in told if isinstance(one, ClaimAcknowledgment)]
    assert roles == ["" if each == role else each for each in ("AY", "PR")]


LEVELS = """
ST*837*0001*005010X222A1~
BHT*0019*00*1*20240301*1200*CH~
NM1*41*2*INVENTED BILLING*****46*SUB1~
NM1*40*2*INVENTED PLAN*****46*REC1~
HL*1**20*1~
NM1*85*2*INVENTED CLINIC*****XX*1999999984~
HL*2*1*22*1~
SBR*P*18~
NM1*IL*1*TESTPERSON*ANN~
CLM*PCN1*100***11:B:1*Y*A*Y*Y~
HL*3*2*23*0~
PAT*19~
NM1*QC*1*TESTPERSON*BEN~
CLM*PCN2*100***11:B:1*Y*A*Y*Y~
HL*4*1*22*0~
SBR*P*18~
CLM*PCN3*100***11:B:1*Y*A*Y*Y~
SE*18*0001~
"""


def test_a_claim_says_where_its_billing_provider_subscriber_and_patient_begin() -> None:
    claims = [one for one in t837p.read(set_of(body(LEVELS), "HC", "005010X222A1")) if isinstance(one, ReadClaim)]
    assert [(one.billing_position, one.subscriber_position, one.patient_position, one.first_position) for one in claims] == [
        (5, 7, None, 10), (5, 7, 11, 14), (5, 15, None, 17),
    ]  # fmt: skip
