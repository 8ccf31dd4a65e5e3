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
from edi.spec import MANY, LoopSpec, R, S, SegmentSpec, loop, seg, transaction
from edi.tree import Loop
from edi.tree import read as read_loops
from edi.values import find_date

# fmt: off
_PROCEDURES = ("ER", "HC", "IV", "WK")
_RELATIONSHIPS = ("01", "18", "19", "20", "21", "39", "40", "53", "G8")
_RESPONSIBILITIES = ("A", "B", "C", "D", "E", "F", "G", "H", "P", "S", "T", "U")
_INSURANCE_TYPES = ("12", "13", "14", "15", "16", "41", "42", "43", "47")
_TELEPHONES = ("EM", "FX", "TE")
_PRICED_AS = tuple(f"{number:02}" for number in range(15))


def _ref(usage: str, repeat: int, *qualifiers: str) -> SegmentSpec:
    return seg("REF", usage, repeat, e1=qualifiers, required=(2,))


def _dtp(usage: str, *qualifiers: str, repeat: int = 1, formats: tuple[str, ...] = ("D8",)) -> SegmentSpec:
    return seg("DTP", usage, repeat, e1=qualifiers, e2=formats)


def _person(role: str | tuple[str, ...], required: tuple[int, ...] = (3,)) -> SegmentSpec:
    return seg("NM1", R, e1=role, e2="1", required=required)


def _organisation(role: str | tuple[str, ...], required: tuple[int, ...] = (3,)) -> SegmentSpec:
    return seg("NM1", R, e1=role, e2="2", required=required)


def _either(role: str | tuple[str, ...], required: tuple[int, ...] = (3,)) -> SegmentSpec:
    return seg("NM1", R, e1=role, e2=("1", "2"), required=required)


def _address(usage: str) -> tuple[SegmentSpec, SegmentSpec]:
    return seg("N3", usage), seg("N4", usage, required=(1,))


def _adjudicated(qualifier: str) -> SegmentSpec:
    return seg("AMT", S, e1=qualifier)


_ADJUSTMENTS = seg("CAS", S, 5, e1=("CO", "CR", "OA", "PI", "PR"))
_PAPERWORK = seg("PWK", S, 10, required=(2,))
_CONTRACT = seg("CN1", S, e1=("01", "02", "03", "04", "05", "06", "09"))
_AMBULANCE = seg("CR1", S, e4=("A", "B", "C", "D", "E"), required=(4, 5, 6))
_AMBULANCE_REASONS = seg("CRC", S, 3, e1="07", e2=("N", "Y"))
_PRICING = seg("HCP", S, e1=_PRICED_AS, required=(1, 2))

_PLACES: tuple[LoopSpec, ...] = (
    loop("2310A", "Referring Provider", S, 2, _person(("DN", "P3")), _ref(S, 3, "0B", "1G", "G2")),
    loop(
        "2310B", "Rendering Provider", S, 1,
        _either("82"), seg("PRV", S, e1="PE", e2="PXC", required=(2, 3)), _ref(S, 4, "0B", "1G", "G2", "LU"),
    ),
    loop(
        "2310C", "Service Facility", S, 1,
        _organisation("77"), *_address(R), _ref(S, 3, "0B", "G2", "LU"), seg("PER", S, e1="IC", e3="TE", required=(3, 4)),
    ),
    loop("2310D", "Supervising Provider", S, 1, _person("DQ"), _ref(S, 4, "0B", "1G", "G2", "LU")),
    loop("2310E", "Ambulance Pick-up", S, 1, _organisation("PW", ()), *_address(R)),
    loop("2310F", "Ambulance Drop-off", S, 1, _organisation("45", ()), *_address(R)),
)

_OTHER_COVERAGE = loop(
    "2320", "Other Subscriber", S, 10,
    seg("SBR", R, e1=_RESPONSIBILITIES, e2=_RELATIONSHIPS, e5=_INSURANCE_TYPES, required=(2,)),
    _ADJUSTMENTS,
    _adjudicated("D"), _adjudicated("A8"), _adjudicated("EAF"),
    seg("OI", R, e3=("N", "W", "Y"), e4="P", e6=("I", "Y"), required=(3, 6)),
    seg("MOA", S),
    loop(
        "2330A", "Other Subscriber Name", R, 1,
        seg("NM1", R, e1="IL", e2=("1", "2"), e8=("II", "MI"), required=(3, 8, 9)), *_address(S), _ref(S, 1, "SY"),
    ),
    loop(
        "2330B", "Other Payer", R, 1,
        seg("NM1", R, e1="PR", e2="2", e8=("PI", "XV"), required=(3, 8, 9)), *_address(S), _dtp(S, "573"),
        _ref(S, 2, "2U", "EI", "FY", "NF"), _ref(S, 1, "G1"), _ref(S, 1, "9F"), _ref(S, 1, "T4"), _ref(S, 1, "F8"),
    ),
    loop("2330C", "Other Payer Referring Provider", S, 2, _person(("DN", "P3"), ()), _ref(R, 3, "0B", "1G", "G2")),
    loop("2330D", "Other Payer Rendering Provider", S, 1, _either("82", ()), _ref(R, 3, "0B", "1G", "G2", "LU")),
    loop("2330E", "Other Payer Service Facility", S, 1, _organisation("77", ()), _ref(R, 3, "0B", "G2", "LU")),
    loop("2330F", "Other Payer Supervising Provider", S, 1, _person("DQ", ()), _ref(R, 3, "0B", "1G", "G2", "LU")),
    loop("2330G", "Other Payer Billing Provider", S, 1, _either("85", ()), _ref(R, 2, "G2", "LU")),
)

_LINE_PROVIDERS: tuple[LoopSpec, ...] = (
    loop(
        "2420A", "Line Rendering Provider", S, 1,
        _either("82"), seg("PRV", S, e1="PE", e2="PXC", required=(2, 3)), _ref(S, 20, "0B", "1G", "G2", "LU"),
    ),
    loop("2420B", "Line Purchased Service Provider", S, 1, _either("QB", ()), _ref(S, 20, "0B", "1G", "G2")),
    loop("2420C", "Line Service Facility", S, 1, _organisation("77"), *_address(R), _ref(S, 3, "G2", "LU")),
    loop("2420D", "Line Supervising Provider", S, 1, _person("DQ"), _ref(S, 20, "0B", "1G", "G2", "LU")),
    loop(
        "2420E", "Ordering Provider", S, 1,
        _person("DK"), *_address(S), _ref(S, 20, "0B", "1G", "G2"), seg("PER", S, e1="IC", e3=_TELEPHONES, required=(3, 4)),
    ),
    loop("2420F", "Line Referring Provider", S, 2, _person(("DN", "P3")), _ref(S, 20, "0B", "1G", "G2")),
    loop("2420G", "Line Ambulance Pick-up", S, 1, _organisation("PW", ()), *_address(R)),
    loop("2420H", "Line Ambulance Drop-off", S, 1, _organisation("45", ()), *_address(R)),
)

_LINE = loop(
    "2400", "Service Line", R, 50,
    seg("LX", R),
    seg("SV1", R, e1=_PROCEDURES, e3=("MJ", "UN"), e9="Y", e11="Y", e12="Y", e15="0", required=(2, 3, 4, 7)),
    seg("SV5", S, e1="HC", e2="DA", e6=("1", "4", "6"), required=(4, 5, 6)),
    _PAPERWORK,
    _AMBULANCE,
    seg("CR3", S, e1=("I", "R", "S"), e2="MO", required=(1, 2, 3)),
    _AMBULANCE_REASONS, seg("CRC", S, e1="70", e2=("N", "Y")), seg("CRC", S, e1="09", e2=("N", "Y")),
    _dtp(R, "472", formats=("D8", "RD8")), _dtp(S, "471"), _dtp(S, "607"), _dtp(S, "463"), _dtp(S, "461"), _dtp(S, "304"),
    _dtp(S, "738", "739", repeat=2), _dtp(S, "011"), _dtp(S, "455"), _dtp(S, "454"),
    seg("QTY", S, e1="PT", required=(2,)), seg("QTY", S, e1="FL", required=(2,)),
    seg("MEA", S, 5, e1=("OG", "TR"), required=(1, 2, 3)),
    _CONTRACT,
    _ref(S, 1, "9B"), _ref(S, 1, "9D"), _ref(S, 5, "G1"), _ref(S, 1, "6R"), _ref(S, 1, "EW"), _ref(S, 1, "X4"),
    _ref(S, 1, "F4"), _ref(S, 1, "BT"), _ref(S, 5, "9F"),
    seg("AMT", S, e1="T"), seg("AMT", S, e1="F4"),
    seg("K3", S, 10),
    seg("NTE", S, e1=("ADD", "DCP")), seg("NTE", S, e1="TPO"),
    seg("PS1", S),
    _PRICING,
    loop(
        "2410", "Drug Identification", S, 1,
        seg("LIN", R, e2=("EN", "EO", "HI", "N4", "ON", "UK", "UP")), seg("CTP", R, required=(4, 5)), _ref(S, 1, "VY", "XZ"),
    ),
    *_LINE_PROVIDERS,
    loop(
        "2430", "Line Adjudication", S, 15,
        seg("SVD", R, e3=_PROCEDURES, required=(3, 5)), _ADJUSTMENTS, _dtp(R, "573"), _adjudicated("EAF"),
    ),
    loop("2440", "Form Identification", S, MANY, seg("LQ", R, e1=("AS", "UT"), required=(1, 2)), seg("FRM", R, 99)),
)

_CLAIM = loop(
    "2300", "Claim", S, 100,
    seg(
        "CLM", R, e6=("N", "Y"), e7=("A", "B", "C"), e8=("N", "W", "Y"), e9=("I", "Y"), e10="P", required=(2, 5, 6, 7, 8, 9),
    ),
    _dtp(S, "431"), _dtp(S, "454"), _dtp(S, "304"), _dtp(S, "453"), _dtp(S, "439"), _dtp(S, "484"), _dtp(S, "455"),
    _dtp(S, "471"), _dtp(S, "314", "360", "361", formats=("D8", "RD8")), _dtp(S, "297"), _dtp(S, "296"), _dtp(S, "435"),
    _dtp(S, "096"), _dtp(S, "090", "091", repeat=2), _dtp(S, "444"), _dtp(S, "050"),
    _PAPERWORK,
    _CONTRACT,
    seg("AMT", S, e1="F5"),
    _ref(S, 1, "4N"), _ref(S, 1, "F5"), _ref(S, 1, "EW"), _ref(S, 1, "9F"), _ref(S, 1, "G1"), _ref(S, 1, "F8"),
    _ref(S, 1, "X4"), _ref(S, 1, "9A"), _ref(S, 1, "9C"), _ref(S, 1, "LX"), _ref(S, 1, "D9"), _ref(S, 1, "EA"),
    _ref(S, 1, "P4"), _ref(S, 1, "1J"),
    seg("K3", S, 10),
    seg("NTE", S, e1=("ADD", "CER", "DCP", "DGN", "TPO")),
    _AMBULANCE,
    seg("CR2", S, e8=("A", "C", "D", "E", "F", "G", "M"), required=(8,)),
    _AMBULANCE_REASONS, seg("CRC", S, 3, e1=("E1", "E2", "E3"), e2=("N", "Y")), seg("CRC", S, e1="75", e2="Y"),
    seg("CRC", S, e1="ZZ", e2=("N", "Y")),
    seg("HI", R, e1=("ABK", "BK")), seg("HI", S, e1="BP"), seg("HI", S, 2, e1="BG"),
    _PRICING,
    *_PLACES,
    _OTHER_COVERAGE,
    _LINE,
)

_PATIENT = loop(
    "2000C", "Patient", S, MANY,
    seg("HL", R, e3="23", e4="0", required=(2, 4)),
    seg("PAT", R, e1=_RELATIONSHIPS, required=(1,)),
    loop(
        "2010CA", "Patient Name", R, 1,
        _person("QC"), *_address(R), seg("DMG", R, e1="D8", e3=("F", "M", "U"), required=(1, 2, 3)),
        _ref(S, 1, "Y4"), _ref(S, 1, "1W", "SY"), seg("PER", S, e1="IC", e3="TE", required=(3, 4)),
    ),
    _CLAIM,
)

_SUBSCRIBER = loop(
    "2000B", "Subscriber", R, MANY,
    seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
    seg("SBR", R, e1=_RESPONSIBILITIES, e2="18", e5=_INSURANCE_TYPES),
    seg("PAT", S),
    loop(
        "2010BA", "Subscriber Name", R, 1,
        seg("NM1", R, e1="IL", e2=("1", "2"), e8=("II", "MI"), required=(3,)), *_address(S),
        seg("DMG", S, e1="D8", e3=("F", "M", "U"), required=(1, 2, 3)), _ref(S, 1, "SY"), _ref(S, 1, "Y4"),
        seg("PER", S, e1="IC", e3="TE", required=(3, 4)),
    ),
    loop(
        "2010BB", "Payer Name", R, 1,
        seg("NM1", R, e1="PR", e2="2", e8=("PI", "XV"), required=(3, 8, 9)), *_address(S),
        _ref(S, 3, "2U", "EI", "FY", "NF"), _ref(S, 2, "G2", "LU"),
    ),
    _CLAIM,
    _PATIENT,
)

SPEC = transaction(
    "837", "005010X222A1", "HC", "Health Care Claim: Professional",
    seg("ST", R, e1="837"),
    seg("BHT", R, e1="0019", e2=("00", "18"), e6=("31", "CH", "RP"), required=(3, 4, 5, 6)),
    loop(
        "1000A", "Submitter Name", R, 1,
        seg("NM1", R, e1="41", e2=("1", "2"), e8="46", required=(3, 8, 9)),
        seg("PER", R, 2, e1="IC", e3=_TELEPHONES, required=(3, 4)),
    ),
    loop("1000B", "Receiver Name", R, 1, seg("NM1", R, e1="40", e2="2", e8="46", required=(3, 8, 9))),
    loop(
        "2000A", "Billing Provider", R, MANY,
        seg("HL", R, e3="20", e4="1", required=(4,)),
        seg("PRV", S, e1="BI", e2="PXC", required=(2, 3)),
        seg("CUR", S, e1="85"),
        loop(
            "2010AA", "Billing Provider Name", R, 1,
            seg("NM1", R, e1="85", e2=("1", "2"), e8="XX", required=(3,)), *_address(R),
            _ref(R, 1, "EI", "SY"), _ref(S, 2, "0B", "1G"), seg("PER", S, 2, e1="IC", e3=_TELEPHONES, required=(3, 4)),
        ),
        loop("2010AB", "Pay-to Address", S, 1, _either("87", ()), *_address(R)),
        loop(
            "2010AC", "Pay-to Plan", S, 1,
            seg("NM1", R, e1="PE", e2="2", e8=("PI", "XV"), required=(3, 8, 9)), *_address(R),
            _ref(S, 1, "2U", "FY", "NF"), _ref(R, 1, "EI"),
        ),
        _SUBSCRIBER,
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
