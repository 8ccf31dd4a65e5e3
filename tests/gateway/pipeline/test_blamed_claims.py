"""Whom a position in a 999 blames, by our own copy of what was sent: the claims under it, and nobody else."""

from typing import Any

import pytest

from edi.claims import Claim, Party
from edi.interchange import Reader
from tests.gateway.domain.samples import make_billing_provider, make_line, make_subscriber
from tests.support.worlds import SERVED, World, blame, make_claim


def claim_of(pcn: str, cents: int, member: str, **changes: Any) -> Claim:
    line = make_line(service_from=SERVED, service_through=SERVED, charge_cents=cents, modifiers=("59",))
    return make_claim(pcn, lines=(line,), subscriber=make_subscriber(id=member), **changes)


def family_and_others() -> list[Claim]:
    """B1 of one practice, the others of another: A1 and A2 of a subscriber, A3 and A4 of her children, A5 of someone else."""
    children = [
        Party(role="QC", is_person=True, last_name="TESTCASE", first_name=name, birth_date=SERVED.replace(year=2015), gender="F",
              address=make_subscriber().address)
        for name in ("ELDER", "YOUNGER")
    ]  # fmt: skip
    return [
        claim_of("B1", 12004, "XQB000000033", billing_provider=make_billing_provider(id="1234567893")),
        claim_of("A1", 12000, "XQB000000017"), claim_of("A2", 12001, "XQB000000017"),
        claim_of("A3", 12002, "XQB000000017", patient=children[0], relationship="19"),
        claim_of("A4", 12003, "XQB000000017", patient=children[1], relationship="19"), claim_of("A5", 12005, "XQB000000025"),
    ]  # fmt: skip


def position_of(world: World, start: str, occurrence: int = 1) -> int:
    """Where the nth segment that begins so stands in the first set sent, ST = 1."""
    file = world.rows("file", id=world.rows("batch")[0]["file_id"])[0]
    segments = [segment for tset in Reader(world.archive.open(file["sha256"])) for segment in segments_in(tset)]
    return [place for place, segment in enumerate(segments, 1) if segment.startswith(start)][occurrence - 1]


def segments_in(tset: Any) -> list[str]:
    return [raw for run in tset.runs() for raw in run]


@pytest.mark.parametrize(
    ("start", "occurrence", "blamed"),
    [
        pytest.param("NM1*IL", 4, ["A5"], id="a subscriber with one claim"),
        pytest.param("DMG", 6, ["A5"], id="that subscriber's day of birth"),
        pytest.param("NM1*IL", 2, ["A1", "A2"], id="a subscriber with several claims"),
        pytest.param("NM1*PR", 2, ["A1", "A2"], id="the payer of that subscriber's claims"),
        pytest.param("NM1*IL", 3, ["A3", "A4"], id="a subscriber whose children are the patients"),
        pytest.param("NM1*QC", 1, ["A3"], id="a dependent patient"),
        pytest.param("NM1*85", 1, ["B1"], id="a billing provider with one claim"),
        pytest.param("NM1*85", 2, ["A1", "A2", "A3", "A4", "A5"], id="a billing provider with several claims"),
        pytest.param("CLM", 3, ["A2"], id="a claim's own segment"),
        pytest.param("NM1*41", 1, ["B1", "A1", "A2", "A3", "A4", "A5"], id="the submitter is nobody's, so all are held"),
        pytest.param("SE", 1, ["B1", "A1", "A2", "A3", "A4", "A5"], id="the set's end is nobody's, so all are held"),
    ],
)
def test_a_position_blames_the_claims_under_it_and_the_others_go_again(
    world: World, start: str, occurrence: int, blamed: list[str]
) -> None:
    world.send(*family_and_others())
    assert set(world.states().values()) == {"sent"}
    world.hear(world.ack_999("R", blame(position_of(world, start, occurrence))))
    assert [pcn for pcn, state in world.states().items() if state == "rejected"] == blamed
    assert {state for pcn, state in world.states().items() if pcn not in blamed} <= {"received"}
    assert (world.work(), world.broken()) == (["rejected"] * len(blamed), [])


def test_a_submission_keeps_where_its_levels_begin(world: World) -> None:
    world.send(*family_and_others())
    rows = sorted(world.rows("submission"), key=lambda row: int(row["first_position"]))
    levels = [(row["billing_position"], row["subscriber_position"], row["patient_position"]) for row in rows]
    one, other = position_of(world, "HL*1**20"), position_of(world, "HL*3**20")
    alone, mother, parent, last = (position_of(world, "SBR", place) - 1 for place in (1, 2, 3, 4))
    elder, younger = (position_of(world, "PAT", place) - 1 for place in (1, 2))
    assert levels == [
        (one, alone, None), (other, mother, None), (other, mother, None), (other, parent, elder), (other, parent, younger),
        (other, last, None),
    ]  # fmt: skip
