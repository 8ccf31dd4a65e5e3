"""pyx12 judges a batch before it leaves: what it objects to is held and named, and its own failing stops nothing unseen."""

import sys

import msgspec
import pytest

from edi.claims import Address
from gateway.pipeline import second_opinion
from gateway.pipeline.second_opinion import Opinion, ask
from payers.profile import SAMPLES, load
from tests.edi.test_claim_document import INSTITUTIONAL
from tests.support.remittances import GS, ISA, TRAILERS
from tests.support.worlds import MERIDIAN, World, make_claims

KILLED = (sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
HANGING = (sys.executable, "-c", "import time; time.sleep(60)")
RAMBLING = (sys.executable, "-c", "print('NM1*IL*1*SAMPLE*ANN')")


@pytest.fixture
def asked(world: World) -> World:
    """A world whose partner's profile asks for a second opinion."""
    world.change_partner(second_opinion="pyx12")
    return world


def prepare(world: World, *pcns: str) -> None:
    world.take_in(*make_claims(*pcns))
    world.run("scrub")


def open_items(world: World) -> list[tuple[str, str]]:
    return [(row["kind"], row["sentence"]) for row in world.rows("work_item") if row["state"] != "done"]


def batch_content(world: World) -> bytes:
    (file,) = world.rows("file", direction="outbound")
    return b"".join(world.archive.open(file["sha256"]))


def test_the_sample_partners_ask_for_a_second_opinion() -> None:
    assert {partner.second_opinion for partner in load(SAMPLES).partners.values()} == {"pyx12"}


def test_a_batch_without_objection_leaves_as_one_file(asked: World) -> None:
    prepare(asked, "A1", "A2")
    assert asked.run("batching") == {"batching": 2}
    (batch,) = asked.rows("batch")
    assert (batch["claim_count"], batch["state"]) == (2, "queued")
    assert open_items(asked) == []
    assert asked.broken() == []


def test_a_claim_that_pyx12_objects_to_is_held_and_named_and_the_others_go(asked: World) -> None:
    """pyx12 knows the states of the mail; a state that is none passes our own check of the guide."""
    good, bad = make_claims("A1", "A2")
    nowhere = Address(line1="1 NOWHERE WAY", city="NOWHERE", state="QQ", postal_code="100010001")
    asked.take_in(good, msgspec.structs.replace(bad, subscriber=msgspec.structs.replace(bad.subscriber, address=nowhere)))
    asked.run("scrub", "batching")
    assert asked.states() == {"A1": "batched", "A2": "held"}
    (item,) = open_items(asked)
    assert item[0] == "edits_failed"
    assert "claim A2 is held" in item[1].replace("Claim", "claim")
    assert "second opinion (pyx12) objects to segment" in item[1]
    assert "N402" in item[1]
    assert asked.broken() == []


@pytest.mark.parametrize(
    ("worker", "why"),
    [(KILLED, "its process ended with -9"), (HANGING, "no answer within"), (RAMBLING, "its answer cannot be read")],
)
def test_no_opinion_stops_nothing_and_is_told(
    asked: World, monkeypatch: pytest.MonkeyPatch, worker: tuple[str, ...], why: str
) -> None:
    monkeypatch.setattr(second_opinion, "WORKER", worker)
    monkeypatch.setattr(second_opinion, "SECONDS_AT_LEAST", 0.5)
    prepare(asked, "A1")
    asked.run("batching")
    assert asked.states() == {"A1": "batched"}
    (item,) = open_items(asked)
    assert item[0] == "second_opinion"
    assert why in item[1]
    assert "SAMPLE" not in item[1]


def test_the_next_opinion_closes_what_was_told_of_the_missing_one(asked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = make_claims("A1", "B1")
    with monkeypatch.context() as broken:
        broken.setattr(second_opinion, "WORKER", KILLED)
        asked.take_in(first)
        asked.run("scrub", "batching")
    asked.take_in(second)
    asked.run("scrub", "batching")
    assert open_items(asked) == []
    (item,) = asked.rows("work_item")
    assert item["closed_reason"] == "an opinion was given again, without objection"


def test_an_objection_to_the_envelope_keeps_the_batch_and_holds_no_claim(asked: World) -> None:
    """An application id of one character passes a hand-made profile and is no GS02."""
    envelope = asked.profiles.partners[MERIDIAN].envelope.model_copy(update={"application_sender": "X"})
    asked.change_partner(envelope=envelope)
    prepare(asked, "A1")
    assert asked.run("batching") == {"batching": 0}
    assert asked.rows("batch") == []
    assert asked.states() == {"A1": "ready"}
    assert [kind for kind, _ in open_items(asked)] == ["second_opinion"]
    assert asked.broken() == []


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        (b"NM1*41*2*", b"NM1*41*7*", "NM102"),
        (b"HI*ABK:", b"HI*QQQ:", "HI"),
        (b"*Y*A*Y*Y~", b"*Y*A*Y*QQ~", "CLM09"),
    ],
)
def test_an_objection_names_its_segment_and_no_value(world: World, good: bytes, bad: bytes, said: str) -> None:
    prepare(world, "A1")
    world.run("batching")
    content = batch_content(world)
    assert good in content
    assert ask(content, 1).objections == ()
    objections = ask(content.replace(good, bad), 1).objections
    assert any(said in objection.message and objection.position > 0 for objection in objections)
    assert not any("QQ" in objection.message for objection in objections)


def test_what_is_no_x12_gives_no_opinion() -> None:
    assert ask(b"not an interchange", 1).missing


def test_an_institutional_set_is_judged_as_well() -> None:
    """Nothing to object to in a set that uses all its guide holds; a service line without its revenue code is named."""
    body = INSTITUTIONAL.replace("\n", "")
    body = body.replace("~SE*0*", f"~SE*{body.count('~')}*")
    text = ISA + GS.replace("GS*HP", "GS*HC").replace("X221A1", "X223A2") + body + TRAILERS
    assert ask(text.encode(), 1) == Opinion()
    objections = ask(text.replace("SV2*0450*", "SV2**", 1).encode(), 1).objections
    assert [one.message for one in objections if "SV201" in one.message]
