"""What a handler is told about the set it reads, and how it says which segment a fact comes from."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from edi.interchange import InterchangeHeader, TransactionSet
from gateway.db.engine import Connection
from gateway.domain.facts import Fact, Kind
from gateway.pipeline.context import Context

BREAKING = frozenset({"2", "3"})
"""IK502 codes of a set whose end is missing or is another set's: what stood in the rest of it nobody knows."""


class Quarantined(Exception):
    """This set cannot be taken in as it is; the message says why, without patient data. Its neighbours go on."""


def refuse_broken(tset: TransactionSet) -> None:
    """Raise Quarantined for a set, read to its end, that may be cut short: half a document moves neither money nor claims."""
    for finding in tset.findings:
        if finding.level == "set" and finding.code in BREAKING:
            raise Quarantined(f"{finding.message}; nothing is done on the word of a document that may be cut short")


@dataclass(frozen=True)
class Inbound:
    """One set of an inbound file being taken in, inside its own database transaction."""

    connection: Connection
    context: Context
    partner: str
    file_id: int
    file_sha256: str
    set_id: int
    ordinal: int
    header: InterchangeHeader
    now: datetime

    def occurred_at(self, day: date | None) -> datetime:
        """The instant of a fact that its document dates to a day; the interchange's own date and time where it gives none.

        Never later than now: partners' clocks are data, not truth.
        """
        if day is not None and day != self.header.date:
            return min(datetime.combine(day, time(0), UTC), self.now)
        return min(written_at(self.header, self.now), self.now)

    def fact(self, claim_id: int, kind: Kind, *, attempt: int, day: date | None, position: int, **data: Any) -> Fact:
        """A fact that the segment at `position` of this set states."""
        return Fact(
            claim_id=claim_id,
            kind=kind,
            attempt=attempt,
            occurred_at=self.occurred_at(day),
            source=f"{self.file_sha256[:16]}:{self.ordinal}:{position}:{kind.value}:{attempt}",
            file_id=self.file_id,
            file_sha256=self.file_sha256,
            position=position,
            data=data,
        )


def written_at(header: InterchangeHeader, now: datetime) -> datetime:
    """What ISA09 and ISA10 say, taken as UTC since X12 names no zone there; now where they give no date."""
    if header.date is None:
        return now
    digits = header.time[:4]
    clock = time(int(digits[:2]), int(digits[2:])) if _is_time(digits) else time(0)
    return datetime.combine(header.date, clock, UTC)


def _is_time(digits: str) -> bool:
    return len(digits) == 4 and digits.isdigit() and int(digits[:2]) < 24 and int(digits[2:]) < 60
