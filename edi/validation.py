"""Everything that is wrong in a file, unit by unit as it streams: each set's findings, and between sets those of the envelope."""

from collections.abc import Iterator, Sequence

import msgspec

from edi.catalogue import find_transaction, refuse
from edi.cross_checks import CrossChecks
from edi.field_listing import find_claim_number
from edi.findings import EdiError, Finding
from edi.interchange import Reader, TransactionSet
from edi.parts import Part, Transaction

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
        self.claims: list[ClaimSpan] = []

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
        cross_checks = CrossChecks(self.tset)
        told, before = 0, None
        for part in transaction.read_parts(self.tset):
            self.balances += cross_checks.take(part)
            claim = _find_span(part)
            if len(self.tset.findings) > told:
                told = len(self.tset.findings)
                self.claims += [span for span in (before, claim) if span and span not in self.claims[-2:]]
            before = claim or before
        if len(self.tset.findings) > told and before and before not in self.claims[-2:]:
            self.claims.append(before)
        self.balances += cross_checks.close()

    def tell(self) -> Checked:
        """What was found."""
        findings = sorted((*self.tset.findings, *self.balances), key=lambda finding: finding.position)
        name = self.transaction.name if self.transaction else self.tset.code
        return Checked(self.tset.interchange.isa_control_number, findings, self.tset, name, self.claims)


def _find_span(part: Part) -> ClaimSpan | None:
    number = find_claim_number(part.document) if part.document is not None else ""
    return (part.first_position, part.last_position, number) if number else None
