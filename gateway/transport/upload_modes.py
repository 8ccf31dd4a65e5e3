"""The ways a profile can want a file brought and proved, once for every kind of transport.

What tells them apart: before which moment nobody can have taken the file, and from which moment on a lost link says nothing.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Generic, TypeVar

from gateway.crashpoint import crashpoint
from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport import RemoteFile, Standing
from gateway.transport.names import check_name, check_own_name
from payers.partner import Partner

Handle = TypeVar("Handle")


class Likeness(Enum):
    """What a file at the partner is to the content it should hold; a piece is its beginning, short of all of it.

    Alike: of its size, and the server does not let us read it.
    """

    SAME = "same"
    ALIKE = "alike"
    PIECE = "piece"
    OTHER = "other"
    UNTOLD = "untold"


class UploadModes(ABC, Generic[Handle]):
    """`upload_part`, `publish`, `look` and `move` of the Transport protocol, over the few steps that each transport takes itself.

    The steps raise TransientError and PermanentError as the protocol says, each within the profile's time limit.
    """

    def __init__(self, partner: Partner) -> None:
        self._upload = partner.upload
        self._quirks = partner.quirks

    @abstractmethod
    def find(self, folder: str, name: str) -> RemoteFile | None:
        """The file of this name, or None."""

    @abstractmethod
    def _find_listed(self, folder: str, name: str) -> RemoteFile | None:
        """The file of this name as the folder's listing shows it, or None."""

    @abstractmethod
    def _read(self, folder: str, name: str, length: int) -> Iterator[bytes]:
        """The first `length` bytes of a file that is there, and more where the last chunk held more."""

    @abstractmethod
    def _create(self, folder: str, name: str, *, over: bool) -> Handle:
        """Open a file to write, made empty; `over`: one that is there may be replaced, else it never is."""

    @abstractmethod
    def _fill(self, handle: Handle, content: bytes, start: int, name: str) -> None:
        """Write at `start`."""

    @abstractmethod
    def _finish(self, handle: Handle, name: str) -> None:
        """Close, so that what was written is kept."""

    @abstractmethod
    def _give_up(self, handle: Handle) -> None:
        """Let go of a file that could not be written whole; never raises."""

    @abstractmethod
    def _rename(self, source: tuple[str, str], target: tuple[str, str]) -> str:
        """Rename (folder, name) to (folder, name), never over a file; "" where it was done, else the refusal.

        A link lost from the first request on is UnknownOutcome; a file at the target is PermanentError.
        """

    @abstractmethod
    def _is_lost(self) -> bool:
        """Whether the partner can say nothing more on this connection."""

    def find_part(self, folder: str, name: str) -> RemoteFile | None:
        """See Transport."""
        beside = {"rename": self._upload.suffix, "marker": self._upload.marker_suffix, "direct": ""}[self._upload.mode]
        return self._find_if_told(folder, check_name(name) + beside) if beside else None

    def look(self, folder: str, name: str, content: bytes) -> Standing:
        """See Transport."""
        found = self._find_if_told(folder, name)
        beside = self.find_part(folder, name) if found is not None or self._upload.mode == "rename" else None
        if found is None:
            return Standing.ABSENT if beside is None else self._judge_part(folder, beside, content)
        likeness = self._compare(folder, found, content)
        is_unmarked = self._upload.mode == "marker" and beside is None
        if likeness is Likeness.UNTOLD or (likeness is Likeness.ALIKE and is_unmarked):
            return Standing.UNPROVEN
        if is_unmarked:
            return Standing.OTHER if likeness is Likeness.OTHER else Standing.UNFINISHED
        if likeness is Likeness.PIECE:
            return Standing.UNFINISHED if self._upload.mode == "direct" else Standing.OTHER
        return {Likeness.SAME: Standing.PUBLISHED, Likeness.ALIKE: Standing.ALIKE}.get(likeness, Standing.OTHER)

    def _judge_part(self, folder: str, part: RemoteFile, content: bytes) -> Standing:
        """Of a temporary file with nothing under the final name."""
        whole = self._compare(folder, part, content) in (Likeness.SAME, Likeness.ALIKE)
        return Standing.UPLOADED if whole else Standing.UNFINISHED

    def upload_part(self, folder: str, name: str, content: bytes) -> None:
        """See Transport."""
        if self._upload.mode != "rename":
            self._refuse_foreign(folder, name, content)
            return
        if not self._upload.suffix:
            raise PermanentError(
                "the profile's upload.suffix is empty; without a temporary name a broken upload would stand as a file"
            )
        self._refuse_existing(folder, name)
        part = check_own_name(name) + self._upload.suffix
        self._close(self._write(folder, part, content, over=True), part)
        fault = self._find_fault(folder, part, content)
        if fault is None:
            raise UnknownOutcome(f"{name}: the temporary file is gone before we renamed it; the partner may have taken it")
        if fault:
            raise TransientError(f"reading back {name}: {fault}")

    def publish(self, folder: str, name: str, content: bytes) -> None:
        """See Transport."""
        if self._upload.mode == "rename":
            self._publish_part(folder, name)
        elif self._upload.mode == "direct":
            self._publish_directly(folder, name, content)
        else:
            self._publish_with_marker(folder, name, content)

    def move(self, folder: str, name: str, to_folder: str) -> None:
        """See Transport."""
        there = self._find_free_name(name, to_folder)
        if self.find(folder, name) is None:
            if there != name:
                return
            raise PermanentError(f"moving {name}: it is neither in {folder} nor in {to_folder}")
        try:
            refusal = self._rename((folder, name), (to_folder, there))
        except UnknownOutcome as error:
            raise TransientError(f"{error}; moving it can be repeated") from error
        if refusal:
            raise PermanentError(f"moving {name} to {to_folder}: {refusal}")

    def _find_free_name(self, name: str, folder: str) -> str:
        """The name itself, or with the first number behind it that is free there."""
        for number in range(1, 100):
            free = name if number == 1 else f"{name}.{number}"
            if self.find(folder, check_name(free)) is None:
                return free
        raise PermanentError(f"moving {name}: {folder} holds a hundred files of that name")

    def _publish_part(self, folder: str, name: str) -> None:
        """The rename's request is the last word; what a server answers to it is checked by whether the part is gone."""
        part = check_name(name) + self._upload.suffix
        refusal = self._rename((folder, part), (folder, name))
        if not refusal:
            self._demand_renamed(folder, part, name)
            return
        if self._find_unrenamed((folder, part), (folder, name), refusal) is None:
            raise UnknownOutcome(f"renaming {name}: {refusal}, yet the temporary file is gone; the partner may have taken it")
        raise PermanentError(f"renaming {name}: {refusal}; the partner does not have it, only its temporary file")

    def _find_unrenamed(self, source: tuple[str, str], target: tuple[str, str], refusal: str) -> RemoteFile | None:
        """What is left under the old name after a rename that was refused, with nothing under the new one; None: not to be seen.

        From the first request on a refusal alone proves nothing: UnknownOutcome where what is there cannot be told from a rename
        that was done all the same. PermanentError where another file has the new name.
        """
        name = target[1]
        with _unknown_if_it_fails(f"the rename of {name} was refused ({refusal}), but whether it was done cannot be seen"):
            there, left = self._find_if_told(*target), self._find_if_told(*source)
        if there is None:
            return left
        if left is None or there.size_bytes in (None, left.size_bytes):
            raise UnknownOutcome(f"renaming {name}: {refusal}, yet it seems to be done; the partner may have it")
        raise PermanentError(
            f"renaming {name}: a file of that name is already there ({there.size_bytes} bytes); it was not touched"
        )

    def _demand_renamed(self, folder: str, part: str, name: str) -> None:
        """A rename answered yes that left the temporary file is none; a final name that is gone was taken in."""
        if self._upload.confirm == "none":
            return
        with _unknown_if_it_fails(f"the rename of {name} was answered, but cannot be confirmed"):
            renamed = self._find_if_told(folder, part) is None or self._find_if_told(folder, name) is not None
        if not renamed:
            raise PermanentError(f"renaming {name}: the server said yes and did nothing; the partner has only its temporary file")

    def _publish_directly(self, folder: str, name: str, content: bytes) -> None:
        """From the opening on the partner may take what is there, so whatever does not end well is unknown."""
        likeness = self._refuse_foreign(folder, name, content)
        if likeness is Likeness.SAME:
            return
        with self._unknown_if_lost(f"{name} was being written under its own name"):
            handle = self._write(folder, name, content, over=likeness is Likeness.PIECE)
        with _unknown_if_it_fails(f"{name} was written under its own name, but cannot be confirmed"):
            self._close(handle, name)
            fault = self._find_fault(folder, name, content)
        if fault is None and not self._quirks.taken_at_once:
            raise UnknownOutcome(f"{name} is gone after it was written; the partner may have taken it, or never kept it")
        if fault:
            raise UnknownOutcome(f"{name} was written under its own name, yet {fault}")

    def _publish_with_marker(self, folder: str, name: str, content: bytes) -> None:
        """Until the marker is opened nobody takes the file, so it can be written again however it ends."""
        likeness = self._refuse_foreign(folder, name, content)
        is_marked = self.find_part(folder, name) is not None
        if is_marked and likeness is not Likeness.SAME:
            raise PermanentError(f"uploading {name}: its marker is there already, without the file; nothing was touched")
        if is_marked:
            return
        if likeness is not Likeness.SAME:
            self._write_unmarked(folder, name, content, over=likeness is Likeness.PIECE)
        marker = name + self._upload.marker_suffix
        with self._unknown_if_lost(f"the marker of {name} was being written"):
            handle = self._write(folder, marker, b"", over=False)
        with _unknown_if_it_fails(f"the marker of {name} was written, but cannot be confirmed"):
            self._finish(handle, marker)
            missing = self._is_marker_missing(folder, name, marker)
        if missing:
            raise UnknownOutcome(f"{name} is there without the marker that was just written; the partner may be taking it")

    def _write_unmarked(self, folder: str, name: str, content: bytes, *, over: bool) -> None:
        self._close(self._write(folder, name, content, over=over), name)
        fault = self._find_fault(folder, name, content)
        if fault is None:
            raise TransientError(f"{name} is gone before its marker was written")
        if fault:
            raise TransientError(f"reading back {name}: {fault}")

    def _is_marker_missing(self, folder: str, name: str, marker: str) -> bool:
        """Whether the file lies there unmarked after all; one that is gone was taken."""
        if self._upload.confirm == "none" or self._quirks.taken_at_once:
            return False
        return self._find_if_told(folder, marker) is None and self._find_if_told(folder, name) is not None

    @contextmanager
    def _unknown_if_lost(self, what: str) -> Iterator[None]:
        """A plain refusal stays what it is; a link lost while something was being asked is an outcome nobody knows."""
        try:
            yield
        except UnknownOutcome:
            raise
        except TransientError as error:
            if not self._is_lost():
                raise
            raise UnknownOutcome(f"{error}; {what}") from error

    def _write(self, folder: str, name: str, content: bytes, *, over: bool) -> Handle:
        """All of the content in an open file, which the caller closes."""
        handle = self._create(folder, check_own_name(name), over=over)
        try:
            crashpoint("delivery.part_opened")
            half = len(content) // 2
            self._fill(handle, content[:half], 0, name)
            crashpoint("delivery.mid_write")
            self._fill(handle, content[half:], half, name)
        except BaseException:
            self._give_up(handle)
            raise
        return handle

    def _close(self, handle: Handle, name: str) -> None:
        self._finish(handle, name)
        crashpoint("delivery.closed")

    def _find_fault(self, folder: str, name: str, content: bytes) -> str | None:
        """What is wrong with a file just written, as far as the profile lets us see: "" nothing; None: it is not there."""
        confirm = self._upload.confirm
        if confirm == "none":
            return ""
        found = self._find_listed(folder, name) if confirm == "listing" else self.find(folder, name)
        if found is None:
            return None
        if found.size_bytes not in (None, len(content)):
            return f"the server holds {found.size_bytes} bytes of {len(content)}"
        if confirm == "size" and found.size_bytes is None:
            return "the server tells no size, by which the profile wants it confirmed"
        if confirm == "content" and self._compare(folder, found, content) is not Likeness.SAME:
            return "the server holds other bytes than were sent"
        return ""

    def _compare(self, folder: str, found: RemoteFile, content: bytes) -> Likeness:
        """By all its bytes; by its size alone only where the server shows none, and the profile says so."""
        size = found.size_bytes
        if size is not None and size > len(content):
            return Likeness.OTHER
        if self._upload.confirm == "content":
            return self._compare_bytes(folder, found.name, content)
        if size is None:
            return Likeness.UNTOLD
        try:
            return self._compare_bytes(folder, found.name, content)
        except PermanentError:
            if self._is_lost():
                raise
            return Likeness.ALIKE if size == len(content) else Likeness.UNTOLD

    def _compare_bytes(self, folder: str, name: str, content: bytes) -> Likeness:
        held, digest = 0, hashlib.sha256()
        for chunk in self._read(folder, name, len(content) + 1):
            held += len(chunk)
            digest.update(chunk)
        if hashlib.sha256(content[:held]).digest() != digest.digest():
            return Likeness.OTHER
        return Likeness.SAME if held == len(content) else Likeness.PIECE

    def _refuse_existing(self, folder: str, name: str) -> None:
        found = self._find_if_told(folder, name)
        if found is not None:
            raise PermanentError(
                f"uploading {name}: a file of that name is already there ({found.size_bytes} bytes); it was not touched"
            )

    def _refuse_foreign(self, folder: str, name: str, content: bytes) -> Likeness | None:
        """What of ours stands at the final name already, None for nothing. Raises PermanentError where it is not ours."""
        found = self._find_if_told(folder, name)
        if found is None:
            return None
        likeness = self._compare(folder, found, content)
        if likeness not in (Likeness.SAME, Likeness.PIECE):
            raise PermanentError(
                f"uploading {name}: a file of that name is already there ({found.size_bytes} bytes), not ours as far as can be "
                "seen; it was not touched"
            )
        return likeness

    def _find_if_told(self, folder: str, name: str) -> RemoteFile | None:
        """As `find`; a server that refuses to tell, with a profile that says it lets us see nothing, has nothing there."""
        check_name(name)
        try:
            return self.find(folder, name)
        except PermanentError:
            if self._upload.confirm == "none" and not self._is_lost():
                return None
            raise


@contextmanager
def _unknown_if_it_fails(what: str) -> Iterator[None]:
    """After the last word no failure, not even a plain refusal, says that the partner does not have it."""
    try:
        yield
    except UnknownOutcome:
        raise
    except (TransientError, PermanentError) as error:
        raise UnknownOutcome(f"{error}; {what}") from error
