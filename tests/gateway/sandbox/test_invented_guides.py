"""Invented bills and dental claims: sound to edits and guide unless spoilt, repeatable, of every kind a partner may meet."""

from datetime import date

import msgspec
import pytest

from edi.claims import Guide
from edi.transactions.t837 import transaction_of
from gateway.domain import edits
from gateway.domain.edits.terms import EditContext
from gateway.sandbox.invented import COMMON_DEFECTS, InventedClaim, invent
from payers.profile import SAMPLES, load
from tests.gateway.domain.samples import make_twin
from tests.support.professional import RECEIVER, SUBMITTER

TODAY = date(2026, 3, 2)
PROFILES = load(SAMPLES)
PAYERS = tuple(PROFILES.payers.values())
BOTH = pytest.mark.parametrize("guide", ["837I", "837D"])


def made(guide: Guide, count: int = 400, seed: int = 2) -> list[InventedClaim]:
    return list(invent(count, seed=seed, payers=PAYERS, today=TODAY, guide=guide))


@BOTH
def test_the_scrubber_passes_the_sound_and_holds_each_spoilt_claim_for_its_defect(guide: Guide) -> None:
    for one in made(guide):
        payer = PROFILES.find_payer(one.claim.payer.id)
        duplicates = (make_twin("EARLIER"),) if one.defect == "duplicate-claim" else ()
        found = edits.check(one.claim, EditContext(payer=payer, today=TODAY, duplicates=duplicates))
        assert {finding.edit for finding in found} == ({one.defect} if one.defect else set())


@BOTH
def test_the_guide_finds_nothing_in_them(guide: Guide) -> None:
    for one in made(guide, 200):
        assert transaction_of(guide).check(one.claim, SUBMITTER, RECEIVER) == []


@BOTH
def test_every_defect_occurs_and_the_same_seed_gives_the_same_claims(guide: Guide) -> None:
    first = made(guide)
    assert {one.defect for one in first} == {"", *COMMON_DEFECTS}
    assert made(guide) == first


def test_there_are_visits_and_stays() -> None:
    assert {one.claim.place_of_service for one in made("837I")} == {"11", "13"}


def test_there_is_work_on_teeth_on_quadrants_and_on_the_mouth() -> None:
    lines = [line for one in made("837D") for line in one.claim.lines]
    assert any(line.teeth for line in lines)
    assert any(line.oral_cavity for line in lines)
    assert any(line.prosthesis for line in lines)
    assert any(not line.teeth and not line.oral_cavity for line in lines)


def test_a_duplicate_is_the_sound_claim_before_it_under_another_number() -> None:
    claims = made("837I")
    sound = [msgspec.structs.replace(one.claim, patient_control_number="") for one in claims if not one.defect]
    repeated = [one.claim for one in claims if one.defect == "duplicate-claim"]
    assert repeated
    assert all(msgspec.structs.replace(claim, patient_control_number="") in sound for claim in repeated)
