"""837 Health Care Claim: Professional (005010X222A1): claims out, and claims in from practice systems."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time

import msgspec

from edi.claim_reader import ClaimReader
from edi.claim_writer import write_submission
from edi.claims import Claim, Document, Party, Submission
from edi.findings import Finding, Unwritable
from edi.interchange import GroupHeader, InterchangeHeader, Reader, TransactionSet, write_interchange
from edi.loop_fields import UnreadableClaimError, element_of, first_position, last_position
from edi.parts import Part, Transaction
from edi.segments import Delimiters
from edi.spec import MANY, LoopSpec, R, S, loop, seg, transaction
from edi.transactions.claim_loops import (
    CLAIM_ADJUSTMENTS,
    CONTRACT,
    FILE_INFORMATION,
    HEAD,
    INSURANCE_TYPES,
    PAPERWORK,
    PRICING,
    PROCEDURES,
    RELATIONSHIPS,
    RESPONSIBILITIES,
    TELEPHONES,
    address,
    amount,
    billing_provider,
    drug,
    dtp,
    either,
    line_adjudication,
    organisation,
    other_payer,
    other_subscriber_name,
    patient,
    payer_name,
    person,
    ref,
    specialty,
    subscriber_name,
)
from edi.tree import Loop
from edi.tree import read as read_loops
from edi.values import find_date

# fmt: off
_AMBULANCE = seg("CR1", S, e4=("A", "B", "C", "D", "E"), required=(4, 5, 6))
_AMBULANCE_REASONS = seg("CRC", S, 3, e1="07", e2=("N", "Y"))

_PLACES: tuple[LoopSpec, ...] = (
    loop("2310A", "Referring Provider", S, 2, person(("DN", "P3")), ref(S, 3, "0B", "1G", "G2")),
    loop(
        "2310B", "Rendering Provider", S, 1,
        either("82"), specialty(S, "PE"), ref(S, 4, "0B", "1G", "G2", "LU"),
    ),
    loop(
        "2310C", "Service Facility", S, 1,
        organisation("77"), *address(R), ref(S, 3, "0B", "G2", "LU"), seg("PER", S, e1="IC", e3="TE", required=(3, 4)),
    ),
    loop("2310D", "Supervising Provider", S, 1, person("DQ"), ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310E", "Ambulance Pick-up", S, 1, organisation("PW", ()), *address(R)),
    loop("2310F", "Ambulance Drop-off", S, 1, organisation("45", ()), *address(R)),
)

_OTHER_COVERAGE = loop(
    "2320", "Other Subscriber", S, 10,
    seg("SBR", R, e1=RESPONSIBILITIES, e2=RELATIONSHIPS, e5=INSURANCE_TYPES, required=(2,)),
    CLAIM_ADJUSTMENTS,
    amount("D"), amount("A8"), amount("EAF"),
    seg("OI", R, e3=("N", "W", "Y"), e4="P", e6=("I", "Y"), required=(3, 6)),
    seg("MOA", S),
    other_subscriber_name(1),
    other_payer(),
    loop("2330C", "Other Payer Referring Provider", S, 2, person(("DN", "P3"), ()), ref(R, 3, "0B", "1G", "G2")),
    loop("2330D", "Other Payer Rendering Provider", S, 1, either("82", ()), ref(R, 3, "0B", "1G", "G2", "LU")),
    loop("2330E", "Other Payer Service Facility", S, 1, organisation("77", ()), ref(R, 3, "0B", "G2", "LU")),
    loop("2330F", "Other Payer Supervising Provider", S, 1, person("DQ", ()), ref(R, 3, "0B", "1G", "G2", "LU")),
    loop("2330G", "Other Payer Billing Provider", S, 1, either("85", ()), ref(R, 2, "G2", "LU")),
)

_LINE_PROVIDERS: tuple[LoopSpec, ...] = (
    loop(
        "2420A", "Line Rendering Provider", S, 1,
        either("82"), specialty(S, "PE"), ref(S, 20, "0B", "1G", "G2", "LU"),
    ),
    loop("2420B", "Line Purchased Service Provider", S, 1, either("QB", ()), ref(S, 20, "0B", "1G", "G2")),
    loop("2420C", "Line Service Facility", S, 1, organisation("77"), *address(R), ref(S, 3, "G2", "LU")),
    loop("2420D", "Line Supervising Provider", S, 1, person("DQ"), ref(S, 20, "0B", "1G", "G2", "LU")),
    loop(
        "2420E", "Ordering Provider", S, 1,
        person("DK"), *address(S), ref(S, 20, "0B", "1G", "G2"), seg("PER", S, e1="IC", e3=TELEPHONES, required=(3, 4)),
    ),
    loop("2420F", "Line Referring Provider", S, 2, person(("DN", "P3")), ref(S, 20, "0B", "1G", "G2")),
    loop("2420G", "Line Ambulance Pick-up", S, 1, organisation("PW", ()), *address(R)),
    loop("2420H", "Line Ambulance Drop-off", S, 1, organisation("45", ()), *address(R)),
)

_LINE = loop(
    "2400", "Service Line", R, 50,
    seg("LX", R),
    seg("SV1", R, e1=PROCEDURES, e3=("MJ", "UN"), e9="Y", e11="Y", e12="Y", e15="0", required=(2, 3, 4, 7)),
    seg("SV5", S, e1="HC", e2="DA", e6=("1", "4", "6"), required=(4, 5, 6)),
    PAPERWORK,
    _AMBULANCE,
    seg("CR3", S, e1=("I", "R", "S"), e2="MO", required=(1, 2, 3)),
    _AMBULANCE_REASONS, seg("CRC", S, e1="70", e2=("N", "Y")), seg("CRC", S, e1="09", e2=("N", "Y")),
    dtp(R, "472", formats=("D8", "RD8")), dtp(S, "471"), dtp(S, "607"), dtp(S, "463"), dtp(S, "461"), dtp(S, "304"),
    dtp(S, "738", "739", repeat=2), dtp(S, "011"), dtp(S, "455"), dtp(S, "454"),
    seg("QTY", S, e1="PT", required=(2,)), seg("QTY", S, e1="FL", required=(2,)),
    seg("MEA", S, 5, e1=("OG", "TR"), required=(1, 2, 3)),
    CONTRACT,
    ref(S, 1, "9B"), ref(S, 1, "9D"), ref(S, 5, "G1"), ref(S, 1, "6R"), ref(S, 1, "EW"), ref(S, 1, "X4"),
    ref(S, 1, "F4"), ref(S, 1, "BT"), ref(S, 5, "9F"),
    amount("T"), amount("F4"),
    FILE_INFORMATION,
    seg("NTE", S, e1=("ADD", "DCP")), seg("NTE", S, e1="TPO"),
    seg("PS1", S),
    PRICING,
    drug(("EN", "EO", "HI", "N4", "ON", "UK", "UP")),
    *_LINE_PROVIDERS,
    line_adjudication(seg("SVD", R, e3=PROCEDURES, required=(3, 5))),
    loop("2440", "Form Identification", S, MANY, seg("LQ", R, e1=("AS", "UT"), required=(1, 2)), seg("FRM", R, 99)),
)

_CLAIM = loop(
    "2300", "Claim", S, 100,
    seg(
        "CLM", R, e6=("N", "Y"), e7=("A", "B", "C"), e8=("N", "W", "Y"), e9=("I", "Y"), e10="P", required=(2, 5, 6, 7, 8, 9),
    ),
    dtp(S, "431"), dtp(S, "454"), dtp(S, "304"), dtp(S, "453"), dtp(S, "439"), dtp(S, "484"), dtp(S, "455"),
    dtp(S, "471"), dtp(S, "314", "360", "361", formats=("D8", "RD8")), dtp(S, "297"), dtp(S, "296"), dtp(S, "435"),
    dtp(S, "096"), dtp(S, "090", "091", repeat=2), dtp(S, "444"), dtp(S, "050"),
    PAPERWORK,
    CONTRACT,
    amount("F5"),
    ref(S, 1, "4N"), ref(S, 1, "F5"), ref(S, 1, "EW"), ref(S, 1, "9F"), ref(S, 1, "G1"), ref(S, 1, "F8"),
    ref(S, 1, "X4"), ref(S, 1, "9A"), ref(S, 1, "9C"), ref(S, 1, "LX"), ref(S, 1, "D9"), ref(S, 1, "EA"),
    ref(S, 1, "P4"), ref(S, 1, "1J"),
    FILE_INFORMATION,
    seg("NTE", S, e1=("ADD", "CER", "DCP", "DGN", "TPO")),
    _AMBULANCE,
    seg("CR2", S, e8=("A", "C", "D", "E", "F", "G", "M"), required=(8,)),
    _AMBULANCE_REASONS, seg("CRC", S, 3, e1=("E1", "E2", "E3"), e2=("N", "Y")), seg("CRC", S, e1="75", e2="Y"),
    seg("CRC", S, e1="ZZ", e2=("N", "Y")),
    seg("HI", R, e1=("ABK", "BK")), seg("HI", S, e1="BP"), seg("HI", S, 2, e1="BG"),
    PRICING,
    *_PLACES,
    _OTHER_COVERAGE,
    _LINE,
)

_CONTACT = seg("PER", S, e1="IC", e3="TE", required=(3, 4))

_SUBSCRIBER = loop(
    "2000B", "Subscriber", R, MANY,
    seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
    seg("SBR", R, e1=RESPONSIBILITIES, e2="18", e5=INSURANCE_TYPES),
    seg("PAT", S),
    subscriber_name(_CONTACT),
    payer_name(2),
    _CLAIM,
    patient(_CLAIM, _CONTACT),
)

SPEC = transaction(
    "837", "005010X222A1", "HC", "Health Care Claim: Professional",
    *HEAD,
    billing_provider(
        seg("NM1", R, e1="85", e2=("1", "2"), e8="XX", required=(3,)), ref(R, 1, "EI", "SY"), ref(S, 2, "0B", "1G"),
        pay_to=either("87", ()), subscriber=_SUBSCRIBER,
    ),
    seg("SE", R),
    accepted_versions=("005010X222", "005010X222A1", "005010X222A2"),
    stream=("2300",),
)
# fmt: on

OTHER_GUIDES = {
    "X223": "an institutional claim (837I)",
    "X224": "a dental claim (837D)",
}
_CHECKED_AT = datetime(2000, 1, 1, 0, 0)  # noqa: DTZ001 - X12 says a day and an hour without a zone


class SubmissionHead(Document, frozen=True, kw_only=True):
    """What stands before the claims of a set; `created_at` is without a zone, as BHT04 and BHT05 are."""

    reference: str
    created_at: datetime | None
    submitter: Party
    receiver: Party
    usage: str = "CH"


class ReadClaim(msgspec.Struct, frozen=True, kw_only=True):
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


def refusal(tset: TransactionSet) -> Finding | None:
    """Why this set is not read as a professional claim: another transaction, another guide, another version."""
    if tset.code != SPEC.code:
        return _refused("1", f"this is a {tset.code or 'nameless'} set; an 837P ({SPEC.version}) is read here")
    if tset.version in SPEC.accepted_versions or tset.version == SPEC.version:
        return None
    kind = next((name for guide, name in OTHER_GUIDES.items() if guide in tset.version), "")
    version = tset.version or "no version"
    told = f"{version} is {kind}" if kind else f"{version} is not read"
    return _refused("I6", f"{told}; professional claims of {', '.join(SPEC.accepted_versions)} are")


def _refused(code: str, message: str) -> Finding:
    return Finding(code=code, level="set", message=message, segment="ST", position=1, element=3)


def read(tset: TransactionSet) -> Iterator[SubmissionHead | ReadClaim]:
    """The head of the set, then each claim as its 2300 closes; findings of the whole set are in tset.findings besides."""
    reader = ClaimReader(tset.delimiters)
    sorting = _FindingSorter(tset)
    headed = False
    for unit in read_loops(SPEC, tset):
        if not headed:
            yield _head(unit.parents[0] if unit.parents else unit.loop)
            headed = True
        if unit.loop.id != "2300":
            continue
        first = first_position(unit.loop)
        findings = sorting.take(first, unit.parents)
        try:
            claim = reader.read_claim(unit)
        except UnreadableClaimError as error:
            claim = None
            findings = _with_cause(findings, error.finding)
        levels = {loop.id: first_position(loop) for loop in unit.parents}
        yield ReadClaim(
            claim=claim,
            first_position=first,
            last_position=last_position(unit.loop),
            billing_position=levels.get("2000A", 0),
            subscriber_position=levels.get("2000B", 0),
            patient_position=levels.get("2000C"),
            findings=findings,
        )


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

    def take(self, first: int, parents: Sequence[Loop]) -> tuple[Finding, ...]:
        """The findings of the claim that begins at `first` and has just closed, under these parents."""
        if len(self._findings) == self._taken and not self._above:
            return ()
        fresh = self._findings[self._taken :]
        self._taken = len(self._findings)
        levels = [loop for loop in parents if loop.id.startswith("2000")]
        start = first_position(levels[0]) if levels else first
        spans = [(first_position(loop), min(last_position(loop) + 2, first)) for loop in levels]
        kept = [one for one in self._above if any(low <= one.position < high for low, high in spans)]
        self._above = kept + [one for one in fresh if start <= one.position < first]
        return (*self._above, *(one for one in fresh if one.position >= first))


def _head(root: Loop) -> SubmissionHead:
    bht = next((segment for segment in root.segments if segment[0] == "BHT"), ["BHT"])
    day, clock = find_date(element_of(bht, 4)), _time(element_of(bht, 5))
    parties = {"1000A": Party(role="41"), "1000B": Party(role="40")}
    reader = ClaimReader(Delimiters())
    for child in root.loops:
        if child.id in parties:
            parties[child.id] = reader.read_party(child)
    return SubmissionHead(
        reference=element_of(bht, 3),
        created_at=datetime.combine(day, clock) if day else None,
        submitter=parties["1000A"],
        receiver=parties["1000B"],
        usage=element_of(bht, 6),
    )


def _time(text: str) -> time:
    """HHMM or HHMMSS; midnight where it is neither, since only the day is ever asked for."""
    try:
        return time.fromisoformat(text[:6])
    except ValueError:
        return time()


def write(submission: Submission, *, st_control_number: str, delimiters: Delimiters) -> list[str]:
    """The raw segments ST to SE of one set, without terminators.

    Neighbouring claims of one billing provider, subscriber and patient share their levels. Raises Unwritable where a value
    holds a delimiter or what X12 cannot carry.
    """
    return write_submission(submission, st_control_number=st_control_number, version=SPEC.version, delimiters=delimiters)


def read_parts(tset: TransactionSet) -> Iterator[Part]:
    """The SubmissionHead of the set, then each Claim."""
    for item in read(tset):
        if isinstance(item, SubmissionHead):
            yield Part(item, 1, 2)
        else:
            yield Part(item.claim, item.first_position, item.last_position)


def write_parts(documents: Iterable[Document], *, st_control_number: str, version: str, delimiters: Delimiters) -> Iterator[str]:
    """The segments of a set from its SubmissionHead and its Claims."""
    given = iter(documents)
    head = next(given, None)
    if not isinstance(head, SubmissionHead):
        raise ValueError("the first document of an 837 is its SubmissionHead")
    submission = Submission(
        reference=head.reference, created_at=head.created_at or _CHECKED_AT, submitter=head.submitter, receiver=head.receiver,
        usage=head.usage, claims=tuple(one for one in given if isinstance(one, Claim)),
    )  # fmt: skip
    yield from write_submission(submission, st_control_number=st_control_number, version=version, delimiters=delimiters)


def check(claim: Claim, submitter: Party, receiver: Party) -> list[Finding]:
    """What the guide finds in this claim: it is written as a set of its own and read back, and must come back equal."""
    submission = Submission(reference="1", created_at=_CHECKED_AT, submitter=submitter, receiver=receiver, claims=(claim,))
    try:
        segments = write(submission, st_control_number="0001", delimiters=_PLAIN)
    except Unwritable as error:
        return [error.finding]
    tset = next(iter(Reader(write_interchange(_CHECK_INTERCHANGE, [(_CHECK_GROUP, [segments])]))))
    back = [item for item in read(tset) if isinstance(item, ReadClaim)]
    findings = list(tset.findings)
    for item in back:
        findings += [finding for finding in item.findings if finding not in findings]
    if not findings and (len(back) != 1 or back[0].claim != claim):
        findings.append(_unequal(claim, back[0].claim if back else None))
    return findings


def _unequal(claim: Claim, back: Claim | None) -> Finding:
    names = [name for name in Claim.__struct_fields__ if back is None or getattr(claim, name) != getattr(back, name)]
    message = f"written and read back, the claim is not the same in {', '.join(names)}"
    return Finding(code="round_trip", level="balance", message=message, loop="2300")


_PLAIN = Delimiters()
_CHECK_INTERCHANGE = InterchangeHeader(
    sender_qualifier="ZZ", sender_id="CHECK", receiver_qualifier="ZZ", receiver_id="CHECK", date=_CHECKED_AT.date(), time="0000",
    isa_control_number=1,
)  # fmt: skip
_CHECK_GROUP = GroupHeader(
    functional_id=SPEC.functional_id, application_sender="CHECK", application_receiver="CHECK", date=_CHECKED_AT.date(),
    time="0000", gs_control_number=1, version=SPEC.version,
)  # fmt: skip

TRANSACTION = Transaction("837P", SPEC, (SubmissionHead, Claim), read_parts, write_parts)
