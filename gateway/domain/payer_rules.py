"""A payer's rules applied to a claim: what they repair, what they find, and which of them cannot be applied.

Pure, and the same again for what was repaired: a second application changes nothing.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from edi.claims import Claim, ServiceLine
from gateway.domain.frequency import VOID
from payers.claim_fields import NO_LINE
from payers.field_terms import ClaimField
from payers.line_fields import find_service_day
from payers.rules import Fault, Lookup, Rule, RuleError, get_field


class Repair(NamedTuple):
    """A field that a rule set."""

    rule: str
    field: str


class Unmet(NamedTuple):
    """A demand of a rule that a claim does not meet; `line` counts from 1, 0 where it is about the claim."""

    rule: Rule
    fault: Fault
    line: int


class Inapplicable(NamedTuple):
    """A rule that could not be applied to a claim, by its id, and why; no value of the claim is told."""

    rule: str
    reason: str
    line: int


class Applied(NamedTuple):
    """What a rule table made of a claim: the claim as it is repaired, by which rules, and what they say of it then."""

    claim: Claim
    repairs: tuple[Repair, ...]
    unmet: tuple[Unmet, ...]
    inapplicable: tuple[Inapplicable, ...]


AsSent = Callable[[Claim], Claim]
"""A document as it is sent: what rules ask about. They write into the document itself, which keeps what the biller gave."""


def _as_it_is(claim: Claim) -> Claim:
    return claim


def apply_rules(claim: Claim, rules: Sequence[Rule], as_sent: AsSent = _as_it_is) -> Applied:
    """A claim repaired and judged by a rule table."""
    repaired, repairs, unrepaired = repair_claim(claim, rules, as_sent)
    unmet, unjudged = judge_claim(as_sent(repaired), rules)
    return Applied(repaired, repairs, tuple(unmet), tuple(dict.fromkeys((*unrepaired, *unjudged))))


def list_rules(claim: Claim, rules: Sequence[Rule]) -> list[Rule]:
    """The rules that are asked about a claim: about a void, which says what the payer has already, those that name voids."""
    return [rule for rule in rules if claim.frequency != VOID or rule.names_voids]


def judge_claim(claim: Claim, rules: Sequence[Rule]) -> tuple[list[Unmet], list[Inapplicable]]:
    """The demands that a claim does not meet, and the rules that could not be judged."""
    unmet: list[Unmet] = []
    inapplicable: list[Inapplicable] = []
    for rule in rules:
        for number, line in _list_units(rule, claim):
            try:
                unmet += [Unmet(rule, fault, number) for fault in _find_faults(rule, claim, line)]
            except FAILURES as failure:
                inapplicable.append(Inapplicable(rule.id, _tell(failure), number))
    return unmet, inapplicable


def repair_claim(
    claim: Claim, rules: Sequence[Rule], as_sent: AsSent = _as_it_is
) -> tuple[Claim, tuple[Repair, ...], list[Inapplicable]]:
    """The claim with what `set` puts in it, which rules put what, and the rules that could not.

    What would be sent the same without a repair is not repaired. Rules may prepare the ground for each other: they are gone
    through until nothing changes. Where they undo each other, the claim stays as it was and none of them is applied.
    """
    setting = [rule for rule in rules if rule.set and claim.guide in rule.for_guides]
    repaired = claim
    repairs: dict[Repair, None] = {}
    inapplicable: dict[Inapplicable, None] = {}
    for _ in range(len(setting) + 1):
        written = 0
        for rule in setting:
            try:
                changes = _find_repairs(rule, as_sent(repaired))
            except FAILURES as failure:
                inapplicable[Inapplicable(rule.id, _tell(failure), 0)] = None
                continue
            for field, wanted in changes:
                changed = _write(field, repaired, wanted)
                if as_sent(changed) == as_sent(repaired):
                    continue
                repaired = changed
                repairs[Repair(rule.id, field.name)] = None
                written += 1
        if not written:
            return repaired, tuple(repairs), [*inapplicable]
    return claim, (), [Inapplicable(rule.id, "rules that set the same field undo each other", 0) for rule in setting]


FAILURES = (RuleError, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, re.error)
"""What the evaluation of a rule may raise. The claim is held for it; anything else is a bug, for which scrub holds it too."""


def _tell(failure: Exception) -> str:
    """Why a rule cannot be applied: our own words, or the kind of the failure alone, since its text may hold a value."""
    return str(failure) if isinstance(failure, RuleError) else f"its evaluation failed ({type(failure).__name__})"


def _list_units(rule: Rule, claim: Claim) -> Iterator[tuple[int, ServiceLine]]:
    """What a rule is judged on: each line with its number, or the claim alone under 0; nothing for a claim of another guide."""
    if claim.guide not in rule.for_guides:
        return
    if rule.per_line:
        yield from enumerate(claim.lines, 1)
    else:
        yield 0, NO_LINE


def _find_faults(rule: Rule, claim: Claim, line: ServiceLine) -> list[Fault]:
    lookup = _look_at(claim, line)
    if rule.is_dated and not _is_due(rule, claim, line, lookup):
        return []
    _refuse_missing(claim, (*rule.require, *rule.match, *rule.one_of, *rule.include))
    return [*rule.find_faults(lookup)]


def _find_repairs(rule: Rule, claim: Claim) -> list[tuple[ClaimField, str]]:
    lookup = _look_at(claim, NO_LINE)
    if rule.is_dated and not _is_due(rule, claim, NO_LINE, lookup):
        return []
    _refuse_missing(claim, tuple(rule.set))
    return [*rule.find_repairs(lookup)]


def _look_at(claim: Claim, line: ServiceLine) -> Lookup:
    return lambda field: field.read(claim, line) if claim.guide in field.guides else ()


def _write(field: ClaimField, claim: Claim, value: str) -> Claim:
    assert field.setting is not None, "find_repairs gives what may be set"
    return field.setting.write(claim, value)


def _refuse_missing(claim: Claim, names: Sequence[str]) -> None:
    """A demand on a field that the claim's guide does not have can neither be met nor broken."""
    for name in names:
        if claim.guide not in get_field(name).guides:
            raise RuleError(f"{name} is no field of an {claim.guide}")


def _is_due(rule: Rule, claim: Claim, line: ServiceLine, lookup: Lookup) -> bool:
    """Whether a rule for some days of service is for this one.

    The day is asked for last: that a claim names none is nothing to hold it for where the rule does not apply.
    """
    if not rule.applies(lookup):
        return False
    days = [find_service_day(claim, each) for each in ((line,) if line is not NO_LINE else (*claim.lines, NO_LINE))]
    known = [day for day in days if day]
    if not known:
        raise RuleError("it is for some days of service only, and the claim names none")
    return rule.is_in_force(min(known))
