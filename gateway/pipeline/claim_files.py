"""Claims in files written by others: 837, JSON or CSV in; claims and refusals out, one bad claim never stopping the next."""

from collections.abc import Iterable, Iterator
from itertools import chain

from edi.claims import Claim
from edi.findings import EdiError, Finding
from edi.interchange import Reader, TransactionSet
from edi.transactions import t837
from edi.transactions.t837 import ReadClaim
from gateway.pipeline import claim_csv, claim_json
from gateway.pipeline.claim_limits import find_obstacle
from gateway.pipeline.claim_refusals import Refusal, Remark

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
        yield _no_claim("file", "the file is empty; an 837, a JSON or a CSV file of claims is expected")
    elif start[:1] in (b"{", b"["):
        yield from claim_json.read(whole)
    elif start[:3].upper() == b"ISA":
        yield from _from_837(whole)
    else:
        yield from claim_csv.read(whole)


_BLANK = b"\xef\xbb\xbf \t\r\n"


def _from_837(chunks: Iterable[bytes]) -> Iterator[Item]:
    reader = Reader(chunks)
    try:
        for tset in reader:
            yield from _from_set(tset)
    except EdiError as error:
        yield _no_claim(f"byte {error.offset}", str(error))
    for finding in reader.findings:
        yield Remark(position=locate(finding), message=finding.message)
    if not any(interchange.groups for interchange in reader.interchanges):
        yield _no_claim("file", "no functional group in this file; GS*HC with an 837 is expected")


def _no_claim(position: str, message: str) -> Refusal:
    return Refusal(position=position, message=message, claims=0)


def _from_set(tset: TransactionSet) -> Iterator[Item]:
    transaction = t837.find_transaction(tset)
    where = f"set {tset.st_control_number}"
    if transaction is None:
        refused = t837.refuse(tset)
        yield _no_claim(f"{where}, {locate(refused)}", refused.message)
        return
    placed: set[Finding] = set()
    last: ReadClaim | None = None
    try:
        for item in transaction.read(tset):
            if isinstance(item, ReadClaim):
                placed.update(item.findings)
                if last is not None:
                    yield from _from_claim(last, where)
                last = item
    except EdiError:
        yield from _from_last(last, where, is_cut=True)
        raise
    yield from _from_last(last, where, is_cut=any(_is_cut(finding) for finding in tset.findings))
    for finding in tset.findings:
        if finding not in placed:
            yield Remark(position=f"{where}, {locate(finding)}", message=finding.message)


def _is_cut(finding: Finding) -> bool:
    """The set has no SE of its own (IK502 codes 2 and 3): what it ends with may lack lines."""
    return finding.level == "set" and finding.code in ("2", "3")


def _from_last(item: ReadClaim | None, where: str, *, is_cut: bool) -> Iterator[Item]:
    if item is not None and is_cut:
        message = "the set is cut short after this claim, which may lack lines; send the file again whole"
        yield Refusal(position=f"{where}, segment {item.first_position}", message=message)
    elif item is not None:
        yield from _from_claim(item, where)


def _from_claim(item: ReadClaim, where: str) -> Iterator[Item]:
    obstacle = find_obstacle(item.claim) if item.claim else "no claim can be read here"
    told = [(f"{where}, {locate(finding)}", finding.message) for finding in item.findings]
    if item.claim and not obstacle:
        yield from (Remark(position=position, message=message) for position, message in told)
        yield item.claim
        return
    if item.claim or not told:
        told.append((f"{where}, segment {item.first_position}", obstacle))
    for place, (position, message) in enumerate(told):
        yield Refusal(position=position, message=message, claims=0 if place else 1)


def locate(finding: Finding) -> str:
    """Where a finding is, for a person: loop, segment with its place in the set, element and component."""
    if not finding.position:
        return f"byte {finding.offset}" if finding.offset is not None else finding.segment or finding.level
    element = f"{finding.element:02d}" if finding.element else ""
    component = f"-{finding.component}" if finding.component else ""
    loop = f"loop {finding.loop}, " if finding.loop else ""
    return f"{loop}segment {finding.position} {finding.segment}{element}{component}"
