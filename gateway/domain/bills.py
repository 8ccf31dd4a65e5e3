"""Institutional bills: what the type of a bill says of it, its statement, its admission, and its lines of room and board.

The first two digits of the type of bill are CLM05-1, its last character CLM05-3. The lists are those of the Medicare Claims
Processing Manual (chapter 25) and of the state manuals that follow the same form.
"""

import re
from collections.abc import Iterator
from datetime import date

from edi.claims import Claim, ServiceLine
from edi.claims.details import Moment, Period

FACILITIES = frozenset(
    [
        *("11", "12", "13", "14", "18", "21", "22", "23", "28", "32", "33", "34", "41", "43", "65", "66"),
        *("71", "72", "73", "74", "75", "76", "77", "78", "79", "81", "82", "83", "84", "85", "86", "87", "89"),
    ]
)
FREQUENCIES = frozenset("0123456789ABCDEFGHIJKMNOPQXYZ")

INPATIENT = frozenset({"11", "18", "21", "41"})
"""Bills of a stay about which all manuals agree; others that can be one (28, 65, 66, 86) are not held to it."""
HOSPITAL_INPATIENT = "11"
OUTPATIENT = frozenset({"13", "14", "85"})
"""Hospital bills of visits."""
HOME_HEALTH = frozenset({"32", "33"})

ORIGINAL, FIRST, CONTINUING, LAST = "1", "2", "3", "4"
STILL_PATIENT = "30"
STATEMENT, ADMISSION, DISCHARGE_HOUR = "434", "435", "096"

_ROOM = re.compile(r"0(1[0-9]|20|21)[0-9]")
_LEAVE = "018"


def is_inpatient(claim: Claim) -> bool:
    """Whether the bill is one of a stay."""
    return claim.place_of_service in INPATIENT


def find_statement(claim: Claim) -> Period | None:
    """The days the bill covers (DTP*434)."""
    return next((period for period in claim.periods if period.qualifier == STATEMENT), None)


def find_sound_statement(claim: Claim) -> Period | None:
    """The days the bill covers; None where they are not in order, too: what else disagrees with them says nothing more."""
    statement = find_statement(claim)
    return statement if statement is not None and statement.first <= statement.last else None


def find_moment(claim: Claim, qualifier: str) -> Moment | None:
    """An hour the bill tells: of admission or of discharge."""
    return next((moment for moment in claim.moments if moment.qualifier == qualifier), None)


def find_admission_day(claim: Claim) -> date | None:
    """The day of admission, whether it came with its hour or without."""
    moment = find_moment(claim, ADMISSION)
    if moment is not None and moment.day is not None:
        return moment.day
    return next((day for qualifier, day in claim.dates if qualifier == ADMISSION), None)


def count_days(statement: Period) -> int:
    """The days of a statement, the day of discharge not counted."""
    return (statement.last - statement.first).days


def is_room(line: ServiceLine) -> bool:
    """Whether a line is one of room and board (0100 to 0219)."""
    return _ROOM.fullmatch(line.revenue_code) is not None


def list_rooms(claim: Claim) -> Iterator[tuple[int, ServiceLine]]:
    """The lines of room and board with their places, those of leave of absence (018x) not among them."""
    for n, line in enumerate(claim.lines):
        if is_room(line) and not line.revenue_code.startswith(_LEAVE):
            yield n, line
