"""What makes a rule of a profile impossible: fields that there are not, demands that contradict, repairs that may not be."""

import re
from collections.abc import Iterator, Mapping, Sequence

from payers.claim_fields import describe_setting, find_field, say_unknown
from payers.field_terms import FORMS, ClaimField, Setting, Values
from payers.fields import DELIMITERS, is_day
from payers.patterns import find_fault
from payers.rules import Rule, RuleError, look_in
from payers.strict import Problem
from payers.value_patterns import find_range, is_among, is_wild

STARS_MAX = 3
WHOSE = ("billing_provider.npi", "billing_provider.tax_id")
"""The fields that say whose claim it is."""
ALWAYS_THERE = frozenset({
    "claim.guide", "claim.frequency", "claim.charge", "claim.line_count", "claim.assignment", "claim.benefits_assigned",
    "coverage.responsibility", "coverage.claim_filing_indicator", "patient.relationship", "billing_provider.name",
    "billing_provider.tax_id", "billing_provider.street", "subscriber.last_name", "patient.last_name", "payer.id", "payer.name",
    "line.charge",
})  # fmt: skip
"""The fields without which no claim of any guide is sent."""

Choices = Mapping[str, Values]


def check_rules(rules: Sequence[Rule], payer_ids: Sequence[str] = ()) -> Iterator[Problem]:
    """Everything wrong with a rule table; `payer_ids` are those that mean the payer, none where no payer is known."""
    for position, rule in enumerate(rules):
        where = f"rules[{position}]"
        problems = [*check_rule(rule), *_check_payer_id(rule, payer_ids)]
        yield from ((f"{where}.{key}", what) for key, what in problems)
        yield from ((f"{where}.{key}", what) for key, what in _check_against(rule, rules[:position]))


def check_rule(rule: Rule) -> Iterator[Problem]:
    """Everything wrong with one rule, by key."""
    problems = [*_check_names(rule)]
    yield from problems
    yield from _check_days(rule)
    if not any((rule.require, rule.forbid, rule.match, rule.one_of, rule.include, rule.set)):
        yield "id", "the rule demands nothing: it should have require, forbid, match, one_of, include or set"
    if problems:
        return
    yield from _check_guides(rule)
    yield from _check_values(rule)
    yield from _check_conditions(rule)
    yield from _check_demands(rule)
    yield from _check_choices(rule)
    yield from _check_forms(rule)
    yield from _check_settings(rule)
    yield from _check_examples(rule)


def check_fields(key: str, names: Sequence[str]) -> Iterator[Problem]:
    """Names in a list of fields that no field has."""
    for position, name in enumerate(names):
        if find_field(name) is None:
            yield f"{key}[{position}]", say_unknown(name)


def _check_names(rule: Rule) -> Iterator[Problem]:
    yield from check_fields("require", rule.require)
    yield from check_fields("forbid", rule.forbid)
    tables: dict[str, Mapping[str, object]] = {
        "when": rule.when, "unless": rule.unless, "match": rule.match, "one_of": rule.one_of, "include": rule.include,
        "set": rule.set,
    }  # fmt: skip
    if rule.examples is not None:
        tables |= {"examples.breaks": rule.examples.breaks, "examples.fits": rule.examples.fits}
    for key, table in tables.items():
        yield from ((f"{key}.{name}", say_unknown(name)) for name in table if find_field(name) is None)


def _check_days(rule: Rule) -> Iterator[Problem]:
    for key, day in (("effective_from", rule.effective_from), ("effective_through", rule.effective_through)):
        if day and not is_day(day):
            yield key, "should be a day of the calendar, as 2026-01-01"
    if rule.effective_through and rule.effective_from > rule.effective_through:
        yield "effective_through", "should not be before effective_from: as it is, the rule is never in force"


def _check_guides(rule: Rule) -> Iterator[Problem]:
    """A demand on a field that a guide does not have could never be met there; a condition on it never holds."""
    wanted = rule.for_guides
    for key, names in _demanded(rule).items():
        for name in names:
            if missing := wanted - _get(name).guides:
                there = ", ".join(f'"{guide}"' for guide in sorted(_get(name).guides & wanted or _get(name).guides))
                yield f"{key}.{name}", f"is no field of {', '.join(sorted(missing))}: the rule should say guides = [{there}]"
    for name in rule.when:
        if not wanted & _get(name).guides:
            yield f"when.{name}", f"is no field of {', '.join(sorted(wanted))}, which the rule is for: it would never hold"


def _demanded(rule: Rule) -> dict[str, Sequence[str]]:
    return {
        "require": rule.require,
        "match": tuple(rule.match),
        "one_of": tuple(rule.one_of),
        "include": tuple(rule.include),
        "set": tuple(rule.set),
    }


def _check_values(rule: Rule) -> Iterator[Problem]:
    for key, table in (("when", rule.when), ("unless", rule.unless), ("one_of", rule.one_of), ("include", rule.include)):
        for name, choice in table.items():
            for position, value in enumerate(choice):
                if fault := _find_value_fault(value, _get(name)):
                    yield f"{key}.{name}[{position}]", fault
    for name, choice in rule.one_of.items():
        if "" in choice:
            yield f"one_of.{name}", 'should be without "": what is empty is not judged here; demand it with forbid'
    for name, choice in rule.include.items():
        if "" in choice:
            yield f"include.{name}", 'should be without "": one of the values must be there'


def _find_value_fault(value: str, field: ClaimField) -> str:
    if value.count("*") > STARS_MAX:
        return f"should have at most {STARS_MAX} stars"
    ends = find_range(value) if field.has_ranges else None
    if ends is not None and ends[0] > ends[1]:
        return "should be a range from the lower code to the higher one"
    if value and not field.is_open(value) and field.form and not re.fullmatch(field.form, value):
        return f"can never be a value of {field.name}, each of which fits {field.form}"
    return ""


def _check_conditions(rule: Rule) -> Iterator[Problem]:
    for name, choice in rule.when.items():
        if set(choice) <= set(rule.unless.get(name, ())):
            yield f"unless.{name}", "takes out all that when lets in: the rule would never hold"
        if name in rule.require and "" not in choice:
            yield f"require.{name}", "is never empty where when holds, so that nothing is demanded"
        if set(choice) == {""}:
            for key in ("forbid", "match", "one_of", "include"):
                if name in getattr(rule, key):
                    yield f"{key}.{name}", "is always empty where when holds: nothing there can be judged"


def _check_demands(rule: Rule) -> Iterator[Problem]:
    for name in rule.forbid:
        for key in ("require", "match", "one_of", "include"):
            if name in getattr(rule, key):
                yield f"forbid.{name}", f"contradicts {key}: a field cannot be forbidden and have a value"
        if rule.set.get(name):
            yield f"forbid.{name}", "contradicts set: a field cannot be forbidden and have a value"
    for name in rule.require:
        if rule.set.get(name) == "":
            yield f"set.{name}", "contradicts require: a field cannot be emptied and have a value"


def _check_choices(rule: Rule) -> Iterator[Problem]:
    for name, wanted in rule.include.items():
        if name in rule.one_of and not _meet(wanted, rule.one_of[name]):
            yield f"include.{name}", "contradicts one_of: none of the values is among those that it lets in"


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a value may be among both; of two that stand for many values each, it is taken that one may."""
    if any(map(is_wild, one)) and any(map(is_wild, other)):
        return True
    return any(is_among(each, other) for each in one) or any(is_among(each, one) for each in other)


def _check_forms(rule: Rule) -> Iterator[Problem]:
    for name, form in rule.match.items():
        if fault := find_fault(form):
            yield f"match.{name}", fault
        elif (name in rule.one_of) and not any(
            _get(name).is_open(each) or re.fullmatch(form, each) for each in rule.one_of[name]
        ):
            yield f"match.{name}", "contradicts one_of: none of its values fits"


def _check_settings(rule: Rule) -> Iterator[Problem]:
    if rule.set and rule.names_voids:
        yield "set", "repairs no void, which says what the payer has already: when should be without frequency 8"
    if rule.set and rule.per_line:
        yield "set", "changes the claim as a whole, so that no condition or demand beside it may be of a line"
    for name, given in rule.set.items():
        field = _get(name)
        if field.setting is None:
            yield f"set.{name}", f"may not be set: docs/claim-fields.md says what may, such as {_list_settable(name)}"
        elif fault := _find_setting_fault(given, field, field.setting):
            yield f"set.{name}", fault
        elif field.setting.of_provider and given and not given.startswith("=") and not _names_provider(rule):
            yield f"set.{name}", 'differs from practice to practice: when should name "billing_provider.npi"'


def _find_setting_fault(given: str, field: ClaimField, setting: Setting) -> str:
    allowed = describe_setting(setting)
    if given.startswith("="):
        return "" if given[1:] in setting.forms and given[1:] in FORMS else f"should be {allowed}"
    if not given:
        return "" if setting.blank else f"may not be emptied; should be {allowed}"
    if not setting.constant:
        return f"should be {allowed}"
    if not DELIMITERS.isdisjoint(given) or given != given.strip():
        return "should be without blanks around it and the characters that X12 delimits with: * ~ : ^ |"
    if field.form and not re.fullmatch(field.form, given):
        return f"can never be a value of {field.name}, each of which fits {field.form}"
    if setting.choice and given not in setting.choice:
        return f"should be one of {', '.join(sorted(setting.choice))}"
    return ""


def _list_settable(name: str) -> str:
    return "coverage.claim_filing_indicator" if not name.startswith("billing") else "billing_provider.reference.G2"


def _names_provider(rule: Rule) -> bool:
    return any(values and "" not in values and not any(map(is_wild, values)) for values in map(rule.when.get, WHOSE) if values)


def _check_examples(rule: Rule) -> Iterator[Problem]:
    if rule.examples is None:
        return
    for key in ("breaks", "fits"):
        example: Choices = getattr(rule.examples, key)
        for name in example:
            if name not in rule.field_names:
                yield f"examples.{key}.{name}", "is no field that the rule speaks of"
    if rule.examples.breaks and not _speaks(rule, rule.examples.breaks):
        yield "examples.breaks", "should be a claim that breaks the rule, or that it repairs; this one does not"
    if rule.examples.fits and _speaks(rule, rule.examples.fits):
        yield "examples.fits", "should be a claim that the rule lets pass as it is; this one does not"


def _speaks(rule: Rule, example: Choices) -> bool:
    lookup = look_in(example)
    try:
        return any(True for _ in rule.find_faults(lookup)) or any(True for _ in rule.find_repairs(lookup))
    except (RuleError, re.error):
        return False


def _check_payer_id(rule: Rule, payer_ids: Sequence[str]) -> Iterator[Problem]:
    if not payer_ids or "*" in payer_ids:
        return
    given = rule.set.get("payer.id", "=")
    known = {each.strip().upper() for each in payer_ids}
    if not given.startswith("=") and given.strip().upper() not in known:
        yield "set.payer.id", "should be one of the payer's own payer_ids"
    for position, value in enumerate(rule.when.get("payer.id", ())):
        if not any(is_among(each, (value,)) for each in payer_ids):
            yield f"when.payer.id[{position}]", f"should be among the payer's own payer_ids: {', '.join(payer_ids)}"


def _check_against(rule: Rule, earlier: Sequence[Rule]) -> Iterator[Problem]:
    """An id means one rule; two rules that hold for the same claims cannot set a field to two values."""
    for position, other in enumerate(earlier):
        if other.id == rule.id:
            yield "id", f'"{rule.id}" is already the id of rules[{position}]'
        if (other.when, other.unless) == (rule.when, rule.unless) and other.for_guides & rule.for_guides:
            for name in rule.set.keys() & other.set.keys():
                if rule.set[name] != other.set[name] and _overlap(rule, other):
                    yield f"set.{name}", f"contradicts {other.id}, which sets it to something else on the same claims"


def _overlap(one: Rule, other: Rule) -> bool:
    starts_before_end = not other.effective_through or one.effective_from <= other.effective_through
    ends_after_start = not one.effective_through or other.effective_from <= one.effective_through
    return starts_before_end and ends_after_start


def _get(name: str) -> ClaimField:
    field = find_field(name)
    assert field is not None, "names were looked at before"
    return field
