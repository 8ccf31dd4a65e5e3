"""A rejection is as urgent as the payer's last day for the claim is near, whoever rejected it and on whatever level."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.gateway.domain.samples import make_line, make_subscriber
from tests.support.worlds import SERVED, World, blame, make_claim, say

LAST_DAY = datetime(2026, 5, 21, tzinfo=UTC)
"""Of the claim to Northstar, 90 days from 20 February; Blue Harbor takes the other one until August."""


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda world: world.ta1("R", "025"), id="TA1"),
        pytest.param(lambda world: world.ack_999("R", blame(pcn="N1")), id="999"),
        pytest.param(lambda world: world.ack_277ca("AY", say("N1", "A3")), id="277CA, listed"),
        pytest.param(lambda world: world.ack_277ca("AY", say("", "A8", level="receiver")), id="277CA, whole set"),
    ],
)
def test_a_rejected_claims_item_is_due_on_its_last_day(world: World, answer: Callable[[World], bytes]) -> None:
    soon = make_claim("N1", payer="NSP77", subscriber=make_subscriber(id="00000024-01"))
    later = make_claim("B1", lines=(make_line(service_from=SERVED, service_through=SERVED, charge_cents=12001),))
    world.send(soon, later)
    assert len(world.rows("batch")) == 1
    world.hear(answer(world))
    due = [row["due_at"] for row in world.rows("work_item", kind="rejected")]
    assert due
    assert due[0] == LAST_DAY


def test_a_whole_batch_without_limits_has_no_due_date(world: World) -> None:
    world.send(make_claim("A1", delay_reason="1"))
    world.hear(world.ta1("R", "025"))
    assert [row["due_at"] for row in world.rows("work_item", kind="rejected")] == [None]
