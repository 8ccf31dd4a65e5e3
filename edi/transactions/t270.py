"""270 Eligibility, Coverage or Benefit Inquiry (005010X279A1): whose coverage a provider asks about, as documents."""

from collections.abc import Iterator

from edi.claims import Document, Reference
from edi.claims.loop_fields import element_of
from edi.inquiries.eligibility import (
    KINDS,
    Condition,
    EligibilityLevel,
    find_insured,
    find_specialty,
    read_conditions,
    read_diagnoses,
    read_party,
    read_pointers,
    read_repeats,
    write_conditions,
    write_described,
    write_named,
    write_pointers,
    write_repeats,
)
from edi.inquiries.levels import Head, Level, LevelPlan
from edi.inquiries.remainder import Content
from edi.inquiries.segment_fields import (
    Period,
    Procedure,
    cents_text,
    find_cents,
    find_procedure,
    read_periods,
    read_references,
    read_traces,
    write_periods,
    write_procedure,
    write_references,
    write_traces,
)
from edi.parts import Transaction
from edi.punctuation import join
from edi.spec import MANY, LoopSpec, R, S, SegmentSpec, loop, seg, transaction
from edi.transactions.places import birth, codes, name, period, reference

# fmt: off
SOURCE_ROLES = ("2B", "36", "GP", "P5", "PR")
SOURCE_IDS = ("24", "46", "FI", "NI", "PI", "XV", "XX")
RECEIVER_ROLES = ("1P", "2B", "36", "80", "FA", "GP", "P5", "PR")
RECEIVER_IDS = ("24", "34", "FI", "PI", "PP", "SV", "XV", "XX")
RECEIVER_REFERENCES = ("0B", "1C", "1D", "1J", "4A", "CT", "EL", "EO", "HPI", "JD", "N5", "N7", "Q4", "SY", "TJ")
PERSON_REFERENCES = (
    "18", "1L", "1W", "3H", "49", "6P", "CE", "CT", "EA", "EJ", "F6", "GH", "HJ", "IF", "IG", "MRC", "N6", "NQ", "Q4", "SY", "Y4",
)
PROVIDER_ROLES = (
    "AD", "AT", "BI", "CO", "CV", "H", "HH", "LA", "OT", "P1", "P2", "PC", "PE", "R", "RF", "SB", "SK", "SU",
)
PROVIDER_IDS = ("9K", "D3", "EI", "HPI", "PXC", "SY", "TJ", "ZZ")
DIAGNOSES = ("ABF", "ABK", "BF", "BK")
PROCEDURES = ("AD", "CJ", "HC", "ID", "IV", "N4", "ZZ")
COVERAGE_LEVELS = ("CHD", "DEP", "ECH", "EMP", "ESP", "FAM", "IND", "SPC", "SPO")
SERVICE_TYPES = codes(
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 30 32 33 34 35 36 37 38 39 40 41 42 43 44 "
    "45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 "
    "84 85 86 87 88 89 90 91 92 93 94 95 96 97 98 99 A0 A1 A2 A3 A4 A5 A6 A7 A8 A9 AA AB AC AD AE AF AG AH AI AJ AK AL AM "
    "AN AO AQ AR B1 B2 B3 BA BB BC BD BE BF BG BH BI BJ BK BL BM BN BP BQ BR BS BT BU BV BW BX BY BZ C1 CA CB CC CD CE CF "
    "CG CH CI CJ CK CL CM CN CO CP CQ DG DM DS GF GN GY IC MH NI ON PT PU RN RT TC TN UC"
)
"""What an inquiry may ask about and a response speak of (EQ01, EB03)."""


def diagnoses() -> SegmentSpec:
    """HI of 270 and 271: up to eight diagnoses."""
    return seg("HI", S, 1, e1=DIAGNOSES, unused=(9, 10, 11, 12))


def person(*roles: str, is_subscriber: bool) -> tuple[SegmentSpec, ...]:
    """NM1 of a subscriber or a dependent, and its references and address."""
    unused: tuple[int | str, ...] = (6, 10, 11, 12) if is_subscriber else (6, 9, 10, 11, 12)
    return (
        seg("NM1", R, 1, e1=roles, e2="1", unused=unused, e8=("II", "MI") if is_subscriber else ("",)),
        reference(*PERSON_REFERENCES, repeat=9, unused=(4,)),
        seg("N3", S), seg("N4", S),
    )


def _inquiry(letter: str, usage: str) -> LoopSpec:
    return loop(
        f"2110{letter}", "Eligibility or Benefit Inquiry", usage, 99,
        seg("EQ", R, e1=SERVICE_TYPES, e2=PROCEDURES, e3=COVERAGE_LEVELS, situational=(1, 2, 3)),
        seg("AMT", S, e1="R", unused=(3,)), seg("AMT", S, e1="PB", unused=(3,)),
        seg("III", S, 10, e1=("ZZ", *DIAGNOSES), required=(2,), unused=(4, 5, 6, 7, 8, 9)),
        reference("9F", "G1"),
        period("291"),
    )


def _person(
    letter: str, level: str, role: str, *, relationships: tuple[str, ...], inquiry: str
) -> tuple[SegmentSpec | LoopSpec, ...]:
    is_subscriber = letter == "C"
    return (
        seg("TRN", S, 2, e1="1", required=(3,)),
        loop(
            f"2100{letter}", f"{level} Name", R, 1,
            *person(role, is_subscriber=is_subscriber),
            seg("PRV", S, e1=PROVIDER_ROLES, e2=PROVIDER_IDS, unused=(4, 5, 6)),
            birth(S),
            seg("INS", S, e1="Y" if is_subscriber else "N", e2=relationships, unused=tuple(range(3, 17))),
            diagnoses(),
            period("102", "291", repeat=2),
            _inquiry(letter, inquiry),
        ),
    )


SPEC = transaction(
    "270", "005010X279A1", "HS", "Eligibility, Coverage or Benefit Inquiry",
    seg("ST", R, e1="270", required=(3,)),
    seg("BHT", R, e1="0022", e2=("01", "13", "36"), e6=("RT", "RU"), required=(3, 4, 5)),
    loop(
        "2000A", "Information Source", R, MANY,
        seg("HL", R, e3="20", e4="1", e2="", required=(4,)),
        loop("2100A", "Information Source Name", R, 1, name(*SOURCE_ROLES, e8=SOURCE_IDS)),
        loop(
            "2000B", "Information Receiver", R, MANY,
            seg("HL", R, e3="21", e4="1", required=(2, 4)),
            loop(
                "2100B", "Information Receiver Name", R, 1,
                name(*RECEIVER_ROLES, e8=RECEIVER_IDS),
                reference(*RECEIVER_REFERENCES, repeat=9, unused=(4,)),
                seg("N3", S), seg("N4", S, required=(1,)),
                seg("PRV", S, e1=PROVIDER_ROLES, e2="PXC", unused=(4, 5, 6)),
            ),
            loop(
                "2000C", "Subscriber", R, MANY,
                seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
                *_person("C", "Subscriber", "IL", relationships=("18",), inquiry=S),
                loop(
                    "2000D", "Dependent", S, MANY,
                    seg("HL", R, e3="23", e4="0", required=(2, 4)),
                    *_person("D", "Dependent", "03", relationships=("01", "19", "34"), inquiry=R),
                ),
            ),
        ),
    ),
    seg("SE", R),
    accepted_versions=("005010X279",),
    stream=("2000D", "2000C", "2000B", "2000A"),
)
# fmt: on


class EligibilityInquiryHead(Head, frozen=True, kw_only=True):
    """The head of a 270: its reference is ours, and comes back in the head of the 271."""


class BenefitInquiry(Document, frozen=True, kw_only=True):
    """2110: one question: about service types or one procedure, for whom it is covered, of which insurance, when.

    `spend_down_cents` and `spend_down_billed_cents` are AMT*R and AMT*PB.
    """

    service_types: tuple[str, ...] = ()
    procedure: Procedure | None = None
    coverage_level: str = ""
    insurance_type: str = ""
    diagnosis_pointers: tuple[int, ...] = ()
    spend_down_cents: int | None = None
    spend_down_billed_cents: int | None = None
    conditions: tuple[Condition, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[Period, ...] = ()


class EligibilityInquiryLevel(EligibilityLevel, frozen=True, kw_only=True):
    """One level of a 270: source (the payer asked), receiver (the provider who asks), subscriber or dependent."""

    inquiries: tuple[BenefitInquiry, ...] = ()


def _read_level(kind: str, level: Content) -> EligibilityInquiryLevel:
    named = next((loop for loop in level.loops if loop.id.startswith("2100")), None)
    own = named or Content()
    return EligibilityInquiryLevel(
        level=kind,
        traces=read_traces(level),
        party=read_party(named) if named else None,
        specialty=find_specialty(own),
        insured=find_insured(own),
        diagnoses=read_diagnoses(own),
        dates=read_periods(own),
        inquiries=tuple(_read_inquiry(inner) for inner in own.loops),
    )


def _read_inquiry(loop: Content) -> BenefitInquiry:
    eq = loop.find("EQ") or []
    return BenefitInquiry(
        service_types=read_repeats(element_of(eq, 1)),
        procedure=find_procedure(element_of(eq, 2)),
        coverage_level=element_of(eq, 3),
        insurance_type=element_of(eq, 4),
        diagnosis_pointers=read_pointers(element_of(eq, 5)),
        spend_down_cents=find_cents(element_of(loop.find("AMT", "R") or [], 2)),
        spend_down_billed_cents=find_cents(element_of(loop.find("AMT", "PB") or [], 2)),
        conditions=read_conditions(loop),
        references=read_references(loop),
        dates=read_periods(loop),
    )


def _level_segments(level: Level) -> Iterator[str]:
    assert isinstance(level, EligibilityInquiryLevel), "levels of a 270 are EligibilityInquiryLevels"
    yield from write_traces(level.traces)
    if level.party:
        yield from write_named(level.party)
    yield from write_described(level)
    for one in level.inquiries:
        asked = (write_repeats(one.service_types), write_procedure(one.procedure), one.coverage_level, one.insurance_type)
        yield join("EQ", *asked, write_pointers(one.diagnosis_pointers))
        for qualifier, cents in (("R", one.spend_down_cents), ("PB", one.spend_down_billed_cents)):
            if cents is not None:
                yield join("AMT", qualifier, cents_text(cents))
        yield from write_conditions(one.conditions)
        yield from write_references(one.references)
        yield from write_periods(one.dates)


_PLAN = LevelPlan(SPEC, "0022", KINDS, EligibilityInquiryHead, _read_level, _level_segments)

TRANSACTION = Transaction("270", SPEC, (EligibilityInquiryHead, EligibilityInquiryLevel), _PLAN.read_parts, _PLAN.write_parts)
"""A head, then each level in the order it stands; levels.walk gives each with those around it."""
