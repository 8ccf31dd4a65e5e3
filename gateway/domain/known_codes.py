"""What is known of diagnosis and procedure codes: which there are, on which days, and whether a code is the most specific one."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal

import msgspec

Standing = Literal["listed", "heading", "unknown"]

ICD_10_CM_FORM = re.compile(r"[A-Z][0-9A][0-9A-Z]{1,5}")
"""Without the point. The second character is a digit, and since October 2025 also A (QA0)."""

Days = tuple[date | None, date | None]
"""First and last day that a code holds; None: no first, or no last, day."""


class DiagnosisRelease(msgspec.Struct, frozen=True):
    """One release of ICD-10-CM: its codes, without points and in order, and the first and last day of service it is for."""

    codes: tuple[str, ...]
    first_day: date
    last_day: date

    def find_standing(self, code: str) -> Standing:
        """Whether a code may be billed, has more specific ones below it, or is not in the release at all."""
        place = bisect_right(self.codes, code)
        if place < len(self.codes) and self.codes[place].startswith(code):
            return "heading"
        return "listed" if place and self.codes[place - 1] == code else "unknown"


def build_release(codes: Iterable[str], first_day: date, last_day: date) -> DiagnosisRelease:
    """A release of the codes among these; chapters and blocks, which lists may have between them, are left out."""
    return DiagnosisRelease(tuple(sorted(set(filter(ICD_10_CM_FORM.fullmatch, codes)))), first_day, last_day)


class KnownCodes(msgspec.Struct, frozen=True, kw_only=True):
    """The releases of diagnoses, and of each imported list of procedures every code with its days."""

    diagnoses: tuple[DiagnosisRelease, ...] = ()
    procedures: Mapping[str, Mapping[str, tuple[Days, ...]]] = {}

    def find_release(self, day: date) -> DiagnosisRelease | None:
        """The newest release that is for services of this day."""
        return next((one for one in reversed(self.diagnoses) if one.first_day <= day <= one.last_day), None)

    def is_missing(self, list_name: str, code: str, day: date) -> bool:
        """Whether this list was imported and has not this code on that day."""
        if list_name not in self.procedures:
            return False
        periods = self.procedures[list_name].get(code, ())
        return not any((first or date.min) <= day <= (last or date.max) for first, last in periods)


NOTHING_KNOWN = KnownCodes()
