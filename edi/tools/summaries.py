"""What is in a file: interchanges, groups and sets with what each adds up to, listed to a limit, counted to the end."""

from collections import Counter
from collections.abc import Callable, Iterable

import msgspec

from edi.catalogue import find_transaction, refuse
from edi.cross_checks import CrossChecks
from edi.findings import EdiError, Finding
from edi.headers import GroupHeader, InterchangeHeader
from edi.interchange import Reader, TransactionSet
from edi.parts import Transaction
from edi.tools.explaining import Gravity, weigh
from edi.tools.inquiry_tallies import EligibilityInquiryTally, EligibilityResponseTally, StatusRequestTally, StatusResponseTally
from edi.tools.tallies import AcknowledgmentTally, ClaimTally, Fact, RemittanceTally, ResponseTally, Row, Tally
from edi.transactions.ta1 import InterchangeAcknowledgment

_TALLIES: dict[str, Callable[[], Tally]] = {
    "270": EligibilityInquiryTally, "271": EligibilityResponseTally, "276": StatusRequestTally, "277": StatusResponseTally,
    "277CA": AcknowledgmentTally, "835": RemittanceTally, "837P": ClaimTally, "837I": ClaimTally, "837D": ClaimTally,
    "997": ResponseTally, "999": ResponseTally,
}  # fmt: skip
"""How a transaction of the catalogue is added up; of one that is not here, its documents are counted."""


class SetSummary(msgspec.Struct):
    """One set: what it is, what it adds up to (`facts`), its claims or their like (`rows`, no more than the limit allowed).

    `refused` says why a set was not read; `row_count` counts also the rows that are not listed.
    """

    ordinal: int
    transaction: str
    title: str
    version: str
    st_control_number: str
    offset: int
    segments: int = 0
    errors: int = 0
    warnings: int = 0
    refused: str = ""
    facts: dict[str, Fact] = {}
    columns: tuple[str, ...] = ()
    rows: list[Row] = []
    row_count: int = 0


class GroupSummary(msgspec.Struct):
    """One functional group and its sets; `set_count` counts also those that are not listed."""

    header: GroupHeader
    sets: list[SetSummary] = []
    set_count: int = 0


class InterchangeSummary(msgspec.Struct):
    """One interchange: its acknowledgments (TA1), its groups, sets outside any group, and what is wrong with its envelope."""

    header: InterchangeHeader
    offset: int
    acknowledgments: list[InterchangeAcknowledgment] = []
    groups: list[GroupSummary] = []
    findings: list[Finding] = []
    sets: list[SetSummary] = []
    set_count: int = 0


class FileSummary(msgspec.Struct):
    """A file: what was listed, and the totals of all of it by transaction (sets, segments, errors, claims, …_cents).

    `fault` says why reading stopped before the end, at byte `fault_offset`; '' where it did not.
    """

    interchanges: list[InterchangeSummary] = []
    interchange_count: int = 0
    group_count: int = 0
    set_count: int = 0
    envelope_findings: int = 0
    totals: dict[str, dict[str, int]] = {}
    fault: str = ""
    fault_offset: int | None = None


def summarise(chunks: Iterable[bytes], limit: int) -> FileSummary:
    """What a stream holds. No more than `limit` sets and `limit` rows are listed; the totals are always complete.

    Bytes that are no X12 end it with a fault; nothing is raised.
    """
    reader = Reader(chunks)
    summary = _Summary(reader, limit)
    try:
        for tset in reader:
            summary.take(tset)
    except EdiError as error:
        summary.file.fault, summary.file.fault_offset = str(error), error.offset
    return summary.finish()


class _Summary:
    """A file being summed up: how many sets and rows may still be listed."""

    def __init__(self, reader: Reader, limit: int) -> None:
        self.reader = reader
        self.file = FileSummary()
        self.sets_left = limit
        self.rows_left = limit
        self.totals: dict[str, Counter[str]] = {}

    def take(self, tset: TransactionSet) -> None:
        """Read a set to its end and add it up."""
        summary = self.read_set(tset)
        totals = self.totals.setdefault(summary.transaction, Counter())
        totals.update(sets=1, segments=summary.segments, errors=summary.errors, warnings=summary.warnings)
        totals.update({name: value for name, value in summary.facts.items() if isinstance(value, int)})
        holder = self.find_sets(tset)
        holder.set_count += 1
        self.file.set_count += 1
        if self.sets_left:
            self.sets_left -= 1
            holder.sets.append(summary)

    def read_set(self, tset: TransactionSet) -> SetSummary:
        """What one set adds up to; of one that is not read here only why, and how long it is."""
        transaction = find_transaction(tset)
        summary = SetSummary(
            ordinal=tset.ordinal, transaction=transaction.name if transaction else tset.code,
            title=transaction.spec.name if transaction else "", version=tset.version,
            st_control_number=tset.st_control_number, offset=tset.offset,
        )  # fmt: skip
        if transaction is None:
            summary.refused = refuse(tset).message
            for _ in tset.runs():
                pass
        else:
            self.read_parts(tset, transaction, summary)
        weights = Counter(weigh(finding) for finding in tset.findings)
        summary.segments = tset.segment_count
        summary.errors += weights["error"]
        summary.warnings += weights["warning"]
        return summary

    def read_parts(self, tset: TransactionSet, transaction: Transaction, summary: SetSummary) -> None:
        """Add up the documents of a set, and count what is wrong across its elements."""
        tally, cross_checks = _TALLIES.get(transaction.name, Tally)(), CrossChecks(tset)
        summary.columns = tally.columns
        weights: Counter[Gravity] = Counter()
        for part in transaction.read_parts(tset):
            weights.update(map(weigh, cross_checks.take(part)))
            for row in tally.take(part.document) if part.document is not None else ():
                self.list_row(summary, row)
        weights.update(map(weigh, cross_checks.close()))
        summary.facts, summary.errors, summary.warnings = tally.facts(), weights["error"], weights["warning"]

    def list_row(self, summary: SetSummary, row: Row) -> None:
        """List a row while there is room."""
        summary.row_count += 1
        if self.rows_left and self.sets_left:
            self.rows_left -= 1
            summary.rows.append(row)

    def find_sets(self, tset: TransactionSet) -> "GroupSummary | InterchangeSummary":
        """Where this set is listed: in its group, or in the interchange where it stands outside any."""
        self.follow_envelope()
        interchange = self.file.interchanges[-1]
        passed = self.reader.interchanges[-1].groups
        inside = passed and passed[-1].header is tset.group
        return interchange.groups[-1] if inside else interchange

    def follow_envelope(self) -> None:
        """Open the interchanges and groups that the reader has passed since it was asked last."""
        passed, known = self.reader.interchanges, self.file.interchanges
        for number in range(max(len(known) - 1, 0), len(passed)):
            one = passed[number]
            if number == len(known):
                known.append(InterchangeSummary(one.header, one.offset, one.acknowledgments, findings=one.findings))
            known[number].groups += [GroupSummary(group.header) for group in one.groups[len(known[number].groups) :]]

    def finish(self) -> FileSummary:
        """The counts of the envelopes, now that all of them are passed."""
        self.follow_envelope()
        file = self.file
        file.interchange_count = len(file.interchanges)
        file.group_count = sum(len(interchange.groups) for interchange in file.interchanges)
        file.envelope_findings = len(self.reader.findings)
        file.totals = {name: dict(counts) for name, counts in self.totals.items()}
        return file
