"""Claims in JSON: one claim, a list, {"claims": […]}, or a claim a line, as edi.claims.Claim has it (docs/claim-files.md)."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from edi.claims import Claim
from gateway.pipeline.claim_limits import find_obstacle
from gateway.pipeline.claim_refusals import Refusal

LINE_MAX = 4 * 1024 * 1024
DOCUMENT_MAX = 32 * 1024 * 1024
"""A document is held in memory whole, with its claims; a claim a line is held one by one."""

_OBJECT_LINE = re.compile(rb"^[ \t]*\{.*\}[ \t\r]*$", re.MULTILINE)

_claim = msgspec.json.Decoder(Claim)
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])
_raw_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read(chunks: Iterable[bytes]) -> Iterator[Claim | Refusal]:
    """Each claim, or where it stands and what is wrong with it. Files with a claim a line stream; others are read whole."""
    lines = _lines(chunks)
    first = next(lines, b"").removeprefix(b"\xef\xbb\xbf")
    if _is_object(first):
        yield from _read_lines(chain((first,), lines))
    else:
        yield from _read_document(first, lines)


def _read_lines(lines: Iterable[bytes]) -> Iterator[Claim | Refusal]:
    number, too_long = 1, False
    for line in lines:
        is_whole = line.endswith(b"\n") or len(line) <= LINE_MAX
        if not is_whole and not too_long:
            message = f"a line of over {LINE_MAX >> 20} MB; one claim a line is expected"
            yield Refusal(position=f"line {number}", message=message)
        elif not too_long and line.strip():
            yield from _decode_object(line.removeprefix(b"\xef\xbb\xbf"), f"line {number}", f"line {number}, claims")
        too_long = not line.endswith(b"\n") and (too_long or not is_whole)
        number += line.endswith(b"\n")


def _read_document(first: bytes, rest: Iterator[bytes]) -> Iterator[Claim | Refusal]:
    text = bytearray(first)
    for line in rest:
        text += line
        if len(text) > DOCUMENT_MAX:
            yield from _read_beyond(bytes(text), rest)
            return
    document = bytes(text).strip()
    if document.startswith(b"["):
        yield from _decode_list(document, "")
    elif not _is_object(document) and _has_object_lines(document):
        yield from _read_lines(_lines([bytes(text)]))
    else:
        yield from _decode_object(document, "file", "claims")


def _read_beyond(text: bytes, rest: Iterator[bytes]) -> Iterator[Claim | Refusal]:
    """What is larger than a document may be: lines after all, the first of which cannot be read, or too large."""
    if not text.lstrip().startswith(b"[") and _has_object_lines(text):
        yield from _read_lines(chain(_lines([text]), rest))
        return
    message = f"a JSON document of over {DOCUMENT_MAX >> 20} MB; write one claim a line instead, which may be of any size"
    yield Refusal(position="file", message=message, claims=0)


def _has_object_lines(text: bytes) -> bool:
    return any(_is_object(found.group()) for found in _OBJECT_LINE.finditer(text))


def _decode_object(text: bytes, position: str, path: str) -> Iterator[Claim | Refusal]:
    """One claim, or the claims of {"claims": […]}."""
    try:
        fields = _raw_object.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        yield Refusal(position=position, message=f"not JSON: {error}")
        return
    if set(fields) == {"claims"}:
        yield from _decode_list(bytes(fields["claims"]), path)
    else:
        yield _decode(text, position)


def _decode_list(document: bytes, path: str) -> Iterator[Claim | Refusal]:
    try:
        items = _raw_list.decode(document)
    except (msgspec.MsgspecError, RecursionError) as error:
        yield Refusal(position=path or "file", message=f"a list of claims is expected: {error}", claims=0)
        return
    for number, item in enumerate(items):
        yield _decode(bytes(item), f"{path}[{number}]")


def _decode(text: bytes, position: str) -> Claim | Refusal:
    try:
        claim = _claim.decode(text)
    except msgspec.ValidationError as error:
        return Refusal(position=position, message=f"{error}; see docs/claim-files.md for what each field holds")
    except (msgspec.MsgspecError, RecursionError) as error:
        return Refusal(position=position, message=f"not JSON: {error}")
    obstacle = find_obstacle(claim)
    return Refusal(position=position, message=obstacle) if obstacle else claim


def _is_object(text: bytes) -> bool:
    try:
        _raw_object.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines with their ends; one over the limit in pieces, all but the last over it and without an end."""
    pending = b""
    for chunk in chunks:
        *whole, pending = (pending + chunk).split(b"\n")
        for line in whole:
            yield line + b"\n"
        if len(pending) > LINE_MAX:
            yield pending
            pending = b""
    if pending:
        yield pending
