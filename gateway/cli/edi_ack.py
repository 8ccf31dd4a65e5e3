"""What `claimwire edi validate --ack` writes: the TA1 and the 999 that a partner would answer a file with."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from edi.headers import GroupHeader, InterchangeHeader
from edi.interchange import Interchange, Reader, write_interchange
from edi.segments import Delimiters
from edi.tools.validation import Checked
from edi.transactions import t999
from edi.transactions.t999 import SetResponse, respond_group
from edi.transactions.ta1 import acknowledge_interchange, choose_note
from gateway.sandbox.plain_text import make_plain

_ACKNOWLEDGMENTS = "FA"
_UNSPEAKABLE = re.compile(r"[^ -~]|[*:^~]")


class AnswerWriter:
    """Takes the sets of one file as they are checked, and writes an interchange of answers for each of its interchanges."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._responses: dict[int, list[SetResponse]] = {}

    def take(self, checked: Checked) -> None:
        """Keep the verdict on a set, under the group it stands in."""
        tset = checked.tset
        if tset is not None and tset.group.functional_id != _ACKNOWLEDGMENTS:
            response = make_plain(t999.respond(tset, patient_control_numbers=checked.claims))
            self._responses.setdefault(id(tset.group), []).append(response)

    def write(self, at: datetime, *, is_broken: bool) -> Iterator[bytes]:
        """The answers, dated `at`; `is_broken` says that the file could not be read to its end.

        Nothing answers acknowledgments alone, which would go on for ever.
        """
        interchanges = self._reader.interchanges
        for number, interchange in enumerate(interchanges, 1):
            kinds = {group.header.functional_id for group in interchange.groups}
            if kinds == {_ACKNOWLEDGMENTS} or (interchange.acknowledgments and not kinds):
                continue
            yield from self._answer(interchange, at, is_broken=is_broken and number == len(interchanges))

    def _answer(self, interchange: Interchange, at: datetime, *, is_broken: bool) -> Iterator[bytes]:
        note = choose_note(interchange.findings, is_cut_short=is_broken)
        groups = [
            respond_group(
                make_plain(group.header), self._responses[id(group.header)], codes=group.codes, claimed_count=group.claimed_count
            )
            for group in interchange.groups
            if id(group.header) in self._responses
        ]
        header = _turn_interchange(interchange.header, at)
        numbers = (f"{place:04}" for place in range(1, len(groups) + 1))
        sets = [t999.write(one, st_control_number=next(numbers), delimiters=header.delimiters) for one in groups]
        acknowledgment = make_plain(acknowledge_interchange(interchange.header, note))
        yield from write_interchange(header, _group_sets(interchange, sets, at), [acknowledgment])


def _turn_interchange(header: InterchangeHeader, at: datetime) -> InterchangeHeader:
    """The header of the answer: from the receiver to the sender, under the number that is answered, in our own punctuation."""
    return InterchangeHeader(
        sender_qualifier=_fit_qualifier(header.receiver_qualifier), sender_id=_fit(header.receiver_id, 15),
        receiver_qualifier=_fit_qualifier(header.sender_qualifier), receiver_id=_fit(header.sender_id, 15),
        date=at.date(), time=f"{at:%H%M}", isa_control_number=min(header.isa_control_number, 999_999_999),
        usage=header.usage if header.usage in ("P", "T") else "P", delimiters=Delimiters(),
    )  # fmt: skip


def _group_sets(
    interchange: Interchange, sets: Sequence[Sequence[str]], at: datetime
) -> Iterator[tuple[GroupHeader, Sequence[Sequence[str]]]]:
    """The one group of acknowledgments, where there are any."""
    if not sets:
        return
    asked = interchange.groups[0].header
    group = GroupHeader(
        functional_id=_ACKNOWLEDGMENTS, application_sender=_fit(asked.application_receiver, 15),
        application_receiver=_fit(asked.application_sender, 15), date=at.date(), time=f"{at:%H%M}",
        gs_control_number=1, version=t999.SPEC.version,
    )  # fmt: skip
    yield group, sets


def _fit(text: str, width: int) -> str:
    """An identifier as an answer can carry it."""
    return _UNSPEAKABLE.sub(".", text[:width]) or "UNKNOWN"


def _fit_qualifier(qualifier: str) -> str:
    return qualifier if re.fullmatch("[A-Z0-9]{2}", qualifier) else "ZZ"
