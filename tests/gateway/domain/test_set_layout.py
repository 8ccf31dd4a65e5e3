"""Every segment of our own set belongs to the claims of the innermost level that is open there."""

from typing import Any

import pytest

from gateway.domain.set_layout import SetLayout

# ST, BHT, submitter and receiver stand at 1 to 5; SE at 60.
ROWS: list[dict[str, Any]] = [
    {"claim_id": 1, "billing_position": 6, "subscriber_position": 12, "patient_position": None, "first_position": 20},
    {"claim_id": 2, "billing_position": 6, "subscriber_position": 12, "patient_position": None, "first_position": 25},
    {"claim_id": 3, "billing_position": 6, "subscriber_position": 12, "patient_position": 28, "first_position": 32},
    {"claim_id": 4, "billing_position": 6, "subscriber_position": 36, "patient_position": None, "first_position": 40},
    {"claim_id": 5, "billing_position": 45, "subscriber_position": 50, "patient_position": None, "first_position": 55},
]
LAST = (24, 27, 35, 44, 59)


@pytest.mark.parametrize(
    ("position", "claims"),
    [
        pytest.param(0, [], id="no position"),
        pytest.param(5, [], id="above every billing provider"),
        pytest.param(6, [1, 2, 3, 4], id="first segment of a billing provider"),
        pytest.param(11, [1, 2, 3, 4], id="last segment of a billing provider"),
        pytest.param(12, [1, 2, 3], id="a subscriber with several claims, one of them a dependent's"),
        pytest.param(19, [1, 2, 3], id="that subscriber's payer"),
        pytest.param(20, [1], id="a claim's CLM"),
        pytest.param(24, [1], id="a claim's last segment"),
        pytest.param(28, [3], id="a dependent's own level"),
        pytest.param(32, [3], id="a dependent's claim"),
        pytest.param(36, [4], id="a subscriber with one claim"),
        pytest.param(45, [5], id="a billing provider with one claim"),
        pytest.param(59, [5], id="the last segment of the last claim"),
        pytest.param(60, [], id="SE"),
    ],
)
def test_a_position_blames_the_claims_under_its_level(position: int, claims: list[int]) -> None:
    layout = SetLayout([{**row, "last_position": last} for row, last in zip(ROWS, LAST, strict=True)])
    assert list(layout.find_claims_at(position)) == claims


def test_a_set_without_claims_blames_nobody() -> None:
    assert list(SetLayout([]).find_claims_at(7)) == []
