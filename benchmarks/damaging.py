"""Ways to damage a file: a byte, an element, a segment, a loop, an envelope; the same damage for the same number."""

import random
from collections.abc import Callable, Sequence
from itertools import pairwise

Cut = list[list[bytes]]
"""A file as segments of elements, between its delimiters."""

LEVELS = ("byte", "element", "segment", "loop", "envelope")
LOOP_STARTS = frozenset(b"HL CLM LX NM1 CLP SVC EB AK2 IK3 TRN STC SBR LIN N1 SVD III".split())
ENVELOPE_TAGS = frozenset(b"ISA GS ST SE GE IEA TA1".split())
FLOOD_BYTES_MAX = 200_000
STRANGE_BYTES = b"~*:^>|\x00\n\r \xff\x1a0A"
WRONG_VALUES = (
    b"", b"X", b"99", b":::", b"1.5.5", b"^", b"^^", b"-0", b"0.001", b"9" * 19, b"A" * 50, b"Z" * 5_000, b"1:2:3:4:5:6:7:8:9",
    b"20261399", b"20250101-20241231", b"\xc3\xa9", b"\x00", b" ", b"1" * 400 + b".1",
    b"1e5", b"NaN", b"Infinity", b"\xb2", b"+5",
)  # fmt: skip
VERSIONS = (
    (b"837", b"HC", b"005010X222A1"), (b"837", b"HC", b"005010X223A2"), (b"837", b"HC", b"005010X224A2"),
    (b"835", b"HP", b"005010X221A1"), (b"276", b"HR", b"005010X212"), (b"277", b"HN", b"005010X212"),
    (b"277", b"HN", b"005010X214"), (b"270", b"HS", b"005010X279A1"), (b"271", b"HB", b"005010X279A1"),
    (b"999", b"FA", b"005010X231A1"), (b"997", b"FA", b"005010"), (b"834", b"BE", b"005010X220A1"),
)  # fmt: skip
"""What a set can be made to say it is: read by the guide of another, nothing fits and nothing may break."""


class Damager:
    """Damages the files of a pool; case N is the same in every run with the same seed and pool."""

    def __init__(self, pool: Sequence[bytes], seed: int) -> None:
        self.pool = pool
        self.seed = seed

    def damage(self, number: int) -> tuple[str, int, bytes]:
        """The level, the index of the file in the pool, and its bytes after one to four damages of that level."""
        chance = random.Random(f"{self.seed}:{number}")
        level = LEVELS[number % len(LEVELS)]
        index = chance.randrange(len(self.pool))
        data = self.pool[index]
        for _ in range(chance.randint(1, 4)):
            data = self._damage_once(chance, level, data)
        return level, index, data

    def _damage_once(self, chance: random.Random, level: str, data: bytes) -> bytes:
        if level == "byte" or len(data) < 106:
            return damage_byte(chance, data)
        element, segment = data[3:4], data[105:106]
        segments = [one.split(element) for one in data.split(segment)]
        if len(segments) < 6:
            return damage_byte(chance, data)
        if level == "segment":
            other = chance.choice(self.pool)
            strangers = [one.split(other[3:4]) for one in other.split(other[105:106])]
            damage_segment(chance, segments, strangers)
        else:
            _BY_LEVEL[level](chance, segments)
        data = segment.join(element.join(one) for one in segments)
        return data + chance.choice(self.pool) if level == "envelope" and chance.random() < 0.1 else data


def damage_byte(chance: random.Random, data: bytes) -> bytes:
    """A byte changed, or some taken out, put in or doubled; the rest cut off now and then."""
    if not data:
        return b"~"
    at, kind = chance.randrange(len(data)), chance.randrange(6)
    if kind == 0:
        return data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[at + chance.randint(1, 30) :]
    if kind == 2:
        return data[:at] + bytes(chance.choices(STRANGE_BYTES, k=chance.randint(1, 8))) + data[at:]
    if kind == 3:
        return data[:at] + data[at : at + chance.randint(1, 200)] + data[at:]
    if kind == 4:
        return data[:at] + chance.choice((b"~", b"*", b":", b"^")) + data[at + 1 :]
    return data[:at] if chance.random() < 0.2 else data[:at] + data[at:].swapcase()


def damage_element(chance: random.Random, segments: Cut) -> None:
    """An element wrong, missing, doubled, exchanged, repeated or with too many components."""
    elements = chance.choice(segments[1:])
    at, kind = chance.randrange(len(elements)), chance.randrange(6)
    if kind == 0:
        elements[at] = chance.choice(WRONG_VALUES)
    elif kind == 1:
        del elements[at]
    elif kind == 2:
        elements[at:at] = [elements[at]] * chance.randint(1, 40)
    elif kind == 3:
        other = chance.randrange(len(elements))
        elements[at], elements[other] = elements[other], elements[at]
    elif kind == 4:
        elements[at] = chance.choice((b"^", b":")).join([elements[at]] * chance.randint(2, 60))
    else:
        elements[at] = elements[at][: len(elements[at]) // 2] + chance.choice(WRONG_VALUES)


def damage_segment(chance: random.Random, segments: Cut, strangers: Cut) -> None:
    """A segment gone, doubled, moved, emptied, or one of another file put in."""
    at, other, kind = chance.randrange(1, len(segments)), chance.randrange(1, len(segments)), chance.randrange(6)
    if kind == 0:
        del segments[at]
    elif kind == 1:
        segments[at:at] = [segments[at][:] for _ in range(chance.choice((1, 1, 2, 12, 120)))]
    elif kind == 2:
        segments[at], segments[other] = segments[other], segments[at]
    elif kind == 3:
        segments.insert(at, segments.pop(other))
    elif kind == 4:
        segments[at] = segments[at][:1]
    else:
        segments.insert(at, chance.choice(strangers)[:])


def damage_loop(chance: random.Random, segments: Cut) -> None:
    """From one beginning of a loop to another such: gone, doubled, flooding, moved or turned round."""
    starts = [index for index, one in enumerate(segments) if one[0].strip() in LOOP_STARTS]
    spans = list(pairwise([*starts, len(segments) - 3]))
    if not spans:
        return damage_element(chance, segments)
    first = chance.randrange(len(spans))
    start = spans[first][0]
    end = max(spans[min(first + chance.randrange(6), len(spans) - 1)][1], start)
    block, kind = segments[start:end], chance.randrange(5)
    if kind == 0:
        del segments[start:end]
    elif kind == 1:
        length = sum(len(element) + 1 for one in block for element in one) + 1
        times = min(chance.choice((1, 1, 2, 10, 100, 1_000)), 1 + FLOOD_BYTES_MAX // length)
        segments[start:start] = [one[:] for one in block * times]
    elif kind == 2:
        del segments[start:end]
        at = chance.randrange(1, len(segments))
        segments[at:at] = block
    elif kind == 3:
        segments[start:end] = reversed(block)
    else:
        chance.shuffle(block)
        segments[start:end] = block
    return None


def damage_envelope(chance: random.Random, segments: Cut) -> None:
    """An envelope segment gone, doubled, moved or wrong, or a set that says that it is another."""
    marks = [index for index, one in enumerate(segments) if one[0].strip() in ENVELOPE_TAGS]
    at, kind = chance.choice(marks) if marks else 1, chance.randrange(6)
    if kind == 0:
        del segments[at]
    elif kind == 1:
        segments.insert(chance.randrange(len(segments)), segments[at][:])
    elif kind == 2:
        segments.insert(chance.randrange(len(segments)), segments.pop(at))
    elif kind == 3:
        element = chance.randrange(len(segments[at]))
        segments[at][element] = chance.choice((*WRONG_VALUES, segments[at][element][::-1]))
    elif kind == 4:
        _pretend(segments, *chance.choice(VERSIONS))
    else:
        del segments[chance.randrange(1, len(segments)) :]


def _pretend(segments: Cut, code: bytes, functional_id: bytes, version: bytes) -> None:
    for one in segments:
        tag = one[0].strip()
        if tag == b"GS" and len(one) == 9:
            one[1], one[8] = functional_id, version
        if tag == b"ST" and len(one) > 2:
            one[1:] = [code, one[2], version]


_BY_LEVEL: dict[str, Callable[[random.Random, Cut], None]] = {
    "element": damage_element,
    "loop": damage_loop,
    "envelope": damage_envelope,
}
