"""What partners say is tied to what we sent, set by set; what cannot be read is set aside, what is not ours is told."""

import pytest
from sqlalchemy import update

from edi.claims import Party
from gateway.db import tables
from gateway.db.engine import writing
from gateway.domain.facts import Kind
from gateway.errors import TransientError
from tests.gateway.domain.samples import make_billing_provider, make_line, make_subscriber
from tests.gateway.pipeline.test_whole_way import paid_in_full
from tests.support.worlds import SERVED, World, blame, make_claim, make_claims, say

THREE = ("A1", "A2", "A3")


def sent(world: World, *pcns: str) -> None:
    world.send(*make_claims(*(pcns or THREE)))


def positions(world: World, pcn: str) -> int:
    """Where the second segment of a claim stands in its set."""
    return int(world.rows("submission", claim_id=world.claim(pcn)["id"])[0]["first_position"]) + 1


def states(world: World) -> str:
    return " ".join(world.states().values())


# TA1


@pytest.mark.parametrize(
    ("verdict", "state", "batch", "work"),
    [("A", "delivered", "delivered", []), ("E", "delivered", "delivered", []), ("R", "rejected", "rejected", ["rejected"])],
)
def test_a_ta1_speaks_for_every_claim_of_its_interchange(
    world: World, verdict: str, state: str, batch: str, work: list[str]
) -> None:
    sent(world)
    world.hear(world.ta1(verdict, "025" if verdict == "R" else "000"))
    assert (set(world.states().values()), world.rows("batch")[0]["state"], world.work()) == ({state}, batch, work)
    assert world.broken() == []


def test_the_item_of_a_batch_rejected_whole_closes_once_all_its_claims_go_again(world: World) -> None:
    sent(world)
    world.hear(world.ta1("R", "025"))
    for left, pcn in ((2, "A1"), (1, "A2"), (0, "A3")):
        world.turn(hours=1)
        assert world.work() == ["rejected"]
        world.decide(pcn, Kind.REOPENED, next_attempt=True)
        assert states(world).count("rejected") == left
    assert (world.work(), world.broken()) == ([], [])
    world.run("scrub", "batching", "delivery")
    world.hear(world.ta1("A", batch=1))
    assert set(world.states().values()) == {"delivered"}
    assert len({row["isa_control_number"] for row in world.rows("batch")}) == 2


def test_a_ta1_of_one_partner_says_nothing_of_anothers_interchange_of_the_same_number(world: World) -> None:
    world.send(make_claim("L1", payer="LAKESIDE", subscriber=make_subscriber(id="L00000035")), make_claim("A1"))
    batches = {row["partner"]: row for row in world.rows("batch")}
    assert {row["isa_control_number"] for row in batches.values()} == {1}
    world.hear(world.ta1(batch=[row["partner"] for row in world.rows("batch")].index("lakeside")), partner="lakeside")
    assert world.states() == {"L1": "delivered", "A1": "sent"}


def test_a_ta1_that_rejects_what_a_999_took_is_an_anomaly_and_rejects_nothing(world: World) -> None:
    sent(world)
    world.hear(world.ack_999())
    world.hear(world.ta1("R", "025"))
    world.run("followup")
    assert set(world.states().values()) == {"delivered"}
    assert (world.work(), world.broken()) == (["anomaly"] * 3, [])


def test_a_ta1_for_no_interchange_of_ours_is_kept_and_told(world: World) -> None:
    sent(world)
    said = world.ta1().replace(b"TA1*000000001", b"TA1*000000777")
    world.hear(said)
    assert (states(world), world.work()) == ("sent sent sent", ["unmatched_acknowledgment"])
    assert [row["batch_id"] for row in world.rows("acknowledgment")] == [None]
    assert world.broken() == []


# 999


@pytest.mark.parametrize("verdict", ["A", "E"])
def test_a_999_that_accepts_delivers_the_claims(world: World, verdict: str) -> None:
    sent(world)
    world.hear(world.ack_999(verdict))
    assert (states(world), world.work(), world.broken()) == ("delivered delivered delivered", [], [])


@pytest.mark.parametrize("verdict", ["R", "M", "W", "X"])
@pytest.mark.parametrize("named_by", ["CTX", "position", "both"])
def test_a_rejected_set_holds_the_guilty_claim_and_sends_the_innocent_again(world: World, verdict: str, named_by: str) -> None:
    sent(world)
    pcn = "" if named_by == "position" else "a2"
    note = blame(0 if named_by == "CTX" else positions(world, "A2"), pcn)
    world.hear(world.ack_999(verdict, note))
    assert world.states() == {"A1": "received", "A2": "rejected", "A3": "received"}
    assert world.work() == ["rejected"]
    assert "A2" in world.sentences("rejected")[0]
    world.run("scrub", "batching", "delivery")
    assert world.states() == {"A1": "sent", "A2": "rejected", "A3": "sent"}
    assert [row["attempt"] for row in world.rows("claim")] == [2, 1, 2]
    assert world.broken() == []


@pytest.mark.parametrize(
    "notes",
    [
        pytest.param([], id="no pointer at all"),
        pytest.param([blame(2, segment="BHT")], id="a pointer to what is above all claims"),
        pytest.param([blame(0, "A2"), blame(2, segment="BHT")], id="one pointer to a claim, one above all"),
        pytest.param([blame(9999)], id="a pointer to nowhere"),
    ],
)
def test_a_rejected_set_without_a_pointer_to_claims_holds_all(world: World, notes: list[object]) -> None:
    sent(world)
    world.hear(world.ack_999("R", *notes))  # type: ignore[arg-type]
    assert (states(world), world.work()) == ("rejected rejected rejected", ["rejected"] * 3)
    assert world.broken() == []


def test_an_ak9_alone_speaks_for_every_set(world: World) -> None:
    world.change_table("batching", claims_per_set_max=1)
    sent(world)
    world.hear(world.ack_999("R", alone=True))
    assert (states(world), len(world.rows("batch_set"))) == ("rejected rejected rejected", 3)
    assert world.broken() == []


def test_some_sets_rejected_leave_the_others_delivered(world: World) -> None:
    world.change_table("batching", claims_per_set_max=1)
    sent(world)
    numbers = [row["st_control_number"] for row in world.rows("batch_set")]
    verdicts = zip(numbers, ("A", "R", "A"), strict=True)
    world.hear(world.respond(world.rows("batch")[0], "P", [(number, said, []) for number, said in verdicts]))
    assert (states(world), world.broken()) == ("delivered rejected delivered", [])


def test_a_999_for_no_group_of_ours_is_kept_and_told_once(world: World) -> None:
    sent(world)
    batch = dict(world.rows("batch")[0]) | {"gs_control_number": 777}
    world.hear(world.respond(batch, "A", [("0001", "A", []), ("0002", "A", [])]))  # type: ignore[arg-type]
    assert (states(world), world.work()) == ("sent sent sent", ["unmatched_acknowledgment"])
    assert world.broken() == []


def test_a_999_for_a_set_we_did_not_send_is_kept_and_told(world: World) -> None:
    sent(world)
    world.hear(world.respond(world.rows("batch")[0], "A", [("9999", "A", [])]))
    assert (states(world), world.work(), world.broken()) == ("sent sent sent", ["unmatched_acknowledgment"], [])


# 277CA


def test_a_277ca_is_tied_by_our_trace_before_any_pcn(world: World) -> None:
    sent(world)
    trace = world.rows("submission", claim_id=world.claim("A2")["id"])[0]["trace"]
    world.hear(world.ack_277ca("AY", say("A1", "A2", trace=trace)))
    assert world.states() == {"A1": "sent", "A2": "accepted_by_clearinghouse", "A3": "sent"}


@pytest.mark.parametrize(
    "said", ["ABCDEFGH12345678", "abcdefgh12345678", "ABCD-EFGH-1234-5678", "00ABCDEFGH12345678", "ABCDEFGH1234"]
)
def test_a_277ca_is_tied_by_the_pcn_whatever_the_payer_did_to_it(world: World, said: str) -> None:
    world.send(*make_claims("ABCDEFGH12345678", "B1"))
    world.hear(world.ack_277ca("AY", say(said, "A2")))
    assert world.states() == {"ABCDEFGH12345678": "accepted_by_clearinghouse", "B1": "sent"}
    assert (world.work(), world.broken()) == ([], [])


def test_a_cut_pcn_that_two_claims_begin_with_ties_to_neither(world: World) -> None:
    world.send(*make_claims("ABCDEFGH12345", "ABCDEFGH12346"))
    world.hear(world.ack_277ca("AY", say("ABCDEFGH1234", "A2")))
    assert states(world) == "sent sent"
    assert (world.work(), world.broken()) == (["unmatched_acknowledgment"], [])


@pytest.mark.parametrize(
    ("tier", "category", "state", "work"),
    [
        ("AY", "A0", "accepted_by_clearinghouse", []),
        ("AY", "A1", "accepted_by_clearinghouse", []),
        ("AY", "A3", "rejected", ["rejected"]),
        ("AY", "A7", "rejected", ["rejected"]),
        ("PR", "A2", "accepted_by_payer", []),
        ("PR", "A5", "accepted_by_payer", []),
        ("PR", "A4", "rejected", ["rejected"]),
        ("PR", "A8", "rejected", ["rejected"]),
        ("PR", "P1", "sent", ["anomaly"]),
        ("AY", "Z9", "sent", ["anomaly"]),
    ],
)
def test_each_category_of_each_tier(world: World, tier: str, category: str, state: str, work: list[str]) -> None:
    sent(world, "A1")
    world.hear(world.ack_277ca(tier, say("A1", category)))
    assert (world.states(), world.work(), world.broken()) == ({"A1": state}, work, [])


def test_a_rejection_of_the_whole_batch_rejects_every_claim_of_its_set_and_no_other(world: World) -> None:
    world.change_table("batching", claims_per_set_max=2)
    sent(world)
    world.hear(world.ack_277ca("AY", say("", "A8", level="receiver")))
    assert states(world) == "rejected rejected sent"
    assert (world.work(), world.broken()) == (["rejected", "rejected"], [])


def test_a_rejection_of_a_billing_provider_rejects_its_claims_and_no_others(world: World) -> None:
    other = make_billing_provider(id="1234567893")
    lines = (make_line(service_from=SERVED, charge_cents=777),)
    world.send(make_claim("A1"), make_claim("B1", billing_provider=other, lines=lines))
    provider = say("", "A3", level="provider", party=Party(role="85", last_name="P", id_qualifier="XX", id="1234567893"))
    world.hear(world.ack_277ca("PR", provider))
    assert (world.states(), world.work(), world.broken()) == ({"A1": "sent", "B1": "rejected"}, ["rejected"], [])


def test_counts_that_differ_from_what_was_sent_are_told(world: World) -> None:
    sent(world)
    counted = say("", "A1", level="receiver", accepted_count=2, rejected_count=0)
    world.hear(world.ack_277ca("AY", counted, *(say(pcn, "A2") for pcn in THREE)))
    assert world.work() == ["anomaly"]
    assert "2 claims where we sent 3" in world.sentences("anomaly")[0]


def test_a_277ca_of_claims_that_are_not_ours_is_kept_and_each_is_told(world: World) -> None:
    sent(world)
    world.hear(world.ack_277ca("AY", say("X1", "A2"), say("A1", "A2"), reference="NOT OURS"))
    assert world.states()["A1"] == "accepted_by_clearinghouse"
    assert set(world.work()) == {"unmatched_acknowledgment"}
    assert world.broken() == []


def test_a_late_rejection_of_an_earlier_attempt_does_not_touch_the_later_one(world: World) -> None:
    sent(world, "A1")
    first = world.rows("submission")[0]["trace"]
    late = world.ack_277ca("PR", say("A1", "A3", trace=first))
    world.hear(world.ta1("R", "025"))
    world.turn(hours=1)
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.run("scrub", "batching", "delivery")
    world.hear(late)
    assert (world.states(), world.work(), world.broken()) == ({"A1": "sent"}, [], [])


def test_the_newest_submission_is_meant_where_only_the_pcn_came_back(world: World) -> None:
    sent(world, "A1")
    world.hear(world.ta1("R", "025"))
    world.turn(hours=1)
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.run("scrub", "batching", "delivery")
    world.hear(world.ack_277ca("AY", say("A1", "A2"), reference=""))
    assert world.facts("A1")[-1].attempt == 2
    assert world.states() == {"A1": "accepted_by_clearinghouse"}


# Files


def test_several_interchanges_in_a_file_are_each_taken_in(world: World) -> None:
    sent(world, "A1")
    world.hear(world.ack_999() + b"\r\n" + world.ack_277ca("AY", say("A1", "A2")) + world.pay(paid_in_full("A1")))
    assert world.states() == {"A1": "paid"}
    assert len(world.rows("inbound_interchange")) == 3
    assert world.broken() == []


UNREADABLE_MONEY = (b"CLP*A1*1*120*100*", b"CLP*A1*1*120*1OO*")
NO_SE = (b"SE*", b"XE*")


@pytest.mark.parametrize("damage", [UNREADABLE_MONEY, NO_SE, (b"BPR*I*100*", b"BPR*I**"), (b"SE*", b"SE*1*9999~\nXE*")])
def test_a_remittance_that_cannot_be_counted_is_set_aside_and_its_neighbours_go_on(
    world: World, damage: tuple[bytes, bytes]
) -> None:
    sent(world, "A1", "A2")
    bad = world.pay(paid_in_full("A1"), trace_number="EFT9").replace(*damage, 1)
    good = world.pay(paid_in_full("A2", charge_cents=12001))
    world.hear(bad + good)
    assert world.states() == {"A1": "sent", "A2": "paid"}
    assert "quarantined" in {row["state"] for row in world.rows("inbound_set")}
    assert "unreadable_file" in world.work()
    assert len(world.rows("remittance")) == 1
    assert world.broken() == []


def test_a_bad_set_in_the_middle_of_a_group_leaves_those_around_it(world: World) -> None:
    sent(world, *THREE)
    sets = [world.remit(paid_in_full(pcn, charge_cents=12000 + n), trace_number=f"EFT{n}") for n, pcn in enumerate(THREE)]
    sets[1] = [segment.replace("CLP*A2*1*120.01*100*", "CLP*A2*1*120.01*1O0*") for segment in sets[1]]
    world.hear(world.interchange("HP", "005010X221A1", *sets))
    assert world.states() == {"A1": "paid", "A2": "sent", "A3": "paid"}
    assert [row["state"] for row in world.rows("inbound_set")] == ["read", "quarantined", "read"]
    assert (world.work(), world.broken()) == (["unreadable_file"], [])


def test_trailing_junk_loses_nothing_and_is_told(world: World) -> None:
    sent(world, "A1")
    world.hear(world.ack_999() + b"\r\n-- end of report --\r\n")
    assert (world.states(), world.work()) == ({"A1": "delivered"}, ["unreadable_file"])
    assert world.broken() == []


@pytest.mark.parametrize(
    "content", [b"Dear client, please find enclosed", b"\0\0\0\0", b"ISA", b"%PDF-1.4 \xff\xfe", b"ISA*00*  ~IEA~"]
)
def test_what_is_not_edi_is_kept_and_told(world: World, content: bytes) -> None:
    world.hear(content)
    assert [row["state"] for row in world.rows("file")] == ["unreadable"]
    assert (world.work(), world.broken()) == (["unreadable_file"], [])


def test_a_transaction_nobody_reads_is_set_aside_by_its_name(world: World) -> None:
    world.hear(world.interchange("HB", "005010X279A1", ["ST*271*0001*005010X279A1", "BHT*0022*11*1*20260302*1200", "SE*3*0001"]))
    assert [row["state"] for row in world.rows("inbound_set")] == ["unsupported"]
    assert "271" in world.sentences("unreadable_file")[0]
    assert world.broken() == []


@pytest.mark.parametrize(
    ("sound", "torn"),
    [
        (b"ST*999*0001", b"ST*9\x009*00\x0001"),
        (b"MERIDIANEX     *ZZ*", b"MERIDIAN\x00X     *ZZ*"),
        (b"AK2*837*0", b"AK2*837*\x00"),
        (b"*X*005010X231A1", b"*X*\x0005010X231A1"),
    ],
)
def test_control_characters_anywhere_in_a_file_stop_no_other_file(world: World, sound: bytes, torn: bytes) -> None:
    sent(world, "A1")
    answer = world.ack_999()
    assert sound in answer
    world.leave(answer.replace(sound, torn), "a.999")
    world.hear(world.ack_277ca("AY", say("A1", "A2")), "b.277ca")
    assert world.states() == {"A1": "accepted_by_clearinghouse"}
    assert "archived" not in {row["state"] for row in world.rows("file", direction="inbound")}
    assert world.broken() == []


def test_a_file_cut_off_before_its_set_ends_is_told_and_stops_no_other(world: World) -> None:
    sent(world, "A1")
    whole = world.pay(paid_in_full("A1"))
    for size in range(20, whole.index(b"SE*"), 61):
        world.leave(whole[:size], f"cut{size}.835")
    assert world.run("pickup") == {"pickup": 0}
    world.take_as_they_are()
    world.run("pickup", "ingest", "posting")
    assert world.states() == {"A1": "sent"}
    assert set(world.work()) == {"unreadable_file"}
    world.hear(whole)
    assert (world.states(), world.broken()) == ({"A1": "paid"}, [])


def test_a_set_is_taken_in_once_however_often_its_file_is_looked_at(world: World) -> None:
    sent(world, "A1")
    world.hear(world.ack_999() + world.pay(paid_in_full("A1")) + world.ta1())
    before = [
        world.rows(table) for table in ("inbound_set", "acknowledgment", "event", "remittance", "entry", "inbound_interchange")
    ]
    with writing(world.engine) as connection:
        connection.execute(update(tables.file).where(tables.file.c.direction == "inbound").values(state="archived"))
    assert world.run("ingest", "posting") == {"ingest": 0, "posting": 0}
    after = [
        world.rows(table) for table in ("inbound_set", "acknowledgment", "event", "remittance", "entry", "inbound_interchange")
    ]
    assert after == before


def test_a_file_whose_bytes_the_archive_has_lost_is_told_and_stops_no_other(world: World) -> None:
    sent(world, "A1")
    world.leave(world.ack_999(), "a.999")
    world.leave(world.ack_277ca("AY", say("A1", "A2")), "b.277ca")
    world.run("pickup")
    lost = world.rows("file", direction="inbound")[0]["sha256"]
    path = next(world.archive_folder.rglob(lost))
    content = path.read_bytes()
    path.unlink()
    world.run("ingest")
    assert (world.states(), world.work()) == ({"A1": "accepted_by_clearinghouse"}, ["unreadable_file"])
    world.archive.store([content])
    world.run("ingest")
    assert (world.work(), world.broken()) == ([], [])
    assert world.rows("batch")[0]["state"] == "delivered"


def test_a_database_that_fails_for_a_moment_sets_nothing_aside(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(world, "A1")
    world.leave(world.ack_999(), "a.999")
    world.run("pickup")
    now = world.clock.now
    asked = iter(range(100))

    def busy() -> object:
        if next(asked) == 0:
            raise TransientError("the database is busy")
        return now()

    monkeypatch.setattr(world.clock, "now", busy)
    with pytest.raises(TransientError):
        world.run("ingest")
    monkeypatch.undo()
    assert world.rows("inbound_set") == []
    world.run("ingest")
    assert (world.states(), world.work()) == ({"A1": "delivered"}, [])
