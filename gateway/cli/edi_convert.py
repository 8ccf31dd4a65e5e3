"""`claimwire edi convert`: X12 to JSON Lines, to CSV, to X12 in another punctuation; and JSON Lines back to X12."""

from collections.abc import Iterator
from typing import Annotated, Literal, NamedTuple

import typer

from edi.interchange import Reader
from edi.segments import Delimiters
from edi.tools.json_lines import LINE_BYTES_MAX, Complaint, JsonLines, JsonLinesError, write_x12
from edi.tools.repunctuation import rewrite
from edi.tools.spreadsheets import Spreadsheet
from gateway.cli.edi_input import Input, open_one
from gateway.cli.edi_output import Force, Out, reporting_errors, tell_complaints, writing
from gateway.cli.output import warn

_LINE_ENDS = {"lf": "\n", "crlf": "\r\n", "none": ""}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

File = Annotated[str, typer.Argument(help="A file, gzip or zip (of one file), or - for stdin.", metavar="FILE")]
Punctuation = Annotated[
    str | None,
    typer.Option(
        "--delimiters",
        help="For X12: element, component, repetition and segment delimiter in this order, e.g. '*:^~'; else those of the input.",
    ),
]
LineEnds = Annotated[Literal["lf", "crlf", "none"], typer.Option(help="For X12: what follows each segment terminator.")]
AsSegments = Annotated[
    bool, typer.Option("--segments", help="For JSON: every set as its segments, so that nothing can get lost.")
]


def convert(
    path: File,
    *,
    to: Annotated[Literal["json", "csv", "x12"], typer.Option(help="What to make of it.")],
    out: Out = None,
    force: Force = False,
    delimiters: Punctuation = None,
    line_ends: LineEnds = "lf",
    as_segments: AsSegments = False,
) -> None:
    """Convert a file: X12 to JSON, CSV or X12 punctuated otherwise, and JSON back to X12; which it is, its first byte says.

    JSON is one document a line: interchange, group, set, then each claim, payment or status (docs/edi.md); trailers are
    implied. CSV is a flat table of 837, 835 or 277CA sets with money in dollars. X12 from X12 keeps every segment as it is,
    right or wrong, and only changes the punctuation, zeros that no number needs, and empty elements at the end.
    For JSON and CSV, what is wrong in the input and what no document holds is said on stderr, and the exit code is then 1.

    Examples:
      claimwire edi convert payment.835 --to csv --out payment.csv

      claimwire edi convert claims.837 --to json | jq .claim

      claimwire edi convert claims.jsonl --to x12 --out claims.837

      claimwire edi convert odd.837 --to x12 --delimiters '*:^~' --line-ends none
    """
    wanted = parse_delimiters(delimiters) if delimiters else None
    form = _Form(to, wanted, _LINE_ENDS[line_ends], as_segments)
    complaints: list[Complaint] = []
    with reporting_errors(path, out), writing(out, force=force) as write, open_one(path) as source:
        for chunk in _convert(source, form, complaints):
            write(chunk)
    if tell_complaints(source.name, complaints):
        if to == "json" and not as_segments:
            warn(f"{source.name}: documents may lack what these findings are about; --segments carries every set as it is")
        raise typer.Exit(1)


class _Form(NamedTuple):
    """What is wanted of a conversion."""

    to: str
    delimiters: Delimiters | None
    line_end: str
    as_segments: bool


def _convert(source: Input, form: _Form, complaints: list[Complaint]) -> Iterator[bytes]:
    """The bytes of the output; complaints are added once the input was read."""
    if _is_json(source):
        if form.to != "x12":
            raise typer.BadParameter(f"{source.name} is JSON already; only --to x12 can be made of it")
        yield from write_x12(split_lines(source.chunks()), delimiters=form.delimiters, line_end=form.line_end)
    elif form.to == "x12":
        yield from rewrite(source.chunks(), delimiters=form.delimiters, line_end=form.line_end)
    elif form.to == "json":
        lines = JsonLines(Reader(source.chunks()), as_segments=form.as_segments)
        yield from lines.lines()
        complaints += lines.complaints
    else:
        table = Spreadsheet(Reader(source.chunks()))
        yield from (line.encode() for line in table.lines())
        complaints += table.complaints


def parse_delimiters(text: str) -> Delimiters:
    """Four characters of the command line as delimiters; raises typer.BadParameter where they cannot be."""
    if len(text) != 4:
        raise typer.BadParameter("--delimiters takes four characters: element, component, repetition and segment, e.g. '*:^~'")
    try:
        return Delimiters(*text)
    except ValueError as error:
        raise typer.BadParameter(f"--delimiters: {error}") from error


def split_lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The lines of a stream, none of them held longer than LINE_BYTES_MAX; raises JsonLinesError past that."""
    rest, number = b"", 0
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        number += len(lines)
        yield from lines
        if len(rest) > LINE_BYTES_MAX:
            raise JsonLinesError(number + 1, "longer than any line of these files")
    if rest:
        yield rest


def _is_json(source: Input) -> bool:
    """Whether the first byte that is no blank opens a JSON object."""
    for chunk in source.chunks():
        start = chunk.removeprefix(_BYTE_ORDER_MARK).lstrip()
        if start:
            return start.startswith(b"{")
    return False
