"""Transaction sets from text, and text from sets, for tests of the transactions."""

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from edi.interchange import GroupHeader, InterchangeHeader, Reader, TransactionSet, write_interchange
from edi.segments import Delimiters

CORPUS = Path(__file__).parents[2] / "../shared/corpus"


def corpus_rows(folder: str) -> list[dict[str, str]]:
    """The lines of the corpus' index for the files of a folder ("837P/"); none where the corpus is not at hand."""
    index = CORPUS / "INDEX.tsv"
    if not index.exists():
        return []
    with index.open(newline="") as lines:
        return [row for row in csv.DictReader(lines, delimiter="\t") if row["path"].startswith(folder)]


def interchange_of(segments: Sequence[str], functional_id: str, version: str, delimiters: Delimiters | None = None) -> bytes:
    """An interchange with one group of one set: the segments from ST to SE."""
    header = InterchangeHeader(
        sender_qualifier="ZZ",
        sender_id="SENDER",
        receiver_qualifier="ZZ",
        receiver_id="RECEIVER",
        date=date(2024, 3, 1),
        time="1200",
        isa_control_number=1,
        delimiters=delimiters or Delimiters(),
    )
    group = GroupHeader(
        functional_id=functional_id,
        application_sender="SENDER",
        application_receiver="RECEIVER",
        date=date(2024, 3, 1),
        time="1200",
        gs_control_number=1,
        version=version,
    )
    return b"".join(write_interchange(header, [(group, [list(segments)])]))


def set_of(segments: Sequence[str], functional_id: str, version: str, delimiters: Delimiters | None = None) -> TransactionSet:
    """The one set of such an interchange, not read yet."""
    return next(iter(Reader([interchange_of(segments, functional_id, version, delimiters)])))


def body(text: str) -> list[str]:
    """Segments from lines of text, blank ones and the ends of lines left out."""
    return [line.strip().rstrip("~") for line in text.splitlines() if line.strip()]
