"""The scrubber's rules: every edit in one catalogue, and the one function that runs them all over a claim."""

from collections.abc import Mapping, Sequence
from typing import get_args

from edi.claims import Claim, Guide
from gateway.domain import (
    edits_addresses,
    edits_claim,
    edits_cob,
    edits_cob_sums,
    edits_codes,
    edits_coverage,
    edits_dates,
    edits_dental,
    edits_dental_teeth,
    edits_diagnosis,
    edits_duplicates,
    edits_filing,
    edits_identity,
    edits_institutional,
    edits_institutional_codes,
    edits_institutional_lines,
    edits_lines,
    edits_modifiers,
    edits_money,
    edits_parties,
    edits_payer_rules,
    edits_procedures,
    edits_providers,
    edits_transactions,
)
from gateway.domain.edit_terms import Breach, Edit, EditContext, EditFinding

__all__ = ["EDITS", "Breach", "Edit", "EditContext", "EditFinding", "check", "is_held"]

EDITS: tuple[Edit, ...] = (
    *edits_parties.EDITS,
    *edits_claim.EDITS,
    *edits_lines.EDITS,
    *edits_codes.EDITS,
    *edits_identity.EDITS,
    *edits_addresses.EDITS,
    *edits_coverage.EDITS,
    *edits_dates.EDITS,
    *edits_diagnosis.EDITS,
    *edits_procedures.EDITS,
    *edits_modifiers.EDITS,
    *edits_money.EDITS,
    *edits_providers.EDITS,
    *edits_duplicates.EDITS,
    *edits_filing.EDITS,
    *edits_cob.EDITS,
    *edits_cob_sums.EDITS,
    *edits_institutional.EDITS,
    *edits_institutional_codes.EDITS,
    *edits_institutional_lines.EDITS,
    *edits_dental.EDITS,
    *edits_dental_teeth.EDITS,
    *edits_transactions.EDITS,
    *edits_payer_rules.EDITS,
)
"""The catalogue, in the order in which findings are shown."""

EDITS_OF: Mapping[Guide, tuple[Edit, ...]] = {
    guide: tuple(edit for edit in EDITS if guide in edit.guides) for guide in get_args(Guide)
}
"""For each guide the edits that are run on its claims."""


def check(claim: Claim, context: EditContext) -> list[EditFinding]:
    """All findings of the edits of the claim's guide; [] where nothing is wrong. A rule that raises is a bug, not caught."""
    return [
        EditFinding(
            edit=edit.id,
            severity=breach.severity or edit.severity,
            message=breach.message,
            fix=breach.fix,
            field=breach.field,
            line=breach.line,
        )
        for edit in EDITS_OF[claim.guide]
        for breach in edit.find_breaches(claim, context)
    ]


def is_held(findings: Sequence[EditFinding]) -> bool:
    """Whether any of these findings keeps the claim from leaving."""
    return any(finding.severity == "hold" for finding in findings)
