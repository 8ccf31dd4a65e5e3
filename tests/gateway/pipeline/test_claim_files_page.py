"""What docs/claim-files.md shows is read, and what is read is in docs/claim-files.md."""

import json
import re
from datetime import date
from pathlib import Path

import msgspec
import pytest

from edi.claims import (
    Address,
    Adjustment,
    Claim,
    Contact,
    Coverage,
    Diagnosis,
    Guide,
    LineAdjudication,
    OtherPayer,
    Party,
    Reference,
    ServiceLine,
)
from edi.transactions.t837 import transaction_of
from gateway.domain.edits import check
from gateway.domain.edits.terms import EditContext
from gateway.pipeline import claim_csv, claim_json
from gateway.pipeline.intake import number_lines
from payers.profile import SAMPLES, load
from tests.support.professional import RECEIVER, SUBMITTER

PAGE = (Path(__file__).parents[3] / "docs" / "claim-files.md").read_text(encoding="utf-8")
DOCUMENTS = (
    Claim,
    Party,
    Address,
    Contact,
    Reference,
    Coverage,
    Diagnosis,
    ServiceLine,
    OtherPayer,
    Adjustment,
    LineAdjudication,
)


def example(form: str) -> bytes:
    """The page's example of this form."""
    found = re.search(rf"```{form}\n(.*?)```", PAGE, re.DOTALL)
    assert found, f"the page shows no {form}"
    return found[1].encode()


def test_the_csv_example_is_two_claims() -> None:
    first, second = claim_csv.read([example("csv")])
    assert isinstance(first, Claim)
    assert isinstance(second, Claim)
    assert (first.charge_cents, len(first.lines), first.lines[0].modifiers) == (14350, 2, ("25",))
    assert (second.charge_cents, second.payer.id, second.diagnoses[0].code) == (8000, "BHH01", "J069")
    assert second.coverage.claim_filing_indicator == "", "the payer's profile says it"


def test_the_json_example_is_a_claim() -> None:
    (claim,) = claim_json.read([example("json")])
    assert isinstance(claim, Claim)
    assert claim.charge_cents == sum(line.charge_cents for line in claim.lines)


@pytest.mark.parametrize(("place", "guide"), [(0, "837P"), (1, "837I"), (2, "837D")])
def test_the_json_example_of_each_guide_is_sound_but_for_warnings(place: int, guide: Guide) -> None:
    """No edit holds it, and its guide finds nothing in it."""
    text = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[place]
    (claim,) = claim_json.read([text.encode()])
    assert isinstance(claim, Claim)
    payer = load(SAMPLES).find_payer(claim.payer.id)
    findings = check(claim, EditContext(payer=payer, today=date(2026, 3, 2)))
    assert (claim.guide, [finding.edit for finding in findings if finding.severity == "hold"]) == (guide, [])
    assert transaction_of(guide).check(number_lines(claim), SUBMITTER, RECEIVER) == []


def test_one_claim_a_line_is_read_like_one_document() -> None:
    line = json.dumps(json.loads(example("json"))).encode()
    assert list(claim_json.read([line + b"\n" + line])) == list(claim_json.read([example("json")])) * 2


def test_every_column_is_on_the_page() -> None:
    missing = [column for column in (*claim_csv.REQUIRED, *claim_csv.OPTIONAL) if f"`{column}`" not in PAGE]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.__name__)
def test_every_field_is_in_its_table(document: type[msgspec.Struct]) -> None:
    """Each document's section lists its fields, the required ones with a star."""
    section = re.search(rf"^### {document.__name__}\b.*?(?=^### |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert section, f"no section on {document.__name__}"
    listed = re.findall(r"^\| `(\w+)`( \*)? \|", section[0], re.MULTILINE)
    fields = [(field.name, " *" if field.required else "") for field in msgspec.structs.fields(document)]
    assert sorted(listed) == sorted(fields)
