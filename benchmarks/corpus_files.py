"""The public sample files beside the checkout, what their index says of each, and what we say: one verdict a file."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from edi.catalogue import find_transaction, refuse
from edi.cross_checks import CrossChecks
from edi.findings import EdiError, Finding
from edi.interchange import Reader, TransactionSet

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
CHUNK_BYTES = 64 * 1024


class CorpusFile(NamedTuple):
    """A row of INDEX.tsv. `clean` and `envelope_errors` are an envelope check's; `expected` its own project's word."""

    path: str
    clean: bool
    envelope_errors: str
    notes: str
    expected: str

    def read(self) -> bytes:
        return (CORPUS / self.path).read_bytes()


class Verdict(NamedTuple):
    """What we say of a file: its sets by name, who was refused, every finding in short, and where it ceased to be X12."""

    sets: tuple[str, ...]
    refused: tuple[str, ...]
    findings: tuple[str, ...]
    not_x12_at: int | None = None

    @property
    def word(self) -> str:
        """clean, findings, refused, or not X12 at byte N: the gravest first."""
        if self.not_x12_at is not None:
            return f"not X12 at byte {self.not_x12_at}"
        return "findings" if self.findings else "refused" if self.refused else "clean"


def list_files() -> list[CorpusFile]:
    """Every file of the corpus, in the order of its index."""
    with (CORPUS / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        rows = list(csv.DictReader(index, delimiter="\t"))
    return [
        CorpusFile(row["path"], row["clean"] == "True", row["envelope_errors"], row["notes"], row["expected"]) for row in rows
    ]


def cut(data: bytes) -> Iterator[bytes]:
    """The bytes in the pieces a file is read in."""
    return (data[at : at + CHUNK_BYTES] for at in range(0, len(data), CHUNK_BYTES))


def judge(data: bytes) -> Verdict:
    """Read everything as whoever receives it would: envelope, documents, and what must agree across elements."""
    reader = Reader(cut(data))
    sets: list[str] = []
    refused: list[str] = []
    findings: list[str] = []
    end: int | None = None
    try:
        for tset in reader:
            name, found = _judge_set(tset)
            (sets if name else refused).append(name or found[0].message)
            findings += describe_all(found if name else [*found[1:]])
    except EdiError as error:
        end = error.offset
    if any(interchange.acknowledgments for interchange in reader.interchanges):
        sets.append("TA1")
    return Verdict(tuple(sets), tuple(refused), (*describe_all(reader.findings), *findings), end)


def _judge_set(tset: TransactionSet) -> tuple[str, list[Finding]]:
    """The name of a set and its findings; '' and the refusal first where nobody here reads it."""
    transaction = find_transaction(tset)
    if transaction is None:
        refusal = refuse(tset)
        for _ in tset.runs():
            pass
        return "", [refusal, *tset.findings]
    checks = CrossChecks(tset)
    across = [finding for part in transaction.read_parts(tset) for finding in checks.take(part)]
    across += checks.close()
    return transaction.name, [*tset.findings, *across]


def describe_all(findings: Iterable[Finding]) -> list[str]:
    """Each finding in short, without a value of the file: level, code, loop, and the place in the segment."""
    return [describe(finding) for finding in findings]


def describe(finding: Finding) -> str:
    """`element 6 2010AA/NM109`, `set 4 SE`, `balance claim_charge 2300/CLM02`."""
    place = finding.segment + (f"{finding.element:02}" if finding.element else "")
    place += f"-{finding.component}" if finding.component else ""
    where = "/".join(part for part in (finding.loop, place) if part)
    return f"{finding.level} {finding.code} {where}".rstrip()
