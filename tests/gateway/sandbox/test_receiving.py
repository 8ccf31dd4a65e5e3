"""The sandbox reads whatever it is sent: files of others, other delimiters, damaged bytes; and always answers in clean X12."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import msgspec
import pytest

from edi.claims import Claim
from edi.interchange import Reader
from edi.transactions import t277ca, t835
from gateway.clock import TurnedClock
from gateway.sandbox import deciding
from gateway.sandbox.behaviour import FRIENDLY, HOSTILE, PERFECT, Behaviour
from gateway.sandbox.invented import invent
from gateway.sandbox.partner import Sandbox
from gateway.sandbox.receiving import receive
from gateway.sandbox.summary import Summary, summarise
from payers.profile import SAMPLES, load
from tests.support.uploads import write_upload

CORPUS = Path(__file__).parents[3] / ".." / "shared" / "corpus"
PROFILES = load(SAMPLES)
MERIDIAN = PROFILES.partners["meridian"]
PAYERS = tuple(PROFILES.payers.values())
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def _claims(count: int) -> list[Claim]:
    payers = [payer for payer in PAYERS if payer.partner == "meridian"]
    sound = (made.claim for made in invent(count * 2, seed=9, payers=payers, today=START.date()) if not made.defect)
    return [claim for _, claim in zip(range(count), sound, strict=False)]


def _answer(folder: Path, content: bytes, behaviour: Behaviour = FRIENDLY) -> tuple[list[Path], Summary]:
    sandbox = Sandbox(MERIDIAN, PAYERS, folder, TurnedClock(START), behaviour=behaviour, seed=2, day_seconds=0)
    (sandbox.upload_folder / "one.837").write_bytes(content)
    sandbox.tick()
    return sorted(sandbox.pickup_folder.iterdir()), summarise(folder, MERIDIAN)


def _list_findings(paths: list[Path]) -> list[object]:
    """What our readers find in 277CAs, 835s and the envelope of every answer."""
    found: list[object] = []
    for path in paths:
        if path.suffix == ".rpt":
            continue
        reader = Reader([path.read_bytes()])
        for tset in reader:
            if tset.code != "999":
                assert list((t277ca if tset.code == "277" else t835).read(tset))
                found += tset.findings
        found += reader.findings
    return found


def test_a_sound_upload_is_accepted_whole() -> None:
    file = receive([write_upload(MERIDIAN, _claims(3), _claims(2))])
    (interchange,) = file.interchanges
    (group,) = interchange.groups
    assert (file.fault, interchange.note, group.codes, group.claimed_count) == ("", "000", (), 2)
    assert [(received.response.verdict, len(received.claims)) for received in group.sets] == [("A", 3), ("A", 2)]


def test_several_interchanges_in_a_file_are_judged_each_on_its_own(tmp_path: Path) -> None:
    good, bad = write_upload(MERIDIAN, _claims(2)), write_upload(MERIDIAN, _claims(3), isa_control_number=2)
    paths, summary = _answer(tmp_path, good + bad.replace(b"IEA*1*000000002", b"IEA*1*000000003"), PERFECT)
    assert (summary.interchanges, summary.rejected_interchanges, summary.claims) == (2, 1, 2)
    assert Counter(path.suffix for path in paths)[".ta1"] == 1


def test_a_group_with_a_false_count_is_refused_by_its_999_and_its_claims_with_it(tmp_path: Path) -> None:
    content = write_upload(MERIDIAN, _claims(2)).replace(b"\nGE*1*", b"\nGE*7*")
    paths, summary = _answer(tmp_path, content, PERFECT)
    assert [path.suffix for path in paths] == [".999"]
    assert b"AK9*R*7*1*0*5~" in paths[0].read_bytes()
    assert summary.rejected["syntax_rejected"] == 2


def test_a_set_of_another_kind_is_refused_by_name_and_its_neighbours_go_on(tmp_path: Path) -> None:
    content = write_upload(MERIDIAN, _claims(2), _claims(1)).replace(b"ST*837*0001*005010X222A1", b"ST*837*0001*004010X098A1")
    paths, summary = _answer(tmp_path, content, PERFECT)
    acknowledgment = next(path.read_bytes() for path in paths if path.suffix == ".999")
    assert b"IK5*R*1~" in acknowledgment
    assert b"AK9*P*2*2*1~" in acknowledgment
    assert summary.paid == 1


def test_what_an_answer_cannot_carry_is_replaced(tmp_path: Path) -> None:
    """A sender with other delimiters may use ours in its data: the claim is still answered, with dots in their place."""
    claim = msgspec.structs.replace(_claims(1)[0], patient_control_number="AXB1")
    content = write_upload(MERIDIAN, [claim]).replace(b"^", b"|", 1).replace(b"AXB1", b"A^B1")
    paths, summary = _answer(tmp_path, content, PERFECT)
    assert summary.paid == 1
    assert _list_findings(paths) == []
    assert b"CLP*A.B1*" in next(path.read_bytes() for path in paths if path.suffix == ".835")


def test_a_payer_nobody_reaches_is_refused_by_the_clearinghouse(tmp_path: Path) -> None:
    """Without a profile that takes any payer, the clearinghouse says that it does not know this one."""
    named = tuple(payer for payer in PAYERS if payer.id == "northstar")
    sandbox = Sandbox(MERIDIAN, named, tmp_path, TurnedClock(START), behaviour=PERFECT, seed=1, day_seconds=0)
    claims = _claims(20)
    (sandbox.upload_folder / "one.837").write_bytes(write_upload(MERIDIAN, claims))
    sandbox.tick()
    known = sum(claim.payer.id == "NSP77" for claim in claims)
    assert 0 < known < 20
    assert summarise(tmp_path, MERIDIAN).rejected["clearinghouse_rejected"] == 20 - known


@pytest.mark.parametrize("behaviour", [FRIENDLY, HOSTILE], ids=["friendly", "hostile"])
def test_every_file_of_the_corpus_is_answered(tmp_path: Path, behaviour: Behaviour) -> None:
    files = sorted(CORPUS.glob("*/*"))
    assert len(files) == 149
    taken = 0
    for number, path in enumerate(files):
        answers, summary = _answer(tmp_path / str(number), path.read_bytes(), behaviour)
        assert answers or path.parent.name in {"999", "TA1", "277CA", "835", "other"} or behaviour is HOSTILE, path.name
        taken += summary.claims
        if behaviour is FRIENDLY:
            assert _list_findings(answers) == [], path.name
    assert taken > 800


def test_damaged_uploads_never_stop_the_sandbox(tmp_path: Path) -> None:
    """Bytes replaced, inserted, deleted, doubled: every upload is decided and the answers are written."""
    sound = write_upload(MERIDIAN, _claims(3), _claims(2))
    sandbox = Sandbox(MERIDIAN, PAYERS, tmp_path, TurnedClock(START), behaviour=HOSTILE, seed=1, day_seconds=0)
    for number in range(200):
        (sandbox.upload_folder / f"{number:03d}.837").write_bytes(_damage(sound, Random(number)))
    sandbox.tick()
    assert summarise(tmp_path, MERIDIAN).uploads == 200


def _damage(content: bytes, draw: Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(draw.choice((1, 1, 2, 5))):
        place = draw.randrange(len(damaged))
        noise = bytes([draw.choice(b"*:^~AZ09 \x00\xe9\n-.")])
        doubled = bytes(damaged[max(0, place - 30) : place])
        cut, put = draw.choice(((1, noise), (0, noise), (1, b""), (40, b""), (0, doubled)))
        damaged[place : place + cut] = put
    return bytes(damaged)


def test_the_same_file_and_history_are_decided_the_same_way() -> None:
    """A decision may be made again after a crash."""
    content = write_upload(MERIDIAN, _claims(40))
    upload = deciding.Upload(MERIDIAN, PAYERS, HOSTILE, seed=5, sequence=1, name="one.837", taken_at=START)
    history = deciding.History(lambda _sender, _number: False, lambda _number: None)
    first, second = (deciding.decide(receive([content]), upload, history) for _ in range(2))
    assert first == second
