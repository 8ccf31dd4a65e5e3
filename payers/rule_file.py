"""A file of rules alone, as they are tried on past claims before they stand in a profile."""

from collections.abc import Sequence

from pydantic import Field, ValidationError

from payers.errors import ConfigError
from payers.fields import Strict
from payers.rule_checks import check_rules
from payers.rules import Rule
from payers.strict import list_problems, parse_toml


class RuleFile(Strict):
    """The `[[rules]]` of a file."""

    rules: tuple[Rule, ...] = Field(strict=False, min_length=1, description="the rules, as in a payer's profile")


def parse_rules(content: bytes, file: str, payer_ids: Sequence[str] = ()) -> tuple[Rule, ...]:
    """The rules of a TOML file with `[[rules]]` as a payer's profile has them; `payer_ids` as for check_rules.

    Raises ConfigError with every problem.
    """
    try:
        rules = RuleFile.model_validate(parse_toml(content, file)).rules
    except ValidationError as error:
        raise ConfigError(file, tuple(list_problems(error, RuleFile))) from None
    if problems := tuple(check_rules(rules, payer_ids)):
        raise ConfigError(file, problems)
    return rules
