"""The work list: one item for each cause, refreshed while open, reopened only where no person decided."""

from datetime import timedelta
from threading import Thread
from time import sleep
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, Row, select, update

from gateway.db.engine import Connection, reading, writing
from gateway.db.tables import work_item
from gateway.db.work import WorkItem, close_items, raise_items
from tests.support.rows import NOON, receive_claims

LATER = NOON + timedelta(days=1)


def item_of(connection: Connection, cause: str) -> Row[Any]:
    return connection.execute(select(work_item).where(work_item.c.cause == cause)).one()


def test_a_new_item_is_open_and_keeps_what_it_says(engine: Engine) -> None:
    with writing(engine) as connection:
        [claim_id] = receive_claims(connection, ["WORK"])
        item = WorkItem("denial", "new", "Denied.", claim_id=claim_id, partner="p", amount_cents=12_500, due_at=LATER)
        assert raise_items(connection, [item], NOON) == 1
        row = item_of(connection, "new")
    assert (row.state, row.opened_at, row.closed_at, row.owner) == ("open", NOON, None, "")
    assert WorkItem(**{name: getattr(row, name) for name in WorkItem.__struct_fields__}) == item


def test_the_same_cause_is_the_same_item_and_is_refreshed(engine: Engine) -> None:
    with writing(engine) as connection:
        raise_items(connection, [WorkItem("overdue", "same", "1 day late.")], NOON)
        refreshed = WorkItem("overdue", "same", "2 days late.", amount_cents=5)
        assert raise_items(connection, [refreshed, refreshed], LATER) == 0
        row = item_of(connection, "same")
    assert (row.sentence, row.amount_cents, row.opened_at) == ("2 days late.", 5, NOON)


def test_one_cause_of_two_kinds_is_two_items(engine: Engine) -> None:
    with writing(engine) as connection:
        assert raise_items(connection, [WorkItem("denial", "kinds", "a"), WorkItem("overdue", "kinds", "b")], NOON) == 2


def test_a_snoozed_item_sleeps_on(engine: Engine) -> None:
    with writing(engine) as connection:
        raise_items(connection, [WorkItem("denial", "snoozed", "Denied.")], NOON)
        connection.execute(update(work_item).where(work_item.c.cause == "snoozed").values(state="snoozed", snoozed_until=LATER))
        assert raise_items(connection, [WorkItem("denial", "snoozed", "Still denied.")], NOON) == 0
        row = item_of(connection, "snoozed")
    assert (row.state, row.snoozed_until, row.sentence) == ("snoozed", LATER, "Still denied.")


def test_what_closed_by_itself_opens_again(engine: Engine) -> None:
    item = WorkItem("unmatched", "itself", "Nothing matches.")
    with writing(engine) as connection:
        raise_items(connection, [item], NOON)
        assert close_items(connection, "unmatched", ["itself"], reason="matched", now=NOON) == 1
        closed = item_of(connection, "itself")
        assert raise_items(connection, [item], LATER) == 1
        again = item_of(connection, "itself")
    assert (closed.state, closed.closed_at, closed.closed_by, closed.closed_reason) == ("done", NOON, "", "matched")
    assert (again.state, again.opened_at, again.closed_at, again.closed_reason) == ("open", LATER, None, "")


def test_what_a_person_closed_stays_closed(engine: Engine) -> None:
    item = WorkItem("unmatched", "person", "Nothing matches.")
    with writing(engine) as connection:
        raise_items(connection, [item], NOON)
        close_items(connection, "unmatched", ["person"], reason="not ours", now=NOON, actor="dana")
        assert raise_items(connection, [msgspec.structs.replace(item, sentence="Again.")], LATER) == 0
        row = item_of(connection, "person")
    assert (row.state, row.closed_by, row.closed_reason, row.sentence) == ("done", "dana", "not ours", "Nothing matches.")


def test_closing_touches_only_open_items_of_the_kind(engine: Engine) -> None:
    with writing(engine) as connection:
        raise_items(connection, [WorkItem("denial", "close", "a"), WorkItem("overdue", "close", "b")], NOON)
        assert close_items(connection, "denial", ["close", "unknown"], reason="paid", now=NOON) == 1
        assert close_items(connection, "denial", ["close"], reason="paid again", now=LATER, actor="dana") == 0
        rows = connection.execute(select(work_item.c.kind, work_item.c.state, work_item.c.closed_reason)).all()
    assert {("denial", "done", "paid"), ("overdue", "open", "")} <= {tuple(row) for row in rows}


def test_closing_without_a_reason_is_a_bug(engine: Engine) -> None:
    with pytest.raises(AssertionError, match="reason"), writing(engine) as connection:
        close_items(connection, "denial", ["close"], reason="", now=NOON)


def test_more_causes_than_one_statement_takes(fresh_engine: Engine) -> None:
    items = [WorkItem("overdue", f"many {number}", "Late.") for number in range(2_000)]
    with writing(fresh_engine) as connection:
        assert raise_items(connection, items, NOON) == 2_000
        assert raise_items(connection, items, NOON) == 0
        assert close_items(connection, "overdue", [item.cause for item in items], reason="answered", now=NOON) == 2_000


def test_two_who_raise_at_once_raise_one_item(engine: Engine) -> None:
    """The slower one waits for the faster one's commit, and then only refreshes."""
    counts: list[int] = []

    def raise_both() -> None:
        with writing(engine) as connection:
            items = [WorkItem("denial", "raced", "Slower."), WorkItem("denial", "not raced", "Slower.")]
            counts.append(raise_items(connection, items, LATER))

    slower = Thread(target=raise_both)
    with writing(engine) as connection:
        raise_items(connection, [WorkItem("denial", "raced", "Faster.")], NOON)
        slower.start()
        sleep(0.3)
    slower.join()
    with reading(engine) as connection:
        row = item_of(connection, "raced")
    assert (counts, row.sentence, row.opened_at) == ([1], "Slower.", NOON)
