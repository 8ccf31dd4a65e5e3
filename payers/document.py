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

`[payers] folder` in `config.toml` names the folder. The samples in `payers/` are invented; copy one and change it.
Loading is strict: an unknown key, a missing one or a wrong type is refused with the file, the key and what it should be,
all of them at once. `claimwire payers check` shows what is wrong without starting anything.

Payers are found by the payer id on the claim in any case; the payer with `payer_ids = ["*"]` takes the ids no profile names.

The tables below are written from the program: `python -m payers.document > docs/profiles.md`.
"""


def write_document() -> str:
    """The whole page."""
    parts = [INTRODUCTION, *_write_profile("Partner", "payers/partners/", Partner), *_write_profile("Payer", "payers/", Payer)]
    return "\n".join(parts)


def _write_profile(title: str, folder: str, model: type[BaseModel]) -> Iterator[str]:
    schema = model.model_json_schema()
    yield f"## {title}: `{folder}ID.toml`\n"
    yield f"{_first_line(schema)}\n"
    yield _write_table(schema)
    for key, part in schema["properties"].items():
        table = find_table(part, schema)
        if table is not part:
            brackets = f"[[{key}]]" if part.get("type") == "array" else f"[{key}]"
            yield f"### {title}: `{brackets}`\n"
            yield f"{_first_line(table)}{_say_if_optional(part)}\n"
            yield _write_table(table)


def _write_table(schema: Mapping[str, Any]) -> str:
    rows = ["| key | type | default | what it is | example |", "|---|---|---|---|---|"]
    rows += [_write_row(key, part) for key, part in schema["properties"].items() if find_table(part, schema) is part]
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


def _first_line(schema: Mapping[str, Any]) -> str:
    return str(schema["description"]).partition("\n")[0]


if __name__ == "__main__":
    sys.stdout.write(write_document())
