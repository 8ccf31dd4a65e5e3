"""`claimwire edits backtest`: a table for people, JSON for programs, and a wrong file of rules refused."""

from pathlib import Path

import msgspec
import pytest

from tests.gateway.cli.conftest import Run
from tests.support.desk_claims import sample_claim

RULES = """\
[[rules]]
id = "no-diabetes-visit"
what = "Something is wrong."
fix = "Mend it."
when = { "diagnosis.code" = ["E11*"] }
forbid = ["line.procedure"]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A file of one good rule."""
    file = tmp_path / "rules.toml"
    file.write_text(RULES, encoding="utf-8")
    return file


def test_rules_are_tried_on_what_was_sent(run: Run, rules: Path) -> None:
    run("claims", "import", "-", stdin=b"\n".join(msgspec.json.encode(sample_claim(number)) for number in ("B1", "B2")))
    run("run", "scrub")
    for number in ("B1", "B2"):
        run("claims", "release", number, "--reason", "invented long ago")
    run("run", "batching", "--now")
    told = run("edits", "backtest", rules)
    assert told.code == 0, told.err
    assert "2 claims looked at, as they were sent: 0 rejected, 0 denied, 0 partly paid, 0 paid, 2 not decided." in told.out
    assert "2 would have been held" in told.out
    assert "no-diabetes-visit" in told.out
    assert "TESTCASE" not in told.out
    result = run("edits", "backtest", rules, "--payer", "northstar", "--since", "2020-01-01", "--json").json
    assert (result["looked_at"]["open"], result["held"]["open"]) == (2, 2)
    assert (result["caught"], result["in_vain"], result["missed"]) == (0, 0, 0)
    assert result["rules"][0]["rule"] == "no-diabetes-visit"
    assert run("edits", "backtest", rules, "--payer", "blueharbor", "--json").json["looked_at"]["open"] == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('forbid = ["line.procedure"]', 'forbid = ["line.procedur"]', "rules[0].forbid[0]: no field of docs/claim-fields.md"),
        ('forbid = ["line.procedure"]', 'set = { "payer.id" = "X1" }', "should be one of the payer's own payer_ids"),
        ("[[rules]]", "[[rulez]]", "rulez: unknown key"),
    ],
)
def test_a_wrong_file_of_rules_is_refused_with_what_is_wrong(run: Run, rules: Path, old: str, new: str, said: str) -> None:
    rules.write_text(RULES.replace(old, new), encoding="utf-8")
    refused = run("edits", "backtest", rules, "--payer", "northstar")
    assert refused.code == 2
    assert f"{rules}: " in refused.err
    assert said in refused.err


def test_a_file_that_is_not_there_and_a_payer_that_is_none_are_refused(run: Run, rules: Path) -> None:
    assert run("edits", "backtest", rules.with_name("none.toml")).code == 2
    assert run("edits", "backtest", rules, "--payer", "nobody").code == 2
