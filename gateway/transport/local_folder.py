"""A folder of this machine that another system empties and fills, with the promises of a server: nothing half, nothing replaced.

Everything is reached from the profile's `local.root` downwards, name by name, and never through a symbolic link.

What a server's transport can and this one cannot: give up a call. A folder of a network mount whose server is dead (NFS mounted
hard) holds the calling process in the kernel, past every limit we could set, until that server is back; only another process
could look on. Mount such folders `soft` with a timeout, so that the kernel gives up with an error that we can tell.
"""

import ctypes
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

from gateway.crashpoint import crashpoint
from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport import RemoteFile, limits
from gateway.transport.failures import describe, find_kind
from gateway.transport.names import check_name, show_name
from gateway.transport.upload_modes import UploadModes
from payers.partner import Partner

CHUNK_BYTES = 256 * 1024
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_RENAME_NOREPLACE = 1
# Numbers by which a file system, or the system, says that it cannot do a thing at all.
_CANNOT = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EMLINK})
# Numbers by which the system refuses before it has done anything, on a network mount, too.
_REFUSED = frozenset({errno.EPERM, errno.EACCES, errno.EROFS})


@contextmanager
def connect(partner: Partner) -> Iterator["LocalFolderTransport"]:
    """The partner's folder, held open to the end. Raises PermanentError where it is not there or not for us."""
    local = partner.local
    assert local is not None, "who has a server instead is dialled"
    with _step(partner.id, f"opening {local.root}"):
        root = os.open(local.root, _FOLDER_FLAGS)
    try:
        yield LocalFolderTransport(root, partner)
    finally:
        os.close(root)


class LocalFolderTransport(UploadModes[tuple[str, int]]):
    """The Transport protocol over a folder; see gateway.transport for its promises. A handle is (folder, descriptor)."""

    def __init__(self, root: int, partner: Partner) -> None:
        super().__init__(partner)
        self._root = root
        self._name = partner.id
        self._bytes_max = limits.find_bytes_max(partner)

    def list(self, folder: str) -> Iterator[RemoteFile]:
        doing = f"listing {folder}"
        with self._opened(folder, doing) as place:
            with self._step(doing):
                entries = os.scandir(place)
            with entries:
                for _ in range(limits.NAMES_MAX + 1):
                    with self._step(doing):
                        entry = next(entries, None)
                        found = None if entry is None else _describe_entry(entry)
                    if entry is None:
                        return
                    if found is not None:
                        yield found
        raise limits.refuse_names(f"{self._name}: {doing}")

    def fetch(self, folder: str, name: str) -> Iterator[bytes]:
        doing = f"fetching {name}"
        received = 0
        with self._opened_file(folder, name, doing) as (descriptor, size_bytes):
            if size_bytes > self._bytes_max:
                raise limits.refuse_bytes(f"{self._name}: {doing}", self._bytes_max)
            while received <= size_bytes and (chunk := self._read_chunk(descriptor, doing)):
                received += len(chunk)
                yield chunk
        if received != size_bytes:
            raise TransientError(f"{self._name}: {doing}: {received} bytes came, {size_bytes} were announced")
        crashpoint("pickup.bytes_read")

    def find(self, folder: str, name: str) -> RemoteFile | None:
        check_name(name)
        doing = f"looking for {name}"
        with self._opened(folder, doing) as place, self._step(doing):
            try:
                found = os.stat(name, dir_fd=place, follow_symlinks=False)
            except FileNotFoundError:
                return None
        if not stat.S_ISREG(found.st_mode):
            raise PermanentError(f"{self._name}: {doing}: it is no plain file; nothing was touched")
        return RemoteFile(name, found.st_size, _stamp(found))

    def remove(self, folder: str, name: str) -> None:
        if self.find(folder, name) is None:
            return
        doing = f"removing {name}"
        with self._opened(folder, doing) as place, self._step(doing):
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=place)
            os.fsync(place)

    def _find_listed(self, folder: str, name: str) -> RemoteFile | None:
        return self.find(folder, name)

    def _read(self, folder: str, name: str, length: int) -> Iterator[bytes]:
        doing = f"reading back {name}"
        received = 0
        with self._opened_file(folder, name, doing) as (descriptor, _):
            while received < length and (chunk := self._read_chunk(descriptor, doing)):
                received += len(chunk)
                yield chunk

    def _create(self, folder: str, name: str, *, over: bool) -> tuple[str, int]:
        """What may be replaced is unlinked, not emptied: whoever has it open, or linked, keeps what he has."""
        check_name(name)
        doing = f"uploading {name}"
        if over and self.find(folder, name) is not None:
            self.remove(folder, name)
        with self._opened(folder, doing) as place, self._step(doing):
            try:
                return folder, os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FILE_FLAGS, 0o660, dir_fd=place)
            except FileExistsError as error:
                raise PermanentError(
                    f"{self._name}: {doing}: a file of that name is already there; it was not touched"
                ) from error

    def _fill(self, handle: tuple[str, int], content: bytes, start: int, name: str) -> None:
        view = memoryview(content)
        with self._step(f"uploading {name}"):
            while view:
                written = os.pwrite(handle[1], view[:CHUNK_BYTES], start)
                start += written
                view = view[written:]

    def _finish(self, handle: tuple[str, int], name: str) -> None:
        folder, descriptor = handle
        doing = f"uploading {name}"
        try:
            with self._step(doing):
                os.fsync(descriptor)
        finally:
            with self._step(doing):
                os.close(descriptor)
        self._keep(folder, doing)

    def _give_up(self, handle: tuple[str, int]) -> None:
        with suppress(OSError):
            os.close(handle[1])

    def _rename(self, source: tuple[str, str], target: tuple[str, str]) -> str:
        doing = f"renaming {target[1]}"
        check_name(target[1])
        check_name(source[1])
        with self._opened(source[0], doing) as old, self._opened(target[0], doing) as new:
            try:
                _rename_alone(old, source[1], new, target[1])
            except FileExistsError as error:
                raise PermanentError(
                    f"{self._name}: {doing}: a file of that name is already there; it was not touched"
                ) from error
            except OSError as error:
                # A network mount can have done what it reports as failed: only a look tells.
                if find_kind(error) is TransientError:
                    raise UnknownOutcome(f"{self._name}: {doing}: {describe(error)}; it may have been done") from error
                if find_kind(error) is None:
                    raise
                return describe(error)
        try:
            self._keep(target[0], doing)
            if source[0] != target[0]:
                self._keep(source[0], doing)
        except (TransientError, PermanentError) as error:
            raise UnknownOutcome(f"{error}; it was renamed, but may not stay so") from error
        return ""

    def _is_lost(self) -> bool:
        return False

    def _keep(self, folder: str, doing: str) -> None:
        """Have the disk remember the folder's names."""
        with self._opened(folder, doing) as place, self._step(doing):
            os.fsync(place)

    def _read_chunk(self, descriptor: int, doing: str) -> bytes:
        with self._step(doing):
            return os.read(descriptor, CHUNK_BYTES)

    @contextmanager
    def _opened_file(self, folder: str, name: str, doing: str) -> Iterator[tuple[int, int]]:
        """A plain file's descriptor and size."""
        check_name(name)
        with self._opened(folder, doing) as place, self._step(doing):
            try:
                descriptor = os.open(name, os.O_RDONLY | _FILE_FLAGS, dir_fd=place)
            except FileNotFoundError as error:
                raise TransientError(f"{self._name}: {doing}: it is no longer there") from error
        try:
            with self._step(doing):
                found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise PermanentError(f"{self._name}: {doing}: it is no plain file; nothing was touched")
            yield descriptor, found.st_size
        finally:
            os.close(descriptor)

    @contextmanager
    def _opened(self, folder: str, doing: str) -> Iterator[int]:
        """A folder's descriptor, reached from the root one name at a time."""
        place = os.dup(self._root)
        try:
            for name in _split(folder):
                with self._step(doing):
                    inner = os.open(name, _FOLDER_FLAGS | os.O_NOFOLLOW, dir_fd=place)
                os.close(place)
                place = inner
            yield place
        finally:
            os.close(place)

    @contextmanager
    def _step(self, doing: str) -> Iterator[None]:
        with _step(self._name, doing):
            yield


@contextmanager
def _step(name: str, doing: str) -> Iterator[None]:
    """Something asked of the system; its failures come out as the table of failures says."""
    try:
        yield
    except OSError as error:
        _raise_translated(error, f"{name}: {doing}")


def _raise_translated(error: OSError, doing: str) -> NoReturn:
    kind = find_kind(error)
    if kind is None:
        raise error
    raise kind(f"{doing}: {describe(error)}") from error


def _split(folder: str) -> list[str]:
    names = [name for name in folder.split("/") if name not in ("", ".")]
    if folder.startswith("/") or ".." in names or "\0" in folder:
        raise PermanentError(f"the folder {folder!a} leads out of the profile's local.root; it should be a path below it")
    return names


def _describe_entry(entry: "os.DirEntry[str]") -> RemoteFile | None:
    """What a listing shows; None for a folder, and for what went away meanwhile."""
    try:
        if entry.is_dir(follow_symlinks=False):
            return None
        found = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    name, readable = show_name(os.fsencode(entry.name))
    is_plain = stat.S_ISREG(found.st_mode)
    return RemoteFile(name, found.st_size, _stamp(found), readable and is_plain, is_plain)


def _stamp(found: os.stat_result) -> int:
    """Nanoseconds, as within a second one file can replace another; in 63 bits, whatever year a file bears."""
    return found.st_mtime_ns % 2**63


def _rename_alone(old: int, source: str, new: int, target: str) -> None:
    """Rename, never over a file: at once where the system can, else by a second link of which the first is then taken away."""
    try:
        _rename_noreplace(old, source, new, target)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        os.link(source, target, src_dir_fd=old, dst_dir_fd=new, follow_symlinks=False)
        try:
            os.unlink(source, dir_fd=old)
        except OSError as refusal:
            # Else every further try would leave one more link. Where the first may be gone, the second is all there is.
            if refusal.errno in _REFUSED:
                with suppress(OSError):
                    os.unlink(target, dir_fd=new)
            raise


def _rename_noreplace(old: int, source: str, new: int, target: str) -> None:
    """Linux's renameat2. Raises OSError, ENOSYS where the C library has none."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        raise OSError(errno.ENOSYS, "no renameat2") from None
    if renameat2(old, os.fsencode(source), new, os.fsencode(target), _RENAME_NOREPLACE) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
