"""What happens to a claim that, read back from our own bytes, is not what was meant: it is held, and a person is told."""

from gateway.db import claims as claim_rows
from gateway.db.engine import writing
from gateway.db.work import WorkItem
from gateway.domain.facts import Fact, Kind
from gateway.domain.work import WorkKind
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter


def refuse_batch(context: Context, guilty: dict[int, str]) -> None:
    """Hold these claims, by id with what was found, so that the batch goes without them."""
    now = context.clock.now()
    with writing(context.engine) as connection:
        facts, items = [], []
        for row in claim_rows.list_by_id(connection, list(guilty)):
            reason = guilty[row["id"]]
            finding = {"edit": "read-back", "severity": "hold", "message": reason, "fix": "Correct the claim.", "field": ""}
            facts.append(
                Fact(
                    claim_id=row["id"], kind=Kind.EDITS_FAILED, attempt=row["attempt"], occurred_at=now,
                    source=f"read-back:{row['attempt']}", data={"findings": [finding]},
                )
            )  # fmt: skip
            items.append(
                WorkItem(
                    kind=WorkKind.EDITS_FAILED, cause=f"claim:{row['id']}:{row['attempt']}", claim_id=row["id"],
                    partner=row["partner"], amount_cents=row["charge_cents"],
                    sentence=f"Claim {row['pcn']} is held: {reason}. Correct the claim; it was taken out of its batch.",
                )
            )  # fmt: skip
        enter(connection, facts, items, now)
