"""What all documents are: immutable values, and the place where what no field names is carried along."""

import msgspec


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Shape shared by all documents: immutable, compared by value, unknown JSON keys refused."""


class CarriedLoop(Document, frozen=True, kw_only=True):
    """A loop no field names: its segments (lists of elements, tag first) and its inner loops, as they were read."""

    loop: str
    segments: tuple[tuple[str, ...], ...]
    loops: tuple["CarriedLoop", ...] = ()


class Carried(Document, frozen=True, kw_only=True):
    """Segments and loops of one loop that no field of its document names.

    A segment that fields name in part stands here with the other elements alone: ("CLM", "", "", "12") is a CLM03.
    """

    segments: tuple[tuple[str, ...], ...] = ()
    loops: tuple[CarriedLoop, ...] = ()
