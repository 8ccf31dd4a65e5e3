"""`claimwire edits list` and `show` say what the catalogue says."""

import json

from typer.testing import CliRunner, Result

from gateway.cli import app
from gateway.domain.edits import EDITS


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["edits", *arguments])


def test_the_list_has_every_edit() -> None:
    listed = json.loads(run("list", "--json").stdout)
    assert [each["id"] for each in listed] == [edit.id for edit in EDITS]
    assert "npi-check-digit" in run("list").stdout


def test_a_group_is_listed_alone() -> None:
    listed = json.loads(run("list", "--group", "dental", "--json").stdout)
    assert {each["group"] for each in listed} == {"dental"}
    assert {tuple(each["guides"]) for each in listed} == {("837D",)}


def test_a_group_that_is_none_is_wrong_usage() -> None:
    assert run("list", "--group", "nonesuch").exit_code == 2


def test_an_edit_is_shown_with_its_remedy_and_an_example() -> None:
    result = run("show", "line-repeated")
    assert result.exit_code == 0
    assert "holds the claim" in result.stdout
    edit = next(edit for edit in EDITS if edit.id == "line-repeated")
    assert all(text in result.stdout for text in (edit.what, edit.why, edit.fix, edit.example))
    assert json.loads(run("show", "line-repeated", "--json").stdout)["guides"] == ["837P", "837D"]


def test_an_edit_that_there_is_not_is_wrong_usage() -> None:
    assert run("show", "nonesuch").exit_code == 2
