"""A claim is held where its partner takes no claims of its kind, and the key of the profile that would take them is named."""

import pytest

from edi.claims import Guide
from gateway.domain.edits.terms import EditContext
from gateway.domain.edits.transactions import EDITS
from payers.partner import Versions
from payers.profile import SAMPLES, load
from tests.gateway.domain.samples import PAYER, TODAY, make_claim

(EDIT,) = EDITS
MERIDIAN = load(SAMPLES).partners["meridian"]


def find_messages(guide: Guide, versions: Versions) -> list[str]:
    context = EditContext(payer=PAYER, today=TODAY, partner=MERIDIAN.model_copy(update={"versions": versions}))
    return [f"{breach.message} {breach.fix}" for breach in EDIT.find_breaches(make_claim(guide=guide), context)]


@pytest.mark.parametrize(("guide", "key"), [("837P", "professional"), ("837I", "institutional"), ("837D", "dental")])
def test_a_kind_without_a_version_is_held_and_its_key_named(guide: Guide, key: str) -> None:
    (message,) = find_messages(guide, Versions(professional="", institutional="", dental=""))
    assert f"versions.{key}" in message
    assert "Meridian Exchange" in message


@pytest.mark.parametrize("guide", ["837P", "837I", "837D"])
def test_a_kind_with_a_version_passes(guide: Guide) -> None:
    versions = Versions(professional="005010X222A1", institutional="005010X223A2", dental="005010X224A2")
    assert find_messages(guide, versions) == []


def test_without_a_partner_nothing_is_said() -> None:
    claim = make_claim(guide="837I")
    assert list(EDIT.find_breaches(claim, EditContext(payer=PAYER, today=TODAY))) == []
