"""What an answer repeats of an upload, in characters that any answer can carry."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

import msgspec

_UNSPEAKABLE = re.compile(r"[^ -~]|[*:^~]")
"""What the sandbox's own answers cannot carry: its delimiters, and anything that is not printable ASCII."""

_SUSPECT = re.compile(rb'[*^~\\]|[^ -~]|[^"]:|":":')
"""Where a document's JSON may hold such a character: a colon that does not follow a name, an escape, or one of them as it is."""

_KEPT = (date, datetime, Decimal)

AnyStruct = TypeVar("AnyStruct", bound=msgspec.Struct)


def make_plain(document: AnyStruct) -> AnyStruct:
    """The document in characters that an answer can carry: payers, too, strip what their systems do not know."""
    if not _SUSPECT.search(msgspec.json.encode(document)):
        return document
    values = msgspec.to_builtins(document, builtin_types=_KEPT)
    plain, is_changed = _strip(values)
    return msgspec.convert(plain, type(document), builtin_types=_KEPT) if is_changed else document


def _strip(value: object) -> tuple[object, bool]:
    if isinstance(value, str):
        plain = _UNSPEAKABLE.sub(".", value)
        return plain, plain != value
    if isinstance(value, dict):
        items = {key: _strip(inner) for key, inner in value.items()}
        return {key: plain for key, (plain, _) in items.items()}, any(changed for _, changed in items.values())
    if isinstance(value, list | tuple):
        inner = [_strip(each) for each in value]
        return [plain for plain, _ in inner], any(changed for _, changed in inner)
    return value, False
