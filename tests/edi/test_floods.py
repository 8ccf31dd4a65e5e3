"""Files of one thing over and over: no time is lost on them, whatever the thing is."""

import time

import pytest

from edi.catalogue import find_transaction
from edi.interchange import Reader
from tests.support.remittances import GS, ISA, SET

HEAD = ISA + GS + SET[: SET.index("CLP*PCN1")]
CLAIM = HEAD + "CLP*PCN1*1*200*120.5~NM1*QC*1*SAMPLE~"
KINDS = {
    "interchanges": ("", ISA),
    "groups": (ISA, GS),
    "set headers": (ISA + GS, "ST*835*1~\n"),
    "empty sets": (ISA + GS, "ST*835*0001~SE*2*0001~"),
    "set trailers": (HEAD, "SE*1*1~"),
    "empty segments": (HEAD, "~"),
    "header numbers": (HEAD, "LX*1~"),
    "claims": (HEAD, "CLP*A*1*1*1~"),
    "lines": (CLAIM, "SVC*HC:99213*150*100~"),
    "names": (CLAIM, "NM1*QC*1*A~"),
    "levels": (CLAIM, "HL*1~"),
    "unknown tags": (CLAIM, "Q~"),
    "wrong qualifiers": (CLAIM, "REF*ZZ*1~"),
    "late segments": (CLAIM + "SVC*HC:1*1*1~", "NM1*QC*1*A~DTM*472*20250101~"),
    "elements": (CLAIM, "CAS*CO" + "*1" * 15_000 + "~"),
    "components": (CLAIM, "SVC*HC" + ":1" * 15_000 + "*1*1~"),
    "names without their level": (CLAIM, "NM1*74*1*A~DTM*050*20250101~"),
    "amounts out of place": (CLAIM + "SVC*HC:1*1*1~", "MIA*0~AMT*AU*1~"),
    "repetitions": (CLAIM, "REF*EA*1" + "^1" * 15_000 + "~"),
}
PLAIN = HEAD + "CLP*PCN1*1*200*120.5~NM1*QC*1*SAMPLE~SVC*HC:99213*150*100~DTM*472*20250101~CAS*CO*45*50~" * 2_000
TIMES_PLAIN = 8
TRIES = 5


def is_soon_read(text: str) -> bool:
    """Whether a byte of it takes no longer than eight of a plain remittance read beside it; a busy machine gets several tries."""
    return any(read(text) / len(text) < TIMES_PLAIN * read(PLAIN) / len(PLAIN) for _ in range(TRIES))


def read(text: str) -> float:
    """Seconds of the processor to read everything of a file."""
    data = text.encode()
    start = time.process_time()
    for tset in Reader(data[at : at + 65_536] for at in range(0, len(data), 65_536)):
        transaction = find_transaction(tset)
        for _ in transaction.read_parts(tset) if transaction else ():
            pass
    return time.process_time() - start


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_takes_time_in_proportion(kind: str) -> None:
    """A fifth of a megabyte of it is read at an eighth of the pace of a plain remittance at the least."""
    start, piece = KINDS[kind]
    text = start + piece * (200_000 // len(piece))
    assert is_soon_read(text)


def test_qualifiers_that_are_all_different_take_no_longer() -> None:
    """What nothing can be learnt from is not searched for each time."""
    text = CLAIM + "".join(f"REF*{number:x}*1~" for number in range(20_000))
    assert is_soon_read(text)
