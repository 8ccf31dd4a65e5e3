"""Posts remittances: balance, match, journal. What cannot be posted is held with its arithmetic, its cash in suspense."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

import msgspec
from structlog import get_logger

from edi.claims import Claim
from edi.transactions.t835 import ClaimPayment
from gateway.crashpoint import crashpoint
from gateway.db import claims as claim_rows
from gateway.db import remittances as remittance_rows
from gateway.db.books import Entry, Journal, post_journals
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.locks import exclusive
from gateway.db.settling import settle_payments
from gateway.db.work import WorkItem, close_items
from gateway.domain.balancing import check_remittance, format_money
from gateway.domain.control_numbers import normalise_pcn
from gateway.domain.facts import Fact, Kind
from gateway.domain.matching import Candidate, match_lines, match_payment, member_ids
from gateway.domain.payment import (
    Posting,
    PostingEntry,
    post_payment,
    post_provider_adjustment,
    post_suspense,
    suspend_reason,
)
from gateway.domain.work import WorkKind
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter

CHUNK = 250
DEFAULT_CONTRACTUAL = frozenset({"45", "253"})
_ORDER = {
    "1": "primary", "4": "primary", "19": "primary", "2": "secondary", "20": "secondary", "3": "tertiary", "21": "tertiary",
}  # fmt: skip
"""CLP02 to the order of payers. A denial does not say its own: it is taken for the first payer's, so that nothing posts twice."""

_log = get_logger(__name__)


def run(context: Context) -> int:
    """Decide on every remittance that came; how many. One remittance is one database transaction."""
    done = 0
    with exclusive(context.engine, "posting") as ours:
        if not ours:
            return 0
        with reading(context.engine) as connection:
            waiting = remittance_rows.list_received(connection)
        for place, row in enumerate(waiting, 1):
            done += _decide(context, row)
            crashpoint("posting.committed")
            context.progress("remittances decided", place, len(waiting))
    return done


def _decide(context: Context, row: Row) -> int:
    """1 where the remittance was decided on; one that we fail on waits, with a work item, and delays no other."""
    try:
        with writing(context.engine) as connection:
            post(connection, context, row)
            crashpoint("posting.before_commit")
    except (TransientError, PermanentError):
        raise
    except Exception as bug:  # noqa: BLE001 outermost loop of the job: our own bug in one remittance must not stop the others
        _log.exception("posting.failed", remittance_id=row["id"])
        _note_failed(context, row, bug)
        return 0
    return 1


def _note_failed(context: Context, row: Row, bug: Exception) -> None:
    sentence = (
        f"claimwire failed on remittance {row['id']} ({type(bug).__name__}), and nothing of it is posted. Report "
        "this as a bug; it is "
        "tried again by itself."
    )
    item = WorkItem(
        kind=WorkKind.ANOMALY, cause=f"remittance:{row['id']}:failed", sentence=sentence, remittance_id=row["id"],
        amount_cents=row["amount_cents"],
    )  # fmt: skip
    with writing(context.engine) as connection:
        enter(connection, [], [item], context.clock.now())


def post(connection: Connection, context: Context, row: Row) -> None:
    """Post one remittance, or hold it whole: a duplicate, or one whose parts do not add up to BPR02."""
    now = context.clock.now()
    twin = remittance_rows.find_twin(connection, row)
    if twin is not None and not row["released_by"]:
        _hold(connection, row, WorkKind.DUPLICATE_REMITTANCE, "duplicate", reason=_same_again(row, twin), now=now)
        return
    paid_cents, taken_cents = remittance_rows.totals(connection, row["id"])
    imbalance = check_remittance(row["amount_cents"], paid_cents, taken_cents)
    if imbalance is not None:
        _hold(connection, row, WorkKind.UNBALANCED_REMITTANCE, "unbalanced", reason=imbalance.arithmetic, now=now)
        return
    after = 0
    while payments := remittance_rows.payments_of(connection, row["id"], after_position=after, limit=CHUNK):
        _Chunk(connection, context, row, now).post(payments)
        after = payments[-1][0]["position"]
    _post_provider_adjustments(connection, row, now)
    remittance_rows.decide(connection, row["id"], state="posted", posted_at=now)
    settle_payments(connection, row["id"], now)
    failed = [f"remittance:{row['id']}:failed"]
    close_items(connection, WorkKind.ANOMALY, failed, reason="it was posted after all", now=now)


def _same_again(row: Row, twin: int) -> str:
    return f"remittance {twin} has the same payer, trace number, amount, date and payee ({format_money(row['amount_cents'])})"


def _hold(connection: Connection, row: Row, kind: WorkKind, state: str, *, reason: str, now: datetime) -> None:
    remittance_rows.decide(connection, row["id"], state=state, reason=reason)
    sentence = (
        f"Remittance {row['id']} from {row['payer'] or 'a payer no profile names'} is held, nothing of it is posted: {reason}."
    )
    item = WorkItem(
        kind=kind, cause=f"remittance:{row['id']}", sentence=sentence, remittance_id=row["id"], file_id=row["file_id"],
        amount_cents=row["amount_cents"],
    )  # fmt: skip
    enter(connection, [], [item], now)
    settle_payments(connection, row["id"], now)


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """A claim payment decided: matched and posted, or suspended with the reason."""

    row: Row
    payment: ClaimPayment
    claim: Row | None
    rung: str
    reason: str
    posting: Posting | None


class _Chunk:
    """A few hundred claim payments of one remittance, matched and posted together."""

    def __init__(self, connection: Connection, context: Context, remittance: Row, now: datetime) -> None:
        self.connection = connection
        self.context = context
        self.remittance = remittance
        self.now = now
        payer = context.profiles.payers.get(remittance["payer"])
        self.contractual = frozenset(payer.contractual_carcs) if payer else DEFAULT_CONTRACTUAL

    def post(self, payments: Sequence[tuple[Row, ClaimPayment]]) -> None:
        settled = self._settle(payments)
        attempts = claim_rows.last_attempts(self.connection, [one.claim["id"] for one in settled if one.claim])
        journals = [self._journal(one) for one in settled]
        post_journals(self.connection, [journal for journal in journals if journal.entries], self.now)
        remittance_rows.decide_payments(self.connection, [_decision(one) for one in settled])
        facts = [self._fact(one, attempts) for one in settled if one.claim]
        items = [item for one in settled for item in self._work(one, attempts)]
        enter(self.connection, facts, items, self.now)
        numbers = {one.claim["id"]: one.payment.payer_claim_number for one in settled if one.posting and one.claim}
        claim_rows.set_payer_claim_numbers(self.connection, {key: number for key, number in numbers.items() if number})

    def _settle(self, payments: Sequence[tuple[Row, ClaimPayment]]) -> list[Settled]:
        candidates = self._candidates([payment for _, payment in payments])
        matched = [match_payment(payment, candidates.fitting(payment)) for _, payment in payments]
        claim_ids = [claim_id for claim_id, _ in matched if claim_id is not None]
        claims = {row["id"]: row for row in claim_rows.list_by_id(self.connection, claim_ids)}
        documents = claim_rows.documents_of(self.connection, [(key, row["version"]) for key, row in claims.items()])
        paid_before = remittance_rows.paid_before(self.connection, claim_ids)
        sent = claim_rows.last_attempts(self.connection, claim_ids)
        settled = []
        for (row, payment), (claim_id, rung) in zip(payments, matched, strict=True):
            claim = claims.get(claim_id) if claim_id is not None else None
            already = _already_paid(payment, paid_before.get(claim["id"], {}) if claim else {})
            reason = suspend_reason(payment, claim_id=claim_id, why_unmatched=rung, already_paid_by=already)
            reason = reason or (_unbilled(claim, sent) if claim else "")
            posting = None
            if claim is not None and not reason:
                posting = self._posting(payment, documents[claim["id"]])
                if posting.entries:
                    paid_before.setdefault(claim["id"], {})[payment.status] = self.remittance["id"]
            settled.append(Settled(row=row, payment=payment, claim=claim, rung=rung, reason=reason, posting=posting))
        return settled

    def _candidates(self, payments: Sequence[ClaimPayment]) -> "_Candidates":
        rows = claim_rows.list_candidates(
            self.connection,
            pcns=[payment.patient_control_number for payment in payments],
            match_pcns=[normalise_pcn(payment.patient_control_number) for payment in payments],
            payer_claim_numbers=[payment.payer_claim_number for payment in payments],
            member_ids=[member for payment in payments for member in member_ids(payment)],
        )
        return _Candidates(rows)

    def _posting(self, payment: ClaimPayment, document: Claim) -> Posting:
        return post_payment(payment, contractual_carcs=self.contractual, line_controls=match_lines(payment, document))

    def _journal(self, one: Settled) -> Journal:
        entries = one.posting.entries if one.posting else post_suspense(one.payment.paid_cents)
        return Journal(
            source=f"payment:{one.row['id']}",
            kind="payment" if one.posting else "suspense",
            practice=one.claim["practice"] if one.claim else self.remittance["practice"],
            entries=_entries(entries),
            claim_id=one.claim["id"] if one.claim else None,
            remittance_id=self.remittance["id"],
            claim_payment_id=one.row["id"],
        )

    def _fact(self, one: Settled, attempts: dict[int, int]) -> Fact:
        assert one.claim is not None, "only a matched payment is a fact of a claim"
        data: dict[str, object] = {
            "remittance_id": self.remittance["id"], "trace_number": self.remittance["trace_number"], "status": one.payment.status,
            "paid_cents": one.payment.paid_cents, "matched_by": one.rung,
        }  # fmt: skip
        if one.posting:
            data |= {
                "patient_cents": one.posting.patient_cents, "contractual_cents": one.posting.contractual_cents,
                "other_cents": one.posting.other_cents, "denied_cents": one.posting.denied_cents,
                "denial_codes": list(one.posting.denial_codes),
            }  # fmt: skip
        else:
            data["reason"] = one.reason
        return Fact(
            claim_id=one.claim["id"],
            kind=one.posting.outcome if one.posting else Kind.PAYMENT_SUSPENDED,
            attempt=attempts.get(one.claim["id"]) or one.claim["attempt"],
            occurred_at=self._occurred_at(),
            source=f"{self.remittance['sha256'][:16]}:{self.remittance['ordinal']}:{one.payment.position}:835",
            file_id=self.remittance["file_id"],
            file_sha256=self.remittance["sha256"],
            position=one.payment.position,
            data=data,
        )

    def _occurred_at(self) -> datetime:
        day = self.remittance["payment_date"]
        return min(datetime.combine(day, time(0), UTC), self.now) if day else self.now

    def _work(self, one: Settled, attempts: dict[int, int]) -> list[WorkItem]:
        if one.posting is None:
            return [self._suspended(one)]
        assert one.claim is not None, "what is posted is matched"
        items = [
            self._payment_item(one, WorkKind.PAYER_ADJUSTMENT, f"adjustment:{n}", text) for n, text in enumerate(one.posting.work)
        ]
        if one.posting.outcome in (Kind.DENIED, Kind.PARTLY_PAID):
            codes = ", ".join(one.posting.denial_codes) or "no code given"
            text = (
                f"Claim {one.claim['pcn']}: {format_money(one.posting.denied_cents)} denied ({codes}). It stays open "
                "with the payer; "
                "correct and replace the claim, appeal, or write it off."
            )
            items.append(self._payment_item(one, WorkKind.DENIED, "denied", text, amount_cents=one.posting.denied_cents))
        if one.claim["attempt"] != attempts.get(one.claim["id"], one.claim["attempt"]):
            text = (
                f"Claim {one.claim['pcn']} was paid while it is being corrected to be sent again: its earlier submission was "
                "adjudicated after all. Decide whether the correction must still go out, as a replacement."
            )
            items.append(self._payment_item(one, WorkKind.ANOMALY, "superseded", text))
        return items

    def _suspended(self, one: Settled) -> WorkItem:
        kind = WorkKind.SUSPENDED_PAYMENT if one.claim else WorkKind.UNMATCHED_PAYMENT
        text = (
            f"Payment at segment {one.payment.position} of remittance {self.remittance['id']} is held, "
            f"{format_money(one.payment.paid_cents)} in suspense: {one.reason}"
        )
        return self._payment_item(one, kind, "suspended", text)

    def _payment_item(
        self, one: Settled, kind: WorkKind, what: str, sentence: str, *, amount_cents: int | None = None
    ) -> WorkItem:
        return WorkItem(
            kind=kind, cause=f"payment:{one.row['id']}:{what}", sentence=sentence,
            claim_id=one.claim["id"] if one.claim else None, remittance_id=self.remittance["id"], claim_payment_id=one.row["id"],
            partner=one.claim["partner"] if one.claim else "",
            amount_cents=one.payment.paid_cents if amount_cents is None else amount_cents,
        )  # fmt: skip


class _Candidates:
    """The claims that a chunk of payments may be for, found by the keys that the ladder compares."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.all = [Candidate(**{name: row[name] for name in _CANDIDATE_COLUMNS}, claim_id=row["id"]) for row in rows]
        self.by_key: dict[str, list[Candidate]] = {}
        for candidate in self.all:
            keys = (candidate.match_pcn, candidate.source_pcn, candidate.payer_claim_number, candidate.member_id)
            for key in {normalise_pcn(key) for key in keys} - {""}:
                self.by_key.setdefault(key, []).append(candidate)

    def fitting(self, payment: ClaimPayment) -> list[Candidate]:
        """The candidates that share a key with this payment; all of them where its number was cut short."""
        pcn = normalise_pcn(payment.patient_control_number)
        keys = {pcn, normalise_pcn(payment.payer_claim_number), *member_ids(payment)} - {""}
        found = [candidate for key in keys for candidate in self.by_key.get(key, [])]
        return found if pcn in self.by_key else [*found, *(one for one in self.all if pcn and one.match_pcn.startswith(pcn))]


_CANDIDATE_COLUMNS = (
    "pcn", "source_pcn", "match_pcn", "payer_claim_number", "member_id", "service_from", "service_through", "charge_cents",
)  # fmt: skip


def _already_paid(payment: ClaimPayment, before: dict[str, int]) -> str:
    """The earlier remittance that settled the claim in the same order of payers, '' where there is none."""
    order = _ORDER.get(payment.status, payment.status)
    return next((str(remittance_id) for status, remittance_id in before.items() if _ORDER.get(status, status) == order), "")


def _unbilled(claim: Row, sent: dict[int, int]) -> str:
    """Why the books hold no charge that this payment could settle, '' where they do."""
    if claim["id"] not in sent:
        return "The claim was never sent from here, so its charge is not in the books; find out who billed it."
    if claim["state"] == "voided":
        return "The claim was voided here and its charge taken back; find out what the payer paid."
    return ""


def _decision(one: Settled) -> dict[str, object]:
    return {
        "id": one.row["id"], "claim_id": one.claim["id"] if one.claim else None,
        "state": "posted" if one.posting else "suspended", "reason": one.reason,
    }  # fmt: skip


def _entries(entries: Sequence[PostingEntry]) -> tuple[Entry, ...]:
    return tuple(Entry(e.account, e.amount_cents, e.line_control_number, e.adjustment) for e in entries)


def _post_provider_adjustments(connection: Connection, remittance: Row, now: datetime) -> None:
    """Each PLB becomes an open item of the provider, and work: no rule closes it yet."""
    journals, items = [], []
    adjustments = [row for row in remittance_rows.adjustments_of(connection, remittance["id"]) if row["amount_cents"]]
    for row in adjustments:
        journals.append(
            Journal(
                source=f"provider_adjustment:{row['id']}", kind="provider_adjustment", practice=remittance["practice"],
                entries=_entries(post_provider_adjustment(row["amount_cents"])), remittance_id=remittance["id"],
            )
        )  # fmt: skip
        taken = "takes" if row["amount_cents"] > 0 else "gives"
        sentence = (
            f"Remittance {remittance['id']} {taken} {format_money(abs(row['amount_cents']))} at provider level (PLB "
            f"{row['reason']}). It is "
            "kept as an open item; find what it belongs to and which later entry closes it."
        )
        items.append(
            WorkItem(
                kind=WorkKind.PROVIDER_ADJUSTMENT, cause=f"plb:{row['id']}", sentence=sentence, remittance_id=remittance["id"],
                amount_cents=abs(row["amount_cents"]),
            )
        )  # fmt: skip
    post_journals(connection, journals, now)
    enter(connection, [], items, now)
