"""Queries over claims, their versions and their submissions."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, RowMapping, and_, bindparam, case, func, insert, or_, select, update

from edi.claims import Claim
from gateway.db import ledger
from gateway.db.engine import Connection, chunks_of, insert_many
from gateway.db.tables import batch, claim, claim_version, submission
from gateway.domain.duplicates import PatientClaim
from gateway.domain.matching import KEPT_AT_LEAST

ClaimRow = dict[str, Any]
"""Columns of the claim table by name."""

_decode = msgspec.json.Decoder(Claim).decode


def known_pcns(connection: Connection, pcns: Sequence[str]) -> set[str]:
    """Those of the patient control numbers that are taken."""
    found: set[str] = set()
    for chunk in chunks_of(pcns, 500):
        found.update(connection.execute(select(claim.c.pcn).where(claim.c.pcn.in_(chunk))).scalars())
    return found


def insert_claims(connection: Connection, rows: Sequence[ClaimRow], documents: Sequence[Claim], now: datetime) -> list[int]:
    """New claims with version 1 of their documents; their ids in order."""
    claim_ids = ledger.insert_claims(connection, rows)
    versions = [
        {"claim_id": claim_id, "version": 1, "document": encode(document), "created_at": now, "actor": "", "reason": ""}
        for claim_id, document in zip(claim_ids, documents, strict=True)
    ]
    insert_many(connection, claim_version, versions)
    return claim_ids


def encode(document: Claim) -> str:
    """A claim as it is kept."""
    return msgspec.json.encode(document).decode()


def add_version(
    connection: Connection, claim_id: int, document: Claim, *, columns: ClaimRow, actor: str, reason: str, now: datetime
) -> int:
    """A corrected document as the claim's next version; `columns` are what its row says of it. The version's number."""
    version = int(connection.execute(select(claim.c.version).where(claim.c.id == claim_id)).scalar_one()) + 1
    row = {"claim_id": claim_id, "version": version, "document": encode(document), "created_at": now, "actor": actor,
           "reason": reason}  # fmt: skip
    connection.execute(insert(claim_version).values(row))
    connection.execute(update(claim).where(claim.c.id == claim_id).values({**columns, "version": version}))
    return version


class NewVersion(NamedTuple):
    """A claim's next document, its number, and what the claim's row says of it."""

    claim_id: int
    version: int
    document: Claim
    columns: ClaimRow
    reason: str


def lock_versions(connection: Connection, claim_ids: Sequence[int]) -> dict[int, int]:
    """The present version of each of these claims, which nobody can correct until this transaction ends."""
    found: dict[int, int] = {}
    for chunk in chunks_of(claim_ids, 500):
        query = select(claim.c.id, claim.c.version).where(claim.c.id.in_(chunk)).order_by(claim.c.id)
        found.update((claim_id, version) for claim_id, version in connection.execute(query.with_for_update(key_share=True)))
    return found


def add_versions(connection: Connection, given: Sequence[NewVersion], now: datetime) -> None:
    """Documents that the gateway made itself as the next versions of their claims, locked; all say the same columns."""
    versions = [
        {"claim_id": each.claim_id, "version": each.version, "document": encode(each.document), "created_at": now, "actor": "",
         "reason": each.reason}
        for each in given
    ]  # fmt: skip
    insert_many(connection, claim_version, versions)
    if given:
        rows = [{**each.columns, "version": each.version, "key": each.claim_id} for each in given]
        connection.execute(update(claim).where(claim.c.id == bindparam("key")), rows)


def reroute(connection: Connection, claim_id: int, *, payer: str, partner: str, filing_deadline: date | None) -> None:
    """Another payer profile now names this claim's payer."""
    values = {"payer": payer, "partner": partner, "filing_deadline": filing_deadline}
    connection.execute(update(claim).where(claim.c.id == claim_id).values(values))


def list_in_state(
    connection: Connection, state: str, *, after_id: int = 0, partner: str | None = None, limit: int = 500
) -> Sequence[RowMapping]:
    """Claims in a state, by id, after a given id, locked: nobody decides on them meanwhile."""
    query = select(claim).where(claim.c.state == state, claim.c.id > after_id).order_by(claim.c.id).limit(limit)
    query = query.with_for_update(key_share=True)
    if partner is not None:
        query = query.where(claim.c.partner == partner)
    return connection.execute(query).mappings().all()


def list_ready_routes(connection: Connection) -> list[tuple[str, str]]:
    """(payer, partner) of the claims that are ready, each once."""
    query = select(claim.c.payer, claim.c.partner).where(claim.c.state == "ready").distinct()
    return [(payer, partner) for payer, partner in connection.execute(query.order_by(claim.c.payer, claim.c.partner))]


def list_ready_judgments(connection: Connection) -> list[tuple[str, str]]:
    """(payer, digest of the profiles they were judged by) of the claims that are ready, each once."""
    query = select(claim.c.payer, claim.c.judged_by).where(claim.c.state == "ready", claim.c.judged_by != "").distinct()
    return [(payer, digest) for payer, digest in connection.execute(query.order_by(claim.c.payer, claim.c.judged_by))]


def list_ready_judged_by(connection: Connection, payer: str, digest: str, limit: int) -> Sequence[RowMapping]:
    """Claims ready to go to this payer that were judged by profiles with this digest, locked."""
    ready = (claim.c.state == "ready", claim.c.payer == payer, claim.c.judged_by == digest)
    query = select(claim).where(*ready).order_by(claim.c.id).limit(limit).with_for_update(key_share=True)
    return connection.execute(query).mappings().all()


def note_judged(connection: Connection, claim_ids: Sequence[int], digest: str) -> None:
    """The edits went by profiles with this digest; '': they are not to be asked again when profiles change."""
    for chunk in chunks_of(claim_ids, 500):
        connection.execute(update(claim).where(claim.c.id.in_(chunk)).values(judged_by=digest))


def list_ready_on_route(
    connection: Connection, payer: str, partner: str, *, after_id: int = 0, limit: int
) -> Sequence[RowMapping]:
    """Claims that are ready to go to this payer by this partner, by id after a given id, locked."""
    ready = (claim.c.state == "ready", claim.c.payer == payer, claim.c.partner == partner, claim.c.id > after_id)
    query = select(claim).where(*ready).order_by(claim.c.id).limit(limit).with_for_update(key_share=True)
    return connection.execute(query).mappings().all()


def documents_of(connection: Connection, claims: Iterable[tuple[int, int]]) -> dict[int, Claim]:
    """Documents by claim id, for (claim id, version) pairs."""
    return {claim_id: _decode(text) for claim_id, text in documents_as_kept(connection, claims)}


def documents_as_kept(connection: Connection, claims: Iterable[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """(claim id, document as JSON) for (claim id, version) pairs, in no order."""
    wanted = dict(claims)
    for chunk in chunks_of(list(wanted), 500):
        query = select(claim_version.c.claim_id, claim_version.c.version, claim_version.c.document)
        for claim_id, version, document in connection.execute(query.where(claim_version.c.claim_id.in_(chunk))):
            if wanted[claim_id] == version:
                yield claim_id, document


def list_of_patients(connection: Connection, digests: Iterable[str]) -> dict[str, list[PatientClaim]]:
    """All claims of these patients, by the patient's digest, oldest first."""
    found: dict[str, list[PatientClaim]] = {}
    query = select(*(claim.c[name] for name in PatientClaim._fields))
    for chunk in chunks_of(list(dict.fromkeys(digests)), 500):
        for row in connection.execute(query.where(claim.c.patient_digest.in_(chunk))):
            found.setdefault(row.patient_digest, []).append(PatientClaim(*row))
    for claims in found.values():
        claims.sort(key=lambda each: each.id)
    return found


def set_payer_claim_numbers(connection: Connection, numbers: dict[int, str]) -> None:
    """Keep the payer's own number for each claim, by claim id."""
    given = [{"key": claim_id, "payer_claim_number": number} for claim_id, number in sorted(numbers.items())]
    if given:
        connection.execute(update(claim).where(claim.c.id == bindparam("key")), given)


def set_sending(connection: Connection, claim_id: int, **columns: Any) -> None:
    """What a claim leaves as next: its `frequency`, `payer_claim_number` and `filing_deadline`."""
    connection.execute(update(claim).where(claim.c.id == claim_id).values(columns))


def find_submission(connection: Connection, claim_id: int, attempt: int) -> RowMapping | None:
    """How a claim was sent in an attempt; None where it was not."""
    query = select(submission).where(submission.c.claim_id == claim_id, submission.c.attempt == attempt)
    return connection.execute(query).mappings().one_or_none()


def list_candidates(
    connection: Connection, *, pcns: Sequence[str], match_pcns: Sequence[str], payer_claim_numbers: Sequence[str],
    member_ids: Sequence[str],
) -> Sequence[RowMapping]:  # fmt: skip
    """Claims that a payment with one of these numbers may be for; `charge_cents` is the charge as last sent."""
    found: dict[int, RowMapping] = {}
    sent = select(submission.c.charge_cents).where(submission.c.claim_id == claim.c.id)
    sent_cents = sent.order_by(submission.c.attempt.desc()).limit(1).scalar_subquery()
    columns = [column for column in claim.c if column.name != "charge_cents"]
    query = select(*columns, func.coalesce(sent_cents, claim.c.charge_cents).label("charge_cents"))
    looked_up = (
        (claim.c.pcn, pcns), (claim.c.source_pcn, pcns), (claim.c.match_pcn, match_pcns),
        (claim.c.payer_claim_number, payer_claim_numbers), (claim.c.member_id, member_ids),
    )  # fmt: skip
    for column, values in looked_up:
        for chunk in chunks_of([value for value in dict.fromkeys(values) if value], 500):
            rows = connection.execute(query.where(column.in_(chunk))).mappings()
            found.update((row["id"], row) for row in rows)
    known = {row["match_pcn"] for row in found.values()}
    cut_short = [pcn for pcn in dict.fromkeys(match_pcns) if len(pcn) >= KEPT_AT_LEAST and pcn not in known]
    for chunk in chunks_of(cut_short, 50):
        where = or_(*(_begins_with(pcn) for pcn in chunk))
        found.update((row["id"], row) for row in connection.execute(query.where(where)).mappings())
    return list(found.values())


def _begins_with(start: str) -> ColumnElement[bool]:
    """A range, which an index answers; LIKE would look at every claim. Normalised numbers are A-Z and 0-9, all before "~"."""
    return and_(claim.c.match_pcn >= start, claim.c.match_pcn < start + "~")


def last_submissions(connection: Connection, claim_ids: Sequence[int]) -> dict[int, RowMapping]:
    """The last submission of each claim that was put in a batch, by claim id: of one that may have left, where any may."""
    found: dict[int, RowMapping] = {}
    may_have_left = or_(batch.c.publishing_at.is_not(None), batch.c.sent_at.is_not(None))
    for chunk in chunks_of(claim_ids, 500):
        query = select(submission).join(batch, batch.c.id == submission.c.batch_id).where(submission.c.claim_id.in_(chunk))
        query = query.order_by(case((may_have_left, 1), else_=0), submission.c.attempt)
        found.update((row["claim_id"], row) for row in connection.execute(query).mappings())
    return found


def submissions_of_batch(connection: Connection, batch_id: int, st_control_number: str | None = None) -> Sequence[RowMapping]:
    """What a batch, or one of its sets, carries: submission columns with the claim's pcn and state, in file order."""
    query = (
        select(submission, claim.c.pcn, claim.c.match_pcn, claim.c.state, claim.c.filing_deadline)
        .join(claim, claim.c.id == submission.c.claim_id)
        .where(submission.c.batch_id == batch_id)
    )
    if st_control_number is not None:
        query = query.where(submission.c.st_control_number == st_control_number)
    order = (submission.c.st_control_number, submission.c.first_position)
    return connection.execute(query.order_by(*order)).mappings().all()


def submissions_by(connection: Connection, column: str, values: Sequence[str]) -> Sequence[RowMapping]:
    """Submissions found by `trace` (submission) or by `pcn`, `match_pcn`, `source_pcn` (claim), newest first."""
    where = submission.c.trace if column == "trace" else claim.c[column]
    return [row for chunk in chunks_of(list(dict.fromkeys(values)), 500) for row in _submissions(connection, where.in_(chunk))]


def submissions_cut_short(connection: Connection, starts: Sequence[str]) -> Sequence[RowMapping]:
    """Submissions of claims whose normalised PCN begins with one of these, newest first."""
    found: dict[int, RowMapping] = {}
    for chunk in chunks_of(starts, 50):
        where = or_(*(_begins_with(start) for start in chunk))
        found.update((row["id"], row) for row in _submissions(connection, where))
    return [found[key] for key in sorted(found, reverse=True)]


def _submissions(connection: Connection, where: ColumnElement[bool]) -> Sequence[RowMapping]:
    """With the partner that each was sent to: where the claim goes today says nothing of an answer to what was sent."""
    query = (
        select(submission, claim.c.pcn, claim.c.match_pcn, claim.c.source_pcn, claim.c.filing_deadline, batch.c.partner)
        .join(claim, claim.c.id == submission.c.claim_id)
        .join(batch, batch.c.id == submission.c.batch_id)
        .where(where)
    )
    return connection.execute(query.order_by(submission.c.id.desc())).mappings().all()


def list_by_id(connection: Connection, claim_ids: Sequence[int]) -> list[RowMapping]:
    """Claims by id, in the order of their ids."""
    found: list[RowMapping] = []
    for chunk in chunks_of(sorted(set(claim_ids)), 500):
        found.extend(connection.execute(select(claim).where(claim.c.id.in_(chunk)).order_by(claim.c.id)).mappings())
    return found
