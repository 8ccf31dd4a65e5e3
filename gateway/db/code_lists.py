"""Imported code lists: replacing one whole, and finding texts and days of validity in them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select

from gateway.db.engine import Connection, Row, chunks_of, insert_many, insert_returning_ids
from gateway.db.tables import code_list, listed_code
from gateway.domain.code_files import ListedCode


def replace_list(
    connection: Connection,
    name: str,
    codes: Sequence[ListedCode],
    *,
    file_name: str,
    sha256: str,
    imported_by: str,
    now: datetime,
) -> None:
    """Put these codes in the place of all that were imported under this name, in the caller's transaction."""
    old = connection.execute(select(code_list.c.id).where(code_list.c.name == name)).scalars().all()
    connection.execute(delete(listed_code).where(listed_code.c.code_list_id.in_(old)))
    connection.execute(delete(code_list).where(code_list.c.id.in_(old)))
    row = {
        "name": name, "file_name": file_name, "sha256": sha256, "imported_at": now, "imported_by": imported_by,
        "code_count": len(codes),
    }  # fmt: skip
    (list_id,) = insert_returning_ids(connection, code_list, [row])
    for chunk in chunks_of(codes, 5_000):
        rows = [
            {
                "code_list_id": list_id, "code": one.code, "position": one.position, "text": one.text,
                "valid_from": one.valid_from, "valid_through": one.valid_through,
            }
            for one in chunk
        ]  # fmt: skip
        insert_many(connection, listed_code, rows)


def drop_list(connection: Connection, name: str) -> bool:
    """Take away what was imported under this name; False where nothing was."""
    old = connection.execute(select(code_list.c.id).where(code_list.c.name == name)).scalars().all()
    connection.execute(delete(listed_code).where(listed_code.c.code_list_id.in_(old)))
    connection.execute(delete(code_list).where(code_list.c.id.in_(old)))
    return bool(old)


def list_imported(connection: Connection) -> Sequence[Row]:
    """What was imported: name, file, SHA-256, when, by whom, how many codes, the first and last day the file speaks of."""
    days = (
        select(
            listed_code.c.code_list_id,
            func.min(listed_code.c.valid_from).label("valid_from"),
            func.max(listed_code.c.valid_through).label("valid_through"),
        )
        .group_by(listed_code.c.code_list_id)
        .subquery()
    )
    query = select(code_list, days.c.valid_from, days.c.valid_through).outerjoin(days, days.c.code_list_id == code_list.c.id)
    return connection.execute(query.order_by(code_list.c.name)).mappings().all()


def find_codes(connection: Connection, codes: Iterable[str], *, name: str | None = None) -> Sequence[Row]:
    """Every row of these codes, of one list or of all: list name, code, text and days, the newest stretch of time first."""
    found: list[Row] = []
    for chunk in chunks_of(codes):
        query = (
            select(
                code_list.c.name, listed_code.c.code, listed_code.c.text, listed_code.c.valid_from, listed_code.c.valid_through
            )
            .join(code_list, code_list.c.id == listed_code.c.code_list_id)
            .where(listed_code.c.code.in_(chunk))
        )
        if name is not None:
            query = query.where(code_list.c.name == name)
        found.extend(connection.execute(query.order_by(code_list.c.name, listed_code.c.code)).mappings())
    return sorted(found, key=lambda row: (row["name"], row["code"], -(row["valid_from"].toordinal() if row["valid_from"] else 0)))


def codes_of(connection: Connection, name: str) -> Sequence[Row]:
    """All codes of one imported list with their days, without texts; () where none was imported."""
    query = (
        select(listed_code.c.code, listed_code.c.valid_from, listed_code.c.valid_through)
        .join(code_list, code_list.c.id == listed_code.c.code_list_id)
        .where(code_list.c.name == name)
    )
    return connection.execute(query).mappings().all()


def texts_of(connection: Connection, names: Iterable[str]) -> dict[str, dict[str, str]]:
    """The imported texts of these lists by list and code, those that hold longest; lists never imported are left out."""
    query = (
        select(code_list.c.name, listed_code.c.code, listed_code.c.text, listed_code.c.valid_through)
        .join(code_list, code_list.c.id == listed_code.c.code_list_id)
        .where(code_list.c.name.in_(list(names)))
    )
    found: dict[str, dict[str, str]] = {}
    rows = connection.execute(query).mappings().all()
    for row in sorted(rows, key=lambda row: row["valid_through"].toordinal() if row["valid_through"] else 10**7):
        found.setdefault(row["name"], {})[row["code"]] = row["text"]
    return found
