"""What a payer's rules set is repaired at scrub: a new version, a fact that says which rule and field, and no second time."""

from typing import Any

import msgspec
import pytest

from edi.claims import Coverage, Reference
from gateway.crashpoint import Mishap, arm
from gateway.db.claims import documents_of
from gateway.db.engine import reading
from gateway.desk.claim_view import view_claim
from gateway.domain.facts import Kind
from payers.rules import Rule
from tests.gateway.domain.samples import make_subscriber
from tests.gateway.pipeline.test_replacements import adjudicate, change
from tests.support.worlds import World, make_claim, make_claims

THEIR_KIND = {"coverage.claim_filing_indicator": "HM", "coverage.group_name": ""}
OURS = Coverage(claim_filing_indicator="CI", group_name="A GROUP")


def make_rule(name: str = "their-kind", **keys: Any) -> Rule:
    """A rule of this name that puts their kind of insurance, unless told otherwise."""
    keys = keys or {"set": THEIR_KIND}
    return Rule.model_validate({"id": name, "what": "Something is wrong.", "fix": "Mend it.", **keys})


TIDY_ID = make_rule("tidy-id", set={"subscriber.id": "=strip"})


def test_a_repaired_claim_is_a_new_version_with_a_fact_and_goes_its_way(world: World) -> None:
    world.change_payer(rules=(make_rule(),))
    world.take_in(make_claim("A1", coverage=OURS))
    world.run("scrub", "batching", "delivery")
    assert world.states() == {"A1": "sent"}
    first, second = world.rows("claim_version")
    assert (first["version"], second["version"], second["actor"]) == (1, 2, "")
    assert second["reason"] == (
        "rule their-kind of blueharbor: coverage.claim_filing_indicator; rule their-kind of blueharbor: coverage.group_name"
    )
    (content,) = world.wire.folders[world.profiles.partners["meridian"].upload.folder].values()
    assert b"SBR*P*18*******HM~" in content
    assert [fact.kind for fact in world.facts("A1")][:3] == [Kind.RECEIVED, Kind.REPAIRED, Kind.EDITS_PASSED]
    assert (world.claim("A1")["version"], world.broken()) == (2, [])


def test_the_history_says_which_rule_changed_which_field(world: World) -> None:
    world.change_payer(rules=(make_rule(),))
    world.take_in(make_claim("A1", coverage=OURS))
    world.run("scrub")
    steps = [step.text for step in view_claim(world.context, "A1").timeline]
    assert steps[1] == (
        "Repaired by rules of blueharbor, version 2: coverage.claim_filing_indicator by rule their-kind, "
        "coverage.group_name by rule their-kind"
    )


def test_no_fact_of_a_repair_holds_a_value(world: World) -> None:
    world.change_payer(rules=(TIDY_ID,))
    world.take_in(make_claim("A1", subscriber=make_subscriber(id="XQB-000000017")))
    world.run("scrub")
    assert world.states() == {"A1": "ready"}
    (fact,) = [fact for fact in world.facts("A1") if fact.kind is Kind.REPAIRED]
    assert fact.data == {"version": 2, "payer": "blueharbor", "repairs": [["tidy-id", "subscriber.id"]]}
    assert "XQB" not in world.rows("claim_version")[1]["reason"]


def test_a_claim_that_is_scrubbed_again_is_not_repaired_again(world: World) -> None:
    world.change_payer(rules=(make_rule(), TIDY_ID))
    world.take_in(make_claim("A1", coverage=OURS, subscriber=make_subscriber(id="XQB 000000017")))
    world.run("scrub")
    world.turn(hours=1)
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.run("scrub")
    assert (world.claim("A1")["version"], world.states()) == (2, {"A1": "ready"})
    assert [fact.kind for fact in world.facts("A1")].count(Kind.REPAIRED) == 1


def test_what_needs_no_repair_stays_as_it_came(world: World) -> None:
    world.change_payer(rules=(make_rule(when={"payer.id": ["BHH02"]}, set=THEIR_KIND),))
    world.take_in(make_claim("A1", coverage=OURS))
    world.run("scrub")
    assert (world.claim("A1")["version"], world.states()) == (1, {"A1": "ready"})


def test_a_repaired_claim_is_found_by_its_repaired_member_id_and_as_the_same_service(world: World) -> None:
    """The second claim came with the id written otherwise: it is the same service for the same patient all the same."""
    world.change_payer(rules=(TIDY_ID,))
    world.take_in(make_claim("A1", subscriber=make_subscriber(id="XQB-000000017")))
    world.run("scrub")
    assert world.claim("A1")["member_id"] == "XQB000000017"
    world.take_in(make_claim("B2", subscriber=make_subscriber(id="XQB 000000017")), name="b.jsonl")
    world.take_in(make_claim("C3", subscriber=make_subscriber(id="XQB000000017")), name="c.jsonl")
    world.run("scrub")
    assert world.states() == {"A1": "ready", "B2": "held", "C3": "held"}


def test_what_a_repair_does_not_mend_is_held_by_the_edits(world: World) -> None:
    world.change_payer(rules=(make_rule(), make_rule("note", require=["claim.note"])))
    world.take_in(make_claim("A1", coverage=OURS))
    world.run("scrub")
    assert (world.claim("A1")["version"], world.states(), world.work()) == (2, {"A1": "held"}, ["edits_failed"])
    assert "rule note of Blue Harbor Health" in world.sentences("edits_failed")[0]


def test_a_rule_that_cannot_be_applied_holds_the_claim_and_repairs_nothing(world: World) -> None:
    world.change_payer(rules=(make_rule("digits", set={"coverage.group_number": "=digits"}),))
    world.take_in(make_claim("A1", coverage=Coverage(group_number="LETTERS")))
    world.run("scrub")
    assert (world.claim("A1")["version"], world.states()) == (1, {"A1": "held"})
    said = world.sentences("edits_failed")[0]
    assert "rule digits of Blue Harbor Health cannot be applied: =digits leaves nothing of the value" in said
    assert "LETTERS" not in said


def test_a_claim_held_by_a_rule_goes_once_the_profile_is_mended_and_it_is_rechecked(world: World) -> None:
    world.change_payer(rules=(make_rule("note", require=["claim.note"]),))
    world.take_in(make_claim("A1"))
    world.run("scrub")
    assert world.states() == {"A1": "held"}
    world.change_payer(rules=())
    world.turn(hours=1)
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.run("scrub")
    assert (world.states(), world.work()) == ({"A1": "ready"}, [])


def test_a_void_is_sent_as_the_payer_has_the_claim(world: World) -> None:
    world.change_payer(rules=(make_rule(),))
    number = (Reference(qualifier="F8", value="PAYERS17"),)
    world.take_in(make_claim("A1", coverage=OURS, frequency="8", references=number))
    world.run("scrub")
    assert (world.claim("A1")["version"], world.states()) == (1, {"A1": "ready"})


def test_of_the_payers_rules_a_void_meets_those_that_name_voids(world: World) -> None:
    wanted = ["claim.prior_authorization"]
    world.change_payer(rules=(make_rule(require=wanted),), required=tuple(wanted))
    numbered = (Reference(qualifier="F8", value="PAYERS17"),)
    world.take_in(make_claim("A1", frequency="8", references=numbered))
    world.run("scrub")
    assert world.states() == {"A1": "ready"}
    world.change_payer(rules=(make_rule(when={"claim.frequency": ["7", "8"]}, require=wanted),))
    world.run("scrub")
    assert world.states() == {"A1": "held"}
    assert [finding["edit"] for finding in world.facts("A1")[-1].data["findings"]] == ["payer-rule-requires"]


def test_a_void_leaves_however_late_it_is(world: World) -> None:
    limits = world.profiles.payers["blueharbor"].timely_filing.model_copy(update={"corrected_days": 5})
    world.change_payer(timely_filing=limits)
    numbered = (Reference(qualifier="F8", value="PAYERS17"),)
    world.take_in(make_claim("A1", frequency="8", references=numbered), make_claim("B2", frequency="7", references=numbered))
    world.turn(days=30)
    world.run("scrub")
    assert world.states() == {"A1": "ready", "B2": "held"}


def test_a_void_that_the_payer_does_not_take_is_held(world: World) -> None:
    world.change_payer(takes_voids=False)
    world.take_in(make_claim("A1", frequency="8", references=(Reference(qualifier="F8", value="PAYERS17"),)))
    world.run("scrub")
    assert world.states() == {"A1": "held"}


def test_more_claims_than_one_chunk_are_repaired_each_once(world: World) -> None:
    world.change_payer(rules=(make_rule(),))
    world.take_in(*make_claims(*(f"A{number}" for number in range(260)), coverage=OURS))
    world.run("scrub")
    rows = world.rows("claim")
    assert {(row["state"], row["version"]) for row in rows} == {("ready", 2)}
    with reading(world.engine) as connection:
        documents = documents_of(connection, [(row["id"], row["version"]) for row in rows])
    assert {document.coverage for document in documents.values()} == {Coverage(claim_filing_indicator="HM")}


def test_what_fails_before_the_commit_leaves_nothing_and_the_next_run_repairs_once(world: World) -> None:
    world.change_payer(rules=(make_rule(),))
    world.take_in(make_claim("A1", coverage=OURS))
    arm("scrub.before_commit:exception")
    with pytest.raises(Mishap):
        world.run("scrub")
    assert (world.claim("A1")["version"], world.states()) == (1, {"A1": "received"})
    world.run("scrub")
    assert (world.claim("A1")["version"], world.states(), world.broken()) == (2, {"A1": "ready"}, [])


def test_the_repaired_document_differs_in_nothing_else(world: World) -> None:
    world.change_payer(rules=(make_rule(),))
    claim = make_claim("A1", coverage=OURS)
    world.take_in(claim)
    world.run("scrub")
    row = world.claim("A1")
    with reading(world.engine) as connection:
        document = documents_of(connection, [(row["id"], 2)])[row["id"]]
    assert document == msgspec.structs.replace(claim, coverage=Coverage(claim_filing_indicator="HM"))


def test_what_the_profile_fills_in_is_no_repair_and_repairs_ask_about_it(world: World) -> None:
    theirs = {"payer.id": ["BHH01"], "coverage.claim_filing_indicator": ["CI"]}
    filled = make_rule("filled", set={"payer.id": "=upper", "coverage.claim_filing_indicator": "CI"})
    world.change_payer(rules=(make_rule("tidy-id", when=theirs, set=TIDY_ID.set), filled))
    world.take_in(make_claim("A1", payer="bhh01", coverage=Coverage(), subscriber=make_subscriber(id="XQB-000000017")))
    world.run("scrub")
    assert world.states() == {"A1": "ready"}
    first, second = world.rows("claim_version")
    assert second["reason"] == "rule tidy-id of blueharbor: subscriber.id"
    with reading(world.context.engine) as connection:
        (kept,) = documents_of(connection, [(world.claim("A1")["id"], 2)]).values()
    assert (kept.payer.id, kept.coverage, kept.subscriber.id) == ("bhh01", Coverage(), "XQB000000017")
    assert (first["version"], world.broken()) == (1, [])


def test_a_replacement_is_repaired_as_one_though_its_document_came_as_an_original(world: World) -> None:
    adjudicate(world, "A1")
    world.change_payer(rules=(make_rule(when={"claim.frequency": ["7"]}, set=THEIR_KIND),))
    change(world, place_of_service="22")
    world.run("scrub")
    assert world.rows("claim_version")[-1]["reason"].startswith("rule their-kind of blueharbor: coverage")
