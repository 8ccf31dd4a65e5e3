"""An answer that matches nothing of ours is kept, and a person is told."""

from gateway.db.work import WorkItem
from gateway.domain.work import WorkKind
from gateway.pipeline.ingest.inbound import Inbound

_NOT_OURS = (
    "nothing of ours is that. It is kept; find out whether it belongs to another sender or to claims sent outside this gateway"
)


def unmatched(inbound: Inbound, transaction: str, what: str, position: int, *, doubt: str = "") -> WorkItem:
    """The work item for an acknowledgment of something we did not send, or cannot find.

    `doubt` says why it cannot speak of the batch that has its numbers, where there is one.
    """
    where = f"segment {position} of its set" if position else "its interchange"
    why = f"but {doubt}. It is kept and moved nothing; ask {inbound.partner} what it answers" if doubt else f"and {_NOT_OURS}"
    sentence = f"A {transaction} from {inbound.partner} (file {inbound.file_id}, {where}) answers {what}, {why}."
    return WorkItem(
        kind=WorkKind.UNMATCHED_ACKNOWLEDGMENT,
        cause=f"set:{inbound.set_id}:{position}",
        sentence=sentence,
        file_id=inbound.file_id,
        partner=inbound.partner,
    )
