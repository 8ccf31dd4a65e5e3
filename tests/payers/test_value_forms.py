"""A value that would only hurt once claims leave is refused when the profile is read: with its key, and what is right."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from payers.checks import check_payer
from payers.partner import Partner
from payers.payer import Payer
from payers.profile import SAMPLES, load
from payers.strict import list_problems

PROFILES = load(SAMPLES)
SENT = "printable ASCII, no blank at either end"
PLAIN = "no blank at either end, no control character"
HOST = "a name or an address alone, without sftp:// and port"
NAMES = "printable ASCII without / and \\"


def find_problems(profile: BaseModel, key: str, value: object) -> list[tuple[str, str]]:
    """What is said of a profile with this value under this dotted key."""
    document: dict[str, Any] = profile.model_dump(exclude_defaults=True)
    *tables, last = key.split(".")
    table = document
    for name in tables:
        table = table[name]
    table[last] = value
    try:
        type(profile).model_validate(document)
    except ValidationError as error:
        return list_problems(error, type(profile))
    return []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("submitter.name", "   ", SENT),
        ("submitter.id", "  ", SENT),
        ("submitter.id", "AB ", SENT),
        ("submitter.contact", "Claims\x07 Desk", SENT),
        ("submitter.name", "Sample\u2028Billing", SENT),
        ("receiver.name", "M\u00dcLLER EXCHANGE", SENT),
        ("envelope.sender_id", "MYB\u00c4R", SENT),
        ("envelope.sender_id", "  AB", SENT),
        ("envelope.application_receiver", "AB\t", SENT),
        ("name", "\u00a0", PLAIN),
        ("name", "Meri\u200bdian", PLAIN),
        ("sftp.host", " ", HOST),
        ("sftp.host", "", HOST),
        ("sftp.host", "sftp://sftp.meridian.example", HOST),
        ("sftp.host", "sftp.meridian.example:22", HOST),
        ("sftp.host", "me@sftp.meridian.example", HOST),
        ("sftp.host", "sftp.meridian.example/claims", HOST),
        ("sftp.username", " ", PLAIN),
        ("upload.folder", " ", PLAIN),
        ("pickup.folder", "answers\n", PLAIN),
        ("pickup.move_to", " ", PLAIN),
        ("pickup.patterns", ("answers/*.835",), NAMES),
        ("pickup.patterns", (r".*\.835",), NAMES),
    ],
)
def test_a_partners_value_that_no_server_or_guide_takes_is_refused(key: str, value: object, said: str) -> None:
    ((at_fault, problem),) = find_problems(PROFILES.partners["meridian"], key, value)
    assert (at_fault.partition("[")[0], said in problem) == (key, True)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("submitter.name", "Sample & Sons (Billing), Inc. #2"),
        ("envelope.sender_id", "CLAIM WIRE 1"),
        ("envelope.application_sender", "claimwire"),
        ("name", "Cl\u00ednica M\u00fcller"),
        *(("sftp.host", host) for host in ("localhost", "10.1.2.3", "::1", "2001:db8::17", "fe80::1%eth0", "a_b.example.", "x")),
        ("sftp.username", "PRACTICE\\ada"),
        ("upload.folder", "Claims in/M\u00e4rz"),
        ("pickup.patterns", ("*.835", "R?PORT *.txt", "[0-9]*")),
        ("pickup.move_to", ""),
    ],
)
def test_a_partners_value_that_may_be_is_taken(key: str, value: object) -> None:
    assert find_problems(PROFILES.partners["meridian"], key, value) == []


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("payer_ids", (" ",), SENT),
        ("payer_ids", ("BHH01 ",), SENT),
        ("remit_ids", ("1000000011", " "), SENT),
        ("sent_payer_id", "  ", SENT),
        ("sent_name", "BLUE\u00a0HARBOR", SENT),
        ("claim_filing_indicator", "ci", "one of 11, 12"),
        ("claim_filing_indicator", "XX", "one of 11, 12"),
        ("claim_filing_indicator", "", "one of 11, 12"),
    ],
)
def test_a_payers_value_by_which_each_of_its_claims_would_be_held_is_refused(key: str, value: object, said: str) -> None:
    ((at_fault, problem),) = find_problems(PROFILES.payers["blueharbor"], key, value)
    assert (at_fault.partition("[")[0], said in problem) == (key, True)


def test_an_id_tells_one_line_of_business() -> None:
    lines = [
        {"name": "Medicare Advantage", "payer_ids": ("BHH02",), "claim_filing_indicator": "16"},
        {"name": "Medicaid", "payer_ids": ("bhh02", "BHH01"), "claim_filing_indicator": "MC"},
    ]
    document = PROFILES.payers["blueharbor"].model_dump(exclude_defaults=True)
    payer = Payer.model_validate(document | {"lines_of_business": lines})
    ((key, said),) = check_payer(payer)
    assert (key, '"BHH02" already means Medicare Advantage' in said) == ("lines_of_business[1].payer_ids", True)
    assert not list(check_payer(Payer.model_validate(document | {"lines_of_business": lines[:1]})))


def test_the_samples_hold_no_value_that_their_forms_refuse() -> None:
    for profile in (*PROFILES.partners.values(), *PROFILES.payers.values()):
        kind = Partner if isinstance(profile, Partner) else Payer
        assert kind.model_validate(profile.model_dump()) == profile
