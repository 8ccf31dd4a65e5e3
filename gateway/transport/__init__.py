"""Files to and from a trading partner: one protocol, and the only place that knows SSH."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from payers.profile import Partner


class RemoteFile(msgspec.Struct, frozen=True):
    """One name in a partner's folder. `modified_at` is the server's own clock, whole seconds; never compare it with ours."""

    name: str
    size_bytes: int | None
    modified_at: int | None


class Transport(Protocol):
    """A connection to one partner. Every call may raise TransientError or PermanentError, and nothing else.

    Every call returns within the profile's timeout.
    """

    def list(self, folder: str) -> Iterator[RemoteFile]:
        """The plain files of a folder."""
        ...

    def fetch(self, folder: str, name: str) -> Iterator[bytes]:
        """A file's bytes, in chunks."""
        ...

    def find(self, folder: str, name: str) -> RemoteFile | None:
        """The file of this name, or None where there is none."""
        ...

    def upload(self, folder: str, name: str, content: bytes) -> None:
        """Put `content` at `name`, whole or not at all: temporary name, read back and compared, renamed.

        An existing file of that name is never overwritten: PermanentError.
        """
        ...

    def remove(self, folder: str, name: str) -> None:
        """Delete a file; a file already gone is no error."""
        ...


class Connect(Protocol):
    """Opens a connection to a partner by its profile: the one seam between the pipeline and the wire."""

    def __call__(self, partner: Partner) -> AbstractContextManager[Transport]: ...
