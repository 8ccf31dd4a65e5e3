"""ISA and GS as documents: what an interchange and a functional group say of themselves, both ways."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from edi.findings import Finding, Unwritable
from edi.segments import Delimiters
from edi.values import find_date, format_date, format_short_date

_ISA_WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
_ISA_NOTES = ("010", "011", "012", "013", "005", "006", "007", "008", "014", "015", "022", "017", "018", "019", "020", "027")
"""The TA105 code for each element of the ISA, in order."""


FUNCTIONAL_IDS = {
    "270": "HS", "271": "HB", "275": "PI", "276": "HR", "277": "HN", "278": "HI", "820": "RA", "824": "AG", "834": "BE",
    "835": "HP", "837": "HC", "997": "FA", "999": "FA",
}  # fmt: skip
"""GS01 of the groups in which each transaction set (ST01) stands."""
_GUIDE_LENGTH = 10
"""As much of a version as names the guide: addenda (005010X222A1) are editions of one guide."""


class InterchangeHeader(msgspec.Struct, frozen=True, kw_only=True):
    """ISA. Ids are stripped of their padding; `date` is None where ISA09 is no date; `version` is ISA12."""

    sender_qualifier: str
    sender_id: str
    receiver_qualifier: str
    receiver_id: str
    date: date | None
    time: str
    isa_control_number: int
    version: str = "00501"
    usage: str = "P"
    acknowledgment_requested: bool = False
    delimiters: Delimiters = Delimiters()
    authorization_qualifier: str = "00"
    authorization: str = ""
    security_qualifier: str = "00"
    security: str = ""


class GroupHeader(msgspec.Struct, frozen=True, kw_only=True):
    """GS. `functional_id` is GS01 (HC, HP, FA, HN …), `version` GS08."""

    functional_id: str
    application_sender: str
    application_receiver: str
    date: date | None
    time: str
    gs_control_number: int
    version: str


def check_isa(elements: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """What is wrong with the form of an ISA: (element, TA105 code, message)."""
    for element, (value, width) in enumerate(zip(elements[1:17], _ISA_WIDTHS, strict=False), 1):
        if len(value) != width or not _is_isa_value(element, value):
            message = f"ISA{element:02} is not what it should be in form or width ({width} characters)"
            yield element, _ISA_NOTES[element - 1], message
    if len(elements) != 17:
        yield 0, "022", "ISA has not sixteen elements"


def get_element(elements: Sequence[str], index: int) -> str:
    """An element by its number; '' where the segment has fewer."""
    return elements[index] if index < len(elements) else ""


def is_in_its_group(code: str, functional_id: str) -> bool:
    """Whether a set with this ST01 may stand in a group with this GS01; nothing is said of sets not known here."""
    return FUNCTIONAL_IDS.get(code, functional_id) == functional_id


def is_same_guide(st_version: str, gs_version: str) -> bool:
    """Whether ST03 names the guide that GS08 names, be it another edition; GS08 may leave the guide open (005010)."""
    return not st_version or st_version[:_GUIDE_LENGTH].startswith(gs_version[:_GUIDE_LENGTH])


def read_number(text: str) -> int:
    """A count or control number; -1 where the text is none, which agrees with nothing."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else -1


def _is_isa_value(element: int, value: str) -> bool:
    if element == 9:
        return find_date(value) is not None
    if element in (11, 16):
        return True
    if element in (10, 13):
        return value.isascii() and value.isdecimal()
    return {14: value in "01", 15: value in "PTI"}.get(element, value.isprintable())


def read_isa(elements: list[str], delimiters: Delimiters) -> InterchangeHeader:
    """The header an ISA says, whatever is wrong with its form."""
    return InterchangeHeader(
        sender_qualifier=get_element(elements, 5).strip(),
        sender_id=get_element(elements, 6).strip(),
        receiver_qualifier=get_element(elements, 7).strip(),
        receiver_id=get_element(elements, 8).strip(),
        date=find_date(get_element(elements, 9)),
        time=get_element(elements, 10),
        isa_control_number=max(read_number(get_element(elements, 13)), 0),
        version=get_element(elements, 12),
        usage=get_element(elements, 15),
        acknowledgment_requested=get_element(elements, 14) == "1",
        delimiters=delimiters,
        authorization_qualifier=get_element(elements, 1),
        authorization=get_element(elements, 2).strip(),
        security_qualifier=get_element(elements, 3),
        security=get_element(elements, 4).strip(),
    )


def read_gs(elements: list[str]) -> GroupHeader:
    """The header a GS says."""
    return GroupHeader(
        functional_id=get_element(elements, 1),
        application_sender=get_element(elements, 2).strip(),
        application_receiver=get_element(elements, 3).strip(),
        date=find_date(get_element(elements, 4)),
        time=get_element(elements, 5),
        gs_control_number=max(read_number(get_element(elements, 6)), 0),
        version=get_element(elements, 8),
    )


def write_isa(header: InterchangeHeader) -> str:
    """The ISA of a header; raises Unwritable where a value does not fit its width or holds a delimiter."""
    delimiters = header.delimiters
    values = (
        header.authorization_qualifier,
        header.authorization.ljust(10),
        header.security_qualifier,
        header.security.ljust(10),
        header.sender_qualifier,
        header.sender_id.ljust(15),
        header.receiver_qualifier,
        header.receiver_id.ljust(15),
        format_short_date(header.date),
        header.time,
        delimiters.repetition or "U",
        header.version,
        f"{header.isa_control_number:09}",
        "1" if header.acknowledgment_requested else "0",
        header.usage,
        delimiters.component,
    )
    for element, (value, width) in enumerate(zip(values, _ISA_WIDTHS, strict=True), 1):
        if len(value) != width or (element not in (11, 16) and _holds_delimiter(value, delimiters)):
            message = f"ISA{element:02} must be {width} characters and hold no delimiter"
            raise Unwritable(
                Finding(code=_ISA_NOTES[element - 1], level="interchange", message=message, segment="ISA", element=element)
            )
    return delimiters.element.join(("ISA", *values))


def write_gs(header: GroupHeader, delimiters: Delimiters) -> str:
    """The GS of a header; raises Unwritable where a value is missing or holds a delimiter."""
    values = (
        header.functional_id,
        header.application_sender,
        header.application_receiver,
        format_date(header.date) if header.date else "",
        header.time,
        str(header.gs_control_number),
        "X",
        header.version,
    )
    for element, value in enumerate(values, 1):
        if not value or _holds_delimiter(value, delimiters):
            message = f"GS{element:02} must be given and hold no delimiter"
            raise Unwritable(Finding(code="6", level="group", message=message, segment="GS", element=element))
    return delimiters.element.join(("GS", *values))


def _holds_delimiter(value: str, delimiters: Delimiters) -> bool:
    held = (delimiters.element, delimiters.component, delimiters.segment, delimiters.repetition or delimiters.segment)
    return any(character in value for character in held) or not value.isprintable() or not value.isascii()
