"""Edits on coordination of benefits: a claim that balances passes, and each edit objects to the one thing it is about."""

from datetime import date
from typing import Any

import msgspec
import pytest

from edi.claims import Claim, Coverage, LineAdjudication, OtherPayer, Party
from gateway.domain.edits import EDITS, cob, cob_sums
from tests.gateway.domain.bill_samples import make_stay
from tests.gateway.domain.samples import PAYER, SERVED, TODAY, adjust, find_edits, make_claim, make_line, make_subscriber

OWN = {edit.id for edit in EDITS if edit.group == "cob"}
PAID_ON = date(2026, 11, 12)
OTHER = Party(role="PR", last_name="INVENTED FIRST PLAN", id_qualifier="PI", id="77777")


def decide(**changes: Any) -> LineAdjudication:
    """What the first payer decided on a line of 120.00: 80.00 paid, 30.00 taken off, 10.00 left to the patient."""
    decided = LineAdjudication(
        payer_id="77777", paid_cents=8000, procedure="99213", adjustments=(adjust("CO 45", 3000), adjust("PR 2", 1000)),
        paid_date=PAID_ON,
    )  # fmt: skip
    return msgspec.structs.replace(decided, **changes)


def first_payer(**changes: Any) -> OtherPayer:
    """The payer before the one billed, which paid 80.00."""
    other = OtherPayer(
        responsibility="P", relationship="18", claim_filing_indicator="CI", paid_cents=8000,
        subscriber=make_subscriber(id="FIRST00001"), payer=OTHER,
    )  # fmt: skip
    return msgspec.structs.replace(other, **changes)


def second_claim(*others: OtherPayer, lines: tuple[LineAdjudication, ...] | None = None, **changes: Any) -> Claim:
    """A claim of 120.00 to the second payer, decided by the first one on its line."""
    decided = (decide(),) if lines is None else lines
    changes.setdefault("coverage", Coverage(responsibility="S"))
    return make_claim(lines=(make_line(adjudications=decided),), other_payers=others or (first_payer(),), **changes)


def test_a_claim_that_balances_to_the_cent_passes() -> None:
    assert find_edits(second_claim()) == []


def test_no_payer_decides_before_a_stay_whose_lines_have_no_day() -> None:
    days = {"2026-10-31": ["cob-paid-date-order"], "2026-11-10": []}
    for day, edits in days.items():
        other = first_payer(adjustments=(adjust("CO 45", 71000), adjust("PR 2", 1000)), paid_date=date.fromisoformat(day))
        assert find_edits(make_stay(coverage=Coverage(responsibility="S"), other_payers=(other,))) == edits


def test_a_claim_decided_as_a_whole_passes() -> None:
    other = first_payer(adjustments=(adjust("CO 45", 3000), adjust("PR 2", 1000)), paid_date=PAID_ON)
    assert find_edits(second_claim(other, lines=())) == []


def test_part_decided_on_the_line_and_part_on_the_claim_passes() -> None:
    """50.00 of the claim's are taken off the claim: its lines were paid 80.00, the claim 30.00."""
    other = first_payer(paid_cents=3000, adjustments=(adjust("PR 1", 5000),))
    assert find_edits(second_claim(other)) == []


def test_an_earlier_payer_that_was_not_billed_since_it_covers_nothing_passes() -> None:
    """Cost avoidance: AMT*A8 is the whole charge, and stands alone."""
    bypassed = first_payer(paid_cents=None, noncovered_cents=12000)
    assert find_edits(second_claim(bypassed, lines=())) == []
    in_part = first_payer(paid_cents=None, noncovered_cents=11999)
    assert find_edits(second_claim(in_part, lines=())) == ["cob-decision-missing"]


def test_a_coverage_on_file_that_has_decided_nothing_passes_after_the_payer_billed() -> None:
    later = first_payer(responsibility="S", paid_cents=None)
    assert find_edits(make_claim(other_payers=(later,))) == []


def test_a_line_decided_together_with_another_is_not_balanced_by_itself() -> None:
    bundled = decide(paid_cents=0, adjustments=(), bundled_line="2")
    assert "cob-line-balance" not in find_edits(second_claim(lines=(bundled,)))


BREACHES = {
    "two first payers": ("cob-sequence", second_claim(coverage=Coverage(responsibility="P"))),
    "all others come later": (
        "cob-order", second_claim(first_payer(responsibility="T", paid_cents=None), lines=()),
    ),
    "the earlier payer says nothing": ("cob-decision-missing", second_claim(first_payer(paid_cents=None), lines=())),
    "what was paid is missing": ("cob-paid-missing", second_claim(first_payer(paid_cents=None))),
    "paid on the claim other than on its lines": ("cob-paid-lines", second_claim(first_payer(paid_cents=7999))),
    "a cent of the claim was not decided on": (
        "cob-claim-balance",
        second_claim(first_payer(adjustments=(adjust("CO 45", 3999),), paid_date=PAID_ON), lines=()),
    ),
    "a cent of the line was not decided on": (
        "cob-line-balance",
        second_claim(lines=(decide(adjustments=(adjust("CO 45", 2999), adjust("PR 2", 1000))),)),
    ),
    "no group": (
        "cob-adjustment-group", second_claim(lines=(decide(adjustments=(adjust("XX 45", 3000), adjust("PR 2", 1000))),)),
    ),
    "a remark for a reason": (
        "cob-adjustment-reason", second_claim(lines=(decide(adjustments=(adjust("CO N290", 3000), adjust("PR 2", 1000))),)),
    ),
    "an adjustment of nothing": (
        "cob-adjustment-zero",
        second_claim(lines=(decide(adjustments=(adjust("CO 45", 3000), adjust("PR 2", 1000), adjust("OA 23", 0))),)),
    ),
    "a reason twice": (
        "cob-adjustment-repeated",
        second_claim(lines=(decide(adjustments=(adjust("CO 45", 1500), adjust("CO 45", 1500), adjust("PR 2", 1000))),)),
    ),
    "no day of the decision": ("cob-paid-date-missing", second_claim(lines=(decide(paid_date=None),))),
    "the day on claim and line": ("cob-paid-date-twice", second_claim(first_payer(paid_date=PAID_ON))),
    "decided before the service": ("cob-paid-date-order", second_claim(lines=(decide(paid_date=date(2025, 11, 12)),))),
    "decided in the future": ("cob-paid-date-order", second_claim(lines=(decide(paid_date=date(2026, 11, 21)),))),
    "a subscriber without an id": ("cob-other-subscriber", second_claim(first_payer(subscriber=make_subscriber(id="")))),
    "no subscriber": ("cob-other-subscriber", second_claim(first_payer(subscriber=None))),
    "a payer without a name": ("cob-other-payer", second_claim(first_payer(payer=Party(role="PR", id="77777")))),
    "two payers with one id": (
        "cob-other-payer",
        second_claim(first_payer(), first_payer(responsibility="T", paid_cents=None), lines=(decide(),)),
    ),
    "a line decided by a stranger": (
        "cob-line-payer",
        second_claim(
            first_payer(adjustments=(adjust("CO 45", 3000), adjust("PR 2", 1000)), paid_date=PAID_ON),
            lines=(decide(payer_id="66666"),),
        ),
    ),
    "more left than was charged": ("cob-remaining", second_claim(first_payer(remaining_patient_cents=12001))),
    "less than nothing left on a line": ("cob-remaining", second_claim(lines=(decide(remaining_patient_cents=-1),))),
    "paid in full": (
        "cob-nothing-left", second_claim(first_payer(paid_cents=12000), lines=(decide(paid_cents=12000, adjustments=()),)),
    ),
    "Medicare second without a reason": (
        "cob-medicare-reason", second_claim(coverage=Coverage(responsibility="S", claim_filing_indicator="MB")),
    ),
    "Medicare second for a reason that is none": (
        "cob-medicare-reason",
        second_claim(coverage=Coverage(responsibility="S", claim_filing_indicator="MB", insurance_type="CI")),
    ),
    "a later payer has decided": (
        "cob-later-decided", second_claim(first_payer(responsibility="S"), coverage=Coverage(responsibility="P")),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "claim"), BREACHES.values(), ids=BREACHES)
def test_each_objects_to_what_it_is_about(edit: str, claim: Claim) -> None:
    assert edit in find_edits(claim)


ALONE = {
    "two first payers", "the earlier payer says nothing", "what was paid is missing", "a cent of the line was not decided on",
    "no group", "a remark for a reason", "an adjustment of nothing", "a reason twice", "no day of the decision",
    "the day on claim and line", "decided before the service", "decided in the future", "a subscriber without an id",
    "a payer without a name", "more left than was charged", "paid in full", "Medicare second without a reason",
    "a later payer has decided",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(ALONE))
def test_and_to_nothing_else_unless_it_follows(name: str) -> None:
    edit, claim = BREACHES[name]
    allowed = {"a cent of the line was not decided on": {"cob-claim-balance"}}.get(name, set())
    assert {found for found in find_edits(claim) if found in OWN} - allowed == {edit}


def test_every_edit_here_has_a_breach_here() -> None:
    own = {edit.id for edit in (*cob.EDITS, *cob_sums.EDITS)}
    assert own - {edit for edit, _ in BREACHES.values()} == {"cob-not-taken"}


def test_a_payer_that_takes_no_later_claims_says_print() -> None:
    payer = PAYER.model_copy(update={"takes_secondary": False})
    assert find_edits(second_claim(), payer=payer) == ["cob-not-taken"]
    assert find_edits(make_claim(), payer=payer) == []


@pytest.mark.parametrize("reason", ["12", "43", "47"])
def test_medicare_second_for_a_reason_it_knows_passes(reason: str) -> None:
    coverage = Coverage(responsibility="S", claim_filing_indicator="MB", insurance_type=reason)
    assert not OWN & set(find_edits(second_claim(coverage=coverage)))


@pytest.mark.parametrize("reason", ["1", "45", "253", "A1", "B7", "B22", "P12", "W1", "Y3"])
def test_every_form_of_a_carc_is_taken(reason: str) -> None:
    adjustments = (adjust(f"CO {reason}", 3000), adjust("PR 2", 1000))
    assert "cob-adjustment-reason" not in find_edits(second_claim(lines=(decide(adjustments=adjustments),)))


@pytest.mark.parametrize("reason", ["0", "01", "1000", "N290", "MA130", "45 ", "X1"])
def test_other_forms_are_not(reason: str) -> None:
    adjustments = (msgspec.structs.replace(adjust("CO 45", 3000), reason=reason), adjust("PR 2", 1000))
    assert find_edits(second_claim(lines=(decide(adjustments=adjustments),))) == ["cob-adjustment-reason"]


def test_three_payers_in_order_that_each_balance_pass() -> None:
    second = first_payer(
        responsibility="S", paid_cents=1000, payer=Party(role="PR", last_name="INVENTED SECOND PLAN", id="88888"),
    )  # fmt: skip
    also = decide(payer_id="88888", paid_cents=1000, adjustments=(adjust("OA 23", 11000),))
    claim = second_claim(first_payer(), second, lines=(decide(), also), coverage=Coverage(responsibility="T"))
    assert find_edits(claim) == []


def test_the_first_and_last_day_a_decision_may_have_pass() -> None:
    for day in (SERVED, TODAY):
        assert find_edits(second_claim(lines=(decide(paid_date=day),))) == []
