"""The words that claim fields are declared with: a field, how it is read from a claim, and what may be set in it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from edi.claims import Claim, Guide, Reference, ServiceLine
from edi.values import format_money, format_quantity
from payers.value_patterns import find_range, is_among, is_code_among, is_wild

Values = tuple[str, ...]
Form = Literal["upper", "digits", "strip"]
FORMS: tuple[Form, ...] = get_args(Form)
GUIDES: frozenset[Guide] = frozenset(get_args(Guide))

PROFESSIONAL: frozenset[Guide] = frozenset({"837P"})
INSTITUTIONAL: frozenset[Guide] = frozenset({"837I"})
DENTAL: frozenset[Guide] = frozenset({"837D"})
NOT_DENTAL = PROFESSIONAL | INSTITUTIONAL
NOT_INSTITUTIONAL = PROFESSIONAL | DENTAL

_CODES = frozenset({
    "claim.type_of_bill", "claim.drg", "claim.surgery", "diagnosis.code", "diagnosis.principal", "diagnosis.admitting",
    "diagnosis.external_cause", "diagnosis.visit_reason", "line.procedure", "line.revenue_code", "line.diagnosis",
})  # fmt: skip
"""Fields of codes that rules may give ranges of, ZIP codes apart. Elsewhere 100-200 is a text as any other, as of a group."""


@dataclass(frozen=True, slots=True)
class Setting:
    """How a rule may set a field: to which values, and how they are written into a claim.

    `constant`: any text that fits the field. `blank`: the empty text. `forms`: the named forms of the value that is there.
    `of_provider`: the value differs from practice to practice, so that a constant needs a condition on whose claim it is.
    `choice`: the constants that there are, where the guides list them.
    """

    write: Callable[[Claim, str], Claim]
    constant: bool = False
    blank: bool = False
    forms: tuple[Form, ...] = ()
    of_provider: bool = False
    choice: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ClaimField:
    """One documented field of a claim, by which rules speak of it.

    `place` is where the guides have it, `path` where the claim document has it. `read` gives every value there is, as text,
    none of them empty; a line's field is read from that line of that claim. `form` is a pattern that each value of the guide
    fits, '' where any may. `setting` is None where no rule may set the field.
    """

    name: str
    what: str
    place: str
    path: str
    read: Callable[[Claim, ServiceLine], Values]
    per_line: bool = False
    guides: frozenset[Guide] = GUIDES
    form: str = ""
    setting: Setting | None = None

    @property
    def has_ranges(self) -> bool:
        """Whether its values are codes in an order that means something, so that rules may give ranges of them."""
        return self.name in _CODES or self.name.endswith(".postal_code")

    def is_among(self, value: str, choice: Sequence[str]) -> bool:
        """Whether a value is one of those that a rule lists."""
        return is_code_among(value, choice) if self.has_ranges else is_among(value, choice)

    def is_open(self, given: str) -> bool:
        """Whether what a rule lists stands for many values."""
        return is_wild(given) or (self.has_ranges and find_range(given) is not None)

    @property
    def where(self) -> str:
        """Document path and place, as findings name them."""
        return f"{self.path} ({self.place})"


def say(*values: str) -> Values:
    """Those of the values that are there."""
    return tuple(value for value in values if value)


def say_money(cents: int | None) -> Values:
    """An amount as people write it: 120.00."""
    return () if cents is None else (format_money(cents),)


def say_days(days: Iterable[date | None]) -> Values:
    """Days as 2026-02-20."""
    return tuple(day.isoformat() for day in days if day is not None)


def say_quantity(value: Decimal | None) -> Values:
    """A quantity in its shortest form: 1, 2.5."""
    return () if value is None else (format_quantity(value),)


def pick(references: Iterable[Reference], *qualifiers: str) -> Values:
    """The numbers of these kinds."""
    return tuple(reference.value for reference in references if reference.qualifier in qualifiers and reference.value)


def of_claim(read: Callable[[Claim], Values]) -> Callable[[Claim, ServiceLine], Values]:
    """A reading that looks at the claim alone."""
    return lambda claim, _: read(claim)


def apply_form(form: str, value: str) -> str:
    """A value in one of the named forms; each gives the same again for what it gave.

    upper: in capitals. digits: its digits alone. strip: its letters and digits alone, without blanks and punctuation.
    """
    if form == "upper":
        return value.upper()
    wanted = str.isdecimal if form == "digits" else str.isalnum
    return "".join(sign for sign in value if wanted(sign) and sign.isascii())
