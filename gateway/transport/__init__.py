"""Files to and from a trading partner: one protocol for SFTP and for a folder, and the only place that knows either.

How a profile wants a file brought (`upload.mode`), proved (`upload.confirm`) and what the server cannot do (`quirks`) is settled
in here: to its callers every partner looks the same.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Protocol

import msgspec

from payers.profile import Partner


class RemoteFile(msgspec.Struct, frozen=True):
    """One name in a partner's folder.

    `modified_at` is the server's own time of the last change, as fine as it tells it (SFTP: seconds; a folder: nanoseconds): only
    ever compared with another of the same server, never with our clock, and shown to nobody.

    A name that is not plain ASCII of the kind files are called by (a path, a control character, undecodable bytes) is shown
    escaped and is not `readable`: it cannot be fetched, moved or removed, only reported to a person. Nor is what is no plain
    file (a link, a pipe, a device), of which `is_plain` says so.
    """

    name: str
    size_bytes: int | None
    modified_at: int | None
    readable: bool = True
    is_plain: bool = True


class Standing(StrEnum):
    """What a look at the partner says of a file of ours, the profile's mode considered.

    published: there, whole and ours, with its marker where the mode asks for one: the partner has it. alike: the same, but by
    its size alone, for the server shows no bytes: ours, if `publish` was ever called. uploaded: whole under its temporary name
    (mode rename); only `publish` is left. unfinished: begun by us and nothing a partner would have taken (a temporary file; a
    first piece of our content; our content without its marker): `upload_part` and `publish` may begin again, over a temporary
    file only while no rename of it was ever asked for, which the server may carry out late. absent: nothing there; before
    `publish` was ever called that means free, afterwards it may have been taken in. other: a file of this name that is not
    ours. unproven: a file of this name of which the server lets us read nothing, with a profile that says so
    (`upload.confirm` other than content).
    """

    PUBLISHED = "published"
    ALIKE = "alike"
    UPLOADED = "uploaded"
    UNFINISHED = "unfinished"
    ABSENT = "absent"
    OTHER = "other"
    UNPROVEN = "unproven"


class Transport(Protocol):
    """A connection to one partner. Every call may raise TransientError or PermanentError, and nothing else.

    No step of a call (a request and its answer, 256 KiB up or down) takes longer than the profile's timeout: a partner that
    falls silent is a TransientError, and the connection is given up. `list` and `fetch` raise while they are iterated.

    One file is sent by `upload_part`, then `publish`. UnknownOutcome (a TransientError) of either means that the partner may
    have it: `look` before anything is sent again. Any other error of either means that the partner has no whole file by this
    call and cannot come to have one: it may be sent again from the start.
    """

    def list(self, folder: str) -> Iterator[RemoteFile]:
        """What lies in a folder, but for folders; see RemoteFile.readable for hostile names and for what is no plain file."""
        ...

    def fetch(self, folder: str, name: str) -> Iterator[bytes]:
        """A file's bytes, in chunks of at most 256 KiB; what came is the whole file only if the last chunk raised nothing."""
        ...

    def find(self, folder: str, name: str) -> RemoteFile | None:
        """The file of this name, or None where there is none. With `quirks.stat = false` the folder is listed for it."""
        ...

    def find_part(self, folder: str, name: str) -> RemoteFile | None:
        """What stands beside the final name by the profile's mode, or None.

        rename: the temporary file that `upload_part` left. marker: the marker, with which the file counts as whole. direct: None.
        """
        ...

    def look(self, folder: str, name: str, content: bytes) -> Standing:
        """How the file of this name stands that should hold `content`; reads it where the server lets us.

        It settles an unknown outcome in every mode: published is sent, unfinished may be sent again, the rest is not known here.
        """
        ...

    def upload_part(self, folder: str, name: str, content: bytes) -> None:
        """All that can be done before the partner may see the file. Until `publish` is called, `name` cannot be whole by us.

        Mode rename: `content` under the temporary name, confirmed as the profile says. Modes direct and marker: nothing but a
        look whether the name is free. A file that has the final name already is PermanentError, but for a broken attempt of our
        own (see Standing.unfinished); UnknownOutcome where the temporary file was taken away.
        """
        ...

    def publish(self, folder: str, name: str, content: bytes) -> None:
        """Give the partner the file: rename the part; or write the final name and confirm it; or that, and then the marker.

        Another file of this name is never overwritten: PermanentError. UnknownOutcome where the partner may or may not have it:
        from the rename's request (mode rename), the final name's opening (direct), or the marker's opening (marker) on. Where a
        whole file vanished after the server said yes, it is UnknownOutcome, or success with `quirks.taken_at_once`.
        """
        ...

    def move(self, folder: str, name: str, to_folder: str) -> None:
        """Move a file into another folder of the server; a file already there in its place is no error, so it can be repeated.

        Nothing is overwritten: where `to_folder` has that name, it becomes `name.2`, `name.3` … PermanentError where the file is
        in neither folder.
        """
        ...

    def remove(self, folder: str, name: str) -> None:
        """Delete a file; a file already gone is no error."""
        ...


class Connect(Protocol):
    """Opens a connection to a partner by its profile: the one seam between the pipeline and the wire."""

    def __call__(self, partner: Partner) -> AbstractContextManager[Transport]: ...
