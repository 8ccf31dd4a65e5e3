"""999: the syntax of each set. A rejected set rejects its guilty claims; the innocent go out again by themselves."""

from collections.abc import Sequence

from edi.interchange import TransactionSet
from edi.transactions import t999
from edi.transactions.t999 import GroupResponse, SegmentNote, SetResponse
from gateway.db import acknowledgments as ack_rows
from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db.engine import Row
from gateway.db.ledger import facts_of
from gateway.db.work import WorkItem
from gateway.domain.control_numbers import normalise_pcn
from gateway.domain.facts import Fact, Kind, State
from gateway.domain.lifecycle import find_disproof, find_taken
from gateway.domain.set_layout import SetLayout
from gateway.domain.work import WorkKind
from gateway.pipeline.contradiction import accepted_too_late, innocent_but_taken
from gateway.pipeline.entering import enter, filing_due
from gateway.pipeline.ingest.inbound import Inbound, Quarantined, refuse_broken
from gateway.pipeline.ingest.proof import doubt_999, is_foreign
from gateway.pipeline.ingest.ta1 import note_arrival
from gateway.pipeline.ingest.unmatched import unmatched

ACCEPTING = frozenset({"A", "E"})
REJECTING = frozenset({"R", "M", "W", "X"})
"""IK501 and AK901. Whatever else stands there (P of a group, nothing at all) decides on no set."""


def apply(inbound: Inbound, tset: TransactionSet) -> None:
    """Tie each set response of a 999 to our set, and say so of every claim in it. A 999 that is cut short says nothing."""
    response = t999.read(tset)
    refuse_broken(tset)
    if not response.control_number:
        raise Quarantined("it has no AK1, so nothing says what it answers")
    batch, doubt = _find_batch(inbound, response)
    ours = _sets_of(inbound, batch) if batch else set()
    sets = response.sets or _of_whole_group(response, sorted(ours))
    ack_rows.insert_acknowledgments(inbound.connection, list(_rows(inbound, response, sets, batch, ours)))
    if batch is None:
        what = f"functional group {response.control_number}"
        enter(inbound.connection, [], [unmatched(inbound, "999", what, 2, doubt=doubt)], inbound.now)
        return
    note_arrival(inbound, batch)
    if not sets:
        item = _undecided(inbound, batch, "its sets", response.verdict, position=2)
        enter(inbound.connection, [], [item], inbound.now)
    for one in sets:
        if one.control_number in ours:
            _apply_set(inbound, batch, one)
        else:
            item = unmatched(inbound, "999", f"set {one.control_number} of group {response.control_number}", one.position)
            enter(inbound.connection, [], [item], inbound.now)


def _find_batch(inbound: Inbound, response: GroupResponse) -> tuple[Row | None, str]:
    """The batch that a 999 answers, or None and what speaks against those that have its group number."""
    found = batch_rows.list_by_gs(inbound.connection, inbound.partner, response.control_number)
    doubts = [doubt_999(inbound, response, batch, _sets_of(inbound, batch)) for batch in found]
    possible: list[Row] = [batch for batch, doubt in zip(found, doubts, strict=True) if not doubt]
    if len(possible) > 1:
        named = " and ".join(str(batch["id"]) for batch in reversed(possible))
        possible = _still_waiting(inbound, possible)
        doubts = [f"batches {named} have that number and such sets, and nothing says which of them is meant"]
    return (possible[0], "") if possible else (None, next(iter(doubts), ""))


def _still_waiting(inbound: Inbound, batches: Sequence[Row]) -> list[Row]:
    """The only one without a 999 yet, where it is a file brought by hand; one of ours is never guessed: claims could go twice."""
    waiting = [batch for batch in batches if not ack_rows.has_999(inbound.connection, batch["id"])]
    return waiting if len(waiting) == 1 and is_foreign(waiting[0]) else []


def _sets_of(inbound: Inbound, batch: Row) -> set[str]:
    return {row["st_control_number"] for row in batch_rows.sets_of(inbound.connection, batch["id"])}


def _of_whole_group(response: GroupResponse, st_control_numbers: Sequence[str]) -> tuple[SetResponse, ...]:
    """AK9 alone speaks for every set of the group, only where no AK2 does, and only if it decides: P says nothing of any one."""
    if response.verdict not in ACCEPTING | REJECTING:
        return ()
    return tuple(
        SetResponse(transaction="837", control_number=number, verdict=response.verdict, codes=response.codes)
        for number in st_control_numbers
    )


def _rows(
    inbound: Inbound, response: GroupResponse, sets: Sequence[SetResponse], batch: Row | None, ours: set[str]
) -> Sequence[dict[str, object]]:
    batch_id = batch["id"] if batch else None
    group = {
        "inbound_set_id": inbound.set_id, "position": 2, "kind": "999 group", "verdict": response.verdict,
        "codes": " ".join(response.codes), "reference": str(response.control_number), "batch_id": batch_id,
    }  # fmt: skip
    return [
        group,
        *(
            {
                "inbound_set_id": inbound.set_id, "position": one.position, "kind": "999 set", "verdict": one.verdict,
                "codes": " ".join(one.codes), "reference": one.control_number,
                "batch_id": batch_id if one.control_number in ours else None,
            }
            for one in sets
            if one.position
        ),
    ]  # fmt: skip


def _apply_set(inbound: Inbound, batch: Row, response: SetResponse) -> None:
    submissions = claim_rows.submissions_of_batch(inbound.connection, batch["id"], response.control_number)
    if response.verdict in ACCEPTING:
        facts = [_syntax(inbound, row, Kind.SYNTAX_ACCEPTED, response) for row in submissions]
        enter(inbound.connection, facts, accepted_too_late(inbound.connection, facts), inbound.now)
    elif response.verdict in REJECTING:
        _reject(inbound, batch, response, submissions)
    else:
        what = f"set {response.control_number}"
        item = _undecided(inbound, batch, what, response.verdict, position=response.position)
        enter(inbound.connection, [], [item], inbound.now)


def _reject(inbound: Inbound, batch: Row, response: SetResponse, submissions: Sequence[Row]) -> None:
    guilty = _guilty(submissions, response.notes)
    facts, items, innocent = [], [], []
    for row in submissions:
        note = guilty.get(row["claim_id"])
        facts.append(_syntax(inbound, row, Kind.SYNTAX_REJECTED, response, note))
        if guilty and note is None:
            innocent.append(row)
        else:
            items.append(_rejected(row, batch, response, note))
    reopened, contradicting = _send_again(inbound, response, innocent)
    enter(inbound.connection, [*facts, *reopened], [*items, *contradicting], inbound.now)


def _send_again(inbound: Inbound, response: SetResponse, innocent: Sequence[Row]) -> tuple[list[Fact], list[WorkItem]]:
    """The innocent go out again, but for those that have moved on since, and those that somebody took: of these a person is told.

    What is not known yet is left to the fold: a reopening counts only while nothing says that the claim was taken.
    """
    claim_ids = [row["claim_id"] for row in innocent]
    known = facts_of(inbound.connection, claim_ids)
    claims = {row["id"]: row for row in claim_rows.list_by_id(inbound.connection, claim_ids)}
    facts, items = [], []
    for row in innocent:
        claim, attempt = claims[row["claim_id"]], row["attempt"]
        reopening = _reopened(inbound, row, response)
        if claim["state"] == State.VOIDED or claim["attempt"] != attempt:
            continue
        if find_disproof([*known[claim["id"]], reopening], reopening) is None:
            facts.append(reopening)
        elif find_taken(known[claim["id"]], attempt):
            items.append(innocent_but_taken(claim, attempt))
    return facts, items


def _guilty(submissions: Sequence[Row], notes: Sequence[SegmentNote]) -> dict[int, SegmentNote]:
    """The claims that notes point to, by CTX or else those at the position in our own copy; none where a note points to none."""
    by_pcn = {row["match_pcn"]: row["claim_id"] for row in submissions}
    layout = SetLayout(submissions)
    guilty: dict[int, SegmentNote] = {}
    for note in notes:
        named = by_pcn.get(normalise_pcn(note.patient_control_number)) if note.patient_control_number else None
        owners = [named] if named else layout.find_claims_at(note.position)
        if not owners:
            return {}
        guilty |= {owner: note for owner in owners if owner not in guilty}
    return guilty


def _syntax(inbound: Inbound, row: Row, kind: Kind, response: SetResponse, note: SegmentNote | None = None) -> Fact:
    data: dict[str, object] = {"st_control_number": response.control_number, "verdict": response.verdict}
    if response.codes:
        data["codes"] = " ".join(response.codes)
    if note:
        data["error"] = _describe(note)
    return inbound.fact(row["claim_id"], kind, attempt=row["attempt"], day=None, position=response.position, **data)


def _reopened(inbound: Inbound, row: Row, response: SetResponse) -> Fact:
    return inbound.fact(
        row["claim_id"], Kind.REOPENED_AS_INNOCENT, attempt=row["attempt"] + 1, day=None, position=response.position,
        reason="its set was rejected for another claim; it goes out again by itself",
    )  # fmt: skip


def _undecided(inbound: Inbound, batch: Row, what: str, verdict: str, *, position: int) -> WorkItem:
    sentence = (
        f"A 999 from {batch['partner']} (file {inbound.file_id}, segment {position} of its set) says of {what} in batch "
        f"{batch['id']} neither that it was accepted nor that it was rejected (verdict {verdict or 'missing'}). No claim was "
        f"moved by it; ask {batch['partner']} for the 999 again."
    )
    return WorkItem(
        kind=WorkKind.ANOMALY, cause=f"set:{inbound.set_id}:{position}:undecided", sentence=sentence, batch_id=batch["id"],
        file_id=inbound.file_id, partner=batch["partner"], amount_cents=batch["charge_cents"],
    )  # fmt: skip


def _describe(note: SegmentNote) -> str:
    where = f"segment {note.position} {note.segment}" + (f" in loop {note.loop}" if note.loop else "")
    elements = ", ".join(f"{note.segment}{element.element:02d} error {element.code}" for element in note.elements)
    return f"{where}: {elements}" if elements else f"{where}: error {note.code}"


def _rejected(row: Row, batch: Row, response: SetResponse, note: SegmentNote | None) -> WorkItem:
    why = _describe(note) if note else f"no claim is named as the cause (codes {' '.join(response.codes) or 'none'})"
    sentence = (
        f"{batch['partner']} rejected claim {row['pcn']} for its syntax (999 {response.verdict}, set "
        f"{response.control_number}): {why}. "
        "Correct the claim; it is then sent again as new, since nobody has adjudicated it."
    )
    return WorkItem(
        kind=WorkKind.REJECTED, cause=f"claim:{row['claim_id']}:{row['attempt']}:999", sentence=sentence,
        claim_id=row["claim_id"], batch_id=batch["id"], partner=batch["partner"], amount_cents=row["charge_cents"],
        due_at=filing_due(row),
    )  # fmt: skip
