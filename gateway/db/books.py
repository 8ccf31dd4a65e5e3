"""The books' only write path: journals that sum to zero, each posted once and never changed."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError

from gateway.db.engine import chunks_of, insert_many, insert_returning_ids
from gateway.db.tables import entry, journal
from gateway.domain.accounts import Account


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One line of a journal, in cents: debit positive, credit negative."""

    account: str
    amount_cents: int
    line_control_number: str = ""
    adjustment: str = ""


class Journal(msgspec.Struct, frozen=True, gc=False):
    """Entries that belong together and sum to zero; `source` says what is posted and makes it post once."""

    source: str
    kind: str
    practice: str
    entries: tuple[Entry, ...]
    claim_id: int | None = None
    remittance_id: int | None = None
    claim_payment_id: int | None = None


def post_journals(connection: Connection, journals: Sequence[Journal], now: datetime) -> int:
    """Post the journals whose source is not in the books yet, and return how many that were."""
    for each in journals:
        assert each.entries, "a journal has entries"
        assert sum(line.amount_cents for line in each.entries) == 0, "a journal sums to zero"
    given = list({each.source: each for each in reversed(journals)}.values())[::-1]
    if _post_all(connection, given, now):
        return len(given)
    posted = _find_posted(connection, [each.source for each in given])
    new = [each for each in given if each.source not in posted]
    if _post_all(connection, new, now):
        return len(new)
    return sum(_post_unless_posted(connection, each, now) for each in new)


def receivables(connection: Connection, claim_ids: Sequence[int]) -> dict[int, int]:
    """What the insurance owes for each of these claims by the books, in cents; 0 for one that is not in them."""
    found = dict.fromkeys(claim_ids, 0)
    for chunk in chunks_of(found, 500):
        query = (
            select(journal.c.claim_id, func.sum(entry.c.amount_cents))
            .join(entry, entry.c.journal_id == journal.c.id)
            .where(journal.c.claim_id.in_(chunk), entry.c.account == Account.INSURANCE_RECEIVABLE.value)
        )
        found.update((claim_id, int(cents)) for claim_id, cents in connection.execute(query.group_by(journal.c.claim_id)))
    return found


def _post_all(connection: Connection, journals: Sequence[Journal], now: datetime) -> bool:
    """Whether all of them are in the books now; else none is, because one was there before."""
    try:
        with connection.begin_nested():
            _insert_journals(connection, journals, now)
    except IntegrityError:
        return False
    return True


def _post_unless_posted(connection: Connection, each: Journal, now: datetime) -> bool:
    if _post_all(connection, [each], now):
        return True
    if _find_posted(connection, [each.source]):
        return False
    _insert_journals(connection, [each], now)  # raises what is wrong with it
    return True


def _find_posted(connection: Connection, sources: Sequence[str]) -> set[str]:
    posted: set[str] = set()
    for chunk in chunks_of(sources):
        posted.update(connection.execute(select(journal.c.source).where(journal.c.source.in_(chunk))).scalars())
    return posted


def _insert_journals(connection: Connection, journals: Sequence[Journal], now: datetime) -> None:
    rows = []
    for each in journals:
        values = msgspec.structs.asdict(each)
        del values["entries"]
        rows.append({**values, "kind": str(each.kind), "posted_at": now})
    ids = insert_returning_ids(connection, journal, rows)
    pairs = zip(ids, journals, strict=True)
    lines = [
        {**msgspec.structs.asdict(line), "account": str(line.account), "journal_id": journal_id}
        for journal_id, each in pairs
        for line in each.entries
    ]
    insert_many(connection, entry, lines)
