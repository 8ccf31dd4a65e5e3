"""Brings batches to their partners exactly once: intent committed, part uploaded and compared, renamed, result committed.

What a crash or a cut line leaves in between is settled by looking at the server, never by sending again blindly:

- queued, sending: the final name was never asked for, so the upload may begin again;
- publishing, unknown: the final name is looked for; what cannot be decided waits for a TA1 or 999, and a person is told.
"""

import hashlib
from datetime import datetime, timedelta

from gateway.crashpoint import crashpoint
from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db import files as file_rows
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.locks import exclusive
from gateway.db.settling import settle_batch
from gateway.db.work import WorkItem, raise_items
from gateway.domain.batch_states import UNDELIVERED, BatchState
from gateway.domain.facts import Fact, Kind
from gateway.domain.work import WorkKind
from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter
from gateway.transport import Transport
from payers.profile import Partner

PATIENCE_TRIES = 3
_PERMANENT_PAUSE = timedelta(hours=1)
_BACKOFF_MAX = timedelta(hours=1)
_LOOK_AGAIN = timedelta(minutes=15)
_OVERDUE_DAYS = 30
_SETTLE = "`claimwire batches settle {} --arrived` or `--lost`, the second of which sends its claims again in another batch."


def run(context: Context) -> int:
    """Deliver what waits for each partner; how many batches were settled. A partner that fails delays no other."""
    done = 0
    for partner in context.profiles.partners.values():
        with exclusive(context.engine, f"delivery-{partner.id}") as ours:
            if ours:
                done += _deliver_to(context, partner)
    return done


def _deliver_to(context: Context, partner: Partner) -> int:
    with reading(context.engine) as connection:
        waiting = batch_rows.list_to_deliver(connection, partner.id, context.clock.now())
    if not waiting:
        return 0
    done = 0
    try:
        with context.connect(partner) as wire:
            for batch in waiting:
                done += _Delivery(context, partner, wire, batch).settle()
                context.progress("batches delivered", done, len(waiting))
    except (TransientError, PermanentError) as error:
        _postpone(context, partner, waiting[done], error)
    return done


class _Delivery:
    """One batch on its way over one connection."""

    def __init__(self, context: Context, partner: Partner, wire: Transport, batch: Row) -> None:
        self.context = context
        self.partner = partner
        self.wire = wire
        self.batch = batch
        self.folder = partner.upload.folder
        self.name: str = batch["remote_name"]
        with reading(context.engine) as connection:
            file = file_rows.get_file(connection, batch["file_id"])
        assert file is not None, "a batch has its file"
        self.content = context.archive.read(file["sha256"])

    def settle(self) -> int:
        """Bring the batch as far as can be known; 1 if it is on the server, or given to a person."""
        if self.batch["state"] in (BatchState.PUBLISHING, BatchState.UNKNOWN):
            self._look()
        else:
            self._send()
        return 1

    def _send(self) -> None:
        if not self._move((BatchState.QUEUED, BatchState.SENDING), BatchState.SENDING, sending_at=self.context.clock.now()):
            return
        crashpoint("delivery.intent_committed")
        there = self.wire.find(self.folder, self.name)
        if there is not None:
            self._found_before_sending()
            return
        self._upload()

    def _upload(self) -> None:
        try:
            self.wire.upload_part(self.folder, self.name, self.content)
            if not self._move((BatchState.SENDING, BatchState.PUBLISHING, BatchState.UNKNOWN), BatchState.PUBLISHING):
                return
            crashpoint("delivery.publishing_committed")
            self.wire.publish(self.folder, self.name, self.content)
        except UnknownOutcome as error:
            self._leave_unknown(str(error))
        else:
            crashpoint("delivery.renamed")
            self._sent()

    def _look(self) -> None:
        """The rename was asked for and its answer never came: the server knows."""
        if self.wire.find(self.folder, self.name) is not None:
            if self._is_ours():
                self._sent()
            else:
                self._fail("a file of this name with other content is on the server")
        elif self.wire.find_part(self.folder, self.name) is not None:
            self._upload()
        else:
            self._leave_unknown("neither the file nor its part is on the server: it may have been taken in already")

    def _found_before_sending(self) -> None:
        if self._is_ours():
            self._sent()
        else:
            self._fail("a file of this name with other content is on the server already")

    def _is_ours(self) -> bool:
        digest = hashlib.sha256()
        for chunk in self.wire.fetch(self.folder, self.name):
            digest.update(chunk)
        return digest.digest() == hashlib.sha256(self.content).digest()

    def _sent(self) -> None:
        now = self.context.clock.now()
        with writing(self.context.engine) as connection:
            note_sent(connection, self.context, self.batch, occurred_at=now)
        crashpoint("delivery.result_committed")

    def _leave_unknown(self, why: str) -> None:
        now = self.context.clock.now()
        sentence = (
            f"Batch {self.batch['id']} ({self.name}) may or may not have reached {self.partner.id}: {why}. It is not sent again "
            f"by itself; a TA1 or 999 will settle it. If none comes, ask the partner whether it has interchange "
            f"{self.batch['isa_control_number']}, then say so: {_SETTLE.format(self.batch['id'])}"
        )
        with writing(self.context.engine) as connection:
            again = now + _LOOK_AGAIN
            states = (BatchState.SENDING, BatchState.PUBLISHING, BatchState.UNKNOWN)
            if batch_rows.move(
                connection, self.batch["id"], from_states=states, to=BatchState.UNKNOWN, next_try_at=again, error=why
            ):
                raise_items(connection, [_item(self.batch, WorkKind.UNKNOWN_DELIVERY, sentence)], now)

    def _fail(self, why: str) -> None:
        now = self.context.clock.now()
        sentence = (
            f"Batch {self.batch['id']} ({self.name}) was not sent to {self.partner.id}: {why}. Nothing was overwritten, and its "
            f"claims wait in it. Ask the partner what that file is, and whether it has interchange "
            f"{self.batch['isa_control_number']}, then say so: {_SETTLE.format(self.batch['id'])}"
        )
        with writing(self.context.engine) as connection:
            states = (BatchState.SENDING, BatchState.PUBLISHING, BatchState.UNKNOWN)
            if batch_rows.move(connection, self.batch["id"], from_states=states, to=BatchState.FAILED, error=why):
                raise_items(connection, [_item(self.batch, WorkKind.BATCH_REFUSED, sentence)], now)
                settle_batch(connection, self.batch["id"], now)

    def _move(self, from_states: tuple[str, ...], to: str, **columns: datetime) -> bool:
        with writing(self.context.engine) as connection:
            return batch_rows.move(connection, self.batch["id"], from_states=from_states, to=to, **columns)


def note_sent(
    connection: Connection, context: Context, batch: Row, *, occurred_at: datetime, actor: str = "", reason: str = ""
) -> bool:
    """The bytes are with the partner: the batch is sent, and each claim in it, with the deadline that begins to run.

    A batch called failed is sent all the same where the partner says so, or a person (`actor`, with a reason). False where it
    was sent already.
    """
    now = context.clock.now()
    from_states = (*UNDELIVERED, BatchState.FAILED)
    if not batch_rows.move(connection, batch["id"], from_states=from_states, to=BatchState.SENT, sent_at=occurred_at, error=""):
        return False
    overdue_at: dict[str, str] = {}
    facts = []
    for row in claim_rows.submissions_of_batch(connection, batch["id"]):
        payer = row["payer"]
        if payer not in overdue_at:
            overdue_at[payer] = _overdue_at(context, payer, occurred_at)
        data = {"batch_id": batch["id"], "overdue_at": overdue_at[payer]} | ({"reason": reason} if reason else {})
        facts.append(
            Fact(
                claim_id=row["claim_id"], kind=Kind.SENT, attempt=row["attempt"], occurred_at=occurred_at,
                source=f"batch:{batch['id']}:sent", file_id=batch["file_id"], actor=actor, data=data,
            )
        )  # fmt: skip
    enter(connection, facts, [], now)
    settle_batch(connection, batch["id"], now)
    return True


def _overdue_at(context: Context, payer_id: str, sent_at: datetime) -> str:
    """The final answer's deadline is kept with the claim; what is due before it, followup reads from the profiles of its day."""
    payer = context.profiles.payers.get(payer_id)
    return (sent_at + timedelta(days=payer.overdue_days if payer else _OVERDUE_DAYS)).isoformat()


def _postpone(context: Context, partner: Partner, batch: Row, error: TransientError | PermanentError) -> None:
    """Try again later, longer each time; tell a person once patience is out, or at once where waiting will not help."""
    now = context.clock.now()
    tries = batch["tries"] + 1
    lasting = isinstance(error, PermanentError)
    pause = _PERMANENT_PAUSE if lasting else min(timedelta(minutes=2**tries), _BACKOFF_MAX)
    with writing(context.engine) as connection:
        batch_rows.move(connection, batch["id"], from_states=(BatchState.SENDING,), to=BatchState.QUEUED)
        postponed = batch_rows.postpone(
            connection, batch["id"], from_states=UNDELIVERED, tries=tries, next_try_at=now + pause, error=str(error)
        )
        if postponed and (lasting or tries >= PATIENCE_TRIES):
            sentence = (
                f"Batch {batch['id']} ({batch['remote_name']}) does not reach {partner.id}, {tries} tries so far: {error}. "
                "It will be tried again by itself; nothing is lost."
            )
            raise_items(connection, [_item(batch, WorkKind.TRANSFER_FAILING, sentence)], now)


def _item(batch: Row, kind: WorkKind, sentence: str) -> WorkItem:
    return WorkItem(
        kind=kind, cause=f"batch:{batch['id']}", sentence=sentence, batch_id=batch["id"], partner=batch["partner"],
        amount_cents=batch["charge_cents"],
    )  # fmt: skip
