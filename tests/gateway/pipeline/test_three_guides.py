"""Institutional and dental claims live the same life as professional ones: file in, own interchange out, answers in, posted."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from edi.claims import Claim, Guide
from edi.claims.details import Tooth
from edi.interchange import Reader
from edi.transactions.t835 import ServicePayment
from edi.transactions.t837 import GUIDES, ReadClaim, transaction_of
from gateway.domain.claim_places import find_first_service, find_last_service
from gateway.domain.facts import Kind
from gateway.domain.filing_limits import find_filing_limit
from gateway.domain.matching import match_lines
from gateway.pipeline import second_opinion
from gateway.pipeline.intake import fingerprint
from gateway.sandbox.behaviour import PERFECT
from gateway.sandbox.invented import invent
from gateway.sandbox.partner import Sandbox
from payers.partner import Versions
from tests.gateway.domain.bill_samples import make_dental_claim, make_dental_line, make_room, make_stay
from tests.gateway.domain.samples import make_payment
from tests.support.uploads import write_upload
from tests.support.worlds import MERIDIAN, PROFILES, World

EACH = pytest.mark.parametrize("guide", list(GUIDES))
SEEDS: dict[Guide, int] = {"837P": 3, "837I": 5, "837D": 6}
"""With these the first claims of a guide are of each kind it has: visits and stays, work on teeth and on the mouth."""


def invented(world: World, guide: Guide, count: int = 6, payer: str = "blueharbor") -> list[Claim]:
    """Sound invented claims of a guide for one payer."""
    made = invent(count * 3, seed=SEEDS[guide], payers=[PROFILES.payers[payer]], today=world.clock.now().date(), guide=guide)
    return [one.claim for one in made if not one.defect][:count]


def as_file(*claims: Claim) -> bytes:
    """What a practice's own system writes: an 837 of the claims' guide."""
    return write_upload(PROFILES.partners[MERIDIAN], claims)


def sent_files(world: World) -> dict[str, bytes]:
    """What was sent, by the guide of its batch."""
    files = {row["id"]: row["sha256"] for row in world.rows("file", direction="outbound")}
    return {row["transaction"]: b"".join(world.archive.open(files[row["file_id"]])) for row in world.rows("batch")}


@EACH
def test_an_837_of_each_guide_is_taken_in_as_what_it_is(world: World, guide: Guide) -> None:
    report = world.take_in_bytes(as_file(*invented(world, guide)), "practice.837")
    assert (report.new, report.refused, report.remarks) == (6, 0, [])
    assert {row["guide"] for row in world.rows("claim")} == {guide}
    world.run("scrub")
    assert set(world.states().values()) == {"ready"}


@EACH
def test_a_json_document_of_each_guide_is_taken_in_as_what_it_is(world: World, guide: Guide) -> None:
    world.take_in(*invented(world, guide))
    assert {row["guide"] for row in world.rows("claim")} == {guide}
    assert all(row["service_from"] is not None and row["service_through"] is not None for row in world.rows("claim"))


def test_the_same_claim_in_both_forms_is_one(world: World) -> None:
    for guide in GUIDES:
        claims = invented(world, guide)
        world.take_in(*claims)
        again = world.take_in_bytes(as_file(*claims), "again.837")
        assert (again.new, again.known, again.remarks) == (0, len(claims), [])


def test_each_guide_leaves_in_an_interchange_of_its_own_in_the_version_of_the_profile(world: World) -> None:
    world.change_partner(versions=Versions(institutional="005010X223A3", dental="005010X224A2"))
    for guide in GUIDES:
        world.take_in_bytes(as_file(*invented(world, guide)), f"{guide}.837")
    world.run("scrub", "batching", "delivery")
    due = {"837P": "005010X222A1", "837I": "005010X223A3", "837D": "005010X224A2"}
    files = sent_files(world)
    assert set(files) == set(due)
    for guide in GUIDES:
        reader = Reader([files[guide]])
        for tset in reader:
            assert (tset.group.version, tset.version) == (due[guide], due[guide])
            read = [item for item in transaction_of(guide).read(tset) if isinstance(item, ReadClaim)]
            assert len(read) == 6
            assert all(item.claim and item.claim.guide == guide for item in read)
            assert tset.findings == []
    assert world.broken() == []


@EACH
def test_a_partner_that_takes_none_of_a_kind_holds_them_with_the_reason(world: World, guide: Guide) -> None:
    world.change_partner(versions=Versions(professional="", institutional="", dental=""))
    world.take_in(*invented(world, guide, 2))
    world.run("scrub", "batching")
    assert set(world.states().values()) == {"held"}
    assert f"takes no {transaction_of(guide).kind} claims" in world.sentences("edits_failed")[0]
    assert world.rows("batch") == []


def test_lakeside_takes_professional_claims_alone(world: World) -> None:
    for guide in GUIDES:
        world.take_in(*invented(world, guide, 2, payer="lakeside_health"))
    world.run("scrub")
    states = Counter((row["guide"], row["state"]) for row in world.rows("claim"))
    assert states == {("837P", "ready"): 2, ("837I", "held"): 2, ("837D", "held"): 2}


def live(world: World, folder: Path) -> None:
    """What was sent goes to a sandbox partner, and its answers come back, day by day until it has no more to say."""
    partner = world.profiles.partners[MERIDIAN]
    payers = tuple(world.profiles.payers.values())
    sandbox = Sandbox(partner, payers, folder, world.clock, behaviour=PERFECT, seed=1, day_seconds=86_400)
    for guide, content in sent_files(world).items():
        (sandbox.upload_folder / f"{guide}.837").write_bytes(content)
    known: set[Path] = set()
    while sandbox.tick() or sandbox.next_due():
        for path in sorted(set(sandbox.pickup_folder.iterdir()) - known):
            world.hear(path.read_bytes(), path.name)
            known.add(path)
        world.turn(hours=12)


@pytest.mark.parametrize("fresh_engine", ["sqlite"], indirect=True)
def test_the_sandbox_acknowledges_and_pays_every_guide_and_every_cent_is_posted(world: World, tmp_path: Path) -> None:
    for guide in GUIDES:
        world.take_in_bytes(as_file(*invented(world, guide)), f"{guide}.837")
    world.run("scrub", "batching", "delivery")
    live(world, tmp_path / "sandbox")
    settled = {"paid", "partly_paid", "denied"}
    assert all(row["state"] in settled for row in world.rows("claim")), world.states()
    assert {row["guide"] for row in world.rows("claim", state="paid")} == set(GUIDES)
    for row in world.rows("claim"):
        kinds = {fact.kind for fact in world.facts(row["source_pcn"])}
        assert {Kind.SYNTAX_ACCEPTED, Kind.CLEARINGHOUSE_ACCEPTED, Kind.PAYER_ACCEPTED} <= kinds
    assert world.broken() == []


@pytest.mark.parametrize("fresh_engine", ["sqlite"], indirect=True)
def test_what_was_paid_stands_on_the_line_it_was_paid_for(world: World, tmp_path: Path) -> None:
    """Lines of a bill without a code are paid under NU and without a day of their own; each entry names its line all the same."""
    for guide in ("837I", "837D"):
        world.take_in_bytes(as_file(*invented(world, guide)), f"{guide}.837")
    world.run("scrub", "batching", "delivery")
    live(world, tmp_path / "sandbox")
    journals = {row["id"] for row in world.rows("journal", kind="payment")}
    cash = [row for row in world.rows("entry") if row["journal_id"] in journals and row["account"] == "cash_clearing"]
    assert cash
    assert all(row["line_control_number"] for row in cash)


@pytest.mark.parametrize(("guide", "is_asked"), [("837P", True), ("837I", True), ("837D", False)])
@pytest.mark.parametrize("fresh_engine", ["sqlite"], indirect=True)
def test_pyx12_is_asked_about_the_versions_it_can_judge(
    world: World, guide: Guide, is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    ask = second_opinion.ask

    def listen(content: bytes, claim_count: int) -> second_opinion.Opinion:
        asked.append(claim_count)
        return ask(content, claim_count)

    monkeypatch.setattr("gateway.pipeline.objections.ask", listen)
    world.change_partner(second_opinion="pyx12")
    world.take_in(*invented(world, guide))
    world.run("scrub", "batching")
    assert asked == ([6] if is_asked else [])
    assert set(world.states().values()) == {"batched"}
    assert world.work() == []


def test_a_stay_has_the_days_of_its_statement() -> None:
    stay = make_stay()
    assert (find_first_service(stay), find_last_service(stay)) == (stay.periods[0].first, stay.periods[0].last)


@EACH
def test_the_filing_deadline_kept_is_the_one_the_edits_go_by(world: World, guide: Guide) -> None:
    claims = invented(world, guide)
    world.take_in(*claims)
    for claim in claims:
        limit = find_filing_limit(claim, PROFILES.find_payer(claim.payer.id))
        assert limit is not None
        assert world.claim(claim.patient_control_number)["filing_deadline"] == limit.last_day


def test_a_dental_claim_may_have_one_day_for_all_lines(world: World) -> None:
    (claim, *_) = invented(world, "837D")
    day = world.clock.now().date() - timedelta(days=9)
    lines = tuple(msgspec.structs.replace(line, service_from=None) for line in claim.lines)
    world.take_in(msgspec.structs.replace(claim, lines=lines, dates=(("472", day),)))
    (row,) = world.rows("claim")
    assert (row["service_from"], row["service_through"]) == (day, day)


def test_bills_that_differ_in_a_revenue_code_or_a_tooth_alone_are_two_claims() -> None:
    """Under one number, too: the same code on another tooth, or the same charge booked elsewhere, is not known already."""
    room = make_stay(lines=(make_room(),))
    assert fingerprint(room) != fingerprint(make_stay(lines=(make_room(revenue_code="0110"),)))
    filling = make_dental_claim()
    elsewhere = make_dental_line(teeth=(Tooth(numbering="JP", tooth="13", surfaces=("O",)),))
    assert fingerprint(filling) != fingerprint(make_dental_claim(lines=(elsewhere,)))


def test_a_payment_without_echoes_finds_lines_of_a_bill_by_revenue_code_and_first_day() -> None:
    stay = make_stay(lines=(make_room(), make_room(revenue_code="0250", control_number="L2")))
    first = stay.periods[0].first
    paid = tuple(
        ServicePayment(procedure=code, procedure_qualifier="NU", charge_cents=80000, paid_cents=0) for code in ("0250", "0120")
    )
    payment = make_payment(*paid, service_from=first)
    assert match_lines(payment, stay) == ["L2", "L1"]
