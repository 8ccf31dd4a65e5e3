"""The forms that a profile's values take, shared by partners and payers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from edi.codes.claim_terms import FILING_INDICATORS

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
PLAIN = Field(
    pattern=r"^([^\s\p{C}]([^\p{C}]*[^\s\p{C}])?)?$", json_schema_extra={"form": "no blank at either end, no control character"}
)
"""What people and systems read alike, or nothing: no sign that cannot be seen, within or around."""
SENT = Field(pattern=r"^([!-~]([ -~]*[!-~])?)?$", json_schema_extra={"form": "printable ASCII, no blank at either end"})
"""What is written into a file as it is, or nothing; US partners take no other characters."""
Text = Annotated[str, Field(min_length=1, max_length=60), PLAIN]
SentText = Annotated[str, Field(min_length=1, max_length=60), SENT]
SentId = Annotated[str, Field(min_length=2, max_length=80), SENT]
Place = Annotated[str, Field(min_length=1, max_length=255), PLAIN]
Texts = Annotated[tuple[Annotated[str, Field(min_length=1), PLAIN], ...], Field(strict=False)]
"""TOML has lists only; the items inside stay strict."""
SentIds = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=80), SENT], ...], Field(strict=False)]
FilingIndicator = Annotated[
    str,
    Field(pattern=f"^({'|'.join(FILING_INDICATORS)})$", json_schema_extra={"form": f"one of {', '.join(FILING_INDICATORS)}"}),
]
FilingDays = Annotated[int, Field(ge=1, le=1100)]
ClaimUsage = Literal["T", "P"]
DELIMITERS = frozenset("*~:^|\r\n\t")
"""What X12 usually delimits with, and what ends lines: no value that is sent may hold it."""


def _read_never(value: object) -> object:
    """TOML has no null: the word "never" stands for the answer that does not come."""
    return None if value == "never" else value


BusinessDays = Annotated[Annotated[int, Field(ge=1, le=60)] | None, BeforeValidator(_read_never), Field(examples=[1])]
OptionalDays = Annotated[FilingDays | None, BeforeValidator(_read_never)]
"""Days of a limit, or "never" where there is none."""


class Strict(BaseModel):
    """Shape shared by all profile tables: unknown keys refused, values immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def is_day(text: str) -> bool:
    """Whether a text is a day of the calendar, as 2026-01-31."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
