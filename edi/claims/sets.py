"""Transaction sets of claims, the same for the three 837s: sets into heads and claims, claims into sets, and the check of one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, time
from functools import partial
from typing import Literal, NamedTuple

import msgspec

from edi.claims import Carried, Claim, Document, Guide, Party, Submission
from edi.claims.carrying import Carrier, find_surplus, put_in_order, write_loop
from edi.claims.loop_fields import Segments, UnreadableClaimError, element_of, first_position, last_position
from edi.claims.party_writer import write_party
from edi.claims.reader import ClaimReader
from edi.claims.writer import LevelWriter, write_claim
from edi.findings import Finding, Unwritable
from edi.interchange import GroupHeader, InterchangeHeader, Reader, TransactionSet, write_interchange
from edi.parts import Part, Transaction
from edi.punctuation import join, punctuate
from edi.segments import Delimiters
from edi.spec import TransactionSpec
from edi.tree import Loop, Unit
from edi.tree import read as read_loops
from edi.values import find_date, format_date

Level = Literal["2000A", "2000B", "2000C"]

_CHECKED_AT = datetime(2000, 1, 1, 0, 0)  # noqa: DTZ001 - X12 says a day and an hour without a zone
_BHT = frozenset((1, 2, 3, 4, 5, 6))
_ST = frozenset((1, 2, 3))


class ClaimGuide(NamedTuple):
    """One of the three 837s: its name and its guide."""

    name: Guide
    spec: TransactionSpec


class SubmissionHead(Document, frozen=True, kw_only=True):
    """What stands before the claims of a set; `created_at` is without a zone, as BHT04 and BHT05 are.

    `purpose` is BHT02: 00 an original, 18 a set that is sent again.
    """

    reference: str
    created_at: datetime | None
    submitter: Party
    receiver: Party
    usage: str = "CH"
    purpose: str = "00"
    carried: Carried | None = None


class LevelStart(Document, frozen=True, kw_only=True):
    """The next claim opens this hierarchical level anew, although it says what the one before said.

    `has_dependents` says that claims of dependents follow those of the subscriber in the same 2000B.
    """

    loop: Level
    has_dependents: bool = False


class ReadClaim(msgspec.Struct, frozen=True, gc=False):
    """One 2300 as it closes: its document, or None where the findings say why none can be built; ST is position 1.

    `findings` are those of the claim's own segments and of the billing, subscriber and patient loops above it; where these
    levels (2000A, 2000B, 2000C) begin, the other positions say: 0 where a broken set has none, None where the patient is the
    subscriber.
    """

    claim: Claim | None
    first_position: int
    last_position: int
    billing_position: int = 0
    subscriber_position: int = 0
    patient_position: int | None = None
    findings: tuple[Finding, ...] = ()


def read_claims(guide: ClaimGuide, tset: TransactionSet) -> Iterator[SubmissionHead | ReadClaim]:
    """The head of the set, then each claim as its 2300 closes; findings of the whole set are in tset.findings besides."""
    reading = _Reading(guide, tset)
    headed = False
    for unit in read_loops(guide.spec, tset):
        if not headed:
            headed = True
            yield _read_head(unit.parents[0] if unit.parents else unit.loop, tset.delimiters)
        if unit.loop.id == "2300":
            yield reading.read_claim(unit)


class _Reading:
    """One set being read: the claims built, and where the levels above them begin."""

    def __init__(self, guide: ClaimGuide, tset: TransactionSet) -> None:
        self._reader = ClaimReader(tset.delimiters, guide.name)
        self._sorting = _FindingSorter(tset)
        self._innermost: Loop | None = None
        self._levels: tuple[int, int, int | None] = (0, 0, None)

    def read_claim(self, unit: Unit) -> ReadClaim:
        """The claim of a closed 2300, and its findings."""
        loop, parents = unit
        if not parents or parents[-1] is not self._innermost:
            self._look_above(parents)
        findings = self._sorting.take(loop, parents)
        claim: Claim | None = None
        try:
            claim = self._reader.read_claim(unit)
        except UnreadableClaimError as error:
            findings = _with_cause(findings, error.finding)
        first = loop.first if loop.block is not None else first_position(loop)
        billing, subscriber, patient = self._levels
        return ReadClaim(claim, first, last_position(loop), billing, subscriber, patient, findings)

    def _look_above(self, parents: tuple[Loop, ...]) -> None:
        """Where the levels above the claims that follow begin."""
        billing, subscriber, patient = self._reader.look_above(parents)
        self._levels = (
            first_position(billing) if billing else 0,
            first_position(subscriber) if subscriber else 0,
            first_position(patient) if patient else None,
        )
        self._innermost = parents[-1] if parents else None


def _with_cause(findings: tuple[Finding, ...], cause: Finding) -> tuple[Finding, ...]:
    """The cause added, unless the guide's own finding says the same."""
    known = any(
        (one.segment, one.loop) == (cause.segment, cause.loop) and (one.element, one.level) == (cause.element, cause.level)
        for one in findings
    )
    return findings if known else (*findings, cause)


class _FindingSorter:
    """Gives each claim the findings that are its own or its parents', though the engine tells them one after another."""

    def __init__(self, tset: TransactionSet) -> None:
        self._findings = tset.findings
        self._taken = 0
        self._above: list[Finding] = []

    def take(self, claim: Loop, parents: Sequence[Loop]) -> tuple[Finding, ...]:
        """The findings of the claim that has just closed under these parents."""
        if len(self._findings) == self._taken and not self._above:
            return ()
        first = first_position(claim)
        fresh = self._findings[self._taken :]
        self._taken = len(self._findings)
        levels = [loop for loop in parents if loop.id.startswith("2000")]
        start = first_position(levels[0]) if levels else first
        spans = [(first_position(loop), min(last_position(loop) + 2, first)) for loop in levels]
        kept = [one for one in self._above if any(low <= one.position < high for low, high in spans)]
        self._above = kept + [one for one in fresh if start <= one.position < first]
        return (*self._above, *(one for one in fresh if one.position >= first))


def _read_head(root: Loop, delimiters: Delimiters) -> SubmissionHead:
    bht = next((segment for segment in root.segments if segment[0] == "BHT"), ["BHT"])
    day, clock = find_date(element_of(bht, 4)), _read_time(element_of(bht, 5))
    created_at = datetime.combine(day, clock) if day else None
    parties = {"1000A": Party(role="41"), "1000B": Party(role="40")}
    reader, carrier = ClaimReader(delimiters), Carrier(delimiters)
    others = []
    for child in root.loops:
        if child.id in parties:
            parties[child.id] = reader.read_party(child)
        else:
            others.append(child)
    rest = [segment for segment in root.segments if segment[0] not in ("ST", "BHT", "SE")]
    return SubmissionHead(
        reference=element_of(bht, 3),
        created_at=created_at,
        submitter=parties["1000A"],
        receiver=parties["1000B"],
        usage=element_of(bht, 6),
        purpose=element_of(bht, 2),
        carried=carrier.keep("head", rest + _find_unnamed(root, bht, created_at), others),
    )


def _find_unnamed(root: Loop, bht: list[str], created_at: datetime | None) -> Segments:
    """The elements of ST and BHT that a head has no field for: another BHT01, a date or time in another form, surplus ones."""
    st = next((segment for segment in root.segments if segment[0] == "ST"), ["ST"])
    told = ["BHT", "0019", "", "", *_write_date_and_time(created_at)]
    unlike = [value if place in (1, 4, 5) and value != told[place] else "" for place, value in enumerate(bht[:6])]
    surplus = [find_surplus(st, _ST), ["BHT", *unlike[1:]] if any(unlike) else None, find_surplus(bht, _BHT)]
    return [segment for segment in surplus if segment]


def _read_time(text: str) -> time:
    """HHMM or HHMMSS; midnight where it is neither, since only the day is ever asked for."""
    try:
        return time.fromisoformat(text[:6])
    except ValueError:
        return time()


def _write_date_and_time(at: datetime | None) -> tuple[str, str]:
    """BHT04 and BHT05 in their shortest form."""
    if at is None:
        return "", ""
    return format_date(at), f"{at:%H%M%S}" if at.second else f"{at:%H%M}"


def read_parts(guide: ClaimGuide, tset: TransactionSet) -> Iterator[Part]:
    """The SubmissionHead of the set, then each Claim; a LevelStart before a claim whose levels only the file opens there."""
    reading, levels = _Reading(guide, tset), _Levels()
    headed = False
    for unit in read_loops(guide.spec, tset):
        if not headed:
            headed = True
            yield Part(_read_head(unit.parents[0] if unit.parents else unit.loop, tset.delimiters), 1, 2)
        if unit.loop.id != "2300":
            continue
        item = reading.read_claim(unit)
        start = levels.find_start(item, unit.parents) if item.claim else None
        if start:
            yield Part(start, item.first_position, item.first_position)
        yield Part(item.claim, item.first_position, item.last_position)


class _Levels:
    """Which levels a file opens before each claim, beside those that the writer would open by itself."""

    def __init__(self) -> None:
        self._writer = LevelWriter()
        self._opened: tuple[int, int, int | None] = (0, 0, None)

    def find_start(self, item: ReadClaim, parents: Sequence[Loop]) -> LevelStart | None:
        """The level that the writer must be told to open."""
        assert item.claim is not None
        given: tuple[int, int, int | None] = (item.billing_position, item.subscriber_position, item.patient_position)
        before, self._opened = self._opened, given
        if given == before:
            # No level opens, and the writer would open none: it compares the same documents.
            self._writer.pass_over(item.claim)
            return None
        opened: Level = "2000A" if given[0] != before[0] else "2000B" if given[1] != before[1] else "2000C"
        is_shared = opened != "2000C" and item.claim.patient is None and _has_levels_below(parents[-1])
        by_itself = self._writer.find_outermost(item.claim)
        if not is_shared and by_itself in _OUTSIDE[opened]:
            self._writer.count_in(item.claim, by_itself)
            return None
        self._writer.start(opened, has_dependents=is_shared)
        self._writer.pass_over(item.claim)
        return LevelStart(loop=opened, has_dependents=is_shared)


_OUTSIDE: dict[Level, tuple[str, ...]] = {"2000A": ("2000A",), "2000B": ("2000A", "2000B"), "2000C": ("2000A", "2000B", "2000C")}


def _has_levels_below(loop: Loop) -> bool:
    first = loop.raw[0].split(loop.delimiters.element) if loop.raw else [""]
    return first[0] == "HL" and element_of(first, 4) == "1"


def write_parts(
    guide: ClaimGuide, documents: Iterable[Document], *, st_control_number: str, version: str, delimiters: Delimiters
) -> Iterator[str]:
    """The segments of a set from its SubmissionHead and its Claims, claim by claim.

    Raises ValueError where the documents are no such set, Unwritable where a value cannot be sent.
    """
    given = iter(documents)
    head = next(given, None)
    if not isinstance(head, SubmissionHead):
        raise ValueError("the first document of an 837 is its SubmissionHead")  # noqa: TRY004 - a set of documents is at fault
    count = 0
    for segment in punctuate(_write_head(head, st_control_number, version or guide.spec.version), delimiters, head):
        count += 1
        yield segment
    levels = LevelWriter()
    for document in given:
        if isinstance(document, LevelStart):
            levels.start(document.loop, has_dependents=document.has_dependents)
            continue
        if not isinstance(document, Claim) or document.guide != guide.name:
            raise ValueError(f"an {guide.name} holds claims of its own guide, not {type(document).__name__}")
        segments = punctuate(levels.open(document) + write_claim(document), delimiters, document)
        count += len(segments)
        yield from segments
    yield delimiters.element.join(("SE", str(count + 1), st_control_number))


def _write_head(head: SubmissionHead, st_control_number: str, version: str) -> list[str]:
    day, clock = _write_date_and_time(head.created_at)
    segments = [
        join("ST", "837", st_control_number, version),
        join("BHT", "0019", head.purpose, head.reference, day, clock, head.usage),
    ]
    if head.carried:
        segments = put_in_order("head", segments, head.carried)
    segments += [*write_party(head.submitter), *write_party(head.receiver)]
    for loop in head.carried.loops if head.carried else ():
        segments += write_loop(loop)
    return segments


def write_submission(
    guide: ClaimGuide, submission: Submission, *, st_control_number: str, delimiters: Delimiters, version: str = ""
) -> list[str]:
    """The raw segments ST to SE of one set, without terminators; `version` is ST03, '' for the guide's own.

    Neighbouring claims of one billing provider, subscriber and patient share their levels. Raises Unwritable where a value
    holds a delimiter or what X12 cannot carry.
    """
    head = SubmissionHead(
        reference=submission.reference, created_at=submission.created_at, submitter=submission.submitter,
        receiver=submission.receiver, usage=submission.usage,
    )  # fmt: skip
    documents: tuple[Document, ...] = (head, *submission.claims)
    return list(write_parts(guide, documents, st_control_number=st_control_number, version=version, delimiters=delimiters))


def check_claim(guide: ClaimGuide, claim: Claim, submitter: Party, receiver: Party) -> list[Finding]:
    """What the guide finds in this claim: it is written as a set of its own and read back, and must come back the same."""
    if claim.guide != guide.name:
        message = f"this is an {claim.guide}; it cannot go out as an {guide.name}"
        return [Finding(code="guide", level="balance", message=message, loop="2300")]
    submission = Submission(reference="1", created_at=_CHECKED_AT, submitter=submitter, receiver=receiver, claims=(claim,))
    try:
        segments = write_submission(guide, submission, st_control_number="0001", delimiters=_PLAIN)
    except Unwritable as error:
        return [error.finding]
    group = msgspec.structs.replace(_CHECK_GROUP, version=guide.spec.version)
    tset = next(iter(Reader(write_interchange(_CHECK_INTERCHANGE, [(group, [segments])]))))
    back = [item for item in read_claims(guide, tset) if isinstance(item, ReadClaim)]
    findings = list(tset.findings)
    for item in back:
        findings += [finding for finding in item.findings if finding not in findings]
    if not findings and (len(back) != 1 or not comes_back(claim, back[0].claim)):
        findings.append(_unequal(claim, back[0].claim if back else None))
    return findings


def comes_back(claim: Claim, back: Claim | None) -> bool:
    """Whether a claim that was written and read is the claim it was.

    What it carried may have come back in fields instead: documents kept before there were such fields are no less the same.
    """
    if back is None or claim == back:
        return back is not None
    return b'"carried":' in msgspec.json.encode(claim) and _is_said(claim, back)


def _is_said(value: object, by: object) -> bool:
    """Whether all that a document says in fields is said by the other one, in the same order."""
    if isinstance(value, Document) and type(value) is type(by):
        return all(_is_said(getattr(value, name), getattr(by, name)) for name in value.__struct_fields__ if name != "carried")
    if isinstance(value, tuple) and isinstance(by, tuple) and value and isinstance(value[0], Document):
        others = iter(by)
        return all(any(_is_said(one, other) for other in others) for one in value)
    return value == by or value in (None, "", ())


def _unequal(claim: Claim, back: Claim | None) -> Finding:
    fields = [name for name in Claim.__struct_fields__ if name != "carried"]
    names = [name for name in fields if back is None or not _is_said(getattr(claim, name), getattr(back, name))] or ["carried"]
    message = f"written and read back, the claim is not the same in {', '.join(names)}"
    return Finding(code="round_trip", level="balance", message=message, loop="2300")


_PLAIN = Delimiters()
_CHECK_INTERCHANGE = InterchangeHeader(
    sender_qualifier="ZZ", sender_id="CHECK", receiver_qualifier="ZZ", receiver_id="CHECK", date=_CHECKED_AT.date(), time="0000",
    isa_control_number=1,
)  # fmt: skip
_CHECK_GROUP = GroupHeader(
    functional_id="HC", application_sender="CHECK", application_receiver="CHECK", date=_CHECKED_AT.date(), time="0000",
    gs_control_number=1, version="",
)  # fmt: skip


def claim_transaction(name: Guide, spec: TransactionSpec) -> Transaction:
    """One of the three 837s as the catalogue holds it."""
    guide = ClaimGuide(name, spec)
    reading: Callable[[TransactionSet], Iterator[Part]] = partial(read_parts, guide)
    return Transaction(name, spec, (SubmissionHead, LevelStart, Claim), reading, partial(write_parts, guide))
