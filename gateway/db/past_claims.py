"""Claims as they were sent, with what became of each: what a new rule is tried on."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select

from edi.claims import Claim
from gateway.db.engine import Connection, chunks_of
from gateway.db.tables import batch, claim, claim_version, event, submission
from gateway.domain.facts import Kind

_decode = msgspec.json.Decoder(Claim).decode


class PastClaim(msgspec.Struct, frozen=True, kw_only=True):
    """One submission of a claim, with the document that was sent before our numbers were put on it."""

    submission_id: int
    claim_id: int
    attempt: int
    pcn: str
    payer: str
    frequency: str
    payer_claim_number: str
    document: Claim


def list_past_claims(connection: Connection, *, payer: str, since: datetime | None, after_id: int, limit: int) -> list[PastClaim]:
    """Submissions after an id, by id: those to one payer where one is named, those put in a batch since then."""
    query = (
        select(
            submission.c.id, submission.c.claim_id, submission.c.attempt, claim.c.pcn, submission.c.payer,
            submission.c.frequency, submission.c.payer_claim_number, claim_version.c.document,
        )
        .join(claim, claim.c.id == submission.c.claim_id)
        .join(
            claim_version,
            (claim_version.c.claim_id == submission.c.claim_id) & (claim_version.c.version == submission.c.version),
        )
        .where(submission.c.id > after_id)
        .order_by(submission.c.id)
        .limit(limit)
    )  # fmt: skip
    if payer:
        query = query.where(submission.c.payer == payer)
    if since is not None:
        query = query.join(batch, batch.c.id == submission.c.batch_id).where(batch.c.created_at >= since)
    return [
        PastClaim(submission_id=number, claim_id=claim_id, attempt=attempt, pcn=pcn, payer=sent_to, frequency=frequency,
                  payer_claim_number=payer_claim_number, document=_decode(document))
        for number, claim_id, attempt, pcn, sent_to, frequency, payer_claim_number, document in connection.execute(query)
    ]  # fmt: skip


def list_kinds(connection: Connection, claim_ids: Sequence[int]) -> dict[tuple[int, int], set[Kind]]:
    """The kinds of the facts of these claims, by claim and attempt."""
    found: dict[tuple[int, int], set[Kind]] = {}
    for claim_id, attempt, kind in _list_facts(connection, claim_ids):
        found.setdefault((claim_id, attempt), set()).add(Kind(kind))
    return found


def _list_facts(connection: Connection, claim_ids: Sequence[int]) -> Iterator[tuple[int, int, str]]:
    for chunk in chunks_of(list(dict.fromkeys(claim_ids))):
        query = select(event.c.claim_id, event.c.attempt, event.c.kind).where(event.c.claim_id.in_(chunk)).distinct()
        yield from ((claim_id, attempt, kind) for claim_id, attempt, kind in connection.execute(query))
