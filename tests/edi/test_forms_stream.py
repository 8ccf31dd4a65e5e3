"""Converting, splitting and masking hold a piece of a file at a time: four times the file takes no more memory."""

import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from edi.interchange import Reader
from edi.tools.json_lines import JsonLines, write_x12
from edi.tools.masking import mask
from edi.tools.pseudonyms import Pseudonyms
from edi.tools.repunctuation import rewrite
from edi.tools.splitting import Splitter
from edi.tools.spreadsheets import Spreadsheet

CLAIM = (Path(__file__).parents[3] / "shared/corpus/837P/LinuxForHealth__x12__demo.837").read_bytes()
HEAD, SET, TAIL = CLAIM[: CLAIM.index(b"ST*")], CLAIM[CLAIM.index(b"ST*") : CLAIM.index(b"GE*")], CLAIM[CLAIM.index(b"GE*") :]


def make_file(sets: int) -> Iterator[bytes]:
    yield HEAD
    for number in range(1, sets + 1):
        yield SET.replace(b"0021", b"%04d" % number)
    yield TAIL


def split_sets(chunks: Iterable[bytes]) -> Iterator[bytes]:
    for piece in Splitter(Reader(chunks), "claim").pieces():
        yield from piece.chunks


FORMS: dict[str, Callable[[Iterator[bytes]], Iterable[object]]] = {
    "json": lambda chunks: JsonLines(Reader(chunks)).lines(),
    "json and back": lambda chunks: write_x12(JsonLines(Reader(chunks)).lines()),
    "csv": lambda chunks: Spreadsheet(Reader(chunks)).lines(),
    "x12": rewrite,
    "mask": lambda chunks: mask(chunks, Pseudonyms(b"key")),
    "by claim": split_sets,
}


def measure_peak(form: str, sets: int) -> int:
    tracemalloc.start()
    try:
        for _ in FORMS[form](make_file(sets)):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", FORMS)
def test_four_times_the_file_takes_no_more_memory(form: str) -> None:
    measure_peak(form, 10)
    few, many = measure_peak(form, 60), measure_peak(form, 240)
    assert many < few * 1.2 + 150_000
