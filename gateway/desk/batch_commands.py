"""What a person settles of a file that nothing else can: whether one that is unknown or failed arrived, is lost, or goes again.

The unit is the file: the batches in it are settled together, whichever of them is named.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import msgspec

from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db import files as file_rows
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.locks import exclusive
from gateway.db.settling import settle_batch
from gateway.db.work import close_items, was_ever_raised
from gateway.desk.reasons import check_reason
from gateway.domain.batch_states import ON_ITS_WAY, STUCK, BatchState
from gateway.domain.facts import Fact, Kind, State
from gateway.domain.work import WorkKind
from gateway.errors import Refused
from gateway.pipeline.arrival import note_sent
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter
from gateway.pipeline.leaving import list_stopped

_REFUSALS = {
    **dict.fromkeys(
        ON_ITS_WAY, "it is on its way: the next delivery (`claimwire run delivery`) brings it there, or says why not"
    ),
    BatchState.QUEUED: (
        "it is on its way: the next delivery (`claimwire run delivery`) brings it there, or says why not. To have its claims go "
        "another way instead: `claimwire batches settle {0} --lost`"
    ),
    BatchState.SENT: (
        "it is on the partner's server, as far as that lets us see; its claims wait for the partner's answers. Where the partner "
        "says that it has nothing of it: `claimwire batches settle {0} --lost`, and its claims go out in another file"
    ),
    BatchState.DELIVERED: "an answer of the partner says that it arrived; its claims wait for the others",
    BatchState.REJECTED: "the partner rejected it, so it arrived; correct or release its claims",
}

_DOUBTS = (WorkKind.UNKNOWN_DELIVERY, WorkKind.BATCH_REFUSED)
"""The items of a batch that stood with a person before: it is queued again by `resend` alone."""


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch, of those that lie in the same file with it, and of how many claims in them.

    `kept_count`: how many, besides, stay with an earlier attempt, which proved to have arrived.
    """

    batch_id: int
    partner: str
    remote_name: str
    outcome: str
    state: str
    claim_count: int
    batch_ids: tuple[int, ...]
    kept_count: int = 0


def settle_arrived(context: Context, batch_id: int, *, actor: str, reason: str) -> Settlement:
    """The partner has the file: its batches and their claims are sent, and their deadlines run from now.

    Also takes back that it was settled as lost, while its claims have not gone on. Raises Refused in any other state than
    unknown or failed (or before it was sent, where no profile names its partner or the archive lost its bytes), and where its
    claims have gone on.
    """
    with _settling(context, batch_id, reason) as (connection, batches):
        note_arrived(connection, context, batches, actor=actor, reason=reason)
        return _settlement(batch_id, batches, outcome="arrived", state=BatchState.SENT, count=len(_carried(connection, batches)))


def note_arrived(connection: Connection, context: Context, batches: Sequence[Row], *, actor: str, reason: str) -> None:
    """A person says that the partner has the file with these batches. Raises Refused where its claims have gone on without it."""
    first = batches[0]
    if not note_sent(connection, context, first, occurred_at=context.clock.now(), actor=actor, reason=reason):
        raise Refused(f"batch {first['id']}: something else settled it at this very moment; look at it again")
    carried = _carried(connection, batches)
    gone_on = [row for row, claim in carried if claim["attempt"] != row["attempt"] or claim["state"] == State.VOIDED]
    holding = batch_rows.list_holding(connection, [row["claim_id"] for row in gone_on])
    if holding:
        raise Refused(
            f"batch {first['id']}: {sum(holding.values())} of its claims lie in batch {', '.join(map(str, holding))} since it "
            "was settled as lost. Where that has not left, give it up first (`claimwire batches settle --lost`), and say this "
            "again; where it has, ask the partner which of its files it keeps"
        )
    if gone_on:
        raise Refused(
            f"batch {first['id']}: {len(gone_on)} of its claims were sent again, corrected or voided since it was settled as "
            "lost. Ask the partner which of its files it keeps"
        )


def settle_lost(context: Context, batch_id: int, *, actor: str, reason: str) -> Settlement:
    """The partner has nothing of the file: its batches are failed, and their claims go out again in another one.

    But for those of which an earlier attempt proved to have arrived: they stay with that. Of a queued file nobody need ask the
    partner: it cannot have it, unless `resend` queued it. One that is sent, as far as we could see, is given up where the partner
    says that it has nothing. Raises Refused as `settle_arrived` does but for queued and sent ones, and where an answer to one of
    its claims says that it arrived.
    """
    now = context.clock.now()
    with _settling(context, batch_id, reason, also=(BatchState.QUEUED, BatchState.SENT)) as (connection, batches):
        waiting = _list_waiting(connection, batches)
        was_sent = batches[0]["state"] == BatchState.SENT
        error = f"settled as lost: {reason}"
        batch_rows.move_file(
            connection, batches[0]["file_id"], from_states=(batches[0]["state"],), to=BatchState.FAILED, next_try_at=None,
            error=error,
        )  # fmt: skip
        facts = [
            Fact(
                claim_id=row["claim_id"], kind=Kind.REOPENED_AS_UNRECEIVED if was_sent else Kind.REOPENED_AS_LOST,
                attempt=row["attempt"] + 1, occurred_at=now,
                source=f"batch:{row['batch_id']}:lost:{now.isoformat()}", actor=actor,
                data={"reason": reason, "batch_id": row["batch_id"]},
            )
            for row in waiting
        ]  # fmt: skip
        enter(connection, facts, [], now)
        for batch in batches:
            settle_batch(connection, batch["id"], now)
        freed = _count_freed(connection, batches[0], waiting)
        settled = _settlement(batch_id, batches, outcome="lost", state=BatchState.FAILED, count=freed)
        return msgspec.structs.replace(settled, kept_count=len(waiting) - freed)


def _count_freed(connection: Connection, batch: Row, waiting: Sequence[Row]) -> int:
    """How many of the claims that waited go out again. Raises Refused where one still does."""
    claims = {claim["id"]: claim for claim in claim_rows.list_by_id(connection, [row["claim_id"] for row in waiting])}
    attempts = [(row["attempt"], claims[row["claim_id"]]["attempt"]) for row in waiting]
    standing = sum(now == before for before, now in attempts)
    if standing:
        raise Refused(
            f"batch {batch['id']}: something was said of {standing} of its claims that says that it arrived; settle it with "
            "--arrived"
        )
    return sum(now > before for before, now in attempts)


def resend(context: Context, batch_id: int, *, actor: str, reason: str) -> Settlement:
    """Queue the very same file once more: the same bytes, numbers and name, by which a partner knows a copy that did arrive.

    The next delivery looks for it on the server first, as always. Raises Refused in any other state than unknown or failed,
    where one of its claims was answered or has gone on or may not leave as it lies there, and where its bytes are not in the
    archive any more.
    """
    now = context.clock.now()
    with _settling(context, batch_id, reason) as (connection, batches):
        if batches[0]["partner"] not in context.profiles.partners:
            raise Refused(f"batch {batch_id}: no profile says any more how to reach {batches[0]['partner']}")
        waiting = _list_waiting(connection, batches)
        _refuse_damaged(connection, context, batches[0])
        _refuse_stopped(connection, batches)
        batch_rows.move_file(
            connection, batches[0]["file_id"], from_states=STUCK, to=BatchState.QUEUED, next_try_at=None, tries=0,
            error=f"to be sent once more as it is: {reason}",
        )  # fmt: skip
        _close_decided(connection, [batch["id"] for batch in batches], actor, reason, now)
        return _settlement(batch_id, batches, outcome="queued", state=BatchState.QUEUED, count=len(waiting))


def _close_decided(connection: Connection, batch_ids: Sequence[int], actor: str, reason: str, now: datetime) -> None:
    """A person decided on these items; should the same happen to the file once more, that is another item."""
    causes = [f"batch:{batch_id}" for batch_id in batch_ids]
    for kind in (WorkKind.UNKNOWN_DELIVERY, WorkKind.BATCH_REFUSED):
        close_items(connection, kind, causes, reason=f"sent once more as it is: {reason}", now=now, actor=actor)
        close_items(connection, kind, causes, reason="it is on its way again", now=now)


def _is_damaged(connection: Connection, context: Context, batch: Row) -> bool:
    """Whether its bytes are not in the archive any more as they were: so they never leave."""
    file = file_rows.get_file(connection, batch["file_id"])
    assert file is not None, "a batch has its file"
    return not context.archive.verify(file["sha256"])


def _refuse_damaged(connection: Connection, context: Context, batch: Row) -> None:
    if _is_damaged(connection, context, batch):
        raise Refused(f"batch {batch['id']}: the archive no longer has its bytes as they were; restore it, or settle it as lost")


def _refuse_stopped(connection: Connection, batches: Sequence[Row]) -> None:
    stopped = list_stopped(connection, [batch["id"] for batch in batches])
    if stopped:
        raise Refused(
            f"batch {batches[0]['id']}: {len(stopped)} of its claims may not leave as they lie in it, by what was said of them "
            "since; settle it with --lost, and the others go out again"
        )


@contextmanager
def _settling(
    context: Context, batch_id: int, reason: str, *, also: tuple[BatchState, ...] = ()
) -> Iterator[tuple[Connection, Sequence[Row]]]:
    """The batches of the batch's file, while no delivery to its partner runs, in a transaction of its own.

    `also`: states besides the stuck ones.
    """
    check_reason(reason)
    with reading(context.engine) as connection:
        partner = _get_stuck(connection, context, batch_id, also)["partner"]
    with delivery_paused(context, partner, f"batch {batch_id}"), writing(context.engine) as connection:
        batch = _get_stuck(connection, context, batch_id, also)
        yield connection, batch_rows.list_of_file(connection, batch["file_id"])


@contextmanager
def delivery_paused(context: Context, partner: str, what: str) -> Iterator[None]:
    """No delivery to this partner begins meanwhile. Raises Refused where one is running."""
    with exclusive(context.engine, f"delivery-{partner}") as ours:
        if not ours:
            raise Refused(f"{what}: a delivery to {partner} is running; repeat the command once it is done")
        yield


def _get_stuck(connection: Connection, context: Context, batch_id: int, also: tuple[BatchState, ...]) -> Row:
    batch = batch_rows.get_batch(connection, batch_id)
    if batch is None:
        raise Refused(f"there is no batch {batch_id}; `batches list` shows them")
    gone = batch["partner"] not in context.profiles.partners or _is_damaged(connection, context, batch)
    if batch["state"] not in (*STUCK, *(ON_ITS_WAY if gone else also)):
        raise Refused(f"batch {batch_id} ({batch['state']}): {_REFUSALS[batch['state']].format(batch_id)}")
    if batch["state"] == BatchState.QUEUED and not gone and was_ever_raised(connection, _DOUBTS, f"batch:{batch_id}"):
        raise Refused(
            f"batch {batch_id} (queued): it was queued once more by `batches resend`, and the partner may have it from before. "
            "The next delivery (`claimwire run delivery`) looks for it there first"
        )
    return batch


def _carried(connection: Connection, batches: Sequence[Row]) -> Sequence[tuple[Row, Row]]:
    """Each submission in these batches with its claim as it stands now."""
    rows = [row for batch in batches for row in claim_rows.submissions_of_batch(connection, batch["id"])]
    claims = {claim["id"]: claim for claim in claim_rows.list_by_id(connection, [row["claim_id"] for row in rows])}
    return [(row, claims[row["claim_id"]]) for row in rows]


def _list_waiting(connection: Connection, batches: Sequence[Row]) -> list[Row]:
    """The submissions whose claims wait in these batches: all of them, unless the file has not left; or Refused."""
    carried = _carried(connection, batches)
    first = batches[0]
    unanswered = State.SENT if first["state"] == BatchState.SENT else State.BATCHED
    waiting = [row for row, claim in carried if claim["attempt"] == row["attempt"] and claim["state"] == unanswered]
    if len(waiting) == len(carried) or (waiting and not first["sending_at"]):
        return waiting
    if not waiting and first["state"] == BatchState.FAILED:
        raise Refused(f"batch {first['id']}: none of its claims waits in it any more; it was settled already")
    raise Refused(
        f"batch {first['id']}: {len(carried) - len(waiting)} of its {len(carried)} claims were answered or have gone on, so it "
        "arrived; settle it with --arrived"
    )


def _settlement(batch_id: int, batches: Sequence[Row], *, outcome: str, state: str, count: int) -> Settlement:
    return Settlement(
        batch_id=batch_id, partner=batches[0]["partner"], remote_name=batches[0]["remote_name"], outcome=outcome, state=state,
        claim_count=count, batch_ids=tuple(batch["id"] for batch in batches),
    )  # fmt: skip
