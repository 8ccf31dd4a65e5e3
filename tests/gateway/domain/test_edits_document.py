"""docs/edits.md says what the catalogue says."""

from pathlib import Path

from gateway.domain.edits import EDITS
from gateway.domain.edits.document import write_document
from gateway.domain.edits.terms import GROUPS

ROOT = Path(__file__).parents[3]


def test_the_page_is_the_one_that_the_program_writes() -> None:
    page = (ROOT / "docs" / "edits.md").read_text(encoding="utf-8")
    assert page == write_document(), "write it again: python -m gateway.domain.edits.document > docs/edits.md"


def test_the_page_has_a_chapter_for_each_group_and_a_row_for_each_edit() -> None:
    page = write_document()
    assert [line[3:] for line in page.splitlines() if line.startswith("## ")] == list(GROUPS.values())
    assert all(page.count(f"\n| `{edit.id}` |") == 1 for edit in EDITS)
    assert all(row.count(" | ") == 6 for row in page.splitlines() if row.startswith("| `"))
