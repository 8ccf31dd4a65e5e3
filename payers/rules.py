"""A payer's rules as data: the rule table of a profile, what makes a rule refused at load, and how one is judged.

A rule holds where each condition of `when` holds and none of `unless`, for its guides and days of service; then each of its
demands is judged. `set` does not demand: it repairs.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import BeforeValidator, Field

from edi.claims import Guide
from payers.claim_fields import find_field
from payers.field_terms import FORMS, GUIDES, ClaimField, Values, apply_form
from payers.fields import Strict, Texts


def _flatten(given: object) -> object:
    """TOML reads line.modifier = .. without quotes as a table in a table: here it is the field line.modifier all the same."""
    if not isinstance(given, dict):
        return given
    flat: dict[object, object] = {}
    for key, value in given.items():
        inner = _flatten(value)
        flat |= {f"{key}.{rest}": each for rest, each in inner.items()} if isinstance(inner, dict) and inner else {key: inner}
    return flat


Day = Annotated[str, Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2})?$")]
Choice = Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
Choices = Annotated[dict[str, Choice], BeforeValidator(_flatten)]
Given = Annotated[dict[str, str], BeforeValidator(_flatten)]
Demand = Literal["require", "forbid", "match", "one_of", "include"]
Lookup = Callable[[ClaimField], Values]
"""The values that a claim, or one line of it, has of a field."""


FREQUENCIES = ("claim.frequency", "claim.type_of_bill")
"""The fields that say whether a claim is a void."""
VOID = "8"


class RuleError(ValueError):
    """A rule cannot be applied; why, in words that name no value of the claim."""


class Fault(NamedTuple):
    """A demand that is not met, and of which field."""

    demand: Demand
    field: str


class Examples(Strict):
    """Two invented claims, or lines, by the fields that matter: the rule is tested on both when the profile is loaded."""

    breaks: Choices = Field(default={}, description="one on which the rule speaks", examples=[{"line.place_of_service": ["02"]}])
    fits: Choices = Field(
        default={},
        description="one on which it does not",
        examples=[{"line.place_of_service": ["02"], "line.modifier": ["95"]}],
    )


class Rule(Strict):
    """One rule of the payer over the fields of docs/claim-fields.md: when it holds, and what it demands or repairs.

    Every condition of `when` must hold and none of `unless`. A value may have * (any characters) and ? (one character), may be
    a range ("99201-99215") where the field has ranges, and "" means that the field is empty. With a field of a line in it, the
    rule is judged line by line. A rule that cannot be applied to a claim holds the claim.
    """

    id: str = Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        min_length=3,
        max_length=60,
        description="its name, in small letters and hyphens; findings show it",
        examples=["telehealth-modifier"],
    )
    what: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="what is wrong where it is broken, for the biller; no patient's data",
        examples=["A telehealth service has no modifier 95."],
    )
    fix: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="what to do then", examples=["Add modifier 95 to the line."]
    )
    severity: Literal["hold", "warn"] = Field(default="hold", description="whether a breach keeps the claim from leaving")
    when: Choices = Field(
        default={},
        description="conditions: fields, each with the values of which one must be there",
        examples=[{"line.place_of_service": ["02", "10"]}],
    )
    unless: Choices = Field(
        default={},
        description="conditions of which none may hold",
        examples=[{"claim.frequency": ["8"]}],
    )
    guides: Annotated[tuple[Guide, ...], Field(strict=False)] = Field(
        default=(), description="the guides it is for; all where empty", examples=[["837P"]]
    )
    effective_from: Day = Field(
        default="", description="the first day of service it is for, as 2026-01-01", examples=["2026-01-01"]
    )
    effective_through: Day = Field(default="", description="the last one", examples=["2026-12-31"])
    require: Texts = Field(default=(), description="fields that may not be empty then", examples=[["claim.prior_authorization"]])
    forbid: Texts = Field(default=(), description="fields that must be empty then", examples=[["coverage.group_name"]])
    match: Given = Field(
        default={},
        description="fields, each with the regular expression that every value there is must fit as a whole",
        examples=[{"claim.prior_authorization": "[0-9]{8}"}],
    )
    one_of: Choices = Field(
        default={},
        description="fields, each with the values of which every one there is must be one",
        examples=[{"line.modifier": ["95", "GT"]}],
    )
    include: Choices = Field(
        default={},
        description="fields, each with the values of which one must be there, whatever others are",
        examples=[{"line.modifier": ["93", "95"]}],
    )
    set: Given = Field(
        default={},
        description='settable fields, each with what is put there: a text, or "=upper", "=digits", "=strip" of what is there',
        examples=[{"coverage.claim_filing_indicator": "HM"}],
    )
    examples: Examples | None = None

    @cached_property
    def per_line(self) -> bool:
        """Whether it is judged line by line."""
        return any(field.per_line for field in map(find_field, self.field_names) if field is not None)

    @property
    def field_names(self) -> tuple[str, ...]:
        """Every field that it speaks of, each once."""
        demanded = (*self.require, *self.forbid, *self.match, *self.one_of, *self.include, *self.set)
        return tuple(dict.fromkeys((*self.when, *self.unless, *demanded)))

    @cached_property
    def for_guides(self) -> frozenset[Guide]:
        """The guides it is for."""
        return frozenset(self.guides) or GUIDES

    @property
    def names_voids(self) -> bool:
        """Whether `when` names frequency 8, by itself or as the end of a type of bill: only then are voids asked about."""
        return any(value.endswith(VOID) for name in FREQUENCIES for value in self.when.get(name, ()))

    @property
    def is_dated(self) -> bool:
        """Whether it is for some days of service only."""
        return bool(self.effective_from or self.effective_through)

    def is_in_force(self, day: str) -> bool:
        """Whether it is for services of this day (2026-02-20; ISO days compare as texts)."""
        return self.effective_from <= day and (not self.effective_through or day <= self.effective_through)

    def applies(self, lookup: Lookup) -> bool:
        """Whether each condition of `when` holds and none of `unless`. Raises RuleError for a field that there is not."""
        held = all(holds(get_field(name), lookup, values) for name, values in self.when.items())
        return held and not any(holds(get_field(name), lookup, values) for name, values in self.unless.items())

    def find_faults(self, lookup: Lookup) -> Iterator[Fault]:
        """The demands that are not met, where the rule applies. Raises RuleError for a field that there is not."""
        if not self.applies(lookup):
            return
        yield from (Fault("require", name) for name in self.require if not lookup(get_field(name)))
        yield from (Fault("forbid", name) for name in self.forbid if lookup(get_field(name)))
        for name, form in self.match.items():
            if not all(re.fullmatch(form, value) for value in lookup(get_field(name))):
                yield Fault("match", name)
        for name, choice in self.one_of.items():
            field = get_field(name)
            if not all(field.is_among(value, choice) for value in lookup(field)):
                yield Fault("one_of", name)
        for name, choice in self.include.items():
            field = get_field(name)
            if not any(field.is_among(value, choice) for value in lookup(field)):
                yield Fault("include", name)

    def find_repairs(self, lookup: Lookup) -> Iterator[tuple[ClaimField, str]]:
        """What `set` changes, where the rule applies: each field whose value is another, with the value it should have.

        Raises RuleError for a field that there is not or may not be set, and where nothing would be left of a value.
        """
        if not self.set or not self.applies(lookup):
            return
        for name, given in self.set.items():
            field = get_field(name)
            if field.setting is None:
                raise RuleError(f"{name} may not be set")
            values = lookup(field)
            wanted = find_wanted(given, values)
            if wanted is not None and values != ((wanted,) if wanted else ()):
                yield field, wanted


def get_field(name: str) -> ClaimField:
    """The field of this name. Raises RuleError where there is none."""
    field = find_field(name)
    if field is None:
        raise RuleError(f"there is no field {name}")
    return field


def holds(field: ClaimField, lookup: Lookup, choice: Choice) -> bool:
    """Whether one of the field's values is among the choice; where there is none, whether the choice has ""."""
    values = lookup(field)
    return any(field.is_among(value, choice) for value in values) if values else "" in choice


def find_wanted(given: str, values: Values) -> str | None:
    """The value to put: the text itself, or the named form of the value there is; None where there is none to form.

    Raises RuleError where nothing is left of a value, or several values would have to become one.
    """
    form = given.removeprefix("=")
    if not given.startswith("=") or form not in FORMS:
        return given
    formed = {apply_form(form, value) for value in values}
    if not formed:
        return None
    if len(formed) > 1 or "" in formed:
        raise RuleError(f"{given} leaves nothing of the value, or several values where one belongs")
    return formed.pop()


def look_in(example: Mapping[str, Values]) -> Lookup:
    """The values of an example."""
    return lambda field: tuple(value for value in example.get(field.name, ()) if value)
