"""Loops taken as one block of text are the same loops, with the same findings, as loops read segment by segment."""

import random
from collections.abc import Iterator

import pytest

from edi import grammar, tree
from edi.interchange import Reader
from edi.transactions import t835
from edi.tree import Loop
from tests.support.remittances import FILE
from tests.support.sets import CORPUS, corpus_rows

SAMPLES = [row["path"] for row in corpus_rows("") if "005010X221" in row["gs08"]]
NEVER = 10**9


@pytest.fixture(autouse=True)
def _own_grammars(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compiled here, with other limits than usual, is not left to other tests."""
    monkeypatch.setattr(grammar, "_GRAMMARS", {})


def read(data: bytes) -> list[object]:
    """Everything a reader can see of every set."""
    seen: list[object] = []
    for tset in Reader([data]):
        seen += [
            (describe(unit.loop), [(parent.id, parent.segments) for parent in unit.parents])
            for unit in tree.read(t835.SPEC, tset)
        ]
        seen.append((list(tset.findings), list(tset.unread), tset.segment_count))
    return seen


def describe(loop: Loop) -> object:
    inner = [describe(one) for one in loop.loops]
    return (loop.id, loop.segments, list(loop.positions), inner, list(loop.strays), loop.texts)


def read_both(data: bytes, monkeypatch: pytest.MonkeyPatch) -> tuple[list[object], list[object]]:
    """The same bytes with blocks from the first loop on, and without any."""
    both = []
    for worth in (1, NEVER):
        monkeypatch.setattr(grammar, "_BLOCK_WORTH", worth)
        monkeypatch.setattr(grammar, "_GRAMMARS", KEPT.setdefault(worth, {}))
        both.append(read(data))
    return both[0], both[1]


KEPT: dict[int, dict[int, grammar.Grammar]] = {}


def damage(text: str, chance: random.Random) -> Iterator[str]:
    """The segments of the text with one to three of them dropped, doubled, moved, lengthened or changed in one character."""
    segments = text.split("~")
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(2, len(segments) - 2)
        one = segments[at]
        where = chance.randrange(len(one) or 1)
        segments[at : at + 1] = chance.choice(
            [
                [],
                [one, chance.choice(segments)],
                [chance.choice(segments)],
                [one + chance.choice(("*", "*X", ":1", "**1"))],
                [one[:where] + chance.choice("*:^0A 9.-") + one[where + 1 :]],
            ]
        )
    yield from segments


@pytest.mark.parametrize("path", SAMPLES)
def test_samples_are_read_alike(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What others wrote, whole."""
    blocks, segments = read_both((CORPUS / path).read_bytes(), monkeypatch)
    assert blocks == segments


@pytest.mark.parametrize("seed", range(40))
def test_damaged_sets_are_read_alike(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong is found in both ways, at the same place and in the same words."""
    chance = random.Random(seed)
    for _ in range(10):
        blocks, segments = read_both("~".join(damage(FILE, chance)).encode(), monkeypatch)
        assert blocks == segments


def test_blocks_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison above compares two things: sound loops do come as blocks, once the ways out of them are known."""
    monkeypatch.setattr(grammar, "_BLOCK_WORTH", 1)
    read(FILE.encode())
    tset = next(iter(Reader([FILE.encode()])))
    units = list(tree.read(t835.SPEC, tset))
    assert [unit.loop.block is not None for unit in units[:-1]] == [True, True]
    assert [line.block is not None for line in units[0].loop.loops] == [True, True]
