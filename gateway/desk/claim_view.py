"""One claim as a person looks at it: where it stands, its money, where it was sent, and its timeline."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from edi.claims import Claim
from gateway.db import claims as claim_rows
from gateway.db import code_lists, listings
from gateway.db.engine import Connection, Row, reading
from gateway.desk.claim_timeline import STATES, Step, build_timeline
from gateway.desk.finding_claims import get_claim
from gateway.domain.accounts import ADJUSTMENTS, Account
from gateway.pipeline.context import Context


class ClaimMoney(msgspec.Struct, frozen=True, kw_only=True):
    """What the books say of a claim, in cents: billed = paid + adjusted + patient + open, nothing before it is first batched.

    `denied_cents` is the part of the open money that posted payments denied; `suspended_cents` came for the claim and waits in
    suspense, paid on nothing yet.
    """

    billed_cents: int
    paid_cents: int
    adjusted_cents: int
    patient_cents: int
    open_cents: int
    denied_cents: int
    suspended_cents: int


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """Where one attempt of a claim stands: batch, interchange, set and segments (ST = 1)."""

    attempt: int
    version: int
    batch_id: int
    batch_state: str
    isa_control_number: int
    st_control_number: str
    trace: str
    first_position: int
    last_position: int
    frequency: str
    """CLM05-3: 1 an original, 7 a replacement, 8 a void."""
    payer_claim_number: str
    """REF*F8, the payer's claim that a replacement or void names."""
    file_id: int
    file_name: str
    sent_at: datetime | None


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a claim's document: who made it, when and why ('' for the one that came)."""

    version: int
    created_at: datetime
    actor: str
    reason: str


class OpenWork(msgspec.Struct, frozen=True, kw_only=True):
    """A work item of the claim that is not done."""

    id: int
    kind: str
    sentence: str


class ClaimView(msgspec.Struct, frozen=True, kw_only=True):
    """One claim, without patient data."""

    id: int
    pcn: str
    source_pcn: str
    payer_claim_number: str
    practice: str
    payer: str
    partner: str
    state: str
    state_text: str
    attempt: int
    version: int
    charge_cents: int
    received_at: datetime
    due_at: datetime | None
    file_id: int
    money: ClaimMoney
    timeline: tuple[Step, ...]
    sendings: tuple[Sending, ...]
    versions: tuple[Version, ...]
    work: tuple[OpenWork, ...]


_OF_ROW = (
    "id", "pcn", "source_pcn", "payer_claim_number", "practice", "payer", "partner", "state", "attempt", "version",
    "charge_cents", "received_at", "due_at", "file_id",
)  # fmt: skip


def view_claim(context: Context, number: str) -> ClaimView:
    """The claim with this number. Raises Refused where none or several have it."""
    with reading(context.engine) as connection:
        row = get_claim(connection, number)
        facts = listings.timeline_of(connection, row["id"])
        return ClaimView(
            **{name: row[name] for name in _OF_ROW},
            state_text=STATES[row["state"]],
            money=_money(connection, row["id"], facts),
            timeline=build_timeline(facts, code_lists.texts_of(connection, ["CARC"])),
            sendings=tuple(_sending(one) for one in listings.submissions_of(connection, row["id"])),
            versions=tuple(Version(**one) for one in listings.versions_of(connection, row["id"])),
            work=tuple(
                OpenWork(id=one["id"], kind=one["kind"], sentence=one["sentence"])
                for one in listings.work_of_claim(connection, row["id"])
            ),
        )


def get_document(context: Context, number: str) -> Claim:
    """The claim's present document, patient data and all: what `correct` takes back. Raises Refused as `view_claim` does."""
    with reading(context.engine) as connection:
        row = get_claim(connection, number)
        return claim_rows.documents_of(connection, [(row["id"], row["version"])])[row["id"]]


def _money(connection: Connection, claim_id: int, facts: Sequence[Row]) -> ClaimMoney:
    balance = listings.claim_balances(connection, claim_id)
    suspended_cents = -balance.get(Account.SUSPENSE, 0)
    open_cents = balance.get(Account.INSURANCE_RECEIVABLE, 0)
    denied_cents = sum(msgspec.json.decode(fact["data"]).get("denied_cents", 0) for fact in facts)
    return ClaimMoney(
        billed_cents=-balance.get(Account.CHARGES, 0),
        paid_cents=balance.get(Account.CASH_CLEARING, 0) - suspended_cents,
        adjusted_cents=sum(balance.get(account, 0) for account in ADJUSTMENTS),
        patient_cents=balance.get(Account.PATIENT_RECEIVABLE, 0),
        open_cents=open_cents,
        denied_cents=max(0, min(denied_cents, open_cents)),
        suspended_cents=suspended_cents,
    )


def _sending(row: Row) -> Sending:
    same = (
        "attempt", "version", "batch_id", "isa_control_number", "st_control_number", "trace", "first_position", "last_position",
        "frequency", "payer_claim_number", "file_id", "sent_at",
    )  # fmt: skip
    return Sending(**{name: row[name] for name in same}, batch_state=row["state"], file_name=row["remote_name"])
