"""Puts ready claims in batches: draws numbers, writes the 837, reads its own bytes back and demands an equal document."""

from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from hashlib import sha256

import msgspec

from edi.claims import Submission
from edi.findings import Finding, Unwritable
from edi.interchange import GroupHeader, InterchangeHeader, Reader, write_interchange
from edi.segments import Delimiters
from edi.transactions import t837p
from gateway.crashpoint import crashpoint
from gateway.db import batches as batch_rows
from gateway.db import claims as claim_rows
from gateway.db import files as file_rows
from gateway.db.books import Entry, Journal, post_journals
from gateway.db.engine import Connection, Row, writing
from gateway.db.locks import exclusive
from gateway.db.numbers import draw
from gateway.domain.batch_states import BatchState
from gateway.domain.control_numbers import claim_trace
from gateway.domain.facts import Fact, Kind
from gateway.domain.payment import post_charge
from gateway.domain.set_layout import SetLayout
from gateway.pipeline.claim_files import locate
from gateway.pipeline.context import Context
from gateway.pipeline.entering import enter
from gateway.pipeline.objections import hear_opinion
from gateway.pipeline.outgoing import address, receiver_of, submitter_of
from gateway.pipeline.refusal import refuse_batch, route_strays
from payers.profile import Partner

DELIMITERS = Delimiters()
OPINIONS_MAX = 3
"""How often a batch is built anew because numbers were drawn beside it while it was judged; then it waits for the next run."""


class BatchRefused(Exception):
    """The bytes of a batch, read back, are not what was meant; `guilty` are the claims by id with what was found."""

    def __init__(self, guilty: dict[int, str]) -> None:
        super().__init__(f"{len(guilty)} claims read back unlike what was meant")
        self.guilty = guilty


class OneSet(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction set being built: its document, the claim rows behind it in order, and its segments."""

    st_control_number: str
    submission: Submission
    rows: tuple[Row, ...]
    segments: tuple[str, ...]


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """Where a claim's segments and the levels above it stand in its set, ST = 1; the submission's columns of these names."""

    billing_position: int
    subscriber_position: int
    patient_position: int | None
    first_position: int
    last_position: int


class Built(msgspec.Struct, frozen=True):
    """A batch in bytes, with what it was built from and where each claim stands in it."""

    partner: Partner
    header: InterchangeHeader
    group: GroupHeader
    sets: tuple[OneSet, ...]
    content: bytes
    places: dict[tuple[str, str], Placed]

    def lay_out(self) -> dict[str, SetLayout]:
        """Which claims each segment belongs to, by ST02."""
        return {
            one.st_control_number: SetLayout(
                [
                    {"claim_id": row["id"], **msgspec.structs.asdict(self.places[one.st_control_number, row["pcn"]])}
                    for row in one.rows
                ]
            )
            for one in self.sets
        }


class OpinionDue(Exception):
    """A batch is whole but for the second opinion its partner's profile asks for, which is given outside the transaction."""

    def __init__(self, built: Built) -> None:
        super().__init__("a second opinion is due")
        self.built = built


def run(context: Context) -> int:
    """Batch every ready claim of every partner; how many claims were dealt with."""
    done = route_strays(context)
    for partner in context.profiles.partners.values():
        with exclusive(context.engine, f"batching-{partner.id}") as ours:
            while ours and (count := assemble(context, partner)):
                crashpoint("batching.committed")
                done += count
                context.progress("claims batched", done, 0)
    return done


def assemble(context: Context, partner: Partner) -> int:
    """One batch for a partner, in one database transaction and without the network; how many claims it took (0: none ready).

    A claim that does not read back as it was meant is held, and the batch is built again without it. Where a second opinion
    is asked for, the batch is built, given back with its numbers, judged, and built again: the same bytes then need no more.
    """
    now = context.clock.now()
    heard: set[str] = set()
    for _ in range(OPINIONS_MAX):
        try:
            with writing(context.engine) as connection:
                count = _assemble(connection, context, partner, now, heard)
                crashpoint("batching.before_commit")
                return count
        except BatchRefused as refused:
            return refuse_batch(context, refused.guilty)
        except OpinionDue as due:
            held = hear_opinion(context, partner, due.built.content, due.built.lay_out())
            if held is not None:
                return held
            heard.add(sha256(due.built.content).hexdigest())
    return 0


def _assemble(connection: Connection, context: Context, partner: Partner, now: datetime, heard: Container[str]) -> int:
    rows = claim_rows.list_ready(
        connection, partner.id, partner.batching.claims_per_set_max * partner.batching.sets_per_interchange_max
    )
    if not rows:
        return 0
    sets = [
        _build_set(connection, context, partner, chunk, now=now) for chunk in _split(rows, partner.batching.claims_per_set_max)
    ]
    header, group = _headers(connection, partner, now)
    content = b"".join(write_interchange(header, [(group, [one.segments for one in sets])]))
    built = Built(partner, header, group, tuple(sets), content, read_back(content, sets))
    if partner.second_opinion and sha256(content).hexdigest() not in heard:
        raise OpinionDue(built)
    _keep_batch(connection, context, built, now)
    return len(rows)


def _keep_batch(connection: Connection, context: Context, built: Built, now: datetime) -> None:
    """The batch's bytes in the archive, its rows, its charges in the books and its facts."""
    partner, header, rows = built.partner, built.header, [row for one in built.sets for row in one.rows]
    stored = context.archive.store([built.content])
    name = partner.upload.build_name(header.isa_control_number, transaction="837P", usage=header.usage, at=now)
    file_id = file_rows.keep_file(
        connection,
        direction="outbound",
        partner=partner.id,
        name=name,
        sha256=stored.sha256,
        size_bytes=stored.size_bytes,
        now=now,
    )
    batch_id = batch_rows.insert_batch(
        connection,
        {
            "partner": partner.id, "sender": _sender(partner), "receiver": _receiver(partner), "usage": header.usage,
            "isa_control_number": header.isa_control_number, "gs_control_number": built.group.gs_control_number,
            "file_id": file_id, "remote_name": name, "claim_count": len(rows),
            "charge_cents": sum(row["charge_cents"] for row in rows), "state": BatchState.QUEUED, "created_at": now,
        },
    )  # fmt: skip
    for one in built.sets:
        _keep_set(connection, batch_id, one, built.places)
    _book_charges(connection, rows, now)
    facts = [_batched(row, batch_id, file_id, stored.sha256, now=now) for row in rows]
    enter(connection, facts, [], now)


def _split(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _build_set(connection: Connection, context: Context, partner: Partner, rows: Sequence[Row], *, now: datetime) -> OneSet:
    documents = claim_rows.documents_of(connection, [(row["id"], row["version"]) for row in rows])
    first_trace = draw(connection, "trace", len(rows))
    traced = tuple({**row, "trace": claim_trace(first_trace + place)} for place, row in enumerate(rows))
    number = draw(connection, f"st:{_sender(partner)}")
    submission = Submission(
        reference=f"{draw(connection, 'bht'):09d}",
        created_at=now.replace(second=0, microsecond=0, tzinfo=None),
        submitter=submitter_of(partner),
        receiver=receiver_of(partner),
        claims=tuple(
            address(documents[row["id"]], pcn=row["pcn"], trace=row["trace"], payer=context.profiles.payers[row["payer"]])
            for row in traced
        ),
    )
    st_control_number = f"{number % 1_000_000_000:09d}"
    try:
        segments = t837p.write(submission, st_control_number=st_control_number, delimiters=DELIMITERS)
    except Unwritable as error:
        raise BatchRefused(_find_unwritable(submission, traced)) from error
    return OneSet(st_control_number=st_control_number, submission=submission, rows=traced, segments=tuple(segments))


def _find_unwritable(submission: Submission, rows: Sequence[Row]) -> dict[int, str]:
    """The claims that cannot be written, by id with what is wrong; where it is none of them, the profile is at fault."""
    guilty = {}
    for row, claim in zip(rows, submission.claims, strict=True):
        for finding in t837p.check(claim, submission.submitter, submission.receiver)[:1]:
            guilty[row["id"]] = f"{locate(finding)}: {finding.message}"
    assert guilty, "what cannot be written is in one of the claims"
    return guilty


def _headers(connection: Connection, partner: Partner, now: datetime) -> tuple[InterchangeHeader, GroupHeader]:
    envelope = partner.envelope
    time = f"{now:%H%M}"
    interchange = InterchangeHeader(
        sender_qualifier=envelope.sender_qualifier,
        sender_id=envelope.sender_id,
        receiver_qualifier=envelope.receiver_qualifier,
        receiver_id=envelope.receiver_id,
        date=now.date(),
        time=time,
        isa_control_number=draw(connection, f"isa:{_sender(partner)}:{_receiver(partner)}"),
        version="00501",
        usage=envelope.usage,
        acknowledgment_requested=partner.answers.ta1_business_days is not None,
        delimiters=DELIMITERS,
    )
    group = GroupHeader(
        functional_id=t837p.SPEC.functional_id,
        application_sender=envelope.application_sender,
        application_receiver=envelope.application_receiver,
        date=now.date(),
        time=time,
        gs_control_number=draw(connection, f"gs:{_sender(partner)}"),
        version=t837p.SPEC.version,
    )
    return interchange, group


def read_back(content: bytes, sets: Sequence[OneSet]) -> dict[tuple[str, str], Placed]:
    """Where each claim stands, by (ST02, PCN), once the bytes have been read and found equal to what was meant.

    Raises BatchRefused with the claims that differ or that a finding points to; findings that point to no claim are bugs.
    """
    reader = Reader([content])
    places: dict[tuple[str, str], Placed] = {}
    guilty: dict[int, str] = {}
    for tset, one in zip(reader, sets, strict=True):
        claims = iter(zip(one.rows, one.submission.claims, strict=True))
        spans: list[tuple[t837p.ReadClaim, Row]] = []
        for item in t837p.read(tset):
            if not isinstance(item, t837p.ReadClaim):
                continue
            row, meant = next(claims)
            spans.append((item, row))
            places[one.st_control_number, row["pcn"]] = _place(item)
            if not t837p.comes_back(meant, item.claim):
                guilty[row["id"]] = "read back, it is not the claim that was meant"
        assert next(claims, None) is None, "every claim of a set is read back"
        guilty.update(_blame(tset.findings, spans))
    assert not reader.findings, f"our own envelope has findings: {[finding.message for finding in reader.findings]}"
    if guilty:
        raise BatchRefused(guilty)
    return places


def _place(item: t837p.ReadClaim) -> Placed:
    return Placed(
        billing_position=item.billing_position,
        subscriber_position=item.subscriber_position,
        patient_position=item.patient_position,
        first_position=item.first_position,
        last_position=item.last_position,
    )


def _blame(findings: Sequence[Finding], spans: Sequence[tuple[t837p.ReadClaim, Row]]) -> Iterator[tuple[int, str]]:
    for finding in findings:
        owners = [row for item, row in spans if finding in item.findings]
        assert owners, f"our own set has a finding that belongs to no claim: {locate(finding)}: {finding.message}"
        for row in owners:
            yield row["id"], f"{locate(finding)}: {finding.message}"


def _keep_set(connection: Connection, batch_id: int, one: OneSet, places: dict[tuple[str, str], Placed]) -> None:
    st_control_number = one.st_control_number
    submissions = [
        {
            "claim_id": row["id"], "attempt": row["attempt"], "version": row["version"], "batch_id": batch_id,
            "st_control_number": st_control_number, "trace": row["trace"], "practice": row["practice"], "payer": row["payer"],
            "charge_cents": row["charge_cents"], **msgspec.structs.asdict(places[st_control_number, row["pcn"]]),
        }
        for row in one.rows
    ]  # fmt: skip
    batch_rows.insert_set(
        connection,
        {
            "batch_id": batch_id, "st_control_number": st_control_number, "reference": one.submission.reference,
            "segment_count": len(one.segments), "claim_count": len(submissions),
            "charge_cents": sum(row["charge_cents"] for row in submissions),
        },
        submissions,
    )  # fmt: skip


def _book_charges(connection: Connection, rows: Sequence[Row], now: datetime) -> None:
    """Charges enter the books when a claim first leaves; a corrected claim books only what it differs by."""
    booked = batch_rows.booked_charges(connection, [row["id"] for row in rows])
    journals = []
    for row in rows:
        difference = row["charge_cents"] - booked.get(row["id"], 0)
        if difference:
            entries = tuple(Entry(item.account, item.amount_cents) for item in post_charge(difference))
            source = f"charge:{row['id']}:{row['version']}"
            journals.append(Journal(source=source, kind="charge", practice=row["practice"], entries=entries, claim_id=row["id"]))
    post_journals(connection, journals, now)


def _batched(row: Row, batch_id: int, file_id: int, sha256: str, *, now: datetime) -> Fact:
    return Fact(
        claim_id=row["id"], kind=Kind.BATCHED, attempt=row["attempt"], occurred_at=now, source=f"batch:{batch_id}:batched",
        file_id=file_id, file_sha256=sha256, data={"batch_id": batch_id},
    )  # fmt: skip


def _sender(partner: Partner) -> str:
    return f"{partner.envelope.sender_qualifier}:{partner.envelope.sender_id}"


def _receiver(partner: Partner) -> str:
    return f"{partner.envelope.receiver_qualifier}:{partner.envelope.receiver_id}"
