"""What is known of a batch's file: queued → sending → publishing → sent | unknown → delivered, rejected or failed."""

from enum import StrEnum


class BatchState(StrEnum):
    """The value is what is stored.

    queued: committed, not begun. sending: under a temporary name at most, so the final name cannot exist by us. publishing: the
    final name may exist by us. sent: on the partner's server, as far as it lets us see. unknown: it may or may not be there, and
    is not sent again before that is known. delivered and rejected: a TA1 or 999 says so. failed: a person has it.
    """

    QUEUED = "queued"
    SENDING = "sending"
    PUBLISHING = "publishing"
    SENT = "sent"
    UNKNOWN = "unknown"
    DELIVERED = "delivered"
    REJECTED = "rejected"
    FAILED = "failed"


ON_ITS_WAY = (BatchState.QUEUED, BatchState.SENDING, BatchState.PUBLISHING)
UNDELIVERED = (*ON_ITS_WAY, BatchState.UNKNOWN)
"""The next delivery has something to do about it."""
STUCK = (BatchState.UNKNOWN, BatchState.FAILED)
"""What a person may settle."""
