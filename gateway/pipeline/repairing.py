"""Repairs what the rules of a claim's payer set: each repaired document is a new version of its claim, and a fact says so."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from structlog import get_logger

from edi.claims import Claim
from gateway.db import claims as claim_rows
from gateway.db.claims import NewVersion
from gateway.db.engine import Connection, Row
from gateway.domain.duplicates import digest_patient
from gateway.domain.facts import Fact, Kind
from gateway.domain.frequency import VOID
from gateway.domain.payer_rules import Repair, repair_claim
from gateway.pipeline.context import Context
from gateway.pipeline.outgoing import state
from payers.payer import Payer

REASON_MAX = 500
_log = get_logger(__name__)


class Change(NamedTuple):
    """A claim's repaired document, and which rules set what in it."""

    document: Claim
    repairs: tuple[Repair, ...]


class Repaired(NamedTuple):
    """The rows and documents of claims as they are now, and the facts that say what was repaired."""

    rows: list[Row]
    documents: Mapping[int, Claim]
    facts: list[Fact]


def repair(
    connection: Connection, context: Context, rows: Sequence[Row], documents: Mapping[int, Claim], now: datetime
) -> Repaired:
    """Repair those of the claims whose payers' rules set something else than they say; the rest stays as it is.

    A void is not repaired: it says what the payer took already. A claim that was corrected at this very moment is left alone.
    """
    found = {row["id"]: change for row in rows if (change := _find_change(context, row, documents[row["id"]])) is not None}
    versions = claim_rows.lock_versions(connection, sorted(found))
    kept = {row["id"]: found[row["id"]] for row in rows if row["id"] in found and versions[row["id"]] == row["version"]}
    after = [_describe(row, kept[row["id"]].document) if row["id"] in kept else row for row in rows]
    repaired = [row for row in after if row["id"] in kept]
    claim_rows.add_versions(connection, [_version(row, kept[row["id"]]) for row in repaired], now)
    facts = [_fact(row, kept[row["id"]].repairs, now) for row in repaired]
    return Repaired(after, {**documents, **{claim_id: change.document for claim_id, change in kept.items()}}, facts)


def _find_change(context: Context, row: Row, document: Claim) -> Change | None:
    payer = context.profiles.payers.get(row["payer"])
    if payer is None or row["frequency"] == VOID or not any(rule.set for rule in payer.rules):
        return None
    try:
        repaired, repairs, _ = repair_claim(document, payer.rules, partial(_as_sent, row, payer))
    except Exception:  # noqa: BLE001 as in scrub: a bug on one claim must not stop the others; the edits meet it again and hold
        _log.exception("repair.failed", claim_id=row["id"])
        return None
    return Change(repaired, repairs) if repairs and repaired != document else None


def _as_sent(row: Row, payer: Payer, document: Claim) -> Claim:
    """What the rules ask about: the claim as the edits judge it afterwards."""
    return state(document, frequency=row["frequency"], payer_claim_number=row["payer_claim_number"], payer=payer)


def _describe(row: Row, document: Claim) -> Row:
    """The row with what a repair may change of it."""
    changed = {"member_id": document.subscriber.id, "patient_digest": digest_patient(document)}
    return {**row, **changed, "version": row["version"] + 1}


def _version(row: Row, change: Change) -> NewVersion:
    reason = "; ".join(f"rule {each.rule} of {row['payer']}: {each.field}" for each in change.repairs)
    columns = {"member_id": row["member_id"], "patient_digest": row["patient_digest"]}
    return NewVersion(row["id"], row["version"], change.document, columns, reason[:REASON_MAX])


def _fact(row: Row, repairs: Sequence[Repair], now: datetime) -> Fact:
    return Fact(
        claim_id=row["id"],
        kind=Kind.REPAIRED,
        attempt=row["attempt"],
        occurred_at=now,
        source=f"repaired:{row['attempt']}:{row['version']}",
        data={"version": row["version"], "payer": row["payer"], "repairs": [list(each) for each in repairs]},
    )
