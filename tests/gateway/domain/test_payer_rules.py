"""A payer's rules applied to a claim: repaired once and for all, judged line by line, and never passed over in silence."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi.claims import Claim, Coverage, Guide
from gateway.domain.edits import check
from gateway.domain.payer_rules import Applied, Repair, apply_rules, repair_claim
from payers.claim_fields import FIELDS
from payers.field_terms import FORMS
from payers.payer import IdPattern, Payer
from payers.rule_checks import check_rules
from payers.rules import Rule
from tests.gateway.domain.bill_samples import make_dental_claim, make_dental_line
from tests.gateway.domain.samples import (
    CONTEXT,
    GOOD_NPI,
    PAYER,
    find_edits,
    make_billing_provider,
    make_claim,
    make_line,
    make_subscriber,
)  # fmt: skip
from tests.support.documents import document_sets


def make_rule(name: str = "sample-rule", **keys: Any) -> Rule:
    """A rule of this name."""
    return Rule.model_validate({"id": name, "what": "Something is wrong.", "fix": "Mend it.", **keys})


def with_rules(*rules: Rule, **changes: Any) -> Payer:
    """The sample payer with these rules."""
    return PAYER.model_copy(update={"rules": rules, **changes})


def find_rule_edits(claim: Claim, payer: Payer) -> list[tuple[str, str, int]]:
    """(edit, severity, line) of what the payer's profile finds in a claim."""
    findings = check(claim, msgspec.structs.replace(CONTEXT, payer=payer))
    return [(each.edit, each.severity, each.line) for each in findings if each.edit.startswith("payer-rule")]


TELEHEALTH = make_rule(
    "telehealth-modifier", when={"line.place_of_service": ["02", "10"]}, require=["line.modifier"], guides=["837P"]
)


def test_a_rule_with_a_field_of_a_line_is_judged_line_by_line_and_names_the_line() -> None:
    lines = (make_line(), make_line(place_of_service="02"), make_line(place_of_service="10", modifiers=("95",)))
    claim = make_claim(lines=lines)
    findings = check(claim, msgspec.structs.replace(CONTEXT, payer=with_rules(TELEHEALTH)))
    (finding,) = [each for each in findings if each.edit == "payer-rule-requires"]
    assert finding.line == 2
    assert finding.message == "Line 2: Something is wrong. (rule telehealth-modifier of Sample Plan: line.modifier)"
    assert finding.fix == "Mend it."
    assert finding.field.startswith("lines[1].modifiers (2400 SV101-3")


@pytest.mark.parametrize(
    ("keys", "edit"),
    [
        ({"require": ["claim.prior_authorization"]}, "payer-rule-requires"),
        ({"forbid": ["diagnosis.code"]}, "payer-rule-forbids"),
        ({"match": {"subscriber.id": "[0-9]{9}"}}, "payer-rule-form"),
        ({"one_of": {"diagnosis.code": ["A*"]}}, "payer-rule-one-of"),
        ({"include": {"diagnosis.code": ["A*"]}}, "payer-rule-includes"),
    ],
)
def test_each_kind_of_demand_is_an_edit_and_has_the_severity_of_its_rule(keys: dict[str, Any], edit: str) -> None:
    assert find_rule_edits(make_claim(), with_rules(make_rule(**keys))) == [(edit, "hold", 0)]
    assert find_rule_edits(make_claim(), with_rules(make_rule(severity="warn", **keys))) == [(edit, "warn", 0)]
    assert find_rule_edits(make_claim(), with_rules(make_rule(when={"claim.frequency": ["8"]}, **keys))) == []


def test_a_rule_with_several_demands_says_each_that_is_not_met() -> None:
    rule = make_rule(
        require=["claim.prior_authorization"], forbid=["diagnosis.code"], match={"subscriber.id": "[A-Z]{3}[0-9]{9}"}
    )
    found = find_rule_edits(make_claim(), with_rules(rule))
    assert found == [("payer-rule-requires", "hold", 0), ("payer-rule-forbids", "hold", 0)]


def test_no_finding_of_a_rule_tells_a_value_of_the_claim() -> None:
    rules = (make_rule(match={"subscriber.id": "[0-9]{9}"}), make_rule("other-rule", one_of={"subscriber.last_name": ["A"]}))
    findings = check(make_claim(), msgspec.structs.replace(CONTEXT, payer=with_rules(*rules)))
    text = msgspec.json.encode(findings).decode()
    assert "payer-rule-form" in text
    assert not [secret for secret in ("XQB000000017", "TESTCASE", "INVENTED") if secret in text]


@pytest.mark.parametrize(("day", "found"), [("2026-11-03", []), ("2026-11-02", [("payer-rule-requires", "hold", 0)])])
def test_a_rule_is_for_the_days_of_service_that_it_says(day: str, found: list[object]) -> None:
    rule = make_rule(effective_from=day, require=["claim.prior_authorization"])
    assert find_rule_edits(make_claim(), with_rules(rule)) == found


def test_a_rule_for_some_days_on_a_claim_without_days_holds_it() -> None:
    rule = make_rule(effective_from="2026-01-01", require=["claim.prior_authorization"], severity="warn")
    claim = make_claim(lines=(make_line(service_from=None),))
    assert find_rule_edits(claim, with_rules(rule)) == [("payer-rule-not-applicable", "hold", 0)]


def test_a_rule_for_some_days_lets_a_claim_without_days_go_where_its_conditions_do_not_hold() -> None:
    """A predetermination names no day of service."""
    claim = make_dental_claim(submission_reason="PB", lines=(make_dental_line(service_from=None),), dates=())
    elsewhere = {"when": {"line.procedure": ["D0120"]}, "effective_from": "2026-01-01"}
    rules = (
        make_rule("of-lines", **elsewhere, require=["claim.prior_authorization"]),
        make_rule("of-claims", when={"payer.id": ["OTHER"]}, effective_through="2026-12-31", set={"coverage.group_number": ""}),
    )
    assert apply_rules(claim, rules) == Applied(claim, (), (), ())
    here = make_rule(when={"line.procedure": ["D2140"]}, effective_from="2026-01-01", require=["claim.prior_authorization"])
    assert [each.rule for each in apply_rules(claim, [here]).inapplicable] == ["sample-rule"]


def test_a_rule_is_for_the_guides_that_it_says() -> None:
    rule = make_rule(require=["claim.admission_type"], guides=["837I"])
    assert find_rule_edits(make_claim(), with_rules(rule)) == []
    assert apply_rules(make_claim(guide="837I"), [rule]).unmet


@pytest.mark.parametrize(
    "keys",
    [
        {"require": ["line.tooth"]},
        {"require": ["claim.nonsense"]},
        {"set": {"diagnosis.code": "J069"}},
        {"set": {"subscriber.id": "=digits"}, "when": {"subscriber.id": ["LETTERS"]}},
        {"match": {"subscriber.id": "[A-"}},
    ],
)
def test_a_rule_that_cannot_be_applied_holds_the_claim_and_says_why(keys: dict[str, Any]) -> None:
    """Most of these are refused at load; a rule that got past it all the same is not passed over."""
    claim = make_claim(subscriber=make_subscriber(id="LETTERS"))
    payer = with_rules(make_rule(**keys))
    assert ("payer-rule-not-applicable", "hold") in [(edit, severity) for edit, severity, _ in find_rule_edits(claim, payer)]
    applied = apply_rules(claim, payer.rules)
    assert (applied.claim, applied.repairs) == (claim, ())
    assert "LETTERS" not in "".join(each.reason for each in applied.inapplicable)


def test_set_repairs_and_a_second_application_changes_nothing() -> None:
    rules = [
        make_rule("their-kind", set={"coverage.claim_filing_indicator": "HM", "coverage.group_name": ""}),
        make_rule("tidy-id", set={"subscriber.id": "=strip"}),
    ]
    claim = make_claim(
        subscriber=make_subscriber(id="XQB-0000 00017"), coverage=Coverage(group_name="A GROUP", claim_filing_indicator="CI")
    )
    applied = apply_rules(claim, rules)
    assert applied.claim.coverage == Coverage(claim_filing_indicator="HM")
    assert applied.claim.subscriber.id == "XQB000000017"
    assert applied.repairs == (
        Repair("their-kind", "coverage.claim_filing_indicator"),
        Repair("their-kind", "coverage.group_name"),
        Repair("tidy-id", "subscriber.id"),
    )
    assert apply_rules(applied.claim, rules) == Applied(applied.claim, (), (), ())


def test_a_number_of_the_practice_is_set_for_that_practice_alone() -> None:
    rule = make_rule(when={"billing_provider.npi": [GOOD_NPI]}, set={"billing_provider.reference.G2": "LEGACY17"})
    repaired, repairs, _ = repair_claim(make_claim(), [rule])
    assert [each.value for each in repaired.billing_provider.references if each.qualifier == "G2"] == ["LEGACY17"]
    assert repairs == (Repair("sample-rule", "billing_provider.reference.G2"),)
    other = make_claim(billing_provider=make_billing_provider(id="1888888883"))
    assert repair_claim(other, [rule]) == (other, (), [])


def test_a_rule_that_another_prepares_the_ground_for_is_applied_in_whatever_order_they_stand() -> None:
    rules = [
        make_rule("second", when={"coverage.claim_filing_indicator": ["HM"]}, set={"coverage.group_number": ""}),
        make_rule("first", set={"coverage.claim_filing_indicator": "HM"}),
    ]
    claim = make_claim(coverage=Coverage(group_number="G17"))
    assert apply_rules(claim, rules).claim.coverage == Coverage(claim_filing_indicator="HM")
    assert apply_rules(claim, rules[::-1]).claim.coverage == Coverage(claim_filing_indicator="HM")


def test_rules_that_undo_each_other_hold_the_claim_as_it_was() -> None:
    rules = [
        make_rule("to-ci", when={"coverage.claim_filing_indicator": ["HM"]}, set={"coverage.claim_filing_indicator": "CI"}),
        make_rule("to-hm", when={"coverage.claim_filing_indicator": ["CI"]}, set={"coverage.claim_filing_indicator": "HM"}),
    ]
    claim = make_claim(coverage=Coverage(claim_filing_indicator="CI"))
    applied = apply_rules(claim, rules)
    assert (applied.claim, applied.repairs) == (claim, ())
    assert {each.rule for each in applied.inapplicable} == {"to-ci", "to-hm"}
    assert find_rule_edits(claim, with_rules(*rules)) == [("payer-rule-not-applicable", "hold", 0)] * 2


def test_what_a_payer_does_not_take_is_held() -> None:
    assert find_edits(make_claim(), payer=with_rules(paper_only=True)) == ["payer-paper-only"]
    references = make_claim(frequency="7").references
    for frequency, key in (("7", "takes_replacements"), ("8", "takes_voids")):
        claim = make_claim(frequency=frequency, references=references)
        taken, refused = (set(find_edits(claim, payer=with_rules(**{key: takes}))) for takes in (True, False))
        assert refused - taken == {f"payer-takes-no-{'replacement' if frequency == '7' else 'void'}"}


def test_required_and_forbidden_fields_and_forms_of_the_profile_are_held() -> None:
    payer = with_rules(
        required=("coverage.group_number", "line.description", "line.tooth"),
        forbidden=("coverage.group_name",),
        patterns=(IdPattern(field="coverage.group_number", form="[0-9]{6}", example="000017"),),
    )
    good = make_claim(coverage=Coverage(group_number="123456"), lines=(make_line(description="VISIT"),))
    assert find_edits(good, payer=payer) == []
    bad = make_claim(coverage=Coverage(group_number="12345", group_name="A GROUP"), lines=(make_line(),))
    assert find_edits(bad, payer=payer) == ["payer-field-forbidden", "payer-field-form", "payer-field-required"]
    findings = check(bad, msgspec.structs.replace(CONTEXT, payer=payer))
    assert [each.line for each in findings if each.edit == "payer-field-required"] == [1]


def test_no_payer_no_rules() -> None:
    findings = check(make_claim(), msgspec.structs.replace(CONTEXT, payer=None))
    assert not [each for each in findings if each.edit.startswith("payer-rule") or each.edit.startswith("payer-field")]


NAMES = sorted(FIELDS)
SETTABLE = sorted(name for name, field in FIELDS.items() if field.setting is not None)
CHOICES = st.dictionaries(
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(["", "*", "A*", "1", "992-995", "?"]), min_size=1, max_size=3),
    max_size=2,
)
RULES = st.builds(
    lambda number, keys: make_rule(f"rule-{number}", **keys),
    st.integers(0, 99),
    st.fixed_dictionaries(
        {
            "when": CHOICES, "unless": CHOICES, "one_of": CHOICES, "include": CHOICES,
            "require": st.lists(st.sampled_from(NAMES), max_size=2), "forbid": st.lists(st.sampled_from(NAMES), max_size=2),
            "match": st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["[0-9]+", ".*", "A?"]), max_size=2),
            "set": st.dictionaries(
                st.sampled_from(SETTABLE), st.sampled_from(["", "AB1", *(f"={form}" for form in FORMS)]), max_size=2
            ),
            "effective_from": st.sampled_from(["", "2026-01-01", "1990-01-01"]),
        }
    ),
)  # fmt: skip


@pytest.mark.parametrize("guide", ["837P", "837I", "837D"])
def test_no_rule_raises_on_any_claim_and_repairs_are_for_good(guide: Guide) -> None:
    """Claims of the public corpus, varied, with rules of any sense or none: those that load would refuse among them."""

    @settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(document_sets(guide), st.lists(RULES, min_size=1, max_size=4, unique_by=lambda rule: rule.id))
    def hold(seed: Any, rules: list[Rule]) -> None:
        list(check_rules(rules, ["AB1"]))
        for claim in (each for each in seed.documents if isinstance(each, Claim)):
            applied = apply_rules(claim, rules)
            again = apply_rules(applied.claim, rules)
            assert again.claim == applied.claim
            assert again.repairs == ()
            assert set(again.inapplicable) == set(applied.inapplicable)

    hold()
