"""Claims in JSON: one claim, a list, {"claims": […]}, or a claim a line, as edi.claims.Claim has it (docs/claim-files.md)."""

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from edi.claims import Claim
from gateway.pipeline.claim_limits import find_obstacle

_LINE_MAX = 4 * 1024 * 1024
_FILE_MAX = 256 * 1024 * 1024

_claim = msgspec.json.Decoder(Claim)
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])
_raw_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read(chunks: Iterable[bytes]) -> Iterator[Claim | tuple[str, str]]:
    """Each claim, or where it stands and what is wrong with it. Files with a claim a line stream; others are read whole."""
    lines = _lines(chunks)
    first = next(lines, b"")
    if _is_object(first):
        yield from _read_lines(chain((first,), lines))
    else:
        yield from _read_document(first, lines)


def _read_lines(lines: Iterable[bytes]) -> Iterator[Claim | tuple[str, str]]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield from _decode_object(line, f"line {number}", f"line {number}, claims")


def _read_document(first: bytes, rest: Iterator[bytes]) -> Iterator[Claim | tuple[str, str]]:
    text = bytearray(first)
    for line in rest:
        text += b"\n" + line
        if len(text) > _FILE_MAX:
            yield "file", "a JSON document of over 256 MB; write one claim a line instead, which streams"
            return
    document = bytes(text).strip()
    if document.startswith(b"["):
        yield from _decode_list(document, "")
    elif not _is_object(document) and any(map(_is_object, document.split(b"\n"))):
        yield from _read_lines(bytes(text).split(b"\n"))
    else:
        yield from _decode_object(document, "file", "claims")


def _decode_object(text: bytes, position: str, path: str) -> Iterator[Claim | tuple[str, str]]:
    """One claim, or the claims of {"claims": […]}."""
    try:
        fields = _raw_object.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        yield position, f"not JSON: {error}"
        return
    if set(fields) == {"claims"}:
        yield from _decode_list(bytes(fields["claims"]), path)
    else:
        yield _decode(text, position)


def _decode_list(document: bytes, path: str) -> Iterator[Claim | tuple[str, str]]:
    try:
        items = _raw_list.decode(document)
    except (msgspec.MsgspecError, RecursionError) as error:
        yield path or "file", f"a list of claims is expected: {error}"
        return
    for number, item in enumerate(items):
        yield _decode(bytes(item), f"{path}[{number}]")


def _decode(text: bytes, position: str) -> Claim | tuple[str, str]:
    try:
        claim = _claim.decode(text)
    except msgspec.ValidationError as error:
        return position, f"{error}; see docs/claim-files.md for what each field holds"
    except (msgspec.MsgspecError, RecursionError) as error:
        return position, f"not JSON: {error}"
    obstacle = find_obstacle(claim)
    return (position, obstacle) if obstacle else claim


def _is_object(text: bytes) -> bool:
    try:
        _raw_object.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        return False
    return True


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines without their ends; a line over the limit is handed on as it grows, so that nothing waits for its end."""
    pending = b""
    for chunk in chunks:
        pending += chunk
        *whole, pending = pending.split(b"\n")
        for line in whole:
            yield line.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r")
        if len(pending) > _LINE_MAX:
            yield pending
            pending = b""
    if pending:
        yield pending.removeprefix(b"\xef\xbb\xbf").rstrip(b"\r")
