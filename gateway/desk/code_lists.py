"""Code lists as people see them: what is shipped, what was imported, what a code means, and importing a licensed file."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import PurePath

import msgspec

from edi.codes.lists import LISTS, CodeList, find_list
from gateway.db import code_lists
from gateway.db.engine import Engine, Row, reading, writing
from gateway.db.locks import exclusive
from gateway.domain.code_files import BadLine, Columns, ListedCode, read_codes
from gateway.errors import Refused
from gateway.pipeline.context import Context

FILE_BYTES_MAX = 64 * 1024 * 1024


class ListView(msgspec.Struct, frozen=True, kw_only=True):
    """One list: how many codes have texts of ours, how many the operator imported, from which file and when."""

    name: str
    title: str
    owner: str
    shipped: int
    imported: int
    file_name: str
    sha256: str
    imported_at: datetime | None
    imported_by: str
    valid_from: date | None
    valid_through: date | None


class CodeView(msgspec.Struct, frozen=True, kw_only=True):
    """One code of one list: the text shown for it, whose text that is, what to do, and the days the imported file gives it."""

    list: str
    code: str
    text: str
    source: str
    next_step: str
    valid_from: date | None
    valid_through: date | None


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file. Nothing was imported where there is a bad line, or where it was only tried."""

    list: str
    file_name: str
    sha256: str
    codes: int
    imported: bool
    bad_lines: tuple[BadLine, ...]


def get_list(name: str) -> CodeList:
    """The list of this name; raises Refused where there is none."""
    found = find_list(name)
    if found is None:
        raise Refused(f'there is no code list "{name}"; `claimwire codes list` shows them')
    return found


def view_lists(engine: Engine | None) -> tuple[ListView, ...]:
    """Every list, in the order they are shown; without a database those that are shipped."""
    imported: dict[str, Row] = {}
    if engine is not None:
        with reading(engine) as connection:
            imported = {row["name"]: row for row in code_lists.list_imported(connection)}
    return tuple(_view(each, imported.get(each.name)) for each in LISTS.values())


def _view(each: CodeList, row: Row | None) -> ListView:
    return ListView(
        name=each.name,
        title=each.title,
        owner=each.owner,
        shipped=len(each.texts),
        imported=row["code_count"] if row else 0,
        file_name=row["file_name"] if row else "",
        sha256=row["sha256"] if row else "",
        imported_at=row["imported_at"] if row else None,
        imported_by=row["imported_by"] if row else "",
        valid_from=row["valid_from"] if row else None,
        valid_through=row["valid_through"] if row else None,
    )


def find_code(engine: Engine | None, code: str, *, list_name: str | None = None) -> tuple[CodeView, ...]:
    """What a code means in one list, or in every list that has it; () where none has. Without a database texts are ours."""
    wanted = [get_list(list_name)] if list_name else list(LISTS.values())
    name = wanted[0].name if list_name else None
    spelled = dict.fromkeys((code, code.upper(), code.upper().replace(".", "")))
    rows: Sequence[Row] = ()
    if engine is not None:
        with reading(engine) as connection:
            rows = code_lists.find_codes(connection, spelled, name=name)
    found: list[CodeView] = []
    for each in wanted:
        imported = [row for row in rows if row["name"] == each.name]
        found += [_imported_view(each, row) for row in imported]
        if not imported:
            found += [_our_view(each, one) for one in spelled if one in each.texts][:1]
    return tuple(found)


def _imported_view(each: CodeList, row: Row) -> CodeView:
    return CodeView(
        list=each.name,
        code=row["code"],
        text=row["text"],
        source="imported",
        next_step=each.actions.get(row["code"], ""),
        valid_from=row["valid_from"],
        valid_through=row["valid_through"],
    )


def _our_view(each: CodeList, code: str) -> CodeView:
    return CodeView(
        list=each.name,
        code=code,
        text=each.texts[code],
        source="claimwire",
        next_step=each.actions.get(code, ""),
        valid_from=None,
        valid_through=None,
    )


def import_list(
    context: Context,
    list_name: str,
    data: bytes,
    *,
    file_name: str,
    actor: str,
    columns: Columns,
    within: tuple[date | None, date | None] = (None, None),
    dry_run: bool = False,
) -> ImportReport:
    """Put a file's codes in the place of the list's imported ones, all of them or none.

    `within` are the first and last day of the release, for lines that give none themselves. Raises Refused where there is no
    such list, the days are crossed, or the file is too large.
    """
    shown = get_list(list_name)
    if within[0] and within[1] and within[1] < within[0]:
        raise Refused("the release would end before it begins")
    if len(data) > FILE_BYTES_MAX:
        raise Refused(f"the file has more than {FILE_BYTES_MAX >> 20} MB; no code list is that long")
    codes, bad_lines = read_codes(shown, data, columns)
    sha256 = hashlib.sha256(data).hexdigest()
    name = PurePath(file_name).name
    imported = not bad_lines and not dry_run
    if imported:
        dated = [_within(one, within) for one in codes]
        with exclusive(context.engine, "codes") as ours:
            if not ours:
                raise Refused("another code list is being imported at this moment; try again when that is done")
            with writing(context.engine) as connection:
                now = context.clock.now()
                code_lists.replace_list(connection, shown.name, dated, file_name=name, sha256=sha256, imported_by=actor, now=now)
    return ImportReport(
        list=shown.name, file_name=name, sha256=sha256, codes=len(codes), imported=imported, bad_lines=tuple(bad_lines)
    )


def _within(one: ListedCode, days: tuple[date | None, date | None]) -> ListedCode:
    return msgspec.structs.replace(one, valid_from=one.valid_from or days[0], valid_through=one.valid_through or days[1])


def drop_list(context: Context, list_name: str) -> None:
    """Take away what was imported for a list; ours is shown again. Raises Refused where nothing was imported."""
    shown = get_list(list_name)
    with writing(context.engine) as connection:
        if not code_lists.drop_list(connection, shown.name):
            raise Refused(f"nothing was imported for {shown.name}")
