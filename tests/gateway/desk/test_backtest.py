"""New rules on past claims: exactly how many would have been held, what became of these, and what the rules miss."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from edi.claims import Coverage, Reference
from edi.transactions.t835 import ClaimPayment
from gateway.clock import TurnedClock
from gateway.desk import backtest as backtesting
from gateway.desk import claim_commands
from gateway.desk.backtest import Backtest, Tally, backtest
from payers.rules import Rule
from tests.gateway.domain.samples import adjust, make_line, make_paid_line, make_payment, make_subscriber
from tests.support.worlds import SERVED, World, blame, make_claim, say

FLAGGED = (("ADD", "FLAGGED"),)


@pytest.fixture
def world(fresh_engine: Engine, tmp_path: Path, clock: TurnedClock) -> World:
    """A gateway of the sample profiles, without claims."""
    return World(fresh_engine, tmp_path / "archive", clock)


def make_rule(name: str, **keys: Any) -> Rule:
    """A rule of this name."""
    return Rule.model_validate({"id": name, "what": "Something is wrong.", "fix": "Mend it.", **keys})


WANTED = {"require": ["claim.prior_authorization"]}
NO_NOTE = make_rule("no-note", forbid=["claim.note"])


def send(world: World, *numbers: str, flagged: str = "", grouped: str = "") -> None:
    """Claims sent, with charges of their own; those flagged have a note, those grouped a group name."""
    claims = []
    for number in numbers:
        line = make_line(service_from=SERVED, service_through=SERVED, charge_cents=11999 + int(number[1:]))
        notes = FLAGGED if number in flagged.split() else ()
        coverage = Coverage(group_name="A GROUP" if number in grouped.split() else "", claim_filing_indicator="CI")
        patient = make_subscriber(first_name=f"INVENTED{number}")
        claims.append(make_claim(number, lines=(line,), notes=notes, coverage=coverage, subscriber=patient))
    world.send(*claims)


def pay(number: str, charge_cents: int) -> ClaimPayment:
    """All but 20.00 paid."""
    line = make_paid_line(charge_cents, charge_cents - 2000, adjust("CO 45", 2000), line_control_number="L1")
    return make_payment(line, patient_control_number=number, status="1")


def deny(number: str, charge_cents: int) -> ClaimPayment:
    """Nothing paid, for lateness."""
    line = make_paid_line(charge_cents, 0, adjust("CO 29", charge_cents), line_control_number="L1")
    return make_payment(line, patient_control_number=number, status="4")


def decide_on_six(world: World) -> None:
    """A1 and A2 paid, A3 and A4 denied, A5 rejected by the payer, A6 open; A1, A3 and A5 are flagged, A2 and A4 grouped."""
    send(world, "A1", "A2", "A3", "A4", "A5", "A6", flagged="A1 A3 A5", grouped="A2 A4")
    world.hear(world.ack_277ca("PR", say("A5", "A3")))
    world.hear(world.pay(pay("A1", 12000), pay("A2", 12001), deny("A3", 12002), deny("A4", 12003)))
    assert world.states() == {"A1": "paid", "A2": "paid", "A3": "denied", "A4": "denied", "A5": "rejected", "A6": "sent"}


def test_what_rules_would_have_held_is_counted_by_what_became_of_it(world: World) -> None:
    decide_on_six(world)
    result = backtest(world.context, [NO_NOTE])
    assert result.looked_at == Tally(rejected=1, denied=2, paid=2, open=1)
    assert result.held == Tally(rejected=1, denied=1, paid=1)
    assert (result.caught, result.in_vain, result.missed, result.repaired) == (2, 1, 1, 0)
    (rule,) = result.rules
    assert (rule.spoke, rule.caught, rule.in_vain) == (Tally(rejected=1, denied=1, paid=1), ["A3", "A5"], ["A1"])


def test_a_warning_is_counted_by_itself_and_holds_nothing(world: World) -> None:
    decide_on_six(world)
    result = backtest(world.context, [make_rule("warned", severity="warn", forbid=["claim.note"])])
    assert (result.held, result.missed) == (Tally(), 3)
    assert result.rules[0].spoke == Tally(rejected=1, denied=1, paid=1)


def test_what_rules_repair_is_counted_and_judged_as_repaired(world: World) -> None:
    decide_on_six(world)
    rules = [make_rule("blank", set={"coverage.group_name": ""}), make_rule("no-group", forbid=["coverage.group_name"])]
    result = backtest(world.context, rules)
    assert (result.held, result.repaired) == (Tally(), 2)
    assert [(each.rule, each.repaired) for each in result.rules] == [("blank", 2), ("no-group", 0)]
    assert backtest(world.context, rules[1:]).held == Tally(paid=1, denied=1)


def test_a_rule_that_cannot_be_applied_would_have_held_the_claim(world: World) -> None:
    send(world, "A1", grouped="A1")
    result = backtest(world.context, [make_rule("digits", severity="warn", set={"coverage.group_name": "=digits"})])
    assert (result.held, result.rules[0].not_applicable) == (Tally(open=1), 1)


def test_a_claim_is_judged_each_time_as_it_was_sent(world: World) -> None:
    """It was rejected flagged, and paid without the flag: the rule catches the first, and would not have held the second."""
    send(world, "A1", flagged="A1")
    world.hear(world.ack_277ca("PR", say("A1", "A3")))
    world.turn(days=1)
    correct(world)
    world.run("scrub", "batching", "delivery")
    world.hear(world.pay(pay("A1", 12000)))
    result = backtest(world.context, [NO_NOTE])
    assert (result.looked_at, result.held) == (Tally(rejected=1, paid=1), Tally(rejected=1))


def correct(world: World) -> None:
    """A1 without its note, by a person."""
    line = make_line(service_from=SERVED, service_through=SERVED)
    document = make_claim("A1", lines=(line,), coverage=Coverage(claim_filing_indicator="CI"))
    claim_commands.correct(world.context, "A1", document, actor="ann", reason="no note")


def test_a_claim_whose_set_was_rejected_for_another_was_not_rejected_itself(world: World) -> None:
    send(world, "A1", "A2", flagged="A1 A2")
    row = next(row for row in world.rows("submission") if row["claim_id"] == world.claim("A1")["id"])
    world.hear(world.ack_999("R", blame(row["first_position"], world.claim("A1")["pcn"], segment="CLM")))
    assert world.states() == {"A1": "rejected", "A2": "received"}
    assert backtest(world.context, [NO_NOTE]).held == Tally(rejected=1, open=1)


def test_only_claims_of_the_payer_and_since_the_day_are_looked_at(world: World) -> None:
    send(world, "A1")
    world.turn(days=2)
    send(world, "A2")
    assert backtest(world.context, [NO_NOTE], payer="blueharbor").looked_at == Tally(open=2)
    assert backtest(world.context, [NO_NOTE], payer="northstar").looked_at == Tally()
    assert backtest(world.context, [NO_NOTE], since=date(2026, 3, 2)).looked_at == Tally(open=2)
    assert backtest(world.context, [NO_NOTE], since=date(2026, 3, 3)).looked_at == Tally(open=1)


def test_claims_are_read_in_portions_and_none_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtesting, "CHUNK", 2)
    decide_on_six(world)
    assert backtest(world.context, [NO_NOTE]).looked_at.total == 6


def test_nothing_changes(world: World) -> None:
    decide_on_six(world)
    before = [dict(row) for table in ("claim", "claim_version", "event") for row in world.rows(table)]
    result = backtest(world.context, [make_rule("blank", set={"coverage.group_name": ""}), NO_NOTE])
    assert isinstance(result, Backtest)
    assert [dict(row) for table in ("claim", "claim_version", "event") for row in world.rows(table)] == before


def test_claims_are_judged_with_what_their_payers_profiles_fill_in(world: World) -> None:
    world.send(make_claim("A1", payer="bhh01", coverage=Coverage()))
    theirs = {"payer.id": ["BHH01"], "coverage.claim_filing_indicator": ["CI"]}
    rules = [make_rule("of-theirs", when=theirs, require=["claim.note"]), make_rule("set-theirs", set={"payer.id": "=upper"})]
    result = backtest(world.context, rules)
    assert [(each.spoke.total, each.repaired) for each in result.rules] == [(1, 0), (0, 0)]


def test_voids_are_looked_at_by_the_rules_that_name_them(world: World) -> None:
    world.send(make_claim("A1", frequency="8", references=(Reference(qualifier="F8", value="PAYERS17"),)))
    unnamed, named = (make_rule("unnamed", **WANTED), make_rule("named", when={"claim.frequency": ["8"]}, **WANTED))
    assert backtest(world.context, [unnamed]).looked_at.total == 0
    result = backtest(world.context, [unnamed, named])
    assert (result.looked_at.total, [each.spoke.total for each in result.rules]) == (1, [0, 1])
