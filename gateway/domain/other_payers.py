"""The payers of a claim besides the one billed: who comes before it, and what they decided."""

from collections.abc import Iterable, Iterator

from edi.claims import Adjustment, Claim, LineAdjudication, OtherPayer

ORDER = "PSTABCDEFGH"
"""SBR01 from the first payer to the eleventh; U, of whom the place is not known, stands outside."""


def find_place(responsibility: str) -> int:
    """The place of an SBR01 in the order of payment from 0; -1 where it has none."""
    return ORDER.find(responsibility) if responsibility else -1


def list_earlier(claim: Claim) -> Iterator[tuple[int, OtherPayer]]:
    """The payers that decide before the one billed, with their places in the document."""
    place = find_place(claim.coverage.responsibility)
    for i, other in enumerate(claim.other_payers):
        if 0 <= find_place(other.responsibility) < place:
            yield i, other


def id_of(other: OtherPayer) -> str:
    """2330B NM109, which what it decided on lines names it by."""
    return other.payer.id if other.payer else ""


def list_line_decisions(claim: Claim, other: OtherPayer) -> list[tuple[int, LineAdjudication]]:
    """What this payer decided on lines, each with the line's place."""
    return [
        (n, decided) for n, line in enumerate(claim.lines) for decided in line.adjudications if decided.payer_id == id_of(other)
    ]


def has_decided(claim: Claim, other: OtherPayer) -> bool:
    """Whether the claim says anything of what this payer decided."""
    return other.paid_cents is not None or bool(other.adjustments) or bool(list_line_decisions(claim, other))


def is_bypassed(claim: Claim, other: OtherPayer) -> bool:
    """Whether this payer was never billed, since it would cover nothing: AMT*A8 is the whole charge (X12 requests 1353, 1603)."""
    return other.noncovered_cents is not None and other.noncovered_cents == claim.charge_cents


def sum_adjustments(adjustments: Iterable[Adjustment]) -> int:
    """What they take off, in cents."""
    return sum(adjustment.amount_cents for adjustment in adjustments)
