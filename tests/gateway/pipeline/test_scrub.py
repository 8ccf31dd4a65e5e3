"""Received claims become ready, or are held with every reason and a work item that closes when they move on."""

from datetime import date
from typing import Any

from edi.claims import Address, Coverage, OtherPayer, Party, Reference
from edi.claims.details import Pricing
from gateway.db.claims import documents_of
from gateway.db.engine import reading
from gateway.domain.facts import Kind
from payers.rules import Rule
from tests.gateway.domain.samples import make_billing_provider, make_line, make_subscriber
from tests.support.worlds import PROFILES, SERVED, World, make_claim, make_claims

ANOTHER = make_line(service_from=SERVED, service_through=SERVED, charge_cents=12001)


def test_a_sound_claim_becomes_ready(world: World) -> None:
    world.take_in(make_claim("A1"))
    assert world.run("scrub") == {"scrub": 1}
    assert (world.states(), world.work()) == ({"A1": "ready"}, [])
    assert world.run("scrub") == {"scrub": 0}


def test_a_held_claim_has_all_its_findings_and_one_work_item(world: World) -> None:
    world.take_in(make_claim("A1", diagnoses=(), charge_cents=1))
    world.run("scrub")
    edits = {finding["edit"] for finding in world.facts("A1")[-1].data["findings"]}
    assert {"diagnosis-missing"} < edits
    assert world.states() == {"A1": "held"}
    assert world.work() == ["edits_failed"]
    assert "more" in world.sentences("edits_failed")[0]


def test_no_work_item_tells_who_the_patient_is(world: World) -> None:
    world.take_in(make_claim("A1", subscriber=make_subscriber(id="WRONGID", birth_date=None)))
    world.run("scrub")
    sentence = world.sentences("edits_failed")[0]
    assert not [secret for secret in ("TESTCASE", "INVENTED", "WRONGID") if secret in sentence]


def test_the_same_service_billed_again_is_held_and_names_the_other_claim(world: World) -> None:
    world.take_in(make_claim("A1"), make_claim("B2"))
    world.run("scrub")
    assert world.states() == {"A1": "ready", "B2": "held"}
    assert "A1" in world.sentences("edits_failed")[0]


def test_a_service_whose_first_claim_was_voided_is_no_duplicate(world: World) -> None:
    world.take_in(make_claim("A1"))
    world.decide("A1", Kind.VOIDED)
    world.take_in(make_claim("B2"), name="b.jsonl")
    world.run("scrub")
    assert world.states() == {"A1": "voided", "B2": "ready"}


def test_a_claim_that_no_profile_names_a_payer_for_is_held_and_goes_its_way_once_one_does(world: World) -> None:
    world.without_payers("blueharbor", "any_payer")
    world.take_in(make_claim("A1"))
    world.run("scrub", "batching")
    assert world.states() == {"A1": "held"}
    assert world.claim("A1")["partner"] == ""
    world.profiles = PROFILES
    world.turn(hours=1)
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.run("scrub")
    assert (world.claim("A1")["payer"], world.claim("A1")["partner"]) == ("blueharbor", "meridian")
    world.run("batching", "delivery")
    assert (world.states(), world.work(), world.broken()) == ({"A1": "sent"}, [], [])


def test_the_work_item_closes_when_the_claim_moves_on(world: World) -> None:
    world.take_in(make_claim("A1", diagnoses=()))
    world.run("scrub")
    world.turn(hours=1)
    world.decide("A1", Kind.RELEASED_BY_PERSON)
    assert (world.states(), world.work()) == ({"A1": "ready"}, [])
    item = world.rows("work_item")[0]
    assert (item["state"], item["closed_reason"]) == ("done", "the claim moved on")
    assert world.broken() == []


def test_a_claim_whose_837_would_break_the_guide_is_held(world: World) -> None:
    """The edits find a missing city as well; what only the guide finds is held like it: here a repricing method that is none."""
    no_city = make_billing_provider(address=Address(line1="100 EXAMPLE STREET", city="", state="OH", postal_code="430010001"))
    repriced = make_line(service_from=SERVED, charge_cents=100, pricing=Pricing(method="77", priced_cents=90))
    world.take_in(make_claim("A1", billing_provider=no_city), make_claim("A2", lines=(repriced,)))
    world.run("scrub", "batching")
    assert world.states() == {"A1": "held", "A2": "held"}
    assert "guide" in {finding["edit"] for finding in world.facts("A2")[-1].data["findings"]}


def test_a_claim_with_a_delimiter_in_its_text_is_held_and_the_others_go(world: World) -> None:
    star = make_claim("A1", subscriber=make_subscriber(last_name="TEST*CASE"))
    world.take_in(star, make_claim("A2", lines=(make_line(service_from=SERVED, charge_cents=100),)))
    world.run("scrub", "batching", "delivery")
    assert world.states() == {"A1": "held", "A2": "sent"}


def test_more_claims_than_one_chunk_are_all_scrubbed(world: World) -> None:
    world.take_in(*make_claims(*(f"A{number}" for number in range(260))))
    assert world.run("scrub") == {"scrub": 260}
    assert set(world.states().values()) == {"ready"}


def test_what_the_guide_lets_go_is_sent(world: World) -> None:
    """A payer bypassed since it covers nothing, an employer without a member id, a person of one name, supplies for weeks."""
    bypassed = OtherPayer(
        responsibility="P", relationship="18", claim_filing_indicator="CI", noncovered_cents=12000,
        subscriber=make_subscriber(birth_date=None, gender=""),
        payer=Party(role="PR", last_name="INVENTED FIRST PLAN", id_qualifier="PI", id="OTH01"),
    )  # fmt: skip
    second = Coverage(responsibility="S", claim_filing_indicator="CI")
    employer = make_subscriber(is_person=False, first_name="", birth_date=None, gender="", id="", id_qualifier="")
    worker = make_subscriber(role="QC", id="", id_qualifier="")
    ahead = make_line(service_from=SERVED, service_through=date(2026, 4, 20))
    world.take_in(
        make_claim("A8", coverage=second, other_payers=(bypassed,)),
        make_claim("WC", subscriber=employer, relationship="20", patient=worker),
        make_claim("ONE", subscriber=make_subscriber(first_name="", id="XQB000000018")),
        make_claim("DME", subscriber=make_subscriber(id="XQB000000019"), lines=(ahead,)),
    )
    world.run("scrub", "batching", "delivery")
    assert world.states() == dict.fromkeys(("A8", "WC", "ONE", "DME"), "sent")


def test_rules_ask_about_what_the_profile_fills_in_and_the_kept_document_has_none_of_it(world: World) -> None:
    theirs = {"payer.id": ["BHH01"], "coverage.claim_filing_indicator": ["CI"]}
    named = {"id": "sample-rule", "what": "Something is wrong.", "fix": "Mend it."}
    rule = Rule.model_validate({**named, "when": theirs, "require": ["claim.prior_authorization"]})
    world.change_payer(rules=(rule,), required=("coverage.claim_filing_indicator",))
    numbered = (Reference(qualifier="G1", value="A1001"),)
    bare: dict[str, Any] = {"payer": "bhh01", "coverage": Coverage()}
    world.take_in(make_claim("A1", **bare), make_claim("B2", references=numbered, lines=(ANOTHER,), **bare))
    world.run("scrub", "batching", "delivery")
    assert world.states() == {"A1": "held", "B2": "sent"}
    assert [finding["edit"] for finding in world.facts("A1")[-1].data["findings"]] == ["payer-rule-requires"]
    (content,) = world.wire.folders[world.profiles.partners["meridian"].upload.folder].values()
    assert b"SBR*P*18*******CI~" in content
    assert b"*PI*BHH01~" in content
    with reading(world.context.engine) as connection:
        kept = documents_of(connection, [(world.claim("B2")["id"], 1)])[world.claim("B2")["id"]]
    assert (kept.payer.id, kept.coverage.claim_filing_indicator) == ("bhh01", "")
    assert len(world.rows("claim_version")) == 2
