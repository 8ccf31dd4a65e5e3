"""The forms that a profile's values take, shared by partners and payers."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
Text = Annotated[str, Field(min_length=1, max_length=60)]
Place = Annotated[str, Field(min_length=1, max_length=255)]
Texts = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(strict=False)]
"""TOML has lists only; the items inside stay strict."""
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
