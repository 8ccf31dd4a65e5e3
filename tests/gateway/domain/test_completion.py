"""What a payer's profile fills in of a claim, before it is judged and before it is sent."""

import msgspec
import pytest

from edi.claims import Claim, Coverage, Party
from gateway.domain.completion import complete
from gateway.domain.edits import EditFinding, check
from payers.payer import LineOfBusiness, Payer
from payers.rules import Rule
from tests.gateway.domain.samples import CONTEXT, PAYER, make_claim, make_subscriber

FILED = Coverage(claim_filing_indicator="CI")
MEDICARE = PAYER.model_copy(update={"claim_filing_indicator": "MB", "member_id_pattern": ""})


def billed_to(payer_id: str, name: str = "SAMPLE PLAN") -> Party:
    return Party(role="PR", last_name=name, id_qualifier="PI", id=payer_id)


def find(claim: Claim, payer: Payer) -> dict[str, EditFinding]:
    """The last finding of each edit."""
    return {finding.edit: finding for finding in check(claim, msgspec.structs.replace(CONTEXT, payer=payer))}


def test_what_a_claim_says_itself_stays() -> None:
    claim = make_claim(coverage=Coverage(claim_filing_indicator="MC"))
    assert complete(claim, PAYER.model_copy(update={"sent_name": "ANOTHER NAME"})) is claim
    assert complete(make_claim(), None) == make_claim()


def test_the_kind_of_insurance_is_that_of_the_line_of_business_and_the_id_is_spelled_as_in_the_profile() -> None:
    advantage = LineOfBusiness(name="Advantage", payer_ids=("SAMP2",), claim_filing_indicator="16")
    payer = PAYER.model_copy(update={"payer_ids": ("SAMP1", "SAMP2"), "lines_of_business": (advantage,), "sent_payer_id": "Z9"})
    completed = complete(make_claim(payer=billed_to("samp2 ")), payer)
    assert (completed.payer.id, completed.coverage.claim_filing_indicator) == ("SAMP2", "16")
    assert complete(completed, payer) is completed


def test_an_empty_name_is_the_one_that_is_sent_and_an_unknown_id_stays() -> None:
    payer = PAYER.model_copy(update={"payer_ids": ("*",), "sent_name": "SAMPLE"})
    assert complete(make_claim(payer=billed_to("other1", "")), payer).payer == billed_to("other1", "SAMPLE")


@pytest.mark.parametrize("coverage", [Coverage(claim_filing_indicator="MB"), Coverage()])
def test_a_claim_to_medicare_is_judged_as_one_whoever_says_so(coverage: Coverage) -> None:
    claim = make_claim(coverage=coverage, subscriber=make_subscriber(id="123456789A"), relationship="19")
    assert {"medicare-id-format", "medicare-dependent"} <= find(claim, MEDICARE).keys()


def test_what_the_profile_fills_in_is_there_and_has_the_form_that_rules_ask_for() -> None:
    asked = ("coverage.claim_filing_indicator", "payer.name")
    payer = PAYER.model_copy(update={"required": asked, "sent_name": "SAMPLE"})
    claim = make_claim(payer=billed_to("SAMP1", ""))
    assert "payer-field-required" not in find(claim, payer)


def test_a_finding_about_what_the_biller_never_wrote_says_who_did() -> None:
    rule = Rule.model_validate(
        {"id": "sample-rule", "what": "Not theirs.", "fix": "Mend it.", "one_of": {"coverage.claim_filing_indicator": ["HM"]}}
    )
    payer = PAYER.model_copy(update={"rules": (rule,)})
    said = find(make_claim(coverage=FILED), payer)["payer-rule-one-of"].message
    assert said == "Not theirs. (rule sample-rule of Sample Plan: coverage.claim_filing_indicator)"
    filled = find(make_claim(), payer)["payer-rule-one-of"].message
    assert filled == f"{said} The claim leaves it empty, and the payer's profile fills it in."
