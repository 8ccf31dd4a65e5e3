"""Rules told from raw segments, and what an acknowledgment counts: each finds its fault and stays quiet otherwise."""

import pytest

from edi.catalogue import find_transaction
from edi.cross_checks import CrossChecks
from edi.findings import Finding
from edi.interchange import Reader
from edi.tools.explaining import weigh
from tests.support.full_sets import group_header
from tests.support.remittances import FILE, ISA, TRAILERS

CLAIM = """ST*837*0001*005010X222A1~
NM1*85*2*INVENTED CLINIC~
N4*SAMPLETOWN*AK*995010001~
NM1*IL*1*SAMPLE~
N4*SAMPLETOWN*AK*99501~
CLM*PCN1*100~
NM1*77*2*INVENTED HOUSE~
N4*SAMPLETOWN*AK*995010002~
LX*1~
NM1*82*1*SAMPLE~
LX*2~
CLM*PCN2*100~
LX*1~
SE*14*0001~
"""
ANSWER = """ST*999*0001*005010X231A1~
AK1*HC*1*005010X222A1~
AK2*837*0001~
IK5*A~
AK2*837*0002~
IK5*R*5~
AK9*P*2*2*1~
SE*8*0001~
"""


def find(text: str) -> list[Finding]:
    """What the rules across elements find in a set, whatever else is wrong with it."""
    for tset in Reader([(ISA + group_header(text[: text.index("~")]) + text + TRAILERS).encode()]):
        transaction = find_transaction(tset)
        assert transaction is not None
        checks = CrossChecks(tset)
        found = [finding for part in transaction.read_parts(tset) for finding in checks.take(part)]
        return found + checks.close()
    raise AssertionError("there is a set")


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("LX*2", "LX*2", []),
        ("LX*2", "LX*1", [("line_number", 11, 1)]),
        ("LX*2", "LX*3", [("line_number", 11, 1)]),
        ("CLM*PCN2*100~\nLX*1", "CLM*PCN2*100~\nLX*3", [("line_number", 13, 1)]),
        ("LX*2", "LX*", [("line_number", 11, 1)]),
        ("995010001", "99501", [("postal_code", 3, 3)]),
        ("995010002", "99501", [("postal_code", 8, 3)]),
        ("995010002", "", [("postal_code", 8, 3)]),
        ("AK*995010002", "ON*K1A0B1", []),
        ("AK*995010002", "XX*75001*FR", []),
        ("AK*99501~", "ZZ*99501~", [("state_code", 5, 2)]),
        ("AK*99501~", "ZZ*99501*US~", [("state_code", 5, 2)]),
        ("AK*99501~", "ZZ*99501*MX~", []),
        ("AK*99501~", "PR*00901~", []),
        ("AK*99501~", "AE*09012~", []),
        ("*AK*99501~", "~", []),
    ],
)
def test_lines_are_counted_and_places_exist(old: str, new: str, found: list[tuple[str, int, int]]) -> None:
    assert CLAIM.count(old) == 1
    assert [(one.code, one.position, one.element) for one in find(CLAIM.replace(old, new)) if one.level == "balance"] == found


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("AK9*P*2*2*1", "AK9*P*2*2*1", []),
        ("AK9*P*2*2*1", "AK9*P*2*2*2", [("acknowledged_sets", 7, 4)]),
        ("AK9*P*2*2*1", "AK9*P*2*2*0", [("acknowledged_sets", 7, 4)]),
        ("AK9*P*2*2*1", "AK9*P*2*1*0", [("acknowledged_sets", 7, 3)]),
        ("AK9*P*2*2*1", "AK9*P*5*5*4", []),
        ("IK5*A~", "IK5*E*5~", []),
    ],
)
def test_an_acknowledgment_counts_what_it_lists(old: str, new: str, found: list[tuple[str, int, int]]) -> None:
    """A 999 may leave out sets that it accepts, and count one with errors noted as accepted or not."""
    assert [(one.code, one.position, one.element) for one in find(ANSWER.replace(old, new))] == found


def test_a_short_postal_code_is_advice() -> None:
    """Many senders write five digits and many payers take them; what is no state is an error."""
    (advice,) = find(CLAIM.replace("995010001", "99501"))
    (error,) = find(CLAIM.replace("AK*99501~", "ZZ*99501~"))
    assert (weigh(advice), weigh(error)) == ("warning", "error")


def test_separators_at_the_end_of_a_segment_are_let_pass() -> None:
    """X12 wants them left off, but no code of IK304 or IK403 says that they are there, and nothing is lost by them."""
    text = FILE.replace("N4*SAMPLETOWN*AK*99501~", "N4*SAMPLETOWN*AK*99501***~")
    tset = next(iter(Reader([text.encode()])))
    transaction = find_transaction(tset)
    assert transaction is not None
    list(transaction.read_parts(tset))
    assert tset.findings == []
