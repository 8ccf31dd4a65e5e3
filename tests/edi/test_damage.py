"""Damaged files: a finding or an EdiError with its offset, soon, and never anything else or nothing."""

import random
import time
from collections.abc import Iterator

import pytest

from edi import tree
from edi.findings import EdiError
from edi.interchange import Reader
from edi.transactions import t835
from tests.support.remittances import FILE, GS, ISA, SET, TRAILERS, find_error, read_file

CLAIMS = (
    ISA
    + """GS*HC*INVENTEDCLINIC*INVENTEDPAYER*20260105*0800*7*X*005010X222A1~
ST*837*0001*005010X222A1~
BHT*0019*00*BATCH1*20260105*0800*CH~
NM1*41*2*INVENTED BILLING*****46*SUB1~
PER*IC*HELP DESK*TE*9075550100~
NM1*40*2*INVENTED PAYER*****46*REC1~
HL*1**20*1~
NM1*85*2*INVENTED CLINIC*****XX*1999999984~
CLM*PCN1*100***11:B:1*Y*A*Y*Y~
SE*9*0001~
GE*1*7~
IEA*1*000000905~
"""
)


def is_noticed(data: bytes) -> bool:
    try:
        _, findings, unread = read_file(data)
    except EdiError as error:
        return 0 <= error.offset <= len(data) and str(error.offset) in str(error)
    return bool(findings or unread)


@pytest.mark.parametrize("text", [FILE, CLAIMS], ids=["835", "837"])
def test_a_file_cut_at_any_byte_is_noticed(text: str) -> None:
    """Every proper beginning of a file, but for its last line end, gives a finding or an EdiError."""
    data = text.encode()
    silent = [end for end in range(len(data) - 1) if not is_noticed(data[:end])]
    assert silent == []


def test_the_whole_file_is_clean() -> None:
    """What the cut files are compared with gives no finding at all, and neither does its last line end's loss."""
    assert read_file(FILE.encode())[1:] == ([], [])
    assert read_file(FILE.encode()[:-1])[1:] == ([], [])


def mutate(chance: random.Random, data: bytes) -> bytes:
    """One to four bytes changed, taken out, put in, doubled or exchanged."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed))
        kind = chance.randrange(5)
        if kind == 0:
            changed[at] = chance.randrange(256)
        elif kind == 1:
            del changed[at : at + chance.randint(1, 30)]
        elif kind == 2:
            changed[at:at] = bytes(chance.choices(b"~*:^\x00\nISA GS ST SE\xff0", k=chance.randint(1, 8)))
        elif kind == 3:
            changed[at:at] = changed[at : at + chance.randint(1, 200)]
        else:
            changed[at] = chance.choice(b"~*:^")
    return bytes(changed)


@pytest.mark.parametrize("seed", range(6))
def test_random_damage_never_raises_but_edi_error(seed: int) -> None:
    """500 files a seed with a few bytes changed are read to the end or refused with an offset within the file."""
    chance = random.Random(seed)
    for _ in range(500):
        data = mutate(chance, FILE.encode())
        error = find_error(data)
        assert error is None or 0 <= error.offset <= len(data)


def test_every_segment_of_a_damaged_set_is_read_or_listed() -> None:
    """Strays and claims that cannot be read are in `unread`, with their positions."""
    text = FILE.replace("DTM*232", "QQQ*1~\nDTM*232").replace("CLP*PCN2*4*80*0*", "CLP*PCN2*4*8O*0*").replace("SE*32", "SE*33")
    items, findings, unread = read_file(text.encode())
    assert [type(item).__name__ for item in items] == ["Remittance", "ClaimPayment", "ProviderAdjustment", "ProviderAdjustment"]
    assert unread == [(14, "QQQ"), (28, "CLP"), (29, "CAS"), (30, "NM1"), (31, "MOA")]
    assert [(finding.code, finding.segment, finding.position) for finding in findings] == [("1", "QQQ", 14), ("6", "CLP", 28)]


def test_nul_bytes_are_invalid_characters() -> None:
    """A NUL in an element is an element finding with code 6; in a tag, a segment nobody knows."""
    _, findings, unread = read_file(FILE.replace("N3*1 EXAMPLE", "N3*1\0EXAMPLE").encode())
    assert [(finding.code, finding.segment, finding.element) for finding in findings] == [("6", "N3", 1)]
    _, findings, unread = read_file(FILE.replace("TRN*", "TR\0*").encode())
    assert ("1", "") in [(finding.code, finding.segment) for finding in findings]
    assert unread == [(3, "")]


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"", 0),
        (b" \r\n\r\n ", 6),
        (b"GS*HP*A*B~", 0),
        (b"\n\n{}", 2),
        (b"\xff\xfeI\0S\0A\0", 0),
        (b"\0" * 300, 0),
        (b"ISA", 0),
        (b"ISA*00*~", 8),
        (ISA.encode()[:100], 100),
        (b"ISA" + b"*" * 600, 0),
        (ISA.replace("*:~", "***").encode(), 0),
    ],
)
def test_what_is_no_interchange_is_refused_with_its_offset(data: bytes, offset: int) -> None:
    """Nothing, blanks, another format, an ISA cut short or with impossible delimiters: EdiError where it becomes clear."""
    error = find_error(data)
    assert error is not None
    assert error.offset == offset


def long_line(megabytes: int, start: bytes) -> Iterator[bytes]:
    yield start
    for _ in range(megabytes * 16):
        yield b"A" * 65_536


@pytest.mark.parametrize("start", [b"", ISA.encode(), (ISA + GS + SET[:200]).encode()])
def test_a_line_of_20_mb_is_refused_at_once(start: bytes) -> None:
    """A segment of more than 64 KiB ends the reading before the rest of it is taken in."""
    pieces = long_line(20, start)
    begin = time.perf_counter()
    error = find_error(pieces)
    assert error is not None
    assert time.perf_counter() - begin < 1
    assert len(list(pieces)) > 300


def test_a_long_line_in_one_piece_is_refused_too() -> None:
    """The limit does not depend on how the bytes are cut: a terminated line of 100 KiB is refused with its offset."""
    head = ISA + GS
    error = find_error((head + "ST*835*" + "A" * 100_000 + "~\nSE*2*0001~\n" + TRAILERS).encode())
    assert error is not None
    assert error.offset == len(head)


@pytest.mark.parametrize(
    "filler", ["A~", "~", "ST*835*1~", "GS*~GE*~", "CLP~", "REF*EV*1~", "TA1~", "\0~", "NM1*QC*1~", "IEA~", "SVC*HC:1*1.005*1~"]
)
def test_a_megabyte_of_rubbish_takes_at_most_seconds(filler: str) -> None:
    """Rubbish that reads as segments is noticed, and neither time nor memory runs away over it."""
    data = (ISA + GS + SET[: SET.index("LX*1")] + "LX*1~\n" + filler * (1_000_000 // len(filler))).encode()
    begin = time.process_time()
    reader = Reader([data])
    count = 0
    for tset in reader:
        list(tree.read(t835.SPEC, tset))
        count += len(tset.findings)
    assert count + len(reader.findings) > 0
    assert time.process_time() - begin < 8
