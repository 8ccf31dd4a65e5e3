"""docs/edits.md, written from the catalogue so that it cannot say what the program does not do.

python -m gateway.domain.edits.document > docs/edits.md
"""

import sys
from collections.abc import Iterator

from gateway.domain.edits import EDITS
from gateway.domain.edits.terms import ALL_GUIDES, GROUPS, Edit, Group

INTRODUCTION = """\
# Edits

What a claim is checked for before it leaves. **hold** keeps the claim until a person has corrected or released it; **warn** is
said and lets it go. Each edit looks at claims of the guides that it names: 837P professional, 837I institutional, 837D dental.

`claimwire edits list` and `claimwire edits show ID` say the same on the command line, `claimwire claims show` says which edits
object to a claim, where and why, and `claimwire claims recheck` has them look again. What a single payer wants beside these
stands in its profile: see [profiles](profiles.md). What is late, or lies in the future, is told by the calendar of the
partner that carries the claim (`timetable.time_zone`).

The tables below are written from the program: `python -m gateway.domain.edits.document > docs/edits.md`.
"""


def write_document() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, _write_overview(), *(_write_group(group) for group in GROUPS if _edits_of(group))])


def describe_guides(edit: Edit) -> str:
    """The guides of an edit as people read them."""
    return "all" if edit.guides == ALL_GUIDES else ", ".join(sorted(edit.guides, reverse=True))


def _edits_of(group: Group) -> list[Edit]:
    return [edit for edit in EDITS if edit.group == group]


def _write_overview() -> str:
    rows = [f"| [{title}](#{_anchor(title)}) | {len(_edits_of(group))} |" for group, title in GROUPS.items() if _edits_of(group)]
    return "\n".join(["| group | edits |", "|---|---|", *rows, f"| all | {len(EDITS)} |", ""])


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _write_group(group: Group) -> str:
    rows = ["| id | severity | guides | what | why | how to fix | example |", "|---|---|---|---|---|---|---|"]
    rows += ["| " + " | ".join(_cells(edit)) + " |" for edit in _edits_of(group)]
    return f"## {GROUPS[group]}\n\n" + "\n".join(rows) + "\n"


def _cells(edit: Edit) -> Iterator[str]:
    yield f"`{edit.id}`"
    yield edit.severity
    yield describe_guides(edit)
    for text in (edit.what, edit.why, edit.fix, edit.example):
        yield text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(write_document())
