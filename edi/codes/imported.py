"""Texts that an operator imported: they are shown before ours, wherever a code is explained."""

from collections.abc import Mapping
from types import MappingProxyType

Imported = Mapping[str, Mapping[str, str]]
"""By the list's name (edi.codes.lists), then by code."""

NONE_IMPORTED: Imported = MappingProxyType({})


def find_text(imported: Imported, kind: str, code: str) -> str:
    """The imported text of a code; '' where there is none."""
    return imported.get(kind, {}).get(code, "")
