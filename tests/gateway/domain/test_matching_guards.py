"""A payment finds a claim of another payer or practice only by the number we sent, and then it is held and told."""

from typing import Any

import pytest

from edi.claims import Party, Reference
from gateway.domain.control_numbers import mint_pcn, normalise_pcn
from gateway.domain.matching import Candidate, contradict_parties, is_payee, match_payment
from tests.gateway.domain.samples import GOOD_NPI, SERVED, make_billing_provider, make_payment

OURS = mint_pcn(17)
PATIENT = Party(role="QC", is_person=True, last_name="TESTCASE", id_qualifier="MI", id="XQB000000017")


def make_candidate(claim_id: int = 1, *, payer: str) -> Candidate:
    pcn = mint_pcn(16 + claim_id)
    return Candidate(
        claim_id=claim_id, pcn=pcn, source_pcn="ACCT-1001", match_pcn=normalise_pcn(pcn), payer_claim_number="2026ABC0001",
        member_id=PATIENT.id, service_from=SERVED, service_through=None, charge_cents=12000, payer=payer,
    )  # fmt: skip


def find(payer: str, *candidates: Candidate, pcn: str = "LOST", **more: Any) -> int | None:
    payment = make_payment(**({"patient_control_number": pcn, "charge_cents": 12000} | more))
    return match_payment(payment, candidates, payer)[0]


WEAK_KEYS = [
    pytest.param({"pcn": "ACCT-1001", "service_from": SERVED}, id="the number of the PMS"),
    pytest.param({"payer_claim_number": "2026ABC0001"}, id="the payer's claim number"),
    pytest.param({"patient": PATIENT, "service_from": SERVED}, id="member, dates and charge"),
]


@pytest.mark.parametrize("keys", WEAK_KEYS)
def test_keys_that_payers_share_find_a_claim_of_the_same_payer_alone(keys: dict[str, Any]) -> None:
    assert find("northstar", make_candidate(payer="blueharbor"), **keys) is None
    assert find("blueharbor", make_candidate(payer="blueharbor"), **keys) == 1


@pytest.mark.parametrize("keys", WEAK_KEYS)
def test_the_payer_tells_two_claims_apart_that_share_all_other_keys(keys: dict[str, Any]) -> None:
    candidates = [make_candidate(1, payer="blueharbor"), make_candidate(2, payer="northstar")]
    assert find("northstar", *candidates, **keys) == 2
    assert find("", *candidates, **keys) is None


@pytest.mark.parametrize("pcn", [OURS, OURS.lower()])
@pytest.mark.parametrize("payer", ["northstar", "blueharbor", ""])
def test_the_number_we_sent_finds_its_claim_whoever_pays(pcn: str, payer: str) -> None:
    assert find(payer, make_candidate(payer="blueharbor"), pcn=pcn) == 1


def test_claims_of_another_payer_still_count_as_sharing_a_number_that_was_cut() -> None:
    """Two numbers begin alike and the payer of neither pays: nothing tells them apart, and both are counted."""
    first = make_candidate(1, payer="blueharbor")
    twins = [_with_pcn(first, 1, "ACCT2026NOVEMBER1"), _with_pcn(first, 2, "ACCT2026NOVEMBER2")]
    payment = make_payment(patient_control_number="ACCT2026NOVEM", charge_cents=12000, payer_claim_number="2026ABC0001")
    assert match_payment(payment, twins, "northstar") == (None, "2 claims share its pcn normalised")


def _with_pcn(candidate: Candidate, claim_id: int, pcn: str) -> Candidate:
    values = {name: getattr(candidate, name) for name in Candidate.__struct_fields__}
    return Candidate(**values | {"claim_id": claim_id, "pcn": pcn, "match_pcn": pcn})


def make_payee(qualifier: str, id: str, tax_id: str = "") -> Party:
    references = (Reference(qualifier="TJ", value=tax_id),) if tax_id else ()
    return Party(role="PE", last_name="NONESUCH PRACTICE", id_qualifier=qualifier, id=id, references=references)


@pytest.mark.parametrize(
    ("payee", "is_ours"),
    [
        pytest.param(make_payee("XX", GOOD_NPI), True, id="our NPI"),
        pytest.param(make_payee("XX", "1999999992"), False, id="another NPI"),
        pytest.param(make_payee("XX", "1999999992", "990000001"), False, id="another NPI of our tax id: other books"),
        pytest.param(make_payee("XX", GOOD_NPI, "990000002"), True, id="our NPI, a tax id of another: the NPI decides"),
        pytest.param(make_payee("FI", "99-0000001"), True, id="our tax id"),
        pytest.param(make_payee("FI", "990000002"), False, id="another tax id"),
        pytest.param(make_payee("", "", "990000001"), True, id="our tax id as a reference"),
        pytest.param(make_payee("", ""), None, id="no id at all"),
        pytest.param(make_payee("XV", "12345"), None, id="an id of a kind that no claim has"),
    ],
)
def test_a_payee_is_compared_by_npi_else_by_tax_id(payee: Party, is_ours: bool | None) -> None:
    assert is_payee(payee, make_billing_provider()) is is_ours


def test_a_practice_without_an_npi_is_compared_by_its_tax_id() -> None:
    provider = make_billing_provider(id="", id_qualifier="")
    assert is_payee(make_payee("XX", GOOD_NPI, "990000001"), provider) is True
    assert is_payee(make_payee("XX", GOOD_NPI), provider) is None


@pytest.mark.parametrize(
    ("payee", "payer", "claim_payer", "words"),
    [
        (make_payee("XX", "1999999992"), "blueharbor", "blueharbor", "another practice"),
        (make_payee("XX", GOOD_NPI), "northstar", "blueharbor", "billed to blueharbor"),
        (make_payee("XX", GOOD_NPI), "blueharbor", "blueharbor", ""),
        (make_payee("XX", GOOD_NPI), "", "blueharbor", ""),
        (make_payee("XX", GOOD_NPI), "northstar", "", ""),
        (make_payee("", ""), "blueharbor", "blueharbor", ""),
    ],
)
def test_what_is_known_and_differs_is_said_and_what_is_unknown_contradicts_nothing(
    payee: Party, payer: str, claim_payer: str, words: str
) -> None:
    said = contradict_parties(payee=payee, provider=make_billing_provider(), payer=payer, claim_payer=claim_payer)
    assert words in said
    assert bool(said) is bool(words)
