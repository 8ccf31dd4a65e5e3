"""837P: what is read is written back equal, in the public samples and in whatever can be generated."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi.claims import Claim, Diagnosis, Reference, ServiceLine
from edi.interchange import Reader
from edi.segments import Delimiters
from edi.transactions import t837p
from tests.support.professional import claim_of, read_back, written
from tests.support.sets import CORPUS, corpus_rows


def corpus_files() -> list[Any]:
    return [pytest.param(row, id=row["path"].removeprefix("837P/")) for row in corpus_rows("837P/")]


@pytest.mark.parametrize("row", corpus_files())
def test_public_samples(row: dict[str, str]) -> None:
    """Every claim of a sample is met, each with a document or a finding; what reads without a finding is written back equal."""
    reader = Reader([(CORPUS / row["path"]).read_bytes()])
    count = refused = 0
    for tset in reader:
        if tset.version not in t837p.SPEC.accepted_versions:
            refused += 1
            continue
        claims = []
        for item in t837p.read(tset):
            if isinstance(item, t837p.ReadClaim):
                count += 1
                assert item.claim or item.findings
                claims.append(item.claim)
        whole = [claim for claim in claims if claim]
        assert read_back(written(*whole))[0] == whole
        if not tset.findings:
            assert len(whole) == len(claims)
            assert read_back(written(*whole))[1] == []
    if "truncated" in row["path"]:
        assert (count, bool(reader.findings)) == (0, True)
    elif refused:
        assert count == 0
        assert not row["gs08"].startswith("005010X222")
    else:
        assert count == int(row["clm"])


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
words = st.text(LETTERS + " -", min_size=1, max_size=20).map(str.strip).filter(lambda text: len(text) >= 2)
codes = st.text(LETTERS, min_size=2, max_size=10)
days = st.dates(date(1990, 1, 1), date(2030, 12, 31))
cents = st.integers(0, 10**9)
references = st.lists(
    st.builds(Reference, qualifier=st.sampled_from(["G1", "F8", "D9", "EA", "4N"]), value=codes),
    max_size=4,
    unique_by=lambda reference: reference.qualifier,
).map(tuple)
lines = st.builds(
    ServiceLine,
    charge_cents=cents,
    procedure=st.text(LETTERS, min_size=5, max_size=5),
    modifiers=st.lists(st.text(LETTERS, min_size=2, max_size=2), max_size=4).map(tuple),
    quantity=st.decimals(Decimal("0.1"), 9999, places=1),
    diagnosis_pointers=st.lists(st.integers(1, 12), min_size=1, max_size=4).map(tuple),
    service_from=days,
    service_through=st.none() | days,
    control_number=codes,
    note=st.just("") | words,
)
claims = st.builds(
    claim_of,
    patient_control_number=codes,
    charge_cents=cents,
    dates=st.lists(st.tuples(st.sampled_from(["431", "439", "435"]), days), max_size=2, unique_by=lambda x: x[0]).map(tuple),
    patient_paid_cents=st.none() | cents,
    references=references,
    notes=st.lists(st.tuples(st.just("ADD"), words), max_size=1).map(tuple),
    diagnoses=st.lists(codes, min_size=1, max_size=12).map(
        lambda values: tuple(Diagnosis(qualifier="ABF" if place else "ABK", code=code) for place, code in enumerate(values))
    ),
    lines=st.lists(lines, min_size=1, max_size=4).map(tuple),
)
punctuation = "*:^~|>!<+&%@#$;?=\x1c\x1d\x1e\x1f"
delimiters = st.builds(
    lambda three, segment: Delimiters(three[0], three[1], three[2], segment),
    st.lists(st.sampled_from(punctuation), min_size=3, max_size=3, unique=True),
    st.sampled_from("'\n`"),
)
"""A line end may end a segment and do nothing else."""


@settings(max_examples=60, deadline=None)
@given(documents=st.lists(claims, min_size=1, max_size=4), marks=delimiters)
def test_what_is_written_is_read_back_equal(documents: list[Claim], marks: Delimiters) -> None:
    """Whatever the claims and the delimiters: equal documents and no finding."""
    assert read_back(written(*documents, delimiters=marks), marks) == (documents, [])
