"""Edits on the way a claim goes: whether its partner takes transactions of its kind."""

from collections.abc import Iterator

from edi.claims import Claim
from edi.transactions.t837 import transaction_of
from gateway.domain.edits.terms import Breach, Edit, EditContext


def _check_taken(claim: Claim, context: EditContext) -> Iterator[Breach]:
    if context.partner is not None and not context.partner.versions.find(claim.guide):
        kind = transaction_of(claim.guide).kind
        yield Breach(
            f"{context.partner.name} takes no {kind} claims ({claim.guide}): its profile names no version of them.",
            f"Set versions.{kind} in the partner's profile once it takes them, or send the claim another way.",
            "guide (GS08, ST03)",
        )


EDITS: tuple[Edit, ...] = (
    Edit(
        id="transaction-not-taken",
        group="payer_rules",
        severity="hold",
        what="The partner that carries the claim takes claims of its kind: professional, institutional or dental.",
        why="A transaction that a partner has not agreed to is rejected whole, with all claims in it.",
        fix="Set the version in the partner's profile once it takes them, or send the claim another way.",
        example="An 837I for a payer whose partner has versions.institutional empty.",
        find_breaches=_check_taken,
    ),
)
"""The edits on what a partner takes."""
