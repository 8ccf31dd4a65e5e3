"""`claimwire claims recheck` and what an import says of claims that are known otherwise, through the front door."""

import msgspec

from edi.claims import Diagnosis, Party
from tests.gateway.cli.conftest import Run
from tests.support.desk_claims import sample_claim

NOBODY = Party(role="82", is_person=True, last_name="SAMPLE", first_name="TESTA", id_qualifier="XX", id="1999999985")
"""A provider with an NPI whose check digit does not hold."""


def test_held_claims_are_checked_again_one_by_one_or_all(run: Run) -> None:
    claims = [msgspec.structs.replace(sample_claim(number), providers=(NOBODY,)) for number in ("R1", "R2", "R3")]
    run("claims", "import", "-", stdin=b"\n".join(map(msgspec.json.encode, claims)))
    run("run", "scrub")
    one = run("claims", "recheck", "R1", "--reason", "payer id added")
    assert one.out == "Claim R1: recheck done. It is received now, attempt 2, document version 1.\n"
    rest = run("claims", "recheck", "--held", "--reason", "payer id added")
    assert rest.out == "2 held claims are to be checked again by the next scrub.\n"
    assert run("claims", "recheck", "--held", "--reason", "once more", "--json").json == {"reopened": 0, "left": 0}
    refused = run("claims", "recheck", "R1", "--reason", "again")
    assert (refused.code, "the edits look at it next" in refused.err) == (1, True)


def test_recheck_wants_one_claim_or_all_that_are_held(run: Run) -> None:
    for arguments in ((), ("R1", "--held")):
        assert run("claims", "recheck", *arguments, "--reason", "why not").code == 2


def test_a_known_claim_that_came_otherwise_is_a_remark_and_nothing_for_a_person(run: Run) -> None:
    claim = sample_claim("K1")
    run("claims", "import", "-", stdin=msgspec.json.encode(claim))
    changed = msgspec.structs.replace(claim, diagnoses=(Diagnosis(qualifier="ABK", code="J069"),))
    again = run("claims", "import", "-", stdin=msgspec.json.encode(changed))
    assert again.code == 0
    assert "stdin: 0 new, 1 already known, 0 refused, 1 remarks" in again.out
    assert "remark:  stdin, claim K1: it is known as K1 and was not changed, though it came with other diagnoses" in again.out


def test_an_import_says_how_many_claims_and_how_many_findings(run: Run) -> None:
    header = "patient_control_number,payer_id,payer_name,billing_npi,billing_name,billing_tax_id,billing_address,billing_city,"
    header += "billing_state,billing_postal_code,member_id,subscriber_last_name,subscriber_first_name,subscriber_birth_date,"
    header += "subscriber_gender,diagnoses,service_date,procedure,charge"
    ran = run("claims", "import", "-", stdin="\n".join((header, "A1,short", "A1,shorter", "A2,short")).encode())
    assert ran.code == 1
    assert "stdin: 0 new, 0 already known, 2 refused (3 findings)" in ran.out


def test_many_refusals_are_not_all_printed(run: Run) -> None:
    ran = run("claims", "import", "-", stdin=b"\n".join([b"{}"] * 250))
    assert ran.out.count("  refused: ") == 100
    assert "and 150 more refusals; --json shows the first 2000 of a file" in ran.out
