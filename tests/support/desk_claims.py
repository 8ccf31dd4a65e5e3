"""Invented claims for the sample payers, taken in through the front door, and brought to any state by facts."""

from datetime import date, timedelta
from typing import Any

import msgspec

from edi.claims import Address, Claim, Coverage, Diagnosis, Party, Reference, ServiceLine
from gateway.clock import TurnedClock
from gateway.db import listings
from gateway.db.engine import reading, writing
from gateway.db.ledger import record
from gateway.domain.facts import Fact, Kind, State
from gateway.pipeline.context import Context
from gateway.pipeline.intake import receive

SERVED = date(2026, 2, 20)

LIVES: dict[State, tuple[Kind, ...]] = {
    State.RECEIVED: (),
    State.HELD: (Kind.EDITS_FAILED,),
    State.READY: (Kind.EDITS_PASSED,),
    State.BATCHED: (Kind.EDITS_PASSED, Kind.BATCHED),
    State.SENT: (Kind.EDITS_PASSED, Kind.BATCHED, Kind.SENT),
    State.DELIVERED: (Kind.SENT, Kind.SYNTAX_ACCEPTED),
    State.ACCEPTED_BY_CLEARINGHOUSE: (Kind.SENT, Kind.CLEARINGHOUSE_ACCEPTED),
    State.ACCEPTED_BY_PAYER: (Kind.SENT, Kind.PAYER_ACCEPTED),
    State.REJECTED: (Kind.EDITS_PASSED, Kind.SENT, Kind.PAYER_REJECTED),
    State.PENDING: (Kind.SENT, Kind.STATUS_PENDING),
    State.PAID: (Kind.SENT, Kind.PAID),
    State.PARTLY_PAID: (Kind.SENT, Kind.PARTLY_PAID),
    State.DENIED: (Kind.SENT, Kind.DENIED),
    State.VOIDED: (Kind.VOIDED,),
}
"""The facts, after it was received, by which a claim comes to each state."""


def sample_claim(number: str, **changes: Any) -> Claim:
    """A sound claim of 125.00 to Northstar Plan; every number has a procedure day of its own, so that none is a duplicate."""
    line = ServiceLine(charge_cents=12_500, procedure="99213", service_from=SERVED, diagnosis_pointers=(1,), control_number="1")
    address = Address(line1="1 SAMPLE STREET", city="TESTVILLE", state="NY", postal_code="100010001")
    claim = Claim(
        patient_control_number=number,
        charge_cents=12_500,
        billing_provider=Party(
            role="85", last_name="NONESUCH FAMILY PRACTICE", id_qualifier="XX", id="1999999984", address=address,
            references=(Reference(qualifier="EI", value="000000001"),),
        ),
        subscriber=Party(
            role="IL", is_person=True, last_name="TESTCASE", first_name=f"ADA{number}", id_qualifier="MI", id="00000024-01",
            address=address, birth_date=date(1980, 2, 29), gender="F",
        ),
        payer=Party(role="PR", last_name="NORTHSTAR PLAN", id_qualifier="PI", id="NSP77"),
        coverage=Coverage(claim_filing_indicator="CI"),
        diagnoses=(Diagnosis(qualifier="ABK", code="E119"),),
        lines=(line,),
    )  # fmt: skip
    return msgspec.structs.replace(claim, **changes)


def take_in(context: Context, *claims: Claim) -> list[int]:
    """Take claims in as one file; their ids in order."""
    content = b"\n".join(msgspec.json.encode(claim) for claim in claims)
    report = receive(context, f"{claims[0].patient_control_number}.jsonl", [content])
    assert not report.refusals
    with reading(context.engine) as connection:
        return [listings.find_claims(connection, claim.patient_control_number, match_pcn="")[0]["id"] for claim in claims]


def bring_to(context: Context, claim_id: int, state: State) -> None:
    """Record the facts that bring a claim, just taken in, to a state; the clock moves on."""
    clock = context.clock
    assert isinstance(clock, TurnedClock)
    clock.turn(timedelta(minutes=1))
    now = clock.now()
    facts = [
        Fact(claim_id=claim_id, kind=kind, attempt=1, occurred_at=now, source=f"test:{kind.value}", data=_data_of(kind))
        for kind in LIVES[state]
    ]
    with writing(context.engine) as connection:
        record(connection, facts, now)
    clock.turn(timedelta(minutes=1))


def _data_of(kind: Kind) -> dict[str, Any]:
    if kind is Kind.EDITS_FAILED:
        finding = {"edit": "sample", "severity": "hold", "message": "Something is wrong.", "fix": "Mend it.", "field": ""}
        return {"findings": [finding]}
    return {}
