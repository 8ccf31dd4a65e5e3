"""Service lines read all in one go say what they say when read one by one."""

import random
from collections.abc import Sequence

import pytest

from edi.interchange import Reader
from edi.remittances import ClaimPayment
from edi.remittances.reader import PaymentReader
from edi.transactions import t835
from tests.support.remittances import FILE

AMOUNTS = ("100", "0", "12.5", ".5", "0.05", "-3.10", "-.25", "7.", "1.500", "99999999999.99")
LINES = (
    ("SVC*HC:99213*{0}*{1}**1~", "SVC*HC:99213*{0}*{1}~", "SVC*HC:A:25*{0}*{1}*0450*2~", "SVC*HC:A*{0}*{1}**1*HC:B~"),
    ("DTM*472*20260105~", "DTM*150*20260105~DTM*151*20260106~", ""),
    (
        "CAS*CO*45*{2}~", "CAS*CO*45*{2}~CAS*PR*1*{3}~", "CAS*CO*45*{2}~CAS*CO*97*{3}~", "CAS*CO*45*{2}**97*{3}~",
        "CAS*CO*45*{2}*1~", "CAS*CO*45*{2}~CAS*PR*1*{3}~CAS*OA*23*{0}~", "",
    ),
    ("REF*6R*L1~", "REF*LU*11~REF*6R*L1~", "REF*6R*L1*NOTE~", ""),
    ("AMT*B6*{1}~", "AMT*KH*{1}~", "AMT*B6*{1}~AMT*KH*{2}~", ""),
    ("", "", "QTY*ZK*1~", "LQ*HE*N130~"),
)  # fmt: skip
CLAIM = "CLP*P{0}*1*100*90*10*12*X1*11*1~NM1*QC*1*EXAMPLE*ANN****MI*Z1~"


def draw_claims(chance: random.Random, count: int) -> list[str]:
    claims = []
    for number in range(count):
        claim = CLAIM.format(number)
        forms = 1 if number % 2 else None
        for _ in range(chance.randrange(4)):
            amounts = [chance.choice(AMOUNTS) for _ in range(4)]
            claim += "".join(chance.choice(part[:forms]) for part in LINES).format(*amounts)
        claims.append(claim)
    return claims


def read(data: bytes) -> tuple[Sequence[object], Sequence[object]]:
    """The documents and findings of the only set."""
    ((documents, findings),) = [(list(t835.read(tset)), tset.findings) for tset in Reader([data])]
    return documents, findings


@pytest.mark.parametrize("seed", range(6))
def test_lines_in_one_go_are_the_lines_one_by_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever mixture of forms and amounts a claim's lines have, usual or not, damaged or not."""
    chance = random.Random(seed)
    claims = "".join(draw_claims(chance, 120))
    if seed % 2:
        at = [chance.randrange(len(claims)) for _ in range(60)]
        claims = "".join(chance.choice("*~:9.-X") if index in at else one for index, one in enumerate(claims))
    head, _, rest = FILE.replace("\n", "").partition("CLP*")
    data = (head + claims + rest[rest.index("SE*") :]).encode()
    seen = read(data)
    monkeypatch.setattr(PaymentReader, "_read_usual_lines", lambda reader, loops: None)
    assert seen == read(data)
    assert sum(isinstance(one, ClaimPayment) and len(one.lines) > 1 for one in seen[0]) > 20
