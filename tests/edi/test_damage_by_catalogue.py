"""Damaged files of every transaction of the catalogue: read with findings, refused, or not X12; soon, and nothing else."""

import re

import pytest

from benchmarks import damage, invented_837p
from benchmarks.corpus_files import judge
from benchmarks.damaging import LEVELS, Damager
from edi.catalogue import TRANSACTIONS

MUTATIONS = 2_000
SEED = 20260105
SECONDS_A_MB = 6.0
"""Three times what benchmarks/damage.py allows: the other tests run beside this one."""


@pytest.fixture(scope="module")
def pool() -> list[bytes]:
    return damage.build_pool()


def test_every_transaction_is_damaged(pool: list[bytes]) -> None:
    """No transaction of the catalogue is without a file in the pool."""
    names = {name for data in pool for name in judge(data).sets}
    assert names >= {transaction.name for transaction in TRANSACTIONS}


def test_the_same_number_is_the_same_damage(pool: list[bytes]) -> None:
    """A fault can be looked at again by its number."""
    first, second = (Damager(pool, SEED).damage(7) for _ in range(2))
    assert first == second
    assert first != Damager(pool, SEED).damage(12)


def test_damage_ends_as_it_may(pool: list[bytes]) -> None:
    """No exception but EdiError, no second too many for a megabyte, no other money read without a word."""
    cases = damage.run_cases((pool, SEED, 0, MUTATIONS))
    assert {case.level for case in cases} == set(LEVELS)
    assert sum(case.outcome.word == "findings" for case in cases) > MUTATIONS // 2
    assert list(damage.find_faults(cases, SECONDS_A_MB)) == []


def test_damage_takes_little_memory(pool: list[bytes]) -> None:
    cases = [damage.weigh_case(Damager(pool, SEED), number) for number in range(MUTATIONS, MUTATIONS + 40)]
    assert max(case.peak_bytes for case in cases) > 0
    assert list(damage.find_faults(cases)) == []


@pytest.mark.parametrize("index", range(2))
def test_every_beginning_of_a_file_is_noticed(pool: list[bytes], index: int) -> None:
    """The two longest files of the pool, cut at any byte, are never read as whole."""
    data = sorted(set(pool), key=len)[-1 - index]
    words, wrong = damage.truncate(data)
    assert wrong == []
    assert words.total() == len(data.rstrip()) - 1


def test_a_specialty_after_an_empty_name_is_no_exception() -> None:
    """PRV follows an NM1 that has lost its elements: damage of the 837P found this."""
    data = b"".join(invented_837p.generate(1)).replace(b"NM1*82*1*", b"NM1~\nNM1*82*1*", 1)
    data = re.sub(rb"NM1~\nNM1\*82[^~]*~", b"NM1~", data)
    assert b"NM1~\nPRV*PE" in data
    assert damage.read(data).word == "findings"


def test_a_fault_is_found() -> None:
    """An exception, a slow case, a heavy one and silent other money are each told."""
    bad = [
        damage.Case(1, "byte", 10, damage.Outcome("UNTYPED", exception="KeyError in tree.py:1"), 0.0),
        damage.Case(2, "loop", 1_000_000, damage.Outcome("findings"), 2.1),
        damage.Case(3, "loop", 1_000_000, damage.Outcome("findings"), 0.1, peak_bytes=201_000_000),
        damage.Case(4, "element", 500, damage.Outcome("clean"), 0.1, is_other_money=True),
    ]
    assert [fault.split()[1] for fault in damage.find_faults(bad)] == ["1", "2", "3", "4"]
    assert list(damage.find_faults([damage.Case(5, "byte", 10, damage.Outcome("findings"), 0.1)])) == []
