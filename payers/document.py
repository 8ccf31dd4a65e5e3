"""docs/profiles.md, written from the models so that it cannot say what the program does not do.

python -m payers.document > docs/profiles.md
"""

import sys
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from payers.profile import Partner, Payer
from payers.strict import describe_form, find_table, show_value

INTRODUCTION = """\
# Profiles

A payer's or partner's oddity is data: a key in its profile, never a line of code. A set of profiles is a folder:

```
payers/               one TOML file for each payer: who it is on a claim, and the rules a claim must meet
payers/partners/      one TOML file for each trading partner: how to reach it, and which answers it sends
```

`[payers] folder` in `config.toml` names the folder; a file whose name begins with a dot is passed over. The samples in `payers/`
are invented; copy one and change it.
Loading is strict: an unknown key, a missing one or a wrong type is refused with the file, the key and what it should be,
all of them at once. `claimwire payers check` shows what is wrong without starting anything.

Payers are found by the payer id on the claim in any case; the payer with `payer_ids = ["*"]` takes the ids no profile names.

## When a profile changes

`claimwire serve` looks before each job whether a file of the set changed, and goes by the new set from that job on: no restart
is needed. A file that is wrong becomes a work item, with the key and what it should be; until it is mended, what the file said
when it was last right stays in force, and the other files change all the same. Where the files do not fit together any more
(a payer that names a partner which is gone, an id that two payers claim, a folder that two partners would take their answers
from), those concerned stay as they were; where the folder cannot be listed, all do. A file in which nothing was ever right is
left out. Claims that are ready and have not left are checked again by the new set, without a word of
yours; those that a person released stay released, and those that are held wait for `claimwire claims recheck`. What is in a
file of claims already goes to the partner it was made for, by that partner's present profile; a batch that waits for a partner
without any profile, and answers due from one, are work items. `claimwire run`, and whatever else judges or sends
claims, reads everything when it starts and refuses a set that is wrong; commands that look or settle leave out what is wrong and
say so.

## When files go and answers are looked for

Without `cutoffs`, claims go at every turn of the schedule. With them, the files for a cutoff are made once, `lead_minutes` before
it, from the claims that had come by then. One that cannot go yet, because the edits are still to look at it or because no file
can be built by the partner's profile, keeps the cutoff open: it is tried again until the claim has left or is held. What comes in
later waits for the next cutoff. `claimwire payers show PARTNER` says when that is and what would go; `claimwire run --now` does
not wait.

- Times are the partner's own, by `time_zone`. A time that the clocks skip in spring is due at the first instant after the gap;
  one that they show twice in autumn is due once, the first time. Two cutoffs that fall on one instant that way are one.
- There are no cutoffs on days that are not among `days`, on the days US federal offices are closed (a holiday on Saturday is kept
  on Friday, one on Sunday on Monday) unless `holidays = "none"`, and on the days of `closed_on`.
- A cutoff that passed while nothing ran, with claims that were ready for it, is caught up with as soon as something runs: the
  claims go at once, not at the next cutoff, and a work item says which cutoff they missed. So is one whose files were made and
  did not arrive in time. A claim that was held, or corrected, when the cutoff came did not miss it.
- `poll_times` hold on every day of the week, for answers come on holidays too. A poll time lasts until a look that succeeded and
  left nothing behind that was still arriving, so a partner that could not be reached then is asked again and again after it.
- Several daemons on one database share the work: each cutoff makes its files once, whoever comes first; should that one die over
  it, another takes over after two minutes.

The tables below are written from the program: `python -m payers.document > docs/profiles.md`.
"""

RULE_EXAMPLE = """\
### How a rule is written

A rule says when it holds (`when`, `unless`, `guides`, days of service) and what it demands then (`require`, `forbid`, `match`,
`one_of`, `include`) or what is repaired (`set`). Fields are those of `docs/claim-fields.md`; their names stand in quotes.

- Each condition of `when` must hold, and none of `unless`. A condition holds where one of the field's values is in its list. A
  value there may have `*` for any characters and `?` for one; may be a range such as `"99202-99215"`, of fields that have
  ranges in `docs/claim-fields.md`; and `""` means that the field is empty.
- `match` and `one_of` judge every value that there is; what is empty is not judged. Say `require` as well where it must be there.
  `include` wants one of the values listed, whatever others there are.
- A rule with a field of a line is judged line by line, and what it finds names the line.
- `set` repairs a claim before it is checked: the repaired document is a new version of the claim, and the claim's history says
  which rule changed which field. Only what `docs/claim-fields.md` calls settable can be set: nothing clinical, no amount, no day.
- A void (frequency 8) says what the payer has already. About voids only those rules are asked whose `when` names them:
  `"claim.frequency" = ["8"]`, or `"claim.type_of_bill"` with values that end in 8. `set` repairs none, and the profile's
  `required`, `forbidden` and `patterns` are not asked about them.
- A rule that cannot be applied to a claim holds it, with the reason.
- `examples` are tested when the profile is loaded, so that a rule does what its writer thinks.
- `claimwire payers check` refuses what could never work: unknown fields, demands that contradict, conditions that never hold.
  `claimwire edits backtest RULES.toml` tries rules on the claims that were sent already.

```toml
[[rules]]
id = "office-visit-authorization"
what = "An office visit by telehealth has no prior authorization."
fix = "Ask the payer for the number, and give it on the claim."
when = { "line.procedure" = ["99202-99215"], "line.place_of_service" = ["02", "10"] }
unless = { "line.modifier" = ["G0"] }
guides = ["837P"]
effective_from = "2026-01-01"
require = ["claim.prior_authorization"]
match = { "claim.prior_authorization" = '[0-9]{8}' }

[rules.examples]
breaks = { "line.procedure" = ["99213"], "line.place_of_service" = ["02"] }
fits = { "line.procedure" = ["99213"], "line.place_of_service" = ["02"], "claim.prior_authorization" = ["00000017"] }

[[rules]]
id = "medicare-line-of-business"
what = "The kind of insurance is not the one of the Medicare plan."
fix = "Nothing: it is repaired."
when = { "payer.id" = ["BHH02"] }
set = { "coverage.claim_filing_indicator" = "16", "coverage.group_number" = "=strip" }
```
"""


def write_document() -> str:
    """The whole page."""
    parts = [INTRODUCTION, *_write_profile("Partner", "payers/partners/", Partner), *_write_profile("Payer", "payers/", Payer)]
    return "\n".join(parts)


def _write_profile(title: str, folder: str, model: type[BaseModel]) -> Iterator[str]:
    schema = model.model_json_schema()
    yield f"## {title}: `{folder}ID.toml`\n"
    yield f"{_say_what(schema)}\n"
    yield _write_table(schema, schema)
    yield from _write_tables(title, schema, schema)
    if model is Payer:
        yield RULE_EXAMPLE


def _write_tables(title: str, schema: Mapping[str, Any], root: Mapping[str, Any], above: str = "") -> Iterator[str]:
    """The tables in a table, each with those in it: [timely_filing], [[rules]], [rules.examples]."""
    for key, part in schema["properties"].items():
        table = find_table(part, root)
        if table is part:
            continue
        brackets = f"[[{above}{key}]]" if part.get("type") == "array" else f"[{above}{key}]"
        yield f"### {title}: `{brackets}`\n"
        yield f"{_say_what(table)}{_say_if_optional(part)}\n"
        yield _write_table(table, root)
        yield from _write_tables(title, table, root, f"{above}{key}.")


def _write_table(schema: Mapping[str, Any], root: Mapping[str, Any]) -> str:
    rows = ["| key | type | default | what it is | example |", "|---|---|---|---|---|"]
    rows += [_write_row(key, part) for key, part in schema["properties"].items() if find_table(part, root) is part]
    return "\n".join(rows) + "\n"


def _write_row(key: str, part: Mapping[str, Any]) -> str:
    default = f"`{_show_default(part['default'])}`" if "default" in part else "required"
    examples = part.get("examples") or [part["default"]]
    cells = (f"`{key}`", describe_form(part), default, part.get("description", ""), f"`{show_value(examples[0])}`")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _show_default(value: object) -> str:
    return '"never"' if value is None else show_value(value)


def _say_if_optional(part: Mapping[str, Any]) -> str:
    return f" Optional: {part['description']}." if "description" in part else ""


def _say_what(schema: Mapping[str, Any]) -> str:
    return str(schema["description"]).partition("\n")[0]


if __name__ == "__main__":
    sys.stdout.write(write_document())
