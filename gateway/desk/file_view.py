"""One file as a person looks at it: what was in it, what each set did, and looking at it again."""

from datetime import datetime
from typing import Any

import msgspec

from edi.values import format_money
from gateway.db import decisions, listings
from gateway.db import files as file_rows
from gateway.db.engine import Connection, Row, reading, writing
from gateway.db.work import close_items
from gateway.domain.work import WorkKind
from gateway.errors import Refused
from gateway.pipeline.context import Context
from gateway.pipeline.pickup_fetch import unpack_again
from gateway.pipeline.unpacking import is_packed

FINDINGS_SHOWN = 10


class FoundFault(msgspec.Struct, frozen=True, kw_only=True):
    """A finding as it is shown: code, level, place and words."""

    code: str
    level: str
    message: str
    segment: str = ""
    position: int = 0


class FileSet(msgspec.Struct, frozen=True, kw_only=True):
    """One set of an inbound file, and what it did. TA1s have ordinals below zero."""

    ordinal: int
    transaction: str
    version: str
    st_control_number: str
    isa_control_number: int
    segment_count: int
    state: str
    did: str
    finding_count: int
    findings: tuple[FoundFault, ...]


class FileView(msgspec.Struct, frozen=True, kw_only=True):
    """One file. `did` says what came of it as a whole; findings are the first ones of each list."""

    id: int
    direction: str
    partner: str
    name: str
    state: str
    sha256: str
    size_bytes: int
    received_at: datetime
    removed_at: datetime | None
    did: str
    finding_count: int
    findings: tuple[FoundFault, ...]
    sets: tuple[FileSet, ...]


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """A file that ingest will look at again, and the sets it will try again by ordinal."""

    file_id: int
    name: str
    reopened: tuple[int, ...]


_OF_ROW = ("id", "direction", "partner", "name", "state", "sha256", "size_bytes", "received_at", "removed_at")


def view_file(context: Context, file_id: int) -> FileView:
    """The file with this id. Raises Refused where there is none."""
    with reading(context.engine) as connection:
        row = _get_row(connection, file_id)
        count, findings = _findings(row["findings"])
        return FileView(
            **{name: row[name] for name in _OF_ROW},
            did=_what_file_did(connection, row),
            finding_count=count,
            findings=findings,
            sets=_sets(connection, file_id),
        )


def replay(context: Context, file_id: int, *, actor: str) -> Replayed:
    """Have ingest look again at an inbound file that was not read whole, or whose sets were set aside.

    Only what never took effect is tried again: a set that was taken in keeps its row and is passed over. Raises Refused where
    there is nothing to try again.
    """
    now = context.clock.now()
    with reading(context.engine) as connection:
        row = _get_row(connection, file_id)
    if row["state"] == "unreadable" and is_packed(next(iter(context.archive.open(row["sha256"])), b"")):
        return _unpack_again(context, row)
    with writing(context.engine) as connection:
        row = _get_row(connection, file_id)
        if row["direction"] != "inbound":
            raise Refused(f"file {file_id} is {row['direction']}: only files that partners sent can be looked at again")
        if row["state"] == "archived":
            raise Refused(f"file {file_id} waits to be read already; `claimwire run ingest` reads it now")
        reopened = decisions.reopen_sets(connection, file_id)
        if not reopened and row["state"] != "unreadable":
            raise Refused(f"file {file_id} was read whole and every set of it was taken in: there is nothing to look at again")
        if not decisions.reopen_file(connection, file_id):
            raise Refused(f"file {file_id} is being looked at already")
        causes = [f"file:{file_id}", *(f"set:{file_id}:{ordinal}" for ordinal in reopened)]
        # Closed as if by itself: the same cause must open it again if the file is still no better.
        close_items(connection, WorkKind.UNREADABLE_FILE, causes, reason=f"{actor} had it looked at again", now=now)
    return Replayed(file_id=file_id, name=row["name"], reopened=tuple(reopened))


def _unpack_again(context: Context, row: Row) -> Replayed:
    refusal = unpack_again(context, row)
    if refusal:
        raise Refused(f"file {row['id']} can still not be unpacked: {refusal}")
    return Replayed(file_id=row["id"], name=row["name"], reopened=())


def _get_row(connection: Connection, file_id: int) -> Row:
    row = file_rows.get_file(connection, file_id)
    if row is None:
        raise Refused(f"there is no file {file_id}; `files list` shows them")
    return row


def _what_file_did(connection: Connection, row: Row) -> str:
    if row["direction"] == "outbound":
        batches = ", ".join(str(number) for number in listings.batches_of_file(connection, row["id"]))
        return f"the bytes of batch {batches}" if batches else "belongs to no batch"
    if row["direction"] == "intake":
        count, cents = listings.claims_of_file(connection, row["id"])
        return f"{count} claims came first in it, charges {format_money(cents)}"
    if row["state"] == "unpacked":
        count = file_rows.count_members(connection, row["id"])
        return f"was unpacked: {count} files came in it"
    return {"archived": "waits to be read", "unreadable": "could not be read to its end"}.get(row["state"], "read")


def _sets(connection: Connection, file_id: int) -> tuple[FileSet, ...]:
    said = {row["inbound_set_id"]: row for row in listings.acknowledgments_of_file(connection, file_id)}
    paid = {row["inbound_set_id"]: row for row in listings.remittances_of_file(connection, file_id)}
    found = []
    for row in listings.sets_of_file(connection, file_id):
        count, findings = _findings(row["findings"])
        names = ("ordinal", "transaction", "version", "st_control_number", "isa_control_number", "segment_count", "state")
        found.append(
            FileSet(
                **{name: row[name] for name in names},
                did=_what_set_did(row, said.get(row["id"]), paid.get(row["id"])),
                finding_count=count,
                findings=findings,
            )
        )
    return tuple(found)


def _what_set_did(row: Row, said: Row | None, paid: Row | None) -> str:
    aside = {
        "quarantined": "set aside: nothing of it was taken in; the work list says why",
        "unsupported": "set aside: this transaction is not read",
        "reopened": "waits to be tried again",
    }
    if row["state"] in aside:
        return aside[row["state"]]
    if paid is not None:
        return f"remittance {paid['id']} of {format_money(paid['amount_cents'])}, {paid['state']}"
    if said is None:
        return "taken in"
    about = f"batch {said['batch_id']}" if said["batches"] == 1 else f"{said['batches']} batches"
    claims = f", {said['claims']} claims named" if said["claims"] else ""
    unmatched = f", {said['unmatched']} match nothing of ours" if said["unmatched"] else ""
    return (
        f"{said['said']} acknowledgments of {about}{claims}{unmatched}" if said["batches"] else f"matches nothing of ours{claims}"
    )


def _findings(text: str) -> tuple[int, tuple[FoundFault, ...]]:
    kept: list[dict[str, Any]] = msgspec.json.decode(text)
    return len(kept), tuple(msgspec.convert(one, FoundFault) for one in kept[:FINDINGS_SHOWN])
