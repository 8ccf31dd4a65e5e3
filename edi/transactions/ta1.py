"""TA1 Interchange Acknowledgment: one segment beside the functional groups, as a document."""

from collections.abc import Sequence
from datetime import date

from edi.claims import Document
from edi.findings import Finding
from edi.headers import InterchangeHeader
from edi.values import find_date, format_short_date

NOTE_CODES = frozenset(f"{number:03}" for number in range(32))
"""TA105: 000 no error, then what was wrong with the interchange."""

ACCEPTED = "000"
CUT_SHORT = "022"
"""TA105 where reading had to stop: what came is no well-formed interchange."""
_HARMLESS = frozenset(("010", "011", "012", "013", "014", "015", "019"))
"""Notes on what nobody here reads: authorization and security, when the file was made, whether a TA1 is wanted."""


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


def choose_note(findings: Sequence[Finding], *, is_cut_short: bool = False) -> str:
    """The one TA105 an interchange deserves: the first that rejects it, else the first harmless one, else 000."""
    if is_cut_short:
        return CUT_SHORT
    notes = [finding.code for finding in findings if finding.level == "interchange"]
    told = [note if note in NOTE_CODES else "024" for note in notes]
    return next((note for note in told if note not in _HARMLESS), next(iter(told), ACCEPTED))


def acknowledge_interchange(header: InterchangeHeader, note: str = ACCEPTED) -> InterchangeAcknowledgment:
    """The TA1 of an interchange: A where the note is 000, E where it is of nothing that matters here, R for any other."""
    return InterchangeAcknowledgment(
        isa_control_number=header.isa_control_number,
        interchange_date=header.date,
        interchange_time=header.time,
        verdict="A" if note == ACCEPTED else "E" if note in _HARMLESS else "R",
        note=note,
    )


def _finding(element: int, message: str, offset: int | None) -> Finding:
    return Finding(code="024", level="interchange", message=message, segment="TA1", element=element, offset=offset)
