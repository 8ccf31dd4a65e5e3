"""277 Health Care Claim Status Response (005010X212): what a payer says of the claims it was asked about, as documents."""

from collections.abc import Iterator
from datetime import date

import msgspec

from edi.claims import Document
from edi.claims.loop_fields import element_of
from edi.claims.party_writer import write_contacts, write_name
from edi.inquiries.levels import Head, Level, LevelPlan
from edi.inquiries.remainder import Content
from edi.inquiries.segment_fields import (
    Service,
    find_service_dates,
    read_contacts,
    read_name,
    read_references,
    read_service,
    write_references,
    write_service,
    write_service_dates,
)
from edi.inquiries.statuses import StatusInformation, TracedClaim, read_status, write_status
from edi.parts import Transaction
from edi.punctuation import join
from edi.spec import MANY, LoopSpec, R, S, SegmentSpec, loop, seg, transaction
from edi.transactions.places import contact, name, period, reference
from edi.transactions.t276 import KINDS, PROCEDURE_QUALIFIERS


# fmt: off
def _status(*unused: int) -> SegmentSpec:
    return seg("STC", R, MANY, required=(2,), unused=(3, 7, 12, *unused))


def _claim(letter: str, usage: str) -> LoopSpec:
    return loop(
        f"2200{letter}", "Claim Status Tracking Number", usage, MANY,
        seg("TRN", R, e1="2", unused=(3, 4)),
        _status(),
        *map(reference, ("1K", "BLT", "EJ", "XZ", "VV", "D9")),
        period("472"),
        loop(
            f"2220{letter}", "Service Line", S, MANY,
            seg("SVC", R, e1=PROCEDURE_QUALIFIERS, required=(3, 7), unused=(5, 6)),
            _status(4, 5, 6, 8, 9),
            reference("FJ"),
            period("472", usage=R),
        ),
    )


def _trace(letter: str, kind: str) -> LoopSpec:
    return loop(
        f"2200{letter}", "Trace", S, 1,
        seg("TRN", R, e1=kind, unused=(3, 4)),
        _status(4, 5, 6, 8, 9),
    )


_SUBSCRIBER = loop(
    "2000D", "Subscriber", S, MANY,
    seg("HL", R, e3="22", e4=("0", "1"), required=(2, 4)),
    loop("2100D", "Subscriber Name", R, 1, name("IL", required=(3, 8, 9), e8=("24", "II", "MI"))),
    _claim("D", S),
    loop(
        "2000E", "Dependent", S, MANY,
        seg("HL", R, e3="23", required=(2,)),
        loop("2100E", "Dependent Name", R, 1, name("QC", kinds="1", required=(3,), unused=(6, 8, 9, 10))),
        _claim("E", R),
    ),
)

SPEC = transaction(
    "277", "005010X212", "HN", "Health Care Claim Status Response",
    seg("ST", R, e1="277", required=(3,)),
    seg("BHT", R, e1="0010", e2="08", e6="DG", required=(3, 4, 5, 6)),
    loop(
        "2000A", "Information Source", R, MANY,
        seg("HL", R, e3="20", e4="1", e2="", required=(4,)),
        loop(
            "2100A", "Payer Name", R, 1,
            name("PR", kinds="2", required=(3, 8, 9), e8=("PI", "XV")),
            contact("ED", "EM", "FX", "TE"),
        ),
        loop(
            "2000B", "Information Receiver", R, MANY,
            seg("HL", R, e3="21", e4=("0", "1"), required=(2, 4)),
            loop("2100B", "Information Receiver Name", R, 1, name("41", e8="46")),
            _trace("B", "2"),
            loop(
                "2000C", "Service Provider", S, MANY,
                seg("HL", R, e3="19", e4=("0", "1"), required=(2, 4)),
                loop("2100C", "Provider Name", R, 2, name("1P", e8=("FI", "SV", "XX"))),
                _trace("C", "1"),
                _SUBSCRIBER,
            ),
        ),
    ),
    seg("SE", R),
    accepted_versions=("005010X212E1", "005010X212E2"),
    stream=("2000E", "2000D", "2000C", "2000B", "2000A"),
)
# fmt: on


class StatusResponseHead(Head, frozen=True, kw_only=True):
    """The head of a 277: its reference is the payer's."""


class LineStatus(Document, frozen=True, kw_only=True):
    """2220: what the payer says of one line; `trace` is REF*FJ, our line item control number."""

    service: Service
    statuses: tuple[StatusInformation, ...] = ()
    trace: str = ""
    service_from: date | None = None
    service_through: date | None = None


class ClaimStatus(TracedClaim, frozen=True, kw_only=True):
    """2200: what the payer says of one claim; its trace is the one of the 276 it answers."""

    statuses: tuple[StatusInformation, ...] = ()
    lines: tuple[LineStatus, ...] = ()


class ResponseLevel(Level, frozen=True, kw_only=True):
    """One level of a 277: source, receiver, provider, subscriber or dependent.

    `trace` and `statuses` are what is said of the receiver or the provider itself, and so of all asked about below it.
    """

    trace: str = ""
    statuses: tuple[StatusInformation, ...] = ()
    claims: tuple[ClaimStatus, ...] = ()


def _read_level(kind: str, level: Content) -> ResponseLevel:
    named = [loop for loop in level.loops if loop.id.startswith("2100")]
    parties = [read_name(loop.find("NM1") or ["NM1"]) for loop in named]
    contacts = tuple(contact for loop in named for contact in read_contacts(loop))
    if contacts:
        parties[0] = msgspec.structs.replace(parties[0], contacts=contacts)
    said = [loop for loop in level.loops if loop.id in ("2200B", "2200C")]
    return ResponseLevel(
        level=kind,
        party=parties[0] if parties else None,
        other_parties=tuple(parties[1:]),
        trace=next((element_of(trn, 2) for loop in said for trn in loop.all("TRN")), ""),
        statuses=tuple(read_status(stc) for loop in said for stc in loop.all("STC")),
        claims=tuple(_read_claim(loop) for loop in level.loops if loop.id in ("2200D", "2200E")),
    )


def _read_claim(loop: Content) -> ClaimStatus:
    service_from, service_through = find_service_dates(loop)
    return ClaimStatus(
        trace=element_of(loop.find("TRN") or [], 2),
        statuses=tuple(map(read_status, loop.all("STC"))),
        references=read_references(loop),
        service_from=service_from,
        service_through=service_through,
        lines=tuple(_read_line(inner) for inner in loop.loops),
    )


def _read_line(loop: Content) -> LineStatus:
    service_from, service_through = find_service_dates(loop)
    return LineStatus(
        service=read_service(loop.find("SVC") or ["SVC"]),
        statuses=tuple(map(read_status, loop.all("STC"))),
        trace=element_of(loop.find("REF", "FJ") or [], 2),
        service_from=service_from,
        service_through=service_through,
    )


def _level_segments(level: Level) -> Iterator[str]:
    assert isinstance(level, ResponseLevel), "levels of a 277 are ResponseLevels"
    for party in (level.party, *level.other_parties):
        if party:
            yield write_name(party)
            yield from write_contacts(party.contacts)
    if level.trace or level.statuses:
        yield join("TRN", "1" if level.level == "provider" else "2", level.trace)
    yield from map(write_status, level.statuses)
    for claim in level.claims:
        yield join("TRN", "2", claim.trace)
        yield from map(write_status, claim.statuses)
        yield from write_references(claim.references)
        yield from write_service_dates(claim.service_from, claim.service_through)
        for line in claim.lines:
            yield write_service(line.service)
            yield from map(write_status, line.statuses)
            yield from (join("REF", "FJ", trace) for trace in (line.trace,) if trace)
            yield from write_service_dates(line.service_from, line.service_through)


_PLAN = LevelPlan(SPEC, "0010", KINDS, StatusResponseHead, _read_level, _level_segments)

TRANSACTION = Transaction("277", SPEC, (StatusResponseHead, ResponseLevel), _PLAN.read_parts, _PLAN.write_parts)
"""A head, then each level in the order it stands; levels.walk gives each with those around it."""
