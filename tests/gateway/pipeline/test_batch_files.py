"""What shares a file and what does not, what a file is punctuated with, and that no single claim keeps the others waiting."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, update

from edi.claims import Claim, Coverage, LineAdjudication, OtherPayer, Party
from edi.interchange import Reader
from edi.segments import Delimiters
from edi.transactions import t837, t837p
from gateway.crashpoint import Mishap, arm
from gateway.db import claims as claim_rows
from gateway.db.engine import writing
from gateway.db.tables import batch, claim_version
from gateway.domain.facts import Kind
from gateway.pipeline import batch_building
from payers.payer import SecondRoute
from payers.profile import Profiles
from tests.gateway.domain.samples import adjust, make_billing_provider, make_line, make_subscriber
from tests.support.worlds import SERVED, World, make_claim, make_claims

NPIS = ("1999999984", "1234567893", "1245319599")


def prepare(world: World, *claims: Claim) -> None:
    world.take_in(*claims)
    world.run("scrub")


def make_practices(count: int) -> list[Claim]:
    """Claims of three practices in turn, each of another patient."""
    patients = [make_subscriber(first_name=f"INVENTED{n}") for n in range(count)]
    practices = [make_billing_provider(id=NPIS[n % 3]) for n in range(count)]
    return [
        make_claim(f"A{n}", billing_provider=practice, subscriber=patient, lines=(make_own_line(n),))
        for n, (practice, patient) in enumerate(zip(practices, patients, strict=True))
    ]


def make_own_line(number: int, **changes: Any) -> Any:
    return make_line(**{"service_from": SERVED, "service_through": SERVED, "charge_cents": 1000 + number, **changes})


def change_payer(world: World, payer: str = "blueharbor", **changes: Any) -> None:
    payers = {**world.profiles.payers, payer: world.profiles.payers[payer].model_copy(update=changes)}
    world.profiles = Profiles(partners=world.profiles.partners, payers=payers)


def read_files(world: World) -> list[tuple[bytes, Reader]]:
    """The bytes of each outbound file, and what a reader says of them once it has read them."""
    found = []
    for row in world.rows("file", direction="outbound"):
        content = world.archive.read(row["sha256"])
        reader = Reader([content])
        for tset in reader:
            list(t837p.read(tset))
        assert not reader.findings
        found.append((content, reader))
    return found


def put_in_place(world: World, pcn: str, document: Claim) -> None:
    """Another document as the claim's next version, past every check: what a bug, or a hand in the database, would do."""
    with writing(world.engine) as connection:
        claim_rows.add_version(
            connection, world.claim(pcn)["id"], document, columns={}, actor="bug", reason="test", now=world.clock.now()
        )


@pytest.mark.parametrize(("separate", "practices"), [("set", [""]), ("interchange", sorted(NPIS))])
def test_practices_stand_apart_as_the_partner_wants(world: World, separate: str, practices: list[str]) -> None:
    world.change_table("batching", separate_practices=separate)
    prepare(world, *make_practices(6))
    world.run("batching")
    assert sorted(row["practice"] for row in world.rows("batch")) == practices
    sets = [[row["practice"] for row in world.rows("submission", st_control_number=one["st_control_number"])]
            for one in world.rows("batch_set")]  # fmt: skip
    assert sorted(map(tuple, map(set, sets))) == sorted((npi,) for npi in NPIS)
    assert world.broken() == []


def test_several_interchanges_share_a_file_each_with_its_own_number_and_batch(world: World) -> None:
    world.change_table("upload", interchanges_per_file_max=2)
    world.change_table("batching", claims_per_set_max=1, sets_per_interchange_max=2)
    prepare(world, *make_claims(*(f"A{n}" for n in range(7))))
    world.run("batching")
    batches = world.rows("batch")
    assert [row["claim_count"] for row in batches] == [2, 2, 2, 1]
    assert len({row["isa_control_number"] for row in batches}) == len({row["gs_control_number"] for row in batches}) == 4
    first, second, third, fourth = batches
    assert (first["file_id"], first["remote_name"]) == (second["file_id"], second["remote_name"])
    assert (third["file_id"], third["remote_name"]) == (fourth["file_id"], fourth["remote_name"])
    assert first["remote_name"] != third["remote_name"]
    assert [len(reader.interchanges) for _, reader in read_files(world)] == [2, 2]
    assert world.broken() == []


def test_claims_of_a_payer_that_tests_us_leave_in_a_file_of_their_own(world: World) -> None:
    world.change_table("envelope", usage="P")
    change_payer(world, usage="T")
    prepare(world, make_claim("A1"), make_claim("A2", payer="NSP77", subscriber=make_subscriber(id="00000024-01")))
    world.run("batching")
    assert sorted((row["usage"], row["claim_count"]) for row in world.rows("batch")) == [("P", 1), ("T", 1)]
    assert {reader.interchanges[0].header.usage for _, reader in read_files(world)} == {"P", "T"}


def test_the_nearest_filing_limit_leaves_first_where_limits_cut(world: World) -> None:
    world.change_table("batching", claims_per_set_max=1, sets_per_interchange_max=1)
    days = (0, 9, 5)
    prepare(world, *(
        make_claim(f"A{days}", lines=(make_own_line(days, service_from=SERVED - timedelta(days=days)),)) for days in days
    ))  # fmt: skip
    world.run("batching")
    sent = {row["id"]: row["source_pcn"] for row in world.rows("claim")}
    assert [sent[row["claim_id"]] for row in world.rows("submission")] == ["A9", "A5", "A0"]


@pytest.mark.parametrize(("line_end", "end"), [("", b"}ST"), ("lf", b"}\nST"), ("crlf", b"}\r\nST")])
def test_a_file_is_punctuated_as_its_partner_wants(world: World, line_end: str, end: bytes) -> None:
    world.change_table("delimiters", element="|", component=">", repetition="!", segment="}", line_end=line_end)
    prepare(world, *make_claims("A1", "A2"))
    world.run("batching")
    ((content, reader),) = read_files(world)
    assert reader.interchanges[0].header.delimiters == Delimiters(element="|", component=">", repetition="!", segment="}")
    assert end in content
    assert set(world.states().values()) == {"batched"}


def test_a_claim_that_holds_one_of_the_partners_delimiters_is_held_with_the_reason(world: World) -> None:
    prepare(
        world, make_claim("A1", lines=(make_own_line(1),)), make_claim("A2", subscriber=make_subscriber(last_name="TEST|CASE"))
    )
    world.change_table("delimiters", element="|")
    world.run("batching")
    assert world.states() == {"A1": "batched", "A2": "held"}
    assert "holds a delimiter" in world.sentences("edits_failed")[0]


def test_a_profile_that_holds_its_own_delimiter_holds_no_claim_and_is_told_until_it_is_mended(world: World) -> None:
    prepare(world, make_claim("A1"))
    before = world.profiles
    world.change_table("submitter", name="SAMPLE*BILLING")
    assert world.run("batching") == {"batching": 0}
    assert (world.states(), world.work()) == ({"A1": "ready"}, ["batch_unbuilt"])
    (item,) = world.rows("work_item", kind="batch_unbuilt")
    claim = world.claim("A1")
    assert (item["amount_cents"], item["due_at"].date()) == (claim["charge_cents"], claim["filing_deadline"])
    world.profiles = before
    world.run("batching")
    assert (world.states(), world.work(), world.broken()) == ({"A1": "batched"}, [], [])


def test_the_version_and_the_payers_own_name_and_id_are_those_of_the_profiles(world: World) -> None:
    world.change_table("versions", professional="005010X222A2")
    change_payer(world, sent_payer_id="BHH99", sent_name="HARBOR")
    prepare(world, make_claim("A1"))
    world.run("batching")
    ((content, reader),) = read_files(world)
    assert reader.interchanges[0].groups[0].header.version == "005010X222A2"
    assert b"NM1*PR*2*HARBOR*****PI*BHH99~" in content


def test_by_its_second_route_a_payer_has_the_id_it_has_there(world: World) -> None:
    change_payer(
        world, sent_payer_id="FIRST", route="second", second_route=SecondRoute(partner="lakeside", sent_payer_id="THERE")
    )
    prepare(world, make_claim("A1"))
    world.run("batching")
    ((content, _),) = read_files(world)
    assert b"*PI*THERE~" in content
    assert [row["partner"] for row in world.rows("batch")] == ["lakeside"]


def make_secondary(*payer_ids: str) -> Claim:
    """A claim of 120.00 to Blue Harbor after other payers, each of which paid 10.00 of its line."""
    others, decided = [], []
    for place, payer_id in enumerate(payer_ids):
        name = Party(role="PR", last_name="INVENTED FIRST PLAN", id_qualifier="PI", id=payer_id)
        subscriber = make_subscriber(birth_date=None, gender="")
        others.append(OtherPayer(responsibility="PS"[place], relationship="18", claim_filing_indicator="CI", paid_cents=1000,
                                 subscriber=subscriber, payer=name))  # fmt: skip
        decided.append(LineAdjudication(payer_id=payer_id, paid_cents=1000, procedure="99213", quantity=Decimal(1),
                                        paid_date=SERVED, adjustments=(adjust("CO 45", 11000),)))  # fmt: skip
    line = make_line(service_from=SERVED, service_through=SERVED, adjudications=tuple(decided))
    return make_claim("A1", coverage=Coverage(responsibility="T"), other_payers=tuple(others), lines=(line,))


def test_other_payers_have_their_own_names_and_ids_of_the_profiles_wherever_they_stand(world: World) -> None:
    """By the carrier of the claim, whose second route to Northstar has an id of its own."""
    second = SecondRoute(partner="meridian", sent_payer_id="NSX1")
    change_payer(world, "northstar", partner="lakeside", second_route=second, sent_payer_id="NSX9", sent_name="NORTHSTAR EAST")
    change_payer(world, "any_payer", sent_payer_id="NOBODY")
    prepare(world, make_secondary("nsp77", "OTH01"))
    world.run("batching")
    ((content, _),) = read_files(world)
    assert b"NM1*PR*2*NORTHSTAR EAST*****PI*NSX1~" in content
    assert b"NM1*PR*2*INVENTED FIRST PLAN*****PI*OTH01~" in content
    assert re.findall(rb"SVD[*](\w+)", content) == [b"NSX1", b"OTH01"]
    assert world.broken() == []


def test_other_payers_that_would_be_sent_under_one_id_keep_their_own(world: World) -> None:
    change_payer(world, "northstar", payer_ids=("NSP77", "NSP78"), sent_payer_id="NSX9")
    prepare(world, make_secondary("NSP77", "NSP78"))
    world.run("batching")
    ((content, _),) = read_files(world)
    assert re.findall(rb"SVD[*](\w+)", content) == [b"NSP77", b"NSP78"]


def test_claims_of_a_kind_the_partner_does_not_take_are_held_and_keep_no_other_waiting(world: World) -> None:
    prepare(world, make_claim("A1"))
    world.change_table("versions", professional="")
    world.run("batching")
    assert world.states() == {"A1": "held"}
    assert "transaction-not-taken" in str(world.facts("A1")[-1].data)


def test_no_file_is_larger_than_the_partner_takes_and_all_claims_leave(world: World) -> None:
    world.change_table("upload", file_bytes_max=10_000, interchanges_per_file_max=3)
    world.change_table("batching", claims_per_set_max=8, sets_per_interchange_max=2)
    prepare(world, *make_claims(*(f"A{n}" for n in range(60))))
    world.run("batching")
    assert set(world.states().values()) == {"batched"}
    files = world.rows("file", direction="outbound")
    assert max(row["size_bytes"] for row in files) <= 10_000
    assert len(files) < 10
    assert world.broken() == []


def test_a_claim_that_alone_is_larger_than_a_file_may_be_is_held(world: World) -> None:
    world.change_table("upload", file_bytes_max=500)
    prepare(world, make_claim("A1"))
    world.run("batching")
    assert world.states() == {"A1": "held"}
    assert "more than the 500 bytes" in world.sentences("edits_failed")[0]


def test_one_claim_that_is_too_large_does_not_make_the_files_of_the_others_small(world: World) -> None:
    world.change_table("upload", file_bytes_max=4_000)
    lines = tuple(make_own_line(number) for number in range(50))
    prepare(world, make_claim("HUGE", lines=lines), *make_claims(*(f"A{n}" for n in range(20))))
    world.run("batching")
    assert world.states().pop("HUGE") == "held"
    assert sum(row["claim_count"] for row in world.rows("batch")) == 20
    assert len(world.rows("batch")) <= 6


def test_a_name_that_is_taken_is_passed_over(world: World) -> None:
    world.change_table("upload", file_name="F{isa_control_number}.837")
    prepare(world, make_claim("A1"))
    world.run("batching")
    with writing(world.engine) as connection:
        connection.execute(update(batch).values(remote_name="F000000002.837"))
    prepare(world, make_claim("A2", lines=(make_own_line(2, procedure="99214"),)))
    world.run("batching")
    assert [row["remote_name"] for row in world.rows("batch")] == ["F000000002.837", "F000000003.837"]


@pytest.mark.parametrize("stage", ["write", "read"])
def test_a_bug_on_one_claim_holds_that_claim_alone(world: World, monkeypatch: pytest.MonkeyPatch, stage: str) -> None:
    """The codec fails on it, in writing or in reading back."""
    prepare(world, *make_claims("A1", "A2", "A3"))
    sick = world.claim("A2")["pcn"]
    write, comes_back = batch_building._write_set, t837.comes_back

    def fail_writing(way: Any, one: Any, now: Any) -> list[str]:
        if any(each.row.pcn == sick for each in one.claims):
            raise ZeroDivisionError
        return write(way, one, now)

    def fail_reading(meant: Claim, back: Claim | None) -> bool:
        if meant.patient_control_number == sick:
            raise ZeroDivisionError
        return comes_back(meant, back)

    if stage == "write":
        monkeypatch.setattr(batch_building, "_write_set", fail_writing)
    else:
        monkeypatch.setattr(batch_building, "comes_back", fail_reading)
    world.run("batching")
    assert world.states() == {"A1": "batched", "A2": "held", "A3": "batched"}
    assert "ZeroDivisionError" in world.sentences("edits_failed")[0]
    assert world.broken() == []


def test_a_set_of_which_no_claim_can_be_written_is_held_claim_by_claim_and_the_next_leave(world: World) -> None:
    world.change_table("batching", claims_per_set_max=2, sets_per_interchange_max=1)
    prepare(world, *make_claims("A1", "A2", "A3", "A4"))
    for pcn in ("A1", "A2"):
        put_in_place(world, pcn, make_claim(pcn, diagnoses=()))
    world.run("batching")
    assert world.states() == {"A1": "held", "A2": "held", "A3": "batched", "A4": "batched"}


def test_a_document_that_is_no_document_any_more_is_held_alone(world: World) -> None:
    prepare(world, *make_claims("A1", "A2"))
    with writing(world.engine) as connection:
        row = world.claim("A1")
        values = {"claim_id": row["id"], "version": 2, "document": "{}", "created_at": world.clock.now()}
        connection.execute(insert(claim_version).values(values))
        claim_rows.set_sending(connection, row["id"], version=2)
    world.run("batching")
    assert world.states() == {"A1": "held", "A2": "batched"}


def test_an_error_with_one_partner_keeps_no_other_waiting_and_is_raised_in_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare(world, make_claim("A1"), make_claim("L1", payer="LKS01", subscriber=make_subscriber(id="L00000035")))
    assert len({row["partner"] for row in world.rows("claim")}) == 2
    store, calls = world.archive.store, []

    def fail_once(chunks: Iterator[bytes]) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("no space")
        return store(chunks)

    monkeypatch.setattr(world.archive, "store", fail_once)
    with pytest.raises(OSError, match="no space"):
        world.run("batching")
    assert sorted(world.states().values()) == ["batched", "ready"]


@pytest.mark.parametrize("place", ["batching.archived", "batching.before_commit"])
def test_a_build_that_breaks_off_after_its_bytes_were_kept_leaves_nothing_else(world: World, place: str) -> None:
    prepare(world, make_claim("A1"))
    arm(f"{place}:exception")
    with pytest.raises(Mishap):
        world.run("batching")
    assert (world.states(), world.rows("batch"), world.rows("file", direction="outbound")) == ({"A1": "ready"}, [], [])
    world.run("batching")
    assert (world.states(), world.broken()) == ({"A1": "batched"}, [])


# Two claims for the same service.


def make_twins(**changes: Any) -> tuple[Claim, Claim]:
    first = make_claim("A1", **changes)
    return first, msgspec.structs.replace(first, patient_control_number="A2")


def make_ready(world: World, *pcns: str) -> None:
    """Ready whatever the edits found: they looked at the same moment and did not see each other."""
    world.turn(minutes=1)
    for pcn in pcns:
        world.decide(pcn, Kind.EDITS_PASSED, next_attempt=True)


def test_of_two_ready_claims_for_the_same_service_one_leaves_and_the_other_is_held(world: World) -> None:
    world.take_in(*make_twins())
    make_ready(world, "A1", "A2")
    world.run("batching")
    assert world.states() == {"A1": "batched", "A2": "held"}
    (sentence,) = world.sentences("edits_failed")
    assert "Line 1 (99213) is the same service by the same provider as in another claim: A1 (ready). Drop this claim" in sentence
    assert sentence.endswith("It was taken out of its batch.")
    assert world.broken() == []


def test_a_person_who_releases_the_second_one_lets_it_go(world: World) -> None:
    prepare(world, *make_twins())
    assert world.states() == {"A1": "ready", "A2": "held"}
    world.turn(minutes=1)
    world.decide("A2", Kind.RELEASED_BY_PERSON)
    world.run("batching")
    assert world.states() == {"A1": "batched", "A2": "batched"}


@pytest.mark.parametrize("modifier", ["59", "76", "77", "91", "XE", "XS", "XP", "XU"])
def test_a_modifier_on_every_line_that_says_the_service_is_one_of_its_own_lets_both_go(world: World, modifier: str) -> None:
    world.take_in(*make_twins(lines=(make_own_line(1, modifiers=(modifier,)),)))
    world.run("scrub", "batching")
    assert world.states() == {"A1": "batched", "A2": "batched"}


def test_a_correction_that_makes_a_claim_the_twin_of_one_that_has_left_is_held(world: World) -> None:
    first, second = make_twins()
    prepare(world, msgspec.structs.replace(first, lines=(make_own_line(9, procedure="99214"),), charge_cents=1009))
    world.turn(hours=1)
    world.decide("A1", Kind.HELD_BY_PERSON)
    world.take_in(second, name="second.jsonl")
    world.run("scrub", "batching")
    with writing(world.engine) as connection:
        claim_rows.add_version(
            connection, world.claim("A1")["id"], first, columns={}, actor="ada", reason="test",
            now=world.clock.now(),
        )  # fmt: skip
    make_ready(world, "A1")
    world.run("batching")
    assert world.states() == {"A1": "held", "A2": "batched"}


def test_a_partner_with_cutoffs_has_its_files_made_when_one_is_due_and_they_remember_it(world: World) -> None:
    world.change_table("timetable", cutoffs=("17:00",), lead_minutes=30, time_zone="UTC")
    prepare(world, make_claim("A1"))
    world.run("batching")
    assert world.states() == {"A1": "ready"}
    world.turn(hours=4, minutes=45)
    world.run("batching")
    assert world.states() == {"A1": "batched"}
    assert world.rows("batch")[0]["cutoff_at"].hour == 17
