"""What is wrong in a document, in the words of the acknowledgments that report it."""

from typing import Literal

import msgspec

Level = Literal["interchange", "group", "set", "segment", "element", "balance"]


class EdiError(Exception):
    """These bytes cannot be read as X12 from here on.

    `offset` counts bytes from the start of the stream; the message never holds data of the file.
    """

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message} (at byte {offset})")
        self.offset = offset


class Finding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing wrong, located as a 999 would locate it.

    `code` is the code of the acknowledgment element that belongs to the level: TA105 (interchange), AK905 (group),
    IK502 (set), IK304 (segment), IK403 (element); `balance` findings carry the name of the rule.
    `position` counts segments from ST = 1 in the set. `message` carries no patient data; `value` may, and is for IK404 alone.
    """

    code: str
    level: Level
    message: str
    segment: str = ""
    position: int = 0
    loop: str = ""
    element: int = 0
    component: int = 0
    repeat: int = 0
    offset: int | None = None
    value: str = ""
    name: str = ""


class Unwritable(ValueError):
    """A document holds a value that cannot be written with these delimiters; `finding` says which and where."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding
