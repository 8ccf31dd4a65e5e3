"""Claims in files written by others: 837P, JSON or CSV in; claims and refusals out, one bad claim never stopping the next."""

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from edi.claims import Claim
from edi.findings import EdiError, Finding
from edi.interchange import Reader, TransactionSet
from edi.transactions import t837p
from gateway.pipeline import claim_csv, claim_json


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A claim, or a part of a file, that cannot be taken in: where it is, what is wrong, what would be right."""

    position: str
    message: str


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """Something wrong in a file that loses no claim."""

    position: str
    message: str


Item = Claim | Refusal | Remark


def read_claims(chunks: Iterable[bytes]) -> Iterator[Item]:
    """Every claim of a file of any of the forms, told apart by the first character that is not blank."""
    stream = iter(chunks)
    head = b""
    while len(head.lstrip(_BLANK)) < 3:
        chunk = next(stream, None)
        if chunk is None:
            break
        head += chunk
    start = head.lstrip(_BLANK)
    whole = chain((head,), stream)
    if not start:
        yield Refusal(position="file", message="the file is empty; an 837P, a JSON or a CSV file of claims is expected")
    elif start[:1] in (b"{", b"["):
        yield from _from_rows(claim_json.read(whole))
    elif start[:3].upper() == b"ISA":
        yield from _from_837(whole)
    else:
        yield from _from_rows(claim_csv.read(whole))


_BLANK = b"\xef\xbb\xbf \t\r\n"


def _from_rows(rows: Iterable[Claim | tuple[str, str]]) -> Iterator[Item]:
    for row in rows:
        yield row if isinstance(row, Claim) else Refusal(position=row[0], message=row[1])


def _from_837(chunks: Iterable[bytes]) -> Iterator[Item]:
    reader = Reader(chunks)
    try:
        for tset in reader:
            yield from _from_set(tset)
    except EdiError as error:
        yield Refusal(position=f"byte {error.offset}", message=str(error))
    for finding in reader.findings:
        yield Remark(position=locate(finding), message=finding.message)
    if not any(interchange.groups for interchange in reader.interchanges):
        yield Refusal(position="file", message="no functional group in this file; GS*HC with an 837P is expected")


def _from_set(tset: TransactionSet) -> Iterator[Item]:
    refused = t837p.refusal(tset)
    where = f"set {tset.st_control_number}"
    if refused:
        yield Refusal(position=f"{where}, {locate(refused)}", message=refused.message)
        return
    placed: set[Finding] = set()
    for item in t837p.read(tset):
        if not isinstance(item, t837p.ReadClaim):
            continue
        placed.update(item.findings)
        kind = Remark if item.claim else Refusal
        for finding in item.findings:
            yield kind(position=f"{where}, {locate(finding)}", message=finding.message)
        if item.claim:
            yield item.claim
        elif not item.findings:
            yield Refusal(position=f"{where}, segment {item.first_position}", message="no claim can be read here")
    for finding in tset.findings:
        if finding not in placed:
            yield Remark(position=f"{where}, {locate(finding)}", message=finding.message)


def locate(finding: Finding) -> str:
    """Where a finding is, for a person: loop, segment with its place in the set, element and component."""
    if not finding.position:
        return f"byte {finding.offset}" if finding.offset is not None else finding.segment or finding.level
    element = f"{finding.element:02d}" if finding.element else ""
    component = f"-{finding.component}" if finding.component else ""
    loop = f"loop {finding.loop}, " if finding.loop else ""
    return f"{loop}segment {finding.position} {finding.segment}{element}{component}"
