"""Remittances in the books: to the cent, once, and what cannot be posted held with its cash in suspense."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from edi.transactions.t835 import ClaimPayment, ProviderAdjustment
from gateway.db import tables
from gateway.db.engine import writing
from gateway.domain.facts import Kind
from gateway.pipeline import posting
from gateway.sandbox.adjudication import reverse
from tests.gateway.domain.samples import adjust, make_line, make_paid_line, make_payment
from tests.support.worlds import World, make_claim, make_claims


def pay(pcn: str, paid_cents: int, *adjustments: Any, status: str = "1", charge_cents: int = 12000, **more: Any) -> ClaimPayment:
    """A payment of one line of 120.00, with these CAS amounts."""
    line = make_paid_line(charge_cents, paid_cents, *adjustments, line_control_number="L1")
    return make_payment(line, patient_control_number=pcn, status=status, **more)


def in_full(pcn: str, charge_cents: int = 12000, **more: Any) -> ClaimPayment:
    return pay(pcn, 10000, adjust("CO 45", charge_cents - 10000), charge_cents=charge_cents, **more)


def sent(world: World, *pcns: str) -> None:
    world.send(*make_claims(*pcns))


def assert_sound(world: World) -> None:
    """Every journal sums to zero, the cash is BPR02, every held payment is on the work list (gateway.desk.verification)."""
    assert world.broken() == []
    posted = [row for row in world.rows("remittance") if row["state"] == "posted"]
    assert world.balances().get("cash_clearing", 0) == sum(row["amount_cents"] for row in posted)


@pytest.mark.parametrize(
    ("payment", "state", "balances", "work"),
    [
        pytest.param(in_full("A1"), "paid", {"cash_clearing": 10000, "contractual_adjustment": 2000}, [], id="paid by contract"),
        pytest.param(
            pay("A1", 7000, adjust("CO 45", 2000), adjust("PR 1", 1000), adjust("PR 2", 2000)),
            "paid",
            {"cash_clearing": 7000, "contractual_adjustment": 2000, "patient_receivable": 3000},
            [],
            id="the patient's part",
        ),
        pytest.param(
            pay("A1", 9800, adjust("CO 45", 2000), adjust("CO 253", 200)),
            "paid",
            {"cash_clearing": 9800, "contractual_adjustment": 2000, "payer_withheld": 200},
            [],
            id="withheld",
        ),
        pytest.param(
            pay("A1", 0, adjust("PR 1", 10000), adjust("CO 45", 2000)),
            "paid",
            {"patient_receivable": 10000, "contractual_adjustment": 2000},
            [],
            id="nothing paid, all of it deductible",
        ),
        pytest.param(
            pay("A1", 0, adjust("CO 29", 12000), status="4"), "denied", {"insurance_receivable": 12000}, ["denied"], id="denied"
        ),
        pytest.param(
            pay("A1", 0, adjust("CO 50", 12000)),
            "denied",
            {"insurance_receivable": 12000},
            ["denied"],
            id="denied, not by status",
        ),
        pytest.param(
            pay("A1", 6000, adjust("CO 45", 2000), adjust("CO 97", 4000)),
            "partly_paid",
            {"cash_clearing": 6000, "contractual_adjustment": 2000, "insurance_receivable": 4000},
            ["denied"],
            id="paid in part",
        ),
        pytest.param(
            pay("A1", 9000, adjust("CO 45", 2000), adjust("PI 96", 1000)),
            "paid",
            {"cash_clearing": 9000, "contractual_adjustment": 2000, "insurance_receivable": 1000},
            ["payer_adjustment"],
            id="reduced by the payer",
        ),
    ],
)
def test_a_payment_posts_what_it_says(
    world: World, payment: ClaimPayment, state: str, balances: dict[str, int], work: list[str]
) -> None:
    sent(world, "A1")
    world.hear(world.pay(payment))
    assert world.states() == {"A1": state}
    assert world.balances() == {"charges": -12000, **balances}
    assert world.work() == work
    assert_sound(world)


def test_entries_name_the_line_and_the_adjustment_they_come_from(world: World) -> None:
    sent(world, "A1")
    world.hear(world.pay(in_full("A1")))
    entries = {(row["account"], row["line_control_number"], row["adjustment"]) for row in world.rows("entry")}
    assert ("contractual_adjustment", "L1", "CO 45") in entries


def test_a_remittance_whose_parts_are_not_its_whole_is_held_with_its_arithmetic(world: World) -> None:
    sent(world, "A1")
    world.hear(world.pay(in_full("A1"), amount_cents=9999))
    assert world.states() == {"A1": "sent"}
    assert world.work() == ["unbalanced_remittance"]
    assert "100.00" in world.sentences("unbalanced_remittance")[0]
    assert "99.99" in world.sentences("unbalanced_remittance")[0]
    assert [row["state"] for row in world.rows("remittance")] == ["unbalanced"]
    assert_sound(world)


def test_an_unbalanced_remittance_that_comes_again_is_one_thing_to_ask_the_payer_about(world: World) -> None:
    sent(world, "A1")
    world.hear(world.pay(in_full("A1"), amount_cents=9999))
    world.hear(world.pay(in_full("A1"), amount_cents=9999))
    assert [row["state"] for row in world.rows("remittance")] == ["unbalanced", "duplicate"]
    assert_sound(world)


HELD = [
    pytest.param(pay("A1", 10000, adjust("CO 45", 1999)), "suspended_payment", "0.01", id="it does not balance"),
    pytest.param(pay("X9", 10000, adjust("CO 45", 2000)), "unmatched_payment", "no claim", id="a number nobody knows"),
    pytest.param(reverse(in_full("A1")), "suspended_payment", "reversal", id="22: a reversal"),
    pytest.param(pay("A1", 0, adjust("CO 45", 12000), status="23"), "suspended_payment", "forwarded", id="23: forwarded"),
    pytest.param(pay("A1", 0, adjust("CO 45", 12000), status="25"), "suspended_payment", "predeterm", id="25: predetermination"),
    pytest.param(pay("A1", 10000, adjust("CO 45", 2000), status="99"), "suspended_payment", "99", id="a status nobody knows"),
]


@pytest.mark.parametrize(("payment", "kind", "words"), HELD)
def test_a_payment_that_cannot_be_posted_is_held_alone_its_cash_in_suspense(
    world: World, payment: ClaimPayment, kind: str, words: str
) -> None:
    sent(world, "A1", "A2")
    world.hear(world.pay(in_full("A2", 12001), payment))
    assert world.states() == {"A1": "sent", "A2": "paid"}
    assert world.work() == [kind]
    assert words in world.sentences(kind)[0]
    assert world.balances().get("suspense", 0) == -payment.paid_cents
    assert [row["state"] for row in world.rows("claim_payment")] == ["posted", "suspended"]
    assert_sound(world)


def test_a_second_payment_of_one_claim_is_held(world: World) -> None:
    sent(world, "A1")
    world.hear(world.pay(in_full("A1")))
    world.hear(world.pay(in_full("A1"), trace_number="EFT2"))
    assert (world.states(), world.work()) == ({"A1": "paid"}, ["suspended_payment"])
    assert world.balances() == {"charges": -12000, "cash_clearing": 20000, "contractual_adjustment": 2000, "suspense": -10000}
    assert_sound(world)


@pytest.mark.parametrize("order", ["original, reversal, correction", "reversal, correction, original", "correction, reversal"])
@pytest.mark.parametrize("together", [True, False], ids=["in one 835", "each in its own"])
def test_a_reversal_and_its_correction_never_post_a_claim_twice(world: World, order: str, together: bool) -> None:
    """The books hold one adjudication of the claim at most; what else came stands in suspense, on the work list."""
    sent(world, "A1")
    said = {
        "original": in_full("A1"), "reversal": reverse(in_full("A1")),
        "correction": pay("A1", 9000, adjust("CO 45", 3000)),
    }  # fmt: skip
    payments = [said[name] for name in order.split(", ")]
    if order == "correction, reversal":
        world.hear(world.pay(in_full("A1"), trace_number="EFT0"))
    batches = [payments] if together else [[payment] for payment in payments]
    for number, batch in enumerate(batches):
        total = sum(payment.paid_cents for payment in batch)
        world.hear(world.pay(*batch, trace_number=f"EFT{number + 1}", amount_cents=total))
    posted = [row for row in world.rows("claim_payment") if row["state"] == "posted"]
    assert len(posted) == 1
    assert world.balances()["contractual_adjustment"] in (2000, 3000)
    assert world.work() == ["suspended_payment"] * 2
    assert_sound(world)


def test_a_denial_that_moved_nothing_makes_room_for_the_payment_that_follows(world: World) -> None:
    sent(world, "A1")
    world.hear(world.pay(pay("A1", 0, adjust("CO 29", 12000), status="4")))
    world.turn(days=9)
    world.hear(world.pay(in_full("A1"), trace_number="EFT2"))
    assert (world.states(), world.work()) == ({"A1": "paid"}, [])
    assert_sound(world)


def test_a_denial_after_a_payment_is_held_and_does_not_undo_it(world: World) -> None:
    sent(world, "A1")
    world.hear(world.pay(in_full("A1")))
    world.turn(days=9)
    world.hear(world.pay(pay("A1", 0, adjust("CO 29", 12000), status="4"), trace_number="EFT2"))
    assert (world.states(), world.work()) == ({"A1": "paid"}, ["suspended_payment"])
    assert_sound(world)


def test_provider_level_amounts_become_open_items_and_the_cash_is_still_bpr02(world: World) -> None:
    sent(world, "A1")
    taken = [
        ProviderAdjustment(provider_id="1999999984", fiscal_date=None, reason="WO", reference="OLD1", amount_cents=3000),
        ProviderAdjustment(provider_id="1999999984", fiscal_date=None, reason="L6", reference="INT", amount_cents=-12),
        ProviderAdjustment(provider_id="1999999984", fiscal_date=None, reason="72", reference="", amount_cents=0),
    ]
    world.hear(world.pay(in_full("A1"), adjustments=taken))
    assert world.balances()["provider_open_items"] == 2988
    assert world.balances()["cash_clearing"] == 7012
    assert world.work() == ["provider_adjustment", "provider_adjustment"]
    assert_sound(world)


def test_the_same_remittance_in_other_bytes_is_held_as_a_duplicate(world: World) -> None:
    sent(world, "A1")
    world.hear(world.pay(in_full("A1")))
    world.hear(world.pay(in_full("A1")))
    assert [row["state"] for row in world.rows("remittance")] == ["posted", "duplicate"]
    assert world.work() == ["duplicate_remittance"]
    assert_sound(world)


@pytest.mark.parametrize("other", [{"trace_number": "EFT2"}, {"originator_id": "1000000022"}])
def test_another_trace_or_payer_is_another_remittance(world: World, other: dict[str, Any]) -> None:
    sent(world, "A1")
    world.hear(world.pay(in_full("A1")))
    world.hear(world.pay(in_full("X9"), **other))
    assert [row["state"] for row in world.rows("remittance")] == ["posted", "posted"]
    assert_sound(world)


def test_a_duplicate_that_a_person_releases_is_posted_what_it_pays_twice_in_suspense(world: World) -> None:
    sent(world, "A1", "A2")
    world.hear(world.pay(in_full("A1")))
    world.hear(world.pay(in_full("A1")))
    table = tables.remittance
    with writing(world.engine) as connection:
        release = update(table).where(table.c.state == "duplicate").values(state="received", released_by="ann", reason="")
        connection.execute(release)
    world.run("posting")
    assert [row["state"] for row in world.rows("remittance")] == ["posted", "posted"]
    assert world.work() == ["suspended_payment"]
    assert world.balances()["suspense"] == -10000
    assert_sound(world)


def test_money_for_an_attempt_that_was_superseded_is_posted_and_told(world: World) -> None:
    sent(world, "A1")
    world.hear(world.ta1("R", "025"))
    world.turn(hours=1)
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.hear(world.pay(in_full("A1")))
    assert world.states() == {"A1": "received"}
    assert world.work() == ["anomaly"]
    assert "corrected" in world.sentences("anomaly")[0]
    assert_sound(world)


def test_a_claim_paid_although_its_later_attempt_was_rejected_is_paid_and_told(world: World) -> None:
    sent(world, "A1")
    world.hear(world.ta1("R", "025"))
    world.turn(hours=1)
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    world.run("scrub", "batching", "delivery")
    world.hear(world.ta1("R", "025", batch=1))
    world.hear(world.pay(in_full("A1")))
    world.run("followup")
    assert (world.states(), world.work()) == ({"A1": "paid"}, ["anomaly"])
    assert_sound(world)


@pytest.mark.parametrize("state", ["held", "voided"])
def test_a_payment_of_a_claim_that_was_not_billed_is_held(world: World, state: str) -> None:
    """Its charge is not in the books: posted, the payment would leave the insurance owing less than nothing."""
    world.take_in(make_claim("A1", diagnoses=()))
    world.run("scrub")
    if state == "voided":
        world.turn(hours=1)
        world.decide("A1", Kind.VOIDED)
    world.hear(world.pay(in_full("A1")))
    assert world.states() == {"A1": state}
    assert "suspended_payment" in world.work()
    assert world.balances() == {"cash_clearing": 10000, "suspense": -10000}
    assert_sound(world)


def test_a_payment_is_matched_by_a_number_cut_short_and_in_lower_case(world: World) -> None:
    sent(world, "ABCDEFGH12345678", "A2", "A3")
    world.hear(world.pay(in_full("abcdefgh12345")))
    assert world.states()["ABCDEFGH12345678"] == "paid"
    assert_sound(world)


def test_two_claims_that_share_all_keys_leave_the_payment_to_a_person(world: World) -> None:
    lines = [make_line(service_from=date(2026, 2, 20), charge_cents=cents, modifiers=("59",)) for cents in (12000, 12001)]
    first, second = (make_claim(f"ABCDEFGH1234{n}", lines=(line,)) for n, line in enumerate(lines, 5))
    world.send(first, second)
    world.hear(world.pay(in_full("ABCDEFGH1234", 11111)))
    assert set(world.states().values()) == {"sent"}
    assert world.work() == ["unmatched_payment"]
    assert_sound(world)


def test_a_remittance_larger_than_one_chunk_is_posted_whole(world: World) -> None:
    pcns = [f"A{number}" for number in range(posting.CHUNK + 10)]
    sent(world, *pcns)
    payments = [in_full(pcn, 12000 + number) for number, pcn in enumerate(pcns)]
    world.hear(world.pay(*payments, in_full("A0")))
    assert set(world.states().values()) == {"paid"}
    assert world.work() == ["suspended_payment"]
    assert_sound(world)


def test_a_remittance_that_we_fail_on_is_told_and_delays_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(world, "A1", "A2")
    world.leave(world.pay(in_full("A1"), trace_number="EFT1"), "a.835")
    world.leave(world.pay(in_full("A2", 12001), trace_number="EFT2"), "b.835")
    world.run("pickup", "ingest")
    table = tables.claim_payment
    with writing(world.engine) as connection:
        document = connection.execute(table.select().where(table.c.pcn == "A1")).mappings().one()["document"]
        connection.execute(update(table).where(table.c.pcn == "A1").values(document="{}"))
    assert world.run("posting") == {"posting": 1}
    assert (world.states(), world.work()) == ({"A1": "sent", "A2": "paid"}, ["anomaly"])
    with writing(world.engine) as connection:
        connection.execute(update(table).where(table.c.pcn == "A1").values(document=document))
    world.run("posting")
    assert (world.states(), world.work()) == ({"A1": "paid", "A2": "paid"}, [])
    assert_sound(world)


@pytest.mark.parametrize(("appeal_days", "payment_date", "due"), [(60, date(2026, 3, 1), date(2026, 4, 30)), (None, None, None)])
@pytest.mark.parametrize("paid_cents", [0, 6000], ids=["denied", "partly paid"])
def test_work_on_a_denial_is_due_on_the_last_day_for_an_appeal(
    world: World, paid_cents: int, appeal_days: int | None, payment_date: date | None, due: date | None
) -> None:
    limits = world.profiles.payers["blueharbor"].timely_filing
    world.change_payer(timely_filing=limits.model_copy(update={"appeal_days": appeal_days}))
    sent(world, "A1")
    given: dict[str, Any] = {"payment_date": payment_date} if payment_date else {}
    world.hear(world.pay(pay("A1", paid_cents, adjust("CO 29", 12000 - paid_cents)), **given))
    (item,) = world.rows("work_item")
    assert item["kind"] == "denied"
    assert (item["due_at"].date() if item["due_at"] else None) == due
