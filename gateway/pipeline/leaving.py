"""Whether what lies in a file may still leave: what was said of its claims since they were put there may speak against it."""

from collections.abc import Sequence

from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db.engine import Connection
from gateway.db.ledger import facts_of
from gateway.domain.lifecycle import may_leave


def list_stopped(connection: Connection, batch_ids: Sequence[int]) -> list[str]:
    """The PCNs of the claims in these batches, of one file, that would not be put into a file any more."""
    attempts = dict(batch_rows.list_spoken_of(connection, batch_ids))
    known = facts_of(connection, list(attempts))
    stopped = [claim_id for claim_id, facts in known.items() if not may_leave(facts, attempts[claim_id])]
    return [row["pcn"] for row in claim_rows.list_by_id(connection, stopped)]
