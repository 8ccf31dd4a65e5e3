"""One document of a transaction set and where its segments stand: the shape in which every transaction is read and written."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

import msgspec

from edi.claims import Document
from edi.interchange import TransactionSet
from edi.segments import Delimiters
from edi.spec import TransactionSpec


class Part(msgspec.Struct, frozen=True):
    """A document as its loops close; positions count from ST = 1.

    `document` is None where none can be built of these segments; the set's findings then say why.
    """

    document: Document | None
    first_position: int
    last_position: int


class WriteParts(Protocol):
    """Documents in the order they are read into the raw segments of one set, ST to SE, without terminators."""

    def __call__(
        self, documents: Iterable[Document], *, st_control_number: str, version: str, delimiters: Delimiters
    ) -> Iterator[str]: ...


class Transaction(NamedTuple):
    """One transaction of the catalogue: its short name (837P, 835, 277CA …), its guide, its documents, both ways.

    `read_parts` yields in the order of the set, and complete findings are in the set once it is exhausted. `write_parts`
    takes what `read_parts` yielded and gives the same segments back; it raises Unwritable where a value cannot be sent.
    """

    name: str
    spec: TransactionSpec
    documents: tuple[type[Document], ...]
    read_parts: Callable[[TransactionSet], Iterator[Part]]
    write_parts: WriteParts
