"""Claims in JSON: one claim, a list, {"claims": […]}, or one claim a line. The form is that of edi.claims.Claim (docs/claim-files.md)."""

from collections.abc import Iterable, Iterator

import msgspec

from edi.claims import Claim

_LINE_MAX = 4 * 1024 * 1024
_FILE_MAX = 256 * 1024 * 1024

_claim = msgspec.json.Decoder(Claim)
_raw_list = msgspec.json.Decoder(list[msgspec.Raw])
_raw_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read(chunks: Iterable[bytes]) -> Iterator[Claim | tuple[str, str]]:
    """Each claim, or where it stands and what is wrong with it. Files with a claim a line stream; others are read whole."""
    lines = _lines(chunks)
    first = next(lines, b"")
    if first.startswith(b"{") and _is_whole(first):
        yield from _read_lines(first, lines)
    else:
        yield from _read_document(first, lines)


def _read_lines(first: bytes, rest: Iterator[bytes]) -> Iterator[Claim | tuple[str, str]]:
    fields = _raw_object.decode(first)
    if set(fields) == {"claims"}:
        yield from _decode_list(bytes(fields["claims"]), "claims")
        return
    yield _decode(first, "line 1")
    for number, line in enumerate(rest, 2):
        if line.strip():
            yield _decode(line, f"line {number}")


def _read_document(first: bytes, rest: Iterator[bytes]) -> Iterator[Claim | tuple[str, str]]:
    text = bytearray(first)
    for line in rest:
        text += b"\n" + line
        if len(text) > _FILE_MAX:
            yield "file", "a JSON document of over 256 MB; write one claim a line instead, which streams"
            return
    document = bytes(text).removeprefix(b"\xef\xbb\xbf").strip()
    if document.startswith(b"["):
        yield from _decode_list(document, "")
        return
    try:
        fields = _raw_object.decode(document)
    except msgspec.MsgspecError as error:
        yield "file", f"not JSON: {error}"
        return
    if set(fields) == {"claims"}:
        yield from _decode_list(bytes(fields["claims"]), "claims")
    else:
        yield _decode(document, "file")


def _decode_list(document: bytes, path: str) -> Iterator[Claim | tuple[str, str]]:
    try:
        items = _raw_list.decode(document)
    except msgspec.MsgspecError as error:
        yield path or "file", f"a list of claims is expected: {error}"
        return
    for number, item in enumerate(items):
        yield _decode(bytes(item), f"{path}[{number}]")


def _decode(text: bytes, position: str) -> Claim | tuple[str, str]:
    try:
        return _claim.decode(text)
    except msgspec.ValidationError as error:
        return position, f"{error}; see docs/claim-files.md for what each field holds"
    except msgspec.MsgspecError as error:
        return position, f"not JSON: {error}"


def _is_whole(line: bytes) -> bool:
    try:
        _raw_object.decode(line)
    except msgspec.MsgspecError:
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
