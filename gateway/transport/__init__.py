"""Files to and from a trading partner: one protocol, and the only place that knows SSH."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from payers.profile import Partner


class RemoteFile(msgspec.Struct, frozen=True):
    """One name in a partner's folder. `modified_at` is the server's own clock, whole seconds; never compare it with ours.

    A name that is not plain ASCII of the kind files are called by (a path, a control character, undecodable bytes) is shown
    escaped and is not `readable`: it cannot be fetched or removed, only reported to a person.
    """

    name: str
    size_bytes: int | None
    modified_at: int | None
    readable: bool = True


class Transport(Protocol):
    """A connection to one partner. Every call may raise TransientError or PermanentError, and nothing else.

    No step of a call (a request and its answer, 256 KiB up or down) takes longer than the profile's timeout: a partner that
    falls silent is a TransientError, and the connection is given up. `list` and `fetch` raise while they are iterated.
    """

    def list(self, folder: str) -> Iterator[RemoteFile]:
        """The plain files of a folder; see RemoteFile.readable for hostile names."""
        ...

    def fetch(self, folder: str, name: str) -> Iterator[bytes]:
        """A file's bytes, in chunks of at most 256 KiB; what came is the whole file only if the last chunk raised nothing."""
        ...

    def find(self, folder: str, name: str) -> RemoteFile | None:
        """The file of this name, or None where there is none."""
        ...

    def find_part(self, folder: str, name: str) -> RemoteFile | None:
        """What `upload_part` left under the temporary name, or None where there is nothing."""
        ...

    def upload_part(self, folder: str, name: str, content: bytes) -> None:
        """Put `content` under the temporary name, read it back and compare. Until `publish` is called, `name` cannot exist by us.

        A file that has the final name already is PermanentError; UnknownOutcome where the part was taken away.
        """
        ...

    def publish(self, folder: str, name: str) -> None:
        """Give the uploaded part its final name. An existing file is never overwritten: PermanentError.

        UnknownOutcome when it may or may not have been renamed: look before anything is sent again.
        """
        ...

    def remove(self, folder: str, name: str) -> None:
        """Delete a file; a file already gone is no error."""
        ...


class Connect(Protocol):
    """Opens a connection to a partner by its profile: the one seam between the pipeline and the wire."""

    def __call__(self, partner: Partner) -> AbstractContextManager[Transport]: ...
