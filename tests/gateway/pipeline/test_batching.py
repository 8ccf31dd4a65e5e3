"""Ready claims become batches: each in one place, under numbers of its own, in bytes that read back as they were meant."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from edi.claims import Claim
from edi.interchange import Reader
from edi.transactions import t837p
from edi.transactions.t837p import ReadClaim
from gateway.clock import TurnedClock
from gateway.db import claims as claim_rows
from gateway.db.engine import open_database, writing
from gateway.domain.facts import Kind
from gateway.pipeline import batching
from gateway.pipeline.outgoing import address
from payers.profile import Profiles
from tests.gateway.domain.samples import make_billing_provider, make_line, make_subscriber
from tests.support.racing import run_at_once
from tests.support.worlds import MERIDIAN, PROFILES, SERVED, World, make_claim, make_claims


def claims_sent(world: World, batch: int = 0) -> list[list[ReadClaim]]:
    """What the bytes of a batch say, set by set."""
    file = world.rows("file", id=world.rows("batch")[batch]["file_id"])[0]
    reader = Reader(world.archive.open(file["sha256"]))
    return [[item for item in t837p.read(tset) if isinstance(item, ReadClaim)] for tset in reader]


def prepare(world: World, *claims: Claim) -> None:
    world.take_in(*claims)
    world.run("scrub")


def put_in_place(world: World, pcn: str, document: Claim) -> None:
    """Another document as the claim's next version, past every check: what a bug, or a hand in the database, would do."""
    with writing(world.engine) as connection:
        claim_rows.add_version(
            connection, world.claim(pcn)["id"], document, columns={}, actor="bug", reason="test", now=world.clock.now()
        )


def test_a_batch_has_its_claims_its_numbers_and_its_name(world: World) -> None:
    prepare(world, *make_claims("A1", "A2"))
    assert world.run("batching") == {"batching": 2}
    (batch,) = world.rows("batch")
    assert (batch["claim_count"], batch["charge_cents"], batch["state"]) == (2, 24001, "queued")
    assert batch["remote_name"] == f"CW{batch['isa_control_number']:09d}.837"
    first, second = world.rows("submission")
    assert first["trace"] != second["trace"]
    assert first["last_position"] < second["first_position"]
    assert set(world.states().values()) == {"batched"}
    assert world.broken() == []


def test_what_is_sent_is_the_claim_with_our_numbers_and_nothing_else_changed(world: World) -> None:
    prepare(world, make_claim("with-dashes"))
    world.run("batching")
    row, submission = world.claim("with-dashes"), world.rows("submission")[0]
    ((read,),) = claims_sent(world)
    document = make_claim("with-dashes")
    payer = PROFILES.payers["blueharbor"]
    meant = address(document, pcn=row["pcn"], trace=submission["trace"], payer=payer, profiles=PROFILES)
    assert read.claim == meant
    assert (read.first_position, read.last_position) == (submission["first_position"], submission["last_position"])


def test_sets_are_split_at_the_partners_limit_and_batches_at_five_sets(world: World) -> None:
    world.change_table("batching", claims_per_set_max=2)
    prepare(world, *make_claims(*(f"A{number}" for number in range(11))))
    assert world.run("batching") == {"batching": 11}
    assert [[len(one) for one in claims_sent(world, batch)] for batch in (0, 1)] == [[2, 2, 2, 2, 2], [1]]
    sets = world.rows("batch_set")
    assert len({row["reference"] for row in sets}) == len({row["st_control_number"] for row in sets}) == 6
    assert world.broken() == []


def test_claims_of_one_practice_stand_together(world: World) -> None:
    practices = [make_billing_provider(id=npi, last_name=npi) for npi in ("1999999984", "1234567893")]
    claims = [make_claim(f"A{n}", billing_provider=practices[n % 2], lines=(line(n),)) for n in range(6)]
    prepare(world, *claims)
    world.run("batching")
    npis = [read.claim.billing_provider.id for read in claims_sent(world)[0] if read.claim]
    assert npis == sorted(npis)


def line(number: int) -> object:
    return make_line(service_from=SERVED, service_through=SERVED, charge_cents=1000 + number, modifiers=("59",))


def test_two_addresses_of_one_practice_in_turn_read_back_in_the_order_they_were_meant(world: World) -> None:
    one, other = (make_billing_provider(last_name=name) for name in ("FIRST NAME", "SECOND NAME"))
    prepare(world, *(make_claim(f"A{n}", billing_provider=(one, other)[n % 2], lines=(line(n),)) for n in range(4)))
    assert world.run("batching") == {"batching": 4}
    assert [read.claim.patient_control_number for read in claims_sent(world)[0] if read.claim] == ["A0", "A1", "A2", "A3"]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"subscriber": make_subscriber(last_name="TEST*CASE")}, id="a delimiter in a name"),
        pytest.param({"diagnoses": ()}, id="no diagnosis"),
        pytest.param({"lines": ()}, id="no service line"),
        pytest.param({"related_causes": ("",)}, id="something that is not there when it is read back"),
        pytest.param({"subscriber": make_subscriber(last_name="MÜLLER Ł")}, id="a letter that Latin 1 has not"),
    ],
)
def test_a_claim_that_cannot_be_written_or_read_back_is_held_and_the_batch_goes_without_it(
    world: World, changes: dict[str, object]
) -> None:
    prepare(world, *make_claims("A1", "A2", "A3"))
    put_in_place(world, "A2", msgspec.structs.replace(make_claim("A2"), **changes))
    world.run("batching")
    assert world.states() == {"A1": "batched", "A2": "held", "A3": "batched"}
    assert world.work() == ["edits_failed"]
    assert world.rows("batch")[0]["claim_count"] == 2
    assert world.broken() == []


def test_a_claim_released_and_refused_again_is_held_again_and_no_run_goes_on_for_ever(world: World) -> None:
    prepare(world, make_claim("A1"))
    put_in_place(world, "A1", make_claim("A1", diagnoses=()))
    for _ in range(3):
        world.run("batching")
        assert (world.states(), world.work()) == ({"A1": "held"}, ["edits_failed"])
        world.turn(minutes=1)
        world.decide("A1", Kind.RELEASED_BY_PERSON)
    assert world.rows("batch") == []


def test_a_ready_claim_whose_payer_has_lost_its_profile_is_held_and_not_forgotten(world: World) -> None:
    prepare(world, make_claim("A1"), make_claim("A2", payer="NSP77", subscriber=make_subscriber(id="00000024-01")))
    world.without_payers("blueharbor", "any_payer")
    world.run("batching")
    assert world.states() == {"A1": "held", "A2": "batched"}
    assert world.broken() == []


def test_a_ready_claim_whose_payer_is_now_reached_by_another_partner_goes_there(world: World) -> None:
    prepare(world, make_claim("A1"))
    payer = PROFILES.payers["blueharbor"].model_copy(update={"partner": "lakeside"})
    world.profiles = Profiles(partners=PROFILES.partners, payers={**PROFILES.payers, "blueharbor": payer})
    world.run("batching", "delivery")
    assert [row["partner"] for row in world.rows("batch")] == ["lakeside"]
    assert (world.states(), world.broken()) == ({"A1": "sent"}, [])


def test_the_charge_is_booked_when_a_claim_first_leaves_and_afterwards_only_what_a_correction_changes(world: World) -> None:
    prepare(world, make_claim("A1"))
    assert world.balances() == {}
    world.run("batching")
    assert world.balances() == {"insurance_receivable": 12000, "charges": -12000}
    again = make_claim("A1", lines=(line(500),))
    put_in_place(world, "A1", again)
    with writing(world.engine) as connection:
        columns = {"charge_cents": 1500}
        claim_rows.add_version(
            connection, world.claim("A1")["id"], again, columns=columns, actor="", reason="", now=world.clock.now()
        )
    world.turn(hours=1)
    world.decide("A1", Kind.CORRECTED, next_attempt=True)
    world.run("scrub", "batching")
    assert world.balances() == {"insurance_receivable": 1500, "charges": -1500}
    world.turn(hours=1)
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.run("scrub", "batching")
    assert world.balances() == {"insurance_receivable": 1500, "charges": -1500}
    assert len({row["trace"] for row in world.rows("submission")}) == 3
    assert world.broken() == []


def test_a_build_that_fails_leaves_nothing_and_the_next_one_takes_the_claims(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(world, make_claim("A1"))
    full = OSError("no space left on the device")

    def refuse(chunks: Iterator[bytes]) -> None:
        raise full

    monkeypatch.setattr(world.archive, "store", refuse)
    with pytest.raises(OSError, match="no space"):
        world.run("batching")
    assert (world.states(), world.rows("batch"), world.balances()) == ({"A1": "ready"}, [], {})
    monkeypatch.undo()
    world.run("batching")
    assert world.states() == {"A1": "batched"}


def assemble_all(url: str, archive: str) -> int:
    """Batch what is ready, in a process of its own, without the lock that keeps runs apart; how many claims it took."""
    world = World(open_database(url), Path(archive), TurnedClock(datetime(2026, 3, 2, 12, tzinfo=UTC)))
    done = 0
    while count := batching.assemble(world.context, PROFILES.partners[MERIDIAN]):
        done += count
    return done


def test_two_processes_at_once_build_each_claim_into_one_batch(world: World, fresh_engine: Engine) -> None:
    world.change_table("batching", claims_per_set_max=5)
    prepare(world, *make_claims(*(f"A{number}" for number in range(40))))
    counts = run_at_once(assemble_all, fresh_engine, 2, str(world.archive_folder))
    assert sum(counts) == 40
    assert len(world.rows("submission")) == 40
    assert world.broken() == []


def test_two_runs_at_once_in_one_process_build_each_claim_into_one_batch(world: World) -> None:
    world.change_table("batching", claims_per_set_max=3)
    prepare(world, *make_claims(*(f"A{number}" for number in range(30))))
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: world.run("batching")["batching"], range(2)))
    assert sum(counts) == 30
    assert len(world.rows("submission")) == 30
    assert world.broken() == []
