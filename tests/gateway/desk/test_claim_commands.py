"""Holding, releasing, correcting and voiding claims on a real database: what each does, and what each refuses."""

import threading
from datetime import timedelta

import msgspec
import pytest

from edi.claims import Claim, Party
from gateway.clock import TurnedClock
from gateway.db import claims as claim_rows
from gateway.db import listings, ready_claims
from gateway.db.engine import Row, reading, writing
from gateway.db.ledger import facts_of, find_misfolded, record
from gateway.desk import claim_commands
from gateway.desk.claim_commands import Act
from gateway.desk.claim_view import get_document, view_claim
from gateway.domain.commands import Command
from gateway.domain.facts import Fact, Kind, State
from gateway.domain.work import WorkKind
from gateway.errors import Refused
from gateway.pipeline import batching, scrub
from gateway.pipeline.context import Context
from tests.support.desk_claims import bring_to, sample_claim, take_in
from tests.support.rows import NOON

WRONG_NPI = "1999999985"


def read_claim(context: Context, claim_id: int) -> Row:
    with reading(context.engine) as connection:
        return claim_rows.list_by_id(connection, [claim_id])[0]


def read_facts(context: Context, claim_id: int) -> list[Fact]:
    with reading(context.engine) as connection:
        assert find_misfolded(connection) == []
        return facts_of(connection, [claim_id])[claim_id]


def turn(context: Context) -> None:
    assert isinstance(context.clock, TurnedClock)
    context.clock.turn(timedelta(minutes=1))


def do(context: Context, command: Command, number: str, *, reason: str = "as agreed", document: Claim | None = None) -> Act:
    """One command by ada, a minute later."""
    turn(context)
    if command is Command.CORRECT:
        changed = document or msgspec.structs.replace(get_document(context, number), place_of_service="22")
        return claim_commands.correct(context, number, changed, actor="ada", reason=reason)
    act = {
        Command.HOLD: claim_commands.hold, Command.RELEASE: claim_commands.release, Command.RECHECK: claim_commands.recheck,
        Command.VOID: claim_commands.void,
    }[command]  # fmt: skip
    return act(context, number, actor="ada", reason=reason)


EXPECTED: dict[tuple[str, str], tuple[str, int]] = {
    ("hold", "received"): ("held", 1),
    ("hold", "ready"): ("held", 1),
    ("release", "held"): ("ready", 1),
    ("release", "rejected"): ("received", 2),
    ("correct", "received"): ("received", 2),
    ("correct", "held"): ("received", 2),
    ("correct", "ready"): ("received", 2),
    ("correct", "rejected"): ("received", 2),
    ("recheck", "held"): ("received", 2),
    ("void", "received"): ("voided", 1),
    ("void", "held"): ("voided", 1),
    ("void", "ready"): ("voided", 1),
    ("void", "rejected"): ("voided", 1),
}
"""State and attempt afterwards; every other pair is refused."""


def test_each_command_in_each_state_does_what_it_says_or_changes_nothing(context: Context) -> None:
    for command in Command:
        for place, state in enumerate(State):
            number = f"{command.value.upper()}{place}"
            (claim_id,) = take_in(context, sample_claim(number))
            bring_to(context, claim_id, state)
            before, facts_before = read_claim(context, claim_id), read_facts(context, claim_id)
            expected = EXPECTED.get((command.value, state.value))
            if expected is None:
                with pytest.raises(Refused, match=number):
                    do(context, command, number)
                assert read_claim(context, claim_id) == before, (command, state)
                assert read_facts(context, claim_id) == facts_before
                continue
            act = do(context, command, number)
            after = read_claim(context, claim_id)
            assert (after["state"], after["attempt"]) == expected, (command, state)
            assert (act.state, act.attempt, act.pcn) == (*expected, number)
            fact = read_facts(context, claim_id)[-1]
            assert (fact.actor, fact.data["reason"], fact.occurred_at) == ("ada", "as agreed", context.clock.now())


def test_a_reason_is_needed_and_nothing_happens_without(context: Context) -> None:
    (claim_id,) = take_in(context, sample_claim("NOREASON1"))
    for reason in ("", "  ", "x" * 501):
        with pytest.raises(Refused, match="reason"):
            do(context, Command.HOLD, "NOREASON1", reason=reason)
    assert read_claim(context, claim_id)["state"] == "received"


def test_a_held_claim_is_not_scrubbed_nor_batched_until_released(context: Context) -> None:
    take_in(context, sample_claim("KEEP1"), sample_claim("GO1"))
    do(context, Command.HOLD, "KEEP1")
    assert scrub.run(context) == 1
    assert batching.run(context) == 1
    assert view_claim(context, "KEEP1").state == "held"
    assert view_claim(context, "GO1").state == "batched"


def test_a_claim_held_before_the_edits_saw_it_goes_back_to_them(context: Context) -> None:
    """A release overrules findings; it does not let pass what nobody looked at."""
    take_in(
        context, sample_claim("UNSEEN1", billing_provider=Party(role="85", last_name="NONESUCH", id_qualifier="XX", id=WRONG_NPI))
    )
    do(context, Command.HOLD, "UNSEEN1")
    assert do(context, Command.RELEASE, "UNSEEN1").state == "received"
    turn(context)
    scrub.run(context)
    assert view_claim(context, "UNSEEN1").state == "held"


def test_a_release_overrules_an_edit_and_closes_its_work(context: Context) -> None:
    late = sample_claim("LATE1")
    late = msgspec.structs.replace(
        late, lines=tuple(msgspec.structs.replace(line, service_from=NOON.date() - timedelta(days=100)) for line in late.lines)
    )
    (claim_id,) = take_in(context, late)
    scrub.run(context)
    held = view_claim(context, "LATE1")
    assert held.state == "held"
    assert [item.kind for item in held.work] == [WorkKind.EDITS_FAILED]
    do(context, Command.RELEASE, "LATE1", reason="the payer granted an extension")
    assert view_claim(context, "LATE1").work == ()
    turn(context)
    assert batching.run(context) == 1
    assert read_claim(context, claim_id)["state"] == "batched"


def test_nothing_is_released_that_could_never_leave(context: Context) -> None:
    """No profile names its payer, or the 837P of it breaks the guide: refused, with the way out."""
    nowhere = sample_claim("NOPAYER1", payer=Party(role="PR", last_name="NOBODY", id_qualifier="PI", id=""))
    bad = sample_claim("BADGUIDE1")
    bad = msgspec.structs.replace(bad, diagnoses=(msgspec.structs.replace(bad.diagnoses[0], code="E11.9*"),))
    for claim_id in take_in(context, nowhere, bad):
        bring_to(context, claim_id, State.HELD)
    for number, why in (("NOPAYER1", "no profile names its payer"), ("BADGUIDE1", "guide")):
        with pytest.raises(Refused, match=why):
            do(context, Command.RELEASE, number)
        assert view_claim(context, number).state == "held"


def test_a_correction_is_a_new_version_with_the_same_pcn(context: Context) -> None:
    (claim_id,) = take_in(context, sample_claim("FIX1"))
    bring_to(context, claim_id, State.REJECTED)
    line = sample_claim("FIX1").lines[0]
    corrected = sample_claim(
        "FIX1", charge_cents=9_900, lines=(msgspec.structs.replace(line, charge_cents=9_900, control_number=""),)
    )
    act = do(context, Command.CORRECT, "FIX1", document=corrected)
    after = read_claim(context, claim_id)
    assert (act.version, after["version"], after["pcn"], after["charge_cents"]) == (2, 2, "FIX1", 9_900)
    assert get_document(context, "FIX1").lines[0].control_number == "1"
    turn(context)
    scrub.run(context)
    assert batching.run(context) == 1
    sendings = view_claim(context, "FIX1").sendings
    assert [(one.attempt, one.version) for one in sendings] == [(2, 2)]
    assert [(one.version, one.actor, one.reason) for one in view_claim(context, "FIX1").versions] == [
        (1, "", ""),
        (2, "ada", "as agreed"),
    ]


def test_another_claims_document_and_an_unchanged_one_are_refused(context: Context) -> None:
    (claim_id, _) = take_in(context, sample_claim("MINE1"), sample_claim("OTHER1"))
    with pytest.raises(Refused, match="another claim"):
        do(context, Command.CORRECT, "MINE1", document=sample_claim("OTHER1", place_of_service="22"))
    with pytest.raises(Refused, match="the same as version 1"):
        do(context, Command.CORRECT, "MINE1", document=get_document(context, "MINE1"))
    assert read_claim(context, claim_id)["version"] == 1


def test_a_claim_stays_what_it_was_billed_as(context: Context) -> None:
    """A professional claim corrected into an institutional one would replace nothing that the payer has."""
    (claim_id,) = take_in(context, sample_claim("MINE1"))
    with pytest.raises(Refused, match="the document is an 837I, and the claim an 837P"):
        do(context, Command.CORRECT, "MINE1", document=sample_claim("MINE1", guide="837I"))
    assert read_claim(context, claim_id)["version"] == 1


def test_the_books_follow_a_void_and_a_change_of_practice(context: Context) -> None:
    """What was booked when the claim first left is taken back: nothing stays open for a claim nobody will pay."""
    (void_id, moved_id) = take_in(context, sample_claim("GONE1"), sample_claim("MOVED1"))
    scrub.run(context)
    batching.run(context)
    turn(context)
    rejected = [
        Fact(claim_id=claim_id, kind=Kind.PAYER_REJECTED, attempt=1, occurred_at=context.clock.now(), source="test:rejected")
        for claim_id in (void_id, moved_id)
    ]
    with writing(context.engine) as connection:
        record(connection, rejected, context.clock.now())
    assert view_claim(context, "GONE1").money.open_cents == 12_500
    do(context, Command.VOID, "GONE1")
    assert view_claim(context, "GONE1").money.billed_cents == 0
    assert view_claim(context, "GONE1").money.open_cents == 0
    provider = msgspec.structs.replace(sample_claim("MOVED1").billing_provider, id="1999999992")
    do(context, Command.CORRECT, "MOVED1", document=sample_claim("MOVED1", billing_provider=provider))
    assert view_claim(context, "MOVED1").money.billed_cents == 0
    with reading(context.engine) as connection:
        assert listings.claim_balances(connection, moved_id) == {"charges": 0, "insurance_receivable": 0}


def test_two_acts_of_one_instant_are_not_both_said_to_be_done(context: Context) -> None:
    """A clock that stands, or runs behind, cannot order two acts: the second is refused instead of lost."""
    take_in(context, sample_claim("TWICE1"))
    scrub.run(context)
    turn(context)
    claim_commands.hold(context, "TWICE1", actor="ada", reason="first")
    claim_commands.release(context, "TWICE1", actor="ada", reason="second")
    with pytest.raises(Refused, match="at this very moment"):
        claim_commands.hold(context, "TWICE1", actor="bob", reason="third")
    assert view_claim(context, "TWICE1").state == "ready"


def test_a_number_that_several_claims_have_names_them_and_chooses_none(context: Context) -> None:
    first, second = take_in(context, sample_claim("TWIN1"), sample_claim("OTHER-9"))
    with writing(context.engine) as connection:
        claim_rows.set_payer_claim_numbers(connection, {first: "PAYER77", second: "PAYER77"})
    with pytest.raises(Refused, match=rf"(?s)2 claims have.*id:{first} .*id:{second} "):
        view_claim(context, "PAYER77")
    with pytest.raises(Refused, match="no claim has the number NOSUCH"):
        view_claim(context, "NOSUCH")
    assert view_claim(context, f"id:{second}").source_pcn == "OTHER-9"
    assert view_claim(context, "twin1").id == first


def test_a_claim_being_batched_is_not_corrected_beside_its_batch(context: Context) -> None:
    """The command waits for the batch and then finds the claim gone into it: two copies would be sent otherwise."""
    (claim_id,) = take_in(context, sample_claim("RACE1"))
    bring_to(context, claim_id, State.READY)
    corrected = msgspec.structs.replace(get_document(context, "RACE1"), place_of_service="22")
    refusals: list[str] = []

    def correct_meanwhile() -> None:
        try:
            claim_commands.correct(context, "RACE1", corrected, actor="ada", reason="it was outpatient")
        except Refused as refused:
            refusals.append(str(refused))

    person = threading.Thread(target=correct_meanwhile)
    with writing(context.engine) as connection:
        rows = ready_claims.list_ready(connection, "meridian", guide="837P", payers={"northstar": ""}, limit=10)
        person.start()
        person.join(timeout=0.5)
        assert person.is_alive()
        batched = Fact(claim_id=rows[0].id, kind=Kind.BATCHED, attempt=1, occurred_at=context.clock.now(), source="batch:1")
        record(connection, [batched], context.clock.now())
    person.join(timeout=20)
    assert len(refusals) == 1
    assert "about to leave" in refusals[0]
    assert (read_claim(context, claim_id)["state"], read_claim(context, claim_id)["version"]) == ("batched", 1)


def test_a_claim_being_held_is_not_batched_beside_it(context: Context) -> None:
    """Batching waits for the person and then passes the claim over."""
    (claim_id,) = take_in(context, sample_claim("RACE2"))
    bring_to(context, claim_id, State.READY)
    batched: list[int] = []
    machine = threading.Thread(target=lambda: batched.append(batching.run(context)))
    with writing(context.engine) as connection:
        row = listings.lock_claim(connection, claim_id)
        machine.start()
        machine.join(timeout=0.5)
        assert machine.is_alive()
        held = Fact(claim_id=row["id"], kind=Kind.HELD_BY_PERSON, attempt=1, occurred_at=context.clock.now(), source="person:1")
        record(connection, [held], context.clock.now())
    machine.join(timeout=20)
    assert batched == [0]
    assert read_claim(context, claim_id)["state"] == "held"
