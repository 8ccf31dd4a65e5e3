"""Files of claims of any size: lines stream, documents have a limit, and what is said of a file does not grow without end."""

from collections.abc import Iterator

import msgspec
import pytest

from edi.claims import Claim
from gateway.pipeline.claim_files import read_claims
from gateway.pipeline.claim_json import DOCUMENT_MAX, LINE_MAX
from gateway.pipeline.claim_refusals import Refusal
from gateway.pipeline.intake import KEPT_MAX
from tests.gateway.domain.samples import make_provider
from tests.support.uploads import write_upload
from tests.support.worlds import MERIDIAN, PROFILES, World, make_claim, make_claims

CLAIM = msgspec.json.encode(make_claim("A1"))
CHUNK = 256 * 1024


def chunks_of(content: bytes) -> Iterator[bytes]:
    return (content[at : at + CHUNK] for at in range(0, len(content), CHUNK))


def endless(head: bytes, repeated: bytes, size: int) -> Iterator[bytes]:
    """A file that is never in memory whole."""
    yield head
    block = repeated * (CHUNK // len(repeated))
    for _ in range(size // len(block)):
        yield block


def test_a_document_in_one_long_line_is_read_whole() -> None:
    count = 2 * LINE_MAX // len(CLAIM)
    items = list(read_claims(chunks_of(b"[" + b",".join([CLAIM] * count) + b"]")))
    assert len(items) == count
    assert all(isinstance(item, Claim) for item in items)


@pytest.mark.parametrize("head", [b"[" + CLAIM, b'{"claims": [' + CLAIM, b'{"patient_control_number": "'])
def test_a_document_over_the_limit_is_refused_with_what_to_do(head: bytes) -> None:
    (refused,) = read_claims(endless(head, b" " * 500 + b",\n", DOCUMENT_MAX + 2 * LINE_MAX))
    assert isinstance(refused, Refusal)
    assert (refused.position, refused.claims) == ("file", 0)
    assert refused.message.startswith("a JSON document of over 32 MB; write one claim a line instead")


def test_a_first_line_that_is_no_json_keeps_no_later_line_out_of_however_large_a_file() -> None:
    lines = DOCUMENT_MAX // 1000 + 1000
    items = list(read_claims(endless(b"{torn\n" + CLAIM + b"\n", b" " * 999 + b"\n", lines * 1000)))
    assert [type(item) for item in items] == [Refusal, Claim]


def test_a_line_over_the_limit_is_refused_once_and_its_neighbours_are_read() -> None:
    long = b'{"patient_control_number": "' + b"9" * 3 * LINE_MAX + b'"}'
    items = list(read_claims(chunks_of(b"\n".join((CLAIM, long, b"{}", CLAIM)))))
    assert [item.position for item in items if isinstance(item, Refusal)] == ["line 2", "line 3"]
    assert [isinstance(item, Claim) for item in items] == [True, False, False, True]


def test_of_many_refusals_all_are_counted_and_the_first_are_kept(world: World) -> None:
    report = world.take_in_bytes(b"\n".join([CLAIM, *[b"{}"] * (KEPT_MAX + 500)]))
    assert (report.new, report.refused, report.refusal_count, len(report.refusals)) == (1, 2500, 2500, KEPT_MAX)
    assert world.sentences("intake_refused")[0].startswith("2500 refused in file ")


def test_a_claim_with_several_findings_is_one_claim_refused(world: World) -> None:
    claims = [make_claim("A1"), make_claim("A2", providers=(make_provider(taxonomy="207Q00000X"),))]
    content = write_upload(PROFILES.partners[MERIDIAN], claims).replace(b"CLM*A2*120", b"CLM*A2*MUCH")
    report = world.take_in_bytes(content.replace(b"PRV*PE", b"PRV*ZZ"))
    assert (report.new, report.refused, report.refusal_count) == (1, 1, 2)
    assert world.sentences("intake_refused")[0].startswith("1 refused (2 findings) in file ")


def test_what_is_no_claim_is_a_finding_and_no_claim(world: World) -> None:
    content = write_upload(PROFILES.partners[MERIDIAN], make_claims("A1")).replace(b"005010X222A1", b"004010X098A1")
    report = world.take_in_bytes(content)
    assert (report.new, report.refused, report.refusal_count) == (0, 0, 1)


def test_rows_that_cannot_be_read_are_one_claim_refused_however_many_they_are(world: World) -> None:
    header = "patient_control_number,payer_id,payer_name,billing_npi,billing_name,billing_tax_id,billing_address,billing_city,"
    header += "billing_state,billing_postal_code,member_id,subscriber_last_name,subscriber_first_name,subscriber_birth_date,"
    header += "subscriber_gender,diagnoses,service_date,procedure,charge"
    report = world.take_in_bytes("\n".join((header, "A1,short", "A1,shorter", "A2,short")).encode())
    assert (report.refused, report.refusal_count) == (2, 3)
