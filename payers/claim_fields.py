"""The documented fields of a claim, by which the rules in profiles speak of it; docs/claim-fields.md is written from them.

python -m payers.claim_fields > docs/claim-fields.md
"""

import re
import sys
from difflib import get_close_matches
from functools import cache

from edi.claims import Claim, ServiceLine
from payers.field_terms import GUIDES, ClaimField, Setting, Values
from payers.line_fields import LINE_FIELDS, find_line_date, find_line_number
from payers.party_fields import NUMBERED_PARTIES, PARTY_FIELDS, find_party_number
from payers.whole_claim_fields import DAY_FORM, WHOLE_CLAIM_FIELDS, declare, read_dates, read_numbers

__all__ = ["FIELDS", "ClaimField", "find_field", "read_field", "say_unknown", "write_document"]

NO_LINE = ServiceLine(charge_cents=0, procedure="")
"""The line that a claim's own field is read with: none is looked at."""

FIELDS: dict[str, ClaimField] = {field.name: field for field in (*WHOLE_CLAIM_FIELDS, *PARTY_FIELDS, *LINE_FIELDS)}
"""Every field with a name of its own, by name. Further ones are named with a qualifier: see find_field."""

_QUALIFIED = re.compile(r"(?P<whose>[a-z_]+)\.(?P<kind>reference|date)\.(?P<qualifier>[A-Z0-9]{2,3})")


@cache
def find_field(name: str) -> ClaimField | None:
    """The field of this name, those named with a qualifier of a REF or a DTP included; None where there is none."""
    if name in FIELDS:
        return FIELDS[name]
    found = _QUALIFIED.fullmatch(name)
    if found is None:
        return None
    whose, kind, qualifier = found.groups()
    if kind == "reference":
        return _find_number(whose, qualifier)
    if whose == "line":
        return find_line_date(qualifier)
    if whose == "claim":
        return declare(
            name, f"date of kind {qualifier}", f"2300 DTP*{qualifier}", read_dates(qualifier), path="dates", form=DAY_FORM
        )
    return None


def _find_number(whose: str, qualifier: str) -> ClaimField | None:
    if whose == "line":
        return find_line_number(qualifier)
    if whose == "claim":
        return declare(
            f"claim.reference.{qualifier}",
            f"number of kind {qualifier}",
            f"2300 REF*{qualifier}",
            read_numbers(qualifier),
            path="references",
        )
    return find_party_number(whose, qualifier)


def read_field(name: str, claim: Claim, line: ServiceLine | None = None) -> Values:
    """Every value of a field; a line's field of that line. Raises KeyError for a name that no field has."""
    field = find_field(name)
    if field is None:
        raise KeyError(name)
    return field.read(claim, line or NO_LINE)


def say_unknown(name: str) -> str:
    """What to say of a name that no field has."""
    close = get_close_matches(name, FIELDS, n=1, cutoff=0.6)
    meant = f"did you mean {close[0]}?" if close else "the fields are listed there"
    return f"no field of docs/claim-fields.md is called {name}; {meant}"


INTRODUCTION = """\
# Claim fields

The rules in a payer's profile (`docs/profiles.md`) speak of a claim by the fields below: conditions ask for their values,
demands name them, and `set` writes some of them.

- A field has every value that the claim has of it, as text: three modifiers are three values of `line.modifier`. What is
  empty or not there is no value at all.
- Amounts are written `120.00`, days `2026-02-20`, quantities `1` or `2.5`; codes as the claim has them.
- The claim is asked about as it is sent: as the replacement or void that it goes out as, with the kind of insurance and the
  payer's name of the profile where the claim leaves them empty, and the payer's id as the profile spells it. Our own numbers
  (CLM01, REF*D9) and what the profile makes of ids and names on the way (`sent_payer_id`, `sent_name`) come later.
- A rule with a field of a line is judged line by line.
- *ranges* says of which fields a rule may list a range: codes whose order means something, such as `"99202-99215"`, and ZIP
  codes. Of any other field `"100-200"` is a text like others, say the number of a group.
- *settable* says what `set` may write: `any` a text of your own, `""` nothing, and the named forms `=upper` (capitals),
  `=digits` (its digits alone) and `=strip` (its letters and digits alone). Nothing that is clinical, an amount or a day of
  service can be set, nor who the patient is; a member id can only be tidied. What differs from practice to practice needs a
  condition on `billing_provider.npi`.
- Numbers and days without a name of their own are named by their qualifier (REF01, DTP01): `claim.reference.EA`,
  `line.reference.9B`, `claim.date.439`, `line.date.607`, and for PARTY one of PARTIES `PARTY.reference.G2`;
  `billing_provider.reference.*` can be set.

The tables are written from the program: `python -m payers.claim_fields > docs/claim-fields.md`.
"""

_TITLES = {
    "claim": "The claim",
    "coverage": "The coverage",
    "billing_provider": "The billing provider",
    "pay_to": "The pay-to address",
    "subscriber": "The subscriber",
    "patient": "The patient",
    "payer": "The payer",
    "rendering_provider": "Other providers",
    "other_payer": "Other payers",
    "diagnosis": "Diagnoses",
    "line": "Service lines",
}


_HEAD = ("| field | what it is | place | guides | ranges | settable |", "|---|---|---|---|---|---|")


def write_document() -> str:
    """The whole page."""
    parties = ", ".join(f"`{party}`" for party in NUMBERED_PARTIES)
    parts = [INTRODUCTION.replace("PARTIES", parties)]
    rows: dict[str, list[str]] = {title: [] for title in _TITLES.values()}
    for field in FIELDS.values():
        rows[_TITLES.get(field.name.partition(".")[0], "Other providers")].append(_write_row(field))
    for title, each in rows.items():
        parts += [f"## {title}\n", *_HEAD, *each, ""]
    return "\n".join(parts)


def _write_row(field: ClaimField) -> str:
    guides = "all" if field.guides == GUIDES else ", ".join(sorted(field.guides))
    ranges = "yes" if field.has_ranges else ""
    return f"| `{field.name}` | {field.what} | {field.place} | {guides} | {ranges} | {describe_setting(field.setting)} |"


def describe_setting(setting: Setting | None) -> str:
    """What may be set, in a few words; '' where nothing may."""
    if setting is None:
        return ""
    given = [
        *(["one of its codes" if setting.choice else "any"] if setting.constant else []),
        *(['`""`'] if setting.blank else []),
        *(f"`={form}`" for form in setting.forms),
    ]
    return ", ".join(given)


if __name__ == "__main__":
    sys.stdout.write(write_document())
