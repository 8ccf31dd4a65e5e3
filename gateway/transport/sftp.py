"""A trading partner over SFTP: every step timed, no file left in half, no answer taken for more than it says."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

from gateway.crashpoint import crashpoint
from gateway.errors import PermanentError, TransientError, UnknownOutcome
from gateway.transport import RemoteFile, limits
from gateway.transport.link import BYTES_A_SECOND_MIN, Credentials, Link
from gateway.transport.names import check_name, show_name
from gateway.transport.sftp_session import SPAN_BYTES, Attributes, Entry, SftpSession, Status, StatusError
from gateway.transport.upload_modes import UploadModes
from payers.partner import Partner


@contextmanager
def connect(partner: Partner) -> Iterator["SftpTransport"]:
    """A connection to the partner of this profile, closed at the end whatever happens.

    Raises PermanentError (secret, host key, log-in) or TransientError (network); before the host key has proved itself one of
    the profile's fingerprints, neither user name nor secret nor file has been sent.
    """
    sftp = partner.sftp
    assert sftp is not None, "who has a folder instead is not dialled"
    credentials = Credentials(sftp)
    link = Link(partner.id, sftp)
    try:
        link.open()
        link.check_host_key(sftp.host_keys)
        link.log_in(sftp.username, credentials)
        yield SftpTransport(link, link.open_session(), partner)
    finally:
        link.close()


class SftpTransport(UploadModes[bytes]):
    """The Transport protocol over SFTP; see gateway.transport for what each call promises."""

    def __init__(self, link: Link, session: SftpSession, partner: Partner) -> None:
        super().__init__(partner)
        self.link = link
        self.session = session
        self._bytes_max = limits.find_bytes_max(partner)

    def list(self, folder: str) -> Iterator[RemoteFile]:
        doing = f"listing {folder}"
        batches = self.session.list_folder(_to_path(folder), entries_max=limits.NAMES_MAX)
        received, since = 0, monotonic()
        while True:
            self.link.demand_pace(doing, since=since, received_bytes=received * BYTES_A_SECOND_MIN)
            with self.link.step(doing):
                batch = next(batches, None)
            if batch is None:
                break
            received += max(1, len(batch))
            yield from (_to_remote_file(entry) for entry in batch if not _is_folder(entry))
        if received > limits.NAMES_MAX:
            raise limits.refuse_names(doing)

    def fetch(self, folder: str, name: str) -> Iterator[bytes]:
        path = _to_path(folder, name)
        doing = f"fetching {name}"
        with self.link.step(doing):
            expected = self._stat(path) if self._quirks.stat else Attributes(None, None, None)
            if expected is None:
                raise TransientError(f"{doing}: it is no longer there")
            if (expected.size_bytes or 0) > self._bytes_max:
                raise limits.refuse_bytes(doing, self._bytes_max)
            handle = self._open_existing(path, doing)
        received = 0
        limit = self._bytes_max if expected.size_bytes is None else expected.size_bytes
        for chunk in self._read_chunks(handle, limit, doing):
            received += len(chunk)
            yield chunk
        if received > self._bytes_max:
            raise limits.refuse_bytes(doing, self._bytes_max)
        if expected.size_bytes not in (None, received):
            raise TransientError(f"{doing}: {received} bytes came, {expected.size_bytes} were announced")
        crashpoint("pickup.bytes_read")

    def find(self, folder: str, name: str) -> RemoteFile | None:
        if not self._quirks.stat:
            return self._find_listed(folder, name)
        path = _to_path(folder, name)
        with self.link.step(f"looking for {name}"):
            found = self._stat(path)
        return None if found is None else RemoteFile(name, found.size_bytes, found.modified_at)

    def remove(self, folder: str, name: str) -> None:
        path = _to_path(folder, name)
        with self.link.step(f"removing {name}"):
            try:
                self.session.remove(path)
            except StatusError as error:
                if error.code != Status.NO_SUCH_FILE:
                    raise

    def _find_listed(self, folder: str, name: str) -> RemoteFile | None:
        check_name(name)
        # All of it is read: a listing broken off would leave its end to be taken for the answer to the next question.
        found = [file for file in self.list(folder) if file.name == name and file.readable]
        return found[0] if found else None

    def _read(self, folder: str, name: str, length: int) -> Iterator[bytes]:
        path = _to_path(folder, name)
        doing = f"reading back {name}"
        with self.link.step(doing):
            handle = self._open_existing(path, doing)
        yield from self._read_chunks(handle, length - 1, doing)

    def _create(self, folder: str, name: str, *, over: bool) -> bytes:
        path = _to_path(folder, name)
        if not over:
            handle = self._try_to_create(path, name)
            if handle is not None:
                return handle
            # Some servers do not know how to create only: looked at once more, the file is opened as they can.
            self._refuse_existing(folder, name)
        with self.link.step(f"uploading {name}"):
            return self.session.open_to_write(path)

    def _try_to_create(self, path: bytes, name: str) -> bytes | None:
        with self.link.step(f"uploading {name}"):
            try:
                return self.session.open_to_create(path)
            except StatusError:
                return None

    def _fill(self, handle: bytes, content: bytes, start: int, name: str) -> None:
        for at in range(0, len(content), SPAN_BYTES):
            with self.link.step(f"uploading {name}"):
                self.session.write(handle, start + at, content[at : at + SPAN_BYTES])

    def _finish(self, handle: bytes, name: str) -> None:
        with self.link.step(f"uploading {name}"):
            self.session.close(handle)

    def _give_up(self, handle: bytes) -> None:
        with suppress(TransientError, PermanentError), self.link.step("giving up a file"):
            self.session.close(handle)

    def _rename(self, source: tuple[str, str], target: tuple[str, str]) -> str:
        """The plain rename first, since it cannot replace a file; OpenSSH's only where the server refuses that one."""
        ways = {"either": (False, True), "plain": (False,), "posix": (True,)}[self._quirks.rename]
        refusal: StatusError | None = None
        for over in ways:
            if refusal is None:
                self._refuse_existing(*target)
            else:
                self._find_unrenamed(source, target, str(refusal))
            refusal = self._try_rename(source, target, over=over)
            if refusal is None:
                return ""
        return str(refusal)

    def _is_lost(self) -> bool:
        return self.link.is_lost

    def _try_rename(self, source: tuple[str, str], target: tuple[str, str], *, over: bool) -> StatusError | None:
        """None where it was done, the server's refusal where it was not; UnknownOutcome where no answer came."""
        rename = self.session.rename_over if over else self.session.rename
        try:
            with self.link.step(f"renaming {target[1]}"):
                try:
                    rename(_to_path(*source), _to_path(*target))
                except StatusError as refusal:
                    return refusal
        except TransientError as error:
            raise UnknownOutcome(f"{error}; the rename was sent, its answer never came") from error
        return None

    def _stat(self, path: bytes) -> Attributes | None:
        try:
            return self.session.stat(path)
        except StatusError as error:
            if error.code == Status.NO_SUCH_FILE:
                return None
            raise

    def _open_existing(self, path: bytes, doing: str) -> bytes:
        try:
            return self.session.open_to_read(path)
        except StatusError as error:
            if error.code == Status.NO_SUCH_FILE:
                raise TransientError(f"{doing}: it is no longer there") from error
            raise

    def _read_chunks(self, handle: bytes, limit: int, doing: str) -> Iterator[bytes]:
        """Chunks to the end of the file, or to one byte past `limit`; the handle is given back at the end."""
        received, since = 0, monotonic()
        while received <= limit:
            self.link.demand_pace(doing, since=since, received_bytes=received)
            with self.link.step(doing):
                chunk = self.session.read(handle, received, _next_length(received, limit))
            if not chunk:
                break
            received += len(chunk)
            yield chunk
        with self.link.step(doing):
            self.session.close(handle)


def _to_path(folder: str, name: str | None = None) -> bytes:
    """The path as the server reads it. Raises PermanentError for a name we would not trust ourselves to touch."""
    if name is None:
        return (folder or ".").encode()
    check_name(name)
    return f"{folder.rstrip('/')}/{name}".encode() if folder else name.encode()


def _to_remote_file(entry: Entry) -> RemoteFile:
    name, readable = show_name(entry.name)
    is_plain = _find_kind(entry) == stat.S_IFREG
    return RemoteFile(name, entry.attributes.size_bytes, entry.attributes.modified_at, readable and is_plain, is_plain)


def _is_folder(entry: Entry) -> bool:
    return entry.name in (b".", b"..") or _find_kind(entry) == stat.S_IFDIR


def _find_kind(entry: Entry) -> int:
    """As in the mode; by the line as `ls -l` shows it where the server sends no kind in the mode."""
    kinds = {b"d": stat.S_IFDIR, b"l": stat.S_IFLNK}
    return stat.S_IFMT(entry.attributes.permissions or 0) or kinds.get(entry.line[:1], stat.S_IFREG)


def _next_length(received: int, limit: int) -> int:
    """How much to ask for next: what is left to the limit, and behind it one byte more, which must not come."""
    return min(SPAN_BYTES, max(1, limit - received))
