"""TA1 Interchange Acknowledgment: one segment beside the functional groups, as a document."""

from collections.abc import Sequence
from datetime import date

from edi.claims import Document
from edi.findings import Finding
from edi.values import find_date, format_short_date

NOTE_CODES = frozenset(f"{number:03}" for number in range(32))
"""TA105: 000 no error, then what was wrong with the interchange."""


class InterchangeAcknowledgment(Document, frozen=True, kw_only=True):
    """TA1: the interchange it answers (ISA13, ISA09, ISA10), the verdict (A, E, R) and the note code (TA105)."""

    isa_control_number: int
    interchange_date: date | None
    interchange_time: str
    verdict: str
    note: str = "000"


def read_ta1(elements: Sequence[str], offset: int | None = None) -> tuple[InterchangeAcknowledgment | None, list[Finding]]:
    """The document of one TA1 (tag first) and its findings; None where it does not say which interchange or what verdict."""
    values = [*elements, "", "", "", "", ""]
    findings: list[Finding] = []
    number, day, time, verdict, note = values[1:6]
    if not (number.isascii() and number.isdecimal() and len(number) <= 9):
        findings.append(_finding(1, "TA101 is no interchange control number", offset))
    if find_date(day) is None:
        findings.append(_finding(2, "TA102 is no date", offset))
    if verdict not in ("A", "E", "R"):
        findings.append(_finding(4, "TA104 is not A, E or R", offset))
    if note not in NOTE_CODES:
        findings.append(_finding(5, "TA105 is no interchange note code", offset))
    if any(finding.element in (1, 4) for finding in findings):
        return None, findings
    return (
        InterchangeAcknowledgment(
            isa_control_number=int(number),
            interchange_date=find_date(day),
            interchange_time=time,
            verdict=verdict,
            note=note,
        ),
        findings,
    )


def write_ta1(acknowledgment: InterchangeAcknowledgment) -> list[str]:
    """The elements of one TA1, tag first."""
    return [
        "TA1",
        f"{acknowledgment.isa_control_number:09}",
        format_short_date(acknowledgment.interchange_date),
        acknowledgment.interchange_time,
        acknowledgment.verdict,
        acknowledgment.note,
    ]


def _finding(element: int, message: str, offset: int | None) -> Finding:
    return Finding(code="024", level="interchange", message=message, segment="TA1", element=element, offset=offset)
