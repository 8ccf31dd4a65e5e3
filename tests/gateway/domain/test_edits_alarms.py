"""No false alarms: sound invented claims pass every edit, and what edits say of collected sample files is explained."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from edi.catalogue import find_transaction
from edi.claims import Claim
from edi.interchange import Reader
from gateway.domain.claim_places import find_last_service
from gateway.domain.edits import EditContext, check
from gateway.sandbox.invented import invent
from payers.profile import SAMPLES, load
from tests.gateway.domain.samples import PAYER, TODAY
from tests.support.sets import CORPUS, corpus_rows

LENIENT = PAYER.model_copy(update={"member_id_pattern": "", "payer_ids": ("*",)})
CLAIMS_A_FILE = 25

ROWS = [pytest.param(row, id=row["path"]) for row in corpus_rows("837P/")]

EXPLAINED = {
    "rendering-provider-missing": "most samples bill for an organisation and name nobody",
    "npi-check-digit": "samples count up digits instead of computing one",
    "npi-first-digit": "a wheelchair supplier numbered 777...",
    "billing-zip-format": "five digits, as 4010 had them",
    "facility-zip-format": "the same",
    "zip-format": "an invented ZIP code",
    "zip-placeholder": "four zeros behind the ZIP code",
    "zip-state": "Missouri with a ZIP code of California, Pennsylvania with one of Maryland",
    "state": "digits for a state",
    "billing-state": "a damaged file",
    "billing-address-missing": "a damaged file",
    "billing-npi-missing": "a damaged file",
    "tax-id-placeholder": "123456789",
    "tax-id-format": "hyphens",
    "tax-id-missing": "a damaged file",
    "tax-id-twice": "a damaged file",
    "taxonomy-format": "the first four characters alone",
    "taxonomy-ending": "invented words",
    "npi-two-kinds": "one invented number for everyone",
    "npi-two-persons": "one invented number for everyone",
    "provider-name-missing": "a damaged file",
    "provider-role-twice": "a parser's test with everything twice",
    "name-missing": "a damaged file",
    "name-placeholder": "TEST as first name",
    "member-id-missing": "a damaged file",
    "medicare-id-format": "numbers of before 2020",
    "patient-relationship": "the relationship is left out",
    "patient-not-person": "a damaged file",
    "patient-address-missing": "left out in a parser's tests",
    "birth-date-missing": "left out in a parser's tests",
    "gender-format": "left out in a parser's tests",
    "diagnosis-missing": "left out in a parser's tests",
    "diagnosis-format": "ICD-9-CM for a service of 2020",
    "procedure-format": "invented words, or the code left out",
    "pointer-missing": "left out",
    "pointer-range": "pointers without diagnoses",
    "charge-sum": "invented amounts",
    "frequency": "CLM05-3 is empty",
    "service-date-missing": "a damaged file",
    "line-repeated": "one service three times without a modifier",
    "line-date-order": "last seen years after the service",
    "event-date-future": "admitted years after the service",
    "facility-missing": "an inpatient and no hospital",
    "drug-code-format": "an NDC of seven digits",
    "release-of-information": "CLM09 is empty",
    "assignment-unknown": "CLM07 is empty",
    "benefits-assigned": "CLM08 is empty",
    "cob-other-payer": "an earlier payer left out, or three with one number",
    "cob-paid-date-order": "a decision from before the service",
    "cob-sequence": "two payers in one place",
    "cob-line-payer": "a decision of a payer that the claim does not name",
    "cob-line-balance": "invented amounts",
}
"""What edits find in the collected professional claims, and why they are right."""


def claims_of(row: dict[str, str]) -> Iterator[Claim]:
    """The first claims of a collected file."""
    for tset in Reader([(CORPUS / row["path"]).read_bytes()]):
        transaction = find_transaction(tset)
        documents = (part.document for part in transaction.read_parts(tset)) if transaction else ()
        yield from (document for document in documents if isinstance(document, Claim))


@pytest.mark.parametrize("row", ROWS)
def test_what_edits_find_in_collected_claims_is_explained(row: dict[str, str]) -> None:
    """Each claim is judged ten days after its last service."""
    found: set[str] = set()
    for count, claim in enumerate(claims_of(row)):
        if count == CLAIMS_A_FILE:
            break
        today = (find_last_service(claim) or TODAY) + timedelta(days=10)
        found |= {finding.edit for finding in check(claim, EditContext(payer=LENIENT, today=today))}
    assert found <= set(EXPLAINED)


def test_sound_invented_claims_pass_every_edit_and_spoilt_ones_fail_by_their_defect_alone() -> None:
    profiles = load(SAMPLES)
    for one in invent(1500, seed=41, payers=tuple(profiles.payers.values()), today=date(2026, 11, 20)):
        context = EditContext(payer=profiles.find_payer(one.claim.payer.id), today=date(2026, 11, 20))
        found = {finding.edit for finding in check(one.claim, context)}
        assert found == ({one.defect} - {"", "duplicate-claim"})
