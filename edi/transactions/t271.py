"""271 Eligibility, Coverage or Benefit Response (005010X279A1): what is covered, and why a question was not answered."""

from collections.abc import Iterator
from decimal import Decimal

from edi.claims import Document, Party, Reference
from edi.claims.loop_fields import element_of
from edi.claims.party_writer import write_address, write_contacts, write_name
from edi.inquiries.eligibility import (
    KINDS,
    Condition,
    Delivery,
    EligibilityLevel,
    Military,
    Rejection,
    Specialty,
    find_insured,
    find_military,
    find_specialty,
    read_conditions,
    read_deliveries,
    read_diagnoses,
    read_party,
    read_pointers,
    read_rejections,
    read_repeats,
    write_conditions,
    write_deliveries,
    write_described,
    write_military,
    write_named,
    write_pointers,
    write_rejections,
    write_repeats,
    write_specialty,
)
from edi.inquiries.levels import Head, Level, LevelPlan
from edi.inquiries.remainder import Content
from edi.inquiries.segment_fields import (
    Period,
    Procedure,
    cents_text,
    find_cents,
    find_procedure,
    find_quantity,
    quantity_text,
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
from edi.transactions.places import birth, codes, contact, name, period, reference
from edi.transactions.t270 import (
    COVERAGE_LEVELS,
    PROCEDURES,
    PROVIDER_IDS,
    PROVIDER_ROLES,
    RECEIVER_IDS,
    RECEIVER_REFERENCES,
    RECEIVER_ROLES,
    SERVICE_TYPES,
    SOURCE_IDS,
    SOURCE_ROLES,
    diagnoses,
    person,
)

# fmt: off
_BENEFITS = (*"12345678", *"ABCDEFGHIJKLMNOPQRSTUVWXY", "CB", "MC")
_INSURANCE_TYPES = codes(
    "D 12 13 14 15 16 41 42 43 47 AP C1 CO CP DB EP FF GP HM HN HS IN IP LC LD LI LT MA MB MC MH MI MP OT PE PL PP PR PS QM "
    "RP SP TF WC WU"
)
_TIME_PERIODS = codes("6 7 13 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36")
_QUANTITIES = codes("8H 99 CA CE D3 DB DY HS LA LE M2 MN P6 QA S7 S8 VS YY")
_RELATED_ROLES = codes("13 1I 1P 2B 36 73 FA GP GW I3 IL LR OC P3 P4 P5 PR PRP SEP TTP VER VN VY X3 Y2")
_RELATED_IDS = ("24", "34", "46", "FA", "FI", "II", "MI", "NI", "PI", "PP", "SV", "XV", "XX")
_BENEFIT_REFERENCES = ("18", "1L", "1W", "49", "6P", "9F", "ALS", "CLI", "F6", "FO", "G1", "IG", "M7", "N6", "NQ")
_PERSON_DATES = codes(
    "096 102 152 291 307 318 340 341 342 343 346 347 356 357 382 435 442 458 472 539 540 636 771"
)
_BENEFIT_DATES = codes("096 193 194 198 290 291 292 295 304 307 318 346 348 349 356 357 435 472 636 771")
_SOURCE_REASONS = ("04", "41", "42", "79")
_RECEIVER_REASONS = codes("15 41 43 44 45 46 47 48 50 51 79 97 T4")
_PERSON_REASONS = codes(
    "15 33 35 42 43 45 47 48 49 51 52 56 57 58 60 61 62 63 64 65 66 67 68 71 72 73 74 75 76 77 78"
)
_BENEFIT_REASONS = codes("15 33 52 53 54 55 56 57 60 61 62 63 69 70 98 AA AE AF AG AO CI E8 IA MA")
_RELATIONSHIPS = ("01", "19", "20", "21", "34", "39", "40", "53", "G8")


def _rejections(reasons: tuple[str, ...], *follow_ups: str) -> SegmentSpec:
    return seg("AAA", S, 9, e1=("Y", "N"), e3=reasons, e4=follow_ups, required=(3, 4), unused=(2,))


def _related(letter: str) -> LoopSpec:
    """LS, 2120 and LE: the wrapper is made a loop, so that what it wraps cannot stand without it, nor it around nothing."""
    return loop(
        f"2110{letter}", "Benefit Related Entities", S, 1,
        seg("LS", R, e1="2120"),
        loop(
            f"2120{letter}", "Benefit Related Entity", R, 23,
            name(*_RELATED_ROLES, required=(), unused=(6,), e8=_RELATED_IDS),
            seg("N3", S), seg("N4", S),
            contact("ED", "EM", "FX", "TE", "UR", "WP", repeat=3, required=()),
            seg("PRV", S, e1=PROVIDER_ROLES, e2=PROVIDER_IDS, unused=(4, 5, 6)),
        ),
        seg("LE", R, e1="2120"),
    )


def _benefit(letter: str) -> LoopSpec:
    return loop(
        f"2110{letter}", "Eligibility or Benefit", S, MANY,
        seg(
            "EB", R, e1=_BENEFITS, e2=COVERAGE_LEVELS, e3=SERVICE_TYPES, e4=_INSURANCE_TYPES, e6=_TIME_PERIODS, e9=_QUANTITIES,
            e11=("N", "U", "Y"), e12=("N", "U", "W", "Y"), e13=PROCEDURES,
        ),
        seg(
            "HSD", S, 9, e1=("DY", "FL", "HS", "MN", "VS"), e3=("DA", "MO", "VS", "WK", "YR"), e5=_TIME_PERIODS,
            situational=(1, 3, 5),
        ),
        reference(*_BENEFIT_REFERENCES, repeat=9, unused=(4,)),
        period(*_BENEFIT_DATES, repeat=20),
        _rejections(_BENEFIT_REASONS, *"CNRWXY"),
        seg("MSG", S, 10, unused=(2, 3)),
        loop(f"2115{letter}", "Benefit Additional Information", S, 10, seg("III", R, unused=(5, 6, 7, 8, 9))),
        _related(letter),
    )


def _person(letter: str, level: str, role: str, relationships: tuple[str, ...]) -> tuple[SegmentSpec | LoopSpec, ...]:
    is_subscriber = letter == "C"
    return (
        seg("TRN", S, 3, e1=("1", "2"), required=(3,)),
        loop(
            f"2100{letter}", f"{level} Name", R, 1,
            *person(role, is_subscriber=is_subscriber),
            _rejections(_PERSON_REASONS, *"CNRSWXY"),
            seg("PRV", S, e1=PROVIDER_ROLES, e2=PROVIDER_IDS, unused=(4, 5, 6)),
            birth(S),
            seg("INS", S, e1="Y" if is_subscriber else "N", e2=relationships, e3="001", e4="25", unused=(5, 6, 7, 8)),
            diagnoses(),
            period(*_PERSON_DATES, repeat=9),
            seg("MPI", S),
            _benefit(letter),
        ),
    )


SPEC = transaction(
    "271", "005010X279A1", "HB", "Eligibility, Coverage or Benefit Response",
    seg("ST", R, e1="271", required=(3,)),
    seg("BHT", R, e1="0022", e2=("06", "11"), e6="RT", required=(4, 5)),
    loop(
        "2000A", "Information Source", R, MANY,
        seg("HL", R, e3="20", e4=("0", "1"), e2="", required=(4,)),
        _rejections(_SOURCE_REASONS, *"CNPRSY"),
        loop(
            "2100A", "Information Source Name", R, 1,
            name(*SOURCE_ROLES, e8=SOURCE_IDS),
            contact("ED", "EM", "FX", "TE", "UR", repeat=3, required=()),
            _rejections((*_SOURCE_REASONS, "80", "T4"), *"CNPRSWXY"),
        ),
        loop(
            "2000B", "Information Receiver", S, MANY,
            seg("HL", R, e3="21", e4=("0", "1"), required=(2, 4)),
            loop(
                "2100B", "Information Receiver Name", R, 1,
                name(*RECEIVER_ROLES, e8=RECEIVER_IDS),
                reference(*RECEIVER_REFERENCES, repeat=9, unused=(4,)),
                seg("N3", S), seg("N4", S, required=(1,)),
                _rejections(_RECEIVER_REASONS, *"CNRSWXY"),
                seg("PRV", S, e1=PROVIDER_ROLES, e2="PXC", unused=(4, 5, 6)),
            ),
            loop(
                "2000C", "Subscriber", S, MANY,
                seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
                *_person("C", "Subscriber", "IL", ("18",)),
                loop(
                    "2000D", "Dependent", S, MANY,
                    seg("HL", R, e3="23", e4="0", required=(2, 4)),
                    *_person("D", "Dependent", "03", _RELATIONSHIPS),
                ),
            ),
        ),
    ),
    seg("SE", R),
    accepted_versions=("005010X279",),
    stream=("2000D", "2000C", "2000B", "2000A"),
)
# fmt: on


class EligibilityResponseHead(Head, frozen=True, kw_only=True):
    """The head of a 271: its reference is the one of the 270 it answers."""


class RelatedEntity(Document, frozen=True, kw_only=True):
    """2120: who has to do with a benefit: the primary care provider, another payer, whom to call."""

    party: Party
    specialty: Specialty | None = None


class Benefit(Document, frozen=True, kw_only=True):
    """2110: one thing said of the coverage: EB01 says what (1 active, 6 inactive, B copay, C deductible …), the rest for what.

    `percent` is a share of one (0.2 for twenty per cent). `is_authorization_needed` and `is_in_network` are Y, N, U (or W, not
    applicable) as given. One benefit holds for all its service types.
    """

    information: str
    coverage_level: str = ""
    service_types: tuple[str, ...] = ()
    insurance_type: str = ""
    plan: str = ""
    time_period: str = ""
    amount_cents: int | None = None
    percent: Decimal | None = None
    quantity_qualifier: str = ""
    quantity: Decimal | None = None
    is_authorization_needed: str = ""
    is_in_network: str = ""
    procedure: Procedure | None = None
    diagnosis_pointers: tuple[int, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    references: tuple[Reference, ...] = ()
    dates: tuple[Period, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    messages: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    entities: tuple[RelatedEntity, ...] = ()


class EligibilityResponseLevel(EligibilityLevel, frozen=True, kw_only=True):
    """One level of a 271: source (the payer), receiver (who asked), subscriber or dependent, and what is covered.

    `source_rejections` stand at the level itself (2000A): the payer answers nothing; `rejections` at the name (2100).
    """

    source_rejections: tuple[Rejection, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    military: Military | None = None
    benefits: tuple[Benefit, ...] = ()


def _read_level(kind: str, level: Content) -> EligibilityResponseLevel:
    named = next((loop for loop in level.loops if loop.id.startswith("2100")), None)
    own = named or Content()
    return EligibilityResponseLevel(
        level=kind,
        source_rejections=read_rejections(level),
        traces=read_traces(level),
        party=read_party(named) if named else None,
        rejections=read_rejections(own),
        specialty=find_specialty(own),
        insured=find_insured(own),
        diagnoses=read_diagnoses(own),
        dates=read_periods(own),
        military=find_military(own),
        benefits=tuple(_read_benefit(inner) for inner in own.loops),
    )


def _read_benefit(loop: Content) -> Benefit:
    eb = loop.find("EB") or []
    additional = [inner for inner in loop.loops if inner.id.startswith("2115")]
    related = [entity for inner in loop.loops if inner.id.startswith("2110") for entity in inner.loops]
    return Benefit(
        information=element_of(eb, 1),
        coverage_level=element_of(eb, 2),
        service_types=read_repeats(element_of(eb, 3)),
        insurance_type=element_of(eb, 4),
        plan=element_of(eb, 5),
        time_period=element_of(eb, 6),
        amount_cents=find_cents(element_of(eb, 7)),
        percent=find_quantity(element_of(eb, 8)),
        quantity_qualifier=element_of(eb, 9),
        quantity=find_quantity(element_of(eb, 10)),
        is_authorization_needed=element_of(eb, 11),
        is_in_network=element_of(eb, 12),
        procedure=find_procedure(element_of(eb, 13)),
        diagnosis_pointers=read_pointers(element_of(eb, 14)),
        deliveries=read_deliveries(loop),
        references=read_references(loop),
        dates=read_periods(loop),
        rejections=read_rejections(loop),
        messages=tuple(element_of(segment, 1) for segment in loop.all("MSG")),
        conditions=tuple(condition for inner in additional for condition in read_conditions(inner)),
        entities=tuple(RelatedEntity(party=read_party(entity), specialty=find_specialty(entity)) for entity in related),
    )


def _level_segments(level: Level) -> Iterator[str]:
    assert isinstance(level, EligibilityResponseLevel), "levels of a 271 are EligibilityResponseLevels"
    yield from write_rejections(level.source_rejections)
    yield from write_traces(level.traces)
    if level.party:
        yield from write_named(level.party)
        yield from write_contacts(level.party.contacts)
    yield from write_rejections(level.rejections)
    yield from write_described(level)
    yield from write_military(level.military)
    for benefit in level.benefits:
        yield from _benefit_segments(benefit)


def _benefit_segments(benefit: Benefit) -> Iterator[str]:
    covered = (benefit.coverage_level, write_repeats(benefit.service_types), benefit.insurance_type, benefit.plan)
    much = (benefit.time_period, cents_text(benefit.amount_cents), quantity_text(benefit.percent))
    many = (benefit.quantity_qualifier, quantity_text(benefit.quantity))
    terms = (benefit.is_authorization_needed, benefit.is_in_network, write_procedure(benefit.procedure))
    yield join("EB", benefit.information, *covered, *much, *many, *terms, write_pointers(benefit.diagnosis_pointers))
    yield from write_deliveries(benefit.deliveries)
    yield from write_references(benefit.references)
    yield from write_periods(benefit.dates)
    yield from write_rejections(benefit.rejections)
    yield from (join("MSG", text) for text in benefit.messages)
    yield from write_conditions(benefit.conditions)
    if benefit.entities:
        yield join("LS", "2120")
        for entity in benefit.entities:
            yield from _entity_segments(entity)
        yield join("LE", "2120")


def _entity_segments(entity: RelatedEntity) -> Iterator[str]:
    yield write_name(entity.party)
    yield from write_address(entity.party.address)
    yield from write_contacts(entity.party.contacts)
    yield from write_specialty(entity.specialty)


_PLAN = LevelPlan(SPEC, "0022", KINDS, EligibilityResponseHead, _read_level, _level_segments)

TRANSACTION = Transaction("271", SPEC, (EligibilityResponseHead, EligibilityResponseLevel), _PLAN.read_parts, _PLAN.write_parts)
"""A head, then each level in the order it stands; levels.walk gives each with those around it."""
