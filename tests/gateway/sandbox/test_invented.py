"""Invented claims are repeatable, obviously invented, and sound unless spoilt on purpose."""

import re
import time
from collections import Counter
from datetime import date, timedelta

from edi.claims import Contact, Party
from edi.transactions import t837p
from gateway.domain import edits
from gateway.sandbox.invented import DEFECTS, InventedClaim, Inventor, complete_npi, invent, invent_claims
from payers.payer import TimelyFiling
from payers.profile import SAMPLES, Payer, load
from tests.gateway.domain.samples import make_twin

TODAY = date(2026, 3, 2)
PAYERS = (
    Payer(
        id="blueharbor",
        name="Blue Harbor Plan",
        partner="meridian",
        payer_ids=("60001",),
        claim_filing_indicator="CI",
        timely_filing=TimelyFiling(original_days=90),
        member_id_pattern=r"^BHP[0-9]{9}$",
        member_id_example="BHP123456789",
    ),
    Payer(
        id="any_payer",
        name="Any Payer",
        partner="meridian",
        payer_ids=("*",),
        claim_filing_indicator="CI",
        timely_filing=TimelyFiling(original_days=40),
    ),
)


def _invent(count: int, seed: int = 7) -> list[InventedClaim]:
    return list(invent(count, seed=seed, payers=PAYERS, today=TODAY))


def test_the_same_seed_gives_the_same_claims_and_another_seed_others() -> None:
    assert _invent(60) == _invent(60)
    assert [made.claim for made in _invent(60)] == list(invent_claims(60, seed=7, payers=PAYERS, today=TODAY))
    assert _invent(60) != _invent(60, seed=8)


def test_a_shorter_run_is_the_beginning_of_a_longer_one() -> None:
    assert _invent(20) == _invent(200)[:20]


def test_patient_control_numbers_are_unique_within_and_between_seeds() -> None:
    names = [made.claim.patient_control_number for seed in (1, 2) for made in _invent(500, seed)]
    assert len(set(names)) == 1000
    assert all(len(name) <= 20 for name in names)


def test_about_six_in_a_hundred_are_spoilt_and_every_defect_occurs() -> None:
    found = Counter(made.defect for made in _invent(5000))
    spoilt = 5000 - found.pop("")
    assert set(found) == set(DEFECTS)
    assert 225 <= spoilt <= 375


def test_a_sound_claim_balances_and_was_served_in_time() -> None:
    for made in _invent(400):
        claim = made.claim
        if made.defect:
            continue
        assert claim.charge_cents == sum(line.charge_cents for line in claim.lines)
        assert 1 <= len(claim.lines) <= 6
        assert len({line.control_number for line in claim.lines}) == len(claim.lines)
        for line in claim.lines:
            assert line.service_from is not None
            assert TODAY - timedelta(days=60) <= line.service_from < TODAY
            assert set(line.diagnosis_pointers) <= set(range(1, len(claim.diagnoses) + 1))
            assert line.diagnosis_pointers


def test_member_ids_are_what_the_payer_asks_for() -> None:
    ids = [made.claim.subscriber.id for made in _invent(300) if not made.defect and made.claim.payer.id == "60001"]
    assert len(ids) > 100
    assert all(re.fullmatch(r"BHP[0-9]{9}", member_id) for member_id in ids)


def test_dependents_several_practices_and_returning_patients_occur() -> None:
    claims = [made.claim for made in _invent(300) if not made.defect]
    assert any(claim.patient is not None and claim.relationship == "19" for claim in claims)
    assert len({claim.billing_provider.id for claim in claims}) == 6
    assert max(Counter(claim.subscriber.id for claim in claims).values()) > 1
    assert any(claim.other_payers for claim in claims)


def test_no_two_sound_claims_are_the_same_service() -> None:
    """A duplicate is only ever made on purpose, and repeats an earlier claim but for its number."""
    services = [
        (m.claim.subscriber.id, m.claim.lines[0].service_from, m.defect)
        for m in _invent(3000)
        if m.defect in ("", "duplicate-claim")
    ]
    sound = [(member, served) for member, served, defect in services if not defect]
    assert len(set(sound)) == len(sound)
    repeated = [(member, served) for member, served, defect in services if defect]
    assert repeated
    assert set(repeated) <= set(sound)


def test_the_check_digit_of_a_known_invented_npi() -> None:
    assert complete_npi("199999998") == "1999999984"
    assert complete_npi("123456789") == "1234567893"


def test_ten_thousand_claims_take_less_than_two_seconds() -> None:
    inventor = Inventor(3, PAYERS, TODAY)
    started = time.perf_counter()
    for number in range(1, 10_001):
        inventor.invent(number)
    assert time.perf_counter() - started < 2


def test_the_scrubber_passes_the_sound_and_holds_each_spoilt_claim_for_its_defect() -> None:
    profiles = load(SAMPLES)
    for made in invent(600, seed=2, payers=tuple(profiles.payers.values()), today=TODAY):
        payer = profiles.find_payer(made.claim.payer.id)
        duplicates = (make_twin("EARLIER"),) if made.defect == "duplicate-claim" else ()
        found = edits.check(made.claim, edits.EditContext(payer=payer, today=TODAY, duplicates=duplicates))
        assert {finding.edit for finding in found} == ({made.defect} if made.defect else set())


def test_the_guide_finds_nothing_in_an_invented_claim() -> None:
    submitter = Party(
        role="41",
        last_name="SAMPLE BILLING",
        id_qualifier="46",
        id="SBC0001",
        contacts=(Contact(name="DESK", numbers=(("TE", "5550100100"),)),),
    )
    receiver = Party(role="40", last_name="SAMPLE EXCHANGE", id_qualifier="46", id="SAMPLEX")
    for made in _invent(300):
        assert t837p.check(made.claim, submitter, receiver) == []
