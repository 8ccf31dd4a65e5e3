"""Files of codes as their owners publish them: delimited tables, lists of code and text, and the two fixed layouts of CMS.

Pure: bytes in, codes and refusals out. One bad line refuses the file, and every bad line is named.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from edi.codes.lists import CodeList
from gateway.domain.known_codes import ICD_10_CM_FORM

TEXT_MAX = 4_000
"""Characters; the longest official descriptions have some 2,500."""

TITLE_LINES_MAX = 20
"""Lines that may stand above the names of a table's columns: titles and notices of copyright."""


class ListedCode(msgspec.Struct, frozen=True):
    """One code with its text for a stretch of time; None: no first, or no last, day. `position` is its line, from 1."""

    code: str
    text: str
    valid_from: date | None
    valid_through: date | None
    position: int


class BadLine(msgspec.Struct, frozen=True):
    """A line that cannot be imported, from 1 (0: the file as a whole), and what is wrong with it."""

    position: int
    message: str


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """What the columns of a delimited file are called where their names are not among those known; '' looks for these."""

    code: str = ""
    text: str = ""
    valid_from: str = ""
    valid_through: str = ""


class _Cells(NamedTuple):
    """One line's values as they stand in the file."""

    position: int
    code: str
    text: str
    valid_from: str = ""
    valid_through: str = ""


FORMS: dict[str, re.Pattern[str]] = {
    name: re.compile(form)
    for name, form in {
        "CARC": r"[A-Z]?[0-9]{1,3}",
        "RARC": r"[A-Z]{1,2}[0-9]{1,3}",
        "status": r"[0-9]{1,4}",
        "status-category": r"[A-Z][0-9A-Z]{1,2}",
        "POS": r"[0-9]{2}",
        "ICD-10-CM": ICD_10_CM_FORM.pattern,
        "HCPCS": r"[A-Z][0-9]{4}",
        "CPT": r"[0-9]{4}[0-9A-Z]",
        "CDT": r"D[0-9]{4}",
        "modifier": r"[0-9A-Z]{2}",
        "revenue": r"[0-9]{4}",
        "condition": r"[0-9A-Z]{2}",
        "occurrence": r"[0-9A-Z]{2}",
        "occurrence-span": r"[0-9A-Z]{2}",
        "value": r"[0-9A-Z]{2}",
        "discharge": r"[0-9]{2}",
        "bill-type": r"[0-9]{3,4}[0-9A-Z]?",
        "DRG": r"[0-9]{3}",
        "taxonomy": r"[0-9A-Z]{9}X",
    }.items()
}
"""What a code of a list looks like; lists that are not here take one to ten letters and digits."""

_ANY_FORM = re.compile(r"[0-9A-Z][0-9A-Z-]{0,9}")

_HEADINGS: dict[str, tuple[str, ...]] = {
    "code": (
        "code", "hcpc", "hcpcs", "hcpcscode", "cptcode", "cdtcode", "procedurecode", "proceduraltreatmentcode", "icd10cm",
        "icd10cmcode", "diagnosiscode", "dxcode", "carc", "rarc", "reasoncode", "remarkcode", "statuscode", "categorycode",
        "taxonomycode", "revenuecode", "conditioncode", "occurrencecode", "valuecode", "modifier", "drg", "msdrg", "value",
    ),
    "text": (
        "text", "shortdescription", "shortdesc", "mediumdescription", "displayname", "description", "longdescription",
        "title", "msdrgtitle", "definition", "name",
    ),
    "valid_from": (
        "validfrom", "effectivedate", "effective", "effdate", "acteffdt", "startdate", "start", "begindate", "from",
        "adddt", "addeddate",
    ),
    "valid_through": (
        "validthrough", "validto", "enddate", "end", "stopdate", "stop", "terminationdate", "termdate", "termdt",
        "deactivationdate", "expirationdate", "through", "to",
    ),
}  # fmt: skip
"""How the owners of lists head their columns, without spaces, points and capitals; the first one present is taken."""

_DELIMITERS = "\t|;,"
_RECORD_KINDS = {"HCPCS": "3", "modifier": "7"}
"""Records of the files of HCPCS that begin a code of each list; those between carry on long texts."""

_HCPCS_RECORD = re.compile(r"[ 0-9A-Z]{5}[0-9]{5}[3478]")
_ICD_ORDER = re.compile(r"[0-9]{5} [A-Z][0-9A-Z]{2,6} ")


def read_codes(shown: CodeList, data: bytes, columns: Columns) -> tuple[list[ListedCode], list[BadLine]]:
    """The codes of one file for the list `shown`, in its order, and every line that cannot be taken."""
    text = _decode(data)
    if isinstance(text, BadLine):
        return [], [text]
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    codes: list[ListedCode] = []
    bad: list[BadLine] = []
    for one in _read_lines(shown.name, lines, columns):
        read = one if isinstance(one, BadLine) else _read_cells(shown.name, one)
        if isinstance(read, BadLine):
            bad.append(read)
        else:
            codes.append(read)
    bad += _find_repeats(codes)
    if not codes and not bad:
        bad.append(BadLine(0, "there is no code in it"))
    return codes, sorted(bad, key=lambda line: line.position)


def _decode(data: bytes) -> str | BadLine:
    if data.startswith(b"PK\x03\x04"):
        return BadLine(0, "it is a ZIP archive or a spreadsheet: unpack it, or save the sheet as CSV")
    if b"\x00" in data:
        return BadLine(0, "it is not a text file")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return BadLine(0, "it is text neither in UTF-8 nor in Windows-1252")


class _Heading(NamedTuple):
    """The line that names a table's columns: its number from 1, what parts them, and where each value stands."""

    line: int
    delimiter: str
    places: Mapping[str, int]


def _read_lines(name: str, lines: Sequence[str], columns: Columns) -> Iterator[_Cells | BadLine]:
    """The file's lines by the layout that the first ones with anything on them show."""
    heading = _find_heading(lines, columns)
    if heading is not None:
        return _read_table(name, lines, heading, columns)
    if columns != Columns():
        return iter([BadLine(1, "the first line does not name the column given for the code")])
    first = next((line for line in lines if line.strip()), "")
    if name in _RECORD_KINDS and _HCPCS_RECORD.match(first):
        return _read_hcpcs(lines, name)
    if name == "ICD-10-CM" and _ICD_ORDER.match(first):
        return _read_icd_order(lines)
    return _read_plain(lines)


def _find_heading(lines: Sequence[str], columns: Columns) -> _Heading | None:
    """The first line, or after lines of title the one, that names columns; None where the file is no table."""
    filled = [(number, line) for number, line in enumerate(lines[:TITLE_LINES_MAX], 1) if line.strip()]
    for place, (number, line) in enumerate(filled):
        delimiter = max(_DELIMITERS, key=line.count)
        places = _find_columns(line, delimiter, columns)
        if "code" in places and ("text" in places or (place == 0 and (columns.code or delimiter in line))):
            return _Heading(number, delimiter, places)
    return None


def _find_columns(heading: str, delimiter: str, columns: Columns) -> dict[str, int]:
    """Where each value stands, by the names in the heading."""
    try:
        cells = next(csv.reader([heading], delimiter=delimiter), [])
    except csv.Error:
        return {}
    names = [re.sub(r"[^0-9a-z]", "", name.lower()) for name in cells]
    found = {"kind": names.index("recid")} if "recid" in names else {}
    for field, known in _HEADINGS.items():
        wanted = re.sub(r"[^0-9a-z]", "", getattr(columns, field).lower())
        place = next((names.index(name) for name in ((wanted,) if wanted else known) if name in names), None)
        if place is not None:
            found[field] = place
    return found


def _read_table(name: str, lines: Sequence[str], heading: _Heading, columns: Columns) -> Iterator[_Cells | BadLine]:
    """A delimited file below the line that names its columns. A quoted text may go over several lines."""
    position = heading.line
    places = heading.places
    missing = [field for field in ("text", "valid_from", "valid_through") if getattr(columns, field) and field not in places]
    if missing or "text" not in places:
        yield BadLine(position, f"the first line names no column for the {(missing or ['text'])[0].replace('_', ' ')}")
        return
    reader = csv.reader(io.StringIO("\n".join(lines[position:])), delimiter=heading.delimiter, strict=True)
    try:
        for row in reader:
            position = heading.line + reader.line_num
            if any(cell.strip() for cell in row) and _is_of_list(name, row, places):
                yield _pick(row, places, position)
    except csv.Error:
        yield BadLine(position + 1, "its quotation marks do not fit together, or a column is far too long")


def _is_of_list(name: str, row: Sequence[str], places: Mapping[str, int]) -> bool:
    """Whether a row of the table of HCPCS is of this list: it has procedures and modifiers, told by their kind of record."""
    if name not in _RECORD_KINDS or "kind" not in places or len(row) <= places["kind"]:
        return True
    return row[places["kind"]].strip() == _RECORD_KINDS[name]


def _pick(row: Sequence[str], places: Mapping[str, int], position: int) -> _Cells | BadLine:
    if len(row) <= max(places["code"], places["text"]):
        return BadLine(position, f"it has {len(row)} columns, fewer than the heading")
    given = {field: row[place] for field, place in places.items() if place < len(row) and field != "kind"}
    return _Cells(position, **given)


def _read_plain(lines: Sequence[str]) -> Iterator[_Cells | BadLine]:
    """Lines of a code, blanks, and its text, as ICD-10-CM and many booklets have them."""
    for position, line in enumerate(lines, 1):
        if line.strip():
            code, _, text = line.strip().partition("\t" if "\t" in line.strip() else " ")
            yield _Cells(position, code, text)


def _read_icd_order(lines: Sequence[str]) -> Iterator[_Cells | BadLine]:
    """The order file of ICD-10-CM: number, code at 7, whether it may be billed at 15, short text at 17, long text at 78.

    What may not be billed is a heading, and left out: that such a code has others below it is seen from those.
    """
    for position, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if not _ICD_ORDER.match(line) or line[14:15] not in {"0", "1"}:
            yield BadLine(position, "it does not have the layout of the lines before it")
        elif line[14] == "1":
            yield _Cells(position, line[6:13], line[77:].strip() or line[16:76])


def _read_hcpcs(lines: Sequence[str], name: str) -> Iterator[_Cells | BadLine]:
    """The 320-character records of CMS: code at 1, kind of record at 11, short text at 92, in force from 277, ends at 285.

    Record 3 begins a procedure and 7 a modifier; 4 and 8 carry on its long text, which is not needed here. Blanks at a line's
    end may have been lost.
    """
    for position, line in enumerate(lines, 1):
        if not line.strip(" \x1a"):
            continue
        if not _HCPCS_RECORD.match(line):
            yield BadLine(position, "it does not have the layout of the lines before it")
        elif line[10] == _RECORD_KINDS[name]:
            yield _Cells(position, line[:5], line[91:119], line[276:284], line[284:292])


def _read_cells(name: str, cells: _Cells) -> ListedCode | BadLine:
    """One line's code, or the first thing that is wrong with it."""
    code = cells.code.strip().upper()
    if name == "ICD-10-CM":
        code = code.replace(".", "")
    if name == "revenue" and code.isdecimal():
        code = code.zfill(4)
    text = " ".join(cells.text.split())
    if not FORMS.get(name, _ANY_FORM).fullmatch(code):
        return BadLine(cells.position, f"{_quote(code)} does not have the form of a code of {name}")
    if not text or len(text) > TEXT_MAX or not text.isprintable():
        return BadLine(cells.position, f"the text of {code} is missing, longer than {TEXT_MAX} characters or not plain text")
    first, last = _read_date(cells.valid_from), _read_date(cells.valid_through)
    if isinstance(first, str) or isinstance(last, str):
        return BadLine(cells.position, f"a date of {code} is not one: write 2026-10-01, 20261001 or 10/1/2026")
    if first is not None and last is not None and last < first:
        return BadLine(cells.position, f"{code} ends on {last.isoformat()}, before it begins on {first.isoformat()}")
    return ListedCode(code, text, first, last, cells.position)


def _quote(code: str) -> str:
    shown = "".join(each if each.isprintable() else "?" for each in code[:20])
    return f'"{shown}"' if shown else "an empty code"


_DATE_FORMS = (
    re.compile(r"(?P<year>[0-9]{4})-?(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})"),
    re.compile(r"(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})/(?P<year>[0-9]{4})"),
)


def _read_date(text: str) -> date | str | None:
    """A date; None where none is given; the text itself where it is none."""
    given = text.strip()
    if not given or not given.strip("0"):
        return None
    for form in _DATE_FORMS:
        match = form.fullmatch(given)
        if match:
            try:
                return date(int(match["year"]), int(match["month"]), int(match["day"]))
            except ValueError:
                return given
    return given


def _find_repeats(codes: Sequence[ListedCode]) -> Iterator[BadLine]:
    """Lines that say of a code what another line says for some of the same days; of each two the later one."""
    by_code: dict[str, list[ListedCode]] = {}
    for one in codes:
        by_code.setdefault(one.code, []).append(one)
    for rows in by_code.values():
        rows.sort(key=lambda one: one.valid_from or date.min)
        farthest = rows[0]
        for one in rows[1:]:
            if (one.valid_from or date.min) <= (farthest.valid_through or date.max):
                first, second = sorted((one.position, farthest.position))
                yield BadLine(second, f"{one.code} stands on line {first} already, for some of the same days")
            farthest = max(farthest, one, key=lambda row: row.valid_through or date.max)
