"""A payment is given to a claim only where the ladder leaves exactly one; nothing is guessed."""

from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi.claims import Party
from edi.transactions.t835 import ClaimPayment
from gateway.domain.control_numbers import NUMBER_MAX, mint_pcn, normalise_pcn
from gateway.domain.matching import Candidate, match_lines, match_payment
from tests.gateway.domain.samples import SERVED, adjust, make_claim, make_line, make_paid_line, make_payment

OURS = mint_pcn(17)


def make_candidate(claim_id: int = 1, **changes: Any) -> Candidate:
    pcn = changes.setdefault("pcn", OURS)
    candidate = Candidate(
        claim_id=claim_id,
        pcn=pcn,
        source_pcn="ACCT-1001",
        match_pcn=normalise_pcn(pcn),
        payer_claim_number="2026ABC0001",
        member_id="XQB000000017",
        service_from=SERVED,
        service_through=None,
        charge_cents=12000,
    )
    return msgspec.structs.replace(candidate, **changes)


OTHER = make_candidate(2, pcn=mint_pcn(18), source_pcn="ACCT-1002", payer_claim_number="2026ABC0002", member_id="XQB000000025")


def make_answer(pcn: str, **changes: Any) -> ClaimPayment:
    """A payment of 120.00 billed that carries only this patient control number."""
    return make_payment(**({"patient_control_number": pcn, "charge_cents": 12000} | changes))


@pytest.mark.parametrize(
    ("given_pcn", "rung"),
    [
        (OURS, "pcn"),
        (OURS.lower(), "pcn normalised"),
        (f"0000{OURS}", "pcn normalised"),
        (f"{OURS[:4]}-{OURS[4:]}", "pcn normalised"),
    ],
)
def test_a_patient_control_number_is_found_exact_or_as_payers_mangle_it(given_pcn: str, rung: str) -> None:
    assert match_payment(make_answer(given_pcn), [make_candidate(), OTHER]) == (1, rung)


def test_a_long_number_of_the_pms_is_found_though_the_payer_cut_it() -> None:
    long = make_candidate(pcn="ACCT2026NOVEMBER7")
    assert match_payment(make_answer("ACCT2026NOVE"), [long, OTHER]) == (1, "pcn normalised")
    assert match_payment(make_answer("ACCT2026NOV"), [long, OTHER])[0] is None


SOURCE_RUNG = "source pcn, charge and member or dates"
PATIENT = Party(role="QC", is_person=True, last_name="TESTCASE", id_qualifier="MI", id="XQB000000017")


@pytest.mark.parametrize("more", [{"service_from": SERVED}, {"patient": PATIENT}], ids=["dates", "member"])
def test_the_pms_number_matches_together_with_the_charge_and_the_member_or_the_dates(more: dict[str, Any]) -> None:
    assert match_payment(make_answer("ACCT-1001", **more), [make_candidate(), OTHER]) == (1, SOURCE_RUNG)


@pytest.mark.parametrize(
    ("candidate", "more"),
    [
        pytest.param(make_candidate(), {}, id="the charge alone"),
        pytest.param(make_candidate(charge_cents=5000), {"service_from": SERVED, "patient": PATIENT}, id="another charge"),
        pytest.param(make_candidate(), {"service_from": date(2026, 11, 3)}, id="another day"),
    ],
)
def test_the_pms_number_alone_matches_nothing(candidate: Candidate, more: dict[str, Any]) -> None:
    """It is not the number we sent: another claim of the practice may have been billed under it elsewhere."""
    assert match_payment(make_answer("ACCT-1001", **more), [candidate])[0] is None


def test_the_number_we_sent_wins_over_the_same_number_of_a_pms() -> None:
    sent, came = make_candidate(1, pcn="A1", source_pcn="A1"), make_candidate(2, pcn=OURS, source_pcn="A1")
    assert match_payment(make_answer("A1", service_from=SERVED), [came, sent]) == (1, "pcn")


@pytest.mark.parametrize("given_pcn", ["0", "", "000"])
def test_no_patient_control_number_matches_nothing_by_it(given_pcn: str) -> None:
    blank = make_candidate(pcn="0", source_pcn=given_pcn, match_pcn="")
    assert match_payment(make_answer(given_pcn), [blank])[0] is None


def test_a_lost_patient_control_number_is_made_up_for_by_the_payer_claim_number() -> None:
    payment = make_answer("LOST", payer_claim_number="2026-abc-0001")
    assert match_payment(payment, [make_candidate(), OTHER]) == (1, "payer claim number")


def test_an_empty_payer_claim_number_on_both_sides_is_no_match() -> None:
    unknown = make_candidate(payer_claim_number="", member_id="")
    assert match_payment(make_answer("LOST"), [unknown])[0] is None


def make_by_member(**changes: Any) -> ClaimPayment:
    patient = Party(role="QC", is_person=True, last_name="TESTCASE", id_qualifier="MI", id="xqb000000017")
    return make_answer("LOST", **({"patient": patient, "service_from": SERVED} | changes))


def test_member_dates_and_charge_match_where_only_one_claim_has_them() -> None:
    assert match_payment(make_by_member(), [make_candidate(), OTHER]) == (1, "member, dates and charge")


def test_member_dates_and_charge_are_read_from_subscriber_and_lines_too() -> None:
    subscriber = Party(role="IL", is_person=True, last_name="TESTCASE", id_qualifier="MI", id="XQB000000017")
    lines = (
        make_paid_line(6000, 6000, service_from=date(2026, 11, 1)),
        make_paid_line(6000, 6000, service_from=date(2026, 11, 3)),
    )
    payment = make_payment(*lines, patient_control_number="LOST", subscriber=subscriber)
    spanning = make_candidate(service_from=date(2026, 11, 1), service_through=date(2026, 11, 3))
    assert match_payment(payment, [spanning, OTHER]) == (1, "member, dates and charge")


@pytest.mark.parametrize(
    "changes",
    [
        {"charge_cents": 12001},
        {"service_from": date(2026, 11, 3)},
        {"service_through": date(2026, 11, 3)},
        {"patient": None},
        {"service_from": None},
    ],
)
def test_member_dates_and_charge_must_all_agree(changes: dict[str, Any]) -> None:
    assert match_payment(make_by_member(**changes), [make_candidate(), OTHER])[0] is None


def test_two_claims_with_the_same_member_dates_and_charge_match_neither() -> None:
    claim_id, why = match_payment(make_by_member(), [make_candidate(1), make_candidate(2, pcn=mint_pcn(18))])
    assert claim_id is None
    assert why == "2 claims share its member, dates and charge"


def test_claims_that_share_a_pms_number_are_told_apart_by_the_payer_claim_number() -> None:
    first, second = make_candidate(1, pcn="A1"), make_candidate(2, pcn="A2", payer_claim_number="2026ABC0002")
    payment = make_answer("ACCT-1001", payer_claim_number="2026ABC0002", service_from=SERVED)
    assert match_payment(payment, [first, second]) == (2, "payer claim number")


def test_claims_that_share_a_pms_number_and_all_else_match_neither() -> None:
    first, second = make_candidate(1, pcn="A1"), make_candidate(2, pcn="A2")
    payment = make_answer("ACCT-1001", service_from=SERVED)
    assert match_payment(payment, [first, second]) == (None, f"2 claims share its {SOURCE_RUNG}")


def test_a_lower_rung_does_not_reach_past_the_claims_that_share_a_higher_one() -> None:
    """Two claims have the PMS number; a third has the payer claim number: the keys contradict each other, so a person decides."""
    shared = [make_candidate(1, pcn="A1", payer_claim_number=""), make_candidate(2, pcn="A2", payer_claim_number="")]
    third = make_candidate(3, pcn="A3", source_pcn="ACCT-9", payer_claim_number="2026ABC0009")
    payment = make_answer("ACCT-1001", payer_claim_number="2026ABC0009", service_from=SERVED)
    assert match_payment(payment, [*shared, third])[0] is None


def test_the_same_claim_given_twice_is_one_candidate() -> None:
    assert match_payment(make_answer(OURS), [make_candidate(), make_candidate()]) == (1, "pcn")


def test_what_matches_nothing_says_so_without_patient_data() -> None:
    claim_id, why = match_payment(make_by_member(patient_control_number="ZZPHI"), [])
    assert claim_id is None
    assert "no claim" in why
    assert "ZZPHI" not in why


@given(
    st.integers(0, NUMBER_MAX),
    st.integers(0, NUMBER_MAX),
    st.sampled_from([str.lower, str.strip, lambda pcn: f"00{pcn}", lambda pcn: pcn[:12], lambda pcn: f"{pcn[:2]}.{pcn[2:]}"]),
)
def test_a_mangled_minted_pcn_never_finds_the_wrong_claim(first: int, second: int, mangle: Any) -> None:
    candidates = [make_candidate(number, pcn=mint_pcn(number), charge_cents=number) for number in {first, second}]
    assert match_payment(make_answer(mangle(mint_pcn(first))), candidates)[0] == first


def make_two_line_claim() -> Any:
    return make_claim(
        lines=(
            make_line(control_number="L1", procedure="99213", modifiers=("25",)),
            make_line(control_number="L2", procedure="87880", charge_cents=3000),
        )
    )


def test_lines_are_matched_by_their_echoed_control_number_whatever_else_changed() -> None:
    payment = make_payment(
        make_paid_line(100, 100, procedure="80050", line_control_number="L2"),
        make_paid_line(100, 100, procedure="80050", line_control_number="L1"),
    )
    assert match_lines(payment, make_two_line_claim()) == ["L2", "L1"]


def test_an_echo_is_found_through_case_and_padding() -> None:
    payment = make_payment(make_paid_line(100, 100, line_control_number="00l2"))
    assert match_lines(payment, make_two_line_claim()) == ["L2"]


def test_control_numbers_that_differ_only_in_padding_are_matched_exactly_or_not_at_all() -> None:
    claim = make_claim(lines=(make_line(control_number="1"), make_line(control_number="01")))
    payment = make_payment(make_paid_line(1, 1, line_control_number="01"), make_paid_line(1, 1, line_control_number="001"))
    assert match_lines(payment, claim) == ["01", ""]


def test_a_line_split_in_two_keeps_both_parts_by_their_echo() -> None:
    payment = make_payment(
        make_paid_line(6000, 100, adjust("CO 45", 5900), line_control_number="L1"),
        make_paid_line(6000, 6000, line_control_number="L1"),
    )
    assert match_lines(payment, make_two_line_claim()) == ["L1", "L1"]


def test_without_an_echo_code_modifiers_date_and_charge_find_the_line() -> None:
    payment = make_payment(
        make_paid_line(3000, 3000, procedure="87880", service_from=SERVED),
        make_paid_line(12000, 12000, procedure="99213", modifiers=("25",), service_from=SERVED),
    )
    assert match_lines(payment, make_two_line_claim()) == ["L2", "L1"]


def test_the_date_of_the_claim_stands_in_for_that_of_its_lines() -> None:
    payment = make_payment(make_paid_line(3000, 3000, procedure="87880"), service_from=SERVED)
    assert match_lines(payment, make_two_line_claim()) == ["L2"]


def test_a_code_the_payer_changed_is_found_by_the_code_as_billed() -> None:
    payment = make_payment(
        make_paid_line(3000, 1000, adjust("CO 45", 2000), procedure="87880", modifiers=("QW",), submitted_procedure="87880"),
        service_from=SERVED,
    )
    assert match_lines(payment, make_two_line_claim()) == ["L2"]


@pytest.mark.parametrize(
    "changes",
    [
        {"modifiers": ()},
        {"charge_cents": 11999},
        {"service_from": date(2026, 11, 3)},
        {"service_from": None},
        {"procedure": "99214"},
        {"line_control_number": "NOT-OURS", "procedure": "99214"},
    ],
)
def test_a_line_that_differs_in_one_key_stays_at_claim_level(changes: dict[str, Any]) -> None:
    same = {"procedure": "99213", "modifiers": ("25",), "service_from": SERVED}
    paid = msgspec.structs.replace(make_paid_line(12000, 12000), **(same | changes))
    assert match_lines(make_payment(paid), make_two_line_claim()) == [""]


def test_two_missing_dates_are_not_the_same_date() -> None:
    undated = make_claim(lines=(make_line(service_from=None),))
    assert match_lines(make_payment(make_paid_line(12000, 12000)), undated) == [""]


def test_lines_alike_in_everything_are_not_told_apart() -> None:
    twins = make_claim(lines=(make_line(control_number="L1"), make_line(control_number="L2")))
    payment = make_payment(make_paid_line(12000, 0), make_paid_line(12000, 12000), service_from=SERVED)
    assert match_lines(payment, twins) == ["", ""]


def test_the_twin_of_a_line_that_an_echo_names_is_found_by_its_code() -> None:
    twins = make_claim(lines=(make_line(control_number="L1"), make_line(control_number="L2")))
    payment = make_payment(
        make_paid_line(12000, 12000, line_control_number="L2"), make_paid_line(12000, 12000), service_from=SERVED
    )
    assert match_lines(payment, twins) == ["L2", "L1"]


def test_a_line_split_without_an_echo_stays_at_claim_level() -> None:
    halves = [make_paid_line(6000, 6000, modifiers=("25",), service_from=SERVED) for _ in range(2)]
    assert match_lines(make_payment(*halves), make_two_line_claim()) == ["", ""]


def test_a_payment_without_lines_has_none_to_match() -> None:
    assert match_lines(make_answer(OURS), make_two_line_claim()) == []
