"""The scrubber's rules: every edit in one catalogue, and the one function that runs them all over a claim."""

from collections.abc import Mapping, Sequence
from typing import get_args

import msgspec

from edi.claims import Claim, Guide
from gateway.domain.completion import complete, list_filled
from gateway.domain.edits import (
    addresses,
    claim,
    cob,
    cob_sums,
    codes,
    coverage,
    dates,
    dental,
    dental_teeth,
    diagnosis,
    duplicates,
    filing,
    identity,
    institutional,
    institutional_codes,
    institutional_lines,
    lines,
    modifiers,
    money,
    parties,
    payer_rules,
    procedures,
    providers,
    transactions,
)
from gateway.domain.edits.terms import Breach, Edit, EditContext, EditFinding

__all__ = ["EDITS", "Breach", "Edit", "EditContext", "EditFinding", "check", "is_held"]

EDITS: tuple[Edit, ...] = (
    *parties.EDITS,
    *claim.EDITS,
    *lines.EDITS,
    *codes.EDITS,
    *identity.EDITS,
    *addresses.EDITS,
    *coverage.EDITS,
    *dates.EDITS,
    *diagnosis.EDITS,
    *procedures.EDITS,
    *modifiers.EDITS,
    *money.EDITS,
    *providers.EDITS,
    *duplicates.EDITS,
    *filing.EDITS,
    *cob.EDITS,
    *cob_sums.EDITS,
    *institutional.EDITS,
    *institutional_codes.EDITS,
    *institutional_lines.EDITS,
    *dental.EDITS,
    *dental_teeth.EDITS,
    *transactions.EDITS,
    *payer_rules.EDITS,
)
"""The catalogue, in the order in which findings are shown."""

EDITS_OF: Mapping[Guide, tuple[Edit, ...]] = {
    guide: tuple(edit for edit in EDITS if guide in edit.guides) for guide in get_args(Guide)
}
"""For each guide the edits that are run on its claims."""


def check(claim: Claim, context: EditContext) -> list[EditFinding]:
    """All findings of the edits of the claim's guide; [] where nothing is wrong. A rule that raises is a bug, not caught.

    The claim is judged as it is sent, with what the payer's profile fills in; a finding about that says where it comes from.
    """
    completed = complete(claim, context.payer)
    filled = list_filled(claim, completed)
    findings = _find_all(completed, context)
    return [_tell_filled(finding) if finding.field.partition(" ")[0] in filled else finding for finding in findings]


def _tell_filled(finding: EditFinding) -> EditFinding:
    message = f"{finding.message} The claim leaves it empty, and the payer's profile fills it in."
    return msgspec.structs.replace(finding, message=message)


def _find_all(claim: Claim, context: EditContext) -> list[EditFinding]:
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
