"""A claim's history as a person reads it: each fact with when, what in plain words, and from which file and segment or person."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from edi.codes.adjustment import carc_text
from edi.codes.imported import NONE_IMPORTED, Imported
from edi.values import format_money
from gateway.db.engine import Row
from gateway.domain.commands import Command
from gateway.domain.facts import Kind
from gateway.domain.frequency import REPLACEMENT, VOID
from gateway.domain.lifecycle import STAGES

Data = dict[str, Any]

LEARNT_LATE = timedelta(minutes=1)
"""A fact learnt within this of its happening was learnt as it happened."""

STATES: dict[str, str] = {
    "received": "received; the edits look at it next",
    "held": "held; it goes nowhere until it is corrected, released or voided",
    "ready": "ready; it goes into the next batch",
    "batched": "in a batch that is about to leave",
    "sent": "sent; the partner has not confirmed it yet",
    "delivered": "delivered; its syntax or envelope was accepted",
    "accepted_by_clearinghouse": "accepted by the clearinghouse, on its way to the payer",
    "accepted_by_payer": "accepted by the payer, which decides on it now",
    "rejected": "rejected before anyone decided on it; correct it or release it to be sent again",
    "pending": "pending with the payer",
    "paid": "paid",
    "partly_paid": "partly paid; something in it was denied",
    "denied": "denied",
    "voided": "void",
}
"""Each state in plain words."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One fact. `learnt_at` only where it was learnt later than it happened; `position` counts segments, ST = 1, 0 for none."""

    occurred_at: datetime
    learnt_at: datetime | None
    attempt: int
    kind: str
    text: str
    codes: str
    file_id: int | None
    file_name: str
    position: int
    actor: str


def build_timeline(rows: Sequence[Row], imported: Imported = NONE_IMPORTED) -> tuple[Step, ...]:
    """The steps of one claim by the day they happened; within a day in the order a claim's life has, then by the clock.

    A payer's dates have no time of day, so the clock alone would put a payment before the claim was taken in.
    Adjustment reasons are told in the imported words where there are some.
    """
    return tuple(_step(row, imported) for row in sorted(rows, key=_place))


def _place(row: Row) -> tuple[date, int, int, datetime, int]:
    kind = Kind(row["kind"])
    stage = STAGES[kind][0] if kind in STAGES else _INFORMING[kind]
    return (row["occurred_at"].date(), row["attempt"], stage, row["occurred_at"], row["id"])


_INFORMING: dict[Kind, int] = {Kind.REPAIRED: 15, Kind.STATUS_REPORTED: 75, Kind.PAYMENT_SUSPENDED: 80}


def _step(row: Row, imported: Imported) -> Step:
    data = msgspec.json.decode(row["data"], type=Data)
    data["denials"] = [f"{code} {carc_text(code.partition(' ')[2], imported)}" for code in data.get("denial_codes", [])]
    kind = Kind(row["kind"])
    late = row["recorded_at"] - row["occurred_at"] >= LEARNT_LATE
    return Step(
        occurred_at=row["occurred_at"],
        learnt_at=row["recorded_at"] if late else None,
        attempt=row["attempt"],
        kind=kind.value,
        text=TELLERS[kind](data),
        codes=_codes(data),
        file_id=row["file_id"],
        file_name=row["file_name"] or "",
        position=row["position"],
        actor=row["actor"],
    )


def _codes(data: Data) -> str:
    if "findings" in data:
        return " ".join(dict.fromkeys(finding["edit"] for finding in data["findings"]))
    if "denial_codes" in data:
        return ", ".join(data["denial_codes"])
    return str(data.get("codes") or data.get("note") or data.get("status") or "")


def _by_person(did: str) -> Callable[[Data], str]:
    return lambda data: f"{did}: {data.get('reason') or 'no reason given'}"


def _received(data: Data) -> str:
    return f"Taken in, charge {format_money(data['charge_cents'])}" if "charge_cents" in data else "Taken in"


def _corrected(data: Data) -> str:
    version = f", version {data['version']}" if "version" in data else ""
    again = ", to be sent as a replacement (frequency 7)" if data.get("frequency") == REPLACEMENT else ""
    return f"Corrected{version}{again}: {data.get('reason') or 'no reason given'}"


def _reopened(data: Data) -> str:
    if data.get("frequency") == VOID:
        return _by_person("To be taken back at the payer by a void claim (frequency 8)")(data)
    if data.get("frequency") == REPLACEMENT:
        return _by_person("To be sent again as a replacement (frequency 7)")(data)
    did = "To be checked again by the edits" if data.get("command") == Command.RECHECK else "To be sent again as new"
    return _by_person(did)(data)


def _released(data: Data) -> str:
    again = ", to be sent as a replacement (frequency 7)" if data.get("frequency") == REPLACEMENT else ""
    return _by_person(f"Released by a person{again}, whatever the edits found")(data)


def _repaired(data: Data) -> str:
    """Rules and fields; what the values were and are is in the versions."""
    did = ", ".join(f"{field} by rule {rule}" for rule, field in data.get("repairs", []))
    version = f", version {data['version']}" if "version" in data else ""
    return f"Repaired by rules of {data.get('payer') or 'the payer'}{version}: {did or 'not said what'}"


def _edits_failed(data: Data) -> str:
    holds = [finding for finding in data.get("findings", []) if finding.get("severity") == "hold"]
    said = "; ".join(f"{finding['message']} {finding['fix']}".strip() for finding in holds)
    return f"Held by {'edits' if len(holds) != 1 else 'an edit'}: {said}"


def _edits_passed(data: Data) -> str:
    warnings = "; ".join(finding["message"] for finding in data.get("findings", []))
    return f"Passed the edits, with warnings: {warnings}" if warnings else "Passed the edits"


def _sent(data: Data) -> str:
    overdue = f"; a final answer is expected by {data['overdue_at'][:10]}" if "overdue_at" in data else ""
    how = f"settled as arrived, {data['reason']}" if data.get("reason") else "the bytes are on the partner's server"
    return f"Sent with batch {data.get('batch_id', '?')}: {how}{overdue}"


def _syntax_rejected(data: Data) -> str:
    error = data.get("error")
    return f"Set {data.get('st_control_number', '')} rejected for its syntax (999)" + (
        f", this claim at fault: {error}" if error else ", this claim not named as the cause"
    )


def _acknowledged(tier: str, verdict: str) -> Callable[[Data], str]:
    def tell(data: Data) -> str:
        number = f"; the payer's claim number is {data['payer_claim_number']}" if data.get("payer_claim_number") else ""
        said = f": {data['text']}" if data.get("text") else ""
        return f"{verdict} by the {tier} (277CA){said}{number}"

    return tell


def _adjudicated(outcome: str) -> Callable[[Data], str]:
    def tell(data: Data) -> str:
        amounts = [
            f"{word} {format_money(data[key])}"
            for key, word in (
                ("contractual_cents", "adjusted"), ("other_cents", "other adjustments"), ("patient_cents", "patient owes"),
                ("denied_cents", "denied"),
            )
            if data.get(key)
        ]  # fmt: skip
        why = "; ".join(data.get("denials", []))
        parts = [
            f"{outcome} by remittance {data.get('remittance_id', '?')}: paid {format_money(data.get('paid_cents', 0))}",
            *amounts,
        ]
        return ", ".join(parts) + (f" ({why})" if why else "")

    return tell


def _suspended(data: Data) -> str:
    paid = format_money(data.get("paid_cents", 0))
    return f"A payment of {paid} in remittance {data.get('remittance_id', '?')} is held, not posted: {data.get('reason', '')}"


TELLERS: dict[Kind, Callable[[Data], str]] = {
    Kind.RECEIVED: _received,
    Kind.CORRECTED: _corrected,
    Kind.REOPENED: _reopened,
    Kind.REOPENED_AS_INNOCENT: lambda data: f"To be sent again: {data.get('reason') or 'its set was rejected for another claim'}",
    Kind.REOPENED_AS_LOST: _by_person("To be sent again, since its batch did not arrive"),
    Kind.REOPENED_AS_UNRECEIVED: _by_person("To be sent again, since the partner has nothing of the file that was sent"),
    Kind.REPAIRED: _repaired,
    Kind.EDITS_FAILED: _edits_failed,
    Kind.EDITS_PASSED: _edits_passed,
    Kind.HELD_BY_PERSON: _by_person("Held by a person"),
    Kind.RELEASED_BY_PERSON: _released,
    Kind.BATCHED: lambda data: f"Put in batch {data.get('batch_id', '?')}",
    Kind.SENT: _sent,
    Kind.TA1_ACCEPTED: lambda _: "The interchange arrived (TA1)",
    Kind.TA1_REJECTED: lambda data: f"The interchange was rejected whole (TA1, note {data.get('note') or 'none'})",
    Kind.SYNTAX_ACCEPTED: lambda data: f"Set {data.get('st_control_number', '')} accepted for its syntax (999)",
    Kind.SYNTAX_REJECTED: _syntax_rejected,
    Kind.CLEARINGHOUSE_ACCEPTED: _acknowledged("clearinghouse", "Accepted"),
    Kind.CLEARINGHOUSE_REJECTED: _acknowledged("clearinghouse", "Rejected"),
    Kind.PAYER_ACCEPTED: _acknowledged("payer", "Accepted"),
    Kind.PAYER_REJECTED: _acknowledged("payer", "Rejected"),
    Kind.STATUS_PENDING: lambda data: f"Pending with the payer: {data.get('text', '')}".rstrip(": "),
    Kind.STATUS_REPORTED: lambda data: f"Status reported by the payer: {data.get('text', '')}".rstrip(": "),
    Kind.PAID: _adjudicated("Paid"),
    Kind.PARTLY_PAID: _adjudicated("Partly paid"),
    Kind.DENIED: _adjudicated("Denied"),
    Kind.PAYMENT_SUSPENDED: _suspended,
    Kind.VOIDED: _by_person("Voided"),
}
"""How each kind of fact is told, from the data that its writer puts in it."""
