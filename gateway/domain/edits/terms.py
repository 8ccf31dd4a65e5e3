"""The words edits are declared with: an edit, the context it looks at, a breach it finds, the finding it makes."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Literal

import msgspec

from edi.claims import Claim, Guide
from gateway.domain.duplicates import Twin
from gateway.domain.known_codes import NOTHING_KNOWN, KnownCodes
from payers.profile import Partner, Payer

Severity = Literal["hold", "warn"]
Group = Literal[
    "identity", "coverage", "dates", "diagnosis", "procedures", "money", "providers", "cob", "institutional", "dental",
    "duplicates", "timely_filing", "payer_rules",
]  # fmt: skip

GROUPS: Mapping[Group, str] = {
    "identity": "Identity and ids",
    "coverage": "Coverage",
    "dates": "Dates",
    "diagnosis": "Diagnosis",
    "procedures": "Procedures and modifiers",
    "money": "Units and money",
    "providers": "Providers",
    "cob": "Coordination of benefits",
    "institutional": "Institutional",
    "dental": "Dental",
    "duplicates": "Duplicates",
    "timely_filing": "Timely filing",
    "payer_rules": "Payer rules",
}
"""The groups in the order in which they are shown, with their titles."""

ALL_GUIDES: frozenset[Guide] = frozenset({"837P", "837I", "837D"})
PROFESSIONAL: frozenset[Guide] = frozenset({"837P"})
INSTITUTIONAL: frozenset[Guide] = frozenset({"837I"})
DENTAL: frozenset[Guide] = frozenset({"837D"})
WITHOUT_INSTITUTIONAL = ALL_GUIDES - INSTITUTIONAL
WITHOUT_DENTAL = ALL_GUIDES - DENTAL


class EditContext(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit may know beside the claim: the payer's profile (None where none names it), the day, look-alikes, codes.

    `partner` is who carries the claim, where that is known. `duplicates` are the other live claims that bill a service of
    this one. `codes` is what is known of diagnosis and procedure codes; nothing is checked against what is not known.
    """

    payer: Payer | None
    today: date
    duplicates: tuple[Twin, ...] = ()
    codes: KnownCodes = NOTHING_KNOWN
    partner: Partner | None = None


class Breach(msgspec.Struct, frozen=True):
    """One place where a claim breaks an edit: what is wrong, what to do, the document's path, the line (from 1; 0 = none).

    `severity` only where it is not the edit's: a payer's rule says its own.
    """

    message: str
    fix: str
    field: str
    line: int = 0
    severity: Severity | None = None


class EditFinding(msgspec.Struct, frozen=True, kw_only=True):
    """One breach with the edit's name and severity. `message` and `fix` carry no patient data.

    `field` is the path in the claim document, list places counted from 0 as in its JSON form ("lines[2].procedure"), followed
    by loop and element of the 837P in brackets where there is one. `line` counts service lines from 1; 0 = not about a line.
    """

    edit: str
    severity: Severity
    message: str
    fix: str
    field: str
    line: int = 0


class Edit(msgspec.Struct, frozen=True, kw_only=True):
    """One edit: its name, what it demands and why, how a breach is mended, and the rule that finds its breaches.

    `example` is an invented breach in a few words. The rule is run on claims of these `guides` only.
    """

    id: str
    group: Group
    severity: Severity
    what: str
    why: str
    fix: str
    example: str
    guides: frozenset[Guide] = ALL_GUIDES
    find_breaches: Callable[[Claim, EditContext], Iterable[Breach]]
