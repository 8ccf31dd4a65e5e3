"""An attempt begun because nobody had taken the one before falls with that assumption, in whatever order the facts arrive."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.facts import Fact, Kind, State
from gateway.domain.lifecycle import Standing, find_taken, fold, is_taken, may_leave, next_attempt
from tests.gateway.domain.test_lifecycle import make_fact

SENT = [make_fact("received", -48), make_fact("edits_passed", -47), make_fact("batched", -2), make_fact("sent", -1)]
LOST = [make_fact("received", -48), make_fact("edits_passed", -47), make_fact("batched", -2)]
REJECTED = make_fact("syntax_rejected", 5)
INNOCENT = make_fact("reopened_as_innocent", 5, attempt=2)
TAKEN_FOR_LOST = make_fact("reopened_as_lost", 5, attempt=2)
LEFT_AGAIN = [make_fact("edits_passed", 6, attempt=2), make_fact("batched", 7, attempt=2)]
DISPROOFS = [
    ("syntax_accepted", "delivered"),
    ("clearinghouse_accepted", "accepted_by_clearinghouse"),
    ("clearinghouse_rejected", "rejected"),
    ("payer_accepted", "accepted_by_payer"),
    ("payer_rejected", "rejected"),
    ("status_pending", "pending"),
    ("paid", "paid"),
    ("partly_paid", "partly_paid"),
    ("denied", "denied"),
]
"""Restated: what somebody may say of a claim that a 999 called innocent, and what the claim then is."""


def test_an_innocent_claim_goes_again_while_nobody_has_taken_it() -> None:
    assert fold([*SENT, REJECTED, INNOCENT]) == Standing(State.RECEIVED, 2, None)
    assert fold([*SENT, make_fact("ta1_accepted", 1), REJECTED, INNOCENT]).state is State.RECEIVED


@pytest.mark.parametrize(("kind", "state"), DISPROOFS)
def test_what_somebody_took_or_decided_on_is_not_sent_again(kind: str, state: str) -> None:
    facts = [*SENT, REJECTED, INNOCENT, make_fact("edits_passed", 6, attempt=2), make_fact(kind, 9)]
    assert (fold(facts).state, fold(facts).attempt) == (state, 1)


def test_a_payment_that_is_held_says_that_somebody_took_the_claim() -> None:
    facts = [*SENT, REJECTED, INNOCENT, make_fact("payment_suspended", 9)]
    assert (fold(facts).state, fold(facts).attempt) == (State.REJECTED, 1)


def test_a_claim_that_another_999_names_as_the_cause_is_not_innocent() -> None:
    guilty = make_fact("syntax_rejected", 4, error="segment 9 NM1: error 8")
    facts = [*SENT, guilty, REJECTED, INNOCENT]
    assert (fold(facts).state, fold(facts).attempt) == (State.REJECTED, 1)


@pytest.mark.parametrize(("kind", "state"), DISPROOFS)
def test_what_has_left_again_is_not_called_back(kind: str, state: str) -> None:
    facts = [*SENT, REJECTED, INNOCENT, *LEFT_AGAIN, make_fact(kind, 9)]
    assert (fold(facts).state, fold(facts).attempt) == (State.BATCHED, 2)


@pytest.mark.parametrize("kind", ["sent", "ta1_accepted", "syntax_accepted", "payer_accepted", "paid"])
def test_a_batch_taken_for_lost_was_not_lost_once_anything_says_that_it_arrived(kind: str) -> None:
    assert fold([*LOST, TAKEN_FOR_LOST]) == Standing(State.RECEIVED, 2, None)
    assert fold([*LOST, TAKEN_FOR_LOST, make_fact(kind, 9)]).attempt == 1


LOST_AGAIN = make_fact("reopened_as_lost", 8, attempt=3)
"""The file with the second attempt was given up before anybody heard of it."""


@pytest.mark.parametrize("kind", ["sent", "ta1_accepted", "syntax_accepted", "payer_accepted", "paid"])
@pytest.mark.parametrize("scrubbed", [True, False])
def test_a_file_that_was_given_up_has_not_left_and_keeps_no_claim_from_what_arrived_before(kind: str, scrubbed: bool) -> None:
    third = [make_fact("edits_passed", 9, attempt=3)] if scrubbed else []
    facts = [*LOST, TAKEN_FOR_LOST, *LEFT_AGAIN, LOST_AGAIN, *third]
    assert fold(facts) == Standing(State.READY if scrubbed else State.RECEIVED, 3, None)
    for order in permutations([LOST_AGAIN, *third, make_fact(kind, 10)]):
        assert fold([*LOST, TAKEN_FOR_LOST, *LEFT_AGAIN, *order]).attempt == 1


def test_a_file_that_was_given_up_and_arrived_after_all_has_left() -> None:
    facts = [*LOST, TAKEN_FOR_LOST, *LEFT_AGAIN, LOST_AGAIN, make_fact("ta1_accepted", 10)]
    assert fold([*facts, make_fact("sent", 11, attempt=2)]) == Standing(State.SENT, 2, None)


def test_money_that_is_held_for_a_file_that_was_given_up_keeps_back_what_a_person_corrected() -> None:
    corrected = [make_fact("corrected", 9, attempt=3), make_fact("edits_passed", 10, attempt=3)]
    facts = [*LOST, TAKEN_FOR_LOST, *LEFT_AGAIN, LOST_AGAIN, *corrected]
    assert fold(facts).state is State.READY
    assert fold([*facts, make_fact("payment_suspended", 11, attempt=2)]).state is State.HELD


@pytest.mark.parametrize("kind", ["sent", "ta1_accepted", "syntax_accepted", "payer_accepted", "paid", "payment_suspended"])
def test_what_lies_in_a_file_may_not_leave_once_an_earlier_attempt_proves_to_have_arrived(kind: str) -> None:
    facts = [*LOST, TAKEN_FOR_LOST, *LEFT_AGAIN]
    assert may_leave(facts, 2)
    assert not may_leave([*facts, make_fact(kind, 9)], 2)


@pytest.mark.parametrize(("kind", "attempt"), [("payer_accepted", 1), ("paid", 1), ("held_by_person", 2), ("voided", 2)])
def test_nor_what_a_person_corrected_before_that_was_known_or_took_back(kind: str, attempt: int) -> None:
    facts = [*SENT, REJECTED, make_fact("corrected", 5, attempt=2), *LEFT_AGAIN]
    assert may_leave(facts, 2)
    assert not may_leave([*facts, make_fact(kind, 9, attempt=attempt)], 2)


def test_what_a_person_who_knew_it_let_go_may_leave() -> None:
    taken = [*SENT, make_fact("payer_accepted", 2)]
    facts = [*taken, make_fact("corrected", 5, attempt=2, taken=[1]), *LEFT_AGAIN]
    assert may_leave([*facts, make_fact("payer_accepted", 9)], 2)


def test_what_a_person_began_stands_whatever_comes_late() -> None:
    for kind in ("reopened", "corrected"):
        facts = [*SENT, REJECTED, make_fact(kind, 6, attempt=2), make_fact("paid", 9)]
        assert fold(facts) == Standing(State.RECEIVED, 2, None)
        assert fold([*facts, INNOCENT]) == Standing(State.RECEIVED, 2, None)


def test_an_answer_to_the_first_sending_stops_a_third_one() -> None:
    twice = [*SENT, REJECTED, INNOCENT, *LEFT_AGAIN, make_fact("syntax_rejected", 9, attempt=2)]
    third = make_fact("reopened_as_innocent", 9, attempt=3)
    assert fold([*twice, third]) == Standing(State.RECEIVED, 3, None)
    assert fold([*twice, third, make_fact("payer_accepted", 2)]) == Standing(State.REJECTED, 2, None)


def test_an_answer_to_what_a_person_corrected_since_does_not_stop_the_innocent() -> None:
    corrected = [*SENT, make_fact("payer_rejected", 2), make_fact("corrected", 3, attempt=2), *LEFT_AGAIN]
    facts = [*corrected, make_fact("syntax_rejected", 9, attempt=2), make_fact("reopened_as_innocent", 9, attempt=3)]
    assert fold(facts) == Standing(State.RECEIVED, 3, None)


@pytest.mark.parametrize("attempt", [1, 2])
def test_a_void_ends_a_claim_in_every_attempt(attempt: int) -> None:
    void = make_fact("voided", 8, attempt=attempt)
    for order in permutations([void, INNOCENT, make_fact("edits_passed", 6, attempt=2), make_fact("paid", 9)]):
        assert fold([*SENT, REJECTED, *order]) == Standing(State.VOIDED, attempt, None)


def test_a_new_attempt_is_beyond_all_that_were_ever_begun() -> None:
    facts = [*SENT, REJECTED, INNOCENT, make_fact("payer_rejected", 9)]
    assert (fold(facts).attempt, next_attempt(facts)) == (1, 3)


def test_who_took_an_attempt_is_found_and_a_rejection_takes_nothing() -> None:
    assert find_taken([*SENT, REJECTED, make_fact("payer_rejected", 6)], 1) is None
    taken = make_fact("payer_accepted", 7)
    assert find_taken([*SENT, REJECTED, taken], 1) == taken
    assert find_taken([*SENT, taken], 2) is None


HELD = make_fact("held_by_person", 2)


@pytest.mark.parametrize("begun", [INNOCENT, TAKEN_FOR_LOST], ids=["innocent", "lost"])
def test_what_a_person_held_stays_held_in_an_attempt_that_no_person_began(begun: Fact) -> None:
    passed = make_fact("edits_passed", 6, attempt=2)
    for order in permutations([HELD, begun, passed]):
        assert fold([*LOST, *order]) == Standing(State.HELD, 2, None)
    released = make_fact("released_by_person", 7, attempt=2)
    assert fold([*LOST, HELD, begun, passed, released]).state is State.READY
    assert fold([*LOST, HELD, begun, make_fact("reopened", 8, attempt=3)]).state is State.RECEIVED


def test_what_was_held_and_released_before_it_was_put_in_a_file_goes_again() -> None:
    before = [make_fact("received", -48), make_fact("held_by_person", -5), make_fact("released_by_person", -4)]
    assert fold([*before, make_fact("batched", -2), TAKEN_FOR_LOST]).state is State.RECEIVED


def test_a_word_of_holding_moves_nothing_that_has_left() -> None:
    assert fold([*LOST, HELD]).state is State.BATCHED
    assert fold([*SENT, HELD, make_fact("payer_accepted", 9)]).state is State.ACCEPTED_BY_PAYER


said_of_a_claim = st.lists(
    st.sampled_from(
        [
            make_fact("edits_passed", 6, attempt=2), make_fact("syntax_accepted", 4), make_fact("syntax_accepted", 7),
            make_fact("clearinghouse_accepted", 7), make_fact("payer_accepted", 8), make_fact("paid", 40),
            make_fact("payment_suspended", 41), make_fact("voided", 50), make_fact("voided", 50, attempt=2),
        ]
    ),
    unique_by=lambda fact: fact.source,
)  # fmt: skip


@given(said_of_a_claim, st.randoms(use_true_random=False))
def test_no_order_of_answers_sends_again_what_somebody_took_or_a_person_voided(facts: list[Fact], random: object) -> None:
    whole = [*SENT, REJECTED, INNOCENT, *facts]
    shuffled = list(whole)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert fold(shuffled) == fold(whole)
    taken = find_taken(facts, 1) is not None
    voided = any(fact.kind is Kind.VOIDED for fact in facts)
    if taken or voided:
        assert fold(whole).state not in (State.RECEIVED, State.READY)
    if voided:
        assert fold(whole).state is State.VOIDED


def test_the_last_word_on_an_attempt_says_whether_it_was_taken() -> None:
    on_its_way = [*SENT, make_fact("clearinghouse_accepted", 3), make_fact("payer_rejected", 4)]
    assert not is_taken(on_its_way, 1)
    assert is_taken([*on_its_way, make_fact("payer_accepted", 5), make_fact("voided", 6)], 1)
    assert not is_taken(on_its_way, 2)


def test_what_a_payer_paid_before_it_left_waits_for_a_person() -> None:
    unsent = [make_fact("received", -48), make_fact("edits_passed", -47)]
    paid = make_fact("payment_suspended", -60)
    assert fold([*unsent, paid]) == fold([paid, *unsent]) == Standing(State.HELD, 1, None)
    assert fold([*unsent, paid, make_fact("released_by_person", -1)]).state is State.READY
    assert fold([*SENT, paid]).state is State.SENT
    assert (
        fold([*unsent, paid, make_fact("corrected", -1, attempt=2), make_fact("edits_passed", 0, attempt=2)]).state is State.READY
    )
