"""276 Health Care Claim Status Request (005010X212): which claims a provider asks a payer about, as documents."""

from collections.abc import Iterator
from datetime import date

import msgspec

from edi.claims import Document
from edi.claims.loop_fields import element_of
from edi.claims.party_writer import write_name
from edi.inquiries.levels import Head, Level, LevelKind, LevelPlan
from edi.inquiries.remainder import Content
from edi.inquiries.segment_fields import (
    Service,
    cents_text,
    find_birth,
    find_cents,
    find_service_dates,
    read_name,
    read_references,
    read_service,
    write_birth,
    write_references,
    write_service,
    write_service_dates,
)
from edi.inquiries.statuses import TracedClaim
from edi.parts import Transaction
from edi.punctuation import join
from edi.spec import MANY, LoopSpec, R, S, loop, seg, transaction
from edi.transactions.places import birth, name, period, reference

# fmt: off
PROCEDURE_QUALIFIERS = ("AD", "ER", "HC", "HP", "IV", "N4", "NU", "WK")
"""SVC01-1 of a 276 and a 277."""


def _claim(letter: str, usage: str) -> LoopSpec:
    return loop(
        f"2200{letter}", "Claim Status Tracking Number", usage, MANY,
        seg("TRN", R, e1="1", unused=(3, 4)),
        *map(reference, ("1K", "BLT", "LU", "6P", "EJ", "XZ", "D9")),
        seg("AMT", S, e1="T3", e3=""),
        period("472"),
        loop(
            f"2210{letter}", "Service Line", S, MANY,
            seg("SVC", R, e1=PROCEDURE_QUALIFIERS, required=(7,), unused=(3, 5, 6)),
            reference("FJ"),
            period("472", usage=R),
        ),
    )


_DEPENDENT = loop(
    "2000E", "Dependent", S, MANY,
    seg("HL", R, e3="23", required=(2,)),
    birth(R),
    loop("2100E", "Dependent Name", R, 1, name("QC", kinds="1", required=(3,), unused=(6, 8, 9, 10))),
    _claim("E", R),
)

_SUBSCRIBER = loop(
    "2000D", "Subscriber", R, MANY,
    seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
    birth(S),
    loop("2100D", "Subscriber Name", R, 1, name("IL", required=(3, 8, 9), e8=("24", "II", "MI"))),
    _claim("D", S),
    _DEPENDENT,
)

SPEC = transaction(
    "276", "005010X212", "HR", "Health Care Claim Status Request",
    seg("ST", R, e1="276", required=(3,)),
    seg("BHT", R, e1="0010", e2="13", e6="", required=(3, 4, 5)),
    loop(
        "2000A", "Information Source", R, MANY,
        seg("HL", R, e3="20", e4="1", e2="", required=(4,)),
        loop("2100A", "Payer Name", R, 1, name("PR", kinds="2", required=(3, 8, 9), e8=("PI", "XV"))),
        loop(
            "2000B", "Information Receiver", R, MANY,
            seg("HL", R, e3="21", e4="1", required=(2, 4)),
            loop("2100B", "Information Receiver Name", R, 1, name("41", e8="46")),
            loop(
                "2000C", "Service Provider", R, MANY,
                seg("HL", R, e3="19", e4="1", required=(2, 4)),
                loop("2100C", "Provider Name", R, 2, name("1P", e8=("FI", "SV", "XX"))),
                _SUBSCRIBER,
            ),
        ),
    ),
    seg("SE", R),
    accepted_versions=("005010X212E1", "005010X212E2"),
    stream=("2000E", "2000D", "2000C", "2000B", "2000A"),
)
# fmt: on

KINDS = (
    LevelKind("2000A", "source", "20"),
    LevelKind("2000B", "receiver", "21"),
    LevelKind("2000C", "provider", "19"),
    LevelKind("2000D", "subscriber", "22"),
    LevelKind("2000E", "dependent", "23", is_flagged=False),
)
"""The payer, who asks, for which provider, about whose claims: levels of a 276 and of a 277, the outermost first."""


class StatusRequestHead(Head, frozen=True, kw_only=True):
    """The head of a 276: its reference is ours, and comes back in the head of the 277."""


class LineInquiry(Document, frozen=True, kw_only=True):
    """2210: one line asked about; `trace` is REF*FJ, our line item control number."""

    service: Service
    trace: str = ""
    service_from: date | None = None
    service_through: date | None = None


class ClaimInquiry(TracedClaim, frozen=True, kw_only=True):
    """2200: one claim asked about."""

    charge_cents: int | None = None
    lines: tuple[LineInquiry, ...] = ()


class InquiryLevel(Level, frozen=True, kw_only=True):
    """One level of a 276: source, receiver, provider, subscriber or dependent, and the claims asked about there."""

    claims: tuple[ClaimInquiry, ...] = ()


def _read_level(kind: str, level: Content) -> InquiryLevel:
    parties = [read_name(segment) for loop in level.loops if loop.id.startswith("2100") for segment in loop.all("NM1")]
    birth_date, gender = find_birth(level)
    if parties and (birth_date or gender):
        parties[0] = msgspec.structs.replace(parties[0], birth_date=birth_date, gender=gender)
    return InquiryLevel(
        level=kind,
        party=parties[0] if parties else None,
        other_parties=tuple(parties[1:]),
        claims=tuple(_read_claim(loop) for loop in level.loops if loop.id.startswith("2200")),
    )


def _read_claim(loop: Content) -> ClaimInquiry:
    service_from, service_through = find_service_dates(loop)
    return ClaimInquiry(
        trace=element_of(loop.find("TRN") or [], 2),
        references=read_references(loop),
        charge_cents=find_cents(element_of(loop.find("AMT", "T3") or [], 2)),
        service_from=service_from,
        service_through=service_through,
        lines=tuple(_read_line(inner) for inner in loop.loops),
    )


def _read_line(loop: Content) -> LineInquiry:
    service_from, service_through = find_service_dates(loop)
    return LineInquiry(
        service=read_service(loop.find("SVC") or ["SVC"]),
        trace=element_of(loop.find("REF", "FJ") or [], 2),
        service_from=service_from,
        service_through=service_through,
    )


def _level_segments(level: Level) -> Iterator[str]:
    assert isinstance(level, InquiryLevel), "levels of a 276 are InquiryLevels"
    yield from write_birth(level.party)
    yield from (write_name(party) for party in (level.party, *level.other_parties) if party)
    for claim in level.claims:
        yield join("TRN", "1", claim.trace)
        yield from write_references(claim.references)
        if claim.charge_cents is not None:
            yield join("AMT", "T3", cents_text(claim.charge_cents))
        yield from write_service_dates(claim.service_from, claim.service_through)
        for line in claim.lines:
            yield write_service(line.service)
            yield from (join("REF", "FJ", trace) for trace in (line.trace,) if trace)
            yield from write_service_dates(line.service_from, line.service_through)


_PLAN = LevelPlan(SPEC, "0010", KINDS, StatusRequestHead, _read_level, _level_segments)

TRANSACTION = Transaction("276", SPEC, (StatusRequestHead, InquiryLevel), _PLAN.read_parts, _PLAN.write_parts)
"""A head, then each level in the order it stands; levels.walk gives each with those around it."""
