"""An answer that matches nothing of ours is kept, and a person is told."""

from gateway.db.work import WorkItem
from gateway.domain.work import WorkKind
from gateway.pipeline.ingest.inbound import Inbound


def unmatched(inbound: Inbound, transaction: str, what: str, position: int) -> WorkItem:
    """The work item for an acknowledgment of something we did not send, or cannot find."""
    where = f"segment {position} of its set" if position else "its interchange"
    sentence = (
        f"A {transaction} from {inbound.partner} (file {inbound.file_id}, {where}) answers {what}, and nothing of "
        "ours is that. It "
        "is kept; find out whether it belongs to another sender or to claims sent outside this gateway."
    )
    return WorkItem(
        kind=WorkKind.UNMATCHED_ACKNOWLEDGMENT,
        cause=f"set:{inbound.set_id}:{position}",
        sentence=sentence,
        file_id=inbound.file_id,
        partner=inbound.partner,
    )
