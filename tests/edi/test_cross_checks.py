"""Sums, days and check digits across elements: each rule finds its fault, names where, and stays quiet otherwise."""

from datetime import date

import msgspec
import pytest

from edi.claims import Adjustment, Claim, LineAdjudication, OtherPayer, Party
from edi.cross_checks import CrossChecks, check_claim
from edi.findings import Finding
from edi.interchange import Reader
from edi.parts import Part
from edi.transactions import t835
from tests.support.professional import claim_of
from tests.support.remittances import FILE

LINE = claim_of().lines[0]
OTHER = OtherPayer(
    responsibility="P",
    relationship="18",
    paid_cents=6000,
    adjustments=(),
    payer=Party(role="PR", last_name="INVENTED FIRST PAYER", id_qualifier="PI", id="11111"),
)


def codes(claim: Claim, submitted: date | None = None) -> list[str]:
    return [finding.code for finding in check_claim(claim, position=20, submitted=submitted)]


def decided(paid_cents: int, adjusted_cents: int, **changes: object) -> LineAdjudication:
    adjustments = (Adjustment(group="CO", reason="45", amount_cents=adjusted_cents),)
    decision = LineAdjudication(payer_id="11111", paid_cents=paid_cents, procedure="99213", adjustments=adjustments)
    return msgspec.structs.replace(decision, **changes)


def coordinated(decision: LineAdjudication, **other: object) -> Claim:
    line = msgspec.structs.replace(LINE, adjudications=(decision,))
    return claim_of(lines=(line,), other_payers=(msgspec.structs.replace(OTHER, **other),))


def test_a_sound_claim_has_no_finding() -> None:
    assert codes(claim_of(), submitted=date(2024, 3, 1)) == []


def test_a_charge_that_its_lines_do_not_make_is_found_at_the_claim() -> None:
    [finding] = check_claim(claim_of(charge_cents=10001), position=20)
    assert (finding.code, finding.level, finding.segment, finding.position, finding.element) == (
        "claim_charge",
        "balance",
        "CLM",
        20,
        2,
    )
    assert finding.message == "CLM02 is 100.01 and the lines' charges make 100.00: they must be equal"


def test_another_payers_decision_that_comes_out_is_sound() -> None:
    assert codes(coordinated(decided(6000, 4000))) == []


def test_a_line_decision_that_does_not_come_out_is_found_with_the_claim_it_spoils() -> None:
    assert codes(coordinated(decided(6000, 3000))) == ["coordination_line", "coordination_claim"]


def test_a_payment_that_the_adjustments_do_not_leave_is_found() -> None:
    assert codes(coordinated(decided(6000, 4000), paid_cents=5900)) == ["coordination_claim"]


def test_adjustments_at_claim_level_count() -> None:
    at_claim = (Adjustment(group="PR", reason="1", amount_cents=4000),)
    assert codes(claim_of(other_payers=(msgspec.structs.replace(OTHER, adjustments=at_claim),))) == []


def test_a_bundled_line_is_not_summed_by_itself() -> None:
    assert "coordination_line" not in codes(coordinated(decided(0, 0, bundled_line="2")))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"service_from": date(2024, 1, 15), "service_through": date(2024, 1, 14)}, "service_period"),
        ({"service_from": date(1980, 1, 30)}, "service_before_birth"),
        ({"service_from": date(2024, 3, 2)}, "service_in_future"),
    ],
)
def test_days_of_a_line_that_cannot_be_are_found(changes: dict[str, object], rule: str) -> None:
    line = msgspec.structs.replace(LINE, **changes)
    assert codes(claim_of(lines=(line,)), submitted=date(2024, 3, 1)) == [rule]


@pytest.mark.parametrize(
    ("dates", "rule"),
    [
        ((("435", date(2024, 1, 10)), ("096", date(2024, 1, 9))), "discharge_before_admission"),
        ((("431", date(2024, 1, 16)),), "onset_after_service"),
        ((("439", date(2024, 1, 16)),), "accident_after_service"),
    ],
)
def test_days_of_a_claim_that_cannot_be_are_found(dates: tuple[tuple[str, date], ...], rule: str) -> None:
    assert codes(claim_of(dates=dates)) == [rule]


def check_835(text: str) -> list[Finding]:
    """The findings of a file with one set."""
    tset = next(iter(Reader([text.encode()])))
    checks = CrossChecks(tset)
    found = [finding for item in t835.read(tset) for finding in checks.take(Part(item, getattr(item, "position", 1), 0))]
    return found + checks.close()


def test_a_remittance_that_adds_up_has_no_finding() -> None:
    assert check_835(FILE) == []


def test_a_claim_payment_that_does_not_come_out_is_found_at_its_clp() -> None:
    findings = check_835(FILE.replace("CLP*PCN2*4*80*0*", "CLP*PCN2*4*81*0*"))
    assert [(one.code, one.segment, one.position) for one in findings] == [("claim_balance", "CLP", 27)]


def test_a_payment_its_claims_do_not_make_is_found_at_the_bpr() -> None:
    findings = check_835(FILE.replace("BPR*I*132.5*", "BPR*I*132.51*"))
    assert [(one.code, one.segment, one.position, one.element) for one in findings] == [("remittance_balance", "BPR", 2, 2)]


@pytest.mark.parametrize(
    ("good", "bad", "segment", "element"),
    [
        ("N1*PE*INVENTED CLINIC*XX*1999999984", "N1*PE*INVENTED CLINIC*XX*1999999985", "N1", 4),
        ("REF*6R*L1", "REF*HPI*199999998", "REF", 2),
    ],
)
def test_an_npi_that_fails_its_check_digit_is_found_where_it_stands(good: str, bad: str, segment: str, element: int) -> None:
    text = FILE.replace(good, bad)
    position = text.replace("\n", "").split("~").index(bad) - 1
    [finding] = check_835(text)
    assert (finding.code, finding.segment, finding.position, finding.element) == ("npi", segment, position, element)
    assert finding.value not in finding.message
