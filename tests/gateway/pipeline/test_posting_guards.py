"""What must not be posted: a payment of another payer, payee or amount, of a second payer, or of more than is open."""

from itertools import permutations
from typing import Any

import msgspec
import pytest

from edi.claims import Coverage, OtherPayer, Party
from edi.transactions.t835 import ClaimPayment
from gateway.db import claims as claim_rows
from gateway.db.engine import writing
from gateway.domain.facts import Kind
from tests.gateway.domain.samples import adjust, make_paid_line, make_payment, make_subscriber
from tests.support.worlds import SERVED, World, make_claim, make_claims

FIRST_PAYER = OtherPayer(
    responsibility="P", relationship="18", claim_filing_indicator="CI", paid_cents=6000,
    adjustments=(adjust("CO 45", 2000), adjust("PR 2", 4000)), subscriber=make_subscriber(birth_date=None, gender=""),
    payer=Party(role="PR", last_name="FIRST INVENTED PLAN", id_qualifier="PI", id="FIRST1"), paid_date=SERVED,
)  # fmt: skip
STRANGER = Party(role="PE", last_name="ANOTHER PRACTICE", id_qualifier="XX", id="1999999992")


def pay(pcn: str, paid_cents: int, *adjustments: Any, status: str = "1", charge_cents: int = 12000, **more: Any) -> ClaimPayment:
    line = make_paid_line(charge_cents, paid_cents, *adjustments, line_control_number="L1")
    return make_payment(line, patient_control_number=pcn, status=status, **more)


def in_full(pcn: str, **more: Any) -> ClaimPayment:
    return pay(pcn, 10000, adjust("CO 45", 2000), **more)


def number(world: World, pcn: str, payer_claim_number: str) -> None:
    """The claim's payer gave it this number, as its 277CA would say."""
    with writing(world.engine) as connection:
        claim_rows.set_payer_claim_numbers(connection, {world.claim(pcn)["id"]: payer_claim_number})


def correct(world: World, pcn: str, **columns: int) -> None:
    """A corrected version of a claim that has not been sent again yet."""
    row = world.claim(pcn)
    with writing(world.engine) as connection:
        document = claim_rows.documents_of(connection, [(row["id"], row["version"])])[row["id"]]
        changed = msgspec.structs.replace(document, **columns)
        now = world.clock.now()
        claim_rows.add_version(connection, row["id"], changed, columns=columns, actor="ann", reason="a test", now=now)


def assert_held(world: World, words: str, *, paid_cents: int, kind: str = "suspended_payment") -> None:
    """The payment is held alone, its sentence on the work list, its cash in suspense, and the claim not moved."""
    assert world.states() == {"A1": "sent"}
    assert world.work() == [kind]
    assert words in world.sentences(kind)[0]
    cash = {"cash_clearing": paid_cents, "suspense": -paid_cents} if paid_cents else {}
    assert world.balances() == {"charges": -12000, "insurance_receivable": 12000, **cash}
    assert world.broken() == []


@pytest.mark.parametrize(
    ("payment", "words"),
    [
        pytest.param(pay("A1", 3000, adjust("CO 45", 2000), charge_cents=5000), "on 50.00, we billed 120.00", id="less billed"),
        pytest.param(pay("A1", 30000, adjust("CO 45", 20000), charge_cents=50000), "on 500.00, we billed", id="more billed"),
        pytest.param(pay("A1", 9 * 10**15, charge_cents=9 * 10**15), "we billed 120.00", id="ninety trillion"),
        pytest.param(pay("A1", -6000, adjust("CO 45", 18000)), "pays -60.00", id="negative, not a reversal"),
        pytest.param(pay("A1", 17000, adjust("CO 50", -5000)), "50.00 too much", id="more than the charge"),
        pytest.param(
            pay("A1", 4000, adjust("OA 23", 8000), status="2"), "first payer", id="a second payer's, billed to the first"
        ),
    ],
)
def test_a_payment_that_contradicts_what_was_billed_is_held(world: World, payment: ClaimPayment, words: str) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(payment))
    assert_held(world, words, paid_cents=payment.paid_cents)


def test_a_payment_to_another_practice_is_held_in_that_practices_books(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(in_full("A1"), payee=STRANGER))
    assert_held(world, "another practice", paid_cents=10000)
    assert {row["practice"] for row in world.rows("journal", kind="suspense")} == {STRANGER.id}


def test_a_payment_of_another_payer_is_held_and_names_both(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(in_full("A1"), originator_id="1000000022"))
    assert_held(world, "comes from northstar, but the claim was billed to blueharbor", paid_cents=10000)


def test_a_payer_that_no_profile_names_pays_what_we_sent_by_its_number(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(in_full("A1"), originator_id="9999999999"))
    assert (world.states(), world.work(), world.broken()) == ({"A1": "paid"}, [], [])


def test_a_stranger_cannot_settle_a_claim_by_the_payers_claim_number(world: World) -> None:
    """An unknown payer pays another practice another amount under a claim number that our claim's payer gave it."""
    world.send(make_claim("A1"))
    number(world, "A1", "ICN777")
    stranger = pay("ZZZ", 30000, adjust("CO 45", 20000), charge_cents=50000, payer_claim_number="ICN777")
    world.hear(world.pay(stranger, originator_id="9999999999", payee=STRANGER))
    assert_held(world, "another practice", paid_cents=30000)


def test_the_number_of_a_pms_that_was_never_sent_does_not_match_by_the_charge_alone(world: World) -> None:
    world.send(make_claim("1001-A"))
    assert world.claim("1001-A")["pcn"] != "1001-A"
    world.hear(world.pay(in_full("1001-A")))
    assert (world.states(), world.work()) == ({"1001-A": "sent"}, ["unmatched_payment"])
    world.hear(world.pay(in_full("1001-A", service_from=SERVED), trace_number="EFT2"))
    assert world.states() == {"1001-A": "paid"}


def test_a_second_payers_payment_after_the_first_is_held_for_it_repeats_the_firsts_part(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(pay("A1", 6000, adjust("CO 45", 4000), adjust("PR 2", 2000))))
    world.hear(world.pay(pay("A1", 1000, adjust("OA 23", 11000), status="2"), trace_number="EFT2"))
    assert (world.states(), world.work()) == ({"A1": "paid"}, ["suspended_payment"])
    assert world.balances() == {
        "charges": -12000, "cash_clearing": 7000, "contractual_adjustment": 4000, "patient_receivable": 2000, "suspense": -1000,
    }  # fmt: skip
    assert "twice" in world.sentences("suspended_payment")[0]
    assert world.broken() == []


@pytest.mark.parametrize("together", [True, False], ids=["in one 835", "each in its own"])
def test_whichever_payer_comes_first_a_claim_is_settled_once(world: World, together: bool) -> None:
    """Billed to its second payer: that payer's payment stands, OA 23 with it, and what a first payer sends late is held."""
    coverage = Coverage(responsibility="S", claim_filing_indicator="CI")
    world.send(make_claim("A1", coverage=coverage, other_payers=(FIRST_PAYER,)))
    second = pay("A1", 4000, adjust("OA 23", 8000), status="2")
    answers = [[second, in_full("A1")]] if together else [[second], [in_full("A1")]]
    for number, payments in enumerate(answers):
        world.hear(world.pay(*payments, trace_number=f"EFT{number}"))
    assert (world.states(), world.work()) == ({"A1": "paid"}, ["suspended_payment"])
    assert world.balances() == {"charges": -12000, "cash_clearing": 14000, "other_adjustment": 8000, "suspense": -10000}
    assert world.broken() == []


@pytest.mark.parametrize("days", [-21, 0, 9], ids=["dated before", "dated the same day", "dated after"])
def test_a_payment_after_a_denial_pays_the_claim_whatever_its_date(world: World, days: int) -> None:
    world.send(make_claim("A1"))
    today = world.clock.now().date()
    world.hear(world.pay(pay("A1", 0, adjust("CO 50", 12000), status="4")))
    assert (world.states(), world.work()) == ({"A1": "denied"}, ["denied"])
    world.turn(days=max(days, 0))
    day = today.fromordinal(today.toordinal() + days)
    world.hear(world.pay(in_full("A1"), trace_number="EFT2", payment_date=day))
    assert (world.states(), world.work()) == ({"A1": "paid"}, [])
    assert world.broken() == []


def test_a_payment_that_denies_less_than_the_denial_before_it_leaves_one_item_with_what_is_open(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(pay("A1", 0, adjust("CO 50", 12000), status="4")))
    world.hear(world.pay(pay("A1", 6000, adjust("CO 45", 2000), adjust("CO 97", 4000)), trace_number="EFT2"))
    assert (world.states(), world.work()) == ({"A1": "partly_paid"}, ["denied"])
    assert "40.00 denied (CO 97: " in world.sentences("denied")[0]
    closed = [row["closed_reason"] for row in world.rows("work_item", kind="denied") if row["state"] == "done"]
    assert closed == ["remittance 2 decided on the claim anew"]
    assert world.broken() == []


def test_in_whatever_order_the_answers_come_a_claim_is_paid_once_and_nothing_goes_below_zero(world: World) -> None:
    """A denial, a payment, the same again, and a second payer's: every order of them, each order with a claim of its own."""
    orders = list(permutations(["denied", "paid", "paid again", "by the second payer"]))
    world.send(*make_claims(*(f"A{n}" for n in range(len(orders)))))
    for place in range(4):
        told = [answer(order[place], n) for n, order in enumerate(orders)]
        world.hear(world.pay(*told, trace_number=f"EFT{place}"))
    assert set(world.states().values()) == {"paid"}
    assert "denied" not in world.work()
    posted = [row for row in world.rows("claim_payment", state="posted") if row["paid_cents"]]
    assert sorted(row["pcn"] for row in posted) == sorted(world.states())
    assert "insurance_receivable" not in world.balances()
    assert world.broken() == []


def answer(said: str, number: int) -> ClaimPayment:
    pcn, charge_cents = f"A{number}", 12000 + number
    if said == "denied":
        return pay(pcn, 0, adjust("CO 50", charge_cents), status="4", charge_cents=charge_cents)
    if said == "by the second payer":
        return pay(pcn, 1000, adjust("OA 23", charge_cents - 1000), status="2", charge_cents=charge_cents)
    return pay(pcn, 10000, adjust("CO 45", charge_cents - 10000), charge_cents=charge_cents)


def test_a_denial_put_on_the_patient_says_that_nothing_stays_open_with_the_payer(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(pay("A1", 0, adjust("PR 204", 12000), status="4")))
    assert world.states() == {"A1": "denied"}
    assert "120.00 is put on the patient" in world.sentences("denied")[0]
    assert [row["amount_cents"] for row in world.rows("work_item", kind="denied")] == [12000]


def test_a_payment_is_held_against_the_charge_that_was_sent_not_against_its_correction(world: World) -> None:
    """The payer decided on the first attempt after all: 120.00 was sent, whatever the correction will say."""
    world.send(make_claim("A1"))
    world.hear(world.ta1("R", "025"))
    world.turn(hours=1)
    world.decide("A1", Kind.REOPENED, next_attempt=True)
    correct(world, "A1", charge_cents=15000)
    world.hear(world.pay(in_full("A1")))
    assert world.work() == ["anomaly"]
    assert world.balances() == {"charges": -12000, "cash_clearing": 10000, "contractual_adjustment": 2000}


def test_claims_of_two_payers_that_share_a_claim_number_are_told_apart(world: World) -> None:
    world.send(*make_claims("A1"), make_claim("B1", payer="NSP77", subscriber=make_subscriber(id="00000024-01")))
    for pcn in ("A1", "B1"):
        number(world, pcn, "ICN777")
    world.hear(world.pay(pay("LOST", 10000, adjust("CO 45", 2000), payer_claim_number="ICN777")))
    assert world.states() == {"A1": "paid", "B1": "sent"}


def test_the_corrected_remittance_takes_the_place_of_the_unbalanced_one(world: World) -> None:
    world.send(make_claim("A1"))
    wrong = pay("A1", 9999, adjust("CO 45", 2001))
    world.hear(world.pay(wrong, amount_cents=10000))
    world.hear(world.pay(wrong, amount_cents=10000))
    assert world.work() == ["duplicate_remittance", "unbalanced_remittance"]
    world.hear(world.pay(in_full("A1")))
    assert [row["state"] for row in world.rows("remittance")] == ["replaced", "replaced", "posted"]
    assert (world.states(), world.work(), world.broken()) == ({"A1": "paid"}, [], [])
    world.hear(world.pay(wrong, amount_cents=10000))
    assert [row["state"] for row in world.rows("remittance")][3:] == ["duplicate"]


def test_a_correction_that_is_wrong_in_another_way_is_told_with_its_own_arithmetic(world: World) -> None:
    world.send(make_claim("A1"))
    for paid_cents in (9999, 9998):
        world.hear(world.pay(pay("A1", paid_cents, adjust("CO 45", 12000 - paid_cents)), amount_cents=10000))
    assert world.work() == ["unbalanced_remittance"] * 2
    assert "0.02" in world.sentences("unbalanced_remittance")[1]


def test_a_remittance_that_is_no_credit_is_not_booked_as_cash(world: World) -> None:
    """BPR03 D: a debit that somebody must start; whether money came is for the bank and the payer to say."""
    world.send(make_claim("A1"))
    world.hear(world.pay(in_full("A1"), credit_debit="D"))
    assert (world.states(), world.work()) == ({"A1": "sent"}, ["unbalanced_remittance"])
    assert "BPR03 is D, not C" in world.sentences("unbalanced_remittance")[0]
    assert "cash_clearing" not in world.balances()
    assert world.broken() == []


def test_a_status_that_the_amounts_contradict_is_an_anomaly_and_no_reduction_by_the_payer(world: World) -> None:
    world.send(make_claim("A1"))
    world.hear(world.pay(in_full("A1", status="4")))
    assert (world.states(), world.work()) == ({"A1": "paid"}, ["anomaly"])
    assert "denied (status 4) and yet paid 100.00" in world.sentences("anomaly")[0]
