"""Looking at files and remittances, replaying what was set aside, releasing a duplicate: nothing takes effect twice."""

from typing import Any

import pytest
from sqlalchemy import func, select

from gateway.db import files as file_rows
from gateway.db.engine import reading, writing
from gateway.db.invariants import check_all
from gateway.db.tables import claim_payment, inbound_set, journal, remittance
from gateway.db.work import WorkItem, raise_items
from gateway.desk import file_view, remittance_view, work_list
from gateway.domain.work import WorkKind
from gateway.errors import Refused
from gateway.pipeline import ingest, posting
from gateway.pipeline.context import Context
from tests.support import remittances

FILE = remittances.FILE.encode()
SAME_IN_OTHER_BYTES = FILE.replace(b"\n", b"\r\n")
UNBALANCED = FILE.replace(b"BPR*I*132.5*", b"BPR*I*140*").replace(b"EFT0001", b"EFT0002")
CUT_SHORT = FILE[: FILE.index(b"CLP*PCN2")]


def fetch(context: Context, name: str, content: bytes) -> int:
    """A file as pickup keeps it; its id."""
    stored = context.archive.store([content])
    with writing(context.engine) as connection:
        return file_rows.keep_file(
            connection, direction="inbound", partner="meridian", name=name, sha256=stored.sha256, size_bytes=stored.size_bytes,
            now=context.clock.now(),
        )  # fmt: skip


def set_aside_by_an_older_program(context: Context, file_id: int) -> None:
    """The file's set as a program left it that could not read 835s: a row that says so, work for a person, nothing taken in."""
    row: dict[str, Any] = {
        "file_id": file_id, "ordinal": 1, "isa_control_number": 905, "gs_control_number": 7, "st_control_number": "0001",
        "transaction": "835", "version": "005010X221A1", "segment_count": 32, "state": "unsupported",
    }  # fmt: skip
    item = WorkItem(kind=WorkKind.UNREADABLE_FILE, cause=f"set:{file_id}:1", sentence="Set 0001 was set aside.", file_id=file_id)
    with writing(context.engine) as connection:
        file_rows.insert_set(connection, row)
        file_rows.finish_file(connection, file_id, state="read", findings=[])
        raise_items(connection, [item], context.clock.now())


def count(context: Context, table: Any) -> int:
    with reading(context.engine) as connection:
        assert [verdict for verdict in check_all(connection, []) if verdict.offenders] == []
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_file_shows_what_each_set_did(context: Context) -> None:
    file_id = fetch(context, "one.835", FILE)
    assert file_view.view_file(context, file_id).did == "waits to be read"
    ingest.run(context)
    (one,) = file_view.view_file(context, file_id).sets
    assert (one.transaction, one.state, one.did) == ("835", "read", "remittance 1 of 132.50, received")
    posting.run(context)
    assert file_view.view_file(context, file_id).sets[0].did == "remittance 1 of 132.50, posted"


def test_a_set_that_was_set_aside_is_taken_in_once_by_a_replay(context: Context) -> None:
    file_id = fetch(context, "one.835", FILE)
    set_aside_by_an_older_program(context, file_id)
    assert ingest.run(context) == 0
    assert file_view.replay(context, file_id, actor="ada").reopened == (1,)
    assert file_view.view_file(context, file_id).sets[0].did == "waits to be tried again"
    assert (ingest.run(context), ingest.run(context)) == (1, 0)
    assert file_view.view_file(context, file_id).sets[0].did == "remittance 1 of 132.50, received"
    assert (count(context, remittance), count(context, inbound_set)) == (1, 1)
    done = work_list.list_items(context, kind=WorkKind.UNREADABLE_FILE, owner=None, closed_too=True)
    assert [(item.state, item.closed_reason) for item in done] == [("done", "ada had it looked at again")]
    posting.run(context)
    with pytest.raises(Refused, match="nothing to look at again"):
        file_view.replay(context, file_id, actor="ada")
    assert (count(context, remittance), count(context, claim_payment)) == (1, 2)


def test_a_file_cut_short_takes_effect_once_however_often_it_is_replayed(context: Context) -> None:
    """Its set stays set aside, its work item comes back, and nothing of it is posted."""
    whole = fetch(context, "whole.835", FILE)
    cut = fetch(context, "cut.835", CUT_SHORT.replace(b"EFT0001", b"EFT0009"))
    ingest.run(context)
    posting.run(context)
    books = count(context, journal)
    for _ in range(3):
        file_view.replay(context, cut, actor="ada")
        ingest.run(context)
        posting.run(context)
    assert (count(context, remittance), count(context, journal)) == (1, books)
    assert [one.state for one in file_view.view_file(context, cut).sets] == ["quarantined"]
    open_now = work_list.list_items(context, kind=WorkKind.UNREADABLE_FILE, owner=None, closed_too=False)
    assert {item.file_id for item in open_now} == {cut}
    with pytest.raises(Refused, match="nothing to look at again"):
        file_view.replay(context, whole, actor="ada")


def test_what_is_no_answer_of_a_partner_or_waits_anyway_is_not_replayed(context: Context) -> None:
    waiting = fetch(context, "waiting.835", FILE)
    with writing(context.engine) as connection:
        sent = file_rows.keep_file(
            connection,
            direction="outbound",
            partner="meridian",
            name="ours.837",
            sha256="00",
            size_bytes=1,
            now=context.clock.now(),
        )
    with pytest.raises(Refused, match="waits to be read already"):
        file_view.replay(context, waiting, actor="ada")
    with pytest.raises(Refused, match="only files that partners sent"):
        file_view.replay(context, sent, actor="ada")
    with pytest.raises(Refused, match="no file 9999"):
        file_view.replay(context, 9999, actor="ada")


def test_a_posted_remittance_shows_that_its_cash_is_what_was_paid(context: Context) -> None:
    fetch(context, "one.835", FILE)
    ingest.run(context)
    assert remittance_view.view_remittance(context, 1).adds_up is None
    posting.run(context)
    view = remittance_view.view_remittance(context, 1)
    assert (view.state, view.amount_cents, view.cash_cents, view.adds_up) == ("posted", 13_250, 13_250, True)
    assert sum(view.posted.values()) == 0
    assert [(one.pcn, one.paid_cents, one.state) for one in view.payments] == [
        ("PCN1", 12_050, "suspended"),
        ("PCN2", 0, "suspended"),
    ]
    assert [one.amount_cents for one in view.provider_adjustments] == [-1_200, 0]


def test_a_released_duplicate_is_posted_once(context: Context) -> None:
    fetch(context, "one.835", FILE)
    fetch(context, "again.835", SAME_IN_OTHER_BYTES)
    ingest.run(context)
    posting.run(context)
    assert remittance_view.view_remittance(context, 2).state == "duplicate"
    with pytest.raises(Refused, match="reason is needed"):
        remittance_view.release(context, 2, actor="ada", reason=" ")
    remittance_view.release(context, 2, actor="ada", reason="the bank shows two payments")
    assert remittance_view.view_remittance(context, 2).state == "received"
    with pytest.raises(Refused, match="posting has not decided"):
        remittance_view.release(context, 2, actor="ada", reason="again")
    assert (posting.run(context), posting.run(context)) == (1, 0)
    view = remittance_view.view_remittance(context, 2)
    assert (view.state, view.released_by, view.adds_up) == ("posted", "ada", True)
    (item,) = work_list.list_items(context, kind=WorkKind.DUPLICATE_REMITTANCE, owner=None, closed_too=True)
    assert (item.state, item.closed_by, item.closed_reason) == ("done", "ada", "the bank shows two payments")
    assert count(context, remittance) == 2


def test_only_a_duplicate_can_be_released(context: Context) -> None:
    fetch(context, "one.835", FILE)
    fetch(context, "wrong.835", UNBALANCED)
    ingest.run(context)
    posting.run(context)
    with pytest.raises(Refused, match="posted already"):
        remittance_view.release(context, 1, actor="ada", reason="why not")
    with pytest.raises(Refused, match=r"corrected remittance \(.*140.00"):
        remittance_view.release(context, 2, actor="ada", reason="why not")
    with pytest.raises(Refused, match="no remittance 9999"):
        remittance_view.release(context, 9999, actor="ada", reason="why not")
    assert remittance_view.view_remittance(context, 2).state == "unbalanced"
