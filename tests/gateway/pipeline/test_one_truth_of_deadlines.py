"""An answer's deadline is what the profiles say on the day of asking; only the final answer's is kept, with the claim."""

from datetime import UTC, datetime

from gateway.domain.facts import Kind
from tests.support.worlds import MERIDIAN, World, make_claim


def test_a_mended_profile_counts_for_what_was_sent_before(world: World) -> None:
    """Sent on Monday 2 March with a 999 due on Tuesday, which the partner turns out to need four business days for."""
    world.send(make_claim("A1"))
    answers = world.profiles.partners[MERIDIAN].answers.model_copy(update={"ack_999_business_days": 4})
    world.change_partner(answers=answers)
    world.clock.turn_to(datetime(2026, 3, 3, 13, tzinfo=UTC))
    world.run("followup")
    assert world.work() == []
    world.clock.turn_to(datetime(2026, 3, 6, 13, tzinfo=UTC))
    world.run("followup")
    assert any("have not had a 999" in sentence for sentence in world.sentences("missing_answer"))


def test_a_fact_keeps_no_deadline_that_nobody_reads(world: World) -> None:
    world.send(make_claim("A1"))
    (sent,) = (fact for fact in world.facts("A1") if fact.kind is Kind.SENT)
    assert sent.data == {"batch_id": 1, "overdue_at": "2026-04-01T12:00:00+00:00"}
