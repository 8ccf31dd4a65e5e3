"""The rule table: when a rule holds, what it demands and repairs, and that one which could never work is refused at load."""

from pathlib import Path
from typing import Any

import pytest

from payers.document import RULE_EXAMPLE
from payers.errors import ConfigError
from payers.profile import SAMPLES, load
from payers.rule_checks import check_rules
from payers.rule_file import parse_rules
from payers.rules import Fault, Rule, RuleError, find_wanted, look_in
from payers.value_patterns import is_code_among

SAID = {"id": "sample-rule", "what": "Something is wrong.", "fix": "Mend it."}


def make_rule(**keys: Any) -> Rule:
    """A rule with these keys beside its name."""
    return Rule.model_validate({**SAID, **keys})


def find_faults(rule: Rule, **given: Any) -> list[Fault]:
    """What a rule finds in a claim of which these fields are known; names with _ for the point after the first word."""
    return list(rule.find_faults(look_in({name.replace("__", "."): tuple(values) for name, values in given.items()})))


@pytest.mark.parametrize(
    ("value", "pattern", "fits"),
    [
        ("99213", "99213", True),
        ("99213", "99202-99215", True),
        ("99216", "99202-99215", False),
        ("9921A", "99202-99215", False),
        ("J3301", "J0000-J9999", True),
        ("S52501A", "S00-T88", True),
        ("T8", "S00-T88", False),
        ("99213", "992*", True),
        ("99213", "9921?", True),
        ("99213", "992?", False),
        ("A.B", "A.?", True),
        ("AXB", "A.B", False),
        ("12-34", "12-34", True),
        ("99213", "", False),
    ],
)
def test_a_value_is_the_text_fits_the_stars_or_lies_in_the_range(value: str, pattern: str, fits: bool) -> None:
    assert is_code_among(value, [pattern]) is fits


def test_what_looks_like_a_range_is_a_text_where_values_are_no_codes() -> None:
    of_group = make_rule(when={"coverage.group_number": ["100-200"]}, require=["claim.note"])
    fault = [Fault("require", "claim.note")]
    assert find_faults(of_group, coverage__group_number=["15055"]) == []
    assert find_faults(of_group, coverage__group_number=["100-200"]) == fault
    listed = make_rule(id="other-rule", one_of={"claim.prior_authorization": ["900-100"]}, include={"subscriber.id": ["ABC-XYZ"]})
    assert list(check_rules([of_group, listed])) == []
    assert find_faults(listed, claim__prior_authorization=["900-100"], subscriber__id=["ABC-XYZ"]) == []
    assert len(find_faults(listed, claim__prior_authorization=["500"], subscriber__id=["BBB"])) == 2


def test_codes_and_zip_codes_have_ranges() -> None:
    where = {"subscriber.postal_code": ["43001-45999"], "diagnosis.code": ["S00-T88"], "line.procedure": ["99202-99215"]}
    rule = make_rule(when=where, require=["claim.note"])
    there = {"subscriber__postal_code": ["430010001"], "diagnosis__code": ["S52501A"], "line__procedure": ["99213"]}
    assert find_faults(rule, **there) == [Fault("require", "claim.note")]
    assert find_faults(rule, **{**there, "subscriber__postal_code": ["60601"]}) == []


def test_every_condition_must_hold_and_none_of_unless() -> None:
    rule = make_rule(
        when={"claim.frequency": ["1", "7"], "payer.id": ["BH*"]},
        unless={"coverage.responsibility": ["S"], "claim.delay_reason": ["11"]},
        require=["claim.note"],
    )
    fault = [Fault("require", "claim.note")]
    assert find_faults(rule, claim__frequency=["1"], payer__id=["BHH01"]) == fault
    assert find_faults(rule, claim__frequency=["1"], payer__id=["NSP77"]) == []
    assert find_faults(rule, claim__frequency=["8"], payer__id=["BHH01"]) == []
    assert find_faults(rule, claim__frequency=["1"], payer__id=["BHH01"], coverage__responsibility=["S"]) == []
    assert find_faults(rule, claim__frequency=["1"], payer__id=["BHH01"], claim__delay_reason=["11"]) == []
    assert find_faults(rule, claim__frequency=["1"], payer__id=["BHH01"], claim__delay_reason=["7"]) == fault


def test_a_condition_holds_where_one_of_several_values_is_listed_and_an_empty_text_means_none() -> None:
    rule = make_rule(when={"line.modifier": ["95", "GT"]}, forbid=["line.note"])
    assert find_faults(rule, line__modifier=["25", "95"], line__note=["X"]) == [Fault("forbid", "line.note")]
    assert find_faults(rule, line__modifier=["25"], line__note=["X"]) == []
    without = make_rule(when={"line.modifier": [""]}, require=["line.note"])
    assert find_faults(without) == [Fault("require", "line.note")]
    assert find_faults(without, line__modifier=["25"]) == []


def test_require_wants_a_value_and_forbid_none() -> None:
    rule = make_rule(require=["claim.prior_authorization"], forbid=["coverage.group_name"])
    both = [Fault("require", "claim.prior_authorization"), Fault("forbid", "coverage.group_name")]
    assert find_faults(rule, coverage__group_name=["A"]) == both
    assert find_faults(rule, claim__prior_authorization=["1"]) == []


def test_match_wants_every_value_to_fit_as_a_whole_and_says_nothing_of_what_is_empty() -> None:
    rule = make_rule(match={"claim.prior_authorization": "[0-9]{3}"})
    assert find_faults(rule) == []
    assert find_faults(rule, claim__prior_authorization=["123"]) == []
    assert find_faults(rule, claim__prior_authorization=["123", "1234"]) == [Fault("match", "claim.prior_authorization")]


def test_one_of_wants_every_value_to_be_listed_and_says_nothing_of_what_is_empty() -> None:
    rule = make_rule(one_of={"line.modifier": ["95", "2?"]})
    assert find_faults(rule) == []
    assert find_faults(rule, line__modifier=["95", "25"]) == []
    assert find_faults(rule, line__modifier=["95", "GT"]) == [Fault("one_of", "line.modifier")]


def test_include_wants_one_of_the_values_whatever_others_there_are() -> None:
    rule = make_rule(when={"line.place_of_service": ["02"]}, include={"line.modifier": ["93", "95"]})
    fault = [Fault("include", "line.modifier")]
    assert find_faults(rule, line__place_of_service=["02"]) == fault
    assert find_faults(rule, line__place_of_service=["02"], line__modifier=["25", "GT"]) == fault
    assert find_faults(rule, line__place_of_service=["02"], line__modifier=["25", "95"]) == []


@pytest.mark.parametrize(
    ("given", "values", "wanted"),
    [
        ("HM", (), "HM"),
        ("HM", ("CI",), "HM"),
        ("", ("A NAME",), ""),
        ("=upper", ("ab-1",), "AB-1"),
        ("=digits", ("43001-0001",), "430010001"),
        ("=strip", (" AB-1 2",), "AB12"),
        ("=upper", (), None),
        ("=upper", ("a1", "A1"), "A1"),
    ],
)
def test_set_puts_a_text_or_a_form_of_what_is_there(given: str, values: tuple[str, ...], wanted: str | None) -> None:
    assert find_wanted(given, values) == wanted


@pytest.mark.parametrize(("given", "values"), [("=digits", ("ABC",)), ("=strip", ("A1", "B2"))])
def test_set_that_leaves_nothing_or_has_several_to_choose_from_cannot_be_applied(given: str, values: tuple[str, ...]) -> None:
    with pytest.raises(RuleError):
        find_wanted(given, values)


def test_what_is_as_it_should_be_is_not_set() -> None:
    rule = make_rule(set={"coverage.claim_filing_indicator": "HM"})
    assert list(rule.find_repairs(look_in({"coverage.claim_filing_indicator": ("HM",)}))) == []
    ((field, value),) = rule.find_repairs(look_in({"coverage.claim_filing_indicator": ("CI",)}))
    assert (field.name, value) == ("coverage.claim_filing_indicator", "HM")


def test_a_rule_is_in_force_from_its_first_day_through_its_last() -> None:
    rule = make_rule(effective_from="2026-01-01", effective_through="2026-06-30")
    days = ("2025-12-31", "2026-01-01", "2026-06-30", "2026-07-01")
    assert [rule.is_in_force(day) for day in days] == [False, True, True, False]
    assert make_rule(effective_from="2026-01-01").is_in_force("2099-01-01")


def test_a_field_of_a_line_makes_the_rule_go_line_by_line() -> None:
    assert make_rule(when={"line.procedure": ["99213"]}, require=["claim.note"]).per_line
    assert make_rule(require=["line.reference.9B"]).per_line
    assert not make_rule(require=["claim.note"]).per_line


def test_names_of_fields_may_stand_without_quotes() -> None:
    """TOML takes them for tables in tables; people write them so."""
    (rule,) = parse_rules(
        b'[[rules]]\nid="sample-rule"\nwhat="A"\nfix="B"\nwhen={line.place_of_service=["02"], line.procedure=["99213"]}\n'
        b'require=["line.modifier"]\n',
        "rules.toml",
    )
    assert rule.when == {"line.place_of_service": ("02",), "line.procedure": ("99213",)}


def test_the_example_on_the_page_is_right() -> None:
    example = RULE_EXAMPLE.partition("```toml\n")[2].partition("```")[0]
    assert [rule.id for rule in parse_rules(example.encode(), "example.toml", ["BHH02"])] == [
        "office-visit-authorization",
        "medicare-line-of-business",
    ]


REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({}, "id", "the rule demands nothing"),
    ({"require": ["claim.notes"]}, "require[0]", "did you mean claim.note?"),
    ({"when": {"line.modifer": ["95"]}, "require": ["claim.note"]}, "when.line.modifer", "did you mean line.modifier?"),
    ({"match": {"claim.nonsense": "A"}}, "match.claim.nonsense", "no field of docs/claim-fields.md"),
    ({"require": ["claim.note"], "forbid": ["claim.note"]}, "forbid.claim.note", "contradicts require"),
    ({"match": {"claim.note": "A"}, "forbid": ["claim.note"]}, "forbid.claim.note", "contradicts match"),
    ({"one_of": {"claim.note": ["A"]}, "forbid": ["claim.note"]}, "forbid.claim.note", "contradicts one_of"),
    ({"set": {"payer.name": "A"}, "forbid": ["payer.name"]}, "forbid.payer.name", "contradicts set"),
    ({"set": {"coverage.group_name": ""}, "require": ["coverage.group_name"]}, "set.coverage.group_name", "contradicts require"),
    ({"match": {"line.modifier": "[0-9]{2}"}, "one_of": {"line.modifier": ["GT"]}}, "match.line.modifier", "contradicts one_of"),
    ({"match": {"claim.note": "(a+)+"}}, "match.claim.note", "could take very long"),
    ({"match": {"claim.note": "[A-"}}, "match.claim.note", "should be a regular expression that compiles"),
    ({"set": {"diagnosis.code": "J069"}}, "set.diagnosis.code", "may not be set"),
    ({"set": {"claim.place_of_service": "11"}}, "set.claim.place_of_service", "may not be set"),
    ({"set": {"subscriber.last_name": "=upper"}}, "set.subscriber.last_name", "may not be set"),
    ({"set": {"subscriber.id": "XQB000000017"}}, "set.subscriber.id", "should be `=upper`, `=strip`"),
    ({"set": {"subscriber.id": "=digits"}}, "set.subscriber.id", "should be `=upper`, `=strip`"),
    ({"set": {"payer.name": "=lower"}}, "set.payer.name", "should be any, `=upper`"),
    ({"set": {"payer.name": ""}}, "set.payer.name", "may not be emptied"),
    ({"set": {"payer.name": "A*B"}}, "set.payer.name", "X12 delimits with"),
    ({"set": {"payer.id": "OTHER1"}}, "set.payer.id", "one of the payer's own payer_ids"),
    ({"set": {"coverage.claim_filing_indicator": "C"}}, "set.coverage.claim_filing_indicator", "can never be a value"),
    ({"set": {"billing_provider.taxonomy": "207Q00000X"}}, "set.billing_provider.taxonomy", "from practice to practice"),
    ({"set": {"coverage.claim_filing_indicator": "XX"}}, "set.coverage.claim_filing_indicator", "should be one of 11, 12"),
    (
        {"set": {"billing_provider.taxonomy": "207Q00000X"}, "when": {"billing_provider.npi": ["1*"]}},
        "set.billing_provider.taxonomy",
        "from practice to practice",
    ),
    ({"set": {"payer.name": "A"}, "when": {"line.procedure": ["99213"]}}, "set", "changes the claim as a whole"),
    ({"set": {"payer.name": "A"}, "when": {"claim.frequency": ["7", "8"]}}, "set", "repairs no void"),
    ({"set": {"payer.name": "A"}, "when": {"claim.type_of_bill": ["138"]}, "guides": ["837I"]}, "set", "repairs no void"),
    ({"when": {"claim.frequency": ["ORIG"]}, "require": ["claim.note"]}, "when.claim.frequency[0]", "can never be a value"),
    ({"unless": {"line.modifier": ["9"]}, "require": ["claim.note"]}, "unless.line.modifier[0]", "can never be a value"),
    ({"one_of": {"line.place_of_service": ["2"]}, "guides": ["837P"]}, "one_of.line.place_of_service[0]", "can never be a value"),
    ({"include": {"line.modifier": ["", "95"]}}, "include.line.modifier", "one of the values must be there"),
    ({"include": {"claim.note": ["A"]}, "forbid": ["claim.note"]}, "forbid.claim.note", "contradicts include"),
    (
        {"include": {"line.modifier": ["93", "9?"]}, "one_of": {"line.modifier": ["GT", "25"]}},
        "include.line.modifier",
        "contradicts one_of",
    ),
    ({"when": {"payer.id": ["BHH01", "BHH99"]}, "require": ["claim.note"]}, "when.payer.id[1]", "payer_ids: BHH01"),
    ({"when": {"payer.id": ["BHH1?", "bhh01"]}, "require": ["claim.note"]}, "when.payer.id[0]", "payer_ids: BHH01"),
    ({"one_of": {"line.modifier": ["", "95"]}}, "one_of.line.modifier", 'should be without ""'),
    ({"when": {"line.procedure": ["99215-99202"]}, "require": ["claim.note"]}, "when.line.procedure[0]", "lower code"),
    ({"when": {"pay_to.state": ["100-200"]}, "require": ["claim.note"]}, "when.pay_to.state[0]", "can never be a value"),
    ({"when": {"line.procedure": ["9*9*9*9*"]}, "require": ["claim.note"]}, "when.line.procedure[0]", "at most 3 stars"),
    (
        {"when": {"payer.id": ["A"]}, "unless": {"payer.id": ["A", "B"]}, "require": ["claim.note"]},
        "unless.payer.id",
        "takes out all that when lets in",
    ),
    ({"when": {"claim.note": ["A"]}, "require": ["claim.note"]}, "require.claim.note", "is never empty"),
    ({"when": {"claim.note": [""]}, "forbid": ["claim.note"]}, "forbid.claim.note", "is always empty"),
    ({"when": {"claim.note": [""]}, "match": {"claim.note": "A"}}, "match.claim.note", "is always empty"),
    (
        {"require": ["line.revenue_code"]},
        "require.line.revenue_code",
        'is no field of 837D, 837P: the rule should say guides = ["837I"]',
    ),
    ({"require": ["line.tooth"], "guides": ["837P"]}, "require.line.tooth", "is no field of 837P"),
    ({"when": {"line.tooth": ["14"]}, "require": ["claim.note"], "guides": ["837P"]}, "when.line.tooth", "it would never hold"),
    ({"effective_from": "2026-02-30", "require": ["claim.note"]}, "effective_from", "a day of the calendar"),
    (
        {"effective_from": "2026-02-01", "effective_through": "2026-01-31", "require": ["claim.note"]},
        "effective_through",
        "never in force",
    ),
    ({"require": ["claim.note"], "examples": {"breaks": {"claim.note": ["A"]}}}, "examples.breaks", "this one does not"),
    ({"require": ["claim.note"], "examples": {"fits": {"claim.note": [""]}}}, "examples.fits", "this one does not"),
    ({"require": ["claim.note"], "examples": {"fits": {"claim.drg": ["A"]}}}, "examples.fits.claim.drg", "is no field that"),
    ({"require": ["claim.note"], "examples": {"fits": {"claim.dgr": ["A"]}}}, "examples.fits.claim.dgr", "no field of docs"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "key", "said"), REFUSED)
def test_a_rule_that_could_never_work_is_refused_with_its_key_and_what_it_should_be(
    keys: dict[str, Any], key: str, said: str
) -> None:
    found = dict(check_rules([make_rule(**keys)], ["BHH01"]))
    assert said in found.get(f"rules[0].{key}", ""), found


ACCEPTED: list[dict[str, Any]] = [
    {"set": {"billing_provider.reference.G2": "17"}, "when": {"billing_provider.npi": ["1999999984"]}},
    {"set": {"payer.id": "bhh01"}},
    {"include": {"line.modifier": ["93", "95"]}, "one_of": {"line.modifier": ["25", "9?"]}},
    {"include": {"line.modifier": ["G*"]}, "one_of": {"line.modifier": ["?T"]}},
    {"when": {"payer.id": ["BHH*"]}, "require": ["claim.note"]},
    {"set": {"subscriber.id": "=strip", "coverage.group_number": ""}},
    {"when": {"line.revenue_code": ["045?"]}, "require": ["claim.note"]},
    {"when": {"claim.note": ["", "A"]}, "require": ["claim.note"]},
    {"require": ["line.revenue_code"], "guides": ["837I"]},
    {"set": {"coverage.group_name": "=upper"}, "examples": {"breaks": {"coverage.group_name": ["a"]}}},
]


@pytest.mark.parametrize("keys", ACCEPTED)
def test_a_rule_that_can_work_is_taken(keys: dict[str, Any]) -> None:
    assert list(check_rules([make_rule(**keys)], ["BHH01"])) == []


def test_two_rules_of_one_name_are_refused() -> None:
    rules = [make_rule(require=["claim.note"]), make_rule(require=["claim.drg"], guides=["837I"])]
    assert dict(check_rules(rules)) == {"rules[1].id": '"sample-rule" is already the id of rules[0]'}


def test_two_rules_that_set_one_field_of_the_same_claims_otherwise_are_refused_unless_their_days_differ() -> None:
    first = make_rule(set={"coverage.claim_filing_indicator": "HM"}, effective_through="2026-06-30")
    other = {**SAID, "id": "other-rule", "set": {"coverage.claim_filing_indicator": "CI"}}
    (problem,) = check_rules([first, Rule.model_validate(other)])
    assert problem[0] == "rules[1].set.coverage.claim_filing_indicator"
    assert "contradicts sample-rule" in problem[1]
    later = Rule.model_validate({**other, "effective_from": "2026-07-01"})
    assert list(check_rules([first, later])) == []


START = '[[rules]]\nid = "ab-c"\nwhat = "A"\nfix = "B"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (START + 'requires = ["claim.note"]', "rules[0].requires: unknown key; did you mean require?"),
        (START.replace("ab-c", "Ab") + 'require = ["claim.note"]', "rules[0].id: should be text, 3 to 60 characters"),
        ('[[rules]]\nid = "ab-c"\nfix = "B"\nrequire = ["claim.note"]', "rules[0].what: is missing; should be text"),
        (START + 'severity = "stop"', "rules[0].severity: should be hold or warn"),
        (START + 'when = { "claim.note" = "A" }', "rules[0].when.claim.note: should be a list of text"),
        (START + 'when = { "claim.note" = [1] }', "rules[0].when.claim.note[0]: should be text"),
        (START + 'when = { "claim.note" = [] }', "rules[0].when.claim.note: should be a list of text"),
        (START + 'set = { "payer.name" = 1 }', "rules[0].set.payer.name: should be text"),
        (START + 'guides = ["837X"]', "rules[0].guides[0]: should be 837P or 837I or 837D"),
        (START + 'examples = { holds = {} }', "rules[0].examples.holds: unknown key"),
        ('rules = "none"', "rules: should be a list of tables"),
        ("", "rules: is missing"),
        ("other = 1\n", "other: unknown key"),
    ],
)  # fmt: skip
def test_a_file_of_rules_is_read_strictly(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_rules(text.encode(), "rules.toml")
    assert f"rules.toml: {said}" in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('required = ["claim.notes"]', "required[0]: no field of docs/claim-fields.md is called claim.notes"),
        ('required = ["claim.note"]\nforbidden = ["claim.note"]', "forbidden[0]: should not be required"),
        ('forbidden = ["nothing"]', "forbidden[0]: no field of docs/claim-fields.md"),
        ('forbidden = ["claim.note", "claim.charge"]', "forbidden[1]: should be a field that a claim can leave without"),
    ],
)
def test_a_profile_with_lists_of_fields_that_cannot_work_is_refused(tmp_path: Path, lines: str, said: str) -> None:
    assert said in refuse_sample(tmp_path, lines)


def test_a_profile_with_a_wrong_rule_or_form_is_refused_with_file_and_key(tmp_path: Path) -> None:
    tables = (
        '[[patterns]]\nfield = "claim.notes"\nform = "A"\nexample = "A"\n\n'
        '[[rules]]\nid = "sample-rule"\nwhat = "A"\nfix = "B"\nset = { "payer.id" = "OTHER1" }\n'
    )
    said = refuse_sample(tmp_path, "", tables)
    assert "blueharbor.toml: patterns[0].field: no field of docs/claim-fields.md" in said
    assert "should be one of the payer's own payer_ids" in said


def refuse_sample(folder: Path, lines: str, tables: str = "") -> str:
    """What loading says of the sample profiles with these keys and tables in one of them."""
    for file in [*SAMPLES.glob("*.toml"), *SAMPLES.glob("partners/*.toml")]:
        copy = folder / file.relative_to(SAMPLES)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes())
    spoiled = folder / "blueharbor.toml"
    spoiled.write_text(f"{lines}\n{spoiled.read_text(encoding='utf-8')}\n{tables}", encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load(folder)
    return str(refused.value)
