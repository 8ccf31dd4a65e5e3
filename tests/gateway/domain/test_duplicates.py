"""Two claims of a patient bill the same service, or do not, whatever else differs; and of two such claims one goes first."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from edi.claims import Claim, Party
from edi.claims.details import Tooth
from gateway.domain.duplicates import PatientClaim, digest_patient, find_same_line, list_rivals, tell_twins
from payers.profile import SAMPLES, load
from tests.gateway.domain.bill_samples import (
    FIRST,
    LAST,
    make_bill_line,
    make_dental_claim,
    make_dental_line,
    make_room,
    make_stay,
    make_visit,
)
from tests.gateway.domain.samples import (
    GOOD_NPI,
    RENDERING_NPI,
    SERVED,
    make_billing_provider,
    make_claim,
    make_line,
    make_provider,
    make_subscriber,
    make_twin,
)

PROFILES = load(SAMPLES)
NEXT_DAY = SERVED + timedelta(days=1)
STRANGER = make_provider(id="1245319599")


def bill(**line: Any) -> Claim:
    return make_claim(lines=(make_line(**line),))


def paid_by(payer_id: str) -> Claim:
    return make_claim(payer=Party(role="PR", last_name="A PLAN", id_qualifier="PI", id=payer_id))


def fill(*teeth: Tooth, **line: Any) -> Claim:
    return make_dental_claim(lines=(make_dental_line(teeth=teeth, **line),))


def tooth(number: str, *surfaces: str) -> Tooth:
    return Tooth(numbering="JP", tooth=number, surfaces=surfaces)


SAME = {
    "all alike": (bill(), bill()),
    "another charge": (bill(), bill(charge_cents=12500)),
    "another quantity": (bill(), bill(quantity=2)),
    "another place, diagnosis and control number": (
        bill(), bill(place_of_service="22", diagnosis_pointers=(2,), control_number="9"),
    ),
    "its last day given or not": (bill(), bill(service_through=SERVED)),
    "modifiers in another order": (bill(modifiers=("25", "GT")), bill(modifiers=("GT", "25"))),
    "one line more in the other": (bill(), make_claim(lines=(make_line(procedure="36415"), make_line()))),
    "one line more in this one": (make_claim(lines=(make_line(procedure="36415"), make_line())), bill()),
    "rendered by the one who bills, said or not": (
        make_claim(providers=()), make_claim(providers=(make_provider(id=GOOD_NPI),)),
    ),
    "rendered by the same one, said for the line or the claim": (
        make_claim(), make_claim(providers=(), lines=(make_line(providers=(make_provider(),)),)),
    ),
    "payers that a profile takes for one": (paid_by("BHH01"), paid_by(" bhh01 ")),
    "a payer of no profile, in other case": (paid_by("OTHER1"), paid_by("other1")),
    "a room of the same stay": (make_stay(), make_stay(lines=(make_room(charge_cents=90000),))),
    "a line without a day and one with the statement's only day": (
        make_visit(lines=(make_bill_line(service_from=None),)), make_visit(lines=(make_bill_line(),)),
    ),
    "a tooth with its surfaces in another order": (fill(tooth("12", "M", "O")), fill(tooth("12", "O", "M"))),
    "a dental day for all lines and one of the line": (
        make_dental_claim(lines=(make_dental_line(service_from=None),), dates=(("472", FIRST),)), make_dental_claim(),
    ),
}  # fmt: skip

OTHER = {
    "another day": (bill(), bill(service_from=NEXT_DAY)),
    "more days": (bill(), bill(service_through=NEXT_DAY)),
    "another procedure": (bill(), bill(procedure="99214")),
    "another modifier": (bill(modifiers=("26",)), bill(modifiers=("TC",))),
    "this one says that it was done again": (bill(modifiers=("76",)), bill()),
    "the other says that it was done again": (bill(), bill(modifiers=("25", "59"))),
    "another one rendered it": (make_claim(), make_claim(providers=(STRANGER,))),
    "another one rendered the line": (make_claim(), make_claim(lines=(make_line(providers=(STRANGER,)),))),
    "another payer": (paid_by("BHH01"), paid_by("NSP77")),
    "two payers that only the profile for all others takes": (paid_by("OTHER1"), paid_by("OTHER2")),
    "another revenue code": (make_stay(), make_stay(lines=(make_room(revenue_code="0110"),))),
    "another statement": (
        make_stay(), make_stay(periods=(msgspec.structs.replace(make_stay().periods[0], last=LAST + timedelta(days=1)),)),
    ),
    "what the hospital bills and what its doctor bills": (
        make_visit(), make_claim(lines=(make_line(procedure="99283", service_from=FIRST),)),
    ),
    "another tooth": (fill(tooth("12", "O")), fill(tooth("13", "O"))),
    "another surface": (fill(tooth("12", "O")), fill(tooth("12", "M"))),
    "another quarter of the mouth": (fill(oral_cavity=("10",)), fill(oral_cavity=("20",))),
    "asked for in advance": (make_dental_claim(submission_reason="PB"), make_dental_claim()),
    "no lines": (make_claim(lines=()), make_claim(lines=())),
}  # fmt: skip


@pytest.mark.parametrize(("claim", "other"), SAME.values(), ids=SAME)
def test_the_same_service_is_found_from_either_claim(claim: Claim, other: Claim) -> None:
    places = find_same_line(claim, other, PROFILES), find_same_line(other, claim, PROFILES)
    assert None not in places


@pytest.mark.parametrize(("claim", "other"), OTHER.values(), ids=OTHER)
def test_another_service_is_none_of_either_claim(claim: Claim, other: Claim) -> None:
    assert find_same_line(claim, other, PROFILES) is find_same_line(other, claim, PROFILES) is None


def test_the_first_line_that_is_the_same_is_named() -> None:
    mine = make_claim(lines=tuple(make_line(procedure=code) for code in ("36415", "99213", "85025")))
    theirs = make_claim(lines=tuple(make_line(procedure=code) for code in ("85025", "99213")))
    assert find_same_line(mine, theirs, PROFILES) == 1


CHILD = Party(role="QC", is_person=True, last_name="TESTCASE", first_name="ELDER", birth_date=date(2015, 2, 20), gender="F")


@pytest.mark.parametrize(
    ("changes", "is_same"),
    [
        ({}, True),
        ({"subscriber": make_subscriber(first_name="Invented", gender="U", address=None)}, True),
        ({"payer": Party(role="PR", last_name="ANOTHER", id="OTHER1"), "lines": (), "charge_cents": 1}, True),
        ({"providers": (STRANGER,)}, True),
        ({"subscriber": make_subscriber(id="XQB000000018")}, False),
        ({"subscriber": make_subscriber(last_name="NOBODY")}, False),
        ({"subscriber": make_subscriber(birth_date=date(1980, 2, 1))}, False),
        ({"patient": CHILD, "relationship": "19"}, False),
        ({"billing_provider": make_billing_provider(id=RENDERING_NPI)}, False),
    ],
)
def test_practice_and_patient_make_the_digest_and_nothing_else(changes: dict[str, Any], is_same: bool) -> None:
    assert (digest_patient(make_claim(**changes)) == digest_patient(make_claim())) is is_same


def stand(claim_id: int, state: str, **changes: Any) -> PatientClaim:
    one = PatientClaim(claim_id, f"C{claim_id}", state, 1, "1", "digest", SERVED, SERVED)
    return one._replace(**changes)


@pytest.mark.parametrize("ours", ["received", "ready"])
@pytest.mark.parametrize("other_id", [1, 9])
@pytest.mark.parametrize(
    "state", ["batched", "sent", "delivered", "accepted_by_payer", "pending", "paid", "partly_paid", "denied"]
)
def test_what_is_under_way_or_decided_goes_before_what_is_not(ours: str, other_id: int, state: str) -> None:
    assert list_rivals(stand(5, ours), [stand(other_id, state)])


@pytest.mark.parametrize("ours", ["received", "ready"])
@pytest.mark.parametrize("other_id", [1, 9])
@pytest.mark.parametrize("state", ["held", "rejected", "voided"])
def test_what_is_not_billed_keeps_nothing_back(ours: str, other_id: int, state: str) -> None:
    assert list_rivals(stand(5, ours), [stand(other_id, state)]) == []


@pytest.mark.parametrize(
    ("ours", "theirs", "rivals"),
    [("ready", "ready", [1]), ("received", "received", [1]), ("received", "ready", [1, 9]), ("ready", "received", [])],
)
def test_of_two_that_wait_the_ready_one_goes_first_then_the_earlier_one(ours: str, theirs: str, rivals: list[int]) -> None:
    others = [stand(1, theirs), stand(5, ours), stand(9, theirs)]
    assert [other.id for other in list_rivals(stand(5, ours), others)] == rivals


@pytest.mark.parametrize(
    ("first", "last", "meets"),
    [
        (SERVED, SERVED, True),
        (SERVED - timedelta(days=3), NEXT_DAY, True),
        (NEXT_DAY, NEXT_DAY, False),
        (SERVED - timedelta(days=3), SERVED - timedelta(days=1), False),
        (None, None, True),
    ],
)
def test_only_claims_of_days_that_may_be_the_same_are_compared(first: date | None, last: date | None, meets: bool) -> None:
    other = stand(1, "sent", service_from=first, service_through=last)
    assert bool(list_rivals(stand(5, "ready"), [other])) is meets
    mine = stand(5, "ready", service_from=first, service_through=last)
    assert bool(list_rivals(mine, [stand(1, "sent")])) is meets


@pytest.mark.parametrize(("frequency", "is_compared"), [("1", True), ("3", True), ("5", False), ("7", False), ("8", False)])
def test_a_bill_that_changes_or_takes_back_an_earlier_one_duplicates_none(frequency: str, is_compared: bool) -> None:
    assert bool(list_rivals(stand(5, "ready", frequency=frequency), [stand(1, "sent")])) is is_compared


def test_what_cannot_be_read_is_said_to_be_so() -> None:
    unread = make_twin("C1")._replace(line=0, service="", state="accepted_by_payer")
    assert tell_twins([unread]).endswith("cannot be read as it is kept, and may bill the same: C1 (accepted by payer)")
