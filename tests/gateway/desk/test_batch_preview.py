"""The preview says what batching then does, and changes nothing."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from gateway.clock import TurnedClock
from gateway.desk.batch_preview import Preview, preview_batches
from gateway.domain.facts import Kind
from gateway.errors import Refused
from payers.profile import Profiles
from tests.gateway.domain.samples import make_billing_provider, make_line, make_subscriber
from tests.support.worlds import PROFILES, SERVED, World, make_claim, make_claims


@pytest.fixture
def world(fresh_engine: Engine, tmp_path: Path, clock: TurnedClock) -> World:
    """A gateway of the sample profiles, at noon of Monday 2 March 2026."""
    return World(fresh_engine, tmp_path / "archive", clock)


def prepare(world: World, *pcns: str) -> None:
    world.take_in(*make_claims(*pcns))
    world.run("scrub")


def tell(preview: Preview) -> list[tuple[str, int, int]]:
    return [(file.name, file.claims, file.charge_cents) for file in preview.files]


@pytest.mark.parametrize("separate", ["no", "set", "interchange"])
def test_what_is_foreseen_is_what_is_made(world: World, separate: str) -> None:
    world.change_table("batching", claims_per_set_max=2, sets_per_interchange_max=2, separate_practices=separate)
    npis = ("1999999984", "1234567893", "1245319599")
    for place in range(11):
        provider = make_billing_provider(id=npis[place % 3])
        line = make_line(service_from=SERVED, service_through=SERVED, charge_cents=1000 + place)
        world.take_in(make_claim(f"A{place}", billing_provider=provider, lines=(line,)), name=f"{place}.jsonl")
    world.run("scrub")
    foreseen = preview_batches(world.context)
    world.run("batching")
    assert tell(foreseen) == [(row["remote_name"], row["claim_count"], row["charge_cents"]) for row in world.rows("batch")]
    assert [file.sets for file in foreseen.files] == [
        len(world.rows("batch_set", batch_id=row["id"])) for row in world.rows("batch")
    ]
    assert preview_batches(world.context).files == []


def test_a_preview_draws_no_number_and_writes_nothing(world: World) -> None:
    prepare(world, "A1")
    before = {table: world.rows(table) for table in ("claim", "event", "batch", "file", "work_item")}
    assert tell(preview_batches(world.context)) == tell(preview_batches(world.context)) != []
    assert {table: world.rows(table) for table in before} == before
    world.run("batching")
    assert world.rows("batch")[0]["isa_control_number"] == 1


def test_each_file_names_its_nearest_filing_limit_and_the_cutoff_it_is_for(world: World) -> None:
    world.change_table("timetable", cutoffs=("17:00",), lead_minutes=30)
    prepare(world, "A1", "A2")
    (file,) = preview_batches(world.context, "meridian").files
    assert file.filing_limit == world.claim("A1")["filing_deadline"]
    assert file.filing_limit is not None
    assert file.filing_limit > date(2026, 3, 2)
    assert (file.cutoff_at, file.made_at) == (world.clock.now().replace(hour=22), world.clock.now().replace(hour=21, minute=30))
    assert "17:00" in file.cutoff
    assert preview_batches(world.context, "lakeside").files == []


def test_what_stays_behind_is_told_with_its_reasons(world: World) -> None:
    world.take_in(
        make_claim("BAD", subscriber=make_subscriber(id="x")), make_claim("A1", lines=(make_line(service_from=SERVED),))
    )
    world.run("scrub")
    world.turn(minutes=1)
    world.decide("A1", Kind.HELD_BY_PERSON)
    world.take_in(make_claim("NEW", lines=(make_line(service_from=SERVED, charge_cents=700),)))
    staying = {(each.claims, each.why) for each in preview_batches(world.context).staying}
    assert (1, "received: the edits look at it next") in staying
    ((count, why),) = staying - {(1, "received: the edits look at it next")}
    assert count == 2
    assert "member-id" in why
    assert "held by a person 1" in why


def test_claims_with_no_way_or_of_a_kind_the_partner_does_not_take_are_told(world: World) -> None:
    prepare(world, "A1")
    world.change_table("versions", professional="")
    (one,) = preview_batches(world.context).staying
    assert "takes no 837P" in one.why
    payer = PROFILES.payers["blueharbor"].model_copy(update={"partner": "lakeside"})
    world.profiles = Profiles(partners=PROFILES.partners, payers={**PROFILES.payers, "blueharbor": payer})
    preview = preview_batches(world.context)
    assert (preview.files, len(preview.staying)) == ([], 1)
    assert "routed by lakeside" in preview.staying[0].why


def test_a_partner_that_no_profile_has_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="no partner nowhere"):
        preview_batches(world.context, "nowhere")
