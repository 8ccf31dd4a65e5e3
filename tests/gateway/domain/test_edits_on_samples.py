"""What the edits on bills, dental claims and other payers say of the public samples: each file, and why it says so."""

from datetime import date

import pytest

from edi.claims import Claim
from gateway.domain.edits import EDITS, check
from gateway.domain.edits.terms import EditContext
from gateway.pipeline.claim_files import read_claims
from tests.support.sets import CORPUS

OWN = {edit.id for edit in EDITS if edit.group in {"cob", "institutional", "dental"}}
NO_TYPE_OF_BILL = ["bill-frequency", "bill-type-form"]
ONE_DAY = "statement-dates"
"""DTP*434 gives one day, where the guide has two: no period can be read."""

SAID: dict[str, list[list[str]]] = {
    # The outpatient bill of the guide's own examples, but for its one day.
    "837I/LinuxForHealth__x12__demo.837i": [[ONE_DAY]],
    "837I/LinuxForHealth__x12__two-claims-single-provider.837i": [[], []],
    # ISA16 names another separator than CLM05 uses: the whole of 13>A>1 stands where the first two digits belong.
    "837I/LinuxForHealth__x12__out-of-network-repriced-claim.837i": [NO_TYPE_OF_BILL],
    "837I/LinuxForHealth__x12__ppo-repriced-claim.837i": [NO_TYPE_OF_BILL],
    # Put together from a professional claim: a place of service (B), one day, no attending provider, ICD-9 without the
    # admitting diagnosis, and still a patient (30) on a whole stay (111). Its source 7 was given up in 2010.
    "837I/imsweb__x12-parser__x223-test.txt": [
        [
            "admission-hour", "admission-source-known", "admitting-diagnosis-missing", "attending-provider-missing",
            "bill-type-form", "discharge-hour", "final-status", "present-on-admission-missing", ONE_DAY,
        ]
    ],
    # CLM has an element too few, so that all from CLM05 on stand one place early: CLM05 is A alone. RD8 has one day.
    "837I/kreddys__edi-lens__837I.test.0001.edi": [[*NO_TYPE_OF_BILL, ONE_DAY]] * 2,
    "837D/moov-io__x12__sample.txt": [[]],
    # The guide's examples of coordination of benefits balance; of one the file leaves out the other payer's name.
    "837P/LinuxForHealth__x12__demo.cob.2ndary.example4.837": [[]],
    "837P/LinuxForHealth__x12__demo.cob.example3.A.837": [["cob-other-payer"]],
    "837P/LinuxForHealth__x12__demo.cob.example3.B.837": [[]],
    "837P/LinuxForHealth__x12__demo.cob.example3.C.837": [[]],
    "837P/LinuxForHealth__x12__demo.cob.example4.837": [[]],
    # A test of everything at once: two first payers of one id, and a line decided on by nobody the claim names, not in balance.
    "837P/imsweb__x12-parser__x12_complex.txt": [
        ["cob-other-payer", "cob-sequence"], ["cob-line-balance", "cob-line-payer"], [],
    ] * 2,
}  # fmt: skip


def said_of(path: str) -> list[list[str]]:
    """The edits that object to each claim of a sample, sorted."""
    context = EditContext(payer=None, today=date(2026, 3, 2))
    claims = [item for item in read_claims([(CORPUS / path).read_bytes()]) if isinstance(item, Claim)]
    return [sorted({finding.edit for finding in check(claim, context)} & OWN) for claim in claims]


@pytest.mark.parametrize("path", SAID)
def test_the_samples_are_judged_as_they_deserve(path: str) -> None:
    assert said_of(path) == SAID[path]


def test_every_institutional_and_dental_sample_that_can_be_read_is_judged_here() -> None:
    readable = {
        f"{folder}/{file.name}"
        for folder in ("837I", "837D")
        for file in (CORPUS / folder).iterdir()
        if any(isinstance(item, Claim) for item in read_claims([file.read_bytes()]))
    }
    assert readable == {path for path in SAID if not path.startswith("837P")}
    assert readable


def test_no_other_professional_sample_has_other_payers_that_do_not_agree() -> None:
    objected = {f"837P/{file.name}" for file in (CORPUS / "837P").iterdir() if any(said_of(f"837P/{file.name}"))}
    assert objected == {path for path, said in SAID.items() if path.startswith("837P") and any(said)}
