"""Queries over files and what was found in those that came."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from edi.findings import Finding
from gateway.db.engine import Connection, Row, chunks_of
from gateway.db.tables import file, inbound_interchange, inbound_set, remote_copy

NAMES_AT_ONCE = 2000
"""So many names are looked for in one statement; SQLite takes up to 32,766 variables."""
UNTOLD = -1
"""Stands for the size and time of a copy of which the server does not tell both."""


def keep_file(
    connection: Connection,
    *,
    direction: str,
    partner: str,
    name: str,
    sha256: str,
    size_bytes: int,
    now: datetime,
    container_id: int | None = None,
) -> int:
    """The id of the row for these bytes from this partner: a new one, or the one that is there.

    `container_id` is the packed file that these bytes came in.
    """
    known = find_file(connection, direction=direction, partner=partner, sha256=sha256)
    if known is not None:
        return known
    row = {
        "direction": direction, "partner": partner, "name": name, "sha256": sha256, "size_bytes": size_bytes,
        "received_at": now, "state": "archived", "container_id": container_id,
    }  # fmt: skip
    try:
        with connection.begin_nested():
            return int(connection.execute(insert(file).values(row).returning(file.c.id)).scalar_one())
    except IntegrityError:
        racing = find_file(connection, direction=direction, partner=partner, sha256=sha256)
        if racing is None:
            raise
        return racing


def find_file(connection: Connection, *, direction: str, partner: str, sha256: str) -> int | None:
    """The id of the row for these bytes, or None."""
    query = select(file.c.id).where(file.c.direction == direction, file.c.partner == partner, file.c.sha256 == sha256)
    return connection.execute(query).scalar_one_or_none()


def find_sent(connection: Connection, sha256: str) -> Row | None:
    """The row of the file that we sent with these bytes, to whichever partner; None where we sent none."""
    query = select(file).where(file.c.sha256 == sha256, file.c.direction == "outbound").order_by(file.c.id).limit(1)
    return connection.execute(query).mappings().one_or_none()


def list_known_copies(connection: Connection, partner: str, names: Sequence[str]) -> set[tuple[str, int, int]]:
    """(name, size, server time) of the copies under these names as they were when they were last fetched from this partner.

    Size and time are UNTOLD, as no listing shows them, where the server did not tell both.
    """
    found: set[tuple[str, int, int]] = set()
    columns = (remote_copy.c.name, remote_copy.c.size_bytes, remote_copy.c.modified_at)
    for chunk in chunks_of(names, NAMES_AT_ONCE):
        query = select(*columns).where(remote_copy.c.partner == partner, remote_copy.c.name.in_(chunk))
        found.update((name, size_bytes, modified_at) for name, size_bytes, modified_at in connection.execute(query))
    return found


def keep_copy(
    connection: Connection, file_id: int, *, partner: str, name: str, size_bytes: int | None, modified_at: int | None
) -> None:
    """Remember what a partner leaves there under this name, to know it again; by name alone where its server tells too little."""
    if size_bytes is None or modified_at is None:
        size_bytes, modified_at = UNTOLD, UNTOLD
    seen = {"file_id": file_id, "size_bytes": size_bytes, "modified_at": modified_at}
    there = (remote_copy.c.partner == partner, remote_copy.c.name == name)
    if connection.execute(update(remote_copy).where(*there).values(seen)).rowcount == 0:
        connection.execute(insert(remote_copy).values(partner=partner, name=name, **seen))


def count_members(connection: Connection, file_id: int) -> int:
    """How many files came in this container first."""
    return connection.execute(select(func.count()).where(file.c.container_id == file_id)).scalar_one()


def set_state(connection: Connection, file_id: int, state: str) -> None:
    """What became of a file as a whole."""
    connection.execute(update(file).where(file.c.id == file_id).values(state=state))


def list_unread_files(connection: Connection) -> Sequence[RowMapping]:
    """Inbound files whose sets have not all been taken in, oldest first."""
    query = select(file).where(file.c.direction == "inbound", file.c.state == "archived").order_by(file.c.id)
    return connection.execute(query).mappings().all()


def get_file(connection: Connection, file_id: int) -> RowMapping | None:
    """A file's row."""
    return connection.execute(select(file).where(file.c.id == file_id)).mappings().one_or_none()


def finish_file(connection: Connection, file_id: int, *, state: str, findings: Sequence[Finding]) -> None:
    """All sets of a file have been taken in; `findings` are those of its envelope, kept without values."""
    values = {"state": state, "findings": findings_as_json(findings)}
    connection.execute(update(file).where(file.c.id == file_id).values(values))


def findings_as_json(findings: Sequence[Finding]) -> str:
    """Findings to be kept: without values, which may hold a patient's data, and no more than a thousand."""
    bare = [msgspec.structs.replace(finding, value="") for finding in findings[:1000]]
    return msgspec.json.encode(bare).decode()


def known_ordinals(connection: Connection, file_id: int) -> set[int]:
    """The sets of a file that were decided on before: taken in, or set aside and not reopened since."""
    decided = (inbound_set.c.file_id == file_id, inbound_set.c.state != "reopened")
    return set(connection.execute(select(inbound_set.c.ordinal).where(*decided)).scalars())


def insert_set(connection: Connection, row: dict[str, Any]) -> int:
    """A transaction set of an inbound file (columns of inbound_set); the id it got, or has where it was reopened."""
    reopened = (
        inbound_set.c.file_id == row["file_id"], inbound_set.c.ordinal == row["ordinal"], inbound_set.c.state == "reopened",
    )  # fmt: skip
    known = connection.execute(update(inbound_set).where(*reopened).values(row).returning(inbound_set.c.id)).scalar_one_or_none()
    if known is not None:
        return int(known)
    return int(connection.execute(insert(inbound_set).values(row).returning(inbound_set.c.id)).scalar_one())


def finish_set(connection: Connection, set_id: int, *, segment_count: int, findings: Sequence[Finding]) -> None:
    """What was found in a set once it has been read to its end."""
    values = {"segment_count": segment_count, "findings": findings_as_json(findings)}
    connection.execute(update(inbound_set).where(inbound_set.c.id == set_id).values(values))


def insert_interchange(
    connection: Connection,
    *,
    file_id: int,
    ordinal: int,
    isa_control_number: int,
    sender: str,
    receiver: str,
    usage: str,
    interchange_date: date | None,
) -> None:
    """An interchange of an inbound file; one that is there already is left as it is."""
    there = select(inbound_interchange.c.id).where(
        inbound_interchange.c.file_id == file_id, inbound_interchange.c.ordinal == ordinal
    )
    if connection.execute(there).scalar_one_or_none() is None:
        row = {
            "file_id": file_id, "ordinal": ordinal, "isa_control_number": isa_control_number, "sender": sender,
            "receiver": receiver, "usage": usage, "interchange_date": interchange_date,
        }  # fmt: skip
        connection.execute(insert(inbound_interchange).values(row))
