"""A damaged 837P or 277CA gives documents and findings, or an EdiError: never another exception, never silence."""

import random
from collections.abc import Callable

import pytest

from edi.findings import EdiError
from edi.interchange import Reader, TransactionSet
from edi.transactions import t277ca, t837p, t999
from tests.edi.test_t277ca import TEXT
from tests.edi.test_t837p import EVERYTHING, ONE
from tests.support.sets import body, interchange_of

WRONG = [b"", b"X", b"99", b":::", b"1.5.5", b"^", b"A" * 50]


def damage(content: bytes, chance: random.Random) -> bytes:
    """The file with one to four segments dropped, repeated, moved, or with an element or a byte changed."""
    segments = content.split(b"~")
    for _ in range(chance.randint(1, 4)):
        one, other = (chance.randrange(3, len(segments) - 2) for _ in range(2))
        kind = chance.randrange(5)
        if kind == 0:
            del segments[one]
        elif kind == 1:
            segments.insert(one, segments[other])
        elif kind == 2:
            segments[one], segments[other] = segments[other], segments[one]
        elif kind == 3:
            elements = segments[one].split(b"*")
            elements[chance.randrange(len(elements))] = chance.choice(WRONG)
            segments[one] = b"*".join(elements)
        else:
            letters = bytearray(segments[one])
            letters[chance.randrange(len(letters))] = chance.randrange(256)
            segments[one] = bytes(letters)
    return b"~".join(segments)


def read_claims(tset: TransactionSet) -> None:
    for item in t837p.read(tset):
        if isinstance(item, t837p.ReadClaim):
            assert item.claim or item.findings
            assert item.first_position <= item.last_position


def read_acknowledgment(tset: TransactionSet) -> None:
    for unit in t277ca.read(tset):
        assert isinstance(unit, t277ca.ClaimAcknowledgment | t277ca.AcknowledgedUnit)


@pytest.mark.parametrize(
    ("content", "read"),
    [
        pytest.param(interchange_of(body(ONE), "HC", "005010X222A1"), read_claims, id="plain 837P"),
        pytest.param(interchange_of(body(EVERYTHING), "HC", "005010X222A1"), read_claims, id="rich 837P"),
        pytest.param(interchange_of(body(TEXT), "HN", "005010X214"), read_acknowledgment, id="277CA"),
    ],
)
def test_damage_is_told_and_never_more_than_told(content: bytes, read: Callable[[TransactionSet], None]) -> None:
    """700 seeded damages each; what was read can always be answered with a 999."""
    chance = random.Random(20240301)
    for _ in range(700):
        try:
            for tset in Reader([damage(content, chance)]):
                read(tset)
                t999.respond(tset)
        except EdiError:
            continue
