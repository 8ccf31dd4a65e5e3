"""The edits that a payer's profile brings with it: what it takes, which fields it wants, and its own rules."""

import re
from collections.abc import Callable, Iterator, Sequence

from edi.claims import Claim, ServiceLine
from gateway.domain.edits.terms import Breach, Edit, EditContext
from gateway.domain.frequency import REPLACEMENT, VOID
from gateway.domain.payer_rules import Inapplicable, Unmet, judge_claim, list_rules, repair_claim
from payers.claim_fields import NO_LINE
from payers.field_terms import ClaimField
from payers.payer import Payer
from payers.rules import Demand, get_field


def _check_paper_only(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if context.payer is not None and context.payer.paper_only:
        yield Breach(
            f"{context.payer.name} takes claims on paper only.",
            "Print the claim and mail it, then void it here; or bill a payer id that takes electronic claims.",
            "payer.id (2010BB NM109)",
        )


def _check_replacement(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if context.payer is not None and claim.frequency == REPLACEMENT and not context.payer.takes_replacements:
        yield Breach(
            f"{context.payer.name} takes no replacements (frequency 7) this way.",
            "Ask the payer how it wants corrections: many take a void and a new original, or an appeal on paper.",
            "frequency (2300 CLM05-3)",
        )


def _check_void(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if context.payer is not None and claim.frequency == VOID and not context.payer.takes_voids:
        yield Breach(
            f"{context.payer.name} takes no voids (frequency 8) this way.",
            "Ask the payer how a claim is taken back: by its portal, on paper, or by returning the money.",
            "frequency (2300 CLM05-3)",
        )


def _check_required(claim: Claim, context: EditContext) -> Iterator[Breach]:
    payer = context.payer
    for field, number, line in _list_places(claim, payer.required if payer else ()):
        if payer is not None and not field.read(claim, line):
            message = f"{_say_line(number)}{payer.name} wants {field.name} on every claim, and it is empty."
            yield Breach(message, f"Give it: {field.what}.", _locate(field, number), number)


def _check_forbidden(claim: Claim, context: EditContext) -> Iterator[Breach]:
    payer = context.payer
    for field, number, line in _list_places(claim, payer.forbidden if payer else ()):
        if payer is not None and field.read(claim, line):
            message = f"{_say_line(number)}{payer.name} takes no {field.name}, and the claim has it."
            yield Breach(message, "Leave it out.", _locate(field, number), number)


def _check_forms(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if context.payer is None:
        return
    for pattern in context.payer.patterns:
        for field, number, line in _list_places(claim, (pattern.field,)):
            if not all(re.fullmatch(pattern.form, value) for value in field.read(claim, line)):
                name = f"{_say_line(number)}{field.name}"
                message = f"{name} does not have the form that {context.payer.name} wants, such as {pattern.example}."
                yield Breach(message, f"Correct it: {field.what}.", _locate(field, number), number)


def _list_places(claim: Claim, names: Sequence[str]) -> Iterator[tuple[ClaimField, int, ServiceLine]]:
    """Where these fields are looked for, those that the claim's guide has: on the claim (line 0), or on each line."""
    for field in map(get_field, names):
        if claim.guide in field.guides:
            units = enumerate(claim.lines, 1) if field.per_line else [(0, NO_LINE)]
            yield from ((field, number, line) for number, line in units)


def _check_rules(demand: Demand) -> Callable[[Claim, EditContext], Iterator[Breach]]:
    """The breaches of one kind of demand in the payer's rule table."""

    def check(claim: Claim, context: EditContext) -> Iterator[Breach]:
        if context.payer is None:
            return
        rules = [rule for rule in list_rules(claim, context.payer.rules) if getattr(rule, demand)]
        if rules:
            unmet, _ = judge_claim(claim, rules)
            yield from (_tell_unmet(each, context.payer) for each in unmet if each.fault.demand == demand)

    return check


def _tell_unmet(unmet: Unmet, payer: Payer) -> Breach:
    rule, number = unmet.rule, unmet.line
    message = f"{_say_line(number)}{rule.what} (rule {rule.id} of {payer.name}: {unmet.fault.field})"
    return Breach(message, rule.fix, _locate(get_field(unmet.fault.field), number), number, rule.severity)


def _check_applicable(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if context.payer is None or not context.payer.rules:
        return
    rules = list_rules(claim, context.payer.rules)
    _, _, unrepaired = repair_claim(claim, rules)
    _, unjudged = judge_claim(claim, rules)
    yield from (_tell_inapplicable(each, context.payer) for each in dict.fromkeys((*unrepaired, *unjudged)))


def _tell_inapplicable(found: Inapplicable, payer: Payer) -> Breach:
    return Breach(
        f"{_say_line(found.line)}rule {found.rule} of {payer.name} cannot be applied: {found.reason}.",
        "Mend the rule in the payer's profile and have the claim checked again; or correct what in the claim is unusual.",
        f"lines[{found.line - 1}]" if found.line else "",
        found.line,
    )


def _say_line(number: int) -> str:
    return f"Line {number}: " if number else ""


def _locate(field: ClaimField, number: int) -> str:
    path = field.path.replace("lines.", f"lines[{number - 1}].", 1) if number and field.per_line else field.path
    return f"{path} ({field.place})"


EDITS: tuple[Edit, ...] = (
    Edit(
        id="payer-paper-only",
        group="payer_rules",
        severity="hold",
        what="The payer takes electronic claims.",
        why="A claim sent to a payer that takes paper only is lost, or comes back after weeks.",
        fix="Print and mail it.",
        example="a claim for a payer whose profile says paper_only = true",
        find_breaches=_check_paper_only,
    ),
    Edit(
        id="payer-takes-no-replacement",
        group="payer_rules",
        severity="hold",
        what="A replacement goes to a payer that takes replacements.",
        why="Elsewhere it is denied as a duplicate of the claim that it was to replace.",
        fix="Correct the claim in the way that the payer asks for.",
        example="frequency 7, and takes_replacements = false",
        find_breaches=_check_replacement,
    ),
    Edit(
        id="payer-takes-no-void",
        group="payer_rules",
        severity="hold",
        what="A void goes to a payer that takes voids.",
        why="Elsewhere it is rejected, or paid as if it were new.",
        fix="Take the claim back in the way that the payer asks for.",
        example="frequency 8, and takes_voids = false",
        find_breaches=_check_void,
    ),
    Edit(
        id="payer-field-required",
        group="payer_rules",
        severity="hold",
        what="The fields that the payer's profile lists as required are there.",
        why="The guide leaves them open; this payer rejects claims without them.",
        fix="Give the field that the finding names.",
        example='required = ["billing_provider.taxonomy"], and the claim has none',
        find_breaches=_check_required,
    ),
    Edit(
        id="payer-field-forbidden",
        group="payer_rules",
        severity="hold",
        what="The fields that the payer's profile lists as forbidden are empty.",
        why="The guide allows them; this payer rejects claims with them.",
        fix="Leave the field out that the finding names.",
        example='forbidden = ["coverage.group_name"], and the claim names the group',
        find_breaches=_check_forbidden,
    ),
    Edit(
        id="payer-field-form",
        group="payer_rules",
        severity="hold",
        what="Values have the forms that the payer's profile states.",
        why="A number of another form is mistyped, or another payer's.",
        fix="Compare the value with the card or the payer's letter.",
        example="a group number of five digits where the payer's have six",
        find_breaches=_check_forms,
    ),
    Edit(
        id="payer-rule-requires",
        group="payer_rules",
        severity="hold",
        what="What a rule of the payer requires is there.",
        why="The rule says it: it stands in the payer's profile under the id that the finding names.",
        fix="Do what the rule says.",
        example="an office visit by telehealth without the prior authorization that the payer wants for it",
        find_breaches=_check_rules("require"),
    ),
    Edit(
        id="payer-rule-forbids",
        group="payer_rules",
        severity="hold",
        what="What a rule of the payer forbids is not there.",
        why="The rule says it: it stands in the payer's profile under the id that the finding names.",
        fix="Do what the rule says.",
        example="a group name where the payer's individual plan has none",
        find_breaches=_check_rules("forbid"),
    ),
    Edit(
        id="payer-rule-form",
        group="payer_rules",
        severity="hold",
        what="Values have the forms that the payer's rules state.",
        why="The rule says it: it stands in the payer's profile under the id that the finding names.",
        fix="Do what the rule says.",
        example="a prior authorization of seven digits where the payer's have eight",
        find_breaches=_check_rules("match"),
    ),
    Edit(
        id="payer-rule-one-of",
        group="payer_rules",
        severity="hold",
        what="Values are among those that the payer's rules list.",
        why="The rule says it: it stands in the payer's profile under the id that the finding names.",
        fix="Do what the rule says.",
        example="modifier GT on a telehealth line where the payer knows 95 alone",
        find_breaches=_check_rules("one_of"),
    ),
    Edit(
        id="payer-rule-includes",
        group="payer_rules",
        severity="hold",
        what="One of the values that a rule of the payer asks for is there, whatever others are.",
        why="The rule says it: it stands in the payer's profile under the id that the finding names.",
        fix="Do what the rule says.",
        example="a service by telehealth without modifier 93 or 95, whatever other modifiers it has",
        find_breaches=_check_rules("include"),
    ),
    Edit(
        id="payer-rule-not-applicable",
        group="payer_rules",
        severity="hold",
        what="Every rule of the payer can be applied to the claim.",
        why="A rule that was passed over in silence would let go what it is there to hold.",
        fix="Mend the rule in the payer's profile, then have the claim checked again.",
        example="a rule for services since January on a claim that names no day of service",
        find_breaches=_check_applicable,
    ),
)
"""The edits of the payer's profile."""

OF_RULES = frozenset(edit.id for edit in EDITS if edit.id.startswith("payer-rule-"))
OF_VOIDS = frozenset({"payer-paper-only", "payer-takes-no-void", "payer-claim-number"}) | OF_RULES
"""The edits that a void must pass. It is the claim as the payer has it, so that no other may ask for changes in it; of the
payer's rules those alone that name voids."""
