"""The three 837s: of what read_parts gives, write_parts makes the same segments again, in every well-formed sample."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

import pytest

from edi.catalogue import find_transaction
from edi.claims import Claim
from edi.dictionary import SEGMENTS
from edi.findings import Finding, Unwritable
from edi.interchange import Reader
from edi.parts import Part, Transaction
from edi.segments import Delimiters
from tests.support.sets import CORPUS, corpus_rows, interchange_of

ROWS = [row for folder in ("837P/", "837I/", "837D/") for row in corpus_rows(folder)]
SAMPLES = [pytest.param(row, id=row["path"]) for row in ROWS]


def shortest(raw: str, delimiters: Delimiters) -> tuple[str, ...]:
    """The elements of a segment with numbers in their shortest form, empty ones at the end left off."""
    elements = raw.split(delimiters.element)
    known = SEGMENTS[elements[0]].elements if elements[0] in SEGMENTS else ()
    for place, definition in enumerate(known[: len(elements) - 1], 1):
        parts = elements[place].split(delimiters.component) if definition.components else [elements[place]]
        kinds = [one.type for one in definition.components] or [definition.type]
        parts = [_shortest_number(part) if kind == "R" else part for part, kind in zip(parts, [*kinds, *"?" * 9], strict=False)]
        elements[place] = ":".join(parts).rstrip(":") if definition.components else parts[0]
    while not elements[-1]:
        elements.pop()
    return tuple(elements)


def _shortest_number(text: str) -> str:
    if not text:
        return ""
    value = Decimal(text)
    return f"{value.quantize(Decimal(1)) if value == value.to_integral() else value.normalize():f}"


def comparable(segments: list[str], delimiters: Delimiters) -> list[tuple[str, ...]]:
    """The segments of a set without SE; CAS by triplets; neighbours of one tag, which may change places, sorted."""
    rows: list[tuple[str, ...]] = []
    for row in (shortest(segment, delimiters) for segment in segments[:-1]):
        if row[0] == "CAS":
            padded = [*row, *[""] * (-(len(row) - 2) % 3)]
            rows += [("CAS", row[1], *padded[at : at + 3]) for at in range(2, len(padded), 3)]
        else:
            rows.append(row)
    return [row for tag, run in groupby(rows, key=lambda row: row[0]) for row in (sorted(run) if tag != "HL" else run)]


def read_set(segments: list[str], version: str, delimiters: Delimiters) -> tuple[Transaction, list[Part], list[Finding]]:
    tset = next(iter(Reader([interchange_of(segments, "HC", version, delimiters)])))
    transaction = find_transaction(tset)
    assert transaction is not None
    parts = list(transaction.read_parts(tset))
    return transaction, parts, tset.findings


def write_set(transaction: Transaction, parts: list[Part], version: str, delimiters: Delimiters) -> list[str]:
    documents = [part.document for part in parts if part.document]
    number = "0001"
    return list(transaction.write_parts(documents, st_control_number=number, version=version, delimiters=delimiters))


def sets_of(row: dict[str, str]) -> Iterator[tuple[list[str], str, Delimiters]]:
    """Each set of a sample that has a guide here: its segments with ST and SE made right, its version and delimiters."""
    for tset in Reader([(CORPUS / row["path"]).read_bytes()]):
        segments, delimiters = list(tset), tset.delimiters
        if find_transaction(tset) is not None and segments[-1].startswith("SE"):
            segments[0] = delimiters.element.join(("ST", "837", "0001", tset.version))
            segments[-1] = delimiters.element.join(("SE", str(len(segments)), "0001"))
            yield segments, tset.version, delimiters


def is_well_formed(findings: list[Finding]) -> bool:
    """Whether every segment stands where it may, levels are numbered right and no required element is missing."""
    return all(one.level == "element" and one.segment != "HL" and one.code != "1" for one in findings)


def is_shifted(segments: list[str], delimiters: Delimiters) -> bool:
    """Whether a claim has its place of service in CLM04, which is no composite, so that it cannot be written there."""
    claims = [one.split(delimiters.element) for one in segments if one.startswith("CLM")]
    return any(delimiters.component in claim[4] for claim in claims)


@pytest.mark.parametrize("row", SAMPLES)
def test_samples_come_back_segment_for_segment(row: dict[str, str]) -> None:
    """Well-formed sets: the same segments, in the same order but for neighbours of one tag."""
    for segments, version, delimiters in sets_of(row):
        transaction, parts, findings = read_set(segments, version, delimiters)
        if all(part.document for part in parts) and is_well_formed(findings) and not is_shifted(segments, delimiters):
            written = write_set(transaction, parts, version, delimiters)
            assert comparable(written, delimiters) == comparable(segments, delimiters)


@pytest.mark.parametrize("row", SAMPLES)
def test_samples_come_back_as_equal_documents(row: dict[str, str]) -> None:
    """Whatever is wrong with a set: what could be read of it is written, and read equal, and written the same again."""
    for segments, version, delimiters in sets_of(row):
        transaction, parts, _ = read_set(segments, version, delimiters)
        if is_shifted(segments, delimiters):
            with pytest.raises(Unwritable):
                write_set(transaction, parts, version, delimiters)
            continue
        written = write_set(transaction, parts, version, delimiters)
        _, again, _ = read_set(written, version, delimiters)
        assert [part.document for part in again] == [part.document for part in parts if part.document]
        assert written == write_set(transaction, again, version, delimiters)


def test_the_samples_hold_well_formed_sets_of_all_three_guides() -> None:
    """Else the tests above would compare nothing."""
    well_formed = set()
    for row in ROWS:
        for segments, version, delimiters in sets_of(row):
            transaction, parts, findings = read_set(segments, version, delimiters)
            if is_well_formed(findings) and any(isinstance(part.document, Claim) for part in parts):
                well_formed.add(transaction.name)
    assert well_formed == {"837P", "837I", "837D"}
