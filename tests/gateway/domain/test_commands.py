"""What a person may do to a claim: every command in every state, restated from the life of a claim."""

import pytest

from gateway.domain.commands import RULINGS, Command, rule_on
from gateway.domain.facts import Kind, State
from gateway.domain.lifecycle import STAGES

ALLOWED = {
    ("hold", "received", "held"),
    ("hold", "ready", "held"),
    ("release", "held", "ready"),
    ("release", "rejected", "received"),
    ("correct", "received", "received"),
    ("correct", "held", "received"),
    ("correct", "ready", "received"),
    ("correct", "rejected", "received"),
    ("correct", "paid", "received"),
    ("correct", "partly_paid", "received"),
    ("correct", "denied", "received"),
    ("recheck", "held", "received"),
    ("void", "received", "voided"),
    ("void", "held", "voided"),
    ("void", "ready", "voided"),
    ("void", "rejected", "voided"),
    ("void", "paid", "received"),
    ("void", "partly_paid", "received"),
    ("void", "denied", "received"),
}
"""Restated: command, state before, state after. Whatever else a person tries is refused."""

SENT_AGAIN = {
    ("release", "rejected"),
    ("correct", "received"),
    ("correct", "held"),
    ("correct", "ready"),
    ("correct", "rejected"),
    ("correct", "paid"),
    ("correct", "partly_paid"),
    ("correct", "denied"),
    ("void", "paid"),
    ("void", "partly_paid"),
    ("void", "denied"),
    ("recheck", "held"),
}
"""Restated: what begins another attempt."""


def test_the_table_is_whole() -> None:
    assert set(RULINGS) == set(Command)
    assert all(set(rulings) == set(State) for rulings in RULINGS.values())


def test_only_these_are_allowed_and_they_lead_where_they_say() -> None:
    found = {
        (command.value, state.value, STAGES[ruling.kind][1].value)
        for command, rulings in RULINGS.items()
        for state, ruling in rulings.items()
        if ruling.kind is not None
    }
    assert found == ALLOWED


def test_only_what_is_sent_again_begins_another_attempt() -> None:
    found = {(c.value, s.value) for c, rulings in RULINGS.items() for s, ruling in rulings.items() if ruling.next_attempt}
    assert found == SENT_AGAIN


@pytest.mark.parametrize("command", Command)
@pytest.mark.parametrize("state", State)
def test_a_ruling_either_makes_a_fact_or_says_why_not(command: Command, state: State) -> None:
    ruling = rule_on(command, state)
    assert (ruling.kind is None) == bool(ruling.refusal)


@pytest.mark.parametrize("state", ["paid", "partly_paid", "denied"])
def test_after_adjudication_sending_again_is_refused_and_a_replacement_named(state: str) -> None:
    for command in (Command.RELEASE, Command.RECHECK):
        refusal = rule_on(command, State(state)).refusal
        assert "frequency 7" in refusal
        assert "payer's claim number" in refusal


@pytest.mark.parametrize("state", ["received", "held", "ready", "rejected"])
def test_what_the_payer_adjudicated_before_is_not_given_up_here_alone(state: str) -> None:
    """A replacement that has not left, or was rejected: the payer still has what it stood for."""
    ruling = rule_on(Command.VOID, State(state), is_adjudicated=True)
    assert (ruling.kind, ruling.next_attempt) == (Kind.REOPENED, True)
    assert rule_on(Command.HOLD, State.READY, is_adjudicated=True) == rule_on(Command.HOLD, State.READY)


@pytest.mark.parametrize("state", ["received", "held", "ready", "rejected"])
def test_what_somebody_took_after_all_is_not_given_up_here_alone(state: str) -> None:
    assert "taken after all" in rule_on(Command.VOID, State(state), is_taken=True).refusal
    assert rule_on(Command.CORRECT, State(state), is_taken=True) == rule_on(Command.CORRECT, State(state))


@pytest.mark.parametrize("state", ["sent", "delivered", "accepted_by_clearinghouse", "accepted_by_payer", "pending"])
def test_a_replacement_that_the_payer_decided_on_is_changed_and_taken_back_though_its_payment_is_held(state: str) -> None:
    found = {command: rule_on(command, State(state), is_adjudicated=True, is_answered=True).kind for command in Command}
    expected = {Command.CORRECT: Kind.CORRECTED, Command.VOID: Kind.REOPENED}
    assert found == {command: expected.get(command) for command in Command}
