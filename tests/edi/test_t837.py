"""The three 837s side by side: which one a set or a claim follows, and that each reads, writes and checks its own claims."""

import msgspec
import pytest

from edi.claims import Claim, Submission
from edi.interchange import TransactionSet
from edi.segments import Delimiters
from edi.transactions import t837
from edi.transactions.t837 import GUIDES, ClaimTransaction, ReadClaim, find_transaction, refuse, transaction_of
from tests.edi.test_claim_document import GUIDES as SAMPLES
from tests.edi.test_claim_document import with_count
from tests.support.professional import RECEIVER, SUBMITTER, claim_of, submission_of
from tests.support.sets import set_of

EACH = pytest.mark.parametrize("transaction", GUIDES.values(), ids=GUIDES)


def sample_set(transaction: ClaimTransaction) -> TransactionSet:
    return set_of(with_count(SAMPLES[transaction.guide][0]), "HC", transaction.spec.version)


def sample_claims(transaction: ClaimTransaction) -> list[Claim]:
    return [item.claim for item in transaction.read(sample_set(transaction)) if isinstance(item, ReadClaim) and item.claim]


@EACH
def test_a_set_of_every_version_of_a_guide_is_that_guides(transaction: ClaimTransaction) -> None:
    for version in transaction.spec.accepted_versions:
        tset = set_of(["ST*837*0001", "SE*2*0001"], "HC", version)
        assert find_transaction(tset) is transaction


@EACH
def test_a_read_claim_names_its_guide_and_the_guide_its_transaction(transaction: ClaimTransaction) -> None:
    claims = sample_claims(transaction)
    assert claims
    assert [transaction_of(claim.guide) for claim in claims] == [transaction] * len(claims)


@EACH
def test_a_read_claim_says_where_it_and_its_levels_begin(transaction: ClaimTransaction) -> None:
    tset = sample_set(transaction)
    segments = with_count(SAMPLES[transaction.guide][0])
    (item, *_) = [one for one in transaction.read(tset) if isinstance(one, ReadClaim)]
    assert segments[item.first_position - 1].startswith("CLM*")
    assert segments[item.billing_position - 1].startswith("HL*1*")
    assert segments[item.subscriber_position - 1].startswith("HL*2*")


@EACH
def test_claims_of_each_guide_are_written_in_the_version_asked_for_and_come_back(transaction: ClaimTransaction) -> None:
    claims = sample_claims(transaction)
    version = transaction.spec.accepted_versions[-1]
    submission = submission_of(*claims)
    segments = transaction.write(submission, st_control_number="0001", delimiters=Delimiters(), version=version)
    assert segments[0] == f"ST*837*0001*{version}"
    back = [item for item in transaction.read(set_of(segments, "HC", version)) if isinstance(item, ReadClaim)]
    assert all(t837.comes_back(meant, item.claim) for meant, item in zip(claims, back, strict=True))


@EACH
def test_without_a_version_the_guides_own_is_written(transaction: ClaimTransaction) -> None:
    submission: Submission = submission_of(*sample_claims(transaction))
    segments = transaction.write(submission, st_control_number="0001", delimiters=Delimiters())
    assert segments[0] == f"ST*837*0001*{transaction.spec.version}"


@EACH
def test_check_holds_a_claim_to_its_own_guide(transaction: ClaimTransaction) -> None:
    (claim, *_) = sample_claims(transaction)
    assert [one.code for one in transaction.check(claim, SUBMITTER, RECEIVER)] == []
    nameless = msgspec.structs.replace(claim, billing_provider=claim_of().billing_provider, payer=claim_of().subscriber)
    assert transaction.check(nameless, SUBMITTER, RECEIVER)


@EACH
def test_a_claim_of_another_guide_is_not_checked_but_named(transaction: ClaimTransaction) -> None:
    other = next(one for one in GUIDES.values() if one is not transaction)
    (finding,) = transaction.check(sample_claims(other)[0], SUBMITTER, RECEIVER)
    assert other.guide in finding.message


def test_another_version_is_refused_with_the_versions_that_are_read() -> None:
    tset = set_of(["ST*837*0001", "SE*2*0001"], "HC", "004010X098A1")
    assert find_transaction(tset) is None
    refused = refuse(tset)
    assert refused.message.startswith("004010X098A1 is not read")
    assert all(version in refused.message for version in ("005010X222A1", "005010X223A2", "005010X224A2"))


def test_another_transaction_is_refused_by_name() -> None:
    tset = set_of(["ST*835*0001", "SE*2*0001"], "HP", "005010X221A1")
    assert find_transaction(tset) is None
    assert "835" in refuse(tset).message
