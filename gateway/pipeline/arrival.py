"""A file of ours is with its partner: every batch in it is sent, and each claim in them, with the deadlines that begin to run."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db.engine import Connection, Row
from gateway.db.settling import settle_batch
from gateway.db.work import WorkItem, raise_items
from gateway.domain.batch_states import UNDELIVERED, BatchState
from gateway.domain.facts import Fact, Kind
from gateway.pipeline.context import Context
from gateway.pipeline.delivery_work import arrived_after_all
from gateway.pipeline.entering import enter

_OVERDUE_DAYS = 30
_NOT_SENT = (*UNDELIVERED, BatchState.FAILED)


def note_sent(
    connection: Connection, context: Context, batch: Row, *, occurred_at: datetime, actor: str = "", reason: str = ""
) -> bool:
    """The bytes are with the partner: this batch is sent, and so are all that lie in the same file, with their claims.

    A batch called failed is sent all the same where the partner says so, or a person (`actor`, with a reason). One that nobody
    began to send is so only by a person's word, who then began it. Never sent before it was begun: a partner's clock, which
    `occurred_at` may come from, starts no deadline of ours too early. False where it was sent already.
    """
    now = context.clock.now()
    moved = []
    for each in batch_rows.list_of_file(connection, batch["file_id"]):
        begun = each["sending_at"] or (occurred_at if actor else None)
        sent_at = max(begun or occurred_at, occurred_at)
        times = {"sending_at": begun, "sent_at": sent_at}
        if batch_rows.move(connection, each["id"], from_states=_NOT_SENT, to=BatchState.SENT, error="", **times):
            moved.append((each, sent_at))
    word = {"reason": reason} if reason else {}
    facts = [fact for each, sent_at in moved for fact in _facts(connection, context, each, sent_at, (actor, word))]
    enter(connection, facts, [], now)
    raise_items(connection, list(_list_arrived_after_all(connection, [each for each, _ in moved])), now)
    for each, _ in moved:
        settle_batch(connection, each["id"], now)
    return any(each["id"] == batch["id"] for each, _ in moved)


def _list_arrived_after_all(connection: Connection, moved: Sequence[Row]) -> Iterator[WorkItem]:
    """For each batch of which a person had said that it is lost, and whose claims lie in another file by now."""
    for batch in moved:
        if batch["state"] == BatchState.FAILED:
            carried = claim_rows.submissions_of_batch(connection, batch["id"])
            holding = batch_rows.list_holding(connection, [row["claim_id"] for row in carried])
            if holding:
                yield arrived_after_all(batch, holding)


def _facts(
    connection: Connection, context: Context, batch: Row, occurred_at: datetime, word: tuple[str, dict[str, str]]
) -> Iterator[Fact]:
    actor, reason = word
    overdue_at: dict[str, str] = {}
    for row in claim_rows.submissions_of_batch(connection, batch["id"]):
        payer = row["payer"]
        if payer not in overdue_at:
            overdue_at[payer] = _overdue_at(context, payer, occurred_at)
        yield Fact(
            claim_id=row["claim_id"], kind=Kind.SENT, attempt=row["attempt"], occurred_at=occurred_at,
            source=f"batch:{batch['id']}:sent", file_id=batch["file_id"], actor=actor,
            data={"batch_id": batch["id"], "overdue_at": overdue_at[payer]} | reason,
        )  # fmt: skip


def _overdue_at(context: Context, payer_id: str, sent_at: datetime) -> str:
    """The final answer's deadline is kept with the claim; what is due before it, followup reads from the profiles of its day."""
    payer = context.profiles.payers.get(payer_id)
    return (sent_at + timedelta(days=payer.overdue_days if payer else _OVERDUE_DAYS)).isoformat()
