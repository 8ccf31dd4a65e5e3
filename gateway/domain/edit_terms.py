"""The words edits are declared with: an edit, the context it looks at, a breach it finds, the finding it makes."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Literal

import msgspec

from edi.claims import Claim
from gateway.domain.known_codes import NOTHING_KNOWN, KnownCodes
from payers.profile import Payer

Severity = Literal["hold", "warn"]
Group = Literal["providers", "patient", "payer", "diagnoses", "claim", "lines", "dates"]


class EditContext(msgspec.Struct, frozen=True, kw_only=True):
    """What an edit may know beside the claim: the payer's profile (None where none names it), the day, look-alikes, codes.

    `duplicates` are the patient control numbers of other live claims for the same services. `codes` is what is known of
    diagnosis and procedure codes; nothing is checked against what is not known.
    """

    payer: Payer | None
    today: date
    duplicates: tuple[str, ...] = ()
    codes: KnownCodes = NOTHING_KNOWN


class Breach(msgspec.Struct, frozen=True):
    """One place where a claim breaks an edit: what is wrong, what to do, the document's path, the line (from 1; 0 = none)."""

    message: str
    fix: str
    field: str
    line: int = 0


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
    """One edit: its name, what it demands and why, and the rule that finds its breaches."""

    id: str
    group: Group
    severity: Severity
    what: str
    why: str
    find_breaches: Callable[[Claim, EditContext], Iterable[Breach]]
