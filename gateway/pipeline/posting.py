"""Posts remittances: balance, match, journal. What cannot be posted is held with its arithmetic, its cash in suspense."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

import msgspec
from structlog import get_logger

from edi.claims import Claim
from edi.remittances.balances import check_remittance
from edi.transactions.t835 import ClaimPayment, Remittance
from edi.values import format_money
from gateway.crashpoint import crashpoint
from gateway.db import claims as claim_rows
from gateway.db import code_lists
from gateway.db import remittances as remittance_rows
from gateway.db.books import Entry, Journal, post_journals, receivables
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.locks import exclusive
from gateway.db.settling import settle_payments
from gateway.db.work import WorkItem, close_items
from gateway.domain.accounts import Account
from gateway.domain.control_numbers import normalise_pcn
from gateway.domain.deadlines import last_appeal_day
from gateway.domain.facts import Fact, Kind, State
from gateway.domain.matching import Candidate, contradict_parties, is_payee, match_lines, match_payment, member_ids
from gateway.domain.payment import (
    Billed,
    Posting,
    PostingEntry,
    contradict_billed,
    describe_denial,
    overdraw_reason,
    post_payment,
    post_provider_adjustment,
    post_suspense,
    suspend_reason,
)
from gateway.domain.work import WorkKind
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter
from gateway.pipeline.outgoing import SAYS_ITSELF

CHUNK = 250
DEFAULT_CONTRACTUAL = frozenset({"45", "253"})

_decode_head = msgspec.json.Decoder(Remittance).decode
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
    except (TransientError, PermanentError, OSError):  # the world's fault, not that of what is read: tried again
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
    """Post one remittance, or hold it whole: a duplicate, or one whose parts do not add up to BPR02.

    One that adds up takes the place of those held before it that say they are the same and do not.
    """
    now = context.clock.now()
    twins = [] if row["released_by"] else remittance_rows.list_twins(connection, row)
    imbalance = _imbalance(connection, row)
    twin = _find_same(twins, imbalance)
    if twin is not None:
        _hold(connection, row, WorkKind.DUPLICATE_REMITTANCE, "duplicate", reason=_same_again(row, twin), now=now)
        return
    if imbalance:
        _hold(connection, row, WorkKind.UNBALANCED_REMITTANCE, "unbalanced", reason=imbalance, now=now)
        return
    after = 0
    while payments := remittance_rows.payments_of(connection, row["id"], after_position=after, limit=CHUNK):
        _Chunk(connection, context, row, now).post(payments)
        after = payments[-1][0]["position"]
    _post_provider_adjustments(connection, row, now)
    remittance_rows.decide(connection, row["id"], state="posted", posted_at=now)
    _replace(connection, [each["id"] for each in twins], row["id"], now)
    settle_payments(connection, row["id"], now)
    failed = [f"remittance:{row['id']}:failed"]
    close_items(connection, WorkKind.ANOMALY, failed, reason="it was posted after all", now=now)


def _imbalance(connection: Connection, row: Row) -> str:
    """Why nothing of a remittance can be posted, with the arithmetic, or ''."""
    direction = _decode_head(row["document"]).credit_debit
    if row["amount_cents"] and direction != "C":
        return (
            f"BPR03 is {direction or 'empty'}, not C (credit), so its {format_money(row['amount_cents'])} may not have come by "
            "itself; ask the payer whose account is debited and who must act"
        )
    imbalance = check_remittance(row["amount_cents"], *remittance_rows.totals(connection, row["id"]))
    return imbalance.arithmetic if imbalance else ""


def _find_same(twins: Sequence[Row], imbalance: str) -> int | None:
    """The twin that a remittance repeats: one that was taken in; of those held, one that is wrong in the same way."""
    for twin in twins:
        if twin["state"] in ("posted", "received") or (imbalance and twin["reason"] == imbalance):
            return int(twin["id"])
    return None


def _replace(connection: Connection, twins: Sequence[int], by: int, now: datetime) -> None:
    """End the work on remittances that were held, now that one came in their place and adds up."""
    reason = f"remittance {by} came in its place and adds up"
    for twin in twins:
        remittance_rows.decide(connection, twin, state="replaced", reason=reason)
        for kind in (WorkKind.UNBALANCED_REMITTANCE, WorkKind.DUPLICATE_REMITTANCE):
            close_items(connection, kind, [f"remittance:{twin}"], reason=reason, now=now)


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
    """A claim payment decided: matched and posted, or suspended with the reason, in the books of a practice."""

    row: Row
    payment: ClaimPayment
    claim: Row | None
    rung: str
    reason: str
    practice: str
    posting: Posting | None


class _Standing(msgspec.Struct):
    """A claim that payments were matched to: as it is, as it was last sent (None: never), and as the books have it."""

    claim: Row
    sent: Row | None
    document: Claim
    open_cents: int
    paid_by: dict[str, int]

    def billed(self) -> Billed:
        charge_cents = (self.sent or self.claim)["charge_cents"]
        return Billed(
            charge_cents=charge_cents, responsibility=self.document.coverage.responsibility, open_cents=self.open_cents,
            paid_by=self.paid_by,
        )  # fmt: skip

    def take(self, posting: Posting, status: str, remittance_id: int) -> None:
        """What is posted now stands in the way of what comes next for the same claim."""
        self.open_cents += sum(each.amount_cents for each in posting.entries if each.account is Account.INSURANCE_RECEIVABLE)
        if posting.entries:
            self.paid_by[status] = remittance_id


class _Chunk:
    """A few hundred claim payments of one remittance, matched and posted together."""

    def __init__(self, connection: Connection, context: Context, remittance: Row, now: datetime) -> None:
        self.connection = connection
        self.context = context
        self.remittance = remittance
        self.now = now
        self.payee = _decode_head(remittance["document"]).payee
        payer = context.profiles.payers.get(remittance["payer"])
        self.contractual = frozenset(payer.contractual_carcs) if payer else DEFAULT_CONTRACTUAL
        self.imported = code_lists.texts_of(connection, ["CARC"])

    def post(self, payments: Sequence[tuple[Row, ClaimPayment]]) -> None:
        settled = self._settle(payments)
        sent = claim_rows.last_submissions(self.connection, [one.claim["id"] for one in settled if one.claim])
        attempts = {claim_id: row["attempt"] for claim_id, row in sent.items()}
        journals = [self._journal(one) for one in settled]
        post_journals(self.connection, [journal for journal in journals if journal.entries], self.now)
        remittance_rows.decide_payments(self.connection, [_decision(one) for one in settled])
        facts = [self._fact(one, attempts) for one in settled if one.claim]
        items = [item for one in settled for item in self._work(one, attempts)]
        enter(self.connection, facts, items, self.now)
        self._close_overtaken(settled)
        numbers = {one.claim["id"]: one.payment.payer_claim_number for one in settled if one.posting and one.claim}
        claim_rows.set_payer_claim_numbers(self.connection, {key: number for key, number in numbers.items() if number})

    def _settle(self, payments: Sequence[tuple[Row, ClaimPayment]]) -> list[Settled]:
        candidates = self._candidates([payment for _, payment in payments])
        payer = self.remittance["payer"]
        matched = [match_payment(payment, candidates.fitting(payment), payer) for _, payment in payments]
        standings = self._standings([claim_id for claim_id, _ in matched if claim_id is not None])
        return [
            self._settle_one(row, payment, standings.get(claim_id or 0), rung)
            for (row, payment), (claim_id, rung) in zip(payments, matched, strict=True)
        ]

    def _standings(self, claim_ids: Sequence[int]) -> dict[int, _Standing]:
        claims = claim_rows.list_by_id(self.connection, claim_ids)
        sent = claim_rows.last_submissions(self.connection, claim_ids)
        versions = [(row["id"], sent.get(row["id"], row)["version"]) for row in claims]
        documents = claim_rows.documents_of(self.connection, versions)
        paid_before = remittance_rows.paid_before(self.connection, claim_ids)
        open_cents = receivables(self.connection, claim_ids)
        return {
            row["id"]: _Standing(
                row, sent.get(row["id"]), documents[row["id"]], open_cents[row["id"]], paid_before.get(row["id"], {})
            )
            for row in claims
        }

    def _settle_one(self, row: Row, payment: ClaimPayment, standing: _Standing | None, rung: str) -> Settled:
        claim = standing.claim if standing else None
        reason = suspend_reason(payment, claim_id=claim["id"] if claim else None, why_unmatched=rung)
        posting = None
        if standing is not None and not reason:
            reason, posting = self._decide(payment, standing)
        practice = self._whose(standing)
        return Settled(row=row, payment=payment, claim=claim, rung=rung, reason=reason, practice=practice, posting=posting)

    def _decide(self, payment: ClaimPayment, standing: _Standing) -> tuple[str, Posting | None]:
        """Why a payment that is sound in itself cannot be posted to its claim, or '' and what it posts."""
        billed = standing.billed()
        reason = self._contradiction(standing) or _unbilled(standing.claim, standing.sent) or contradict_billed(payment, billed)
        if reason:
            return reason, None
        controls = match_lines(payment, standing.document)
        posting = post_payment(payment, contractual_carcs=self.contractual, line_controls=controls)
        reason = overdraw_reason(posting, billed)
        if reason:
            return reason, None
        standing.take(posting, payment.status, self.remittance["id"])
        return "", posting

    def _contradiction(self, standing: _Standing) -> str:
        """The claim's payer is the one the profiles name now: a profile may have come or been renamed since the claim left."""
        named = self.context.profiles.find_payer(standing.document.payer.id)
        return contradict_parties(
            payee=self.payee, provider=standing.document.billing_provider, payer=self.remittance["payer"],
            claim_payer=named.id if named else "",
        )  # fmt: skip

    def _whose(self, standing: _Standing | None) -> str:
        """Whose books a payment's cash is in: those of the practice that billed, unless the money went to another."""
        if standing is None or is_payee(self.payee, standing.document.billing_provider) is False:
            return str(self.remittance["practice"])
        return standing.document.billing_provider.id

    def _close_overtaken(self, settled: Sequence[Settled]) -> None:
        """Money that came for a claim after a denial says anew what is denied: the earlier denials are no work any more."""
        latest = {one.claim["id"]: one.row["id"] for one in settled if one.claim and one.posting and one.posting.entries}
        posted = remittance_rows.posted_before(self.connection, list(latest))
        overtaken = [
            f"payment:{payment_id}:denied" for claim_id, ids in posted.items() for payment_id in ids
            if payment_id != latest[claim_id]
        ]  # fmt: skip
        reason = f"remittance {self.remittance['id']} decided on the claim anew"
        close_items(self.connection, WorkKind.DENIED, overtaken, reason=reason, now=self.now)

    def _candidates(self, payments: Sequence[ClaimPayment]) -> "_Candidates":
        rows = claim_rows.list_candidates(
            self.connection,
            pcns=[payment.patient_control_number for payment in payments],
            match_pcns=[normalise_pcn(payment.patient_control_number) for payment in payments],
            payer_claim_numbers=[payment.payer_claim_number for payment in payments],
            member_ids=[member for payment in payments for member in member_ids(payment)],
        )
        return _Candidates(rows)

    def _journal(self, one: Settled) -> Journal:
        entries = one.posting.entries if one.posting else post_suspense(one.payment.paid_cents)
        return Journal(
            source=f"payment:{one.row['id']}",
            kind="payment" if one.posting else "suspense",
            practice=one.practice,
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
        if one.payment.payer_claim_number:
            data["payer_claim_number"] = one.payment.payer_claim_number
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
            return [self._suspended(one), *self._superseded(one, attempts)]
        assert one.claim is not None, "what is posted is matched"
        said = [(WorkKind.PAYER_ADJUSTMENT, "adjustment", text) for text in one.posting.reductions]
        said += [(WorkKind.ANOMALY, "contradiction", text) for text in one.posting.contradictions]
        items = [self._payment_item(one, kind, f"{what}:{number}", text) for number, (kind, what, text) in enumerate(said)]
        if one.posting.outcome in (Kind.DENIED, Kind.PARTLY_PAID):
            text = f"Claim {one.claim['pcn']}: {describe_denial(one.posting, self.imported)}"
            at_stake = one.posting.denied_cents or one.posting.patient_cents
            denied = self._payment_item(one, WorkKind.DENIED, "denied", text, amount_cents=at_stake)
            items.append(msgspec.structs.replace(denied, due_at=self._appeal_due()))
        return [*items, *self._superseded(one, attempts)]

    def _appeal_due(self) -> datetime | None:
        """When the last day for an appeal begins, counted from the payer's decision, or the day we post it; None: no limit."""
        decided_on = self.remittance["payment_date"] or self.now.date()
        last_day = last_appeal_day(decided_on, self.context.profiles.payers.get(self.remittance["payer"]))
        return datetime.combine(last_day, time(0), UTC) if last_day else None

    def _superseded(self, one: Settled, attempts: dict[int, int]) -> list[WorkItem]:
        """A payment of what was sent last, while the claim waits to be sent again."""
        claim = one.claim
        if claim is None or claim["state"] == State.VOIDED or claim["attempt"] == attempts.get(claim["id"], claim["attempt"]):
            return []
        text = f"Claim {claim['pcn']} was paid while it is being corrected to be sent again: its earlier submission was taken."
        if claim["frequency"] in SAYS_ITSELF:
            text += " What waits to leave is a replacement or void of it, and leaves all the same: hold it if it need not go."
        else:
            text += (
                " What waits does not leave as it is. If the correction must still go out, correct or release it: what the payer "
                "adjudicated goes as a replacement."
            )
        return [self._payment_item(one, WorkKind.ANOMALY, "superseded", text)]

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
    "payer",
)  # fmt: skip


def _unbilled(claim: Row, sent: Row | None) -> str:
    """Why the books hold no charge that this payment could settle, '' where they do."""
    if sent is None:
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
