"""Each of the seven invariants notices a breach made by hand, and names it; a gateway at work breaks none."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, insert, update
from sqlalchemy.sql.dml import Delete, Insert, Update

from edi.transactions.t835 import ProviderAdjustment
from gateway.db import tables
from gateway.db.engine import writing
from gateway.db.invariants import check_all
from gateway.desk.verification import verify
from tests.gateway.domain.samples import make_line, make_paid_line, make_payment
from tests.gateway.pipeline.test_whole_way import paid_in_full
from tests.support.worlds import World, make_claim, make_claims

Statement = Delete | Insert | Update


def busy(world: World) -> None:
    """Claims held, sent and paid; a payment held, a provider-level amount, and answers of every kind that match nothing."""
    world.take_in(make_claim("H1", diagnoses=(), lines=(make_line(charge_cents=5),)))
    world.send(*make_claims("A1", "A2", "A3"))
    world.hear(world.ack_999())
    world.hear(world.ta1().replace(b"TA1*000000001", b"TA1*000000777"))
    world.hear(b"no EDI at all")
    world.hear(world.interchange("HB", "005010X279A1", ["ST*271*0001*005010X279A1", "BHT*0022*11*1*20260302*1200", "SE*3*0001"]))
    unknown = make_payment(make_paid_line(5000, 5000), patient_control_number="X9")
    taken = ProviderAdjustment(provider_id="1999999984", fiscal_date=None, reason="WO", amount_cents=100)
    world.hear(world.pay(paid_in_full("A1"), unknown, adjustments=[taken]))
    world.hear(world.pay(paid_in_full("A2", 12001), trace_number="EFT2", amount_cents=1))
    world.run("followup")
    assert world.states() == {"H1": "held", "A1": "paid", "A2": "delivered", "A3": "delivered"}


def test_a_gateway_at_work_breaks_no_invariant_and_looks_at_something_for_each(world: World) -> None:
    busy(world)
    verdicts = verify(world.context)
    assert [verdict.number for verdict in verdicts] == [1, 2, 3, 4, 5, 6, 7]
    assert [verdict.offenders for verdict in verdicts] == [()] * 7
    assert all(verdict.checked for verdict in verdicts)


def item(**where: Any) -> Statement:
    return delete(tables.work_item).filter_by(**where)


def change(table: str, where: dict[str, Any], **values: Any) -> Statement:
    return update(getattr(tables, table)).filter_by(**where).values(**values)


BREACHES: list[Any] = [
    pytest.param(1, delete(tables.submission).filter_by(id=1), "has no submission", id="1 a claim sent and in no batch"),
    pytest.param(
        2, change("claim", {"pcn": "A3"}, state="batched"), "in batch 1, which is delivered", id="2 a claim left behind"
    ),
    pytest.param(2, change("batch", {"id": 1}, claim_count=4), "should hold 4 claims and holds 3", id="2 a claim too few"),
    pytest.param(4, item(kind="unmatched_acknowledgment"), "matches nothing and nobody is told", id="4 an acknowledgment"),
    pytest.param(4, item(kind="unmatched_payment"), "suspended and on nobody's list", id="4 a held payment"),
    pytest.param(4, item(kind="unbalanced_remittance"), "remittance 2 is held and on nobody's list", id="4 a held remittance"),
    pytest.param(4, item(kind="unreadable_file"), "was set aside and nobody is told", id="4 a set aside"),
    pytest.param(4, change("claim_payment", {"pcn": "X9"}, state="posted"), "belongs to no claim", id="4 posted to nobody"),
    pytest.param(5, change("remittance", {"id": 1}, amount_cents=1), "its cash entries sum to 14900", id="5 cash is not BPR02"),
    pytest.param(5, change("claim_payment", {"pcn": "A1"}, state="received"), "passed over", id="5 a payment passed over"),
    pytest.param(5, change("remittance", {"id": 1}, state="received"), "which is not posted", id="5 posted too early"),
    pytest.param(6, change("claim", {"pcn": "A3"}, state="paid"), "its row says paid", id="6 another state"),
    pytest.param(6, change("claim", {"pcn": "A3"}, attempt=7), "A3", id="6 another attempt"),
    pytest.param(6, change("claim", {"pcn": "A3"}, due_at=None), "A3", id="6 another deadline"),
    pytest.param(7, change("claim", {"pcn": "H1"}, state="ready"), "open and its cause is gone", id="7 a cause gone"),
    pytest.param(
        7,
        change("work_item", {"kind": "edits_failed"}, state="done", closed_reason=""),
        "without a reason",
        id="7 closed in silence",
    ),
]


@pytest.mark.parametrize(("number", "breach", "words"), BREACHES)
def test_a_breach_made_by_hand_is_found_and_named(world: World, number: int, breach: Statement, words: str) -> None:
    busy(world)
    with writing(world.engine) as connection:
        assert connection.execute(breach).rowcount >= 1
    offenders = next(verdict.offenders for verdict in verify(world.context) if verdict.number == number)
    assert bool(offenders) == bool(words)
    assert words in " ".join(offenders)


def test_the_item_of_a_batch_rejected_whole_is_named_where_none_of_its_claims_is_rejected_any_more(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.ta1("R", "025"))
    assert world.broken() == []
    with writing(world.engine) as connection:
        connection.execute(update(tables.claim).values(state="ready"))
    assert "work item 1 is open and its cause is gone" in world.broken()


def test_a_journal_that_does_not_sum_to_zero_is_found(world: World) -> None:
    busy(world)
    with writing(world.engine) as connection:
        connection.execute(insert(tables.entry).values(journal_id=1, account="suspense", amount_cents=5))
    assert "journal 1 sums to 5 cents" in world.broken()


def remove(world: World, sha256: str) -> None:
    next(world.archive_folder.rglob(sha256)).unlink()


def damage(world: World, sha256: str) -> None:
    path = next(world.archive_folder.rglob(sha256))
    path.chmod(0o600)
    path.write_bytes(b"other bytes")


@pytest.mark.parametrize("harm", [remove, damage])
def test_bytes_that_the_archive_has_lost_or_spoilt_are_found(world: World, harm: Callable[[World, str], None]) -> None:
    busy(world)
    file = world.rows("file", direction="inbound")[0]
    harm(world, file["sha256"])
    assert world.broken() == [f"the archive has not the bytes of file {file['id']} ({file['name']})"]


def test_no_offender_tells_who_the_patient_is(world: World) -> None:
    busy(world)
    with writing(world.engine) as connection:
        connection.execute(update(tables.claim).values(state="paid"))
        told = " ".join(offender for verdict in check_all(connection, []) for offender in verdict.offenders)
    assert told
    assert not [secret for secret in ("TESTCASE", "INVENTED", "XQB000000017") if secret in told]
