"""The same service for the same patient by the same provider goes out once, unless a person or a modifier says so."""

from datetime import date

import msgspec
import pytest
from sqlalchemy import insert

from edi.claims import Adjustment, Claim, Coverage, OtherPayer, Party, Reference
from gateway.db import claims as claim_rows
from gateway.db.engine import writing
from gateway.db.tables import claim_version
from gateway.domain.facts import Kind
from tests.gateway.domain.samples import make_line, make_subscriber
from tests.support.statements import statements_of
from tests.support.worlds import SERVED, World, blame, make_claim, make_claims


def take(world: World, *claims: Claim) -> None:
    """Claims in a file of their own, checked."""
    world.take_in(*claims, name=f"{claims[0].patient_control_number}.jsonl")
    world.run("scrub")


def visit(pcn: str, **line: object) -> Claim:
    return make_claim(pcn, lines=(make_line(**{"service_from": SERVED, "service_through": SERVED, **line}),))


@pytest.mark.parametrize("charge_cents", [12000, 12500])
def test_a_visit_that_was_sent_is_held_when_it_comes_again_whatever_it_costs(world: World, charge_cents: int) -> None:
    world.send(visit("D1"))
    take(world, visit("D2", charge_cents=charge_cents))
    assert world.states() == {"D1": "sent", "D2": "held"}
    (sentence,) = world.sentences("edits_failed")
    assert "Line 1 (99213) is the same service by the same provider as in another claim: D1 (sent)." in sentence


def test_a_visit_that_comes_again_with_another_line_is_held_and_the_line_is_named(world: World) -> None:
    world.send(visit("D1"))
    lines = [make_line(service_from=SERVED, procedure=code, control_number=code) for code in ("36415", "99213")]
    take(world, make_claim("D2", lines=tuple(lines)))
    assert world.states() == {"D1": "sent", "D2": "held"}
    (found,) = world.facts("D2")[-1].data["findings"]
    assert (found["edit"], found["line"], found["field"]) == ("duplicate-claim", 2, "lines[1].procedure (2400 SV1)")


def test_other_services_of_the_day_and_the_same_of_another_day_go(world: World) -> None:
    world.send(visit("D1"))
    other_day = date(2026, 2, 19)
    take(
        world, visit("D2", procedure="36415"), visit("D3", service_from=other_day, service_through=other_day),
        visit("D4", modifiers=("76",)), make_claim("D5", subscriber=make_subscriber(first_name="ANOTHER")),
    )  # fmt: skip
    assert world.states() == {"D1": "sent", "D2": "ready", "D3": "ready", "D4": "ready", "D5": "ready"}


def test_a_claim_to_the_second_payer_duplicates_none_to_the_first(world: World) -> None:
    world.send(make_claim("S1"))
    first = OtherPayer(
        responsibility="P", relationship="18", claim_filing_indicator="CI", paid_cents=8000, paid_date=date(2026, 2, 25),
        adjustments=(Adjustment(group="PR", reason="2", amount_cents=4000),),
        payer=Party(role="PR", last_name="BLUE HARBOR", id_qualifier="PI", id="BHH01"),
        subscriber=Party(role="IL", is_person=True, last_name="TESTCASE", first_name="INVENTED", id_qualifier="MI", id="X1"),
    )  # fmt: skip
    take(world, make_claim("S2", payer="OTHER1", coverage=Coverage(responsibility="S"), other_payers=(first,)))
    assert "duplicate-claim" not in str(world.facts("S2")[-1].data)


def test_a_claim_that_was_rejected_keeps_no_new_one_back_and_is_held_itself_when_it_comes_again(world: World) -> None:
    world.send(*make_claims("A", "B"))
    world.hear(world.ack_999("R", blame(pcn=world.claim("A")["pcn"])))
    assert world.states()["A"] == "rejected"
    take(world, make_claims("A2")[0])
    assert world.states()["A2"] == "ready"
    world.turn(hours=1)
    world.decide("A", Kind.REOPENED, next_attempt=True)
    world.run("scrub")
    assert (world.states()["A"], world.states()["A2"]) == ("held", "ready")


def test_of_two_that_come_together_the_first_goes_unless_another_edit_holds_it(world: World) -> None:
    take(world, visit("A1"), visit("A2", charge_cents=1))
    take(world, *(msgspec.structs.replace(each, diagnoses=()) if n == 0 else each for n, each in enumerate(pair())))
    assert world.states() == {"A1": "ready", "A2": "held", "B1": "held", "B2": "ready"}


def pair() -> list[Claim]:
    patient = make_subscriber(first_name="ANOTHER")
    return [make_claim(pcn, subscriber=patient) for pcn in ("B1", "B2")]


def test_a_release_for_another_reason_lets_no_duplicate_go_that_the_person_was_not_told_of(world: World) -> None:
    """A1 is held for want of a diagnosis while A2 leaves; a person who lets A1 go nevertheless is told of A2 first."""
    take(world, make_claim("A1", diagnoses=()))
    take(world, make_claim("A2"))
    world.run("batching")
    with writing(world.engine) as connection:
        claim_rows.add_version(
            connection, world.claim("A1")["id"], make_claim("A1"), columns={}, actor="ann", reason="test", now=world.clock.now()
        )
    world.turn(hours=1)
    world.decide("A1", Kind.RELEASED_BY_PERSON)
    world.run("batching")
    assert world.states() == {"A1": "held", "A2": "batched"}
    world.turn(hours=1)
    world.decide("A1", Kind.RELEASED_BY_PERSON)
    world.run("batching")
    assert world.states() == {"A1": "batched", "A2": "batched"}


def test_a_replacement_is_no_duplicate_of_what_it_replaces(world: World) -> None:
    world.send(make_claim("A1"))
    take(world, make_claim("A7", frequency="7", references=(Reference(qualifier="F8", value="PAYERS17"),)))
    assert world.states() == {"A1": "sent", "A7": "ready"}


def test_a_claim_whose_document_cannot_be_read_any_more_keeps_its_patients_back_and_nobody_else(world: World) -> None:
    world.send(make_claim("A1"))
    with writing(world.engine) as connection:
        row = world.claim("A1")
        values = {"claim_id": row["id"], "version": 2, "document": "{}", "created_at": world.clock.now()}
        connection.execute(insert(claim_version).values(values))
        claim_rows.set_sending(connection, row["id"], version=2)
    take(world, visit("A2", procedure="36415"), make_claim("B1", subscriber=make_subscriber(first_name="ANOTHER")))
    assert world.states() == {"A1": "sent", "A2": "held", "B1": "ready"}
    assert "cannot be read as it is kept, and may bill the same: A1 (sent)" in world.sentences("edits_failed")[0]


def test_no_document_of_another_claim_is_read_where_no_day_is_the_same(world: World) -> None:
    other_day = date(2026, 2, 19)
    world.send(visit("A1", service_from=other_day, service_through=other_day))
    world.take_in(visit("A2"))
    with statements_of(world.engine) as ran:
        world.run("scrub", "batching")
    assert world.states() == {"A1": "sent", "A2": "batched"}
    read = [statement for statement, *_ in ran if statement.startswith("SELECT") and "claim_version.document" in statement]
    assert len(read) == 2, "its own, once in scrub and once in batching"
