"""The work list: the most urgent first, snoozed items come back by themselves, and what is done stays done."""

from datetime import timedelta

import pytest

from gateway.clock import TurnedClock
from gateway.db.engine import writing
from gateway.db.work import WorkItem, raise_items
from gateway.desk import work_list
from gateway.domain.work import GUIDANCE, WorkKind
from gateway.errors import Refused
from gateway.pipeline.context import Context


def raise_work(context: Context, *items: WorkItem) -> None:
    with writing(context.engine) as connection:
        raise_items(connection, items, context.clock.now())


def listed(context: Context, *, kind: WorkKind | None = None, owner: str | None = None, closed_too: bool = False) -> list[str]:
    """The sentences of the list."""
    return [item.sentence for item in work_list.list_items(context, kind=kind, owner=owner, closed_too=closed_too)]


@pytest.fixture
def work(context: Context) -> dict[str, int]:
    """Three items by sentence: a large sum without a deadline, a small one due tomorrow, a file."""
    now = context.clock.now()
    raise_work(
        context,
        WorkItem(kind=WorkKind.DENIED, cause="payment:1:denied", sentence="large", amount_cents=400_000),
        WorkItem(kind=WorkKind.OVERDUE, cause="claim:1:1", sentence="soon", amount_cents=150_000, due_at=now + timedelta(days=1)),
        WorkItem(kind=WorkKind.INTAKE_REFUSED, cause="file:1", sentence="file"),
    )
    return {item.sentence: item.id for item in work_list.list_items(context, kind=None, owner=None, closed_too=True)}


def test_money_times_nearness_comes_first(context: Context, work: dict[str, int]) -> None:
    """1,500.00 due tomorrow counts 1,305.00 and 4,000.00 without a deadline 720.00; a file counts as 100.00 at 18 %."""
    assert listed(context) == ["soon", "large", "file"]


def test_an_item_is_found_by_kind_and_owner(context: Context, work: dict[str, int]) -> None:
    assert work_list.assign(context, work["large"], "ada").owner == "ada"
    assert listed(context, owner="ada") == ["large"]
    assert listed(context, owner="") == ["soon", "file"]
    assert listed(context, kind=WorkKind.OVERDUE) == ["soon"]
    assert work_list.assign(context, work["large"], "").owner == ""


def test_an_item_says_what_to_do(context: Context, work: dict[str, int]) -> None:
    item = work_list.get_item(context, work["large"])
    assert (item.title, item.what_to_do) == (GUIDANCE[WorkKind.DENIED].title, GUIDANCE[WorkKind.DENIED].what_to_do)


def test_a_snoozed_item_comes_back_by_itself(context: Context, work: dict[str, int]) -> None:
    until = context.clock.now() + timedelta(days=3)
    assert work_list.snooze(context, work["soon"], until).state == "snoozed"
    assert listed(context) == ["large", "file"]
    assert "soon" in listed(context, closed_too=True)
    assert isinstance(context.clock, TurnedClock)
    context.clock.turn_to(until)
    assert listed(context)[0] == "soon"


def test_a_resolved_item_keeps_who_and_why_and_does_not_come_back(context: Context, work: dict[str, int]) -> None:
    item = work_list.resolve(context, work["file"], actor="ada", reason="written off")
    assert (item.state, item.closed_by, item.closed_reason) == ("done", "ada", "written off")
    raise_work(context, WorkItem(kind=WorkKind.INTAKE_REFUSED, cause="file:1", sentence="file"))
    assert listed(context) == ["soon", "large"]


def test_what_cannot_be_done_is_refused_with_the_reason(context: Context, work: dict[str, int]) -> None:
    work_list.resolve(context, work["file"], actor="ada", reason="written off")
    now = context.clock.now()
    with pytest.raises(Refused, match=r"is done: ada closed it \(written off\)"):
        work_list.resolve(context, work["file"], actor="bob", reason="again")
    with pytest.raises(Refused, match="is done"):
        work_list.assign(context, work["file"], "bob")
    with pytest.raises(Refused, match="is done"):
        work_list.snooze(context, work["file"], now + timedelta(days=1))
    with pytest.raises(Refused, match="not in the future"):
        work_list.snooze(context, work["large"], now)
    with pytest.raises(Refused, match="reason is needed"):
        work_list.resolve(context, work["large"], actor="ada", reason=" ")
    with pytest.raises(Refused, match="no work item 9999"):
        work_list.assign(context, 9999, "ada")
    with pytest.raises(Refused, match="no work item 9999"):
        work_list.get_item(context, 9999)


@pytest.mark.parametrize("kind", sorted(work_list.HELD_MONEY))
def test_held_money_cannot_be_called_done(context: Context, kind: WorkKind) -> None:
    """It would be on nobody's list; assigning and snoozing it is fine."""
    item = WorkItem(kind=kind, cause="payment:7", sentence="held", amount_cents=100)
    with writing(context.engine) as connection:
        raise_items(connection, [item], context.clock.now())
    (held,) = work_list.list_items(context, kind=kind, owner=None, closed_too=False)
    with pytest.raises(Refused, match="closes by itself once that is posted"):
        work_list.resolve(context, held.id, actor="ada", reason="written off")
    assert work_list.assign(context, held.id, "ada").owner == "ada"
