"""What happens to answers on their way out: late, early, lost, twice, together, or with something that is no answer at all."""

from collections.abc import Sequence
from random import Random

import msgspec

from gateway.sandbox.answers import Answer
from gateway.sandbox.behaviour import Mischief

_LATE = 5
_JUNK = b"*** END OF TRANSMISSION ***\n"
_MINUTE = 60


class OutgoingFile(msgspec.Struct):
    """One file to publish: the answers in it, interchange after interchange, or plain `content` where it holds none.

    `copies` are the delays after which the same bytes come again under other names. `junk` follows the last IEA.
    """

    kind: str
    after_seconds: int
    answers: tuple[Answer, ...] = ()
    content: bytes = b""
    junk: bytes = b""
    copies: tuple[int, ...] = ()


def meddle(written: Sequence[Answer], mischief: Mischief, draw: Random) -> list[OutgoingFile]:
    """The files that these answers leave in: one each, but for the mischief. Only acknowledgments are ever lost, never money."""
    files: list[OutgoingFile] = []
    waiting: tuple[Answer, ...] = ()
    for answer in written:
        if answer.kind != "835" and _strikes(mischief.lost, draw):
            continue
        if _strikes(mischief.merged, draw) and answer.kind == "835":
            waiting = (*waiting, answer)
            continue
        files += _send((*waiting, answer), mischief, draw)
        waiting = ()
    if waiting:
        files += _send(waiting, mischief, draw)
    if _strikes(mischief.not_edi, draw):
        files.append(OutgoingFile("rpt", _MINUTE, content=b"DAILY REPORT\n\nNOTHING IN THIS FILE IS FOR A MACHINE TO READ.\n"))
    if _strikes(mischief.empty_file, draw):
        files.append(OutgoingFile("999", _MINUTE))
    return files


def _strikes(per_mille: int, draw: Random) -> bool:
    return draw.randrange(1000) < per_mille


def _send(together: tuple[Answer, ...], mischief: Mischief, draw: Random) -> list[OutgoingFile]:
    """The file of one or several answers, its copies, and the same remittance again in other bytes."""
    last = together[-1]
    after = max(answer.after_seconds for answer in together)
    if _strikes(mischief.early, draw):
        after = draw.randint(1, _MINUTE)
    elif _strikes(mischief.late, draw):
        after *= _LATE
    file = OutgoingFile(last.kind, after, together)
    if _strikes(mischief.trailing_junk, draw):
        file.junk = _JUNK
    if _strikes(mischief.same_bytes, draw):
        file.copies = (after + draw.randint(_MINUTE, 60 * _MINUTE),)
    if last.kind == "835" and _strikes(mischief.same_again, draw):
        return [file, OutgoingFile(last.kind, after + 24 * 60 * _MINUTE, together)]
    return [file]
