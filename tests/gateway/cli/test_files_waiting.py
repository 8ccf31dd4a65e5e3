"""`claimwire files waiting` and `files take`: what lies at partners and is not whole, through the front door."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.clock import SystemClock
from gateway.db.engine import insert_many, open_database, writing
from gateway.db.tables import sighting
from tests.gateway.cli.conftest import Run

NAME = "20261120.835"


@pytest.fixture
def waiting(run: Run, folder: Path) -> Run:
    """A file that broke off yesterday and one that came a minute ago."""
    engine = open_database(f"sqlite:///{folder / 'claims.db'}")
    now = SystemClock().now()
    rows = [
        {"partner": "meridian", "name": name, "size_bytes": 9, "modified_at": 1, "still_polls": 2, "first_seen_at": now - age,
         "last_seen_at": now, "state": state, "error": error}
        for name, age, state, error in (
            (NAME, timedelta(days=1), "broken_off", "it ends before the IEA that closes its last ISA"),
            ("new.835", timedelta(minutes=1), "arriving", ""),
        )
    ]  # fmt: skip
    with writing(engine) as connection:
        insert_many(connection, sighting, rows)
    engine.dispose()
    return run


def test_what_waits_is_listed_longest_first_with_why(waiting: Run) -> None:
    shown = waiting("files", "waiting", "--json")
    assert [(row["name"], row["state"], row["why"]) for row in shown.json] == [
        (NAME, "broken_off", "it ends before the IEA that closes its last ISA"),
        ("new.835", "arriving", "it is still being written"),
    ]  # fmt: skip
    table = waiting("files", "waiting", "--partner", "meridian").out
    assert NAME in table
    assert "broken_off" in table


def test_nothing_waits_at_a_partner_that_has_nothing_and_an_unknown_one_is_refused(waiting: Run) -> None:
    assert "Nothing waits" in waiting("files", "waiting", "--partner", "lakeside").out
    refused = waiting("files", "waiting", "--partner", "nobody")
    assert (refused.code, "there is no partner nobody" in refused.err) == (1, True)


def test_a_file_is_taken_with_a_reason_once_patience_ran_out(waiting: Run) -> None:
    assert waiting("files", "take", "meridian", NAME).code == 2
    taken = waiting("files", "take", "meridian", NAME, "--reason", "no more will come")
    assert (taken.code, "is taken as it is" in taken.out) == (0, True)
    assert [row["state"] for row in waiting("files", "waiting", "--json").json] == ["taken", "arriving"]
    early = waiting("files", "take", "meridian", "new.835", "--reason", "no more will come")
    assert (early.code, "may still be on its way" in early.err.replace("\n", " ")) == (1, True)
    items = waiting("work", "list", "--json").json
    assert items == [], "the item a person decided on is done"


@pytest.mark.parametrize("name", ["a&b[1].835", "[bold]x[/bold].835", "a:heart:.835", "it's {b}!.835", "=cmd.835", "-rf.835"])
def test_a_name_is_listed_letter_by_letter_whatever_is_in_it(run: Run, folder: Path, name: str) -> None:
    engine = open_database(f"sqlite:///{folder / 'claims.db'}")
    now = SystemClock().now()
    row = {"partner": "meridian", "name": name, "size_bytes": 9, "modified_at": 1, "still_polls": 2, "state": "broken_off"}
    with writing(engine) as connection:
        insert_many(connection, sighting, [{**row, "first_seen_at": now - timedelta(days=2), "last_seen_at": now, "error": ""}])
    engine.dispose()
    assert name in run("files", "waiting").out
    taken = run("files", "take", "--reason", "no more will come", "--", "meridian", name)
    assert (taken.code, taken.out.startswith(f"{name} at meridian is taken")) == (0, True)
    assert name in run("files", "waiting").out
