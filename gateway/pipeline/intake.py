"""Takes claims in: keeps the bytes, then each claim once, with the fact that it was received."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

import msgspec

from edi.claims import Claim, ServiceLine
from gateway.crashpoint import crashpoint
from gateway.db import claims as claim_rows
from gateway.db import files as file_rows
from gateway.db.engine import Connection, Row, writing
from gateway.db.known_claims import Known, find_known
from gateway.db.ledger import record
from gateway.db.numbers import draw
from gateway.db.statistics import count_anew
from gateway.db.work import WorkItem, raise_items
from gateway.domain.bills import find_statement
from gateway.domain.claim_places import find_first_service, find_last_service
from gateway.domain.control_numbers import may_send_as_is, mint_pcn, normalise_pcn
from gateway.domain.deadlines import last_filing_day
from gateway.domain.duplicates import digest_patient
from gateway.domain.facts import Fact, Kind
from gateway.domain.work import WorkKind
from gateway.pipeline.claim_files import read_claims
from gateway.pipeline.claim_refusals import Refusal, Remark
from gateway.pipeline.context import Context

CHUNK = 500
KEPT_MAX = 2000
MANY = 2000
"""So many new claims change what the database should know of its sizes."""


class Received(msgspec.Struct, kw_only=True):
    """What became of a file: claims new, already known and refused, and why, each reason with its place.

    All are counted; of PCNs, refusals and remarks the first 2,000 are kept. A refused claim may have several refusals, and
    one of a file or set none that is a claim's.
    """

    file_id: int
    name: str
    new: int = 0
    known: int = 0
    refused: int = 0
    charge_cents: int = 0
    refusal_count: int = 0
    remark_count: int = 0
    pcns: list[str] = []
    refusals: list[Refusal] = []
    remarks: list[Remark] = []

    def add_refusal(self, refusal: Refusal) -> None:
        """Count it, and keep it if it is among the first."""
        self.refused += refusal.claims
        self.refusal_count += 1
        if len(self.refusals) < KEPT_MAX:
            self.refusals.append(refusal)

    def add_remark(self, remark: Remark) -> None:
        """Count it, and keep it if it is among the first."""
        self.remark_count += 1
        if len(self.remarks) < KEPT_MAX:
            self.remarks.append(remark)


def tell_refused(claims: int, reasons: int) -> str:
    """How many claims were refused, and for how many reasons where that is another number."""
    return f"{claims} refused" if claims == reasons else f"{claims} refused ({reasons} findings)"


def receive(context: Context, name: str, chunks: Iterable[bytes]) -> Received:
    """Keep a file's bytes, then its claims. The same file again adds nothing; a broken-off import goes on where it broke."""
    stored = context.archive.store(chunks)
    now = context.clock.now()
    with writing(context.engine) as connection:
        file_id = file_rows.keep_file(
            connection, direction="intake", partner="", name=name, sha256=stored.sha256, size_bytes=stored.size_bytes, now=now
        )
    crashpoint("intake.file_kept")
    report = Received(file_id=file_id, name=name)
    items = _sorted_out(read_claims(context.archive.open(stored.sha256)), report)
    while chunk := list(islice(items, CHUNK)):
        _keep_claims(context, chunk, report)
        crashpoint("intake.chunk_committed")
        context.progress("claims taken in", report.new + report.known, 0)
    if report.refusals:
        _raise_refused(context, report)
    if report.new >= MANY:
        count_anew(context.engine)
    return report


def _sorted_out(items: Iterable[Claim | Refusal | Remark], report: Received) -> Iterator[Claim]:
    for item in items:
        if isinstance(item, Claim):
            yield item
        elif isinstance(item, Refusal):
            report.add_refusal(item)
        else:
            report.add_remark(item)


def _keep_claims(context: Context, documents: list[Claim], report: Received) -> None:
    now = context.clock.now()
    given = [(fingerprint(document), number_lines(document)) for document in documents]
    with writing(context.engine) as connection:
        # Drawn first: the row of the series is the queue in which two imports of the same claims wait for each other.
        first_number = draw(connection, "pcn", len(documents))
        known = find_known(connection, [digest for digest, _ in given])
        new: dict[str, Claim] = {}
        for digest, document in given:
            if digest not in known:
                new.setdefault(digest, document)
        rows = _rows(connection, context, new, first_number)
        rows = [{**row, "file_id": report.file_id, "received_at": now} for row in rows]
        claim_ids = claim_rows.insert_claims(connection, rows, list(new.values()), now)
        facts = [_received(claim_id, report.file_id, row, now) for claim_id, row in zip(claim_ids, rows, strict=True)]
        record(connection, facts, now)
    known |= {row["fingerprint"]: Known(pcn=row["pcn"], state="received", versions=[new[row["fingerprint"]]]) for row in rows}
    for remark in _remarks(given, known):
        report.add_remark(remark)
    report.new += len(new)
    report.known += len(documents) - len(new)
    report.charge_cents += sum(document.charge_cents for document in new.values())
    report.pcns.extend(str(row["pcn"]) for row in rows[: KEPT_MAX - len(report.pcns)])


def _remarks(given: Iterable[tuple[str, Claim]], known: dict[str, Known]) -> Iterator[Remark]:
    """What to say of claims that are known already, but not as they came this time."""
    for digest, document in given:
        claim = known[digest]
        where = f"claim {document.patient_control_number}"
        if claim.state == "voided":
            message = f"it is known as {claim.pcn}, which is void for good; to bill it again, give it another number"
            yield Remark(position=where, message=message)
        elif document not in claim.versions:
            message = (
                f"it is known as {claim.pcn} and was not changed, though it came with other {_differences(document, claim)}; "
                f"to change it: claimwire claims correct {claim.pcn} --file FILE --reason WHY"
            )
            yield Remark(position=where, message=message)


def _differences(document: Claim, claim: Known) -> str:
    kept = claim.versions[-1]
    return ", ".join(name for name in Claim.__struct_fields__ if getattr(document, name) != getattr(kept, name))


def _received(claim_id: int, file_id: int, row: Row, now: datetime) -> Fact:
    data = {"charge_cents": row["charge_cents"]}
    return Fact(claim_id=claim_id, kind=Kind.RECEIVED, attempt=1, occurred_at=now, source="received", file_id=file_id, data=data)


def _rows(connection: Connection, context: Context, new: dict[str, Claim], first_number: int) -> list[claim_rows.ClaimRow]:
    wanted = [document.patient_control_number for document in new.values()]
    taken = claim_rows.known_pcns(connection, wanted)
    rows = []
    for place, (digest, document) in enumerate(new.items()):
        source = document.patient_control_number
        as_is = may_send_as_is(source) and source not in taken
        pcn = source if as_is else mint_pcn(first_number + place)
        taken.add(pcn)
        rows.append({**describe(context, document), "fingerprint": digest, "pcn": pcn, "match_pcn": normalise_pcn(pcn),
                     "source_pcn": source, "version": 1})  # fmt: skip
    return rows


def describe(context: Context, document: Claim) -> claim_rows.ClaimRow:
    """The columns of a claim's row that follow from its document: kept beside it to be found by."""
    payer = context.profiles.find_payer(document.payer.id)
    return {
        "guide": document.guide,
        "frequency": document.frequency,
        "patient_digest": digest_patient(document),
        "practice": document.billing_provider.id,
        "payer": payer.id if payer else "",
        "partner": payer.carrier if payer else "",
        "member_id": document.subscriber.id,
        "service_from": find_first_service(document),
        "service_through": find_last_service(document),
        "filing_deadline": last_filing_day(document, payer),
        "charge_cents": document.charge_cents,
    }


def number_lines(document: Claim) -> Claim:
    """The claim with a line item control number on every line: what an 835 is matched by, unique in the claim."""
    given = [line.control_number for line in document.lines]
    if all(given) and len(set(given)) == len(given):
        return document
    lines = tuple(msgspec.structs.replace(line, control_number=str(place)) for place, line in enumerate(document.lines, 1))
    return msgspec.structs.replace(document, lines=lines)


def fingerprint(document: Claim) -> str:
    """A digest of what makes a claim this claim, whatever form it came in: PCN, practice, payer, member and services."""
    key = (document.patient_control_number, document.payer.id, document.frequency, document.charge_cents)
    return _digest(*key, *_services(document))


def _services(document: Claim) -> Iterator[object]:
    yield from (document.billing_provider.id, document.subscriber.id)
    if statement := find_statement(document):
        yield f"{statement.first}-{statement.last}"
    yield from sorted(_service(line) for line in document.lines)


def _service(line: ServiceLine) -> str:
    """What was done: besides day, procedure, quantity and charge the revenue code and the teeth, where the line names any."""
    told = (line.service_from, line.procedure, *line.modifiers, line.quantity.normalize(), line.charge_cents)
    teeth = [":".join((one.tooth, *one.surfaces)) for one in line.teeth]
    return "|".join(map(str, (*told, *filter(None, (line.revenue_code, *line.oral_cavity, *teeth)))))


def _digest(*parts: object) -> str:
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def _raise_refused(context: Context, report: Received) -> None:
    first = report.refusals[0]
    sentence = (
        f"{tell_refused(report.refused, report.refusal_count)} in file {report.file_id} ({report.name}), the first at "
        f"{first.position}: {first.message}. "
        "Correct them at their source and import the file again: claims already taken in are not taken twice."
    )
    item = WorkItem(kind=WorkKind.INTAKE_REFUSED, cause=f"file:{report.file_id}", sentence=sentence, file_id=report.file_id)
    with writing(context.engine) as connection:
        raise_items(connection, [item], context.clock.now())
