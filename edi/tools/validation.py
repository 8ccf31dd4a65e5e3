"""Everything that is wrong in a file, unit by unit as it streams: each set's findings, and between sets those of the envelope."""

from collections import deque
from collections.abc import Iterator, Sequence

import msgspec

from edi.catalogue import find_transaction, refuse
from edi.cross_checks import CrossChecks
from edi.findings import EdiError, Finding
from edi.interchange import Reader, TransactionSet
from edi.parts import Part, Transaction
from edi.tools.field_listing import find_claim_number

ClaimSpan = tuple[int, int, str]
"""First position, last position and patient control number of a claim."""


class Checked(msgspec.Struct, frozen=True):
    """A set read to its end with what is wrong with it, in the order of its segments; or the envelope, where `tset` is None.

    `transaction` is the short name in the catalogue, or ST01 of a set that is not read here. `claims` are those that findings
    are about.
    """

    isa_control_number: int
    findings: Sequence[Finding]
    tset: TransactionSet | None = None
    transaction: str = ""
    claims: Sequence[ClaimSpan] = ()


def validate(reader: Reader) -> Iterator[Checked]:
    """Each set, with findings or without, and between the sets what is wrong with the envelope.

    Raises EdiError where the bytes cannot be read as X12, after what was found before that.
    """
    told = 0
    try:
        for tset in reader:
            yield from _tell_envelope(reader, told)
            told = len(reader.findings)
            check = _SetCheck(tset)
            fault = check.read()
            yield check.tell()
            if fault is not None:
                raise fault
    except EdiError:
        yield from _tell_envelope(reader, told)
        raise
    yield from _tell_envelope(reader, told)


def _tell_envelope(reader: Reader, told: int) -> Iterator[Checked]:
    if len(reader.findings) > told:
        number = reader.interchanges[-1].header.isa_control_number if reader.interchanges else 0
        yield Checked(number, reader.findings[told:])


class _SetCheck:
    """One set being read for its findings."""

    def __init__(self, tset: TransactionSet) -> None:
        self.tset = tset
        self.transaction = find_transaction(tset)
        self.balances: list[Finding] = []
        self.claims: Sequence[ClaimSpan] = ()

    def read(self) -> EdiError | None:
        """Read the set to its end; the error where that cannot be reached."""
        try:
            if self.transaction is None:
                self.tset.add_finding(refuse(self.tset))
                for _ in self.tset.runs():
                    pass
            else:
                self._read_parts(self.transaction)
        except EdiError as error:
            return error
        return None

    def _read_parts(self, transaction: Transaction) -> None:
        cross_checks, numbers = CrossChecks(self.tset), _ClaimNumbers(self.tset)
        accused = _AccusedClaims(self.tset)
        for part in transaction.read_parts(self.tset):
            self.balances += cross_checks.take(part)
            accused.take(numbers.find_span(part))
        accused.take(None)
        self.claims = accused.claims
        self.balances += cross_checks.close()

    def tell(self) -> Checked:
        """What was found."""
        findings = sorted((*self.tset.findings, *self.balances), key=lambda finding: finding.position)
        name = self.transaction.name if self.transaction else self.tset.code
        return Checked(self.tset.interchange.isa_control_number, findings, self.tset, name, self.claims)


class _AccusedClaims:
    """The claims of a set that findings stand in: a finding may be known before its claim has passed, or just after it."""

    def __init__(self, tset: TransactionSet) -> None:
        self.claims: list[ClaimSpan] = []
        self._findings = tset.findings
        self._told = 0
        self._open: list[int] = []
        self._before: ClaimSpan | None = None

    def take(self, claim: ClaimSpan | None) -> None:
        """The claim of the next part, or None where it is about none."""
        self._open += [finding.position for finding in self._findings[self._told :]]
        self._told = len(self._findings)
        for span in (self._before, claim):
            if span is not None and any(span[0] <= position <= span[1] for position in self._open):
                self.claims += [span] if span not in self.claims[-2:] else []
        if claim is not None:
            self._open = [position for position in self._open if position > claim[1]]
            self._before = claim


class _ClaimNumbers:
    """The patient control numbers of a set as its segments pass, also of claims of which no document could be made."""

    def __init__(self, tset: TransactionSet) -> None:
        self._separator = tset.delimiters.element
        self._starts = tuple(f"{tag}{self._separator}" for tag in ("CLM", "CLP"))
        self._passed: deque[tuple[int, str]] = deque()
        tset.watch(self._look)

    def _look(self, position: int, segments: Sequence[str]) -> None:
        for place, segment in enumerate(segments, position):
            if segment.startswith(self._starts):
                self._passed.append((place, segment.split(self._separator, 2)[1]))

    def find_span(self, part: Part) -> ClaimSpan | None:
        """The claim a part is about; parts are asked for in the order of the set."""
        number = find_claim_number(part.document) if part.document is not None else ""
        while self._passed and self._passed[0][0] <= part.last_position:
            place, passed = self._passed.popleft()
            number = number or (passed if place >= part.first_position else "")
        return (part.first_position, part.last_position, number) if number else None
