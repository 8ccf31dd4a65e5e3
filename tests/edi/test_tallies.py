"""What sets add up to, transaction by transaction, and what a whole file does."""

from datetime import date

import msgspec
import pytest

from edi.claims import Party
from edi.claims.details import Period
from edi.inquiries.statuses import Status, StatusInformation
from edi.tools.summaries import SetSummary, summarise
from edi.tools.tallies import find_service_date, judge_statuses, tell_party, tell_statuses
from tests.support.professional import claim_of
from tests.support.remittances import FILE, GS, ISA, SET, TRAILERS
from tests.support.sets import body, interchange_of

INQUIRY = """
ST*270*0001*005010X279A1
BHT*0022*13*REQ1*20260105*0800
HL*1**20*1
NM1*PR*2*INVENTED HEALTH PLAN*****PI*12345
HL*2*1*21*1
NM1*1P*2*INVENTED CLINIC*****XX*1999999984
HL*3*2*22*0
TRN*1*TRACE1*9SENDER001
NM1*IL*1*SAMPLE*ANN****MI*INV1
EQ*30
SE*11*0001
"""
RESPONSE = """
ST*271*0001*005010X279A1
BHT*0022*11*REQ1*20260105*0800
HL*1**20*1
NM1*PR*2*INVENTED HEALTH PLAN*****PI*12345
HL*2*1*21*1
NM1*1P*2*INVENTED CLINIC*****XX*1999999984
HL*3*2*22*0
TRN*2*TRACE1*9SENDER001
NM1*IL*1*SAMPLE*ANN****MI*INV1
EB*{eb}**30**INVENTED PLAN
EB*C**30***23*250
HL*4*2*22*0
TRN*2*TRACE2*9SENDER001
NM1*IL*1*EXAMPLE*BOB****MI*INV2
AAA*N**72*C
SE*16*0001
"""
REQUEST = """
ST*276*0001*005010X212
BHT*0010*13*ASK1*20260105*0800
HL*1**20*1
NM1*PR*2*INVENTED HEALTH PLAN*****PI*12345
HL*2*1*21*1
NM1*41*2*INVENTED BILLING*****46*SUB1
HL*3*2*19*1
NM1*1P*2*INVENTED CLINIC*****XX*1999999984
HL*4*3*22*0
DMG*D8*19800131*F
NM1*IL*1*SAMPLE*ANN****MI*INV1
TRN*1*TRACE1
REF*EJ*PCN1
AMT*T3*150.5
DTP*472*D8*20251201
SE*16*0001
"""
STATUS = """
ST*277*0001*005010X212
BHT*0010*08*ANS1*20260105*0800*DG
HL*1**20*1
NM1*PR*2*INVENTED HEALTH PLAN*****PI*12345
HL*2*1*21*1
NM1*41*2*INVENTED BILLING*****46*SUB1
HL*3*2*19*1
NM1*1P*2*INVENTED CLINIC*****XX*1999999984
HL*4*3*22*0
NM1*IL*1*SAMPLE*ANN****MI*INV1
TRN*2*TRACE1
STC*F1:65*20260104**150.5*100.25*20260103*ACH*20260104*EFT1
REF*EJ*PCN1
DTP*472*D8*20251201
SE*15*0001
"""


def set_summary(text: str, functional_id: str, version: str) -> SetSummary:
    (interchange,) = summarise([interchange_of(body(text), functional_id, version)], 100).interchanges
    return interchange.groups[0].sets[0]


def test_an_eligibility_inquiry_says_who_is_asked_about_what() -> None:
    one = set_summary(INQUIRY, "HS", "005010X279A1")
    assert (one.transaction, one.errors) == ("270", 0)
    assert one.facts == {
        "reference": "REQ1", "source": "INVENTED HEALTH PLAN (PI 12345)", "receiver": "INVENTED CLINIC (XX 1999999984)",
        "subscribers": 1, "inquiries": 1,
    }  # fmt: skip
    (row,) = one.rows
    assert (row["trace"], str(row["asked"])[:3]) == ("TRACE1", "30 ")


@pytest.mark.parametrize(("eb", "coverage"), [("1", "active"), ("6", "inactive"), ("V", "not_said")])
def test_an_eligibility_response_says_whose_coverage_is_active(eb: str, coverage: str) -> None:
    one = set_summary(RESPONSE.format(eb=eb), "HB", "005010X279A1")
    assert {name: one.facts.get(name) for name in ("subscribers", "refused", "benefits", coverage)} == {
        "subscribers": 2, "refused": 1, "benefits": 2, coverage: 1,
    }  # fmt: skip
    assert [(row["trace"], row["plan"]) for row in one.rows] == [("TRACE1", "INVENTED PLAN"), ("TRACE2", "")]
    assert str(one.rows[1]["coverage"]).startswith("refused: 72 ")


def test_a_status_request_says_which_claims_are_asked_about() -> None:
    one = set_summary(REQUEST, "HR", "005010X212")
    assert one.errors == 0
    assert (one.facts["claims"], one.facts["charge_cents"]) == (1, 15050)
    assert one.rows == [
        {
            "claim": "PCN1", "trace": "TRACE1", "payer_claim_number": "", "service_from": date(2025, 12, 1),
            "charge_cents": 15050,
        }
    ]  # fmt: skip


def test_a_status_response_says_where_claims_stand() -> None:
    one = set_summary(STATUS, "HN", "005010X212")
    assert one.errors == 0
    assert {name: one.facts[name] for name in ("claims", "final", "charge_cents", "paid_cents")} == {
        "claims": 1, "final": 1, "charge_cents": 15050, "paid_cents": 10025,
    }  # fmt: skip
    (row,) = one.rows
    assert (row["claim"], row["verdict"], str(row["status"])[:5]) == ("PCN1", "final", "F1:65")


def test_one_rejection_rejects_a_claim_whatever_else_is_said() -> None:
    accepted, rejected = Status(category="A2", code="20"), Status(category="A7", code="562")
    assert judge_statuses((StatusInformation(statuses=(accepted, rejected)),)) == "rejected"
    assert judge_statuses((StatusInformation(statuses=(accepted,)),)) == "accepted"
    assert judge_statuses(()) == "no_status"
    assert tell_statuses((StatusInformation(statuses=(Status(category="Q9", code="9999"),)),)).startswith("Q9:9999 ")


def test_the_first_day_of_service_stands_at_a_line_or_at_the_claim() -> None:
    claim = claim_of()
    assert find_service_date(claim) == date(2024, 1, 15)
    lines = tuple(msgspec.structs.replace(line, service_from=None) for line in claim.lines)
    statement = Period(qualifier="434", first=date(2024, 1, 3), last=date(2024, 1, 9))
    assert find_service_date(claim_of(lines=lines, dates=(("472", date(2024, 1, 2)),))) == date(2024, 1, 2)
    assert find_service_date(claim_of(lines=lines, periods=(statement,))) == date(2024, 1, 3)
    assert find_service_date(claim_of(lines=lines, dates=(("431", date(2024, 1, 2)),))) is None


def test_parties_are_told_by_name_and_number() -> None:
    assert tell_party(Party(role="PR", last_name="PLAN", id_qualifier="PI", id="1")) == "PLAN (PI 1)"
    assert tell_party(Party(role="1P", is_person=True, last_name="DOE", first_name="ANN")) == "ANN DOE"
    assert (tell_party(Party(role="PR", id="7")), tell_party(None)) == ("7", "")


def test_money_sent_back_by_the_payee_counts_against_the_amount() -> None:
    """BPR03 D: a debit."""
    facts = set_summary(SET.replace("BPR*I*132.5*C", "BPR*I*132.5*D"), "HP", "005010X221A1").facts
    assert (facts["amount_cents"], facts["unexplained_cents"]) == (-13250, -26500)


@pytest.mark.parametrize("limit", [0, 1, 2, 1_000])
def test_totals_hold_all_whatever_is_listed(limit: int) -> None:
    """Three sets of two claims each."""
    sets = "".join(SET.replace("*0001~", f"*000{number}~") for number in (1, 2, 3))
    summary = summarise([(ISA + GS + sets + TRAILERS.replace("GE*1*", "GE*3*")).encode()], limit)
    assert summary.totals["835"]["sets"] == 3
    assert summary.totals["835"]["claims"] == 6
    assert summary.totals["835"]["errors"] == 0
    listed = summary.interchanges[0].groups[0]
    assert (len(listed.sets), listed.set_count) == (min(limit, 3), 3)
    assert sum(len(one.rows) for one in listed.sets) == min(limit, 6)
    assert all(one.row_count == 2 for one in listed.sets)


def test_groups_and_interchanges_without_sets_are_listed_too() -> None:
    empty = ISA + GS + "GE*0*7~\n" + GS.replace("*7*", "*8*") + SET + "GE*1*8~\n" + "IEA*2*000000905~\n"
    summary = summarise([(empty + ISA.replace("905*0", "906*0") + "IEA*0*000000906~\n" + FILE.replace("905", "907")).encode()], 9)
    assert [[group.set_count for group in one.groups] for one in summary.interchanges] == [[0, 1], [], [1]]
    assert (summary.interchange_count, summary.group_count, summary.set_count) == (3, 3, 2)


def test_bytes_that_are_no_x12_end_the_summary_with_a_fault() -> None:
    summary = summarise([FILE.encode(), b"ISA*" + b"x" * 600], 9)
    assert (summary.set_count, summary.fault_offset) == (1, len(FILE))
    assert "ISA" in summary.fault
