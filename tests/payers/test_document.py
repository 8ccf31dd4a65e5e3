"""docs/profiles.md says what the models say."""

from pathlib import Path

from payers.document import write_document
from payers.profile import Partner, Payer

ROOT = Path(__file__).parents[2]


def test_the_page_on_profiles_is_the_one_the_models_give() -> None:
    page = (ROOT / "docs" / "profiles.md").read_text(encoding="utf-8")
    assert page == write_document(), "write it again: python -m payers.document > docs/profiles.md"


def test_every_key_has_a_row_with_what_it_is() -> None:
    page = write_document()
    for model in (Partner, Payer):
        for key, field in model.model_fields.items():
            assert f"| `{key}` |" in page or f"[{key}]" in page
            assert field.description or f"[{key}]" in page
    assert "|  |" not in page
