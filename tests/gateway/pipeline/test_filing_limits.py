"""The payer's last day for a claim drives the queue: it is every held or rejected item's due date, and its nearness is told."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from edi.claims import Coverage, OtherPayer, Party
from gateway.desk import claim_commands, work_list
from gateway.pipeline.refusal import refuse_batch
from tests.gateway.domain.samples import adjust, make_line, make_subscriber
from tests.gateway.pipeline.test_whole_way import paid_in_full
from tests.support.worlds import PROFILES, SERVED, World, make_claim, make_claims, say

LAST_DAY = date(2026, 8, 19)
"""Of claims served on 20 February for Blue Harbor, which takes them for 180 days."""


def turn_to(world: World, month: int, day: int) -> None:
    world.clock.turn_to(datetime(2026, month, day, 12, tzinfo=UTC))


def near(world: World) -> list[str]:
    """What followup says of filing limits."""
    world.run("followup")
    return world.sentences("filing_limit_near")


@pytest.mark.parametrize(
    ("changes", "deadline"),
    [({}, LAST_DAY), ({"payer": "UNKNOWN"}, date(2027, 2, 20)), ({"delay_reason": "1"}, None), ({"frequency": "7"}, None)],
    ids=["of its payer", "of the payer that takes all others", "excused by a delay reason", "no original"],
)
def test_a_claim_keeps_the_last_day_its_payer_takes_it(world: World, changes: dict[str, Any], deadline: date | None) -> None:
    world.take_in(make_claim("A1", **changes))
    assert world.claim("A1")["filing_deadline"] == deadline


def test_a_correction_and_another_route_bring_their_own_last_day(world: World) -> None:
    world.without_payers("any_payer", "blueharbor")
    document = make_claim("A1")
    world.take_in(document)
    assert world.claim("A1")["filing_deadline"] is None
    world.profiles = PROFILES
    world.run("scrub")
    assert world.claim("A1")["filing_deadline"] == LAST_DAY
    excused = msgspec.structs.replace(document, delay_reason="1")
    claim_commands.correct(world.context, "A1", excused, actor="ann", reason="late for a cause")
    assert world.claim("A1")["filing_deadline"] is None


def test_a_held_claims_item_is_due_on_its_last_day(world: World) -> None:
    world.take_in(make_claim("A1", diagnoses=()))
    world.run("scrub")
    (item,) = world.rows("work_item", kind="edits_failed")
    assert item["due_at"] == datetime(2026, 8, 19, tzinfo=UTC)


def test_a_claim_taken_out_of_its_batch_is_due_on_its_last_day(world: World) -> None:
    world.take_in(make_claim("A1"))
    world.run("scrub")
    refuse_batch(world.context, {world.claim("A1")["id"]: "it cannot be read back"})
    (item,) = world.rows("work_item", kind="edits_failed")
    assert item["due_at"] == datetime(2026, 8, 19, tzinfo=UTC)


def test_of_two_held_claims_the_one_that_expires_first_comes_first(world: World) -> None:
    """Both of the same worth; Northstar's limit is 90 days, Blue Harbor's 180."""
    turn_to(world, 5, 15)
    world.take_in(make_claim("B1", diagnoses=()), make_claim("N1", payer="NSP77", diagnoses=()))
    world.run("scrub")
    items = work_list.list_items(world.context, kind=None, owner=None, closed_too=False)
    assert [item.due_at.date() for item in items if item.due_at] == [date(2026, 5, 21), LAST_DAY]


def test_a_claim_that_has_not_left_is_told_in_its_last_fortnight_and_no_longer_once_it_is_sent(world: World) -> None:
    turn_to(world, 8, 4)
    world.take_in(make_claim("A1"))
    assert near(world) == []
    turn_to(world, 8, 5)
    (sentence,) = near(world)
    assert "2026-08-19" in sentence
    assert "14 days left" in sentence
    (item,) = world.rows("work_item", kind="filing_limit_near")
    assert (item["due_at"], item["amount_cents"]) == (datetime(2026, 8, 19, tzinfo=UTC), 12000)
    world.run("scrub", "batching", "followup")
    assert world.work() == ["filing_limit_near"]
    world.run("delivery")
    assert (world.work(), world.broken()) == ([], [])


def test_a_claim_rejected_in_its_last_fortnight_is_told(world: World) -> None:
    turn_to(world, 8, 10)
    world.send(make_claim("A1"))
    world.hear(world.ack_277ca("AY", say("A1", "A3")))
    (sentence,) = near(world)
    assert "rejected" in sentence
    assert "9 days left" in sentence


def test_a_last_day_that_passed_is_told_no_more(world: World) -> None:
    turn_to(world, 8, 19)
    world.take_in(make_claim("A1", diagnoses=()))
    world.run("scrub")
    assert len(near(world)) == 1
    turn_to(world, 8, 20)
    assert near(world) == []
    assert world.work() == ["edits_failed"]
    (item,) = world.rows("work_item", kind="filing_limit_near")
    assert (item["closed_by"], item["closed_reason"]) == ("", "its last day has passed, or another holds")
    assert world.broken() == []


NEW_YORK_EVENING = datetime(2026, 8, 20, 1, tzinfo=UTC)
"""Nine in the evening of the last day where the partner is; by UTC it has passed an hour ago."""


def test_the_last_day_ends_where_the_partner_is(world: World) -> None:
    world.clock.turn_to(NEW_YORK_EVENING)
    world.take_in(make_claim("A1"))
    world.run("scrub")
    assert world.states() == {"A1": "ready"}
    world.clock.turn_to(datetime(2026, 8, 20, 4, tzinfo=UTC))
    world.take_in(make_claim("A2", lines=(make_line(service_from=SERVED, charge_cents=12500),)))
    world.run("scrub")
    assert world.states() == {"A1": "ready", "A2": "held"}


def test_the_last_day_begins_where_the_partner_is(world: World) -> None:
    """In Guam it has passed while it is still the last one by UTC."""
    world.change_table("timetable", time_zone="Pacific/Guam")
    world.clock.turn_to(datetime(2026, 8, 19, 15, tzinfo=UTC))
    world.take_in(make_claim("A1"))
    world.run("scrub")
    assert world.states() == {"A1": "held"}
    assert near(world) == []


def test_a_last_day_is_told_until_it_ends_where_the_partner_is(world: World) -> None:
    world.clock.turn_to(NEW_YORK_EVENING)
    world.take_in(make_claim("A1", diagnoses=()))
    (sentence,) = near(world)
    assert "0 days left" in sentence
    world.clock.turn_to(datetime(2026, 8, 20, 4, tzinfo=UTC))
    assert near(world) == []


def test_a_last_fortnight_begins_where_the_partner_is(world: World) -> None:
    world.clock.turn_to(datetime(2026, 8, 5, 3, tzinfo=UTC))
    world.take_in(make_claim("A1"))
    assert near(world) == []
    world.clock.turn_to(datetime(2026, 8, 5, 5, tzinfo=UTC))
    (sentence,) = near(world)
    assert "14 days left" in sentence


def test_a_claim_with_the_payer_or_void_has_no_limit_any_more(world: World) -> None:
    turn_to(world, 8, 10)
    world.send(make_claim("A1"))
    world.hear(world.pay(paid_in_full("A1")))
    world.take_in(*make_claims("V1", "V2"))
    claim_commands.void(world.context, "V1", actor="ann", reason="not ours")
    (sentence,) = near(world)
    assert world.claim("V2")["pcn"] in sentence
    claim_commands.void(world.context, "V2", actor="ann", reason="not ours")
    assert (world.sentences("filing_limit_near"), world.broken()) == ([], [])


def test_a_claim_that_an_earlier_payer_decided_has_no_limit_where_its_payer_says_never(world: World) -> None:
    """Served long ago: as an original it would have expired."""
    limits = world.profiles.payers["blueharbor"].timely_filing
    world.change_payer(timely_filing=limits.model_copy(update={"original_days": 90, "secondary_days": None}))
    first = OtherPayer(
        responsibility="P", relationship="18", claim_filing_indicator="CI", paid_cents=8000, paid_date=date(2026, 2, 27),
        adjustments=(adjust("CO 45", 2000), adjust("PR 2", 2000)), subscriber=make_subscriber(birth_date=None, gender=""),
        payer=Party(role="PR", last_name="INVENTED FIRST PLAN", id_qualifier="PI", id="OTH01"),
    )  # fmt: skip
    first_day, next_day = (make_line(service_from=day, service_through=day) for day in (date(2025, 11, 10), date(2025, 11, 11)))
    second = Coverage(responsibility="S", claim_filing_indicator="CI")
    undecided = msgspec.structs.replace(first, responsibility="S", paid_cents=None, adjustments=(), paid_date=None)
    world.take_in(
        make_claim("S1", coverage=second, other_payers=(first,), lines=(first_day,)),
        make_claim("P1", other_payers=(undecided,), lines=(next_day,)),
    )
    assert [world.claim(pcn)["filing_deadline"] for pcn in ("S1", "P1")] == [None, date(2026, 2, 9)]
    world.run("scrub")
    assert world.states() == {"S1": "ready", "P1": "held"}
