"""Claims into the bytes of a file, and the bytes read back: they are what was meant, envelope and all, or do not leave."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec
from structlog import get_logger

from edi.claims import Claim, Submission
from edi.findings import Finding, Unwritable
from edi.interchange import GroupHeader, InterchangeHeader, Reader, TransactionSet, write_interchange
from edi.segments import Delimiters
from edi.transactions.t837 import ClaimTransaction, ReadClaim, comes_back
from gateway.db.ready_claims import ReadyClaim
from gateway.domain.set_layout import SetLayout
from gateway.errors import PermanentError, TransientError
from gateway.pipeline.claim_files import locate
from gateway.pipeline.outgoing import receiver_of, submitter_of
from gateway.pipeline.refusal import CORRECT
from payers.profile import Partner

LINE_ENDS = {"": "", "lf": "\n", "crlf": "\r\n"}
UNLIKE = "read back, it is not the claim that was meant"

_log = get_logger(__name__)


class BatchRefused(Exception):
    """These claims cannot leave as they are; `guilty` are they by id with what `edit` found; `fix` is what to do."""

    def __init__(self, guilty: dict[int, str], edit: str = "read-back", fix: str = CORRECT) -> None:
        super().__init__(f"{len(guilty)} claims cannot leave as they are")
        self.guilty = guilty
        self.edit = edit
        self.fix = fix


class EnvelopeRefusedError(Exception):
    """No batch can be written for a partner, whatever claims are in it: its profile is at fault."""


class _MisplacedError(Exception):
    """Our own set, read back, has a finding that belongs to no claim."""


class Outgoing(NamedTuple):
    """One claim about to be sent: its row, the document as the partner gets it, and this attempt's trace (REF*D9)."""

    row: ReadyClaim
    claim: Claim
    trace: str


class Way(msgspec.Struct, frozen=True):
    """To whom and as what: a partner, which 837, and ISA15."""

    partner: Partner
    transaction: ClaimTransaction
    usage: str

    @property
    def delimiters(self) -> Delimiters:
        """What the partner wants its files punctuated with."""
        given = self.partner.delimiters
        return Delimiters(element=given.element, component=given.component, repetition=given.repetition, segment=given.segment)

    @property
    def version(self) -> str:
        """GS08 and ST03; '' where the partner takes no such claims."""
        return self.partner.versions.find(self.transaction.guide)


class OneSet(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction set: its numbers and its claims in order."""

    st_control_number: str
    reference: str
    claims: tuple[Outgoing, ...]
    segment_count: int = 0


class Interchange(msgspec.Struct, frozen=True, kw_only=True):
    """An interchange in bytes, and what it was built from."""

    header: InterchangeHeader
    group: GroupHeader
    sets: tuple[OneSet, ...]
    content: bytes


class Placed(NamedTuple):
    """Where a claim's segments and the levels above it stand in its set, ST = 1; the submission's columns of these names."""

    billing_position: int
    subscriber_position: int
    patient_position: int | None
    first_position: int
    last_position: int


class Built(msgspec.Struct, frozen=True):
    """A file in bytes, with what it was built from and where each claim stands in its set, by claim id."""

    way: Way
    interchanges: tuple[Interchange, ...]
    places: dict[int, Placed]

    @property
    def content(self) -> bytes:
        """The whole file."""
        return b"".join(interchange.content for interchange in self.interchanges)

    def lay_out(self) -> dict[str, SetLayout]:
        """Which claims each segment belongs to, by ST02, which no two sets of a partner share."""
        return {
            one.st_control_number: SetLayout(
                [{"claim_id": each.row.id, **self.places[each.row.id]._asdict()} for each in one.claims]
            )
            for interchange in self.interchanges
            for one in interchange.sets
        }


def write_one(way: Way, header: InterchangeHeader, group: GroupHeader, sets: Sequence[OneSet], now: datetime) -> Interchange:
    """One interchange.

    Raises BatchRefused with the claims that cannot be written, EnvelopeRefusedError where it is none of them.
    """
    try:
        return _write(way, header, group, sets, now)
    except (TransientError, PermanentError):
        raise
    except Exception as error:  # a value that cannot be sent, or our own bug: one claim must not stop the others
        raise _find_culprits(way, [each for one in sets for each in one.claims], now, error) from error


def _write(way: Way, header: InterchangeHeader, group: GroupHeader, sets: Sequence[OneSet], now: datetime) -> Interchange:
    counted: list[OneSet] = []
    written = write_interchange(
        header, [(group, _write_sets(way, sets, now, counted))], line_end=LINE_ENDS[way.partner.delimiters.line_end]
    )
    content = b"".join(written)
    return Interchange(header=header, group=group, sets=tuple(counted), content=content)


def _write_sets(way: Way, sets: Sequence[OneSet], now: datetime, counted: list[OneSet]) -> Iterator[list[str]]:
    for one in sets:
        segments = _write_set(way, one, now)
        counted.append(msgspec.structs.replace(one, segment_count=len(segments)))
        yield segments


def _write_set(way: Way, one: OneSet, now: datetime) -> list[str]:
    submission = Submission(
        reference=one.reference,
        created_at=now.replace(second=0, microsecond=0, tzinfo=None),
        submitter=submitter_of(way.partner),
        receiver=receiver_of(way.partner),
        claims=tuple(each.claim for each in one.claims),
    )
    return way.transaction.write(
        submission, st_control_number=one.st_control_number, delimiters=way.delimiters, version=way.version
    )


def read_back(way: Way, interchanges: Sequence[Interchange], now: datetime) -> dict[int, Placed]:
    """Where each claim stands, by id, once the file has been read and found equal to what was meant.

    Raises BatchRefused with the claims that differ or that a finding points to, EnvelopeRefusedError where the file around them
    is not what was meant.
    """
    try:
        places, guilty = _read_back(way, interchanges)
    except (TransientError, PermanentError, EnvelopeRefusedError):
        raise
    except Exception as error:  # our own bug: one claim must not stop the others
        claims = [each for interchange in interchanges for one in interchange.sets for each in one.claims]
        raise _find_culprits(way, claims, now, error) from error
    if guilty:
        raise BatchRefused(guilty)
    return places


def _read_back(way: Way, interchanges: Sequence[Interchange]) -> tuple[dict[int, Placed], dict[int, str]]:
    reader = Reader(interchange.content for interchange in interchanges)
    meant = [(interchange, one) for interchange in interchanges for one in interchange.sets]
    places: dict[int, Placed] = {}
    guilty: dict[int, str] = {}
    for tset, (interchange, one) in zip(reader, meant, strict=True):
        is_in_place = tset.interchange == interchange.header and tset.group == interchange.group
        if not is_in_place or (tset.st_control_number, tset.st_version) != (one.st_control_number, way.version):
            raise EnvelopeRefusedError("read back, the envelope of its files is not the one that was meant")
        _read_set(way, tset, one, places, guilty)
    if reader.findings:
        finding = reader.findings[0]
        raise EnvelopeRefusedError(f"the envelope of its files is against the standard: {locate(finding)}: {finding.message}")
    told = [(got.header, [(group.header, group.set_count) for group in got.groups]) for got in reader.interchanges]
    if told != [(one.header, [(one.group, len(one.sets))]) for one in interchanges]:
        raise EnvelopeRefusedError("read back, its files do not hold the interchanges and sets that were meant")
    return places, guilty


def _read_set(way: Way, tset: TransactionSet, one: OneSet, places: dict[int, Placed], guilty: dict[int, str]) -> None:
    """Add where the claims of a set stand, and which of them are not what was meant."""
    claims = iter(one.claims)
    spans: list[tuple[ReadClaim, ReadyClaim]] = []
    for item in way.transaction.read(tset):
        if not isinstance(item, ReadClaim):
            continue
        row, meant, _ = next(claims)
        spans.append((item, row))
        places[row.id] = Placed(
            item.billing_position, item.subscriber_position, item.patient_position, item.first_position, item.last_position
        )
        if not comes_back(meant, item.claim):
            guilty[row.id] = UNLIKE
    assert next(claims, None) is None, "every claim of a set is read back"
    guilty.update(_blame(tset.findings, spans))


def _blame(findings: Sequence[Finding], spans: Sequence[tuple[ReadClaim, ReadyClaim]]) -> Iterator[tuple[int, str]]:
    for finding in findings:
        owners = [row for item, row in spans if finding in item.findings]
        if not owners:
            raise _MisplacedError(f"{locate(finding)}: {finding.message}")
        for row in owners:
            yield row.id, f"{locate(finding)}: {finding.message}"


def _find_culprits(way: Way, claims: Iterable[Outgoing], now: datetime, error: Exception) -> Exception:
    """What to raise instead of an error that came of writing or reading many claims: who is guilty, or that none of them is."""
    head = OneSet(st_control_number="0001", reference="1", claims=())
    try:
        _write(way, *make_headers(way, now, 1, 1), [head], now)
    except Unwritable as unwritable:
        where = locate(unwritable.finding)
        return EnvelopeRefusedError(f"its profile holds what cannot be sent with its delimiters: {where}: {unwritable}")
    guilty = {each.row.id: reason for each in claims if (reason := _try_alone(way, each, now))}
    if guilty:
        return BatchRefused(guilty)
    return EnvelopeRefusedError(f"its sets are against the guide: {error}") if isinstance(error, _MisplacedError) else error


def _try_alone(way: Way, each: Outgoing, now: datetime) -> str:
    """What is wrong with a claim that is written and read back in a file of its own; '' where nothing is."""
    one = OneSet(st_control_number="0001", reference="1", claims=(each,))
    try:
        _, guilty = _read_back(way, [_write(way, *make_headers(way, now, 1, 1), [one], now)])
    except Unwritable as unwritable:
        return f"{locate(unwritable.finding)}: {unwritable.finding.message}"
    except _MisplacedError as misplaced:
        return str(misplaced)
    except (TransientError, PermanentError, EnvelopeRefusedError):
        raise
    except Exception as bug:  # noqa: BLE001 outermost loop over claims: our own bug on one must not stop the others
        _log.exception("batching.claim_failed", claim_id=each.row.id)
        return f"claimwire failed on this claim ({type(bug).__name__})"
    return guilty.get(each.row.id, "")


def make_headers(
    way: Way, now: datetime, isa_control_number: int, gs_control_number: int
) -> tuple[InterchangeHeader, GroupHeader]:
    """ISA and GS for a partner, of now."""
    envelope, time = way.partner.envelope, f"{now:%H%M}"
    interchange = InterchangeHeader(
        sender_qualifier=envelope.sender_qualifier,
        sender_id=envelope.sender_id,
        receiver_qualifier=envelope.receiver_qualifier,
        receiver_id=envelope.receiver_id,
        date=now.date(),
        time=time,
        isa_control_number=isa_control_number,
        version="00501",
        usage=way.usage,
        acknowledgment_requested=way.partner.answers.ta1_business_days is not None,
        delimiters=way.delimiters,
    )
    group = GroupHeader(
        functional_id=way.transaction.spec.functional_id,
        application_sender=envelope.application_sender,
        application_receiver=envelope.application_receiver,
        date=now.date(),
        time=time,
        gs_control_number=gs_control_number,
        version=way.version,
    )
    return interchange, group
