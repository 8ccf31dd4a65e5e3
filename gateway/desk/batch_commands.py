"""What a person settles of a batch that nothing else can: whether a file that is unknown or failed arrived, or is lost."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.locks import exclusive
from gateway.db.settling import settle_batch
from gateway.domain.batch_states import ON_ITS_WAY, STUCK, BatchState
from gateway.domain.facts import Fact, Kind, State
from gateway.errors import Refused
from gateway.pipeline.arrival import note_sent
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter

REASON_MAX = 500
_REFUSALS = {
    **dict.fromkeys(
        ON_ITS_WAY, "it is on its way: the next delivery (`claimwire run delivery`) brings it there, or says why not"
    ),
    **dict.fromkeys(
        (BatchState.SENT, BatchState.DELIVERED), "it is on the partner's server; its claims wait for the partner's answers"
    ),
    BatchState.REJECTED: "the partner rejected it, so it arrived; correct or release its claims",
}


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch and of how many claims in it."""

    batch_id: int
    partner: str
    remote_name: str
    outcome: str
    state: str
    claim_count: int


def settle_arrived(context: Context, batch_id: int, *, actor: str, reason: str) -> Settlement:
    """The partner has the batch: it and its claims are sent, and their deadlines run from now.

    Also takes back that it was settled as lost, while its claims have not gone on. Raises Refused in any other state than
    unknown or failed (for a partner without a profile, also before it was sent), and where its claims have gone on.
    """
    with _settling(context, batch_id, reason) as (connection, batch):
        if not note_sent(connection, context, batch, occurred_at=context.clock.now(), actor=actor, reason=reason):
            raise Refused(f"batch {batch_id}: something else settled it at this very moment; look at it again")
        carried = _carried(connection, batch_id)
        gone_on = [row for row, claim in carried if claim["attempt"] != row["attempt"] or claim["state"] == State.VOIDED]
        if gone_on:
            raise Refused(
                f"batch {batch_id}: {len(gone_on)} of its claims were sent again, corrected or voided since it was settled as "
                "lost. Ask the partner which of its files it keeps"
            )
        return _settlement(batch, outcome="arrived", state=BatchState.SENT, claim_count=len(carried))


def settle_lost(context: Context, batch_id: int, *, actor: str, reason: str) -> Settlement:
    """The partner has nothing of the batch: it is failed, and its claims go out again in another one.

    Raises Refused as `settle_arrived` does, and where an answer to one of its claims says that it arrived.
    """
    now = context.clock.now()
    with _settling(context, batch_id, reason) as (connection, batch):
        carried = _carried(connection, batch_id)
        waiting = [row for row, claim in carried if claim["attempt"] == row["attempt"] and claim["state"] == State.BATCHED]
        _refuse_answered(batch, len(waiting), len(carried))
        error = f"settled as lost: {reason}"
        batch_rows.move(connection, batch_id, from_states=(batch["state"],), to=BatchState.FAILED, next_try_at=None, error=error)
        facts = [
            Fact(
                claim_id=row["claim_id"], kind=Kind.REOPENED_AS_LOST, attempt=row["attempt"] + 1, occurred_at=now,
                source=f"batch:{batch_id}:lost:{now.isoformat()}", actor=actor, data={"reason": reason, "batch_id": batch_id},
            )
            for row in waiting
        ]  # fmt: skip
        enter(connection, facts, [], now)
        settle_batch(connection, batch_id, now)
        return _settlement(batch, outcome="lost", state=BatchState.FAILED, claim_count=len(facts))


@contextmanager
def _settling(context: Context, batch_id: int, reason: str) -> Iterator[tuple[Connection, Row]]:
    """The batch, while no delivery to its partner runs, in a transaction of its own."""
    if not reason.strip() or len(reason) > REASON_MAX:
        raise Refused(f"a reason is needed, in at most {REASON_MAX} characters: it stands in the history of its claims")
    with reading(context.engine) as connection:
        partner = _get_stuck(connection, context, batch_id)["partner"]
    with exclusive(context.engine, f"delivery-{partner}") as ours:
        if not ours:
            raise Refused(f"batch {batch_id}: a delivery to {partner} is running; repeat the command once it is done")
        with writing(context.engine) as connection:
            yield connection, _get_stuck(connection, context, batch_id)


def _get_stuck(connection: Connection, context: Context, batch_id: int) -> Row:
    batch = batch_rows.get_batch(connection, batch_id)
    if batch is None:
        raise Refused(f"there is no batch {batch_id}; `batches list` shows them")
    gone = batch["partner"] not in context.profiles.partners
    if batch["state"] not in (*STUCK, *(ON_ITS_WAY if gone else ())):
        raise Refused(f"batch {batch_id} ({batch['state']}): {_REFUSALS[batch['state']]}")
    return batch


def _carried(connection: Connection, batch_id: int) -> Sequence[tuple[Row, Row]]:
    """Each submission of the batch with its claim as it stands now."""
    rows = claim_rows.submissions_of_batch(connection, batch_id)
    claims = {claim["id"]: claim for claim in claim_rows.list_by_id(connection, [row["claim_id"] for row in rows])}
    return [(row, claims[row["claim_id"]]) for row in rows]


def _refuse_answered(batch: Row, waiting: int, carried: int) -> None:
    if waiting == carried:
        return
    if waiting == 0 and batch["state"] == BatchState.FAILED:
        raise Refused(f"batch {batch['id']}: none of its claims waits in it any more; it was settled already")
    raise Refused(
        f"batch {batch['id']}: {carried - waiting} of its {carried} claims were answered or have gone on, so it arrived; settle "
        "it with --arrived"
    )


def _settlement(batch: Row, *, outcome: str, state: str, claim_count: int) -> Settlement:
    return Settlement(
        batch_id=batch["id"], partner=batch["partner"], remote_name=batch["remote_name"], outcome=outcome, state=state,
        claim_count=claim_count,
    )  # fmt: skip
