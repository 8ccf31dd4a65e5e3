"""However a file is damaged, converting, splitting and masking it ends in a result or in an error that names the place."""

import random
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import pytest

from edi.findings import EdiError, Unwritable
from edi.interchange import Reader
from edi.segments import Delimiters
from edi.tools.json_lines import JsonLines, JsonLinesError, write_x12
from edi.tools.masking import mask
from edi.tools.pseudonyms import Pseudonyms
from edi.tools.repunctuation import rewrite
from edi.tools.splitting import By, Splitter
from edi.tools.spreadsheets import Spreadsheet

CORPUS = Path(__file__).parents[3] / "shared/corpus"
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file() and path.stat().st_size < 4_000)
PIECES = (b"*", b"~", b":", b"^", b"ISA*", b"~ST*837*1~", b"~SE*1*1~", b"\n", b"~HL*1~", b"~CLM*~", b"\xff", b'"', b"}")


def damage(content: bytes, chance: random.Random) -> bytes:
    """A few bytes changed, cut out, doubled or put in."""
    broken = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(broken))
        match chance.randrange(4):
            case 0:
                broken[place] = chance.randrange(256)
            case 1:
                del broken[place : place + chance.randrange(1, 30)]
            case 2:
                broken[place:place] = broken[chance.randrange(len(broken)) :][: chance.randrange(1, 60)]
            case _:
                broken[place:place] = chance.choice(PIECES)
        broken = broken or bytearray(b"x")
    return bytes(broken)


def split(content: bytes, by: By) -> Iterable[bytes]:
    for piece in Splitter(Reader([content]), by).pieces():
        yield from piece.chunks


def to_json(content: bytes) -> list[bytes]:
    return list(JsonLines(Reader([content])).lines())


def mask_and_measure(content: bytes) -> Iterable[bytes]:
    masked = list(mask([content], Pseudonyms(b"key")))
    assert sum(map(len, masked)) == len(content)
    return masked


FORMS: dict[str, Callable[[bytes], Iterable[object]]] = {
    "json": to_json,
    "json and back": lambda content: write_x12(to_json(content)),
    "csv": lambda content: Spreadsheet(Reader([content])).lines(),
    "x12": lambda content: rewrite([content], delimiters=Delimiters("|", ">", "!", "~")),
    "mask": mask_and_measure,
    "by set": lambda content: split(content, "set"),
    "by group": lambda content: split(content, "group"),
    "by interchange": lambda content: split(content, "interchange"),
    "by claim": lambda content: split(content, "claim"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_file_ends_in_a_result_or_a_named_error(form: str) -> None:
    chance = random.Random(form)
    for _ in range(150):
        content = damage(chance.choice(FILES).read_bytes(), chance)
        with suppress(EdiError, Unwritable, JsonLinesError):
            for _ in FORMS[form](content):
                pass


def test_a_damaged_line_of_json_ends_in_a_result_or_its_number() -> None:
    chance = random.Random(7)
    for _ in range(300):
        lines = damage(b"".join(to_json(chance.choice(FILES).read_bytes())), chance).split(b"\n")
        with suppress(JsonLinesError):
            for _ in write_x12(lines):
                pass
