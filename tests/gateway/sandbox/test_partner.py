"""The sandbox partner end to end, on files: an upload goes in, answers come out when they are due, and they add up."""

import contextlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from edi.claims import Claim, Reference
from edi.findings import EdiError
from edi.interchange import Reader
from edi.remittances.balances import check_claim_payment
from edi.transactions import t277ca, t835, t999
from edi.transactions.t277ca import AcknowledgedUnit, ClaimAcknowledgment
from edi.transactions.t835 import ClaimPayment, ProviderAdjustment, Remittance
from edi.transactions.t999 import GroupResponse
from gateway.clock import TurnedClock
from gateway.sandbox.adjudication import Decisions
from gateway.sandbox.behaviour import FRIENDLY, HOSTILE, PERFECT, Behaviour, Mischief
from gateway.sandbox.invented import invent
from gateway.sandbox.partner import Sandbox
from gateway.sandbox.summary import Summary, summarise
from payers.profile import SAMPLES, load
from tests.support.uploads import write_upload

PROFILES = load(SAMPLES)
MERIDIAN, LAKESIDE = PROFILES.partners["meridian"], PROFILES.partners["lakeside"]
PAYERS = tuple(PROFILES.payers.values())
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LONG = timedelta(days=200)


class Read(msgspec.Struct):
    """Everything that was in the answers, by our own readers."""

    kinds: list[str] = []
    findings: list[object] = []
    notes: list[str] = []
    responses: list[GroupResponse] = []
    heads: list[ClaimAcknowledgment] = []
    units: list[tuple[str, AcknowledgedUnit]] = []
    remittances: list[tuple[Remittance, list[ClaimPayment], list[ProviderAdjustment]]] = []
    unread: list[str] = []


def _claims(count: int, seed: int = 4, partner: str = "meridian") -> list[Claim]:
    payers = [payer for payer in PAYERS if payer.partner == partner]
    made = (m.claim for m in invent(count * 2, seed=seed, payers=payers, today=START.date()) if not m.defect)
    return [_number(claim, number) for number, claim in zip(range(1, count + 1), made, strict=False)]


def _number(claim: Claim, number: int) -> Claim:
    trace = Reference(qualifier="D9", value=f"T{number:08d}")
    return msgspec.structs.replace(claim, patient_control_number=f"PCN{number:09d}", references=(*claim.references, trace))


def _sandbox(
    folder: Path,
    behaviour: Behaviour = FRIENDLY,
    *,
    clock: TurnedClock | None = None,
    day_seconds: float = 86_400,
    seed: int = 11,
) -> Sandbox:
    partner = clock or TurnedClock(START)
    return Sandbox(MERIDIAN, PAYERS, folder, partner, behaviour=behaviour, seed=seed, day_seconds=day_seconds)


def _run(folder: Path, content: bytes, behaviour: Behaviour = FRIENDLY, *, seed: int = 11) -> tuple[Read, Summary]:
    """Upload, wait until nothing is due any more, and read all that came."""
    clock = TurnedClock(START)
    sandbox = _sandbox(folder, behaviour, clock=clock, seed=seed)
    (sandbox.upload_folder / "one.837").write_bytes(content)
    sandbox.tick()
    clock.turn(LONG)
    sandbox.tick()
    assert sandbox.next_due() is None
    return _read_all(sandbox.pickup_folder), summarise(folder, MERIDIAN)


def _read_all(folder: Path) -> Read:
    read = Read()
    for path in sorted(folder.iterdir()):
        read.kinds.append(path.suffix)
        try:
            _read_file(path, read)
        except EdiError:
            read.unread.append(path.name)
    return read


def _read_file(path: Path, read: Read) -> None:
    reader = Reader([path.read_bytes()])
    for tset in reader:
        if tset.code == "999":
            read.responses.append(t999.read(tset))
        elif tset.code == "277":
            source = ""
            for item in t277ca.read(tset):
                if isinstance(item, ClaimAcknowledgment):
                    source = item.source.role
                    read.heads.append(item)
                else:
                    read.units.append((source, item))
        else:
            _read_remittance(t835.read(tset), read)
        read.findings += tset.findings
        read.findings += tset.unread
    read.findings += reader.findings
    read.notes += [acknowledgment.note for each in reader.interchanges for acknowledgment in each.acknowledgments]


def _read_remittance(items: Iterator[Remittance | ClaimPayment | ProviderAdjustment], read: Read) -> None:
    head = next(items)
    assert isinstance(head, Remittance)
    rest = list(items)
    payments = [item for item in rest if isinstance(item, ClaimPayment)]
    read.remittances.append((head, payments, [item for item in rest if isinstance(item, ProviderAdjustment)]))


def _assert_adds_up(read: Read) -> None:
    """Σ BPR02 = Σ CLP04 − Σ PLB for each remittance, and every claim balances."""
    for head, payments, adjustments in read.remittances:
        assert head.amount_cents == sum(p.paid_cents for p in payments) - sum(a.amount_cents for a in adjustments)
        assert head.amount_cents >= 0
        assert [imbalance for payment in payments for imbalance in check_claim_payment(payment)] == []


def test_friendly_answers_read_back_without_a_finding_and_add_up(tmp_path: Path) -> None:
    claims = _claims(150)
    read, summary = _run(tmp_path, write_upload(MERIDIAN, claims[:100], claims[100:]))
    assert read.findings == []
    assert read.unread == []
    assert {".999", ".277ca", ".835"} <= set(read.kinds)
    _assert_adds_up(read)
    assert [response.verdict for response in read.responses] == ["A"]
    assert summary.claims == 150
    assert sum(head.amount_cents for head, _, _ in read.remittances) == summary.remitted_cents == summary.paid_cents


def test_every_claim_is_answered_by_the_clearinghouse_and_the_accepted_ones_by_their_payer(tmp_path: Path) -> None:
    claims = _claims(200)
    read, summary = _run(tmp_path, write_upload(MERIDIAN, claims))
    clearinghouse = {unit.trace: unit for source, unit in read.units if source == "AY" and unit.level == "claim"}
    payer = {unit.trace: unit for source, unit in read.units if source == "PR" and unit.level == "claim"}
    assert set(clearinghouse) == {claim.patient_control_number for claim in claims}
    refused = {pcn for pcn, unit in clearinghouse.items() if unit.statuses[0].action == "U"}
    assert len(refused) == summary.rejected["clearinghouse_rejected"] > 0
    assert set(payer) == set(clearinghouse) - refused
    assert sum(unit.statuses[0].action == "U" for unit in payer.values()) == summary.rejected["payer_rejected"] > 0
    assert {unit.claim_trace for unit in clearinghouse.values()} == {claim.reference("D9") for claim in claims}
    paid = {p.payer_claim_number: p.patient_control_number for _, payments, _ in read.remittances for p in payments}
    assert all(payer[pcn].payer_claim_number == number for number, pcn in paid.items())


def test_the_receiver_level_counts_what_was_sent_and_echoes_its_reference(tmp_path: Path) -> None:
    claims = _claims(20)
    read, _ = _run(tmp_path, write_upload(MERIDIAN, claims), PERFECT)
    whole = next(unit for source, unit in read.units if source == "AY" and unit.level == "receiver")
    assert whole.trace == "B00000101"
    assert (whole.accepted_count, whole.rejected_count) == (20, None)
    assert whole.accepted_cents == sum(claim.charge_cents for claim in claims)


def test_every_claim_is_paid_denied_rejected_or_met_with_silence(tmp_path: Path) -> None:
    read, summary = _run(tmp_path, write_upload(MERIDIAN, _claims(400)))
    assert sum(summary.rejected.values()) + summary.paid + summary.denied + summary.silent == 400
    assert min(summary.paid, summary.denied, summary.silent) > 0
    answered = [payment.patient_control_number for _, payments, _ in read.remittances for payment in payments]
    assert len(answered) == len(set(answered)) == summary.paid + summary.denied


def test_line_control_numbers_come_back(tmp_path: Path) -> None:
    claims = _claims(10)
    read, _ = _run(tmp_path, write_upload(MERIDIAN, claims), PERFECT)
    sent = {claim.patient_control_number: [line.control_number for line in claim.lines] for claim in claims}
    came = {
        p.patient_control_number: [line.line_control_number for line in p.lines]
        for _, payments, _ in read.remittances
        for p in payments
    }
    assert came == sent


def test_answers_come_in_their_time(tmp_path: Path) -> None:
    """The 999 within the hour, the clearinghouse within hours, the payer within two days, the money after a week."""
    clock = TurnedClock(START)
    sandbox = _sandbox(tmp_path, PERFECT, clock=clock)
    (sandbox.upload_folder / "one.837").write_bytes(write_upload(MERIDIAN, _claims(40)))
    sandbox.tick()
    assert summarise(tmp_path, MERIDIAN).waiting > 3
    seen = []
    for hours in (0, 1, 9, 48, 6 * 24 + 23, 21 * 24):
        clock.turn_to(START + timedelta(hours=hours))
        sandbox.tick()
        seen.append(Counter(path.suffix for path in sandbox.pickup_folder.iterdir()))
    assert [bool(kinds[".999"]) for kinds in seen] == [False, True, True, True, True, True]
    assert [kinds[".277ca"] for kinds in seen[:3]] == [0, 0, 1]
    assert seen[3][".277ca"] == seen[5][".277ca"] > 1
    assert [bool(kinds[".835"]) for kinds in seen] == [False] * 5 + [True]


def test_a_day_of_no_seconds_answers_everything_at_once(tmp_path: Path) -> None:
    sandbox = _sandbox(tmp_path, PERFECT, day_seconds=0)
    (sandbox.upload_folder / "one.837").write_bytes(write_upload(MERIDIAN, _claims(5)))
    assert sandbox.tick() > 3
    assert sandbox.next_due() is None
    assert summarise(tmp_path, MERIDIAN).waiting == 0
    assert {path.suffix for path in sandbox.pickup_folder.iterdir()} == {".999", ".277ca", ".835"}


def test_a_file_still_being_written_is_left_alone(tmp_path: Path) -> None:
    sandbox = _sandbox(tmp_path)
    half = sandbox.upload_folder / "one.837.part"
    half.write_bytes(write_upload(MERIDIAN, _claims(2))[:200])
    assert sandbox.tick() == 0
    assert half.exists()
    assert sandbox.next_due() is None


def test_the_same_interchange_again_is_refused_and_not_paid_again(tmp_path: Path) -> None:
    clock = TurnedClock(START)
    content = write_upload(MERIDIAN, _claims(10))
    before = _sandbox(tmp_path, PERFECT, clock=clock)
    (before.upload_folder / "one.837").write_bytes(content)
    before.tick()
    sandbox = _sandbox(tmp_path, PERFECT, clock=clock)
    (sandbox.upload_folder / "again.837").write_bytes(content)
    sandbox.tick()
    clock.turn(LONG)
    sandbox.tick()
    read, summary = _read_all(sandbox.pickup_folder), summarise(tmp_path, MERIDIAN)
    assert read.notes == ["025"]
    assert len(read.responses) == 1
    assert sum(len(payments) for _, payments, _ in read.remittances) == 10
    assert (summary.interchanges, summary.rejected_interchanges, summary.claims) == (2, 1, 10)


def test_a_claim_sent_twice_in_two_interchanges_is_counted(tmp_path: Path) -> None:
    sandbox = _sandbox(tmp_path, PERFECT)
    for number in (1, 2):
        (sandbox.upload_folder / f"{number}.837").write_bytes(write_upload(MERIDIAN, _claims(3), isa_control_number=number))
    sandbox.tick()
    assert summarise(tmp_path, MERIDIAN).repeated_claims == 3


def test_a_broken_set_is_refused_by_999_with_the_claim_named(tmp_path: Path) -> None:
    """The date of the first claim's first service is none: the set is refused, and the 999 says which claim is the cause."""
    content = write_upload(MERIDIAN, _claims(3)).replace(b"DTP*472*D8*2", b"DTP*472*D8*X", 1)
    read, summary = _run(tmp_path, content)
    (response,) = read.responses
    assert response.verdict == "R"
    assert response.sets[0].notes[0].patient_control_number == "PCN000000001"
    assert read.remittances == []
    assert summary.rejected["syntax_rejected"] == 3


@pytest.mark.parametrize("content", [b"", b"MEMBER,DATE,CHARGE\n1,2,3\n", b"ISA*00*"])
def test_what_is_no_x12_is_answered_with_a_report(tmp_path: Path, content: bytes) -> None:
    read, summary = _run(tmp_path, content)
    assert read.kinds == [".rpt"]
    assert summary.uploads == 1
    assert summary.claims == 0


def test_an_interchange_cut_short_is_refused_by_ta1(tmp_path: Path) -> None:
    content = write_upload(MERIDIAN, _claims(5))
    read, summary = _run(tmp_path, content[: len(content) // 2])
    assert read.kinds == [".ta1"]
    assert read.notes != ["000"]
    assert summary.claims == 0


def test_an_interchange_refused_for_its_form_may_come_again_under_its_number(tmp_path: Path) -> None:
    content = write_upload(MERIDIAN, _claims(5))
    _run(tmp_path, content[: len(content) // 2])
    _, summary = _run(tmp_path, content)
    assert summary.claims == 5


def test_a_payer_that_takes_files_itself_sends_ta1_and_one_277ca(tmp_path: Path) -> None:
    clock = TurnedClock(START)
    sandbox = Sandbox(LAKESIDE, PAYERS, tmp_path, clock, behaviour=FRIENDLY, seed=3)
    (sandbox.upload_folder / "one.txt").write_bytes(write_upload(LAKESIDE, _claims(60, partner="lakeside")))
    sandbox.tick()
    clock.turn(LONG)
    sandbox.tick()
    read = _read_all(sandbox.pickup_folder)
    assert read.notes == ["000"]
    assert {source for source, _ in read.units} == {"PR"}
    assert sum(unit.level == "claim" for _, unit in read.units) == 60
    assert read.findings == []


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    content = write_upload(MERIDIAN, _claims(60))
    folders = [tmp_path / name for name in "abc"]
    for folder, seed in zip(folders, (1, 1, 2), strict=True):
        _run(folder, content, HOSTILE, seed=seed)
    first, second, other = ({path.name: path.read_bytes() for path in (f / "meridian" / "answers").iterdir()} for f in folders)
    assert first == second
    assert first != other


def test_an_upload_taken_but_not_decided_is_decided_after_a_restart(tmp_path: Path) -> None:
    """Killed after the record's answers were written but before the record was: the same answers, once."""
    content = write_upload(MERIDIAN, _claims(30))
    undisturbed, _ = _run(tmp_path / "a", content)
    sandbox = _sandbox(tmp_path / "b")
    (sandbox.upload_folder / "one.837").write_bytes(content)
    sandbox.tick()
    (tmp_path / "b" / "meridian.state" / "decided" / "000001.json").unlink()
    next((tmp_path / "b" / "meridian.state" / "due").iterdir()).unlink()
    clock = TurnedClock(START + LONG)
    _sandbox(tmp_path / "b", clock=clock).tick()
    again = _read_all(tmp_path / "b" / "meridian" / "answers")
    assert again.remittances == undisturbed.remittances
    assert again.kinds == undisturbed.kinds


def _without(**mischief: int) -> Behaviour:
    return msgspec.structs.replace(PERFECT, mischief=Mischief(**mischief), decisions=Decisions(deductible_per_mille=0))


def test_a_split_or_merged_remittance_pays_every_claim_once(tmp_path: Path) -> None:
    read, summary = _run(tmp_path, write_upload(MERIDIAN, _claims(80)), _without(split=1000, merged=500))
    _assert_adds_up(read)
    paid = [payment.patient_control_number for _, payments, _ in read.remittances for payment in payments]
    assert len(paid) == len(set(paid)) == 80
    assert sum(head.amount_cents for head, _, _ in read.remittances) == summary.paid_cents


def test_provider_adjustments_and_reversals_add_up(tmp_path: Path) -> None:
    read, summary = _run(tmp_path, write_upload(MERIDIAN, _claims(120)), _without(provider_adjusted=1000, reversed_later=200))
    _assert_adds_up(read)
    assert read.findings == []
    reasons = {adjustment.reason for _, _, adjustments in read.remittances for adjustment in adjustments}
    assert {"L6", "WO", "FB"} == reasons
    statuses = Counter(payment.status for _, payments, _ in read.remittances for payment in payments)
    assert statuses["22"] > 0
    assert sum(head.amount_cents for head, _, _ in read.remittances) == summary.remitted_cents


def test_the_same_bytes_or_the_same_remittance_come_again(tmp_path: Path) -> None:
    _run(tmp_path / "a", write_upload(MERIDIAN, _claims(10)), _without(same_bytes=1000))
    contents = [path.read_bytes() for path in (tmp_path / "a" / "meridian" / "answers").iterdir()]
    assert set(Counter(contents).values()) == {2}
    read, summary = _run(tmp_path / "b", write_upload(MERIDIAN, _claims(10)), _without(same_again=1000))
    traces = Counter(head.trace_number for head, _, _ in read.remittances)
    assert set(traces.values()) == {2}
    assert len(traces) == summary.remittances


def test_a_cent_out_is_seen_by_the_balance_rules(tmp_path: Path) -> None:
    read, _ = _run(tmp_path, write_upload(MERIDIAN, _claims(60)), _without(cent_out=1000))
    for head, payments, adjustments in read.remittances:
        total = sum(p.paid_cents for p in payments) - sum(a.amount_cents for a in adjustments)
        wrong_claims = [payment for payment in payments if check_claim_payment(payment)]
        assert (head.amount_cents != total) != bool(wrong_claims)


def test_a_set_refused_whole_names_one_guilty_claim(tmp_path: Path) -> None:
    read, summary = _run(tmp_path, write_upload(MERIDIAN, _claims(6)), _without(set_refused=1000))
    (response,) = read.responses
    assert response.sets[0].verdict == "R"
    assert [note.segment for note in response.sets[0].notes] == ["CLM"]
    assert summary.rejected["syntax_rejected"] == 6


def test_unknown_lowered_and_cut_numbers_and_noise_come(tmp_path: Path) -> None:
    behaviour = _without(unknown_claim=1000, lowered=300, cut=300, not_edi=1000, empty_file=1000, trailing_junk=1000)
    read, _ = _run(tmp_path, write_upload(MERIDIAN, _claims(60)), behaviour)
    pcns = [payment.patient_control_number for _, payments, _ in read.remittances for payment in payments]
    assert any(pcn.startswith("NOTOURS") for pcn in pcns)
    assert any(pcn.startswith("pcn") for pcn in pcns)
    assert any(len(pcn) == 10 for pcn in pcns)
    assert len(read.unread) == 2
    assert read.findings != []


def test_answers_overtake_one_another_come_late_or_never(tmp_path: Path) -> None:
    """Over some seeds: a 277CA before its 999, an 835 before a 277CA, an 835 after more than 20 days, no 999 at all."""
    orders, late, missing = set(), False, False
    for seed in range(12):
        clock = TurnedClock(START)
        sandbox = _sandbox(tmp_path / str(seed), _without(early=300, late=300, lost=200), clock=clock, seed=seed)
        (sandbox.upload_folder / "one.837").write_bytes(write_upload(MERIDIAN, _claims(8)))
        sandbox.tick()
        came: list[str] = []
        while (due := sandbox.next_due()) is not None:
            clock.turn_to(due)
            sandbox.tick()
            late = late or due > START + timedelta(days=21)
            came += [path.suffix for path in sandbox.pickup_folder.iterdir()]
            for path in sandbox.pickup_folder.iterdir():
                path.unlink()
        orders |= {(earlier, later) for place, earlier in enumerate(came) for later in came[place:]}
        missing = missing or ".999" not in came
        assert ".835" in came
    assert {(".277ca", ".999"), (".835", ".277ca")} <= orders
    assert late
    assert missing


def test_a_void_takes_back_what_was_paid_and_a_second_one_is_refused(tmp_path: Path) -> None:
    clock = TurnedClock(START)
    (claim,) = _claims(1)
    _send(tmp_path, clock, claim, 1)
    first = _read_all(tmp_path / "meridian" / "answers").remittances[0][1][0]
    void = msgspec.structs.replace(
        claim, frequency="8", references=(*claim.references, Reference(qualifier="F8", value=first.payer_claim_number))
    )
    _send(tmp_path, clock, void, 2)
    _send(tmp_path, clock, void, 3)
    read = _read_all(tmp_path / "meridian" / "answers")
    payments = [payment for _, listed, _ in read.remittances for payment in listed]
    assert [payment.status for payment in payments].count("22") == 1
    assert sum(payment.paid_cents for payment in payments) == 0
    assert summarise(tmp_path, MERIDIAN).rejected["payer_rejected"] == 1


def _send(folder: Path, clock: TurnedClock, claim: Claim, number: int) -> None:
    sandbox = _sandbox(folder, _without(), clock=clock)
    (sandbox.upload_folder / f"{number}.837").write_bytes(write_upload(MERIDIAN, [claim], isa_control_number=number))
    sandbox.tick()
    clock.turn(LONG)
    sandbox.tick()


def test_hostile_behaviour_never_stops_the_sandbox_and_keeps_its_own_book(tmp_path: Path) -> None:
    for seed in range(4):
        read, summary = _run(tmp_path / str(seed), write_upload(MERIDIAN, _claims(150)), HOSTILE, seed=seed)
        assert summary.claims == 150
        assert sum(summary.rejected.values()) + summary.paid + summary.denied + summary.silent == 150
        distinct = {head.trace_number: head.amount_cents for head, _, _ in read.remittances}
        assert sum(distinct.values()) == summary.remitted_cents


class Killed(BaseException):
    """The process ends here."""


def test_killed_at_any_change_of_a_file_it_goes_on_as_if_nothing_had_been(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is the fake: the nth rename never happens, the process ends, another one starts."""
    content = write_upload(MERIDIAN, _claims(6))
    expected = {
        path.name: path.read_bytes() for path in _answer_despite(tmp_path / "whole", content, monkeypatch, 10**6).iterdir()
    }
    assert len(expected) > 5
    for nth in range(3 * len(expected)):
        folder = _answer_despite(tmp_path / str(nth), content, monkeypatch, nth)
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == expected
        assert summarise(tmp_path / str(nth), MERIDIAN).claims == 6


def _answer_despite(folder: Path, content: bytes, monkeypatch: pytest.MonkeyPatch, nth: int) -> Path:
    renamed = 0
    rename = Path.rename

    def fail_at_nth(path: Path, target: Path) -> Path:
        nonlocal renamed
        renamed += 1
        if renamed > nth:
            raise Killed
        return rename(path, target)

    sandbox = _sandbox(folder, day_seconds=0)
    (sandbox.upload_folder / "one.837").write_bytes(content)
    with monkeypatch.context() as patched, contextlib.suppress(Killed):
        patched.setattr(Path, "rename", fail_at_nth)
        sandbox.tick()
    _sandbox(folder, day_seconds=0).tick()
    return sandbox.pickup_folder
