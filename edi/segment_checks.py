"""What raw segments show as they pass: NPIs that are none, places that are none, lines of a claim that are miscounted.

Findings of level `balance`; `code` is the name of the rule.
"""

from collections.abc import Callable, Sequence

from edi.findings import Finding
from edi.interchange import TransactionSet
from edi.values import is_valid_npi

ADVICE = frozenset(("postal_code",))
"""Rules that many real files break and many payers let pass."""

_NPI_QUALIFIER = {"NM1": 8, "N1": 3, "REF": 1}
"""Where a segment says that its next element is an NPI: XX in NM1 and N1, HPI in REF."""
# fmt: off
_STATES = frozenset((
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD",
    "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD",
    "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "FM", "GU", "MH", "MP", "PW", "PR", "UM", "VI", "AA", "AE", "AP",
    "AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT",
))
# fmt: on
"""N402 where N404 names no other country: the states and territories of the United States, its forces, and Canada's provinces."""
_WHOLE_POSTAL_CODE = ("85", "77")
"""NM101 of the parties whose N403 has nine digits (005010X222A1, 2010AA and 2310C; the same in X223A2 and X224A2)."""
_POSTAL_CODE_LENGTH = 9


class SegmentChecks:
    """Looks at every segment of one set; what is found is asked for as the set is read."""

    def __init__(self, tset: TransactionSet) -> None:
        self._separator = separator = tset.delimiters.element
        self._npi_marks = (f"{separator}XX{separator}", f"REF{separator}HPI{separator}")
        watched: dict[str, Callable[[int, list[str]], None]] = {"N4": self._look_at_place}
        if tset.code == "837":
            watched |= {"NM1": self._look_at_name, "CLM": self._look_at_claim, "LX": self._look_at_line}
        self._watched = watched
        self._starts = tuple(tag + separator for tag in watched)
        self._party = ""
        self._line = 0
        self._found: list[Finding] = []

    def look(self, position: int, segments: Sequence[str]) -> None:
        """Look through segments that begin at `position`."""
        by_id, by_reference = self._npi_marks
        for place, segment in enumerate(segments, position):
            if by_id in segment or by_reference in segment:
                self._look_at_npi(place, segment.split(self._separator))
            if segment.startswith(self._starts):
                elements = [*segment.split(self._separator), "", "", "", ""]
                self._watched[elements[0]](place, elements)

    def take(self) -> list[Finding]:
        """What was found since it was last asked."""
        found, self._found = self._found, []
        return found

    def _look_at_npi(self, position: int, elements: list[str]) -> None:
        at = _NPI_QUALIFIER.get(elements[0], 0)
        if not at or len(elements) < at + 2 or elements[at] not in ("XX", "HPI") or is_valid_npi(elements[at + 1]):
            return
        name = f"{elements[0]}{at + 1:02}"
        message = f"{name} is no NPI: it has ten digits, the last of which is a check digit over the others"
        self._tell("npi", message, position, elements, at + 1)

    def _look_at_name(self, _position: int, elements: list[str]) -> None:
        self._party = elements[1]

    def _look_at_claim(self, _position: int, _elements: list[str]) -> None:
        self._line = 0
        self._party = ""

    def _look_at_line(self, position: int, elements: list[str]) -> None:
        """LX01 counts the lines of a claim from 1 (005010X222A1, 2400 LX); the count goes on from what it is."""
        self._line += 1
        self._party = ""
        number = elements[1]
        if number == str(self._line):
            return
        message = f"LX01 counts the lines of a claim from 1: this is line {self._line}"
        self._tell("line_number", message, position, elements, 1)
        if number.isascii() and number.isdecimal() and len(number) <= 6:
            self._line = int(number)

    def _look_at_place(self, position: int, elements: list[str]) -> None:
        state, postal_code, country = elements[2:5]
        if country not in ("", "US"):
            return
        if state and state not in _STATES:
            message = "N402 is no state or province, and N404 names no country where it might be one"
            self._tell("state_code", message, position, elements, 2)
        is_whole = len(postal_code) == _POSTAL_CODE_LENGTH and postal_code.isascii() and postal_code.isdecimal()
        # Six characters are what Canada has.
        if self._party in _WHOLE_POSTAL_CODE and not is_whole and len(postal_code) != 6:
            message = "N403 of the billing provider and of the service facility has nine digits"
            self._tell("postal_code", message, position, elements, 3)

    def _tell(self, rule: str, message: str, position: int, elements: list[str], element: int) -> None:
        value = elements[element][:99]
        self._found.append(
            Finding(
                code=rule, level="balance", message=message, segment=elements[0], position=position, element=element, value=value
            )
        )
