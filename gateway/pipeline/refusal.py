"""What happens to a ready claim that cannot be sent as it is: it is routed anew, or held, and a person is told."""

from collections.abc import Sequence

from gateway.db import claims as claim_rows
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.work import WorkItem
from gateway.domain.deadlines import last_filing_day
from gateway.domain.facts import Fact, Kind
from gateway.domain.work import WorkKind
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter, filing_due

STRAYS_MAX = 500
CORRECT = "Correct the claim."
"""What to do about a claim that cannot leave as it is."""


def refuse_batch(context: Context, guilty: dict[int, str], edit: str = "read-back", fix: str = CORRECT) -> int:
    """Hold these claims, by id with what was found, so that the batch goes without them; how many were held by it."""
    with writing(context.engine) as connection:
        return _hold(connection, context, guilty, edit, fix)


def route_strays(context: Context) -> int:
    """Ready claims whose route is gone or new since they were scrubbed: sent the profiles' present way, or held; how many."""
    done = 0
    with reading(context.engine) as connection:
        routes = claim_rows.list_ready_routes(connection)
    for payer_id, partner in routes:
        payer = context.profiles.payers.get(payer_id)
        if payer is None or payer.carrier != partner:
            done += _clear_route(context, payer_id, partner)
    return done


def _clear_route(context: Context, payer_id: str, partner: str) -> int:
    """No ready claim goes to this payer by this partner any more, STRAYS_MAX in a transaction; how many have another way."""
    done, last_id = 0, 0
    while True:
        with writing(context.engine) as connection:
            rows = claim_rows.list_ready_on_route(connection, payer_id, partner, after_id=last_id, limit=STRAYS_MAX)
            routed = _route(connection, context, rows)
        if not rows:
            return done
        done, last_id = done + routed, rows[-1]["id"]
        context.progress("claims routed anew", done, 0)


def _route(connection: Connection, context: Context, rows: Sequence[Row]) -> int:
    """How many of these claims have a way again; the others are held."""
    documents = claim_rows.documents_of(connection, [(row["id"], row["version"]) for row in rows])
    lost: dict[int, str] = {}
    for row in rows:
        document = documents[row["id"]]
        payer = context.profiles.find_payer(document.payer.id)
        if payer is None:
            lost[row["id"]] = "no profile names its payer, so there is nowhere to send it"
        else:
            last_day = last_filing_day(document, payer)
            claim_rows.reroute(connection, row["id"], payer=payer.id, partner=payer.carrier, filing_deadline=last_day)
    _hold(connection, context, lost, "read-back")
    return len(rows) - len(lost)


def _hold(connection: Connection, context: Context, guilty: dict[int, str], edit: str, fix: str = CORRECT) -> int:
    now = context.clock.now()
    facts, items = [], []
    for row in claim_rows.list_by_id(connection, list(guilty)):
        reason = guilty[row["id"]]
        finding = {"edit": edit, "severity": "hold", "message": reason, "fix": fix, "field": ""}
        facts.append(
            Fact(
                claim_id=row["id"], kind=Kind.EDITS_FAILED, attempt=row["attempt"], occurred_at=now,
                source=f"{edit}:{row['attempt']}:{now.isoformat()}", data={"findings": [finding]},
            )
        )  # fmt: skip
        items.append(
            WorkItem(
                kind=WorkKind.EDITS_FAILED, cause=f"claim:{row['id']}:{row['attempt']}", claim_id=row["id"],
                partner=row["partner"], amount_cents=row["charge_cents"], due_at=filing_due(row),
                sentence=f"Claim {row['pcn']} is held: {reason}. {fix} It was taken out of its batch.",
            )
        )  # fmt: skip
    return enter(connection, facts, items, now)
