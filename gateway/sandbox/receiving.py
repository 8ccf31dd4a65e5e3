"""An upload as the sandbox sees it: read from the bytes with its own eyes, judged as a 999 judges, never from our tables."""

from collections.abc import Iterable

import msgspec

from edi.findings import EdiError
from edi.interchange import GroupHeader, InterchangeHeader, Reader, TransactionSet
from edi.transactions import t837, t999
from edi.transactions.t837 import ReadClaim, SubmissionHead
from edi.transactions.t999 import SetResponse
from edi.transactions.ta1 import ACCEPTED, CUT_SHORT, choose_note
from gateway.sandbox.plain_text import make_plain

_ACKNOWLEDGMENTS = frozenset(("FA",))


class ReceivedSet(msgspec.Struct):
    """One transaction set: the verdict it deserves, and what was read of it."""

    response: SetResponse
    head: SubmissionHead | None = None
    claims: tuple[ReadClaim, ...] = ()


class ReceivedGroup(msgspec.Struct):
    """One functional group and its sets; `codes` are the AK905 it deserves itself, `claimed_count` its GE01."""

    header: GroupHeader
    codes: tuple[str, ...] = ()
    claimed_count: int | None = None
    sets: list[ReceivedSet] = []


class ReceivedInterchange(msgspec.Struct):
    """One interchange: `note` is the TA105 it deserves."""

    header: InterchangeHeader
    note: str = ACCEPTED
    groups: list[ReceivedGroup] = []


class ReceivedFile(msgspec.Struct):
    """A whole upload; `fault` says why (and where) reading stopped, '' where it did not."""

    interchanges: list[ReceivedInterchange] = []
    fault: str = ""


def receive(chunks: Iterable[bytes]) -> ReceivedFile:
    """Read an upload; whatever is wrong with it is in the result. Raises nothing for bad bytes."""
    reader = Reader(chunks)
    file = ReceivedFile()
    try:
        for tset in reader:
            _follow_envelope(reader, file)
            interchange = file.interchanges[-1]
            if interchange.groups and tset.group.functional_id not in _ACKNOWLEDGMENTS:
                interchange.groups[-1].sets.append(_read_set(tset))
    except EdiError as error:
        file.fault = str(error)
    _follow_envelope(reader, file)
    _judge_envelopes(reader, file)
    return file


def _follow_envelope(reader: Reader, file: ReceivedFile) -> None:
    """Open in `file` the interchanges and groups that the reader has passed since."""
    for interchange in reader.interchanges[len(file.interchanges) :]:
        file.interchanges.append(ReceivedInterchange(interchange.header))
    for passed, received in zip(reader.interchanges, file.interchanges, strict=True):
        for group in passed.groups[len(received.groups) :]:
            received.groups.append(ReceivedGroup(make_plain(group.header)))


def _judge_envelopes(reader: Reader, file: ReceivedFile) -> None:
    for passed, received in zip(reader.interchanges, file.interchanges, strict=True):
        received.note = choose_note(passed.findings)
        for group, judged in zip(passed.groups, received.groups, strict=True):
            judged.codes, judged.claimed_count = tuple(group.codes), group.claimed_count
    if file.fault and file.interchanges:
        file.interchanges[-1].note = CUT_SHORT


def _read_set(tset: TransactionSet) -> ReceivedSet:
    transaction = t837.find_transaction(tset)
    if transaction is None:
        return ReceivedSet(make_plain(_refuse_set(tset)))
    head: SubmissionHead | None = None
    claims: list[ReadClaim] = []
    for item in transaction.read(tset):
        if isinstance(item, SubmissionHead):
            head = make_plain(item)
        else:
            claims.append(msgspec.structs.replace(item, claim=make_plain(item.claim)) if item.claim else item)
    numbered = [(c.first_position, c.last_position, c.claim.patient_control_number) for c in claims if c.claim is not None]
    response = t999.respond(tset, patient_control_numbers=numbered)
    return ReceivedSet(make_plain(response), head, tuple(claims))


def _refuse_set(tset: TransactionSet) -> SetResponse:
    """A set of a kind that is not taken here: refused whole, unread."""
    return SetResponse(
        transaction=tset.code,
        control_number=tset.st_control_number,
        verdict="R",
        version=tset.version,
        codes=("1",),
    )
