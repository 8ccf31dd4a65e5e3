"""A claim that is known already and comes otherwise than it is kept: it is not changed, and that is said."""

import msgspec

from edi.claims import Diagnosis
from gateway.desk import claim_commands
from gateway.pipeline.intake import Received
from tests.support.worlds import World, make_claim

BEFORE = make_claim("A1")
AFTER = msgspec.structs.replace(BEFORE, diagnoses=(Diagnosis(qualifier="ABK", code="E119"),))


def told(report: Received) -> list[tuple[str, str]]:
    return [(remark.position, remark.message) for remark in report.remarks]


def test_a_known_claim_that_came_with_another_diagnosis_is_told_with_what_to_do(world: World) -> None:
    world.take_in(BEFORE)
    report = world.take_in(AFTER, name="corrected.jsonl")
    assert (report.new, report.known, report.refused, report.remark_count) == (0, 1, 0, 1)
    ((position, message),) = told(report)
    assert position == "claim A1"
    pcn = world.claim("A1")["pcn"]
    assert message.startswith(f"it is known as {pcn} and was not changed, though it came with other diagnoses; ")
    assert f"claims correct {pcn} " in message


def test_the_same_claim_again_is_nothing_to_tell(world: World) -> None:
    world.take_in(BEFORE)
    assert told(world.take_in(BEFORE, name="again.jsonl")) == []


def test_two_that_differ_in_one_file_keep_the_first_and_tell_the_second(world: World) -> None:
    report = world.take_in(BEFORE, AFTER)
    assert (report.new, report.known) == (1, 1)
    assert ["other diagnoses" in message for _, message in told(report)] == [True]
    assert '"J069"' in world.rows("claim_version")[0]["document"]


def test_neither_the_claim_as_it_came_nor_as_it_was_corrected_is_news(world: World) -> None:
    """The source may or may not have been corrected, too."""
    world.take_in(BEFORE)
    claim_commands.correct(world.context, "A1", AFTER, actor="ann", reason="wrong diagnosis")
    assert told(world.take_in(BEFORE, name="again.jsonl")) == []
    assert told(world.take_in(AFTER, name="corrected.jsonl")) == []


def test_a_claim_that_was_given_up_is_not_taken_for_one_under_way(world: World) -> None:
    world.take_in(BEFORE)
    claim_commands.void(world.context, "A1", actor="ann", reason="entered by mistake")
    report = world.take_in(BEFORE, name="again.jsonl")
    assert ["void for good" in message for _, message in told(report)] == [True]
