"""999: the syntax of each set. A rejected set rejects its guilty claims; the innocent go out again by themselves."""

from collections.abc import Sequence

from edi.interchange import TransactionSet
from edi.transactions import t999
from edi.transactions.t999 import GroupResponse, SegmentNote, SetResponse
from gateway.db import acknowledgments as ack_rows
from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db.engine import Row
from gateway.db.work import WorkItem
from gateway.domain.control_numbers import normalise_pcn
from gateway.domain.facts import Fact, Kind
from gateway.domain.work import WorkKind
from gateway.pipeline.entering import enter
from gateway.pipeline.ingest.inbound import Inbound, Quarantined
from gateway.pipeline.ingest.ta1 import note_arrival
from gateway.pipeline.ingest.unmatched import unmatched

ACCEPTING = frozenset({"A", "E"})


def apply(inbound: Inbound, tset: TransactionSet) -> None:
    """Tie each set response of a 999 to our set, and say so of every claim in it."""
    response = t999.read(tset)
    if not response.control_number:
        raise Quarantined("it has no AK1, so nothing says what it answers")
    batch = batch_rows.find_by_gs(inbound.connection, inbound.partner, response.control_number)
    ours = {row["st_control_number"] for row in batch_rows.sets_of(inbound.connection, batch["id"])} if batch else set()
    sets = response.sets or _of_whole_group(response, sorted(ours))
    ack_rows.insert_acknowledgments(inbound.connection, list(_rows(inbound, response, sets, batch, ours)))
    if batch is None:
        what = f"functional group {response.control_number}"
        enter(inbound.connection, [], [unmatched(inbound, "999", what, 2)], inbound.now)
        return
    note_arrival(inbound, batch, rejected=False)
    for one in sets:
        if one.control_number in ours:
            _apply_set(inbound, batch, one)
        else:
            item = unmatched(inbound, "999", f"set {one.control_number} of group {response.control_number}", one.position)
            enter(inbound.connection, [], [item], inbound.now)


def _of_whole_group(response: GroupResponse, st_control_numbers: Sequence[str]) -> tuple[SetResponse, ...]:
    """AK9 alone speaks for every set of the group; only where no AK2 does."""
    verdict = "A" if response.verdict in ACCEPTING else "R"
    return tuple(
        SetResponse(transaction="837", control_number=number, verdict=verdict, codes=response.codes)
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
        enter(inbound.connection, facts, [], inbound.now)
        return
    guilty = _guilty(submissions, response.notes)
    facts, items = [], []
    for row in submissions:
        note = guilty.get(row["claim_id"])
        facts.append(_syntax(inbound, row, Kind.SYNTAX_REJECTED, response, note))
        if guilty and note is None:
            facts.append(_reopened(inbound, row, response))
        else:
            items.append(_rejected(row, batch, response, note))
    enter(inbound.connection, facts, items, inbound.now)


def _guilty(submissions: Sequence[Row], notes: Sequence[SegmentNote]) -> dict[int, SegmentNote]:
    """The claims that the notes point to, by CTX or by position in our own copy; none where a note points to no claim."""
    by_pcn = {row["match_pcn"]: row["claim_id"] for row in submissions}
    guilty: dict[int, SegmentNote] = {}
    for note in notes:
        named = by_pcn.get(normalise_pcn(note.patient_control_number)) if note.patient_control_number else None
        owner = named or next(
            (row["claim_id"] for row in submissions if row["first_position"] <= note.position <= row["last_position"]), None
        )
        if owner is None:
            return {}
        guilty.setdefault(owner, note)
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
        row["claim_id"], Kind.REOPENED, attempt=row["attempt"] + 1, day=None, position=response.position,
        reason="its set was rejected for another claim; it goes out again by itself",
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
    )  # fmt: skip
