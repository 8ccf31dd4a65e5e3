"""What the command line promises of every command: one JSON document with cents, help that teaches, exit codes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from gateway.cli import app, main
from tests.gateway.cli.conftest import Run

SUB_APPS = {"claims", "work", "batches", "files", "remits", "payers", "db"}
LISTINGS = {"list", "show", "status", "check"}


def commands_of(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its full name."""
    for key, inner in getattr(command, "commands", {}).items():
        yield f"{name} {key}".strip(), inner
        yield from commands_of(inner, f"{name} {key}".strip())


COMMANDS = dict(commands_of(typer.main.get_command(app)))


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of a gateway in which forty claims have lived their lives: the demo, kept."""
    folder = tmp_path_factory.mktemp("lived") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["claimwire", "demo", "--claims", "40", "--seed", "3", "--keep", str(folder)])
        with pytest.raises(SystemExit) as left:
            main()
    assert left.value.code in (0, None)
    return folder / "config.toml"


def walk(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a JSON document under its nearest name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, name)
    else:
        yield name, value


@pytest.mark.parametrize("name", [name for name in COMMANDS if name.split()[0] in SUB_APPS and name.split()[-1] in LISTINGS])
def test_every_listing_has_json(name: str) -> None:
    assert "--json" in {option for parameter in COMMANDS[name].params for option in parameter.opts}


def test_the_listings_are_those_we_know() -> None:
    """So that a new sub-command is not forgotten here: what lists or shows takes --json."""
    found = {name for name in COMMANDS if name.split()[0] in SUB_APPS and name.split()[-1] in LISTINGS}
    assert found == {
        "claims list", "claims show", "work list", "work show", "batches list", "batches show", "files list", "files show",
        "remits list", "remits show", "payers list", "payers show", "payers check", "db status",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "cents"),
    [
        (("claims", "list"), "charge_cents"),
        (("claims", "list", "--state", "paid"), "charge_cents"),
        (("claims", "show", "id:1"), "billed_cents"),
        (("work", "list", "--all"), "amount_cents"),
        (("work", "show", "1"), "amount_cents"),
        (("batches", "list"), "charge_cents"),
        (("batches", "show", "1"), "charge_cents"),
        (("files", "list", "--direction", "inbound"), ""),
        (("payers", "show"), ""),
        (("payers", "show", "meridian"), ""),
        (("payers", "show", "northstar"), "ready_charge_cents"),
        (("files", "show", "4"), ""),
        (("remits", "list"), "amount_cents"),
        (("remits", "show", "1"), "cash_cents"),
        (("payers", "list"), ""),
        (("payers", "check"), ""),
        (("db", "status"), ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_json_is_one_document_with_whole_cents(lived: Path, run_anywhere: Run, arguments: tuple[str, ...], cents: str) -> None:
    ran = run_anywhere("--config", lived, *arguments, "--json")
    assert ran.code == 0
    values = list(walk(ran.json))
    assert values
    assert not [name for name, value in values if isinstance(value, float)]
    assert all(isinstance(value, int) for name, value in values if name.endswith("_cents"))
    if cents:
        assert cents in {name for name, _ in values}
    for_people = run_anywhere("--config", lived, *arguments)
    assert (for_people.code, bool(for_people.out.strip())) == (0, True)


def test_every_claim_remittance_batch_file_and_item_can_be_shown(lived: Path, run_anywhere: Run) -> None:
    """Whatever a list names can be looked at, whatever state it is in."""
    for group, key in (("claims", "pcn"), ("batches", "id"), ("files", "id"), ("remits", "id"), ("work", "id")):
        rows = run_anywhere("--config", lived, group, "list", "--json", "--limit", "40").json
        assert rows
        for row in rows:
            shown = run_anywhere("--config", lived, group, "show", row[key])
            assert (shown.code, str(row[key]) in shown.out) == (0, True), (group, row)


def test_a_paid_claims_timeline_tells_its_whole_life(lived: Path, run_anywhere: Run) -> None:
    claim = run_anywhere("--config", lived, "claims", "list", "--state", "paid", "--json").json[0]
    view = run_anywhere("--config", lived, "claims", "show", claim["pcn"], "--json").json
    kinds = [step["kind"] for step in view["timeline"]]
    assert kinds[:4] == ["received", "edits_passed", "batched", "sent"]
    assert (kinds[-1], "syntax_accepted" in kinds, "payer_accepted" in kinds) == ("paid", True, True)
    assert all(step["file_id"] for step in view["timeline"] if step["kind"] != "edits_passed")
    money = view["money"]
    assert money["billed_cents"] == claim["charge_cents"]
    assert money["billed_cents"] == sum(money[f"{part}_cents"] for part in ("paid", "adjusted", "patient", "open"))


def test_a_partner_and_a_state_narrow_the_batches(lived: Path, run_anywhere: Run) -> None:
    batches = run_anywhere("--config", lived, "batches", "list", "--partner", "lakeside", "--json").json
    assert {one["partner"] for one in batches} == {"lakeside"}
    assert run_anywhere("--config", lived, "batches", "list", "--state", "failed", "--json").json == []
    assert run_anywhere("--config", lived, "batches", "list", "--state", "lost").code == 2


@pytest.mark.parametrize("group", ["batches", "files", "remits", "work"])
def test_what_is_not_there_is_refused_by_number(run: Run, group: str) -> None:
    ran = run(group, "show", "9999")
    assert (ran.code, ran.out) == (1, "")
    assert "refused: there is no" in ran.err


def test_acts_on_work_files_and_remittances_go_through_the_front_door(lived: Path, run_anywhere: Run) -> None:
    here = ("--config", lived)
    item = run_anywhere(*here, "work", "list", "--json").json[0]
    assert run_anywhere(*here, "work", "assign", item["id"], "ada", "--json").json["owner"] == "ada"
    assert [one["id"] for one in run_anywhere(*here, "work", "list", "--owner", "ada", "--json").json] == [item["id"]]
    assert run_anywhere(*here, "work", "snooze", item["id"], "--until", "2020-01-01").code == 1
    assert run_anywhere(*here, "work", "snooze", item["id"], "--until", "soon").code == 2
    assert run_anywhere(*here, "work", "snooze", item["id"], "--until", "2199-01-01", "--json").json["state"] == "snoozed"
    assert run_anywhere(*here, "work", "resolve", item["id"], "--reason", "written off").code == 0
    assert run_anywhere(*here, "work", "resolve", item["id"], "--reason", "again").code == 1
    posted = run_anywhere(*here, "remits", "list", "--state", "posted", "--json").json[0]
    refused = run_anywhere(*here, "remits", "post", posted["id"], "--reason", "why not")
    assert (refused.code, "posted already" in refused.err) == (1, True)
    inbound = run_anywhere(*here, "files", "list", "--state", "read", "--json").json[0]
    refused = run_anywhere(*here, "files", "replay", inbound["id"])
    assert (refused.code, "nothing to look at again" in refused.err) == (1, True)
    assert run_anywhere(*here, "verify").code == 0
