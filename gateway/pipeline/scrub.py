"""Checks received claims against the guide and their payer's rules: they become ready, or are held with the reasons."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from structlog import get_logger

from edi.claims import Claim
from edi.transactions.t837 import transaction_of
from gateway.crashpoint import crashpoint
from gateway.db import claims as claim_rows
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.locks import exclusive
from gateway.db.ready_claims import list_let_go
from gateway.db.work import WorkItem
from gateway.domain.deadlines import last_filing_day
from gateway.domain.duplicates import PatientClaim
from gateway.domain.edits import EditContext, EditFinding, check, is_held
from gateway.domain.edits.payer_rules import OF_VOIDS
from gateway.domain.edits.profile_digest import digest_profiles
from gateway.domain.facts import Fact, Kind
from gateway.domain.frequency import VOID
from gateway.domain.known_codes import NOTHING_KNOWN, KnownCodes
from gateway.domain.timetable import day_at
from gateway.domain.work import WorkKind
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.claim_files import locate
from gateway.pipeline.context import Context
from gateway.pipeline.duplicate_claims import find_twins
from gateway.pipeline.entering import enter, filing_due
from gateway.pipeline.known_codes import load_known_codes
from gateway.pipeline.outgoing import address, receiver_of, restate, submitter_of
from gateway.pipeline.repairing import repair
from payers.profile import Payer

CHUNK = 250
_log = get_logger(__name__)


def run(context: Context) -> int:
    """Scrub every received claim, and again what is ready by profiles that changed since; how many were looked at."""
    done = 0
    codes: KnownCodes | None = None
    with exclusive(context.engine, "scrub") as ours:
        while ours:
            looked_at, codes = _scrub_chunk(context, codes)
            crashpoint("scrub.chunk_committed")
            done += looked_at
            context.progress("claims scrubbed", done, 0)
            if looked_at == 0:
                return done + judge_again(context)
    return done


def judge_again(context: Context) -> int:
    """Have the edits look again at ready claims that they judged by profiles which are others today; how many.

    Nothing leaves under a verdict of yesterday: batching takes none but what was judged by the present profiles. What a person
    released stays released.
    """
    done = 0
    with reading(context.engine) as connection:
        judgments = claim_rows.list_ready_judgments(connection)
        payers = (context.profiles.payers.get(payer) for payer, _ in judgments)
        changed = [each for each, payer in zip(judgments, payers, strict=True) if payer and each[1] != _digest(context, payer)]
        codes = load_known_codes(connection) if changed else NOTHING_KNOWN
    for payer_id, digest in changed:
        while looked_at := _judge_chunk(context, payer_id, digest, codes):
            done += looked_at
            context.progress("claims scrubbed again", done, 0)
    return done


def _digest(context: Context, payer: Payer) -> str:
    return digest_profiles(payer, context.profiles.partners[payer.carrier])


def _judge_chunk(context: Context, payer_id: str, digest: str, codes: KnownCodes) -> int:
    now = context.clock.now()
    with writing(context.engine) as connection:
        found = claim_rows.list_ready_judged_by(connection, payer_id, digest, CHUNK)
        released = list_let_go(connection, [row["id"] for row in found])
        claim_rows.note_judged(connection, sorted(released), "")
        _judge(connection, context, [row for row in found if row["id"] not in released], codes, now)
        crashpoint("scrub.before_commit")
    return len(found)


def _scrub_chunk(context: Context, codes: KnownCodes | None) -> tuple[int, KnownCodes | None]:
    """How many claims were looked at, and what is known of codes: read once in a run, by the first chunk that has a claim."""
    with writing(context.engine) as connection:
        found = [_reroute(connection, context, row) for row in claim_rows.list_in_state(connection, "received", limit=CHUNK)]
        now = context.clock.now()  # after the claims are locked: no decision of a person that they waited for is later
        if found and codes is None:
            codes = load_known_codes(connection)
        _judge(connection, context, found, codes or NOTHING_KNOWN, now)
        crashpoint("scrub.before_commit")
    return len(found), codes


def _judge(connection: Connection, context: Context, found: Sequence[Row], codes: KnownCodes, now: datetime) -> None:
    """Write down what the edits say of these claims, and by which profiles they said it."""
    stored = claim_rows.documents_of(connection, [(row["id"], row["version"]) for row in found])
    rows, documents, facts = repair(connection, context, found, stored, now)
    twins = find_twins(connection, context.profiles, [_as_patient_claim(row) for row in rows], documents)
    items: list[WorkItem] = []
    held: set[int] = set()
    for row in rows:
        document = restate(documents[row["id"]], frequency=row["frequency"], payer_claim_number=row["payer_claim_number"])
        partner = context.profiles.partners.get(row["partner"])
        look = EditContext(
            payer=context.profiles.payers.get(row["payer"]),
            today=day_at(partner, now),
            duplicates=tuple(twin for twin in twins.get(row["id"], ()) if twin.claim_id not in held),
            codes=codes,
            partner=partner,
        )
        findings = _find(context, row, document, look)
        facts.append(_verdict(row, findings, now))
        items.extend(_work(row, findings))
        if is_held(findings):
            held.add(row["id"])
    enter(connection, facts, items, now)
    _note_judged(connection, context, rows)


def _note_judged(connection: Connection, context: Context, rows: Sequence[Row]) -> None:
    for payer_id in sorted({row["payer"] for row in rows}):
        payer = context.profiles.payers.get(payer_id)
        digest = _digest(context, payer) if payer else ""
        others = [row["id"] for row in rows if row["payer"] == payer_id and row["judged_by"] != digest]
        claim_rows.note_judged(connection, others, digest)


def _reroute(connection: Connection, context: Context, row: Row) -> Row:
    """A claim that no profile named a payer for may have one since."""
    if row["payer"] in context.profiles.payers:
        return row
    document = claim_rows.documents_of(connection, [(row["id"], row["version"])])[row["id"]]
    payer = context.profiles.find_payer(document.payer.id)
    if payer is None:
        return row
    route = {"payer": payer.id, "partner": payer.carrier}
    last_day = last_filing_day(document, payer)
    claim_rows.reroute(connection, row["id"], **route, filing_deadline=last_day)
    return {**row, **route, "filing_deadline": last_day}


def _as_patient_claim(row: Row) -> PatientClaim:
    return PatientClaim(*(row[name] for name in PatientClaim._fields))


def _find(context: Context, row: Row, document: Claim, look: EditContext) -> list[EditFinding]:
    try:
        return find(context, row, document, look)
    except (TransientError, PermanentError):
        raise
    except Exception as bug:  # noqa: BLE001 outermost loop of the job: our own bug on one claim must not stop the others
        _log.exception("scrub.failed", claim_id=row["id"])
        message = f"claimwire failed on this claim ({type(bug).__name__})"
        fix = "Report this as a bug; correct whatever in the claim is unusual."
        return [EditFinding(edit="failed", severity="hold", message=message, fix=fix, field="")]


def find(context: Context, row: Row, document: Claim, look: EditContext) -> list[EditFinding]:
    """Everything wrong with a claim: what the edits say, then what the guide says of the 837 it would become."""
    payer = look.payer
    findings = check(document, look)
    if row["frequency"] == VOID and payer is not None:
        # A void says what the payer took already, whatever edits came since; whether the payer takes it is another question.
        findings = [finding for finding in findings if finding.edit in OF_VOIDS]
    if payer is None or is_held(findings):
        return findings
    partner = context.profiles.partners[payer.carrier]
    sent = address(document, pcn=row["pcn"], trace="0", payer=payer, profiles=context.profiles)
    for defect in transaction_of(sent.guide).check(sent, submitter_of(partner), receiver_of(partner)):
        fix = f"Correct the claim: as it is, the {sent.guide} made of it breaks the guide and would be rejected."
        findings.append(
            EditFinding(
                edit="guide", severity="hold", message=f"{locate(defect)}: {defect.message}", fix=fix, field=defect.segment
            )
        )
    return findings


def _verdict(row: Row, findings: Sequence[EditFinding], now: datetime) -> Fact:
    held = is_held(findings)
    return Fact(
        claim_id=row["id"],
        kind=Kind.EDITS_FAILED if held else Kind.EDITS_PASSED,
        attempt=row["attempt"],
        occurred_at=now,
        source=f"edits:{row['attempt']}" if row["state"] == "received" else f"edits:{row['attempt']}:{now.isoformat()}",
        data={"findings": msgspec.to_builtins(list(findings))} if findings else {},
    )


def _work(row: Row, findings: Sequence[EditFinding]) -> list[WorkItem]:
    holds = [finding for finding in findings if finding.severity == "hold"]
    if not holds:
        return []
    more = f" (and {len(holds) - 1} more)" if len(holds) > 1 else ""
    sentence = f"Claim {row['pcn']} is held: {holds[0].message}{more} {holds[0].fix}"
    return [
        WorkItem(
            kind=WorkKind.EDITS_FAILED, cause=f"claim:{row['id']}:{row['attempt']}", sentence=sentence, claim_id=row["id"],
            partner=row["partner"], amount_cents=row["charge_cents"], due_at=filing_due(row),
        )
    ]  # fmt: skip
