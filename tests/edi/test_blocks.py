"""Loops taken as one block of text are the same loops, with the same findings, as loops read segment by segment."""

import random
from collections.abc import Iterator

import pytest

from benchmarks import invented_837p
from edi import grammar, tree
from edi.catalogue import find_transaction
from edi.interchange import Reader
from edi.spec import R, S, loop, seg, transaction
from edi.transactions import t835, t837p
from edi.tree import Loop
from tests.support.remittances import FILE
from tests.support.sets import CORPUS, corpus_rows

GUIDES = ("005010X221", "005010X222", "005010X223", "005010X214")
ROWS = [row for row in corpus_rows("") if row["gs08"][:10] in GUIDES]
SAMPLES = [row["path"] for row in ROWS if int(row["bytes"]) < 10_000 or row["gs08"].startswith(GUIDES[0])]
CLAIMS = "".join(map(bytes.decode, invented_837p.generate(2, seed=3))).replace("\n", "")
NEVER = 10**9


@pytest.fixture(autouse=True)
def _own_grammars(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is compiled here, with other limits than usual, is not left to other tests."""
    monkeypatch.setattr(grammar, "_GRAMMARS", {})


def read(data: bytes) -> list[object]:
    """Everything a reader can see of every set."""
    seen: list[object] = []
    for tset in Reader([data]):
        transaction = find_transaction(tset)
        units = tree.read(transaction.spec, tset) if transaction else ()
        seen += [(describe(loop), [(one.id, list(one.segments), len(one.loops)) for one in parents]) for loop, parents in units]
        seen.append((list(tset.findings), list(tset.unread), tset.segment_count))
    return seen


def describe(loop: Loop) -> object:
    inner = [describe(one) for one in loop.loops]
    return (loop.id, list(loop.segments), list(loop.positions), inner, list(loop.strays), loop.texts)


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
@pytest.mark.parametrize("text", [FILE, CLAIMS], ids=["835", "837P"])
def test_damaged_sets_are_read_alike(text: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is wrong is found in both ways, at the same place and in the same words."""
    chance = random.Random(seed)
    for _ in range(10):
        blocks, segments = read_both("~".join(damage(text, chance)).encode(), monkeypatch)
        assert blocks == segments


def test_blocks_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison above compares two things: sound loops do come as blocks, once the ways out of them are known."""
    monkeypatch.setattr(grammar, "_BLOCK_WORTH", 1)
    read(FILE.encode())
    tset = next(iter(Reader([FILE.encode()])))
    units = list(tree.read(t835.SPEC, tset))
    assert [unit.loop.block is not None for unit in units[:-1]] == [True, True]
    assert [line.block is not None for line in units[0].loop.loops] == [True, True]


def test_loops_ride_with_the_one_around_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """The subscriber and the payer come in the block of their level, the provider and the first line with the claim."""
    monkeypatch.setattr(grammar, "_BLOCK_WORTH", 1)
    read(CLAIMS.encode())
    tset = next(iter(Reader([CLAIMS.encode()])))
    claim, parents = list(tree.read(t837p.SPEC, tset))[-2]
    assert [(one.id, one.block is parents[-1].block) for one in parents[-1].loops] == [("2010BA", True), ("2010BB", True)]
    assert [(one.id, one.block is claim.block) for one in claim.loops[:2]] == [("2310B", True), ("2400", False)]
    assert claim.loops[1].block is not None


def test_a_loop_that_another_could_be_does_not_ride() -> None:
    """Only what its first segment alone tells from all before it is taken without asking where it belongs."""
    plans = {plan.id: plan for plan in grammar.get_grammar(SPEC_WITH_TWINS).plans}
    assert [rider.plan.id for rider in plans["A"].riders] == ["B"]
    assert plans["A"].followers == ()


SPEC_WITH_TWINS = transaction(
    "837", "X", "HC", "Twins",
    seg("ST", R),
    loop(
        "A", "Outer", S, 1, seg("LX", R),
        loop("B", "One", S, 1, seg("NM1", R, e1="82")), loop("C", "Its twin", S, 1, seg("NM1", R, e1=("82", "DN"))),
    ),
    seg("SE", R),
)  # fmt: skip
