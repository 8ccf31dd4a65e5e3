"""What the database keeps of a file of claims: its bytes' row, a batch for each interchange, its sets, its charges, its facts."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.crashpoint import crashpoint
from gateway.db import batches as batch_rows
from gateway.db import files as file_rows
from gateway.db.books import Entry, Journal, post_journals
from gateway.db.engine import Connection
from gateway.db.ready_claims import ReadyClaim
from gateway.domain.batch_states import BatchState
from gateway.domain.facts import Fact, Kind
from gateway.domain.frequency import VOID
from gateway.domain.payment import post_charge
from gateway.pipeline.batch_building import Built, Interchange, OneSet, Placed
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter
from gateway.pipeline.outgoing import PAYER_CLAIM_NUMBER
from payers.profile import Partner


def keep_file(
    connection: Connection, context: Context, built: Built, *, name: str, cutoff_at: datetime | None, now: datetime
) -> int:
    """The file's bytes in the archive, its rows, its charges in the books and its facts; how many claims it holds."""
    stored = context.archive.store([interchange.content for interchange in built.interchanges])
    crashpoint("batching.archived")
    partner = built.way.partner
    file_id = file_rows.keep_file(
        connection,
        direction="outbound",
        partner=partner.id,
        name=name,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        now=now,
    )
    facts: list[Fact] = []
    for interchange in built.interchanges:
        rows = [each.row for one in interchange.sets for each in one.claims]
        about = {"file_id": file_id, "remote_name": name, "state": BatchState.QUEUED, "created_at": now, "cutoff_at": cutoff_at}
        batch_id = batch_rows.insert_batch(connection, {**_describe(built, interchange, rows), **about})
        for one in interchange.sets:
            _keep_set(connection, batch_id, one, built.places)
        _book_charges(connection, rows, now)
        facts += _batched(rows, batch_id, file_id, stored.sha256, now)
    enter(connection, facts, [], now)
    return len(facts)


def _describe(built: Built, interchange: Interchange, rows: Sequence[ReadyClaim]) -> dict[str, object]:
    partner, header = built.way.partner, interchange.header
    practices = {row.practice for row in rows}
    is_alone = partner.batching.separate_practices == "interchange" and len(practices) == 1
    return {
        "partner": partner.id, "sender": sender_of(partner), "receiver": receiver_id_of(partner), "usage": header.usage,
        "transaction": built.way.transaction.guide, "practice": rows[0].practice if is_alone else "",
        "isa_control_number": header.isa_control_number, "gs_control_number": interchange.group.gs_control_number,
        "claim_count": len(rows), "charge_cents": sum(row.charge_cents for row in rows),
    }  # fmt: skip


def _keep_set(connection: Connection, batch_id: int, one: OneSet, places: dict[int, Placed]) -> None:
    submissions = [
        {
            "claim_id": row.id, "attempt": row.attempt, "version": row.version, "batch_id": batch_id,
            "st_control_number": one.st_control_number, "trace": trace, "practice": row.practice, "payer": row.payer,
            "charge_cents": row.charge_cents, "frequency": claim.frequency,
            "payer_claim_number": claim.reference(PAYER_CLAIM_NUMBER), **places[row.id]._asdict(),
        }
        for row, claim, trace in one.claims
    ]  # fmt: skip
    batch_rows.insert_set(
        connection,
        {
            "batch_id": batch_id, "st_control_number": one.st_control_number, "reference": one.reference,
            "segment_count": one.segment_count, "claim_count": len(submissions),
            "charge_cents": sum(row.charge_cents for row, _, _ in one.claims),
        },
        submissions,
    )  # fmt: skip


def _book_charges(connection: Connection, rows: Sequence[ReadyClaim], now: datetime) -> None:
    """Charges enter the books when a claim first leaves; a corrected or replaced one books only what it differs by.

    A void books no charge of its own: the payer's remittance takes back what was paid, and the charge with it, where it does.
    """
    left_before = [row.id for row in rows if row.attempt > 1]
    booked = batch_rows.booked_charges(connection, left_before)
    journals = []
    for row in rows:
        difference = row.charge_cents - booked.get(row.id, 0)
        if difference and (row.frequency != VOID or row.id in booked):
            entries = tuple(Entry(item.account, item.amount_cents) for item in post_charge(difference))
            source = f"charge:{row.id}:{row.version}"
            journals.append(Journal(source=source, kind="charge", practice=row.practice, entries=entries, claim_id=row.id))
    post_journals(connection, journals, now)


def _batched(rows: Sequence[ReadyClaim], batch_id: int, file_id: int, sha256: str, now: datetime) -> Iterator[Fact]:
    source, data = f"batch:{batch_id}:batched", {"batch_id": batch_id}
    for row in rows:
        yield Fact(
            claim_id=row.id, kind=Kind.BATCHED, attempt=row.attempt, occurred_at=now, source=source, file_id=file_id,
            file_sha256=sha256, data=data,
        )  # fmt: skip


def sender_of(partner: Partner) -> str:
    """ISA05 and ISA06, as series of numbers and batches name us."""
    return f"{partner.envelope.sender_qualifier}:{partner.envelope.sender_id}"


def receiver_id_of(partner: Partner) -> str:
    """ISA07 and ISA08, as series of numbers and batches name the partner."""
    return f"{partner.envelope.receiver_qualifier}:{partner.envelope.receiver_id}"
